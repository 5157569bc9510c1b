"""What calendars of groups say, by the owners' press: once, in time, within the day's budget."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.connectors.wecom.installed import ANNA, BELLA, NOON, House
from typer.testing import CliRunner

from siyu.budget import actions as budget
from siyu.budget.model import Pace
from siyu.cli.main import app as cli
from siyu.content import actions as content
from siyu.content.model import Made, Material
from siyu.groups import sweep
from siyu.groups.actions import set_plans
from siyu.groups.actions.posts import put_down
from siyu.groups.model import PREFIX
from siyu.kernel.errors import BadInput
from siyu.outbox.channel import InDoubt
from siyu.outbox.model import Result
from siyu.worker.groups import chats
from siyu.worker.posts import say

PLAN = """\
group: mums
title: {zh: 妈妈群, en: Mums}
chats: ["妈妈群*"]
calendar:
  - {on: mon-sun, at: "20:00", say: evening, owner: lisi}
"""
MOMENTS = PLAN.replace("say: evening", "say: evening, through: moments")
EIGHT = {"hours": 8}  # from noon to the evening


@pytest.fixture
def groups(house: House) -> House:
    """Two groups of lisi's with customers, one without any, and a plan that speaks at eight."""
    for n, who in enumerate((ANNA, BELLA), 1):
        house.fake.existing("lisi", who, NOON - timedelta(days=9))
        chat = house.fake.makes_group("lisi", f"妈妈群 {n}")
        house.fake.joins(chat, who)
    house.fake.makes_group("lisi", "妈妈群 3")
    house.go(minutes=1)
    text = Material("evening", "zh", "wecom_message", "{{ brand }}晚安", {"brand": "text"})
    with house.app.db.transaction() as conn:
        content.install(conn, [text], "test")
    plan(house, PLAN)
    return house


def plan(house: House, text: str) -> None:
    known = chats(house.app)
    with house.app.db.transaction() as conn:
        set_plans(conn, text, known, "an", house.now)


def posts(house: House) -> list[tuple[str, str, int, int]]:
    found = house.asked("groups/posts?back=30")["posts"]
    return [(one["state"], one["reason"], one["sent"], one["groups"]) for one in found]


def sent(house: House) -> list[tuple[str, str]]:
    return sorted((one.userid, one.text) for one in house.fake.received if one.kind == "group")


def test_what_is_due_waits_for_the_owner_and_is_told_by_the_carrier_when_it_was_sent(
    groups: House,
) -> None:
    groups.go(**EIGHT)

    (mass,) = groups.fake.masses.values()
    assert mass.body["chat_type"] == "group"
    assert mass.body["sender"] == "lisi"
    assert len(mass.body["chat_id_list"]) == 2  # the third has no customers
    assert posts(groups) == [("awaiting_staff", "", 0, 2)]
    (waits,) = groups.asked("presses")["waiting"]
    assert (waits["text"], waits["groups"], waits["customers"]) == ("花间晚安", 2, 0)
    assert groups.asked("presses/budget")["guides"][0]["used"] == 1
    assert sent(groups) == []

    groups.fake.confirm_mass("lisi")
    groups.go(minutes=11)

    assert sent(groups) == [("lisi", "花间晚安")] * 2
    assert posts(groups) == [("sent", "", 2, 2)]
    assert groups.asked("presses")["waiting"] == []


def test_it_is_said_once_a_day_whatever_is_looked_at_again(groups: House) -> None:
    groups.go(**EIGHT)
    plan(groups, PLAN)
    for _ in range(3):
        say(groups.app, groups.now)
    groups.go(hours=23)
    assert len(groups.fake.masses) == 1

    groups.go(hours=1, minutes=1)
    assert len(groups.fake.masses) == 2


class _Dies:
    """A channel that the process dies in: `after` the carrier has it, or before."""

    def __init__(self, real: Any, *, after: bool) -> None:
        self._real, self._after = real, after

    def send(self, messages: Any) -> Any:
        if self._after:
            self._real.send(messages)
        raise KeyboardInterrupt

    def reconcile(self, asked: Any) -> Any:
        return self._real.reconcile(asked)

    def cancel(self, asked: Any) -> Any:
        return self._real.cancel(asked)


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

    class Later(_Dies):
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


def due(house: House) -> None:
    """It is eight, and the posts of eight are put down, and not handed over."""
    house.go(hours=7, minutes=55)
    clock: Any = house.app.clock
    clock.set(house.now + timedelta(minutes=5))
    with house.app.db.transaction() as conn:
        assert sweep_put_down(house, conn) == 1


def in_doubt(house: House, *, after: bool = False) -> None:
    """And the process died while it handed them over."""
    due(house)
    dies: Any = {"group_message": _Dies(house.app.channels["group_message"], after=after)}
    with pytest.raises(KeyboardInterrupt):
        sweep.send(house.app.db, dies, house.app.context, house.now)
    assert {one[0] for one in posts(house)} == {"unknown"}


def sweep_put_down(house: House, conn: Any) -> int:
    return put_down(conn, chats(house.app), (), house.now)


def test_an_answer_that_was_lost_is_looked_for_and_never_sent_again(groups: House) -> None:
    real = groups.app.channels["group_message"]

    class Lost(_Dies):
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


def test_without_a_press_left_it_is_withheld_and_the_reason_is_said(groups: House) -> None:
    with groups.app.db.transaction() as conn:
        budget.set_pace(conn, Pace(0, 1, 0))
    plan(groups, PLAN + '  - {on: mon-sun, at: "20:30", say: evening}\n')
    groups.go(hours=9)

    assert [(state, bool(reason)) for state, reason, _, _ in posts(groups)] == [
        ("withheld", True),
        ("awaiting_staff", False),
    ]
    assert "presses" in posts(groups)[0][1]
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


def test_what_the_carrier_refuses_becomes_work_for_the_groups_owner(groups: House) -> None:
    with groups.app.db.transaction() as conn:
        budget.set_pace(conn, Pace(0, 1, 0))
    plan(groups, PLAN + '  - {on: mon-sun, at: "20:30", say: evening}\n')
    groups.fake.members["lisi"].follows = False
    groups.go(hours=9)

    second, one = groups.asked("groups/posts")["posts"]
    assert second["state"] == "by_hand"  # the one press of the day was given back
    assert (one["state"], one["staff"], one["staff_name"]) == ("by_hand", "lisi", "李")
    assert one["reason"]
    assert one["text"] == "花间晚安"

    done = groups.asked(f"groups/posts/{one['id']}/done", {"by": "lisi"})
    assert (done["state"], done["sent"], done["done_by"]) == ("sent", 2, "lisi")
    again = groups.asked(f"groups/posts/{one['id']}/done", {"by": "lisi"}, 409)
    assert "by hand" in again["detail"]
    assert groups.asked("groups/posts/gpo_nosuch/done", {"by": "lisi"}, 404)
    assert groups.rows("select actor from audit where action = 'group.post.done'") == [("lisi",)]


def test_what_nobody_presses_or_does_by_hand_ends_and_says_so(groups: House) -> None:
    groups.go(**EIGHT)
    groups.go(hours=100)  # the carrier's message is called off

    assert posts(groups)[-1][0] == "failed"
    assert "did not send" in posts(groups)[-1][1]


def test_a_group_whose_owner_is_nobody_of_ours_is_for_whom_the_entry_names(house: House) -> None:
    house.fake.hires("wang", "王")
    chat = house.fake.makes_group("wang", "妈妈群 1")
    house.fake.joins(chat, ANNA)
    house.go(minutes=1)
    text = Material("evening", "zh", "wecom_message", "晚安", {})
    with house.app.db.transaction() as conn:
        content.install(conn, [text], "test")
    plan(house, PLAN)
    house.go(**EIGHT)

    (one,) = house.asked("groups/posts")["posts"]
    assert (one["state"], one["staff"]) == ("by_hand", "lisi")
    assert "nobody who works here" in one["reason"]
    assert not house.fake.masses


def test_moments_of_a_calendar_are_made_once_and_sent_when_published(groups: House) -> None:
    plan(groups, MOMENTS)
    groups.go(**EIGHT)
    groups.go(minutes=5)
    (moment,) = groups.fake.moments.values()
    assert (moment.text, moment.users) == ("花间晚安", ["lisi"])
    assert posts(groups) == [("awaiting_staff", "", 0, 0)]

    groups.fake.publishes("lisi")
    groups.go(hours=4)
    assert posts(groups) == [("sent", "", 0, 0)]
    assert len(groups.fake.moments) == 1


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


def test_a_text_that_nobody_has_approved_is_not_said(groups: House) -> None:
    text = Material("fresh", "zh", "wecom_message", "新的话", {})
    with groups.app.db.transaction() as conn:
        content.install(conn, [text], "test", made=Made("an", groups.now, "draft"))
    plan(groups, PLAN.replace("say: evening", "say: fresh"))
    groups.go(**EIGHT)

    assert [(state, reason) for state, reason, _, _ in posts(groups)] == [
        ("withheld", "nobody has approved its material yet")
    ]


LINK = {"heading": "春季图册", "url": "https://shop.example/spring"}
LOST = {"picture": f"{'0' * 32}.png"}


def on_the_shelf(house: House, code: str, kind: str, form: dict[str, str]) -> None:
    text = Material(code, "zh", "wecom_message", "看看", {}, kind=kind, form=form)
    with house.app.db.transaction() as conn:
        content.install(conn, [text], "test")


def test_what_stands_beside_the_words_goes_into_the_group_with_them(groups: House) -> None:
    on_the_shelf(groups, "spring", "link", LINK)
    on_the_shelf(groups, "lost", "image", LOST)
    lost = '  - {on: mon-sun, at: "20:00", say: lost}\n'
    plan(groups, PLAN.replace("say: evening", "say: spring") + lost)
    groups.go(**EIGHT)

    (mass,) = groups.fake.masses.values()
    ((beside,), text) = mass.body["attachments"], mass.body["text"]["content"]
    assert (text, beside["link"]["title"]) == ("看看", "春季图册")
    assert sorted((state, reason) for state, reason, *_ in posts(groups)) == [
        ("awaiting_staff", ""),
        ("withheld", "the file of its picture is not there"),
    ]
    assert groups.asked("presses/budget")["guides"][0]["used"] == 1


def test_a_kind_that_the_channel_can_not_carry_is_refused_with_its_line(groups: House) -> None:
    on_the_shelf(groups, "spring", "link", LINK)
    with pytest.raises(BadInput) as refused:
        plan(groups, MOMENTS.replace("say: evening", "say: spring"))
    (problem,) = refused.value.problems
    assert (problem.where, problem.line) == ("mums.calendar[0].say", 5)
    assert "words alone" in problem.why

    plan(groups, MOMENTS)
    on_the_shelf(groups, "evening", "link", LINK)  # its text has become another kind since
    groups.go(**EIGHT)
    ((state, reason, *_),) = posts(groups)
    assert (state, "no material of this kind" in reason) == ("withheld", True)
    assert not groups.fake.moments


def test_the_command_line_lists_what_was_said_and_tells_what_is_done(groups: House) -> None:
    groups.fake.members["lisi"].follows = False
    groups.go(**EIGHT)
    (one,) = groups.asked("groups/posts")["posts"]
    assert one["id"].startswith(PREFIX)
    home = ["--home", str(groups.app.settings.home), "--json"]
    env = {"SIYU_DATABASE_URL": str(groups.app.settings.database_url)}

    ran = CliRunner().invoke(cli, ["groups", "posts", *home], env=env)
    assert ran.exit_code == 0, ran.output
    assert '"by_hand"' in ran.output
    for words in (
        ["groups", "done", one["id"]],
        ["groups", "pause", "mums"],
        ["groups", "resume", "mums"],
    ):
        ran = CliRunner().invoke(cli, [*words, *home], env=env)
        assert ran.exit_code == 0, ran.output
    assert posts(groups)[0][0] == "sent"
