"""README: a plan takes people in by events, dates, sets and the calendar, and nobody is polled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from siyu.app import PREDICATES
from siyu.journeys import views
from siyu.journeys.actions import NOBODY
from siyu.kernel.time import instant
from siyu.playbooks import actions as playbooks

MEI, HUA = "13800000001", "13800000002"
TEXT = """\
journey: {code}
title: {{zh: 一, en: J}}
enter: {enter}
reenter: each
steps:
  - {{id: seen, goal: {code}}}
  - {{id: rest, wait: 1h}}
  - {{id: end, exit: done}}
"""


def publish(story: Any, code: str, enter: str) -> None:
    with story.app.db.transaction() as conn:
        text = TEXT.format(code=code, enter=enter)
        playbooks.publish(conn, text, PREDICATES, story.now, NOBODY)


def reached(story: Any, code: str) -> int:
    with story.app.db.transaction() as conn:
        return views.goals(conn, code).get((code, False), 0)


def test_the_clock_alone_brings_people_in_on_their_day_and_at_their_hour(story: Any) -> None:
    publish(story, "party", '{date: birthday, less: 3d, at: "10:00"}')
    publish(story, "weekly", "{every: monday 10:00, segment: {orders: {}}}")
    publish(story, "lapsed", "{segment: {all: [{orders: {}}, {not: {orders: {within: 30d}}}]}}")
    story.pay(story.order(), MEI)
    story.pay(story.order(), HUA)
    paid = story.now
    birthday = {"name": "birthday", "month": 10, "day": 18, "calendar": "lunar"}
    story.tell("profile.dated", birthday, {"phone": MEI})  # 26 November 2026

    story.until(instant("2026-11-23T09:59:00+08:00"))
    assert [reached(story, code) for code in ("party", "weekly", "lapsed")] == [0, 0, 0]
    story.until(instant("2026-11-23T10:01:00+08:00"))
    assert [reached(story, code) for code in ("party", "weekly", "lapsed")] == [1, 2, 0]
    story.until(paid + timedelta(days=30, minutes=1))
    assert [reached(story, code) for code in ("party", "weekly", "lapsed")] == [1, 8, 2]
