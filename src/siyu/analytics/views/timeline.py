"""Everything that happened to a customer and what did not, as one line in time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from siyu.analytics.views.people import Desk
from siyu.analytics.views.person import order
from siyu.budget import views as budget
from siyu.budget.model import ANY, names
from siyu.budget.views import Ruled
from siyu.kernel.sql import load
from siyu.outbox import views as outbox
from siyu.outbox.views import Touch

SQL = load("siyu.analytics")

Kind = Literal[
    "order", "refund", "touch", "withheld", "call", "task", "visit", "parcel", "friend", "tag",
    "consent", "merge", "payment", "group", "segment",
    "complaint",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Verdict:
    """What the budget said of a touch, and until when it waits if it does. `by`: the touch that
    outranked it, of which journey and step it was."""

    at: datetime
    verdict: str
    reason: str
    until: datetime | None
    by: str
    by_journey: str
    by_step: str


@dataclass(frozen=True)
class Happened:
    """One line. `what` is the state or the outcome, `reason` the code that says why, `until` when
    it may be sent or is due; `note` by kind: tag, evidence, outcome of a call, offer, group,
    segment."""

    kind: Kind
    id: str
    at: datetime
    what: str
    reason: str
    channel: str
    purpose: str
    journey: str
    step: str
    order: str
    amount_minor: int | None
    currency: str
    staff: str
    note: str
    until: datetime | None
    rulings: list[Verdict]


class Place(NamedTuple):
    """Where a page of the timeline ends."""

    at: datetime
    place: int


class Lines(NamedTuple):
    lines: list[Happened]
    end: Place | None  # None: there is nothing older


PREFIX: dict[str, str] = {
    "touch": "tch", "withheld": "tch", "task": "tsk", "visit": "vis", "merge": "cus",
}  # fmt: skip


class _Row(NamedTuple):
    at: datetime
    place: int
    kind: Kind
    ref: int
    what: str
    reason: str
    channel: str
    purpose: str
    journey: str
    step: str
    shop: str
    order_no: str
    amount_minor: int | None
    currency: str
    staff: str
    note: str
    until: datetime | None

    @property
    def touch(self) -> bool:
        return self.kind in ("touch", "withheld") or (
            self.kind == "call" and self.channel != "task"
        )


def timeline(
    desk: Desk, customer_id: int, kinds: Collection[Kind], after: Place | None, limit: int
) -> Lines:
    """A page, the newest first: of these kinds, or of all."""
    params = {
        "customer": customer_id,
        "kinds": sorted(kinds or KINDS),
        "at": after.at if after else None,
        "place": after.place if after else None,
        "limit": limit + 1,
    }
    rows = [_Row(*row) for row in desk.conn.fetch(SQL.timeline, params)]
    shown = rows[:limit]
    touches = [row.ref for row in shown if row.touch]
    said = budget.rulings(desk.conn, touches) if touches else {}
    holds = (
        budget.suppressions_of(desk.conn, customer_id)
        if any(row.kind == "withheld" for row in shown)
        else []
    )
    by = {one.by_touch for some in said.values() for one in some if one.by_touch}
    winners = outbox.facts(desk.conn, sorted(by)) if by else {}
    lines = [
        _line(
            desk, row, _verdicts(desk, said.get(row.ref, []) if row.touch else [], winners), holds
        )
        for row in shown
    ]
    more = len(rows) > limit
    return Lines(lines, Place(shown[-1].at, shown[-1].place) if more else None)


def _verdicts(desk: Desk, rulings: Sequence[Ruled], winners: Mapping[int, Touch]) -> list[Verdict]:
    found: list[Verdict] = []
    for one in rulings:
        winner = winners.get(one.by_touch or 0)
        found.append(
            Verdict(
                one.ruled_at,
                one.verdict,
                one.reason,
                one.at,
                desk.ids.encode("tch", winner.id) if winner else "",
                winner.journey if winner else "",
                winner.step if winner else "",
            )
        )
    return found


def _line(
    desk: Desk, row: _Row, verdicts: list[Verdict], holds: Sequence[budget.Suppression]
) -> Happened:
    ids = desk.ids
    prefix = "tch" if row.touch else "tsk" if row.kind == "call" else PREFIX.get(row.kind, "")
    channel = "" if row.channel == "task" else row.channel
    return Happened(
        kind=row.kind,
        id=ids.encode(prefix, row.ref) if prefix and row.ref else "",
        at=row.at,
        what=row.what,
        reason=row.reason or _waits(row, verdicts),
        channel=channel,
        purpose=row.purpose,
        journey=row.journey,
        step=row.step,
        order=order(row.shop, row.order_no),
        amount_minor=row.amount_minor,
        currency=row.currency,
        staff=row.staff,
        note=row.note,
        until=row.until or _again(row, holds),
        rulings=verdicts,
    )


def _waits(row: _Row, rulings: Sequence[Verdict]) -> str:
    """Why a touch that is still wished for waits: the last that was said of it."""
    waits = row.kind == "withheld" and row.what in ("wished", "owed") and bool(rulings)
    return rulings[-1].reason if waits else ""


def _again(row: _Row, holds: Sequence[budget.Suppression]) -> datetime | None:
    """When the holds that a touch met end, if all of them do."""
    if row.what != "withheld" or row.reason not in ("suppressed", "open_complaint", "opted_out"):
        return None
    met = [
        hold.until
        for hold in holds
        if hold.channel in names(row.channel) and hold.purpose in (row.purpose, ANY)
    ]
    known = [until for until in met if until is not None]
    return max(known) if known and len(known) == len(met) else None
