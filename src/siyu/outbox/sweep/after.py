"""After the sending: ask back what is no longer wanted, find out what is in doubt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from siyu.kernel.sql import Conn, Db, Row, load
from siyu.ledger import actions as ledger
from siyu.outbox import actions
from siyu.outbox.actions import Unsent
from siyu.outbox.channel import Channel
from siyu.outbox.decide import ASK_AGAIN, Doubt, Reconciled, reconciled
from siyu.outbox.model import PREFIX, Context, Found

SQL = load("siyu.outbox")
T = TypeVar("T")
ARRIVED = frozenset({"sent", "awaiting_staff", "delivered"})


def cancel(
    db: Db,
    channels: Mapping[str, Channel],
    ctx: Context,
    now: datetime,
    *,
    limit: int = 500,
) -> int:
    """Stop calls and tasks that are no longer wanted or no longer true; how many were asked for."""
    with db.transaction() as conn:
        conn.execute(SQL.overdue_people, {"now": now, "limit": limit})
        rows = _claim(conn, SQL.claim_cancels, channels, now, limit)
    for name, ids in _by_channel(rows).items():
        tokens = {ctx.ids.encode(PREFIX, touch): touch for touch in ids}
        stopped = _asked(channels[name].cancel, tokens)
        if stopped is None:
            continue  # it does not answer: `due_at` says when to ask again
        gone = {tokens[token] for token in stopped if token in tokens}
        with db.transaction() as conn:
            _cancelled(conn, sorted(ids), gone, now)
    return len(rows)


def reconcile(
    db: Db,
    channels: Mapping[str, Channel],
    ctx: Context,
    now: datetime,
    *,
    limit: int = 500,
) -> int:
    """Ask for touches in doubt; what never arrived is owed again, while true. How many."""
    with db.transaction() as conn:
        rows = _claim(conn, SQL.claim_unknown, channels, now, limit)
    doubts = {row[0]: Doubt(*row) for row in rows}
    for name, ids in _by_channel(rows).items():
        tokens = {ctx.ids.encode(PREFIX, touch): touch for touch in ids}
        found: list[Found] | None = _asked(channels[name].reconcile, tokens)
        if found is None:
            continue
        by_token = {one.token: one for one in found}
        known = [
            outcome
            for token, touch in tokens.items()
            if (outcome := reconciled(doubts[touch], by_token.get(token), now)) is not None
        ]
        if known:
            with db.transaction() as conn:
                _reconciled(conn, known, now)
    return len(rows)


def _claim(
    conn: Conn, sql: str, channels: Mapping[str, Channel], now: datetime, limit: int
) -> list[Row]:
    params = {"channels": sorted(channels), "now": now, "again": now + ASK_AGAIN, "limit": limit}
    return sorted(conn.fetch(sql, params), key=lambda row: row[0])


def _by_channel(rows: Sequence[Row]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for touch, channel, *_ in rows:
        found.setdefault(channel, []).append(touch)
    return found


def _asked(ask: Callable[[Sequence[str]], list[T]], tokens: Mapping[str, int]) -> list[T] | None:
    """None: no answer, whatever the reason."""
    try:
        return ask(list(tokens))
    except Exception:  # noqa: BLE001 - a stranger's connector may raise anything
        return None


def _cancelled(conn: Conn, ids: Sequence[int], gone: set[int], now: datetime) -> None:
    params = {"ids": list(ids), "stopped": [touch in gone for touch in ids], "now": now}
    rows = [Unsent(*row) for row in conn.fetch(SQL.cancelled, params)]
    actions.settle(conn, [row for row in rows if row.state == "withdrawn"], now)


def _reconciled(conn: Conn, outcomes: Sequence[Reconciled], now: datetime) -> None:
    """Those that provably never went out give back what they cost; a further attempt costs anew."""
    ids = [one.touch_id for one in outcomes]
    rows = conn.fetch(
        SQL.reconcile,
        {
            "ids": ids,
            "states": [one.state for one in outcomes],
            "vendor_ids": [one.vendor_id for one in outcomes],
            "reasons": [one.reason for one in outcomes],
            "due_ats": [one.due_at for one in outcomes],
            "now": now,
        },
    )
    actions.settle(conn, [Unsent(*row) for row in rows], now)
    never = [touch for touch, is_now, *_ in rows if is_now not in ARRIVED]
    if never:
        ledger.reverse(conn, "touch", sorted(never), now)
