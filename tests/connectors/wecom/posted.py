"""Groups with a plan that speaks, and what its posts came to: for the tests of posts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.connectors.wecom.installed import ANNA, BELLA, NOON, House

from siyu.content import actions as content
from siyu.content.model import Material
from siyu.groups import sweep
from siyu.groups.actions import set_plans
from siyu.groups.actions.posts import put_down
from siyu.worker.groups import chats

PLAN = """\
group: mums
title: {zh: 妈妈群, en: Mums}
chats: ["妈妈群*"]
calendar:
  - {on: mon-sun, at: "20:00", say: evening, owner: lisi}
"""
MOMENTS = PLAN.replace("say: evening", "say: evening, through: moments")
EIGHT = {"hours": 8}  # from noon to the evening


def two_groups(house: House) -> House:
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


class Dies:
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
    dies: Any = {"group_message": Dies(house.app.channels["group_message"], after=after)}
    with pytest.raises(KeyboardInterrupt):
        sweep.send(house.app.db, dies, house.app.context, house.now)
    assert {one[0] for one in posts(house)} == {"unknown"}


def sweep_put_down(house: House, conn: Any) -> int:
    return put_down(conn, chats(house.app), (), house.now)


def on_the_shelf(house: House, code: str, kind: str, form: dict[str, str]) -> None:
    text = Material(code, "zh", "wecom_message", "看看", {}, kind=kind, form=form)
    with house.app.db.transaction() as conn:
        content.install(conn, [text], "test")
