"""Two workers whose clocks disagree by minutes work on the same visits, wishes and leases."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from tests.conftest import NOON, TestClock
from tests.engine.carrier import Carrier
from tests.engine.plan import PLAN, WRONG
from tests.journeys.conftest import IDS, KEYS, House

from siyu.budget import sweep as ruling
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.events import actions as events
from siyu.events import sweep as applying
from siyu.journeys import sweep as moving
from siyu.kernel.time import zone
from siyu.outbox import sweep as sending
from siyu.outbox.decide import LEASE
from siyu.outbox.model import Context
from siyu.outbox.sweep.prepare import lease

SHIFT = timedelta(minutes=2)  # the one is so much ahead, the other behind
MINUTE = timedelta(minutes=1)
CONTEXT = Context(KEYS, IDS, "https://l/{state}", zone("Asia/Shanghai"), "CNY", "花研")


class Pair:
    """Two workers on one database; `at` is the true time at which each phone rang."""

    def __init__(self, db: Any, start: datetime) -> None:
        self.db = db
        self.true = start
        self.house = House(db, TestClock(start))
        self.house.set_up()
        with db.transaction() as conn:
            body = "【{{ brand }}】你好"
            content.install(conn, [Material("plain", "zh", "sms", body, {"brand": "text"})], "t")
        self.house.publish(PLAN)
        self.at: dict[str, datetime] = {}
        self.carrier = Carrier(lambda _: None, self.rang)

    def rang(self, message: Any) -> None:
        self.at[message.token] = self.true

    def tell(self, *told: Any, shift: timedelta = SHIFT) -> None:
        """Applied by the worker whose clock is so much off."""
        with self.db.transaction() as conn:
            events.accept(conn, KEYS, "CN", list(told), self.true)
        while applying.apply(self.db, self.house.projections, self.true + shift).claimed:
            pass

    def buyers(self, many: int) -> None:
        said = {"channels": ["sms"], "purposes": ["service"], "evidence": "form"}
        consent = partial(self.house.event, "consent.given", said | {"basis": "consent"})
        self.tell(*(consent(keys=self.house.keys(number)) for number in range(many)))
        self.tell(*(self.house.order(number, at=self.true) for number in range(many)))

    def work(self, shift: timedelta) -> None:
        now, context = self.true + shift, self.house.context._replace(versions={})
        rule = partial(ruling.rule_new, zone=CONTEXT.zone, now=now)
        moving.sweep(self.db, context, now, limit=7, rule=rule)
        with self.db.transaction() as conn:
            ruling.rule(conn, CONTEXT.zone, now, limit=7)
        sending.send(self.db, {"sms": self.carrier}, CONTEXT, now, self.true, limit=7)
        applying.apply(self.db, self.house.projections, now)

    def go_on(self, many: int) -> None:
        """So many minutes, in each of which both do three rounds at once."""
        with ThreadPoolExecutor(2) as both:
            for _ in range(many):
                for _ in range(3):
                    list(both.map(self.work, (SHIFT, -SHIFT)))
                self.true += MINUTE


@pytest.fixture
def pair(db: Any) -> Pair:
    return Pair(db, NOON)


def nothing_wrong(db: Any) -> None:
    with db.transaction() as conn:
        for what, sql in WRONG.items():
            assert conn.fetch(sql) == [], what


def test_nothing_moves_too_early_or_twice(pair: Pair) -> None:
    pair.buyers(20)
    began = pair.true

    pair.go_on(20)

    rows = pair.house.rows("select id, node from touch order by id")
    assert Counter(node for _, node in rows) == {"first": 20, "again": 20}
    assert set(pair.carrier.rang.values()) == {1}
    assert len(pair.at) == 40
    early = [pair.at[IDS.encode("tch", id_)] for id_, node in rows if node == "again"]
    assert min(early) - began >= timedelta(minutes=10) - 2 * SHIFT
    nothing_wrong(pair.db)
    spans = "select id from touch where sent_at < wished_at or sent_at < due_at"
    assert pair.house.rows(spans) == []


@pytest.mark.parametrize("shift", [SHIFT, -SHIFT])
def test_no_visit_ends_before_it_came_to_its_step(pair: Pair, shift: timedelta) -> None:
    """Moved by the one whose clock is ahead, ended by what the other one hears a moment later."""
    pair.buyers(3)
    pair.work(SHIFT)
    pair.tell(*(pair.house.friend(number, at=pair.true) for number in range(3)), shift=shift)

    pair.work(-SHIFT)
    pair.work(SHIFT)

    states = "select state, outcome, count(*) from visit group by 1, 2"
    assert pair.house.rows(states) == [(1, "friend", 3)]
    assert pair.house.rows("select id from visit where ended_at < since") == []
    nothing_wrong(pair.db)


def test_hours_are_kept_but_for_the_shift(db: Any) -> None:
    evening = NOON + timedelta(hours=8, minutes=50)  # 20:50 in Shanghai; nobody after 21:00
    pair = Pair(db, evening)
    pair.buyers(10)

    pair.go_on(20)

    assert len(pair.at) >= 10
    assert max(pair.at.values()) < evening + timedelta(minutes=10) + SHIFT
    nothing_wrong(pair.db)


def test_a_lease_runs_out_by_real_time_whatever_the_clock_of_facts_shows(pair: Pair) -> None:
    pair.buyers(1)
    moving.sweep(db := pair.db, pair.house.context, pair.true + SHIFT)
    with db.transaction() as conn:
        ruling.rule(conn, CONTEXT.zone, pair.true + SHIFT)
        assert lease(conn, "sms", CONTEXT, pair.true + SHIFT, pair.true + LEASE, 9).ready

    assert sending.reclaim(db, pair.true + timedelta(days=9), pair.true + LEASE) == 0
    assert sending.reclaim(db, pair.true, pair.true + LEASE + MINUTE) == 1
