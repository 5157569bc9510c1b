"""Presses of guides: one serves many, the rest is spread; and groups that are kept apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from siyu.budget import actions, views
from siyu.budget.model import Pace
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.customers import actions as customers
from siyu.staff import actions as staff
from siyu.staff.model import Brand, Member

Bureau = Any


def rows(bureau: Bureau, sql: str) -> list[Any]:
    with bureau.db.transaction() as conn:
        return conn.fetch(sql)


def pace(bureau: Bureau, **words: Any) -> None:
    with bureau.db.transaction() as conn:
        actions.set_pace(conn, Pace(**words))


def guides(bureau: Bureau, *codes: str) -> None:
    with bureau.db.transaction() as conn:
        members = [Member(code, code, "guide") for code in codes]
        staff.seed(conn, Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh"), members=members)


def friend(bureau: Bureau, number: int, code: str, kind: str = "friend.added") -> None:
    keys = {"phone": bureau.phone(number), "external_userid": f"wm{number}"}
    bureau.tell((kind, {"staff": code}, keys))


def texts(bureau: Bureau, *codes: str, **words: str) -> None:
    """Materials as the room below keeps them."""
    with bureau.db.transaction() as conn:
        bodies = "".join(f"{{{{ {name} }}}}" for name in words) or "周六到店有礼"
        found = [Material(code, "zh", "wecom_message", bodies, words) for code in codes]
        content.install(conn, found, "t")


def fans(bureau: Bureau, many: int, code: str) -> list[int]:
    customers = bureau.buyers(many)
    for number in range(1, many + 1):
        friend(bureau, number, code)
    return customers


def mass(bureau: Bureau, customers: list[int], material: str, **words: Any) -> list[int]:
    said = {"channel": "wecom_message", "purpose": "promotion", "material": material}
    return bureau.wish(customers, node=material, **said, **words)


def used(bureau: Bureau, code: str) -> tuple[int, int]:
    with bureau.db.transaction() as conn:
        return views.pressed(conn, [code], bureau.now, bureau.zone)[code]


def days(bureau: Bureau) -> list[tuple[int, int, int]]:
    """(days from now, presses, touches) that were put off for li."""
    today = bureau.now.astimezone(bureau.zone).date()
    with bureau.db.transaction() as conn:
        found = views.load_ahead(conn, ["li"], bureau.now, bureau.zone)
    return [((one.day - today).days, one.presses, one.touches) for one in found]


def test_one_press_serves_all_who_get_the_same_text_from_one_guide(bureau: Bureau) -> None:
    pace(bureau, presses=1)
    guides(bureau, "li")
    texts(bureau, "weekend")
    mass(bureau, fans(bureau, 6, "li"), "weekend")

    assert bureau.rule().allowed == 6
    assert used(bureau, "li") == (1, 6)
    due = rows(bureau, "select distinct due_at, staff from touch where state = 'owed'")
    assert due == [(bureau.now + timedelta(minutes=15), "li")]  # and so leave together


def test_a_text_that_names_its_customer_takes_a_press_for_each(bureau: Bureau) -> None:
    pace(bureau, presses=2)
    guides(bureau, "li")
    texts(bureau, "dear", name="text")
    mass(bureau, fans(bureau, 3, "li"), "dear")

    assert bureau.rule().deferred == {"presses": 1}
    assert used(bureau, "li") == (2, 0)


@pytest.mark.parametrize(
    ("form", "body", "presses"),
    [
        ({"same_code": "yes"}, "到店", (1, 3)),  # one press, three touches
        ({"same_code": "yes"}, "到店 {{ shop }}", (3, 0)),  # a short link is each one's own
        ({}, "到店", (3, 0)),  # and so is a code
    ],
)
def test_a_poster_takes_one_press_where_everybody_scans_the_same_code(
    bureau: Bureau, form: dict[str, str], body: str, presses: tuple[int, int]
) -> None:
    pace(bureau, presses=5)
    guides(bureau, "li")
    poster = Material(
        "door", "zh", "wecom_message", body, {"shop": "link"}, kind="poster",
        links={"shop": "https://shop.example"},
        form={"colour": "#c8102e", "heading": "到店", **form},
    )  # fmt: skip
    with bureau.db.transaction() as conn:
        content.install(conn, [poster], "t")
    mass(bureau, fans(bureau, 3, "li"), "door")

    assert bureau.rule().allowed == 3
    assert used(bureau, "li") == presses


def test_what_joins_a_bundle_that_is_counted_needs_no_further_press(bureau: Bureau) -> None:
    pace(bureau, presses=1)
    guides(bureau, "li")
    texts(bureau, "weekend")
    customers = fans(bureau, 4, "li")
    mass(bureau, customers[:2], "weekend")
    bureau.rule()
    bureau.clock.advance(minutes=5)
    mass(bureau, customers[2:], "weekend")

    assert bureau.rule().allowed == 2
    assert used(bureau, "li") == (1, 4)
    bureau.clock.advance(minutes=15)
    assert len(mass(bureau, customers[:1], "weekend", round=1)) == 1
    assert bureau.rule().deferred == {"presses": 1}  # the bundle has gone: this is another press


def test_what_exceeds_the_budget_is_spread_over_days_best_value_first(bureau: Bureau) -> None:
    pace(bureau, presses=2)
    guides(bureau, "li")
    texts(bureau, "a", "b", "c", "d", "e", "f")
    customers = fans(bureau, 3, "li")
    for place, material in enumerate("abcdef"):
        mass(bureau, customers, material, value=place)
    with bureau.db.transaction() as conn:
        conn.execute("delete from cap")
    bureau.rule()

    assert rows(bureau, "select distinct material from touch where state = 'owed' order by 1") == [
        ("e",), ("f",),
    ]  # fmt: skip
    assert days(bureau) == [(1, 2, 6), (2, 2, 6)]
    first = rows(bureau, "select material, min(due_at)::date from touch where state = 'wished'"
                         " group by 1 order by 2, 1 desc")  # fmt: skip
    assert [material for material, _ in first] == ["d", "c", "b", "a"]


def test_a_later_batch_is_put_off_behind_what_was_put_off_before(bureau: Bureau) -> None:
    pace(bureau, presses=1)
    guides(bureau, "li")
    texts(bureau, "a", "b", "c")
    customers = fans(bureau, 1, "li")
    with bureau.db.transaction() as conn:
        conn.execute("delete from cap")
    for material in "abc":
        mass(bureau, customers, material)
        bureau.rule()

    assert days(bureau) == [(1, 1, 1), (2, 1, 1)]


def test_what_will_not_be_true_on_the_day_of_its_press_is_withheld(bureau: Bureau) -> None:
    pace(bureau, presses=1)
    guides(bureau, "li")
    texts(bureau, "other", "weekend")
    customers = fans(bureau, 2, "li")
    mass(bureau, customers[:1], "other", priority=5)
    (touch,) = mass(bureau, customers[1:], "weekend", valid_until=bureau.now + timedelta(hours=6))

    assert bureau.rule().withheld == {"presses": 1}
    assert bureau.reasons(touch) == [("withhold", "presses")]


def test_who_is_in_a_group_that_is_kept_apart_is_not_invited_into_the_other(
    bureau: Bureau,
) -> None:
    with bureau.db.transaction() as conn:
        customers.set_purposes(conn, {"wr1": "deals", "wr2": "experts"})
        customers.keep_apart(conn, {("deals", "experts"), ("experts", "deals")})
    people = bureau.buyers(3)
    for number, chat in ((1, "wr1"), (2, "wr2")):
        keys = {"phone": bureau.phone(number), "external_userid": f"wm{number}"}
        bureau.tell(("group.joined", {"chat": chat}, keys))
    touches = bureau.wish(people, purpose="service", invites="experts")

    assert bureau.rule().withheld == {"apart": 1, "in_group": 1}
    assert bureau.reasons(touches[0]) == [("withhold", "apart")]
    assert bureau.touch(touches[2]).state == "owed"
    bureau.clock.advance(minutes=1)
    keys = {"phone": bureau.phone(1), "external_userid": "wm1"}
    bureau.tell(("group.left", {"chat": "wr1"}, keys))
    again = bureau.wish(people[:1], purpose="service", invites="experts", round=1, node="o")
    bureau.rule()
    assert bureau.reasons(again[0]) == [("allow", "")]


def test_members_follow_what_their_chat_is_for(bureau: Bureau) -> None:
    keys = {"phone": bureau.phone(1), "external_userid": "wm1"}
    bureau.tell(("group.joined", {"chat": "wr1"}, keys))
    purposes: list[str] = []
    for said in ({"wr1": "deals"}, {"wr1": "experts"}, {}):
        with bureau.db.transaction() as conn:
            customers.set_purposes(conn, said)
        purposes += [purpose for (purpose,) in rows(bureau, "select purpose from group_member")]

    assert purposes == ["deals", "experts", ""]


def test_whoever_has_left_presses_for_none_of_their_friends(bureau: Bureau) -> None:
    pace(bureau, presses=5)
    guides(bureau, "li", "wang")
    texts(bureau, "weekend")
    customers_of_li = fans(bureau, 2, "li")
    friend(bureau, 1, "wang")
    with bureau.db.transaction() as conn:
        members = [Member("li", "li", "guide", active=False)]
        staff.seed(conn, Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh"), members=members)
    mass(bureau, customers_of_li[:1], "weekend")

    assert bureau.rule().allowed == 1
    assert rows(bureau, "select staff from touch where state = 'owed'") == [("wang",)]
