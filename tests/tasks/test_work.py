"""A team at work: capacities, what is next, later, somebody else's, called again, told upwards."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from siyu.kernel.errors import BadInput, NotFound, Refused
from siyu.kernel.sql import Conn
from siyu.staff import actions as staff
from siyu.staff import views as people
from siyu.staff.model import Member, Off, Store
from siyu.tasks import actions, sweep, views
from siyu.tasks.actions import team
from siyu.tasks.actions.team import Wish
from siyu.tasks.model import LATER, Rules, Task

Desk = Any
HOUR = timedelta(hours=1)


def _capacity(desk: Desk, **most: int) -> None:
    with desk.db.transaction() as conn:
        for code, count in most.items():
            name = code.replace("_", "-")
            staff.set_capacity(conn, name, "call", count, "an", desk.clock.now())


def _next(desk: Desk, code: str, by: str = "") -> Task | None:
    with desk.db.transaction() as conn:
        return actions.take_next(conn, code, by, desk.clock.now(), desk.clock.real())


def _load(desk: Desk) -> Counter[str]:
    return Counter(task.staff for task in desk.tasks() if task.state == "open")


def _sweep(desk: Desk) -> int:
    with desk.db.transaction() as conn:
        now = desk.clock.now()
        return sweep.leaves(conn, now, desk.clock.real()) + sweep.escalate(conn, now)


def _give(conn: Conn, desk: Desk, touch: int, to: str, why: str = "") -> str:
    now, real = desk.clock.now(), desk.clock.real()
    return team.reassign(conn, desk.task(touch).id, Wish(to, "an", why), now, real)


def test_nobody_gets_more_than_a_day_holds_and_the_rest_waits_with_a_reason(desk: Desk) -> None:
    _capacity(desk, guide_1=3, guide_2=2)
    results = desk.channel.send([desk.message(touch) for touch in desk.touches(8)])

    assert Counter(result.status for result in results) == {"awaiting_staff": 5, "retry": 3}
    waiting = {(r.reason, r.again) for r in results if r.status == "retry"}
    assert waiting == {("nobody_has_room", desk.clock.now() + LATER)}
    assert _load(desk) == {"guide-1": 3, "guide-2": 2}


def test_what_was_done_today_counts_and_a_new_day_makes_room(desk: Desk) -> None:
    _capacity(desk, guide_1=1, guide_2=0)
    first, second = desk.touches(2)
    desk.send([first])
    desk.tell(desk.report(first, "agreed"))

    assert desk.send([second]) == ["retry"]
    desk.clock.advance(hours=12)  # midnight in Shanghai
    assert desk.send([second]) == ["awaiting_staff"]


def test_a_task_that_exists_is_answered_for_though_everybody_is_full(desk: Desk) -> None:
    _capacity(desk, guide_1=1, guide_2=0)
    (touch,) = desk.touches()

    assert desk.send([touch]) == desk.send([touch]) == ["awaiting_staff"]


def test_capacities_hold_however_many_assign_at_once(desk: Desk) -> None:
    _capacity(desk, guide_1=5, guide_2=4)
    touches = desk.touches(40)
    with ThreadPoolExecutor(8) as threads:
        parts = [touches[start::8] for start in range(8)]
        results = [one for part in threads.map(desk.send, parts) for one in part]

    assert results.count("awaiting_staff") == 9
    assert _load(desk) == {"guide-1": 5, "guide-2": 4}


def test_nobody_at_work_is_waited_for(desk: Desk) -> None:
    with desk.db.transaction() as conn:
        staff.set_week(conn, "*", {5: "12:10-18:00"}, "an", desk.clock.now())
    (touch,) = desk.touches()

    (result,) = desk.channel.send([desk.message(touch)])

    assert (result.status, result.reason) == ("retry", "nobody_at_work")
    assert result.again == desk.clock.now() + timedelta(minutes=10)
    desk.clock.advance(minutes=10)
    assert desk.send([touch]) == ["awaiting_staff"]


def test_the_customers_own_guide_and_who_had_the_order_come_first(desk: Desk) -> None:
    touches = desk.touches(12)
    friendship = """insert into friendship (identity_id, customer_id, staff, carrier, state,
      added_at, changed_at, changed_source, changed_source_id)
      select 1000 + n, n, 'guide-2', 'wecom', 'live', %(now)s, %(now)s, 's', 'i'
      from generate_series(1, 12) n"""
    with desk.db.transaction() as conn:
        conn.execute(friendship, {"now": desk.clock.now()})
    desk.send(touches)
    assert _load(desk) == {"guide-2": 12}

    with desk.db.transaction() as conn:
        conn.execute("update friendship set state = 'deleted_by_customer'")
        conn.execute("update touch set order_no = 'T1'")
    desk.send(desk.touches(1))
    with desk.db.transaction() as conn:
        conn.execute("update touch set order_no = 'T1'")
    later = desk.touches(1)
    with desk.db.transaction() as conn:
        conn.execute("update touch set order_no = 'T1'")
    desk.send(later)
    assert desk.task(later[0]).staff == "guide-2"


def test_two_at_one_desk_never_get_the_same_and_each_keeps_theirs(desk: Desk) -> None:
    touches = desk.touches(20)
    desk.send(touches, staff="guide-1")
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda n: _next(desk, "guide-1", f"p{n}"), range(8)))

    ids = {task.id for task in taken if task is not None}
    assert len(ids) == 8
    mine = _next(desk, "guide-1", "p3")
    assert mine is not None
    assert mine.id == next(task.id for task in taken if task and task.held_by == "p3")
    assert _next(desk, "guide-2") is None


def test_what_nobody_holds_any_more_is_next_again_and_the_most_urgent_first(desk: Desk) -> None:
    soon = desk.clock.now() + HOUR
    (late,), (urgent,) = desk.touches(), desk.touches(valid=soon)
    desk.send([late, urgent], staff="guide-1")

    first, second = _next(desk, "guide-1", "a"), _next(desk, "guide-1", "b")
    assert first is not None
    assert second is not None
    assert [first.touch_id, second.touch_id] == [urgent, late]
    assert _next(desk, "guide-1", "c") is None
    desk.clock.advance(minutes=16)
    again = _next(desk, "guide-1", "c")
    assert again is not None
    assert again.touch_id == urgent


def test_what_is_for_later_comes_back_in_time_and_never_too_late(desk: Desk) -> None:
    now = desk.clock.now()
    (touch,) = desk.touches(valid=now + 3 * HOUR)
    desk.send([touch], staff="guide-1")
    task = desk.task(touch)
    with desk.db.transaction() as conn:
        actions.snooze(conn, task.id, now + HOUR, now)
        for wrong in (now, now + 3 * HOUR, datetime(2026, 11, 20, 13)):  # noqa: DTZ001 - refused
            with pytest.raises(BadInput, match=r"before that|offset"):
                actions.snooze(conn, task.id, wrong, now)

    assert _next(desk, "guide-1") is None
    desk.clock.advance(hours=1)
    assert _next(desk, "guide-1") is not None


def test_what_was_reported_is_off_the_list_before_it_is_applied(desk: Desk) -> None:
    (touch,) = desk.touches()
    desk.send([touch], staff="guide-1")
    now = desk.clock.now()
    with desk.db.transaction() as conn:
        task = desk.task(touch).id
        assert actions.done(conn, task, "agreed", now).state == "done"
        with pytest.raises(Refused, match="before"):
            actions.done(conn, task, "refused", now)
        with pytest.raises(Refused):
            actions.snooze(conn, task, now + HOUR, now)
        with pytest.raises(NotFound):
            actions.snooze(conn, 10**9, now + HOUR, now)

    assert _next(desk, "guide-1") is None


def test_a_task_is_given_to_somebody_else_by_hand(desk: Desk) -> None:
    _capacity(desk, guide_2=1)
    first, second = desk.touches(2)
    desk.send([first, second], staff="guide-1")

    def give(touch: int, to: str) -> str:
        with desk.db.transaction() as conn:
            return _give(conn, desk, touch, to, "ill")

    assert give(first, "guide-2") == "guide-2"
    with pytest.raises(Refused, match="room"):
        give(second, "guide-2")
    with pytest.raises(Refused, match="nobody has room"):
        give(second, "")
    with pytest.raises(BadInput, match="boss"):
        give(second, "boss")
    assert give(second, "guide-1") == "guide-1"
    _next(desk, "guide-1", "mei")
    _capacity(desk, guide_2=9)
    with pytest.raises(Refused, match="on the screen"):
        give(second, "guide-2")
    with desk.db.transaction() as conn:
        line = people.audited(conn)[1]
    assert (line.action, line.object) == ("task.reassign", "call s/T1")
    assert line.reason == "guide-1 to guide-2 ill"


def test_by_hand_it_may_go_to_who_begins_later_but_not_to_who_is_on_leave(desk: Desk) -> None:
    (touch,) = desk.touches()
    desk.send([touch], staff="guide-1")
    now = desk.clock.now()
    with desk.db.transaction() as conn:
        staff.set_week(conn, "guide-2", {1: "09:00-18:00"}, "an", now)
        assert _give(conn, desk, touch, "guide-2")
        staff.go_off(conn, "guide-1", Off(now, None), "", "an", now)
        with pytest.raises(Refused, match="at work"):
            _give(conn, desk, touch, "guide-1")


def test_a_leave_hands_open_tasks_over_and_what_is_on_a_screen_a_little_later(desk: Desk) -> None:
    desk.send(desk.touches(4), staff="guide-1")
    held = _next(desk, "guide-1", "mei")
    assert held is not None
    now, real = desk.clock.now(), desk.clock.real()
    with desk.db.transaction() as conn:
        handed = team.go_off(conn, "guide-1", Off(now, None), "ill", "an", now, real)

    assert handed == (3, 1)
    assert _load(desk) == {"guide-1": 1, "guide-2": 3}
    assert _sweep(desk) == 1  # claimed at once, still held; then every ten minutes
    assert _sweep(desk) == 0
    desk.clock.advance(minutes=20)
    assert _sweep(desk) == 1
    assert _load(desk) == {"guide-2": 4}
    desk.clock.advance(hours=1)
    assert _sweep(desk) == 0
    assert desk.send(desk.touches(1)) == ["awaiting_staff"]
    assert _load(desk) == {"guide-2": 5}


def test_a_leave_to_come_hands_over_when_it_begins_and_one_that_is_over_never(desk: Desk) -> None:
    desk.send(desk.touches(2), staff="guide-1")
    now, real = desk.clock.now(), desk.clock.real()
    with desk.db.transaction() as conn:
        later = Off(now + HOUR, now + 2 * HOUR)
        assert team.go_off(conn, "guide-1", later, "", "an", now, real) == (0, 0)
        team.go_off(conn, "guide-2", Off(now + 3 * HOUR, now + 4 * HOUR), "", "an", now, real)

    assert _sweep(desk) == 0
    desk.clock.advance(hours=1)
    assert _sweep(desk) == 1
    assert _load(desk) == {"guide-2": 2}
    desk.clock.advance(hours=4)
    assert _sweep(desk) == 0
    assert _load(desk) == {"guide-2": 2}


def test_a_call_that_nobody_answers_is_made_again_and_its_minutes_are_paid(desk: Desk) -> None:
    now = desk.clock.now()
    with desk.db.transaction() as conn:
        actions.set_rules(conn, Rules(2, 2 * HOUR), "an", now)
    (touch,) = desk.touches()
    desk.send([touch], staff="guide-1")

    with desk.db.transaction() as conn:
        told = actions.done(conn, desk.task(touch).id, "no_answer", now, minutes=1)
    assert told == ("open", "call_again", now + 2 * HOUR)
    assert _next(desk, "guide-1") is None
    assert desk.apply() == 0

    task = desk.task(touch)
    assert (task.state, task.tries, task.snoozed_until) == ("open", 1, now + 2 * HOUR)
    assert desk.spent() == 80
    desk.clock.advance(hours=2)
    assert _next(desk, "guide-1") is not None
    with desk.db.transaction() as conn:
        last = actions.done(conn, task.id, "no_answer", desk.clock.now(), minutes=2)
    assert desk.apply() == 0
    with desk.db.transaction() as conn:
        told = conn.fetch("select data from event where kind = 'task.tried'")
    assert len(told) == 1
    assert last.state == "done"
    assert (desk.task(touch).state, desk.task(touch).outcome) == ("done", "no_answer")
    assert desk.spent() == 3 * 80


def test_without_rules_and_for_a_request_no_answer_is_the_end(desk: Desk) -> None:
    now = desk.clock.now()
    (call,), (request,) = desk.touches(), desk.touches(channel="wecom_request")
    desk.send([call, request])
    with desk.db.transaction() as conn:
        assert actions.done(conn, desk.task(call).id, "no_answer", now).state == "done"
        actions.set_rules(conn, Rules(3), "an", now)
        assert actions.done(conn, desk.task(request).id, "no_answer", now).state == "done"


def test_what_is_overdue_is_told_to_the_store_then_to_head_office_each_once(desk: Desk) -> None:
    now = desk.clock.now()
    with desk.db.transaction() as conn:
        staff.set_store(conn, Store("s1", "Xuhui"), "an", now)
        staff.set_member(conn, Member("guide-1", "Mei", "guide", "s1"), "an", now)
        staff.set_member(conn, Member("lead", "Li", "operator", "s1"), "an", now)
        actions.set_rules(conn, Rules(overdue_after=HOUR, head_office_after=HOUR), "an", now)
    (touch,), (soon,) = desk.touches(valid=now + 2 * HOUR), desk.touches(valid=now + HOUR)
    desk.send([touch, soon], staff="guide-1")
    desk.tell(desk.report(soon, "agreed"))

    desk.clock.advance(hours=2.9)
    assert _sweep(desk) == 0
    desk.clock.advance(hours=0.1)
    assert (_sweep(desk), _sweep(desk)) == (1, 0)
    assert (desk.task(touch).escalation, desk.task(touch).escalated_to) == (1, "lead")
    desk.clock.advance(hours=1)
    assert (_sweep(desk), _sweep(desk)) == (1, 0)
    assert (desk.task(touch).escalation, desk.task(touch).escalated_to) == (2, "boss")
    desk.clock.advance(hours=9)
    assert _sweep(desk) == 0
    assert desk.apply() == 0

    with desk.db.transaction() as conn:
        told = [one for one in people.audited(conn) if one.action == "task.escalate"][::-1]
        kinds = conn.fetch("select source_id, data from event where kind = 'task.escalated'")
        late = views.page(conn, escalated_to="boss", due_before=desk.clock.now())
    assert [(one.actor, one.object) for one in told] == [("siyu", "call s/T1")] * 2
    assert [one.reason.partition(",")[0] for one in told] == ["guide-1 to lead", "guide-1 to boss"]
    assert len(kinds) == 2
    assert [task.touch_id for task in late] == [touch]


def test_new_rules_hold_for_what_is_open(desk: Desk) -> None:
    (touch,) = desk.touches()
    desk.send([touch], staff="guide-1")
    now = desk.clock.now()
    with desk.db.transaction() as conn:
        actions.set_rules(conn, Rules(overdue_after=HOUR), "an", now)
    desk.clock.advance(hours=25)
    assert _sweep(desk) == 1
    assert desk.task(touch).escalated_to == "boss"


def test_pages_follow_each_other_without_a_gap(desk: Desk) -> None:
    now = desk.clock.now()
    for hours in (3, 1, 2):
        desk.send(desk.touches(3, valid=now + hours * HOUR))
    with desk.db.transaction() as conn:
        whole = [task.id for task in views.page(conn)]
        paged: list[int] = []
        while found := views.page(conn, after=paged[-1] if paged else None, limit=4):
            paged += [task.id for task in found]
        mine = views.page(conn, staff="guide-1", kind="call")

    assert paged == whole
    assert len(whole) == 9
    assert {task.staff for task in mine} == {"guide-1"}


def test_how_everybody_stands_today(desk: Desk) -> None:
    now = desk.clock.now()
    first, second = desk.touches(2, valid=now + HOUR)
    desk.send([first, second], staff="guide-1")
    desk.tell(desk.report(first, "agreed"))
    with desk.db.transaction() as conn:
        staff.go_off(conn, "guide-2", Off(now, None), "", "an", now)
        found = views.desks(conn, now + 2 * HOUR)

    assert found == {
        "guide-1": views.Desk(True, 1, 1, {"call": 2}, done=1),
        "guide-2": views.Desk(False, 0, 0, {}),
    }  # fmt: skip
