"""Lease and commit → re-check → send with the token → record. No transaction is open meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from siyu.kernel.errors import Refused
from siyu.kernel.sql import Conn, Db, load
from siyu.ledger import actions as ledger
from siyu.outbox import actions
from siyu.outbox.channel import Channel
from siyu.outbox.decide import LEASE, Recorded, answered
from siyu.outbox.model import Context, Message, Result
from siyu.outbox.sweep.costs import sms
from siyu.outbox.sweep.prepare import Ready, lease

SQL = load("siyu.outbox")


@dataclass
class Sent:
    """What one sweep did: touches by what became of them, channels that broke by their error."""

    outcome: Counter[str] = field(default_factory=Counter[str])
    broken: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def claimed(self) -> int:
        """How many touches were taken in hand."""
        return sum(self.outcome.values())


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
    limit: int = 500,
) -> Sent:
    """Send what is owed, up to `limit` per channel; a broken channel delays no other."""
    sent = Sent()
    clock = _Real(real, monotonic())
    with db.transaction() as conn:
        _reclaim(conn, sent, now, real, limit)
        params = {"now": now, "channels": sorted(channels)}
        due = sorted(row[0] for row in conn.fetch(SQL.due_channels, params))
    for name in due:
        try:
            with db.transaction() as conn:
                prepared = lease(conn, name, ctx, now, clock.now() + LEASE, limit)
        except Refused as refused:  # nothing was leased: it stays owed
            sent.broken[name] = refused.detail
            continue
        sent.outcome += Counter(withheld=prepared.withheld, wished=prepared.rewished)
        if prepared.ready:
            _hand_over(db, name, channels[name], prepared.ready, sent, now, clock)
    return sent


def _hand_over(
    db: Db,
    name: str,
    channel: Channel,
    ready: Sequence[Ready],
    sent: Sent,
    now: datetime,
    clock: _Real,
) -> None:
    with db.transaction() as conn:
        attempts = _recheck(conn, [one.touch_id for one in ready], sent, now, clock.now())
    going = [one for one in ready if one.touch_id in attempts]
    if not going:
        return
    results = _ask(name, channel, [one.message for one in going], sent)
    records = answered({one.message.token: one.touch_id for one in going}, attempts, results, now)
    segments = {one.touch_id: one.segments for one in going if one.segments}
    with db.transaction() as conn:
        _record(conn, records, segments, sent, now)


def _ask(name: str, channel: Channel, messages: Sequence[Message], sent: Sent) -> list[Result]:
    """No answer at all is an answer: whatever breaks in there leaves the batch in doubt."""
    try:
        return channel.send(messages)
    except Exception as error:  # noqa: BLE001 - a stranger's connector may raise anything
        sent.broken[name] = type(error).__name__
        return []


def _recheck(
    conn: Conn, ids: Sequence[int], sent: Sent, now: datetime, real: datetime
) -> dict[int, int]:
    """The attempt number of each touch that may really go."""
    params = {"ids": sorted(ids), "now": now, "real": real, "lease_until": real + LEASE}
    rows = conn.fetch(SQL.recheck, params)
    unwanted = {touch: reason for touch, state, _, reason in rows if state == "withdrawn"}
    actions.tell_withdrawn(conn, unwanted, now)
    sent.outcome += Counter(withdrawn=len(unwanted))
    sent.outcome += Counter(recalled=sum(state == "owed" for _, state, _, _ in rows))
    return {touch: attempts for touch, state, attempts, _ in rows if state == "leased"}


def _record(
    conn: Conn,
    records: Sequence[Recorded],
    segments: Mapping[int, int],
    sent: Sent,
    now: datetime,
) -> None:
    ids = [record.touch_id for record in records]
    conn.fetch(SQL.lock, {"ids": ids})
    rows = conn.fetch(
        SQL.record,
        {
            "ids": ids,
            "states": [record.state for record in records],
            "vendor_ids": [record.vendor_id for record in records],
            "reasons": [record.reason for record in records],
            "due_ats": [record.due_at for record in records],
            "now": now,
        },
    )
    by_state = {
        state: {touch: attempts for touch, is_now, attempts, _ in rows if is_now == state}
        for state in ("unknown", "failed", "withdrawn")
    }
    reasons = {touch: reason for touch, _, _, reason in rows}
    actions.tell_unknown(conn, by_state["unknown"], now)
    actions.tell_failed(conn, {touch: reasons[touch] for touch in by_state["failed"]}, now)
    actions.tell_withdrawn(conn, {touch: reasons[touch] for touch in by_state["withdrawn"]}, now)
    left = [record.touch_id for record in records if record.state in ("sent", "unknown")]
    ledger.post(conn, sms(conn, [touch for touch in left if touch in segments], now))
    sent.outcome += Counter(record.state for record in records)


def _reclaim(conn: Conn, sent: Sent, now: datetime, real: datetime, limit: int) -> None:
    """Leases whose holder is gone: what they sent is not known, so it costs and counts as sent."""
    rows = conn.fetch(SQL.reclaim, {"now": now, "real": real, "limit": limit})
    if rows:
        actions.tell_unknown(conn, dict(rows), now)
        ledger.post(conn, sms(conn, [touch for touch, _ in rows], now))
    sent.outcome += Counter(reclaimed=len(rows))
