"""Between equal priorities the value decides, and what lost is named wherever one looks."""

# ruff: noqa: E501 - texts of playbooks stand as they are written

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.playbooks.test_stories import OWN

from siyu.analytics.model.answer import Sources
from siyu.analytics.views.explain import explain
from siyu.analytics.views.people import Desk
from siyu.analytics.views.questions.playbook import PlaybookReport
from siyu.analytics.views.timeline import timeline
from siyu.dryrun.place import Ground
from siyu.dryrun.story import play_on
from siyu.journeys.views.figures import MadeWay, outranked
from siyu.staff.model import Brand, Scope

JOURNEY = """\
journey: own-{name}
title: {{zh: 甲, en: A}}
enter: {{on: friend.added, max_age: 2h}}
steps:
  - id: tell
    send: {{channel: wecom_message, material: {name}, purpose: promotion, lane: window, priority: 5, value: {value}}}
  - {{id: end, exit: done}}
"""
MATERIAL = '- {{code: {name}, channel: wecom_message, title: 甲, variables: {{}}, zh: "{name}", en: "{name}"}}\n'
VALUES = {"low": 100, "high": 900, "middle": 500}  # a week has room for two
STORY = """\
- story: value-decides
  facts:
    - {at: day 0 10:00, who: mei, consent.given: {}}
    - {at: day 0 10:00, who: mei, friend.added: {}}
  expect:
    - {at: day 0 12:00, who: mei, sends: high}
    - {at: day 0 12:00, who: mei, sends: middle}
    - {who: mei, withheld: low, reason: outranked}
"""
FILES = {
    "playbook.yaml": OWN["playbook.yaml"].partition("settings:")[0],
    "materials.yaml": "".join(MATERIAL.format(name=name) for name in VALUES),
    **{
        f"journeys/{name}.yaml": JOURNEY.format(name=name, value=value)
        for name, value in VALUES.items()
    },
    "story.yaml": STORY,
}


@pytest.fixture
def played(stage: Ground) -> Ground:
    (result,) = play_on(stage, FILES)
    assert result.misses == []
    return stage


def test_the_loser_is_counted_per_journey_and_per_playbook(played: Ground) -> None:
    now = _now(played)
    with played.db.transaction() as conn:
        found = outranked(conn, "own-low", now - timedelta(days=30), now)
        none = outranked(conn, "own-low", now - timedelta(days=1), now)
    told = PlaybookReport("mine").answer(_sources(played))
    (table,) = (one for one in told.tables if one.name == "outranked")

    assert (found, none) == ([MadeWay("own-high", 1)], [])
    assert table.rows == (("own-low", "own-high", 1),)
    assert told.keys["outranked"] == {"own-high": 1}
    assert "Outranked by own-high: 1." in told.notes


def test_the_loser_is_named_in_the_customers_timeline_and_explained(played: Ground) -> None:
    app, now = played.app, _now(played)
    with played.db.transaction() as conn:
        ((customer,),) = conn.fetch("select customer_id from touch where state = 'withheld'")
        desk = Desk(conn, app.keys, app.ids, Scope(), "CNY", now)
        (line,) = timeline(desk, customer, ["withheld"], None, 10).lines
        found = explain(conn, app.keys, app.ids, customer, "CNY", "en")

    assert (line.reason, line.rulings[-1].by_journey, line.rulings[-1].by_step) == (
        "outranked", "own-high", "tell",
    )  # fmt: skip
    assert found is not None
    (lost,) = (one for one in found.touches if one.state == "withheld")
    assert lost.rulings[-1].by_step == "own-high/tell"


def _now(played: Ground) -> Any:
    ((now,),) = played.db.fetch("select max(wished_at) + interval '3 days' from touch")
    return now


def _sources(played: Ground) -> Sources:
    lake: Any = None  # this report asks the database alone
    brand = Brand("Story", "Asia/Shanghai", "CNY", "CN", "zh")
    app = played.app
    return Sources(
        lake,
        played.db,
        app.keys,
        app.ids,
        brand,
        _now(played),
        date(2026, 12, 31),
        Path("/nowhere"),
    )
