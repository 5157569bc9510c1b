"""Changes of clocks, month ends, leap days and the year's end: what no room's own tests say."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from siyu.budget.decide import hours_for
from siyu.budget.model import Policy, Quota, Request, period_at, window_end
from siyu.journeys.nodes.wait import Daily, Wait
from siyu.kernel.time import instant, moment, next_time, opening

LONDON, NEW_YORK = "Europe/London", "America/New_York"


def local(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).isoformat()


@pytest.mark.parametrize(
    ("zone", "since", "after_a_day", "at_ten"),
    [
        (LONDON, "2027-03-27T10:00:00Z", "2027-03-28T11:00:00+01:00", "2027-03-28T10:00:00+01:00"),
        (LONDON, "2027-10-30T09:00:00Z", "2027-10-31T09:00:00+00:00", "2027-10-31T10:00:00+00:00"),
        (NEW_YORK, "2027-03-13T15:00:00Z", "2027-03-14T11:00:00-04:00",
         "2027-03-14T10:00:00-04:00"),
        (NEW_YORK, "2027-11-06T14:00:00Z", "2027-11-07T09:00:00-05:00",
         "2027-11-07T10:00:00-05:00"),
        (LONDON, "2028-02-28T10:00:00Z", "2028-02-29T10:00:00+00:00", "2028-02-29T10:00:00+00:00"),
        (LONDON, "2028-02-29T10:00:00Z", "2028-03-01T10:00:00+00:00", "2028-03-01T10:00:00+00:00"),
        (LONDON, "2027-12-31T10:00:00Z", "2028-01-01T10:00:00+00:00", "2028-01-01T10:00:00+00:00"),
    ],
)  # fmt: skip
def test_a_day_is_24_hours_and_ten_o_clock_is_what_clocks_show(
    zone: str, since: str, after_a_day: str, at_ten: str
) -> None:
    """`wait: 1d` is a span, `wait: {until: "10:00"}` the brand's clock."""
    where, began = ZoneInfo(zone), instant(since)

    assert local(Wait(timedelta(days=1)).over(began, where), zone) == after_a_day
    assert local(Wait(Daily(time(10))).over(began, where), zone) == at_ten


def test_thirty_days_are_no_month() -> None:
    began = instant("2027-01-31T12:00:00Z")

    assert began + Wait(timedelta(days=30)).length == instant("2027-03-02T12:00:00Z")  # type: ignore[operator]
    leap = Wait(timedelta(days=30)).over(instant("2028-01-31T12:00:00Z"), ZoneInfo(LONDON))
    assert leap == instant("2028-03-01T12:00:00Z")


@pytest.mark.parametrize(
    ("zone", "now", "starts", "ends", "room"),
    [
        # months with a change of clocks begin and end at local midnight
        (LONDON, "2027-03-31T23:30:00Z", "2027-04-01 +01:00", "2027-05-01 +01:00", 30),
        (LONDON, "2027-03-31T22:30:00Z", "2027-03-01 +00:00", "2027-04-01 +01:00", 31),
        (NEW_YORK, "2027-12-01T04:30:00Z", "2027-11-01 -04:00", "2027-12-01 -05:00", 30),
        # February, common and leap
        (LONDON, "2027-02-28T23:59:59Z", "2027-02-01 +00:00", "2027-03-01 +00:00", 28),
        (LONDON, "2028-02-29T23:59:59Z", "2028-02-01 +00:00", "2028-03-01 +00:00", 29),
        # the year's end is each brand's own
        (NEW_YORK, "2028-01-01T04:59:59Z", "2027-12-01 -05:00", "2028-01-01 -05:00", 31),
    ],
)  # fmt: skip
def test_a_months_quota_is_counted_by_the_brands_calendar(
    zone: str, now: str, starts: str, ends: str, room: int
) -> None:
    where = ZoneInfo(zone)
    found = period_at("month", instant(now), where)

    midnights = [local(edge, zone).replace("T00:00:00", " ") for edge in found]
    assert midnights == [starts, ends]
    assert Quota("wecom_mass", "customer", "month", None).room(found[0], where) == room


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [(LONDON, "2027-03-28", 23), (LONDON, "2027-10-31", 25), (NEW_YORK, "2027-11-07", 25)],
)
def test_a_days_quota_lasts_as_long_as_the_day(zone: str, day: str, hours: int) -> None:
    noon = moment(date.fromisoformat(day), time(12), ZoneInfo(zone))

    starts, ends = period_at("day", noon, ZoneInfo(zone))

    assert ends - starts == timedelta(hours=hours)


def test_a_week_goes_over_the_years_end() -> None:
    starts, ends = period_at("week", instant("2028-01-01T12:00:00Z"), ZoneInfo(LONDON))

    assert (starts, ends) == (instant("2027-12-27T00:00:00Z"), instant("2028-01-03T00:00:00Z"))


@pytest.mark.parametrize(
    ("zone", "now", "opens"),
    [
        (LONDON, "2027-03-27T21:30:00Z", "2027-03-28T08:00:00+01:00"),
        (LONDON, "2027-10-30T20:30:00Z", "2027-10-31T08:00:00+00:00"),
        (NEW_YORK, "2027-11-07T01:30:00Z", "2027-11-07T08:00:00-05:00"),
        (LONDON, "2028-02-28T21:30:00Z", "2028-02-29T08:00:00+00:00"),
        (LONDON, "2027-12-31T21:30:00Z", "2028-01-01T08:00:00+00:00"),
    ],
)
def test_quiet_hours_end_by_the_clocks_of_the_morning(zone: str, now: str, opens: str) -> None:
    hours = {("*", "service"): opening("08:00-21:00")}
    policy = Policy(ZoneInfo(zone), hours=hours)
    request = Request(1, 1, "plan", "sms", "service", "s")

    found, _ = hours_for(policy, request).next(instant(now), policy.zone)

    assert local(found, zone) == opens


@pytest.mark.parametrize(
    ("zone", "wished", "closes"),
    [
        (LONDON, "2027-03-28T00:30:00Z", "2027-03-28T02:00:00+01:00"),  # half an hour later
        (LONDON, "2027-10-31T00:30:00Z", "2027-10-31T02:00:00+00:00"),  # 01:30, for the first time
        (LONDON, "2027-10-31T01:30:00Z", "2027-10-31T02:00:00+00:00"),  # and again
        (NEW_YORK, "2028-01-01T04:30:00Z", "2028-01-01T00:00:00-05:00"),
        (LONDON, "2028-02-28T23:30:00Z", "2028-02-29T00:00:00+00:00"),
    ],
)
def test_a_window_closes_ahead_of_every_wish(zone: str, wished: str, closes: str) -> None:
    assert local(window_end(instant(wished), 2, ZoneInfo(zone)), zone) == closes


@pytest.mark.parametrize("zone", [LONDON, NEW_YORK])
def test_every_half_hour_of_a_leap_year_has_its_next_ten_o_clock(zone: str) -> None:
    where, now = ZoneInfo(zone), instant("2027-12-31T00:00:00Z")
    days: set[date] = set()
    while now < instant("2029-01-02T00:00:00Z"):
        found = next_time(time(10), now, where)
        assert timedelta() < found - now <= timedelta(hours=25)
        assert found.astimezone(where).time() == time(10)
        days.add(found.astimezone(where).date())
        now += timedelta(minutes=30)
    assert sum(day.year == 2028 for day in days) == 366
