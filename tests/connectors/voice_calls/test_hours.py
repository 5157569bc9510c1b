"""No phone rings outside the hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.bench import SECRET, Remembered, Still
from tests.connectors.voice_calls.bench import QUICK, config, message

from siyu.connectors.manifest import Tools
from siyu.connectors.voice_calls.channel import VoiceCalls
from siyu.connectors.voice_calls.fake import Service
from siyu.kernel.time import zone

HERE = zone("Asia/Shanghai")
HOLIDAY = date(2026, 10, 1)  # a Thursday
WORKED = date(2026, 10, 10)  # a Saturday
CONFIG = config(holidays=(HOLIDAY,), worked_weekends=(WORKED,))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "opens_at"),
    [
        ("2026-11-20 10:00", "2026-11-20 10:00"),  # a Friday
        ("2026-11-20 09:59", "2026-11-20 10:00"),
        ("2026-11-20 12:00", "2026-11-20 14:00"),
        ("2026-11-20 19:59", "2026-11-20 19:59"),
        ("2026-11-20 20:00", "2026-11-21 10:00"),
        ("2026-11-21 12:30", "2026-11-21 12:30"),  # a Saturday
        ("2026-11-22 21:00", "2026-11-23 10:00"),
        ("2026-10-01 10:30", "2026-10-01 14:00"),
        ("2026-10-10 12:30", "2026-10-10 14:00"),
    ],
)
def test_phones_ring_when_they_may_and_else_at_the_next_opening(now, opens_at) -> None:
    assert CONFIG.opens(at(now)) == at(opens_at)


def test_a_day_can_be_closed_and_so_can_all_of_them() -> None:
    closed = config(weekends="", holiday_hours="", holidays=(date(2026, 11, 23),))

    assert closed.opens(at("2026-11-20 20:00")) == at("2026-11-24 10:00")
    assert config(workdays="", weekends="").opens(at("2026-11-20 10:00")) is None


@given(st.integers(0, 2 * 366 * 86_400))
def test_an_opening_is_inside_the_hours_of_its_day_and_nothing_before_it_is(seconds: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    found = CONFIG.opens(now)

    assert found is not None
    local = found.astimezone(HERE)
    windows = [part.split("-") for part in CONFIG.of_day(local.date()).split(", ")]
    assert any(start <= f"{local:%H:%M}" < end for start, end in windows)
    if found > now:
        assert CONFIG.opens(found - timedelta(seconds=1)) == found


@pytest.fixture
def desk(plugs) -> Any:
    clock = Still(at("2026-11-20 12:00"))
    fake = Service(SECRET, clock.now)
    settings = config(plugs[0].into(fake.app))
    channel = VoiceCalls(settings, Tools(clock, Remembered()), timeout=QUICK)
    return SimpleNamespace(clock=clock, fake=fake, channel=channel)


def test_outside_the_hours_nothing_is_handed_over_and_it_is_no_trouble(desk) -> None:
    results = desk.channel.send([message(n) for n in range(3)])

    assert {(one.status, one.shut, one.again) for one in results} == {
        ("retry", False, at("2026-11-20 14:00"))
    }
    assert desk.fake.requests == 0
    desk.clock.at = at("2026-11-20 14:00")
    assert {one.status for one in desk.channel.send([message(n) for n in range(3)])} == {"accepted"}


def test_over_two_weeks_no_call_reaches_the_vendor_outside_its_hours(desk) -> None:
    for hour in range(14 * 24):
        desk.channel.send([message(hour)])
        desk.clock.at += timedelta(hours=1)

    assert desk.fake.outside == []
    local = [one.at.astimezone(HERE) for one in desk.fake.received]
    assert len(local) > 80
    assert {one.hour for one in local if one.weekday() < 5} == {10, 11, *range(14, 20)}
    assert {one.hour for one in local if one.weekday() >= 5} == set(range(10, 20))
