"""Posts of groups that are stopped, or in doubt: what may have gone out never goes out twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.connectors.wecom.installed import House
from tests.connectors.wecom.posted import (
    MOMENTS,
    PLAN,
    Dies,
    due,
    in_doubt,
    plan,
    posts,
    two_groups,
)

from siyu.groups import sweep
from siyu.outbox.channel import InDoubt
from siyu.outbox.model import Result
from siyu.worker.posts import say


@pytest.fixture
def groups(house: House) -> House:
    return two_groups(house)


@pytest.mark.parametrize("after", [False, True])
def test_where_the_process_dies_while_it_hands_over_it_goes_out_once(
    groups: House, after: bool
) -> None:
    in_doubt(groups, after=after)

    say(groups.app, groups.now)  # whoever comes next leaves it alone …
    assert len(groups.fake.masses) == int(after)
    groups.go(minutes=21)  # … until the carrier is asked

    assert len(groups.fake.masses) == 1
    assert posts(groups) == [("awaiting_staff", "", 0, 2)]


@pytest.mark.parametrize("what", ["pause", "drop", "resume"])
@pytest.mark.parametrize("after", [False, True])
def test_a_post_in_doubt_does_not_go_out_once_its_plan_is_paused(
    groups: House, what: str, after: bool
) -> None:
    in_doubt(groups, after=after)

    code = {"code": "mums", "by": "an"}
    groups.asked("groups/plans/drop" if what == "drop" else "groups/plans/pause", code)
    if what == "resume":  # what its calendar said before is not said afterwards
        groups.asked("groups/plans/resume", code)
    groups.go(minutes=21)

    assert len(groups.fake.masses) == int(after)  # what the carrier had is the carrier's
    said = ("awaiting_staff", "", 0, 2) if after else ("withheld", "the plan was paused", 0, 2)
    assert posts(groups) == [said]
    assert groups.asked("presses/budget")["guides"][0]["used"] == int(after)


def test_what_the_carrier_puts_off_does_not_go_out_once_its_plan_is_paused(groups: House) -> None:
    """Paused while the carrier is asked, who says: not now."""
    due(groups)

    class Later(Dies):
        def send(self, messages: Any) -> Any:
            groups.asked("groups/plans/pause", {"code": "mums", "by": "an"})
            return [Result(one.token, "retry", reason="busy") for one in messages]

    later: Any = {"group_message": Later(groups.app.channels["group_message"], after=False)}
    sweep.send(groups.app.db, later, groups.app.context, groups.now)
    assert posts(groups) == [("withheld", "the plan was paused", 0, 2)]
    groups.go(minutes=21)
    assert not groups.fake.masses


def test_the_press_of_what_is_too_late_in_the_end_is_the_owners_again(groups: House) -> None:
    in_doubt(groups)
    assert groups.asked("presses/budget")["guides"][0]["used"] == 1
    clock: Any = groups.app.clock
    clock.set(groups.now + timedelta(hours=2, minutes=1))
    say(groups.app, groups.now)  # the carrier never had it …
    say(groups.app, groups.now)  # … and now nobody says it any more

    assert posts(groups) == [("withheld", "its time had passed", 0, 2)]
    assert groups.asked("presses/budget")["guides"][0]["used"] == 0


def test_an_answer_that_was_lost_is_looked_for_and_never_sent_again(groups: House) -> None:
    real = groups.app.channels["group_message"]

    class Lost(Dies):
        def send(self, messages: Any) -> Any:
            self._real.send(messages)
            raise InDoubt("lost")

    due(groups)
    lost: Any = {"group_message": Lost(real, after=True)}
    sweep.send(groups.app.db, lost, groups.app.context, groups.now)

    assert {one[0] for one in posts(groups)} == {"unknown"}
    groups.go(minutes=21)
    assert posts(groups) == [("awaiting_staff", "", 0, 2)]
    assert len(groups.fake.masses) == 1


def test_the_red_switch_holds_it_and_what_is_late_is_not_said(groups: House) -> None:
    assert groups.ask("POST", "/pause", json={"scope": "all", "by": "an"}).status_code == 200
    groups.go(hours=9)
    assert posts(groups) == [("owed", "", 0, 2)]
    assert not groups.fake.masses

    groups.go(hours=2)
    assert groups.ask("POST", "/resume", json={"scope": "all", "by": "an"}).status_code == 200
    groups.go(minutes=10)
    assert [(state, reason) for state, reason, _, _ in posts(groups)] == [
        ("withheld", "its time had passed")
    ]
    assert not groups.fake.masses


@pytest.mark.parametrize("through", ["group_message", "moments"])
def test_a_channel_of_posts_is_paused_by_its_name(groups: House, through: str) -> None:
    plan(groups, MOMENTS if through == "moments" else PLAN)
    paused = {"scope": f"channel:{through}", "by": "an"}
    other = {"scope": f"channel:{'moments' if through == 'group_message' else 'group_message'}"}
    assert groups.ask("POST", "/pause", json=paused).status_code == 200
    assert groups.ask("POST", "/pause", json={**other, "by": "an"}).status_code == 200
    assert groups.ask("POST", "/resume", json={**other, "by": "an"}).status_code == 200
    groups.go(hours=9)
    assert [one[0] for one in posts(groups)] == ["owed"]
    assert (list(groups.fake.masses), list(groups.fake.moments)) == ([], [])

    assert groups.ask("POST", "/resume", json=paused).status_code == 200
    groups.go(minutes=10)
    assert [one[0] for one in posts(groups)] == ["awaiting_staff"]
    unknown = groups.ask("POST", "/pause", json={"scope": "channel:pigeon", "by": "an"})
    assert unknown.status_code == 400
    assert "group_message" in unknown.json()["detail"]


def test_a_plan_that_is_paused_says_nothing_and_catches_nothing_up(groups: House) -> None:
    assert groups.asked("groups/plans/pause", {"code": "mums", "by": "an"})["plans"][0]["paused_at"]
    assert groups.asked("groups/calendar")["posts"] == []
    groups.go(hours=9)
    assert posts(groups) == []

    (one,) = groups.asked("groups/plans/resume", {"code": "mums", "by": "an"})["plans"]
    assert one["paused_at"] is None
    groups.go(hours=1)
    assert posts(groups) == []
    groups.go(hours=23)
    assert [state for state, *_ in posts(groups)] == ["awaiting_staff"]
    assert groups.asked("groups/plans/pause", {"code": "nope", "by": "an"}, 404)
