"""Posts that no carrier can send: whose work they are, until when, and how that work ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from tests.connectors.wecom.installed import House
from tests.connectors.wecom.posted import EIGHT, PLAN, due, plan, posts, two_groups

from siyu.budget import actions as budget
from siyu.budget.model import Pace
from siyu.connectors.ways import WayIn
from siyu.events.actions import accept
from siyu.groups import sweep
from siyu.groups.actions import set_plans
from siyu.groups.model import NO_ANSWER
from siyu.kernel.sql import load
from siyu.outbox.channel import InDoubt
from siyu.staff import views as people
from siyu.staff.actions import set_member
from siyu.staff.model import Member
from siyu.worker.groups import chats


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


def two_have_it(house: House, *, through: str = "group_message") -> Member:
    """The calendar asks lisi and wang for the very same by hand: zhao, who owns the groups, is none
    of ours, and neither lisi nor wang can publish a Moment. Who lisi was."""
    for one in ("wang", "zhao"):
        house.fake.hires(one, one)
        house.fake.members[one].follows = False
    home = lisi(house)
    known(house, replace(home, code="wang", name="王"), Member("lead", "店长", "operator"))
    for one in house.fake.groups.values():
        house.fake.hands_group(one.chat_id, "zhao")
    house.go(minutes=1)
    entry = PLAN.splitlines(keepends=True)[-1].replace("owner:", f"through: {through}, owner:")
    plan(
        house,
        PLAN.replace(PLAN.splitlines(keepends=True)[-1], entry + entry.replace("lisi", "wang")),
    )
    house.go(hours=7, minutes=59)
    groups = 0 if through == "moments" else 2
    assert whose(house) == [("lisi", groups), ("wang", groups)]
    return home


SAME = "whoever would do it by hand now has the very same post already"


@pytest.mark.parametrize(("through", "each"), [("group_message", 2), ("moments", 1)])
def test_the_same_of_two_who_leave_together_comes_to_their_heir_once(
    groups: House, through: str, each: int
) -> None:
    home = two_have_it(groups, through=through)
    known(groups, replace(home, active=False), replace(home, code="wang", active=False))
    groups.go(minutes=21)

    found = groups.rows(
        "select staff, state, reason, due_at is null, ended_at is null from group_post"
    )
    assert sorted((one[:2], one[3:]) for one in found) == sorted(
        [(("lead", "by_hand"), (False, True)), (("wang", "withheld"), (True, False))] * each
    )
    assert {one[2] for one in found if one[1] == "withheld"} == {"same_post"}
    assert SAME in {reason for _, reason, _, _ in posts(groups)}
    moved = groups.rows("select reason from audit where action = 'group.post.reassign'")
    assert moved == [("lisi to lead",)] * each


def test_who_has_the_same_already_when_the_group_is_theirs_keeps_that_one(groups: House) -> None:
    """Also where it was to be looked for first: nobody knows whether the other one was said."""
    two_have_it(groups)
    first, second = sorted(one.chat_id for one in groups.fake.groups.values())[:2]
    with groups.app.db.transaction() as conn:
        doubt = "update group_post set reason = %(no)s where chat = %(chat)s and staff = 'lisi'"
        conn.execute(doubt, {"no": NO_ANSWER, "chat": second})
    for one in (first, second):
        groups.fake.hands_group(one, "wang")
    groups.go(minutes=21)

    assert whose(groups) == [("wang", 2)]
    assert groups.rows(
        "select chat, state, reason from group_post where staff = 'lisi' order by chat"
    ) == [(first, "withheld", "same_post"), (second, "failed", NO_ANSWER)]


def test_what_can_not_be_handed_over_does_not_keep_codes_from_being_led_on(groups: House) -> None:
    home = two_have_it(groups)
    way = WayIn("group", "mums", "妈妈群", groups=(groups_of(groups)[2],))
    groups.app.connections.make_way(way)
    with groups.app.db.transaction() as conn:
        set_plans(conn, PLAN + "way: mums\n", chats(groups.app), "an", groups.now)
        conn.execute("alter table group_post add check (staff <> 'lead')")
    known(groups, replace(home, active=False))
    with pytest.raises(psycopg.errors.CheckViolation):  # a worker says so, and goes on
        groups.go(minutes=21)

    assert ("lisi", 2) in whose(groups)
    assert groups.rows("select object from audit where action = 'group.way.lead'") == [("mums",)]


def groups_of(house: House) -> list[str]:
    return [one.chat_id for one in sorted(house.fake.groups.values(), key=lambda one: one.title)]


def test_what_is_by_hand_is_found_beside_any_number_of_posts_of_before(groups: House) -> None:
    groups.go(**EIGHT)
    with groups.app.db.transaction() as conn:
        conn.execute(
            "insert into group_post (purpose, at, material, through, chat, staff, text, state) "
            "select 'mums', %(now)s - n * interval '1 hour', 'evening', 'moments', '', 'lisi', '', "
            "'sent' from generate_series(1, 5000) n",
            {"now": groups.now},
        )
        conn.execute("analyze group_post")
        asked = str(load("siyu.groups").open_by_hand)
        read = "\n".join(row for (row,) in conn.fetch(f"explain {asked}"))
    assert "group_post_due" in read
