"""A split by hand, and the people who call: tasks, what they cost, and what they learn."""

from __future__ import annotations

from typing import Any

import pytest
from tests.journeys.conftest import IDS

from siyu.events import actions as telling
from siyu.events.model import TaskTried
from siyu.identities import actions

House = Any


def test_a_task_and_its_cost_go_with_their_touch(cascade: House) -> None:
    cascade.member_buys()
    touch = cascade.touch("sms")
    cascade.rows(
        "insert into task (touch_id, kind, customer_id, staff, script, shop, order_no, state,"
        f" created_at, due_at) values ({touch.id}, 'call', 1, 'guide-1', '', 's', 'T1', 'open',"
        " '2026-11-20', '2026-11-20') returning id"
    )
    tried = TaskTried(touch=IDS.encode("tch", touch.id), again_at=cascade.now, minutes=3)
    cascade.query(telling.own, [telling.Own(tried, "try", cascade.now)], cascade.now)
    cascade.tell(cascade.done(touch, "no_answer"))
    (member,) = cascade.rows("select id from identity where kind = 'member'")[0]

    cascade.clock.advance(seconds=1)
    cascade.query(actions.split, IDS, 1, [member], "ann", "", cascade.now)
    cascade.apply()

    assert cascade.rows("select customer_id, minutes from task") == [(2, 2)]
    costs = cascade.rows("select cause, customer_id from ledger_entry order by 1")
    assert costs == [("task", 2), ("task_try", 2)]


def _called(house: House) -> tuple[Any, int]:
    """A call to the phone of customer 1, for a visit that came by its member's key, and that key;
    nothing is told of it yet."""
    house.member_buys()
    touch = house.touch("sms")
    phone, member = (
        house.rows(f"select id from identity where kind = '{kind}'")[0][0]
        for kind in ("phone", "member")
    )
    house.rows(f"update touch set identity_id = {phone} where id = {touch.id} returning id")
    house.rows(
        "insert into task (touch_id, kind, customer_id, identity_id, staff, script, shop, order_no,"
        f" state, created_at, due_at) values ({touch.id}, 'call', 1, {phone}, 'guide-1', '', 's',"
        " 'T1', 'open', '2026-11-20', '2026-11-20') returning id"
    )
    return touch, member


def test_a_phone_that_goes_takes_no_calls_along(cascade: House) -> None:
    """They were made for the visit, which stays."""
    touch, _ = _called(cascade)
    tried = TaskTried(touch=IDS.encode("tch", touch.id), again_at=cascade.now, minutes=3)
    cascade.query(telling.own, [telling.Own(tried, "try", cascade.now)], cascade.now)
    cascade.tell(cascade.done(touch, "no_answer"))
    (phone,) = cascade.rows("select id from identity where kind = 'phone'")[0]

    cascade.clock.advance(seconds=1)
    cascade.query(actions.split, IDS, 1, [phone], "ann", "", cascade.now)
    cascade.apply()

    assert cascade.rows(f"select customer_id from identity where id = {phone}") == [(2,)]
    assert cascade.rows("select customer_id from task") == [(1,)]
    costs = cascade.rows("select cause, customer_id from ledger_entry order by 1")
    assert costs == [("task", 1), ("task_try", 1)]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    ("outcome", "table"), [("already_added", "match_claim"), ("do_not_call", "suppression")]
)
def test_what_was_said_on_a_phone_is_of_whom_it_belongs_to_however_late_it_is_heard(
    cascade: House, outcome: str, table: str, *, late: bool
) -> None:
    touch, member = _called(cascade)
    if not late:
        cascade.tell(cascade.done(touch, outcome))

    cascade.clock.advance(seconds=1)
    cascade.query(actions.split, IDS, 1, [member], "ann", "", cascade.now)
    cascade.apply()
    if late:
        cascade.tell(cascade.done(touch, outcome))

    assert cascade.rows("select customer_id from task") == [(2,)]
    assert cascade.rows(f"select customer_id from {table}") == [(1,)]


@pytest.mark.parametrize("late", [False, True])
def test_a_strangers_phone_is_one_only_to_whom_the_call_was_for(
    cascade: House, *, late: bool
) -> None:
    """The call was for the member; who has the phone after the split is no stranger there."""
    touch, member = _called(cascade)
    wrong = "select id from identity where wrong_since is not null"
    if not late:
        cascade.tell(cascade.done(touch, "wrong_person"))
        assert len(cascade.rows(wrong)) == 1

    cascade.clock.advance(seconds=1)
    cascade.query(actions.split, IDS, 1, [member], "ann", "", cascade.now)
    cascade.apply()
    if late:
        cascade.tell(cascade.done(touch, "wrong_person"))
    assert cascade.rows(wrong) == []
    cascade.clock.advance(seconds=1)
    cascade.query(actions.merge, IDS, 1, 2, "ann", "one voice", cascade.now)
    cascade.apply()

    assert len(cascade.rows(wrong)) == 1
