"""What comes back: receipts, ends of calls and tasks; and whose touch an event is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.customers import actions as customers
from siyu.customers.model import Stage
from siyu.events.model import (
    Batch,
    CallFinished,
    Event,
    LinkClicked,
    Projection,
    TaskDone,
    TouchDelivered,
    TouchFailed,
    TouchRead,
    kinds_of,
)
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, load
from siyu.ledger import actions as ledger
from siyu.ledger.actions import caps
from siyu.ledger.model import Entry
from siyu.outbox.decide import LADDER, Ended, Receipt, ended, highest, trial_cost
from siyu.outbox.model import ABOUT_TOUCHES, TRIAL, named_touches
from siyu.outbox.views import texts

SQL = load("siyu.outbox")
BOOKED = frozenset({*LADDER, "unknown"})  # states in which a text has had its costs


@dataclass(frozen=True)
class _Touches:
    """The batch's events by the touch that they name."""

    ids: PublicIds

    def project(self, conn: Conn, batch: Batch, now: datetime) -> None:
        """Splits and merges first, so that what follows speaks of the customers who are there."""
        if batch.splits:
            moved = conn.fetch(SQL.part, {**batch.moved, "now": now})
            ledger.follow(conn, "touch", [(touch, customer) for touch, customer in moved])
        _merge(conn, batch, now)
        _tried(conn, self.ids, batch)
        about = named_touches(self.ids, batch)
        if not about:
            return
        rows = conn.fetch(SQL.lock, {"ids": sorted(set(about.values()))})
        subject = {touch: (customer, identity) for touch, customer, identity, _ in rows}
        known = {event: touch for event, touch in about.items() if touch in subject}
        _subjects(batch, known, subject)
        _attracted(conn, batch, known)
        _clicked(conn, batch, known)
        receipts = highest(_receipt(batch, known))
        _receipts(conn, receipts)
        open_ = {touch for touch, _, _, state in rows if state not in BOOKED}
        _proven(conn, [receipt for receipt in receipts if receipt.touch_id in open_])
        _ended(conn, ended(_ends(batch, known)))


def projection(ids: PublicIds) -> Projection:
    """The outbox's part of each apply; `ids` reads the tokens that providers give back."""
    return Projection("outbox", kinds_of(ABOUT_TOUCHES), _Touches(ids).project)


def _tried(conn: Conn, ids: PublicIds, batch: Batch) -> None:
    """A test call is nobody's touch: of its end only the cost is kept."""
    ends = [(ids.decode(TRIAL, data.touch), event, data) for event, data in batch.of(CallFinished)]
    costs = [
        trial_cost(trial, "call_minute", -(-data.seconds // 60), event.occurred_at, event.source)
        for trial, event, data in ends
        if trial is not None and data.seconds > 0
    ]
    ledger.post(conn, costs)


def _merge(conn: Conn, batch: Batch, now: datetime) -> None:
    if batch.merges:
        merges = sorted(batch.merges, key=lambda merge: merge.loser)
        conn.execute(
            SQL.merge,
            {
                "losers": [merge.loser for merge in merges],
                "winners": [merge.winner for merge in merges],
                "now": now,
            },
        )


def _subjects(
    batch: Batch, known: Mapping[int, int], subject: Mapping[int, tuple[int, int | None]]
) -> None:
    """Receipts carry no keys: whom they are about is whom the touch was for."""
    for event, touch in known.items():
        customer, identity = subject[touch]
        batch.customer.setdefault(event, customer)
        if identity is not None:
            batch.identity.setdefault(event, identity)


def _attracted(conn: Conn, batch: Batch, known: Mapping[int, int]) -> None:
    """A click on our link raises a stage. Whose it was is known only here: it came without keys."""
    clicked = {batch.customer[event.id] for event, _ in batch.of(LinkClicked) if event.id in known}
    customers.advance(conn, dict.fromkeys(clicked, Stage.APPEAL))


def _clicked(conn: Conn, batch: Batch, known: Mapping[int, int]) -> None:
    clicks = [(known[e.id], e.occurred_at) for e, _ in batch.of(LinkClicked) if e.id in known]
    if clicks:
        ids, ats = zip(*clicks, strict=True)
        conn.execute(SQL.clicked, {"ids": list(ids), "ats": list(ats)})


def _receipt(batch: Batch, known: Mapping[int, int]) -> Iterable[Receipt]:
    for event in batch.events:
        touch = known.get(event.id)
        if touch is None:
            continue
        match event.data:
            case TouchDelivered():
                yield Receipt(touch, "delivered", "", event.occurred_at, event.source)
            case TouchRead() | LinkClicked():
                yield Receipt(touch, "read", "", event.occurred_at, event.source)
            case TouchFailed(reason=reason):
                yield Receipt(touch, "failed", reason, event.occurred_at, event.source)
            case _:
                pass


def _ends(batch: Batch, known: Mapping[int, int]) -> Iterable[tuple[Event, int]]:
    for event in batch.events:
        if event.id in known and isinstance(event.data, CallFinished | TaskDone):
            yield event, known[event.id]


def _receipts(conn: Conn, receipts: Sequence[Receipt]) -> None:
    """What failed costs nothing more than is booked by now."""
    if receipts:
        rows = conn.fetch(
            SQL.receipts,
            {
                "ids": [receipt.touch_id for receipt in receipts],
                "states": [receipt.state for receipt in receipts],
                "reasons": [receipt.reason for receipt in receipts],
                "ats": [receipt.at for receipt in receipts],
                "ladder": list(LADDER),
            },
        )
        caps.forget(conn, "touch", [touch for touch, state in rows if state == "failed"])


def _proven(conn: Conn, receipts: Sequence[Receipt]) -> None:
    """What it cost that a text left, where nobody has booked it: whoever sent it died before the
    record, or it was given up for absent. Who is about to record it books the same entry."""
    by = {receipt.touch_id: receipt for receipt in receipts}
    found = [(text, by[text.touch_id]) for text in texts(conn, list(by))]
    ledger.post(conn, [text.cost(receipt.at, receipt.source) for text, receipt in found])


def _ended(conn: Conn, ends: Sequence[Ended]) -> None:
    if not ends:
        return
    told = {end.touch_id: end.source for end in ends}
    rows = conn.fetch(
        SQL.finished,
        {
            "ids": [end.touch_id for end in ends],
            "states": [end.state for end in ends],
            "outcomes": [end.outcome for end in ends],
            "intents": [end.intent for end in ends],
            "seconds": [end.seconds for end in ends],
            "ats": [end.at for end in ends],
            "ladder": list(LADDER),
        },
    )
    ledger.post(
        conn,
        [
            Entry(
                cause="touch",
                cause_id=touch,
                kind="call_minute",
                customer_id=customer_id,
                identity_id=identity_id,
                journey=journey,
                step=step,
                shop=shop,
                quantity=-(-seconds // 60),
                occurred_at=at,
                variant=told[touch],
            )
            for touch, channel, customer_id, identity_id, journey, step, shop, seconds, at in rows
            if seconds > 0 or channel == "voice_ai"
        ],
        revise=True,
    )
