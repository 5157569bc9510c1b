"""What a process tells of itself is added up, written now and then, and forgotten in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from siyu.db.pool import Pool
from siyu.worker.beats import Beats, prune
from siyu.worker.status import lately, waited, workers
from siyu.worker.worker import Worker

House = Any
AT = datetime(2026, 11, 20, 4, 0, 30, tzinfo=UTC)


def _beats(name: str = "siyu here 1") -> Beats:
    return Beats(name, ["apply", "send"], AT)


def test_runs_of_a_minute_are_one_row_however_often_it_is_written(db: Pool) -> None:
    beats = _beats()
    beats.ran("apply", 10, 0.5, "")
    beats.ran("apply", 0, 0.1, "it broke")
    beats.late({"apply": 3.0})
    beats.write(db, AT, applies=True)
    beats.ran("apply", 5, 0.4, "")
    beats.late({"apply": 1.0, "journeys": 2.0})
    beats.write(db, AT + timedelta(seconds=5), applies=True)

    with db.transaction() as conn:
        apply, journeys = lately(conn, AT)
        (total,) = conn.fetch("select runs, items, failures from sweep_total where sweep = 'apply'")
        (rows,) = conn.fetch("select count(*) from sweep_run")
    assert apply[:3] == ("apply", 3, 15)
    assert apply.seconds == pytest.approx(1.0)
    assert (apply.failures, apply.last_error, apply.lag, apply.fails) == (1, "it broke", 3.0, False)
    assert (journeys.sweep, journeys.runs, journeys.lag) == ("journeys", 0, 2.0)
    assert (total, rows) == ((3, 15, 1), (2,))


def test_what_could_not_be_written_is_written_with_the_next_beat(db: Pool) -> None:
    beats = _beats()
    beats.ran("apply", 10, 0.5, "")
    broken = Pool("host=/nowhere")
    with pytest.raises(Exception, match="can't be reached"):
        beats.write(broken, AT, applies=False)
    beats.ran("apply", 1, 0.5, "")
    beats.write(db, AT, applies=False)

    with db.transaction() as conn:
        assert lately(conn, AT)[0].items == 11


def test_two_processes_add_up_and_a_silent_or_sessionless_one_is_not_alive(db: Pool) -> None:
    here = Beats(db.name, ["apply"], AT)
    there = _beats("siyu elsewhere 7")
    for one in (here, there):
        one.ran("send:sms:now", 2, 0.1, "")
        one.write(db, AT, applies=one is here)

    with db.transaction() as conn:
        assert lately(conn, AT)[0].items == 4
        alive = {one.name: one.alive for one in workers(conn, AT)}
        later = [one.alive for one in workers(conn, AT + timedelta(minutes=1))]
    assert alive == {db.name: True, "siyu elsewhere 7": False}  # nobody has a session of that name
    assert later == [False, False]


def test_old_minutes_are_forgotten_and_the_totals_are_not(db: Pool) -> None:
    beats = _beats()
    beats.ran("apply", 10, 0.5, "")
    beats.write(db, AT, applies=False)

    assert prune(db, AT + timedelta(days=13), 14) == 0
    assert prune(db, AT + timedelta(days=15), 14) == 1
    with db.transaction() as conn:
        assert workers(conn, AT) == []
        assert conn.fetch("select items from sweep_total") == [(10,)]


def test_lag_is_how_long_the_oldest_due_work_has_waited() -> None:
    times = {"apply": AT - timedelta(seconds=5), "send": AT + timedelta(hours=1), "lapse": None}

    assert waited(times, AT) == {"apply": 5.0, "send": 0.0, "lapse": 0.0}


def test_a_worker_tells_what_it_did_and_leaves_no_row_when_it_ends(
    house: House, working: Callable[..., Worker]
) -> None:
    real = house.app.clock.real()
    for days in (8, 10):  # nine are kept here
        old = Beats("gone", ["apply"], real - timedelta(days=days))
        old.ran("lapse", 1, 0.1, "")
        old.write(house.app.db, real, applies=False)
    house.owe("sms", "now", 3)
    worker = working()
    house.eventually(lambda: house.count("sweep_run where sweep = 'lapse'") == 1)
    house.eventually(lambda: len(house.lines["sms"].got) == 3)
    house.eventually(lambda: house.count("worker where applies") == 1)
    worker.stop()

    with house.app.db.transaction() as conn:
        told = {one.sweep: one.items for one in lately(conn, house.app.clock.real())}
    assert told["send:sms:now"] == 3
    assert house.count("worker where name <> 'gone'") == 0
