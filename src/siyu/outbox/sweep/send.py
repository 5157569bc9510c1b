"""Lease and commit → re-check → send with the token → record. No transaction is open meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple

from siyu.kernel.errors import Refused
from siyu.kernel.sql import Conn, Db, load
from siyu.ledger import actions as ledger
from siyu.outbox import actions
from siyu.outbox.actions import Unsent, timed
from siyu.outbox.channel import Channel, InDoubt
from siyu.outbox.decide import (
    FRESH,
    LEASE,
    TRY_REFUSED,
    Recorded,
    Taken,
    answered,
    shut_until,
    taken,
    trouble,
)
from siyu.outbox.model import LANES, MASSES, REFUSED, Context, Message, Result, urgencies
from siyu.outbox.sweep.prepare import Ready, Wanted, lease
from siyu.outbox.views import Text, texts

SQL = load("siyu.outbox")
NOBODYS: Mapping[str, str] = {}  # vendors by channel, where nobody knows of any
TOGETHER = 10  # batches of messages that staff press for: who gets the same is to be in one
QUIET = frozenset({"sent", "awaiting_staff"})  # what comes of these is told by others


@dataclass
class Sent:
    """What one sweep did: touches by what became of them, channels that broke by their error, and
    channels in trouble that were probed, with how often in a row they had failed."""

    outcome: Counter[str] = field(default_factory=Counter[str])
    broken: dict[str, str] = field(default_factory=dict[str, str])
    probed: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def claimed(self) -> int:
        """How many touches were taken in hand."""
        return sum(self.outcome.values())


class _Row(NamedTuple):
    """A touch after its record; `state` is empty where a receipt was quicker."""

    touch_id: int
    customer_id: int
    state: str
    attempts: int
    reason: str
    counted: bool


@dataclass(frozen=True)
class _Real:
    """Lease deadlines go on while providers take their time."""

    start: datetime
    began: float

    def now(self) -> datetime:
        return self.start + timedelta(seconds=monotonic() - self.began)


def send(
    db: Db,
    channels: Mapping[str, Channel],
    ctx: Context,
    now: datetime,
    real: datetime,
    *,
    lanes: Sequence[str] = LANES,
    limit: int = 500,
) -> Sent:
    """Send what is owed in these lanes, up to `limit` per channel, the urgent lane first.

    A broken channel keeps no other from sending; one in trouble is only probed, until it takes.
    """
    sent = Sent()
    clock = _Real(real, monotonic())
    in_lanes, priorities = urgencies(lanes)
    params = {
        "now": now, "channels": sorted(channels), "lanes": in_lanes, "priorities": priorities,
    }  # fmt: skip
    for name, failed, *refused in sorted(db.fetch(SQL.due_channels, params)):
        until, rests = clock.now() + LEASE, dict(zip(*refused, strict=True))
        asked = Wanted(None if failed else lanes, rests)
        try:
            with db.transaction() as conn:
                most = limit * TOGETHER if name in MASSES else limit
                prepared = lease(conn, name, ctx, now, until, most, asked)
        except Refused as refused:  # nothing was leased: it stays owed
            sent.broken[name] = refused.detail
            continue
        sent.outcome += Counter(
            withheld=prepared.withheld, wished=prepared.rewished, resting=prepared.resting
        )
        if prepared.ready:
            sent.probed |= {name: failed} if failed else {}
            going = _Going(
                name, channels[name], prepared.ready, frozenset(rests), ctx.vendors.get(name, "")
            )
            _hand_over(db, going, sent, now, clock)
    return sent


def reclaim(
    db: Db, now: datetime, real: datetime, vendors: Mapping[str, str] = NOBODYS, *, limit: int = 500
) -> int:
    """Leases whose holder is gone: what they sent is not known, so it costs and counts as sent.

    How many. Deadlines are real time.
    """
    with db.transaction() as conn:
        rows = conn.fetch(SQL.reclaim, {"now": now, "real": real, "limit": limit})
        actions.tell_unknown(conn, dict(rows), now)
        found = texts(conn, [touch for touch, _ in rows])
        ledger.post(conn, [text.cost(now, vendors.get("sms", "")) for text in found])
    return len(rows)


class _Going(NamedTuple):
    """A batch for a channel; `refused` are the materials that it refused before."""

    name: str
    channel: Channel
    ready: Sequence[Ready]
    refused: frozenset[str]
    vendor: str = ""


def _hand_over(db: Db, batch: _Going, sent: Sent, now: datetime, clock: _Real) -> None:
    name, channel = batch.name, batch.channel
    failures = _recheck(db, [one.touch_id for one in batch.ready], sent, now, clock.now())
    going = {one.touch_id: one for one in batch.ready if one.touch_id in failures}
    if not going:
        return
    said, again = _ask(name, channel, [one.message for one in going.values()], sent)
    tokens = {one.message.token: touch for touch, one in going.items()}
    results = [result for result in said if result.token in tokens]
    failed = sent.probed.get(name, 0)
    until = shut_until(results, now, again, failed=failed)
    if until is not None:  # before the record: from then on others may take them
        shut = {"channel": name, "now": now, "until": until, "failures": failed + 1}
        db.fetch(SQL.troubled, {**shut, **trouble(results)._asdict()})
    elif failed:
        db.fetch(SQL.recovered, {"channel": name})
    materials = {one.message.token: one.message.material for one in going.values()}
    _materials(db, name, taken(results, materials), batch.refused, now)
    timed(db, [(tokens[one.token], one.pace) for one in results])
    records = answered(tokens, failures, results, now, failed=failed)
    _record(db, records, going, batch.vendor, now)
    sent.outcome += Counter(
        "resting" if record.reason == REFUSED else record.state for record in records
    )


def _materials(db: Db, channel: str, found: Taken, before: frozenset[str], now: datetime) -> None:
    """Those that are refused rest from now on; those that are taken again don't any more."""
    if found.refused:
        materials, reasons = zip(*sorted(found.refused.items()), strict=True)
        params = {
            "channel": channel, "now": now, "until": now + TRY_REFUSED,
            "materials": list(materials), "reasons": list(reasons),
        }  # fmt: skip
        with db.transaction() as conn:
            conn.execute(SQL.refuse, params)
    if again := found.taken & before:
        with db.transaction() as conn:
            conn.execute(SQL.take_again, {"channel": channel, "materials": sorted(again)})


def _ask(
    name: str, channel: Channel, messages: Sequence[Message], sent: Sent
) -> tuple[Sequence[Result], datetime | None]:
    """No answer at all is an answer: whatever breaks in there leaves the batch in doubt.

    Then also when the provider wants to be asked again, if it said so.
    """
    try:
        return channel.send(messages), None
    except Exception as error:  # noqa: BLE001 - a stranger's connector may raise anything
        sent.broken[name] = type(error).__name__
        return [], error.again if isinstance(error, InDoubt) else None


def _recheck(
    db: Db, ids: Sequence[int], sent: Sent, now: datetime, real: datetime
) -> dict[int, int]:
    """How often each touch that may really go has failed before."""
    leased = {"lease_until": real + LEASE, "fresh": real + LEASE - FRESH}
    params = {"ids": sorted(ids), "real": real, **leased}
    rows = db.fetch(SQL.recheck, params)
    unwanted = sorted(touch for touch, state, _ in rows if state == "unwanted")
    if unwanted:
        sent.outcome += Counter(withdrawn=_drop(db, unwanted, now))
    sent.outcome += Counter(recalled=sum(state == "owed" for _, state, _ in rows))
    return {touch: failures for touch, state, failures in rows if state == "leased"}


def _drop(db: Db, ids: Sequence[int], now: datetime) -> int:
    with db.transaction() as conn:
        rows = conn.fetch(SQL.drop, {"ids": ids, "now": now})
        return actions.settle(conn, [Unsent(*row) for row in rows], now)


def _record(
    db: Db, records: Sequence[Recorded], going: Mapping[int, Ready], vendor: str, now: datetime
) -> None:
    params = {
        "ids": [record.touch_id for record in records],
        "states": [record.state for record in records],
        "vendor_ids": [record.vendor_id for record in records],
        "reasons": [record.reason for record in records],
        "due_ats": [record.due_at for record in records],
        "failures": [record.failures for record in records],
        "now": now,
    }
    left = {record.touch_id for record in records if record.state in ("sent", "unknown")}
    written = {touch: going[touch] for touch in left if going[touch].segments}
    if not written and all(record.state in QUIET for record in records):
        db.fetch(SQL.record, params)  # nothing to tell and nothing to book: no transaction
        return
    with db.transaction() as conn:
        rows = [_Row(*row) for row in conn.fetch(SQL.record, params)]
        _told(conn, rows, now)
        costs = [
            _text(written[row.touch_id], row.customer_id).cost(now, vendor)
            for row in rows
            if row.touch_id in written
        ]
        ledger.post(conn, costs)


def _told(conn: Conn, rows: Sequence[_Row], now: datetime) -> None:
    unknown = {row.touch_id: row.attempts for row in rows if row.state == "unknown"}
    actions.tell_unknown(conn, unknown, now)
    ended = [Unsent(row.touch_id, row.state, row.reason, row.counted) for row in rows]
    actions.settle(conn, ended, now)


def _text(ready: Ready, customer_id: int) -> Text:
    due = ready.due
    return Text(
        due.id, customer_id, ready.identity_id, due.journey, due.step, due.shop, ready.segments
    )
