"""When time may next move somebody: only what can turn the whole counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from siyu.segments.decide.live import Answers, Live, Plan, Stands, changes
from siyu.segments.model import All, Any, Leaf, Not
from siyu.segments.predicates.orders import Orders
from siyu.segments.predicates.tags import Tagged

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SOON, LATER = NOW + timedelta(days=1), NOW + timedelta(days=9)
BOUGHT, TAGGED = Orders(within=timedelta(days=30)), Tagged("vip", within=timedelta(days=30))
A, B = Leaf(BOUGHT), Leaf(TAGGED)


def answers(bought: tuple[bool, datetime | None], tagged: tuple[bool, datetime | None]) -> Answers:
    found = Answers([7])
    columns = [[bought[0]], [tagged[0]], [bought[1]], [tagged[1]]]
    found.add((BOUGHT, TAGGED), (BOUGHT, TAGGED), columns)
    return found


def test_a_part_that_stays_false_keeps_the_whole_false() -> None:
    known = answers((False, SOON), (False, None))
    assert known.of(All((A, B))).moments == {}
    assert known.of(Any((A, B))).moments == {0: SOON}
    assert known.of(Not(Any((A, B)))).moments == {0: SOON}


def test_who_must_wait_for_two_parts_waits_for_the_later_one() -> None:
    known = answers((True, SOON), (True, LATER))
    assert known.of(All((A, B))).moments == {0: SOON}
    assert known.of(Any((A, B))).moments == {0: LATER}


def test_a_moment_that_is_written_and_comes_early_is_left() -> None:
    known, plan = answers((True, LATER), (True, None)), Plan([Live(1, "s", A)])
    assert changes(plan, known, {(1, 7): Stands(NOW, SOON)}, NOW) == []
    ((_, _, _, now),) = changes(plan, known, {(1, 7): Stands(NOW, NOW)}, NOW)
    assert now == Stands(NOW, LATER)
