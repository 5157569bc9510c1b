"""Why a customer was, or was not, contacted; and the rules in force."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.budget.decide import spent
from siyu.budget.model import REASONS, Cap, Had, Policy, opening
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import zone
from siyu.outbox import views as outbox
from siyu.outbox.views import Touch
from siyu.staff import views as staff

SQL = load("siyu.budget")


class Ruled(NamedTuple):
    """A ruling as it was stored; `why` in words."""

    touch_id: int
    ruled_at: datetime
    verdict: str
    reason: str
    at: datetime | None

    def why(self, locale: str) -> str:
        """The reason in words; empty for what was simply allowed."""
        return REASONS.get(self.reason, {}).get(locale, self.reason)


class Explained(NamedTuple):
    """A touch with all its rulings, oldest first."""

    touch: Touch
    rulings: list[Ruled]


class Suppression(NamedTuple):
    """Where a customer must not be contacted."""

    channel: str
    reason: str
    since: datetime
    until: datetime | None


class HoldOut(NamedTuple):
    """Which group a customer is in, for good."""

    scope: str
    held: bool
    probability: float
    assigned_at: datetime


class Apart(NamedTuple):
    """What sets customers apart: where they must not be contacted (until when), which journeys
    hold them out. Who is like everybody is missing."""

    suppressed: dict[int, dict[str, datetime | None]]
    held_out: dict[int, set[str]]


class ShopPolicy(NamedTuple):
    """What is said about a channel in a shop."""

    shop: str
    channel: str
    allowed: bool
    note: str


def policy(conn: Conn) -> Policy:
    """The rules in force, in the brand's zone."""
    return rules(conn, zone(staff.brand(conn).time_zone), (), ())[0]


def rules(
    conn: Conn, brand_zone: ZoneInfo, customer_ids: Collection[int], journeys: Collection[str]
) -> tuple[Policy, Apart]:
    """The rules in force, and what sets these customers apart in these journeys."""
    params = {"customers": sorted(set(customer_ids)), "journeys": sorted(set(journeys))}
    ((caps, hours, shops, *apart),) = conn.fetch(SQL.rules, params)
    policy = Policy(
        brand_zone,
        tuple(Cap(*row) for row in caps),
        {(channel, purpose): opening(text) for channel, purpose, text in hours},
        {(shop, channel): allowed for shop, channel, allowed in shops},
    )
    return policy, _apart(*apart)


def _apart(
    suppressed: Sequence[int],
    channels: Sequence[str],
    untils: Sequence[datetime | None],
    held: Sequence[int],
    scopes: Sequence[str],
) -> Apart:
    found = Apart({}, {})
    for customer, channel, until in zip(suppressed, channels, untils, strict=True):
        found.suppressed.setdefault(customer, {})[channel] = until
    for customer, scope in zip(held, scopes, strict=True):
        found.held_out.setdefault(customer, set()).add(scope)
    return found


def shop_policies(conn: Conn) -> list[ShopPolicy]:
    """What is said about shops; unsaid is allowed. `parcel_insert` is a channel here, too."""
    return [ShopPolicy(*row) for row in conn.fetch(SQL.shop_policies)]


def rulings(conn: Conn, touch_ids: Sequence[int]) -> dict[int, list[Ruled]]:
    """The rulings of these touches, oldest first."""
    found: dict[int, list[Ruled]] = {}
    for row in conn.fetch(SQL.rulings, {"touches": sorted(set(touch_ids))}):
        found.setdefault(row[0], []).append(Ruled(*row))
    return found


def of_customer(conn: Conn, customer_id: int) -> list[Explained]:
    """Every touch of a customer, sent or not, and why."""
    touches = outbox.of_customer(conn, customer_id)
    said = rulings(conn, [touch.id for touch in touches])
    return [Explained(touch, said.get(touch.id, [])) for touch in touches]


def holdouts(conn: Conn, scope: str, customer_ids: Sequence[int]) -> dict[int, bool]:
    """Customer → held out; who has no group yet is missing."""
    params = {"scope": scope, "customers": sorted(set(customer_ids))}
    return dict(conn.fetch(SQL.holdouts, params))


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
    """A cap, what a customer has had in its days, and what is left of it."""

    channel: str
    purpose: str
    days: int
    most: int
    had: int
    left: int


class Left(NamedTuple):
    """What a customer may still get: caps, and where it must not be contacted at all."""

    ruled_at: datetime | None
    windows: list[Window]
    suppressed: list[Suppression]
    held_out: list[HoldOut]


def account(conn: Conn, customer_id: int, now: datetime) -> Left:
    """What a customer has had in the windows of all caps, as the next ruling will see it."""
    caps = policy(conn).caps
    longest = timedelta(days=max((cap.days for cap in caps), default=0))
    counted = outbox.counts(conn, [customer_id], now - longest)
    had = [Had(one.channel, one.purpose, one.at) for one in counted]
    windows = [
        Window(*cap, had=count, left=max(0, cap.most - count))
        for cap in caps
        for count in [spent(cap, had, now)]
    ]
    ruled = conn.fetch(SQL.ruled_at, {"customer": customer_id})
    return Left(
        ruled[0][0] if ruled else None,
        windows,
        suppressions_of(conn, customer_id),
        holdouts_of(conn, customer_id),
    )
