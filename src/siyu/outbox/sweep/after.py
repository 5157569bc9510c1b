"""After the sending: ask back what is no longer wanted, find out what is in doubt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple, TypeVar

from siyu.identities import views as identities
from siyu.kernel.sql import Conn, Db, Row, load
from siyu.ledger import actions as ledger
from siyu.outbox import actions
from siyu.outbox.actions import Unsent, timed
from siyu.outbox.channel import Channel
from siyu.outbox.decide import ASK_AGAIN, Doubt, Reconciled, reconciled
from siyu.outbox.model import ADDRESS, PREFIX, Asked, Context, Found, Stopped
from siyu.vault import views as vault

SQL = load("siyu.outbox")
T = TypeVar("T")
ARRIVED = frozenset({"sent", "awaiting_staff", "delivered"})


class _Claimed(NamedTuple):
    """A touch that is asked about; `doubt`: what else was read of it."""

    id: int
    channel: str
    identity_id: int | None
    vendor_id: str
    sent_at: datetime | None
    doubt: tuple[int, datetime | None, bool] | None = None


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
        claimed = _claim(conn, SQL.claim_cancels, channels, now, limit)
    for name, mine in _by_channel(claimed):
        asked = {one.id: _asked(one, ctx, "") for one in mine}
        stopped = _answer(channels[name].cancel, list(asked.values()))
        if stopped is None:
            continue  # no answer: `due_at` says when to ask again
        in_hand = _owed_again(db, ctx, stopped, now)
        unclear = {one.token for one in stopped if one.unclear}
        tokens = {one.token for one in stopped if not one.along and not one.unclear}
        told = [touch for touch, one in asked.items()
                if one.token not in unclear and one.vendor_id not in in_hand]  # fmt: skip
        with db.transaction() as conn:
            _cancelled(conn, sorted(told), {one for one in told if asked[one].token in tokens}, now)
    return len(claimed)


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
        claimed = _claim(conn, SQL.claim_unknown, channels, now, limit)
        to = _addresses(conn, ctx, claimed)
    for name, mine in _by_channel(claimed):
        asked = {one.id: _asked(one, ctx, to.get(one.id, "")) for one in mine}
        found: list[Found] | None = _answer(channels[name].reconcile, list(asked.values()))
        if found is None:
            continue
        by_token = {one.token: one for one in found}
        known = [
            outcome
            for one in mine
            if one.doubt is not None
            and (
                outcome := reconciled(
                    Doubt(one.id, one.channel, *one.doubt), by_token.get(asked[one.id].token), now
                )
            )
            is not None
        ]
        tokens = {asked[one.id].token: one.id for one in mine}
        timed(db, [(tokens[one.token], one.pace) for one in found if one.token in tokens])
        if known:
            with db.transaction() as conn:
                _reconciled(conn, known, now)
    return len(claimed)


def _claim(
    conn: Conn, sql: str, channels: Mapping[str, Channel], now: datetime, limit: int
) -> list[_Claimed]:
    params = {"channels": sorted(channels), "now": now, "again": now + ASK_AGAIN, "limit": limit}
    return sorted(map(_read, conn.fetch(sql, params)), key=lambda one: (one.channel, one.id))


def _read(row: Row) -> _Claimed:
    return _Claimed(*row[:5], doubt=(row[5], row[6], row[7]) if len(row) > 5 else None)


def _by_channel(claimed: Sequence[_Claimed]) -> list[tuple[str, list[_Claimed]]]:
    return [(name, list(mine)) for name, mine in groupby(claimed, lambda one: one.channel)]


def _addresses(conn: Conn, ctx: Context, claimed: Sequence[_Claimed]) -> dict[int, str]:
    """Where each of them went, as far as that still opens."""
    hashes = identities.hashes(conn, [one.identity_id for one in claimed if one.identity_id])
    found: dict[int, str] = {}
    for kind in sorted({ADDRESS[one.channel] for one in claimed if one.channel in ADDRESS}):
        mine = [one for one in claimed if ADDRESS.get(one.channel) == kind]
        subjects = [hashes[one.identity_id] for one in mine if one.identity_id in hashes]
        opened = vault.open_field(conn, ctx.keys, subjects, kind)
        for one in mine:
            subject = hashes.get(one.identity_id or 0)
            if subject in opened:
                found[one.id] = opened[subject]
    return found


def _asked(one: _Claimed, ctx: Context, to: str) -> Asked:
    return Asked(ctx.ids.encode(PREFIX, one.id), one.channel, to, one.vendor_id, one.sent_at)


def _answer(ask: Callable[[Sequence[Asked]], list[T]], asked: Sequence[Asked]) -> list[T] | None:
    """None: no answer, whatever the reason."""
    try:
        return ask(asked)
    except Exception:  # noqa: BLE001 - a stranger's connector may raise anything
        return None


def _owed_again(db: Db, ctx: Context, stopped: Sequence[Stopped], now: datetime) -> set[str]:
    """What was stopped along with others is owed again, in a transaction before that of the others:
    who dies in between asks again, and hears the same. The vendor's ids ("": and one that nobody
    knows) of which one is just in hand, so that it may be recorded under that id yet."""
    along = {
        touch: one.along
        for one in stopped
        if one.along and (touch := ctx.ids.decode(PREFIX, one.token)) is not None
    }
    if not along:
        return set()
    params = {"ids": list(along), "vendor_ids": list(along.values()), "now": now}
    with db.transaction() as conn:
        in_hand = {along[touch] for (touch,) in conn.fetch(SQL.owe_again, params)}
    return in_hand | {""} if in_hand else in_hand


def _cancelled(conn: Conn, ids: Sequence[int], gone: set[int], now: datetime) -> None:
    params = {"ids": list(ids), "stopped": [touch in gone for touch in ids], "now": now}
    rows = [Unsent(*row) for row in conn.fetch(SQL.cancelled, params)]
    actions.settle(conn, [row for row in rows if row.state == "withdrawn"], now)


def _reconciled(conn: Conn, outcomes: Sequence[Reconciled], now: datetime) -> None:
    """Those that provably never went out give back what they cost; a further attempt costs anew,
    and its playbook goes on expecting that: it is not ruled again."""
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
        again = [touch for touch, is_now, *_ in rows if is_now == "owed"]
        ledger.reverse(conn, "touch", sorted(never), now, again=again)
