"""The machine that tells: claim → read → post (no transaction open) → record, per subscriber.

Each subscriber is told in a thread of its own, so that a dead one delays nobody. Its cursor moves
only after its door has taken what it was told: nothing is lost, and what is told twice (a crash, a
late answer) has the same ids.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.events import views as events
from siyu.identities import views as identities
from siyu.kernel import signature
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Db, load
from siyu.kernel.time import Clock
from siyu.subscribers import decide
from siyu.subscribers.channel import Post
from siyu.subscribers.model import Again, Answer, Stop, Subscriber, Told
from siyu.subscribers.render import body

SQL = load("siyu.subscribers")
LEASE = timedelta(minutes=2)  # far longer than a post may take
ROUNDS = 100  # bodies in one go; then another may have the thread
WINDOW = 1000  # facts that are looked through at once
AT_ONCE = 16


class Context(NamedTuple):
    """What telling needs. `secret` signs what goes to a subscriber; `patience`: then we give up."""

    post: Post
    ids: PublicIds
    clock: Clock
    secret: Callable[[int], str]
    patience: timedelta


def sweep(db: Db, context: Context, now: datetime, threads: Executor) -> list[Future[int]]:
    """Begin to tell everybody who is due; each future ends with how many facts they took."""
    lease = context.clock.real() + LEASE
    with db.transaction() as conn:
        params = {"now": now, "lease": lease, "limit": AT_ONCE}
        claimed = [Subscriber(*row) for row in conn.fetch(SQL.claim, params)]
    return [threads.submit(_tell, db, context, one, lease, now) for one in claimed]


def probe(context: Context, subscriber: Subscriber) -> Answer:
    """Post a signed body without events, now; what the door answered. Nothing is recorded."""
    return _post(context, subscriber, body(context.ids, subscriber.id, [], test=True).content)


def reclaim(db: Db, real: datetime) -> None:
    """Free those whose teller is gone."""
    with db.transaction() as conn:
        conn.execute(SQL.reclaim, {"real": real})


def _tell(db: Db, context: Context, one: Subscriber, held: datetime, now: datetime) -> int:
    """One body after the other until there is nothing left, or they don't take it."""
    done = 0
    for left in reversed(range(ROUNDS)):
        facts, end = _read(db, context.ids, one)
        if facts:
            sent = body(context.ids, one.id, facts)
            answer = _post(context, one, sent.content)
            verdict = decide.after(answer, one, now, context.patience)
            if verdict is not None:
                _put_off(db, one, held, verdict, now)
                break
            done += sent.events
            if sent.events < len(facts):
                end = facts[sent.events - 1].seq
        lease = context.clock.real() + LEASE if left and end > one.told_seq else None
        ours = _advance(db, one, end, held, lease, now if facts else None)
        if not ours or lease is None:
            break
        held, one = lease, one._replace(told_seq=end, failures=0, failing_since=None)
    return done


def _read(db: Db, ids: PublicIds, one: Subscriber) -> tuple[list[Told], int]:
    """Facts after the cursor that are for them, and the place up to which was looked."""
    with db.transaction() as conn:
        found, end = events.applied(conn, one.told_seq, one.kinds, WINDOW)
        whose = identities.of_events(conn, [event.id for _, event in found])
    told = [
        Told(seq, event, ids.encode("cus", whose[event.id]) if event.id in whose else "")
        for seq, event in found
    ]
    return told, end


def _advance(
    db: Db,
    one: Subscriber,
    seq: int,
    held: datetime,
    lease: datetime | None,
    told_at: datetime | None,
) -> int:
    params = {"id": one.id, "seq": seq, "held": held, "lease": lease, "told_at": told_at}
    with db.transaction() as conn:
        return conn.execute(SQL.advance, params)


def _put_off(db: Db, one: Subscriber, held: datetime, verdict: Again | Stop, now: datetime) -> None:
    at, why = (verdict.at, "") if isinstance(verdict, Again) else (now, verdict.why)
    params = {
        "id": one.id, "held": held, "at": at, "why": why, "error": verdict.error, "now": now,
    }  # fmt: skip
    with db.transaction() as conn:
        conn.execute(SQL.put_off, params)


def _post(context: Context, one: Subscriber, content: bytes) -> Answer:
    signed = signature.headers(context.secret(one.id), content, context.clock.real())
    return context.post(one.url, content, {**signed, "Content-Type": "application/json"})
