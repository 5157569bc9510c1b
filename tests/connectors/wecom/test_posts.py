"""What calendars of groups say, by the owners' press: once, in time, within the day's budget."""

from __future__ import annotations

import pytest
from tests.connectors.wecom.installed import ANNA, House
from tests.connectors.wecom.posted import (
    EIGHT,
    MOMENTS,
    PLAN,
    on_the_shelf,
    plan,
    posts,
    two_groups,
)
from tests.content.test_posters import CORNER, LINK, photo, read
from typer.testing import CliRunner

from siyu.budget import actions as budget
from siyu.budget.model import Pace
from siyu.cli.main import app as cli
from siyu.content import actions as content
from siyu.content.actions.files import keep_in
from siyu.content.model import Made, Material
from siyu.content.render.poster import WIDTH
from siyu.groups.model import PREFIX
from siyu.kernel.errors import BadInput
from siyu.worker.posts import say

CARD = {"heading": "春季图册", "url": "https://shop.example/spring"}
LOST = {"picture": f"{'0' * 32}.png"}


@pytest.fixture
def groups(house: House) -> House:
    return two_groups(house)


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


def test_a_text_that_nobody_has_approved_is_not_said(groups: House) -> None:
    text = Material("fresh", "zh", "wecom_message", "新的话", {})
    with groups.app.db.transaction() as conn:
        content.install(conn, [text], "test", made=Made("an", groups.now, "draft"))
    plan(groups, PLAN.replace("say: evening", "say: fresh"))
    groups.go(**EIGHT)

    assert [(state, reason) for state, reason, _, _ in posts(groups)] == [
        ("withheld", "nobody has approved its material yet")
    ]


def test_what_stands_beside_the_words_goes_into_the_group_with_them(groups: House) -> None:
    on_the_shelf(groups, "spring", "link", CARD)
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
    on_the_shelf(groups, "spring", "link", CARD)
    with pytest.raises(BadInput) as refused:
        plan(groups, MOMENTS.replace("say: evening", "say: spring"))
    (problem,) = refused.value.problems
    assert (problem.where, problem.line) == ("mums.calendar[0].say", 5)
    assert "words alone" in problem.why

    plan(groups, MOMENTS)
    on_the_shelf(groups, "evening", "link", CARD)  # its text has become another kind since
    groups.go(**EIGHT)
    ((state, reason, *_),) = posts(groups)
    assert (state, "no material of this kind" in reason) == ("withheld", True)
    assert not groups.fake.moments


def test_a_poster_goes_into_groups_with_one_code_and_never_with_somebodys_own(
    groups: House,
) -> None:
    def put(code: str, variables: dict[str, str], links: dict[str, str]) -> None:
        text = Material(
            code, "zh", "wecom_message", "看看", variables, kind="poster", links=links, form=form
        )
        with groups.app.db.transaction() as conn:
            content.install(conn, [text], "test")

    form = CORNER | {"picture": keep_in(groups.app.settings.home)(photo())}
    put("spring", {"shop": "link"}, {"shop": LINK})
    put("invites", {"link": "link"}, {})
    with pytest.raises(BadInput) as refused:
        plan(groups, PLAN.replace("say: evening", "say: invites"))
    (problem,) = refused.value.problems
    assert (problem.where, "each customer's invitation" in problem.why) == (
        "mums.calendar[0].say", True,
    )  # fmt: skip

    plan(groups, PLAN.replace("say: evening", "say: spring"))
    groups.go(**EIGHT)

    (one,) = groups.fake.masses.values()
    (beside,) = one.body["attachments"]
    png = groups.fake.media[beside["image"]["media_id"]].content
    assert read(png, round(0.7 * WIDTH), round(0.75 * 1_620), WIDTH // 4, LINK)


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
