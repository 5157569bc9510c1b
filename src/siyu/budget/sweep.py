"""Rule: claim wishes → lock their customers' accounts → facts → decide → store and carry out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
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
from siyu.outbox.actions import Stand
from siyu.outbox.model import ADDRESS, Wish

SQL = load("siyu.budget")


class Ruled(NamedTuple):
    """What one sweep did; `withheld` and `deferred` by reason."""

    claimed: int
    allowed: int
    deferred: Counter[str]
    withheld: Counter[str]


def rule(conn: Conn, zone: ZoneInfo, now: datetime, *, limit: int = 2000) -> Ruled:
    """All wishes that are due, whole customers at a time; hours are those of the brand's zone."""
    rulings = _rulings(conn, [_request(one) for one in outbox.claim(conn, now, limit)], zone, now)
    _carry_out(conn, rulings, now)
    _store(conn, rulings, now)
    return Ruled(
        len(rulings),
        sum(ruling.verdict == "allow" for ruling in rulings),
        Counter(ruling.reason for ruling in rulings if ruling.verdict == "allow_at"),
        Counter(ruling.reason for ruling in rulings if ruling.verdict == "withhold"),
    )


def rule_new(
    conn: Conn, wishes: Sequence[Wish], *, zone: ZoneInfo, now: datetime
) -> tuple[list[Stand], Callable[[Sequence[int | None]], None]]:
    """How wishes that are about to be written stand; `note` stores it once they have their ids.

    What waits to be ruled is ruled with them: the more urgent of a customer's wishes goes first.
    """
    waiting = [_request(one) for one in outbox.claim(conn, now, len(wishes))]
    new = [_request(wish, _UNWRITTEN + place) for place, wish in enumerate(wishes)]
    found = _rulings(conn, [*waiting, *new], zone, now)
    stored, rulings = found[: len(waiting)], found[len(waiting) :]
    _carry_out(conn, stored, now)

    def note(touches: Sequence[int | None]) -> None:
        made = zip(rulings, touches, strict=True)
        told = [ruling._replace(touch_id=touch) for ruling, touch in made if touch is not None]
        _store(conn, [*stored, *told], now)

    return [_stand(ruling, now) for ruling in rulings], note


_UNWRITTEN = 1 << 62  # ids of wishes that are not written yet: after all others of their urgency


def _stand(ruling: Ruling, now: datetime) -> Stand:
    match ruling.verdict:
        case "allow":
            return Stand("owed", ruling.at or now, ruling.until)
        case "allow_at":
            return Stand("wished", ruling.at or now)
        case "withhold":
            return Stand("withheld", now, None, ruling.reason)


def _rulings(
    conn: Conn, requests: Sequence[Request], zone: ZoneInfo, now: datetime
) -> list[Ruling]:
    if not requests:
        return []
    ids = sorted({request.customer_id for request in requests})
    _lock(conn, ids, now)
    policy, apart = views.rules(conn, zone, ids, {request.journey for request in requests})
    return decide(requests, _facts(conn, requests, policy, apart, now), policy, now)


def _request(wish: outbox.Wished | Wish, touch_id: int | None = None) -> Request:
    return Request(
        touch_id=wish.touch_id if isinstance(wish, outbox.Wished) else touch_id or 0,
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
    allowed = [ruling for ruling in rulings if ruling.verdict == "allow"]
    later = [(r.touch_id, r.at) for r in rulings if r.verdict == "allow_at" and r.at is not None]
    withheld = [(r.touch_id, r.reason) for r in rulings if r.verdict == "withhold"]
    outbox.owe(conn, [(r.touch_id, r.at or now, r.until) for r in allowed])
    outbox.defer(conn, later)
    outbox.withhold(conn, withheld, now)


def _store(conn: Conn, rulings: Sequence[Ruling], now: datetime) -> None:
    if not rulings:
        return
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
