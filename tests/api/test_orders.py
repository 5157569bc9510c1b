"""Orders and parcels for people: lists show what their numbers count, and only what one may see."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from siyu.analytics.views import orders
from siyu.api.http import PREFIX
from siyu.kernel import sql
from siyu.staff.model import Scope

PHONES = ("13800000001", "13800000002", "13800000003", "13800000004")
NEXT_DAY = {"hours": 26}


def _pages(story: Any, path: str, name: str, limit: int) -> list[dict[str, Any]]:
    """A list as a reader of pages gets it: again until `next` stays the same."""
    found: list[dict[str, Any]] = []
    after = ""
    joint = "&" if "?" in path else "?"
    while True:
        page = story.read(f"{PREFIX}/{path}{joint}limit={limit}&after={after}")
        found += page[name]
        if page["next"] == after:
            return found
        after = page["next"]


@pytest.fixture
def lived(story) -> Any:
    """Four buyers of one minute each; the first becomes a friend, the third cancels."""
    story.numbers = [story.order() for _ in PHONES]
    for number, phone in zip(story.numbers, PHONES, strict=True):
        story.pay(number, phone)
        story.go(minutes=1)
    story.go(minutes=6)
    story.add("wm-1", link=story.got(PHONES[0])[0].link)
    story.cancel(story.numbers[2])
    story.go(minutes=1)
    return story


@pytest.fixture
def packed(lived) -> Any:
    """Their parcels: as told, with a card for a gift, with a card though out of scope; one more is
    packed without a plan; the last buyer's waits for its cut-off."""
    soon = lived.now + timedelta(hours=1)
    numbers = lived.numbers
    lived.extra = lived.order()
    lived.pay(lived.extra, "13800000005")
    lived.plan("P1", [numbers[0]], soon)
    lived.plan("P2", [numbers[1]], soon)
    lived.plan("P3", [numbers[2]], soon)
    lived.plan("P4", [lived.extra], soon)
    lived.plan("P5", [numbers[3]], lived.now + timedelta(days=2))
    lived.go(hours=2)
    lived.pack("P1")
    lived.tell("parcel.packed", {"parcel_no": "P2", "gift": "WRONG", "card": ""})
    lived.tell("parcel.packed", {"parcel_no": "P3", "gift": "", "card": "hello"})
    lived.tell("parcel.packed", {"parcel_no": "P9", "gift": "", "card": ""})
    lived.tell("parcel.shipped", {"parcel_no": "P1"})
    lived.go(minutes=1)
    return lived


def test_orders_come_newest_first_in_pages_of_any_size(lived) -> None:
    whole = _pages(lived, "orders", "orders", 100)

    assert [one["order_no"] for one in whole] == lived.numbers[::-1]
    assert _pages(lived, "orders", "orders", 1) == _pages(lived, "orders", "orders", 3) == whole
    assert {one["buyer"] for one in whole} == {"林**"}
    assert {one["customer"] for one in whole} == {lived.customers(phone)[0] for phone in PHONES}
    assert [one["state"] for one in whole] == ["paid", "cancelled", "paid", "paid"]
    assert whole[0]["promises"][0]["state"] == "promised"


def test_orders_are_filtered(lived) -> None:
    whole = _pages(lived, "orders", "orders", 100)
    second = whole[1]["paid_at"].replace("+", "%2B")

    def found(query: str) -> list[str]:
        return [one["order_no"] for one in _pages(lived, f"orders?{query}", "orders", 2)]

    assert found("state=cancelled") == [lived.numbers[2]]
    assert found(f"since={second}") == lived.numbers[:1:-1]
    assert found(f"until={second}") == lived.numbers[1::-1]
    assert found(f"customer={whole[0]['customer']}") == [lived.numbers[3]]
    assert found(f"shop={whole[0]['shop']}") == lived.numbers[::-1]
    assert found(f"shop={whole[0]['shop']}&state=cancelled") == [lived.numbers[2]]
    assert found("shop=nowhere") == []


def test_an_order_is_found_by_its_number_also_with_a_slash(lived) -> None:
    lived.pay("2026/11-A 7", PHONES[0])
    lived.go(minutes=1)
    (found,) = lived.read(f"{PREFIX}/orders?order_no=2026%2F11-A%207")["orders"]
    whole = lived.read(f"{PREFIX}/orders/{found['id']}")

    assert whole["order"]["order_no"] == "2026/11-A 7"
    assert [one["sku"] for one in whole["items"]] == ["SERUM"]
    assert lived.read(f"{PREFIX}/orders?order_no=nothing")["orders"] == []
    assert lived.read(f"{PREFIX}/orders?order_no=2026%2F11-A%207&shop=other")["orders"] == []


def test_one_order_shows_all_that_hangs_on_it(packed) -> None:
    (found,) = packed.read(f"{PREFIX}/orders?order_no={packed.numbers[0]}")["orders"]
    whole = packed.read(f"{PREFIX}/orders/{found['id']}")
    (cancelled,) = packed.read(f"{PREFIX}/orders?order_no={packed.numbers[2]}")["orders"]
    back = packed.read(f"{PREFIX}/orders/{cancelled['id']}")["refunds"]

    assert whole["order"] == found
    assert [(one["journey"], one["state"]) for one in whole["visits"]] == [("cascade", "ended")]
    assert {one["channel"] for one in whole["touches"]} >= {"sms"}
    (parcel,) = whole["order"]["parcels"]
    assert (parcel["parcel_no"], parcel["state"], parcel["content"]) == ("P1", "shipped", "gift")
    assert parcel["promise"]["id"] == whole["order"]["promises"][0]["id"]
    assert whole["order"]["promises"][0]["state"] == "fulfilled"
    assert [one["whole"] for one in back] == [True]
    for path in ("ord_0000000000000", "tch_0000000000000", "x"):
        assert packed.ask("GET", f"{PREFIX}/orders/{path}").status_code == 404


def test_a_scope_sees_the_orders_of_those_whom_it_serves(lived, monkeypatch) -> None:
    mine = Scope(("guide-1",))
    app = lived.app
    with app.db.transaction() as conn:
        whole, _ = orders.page(conn, app.keys, Scope(), orders.Wanted(), 0, 100)
        served, _ = orders.page(conn, app.keys, mine, orders.Wanted(), 0, 100)
        nobody, _ = orders.page(conn, app.keys, Scope(()), orders.Wanted(), 0, 100)
        monkeypatch.setattr(orders, "ONE_BY_ONE", 0)
        along, _ = orders.page(conn, app.keys, mine, orders.Wanted(), 0, 100)
        shop, _ = orders.page(conn, app.keys, mine, orders.Wanted(shop=whole[0].shop), 0, 100)
        named = [orders.named(conn, app.keys, mine, one.order_no) for one in whole]
        opened = [orders.one(conn, app.keys, mine, one.id) for one in whole]
        others = orders.Wanted(customer=whole[0].customer_id)
        asked, _ = orders.page(conn, app.keys, mine, others, 0, 100)

    friends = lived.facts("select customer_id from friendship")
    assert {one.customer_id for one in served} == {row[0] for row in friends}
    assert 0 < len(served) < len(whole)
    assert served == along == shop == [one for found in named for one in found]
    assert [one.order for one in opened if one] == served
    assert nobody == asked == []


def test_the_account_counts_every_packed_parcel_exactly_once(packed) -> None:
    account = packed.read(f"{PREFIX}/parcels/account")

    assert account["packed"] == 4
    assert (account["gift"], account["card"], account["both"], account["neither"]) == (2, 0, 0, 0)
    assert account["out_of_scope"] == {"order_gone": 1, "undecided": 1}
    assert account["decided"] == {"gift": 1, "card": 1, "none": 2}
    assert account["mismatches"] == {"other_kind": 1, "other_item": 0, "stray": 1}
    assert account["promised"] == 1
    assert account["waiting"] == 1
    assert account["frozen"] == {"gift": 0, "card": 1, "none": 0}


def test_every_number_of_the_account_opens_the_list_that_it_counts(packed) -> None:
    account = packed.read(f"{PREFIX}/parcels/account")
    period = f"since={account['since']}&until={account['until']}".replace("+", "%2B")

    def many(query: str) -> int:
        return len(_pages(packed, f"parcels/list?{query}", "parcels", 1))

    assert many(period) == account["packed"]
    for fate in ("gift", "card", "both", "neither"):
        assert many(f"{period}&fate={fate}") == account[fate]
    assert many(f"{period}&fate=out_of_scope") == sum(account["out_of_scope"].values())
    for reason, number in account["out_of_scope"].items():
        assert many(f"{period}&fate=out_of_scope&reason={reason}") == number
    for content, number in account["decided"].items():
        assert many(f"{period}&decided={content}") == number
    for kind, number in account["mismatches"].items():
        assert many(f"{period}&mismatch={kind}") == number
    assert many(f"{period}&mismatch=other_kind&mismatch=stray") == 2
    assert many(f"{period}&promised=true") == account["promised"]
    assert many("stage=waiting") == account["waiting"]
    for content, number in account["frozen"].items():
        assert many(f"stage=frozen&decided={content}") == number


def test_a_parcel_shows_what_was_decided_beside_what_was_packed(packed) -> None:
    rows = _pages(packed, "parcels/list", "parcels", 2)
    shown = {one["parcel_no"]: one for one in rows}
    waiting = packed.read(f"{PREFIX}/parcels/list?stage=waiting")["parcels"][0]

    assert [one["packed_at"] for one in rows] == sorted(
        (one["packed_at"] for one in rows), reverse=True
    )
    assert (shown["P1"]["content"], shown["P1"]["mismatch"]) == ("gift", None)
    assert shown["P1"]["packed_gift"] == shown["P1"]["gift"] != ""
    assert (shown["P2"]["content"], shown["P2"]["mismatch"]) == ("card", "other_kind")
    assert (shown["P3"]["reason"], shown["P3"]["mismatch"]) == ("order_gone", "stray")
    assert (shown["P9"]["content"], shown["P9"]["reason"]) == ("none", "undecided")
    assert shown["P1"]["customer"] == packed.customers(PHONES[0])[0]
    assert (waiting["parcel_no"], waiting["state"], waiting["content"]) == ("P5", "planned", None)
    assert waiting["promise"]["state"] == "promised"
    assert waiting["customer"] == packed.customers(PHONES[3])[0]


def test_a_parcel_is_found_by_its_number_or_its_order(packed) -> None:
    for number in ("P2", packed.numbers[1]):
        (found,) = packed.read(f"{PREFIX}/parcels/list?number={number}")["parcels"]
        assert found["parcel_no"] == "P2"
    assert packed.read(f"{PREFIX}/parcels/list?number=nothing")["parcels"] == []


def test_a_rare_filter_looks_at_a_bounded_number_of_rows_and_comes_to_the_end(
    packed, monkeypatch
) -> None:
    lists = (
        "orders?state=cancelled",
        "parcels/list?fate=out_of_scope",
        "parcels/list?stage=frozen",
    )
    before = [_pages(packed, path, path[: 6 if path[0] == "o" else 7], 5) for path in lists]
    monkeypatch.setattr("siyu.analytics.views.orders.SCAN", 1)
    monkeypatch.setattr("siyu.analytics.views.parcels.SCAN", 1)

    assert [_pages(packed, path, path[: 6 if path[0] == "o" else 7], 5) for path in lists] == before
    assert [len(found) for found in before] == [1, 2, 1]
    assert sql.SCAN > 1


def test_a_period_that_ends_before_it_begins_is_refused(story) -> None:
    asked = f"{PREFIX}/parcels/account?since=2026-11-02T00:00:00Z&until=2026-11-01T00:00:00Z"

    assert story.ask("GET", asked).status_code == 400
    assert story.read(f"{PREFIX}/parcels/account")["packed"] == 0


def test_the_account_of_a_shop_leaves_out_the_others(packed) -> None:
    shops = Counter(one["shop"] for one in _pages(packed, "parcels/list", "parcels", 50))

    for shop, number in shops.items():
        assert packed.read(f"{PREFIX}/parcels/account?shop={shop}")["packed"] == number or not shop
