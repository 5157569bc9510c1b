"""Rule: claim wishes → lock their customers' accounts → facts → decide → store and carry out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.budget import views
from siyu.budget.decide import rule as decide
from siyu.budget.model import Facts, Had, Policy, Request, Ruling
from siyu.budget.views import Apart
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


def rule(conn: Conn, zone: ZoneInfo, now: datetime, *, limit: int = 2000) -> Ruled:
    """All wishes that are due, whole customers at a time; hours are those of the brand's zone."""
    wishes = outbox.claim(conn, now, limit)
    if not wishes:
        return Ruled(0, 0, Counter(), Counter())
    ids = sorted({wish.customer_id for wish in wishes})
    _lock(conn, ids, now)
    policy, apart = views.rules(conn, zone, ids, {wish.journey for wish in wishes})
    requests = [_request(wish) for wish in wishes]
    rulings = decide(requests, _facts(conn, requests, policy, apart, now), policy, now)
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


def _facts(
    conn: Conn, requests: Sequence[Request], policy: Policy, apart: Apart, now: datetime
) -> dict[int, Facts]:
    """Read after the lock: what another sweep allowed a moment ago is counted."""
    ids = sorted({request.customer_id for request in requests})
    had = _had(conn, ids, policy, now)
    consents = customers.consents(conn, ids)
    wanted = {ADDRESS[one.channel] for one in requests if one.channel in ADDRESS}
    keys = identities.kinds(conn, ids, wanted)
    return {
        customer: Facts(
            apart.suppressed.get(customer, {}),
            apart.held_out.get(customer, set()),
            consents.get(customer, {}),
            keys.get(customer, set()),
            tuple(had.get(customer, ())),
        )
        for customer in ids
    }


def _had(conn: Conn, ids: Sequence[int], policy: Policy, now: datetime) -> dict[int, list[Had]]:
    if not policy.caps:
        return {}
    longest = max(cap.days for cap in policy.caps)
    had: dict[int, list[Had]] = {}
    for one in touches.counts(conn, ids, now - timedelta(days=longest)):
        had.setdefault(one.customer_id, []).append(Had(one.channel, one.purpose, one.at))
    return had


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
