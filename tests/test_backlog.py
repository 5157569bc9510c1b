"""What is asked often costs the same whatever waits: pages read by the plan that sessions keep."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import psycopg
import pytest

from siyu.db.driver import connect
from siyu.db.pool import Pool
from siyu.kernel.sql import load
from siyu.outbox.model import LANES, urgencies

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BASE, FEW, MANY = 5_000, 500, 10_000
SLACK = 60  # pages: trees grow by a level; reading all that waits takes hundreds more
TOUCHES = """
insert into touch (visit_id, node, round, customer_id, journey, step, channel, purpose, lane,
  priority, shop, order_no, material, locale, state, wished_at, due_at, held, cancel_wanted,
  lease_until, valid_until)
select i, %(node)s, 0, i, 'cascade', 'sms', %(channel)s, 'service', %(lane)s,
  i %% 3 + 5, 's', 'T' || i, 'm', 'zh', %(state)s, %(due)s, %(due)s, %(held)s, %(cancel)s,
  %(lease)s, %(valid)s
from generate_series(1, %(many)s) i
"""
TASKS = """
insert into task (touch_id, kind, customer_id, staff, script, shop, order_no, state, created_at,
  due_at, escalate_at)
select i, 'call', i, 'guide-1', '', 's', 'T' || i, 'open', %(due)s, %(due)s, %(due)s
from generate_series(1, %(many)s) i
"""
VISITS = """
insert into visit (journey_id, version, customer_id, key, shop, order_no, node, state, due_at,
  waiting_for, ends_kinds, since, entered_at)
select 1, 1, i, %(node)s, 's', 'T' || i, 'n', %(state)s::smallint, %(due)s, %(hears)s,
  '{friend.added}', '2026-11-01', '2026-11-01'
from generate_series(1, %(many)s) i
"""


TABLES = ("touch", "task", "visit")


@pytest.fixture(autouse=True)
def undisturbed(db: Pool) -> Iterator[None]:
    """The server cleans up every few seconds, on a busy machine amid what is measured: it
    summarises ranges of BRIN indexes, and from then on each update writes there, too. How many
    pages an update looks at would say when that was, and not what waits."""
    for setting in ("set (autovacuum_enabled = false)", "reset (autovacuum_enabled)"):
        with db.transaction() as conn:
            for table in TABLES:
                conn.execute(f"alter table {table} {setting}")
        if setting.startswith("set"):
            yield


class Case(NamedTuple):
    """A statement of a room, and what waits while it runs."""

    statement: str
    waits: tuple[dict[str, Any], ...]
    fill: str = TOUCHES


def waits(state: str, **words: Any) -> dict[str, Any]:
    """Touches of one moment, as they come by the thousand: at nine in the morning, at a cut-off."""
    told = {"channel": "sms", "lane": "now", "due": NOON - HOUR, "held": False, "cancel": False,
            "lease": None, "valid": None, "hears": [], "state": state} | words  # fmt: skip
    return {**told, "node": str(told)}


OWED = (waits("owed"), waits("owed", due=NOON + HOUR), waits("owed", held=True))
WISHED = (waits("wished", held=True), waits("wished", lane="window"))
ASKED_BACK = waits("awaiting_staff", channel="voice_ai", cancel=True, valid=NOON - HOUR)
PEOPLE = (ASKED_BACK, waits("awaiting_staff", channel="voice_ai", valid=NOON - HOUR))
UNKNOWN = (waits("unknown", due=NOON + HOUR), waits("unknown"))
LEASED = (waits("leased", lease=NOON - HOUR),)
UNDER_WAY = waits("0", due=NOON + HOUR, hears=["friend.added"])
OVER = (waits("1", due=None), waits("1", due=None, hears=["friend.added"]))
CASES = [
    Case("worker.due", OWED),
    Case("worker.due", WISHED),
    Case("worker.due", (*UNKNOWN, *PEOPLE)),
    Case("worker.send_due", OWED),
    Case("outbox.due_channels", OWED),
    Case("outbox.owed", OWED),
    Case("outbox.claim_wished", WISHED),
    Case("outbox.rivals", WISHED),
    Case("outbox.owe", WISHED),
    Case("outbox.defer", WISHED),
    Case("outbox.withhold", OWED),
    Case("outbox.stoppable", WISHED),
    Case("outbox.hold", OWED),
    Case("outbox.release", OWED),
    Case("outbox.withdraw", OWED),
    Case("outbox.limit_validity", OWED),
    Case("outbox.lease", OWED),
    Case("outbox.recheck", LEASED),
    Case("outbox.drop", (ASKED_BACK,)),
    Case("outbox.record", UNKNOWN),
    Case("outbox.reclaim", LEASED),
    Case("outbox.claim_unknown", UNKNOWN),
    Case("outbox.reconcile", UNKNOWN),
    Case("outbox.claim_cancels", (ASKED_BACK,)),
    Case("outbox.cancelled", (ASKED_BACK,)),
    Case("outbox.overdue_people", PEOPLE),
    Case("outbox.last", OWED),
    Case("outbox.unsaid", (waits("delivered"),)),
    Case("journeys.wake", (UNDER_WAY, *OVER), VISITS),
    Case("journeys.claim", (UNDER_WAY, *OVER), VISITS),
    Case("tasks.claim_overdue", (waits("sent"),), TASKS),
    Case("tasks.cancel", (waits("sent"),), TASKS),
]
FIRST = list(range(1, 11))
IDS = list(range(BASE + 1, BASE + 11))  # of what waits
LANE, PRIORITY = urgencies(LANES)
PARAMS: dict[str, Any] = {
    "channel": "sms", "channels": ["sms", "voice_ai"], "consent": "sms", "calls": ["voice_ai"],
    "pulls": [], "lanes": LANE, "priorities": PRIORITY, "limit": 10, "ids": IDS, "identities": IDS,
    "customers": FIRST, "visits": FIRST, "touches": FIRST, "segments": FIRST,
    "shops": ["s"] * 10, "order_nos": [f"T{number}" for number in FIRST], "but": ["x"],
    "now": NOON, "real": NOON, "again": NOON + HOUR, "lease_until": NOON, "fresh": NOON,
    "due_ats": [NOON] * 10,
    "not_afters": [NOON] * 10, "valid_untils": [NOON] * 10, "states": ["sent"] * 10,
    "reasons": ["x"] * 10, "reason": "x", "vendor_ids": [""] * 10, "stopped": [True] * 10,
    "failures": FIRST, "counted": [True] * 10, "also": IDS, "journey": "cascade",
    "kinds": ["friend.added"] * 10, "order_kinds": ["order.paid"] * 10,
    "touch_kinds": ["touch.read"] * 10, "merged": FIRST[:1], "vendor": "", "today": NOON.date(),
    "versions": FIRST, "variants": ["a"] * 10, "probabilities": [1] * 10,
}  # fmt: skip


class House:
    """A database in which thousands wait."""

    def __init__(self, db: Pool) -> None:
        self.db = db

    def empty(self) -> None:
        """Nothing waits, and the statistics say so."""
        with self.db.transaction() as conn:
            conn.execute("truncate touch, task, visit restart identity")
        self.fill(TOUCHES, waits("sent"), BASE)
        self.analyze()

    def fill(self, sql: str, words: dict[str, Any], many: int) -> None:
        with self.db.transaction() as conn:
            conn.execute(sql, {**words, "many": many})

    def analyze(self) -> None:
        with self.db.transaction() as conn:
            for table in TABLES:
                conn.execute(f"analyze {table}")

    def pages(self, statement: str) -> int:
        """How many pages it looks at; what it does is undone."""
        sql, names = _numbered(statement)
        types = ", ".join("timestamptz" if PARAMS[name] == NOON else "unknown" for name in names)
        values = ", ".join(["%s"] * len(names))
        with connect(self.db.url) as driver:
            driver.execute(f"prepare asked ({types}) as {sql}".encode(), prepare=False)
            driver.execute("begin", prepare=False)
            cursor = psycopg.ClientCursor(driver)
            asked = f"explain (analyze, buffers, format json) execute asked ({values})"
            cursor.execute(asked.encode(), [PARAMS[name] for name in names])
            ((said,),) = cursor.fetchall()
            driver.execute("rollback", prepare=False)
        plan = (json.loads(said) if isinstance(said, str) else said)[0]["Plan"]
        return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


def _numbered(statement: str) -> tuple[str, list[str]]:
    """The statement as the server prepares it, and its parameters in order."""
    room, _, name = statement.partition(".")
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    sql = re.sub(r"%\((\w+)\)s", number, getattr(load(f"siyu.{room}"), name))
    return sql.replace("%%", "%"), names


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.statement)
def test_what_is_asked_often_costs_the_same_whatever_waits(db: Pool, case: Case) -> None:
    """Also while the planner knows of none of it: its statistics are of a quiet night before."""
    house, quiet, known = House(db), [], []
    for many in (FEW, MANY):
        house.empty()
        for words in case.waits:
            house.fill(case.fill, words, many)
        quiet.append(house.pages(case.statement))
        house.analyze()
        known.append(house.pages(case.statement))

    assert quiet[1] <= quiet[0] + SLACK
    assert known[1] <= known[0] + SLACK


@pytest.mark.parametrize("scope", ["all", "channel:sms"])
@pytest.mark.parametrize("statement", ["worker.due", "worker.send_due", "outbox.owed"])
def test_what_is_paused_is_not_looked_through(db: Pool, scope: str, statement: str) -> None:
    house, costs = House(db), []
    house.fill(
        "insert into stop select %(scope)s, %(due)s, %(many)s", waits("") | {"scope": scope}, 1
    )
    for many in (FEW, MANY):
        house.empty()
        house.fill(TOUCHES, waits("owed"), many)
        costs.append(house.pages(statement))

    assert costs[1] <= costs[0] + SLACK
