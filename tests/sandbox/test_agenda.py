"""The agenda: in order of time, ties by natural name, slack rides along."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from siyu.sandbox.agenda import Agenda

T = datetime(2026, 3, 2, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return T + timedelta(seconds=seconds)


@given(st.lists(st.tuples(st.integers(0, 100), st.text(max_size=3)), max_size=30))
def test_acts_are_done_in_order_of_time_and_then_of_name(plans: list[tuple[int, str]]) -> None:
    agenda = Agenda()
    done: list[tuple[int, str]] = []
    for seconds, name in plans:
        agenda.add(at(seconds), name, lambda _, plan=(seconds, name): done.append(plan))
    agenda.run(at(100))
    assert done == sorted(plans)
    assert agenda.next_at() is None


def test_an_act_with_slack_does_not_force_a_step_before_its_latest_time() -> None:
    agenda = Agenda()
    done: list[str] = []
    agenda.add(at(5), "lazy", lambda _: done.append("lazy"), slack=timedelta(seconds=60))
    agenda.add(at(10), "strict", lambda _: done.append("strict"))
    assert agenda.next_at() == at(10)
    agenda.run(at(10))
    assert done == ["lazy", "strict"]


def test_an_act_may_plan_another_that_is_due_in_the_same_step() -> None:
    agenda = Agenda()
    done: list[int] = []
    agenda.add(at(1), "a", lambda when: agenda.add(when, "b", lambda _: done.append(2)))
    assert agenda.run(at(1)) == 2
    assert done == [2]
