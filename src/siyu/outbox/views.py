"""What became of touches: of a customer, of a visit, for caps, and when there is work again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from siyu.identities import views as identities
from siyu.kernel.sql import Conn, load, paged
from siyu.ledger.model import Entry
from siyu.outbox.model import (
    ADDRESS,
    CALLS,
    NO_CODE,
    STAFF_FIELD,
    TOO_LATE,
    WELCOME_WITHIN,
    WELCOMES,
    TouchFact,
    staff_subject,
)
from siyu.vault import views as vault
from siyu.vault.model import Keys, mask_phone

SQL = load("siyu.outbox")
MOST_QUEUED = 1_000
MOST_SHOWN = 10_001  # "10,000+"


class Touch(NamedTuple):
    """A touch as it stands."""

    id: int
    visit_id: int | None
    node: str
    round: int
    customer_id: int
    identity_id: int | None
    journey: str
    step: str
    channel: str
    purpose: str
    shop: str
    order_no: str
    material: str
    promise_id: int | None
    state_code: str
    state: str
    held: bool
    reason: str
    wished_at: datetime
    due_at: datetime
    not_after: datetime | None
    valid_until: datetime | None
    sent_at: datetime | None
    finished_at: datetime | None
    attempts: int
    outcome: str
    intent: str
    seconds: int
    segments: int
    probability: float


class Counted(NamedTuple):
    """A touch that counts against caps, at the time when it went (or will go) out."""

    customer_id: int
    channel: str
    purpose: str
    at: datetime
    touch_id: int = 0
    refused_at: datetime | None = None  # a call, by the customer


class Stop(NamedTuple):
    """What is paused."""

    scope: str
    since: datetime
    by: str


class Held(NamedTuple):
    """What a stop holds on one channel, or would: bounded counts (`MOST_SHOWN`).

    `waiting`: wished for or owed; of these, `untrue` are past what they promise and never go.
    `back`: with a provider or a person, and asked back. `in_hand`: just being handed over.
    """

    channel: str
    waiting: int
    untrue: int
    back: int
    in_hand: int


class Trial(NamedTuple):
    """A test send as it stands. `unknown`: handed over, and not answered (yet)."""

    id: int
    staff: str
    journey: str
    step: str
    channel: str
    material: str
    text: str
    state: str
    reason: str
    asked_by: str
    asked_at: datetime
    sent_at: datetime | None


def of_customer(conn: Conn, customer_id: int) -> list[Touch]:
    """Every touch of a customer, sent or not, oldest first."""
    return [Touch(*row) for row in conn.fetch(SQL.touches_of_customer, {"customer": customer_id})]


def of_visit(conn: Conn, visit_id: int) -> list[Touch]:
    """Every touch of a visit, sent or not, oldest first."""
    return [Touch(*row) for row in conn.fetch(SQL.touches_of_visit, {"visit": visit_id})]


def facts(conn: Conn, touch_ids: Sequence[int]) -> dict[int, Touch]:
    """These touches."""
    rows = conn.fetch(SQL.touches, {"ids": sorted(set(touch_ids))})
    return {row[0]: Touch(*row) for row in rows}


def page(
    conn: Conn,
    after: int,
    limit: int,
    *,
    customer: int | None = None,
    journey: str = "",
    state: str = "",
    since: datetime | None = None,
) -> tuple[list[Touch], int]:
    """Touches with an id above `after`, in id order; and the id up to which was looked."""
    filters = {"journey": journey, "state": state, "since": since}
    if customer is None:
        rows, end = paged(conn, SQL.page, SQL.page_end, after, limit, filters)
    else:
        params = {**filters, "after": after, "limit": limit, "customer": customer}
        rows = conn.fetch(SQL.page_of, params)
        end = int(rows[-1][0]) if rows else after
    return [Touch(*row) for row in rows], end


def last(conn: Conn, visit_ids: Sequence[int]) -> dict[int, list[TouchFact]]:
    """The newest touch of each step of these visits."""
    found: dict[int, list[TouchFact]] = {}
    if visit_ids:
        params = {"visits": sorted(set(visit_ids)), "calls": sorted(CALLS)}
        for visit_id, *rest in conn.fetch(SQL.last, params):
            found.setdefault(visit_id, []).append(TouchFact(*rest))
    return found


class Queued(NamedTuple):
    """Touches of a channel that wait for one reason: how many, when the first is tried again."""

    channel: str
    reason: str
    many: int
    next_at: datetime


def queued(conn: Conn, channels: Sequence[str], reasons: Sequence[str]) -> list[Queued]:
    """What of these channels is owed and waits, for one of these reasons; at most 1,000 each."""
    params = {"channels": list(channels), "reasons": list(reasons), "most": MOST_QUEUED}
    return [Queued(*row) for row in conn.fetch(SQL.queued, params)]


def intents(conn: Conn, visit_ids: Sequence[int]) -> dict[int | None, str]:
    """What the last call of each of these visits heard, where one did."""
    found: dict[int | None, tuple[datetime, str]] = {}
    for visit, facts in last(conn, visit_ids).items():
        told = [(one.sent_at, one.intent) for one in facts if one.sent_at and one.intent]
        if told:
            found[visit] = max(told)
    return {visit: intent for visit, (_, intent) in found.items()}


def unsaid(conn: Conn, journey: str) -> list[int]:
    """The visits of a journey that have still something to say, over or not."""
    return [row[0] for row in conn.fetch(SQL.unsaid, {"journey": journey})]


def wished(conn: Conn, visit_ids: Sequence[int]) -> list[tuple[int, str, int, bool]]:
    """(visit, node, round, whether it went out or still may) of every touch of these visits."""
    rows = conn.fetch(SQL.wished_by, {"visits": sorted(set(visit_ids))})
    return [(visit, node, round_, told) for visit, node, round_, told in rows]


def withheld_since(
    conn: Conn, journeys: Sequence[str], since: datetime, most: int
) -> dict[str, int]:
    """Journey → how many of its touches were withheld since then, `most` at most."""
    params = {"journeys": list(journeys), "since": since, "most": most}
    return {code: count for code, count in conn.fetch(SQL.withheld_since, params)}  # noqa: C416


class Became(NamedTuple):
    """What became of a touch of a visit; `left`: it went out, or may have."""

    visit_id: int
    node: str
    state: str
    reason: str
    left: bool


def ruled_on(conn: Conn, visit_ids: Sequence[int]) -> list[Became]:
    """What became of every touch of these visits."""
    rows = conn.fetch(SQL.ruled_on, {"visits": sorted(set(visit_ids))})
    return [Became(*row) for row in rows]


def counts(conn: Conn, customer_ids: Sequence[int], since: datetime) -> list[Counted]:
    """What counts against caps since then: sent, surely going out, or in doubt."""
    params = {"customers": sorted(set(customer_ids)), "since": since}
    return [Counted(*row) for row in conn.fetch(SQL.counts, params)]


def stops(conn: Conn) -> list[Stop]:
    """What is paused, since when, by whom."""
    return [Stop(*row) for row in conn.fetch(SQL.stops)]


def held(conn: Conn, scope: str, now: datetime) -> list[Held]:
    """What a stop of this scope holds or would hold, by channel; a channel without any is out."""
    params = {"scope": scope, "now": now, "most": MOST_SHOWN}
    return [Held(*row) for row in conn.fetch(SQL.stop_preview, params)]


def waiting(conn: Conn, scope: str = "all") -> int:
    """How many touches of this scope are wished for or owed and have not gone out."""
    return int(conn.fetch(SQL.waiting, {"scope": scope})[0][0])


def in_hand(conn: Conn, scope: str = "all") -> int:
    """How many of this scope are just being handed over, or may have been."""
    return int(conn.fetch(SQL.in_hand, {"scope": scope})[0][0])


def used(
    conn: Conn, accounts: Sequence[tuple[str, str, datetime]]
) -> dict[tuple[str, str, datetime], int]:
    """What is taken of what all touches share; an account that nothing ever took of is missing."""
    names, periods, starts = zip(*accounts, strict=True) if accounts else ((), (), ())
    params = {"names": list(names), "periods": list(periods), "starts": list(starts)}
    return {row[:3]: row[3] for row in conn.fetch(SQL.places_used, params)}


class Text(NamedTuple):
    """A text message that left or may have left, and to whom it counts."""

    touch_id: int
    customer_id: int
    identity_id: int | None
    journey: str
    step: str
    shop: str
    segments: int

    def cost(self, at: datetime, vendor: str) -> Entry:
        """What the ledger books for it."""
        return Entry(
            cause="touch",
            cause_id=self.touch_id,
            kind="sms_segment",
            customer_id=self.customer_id,
            identity_id=self.identity_id,
            journey=self.journey,
            step=self.step,
            shop=self.shop,
            quantity=self.segments,
            occurred_at=at,
            variant=vendor,
        )


def texts(conn: Conn, touch_ids: Sequence[int]) -> list[Text]:
    """The text messages among these touches."""
    rows = conn.fetch(SQL.texts, {"ids": sorted(touch_ids)}) if touch_ids else []
    return [Text(*row) for row in rows]


def trials(conn: Conn, ids: Sequence[int]) -> list[Trial]:
    """These test sends."""
    return [Trial(*row) for row in conn.fetch(SQL.trials, {"ids": list(ids)})]


def trials_of(conn: Conn, journey: str, limit: int) -> list[Trial]:
    """The latest test sends of a journey, the last one first."""
    return [Trial(*row) for row in conn.fetch(SQL.trials_of, {"journey": journey, "limit": limit})]


def staff_addresses(conn: Conn, keys: Keys, staff: Sequence[str]) -> dict[str, dict[str, str]]:
    """Whom → phone and account, as far as they have said; opened, for sending only."""
    kinds = sorted(set(ADDRESS.values()))
    subjects = {(who, kind): staff_subject(keys, who, kind) for who in staff for kind in kinds}
    opened = vault.open_field(conn, keys, list(subjects.values()), STAFF_FIELD)
    found: dict[str, dict[str, str]] = {who: {} for who in staff}
    for (who, kind), subject in subjects.items():
        if subject in opened:
            found[who][kind] = opened[subject]
    return found


def staff_masked(conn: Conn, keys: Keys, staff: Sequence[str]) -> dict[str, dict[str, str]]:
    """The same for people to see: the ends of a phone, of an account that there is one."""
    return {
        who: {kind: mask_phone(value) if kind == "phone" else "****" for kind, value in its.items()}
        for who, its in staff_addresses(conn, keys, staff).items()
    }


def carrying(conn: Conn, customer_id: int, state: str) -> int | None:
    """The latest touch that brought this state to a customer; None where only a card did."""
    rows = conn.fetch(SQL.carrying, {"customer": customer_id, "state": state})
    return int(rows[0][0]) if rows else None


def link(conn: Conn, touch_id: int, place: int) -> tuple[str, str] | None:
    """The name and the address of a link of a touch, as it was sent; None: there is none."""
    rows = conn.fetch(SQL.link, {"touch": touch_id})
    links: list[tuple[str, str]] = sorted(rows[0][0].items()) if rows else []
    return links[place] if place < len(links) else None


class Unreported(NamedTuple):
    """A touch of which nothing was heard since it was handed over, and where it went, as far as
    that still opens."""

    id: int
    sent_at: datetime
    vendor_id: str
    to: str


def unreported(
    conn: Conn, keys: Keys, channel: str, place: tuple[datetime, int], until: datetime, limit: int
) -> list[Unreported]:
    """Those behind a place (when it was handed over, its id), in this order."""
    params = {"since": place[0], "after": place[1], "until": until}
    rows = conn.fetch(SQL.unreported, {**params, "channel": channel, "limit": limit})
    hashes = identities.hashes(conn, [identity for _, _, identity, _ in rows if identity])
    opened = vault.open_field(conn, keys, sorted(set(hashes.values())), ADDRESS[channel])
    return [
        Unreported(touch, at, vendor, opened.get(hashes.get(identity, b""), ""))
        for touch, at, identity, vendor in rows
    ]


class Welcomes(NamedTuple):
    """Welcomes of a day, or of all days (no day). `measured` of those sent have their seconds, and
    `within` these went out in the carrier's time. Not sent: `late`, `no_code` (the carrier gave
    none), and whatever else; `open` are on their way. Seconds are those of what was sent: from when
    we heard of the friend, and from when they added us."""

    day: date | None
    wished: int
    sent: int
    measured: int
    within: int
    late: int
    no_code: int
    open: int
    heard_p50: float | None
    heard_p95: float | None
    heard_max: float | None
    added_p50: float | None
    added_p95: float | None
    added_max: float | None

    @property
    def otherwise(self) -> int:
        """Not sent for another reason: refused by the carrier, withheld, asked back."""
        return self.wished - self.sent - self.late - self.no_code - self.open

    @property
    def share(self) -> float | None:
        """In the carrier's time, of those that were measured."""
        return self.within / self.measured if self.measured else None


def welcomes(conn: Conn, since: datetime, until: datetime, zone: str) -> list[Welcomes]:
    """By day on which they were due, and in all, which comes last."""
    params = {
        "since": since, "until": until, "zone": zone, "channels": sorted(WELCOMES),
        "within": WELCOME_WITHIN.total_seconds(), "late": [TOO_LATE, "promise_expired"],
        "no_code": NO_CODE,
    }  # fmt: skip
    return [Welcomes(*row) for row in conn.fetch(SQL.paces, params)]
