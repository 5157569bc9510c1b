"""A journey that is stopped: nobody enters, whoever is under way ends, nothing more goes out."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.journeys import actions
from siyu.journeys.actions import Stopped
from siyu.kernel.errors import NotFound


def stop(cascade: Any, code: str = "cascade", limit: int = 2000) -> Stopped:
    with cascade.db.transaction() as conn:
        return actions.stop(conn, code, "ana", cascade.now, limit=limit)


def test_who_is_under_way_ends_and_what_was_wished_is_withdrawn(cascade: Any):
    cascade.tell(cascade.order(1))
    cascade.sweep()

    assert stop(cascade) == Stopped(visits=1, touches=1)
    assert stop(cascade) == Stopped(visits=0, touches=0)

    visit, sms = cascade.visit(), cascade.touch("sms")
    assert (visit.state, visit.outcome, visit.due_at) == ("ended", "stopped", None)
    assert (sms.state, sms.reason) == ("withdrawn", "stopped")
    assert ("stopped by ana",) in cascade.rows("select why from visit_move")
    assert [promise.state for promise in cascade.promises()] == ["promised"]


def test_nobody_enters_until_it_is_published_again(cascade: Any):
    stop(cascade)
    cascade.tell(cascade.order(1))
    before = cascade.visits()

    assert cascade.publish().new is False  # the same text is the same version, published again
    cascade.tell(cascade.order(2))

    assert before == []
    assert cascade.visit().key == "s/T2"


@pytest.mark.parametrize("state", ["wished", "owed", "leased", "unknown", "awaiting_staff", "sent"])
def test_what_visits_that_are_over_have_still_to_say_is_taken_back_too(house: Any, state: str):
    text = (
        "journey: {0}\ntitle: {{zh: 一, en: J}}\nenter: {{on: order.paid}}\nsteps:\n"
        "  - {{id: a, send: {{channel: voice_ai, material: invite-call, purpose: service}}}}\n"
        "  - {{id: end, exit: done}}\n"
    )
    house.publish(text.format("one"))
    house.publish(text.format("other"))
    house.tell(house.order(1))
    house.sweep()
    house.rows(f"update touch set state = '{state}' returning id")

    assert stop(house, "one") == Stopped(visits=0, touches=1)

    stands = "select journey, state, cancel_wanted, reason from touch order by journey"
    one, other = house.rows(stands)
    here = state in ("wished", "owed")
    assert one == ("one", "withdrawn" if here else state, not here, "stopped")
    assert other == ("other", state, False, "")
    assert {visit.outcome for visit in house.visits()} == {"done"}


def test_a_large_journey_is_stopped_in_parts(cascade: Any):
    cascade.tell(*(cascade.order(number) for number in range(1, 6)))

    assert [stop(cascade, limit=2).visits for _ in range(4)] == [2, 2, 1, 0]


def test_a_parked_visit_ends_as_well_and_an_unknown_journey_is_told(cascade: Any):
    cascade.tell(cascade.order(1))
    cascade.rows("update visit set state = 2, error = 'poison' returning id")

    assert stop(cascade).visits == 1
    assert cascade.visit().error is None
    with pytest.raises(NotFound, match="nobody"):
        stop(cascade, "nobody")
