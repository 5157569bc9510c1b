"""Single steps: a time of day comes next, whatever clocks do; a split deals by hash and sticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from siyu.journeys.model import Facts, Go, Here, Journey, Step, StepId, Visit
from siyu.journeys.nodes.split import Arm, Split
from siyu.journeys.nodes.wait import Daily, Wait
from siyu.kernel.time import instant
from siyu.segments.model import Words

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


# ── Time of day ──────────────────────────────────────────────────────────────────────────────────


def over(clock: str, since: str, zone: str) -> str:
    at = datetime.strptime(clock, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    wait = Wait(Daily(at))
    return wait.over(instant(since), ZoneInfo(zone)).astimezone(ZoneInfo(zone)).isoformat()


def test_a_time_of_day_is_the_brands_and_comes_next():
    at = "Asia/Shanghai"
    assert over("10:00", "2026-11-20T09:59:00+08:00", at) == "2026-11-20T10:00:00+08:00"
    assert over("10:00", "2026-11-20T10:00:00+08:00", at) == "2026-11-21T10:00:00+08:00"
    assert over("00:00", "2026-11-20T00:00:00+08:00", at) == "2026-11-21T00:00:00+08:00"


def test_a_change_of_clocks_moves_the_wait_by_its_hour_and_skips_no_day():
    at = "Europe/London"
    assert over("10:00", "2026-03-28T12:00:00+00:00", at) == "2026-03-29T10:00:00+01:00"
    assert over("10:00", "2026-10-24T12:00:00+01:00", at) == "2026-10-25T10:00:00+00:00"
    assert over("01:30", "2026-03-28T12:00:00+00:00", at) == "2026-03-29T02:30:00+01:00"
    assert over("01:30", "2026-10-25T01:30:00+01:00", at) == "2026-10-26T01:30:00+00:00"


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.times().map(lambda t: t.replace(second=0, microsecond=0, tzinfo=None)),
    st.sampled_from(["Asia/Shanghai", "Europe/London", "America/Santiago", "Australia/Lord_Howe"]),
)
def test_a_time_of_day_is_always_ahead_and_never_more_than_a_day_and_an_hour(since, at, zone):
    ahead = Wait(Daily(at)).over(since, ZoneInfo(zone)) - since

    assert timedelta(0) < ahead <= timedelta(hours=25)


# ── Splits ───────────────────────────────────────────────────────────────────────────────────────


def test_a_split_deals_by_hash_and_sticks():
    node = Split((Arm("a", 0.3), Arm("b", 0.7)))
    plan = Journey("j", Words("一", "J"), (Step(StepId("s"), node),))

    def arm(number: int, arms: dict[str, str] | None = None) -> str:
        key = f"shop/{number}"
        visit = Visit(7, 1, 1, 3, 4, key, "shop", "T1", "s", 0, NOON, False, arms or {})
        act = node.step(Here(plan, visit, Facts(ZoneInfo("UTC"), "zh"), NOON))
        assert isinstance(act, Go)
        return act.arm

    drawn = [arm(number) for number in range(2_000)]
    assert 500 < drawn.count("a") < 700
    assert drawn == [arm(number) for number in range(2_000)]
    assert {arm(number, {"s": "a"}) for number in range(50)} == {"a"}
