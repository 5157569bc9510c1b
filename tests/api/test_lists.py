"""Lists by key: filtered, in pages that miss and double nothing, whatever comes meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.api.http import PREFIX
from siyu.kernel import sql

PHONES = ("13800000001", "13800000002", "13800000003")
LISTS = {
    "touches": "touches", "visits": "visits", "promises": "promises", "ledger/entries": "entries",
    "audit": "lines", "parcels": "parcels", "friends/unmatched": "friends",
    "journeys": "journeys",
}  # fmt: skip


@pytest.fixture
def lived(story) -> Any:
    """Three buyers in a cascade; one of them refused nothing, one was looked up by a person."""
    for phone in PHONES:
        story.pay(story.order(), phone)
    story.go(minutes=6)
    story.call_ends(story.got(PHONES[0])[1], "A")
    story.go(minutes=1)
    (customer,) = story.customers(PHONES[0])
    for _ in range(3):
        story.ask("POST", f"{PREFIX}/customers/{customer}/reveal", {"by": "ana", "reason": "call"})
    return story


def _pages(story: Any, path: str, limit: int) -> list[list[dict[str, Any]]]:
    """The pages of a list, by its one rule."""
    joint = "&" if "?" in path else "?"
    pages: list[list[dict[str, Any]]] = []
    after = ""
    while True:
        page = story.read(f"{PREFIX}/{path}{joint}limit={limit}&after={after}")
        pages.append(page[LISTS[path.partition("?")[0]]])
        if page["next"] == after:
            return pages
        after = page["next"]


def _all(story: Any, path: str, limit: int = 1000) -> list[dict[str, Any]]:
    return [row for page in _pages(story, path, limit) for row in page]


def test_pages_of_any_size_give_the_same_rows_once(lived) -> None:
    for path in ("touches", "visits", "promises", "ledger/entries", "audit"):
        whole = _all(lived, path)

        assert len(whole) >= 3
        assert _all(lived, path, 1) == _all(lived, path, 2) == whole


def test_a_list_begins_empty_and_its_cursor_waits(story) -> None:
    for path, name in LISTS.items() - {("journeys", "journeys")}:  # the playbook brought one
        assert story.read(f"{PREFIX}/{path}") == {name: [], "next": ""}


def test_journeys_are_listed_in_the_order_in_which_they_came(story) -> None:
    text = story.read(f"{PREFIX}/journeys/cascade")["text"]
    for code in ("old-friends", "birthdays"):
        named = text.replace("journey: cascade", f"journey: {code}")
        assert story.ask("POST", f"{PREFIX}/journeys", {"text": named}).status_code == 200
    whole = _all(story, "journeys")

    assert [one["code"] for one in whole] == ["cascade", "old-friends", "birthdays"]
    assert _pages(story, "journeys", 1) == [[one] for one in whole] + [[]]
    assert _all(story, "journeys", 2) == whole


def test_a_kept_cursor_gives_what_came_since(lived) -> None:
    end = lived.read(f"{PREFIX}/touches")["next"]
    lived.pay(lived.order(), "13800000009")
    lived.go(minutes=1)

    (new,) = lived.read(f"{PREFIX}/touches?after={end}")["touches"]
    assert new["customer"] == lived.customers("13800000009")[0]


def test_a_rare_filter_looks_at_a_bounded_number_of_rows_and_comes_to_the_end(
    lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = _all(lived, "touches")[-1]
    monkeypatch.setattr(sql, "SCAN", 1)
    path = f"touches?state={last['state']}&journey={last['journey']}"
    pages = _pages(lived, path, 5)

    assert [] in pages[:-1]
    assert [row for page in pages for row in page][-1] == last


def test_touches_are_filtered(lived) -> None:
    whole = _all(lived, "touches")
    for name, value in {(name, row[name]) for row in whole for name in ("state", "journey")} | {
        ("customer", row["customer"]) for row in whole
    }:
        found = _all(lived, f"touches?{name}={value}", 2)
        assert found == [row for row in whole if row[name] == value]
    customer, state = whole[0]["customer"], whole[0]["state"]
    both = _all(lived, f"touches?customer={customer}&state={state}")

    assert both == [r for r in whole if (r["customer"], r["state"]) == (customer, state)]
    assert _all(lived, "touches?journey=nothing") == []


def test_touches_since_a_time(lived) -> None:
    whole = _all(lived, "touches")
    since = max(row["wished_at"] for row in whole)
    found = _all(lived, f"touches?since={since.replace('+', '%2B')}")

    assert 0 < len(found) < len(whole)
    assert {row["wished_at"] for row in found} == {since}
    refused = lived.ask("GET", f"{PREFIX}/touches?since=2026-11-20T10:00:00")
    assert refused.status_code == 422  # a time without its offset


def test_visits_are_filtered_and_say_where_they_stand(lived) -> None:
    whole = _all(lived, "visits")
    customer = lived.customers(PHONES[1])[0]

    assert [row["customer"] for row in _all(lived, f"visits?customer={customer}")] == [customer]
    assert _all(lived, "visits?state=under_way") == whole
    assert _all(lived, "visits?state=parked") == _all(lived, "visits?journey=nothing") == []
    assert {row["journey"] for row in whole} == {"cascade"}
    assert all(row["step"] and row["since"] for row in whole)


def test_consents_and_the_account_of_a_customer(lived) -> None:
    customer = lived.customers(PHONES[0])[0]
    consents = lived.read(f"{PREFIX}/customers/{customer}/consents")["consents"]
    account = lived.read(f"{PREFIX}/customers/{customer}/account")
    sent = [t for t in _all(lived, f"touches?customer={customer}") if t["state"] != "withheld"]

    assert {(one["channel"], one["state"]) for one in consents} >= {("sms", "given")}
    assert all(one["evidence"] for one in consents)
    widest = [one for one in account["windows"] if one["channel"] == one["purpose"] == "*"]
    for one in account["windows"]:
        assert one["left"] == max(0, one["most"] - one["had"])
    assert any(one["had"] for one in account["windows"])
    assert all(one["had"] <= len(sent) for one in widest)
    for path in ("consents", "account"):
        gone = lived.ask("GET", f"{PREFIX}/customers/cus_0000000000000/{path}")
        assert gone.status_code == 404


def test_promises_and_entries_are_filtered(lived) -> None:
    customer = lived.customers(PHONES[0])[0]
    promises, entries = _all(lived, "promises"), _all(lived, "ledger/entries")

    assert _all(lived, f"promises?customer={customer}&state=promised") == [
        row for row in promises if row["customer"] == customer and row["state"] == "promised"
    ]
    assert _all(lived, "promises?state=lapsed") == []
    for kind in {row["kind"] for row in entries}:
        assert _all(lived, f"ledger/entries?kind={kind}") == [
            row for row in entries if row["kind"] == kind
        ]
    mine = _all(lived, f"ledger/entries?customer={customer}&journey=cascade", 1)
    assert mine == [row for row in entries if row["customer"] == customer]
    assert mine


def test_the_audit_shows_who_did_what_and_nobody_in_clear(lived) -> None:
    lines = _all(lived, "audit?action=reveal&actor=ana")

    assert [line["reason"] for line in lines] == ["call"] * 3
    assert lines == _all(lived, "audit")
    assert _all(lived, "audit?actor=bo") == []


def test_a_friend_whom_nothing_matches_is_listed(story) -> None:
    story.tell(
        "friend.added", {"staff": "guide-1", "carrier": "wecom"}, {"external_userid": "wm-x"}
    )
    story.go(minutes=1)

    (found,) = _all(story, "friends/unmatched")
    assert found["customer"] == story.customers("wm-x", "external_userid")[0]


def test_a_cursor_of_something_else_is_refused(story) -> None:
    for path in (*LISTS, "subscribers"):
        for after in ("x", "cus_0000000000000", "%00", "pag_zzzzzzzzzzzzz"):
            answer = story.ask("GET", f"{PREFIX}/{path}?after={after}")
            assert answer.status_code in (400, 422), (path, after)
            assert "after" in answer.text
