"""Who does it, when a call is made again, who is told: rules without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.time import zone
from siyu.staff.model import Duty, Member, Off, windows
from siyu.tasks.decide import Job, Waits, assign, call_again, escalates, pace, superior
from siyu.tasks.model import BREAK, LATER, LONGEST_WAIT, REST_AFTER, Rules, assigned

SHANGHAI = zone("Asia/Shanghai")
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon in Shanghai
GUIDES = {code: Duty(code) for code in ("a", "b", "c")}
OFF = (Off(NOON - timedelta(hours=1), None),)


def _given(jobs: list[Job], duties: dict[str, Duty], **loads: int) -> dict[int, str | Waits]:
    counted = {(code, "call"): count for code, count in loads.items()}
    return assign(jobs, duties, counted, NOON, SHANGHAI)


def _who(job: Job, duties: dict[str, Duty], **loads: int) -> str | Waits:
    return _given([job], duties, **loads)[job.key]


def test_the_friends_guide_goes_first_then_who_had_the_order_then_the_orders_own() -> None:
    usual = assigned("s/T1", list(GUIDES))
    other, third = sorted(set(GUIDES) - {usual})

    assert _who(Job(1, "call", "s/T1"), GUIDES) == usual
    assert _who(Job(1, "call", "s/T1", holder=other), GUIDES) == other
    assert _who(Job(1, "call", "s/T1", holder=other, friend=third), GUIDES) == third
    assert _who(Job(1, "call", "s/T1", holder="gone", friend="gone"), GUIDES) == usual


def test_who_is_off_or_full_is_passed_by_for_the_least_loaded() -> None:
    usual = assigned("s/T1", list(GUIDES))
    busy, idle = sorted(set(GUIDES) - {usual})
    off = GUIDES | {usual: Duty(usual, off=OFF)}
    full = GUIDES | {usual: Duty(usual, most={"call": 4})}

    assert _who(Job(1, "call", "s/T1"), off, **{busy: 3, idle: 2}) == idle
    assert _who(Job(1, "call", "s/T1"), full, **{usual: 4, busy: 4, idle: 3}) == idle
    assert _who(Job(1, "call", "s/T1"), full, **{usual: 3, busy: 9, idle: 9}) == usual


def test_everything_about_one_order_stays_together_in_one_batch() -> None:
    duties = GUIDES | {assigned("s/T1", list(GUIDES)): Duty("x", off=OFF)}
    jobs = [Job(n, kind, "s/T1") for n, kind in enumerate(["call", "friend_request", "call"])]

    assert len(set(_given(jobs, duties).values())) == 1


def test_who_is_named_does_it_or_it_waits() -> None:
    assert _who(Job(1, "call", "s/T1", named="c"), GUIDES) == "c"
    full = GUIDES | {"c": Duty("c", most={"*": 2})}
    assert _who(Job(1, "call", "s/T1", named="c"), full, c=2) == Waits(
        "nobody_has_room", NOON + LATER
    )
    stranger = Waits("no active guide", NOON + LONGEST_WAIT)
    assert _who(Job(1, "call", "s/T1", named="z"), GUIDES) == stranger
    assert _who(Job(1, "call", "s/T1"), {}) == stranger


def test_a_job_waits_for_the_next_one_at_work_but_not_past_its_end() -> None:
    soon = {"a": Duty("a", week={5: windows("12:10-18:00")})}
    monday = {"a": Duty("a", week={1: windows("09:00-18:00")})}

    assert _who(Job(1, "call", "s/T1"), soon) == Waits(
        "nobody_at_work", NOON + timedelta(minutes=10)
    )
    assert _who(Job(1, "call", "s/T1"), monday) == Waits("nobody_at_work", NOON + LONGEST_WAIT)
    end = NOON + timedelta(minutes=5)
    assert _who(Job(1, "call", "s/T1", until=end), monday) == Waits("nobody_at_work", end)


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.sampled_from(["call", "friend_request"])), max_size=30
    ),
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6)),
)
def test_nobody_gets_more_than_fits_and_the_order_of_the_batch_decides_nothing(
    wanted: list[tuple[int, str]], most: tuple[int, int, int]
) -> None:
    duties = {c: Duty(c, most={"*": n}) for c, n in zip("abc", most, strict=True)}
    jobs = [Job(n, kind, f"s/T{order}") for n, (order, kind) in enumerate(wanted)]

    given = assign(jobs, duties, {}, NOON, SHANGHAI)

    guides = [who for who in given.values() if isinstance(who, str)]
    assert all(guides.count(code) <= duty.most["*"] for code, duty in duties.items())
    assert len(guides) == min(len(jobs), sum(most))
    assert assign(jobs[::-1], duties, {}, NOON, SHANGHAI) == given


def test_a_call_is_made_again_at_another_hour_within_the_hours_and_the_time() -> None:
    rules = Rules(3, timedelta(hours=3), "10:00-20:00")
    far = NOON + timedelta(days=3)

    second = call_again([NOON], rules, far, SHANGHAI)
    afternoon, evening = NOON + timedelta(hours=3), NOON + timedelta(hours=6)
    assert second == afternoon
    assert call_again([NOON, afternoon], rules, far, SHANGHAI) == evening
    assert call_again([NOON, afternoon, evening], rules, far, SHANGHAI) is None
    late = NOON + timedelta(hours=7, minutes=30)  # 19:30: the next morning
    assert call_again([late], rules, far, SHANGHAI) == NOON + timedelta(hours=22)
    noon_again = call_again([NOON], Rules(2, timedelta(hours=23)), far, SHANGHAI)
    assert noon_again == NOON + timedelta(hours=26)  # not at eleven: that is the hour it was
    assert call_again([NOON], rules, NOON + timedelta(hours=3), SHANGHAI) is None
    assert call_again([NOON], Rules(), far, SHANGHAI) is None


def test_what_is_overdue_goes_one_up_at_a_time() -> None:
    rules = Rules(overdue_after=timedelta(hours=4), head_office_after=timedelta(hours=10))

    assert escalates(rules, NOON, 0) == NOON + timedelta(hours=4)
    assert escalates(rules, NOON, 1) == NOON + timedelta(hours=14)
    assert escalates(rules, NOON, 2) is None
    assert escalates(Rules(overdue_after=timedelta(hours=4)), NOON, 1) is None
    assert escalates(Rules(), NOON, 0) is None


def test_the_store_learns_first_then_head_office() -> None:
    people = [
        Member("g", "g", "guide", "s1"), Member("h", "h", "guide"),
        Member("m", "m", "operator", "s1"), Member("n", "n", "operator", "s2"),
        Member("o", "o", "owner"), Member("p", "p", "operator"),
    ]  # fmt: skip

    assert superior("g", 0, people) == "m"
    assert superior("g", 1, people) == "p"
    assert superior("h", 0, people) == "p"
    assert superior("g", 1, people[:5]) == "o"
    assert superior("g", 0, [people[0], people[3]]) is None


@pytest.mark.parametrize(
    "wrong",
    [{"most_tries": 0}, {"again_after": timedelta(minutes=1)}, {"again_hours": "20:00-10:00"},
     {"head_office_after": timedelta(hours=1)}, {"overdue_after": timedelta(days=31)}],
)  # fmt: skip
def test_rules_that_cannot_be_kept_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=r"."):
        Rules(**wrong)


def _ago(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


def test_an_hour_of_calls_without_a_break_asks_for_a_rest() -> None:
    reports = [(_ago(minutes), 5) for minutes in range(0, 60, 5)]

    found = pace(reports, NOON)
    assert (found.worked, found.streak) == (REST_AFTER, REST_AFTER)
    assert (found.per_hour, found.rest) == (12, True)
    assert pace(reports, NOON + BREAK + timedelta(minutes=1)).rest is False


def test_a_break_is_no_work_and_begins_a_new_stretch() -> None:
    found = pace([(_ago(100), 10), (_ago(10), 5), (_ago(0), 5)], NOON)

    assert found.worked == timedelta(minutes=25)
    assert found.streak == timedelta(minutes=15)
    assert found.per_hour == pytest.approx(3 / (25 / 60))


def test_of_a_few_minutes_nothing_is_said_per_hour() -> None:
    assert pace([], NOON) == (timedelta(0), None, timedelta(0))
    assert pace([(_ago(0), 3)], NOON).per_hour is None


@given(
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 60)), max_size=20),
    st.randoms(use_true_random=False),
)
def test_no_order_of_telling_changes_the_pace_and_no_minute_counts_twice(
    told: list[tuple[int, int]], chance: Random
) -> None:
    reports = [(_ago(minutes), took) for minutes, took in told]
    mixed = chance.sample(reports, len(reports))

    found = pace(reports, NOON)
    assert pace(mixed, NOON) == found
    assert timedelta(0) <= found.streak <= found.worked <= timedelta(minutes=661)
