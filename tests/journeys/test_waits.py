"""Waits for a weekday, a cut-off, a birthday: on the day, at the hour, whatever calendars do."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.journeys.model import Facts, Go, Here, Journey, Order, Stay, Step, StepId, Visit
from siyu.journeys.model.enter import DateName
from siyu.journeys.nodes.wait import Cutoff, OfAll, OfChild, OfCustomer, Wait, Weekly
from siyu.journeys.views import moves
from siyu.kernel.calendar import Yearly
from siyu.kernel.time import instant
from siyu.segments.model import Words

ELSE = StepId("s")


def here(wait: Wait, since: str, now: str = "", zone: str = "Asia/Shanghai", **known: Any) -> Here:
    plan = Journey("j", Words("一", "J"), (Step(StepId("s"), wait),))
    visit = Visit(7, 1, 1, 3, 4, "k", "shop", "T1", "s", 0, instant(since), False, {})
    facts = Facts(ZoneInfo(zone), "zh")._replace(**known)
    return Here(plan, visit, facts, instant(now or since))


def due(wait: Wait, since: str, zone: str = "Asia/Shanghai", **known: Any) -> str:
    act = wait.step(here(wait, since, zone=zone, **known))
    assert isinstance(act, Stay), act
    assert act.until is not None
    return act.until.astimezone(ZoneInfo(zone)).isoformat()


# ── A day of the week ────────────────────────────────────────────────────────────────────────────


def test_a_weekday_is_the_next_one_and_never_now():
    monday = Wait(Weekly("monday", time(10)))

    assert due(monday, "2026-11-20T12:00:00+08:00") == "2026-11-23T10:00:00+08:00"
    assert due(monday, "2026-11-23T09:59:59+08:00") == "2026-11-23T10:00:00+08:00"
    assert due(monday, "2026-11-23T10:00:00+08:00") == "2026-11-30T10:00:00+08:00"


def test_a_weekday_keeps_its_hour_over_a_change_of_clocks():
    sunday = Wait(Weekly("sunday", time(1, 30)))
    at = "Europe/London"

    assert due(sunday, "2026-03-23T12:00:00+00:00", at) == "2026-03-29T02:30:00+01:00"
    assert due(sunday, "2026-10-19T12:00:00+01:00", at) == "2026-10-25T01:30:00+01:00"
    assert due(sunday, "2026-10-25T01:30:00+01:00", at) == "2026-11-01T01:30:00+00:00"


# ── A parcel's cut-off ───────────────────────────────────────────────────────────────────────────

PACKING = Wait(Cutoff("parcel_cutoff", timedelta(hours=2), otherwise=ELSE))
NOON = "2026-11-20T12:00:00+08:00"


def planned(at: str) -> tuple[Order, ...]:
    return (Order("shop", "T1", "paid", instant(at)),)


def test_a_cut_off_is_waited_for_less_its_span():
    assert due(PACKING, NOON, orders=planned("2026-11-20T18:00:00+08:00")) == (
        "2026-11-20T16:00:00+08:00"
    )


@pytest.mark.parametrize(
    ("cutoff", "now", "act"),
    [
        ("2026-11-20T18:00:00+08:00", "2026-11-20T16:00:00+08:00", Go("waited")),
        ("2026-11-20T14:00:00+08:00", NOON, Go("too_late", ELSE)),  # came behind its span
        ("2026-11-20T18:00:00+08:00", "2026-11-20T18:00:00+08:00", Go("too_late", ELSE)),
    ],
)
def test_who_comes_behind_it_takes_the_other_way(cutoff: str, now: str, act: Go):
    assert PACKING.step(here(PACKING, NOON, now, orders=planned(cutoff))) == act


def test_a_cut_off_that_nobody_plans_is_waited_for_until_the_time_out():
    later = "2026-11-21T12:00:00+08:00"

    assert due(PACKING, NOON) == later
    assert PACKING.step(here(PACKING, NOON, later)) == Go("no_cutoff", ELSE)
    assert PACKING.hears == {"parcel.planned"}


def test_the_cut_off_itself_is_never_too_late_at_its_moment():
    itself = Wait(Cutoff("parcel_cutoff"))
    at = "2026-11-20T18:00:00+08:00"

    assert itself.step(here(itself, NOON, at, orders=planned(at))) == Go("waited")


# ── A date of the customer's ─────────────────────────────────────────────────────────────────────


def birthday(less: int = 0, at: time = time(10)) -> Wait:
    return Wait(OfCustomer(DateName("birthday"), at, ELSE, timedelta(days=less)))


@pytest.mark.parametrize(
    ("yearly", "less", "since", "then"),
    [
        (Yearly("solar", 11, 23), 0, NOON, "2026-11-23T10:00:00+08:00"),
        (Yearly("solar", 11, 20), 0, NOON, "2027-11-20T10:00:00+08:00"),  # today's hour has passed
        (Yearly("solar", 11, 23), 3, NOON, "2027-11-20T10:00:00+08:00"),
        (Yearly("solar", 1, 2), 3, NOON, "2026-12-30T10:00:00+08:00"),  # over the end of the year
        (Yearly("solar", 3, 1), 1, "2028-01-01T00:00:00Z", "2028-02-29T10:00:00+08:00"),
        (Yearly("solar", 3, 1), 1, "2027-01-01T00:00:00Z", "2027-02-28T10:00:00+08:00"),
        (Yearly("solar", 2, 29), 0, "2027-01-01T00:00:00Z", "2027-02-28T10:00:00+08:00"),
        (Yearly("lunar", 1, 1), 3, NOON, "2027-02-03T10:00:00+08:00"),
        (Yearly("lunar", 12, 30), 0, NOON, "2027-02-05T10:00:00+08:00"),  # a month of 29 days
    ],
)
def test_a_date_comes_on_its_day(yearly: Yearly, less: int, since: str, then: str):
    assert due(birthday(less), since, dates={"birthday": yearly}) == then


def test_a_festival_comes_at_its_hour_for_a_brand_abroad_too():
    before = Wait(OfAll("mid_autumn", time(10), timedelta(days=3)))
    assert due(before, "2026-09-01T00:00:00+08:00") == "2026-09-22T10:00:00+08:00"
    assert due(before, "2026-09-22T10:00:00+08:00") == "2027-09-12T10:00:00+08:00"

    spring = Wait(OfAll("mothers_day", time(10), timedelta(days=50)))  # behind the jump of March
    berlin = due(spring, "2026-01-01T00:00:00+01:00", zone="Europe/Berlin")
    assert berlin == "2026-03-21T10:00:00+01:00"
    summer = Wait(OfAll("mothers_day", time(10)))
    berlin = due(summer, "2026-01-01T00:00:00+01:00", zone="Europe/Berlin")
    assert berlin == "2026-05-10T10:00:00+02:00"


def test_a_date_keeps_its_hour_over_a_change_of_clocks():
    known = {"birthday": Yearly("solar", 3, 30)}

    assert due(birthday(1, time(1, 30)), "2026-03-28T12:00:00Z", "Europe/London", dates=known) == (
        "2026-03-29T02:30:00+01:00"
    )


def test_a_date_that_nobody_knows_or_no_table_holds_takes_the_other_way():
    lunar = {"birthday": Yearly("lunar", 1, 1)}

    assert birthday().step(here(birthday(), NOON)) == Go("no_date", ELSE)
    far = here(birthday(), "2101-01-29T00:00:00Z", dates=lunar)
    assert birthday().step(far) == Go("no_date", ELSE)


def test_a_date_that_passed_in_a_long_standstill_is_not_made_up_for():
    dates = {"birthday": Yearly("solar", 11, 23)}
    wait = birthday()

    soon = wait.step(here(wait, NOON, "2026-11-24T09:59:00+08:00", dates=dates))
    late = wait.step(here(wait, NOON, "2026-11-24T10:00:01+08:00", dates=dates))
    assert soon == Go("waited")
    assert late == Stay(instant("2027-11-23T10:00:00+08:00"))


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001
    st.builds(Yearly, st.sampled_from(["solar", "lunar"]), st.integers(1, 12), st.integers(1, 29)),
    st.integers(0, 40),
)
def test_a_date_is_always_ahead_and_never_further_than_a_year(
    since: datetime, yearly: Yearly, less: int
):
    text = since.isoformat() + "Z"
    then = due(birthday(less), text, dates={"birthday": yearly})

    ahead = instant(then) - instant(text)
    assert timedelta() < ahead <= timedelta(days=386)  # a leap month more


# ── With real events ─────────────────────────────────────────────────────────────────────────────

TEXT = """\
journey: party
title: {zh: 生日, en: Party}
enter: {on: order.paid}
steps:
  - {id: day, wait: {date: birthday, less: 3d, at: "10:00", else: unknown}}
  - {id: end, exit: greeted}
  - {id: unknown, exit: no birthday}
"""


def dated(house: Any, number: int, month: int, day: int, **data: Any) -> Any:
    said = {"name": "birthday", "month": month, "day": day, **data}
    return house.event("profile.dated", said, keys=house.keys(number))


def test_a_birthday_is_waited_for_and_a_correction_moves_it(house: Any):
    house.publish(TEXT)
    house.tell(dated(house, 1, 12, 24), house.order(1), house.order(2))
    house.sweep()
    due = {visit.outcome: visit.due_at for visit in house.visits()}
    assert due == {"": instant("2026-12-21T10:00:00+08:00"), "no birthday": None}

    house.clock.advance(days=1)
    house.tell(dated(house, 1, 1, 1, calendar="lunar"))
    house.sweep()
    waiting = house.visits()[0]
    assert waiting.due_at == instant("2027-02-03T10:00:00+08:00")
    house.clock.set(waiting.due_at)
    house.sweep()

    why = house.query(moves, [waiting.visit_id])[waiting.visit_id][-1].why
    assert (house.visits()[0].outcome, why) == ("greeted", "day: waited")


def test_a_merge_brings_the_later_word_on_a_date(house: Any):
    house.publish(TEXT)
    house.tell(dated(house, 1, 12, 24), house.order(1), dated(house, 2, 12, 31))
    house.sweep()
    member = {"member": "m1"}
    proofs = [house.keys(number) | member for number in (1, 2)]
    house.tell(*(house.event("customer.identified", {}, keys=keys) for keys in proofs))
    house.sweep()

    assert house.visit().due_at == instant("2026-12-28T10:00:00+08:00")


def test_a_cut_off_that_is_heard_later_sets_the_timer(house: Any):
    wait = "{until: parcel_cutoff, less: 2h}"
    house.publish(
        "journey: packing\ntitle: {zh: 包, en: Packing}\nenter: {on: order.paid}\nsteps:\n"
        f"  - {{id: w, wait: {wait}}}\n  - {{id: end, exit: done}}\n"
    )
    house.tell(house.order(1))
    house.sweep()
    assert house.visit().due_at == house.now + timedelta(days=1)
    cutoff = house.now + timedelta(hours=5)
    house.tell(house.planned(1, cutoff))
    house.sweep()

    assert house.visit().due_at == cutoff - timedelta(hours=2)
    assert house.sweep(hours=3).ended == 1


def test_dates_cost_one_statement_and_only_where_they_are_asked_for(house: Any):
    def seen(text: str, first: int, many: int) -> list[str]:
        house.publish(text)
        people = range(first, first + many)
        house.tell(*(dated(house, number, 12, 24) for number in people))
        house.tell(*(house.order(number) for number in people))
        with house.db.counting() as statements:
            assert house.sweep().claimed == many
        return [sql for sql in statements if "customer_date" in sql]

    plain = TEXT.replace('{date: birthday, less: 3d, at: "10:00", else: unknown}', "1d")
    plain = plain.replace("  - {id: unknown, exit: no birthday}\n", "")
    assert [len(seen(TEXT, 10, 1)), len(seen(TEXT, 100, 50)), len(seen(plain, 200, 5))] == [1, 1, 0]


# ── The months of a child ────────────────────────────────────────────────────────────────────────

AGES = Wait(OfChild((6, 12), time(10), otherwise=ELSE, less=timedelta(days=3)))


@pytest.mark.parametrize(
    ("born", "since", "then"),
    [
        ("2026-06", NOON, "2026-11-28T10:00:00+08:00"),  # six months on 1 December
        ("2026-05", NOON, "2027-04-28T10:00:00+08:00"),  # six are over, twelve to come
        ("2026-06", "2026-11-28T10:00:00+08:00", "2027-05-29T10:00:00+08:00"),
    ],
)
def test_a_child_comes_to_an_age_on_the_first_of_the_month(born: str, since: str, then: str):
    assert due(AGES, since, born=born) == then


def test_without_a_month_of_birth_or_behind_all_ages_the_visit_goes_another_way_at_once():
    assert AGES.step(here(AGES, NOON)) == Go("no_date", ELSE)
    assert AGES.step(here(AGES, NOON, born="2024-01")) == Go("no_date", ELSE)
    late = here(AGES, NOON, "2026-11-30T10:00:01+08:00", born="2026-06")
    assert AGES.step(late) == Stay(instant("2027-05-29T10:00:00+08:00"))
