"""What people see of a journey at work: bounded figures, and whoever a figure counts is listed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from siyu.journeys import actions, views
from siyu.journeys.actions import Asked
from siyu.journeys.views import draft, figures, flow
from siyu.kernel.errors import BadInput, NotFound, Overtaken
from siyu.segments.predicates import FAMILIES


@pytest.fixture
def walked(cascade: Any) -> Any:
    """Four buyers: two stand before the call, one became a friend, one cancelled."""
    cascade.tell(*(cascade.order(number) for number in (1, 2, 3, 4)))
    cascade.sweep()
    cascade.rule()
    cascade.tell(cascade.friend(3), cascade.cancelled(4))
    cascade.sweep()
    return cascade


def _graph(house: Any, version: int | None = None, days: int = 7) -> flow.Graph:
    return house.query(flow.graph, FAMILIES, "cascade", version, days, house.now)


def _people(house: Any, node: str, show: Any, after: Any = None, limit: int = 50) -> Any:
    asked = flow.Asked("cascade", node, None, show, 7)
    return house.query(flow.people, asked, after, limit, house.now)


def test_a_list_shows_who_came_who_is_there_and_how_it_ended(walked: Any) -> None:
    listed = walked.query(views.listing)
    (live,) = walked.query(figures.figures, listed, walked.now, walked.context.zone)

    assert (listed[0].title.zh, listed[0].waiting) == ("加好友四步", None)
    assert (live.under_way, live.ended, live.parked) == (2, 2, 0)
    assert (live.entered_today, live.entered_week, live.paused) == (4, 4, False)
    assert live.outcomes == [("friend", False, 1), ("order_gone", False, 1)]

    walked.clock.advance(days=1)
    (next_day,) = walked.query(figures.figures, listed, walked.now, walked.context.zone)
    assert (next_day.entered_today, next_day.entered_week) == (0, 4)


def test_a_drawing_says_where_everybody_is_and_which_way_they_came(walked: Any) -> None:
    graph = _graph(walked)

    assert graph.places["five-minutes"].now == 2
    assert (graph.places["sms"].passed, graph.places["sms"].now) == (4, 0)
    assert graph.places["five-minutes"].ended == 2
    assert graph.weights["sms", "five-minutes"] == 4
    assert ("five-minutes", "call") not in graph.weights
    assert (len(graph.cohort.visits), graph.cohort.more) == (4, False)
    walked.sweep(minutes=6)
    assert _graph(walked).weights["five-minutes", "call"] == 2


def test_who_came_in_too_long_ago_is_there_but_in_no_cohort(walked: Any) -> None:
    walked.clock.advance(days=8)
    graph = _graph(walked)

    assert graph.places["five-minutes"].now == 2
    assert (graph.cohort.visits, graph.places["sms"].passed) == ([], 0)


@pytest.mark.parametrize("show", ["passed", "sent", "withheld", "ended", "now"])
def test_whoever_a_figure_counts_is_in_its_list(walked: Any, show: Any) -> None:
    some = "update touch set state = 'withheld', reason = 'no_consent' where id % 2 = 0"
    walked.rows(f"{some} returning id")
    graph = _graph(walked)
    for step in graph.drawing.steps:
        people, end = _people(walked, step.id, show)
        assert len(people) == getattr(graph.places[step.id], show)
        assert end is None
        assert all(one.reason == "no_consent" for one in people if show == "withheld")


def test_pages_of_people_miss_nobody_and_show_nobody_twice(walked: Any) -> None:
    for show, node, many in (("now", "five-minutes", 2), ("passed", "sms", 4)):
        seen: list[int] = []
        end = None
        while True:
            people, end = _people(walked, node, show, end, 1)
            seen += [one.visit.visit_id for one in people]
            if end is None:
                break
        assert len(seen) == len(set(seen)) == many


def test_a_person_shows_why_and_until_when(walked: Any) -> None:
    (one, _), _ = _people(walked, "five-minutes", "now")

    assert one.visit.due_at == walked.now + timedelta(minutes=5)
    assert "friend.added" in one.visit.waiting_for
    assert [(step.step, step.code) for step in one.told.passed] == [
        ("promise", "promised"),
        ("sms", "wished"),
    ]


def test_a_step_that_is_not_there_is_not_found(walked: Any) -> None:
    with pytest.raises(NotFound, match="no step 'smss'"):
        _people(walked, "smss", "now")


def test_parked_visits_are_listed_with_what_is_wrong(walked: Any) -> None:
    one = "(select min(id) from visit where state = 0)"
    broken = "update visit set state = 2, error = 'boom', due_at = null"
    walked.rows(f"{broken} where id = {one} returning id")

    (one,) = walked.query(flow.parked, "cascade", 0, 10)
    assert (one.visit.error, _graph(walked).places["five-minutes"].parked) == ("boom", 1)
    assert [p.visit.visit_id for p in _people(walked, "five-minutes", "parked")[0]] == [
        one.visit.visit_id
    ]


def test_older_versions_are_counted_beside_and_drawn_by_themselves(walked: Any) -> None:
    walked.publish(walked.cascade.replace("wait: 5m", "wait: 10m"))
    walked.tell(walked.order(9))
    walked.sweep()

    new, old = _graph(walked), _graph(walked, 1)
    place = new.places["five-minutes"]
    assert (new.version, place.now, place.elsewhere, place.passed) == (2, 1, 2, 0)
    assert (len(new.cohort.visits), len(old.cohort.visits)) == (1, 4)
    assert old.places["five-minutes"].now == 2


def test_a_draft_says_how_many_have_not_come_past_each_change(walked: Any) -> None:
    def changed(old: str, new: str) -> list[tuple[str, int]]:
        text = walked.cascade.replace(old, new)
        found = walked.query(draft.draft, FAMILIES, "cascade", text)
        return [(str(one.change), one.before) for one in found.changes]

    assert changed("wait: 5m", "wait: 10m") == [("step five-minutes: wait: 5m → 10m", 2)]
    assert changed("material: invite-sms", "material: x") == [
        ("step sms: send.material: invite-sms → x", 0)
    ]
    assert changed("holdout: 0\n", "holdout: 0.1\n") == [("holdout: 0 → 0.1", 2)]
    assert changed("# nothing", "# else") == []


def test_a_text_that_was_begun_on_an_older_version_is_not_published(cascade: Any) -> None:
    def publish(text: str, base: int) -> Any:
        with cascade.db.transaction() as conn:
            asked = Asked("ana", base=base)
            return actions.publish(conn, text, None, FAMILIES, "t", cascade.now, asked)

    first = cascade.cascade.replace("wait: 5m", "wait: 10m")
    assert publish(first, 1).version == 2
    assert publish(first, 1).new is False  # the same click again
    with pytest.raises(Overtaken, match="Version 2 of 'cascade' was stored after"):
        publish(cascade.cascade.replace("wait: 5m", "wait: 15m"), 1)
    with pytest.raises(Overtaken, match="has no version 7"):
        publish(cascade.cascade.replace("wait: 5m", "wait: 15m"), 7)
    assert cascade.query(views.current, "cascade").version == 2


def test_a_version_that_can_not_be_read_is_said_to_be(cascade: Any) -> None:
    cascade.rows("update journey_version set text = 'journey: cascade' returning version")
    with pytest.raises(BadInput, match="can't be read"):
        _graph(cascade)


def test_what_a_look_costs_does_not_depend_on_how_many_walk(cascade: Any) -> None:
    """As many statements for four as for forty: no query in a loop over people."""

    def statements(first: int, many: int) -> int:
        cascade.tell(*(cascade.order(number) for number in range(first, first + many)))
        cascade.sweep()
        return _count(cascade)

    assert statements(10, 4) == statements(100, 40)


class _Counting:
    def __init__(self, conn: Any) -> None:
        self.conn, self.many = conn, 0

    def fetch(self, *words: Any) -> Any:
        self.many += 1
        return self.conn.fetch(*words)


def _count(house: Any) -> int:
    with house.db.transaction() as conn:
        counting: Any = _Counting(conn)
        flow.graph(counting, FAMILIES, "cascade", None, 7, house.now)
        asked = flow.Asked("cascade", "five-minutes", None, "now", 7)
        flow.people(counting, asked, None, 50, house.now)
        return counting.many
