"""Finding customers over HTTP: one box for whatever is known, a list with filters, and no further
than the caller's scope."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.analytics.views import people
from siyu.analytics.views.people import Desk, Filters
from siyu.staff.model import Scope

PREFIX = "/api/v1/customers"
NAMES = {"13800000001": "王小明", "13800000002": "李小明", "13900000003": "王红"}


@pytest.fixture
def three(story) -> Any:
    """Three buyers; the third became a friend of guide-1, and then deleted us."""
    for number, (phone, name) in enumerate(NAMES.items()):
        paid = story.paid(f"N{number}", phone)
        story.tell("order.paid", paid["data"], paid["keys"], name=paid["id"], person={"name": name})
    story.tick()
    story.add("wm-3", phone="13900000003")
    story.tick()
    return story


def _found(story: Any, text: str) -> dict[str, list[str]]:
    answer = story.ask("POST", f"{PREFIX}/find", {"text": text})
    assert answer.status_code == 200, answer.text
    return {one["customer"]["name_masked"] + one["customer"]["phone_masked"][-4:]: one["by"]
            for one in answer.json()["hits"]}  # fmt: skip


def _list(story: Any, query: str = "") -> list[str]:
    return [one["phone_masked"][-4:] for one in story.read(f"{PREFIX}?{query}")["customers"]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("N1", {"李**0002": ["order"]}),
        ("tmall-flagship/N1", {"李**0002": ["order"]}),
        (" 138 0000 0001 ", {"王**0001": ["phone"]}),
        ("0003", {"王**0003": ["last4"]}),
        ("小明", {"李**0002": ["name"], "王**0001": ["name"]}),
        ("王小明", {"王**0001": ["name"]}),
        ("tmall/0002", {"李**0002": ["buyer"]}),
        ("wm-3", {"王**0003": ["external_userid"]}),
        ("小红", {}),
        ("9999", {}),
        ("", {}),
    ],
)
def test_one_box_finds_by_whatever_is_known_and_says_by_what(
    three, text: str, found: dict[str, list[str]]
) -> None:
    assert _found(three, text) == found


def test_a_parcel_leads_to_the_buyers_of_its_orders(three) -> None:
    three.plan("P7", ["N0", "N1"], three.now)
    three.tick()

    assert set(_found(three, "P7")) == {"王**0001", "李**0002"}


def test_what_is_found_is_shown_masked_with_stage_order_and_friends(three) -> None:
    answer = three.ask("POST", f"{PREFIX}/find", {"text": "N2"}).json()
    (hit,) = answer["hits"]
    card = hit["customer"]

    assert not answer["more"]
    assert (card["stage"], card["orders"], card["total_minor"]) == ("A4", 1, 19900)
    assert (card["last_order"], card["currency"]) == ("tmall-flagship/N2", "CNY")
    assert (card["owner"], card["friends"], card["parted"]) == ("guide-1", ["guide-1"], False)
    assert (card["name_masked"], card["phone_masked"]) == ("王**", "139****0003")
    for clear in (*NAMES, *NAMES.values()):
        assert clear not in str(answer)


def test_the_list_begins_with_the_newest_and_pages_end(three) -> None:
    assert _list(three) == ["0003", "0002", "0001"]

    first = three.read(f"{PREFIX}?limit=2")
    rest = three.read(f"{PREFIX}?limit=2&before={first['next']}")
    assert [len(first["customers"]), len(rest["customers"]), rest["next"]] == [2, 1, ""]
    assert three.read(f"{PREFIX}?limit=3")["next"] == ""


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stage=A4", ["0003", "0002", "0001"]),
        ("stage=A5", []),
        ("friend=live", ["0003"]),
        ("friend=never", ["0002", "0001"]),
        ("friend=gone", []),
        ("guide=guide-1", ["0003"]),
        ("guide=nobody", []),
        ("shop=tmall-flagship", ["0003", "0002", "0001"]),
        ("shop=bare-shop", []),
        ("tag=vip", ["0001"]),
        ("tag=vip&friend=live", []),
        ("held=true", ["0002"]),
        ("complained=true", ["0001"]),
        ("complained=true&tag=vip", ["0001"]),
        ("complained=true&held=true", ["0001"]),
        ("tasked=true", []),
    ],
)
def test_filters_say_whom_a_list_shows(three, query: str, found: list[str]) -> None:
    complained = "complained" in query  # who has one is held as well
    (vip,), (held,) = three.customers("13800000001"), three.customers("13800000002")
    for path, body in (
        (f"{vip}/tags", {"name": "vip", "by": "ana"}),
        *([(f"{vip}/complaint", {"state": "open", "why": "late", "by": "ana"})] * complained),
        (f"{held}/suppressions", {"why": "asked so", "by": "ana"}),
    ):
        assert three.ask("POST", f"{PREFIX}/{path}", body).status_code == 200
    three.tick()

    assert _list(three, query) == found
    assert three.read(f"{PREFIX}/count?{query}") == {
        "count": len(found), "looked": three.read(f"{PREFIX}?{query}")["looked"], "whole": True,
    }  # fmt: skip


def test_who_deleted_us_is_a_friend_no_more(three) -> None:
    keys = {"external_userid": "wm-3"}
    three.tell("friend.deleted_by_customer", {"staff": "guide-1"}, keys)
    three.tick()

    assert _list(three, "friend=gone") == ["0003"]
    assert _list(three, "friend=live") == []


def test_who_has_an_open_task_is_listed_by_it(story) -> None:
    story.pay(story.order(), "13800000001")
    story.pay(story.order(), "13800000002", consent=False)
    story.go(minutes=6)
    story.call_ends(story.got("13800000001")[1], "A")
    story.go(minutes=20)

    assert story.tasks()
    assert _list(story, "tasked=true") == ["0001"]


def test_a_long_walk_for_few_ends_in_pages_that_say_how_far_it_looked(three) -> None:
    """With a bound of two a page looks at two customers, finds nobody, and goes on."""
    with three.app.db.transaction() as conn:
        app = three.app
        desk = Desk(conn, app.keys, app.ids, Scope(), "CNY", three.now)
        whole = people.listed(desk, Filters(friend="live"), 0, 10)
        (first,) = whole.cards
        below = app.ids.decode("cus", first.customer)
        nobody = people.listed(desk, Filters(friend="live"), below, 10)

    assert (len(whole.cards), whole.end, whole.looked) == (1, 0, 3)
    assert (nobody.cards, nobody.end, nobody.looked) == ([], 0, 2)


def test_a_scope_finds_and_lists_those_alone_whom_it_serves(three) -> None:
    with three.app.db.transaction() as conn:
        app = three.app

        def desk(*codes: str) -> Desk:
            return Desk(conn, app.keys, app.ids, Scope(codes), "CNY", three.now)

        def names(hits: list[people.Hit]) -> list[str]:
            return [one.customer.phone_masked for one in hits]

        for text in ("王红", "0003", "N2", "13900000003", "wm-3"):
            assert names(people.sought(desk("guide-1"), "CN", text)[0]) == ["139****0003"]
            assert people.sought(desk("guide-2"), "CN", text)[0] == []
        assert people.sought(desk("guide-1"), "CN", "小明")[0] == []
        for filters in (Filters(), Filters(stage=4), Filters(guide="guide-1")):
            assert len(people.listed(desk("guide-1", "guide-2"), filters, 0, 10).cards) == 1
            assert people.listed(desk("guide-2"), filters, 0, 10).cards == []
            assert people.counted(desk("guide-2"), filters).many == 0
        assert people.listed(desk(), Filters(), 0, 10).cards == []


def test_tags_are_named_and_found_by_a_part(three) -> None:
    (who,) = three.customers("13800000001")
    for name in ("敏感肌", "vip"):
        three.ask("POST", f"{PREFIX}/{who}/tags", {"name": name, "by": "ana"})

    assert three.read(f"{PREFIX}/tags") == {"tags": ["vip", "敏感肌"]}
    assert three.ask("POST", f"{PREFIX}/find", {"text": "敏感"}).json()["tags"] == ["敏感肌"]


@pytest.mark.parametrize(
    ("query", "status"),
    [("before=x", 400), ("limit=0", 422), ("limit=201", 422), ("stage=A6", 422), ("friend=so", 422),
     ("tag=%00", 422)],
)  # fmt: skip
def test_a_query_that_means_nothing_is_refused(three, query: str, status: int) -> None:
    assert three.ask("GET", f"{PREFIX}?{query}").status_code == status


def test_the_number_of_statements_does_not_depend_on_the_page(three) -> None:
    def cost(limit: int) -> int:
        with three.app.db.counting() as statements:
            three.read(f"{PREFIX}?limit={limit}")
        return len(statements)

    assert cost(1) == cost(3)
