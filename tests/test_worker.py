"""A tick: what is due runs, in order, until nothing is left; who says so is asked once a round."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from siyu.worker import sweeps as worker
from siyu.worker.sweeps import NAMES, Sweep, next_at, tick

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
LOCK: Any = object()  # the session that holds the lock; nothing here looks at it


class House:
    """Work by sweep, and what each sweep leaves for the others."""

    db = None
    channels = ()
    pulls = ()

    def __init__(self, **work: int) -> None:
        self.work = dict.fromkeys(NAMES, 0) | work
        self.leads_to: dict[str, str] = {}
        self.later: dict[str, datetime] = {}
        self.stuck: set[str] = set()
        self.endless = False
        self.ran: list[str] = []
        self.asked = 0

    def due(self, *_: object) -> worker.Times:
        self.asked += 1
        return {name: NOW if self.work[name] else self.later.get(name) for name in NAMES}

    def sweep(self, name: str) -> Callable[..., int]:
        def run(*_: object) -> int:
            self.ran.append(name)
            if name in self.stuck:
                return 0
            done, self.work[name] = self.work[name], 0
            if done and name in self.leads_to:
                self.work[self.leads_to[name]] += 1
                if not self.endless:
                    del self.leads_to[name]
            return done

        return run


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def build(**work: int) -> House:
        made = House(**work)
        after = {one.name: one.after for one in worker.SWEEPS}
        monkeypatch.setattr(worker, "due", made.due)
        monkeypatch.setattr(
            worker, "SWEEPS", [Sweep(name, made.sweep(name), after[name]) for name in NAMES]
        )
        return made

    return build


def test_only_what_is_due_runs_and_in_the_order_of_the_sweeps(house: Callable) -> None:
    one = house(send=2, apply=1)

    done = tick(one, NOW, applier=LOCK)

    assert one.ran == ["apply", "journeys", "send"]  # journeys: applied events make them work
    assert dict(done.did) == {"apply": 1, "journeys": 0, "send": 2}


def test_what_a_sweep_makes_due_is_done_in_the_same_tick(house: Callable) -> None:
    one = house(journeys=1)
    one.leads_to = {"journeys": "send", "send": "apply"}

    tick(one, NOW, applier=LOCK)

    assert one.ran == ["journeys", "send", "apply", "journeys"]
    assert not any(one.work.values())


def test_a_sweep_that_does_nothing_though_it_is_due_is_left_for_the_next_tick(
    house: Callable,
) -> None:
    one = house(send=1, budget=1)
    one.stuck = {"send"}

    tick(one, NOW, applier=LOCK)

    assert one.ran == ["budget", "send"]


def test_without_the_lock_nothing_is_applied_here(house: Callable) -> None:
    one = house(apply=3, send=1)

    tick(one, NOW)

    assert one.ran == ["send"]


def test_times_that_are_handed_on_are_not_asked_for_again_until_something_was_done(
    house: Callable,
) -> None:
    one = house()
    times = dict.fromkeys(NAMES) | {"journeys": LATER}

    quiet = tick(one, NOW, applier=LOCK, times=times)

    assert (one.ran, one.asked) == (["apply"], 0)
    assert next_at(quiet.times, NOW) == LATER


def test_due_times_that_a_round_has_made_are_kept_by_a_round_that_does_nothing(
    house: Callable,
) -> None:
    one = house(apply=1, freeze=1)
    one.later = {"lapse": LATER}
    one.stuck = {"freeze"}

    done = tick(one, NOW, applier=LOCK, times=dict.fromkeys(NAMES))

    assert next_at(done.times, NOW) == LATER


def test_a_tick_that_never_finds_an_end_goes_on_in_the_next_one(house: Callable) -> None:
    one = house(send=1)
    one.leads_to = {"send": "send"}
    one.endless = True

    assert tick(one, NOW).did["send"] == worker.ROUNDS
