"""Entries that no event makes: each occurrence once for each customer, whatever comes between."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from siyu.journeys import actions
from siyu.journeys.sweep import entries
from siyu.kernel.time import instant

STEPS = "steps:\n  - {id: w, wait: 1d}\n  - {id: end, exit: done}\n"
HEAD = "journey: j\ntitle: {zh: 一, en: J}\n"


def text(enter: str, more: str = "reenter: each\n") -> str:
    return f"{HEAD}enter: {enter}\n{more}{STEPS}"


EVERY = "{every: monday 10:00, segment: {tag: vip}}"
DATE = '{date: birthday, at: "10:00", less: 3d}'
SET = "{segment: {tag: vip}}"
LAPSED = "{segment: {all: [{orders: {}}, {not: {orders: {within: 90d}}}]}}"


class Doors:
    """A house whose entries are swept until nothing is due."""

    def __init__(self, house: Any) -> None:
        self.house = house

    def sweep(self, at: str | datetime = "", limit: int = 2000) -> int:
        if at:
            self.house.clock.set(instant(at) if isinstance(at, str) else at)
        turns = 0
        while entries.enter(self.house.db, self.house.context, self.house.now, limit=limit):
            turns += 1
            assert turns < 1000, "it does not come to rest"
        return turns

    def publish(self, text: str) -> None:
        self.house.publish(text)
        self.sweep()

    def tag(self, *numbers: int, on: bool = True, **words: Any) -> None:
        data = {"name": "vip", "on": on}
        backfill = words.pop("backfill", False)
        told = [
            self.house.event("tag.set", data, keys=self.house.keys(number), **words)
            for number in numbers
        ]
        self.house.tell(*told, backfill=backfill)

    def born(self, number: int, month: int, day: int, **data: Any) -> None:
        said = {"name": "birthday", "month": month, "day": day, **data}
        keys = self.house.keys(number)
        self.house.tell(self.house.event("profile.dated", said, keys=keys))

    def keys(self) -> list[str]:
        return [visit.key for visit in self.house.visits()]

    def outcomes(self) -> list[str]:
        rows = self.house.rows(
            "select outcome, reason from journey_entry where customer_id is not null"
            " order by at, customer_id"
        )
        return [" ".join(row).strip() for row in rows]

    @property
    def due_at(self) -> datetime | None:
        ((due_at,),) = self.house.rows("select due_at from journey_watch")
        return due_at


@pytest.fixture
def doors(house: Any) -> Doors:
    return Doors(house)


# ── On a schedule ────────────────────────────────────────────────────────────────────────────────


def test_a_schedule_lets_the_set_in_at_its_hour_and_again_the_next_time(doors: Doors):
    doors.tag(1, 2)
    doors.publish(text(EVERY))
    assert doors.due_at == instant("2026-11-23T10:00:00+08:00")
    doors.tag(2, on=False)
    doors.tag(3)
    doors.sweep("2026-11-23T09:59:59+08:00")
    assert doors.keys() == []
    doors.sweep("2026-11-23T10:00:00+08:00")
    assert doors.keys() == ["every/2026-11-23T10:00"] * 2
    doors.sweep("2026-11-23T23:00:00+08:00")
    assert len(doors.keys()) == 2
    doors.house.sweep(days=2)
    doors.house.sweep()

    doors.sweep("2026-11-30T10:00:00+08:00")

    assert doors.keys()[2:] == ["every/2026-11-30T10:00"] * 2


def test_a_schedule_goes_on_where_it_was_stopped_and_lets_nobody_in_twice(doors: Doors):
    doors.tag(*range(1, 8))
    doors.publish(text(EVERY))
    doors.house.clock.set(instant("2026-11-23T10:00:00+08:00"))

    def one(limit: int) -> int:
        return entries.enter(doors.house.db, doors.house.context, doors.house.now, limit=limit)

    one(3)
    assert len(doors.keys()) == 3
    doors.house.rows("update journey_watch set after = 0 returning 1")  # as if it were forgotten
    doors.sweep(limit=2)

    assert len(doors.keys()) == 7
    assert sorted(doors.outcomes()) == ["enrolled"] * 7 + ["refused known"] * 3


def test_a_schedule_keeps_the_brands_hour_over_a_change_of_clocks(doors: Doors):
    house = doors.house
    house.context = house.context._replace(zone=type(house.context.zone)("Europe/London"))
    house.clock.set(instant("2027-03-21T12:00:00Z"))
    doors.tag(1)
    doors.publish(text("{every: day 10:00, segment: {tag: vip}, max_age: 1h}"))
    found: list[datetime | None] = []
    for _ in range(8):
        found.append(doors.due_at)
        assert doors.due_at is not None
        doors.sweep(doors.due_at)

    assert [at.hour for at in found if at is not None] == [10] * 6 + [9] * 2  # in UTC
    assert doors.keys()[0] == "every/2027-03-22T10:00"


def test_a_run_that_is_missed_by_max_age_lets_nobody_in_and_says_so(doors: Doors):
    doors.tag(1)
    doors.publish(text(EVERY))
    doors.sweep("2026-11-23T12:00:01+08:00")

    assert doors.keys() == []
    assert doors.house.rows("select outcome, reason, cause from journey_entry") == [
        ("refused", "too_old", "every/2026-11-23T10:00")
    ]
    assert doors.due_at == instant("2026-11-30T10:00:00+08:00")
    doors.sweep("2026-11-30T12:00:00+08:00")
    assert len(doors.keys()) == 1


# ── On a date of the customer's ──────────────────────────────────────────────────────────────────


def test_a_birthday_lets_in_three_days_before_in_either_calendar(doors: Doors):
    doors.born(1, 11, 26)
    doors.born(2, 11, 27)
    doors.born(3, 10, 18, calendar="lunar")  # 26 November 2026
    doors.publish(text(DATE))
    doors.sweep("2026-11-23T10:00:00+08:00")
    assert doors.keys() == ["birthday/2026-11-26"] * 2
    doors.sweep("2026-11-24T10:00:00+08:00")

    assert doors.keys()[2:] == ["birthday/2026-11-27"]
    assert doors.house.rows("select count(*) from visit where identity_id is null") == [(0,)]


def test_a_birthday_comes_every_year_and_a_leap_day_in_each(doors: Doors):
    doors.house.clock.set(instant("2027-02-24T12:00:00+08:00"))
    doors.born(1, 2, 29)
    doors.publish(text(DATE))
    for year, day in ((2027, 25), (2028, 26)):
        at = f"{year}-02-{day}T10:00:00+08:00"
        doors.house.rows(
            f"update journey_watch set due_at = '{at}', occurrence = '{at}' returning 1"
        )
        doors.sweep(at)
        doors.house.sweep(days=1)

    assert doors.keys() == ["birthday/2027-02-28", "birthday/2028-02-29"]


def test_days_of_a_standstill_are_left_out_but_for_the_last(doors: Doors):
    doors.born(1, 11, 26)
    doors.born(2, 11, 28)
    doors.publish(text(DATE))
    doors.sweep("2026-11-25T21:00:00+08:00")

    assert doors.keys() == ["birthday/2026-11-28"]


def test_dates_are_paged_and_nobody_comes_in_twice(doors: Doors):
    for number in range(1, 8):
        doors.born(number, 11, 26)
    doors.publish(text(DATE))
    doors.sweep("2026-11-23T10:00:00+08:00", limit=2)

    assert doors.keys() == ["birthday/2026-11-26"] * 7
    assert doors.outcomes() == ["enrolled"] * 7


# ── On coming into a set ─────────────────────────────────────────────────────────────────────────


def test_who_comes_into_the_set_enters_and_who_was_in_it_does_not(doors: Doors):
    doors.tag(1)
    doors.tag(2, on=False)
    doors.publish(text(SET))
    doors.tag(1)
    assert doors.keys() == []
    doors.tag(2, 3)
    doors.tag(2)

    assert len(doors.keys()) == 2
    assert doors.outcomes() == ["enrolled"] * 2
    doors.tag(2, on=False)
    doors.house.sweep()
    doors.house.sweep(days=1)
    doors.tag(2)
    assert len(doors.keys()) == 3


def test_nobody_is_watched_before_the_first_look_has_come_to_them(doors: Doors):
    doors.tag(*range(1, 6))
    doors.house.publish(text(SET))
    entries.enter(doors.house.db, doors.house.context, doors.house.now, limit=2)
    doors.tag(1, 5)  # the first is known to be in the set, the last not looked at yet
    doors.sweep(limit=2)
    doors.tag(1, 5)

    assert doors.keys() == []
    assert doors.house.rows("select count(since) from journey_member") == [(5,)]
    assert doors.due_at is None


def test_a_kind_that_the_set_does_not_listen_to_asks_nothing(doors: Doors):
    doors.publish(text(SET))
    doors.tag(1, on=False)
    with doors.house.db.counting() as statements:
        doors.house.tell(doors.house.order(1))
    assert not any("journey_watch" in sql for sql in statements)
    with doors.house.db.counting() as statements:
        doors.tag(1)
    assert any("journey_watch" in sql for sql in statements)


def test_time_alone_brings_in_at_its_very_moment(doors: Doors):
    paid = doors.house.now
    doors.house.tell(doors.house.order(1))
    doors.publish(text(LAPSED))
    doors.house.tell(doors.house.order(2))
    flips = paid + timedelta(days=90)
    doors.sweep(flips - timedelta(seconds=1))
    assert doors.keys() == []
    doors.sweep(flips)

    assert len(doors.keys()) == 2
    assert doors.outcomes() == ["enrolled"] * 2
    doors.house.tell(doors.house.order(1, "T9"))
    assert doors.house.rows("select count(since) from journey_member") == [(1,)]
    doors.sweep(flips + timedelta(days=90))
    assert doors.outcomes() == ["enrolled"] * 2 + ["joined under_way"]


def test_a_backfill_and_an_old_event_bring_nobody_in_but_are_remembered(doors: Doors):
    doors.publish(text(SET))
    doors.tag(1, backfill=True)
    doors.tag(2, at=doors.house.now - timedelta(hours=3))
    doors.tag(1, 2)

    assert doors.keys() == []
    assert sorted(doors.outcomes()) == ["refused backfill", "refused too_old"]


def test_time_that_passed_in_a_standstill_brings_nobody_in(doors: Doors):
    doors.house.tell(doors.house.order(1))
    doors.publish(text(LAPSED))
    doors.sweep(doors.house.now + timedelta(days=91))

    assert doors.outcomes() == ["refused too_old"]


def test_a_merge_keeps_a_member_and_may_bring_in_who_was_none(doors: Doors):
    doors.tag(1)
    doors.publish(text("{segment: {all: [{tag: vip}, {orders: {at_least: 2}}]}}"))
    doors.house.tell(doors.house.order(1), doors.house.order(2))
    assert doors.keys() == []
    member = {"member": "m1"}
    for number in (1, 2):
        proof = doors.house.keys(number) | member
        doors.house.tell(doors.house.event("customer.identified", {}, keys=proof))
    assert doors.outcomes() == ["enrolled"]

    proof = doors.house.keys(3) | member
    doors.tag(3)
    doors.house.tell(doors.house.event("customer.identified", {}, keys=proof))
    assert doors.outcomes() == ["enrolled"]
    assert doors.house.rows("select count(*) from journey_member") == [(1,)]


def test_coming_in_takes_as_many_statements_for_100_as_for_one(doors: Doors):
    doors.publish(text(SET))
    doors.tag(*range(1, 150), on=False)

    def seen(*numbers: int) -> int:
        with doors.house.db.counting() as statements:
            doors.tag(*numbers)
        return len(statements)

    assert seen(1) == seen(*range(2, 102))


# ── Rules that hold for every way in ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("enter", [EVERY, DATE, SET])
def test_source_hold_out_and_what_ends_a_visit_count_for_every_way_in(doors: Doors, enter: str):
    def begun(more: str, number: int) -> list[tuple[str, bool]]:
        for table in ("visit", "journey_entry", "journey_watch", "journey_member", "journey"):
            doors.house.rows(f"delete from {table} returning 1")
        doors.house.clock.set(instant("2026-11-20T12:00:00+08:00") + timedelta(days=7 * number))
        doors.publish(text(enter, more))
        doors.tag(number)
        day = doors.house.now + timedelta(days=6)
        doors.born(number, day.month, day.day)
        doors.sweep(doors.house.now + timedelta(days=2, hours=22))
        held = [visit.held_out for visit in doors.house.visits()]
        return [(outcome, bool(held and held[0])) for outcome in doors.outcomes()]

    source = "update source set admission = '{\"everybody\": false}' returning code"
    assert begun("reenter: each\n", 1) == [("enrolled", False)]
    assert begun("holdout: 0.999999\n", 2)[-1] == ("enrolled", True)
    assert begun("ends_when: {friend: false}\n", 3)[-1][0] == "refused not_friend"
    assert begun("source: new-orders\n", 4)[-1][0] == "enrolled"
    doors.house.rows(source)
    assert begun("source: new-orders\n", 5)[-1][0] == "refused not_admitted"


@pytest.mark.parametrize(
    ("reenter", "again"), [("never", 1), ("each", 2), ("{after: 7d}", 2), ("{after: 8d}", 1)]
)
def test_re_entry_counts_for_a_schedule(doors: Doors, reenter: str, again: int):
    doors.tag(1)
    doors.publish(text(EVERY, f"reenter: {reenter}\n"))
    doors.sweep("2026-11-23T10:00:00+08:00")
    doors.house.sweep()
    doors.house.sweep(days=1)
    doors.sweep("2026-11-30T10:00:00+08:00")

    assert len(doors.keys()) == again


# ── Publishing anew, and stopping ────────────────────────────────────────────────────────────────


def test_another_entry_begins_anew_and_the_same_one_goes_on(doors: Doors):
    doors.tag(1)
    doors.publish(text(SET))
    doors.publish(text(SET) + "# a word more\n")
    assert doors.due_at is None
    doors.tag(1)
    assert doors.keys() == []

    doors.publish(text(SET.replace("vip", "other")))
    assert doors.house.rows("select count(*) from journey_member") == [(0,)]
    doors.publish(text("{on: order.paid}"))
    assert doors.house.rows("select count(*) from journey_watch") == [(0,)]


def test_a_journey_that_is_stopped_lets_nobody_in_and_comes_to_rest(doors: Doors):
    doors.tag(1)
    doors.house.tell(doors.house.order(1))
    doors.publish(text(EVERY))
    doors.house.query(actions.stop, "j", "me", doors.house.now)
    doors.sweep("2026-11-23T10:00:00+08:00")
    assert doors.keys() == []
    doors.publish(text(EVERY))
    assert doors.due_at == instant("2026-11-30T10:00:00+08:00")

    doors.publish(text(LAPSED))
    doors.house.query(actions.stop, "j", "me", doors.house.now)
    doors.sweep(doors.house.now + timedelta(days=100))
    assert doors.keys() == []
    assert doors.house.rows("select count(*) from journey_member") == [(0,)]
