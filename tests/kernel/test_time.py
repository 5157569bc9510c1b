"""Local hours over a year of clock changes; times and spans as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.time import Hours, doubled, duration, hours, instant, zone

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]
DAY = hours("08:00-22:00")
WHOLE_MINUTES = st.integers(0, 24 * 60 - 1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_inside_the_window_it_opens_now() -> None:
    now = utc("2026-11-20T04:00")

    assert DAY.next(now, zone("Asia/Shanghai")) == (now, utc("2026-11-20T14:00"))


def test_in_the_evening_the_window_is_tomorrows() -> None:
    assert DAY.next(utc("2026-11-20T14:00"), zone("Asia/Shanghai")) == (
        utc("2026-11-21T00:00"),
        utc("2026-11-21T14:00"),
    )


def test_before_it_opens_the_window_is_todays() -> None:
    assert DAY.next(utc("2026-11-19T23:59"), zone("Asia/Shanghai"))[0] == utc("2026-11-20T00:00")


def test_the_end_is_outside_and_the_start_inside() -> None:
    opens, closes = DAY.next(utc("2026-11-20T00:00"), zone("Asia/Shanghai"))
    last = closes - timedelta(microseconds=1)

    assert opens == utc("2026-11-20T00:00")
    assert DAY.next(last, zone("Asia/Shanghai")) == (last, closes)
    assert DAY.next(closes, zone("Asia/Shanghai"))[0] > closes


def test_the_window_keeps_its_local_hours_when_summer_begins_and_ends() -> None:
    berlin = zone("Europe/Berlin")

    assert DAY.next(utc("2026-03-28T22:00"), berlin)[0] == utc(
        "2026-03-29T06:00"
    )  # from UTC+1 to +2
    assert DAY.next(utc("2026-10-24T22:00"), berlin)[0] == utc("2026-10-25T07:00")  # and back


def test_a_window_that_opens_in_the_lost_hour_opens_when_clocks_have_jumped() -> None:
    berlin = zone("Europe/Berlin")

    opens, closes = hours("02:30-12:00").next(utc("2026-03-29T00:00"), berlin)

    assert (opens, closes) == (utc("2026-03-29T01:30"), utc("2026-03-29T10:00"))


def test_a_window_over_the_doubled_hour_lasts_an_hour_longer() -> None:
    opens, closes = hours("01:00-04:00").next(utc("2026-10-24T20:00"), zone("Europe/Berlin"))

    assert closes - opens == timedelta(hours=4)


def test_a_window_that_clocks_jump_over_is_tomorrows() -> None:
    opens, closes = hours("02:30-03:10").next(utc("2026-03-29T01:00"), zone("Europe/Berlin"))

    assert (opens, closes) == (utc("2026-03-30T00:30"), utc("2026-03-30T01:10"))


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the strategy adds the zone
    st.sampled_from(ZONES),
    WHOLE_MINUTES,
    WHOLE_MINUTES,
)
def test_the_next_window_is_ahead_and_its_hours_are_local(
    now: datetime, name: str, one: int, other: int
) -> None:
    start, end = sorted((one, other))
    if start == end:
        return
    window = Hours(time(start // 60, start % 60), time(end // 60, end % 60))
    place = zone(name)

    opens, closes = window.next(now, place)

    assert now <= opens < closes
    assert opens - now <= timedelta(hours=49)
    assert closes.tzinfo is UTC
    local = closes.astimezone(place)
    # unless clocks jumped over the end, it ends by the clock on the wall
    assert (
        local.time() == window.end
        or local.utcoffset() != (closes - timedelta(hours=1)).astimezone(place).utcoffset()
    )


@given(st.integers(0, 9), st.integers(0, 23), st.integers(0, 59), st.integers(1, 59))
def test_a_span_is_the_sum_of_its_parts(days: int, hour: int, minute: int, second: int) -> None:
    assert duration(f"{days}d{hour}h{minute}m{second}s") == timedelta(
        days=days, hours=hour, minutes=minute, seconds=second
    )


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "-5m", "5m ", "1.5h", "5M", "5x", "11y"])
def test_what_is_no_span_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write it like 30s, 5m"):
        duration(text)


def test_a_span_of_more_than_ten_years_is_a_slip() -> None:
    with pytest.raises(ValueError, match="longer than ten years"):
        duration("999999999w")


@pytest.mark.parametrize("text", ["", "8-22", "08:00", "08:00-25:00", "08:00-12:00-13:00", "a-b"])
def test_what_are_no_hours_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write them like 08:00-22:00"):
        hours(text)


@pytest.mark.parametrize("text", ["22:00-08:00", "08:00-08:00"])
def test_hours_never_go_over_midnight(text: str) -> None:
    with pytest.raises(ValueError, match="end must be later than the start"):
        hours(text)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Asia", "a\0b"])
def test_what_is_no_zone_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(ValueError, match="Asia/Shanghai"):
        zone(name)


@given(
    st.datetimes(datetime(1991, 1, 1), datetime(2199, 1, 1)),  # noqa: DTZ001 - the test adds the zone
    st.sampled_from(ZONES),
)
def test_a_moment_is_the_same_in_whatever_zone_it_was_written(at: datetime, name: str) -> None:
    written = at.replace(tzinfo=zone(name))

    read = instant(written.isoformat())

    assert read == written.astimezone(UTC)
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("yesterday", "not an ISO 8601 time"),
        ("2026-11-20T10:00:00", "has no offset"),
        ("2026-11-20", "has no offset"),
        ("0001-01-01T00:00:00+14:00", "outside the years"),
        ("9999-12-31T23:59:59-12:00", "outside the years"),
        ("1970-01-01T00:00:00Z", "outside the years"),
        ("2201-01-01T00:00:00Z", "outside the years"),
        ("2026-02-30T00:00:00Z", "not an ISO 8601 time"),
    ],
)
def test_what_is_no_moment_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        instant(text)


def test_waiting_longer_each_time_has_an_end_however_long_the_trouble_lasts() -> None:
    waits = [doubled(0.5, times, 15.0) for times in range(5_000)]

    assert waits[:6] == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0]
    assert set(waits[6:]) == {15.0}
