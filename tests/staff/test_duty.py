"""Who is at work when: the week, days unlike it, leaves; what can't be is refused in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput, NotFound, Refused
from siyu.kernel.time import zone
from siyu.staff import actions, views
from siyu.staff.decide import at_work, first_at_work, midnight, next_at_work
from siyu.staff.model import Brand, Duty, Member, Off, Store, week, windows

SHANGHAI = zone("Asia/Shanghai")
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # a Friday, noon in Shanghai
AN = ("an", NOON)
OFFICE = {day: windows("09:00-12:00,13:00-18:00") for day in range(1, 6)}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "here", "begins"),
    [
        ("2026-11-20T11:59", True, "2026-11-20T11:59"),
        ("2026-11-20T12:00", False, "2026-11-20T13:00"),  # the end is out
        ("2026-11-20T18:30", False, "2026-11-23T09:00"),  # over the weekend
        ("2026-11-23T09:00", True, "2026-11-23T09:00"),
        ("2026-11-24T10:00", False, "2026-11-25T09:00"),  # a holiday
        ("2026-11-21T10:30", True, "2026-11-21T10:30"),  # an extra shift on a Saturday
    ],
)
def test_a_rota_with_a_holiday_and_an_extra_shift(moment: str, here: bool, begins: str) -> None:
    duty = Duty("g", None, OFFICE, {date(2026, 11, 24): (), date(2026, 11, 21): ()})
    if "11-21" in moment:
        duty = Duty("g", None, OFFICE, {date(2026, 11, 21): windows("10:00-14:00")})

    assert at_work(duty, _at(moment), SHANGHAI) is here
    assert next_at_work(duty, _at(moment), SHANGHAI) == _at(begins)


def test_a_leave_goes_before_the_rota_and_leaves_may_touch() -> None:
    first = Off(_at("2026-11-20T10:00"), _at("2026-11-20T17:00"))
    second = Off(_at("2026-11-20T16:00"), _at("2026-11-23T10:00"))
    duty = Duty("g", None, OFFICE, off=(second, first))

    assert not at_work(duty, NOON, SHANGHAI)
    assert next_at_work(duty, NOON, SHANGHAI) == _at("2026-11-23T10:00")
    assert at_work(Duty("g", None, OFFICE), _at("2026-11-20T11:00"), SHANGHAI)


def test_nobody_knows_when_somebody_comes_who_is_off_without_an_end() -> None:
    gone = Duty("g", off=(Off(NOON, None),))

    assert next_at_work(gone, NOON, SHANGHAI) is None
    assert at_work(gone, NOON - timedelta(minutes=1), SHANGHAI)
    assert first_at_work([gone, Duty("h", None, OFFICE)], NOON, SHANGHAI) == _at("2026-11-20T13:00")
    assert next_at_work(Duty("h", None, {}), NOON, SHANGHAI) is None


def test_the_day_begins_at_local_midnight() -> None:
    assert midnight(NOON, SHANGHAI) == datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
    assert at_work(Duty("g"), _at("2026-11-20T23:59"), SHANGHAI)
    assert at_work(Duty("g"), _at("2026-11-20T00:00"), SHANGHAI)


@pytest.mark.parametrize(
    "text",
    ["mon-fri", "xyz 09:00-10:00", "fri-mon 09:00-10:00", "mon 10:00-09:00",
     "mon 09:00-12:00,11:00-13:00", "mon 09:00-10:00; mon 11:00-12:00"],
)  # fmt: skip
def test_a_week_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|twice|no hours|must be later|week goes"):
        week(text)


@pytest.fixture
def shop(db: Pool) -> Pool:
    with db.transaction() as conn:
        brand = Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh")
        people = [
            Member("g1", "Mei", "guide", "s1"),
            Member("g2", "Bo", "guide"),
            Member("o1", "An", "owner"),
            Member("old", "Li", "guide", active=False),
        ]
        actions.seed(conn, brand, [Store("s1", "Xuhui", "East")], people)
    return db


def test_what_is_set_for_everybody_holds_until_somebody_has_their_own(shop: Pool) -> None:
    with shop.transaction() as conn:
        actions.set_week(conn, "*", {5: "09:00-18:00"}, "an", NOON)
        actions.set_week(conn, "g2", {1: "10:00-11:00"}, "an", NOON)
        actions.set_capacity(conn, "*", "call", 20, "an", NOON)
        actions.set_capacity(conn, "g2", "call", 5, "an", NOON)
        actions.set_capacity(conn, "g2", "*", 9, "an", NOON)
        actions.set_day(conn, "*", date(2026, 11, 20), "", "holiday", "an", NOON)
        actions.set_day(conn, "g2", date(2026, 11, 20), "12:00-13:00", "", "an", NOON)
        found, place = views.duties(conn, NOON)

        assert (place.key, list(found)) == ("Asia/Shanghai", ["g1", "g2"])
        assert found["g1"] == Duty(
            "g1", "s1", {5: windows("09:00-18:00")}, {date(2026, 11, 20): ()}, (), {"call": 20}
        )
        assert found["g2"].most == {"call": 5, "*": 9}
        assert found["g2"].week == {1: windows("10:00-11:00")}
        assert [at_work(one, NOON, place) for one in found.values()] == [False, True]

        actions.set_week(conn, "g2", None, "an", NOON)
        actions.set_capacity(conn, "g2", "call", None, "an", NOON)
        actions.set_day(conn, "g2", date(2026, 11, 20), None, "", "an", NOON)
        again = views.duties(conn, NOON).by_code["g2"]
        assert (again.week, again.most) == ({5: windows("09:00-18:00")}, {"call": 20, "*": 9})
        assert again.days == {date(2026, 11, 20): ()}


def test_a_leave_ends_when_somebody_is_back_and_one_to_come_is_taken_away(shop: Pool) -> None:
    later = NOON + timedelta(days=3)
    with shop.transaction() as conn:
        actions.go_off(conn, "g1", Off(NOON, None), "ill", "an", NOON)
        actions.go_off(conn, "g1", Off(later, later + timedelta(days=1)), "", "an", NOON)
        assert views.duties(conn, NOON).by_code["g1"].off == (
            Off(NOON, None), Off(later, later + timedelta(days=1)),
        )  # fmt: skip
        assert [leave.reason for leave in views.rules(conn, NOON)["g1"].leaves] == ["ill", ""]

        hour = NOON + timedelta(hours=1)
        actions.come_back(conn, "g1", "an", hour)

        assert views.duties(conn, hour).by_code["g1"].off == ()
        with pytest.raises(Refused, match="not off"):
            actions.come_back(conn, "g1", "an", hour)


def test_every_change_is_audited(shop: Pool) -> None:
    with shop.transaction() as conn:
        actions.set_store(conn, Store("s2", "Pudong", "East"), "an", NOON)
        actions.set_member(conn, Member("g3", "Xu", "guide", "s2"), "an", NOON)
        actions.set_week(conn, "g3", {1: "09:00-18:00"}, "an", NOON)
        actions.set_day(conn, "g3", date(2026, 10, 1), "", "national day", "an", NOON)
        actions.set_capacity(conn, "g3", "call", 3, "an", NOON)
        actions.go_off(conn, "g3", Off(NOON, None), "ill", "an", NOON)

        told = [(one.action, one.object, one.reason) for one in views.audited(conn)][::-1]
    assert told[:5] == [
        ("staff.store", "s2", "Pudong East"),
        ("staff.member", "g3", "guide, s2"),
        ("staff.hours", "g3", "mon 09:00-18:00"),
        ("staff.day", "g3 2026-10-01", "free national day"),
        ("staff.capacity", "g3 call", "3 a day"),
    ]
    assert told[5][0] == "staff.off"


@pytest.mark.parametrize(
    ("do", "error", "words"),
    [
        (lambda c: actions.set_week(c, "nobody", None, *AN), NotFound, "nobody"),
        (lambda c: actions.set_week(c, "g1", {}, *AN), BadInput, "not active"),
        (lambda c: actions.set_week(c, "g1", {8: "9-10", 1: ""}, *AN), BadInput, "1 .Monday"),
        (lambda c: actions.set_day(c, "g1", date(2026, 1, 1), "9-5", "", *AN), BadInput, "9-5"),
        (lambda c: actions.set_capacity(c, "g1", "calls", 3, *AN), BadInput, "known are call"),
        (lambda c: actions.set_capacity(c, "g1", "call", -1, *AN), BadInput, "0 to 10000"),
        (lambda c: actions.go_off(c, "*", Off(NOON, None), "", *AN), NotFound, "code"),
        (lambda c: actions.go_off(c, "g1", Off(NOON, NOON), "", *AN), BadInput, "later"),
        (lambda c: actions.set_member(c, Member("x", "x", "guide", "no"), *AN), BadInput, "store"),
    ],
)
def test_what_cannot_be_set_is_refused_in_words(
    shop: Pool, do: Any, error: type[Exception], words: str
) -> None:
    with shop.transaction() as conn, pytest.raises(error, match=words):
        do(conn)


@pytest.mark.parametrize("code", ["*", "", "a/b", " x"])
def test_a_code_that_cannot_be_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="no code"):
        Member(code, "x", "guide")
