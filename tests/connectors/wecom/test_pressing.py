"""What waits for staff to press send: seen, reminded of, and what did not go out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.wecom.installed import ANNA, BELLA, NOON, House
from typer.testing import CliRunner

from siyu.budget import actions as budget
from siyu.budget.model import Pace
from siyu.cli.main import app as cli
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.outbox.model import Message

TOUCH = """
insert into touch (node, round, customer_id, journey, step, channel, purpose, lane, priority, shop,
  order_no, material, locale, state, wished_at, due_at, attempts)
values ('n', %(customer)s, %(customer)s, 'care', 'news', 'wecom_message', 'promotion', 'window', 0,
  's', '', 'news', 'zh', 'awaiting_staff', %(now)s, %(now)s, 1) returning id
"""


@pytest.fixture
def two(house: House) -> House:
    """Anna and Bella are to get one text, which lisi has to send."""
    for who in (ANNA, BELLA):
        house.fake.existing("lisi", who, NOON - timedelta(days=90))
    house.go(minutes=1)
    text = Material(
        "news",
        "zh",
        "wecom_message",
        "{{ name }}，{{ brand }}上新了",
        {"name": "text", "brand": "text"},
    )
    with house.app.db.transaction() as conn:
        content.install(conn, [text], "test")
        ids = [conn.fetch(TOUCH, {"customer": number, "now": house.now})[0][0] for number in (1, 2)]
    tokens = [house.app.ids.encode("tch", one) for one in ids]
    results = house.app.channels["wecom_message"].send(
        [
            Message(
                token, "wecom_message", who, "上新了", "news", "news", "care", "", "", "c", "lisi",
                None, "",
            )
            for token, who in zip(tokens, (ANNA, BELLA), strict=True)
        ]
    )  # fmt: skip
    assert {one.status for one in results} == {"awaiting_staff"}
    house.go(minutes=1)  # WeCom gives it out
    return house


def test_who_has_not_pressed_is_seen_and_reminded_as_often_as_wecom_does(two: House) -> None:
    with two.app.db.transaction() as conn:
        budget.set_pace(conn, Pace(2, 5, 30))
    told = two.asked("presses")

    (one,) = told["waiting"]
    assert (one["staff"], one["staff_name"], one["customers"]) == ("lisi", "李", 2)
    assert (one["text"], one["journey"], one["step"]) == ("[name]，花间上新了", "care", "news")
    assert (one["reminded"], one["reminds_left"]) == ([], 3)
    assert told["budgets"] == [{"staff": "lisi", "staff_name": "李", "used": 0, "most": 5}]
    assert (told["connected"], told["moments"], told["not_sent"]) == (True, [], [])

    for left in (2, 1, 0):
        (one,) = two.asked(f"presses/{one['id']}/remind", {"by": "an"})["waiting"]
        assert (one["reminds_left"], len(one["reminded"])) == (left, 3 - left)
    refused = two.asked(f"presses/{one['id']}/remind", {"by": "an"}, 409)
    assert "3" in refused["detail"]
    assert [who for _, who in two.fake.reminders] == ["lisi"] * 3
    assert two.rows(
        "select actor, count(*) from audit where action = 'mass.remind' group by 1"
    ) == [("an", 3)]
    two.asked("presses/no-such/remind", {"by": "an"}, 404)


def test_a_command_that_reminds_says_where_nothing_can(tmp_path: Path, new_db: Any) -> None:
    env = {"SIYU_DATABASE_URL": new_db().url}

    said = CliRunner().invoke(
        cli, ["task", "remind", "msg1", "--home", str(tmp_path), "--json"], env=env
    )

    assert said.exit_code == 1
    assert "siyu connect wecom" in said.output


def test_what_did_not_reach_its_customer_is_counted_and_listed(two: House) -> None:
    two.fake.deletes_staff(ANNA, "lisi")
    two.fake.confirm_mass("lisi")
    two.later(minutes=20)

    told = two.asked("presses")
    assert told["waiting"] == []
    assert told["not_sent"] == [{"reason": "not_a_friend", "touches": 1}]
    page = two.asked("presses/not-sent?reason=not_a_friend&limit=1")
    (row,) = page["rows"]
    assert (row["reason"], row["text"], page["next"]) == ("not_a_friend", "news", "")
    assert two.asked("presses/not-sent?reason=carrier_cap")["rows"] == []
