"""Work that may wait: into which hour of whom it is put, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.time import opening, zone
from siyu.staff import actions as staff
from siyu.staff.model import Brand, Duty, Member, Off, Store, windows
from siyu.tasks import actions
from siyu.tasks.actions import quiet, team
from siyu.tasks.decide.quiet import Job, Traffic, hour_of, plan, why_of, words
from siyu.tasks.model import Rules, Task

Desk = Any
CHINA = zone("Asia/Shanghai")
HOUR = timedelta(hours=1)
FRIDAY = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon in Shanghai
WEEK = dict.fromkeys(range(1, 8), windows("10:00-20:00"))


def _duty(**words: Any) -> Duty:
    said: dict[str, Any] = {"week": WEEK, **words}
    return Duty("a", "west", **said)


def _shop(busy: range = range(12, 18), rush: int = 30, calm: int = 5) -> dict[str, Traffic]:
    hours = {
        (day, hour): rush if hour in busy else calm for day in range(1, 8) for hour in range(10, 20)
    }
    return {"west": Traffic("file", hours)}


def _plan(*jobs: Job, duty: Duty | None = None, **words: Any) -> dict[int, Any]:
    facts: dict[str, Any] = {"traffic": _shop(), "taken": {}, "per_hour": 6, "now": FRIDAY}
    facts |= words
    return plan(list(jobs), {"a": duty or _duty()}, **facts, zone=CHINA)


def _at(planned: Any) -> str:
    return f"{planned.at.astimezone(CHINA):%a %H:%M}"


def test_work_that_may_wait_goes_into_the_first_quiet_hour_of_its_guide() -> None:
    (planned,) = _plan(Job(1, "a", FRIDAY + 24 * HOUR)).values()

    assert _at(planned) == "Fri 18:00"
    assert planned.why == ("quiet", "file", 5, 20)


def test_a_quiet_hour_outside_the_rota_is_none() -> None:
    early = _duty(week=dict.fromkeys(range(1, 8), windows("11:00-17:00")))

    (planned,) = _plan(Job(1, "a", FRIDAY + 24 * HOUR), duty=early).values()

    assert _at(planned) == "Sat 11:00"


def test_without_a_quiet_hour_before_its_time_is_over_the_quietest_is_taken_and_said() -> None:
    traffic = _shop()
    hours = {**traffic["west"].visitors, (5, 14): 20}

    (planned,) = _plan(
        Job(1, "a", FRIDAY + 4 * HOUR), traffic={"west": Traffic("orders", hours)}
    ).values()

    assert _at(planned) == "Fri 14:00"
    assert planned.why[:3] == ("quietest", "orders", 20)


def test_no_hour_is_taken_in_which_their_customer_is_not_spoken_to() -> None:
    late = _duty(week=dict.fromkeys(range(1, 8), windows("10:00-22:00")))
    hours = {(day, hour): 2 if hour >= 20 else 30 for day in range(1, 8) for hour in range(10, 22)}
    words = {"duty": late, "traffic": {"west": Traffic("file", hours)}, "now": FRIDAY + 7.5 * HOUR}
    until = FRIDAY + 72 * HOUR

    found = _plan(
        Job(1, "a", until, opening("11:30-13:00, 14:00-20:00")),
        Job(2, "a", FRIDAY + 14 * HOUR, opening("09:00-19:00")),
        Job(3, "a", until),
        **words,
    )

    assert _at(found[1]) == "Fri 19:30"
    assert found[1].why.code == "quietest"
    assert found[2].at is None  # it is not true any more when that opens
    assert _at(found[3]) == "Fri 20:00"


def test_what_no_hour_is_left_for_does_not_wait() -> None:
    gone = _duty(off=(Off(FRIDAY - HOUR, None),))

    (planned,) = _plan(Job(1, "a", FRIDAY + 4 * HOUR), duty=gone).values()

    assert planned.at is None
    assert planned.why.code == "no_hour"


def test_an_hour_holds_no_more_than_fits_into_it_with_what_is_in_it_already() -> None:
    evening = hour_of(FRIDAY + 6 * HOUR, CHINA)

    found = _plan(
        *[Job(key, "a", FRIDAY + 48 * HOUR) for key in range(5)],
        taken={("a", evening): 1}, per_hour=2,
    )  # fmt: skip

    assert [_at(found[key]) for key in range(5)] == [
        "Fri 18:00", "Fri 19:00", "Fri 19:00", "Sat 10:00", "Sat 10:00",
    ]  # fmt: skip


def test_what_ends_first_chooses_first() -> None:
    found = _plan(Job(1, "a", FRIDAY + 48 * HOUR), Job(2, "a", FRIDAY + 8 * HOUR), per_hour=1)

    assert (_at(found[2]), _at(found[1])) == ("Fri 18:00", "Fri 19:00")


def test_where_nobody_knows_the_traffic_only_weekend_afternoons_are_avoided() -> None:
    saturday = FRIDAY + 25 * HOUR  # 13:00

    (planned,) = _plan(Job(1, "a", saturday + 24 * HOUR), traffic={}, now=saturday).values()

    assert _at(planned) == "Sat 18:00"
    assert planned.why.code == "assumed"
    assert "weekend afternoons" in words(planned.why)
    assert words(planned.why).zh == "门店客流未知：避开周末下午的上班时段"


def test_where_there_is_no_rota_nobody_is_put_to_work_at_night() -> None:
    night = FRIDAY + 10 * HOUR  # 22:00

    (planned,) = _plan(
        Job(1, "a", night + 24 * HOUR), duty=Duty("a", "west"), traffic={}, now=night
    ).values()

    assert _at(planned) == "Sat 10:00"


def test_the_hour_that_runs_is_taken_at_once_when_it_is_quiet() -> None:
    now = FRIDAY + 6.5 * HOUR

    (planned,) = _plan(Job(1, "a", now + 24 * HOUR), now=now).values()

    assert planned.at == now


@given(
    st.lists(st.tuples(st.integers(0, 72), st.booleans()), max_size=30),
    st.integers(1, 4),
    st.integers(0, 167),
    st.integers(0, 60),
)
def test_whatever_is_asked_it_lies_in_the_rota_before_its_end_and_in_no_overfull_hour(
    asked: list[tuple[int, bool]], per_hour: int, ahead: int, rush: int
) -> None:
    now = FRIDAY + ahead * HOUR
    jobs = [Job(key, "a", now + hours * HOUR) for key, (hours, _) in enumerate(asked)]

    found = plan(jobs, {"a": _duty()}, _shop(rush=rush), {}, per_hour, now, CHINA)

    assert set(found) == {job.key for job in jobs}
    used: dict[datetime, int] = {}
    for job in jobs:
        at = found[job.key].at
        if at is None:
            continue
        assert now <= at < job.until
        assert 10 <= at.astimezone(CHINA).hour < 20
        used[hour_of(at, CHINA)] = used.get(hour_of(at, CHINA), 0) + 1
    assert all(count <= per_hour for count in used.values())


def test_why_it_waits_is_read_as_it_was_written() -> None:
    (planned,) = _plan(Job(1, "a", FRIDAY + 24 * HOUR)).values()

    assert why_of(str(planned.why)) == planned.why
    assert why_of("") is None


# ── over real rows ──


@pytest.fixture
def store(desk: Desk) -> Desk:
    """Both guides at a store whose visitors a file told."""
    with desk.db.transaction() as conn:
        people = [Member(code, code, "guide", "west") for code in ("guide-1", "guide-2")]
        brand = Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh")
        staff.seed(conn, brand, [Store("west", "西街")], people)
        staff.set_traffic(conn, {"west": _shop()["west"].visitors}, "an", desk.clock.now())
        week = dict.fromkeys(range(1, 8), "10:00-20:00")
        staff.set_week(conn, "*", week, "an", desk.clock.now())
    return desk


def _waiting(desk: Desk, many: int) -> list[int]:
    touches = desk.touches(many)
    with desk.db.transaction() as conn:
        conn.execute("update touch set off_peak = true")
    assert desk.send(touches) == ["awaiting_staff"] * many
    return touches


def _next(desk: Desk, code: str) -> Task | None:
    with desk.db.transaction() as conn:
        return actions.take_next(conn, code, code, desk.clock.now(), desk.clock.real())


def test_a_task_that_may_wait_is_nobodys_next_before_its_quiet_hour(store: Desk) -> None:
    (touch,) = _waiting(store, 1)
    (urgent,) = store.touches(1)
    store.send([urgent])
    task = store.task(touch)

    assert task.planned_for == FRIDAY + 6 * HOUR
    assert task.due_at == FRIDAY + 30 * HOUR
    assert store.task(urgent).planned_for is None
    taken = {one.touch_id for code in ("guide-1", "guide-2") if (one := _next(store, code))}
    assert taken == {urgent}
    store.clock.advance(hours=6)
    assert _next(store, task.staff) is not None


def test_hours_are_shared_out_over_batches_by_what_fits_into_one(store: Desk) -> None:
    with store.db.transaction() as conn:
        actions.set_rules(conn, Rules(per_hour=2), "an", store.clock.now())
    _waiting(store, 5)
    _waiting(store, 5)

    used: dict[tuple[str, datetime | None], int] = {}
    for task in store.tasks():
        used[task.staff, task.planned_for] = used.get((task.staff, task.planned_for), 0) + 1
    assert max(used.values()) == 2
    assert sum(used.values()) == 10


def test_what_waits_for_a_quiet_hour_waits_for_one_of_whoever_has_it_then(store: Desk) -> None:
    (touch,) = _waiting(store, 1)
    first = store.task(touch).staff
    other = "guide-2" if first == "guide-1" else "guide-1"
    with store.db.transaction() as conn:
        now, real = store.clock.now(), store.clock.real()
        morning: dict[int, str] = dict.fromkeys([5, 6], "10:00-14:00")
        staff.set_week(conn, other, morning, "an", now)
        team.hand_over(conn, first, "an", "left", now, real)

    moved = store.task(touch)
    assert moved.staff == other
    assert moved.planned_for == FRIDAY + 22 * HOUR  # Saturday, 10:00
    assert moved.snoozed_until == moved.planned_for


def test_without_a_file_the_hours_of_the_stores_own_orders_stand_in(store: Desk) -> None:
    with store.db.transaction() as conn:
        conn.execute("delete from store_traffic")
        conn.execute(
            """insert into orders (shop, order_no, state, paid_at, source, source_id, currency,
              total_minor, event_id)
            select 'west', n::text, 'paid', timestamptz '2026-11-13 06:10Z' - n * interval '1 day'
              + n % 10 * interval '6 minutes', 's', n::text, 'CNY', 100, n
            from generate_series(1, 55) n"""
        )
        conn.execute(
            """insert into orders (shop, order_no, state, paid_at, source, source_id, currency,
              total_minor, event_id)
            select 'west', 'x' || n, 'paid', timestamptz '2026-11-13 04:10Z', 's', 'x' || n, 'CNY',
              100, n from generate_series(1, 40) n"""
        )
    (touch,) = _waiting(store, 1)

    task = store.task(touch)
    assert task.planned_for == FRIDAY + HOUR  # at noon 40 orders were paid, none at one
    assert task.planned_why.startswith("quiet orders 0 ")


def test_no_task_waits_for_hours_that_the_brand_forbids_for_its_channel_and_purpose(
    store: Desk,
) -> None:
    """Neither as it is given out nor as it becomes another's."""
    with store.db.transaction() as conn:
        conn.execute(
            """insert into quiet_hours (channel, purpose, hours) values ('*', '*', '09:00-20:00'),
              ('voice', 'order_invitation', '10:00-18:00'), ('voice', 'service', '10:00-11:00')"""
        )
    (touch,) = _waiting(store, 1)
    task = store.task(touch)
    with store.db.transaction() as conn:
        team.hand_over(conn, task.staff, "an", "left", store.clock.now(), store.clock.real())

    assert task.planned_for == FRIDAY + 22 * HOUR  # not Friday, 18:00
    assert store.task(touch).staff != task.staff
    assert store.task(touch).planned_for == FRIDAY + 22 * HOUR


def test_the_hours_of_orders_are_learned_once_a_day(store: Desk) -> None:
    with store.db.transaction() as conn:
        conn.execute("delete from store_traffic")
    seen: list[int] = []
    learned: list[Any] = []
    for hours in (0, 1, 24):
        store.clock.advance(hours=hours)
        with store.db.counting() as statements:
            _waiting(store, 1)
        seen.append(len(statements))
        with store.db.transaction() as conn:
            learned += conn.fetch("select store, learned_at from order_rhythm")
            assert quiet.traffic(conn, ["west"], store.clock.now(), CHINA) == {}

    assert learned == [("west", FRIDAY), ("west", FRIDAY), ("west", FRIDAY + 25 * HOUR)]
    assert seen[0] == seen[1] == seen[2]
