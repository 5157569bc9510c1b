"""A brand to measure on: installed, filled, fed; and the meters.

Rows that a measurement finds on its way in (customers, consents, visits that wait) are put there by
plain SQL: they are the scene, not the play.
"""

from __future__ import annotations

import os
import platform
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from siyu.app import PREDICATES, App
from siyu.budget import actions as budget
from siyu.commerce.actions import seed_shop
from siyu.commerce.model import Shop
from siyu.db.pool import connect
from siyu.journeys import actions as journeys
from siyu.ledger import actions as ledger
from siyu.ledger.model import Price
from siyu.offers import actions as offers
from siyu.playbooks import actions as playbooks
from siyu.staff.actions import seed
from siyu.staff.model import Brand, Member

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)  # noon in Shanghai: nothing waits for its hours
PAID = 0.85  # share of orders among the events; the rest are friends
BUYERS = 0.4  # possible buyers per event
CPU_TICK = os.sysconf("SC_CLK_TCK")

# The job of the comparison: an event lets somebody in, who waits and is then sent a message.
ENTER = "enter: {on: order.paid, max_age: 2h}\n"
WAIT_AND_SEND = f"""
journey: bench
title: {{zh: 等待后发送, en: Wait and send}}
{ENTER}reenter: each
concurrent: one per order
ends_when: {{friend: true}}
steps:
  - {{id: pause, wait: 10m}}
  - id: say
    send: {{channel: sms, material: invite-sms, purpose: order_invitation, lane: now, priority: 5}}
  - {{id: watch, until: {{friend: true}}, timeout: 14d}}
  - {{id: end, exit: done}}
"""


def install(app: App) -> None:
    """A brand with the cascade, and the journey that waits and sends."""
    with app.db.transaction() as conn:
        brand = Brand("bench", "Asia/Shanghai", "CNY", "CN", "zh")
        seed(conn, brand, (), [Member("guide-1", "g", "guide")])
        seed_shop(conn, [Shop("s", "s", "tmall")])
        ledger.set_prices(conn, [Price(kind, 5, "CNY") for kind in ("sms_segment", "gift", "card")])
        budget.set_defaults(conn)
        playbook = playbooks.read("cascade")
        playbooks.install(conn, playbook, "CNY", PREDICATES, NOW)
        for one in playbook.manifest.offers:
            offers.stock(conn, one.sku, 10_000_000)


def at_any_hour(app: App) -> None:
    """By the real clock it may be night at the brand's place, when every message waits."""
    with app.db.transaction() as conn:
        budget.set_hours(conn, {("sms", "*"): "00:00-23:59"})


def note_commits(app: App) -> None:
    """Have the server note the time of every commit, from its next start on."""
    with connect(app.db.url) as driver:
        driver.execute("alter system set track_commit_timestamp = on")


def publish(app: App, *, by_hand: bool = False) -> None:
    """Make the journey known. `by_hand`: events that are told meanwhile walk the cascade alone."""
    text = WAIT_AND_SEND.replace(ENTER, "") if by_hand else WAIT_AND_SEND
    with app.db.transaction() as conn:
        journeys.publish(conn, text, None, PREDICATES, "bench", NOW)


# ── What is told ─────────────────────────────────────────────────────────────────────────────────


def told(count: int, seed: int, now: datetime = NOW) -> list[msgspec.Raw]:
    """Events as shops and WeCom send them: orders of two lines, and friends who noted a phone."""
    chance = random.Random(seed)
    return [
        msgspec.Raw(msgspec.json.encode(_event(chance, seed, number, count, now)))
        for number in range(count)
    ]


def _event(
    chance: random.Random, seed: int, number: int, count: int, now: datetime
) -> dict[str, Any]:
    buyer = chance.randrange(int(count * BUYERS) or 1)
    at = now - timedelta(seconds=(count - number) * 600 / count)
    keys = {"phone": f"138{buyer:08d}"}
    event: dict[str, Any] = {
        "source": "bench",
        "id": f"e{seed}-{number}",
        "occurred_at": at.isoformat(),
        "keys": keys,
    }
    if chance.random() >= PAID:
        keys["external_userid"] = f"wm{buyer}"
        return event | {"kind": "friend.added", "data": {"staff": "guide-1"}}
    keys["buyer"] = f"s/{buyer}"
    paid = order(f"{seed}-{number}")
    return event | {"kind": "order.paid", "person": {"name": "某人"}, "data": paid}


def order(name: str) -> dict[str, Any]:
    """An order of two lines."""
    line = {"sku": "A1", "title": "面霜", "quantity": 1, "unit_minor": 9900, "amount_minor": 9900}
    return {
        "shop": "s",
        "order_no": f"n{name}",
        "currency": "CNY",
        "total_minor": 19800,
        "lines": [line, {**line, "sku": "B2"}],
    }


# ── What is there already ────────────────────────────────────────────────────────────────────────

_FILL = (
    """insert into customer (id, created_at)
       select nextval('customer_id_seq'), %(now)s from generate_series(1, %(count)s)""",
    """insert into identity (kind, hash, customer_id, first_customer_id, how, created_at)
       select 'phone', substring(sha256(id::text::bytea) for 16), id, id, 'bench', %(now)s
       from generate_series(%(first)s::bigint, %(last)s::bigint) as c (id)""",
    """insert into consent (identity_id, customer_id, channel, purpose, state, basis, evidence,
         changed_at, changed_source, changed_source_id)
       select i.id, i.customer_id, 'sms', 'order_invitation', 'given', 'consent', 'form', %(now)s,
         'bench', i.id::text
       from identity i where i.customer_id between %(first)s and %(last)s""",
    """insert into orders (shop, order_no, customer_id, state, paid_at, source, source_id, currency,
         total_minor, event_id)
       select 's', 'o' || id, id, 'paid', %(now)s, 'bench', id::text, 'CNY', 9900, id
       from generate_series(%(first)s::bigint, %(last)s::bigint) as c (id)""",
)
_VISITS = """
  with n as (
    insert into visit (journey_id, version, customer_id, key, shop, order_no, node, state, due_at,
      waiting_for, ends_kinds, since, entered_at)
    select j.id, j.published_version, c.id, 's/o' || c.id, 's', 'o' || c.id, 'pause', 0,
      %(due)s::timestamptz + %(spread)s::interval * ((c.id - %(first)s) / %(count)s::float8),
      '{friend.added}', '{friend.added}', %(due)s::timestamptz - interval '10 minutes', %(now)s
    from generate_series(%(first)s::bigint, %(last)s::bigint) as c (id), journey j
    where j.code = 'bench'
    returning id, shop, order_no)
  insert into visit_order (visit_id, shop, order_no, joined_at)
  select id, shop, order_no, %(now)s from n"""
_WAITING = """
  insert into visit (journey_id, version, customer_id, key, shop, order_no, node, state, due_at,
    waiting_for, ends_kinds, since, entered_at)
  select j.id, j.published_version, -c.id, 's/w' || c.id, 's', 'w' || c.id, 'watch', 0,
    %(now)s::timestamptz + interval '1 day' + c.id * interval '1 second',
    '{friend.added}', '{friend.added}', %(now)s, %(now)s
  from generate_series(1, %(count)s::bigint) as c (id), journey j where j.code = 'bench'"""


def due_visits(
    app: App, count: int, due: datetime = NOW, spread: timedelta = timedelta(0)
) -> tuple[int, int]:
    """So many new customers whose wait is over at `due`, or within `spread` after: (first, last).

    Each has a phone, a consent and an order.
    """
    with app.db.transaction() as conn:
        conn.execute(_FILL[0], {"count": count, "now": NOW})
        ((last,),) = conn.fetch("select max(id) from customer")
        people = {"first": last - count + 1, "last": last, "now": NOW}
        for sql in _FILL[1:]:
            conn.execute(sql, people)
        when = {"due": due, "spread": spread, "count": count}
        conn.execute(_VISITS, {**people, **when})
    return last - count + 1, last


def waiting_visits(app: App, count: int, now: datetime = NOW) -> None:
    """So many visits of other customers that wait for another day."""
    with app.db.transaction() as conn:
        conn.execute(_WAITING, {"count": count, "now": now})


_LATE = """
  select extract(epoch from pg_xact_commit_timestamp(t.xmin) - (%(due)s::timestamptz
    + %(spread)s::interval * ((t.customer_id - %(first)s) / %(count)s::float8)))::float8
  from touch t
  where t.customer_id between %(first)s::bigint and %(last)s::bigint and t.state = 'owed'"""


def lateness(app: App, first: int, last: int, due: datetime, spread: timedelta) -> list[float]:
    """Seconds from when each of these `due_visits` was due until its owed touch was committed.

    A touch that is owed and not yet leased has been written once. The server notes the time of a
    commit as it writes it down, just before it flushes it.
    """
    count = last - first + 1
    given = {"first": first, "last": last, "count": count, "due": due, "spread": spread}
    late = [seconds for (seconds,) in app.db.fetch(_LATE, given)]
    assert len(late) == count, f"{len(late)} of {count} touches are owed"
    return late


def settle(app: App) -> None:
    """Fresh statistics and a checkpoint, so that no measurement pays for the one before."""
    with connect(app.db.url) as driver:
        driver.execute("analyze")
        driver.execute("checkpoint")


def machine() -> dict[str, Any]:
    """What this runs on, and how busy it is already."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "cpu": cpu,
        "memory_gb": round(memory / 1e9),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


# ── Meters ───────────────────────────────────────────────────────────────────────────────────────


class Spent(NamedTuple):
    """Seconds of CPU by who spent them; bytes of WAL; seconds on the clock."""

    wall: float
    database: float
    wal: int


@contextmanager
def metered(app: App) -> Iterator[list[Spent]]:
    """What the database spends inside; the one entry is there at the end."""
    home = app.settings.home
    found: list[Spent] = []
    wall, cpu, wal = time.perf_counter(), database_seconds(home), _wal(app)
    yield found
    spent = database_seconds(home) - cpu
    found.append(Spent(time.perf_counter() - wall, spent, _wal(app) - wal))


def _wal(app: App) -> int:
    ((at,),) = app.db.fetch("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")
    return int(at)


def database_seconds(home: Path) -> float:
    """CPU of the server processes of this home, with their ended children."""
    total = 0.0
    for folder in processes(home):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it has just ended
        total += sum(int(value) for value in fields[11:15]) / CPU_TICK
    return total


def processes(home: Path) -> list[Path]:
    """The server's processes: those that work in its folder."""
    found: list[Path] = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and (folder / "cwd").readlink().is_relative_to(home):
                found.append(folder)
        except OSError:
            continue  # it has just ended, or is somebody else's
    return found


def pss(folder: Path) -> int:
    """The process's share of memory, in bytes: what is shared counts in parts. Ended: none."""
    try:
        lines = (folder / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def at_percent(values: list[float], percent: float) -> float:
    """The value that so many percent don't exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
