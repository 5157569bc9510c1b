"""One virtual time for all processes; the real one where no sandbox ever was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from siyu.db.clock import OffsetClock, RealClock, VirtualClock, clock_of
from siyu.db.pool import Pool
from siyu.kernel.errors import Refused

MARCH = datetime(2031, 3, 1, tzinfo=UTC)


def test_virtual_time_stands_still_until_it_is_set_again(db: Pool) -> None:
    clock = VirtualClock(db)
    clock.set(MARCH)

    assert clock.now() == clock.now() == MARCH
    clock.set(MARCH + timedelta(seconds=30))
    assert clock.now() == MARCH + timedelta(seconds=30)


def test_other_processes_see_virtual_time_go_on_from_where_it_was_set(db: Pool) -> None:
    VirtualClock(db).set(MARCH)

    other = clock_of(db)

    assert MARCH <= other.now() < MARCH + timedelta(minutes=1)
    assert other.real() < MARCH
    assert VirtualClock(db).now() == MARCH


def test_virtual_time_never_goes_back(db: Pool) -> None:
    clock = VirtualClock(db)
    clock.set(MARCH)

    with pytest.raises(Refused, match="does not go back"):
        clock.set(MARCH - timedelta(seconds=1))
    with pytest.raises(Refused, match="does not go back"):
        VirtualClock(db).set(MARCH - timedelta(seconds=1))


def test_a_virtual_clock_that_was_never_set_says_so(db: Pool) -> None:
    with pytest.raises(Refused, match="not been set"):
        VirtualClock(db).now()


def test_where_no_sandbox_ever_was_time_is_real(db: Pool) -> None:
    clock = clock_of(db)

    assert isinstance(clock, RealClock)
    assert abs(OffsetClock(db).now() - clock.real()) < timedelta(minutes=1)
    assert clock.now().tzinfo is UTC
