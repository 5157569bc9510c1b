"""Posts that no carrier can send: whose work they are, until when, and how that work ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.connectors.wecom.installed import House
from tests.connectors.wecom.posted import EIGHT, due, posts, two_groups

from siyu.budget import actions as budget
from siyu.budget.model import Pace
from siyu.events.actions import accept
from siyu.groups import sweep
from siyu.outbox.channel import InDoubt
from siyu.staff import views as people
from siyu.staff.actions import set_member
from siyu.staff.model import Member


@pytest.fixture
def groups(house: House) -> House:
    """Two groups of lisi's in which WeCom lets her say nothing."""
    two_groups(house)
    house.fake.members["lisi"].follows = False
    return house


def known(house: House, *found: Member) -> None:
    with house.app.db.transaction() as conn:
        for one in found:
            set_member(conn, one, "an", house.now)


def lisi(house: House) -> Member:
    with house.app.db.transaction() as conn:
        return next(one for one in people.members(conn) if one.code == "lisi")


def whose(house: House) -> list[tuple[str, int]]:
    found = house.asked("groups/posts?state=by_hand")["posts"]
    return sorted((one["staff"], one["groups"]) for one in found)


def test_the_groups_owner_has_the_text_its_groups_and_until_when(groups: House) -> None:
    groups.go(**EIGHT)

    (one,) = groups.asked("groups/posts?state=by_hand")["posts"]
    assert (one["staff"], one["text"]) == ("lisi", "花间晚安")
    assert sorted(one["titles"]) == ["妈妈群 1", "妈妈群 2"]
    until, at = (datetime.fromisoformat(one[name]) for name in ("until", "at"))
    assert timedelta(hours=24) <= until - at <= timedelta(hours=25)

    done = groups.asked(f"groups/posts/{one['id']}/done", {"by": "lisi"})
    assert (done["state"], done["until"]) == ("sent", None)
    assert groups.asked("groups/posts?state=by_hand")["posts"] == []


def test_it_takes_no_press_and_no_room_of_the_day(groups: House) -> None:
    """They are no tasks by the rules of tasks: those are about a customer."""
    with groups.app.db.transaction() as conn:
        budget.set_pace(conn, Pace(0, 1, 0))
    groups.go(**EIGHT)

    assert whose(groups) == [("lisi", 2)]
    assert [one["used"] for one in groups.asked("presses/budget")["guides"]] == [0]
    assert groups.rows("select count(*) from task") == [(0,)]


def test_what_nobody_did_in_its_time_is_given_up_and_says_so(groups: House) -> None:
    groups.go(**EIGHT)
    groups.go(hours=24, minutes=10)

    found = groups.asked("groups/posts?back=30")["posts"]
    assert [(one["state"], one["until"] is None) for one in found] == [
        ("by_hand", False),  # the next day's
        ("failed", True),
    ]
    assert found[1]["reason"] == "nobody said that it was done"
    again = groups.asked(f"groups/posts/{found[1]['id']}/done", {"by": "lisi"}, 409)
    assert "nothing to do by hand" in again["detail"]


@pytest.mark.parametrize("what", ["pause", "drop"])
def test_a_plan_that_is_paused_or_given_up_asks_nobody_any_more(groups: House, what: str) -> None:
    groups.go(**EIGHT)
    assert whose(groups) == [("lisi", 2)]

    groups.asked(f"groups/plans/{what}", {"code": "mums", "by": "an"})
    assert whose(groups) == []
    assert posts(groups) == [("withheld", "the plan was paused", 0, 2)]
    if what == "pause":  # what its calendar said before is not said afterwards
        groups.asked("groups/plans/resume", {"code": "mums", "by": "an"})
    groups.go(minutes=20)
    assert whose(groups) == []


def test_what_wecom_could_not_send_for_a_plan_that_is_paused_is_nobodys_work(house: House) -> None:
    """It was handed over before; the carrier says afterwards that it can't be sent."""
    two_groups(house)
    house.go(**EIGHT)
    house.asked("groups/plans/pause", {"code": "mums", "by": "an"})
    assert posts(house)[0][0] == "awaiting_staff"  # what WeCom has is WeCom's
    one = house.asked("groups/posts")["posts"][0]["id"]

    failed = {"touch": one, "reason": "frequency"}
    fact = {"source": "wecom", "id": "f1", "kind": "touch.failed", "data": failed}
    fact |= {"occurred_at": house.now.isoformat()}
    with house.app.db.transaction() as conn:
        (answer,) = accept(conn, house.app.keys, "CN", [fact], house.now)
        assert answer.status == "accepted", answer
    house.go(minutes=1)

    assert house.rows("select state, reason from group_post where reason <> ''") == [
        ("withheld", "plan_paused")
    ]


def test_what_the_carrier_may_have_is_looked_for_by_nobody_once_its_plan_is_paused(
    house: House,
) -> None:
    two_groups(house)
    due(house)

    class Silent:
        def send(self, messages: Any) -> Any:
            raise InDoubt(f"{len(messages)} lost")

        reconcile = send

    silent: Any = {"group_message": Silent()}
    sweep.send(house.app.db, silent, house.app.context, house.now)
    clock: Any = house.app.clock
    clock.set(house.now + timedelta(hours=2, minutes=1))
    sweep.look(house.app.db, silent, {}, house.app.context, house.now)
    ((state, reason, *_),) = posts(house)
    assert (state, "may have said it" in reason) == ("by_hand", True)

    house.asked("groups/plans/pause", {"code": "mums", "by": "an"})
    ((state, reason, *_),) = posts(house)
    assert (state, "may have said it" in reason) == ("failed", True)
    assert house.asked("presses/budget")["guides"][0]["used"] == 1  # it may have been pressed


def test_a_group_that_is_anothers_by_now_takes_what_is_by_hand_with_it(groups: House) -> None:
    groups.fake.hires("wang", "王")
    known(groups, replace(lisi(groups), code="wang", name="王"))
    groups.go(**EIGHT)
    assert whose(groups) == [("lisi", 2)]

    known(groups, replace(lisi(groups), active=False))
    first = next(one for one in groups.fake.groups.values() if one.title == "妈妈群 1")
    groups.fake.hands_group(first.chat_id, "wang")
    groups.go(minutes=30)

    assert ("wang", 1) in whose(groups)
    said = groups.rows(
        "select actor, object, reason from audit where action = 'group.post.reassign'"
    )
    assert ("siyu", "mums", "lisi to wang") in said


def test_what_a_leaver_had_by_hand_goes_to_who_leads_the_store(groups: House) -> None:
    home = lisi(groups)
    known(groups, Member("lead", "店长", "operator"))
    groups.go(**EIGHT)
    known(groups, replace(home, active=False))
    groups.go(minutes=21)

    assert whose(groups) == [("lead", 2)]
    (one,) = groups.asked("groups/posts?state=by_hand")["posts"]
    groups.asked(f"groups/posts/{one['id']}/done", {"by": "lead"})
    assert [(state, sent) for state, _, sent, _ in posts(groups)] == [("sent", 2)]
