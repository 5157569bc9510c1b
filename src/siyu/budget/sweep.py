"""Rule: claim wishes → lock their customers' accounts → facts → decide → store and carry out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.budget import views
from siyu.budget.decide import rule as decide
from siyu.budget.model import Facts, Had, Policy, Request, Ruling
from siyu.customers import views as customers
from siyu.identities import views as identities
from siyu.kernel.sql import Conn, load
from siyu.outbox import actions as outbox
from siyu.outbox import views as touches
from siyu.outbox.model import ADDRESS

SQL = load("siyu.budget")


class Ruled(NamedTuple):
    """What one sweep did; `withheld` and `deferred` by reason."""

    claimed: int
    allowed: int
    deferred: Counter[str]
    withheld: Counter[str]


def rule(conn: Conn, now: datetime, *, limit: int = 2000) -> Ruled:
    """All wishes that are due, whole customers at a time."""
    wishes = outbox.claim(conn, now, limit)
    if not wishes:
        return Ruled(0, 0, Counter(), Counter())
    ids = sorted({wish.customer_id for wish in wishes})
    _lock(conn, ids, now)
    policy = views.policy(conn)
    rulings = decide(
        [_request(wish) for wish in wishes], _facts(conn, ids, policy, now), policy, now
    )
    _carry_out(conn, rulings, now)
    return Ruled(
        len(rulings),
        sum(ruling.verdict == "allow" for ruling in rulings),
        Counter(ruling.reason for ruling in rulings if ruling.verdict == "allow_at"),
        Counter(ruling.reason for ruling in rulings if ruling.verdict == "withhold"),
    )


def _request(wish: outbox.Wished) -> Request:
    return Request(
        touch_id=wish.touch_id,
        customer_id=wish.customer_id,
        journey=wish.journey,
        channel=wish.channel,
        purpose=wish.purpose,
        shop=wish.shop,
        priority=wish.priority,
        lane=wish.lane,
        valid_until=wish.valid_until,
    )


def _lock(conn: Conn, ids: Sequence[int], now: datetime) -> None:
    """After this no other sweep rules for these customers until we commit."""
    conn.execute(SQL.lock_accounts, {"customers": list(ids), "now": now})


def _facts(conn: Conn, ids: Sequence[int], policy: Policy, now: datetime) -> dict[int, Facts]:
    """Read after the lock: what another sweep allowed a moment ago is counted."""
    longest = max((cap.days for cap in policy.caps), default=1)
    had: dict[int, list[Had]] = {}
    for one in touches.counts(conn, ids, now - timedelta(days=longest)):
        had.setdefault(one.customer_id, []).append(Had(one.channel, one.purpose, one.at))
    suppressed: dict[int, dict[str, datetime | None]] = {}
    for customer, channel, until in conn.fetch(SQL.suppressions, {"customers": list(ids)}):
        suppressed.setdefault(customer, {})[channel] = until
    held: dict[int, set[str]] = {}
    for customer, scope in conn.fetch(SQL.held_out, {"customers": list(ids)}):
        held.setdefault(customer, set()).add(scope)
    consents = customers.consents(conn, ids)
    keys: dict[int, set[str]] = {}
    for kind in sorted(set(ADDRESS.values())):
        for customer in identities.reach(conn, ids, kind):
            keys.setdefault(customer, set()).add(kind)
    return {
        customer: Facts(
            suppressed.get(customer, {}),
            held.get(customer, set()),
            consents.get(customer, {}),
            keys.get(customer, set()),
            tuple(had.get(customer, ())),
        )
        for customer in ids
    }


def _carry_out(conn: Conn, rulings: Sequence[Ruling], now: datetime) -> None:
    ordered = sorted(rulings, key=lambda ruling: ruling.touch_id)
    conn.execute(
        SQL.store_rulings,
        {
            "touches": [ruling.touch_id for ruling in ordered],
            "verdicts": [ruling.verdict for ruling in ordered],
            "reasons": [ruling.reason for ruling in ordered],
            "ats": [ruling.at for ruling in ordered],
            "now": now,
        },
    )
    allowed = [ruling for ruling in ordered if ruling.verdict == "allow"]
    later = [(r.touch_id, r.at) for r in ordered if r.verdict == "allow_at" and r.at is not None]
    withheld = [(r.touch_id, r.reason) for r in ordered if r.verdict == "withhold"]
    outbox.owe(conn, [(r.touch_id, r.at or now, r.until) for r in allowed])
    outbox.defer(conn, later)
    outbox.withhold(conn, withheld, now)
