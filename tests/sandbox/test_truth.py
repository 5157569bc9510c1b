"""Figures follow the people: in a world where care does nothing the report of a playbook says so,
and in one where it does something its interval holds what it did.

People of the sandbox, the production engine, its own hold-out, the real report; only the vendors
are left out, and the days between what happens. Whoever got a message feels it, whatever the
engine says of it. `SIYU_TRUTH=200` plays so many worlds instead of a few.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from pathlib import Path
from statistics import mean, stdev
from typing import Any, NamedTuple, cast

import msgspec
import pytest
from scipy.stats import binom

from siyu.analytics.model.answer import Answer, Sources
from siyu.analytics.views.questions.playbook import PlaybookReport
from siyu.app import PREDICATES, App, begin_brand, catch_up, open_app
from siyu.db.clock import VirtualClock
from siyu.db.pool import Pool
from siyu.dryrun.place import Apart
from siyu.events.actions import accept
from siyu.events.model import Incoming
from siyu.events.sweep import APPLIER
from siyu.outbox.model import Asked, Found, Message, Result, Stopped
from siyu.playbooks import actions
from siyu.playbooks.actions import running
from siyu.playbooks.check import playbook
from siyu.sandbox.habits import DAY, Habits
from siyu.sandbox.parameters import load as world
from siyu.sandbox.people import Person
from siyu.settings import load
from siyu.staff.model import Brand, Member
from siyu.worker import tick

WORLDS = int(os.environ.get("SIYU_TRUTH", "16"))
PEOPLE = 300
WINDOW = 30
SECOND = 7  # the day of the second touch
MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # ten o'clock in Shanghai
START = MORNING - timedelta(hours=10)  # day 0 of everybody's life
CAME = 10 / 24  # when everybody comes in
BRAND = Brand("青岚鞋履", "Asia/Shanghai", "CNY", "CN", "zh")
NOT_HERE = ("pull", "tell", "trial")
MANIFEST = """\
playbook: {code}
title: {{zh: 关怀, en: Care}}
about: {{zh: 关怀, en: Care}}
holdout: 0.5
outcome: {{event: order.paid, within: 30d}}
"""
MATERIALS = """\
- {{code: {code}-a, channel: wecom_message, title: 问候, variables: {{brand: text}}, zh: "{{{{ brand }}}}：穿着还习惯吗？", en: "{{{{ brand }}}}: how is it?"}}
- {{code: {code}-b, channel: wecom_message, title: 养护, variables: {{brand: text}}, zh: "{{{{ brand }}}}：怎么养护", en: "{{{{ brand }}}}: how to care for it"}}
"""  # noqa: E501 - as they are written
JOURNEY = """\
journey: {code}
title: {{zh: 关怀, en: Care}}
enter: {{on: friend.added, max_age: 2h}}
steps:
  - id: first
    send: {{channel: wecom_message, material: {code}-a, purpose: service, lane: now, priority: 5}}
  - {{id: week, wait: 7d}}
  - id: second
    send: {{channel: wecom_message, material: {code}-b, purpose: service, lane: now, priority: 5}}
  - {{id: end, exit: done}}
"""


NEW: tuple[tuple[str, dict[str, object]], ...] = (
    ("consent.given", {"channels": ["wecom"], "purposes": ["service"], "basis": "consent",
                       "evidence": "form 1"}),
    ("friend.added", {"staff": "guide"}),
)  # fmt: skip


class Line:
    """A carrier that brings everything to whom it is for, and remembers when."""

    def __init__(self) -> None:
        self.day = 0.0
        self.got: dict[str, list[float]] = {}

    def send(self, messages: Sequence[Message]) -> list[Result]:
        for one in messages:
            self.got.setdefault(one.to, []).append(self.day)
        return [Result(one.token, "accepted") for one in messages]

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:  # noqa: ARG002 - a channel's form
        return []

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        return [Found(one.token, "accepted") for one in asked]


class Played(NamedTuple):
    """`answers` of the report, one for each world; `truth`: what care really does to the share of
    people who buy; `known`: the same of each world's own people; `touched`: how many got what."""

    answers: list[Answer]
    truth: float
    known: list[float]
    touched: set[int]


class House:
    """A brand for many worlds of people: each has a playbook of its own, which lets in nobody
    else's."""

    def __init__(self, app: App, line: Line) -> None:
        self.clock = VirtualClock(app.db)
        self.clock.set(MORNING)
        mine: dict[str, Any] = {one.name: getattr(app, one.name) for one in fields(App)}
        mine["clock"] = self.clock
        self.app = Apart(**mine, lines={"wecom_message": line}, hands=self.clock)
        self.line = line
        with self.app.db.transaction() as conn:
            begin_brand(conn, BRAND, MORNING, [], [Member("guide", "安", "guide")])

    def come(self, code: str, keys: Sequence[str]) -> None:
        """A playbook starts, these become friends, and nobody else comes in."""
        texts = {"playbook.yaml": MANIFEST, "materials.yaml": MATERIALS, "journeys/a.yaml": JOURNEY}
        found = playbook({name: text.format(code=code) for name, text in texts.items()})
        with self.app.db.transaction() as conn:
            actions.install(conn, found, "CNY", PREDICATES, MORNING, keys=self.app.keys)
        self.tell([_told(kind, key, "", MORNING, data) for key in keys for kind, data in NEW])
        with self.app.db.transaction() as conn:
            running.stop(conn, code, "test", MORNING)

    def tell(self, some: list[Incoming]) -> None:
        with self.app.db.transaction() as conn:
            answers = accept(conn, self.app.keys, "CN", some, self.app.clock.now())
        assert {one.status for one in answers} <= {"accepted"}
        assert catch_up(self.app)

    def passes(self, day: float) -> None:
        """It is that day, and the engine does what is due."""
        self.line.day = day
        self.clock.set(START + day * DAY)
        lock = self.app.db.try_lock(APPLIER)
        assert lock is not None
        now = self.app.clock.now()
        with lock:
            while tick(self.app, now, applier=lock, without=NOT_HERE).did.total():
                pass  # of many worlds there is more to do than one tick does

    def report(self, code: str) -> Answer:
        lake: Any = None  # this report asks the database alone
        now, nowhere = self.app.clock.now(), Path("/nowhere")
        of = Sources(lake, self.app.db, self.app.keys, self.app.ids, BRAND, now,
                     date(2026, 12, 31), nowhere)  # fmt: skip
        return PlaybookReport(code).answer(of)


def _told(kind: str, key: str, name: str, at: datetime, data: dict[str, object]) -> Incoming:
    return Incoming(
        source="test", id=f"{kind}/{key}/{name}", kind=kind, occurred_at=at.isoformat(),
        keys={"external_userid": key}, data=msgspec.Raw(msgspec.json.encode(data)),
    )  # fmt: skip


def play(app: App, habits: Habits, title: str) -> Played:
    """So many worlds of people, one brand, one month."""
    line = Line()
    house = House(app, line)
    worlds = [
        [Person(f"{title}-{n}", f"wm{title}-{n}-{who}") for who in range(PEOPLE)]
        for n in range(WORLDS)
    ]
    codes = [f"{title}-{n}" for n in range(WORLDS)]
    for code, people in zip(codes, worlds, strict=True):
        house.come(code, [one.key for one in people])
    house.passes(CAME)
    house.passes(SECOND + CAME)
    window = CAME, CAME + WINDOW
    orders = [
        _told("order.paid", one.key, str(chance.number), START + chance.day * DAY,
              {"shop": "s", "order_no": f"{one.key}-{chance.number}", "currency": "CNY",
               "total_minor": 19_900})
        for people in worlds
        for one in people
        for chance in habits.bought(one, *window, line.got.get(one.key, ()))
    ]  # fmt: skip
    house.clock.set(START + (CAME + WINDOW + 1) * DAY)
    for begin in range(0, len(orders), 2_000):
        house.tell(orders[begin : begin + 2_000])
    cared = (CAME, CAME + SECOND)
    known = [
        sum(
            bool(habits.bought(one, *window, cared)) - bool(habits.bought(one, *window))
            for one in people
        )
        / PEOPLE
        for people in worlds
    ]
    touched = {len(line.got.get(one.key, ())) for people in worlds for one in people}
    return Played([house.report(code) for code in codes], sum(known) / WORLDS, known, touched)


@pytest.fixture
def app(db: Pool, tmp_path: Path) -> Iterator[App]:
    with open_app(load({}, home=tmp_path / "home", database_url=db.url)) as app:
        yield app


def covered(answers: Sequence[Answer], truth: float) -> int:
    """In how many of them the interval holds that."""
    return sum(low <= truth <= high for _, low, high in lifts(answers))


def lifts(answers: Sequence[Answer]) -> list[list[float]]:
    """What each says that care has changed, from where to where."""
    found = [one.keys["lift"] for one in answers]
    assert all(isinstance(one, list) for one in found)
    return cast("list[list[float]]", found)


def off(answers: Sequence[Answer], truth: float) -> float:
    """How far their mean is from that, in deviations of a mean of so many."""
    points = [one for one, _, _ in lifts(answers)]
    return abs(mean(points) - truth) / (stdev(points) / sqrt(len(points)))


def fewest(share: float) -> int:
    """So many of the worlds at least, or it is no chance: one in a thousand."""
    return int(binom.ppf(0.001, WORLDS, share))


def test_where_care_does_nothing_the_report_says_that_it_shows_none(app: App) -> None:
    played = play(app, Habits(world("indifferent").habits), "nothing")

    assert played.touched == {0, 2}  # the treated got both, the held out none
    assert played.known == [0.0] * WORLDS
    assert covered(played.answers, 0) >= fewest(0.95)
    assert off(played.answers, 0) < 4
    told = sum("no effect can be shown" in one.says for one in played.answers)
    assert told >= fewest(0.95)
    assert told == sum(one.keys["sure"] is False for one in played.answers)


def test_where_care_does_something_the_interval_holds_what_it_did(app: App) -> None:
    rates = world("default").habits
    strong = msgspec.structs.replace(rates.care, effect=2.0, most=5.0)
    played = play(app, Habits(msgspec.structs.replace(rates, care=strong)), "strong")

    assert played.touched == {0, 2}
    assert 0.15 < played.truth < 0.5
    assert covered(played.answers, played.truth) >= fewest(0.95)
    assert off(played.answers, played.truth) < 4
    sure = sum(one.keys["sure"] is True for one in played.answers)
    assert sure >= 0.7 * WORLDS
    assert sure == sum("changes the rate by" in one.says for one in played.answers)

    # what is claimed can be wrong: of another truth it is
    assert covered(played.answers, played.truth - 0.2) < fewest(0.95)
    assert covered(played.answers, played.truth + 0.2) < fewest(0.95)
    assert covered(played.answers, 0) < fewest(0.95)
    assert off(played.answers, played.truth + 0.1) > 4
