"""Rule: claim wishes → lock their customers' accounts → facts → decide → store and carry out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from siyu.budget import views
from siyu.budget.actions import money
from siyu.budget.actions.money import UNWRITTEN
from siyu.budget.actions.rulings import store
from siyu.budget.decide import NOTHING_SHARED, Shared, needs_press, presser
from siyu.budget.decide import rule as decide
from siyu.budget.model import (
    LOOKS_BACK,
    Account,
    Facts,
    Had,
    Policy,
    Request,
    Ruling,
    bundle_at,
    period_at,
)
from siyu.budget.views import Apart
from siyu.customers import views as customers
from siyu.identities import views as identities
from siyu.kernel.sql import Conn, load
from siyu.outbox import actions as outbox
from siyu.outbox import views as touches
from siyu.outbox.actions import Stand, places
from siyu.outbox.model import ADDRESS, Wish, consent_channel

SQL = load("siyu.budget")


class Ruled(NamedTuple):
    """What one sweep did; `withheld` and `deferred` by reason."""

    claimed: int
    allowed: int
    deferred: Counter[str]
    withheld: Counter[str]


def rule(conn: Conn, zone: ZoneInfo, now: datetime, *, limit: int = 2000) -> Ruled:
    """All wishes that are due, whole customers at a time; hours are those of the brand's zone."""
    asked = _waiting(outbox.claim(conn, now, limit))
    rulings, guides = _rulings(conn, asked, zone, now)
    _carry_out(conn, rulings, guides, now)
    store(conn, rulings, now)
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
    waiting = _waiting(outbox.claim(conn, now, len(wishes)))
    new = [_request(wish, UNWRITTEN + place, now) for place, wish in enumerate(wishes)]
    found, guides = _rulings(conn, [*waiting, *new], zone, now)
    stored, rulings = found[: len(waiting)], found[len(waiting) :]
    _carry_out(conn, stored, guides, now)

    def note(touches: Sequence[int | None]) -> None:
        ids = {UNWRITTEN + place: touch for place, touch in enumerate(touches)}
        store(conn, _written([*stored, *rulings], ids), now)

    return [_stand(ruling, guides, now) for ruling in rulings], note


def _written(rulings: Sequence[Ruling], ids: Mapping[int, int | None]) -> list[Ruling]:
    """The same under the ids that they have by now; what was wished for before is left out."""
    return [
        replace(ruling, touch_id=touch, by=ruling.by and ids.get(ruling.by, ruling.by))
        for ruling in rulings
        if (touch := ids.get(ruling.touch_id, ruling.touch_id)) is not None
    ]


def _stand(ruling: Ruling, guides: Mapping[int, str], now: datetime) -> Stand:
    match ruling.verdict:
        case "allow":
            guide = guides.get(ruling.touch_id, "")
            return Stand("owed", ruling.at or now, ruling.until, "", guide, ruling.counted)
        case "allow_at":
            guide = guides.get(ruling.touch_id, "") if ruling.reason == "presses" else ""
            return Stand("wished", ruling.at or now, staff=guide)
        case "withhold":
            return Stand("withheld", now, None, ruling.reason)


def _rulings(
    conn: Conn, asked: Sequence[Request], zone: ZoneInfo, now: datetime
) -> tuple[list[Ruling], Mapping[int, str]]:
    """One ruling each, and who is to press for those that need it."""
    if not asked:
        return [], {}
    ids = sorted({request.customer_id for request in asked})
    of = money.playbooks(conn, {request.journey for request in asked})
    purse = money.money(conn, of, asked, now)
    _lock(conn, ids, now)
    requests = [*asked, *_rivals(conn, asked, now)]
    channels = {request.channel for request in requests}
    journeys = {request.journey for request in requests}
    policy, apart = views.rules(conn, zone, ids, journeys, parted=_asks_who_parted(channels))
    facts = _facts(conn, ids, channels, policy, apart, now)
    inviting = {one.customer_id for one in requests if one.invites}
    for customer, closed in customers.closed(conn, inviting).items():
        facts[customer] = replace(facts[customer], closed=closed)
    chosen = {code: one.staff for code, one in of.items() if one.staff}
    shared = _shared(conn, requests, len(asked), policy, chosen, now)._replace(money=purse)
    return decide(requests, facts, policy, now, shared)[: len(asked)], shared.guides


def _waiting(wishes: Sequence[outbox.Wished]) -> list[Request]:
    return [_request(wish, wish.touch_id, wish.wished_at) for wish in wishes]


def _request(wish: outbox.Wished | Wish, touch_id: int, wished_at: datetime | None) -> Request:
    return Request(
        touch_id,
        wish.customer_id,
        wish.journey,
        wish.channel,
        wish.purpose,
        wish.shop,
        wish.priority,
        wish.lane,
        wish.valid_until,
        wish.value,
        wished_at,
        wish.order_no,
        wish.material,
        wish.invites,
        wish.promise_id,
    )


def _lock(conn: Conn, ids: Sequence[int], now: datetime) -> None:
    """After this no other sweep rules for these customers until we commit."""
    conn.execute(SQL.lock_accounts, {"customers": list(ids), "now": now})


def _rivals(conn: Conn, asked: Sequence[Request], now: datetime) -> list[Request]:
    """What else is due for those with a wish in lane `window` competes, whoever rules it."""
    who = {request.customer_id for request in asked if request.lane == "window"}
    if not who:
        return []
    mine = {request.touch_id for request in asked}
    return [
        one for one in _waiting(outbox.rivals(conn, sorted(who), now)) if one.touch_id not in mine
    ]


def _asks_who_parted(channels: Iterable[str]) -> bool:
    return any(consent_channel(channel) in ("wecom", "voice") for channel in channels)


def _shared(
    conn: Conn,
    asked: Sequence[Request],
    ours: int,
    policy: Policy,
    chosen: Mapping[str, AbstractSet[str]],
    now: datetime,
) -> Shared:
    """What is left of what all customers share, locked in the order of its key until we commit.

    Only the first of these, `ours`, give back what an earlier ruling took for them.
    """
    guides = _guides(conn, asked, policy, chosen)
    limited = guides if policy.pace.presses is not None else {}
    draws = {(request.channel, limited.get(request.touch_id)) for request in asked}
    drawn = {account for draw in draws for account in policy.accounts(*draw, now)}
    texts = views.same_for_all(conn, asked) if limited else {}
    bundles = {
        bundle_at(guides[one.touch_id], one.material, now)
        for one in asked
        if one.touch_id in limited and one.material in texts
    }
    drawn |= bundles
    if not drawn:
        return NOTHING_SHARED._replace(guides=guides, chosen=chosen)
    touches = [request.touch_id for request in asked[:ours] if request.touch_id < UNWRITTEN]
    used = places.lock(conn, list(drawn), touches)
    room = {
        policy.account(quota, now): quota.room(now, policy.zone)
        for quota in policy.quotas
        if quota.per == "brand"
    }
    presses = policy.pace.presses or 0
    left = {one: room.get(one, presses) - used[one] for one in drawn if one not in bundles}
    bundled = {one: used[one] for one in bundles}
    wanted = Counter(limited.values())
    today = period_at("day", now, policy.zone)[0]
    short = [one for one in wanted if left[Account(f"guide:{one}", "day", today)] < wanted[one]]
    later = views.put_off(conn, short, now, policy.zone) if short else {}
    return Shared(left, guides, texts, bundled, later, chosen=chosen)


def _guides(
    conn: Conn, asked: Sequence[Request], policy: Policy, chosen: Mapping[str, AbstractSet[str]]
) -> dict[int, str]:
    """Who is to press for each touch that needs it, where presses are limited or somebody was
    chosen for its playbook."""
    limited = policy.pace.presses is not None
    pressed = [one for one in asked if needs_press(one) and (limited or one.journey in chosen)]
    if not pressed:
        return {}
    found: dict[int | None, list[str]] = {}
    ids = {"customers": sorted({request.customer_id for request in pressed})}
    for customer, code in conn.fetch(SQL.guides, ids):
        found.setdefault(customer, []).append(code)
    active = found.pop(None, [])
    friends = {customer: codes for customer, codes in found.items() if customer is not None}
    guides = {
        one.touch_id: presser(one, friends, active, chosen.get(one.journey, frozenset()))
        for one in pressed
    }
    return {touch: guide for touch, guide in guides.items() if guide is not None}


def _facts(
    conn: Conn,
    ids: Sequence[int],
    channels: AbstractSet[str],
    policy: Policy,
    apart: Apart,
    now: datetime,
) -> dict[int, Facts]:
    """Read after the lock: what another sweep allowed a moment ago is counted."""
    had, refused = _had(conn, ids, channels, policy, now)
    consents = customers.consents(conn, ids)
    keys = identities.kinds(conn, ids, {ADDRESS[one] for one in channels if one in ADDRESS})
    return {
        customer: Facts(
            apart.suppressed.get(customer, ()),
            apart.held_out.get(customer, frozenset()),
            consents.get(customer, {}),
            keys.get(customer, frozenset()),
            tuple(had.get(customer, ())),
            apart.layers.get(customer, frozenset()),
            apart.deleted.get(customer),
            refused.get(customer),
        )
        for customer in ids
    }


def _had(
    conn: Conn, ids: Sequence[int], channels: AbstractSet[str], policy: Policy, now: datetime
) -> tuple[dict[int, list[Had]], dict[int, datetime]]:
    """What each customer has had as far back as a rule looks, and the last call each refused."""
    calls = any(consent_channel(channel) == "voice" for channel in channels)
    spans = [
        *(cap.days for cap in policy.caps),
        *(LOOKS_BACK[quota.period] for quota in policy.quotas if quota.per == "customer"),
        *([policy.pace.cooldown_days] if calls and policy.pace.cooldown_days else []),
    ]
    if not spans:
        return {}, {}
    had: dict[int, list[Had]] = {}
    refused: dict[int, datetime] = {}
    for one in touches.counts(conn, ids, now - timedelta(days=max(spans))):
        counted = Had(one.channel, one.purpose, one.at, one.touch_id)
        had.setdefault(one.customer_id, []).append(counted)
        if one.refused_at is not None:
            before = refused.get(one.customer_id, one.refused_at)
            refused[one.customer_id] = max(before, one.refused_at)
    return had, refused


def _carry_out(
    conn: Conn, rulings: Sequence[Ruling], guides: Mapping[int, str], now: datetime
) -> None:
    allowed = [ruling for ruling in rulings if ruling.verdict == "allow"]
    later = [(r.touch_id, r.at) for r in rulings if r.verdict == "allow_at" and r.at is not None]
    withheld = [(r.touch_id, r.reason) for r in rulings if r.verdict == "withhold"]
    outbox.owe(conn, [(r.touch_id, r.at or now, r.until, r.counted) for r in allowed])
    outbox.defer(conn, later)
    outbox.withhold(conn, withheld, now)
    put_off = [r for r in rulings if r.verdict == "allow_at" and r.reason == "presses"]
    pressed = [r.touch_id for r in [*allowed, *put_off] if r.touch_id in guides]
    outbox.staff(conn, {touch: guides[touch] for touch in pressed})
