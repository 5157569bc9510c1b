"""What visits wish for is ruled before it is written, in the transaction of its moves."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from siyu.budget import sweep as ruling
from siyu.journeys import sweep, views


def _ruled(house: Any) -> sweep.Swept:
    rule = partial(ruling.rule_new, zone=house.context.zone, now=house.now)
    return sweep.sweep(house.db, house.context, house.now, rule=rule)


def test_a_wish_is_written_once_as_it_was_ruled(cascade: Any):
    cascade.tell(cascade.order(1))

    with cascade.db.counting() as seen:
        assert _ruled(cascade).wished == 1

    assert not [sql for sql in seen if "update touch" in sql]
    assert cascade.rows("select state, reason from touch") == [("withheld", "no_consent")]
    assert cascade.rows("select verdict, reason from ruling") == [("withhold", "no_consent")]


def test_poison_is_parked_alone_and_what_moved_is_ruled_as_ever(cascade: Any):
    """Whatever part of a batch is tried again, its ruling is tried with it."""
    cascade.tell(*(cascade.order(number) for number in range(1, 8)))
    poison = cascade.cascade.replace("promise: face-mask", "promise: no-such")
    cascade.publish(poison)
    cascade.rows("update visit set version = 2 where key in ('s/T3', 's/T4') returning id")
    ruled: list[int] = []

    def rule(conn: Any, wishes: Any) -> Any:
        ruled.append(len(wishes))
        return ruling.rule_new(conn, wishes, zone=cascade.context.zone, now=cascade.now)

    swept = sweep.sweep(cascade.db, cascade.context, cascade.now, rule=rule)

    assert (swept.claimed, swept.decided, swept.moved, swept.parked) == (7, 7, 5, 2)
    assert {visit.key for visit in cascade.query(views.parked)} == {"s/T3", "s/T4"}
    assert ruled[-1] <= 5 <= sum(ruled)
    assert cascade.rows("select count(*) from ruling") == [(5,)]
    assert [touch.state for touch in cascade.touches()] == ["withheld"] * 5  # nobody consented
    assert cascade.rows("select count(*) from visit_move where why like 'parked%'") == [(2,)]


def test_a_ruling_that_fails_takes_the_moves_back_and_parks_nobody(cascade: Any):
    def fail(*_: Any) -> Any:
        raise ZeroDivisionError

    cascade.tell(cascade.order(1), cascade.order(2))
    with pytest.raises(ZeroDivisionError):
        sweep.sweep(cascade.db, cascade.context, cascade.now, rule=fail)

    assert cascade.touches() == []
    assert cascade.sweep().moved == 2
