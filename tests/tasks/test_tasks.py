"""People as a channel: one task per touch, spread evenly, taken back in time, paid by minutes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest

from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.identities import views as identities
from siyu.kernel.errors import NotFound, Refused
from siyu.outbox.model import Asked, Found, Stopped
from siyu.staff import actions as staff
from siyu.staff.model import Member, Store
from siyu.tasks import actions, sweep, views
from siyu.tasks.model import Rules, assigned

Desk = Any
HOUR = timedelta(hours=1)


def asked(*tokens: str) -> list[Asked]:
    return [Asked(token, "voice_human") for token in tokens]


def _escalate(desk: Desk) -> int:
    with desk.db.transaction() as conn:
        return sweep.escalate(conn, desk.clock.now())


def test_what_is_handed_over_twice_is_one_task(desk: Desk) -> None:
    (touch,) = desk.touches()

    assert desk.send([touch]) == desk.send([touch]) == ["awaiting_staff"]

    (task,) = desk.tasks()
    assert (task.touch_id, task.kind, task.customer_id, task.identity_id, task.order_no) == (
        touch, "call", 1, 71, "T1",
    )  # fmt: skip
    assert task.script == "{name}，您好"


def test_a_friend_request_is_a_kind_of_its_own(desk: Desk) -> None:
    (touch,) = desk.touches(channel="wecom_request")

    desk.send([touch])

    assert desk.task(touch).kind == "friend_request"


def test_work_is_spread_over_the_guides_and_nobody_else(desk: Desk) -> None:
    desk.send(desk.touches(200))

    load = Counter(task.staff for task in desk.tasks())
    assert set(load) == {"guide-1", "guide-2"}
    assert min(load.values()) > 70


def test_a_named_guide_gets_the_task(desk: Desk) -> None:
    (touch,) = desk.touches()

    desk.send([touch], staff="guide-2")

    assert desk.task(touch).staff == "guide-2"


def test_the_same_guide_is_chosen_at_every_attempt() -> None:
    assert assigned("tch_1", ["b", "a"]) == assigned("tch_1", ["a", "b"])


def test_without_guides_it_is_tried_again_later(db: Pool, clock: Any, desk: Desk) -> None:
    with db.transaction() as conn:
        conn.execute("update staff_member set active = false")
    (touch,) = desk.touches()

    assert desk.send([touch]) == ["retry"]
    assert desk.tasks() == []


def test_a_task_ends_with_what_it_promises(desk: Desk) -> None:
    soon = desk.clock.now() + timedelta(minutes=30)
    (bound,), (free,) = desk.touches(valid=soon), desk.touches()

    desk.send([bound, free])

    assert desk.task(bound).due_at == soon
    assert desk.task(free).due_at == desk.clock.now() + timedelta(days=1)
    with desk.db.transaction() as conn:
        assert [task.touch_id for task in views.page(conn)] == [bound, free]
        mine = views.page(conn, staff=desk.task(bound).staff)
        assert bound in [task.touch_id for task in mine]


def test_what_nobody_has_done_can_be_taken_back(desk: Desk) -> None:
    first, second = desk.touches(2)
    desk.send([first, second])
    desk.tell(desk.report(second, "refused"))

    stopped = desk.channel.cancel(asked(desk.token(first), desk.token(second), "nonsense"))

    assert stopped == [Stopped(desk.token(first))]
    assert (desk.task(first).state, desk.task(second).state) == ("cancelled", "done")


def test_a_task_that_is_handed_over_again_is_about_the_phone_of_then(desk: Desk) -> None:
    (touch,) = desk.touches()
    desk.send([touch])
    desk.channel.cancel(asked(desk.token(touch)))
    with desk.db.transaction() as conn:
        conn.execute("update touch set identity_id = 99")

    desk.send([touch])

    task = desk.task(touch)
    assert (task.state, task.identity_id) == ("open", 99)


def test_a_task_that_is_handed_over_again_is_told_of_from_the_store_on(desk: Desk) -> None:
    """Its time is another one, and the store's operator can still do something about it."""
    now = desk.clock.now()
    with desk.db.transaction() as conn:
        staff.set_store(conn, Store("s1", "Xuhui"), "an", now)
        staff.set_member(conn, Member("guide-1", "Mei", "guide", "s1"), "an", now)
        staff.set_member(conn, Member("lead", "Li", "operator", "s1"), "an", now)
        actions.set_rules(conn, Rules(overdue_after=HOUR, head_office_after=HOUR), "an", now)
    (touch,) = desk.touches()
    desk.send([touch], staff="guide-1")
    desk.clock.set(desk.task(touch).due_at + HOUR)
    assert _escalate(desk) == 1
    desk.channel.cancel(asked(desk.token(touch)))
    desk.send([touch], staff="guide-1")
    assert (desk.task(touch).escalation, desk.task(touch).escalated_to) == (0, "")

    desk.clock.set(desk.task(touch).due_at + HOUR)
    assert _escalate(desk) == 1

    assert (desk.task(touch).escalation, desk.task(touch).escalated_to) == (1, "lead")
    with desk.db.transaction() as conn:
        told = conn.fetch("select source_id from event where kind = 'task.escalated'")
    assert len(told) == 2


def test_what_became_of_a_task_is_read_off_its_row(desk: Desk) -> None:
    first, second = desk.touches(2)
    desk.send([first])

    found = desk.channel.reconcile(asked(desk.token(first), desk.token(second)))

    assert found == [Found(desk.token(first), "accepted"), Found(desk.token(second), "absent")]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_several_reports_the_latest_stands_in_any_order(
    desk: Desk, order: tuple[int, ...]
) -> None:
    (touch,) = desk.touches()
    desk.send([touch])
    reports = [
        desk.report(touch, "no_answer", later=1),
        desk.report(touch, "agreed", later=2),
        desk.report(touch, "already_added", later=3),
    ]
    desk.clock.advance(minutes=5)

    for place in order:
        desk.tell(reports[place])

    task = desk.task(touch)
    assert (task.state, task.outcome, task.minutes) == ("done", "already_added", 3)
    assert desk.spent() == 3 * 80


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("last", ["agreed", "wrong_person"])
def test_whether_a_phone_is_a_strangers_is_what_the_last_report_says_in_any_order(
    desk: Desk, order: tuple[int, ...], last: str
) -> None:
    (touch,) = desk.touches()
    with desk.db.transaction() as conn:
        conn.execute(
            """insert into identity (id, kind, hash, customer_id, first_customer_id, how,
              created_at) overriding system value
            values (71, 'phone', 'x', 1, 1, 'order', %(now)s)""",
            {"now": desk.clock.now()},
        )
    desk.send([touch])
    reports = [
        desk.report(touch, "wrong_person", later=1),
        desk.report(touch, "no_answer", later=2),
        desk.report(touch, last, later=3),
    ]
    reports[2] = Incoming(**{**msgspec.structs.asdict(reports[2]), "id": "last"})
    desk.clock.advance(minutes=5)

    for place in order:
        desk.tell(reports[place])

    with desk.db.transaction() as conn:
        ((since,),) = conn.fetch("select wrong_since from identity where id = 71")
        usable = identities.reach(conn, [1], "phone")
    assert (since is not None) is (last == "wrong_person")
    assert bool(usable) is (last == "agreed")


def test_the_desk_reports_once(desk: Desk) -> None:
    (touch,) = desk.touches()
    desk.send([touch])
    now = desk.clock.now()
    with desk.db.transaction() as conn:
        actions.done(conn, desk.task(touch).id, "agreed", now, minutes=2, staff_code="guide-2")
    desk.apply()

    task = desk.task(touch)
    assert (task.state, task.outcome, task.staff, task.done_at) == (
        "done",
        "agreed",
        "guide-2",
        now,
    )
    with desk.db.transaction() as conn:
        with pytest.raises(Refused):
            actions.done(conn, task.id, "refused", now)
        with pytest.raises(NotFound):
            actions.done(conn, 10**9, "refused", now)


def test_a_call_that_is_reported_twice_stays_on_the_list(desk: Desk) -> None:
    """Whoever heard no answer asks again, with the time that they wrote down."""
    called = desk.clock.now()
    with desk.db.transaction() as conn:
        actions.set_rules(conn, Rules(3, HOUR), "an", called)
    (touch,) = desk.touches()
    desk.send([touch], staff="guide-1")
    with desk.db.transaction() as conn:
        actions.done(conn, desk.task(touch).id, "no_answer", called, occurred_at=called)
    assert desk.apply() == 0

    with pytest.raises(Refused, match="before"), desk.db.transaction() as conn:
        actions.done(conn, desk.task(touch).id, "no_answer", called, occurred_at=called)

    desk.clock.advance(hours=2)
    with desk.db.transaction() as conn:
        again = actions.take_next(conn, "guide-1", "", desk.clock.now(), desk.clock.real())
    assert again is not None
    assert again.tries == 1


def test_the_number_of_statements_does_not_depend_on_the_batch(desk: Desk) -> None:
    seen: dict[int, tuple[int, int]] = {}
    for many in (1, 200):
        touches = desk.touches(many)
        with desk.db.counting() as sending:
            desk.send(touches)
        reports = [desk.report(touch, "agreed") for touch in touches]
        with desk.db.counting() as telling:
            desk.tell(*reports)
        seen[many] = (len(sending), len(telling))

    assert seen[1] == seen[200]


def test_everything_about_one_order_goes_to_one_guide_whatever_the_tokens(desk: Desk) -> None:
    first = desk.touches(20)
    desk.send(first)
    chosen = {task.order_no: task.staff for task in desk.tasks()}

    assert chosen == {
        order_no: assigned(f"s/{order_no}", ["guide-1", "guide-2"]) for order_no in chosen
    }
    assert len(chosen) == 20
