"""Why a customer was, or was not, contacted; and the rules in force."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from siyu.budget.decide import drawn, spent
from siyu.budget.model import (
    AT_ONCE,
    LOOKS_BACK,
    PRESSED,
    REASONS,
    Account,
    Cap,
    Had,
    Hold,
    Pace,
    Period,
    Policy,
    Quota,
    Request,
    period_at,
)
from siyu.content import views as content
from siyu.content.render import alike
from siyu.identities import views as identities
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import opening, zone
from siyu.outbox import views as outbox
from siyu.outbox.model import MASSES
from siyu.outbox.views import Touch
from siyu.staff import views as staff

SQL = load("siyu.budget")


class Ruled(NamedTuple):
    """A ruling as it was stored; `why` in words. `by_touch`: which touch outranked it."""

    id: int
    touch_id: int
    ruled_at: datetime
    verdict: str
    reason: str
    at: datetime | None
    by_touch: int | None

    def why(self, locale: str) -> str:
        """The reason in words; empty for what was simply allowed."""
        return REASONS.get(self.reason, {}).get(locale, self.reason)


class Explained(NamedTuple):
    """A touch with all its rulings, oldest first."""

    touch: Touch
    rulings: list[Ruled]


class Suppression(NamedTuple):
    """Where, and for what, a customer must not be contacted."""

    channel: str
    purpose: str
    reason: str
    since: datetime
    until: datetime | None


class Outranked(NamedTuple):
    """So many touches of a journey made way for those of another."""

    journey: str
    by: str
    touches: int


class HoldOut(NamedTuple):
    """Which group a customer is in, for good."""

    scope: str
    held: bool
    probability: float
    assigned_at: datetime


class Apart(NamedTuple):
    """What sets customers apart: where they must not be contacted, which journeys hold them out,
    in which layers they are, when they deleted us. Who is like everybody is missing."""

    suppressed: dict[int, tuple[Hold, ...]]
    held_out: dict[int, set[str]]
    layers: dict[int, frozenset[str]]
    deleted: dict[int, datetime]


class ShopPolicy(NamedTuple):
    """What is said about a channel in a shop."""

    shop: str
    channel: str
    allowed: bool
    note: str


def policy(conn: Conn) -> Policy:
    """The rules in force, in the brand's zone."""
    return rules(conn, zone(staff.brand(conn).time_zone), (), (), parted=False)[0]


def rules(
    conn: Conn,
    brand_zone: ZoneInfo,
    customer_ids: Collection[int],
    journeys: Collection[str],
    *,
    parted: bool,
) -> tuple[Policy, Apart]:
    """The rules in force, and what sets these customers apart in these journeys.

    `parted`: also who deleted us, which only some channels ask.
    """
    params = {
        "customers": sorted(set(customer_ids)),
        "journeys": sorted(set(journeys)),
        "parted": parted,
    }
    ((caps, hours, shops, quotas, pace, *apart),) = conn.fetch(SQL.rules, params)
    policy = Policy(
        brand_zone,
        tuple(Cap(*row) for row in caps),
        {(channel, purpose): opening(text) for channel, purpose, text in hours},
        {(shop, channel): allowed for shop, channel, allowed in shops},
        tuple(Quota(*row) for row in quotas),
        Pace(*pace) if pace else AT_ONCE,
    )
    return policy, _apart(apart[:5], apart[5:7], apart[7:9], apart[9:])


def _apart(
    suppressed: Sequence[Sequence[Any]],
    held: Sequence[Sequence[Any]],
    layers: Sequence[Sequence[Any]],
    deleted: Sequence[Sequence[Any]],
) -> Apart:
    found = Apart({}, {}, {}, dict(zip(*deleted, strict=True)))
    for customer, *hold in zip(*suppressed, strict=True):
        found.suppressed[customer] = (*found.suppressed.get(customer, ()), Hold(*hold))
    for customer, scope in zip(*held, strict=True):
        found.held_out.setdefault(customer, set()).add(scope)
    for customer, layer in zip(*layers, strict=True):
        found.layers[customer] = found.layers.get(customer, frozenset()) | {layer}
    return found


class Used(NamedTuple):
    """A carrier quota, and what of the period under way is taken; None: it is per customer."""

    quota: Quota
    used: int | None


class Rules(NamedTuple):
    """The brand's rules as people read them."""

    caps: tuple[Cap, ...]
    hours: dict[tuple[str, str], str]
    quotas: list[Used]
    pace: Pace
    shops: list[ShopPolicy]


def in_force(conn: Conn, now: datetime) -> Rules:
    """All rules, as they were written, with what is used of the quotas."""
    found = policy(conn)
    taken = used(conn, found, now)
    quotas = [
        Used(quota, taken[found.account(quota, now)] if quota.per == "brand" else None)
        for quota in found.quotas
    ]
    hours = {(channel, purpose): text for channel, purpose, text in conn.fetch(SQL.hours)}
    return Rules(found.caps, hours, quotas, found.pace, shop_policies(conn))


def shop_policies(conn: Conn) -> list[ShopPolicy]:
    """What is said about shops; unsaid is allowed. `parcel_insert` is a channel here, too."""
    return [ShopPolicy(*row) for row in conn.fetch(SQL.shop_policies)]


def rulings(conn: Conn, touch_ids: Sequence[int]) -> dict[int, list[Ruled]]:
    """The rulings of these touches, oldest first."""
    found: dict[int, list[Ruled]] = {}
    for row in conn.fetch(SQL.rulings, {"touches": sorted(set(touch_ids))}):
        found.setdefault(row[1], []).append(Ruled(*row))
    return found


def rulings_of_customer(conn: Conn, customer_id: int, after: int, limit: int) -> list[Ruled]:
    """A page of what was ruled about a customer, in the order of ruling; merges are followed."""
    survivor = identities.survivor(conn, [customer_id]).get(customer_id, customer_id)
    params = {"customer": survivor, "after": after, "limit": limit}
    return [Ruled(*row) for row in conn.fetch(SQL.rulings_of_customer, params)]


def rulings_of_touch(conn: Conn, touch_id: int, after: int, limit: int) -> list[Ruled]:
    """A page of what was ruled about a touch, in the order of ruling."""
    params = {"touch": touch_id, "after": after, "limit": limit}
    return [Ruled(*row) for row in conn.fetch(SQL.rulings_of_touch, params)]


def used(conn: Conn, policy: Policy, now: datetime) -> dict[Account, int]:
    """What is taken of the brand's quotas in the periods under way; untouched ones are 0."""
    brand = [quota for quota in policy.quotas if quota.per == "brand"]
    wanted = [policy.account(quota, now) for quota in brand]
    found = outbox.used(conn, wanted)
    return {account: found.get(account, 0) for account in wanted}


def of_customer(conn: Conn, customer_id: int) -> list[Explained]:
    """Every touch of a customer, sent or not, and why."""
    touches = outbox.of_customer(conn, customer_id)
    said = rulings(conn, [touch.id for touch in touches])
    return [Explained(touch, said.get(touch.id, [])) for touch in touches]


def outranked(
    conn: Conn, journeys: Sequence[str], since: datetime, until: datetime
) -> list[Outranked]:
    """By which journeys' touches those of these were outranked that were wished for in this time,
    the most often first."""
    params = {"journeys": sorted(set(journeys)), "since": since, "until": until}
    return [Outranked(*row) for row in conn.fetch(SQL.outranked, params)]


def holdouts(conn: Conn, scope: str, customer_ids: Sequence[int]) -> dict[int, bool]:
    """Customer → held out; who has no group yet is missing."""
    params = {"scope": scope, "customers": sorted(set(customer_ids))}
    return {customer: held for customer, held, _ in conn.fetch(SQL.holdouts, params)}


def holdouts_of(conn: Conn, customer_id: int) -> list[HoldOut]:
    """The groups of a customer."""
    return [
        HoldOut(*row) for row in conn.fetch(SQL.holdouts_of_customer, {"customer": customer_id})
    ]


def suppressed(conn: Conn, customer_ids: Sequence[int], now: datetime) -> dict[int, set[str]]:
    """Customer → channels (or groups, or `*`) where it must not be contacted now."""
    found: dict[int, set[str]] = {}
    params = {"customers": sorted(set(customer_ids))}
    for customer, channel, until in conn.fetch(SQL.suppressions, params):
        if until is None or until > now:
            found.setdefault(customer, set()).add(channel)
    return found


def suppressions_of(conn: Conn, customer_id: int) -> list[Suppression]:
    """Where a customer must not be contacted, and why."""
    rows = conn.fetch(SQL.suppressions_of_customer, {"customer": customer_id})
    return [Suppression(*row) for row in rows]


def withheld(conn: Conn) -> dict[str, int]:
    """How many touches were ruled out, by reason."""
    return dict(conn.fetch(SQL.withheld_by_reason))


class Window(NamedTuple):
    """A cap that binds a customer, what they have had in its days, and what is left of it."""

    channel: str
    purpose: str
    days: int
    most: int
    layer: str
    had: int
    left: int


class Share(NamedTuple):
    """A customer's part of a carrier's quota: what of it is used now, and what is left."""

    channel: str
    period: Period
    most: int
    had: int
    left: int


class Left(NamedTuple):
    """What a customer may still get, and where it must not be contacted at all."""

    ruled_at: datetime | None
    windows: list[Window]
    quotas: list[Share]
    suppressed: list[Suppression]
    held_out: list[HoldOut]


def account(conn: Conn, customer_id: int, now: datetime) -> Left:
    """What a customer has had by the caps and quotas that bind it, as the next ruling sees it."""
    brand_zone = zone(staff.brand(conn).time_zone)
    policy, apart = rules(conn, brand_zone, [customer_id], (), parted=False)
    caps = policy.speaking(apart.layers.get(customer_id, frozenset()))
    quotas = [quota for quota in policy.quotas if quota.per == "customer"]
    spans = [*(cap.days for cap in caps), *(LOOKS_BACK[quota.period] for quota in quotas)]
    counted = outbox.counts(conn, [customer_id], now - timedelta(days=max(spans, default=0)))
    had = [Had(one.channel, one.purpose, one.at) for one in counted]
    windows = [
        Window(*cap, had=count, left=max(0, cap.most - count))
        for cap in caps
        for count in [spent(cap, had, now)]
    ]
    shares = [
        Share(quota.channel, quota.period, most, count, max(0, most - count))
        for quota in quotas
        for most in [quota.room(now, brand_zone)]
        for count in [len(drawn(quota, had, now, brand_zone))]
    ]
    ruled = conn.fetch(SQL.ruled_at, {"customer": customer_id})
    return Left(
        ruled[0][0] if ruled else None,
        windows,
        shares,
        suppressions_of(conn, customer_id),
        holdouts_of(conn, customer_id),
    )


SAME = frozenset({"brand"})  # what a text may fill in and still say the same to everybody


def same_for_all(conn: Conn, asked: Sequence[Request]) -> dict[str, int]:
    """Of the messages that guides press for: materials that say the same to everybody, each with
    how many texts that is. A short link is another one for each customer, and so is the code of a
    poster that does not lead everybody to the same address."""
    codes = {one.material for one in asked if one.channel in MASSES and one.material}
    return _texts(conn, codes)


def _texts(conn: Conn, codes: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for code, shelved in content.shelf(conn, codes, unreviewed=True).items() if codes else ():
        variants = list(shelved.texts.values())
        if all(alike(one, SAME) for texts in variants for one in texts):
            found[code] = max(map(len, variants), default=1)
    return found


class Load(NamedTuple):
    """What a guide has to press on a day to come: so many presses, for so many touches."""

    staff: str
    day: date
    presses: int
    touches: int


def load_ahead(conn: Conn, guides: Collection[str], now: datetime, place: ZoneInfo) -> list[Load]:
    """What was put off for want of presses, by guide and day, in their order."""
    params = {"staff": sorted(guides), "now": now, "zone": place.key, "pressed": sorted(PRESSED)}
    rows = conn.fetch(SQL.put_off, params)
    texts = _texts(conn, {material for _, _, channel, material, _ in rows if channel in MASSES})
    found: dict[tuple[str, date], tuple[int, int]] = {}
    for code, day, channel, material, count in rows:
        one = min(texts[material], count) if channel in MASSES and material in texts else count
        presses, touches = found.get((code, day), (0, 0))
        found[code, day] = presses + one, touches + count
    return [Load(*key, *found[key]) for key in sorted(found)]


def put_off(conn: Conn, guides: Collection[str], now: datetime, place: ZoneInfo) -> dict[str, int]:
    """Guide → presses that were put off before."""
    found: dict[str, int] = {}
    for one in load_ahead(conn, guides, now, place):
        found[one.staff] = found.get(one.staff, 0) + one.presses
    return found


class Pressed(NamedTuple):
    """A guide's day so far: presses used, and touches that share one with others."""

    used: int
    bundled: int


def pressed(
    conn: Conn, guides: Collection[str], now: datetime, place: ZoneInfo
) -> dict[str, Pressed]:
    """Guide → today."""
    params = {"staff": sorted(guides), "since": period_at("day", now, place)[0]}
    return {code: Pressed(used, more) for code, used, more in conn.fetch(SQL.pressed, params)}
