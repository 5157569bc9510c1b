"""The only ways to change a touch: wish, rule, hold, withdraw, pause; idempotent, in batches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.customers import actions as customers
from siyu.customers.model import Stage
from siyu.events import actions as events
from siyu.events.model import Payload, TouchFailed, TouchUnknown, TouchWithdrawn, TouchWithheld
from siyu.identities import views as identities
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, Db, load
from siyu.ledger import actions as ledger
from siyu.ledger.actions import caps
from siyu.outbox.actions import places
from siyu.outbox.model import ADDRESS, CALLS, POSTED, REFUSED, Pace, Wish, own_token
from siyu.staff.actions import audit

SQL = load("siyu.outbox")
LONGEST_REASON = 400  # characters that are kept, of both languages


class Wished(NamedTuple):
    """A wish to be ruled, under the customer who is there by now."""

    touch_id: int
    customer_id: int
    visit_id: int | None
    journey: str
    channel: str
    purpose: str
    shop: str
    order_no: str
    lane: str
    priority: int
    valid_until: datetime | None
    merged: bool = False  # under a customer who has gone since
    wished_at: datetime | None = None
    value: int = 0
    material: str = ""
    invites: str = ""
    promise_id: int | None = None


class Stand(NamedTuple):
    """How a wish stands once it is ruled: `wished` (again at `due_at`), `owed` or `withheld`."""

    state: str
    due_at: datetime
    not_after: datetime | None = None
    reason: str = ""
    staff: str = ""  # who is to press
    counted: bool = False  # it takes places in what all share


class Open(NamedTuple):
    """A touch that can be stopped: `here`, or to be asked back from who has it."""

    touch_id: int
    customer_id: int
    channel: str
    purpose: str
    due_at: datetime
    here: bool


class Unsent(NamedTuple):
    """A touch that ended before it left: `withheld`, `withdrawn` or `failed`."""

    touch_id: int
    state: str
    reason: str
    counted: bool = False


UNSENT: Mapping[str, type[TouchWithheld | TouchWithdrawn | TouchFailed]] = {
    "withheld": TouchWithheld,
    "withdrawn": TouchWithdrawn,
    "failed": TouchFailed,  # refused at once, or given up: its provider will send no receipt
}


def wish(
    conn: Conn, wishes: Sequence[Wish], now: datetime, stands: Sequence[Stand] = ()
) -> list[int | None]:
    """Put wishes down, each as it `stands` (else to be ruled): the touch of each, in order.

    None: this (visit, node, round) was wished for before, and nothing has changed.
    """
    if not wishes:
        return []
    stands = stands or [Stand("wished", one.due_at) for one in wishes]
    columns = zip(Wish._fields, map(list, zip(*wishes, strict=True)), strict=True)
    ruled = zip(Stand._fields, map(list, zip(*stands, strict=True)), strict=True)
    rows = conn.fetch(SQL.wish, {**dict(columns), **dict(ruled), "now": now})
    new = {row[:3]: row[3] for row in rows}
    touches = [new.pop((w.visit_id, w.node, w.round), None) for w in wishes]
    settle(
        conn,
        [
            Unsent(touch, stand.state, stand.reason)
            for touch, stand in zip(touches, stands, strict=True)
            if touch is not None and stand.state in UNSENT
        ],
        now,
    )
    return touches


def claim(conn: Conn, now: datetime, limit: int) -> list[Wished]:
    """Wishes that are due for a ruling, locked until this transaction ends; merges are followed."""
    rows = [Wished(*row) for row in conn.fetch(SQL.claim_wished, {"now": now, "limit": limit})]
    if not rows:
        return []
    survivor = identities.survivor(conn, sorted({row.customer_id for row in rows if row.merged}))
    moved = [
        (row.touch_id, survivor[row.customer_id])
        for row in sorted(rows)
        if survivor.get(row.customer_id, row.customer_id) != row.customer_id
    ]
    if moved:
        winners = [winner for _, winner in moved]
        conn.execute(SQL.follow, {"ids": [touch for touch, _ in moved], "winners": winners})
    return [
        row._replace(customer_id=survivor.get(row.customer_id, row.customer_id)) for row in rows
    ]


def rivals(conn: Conn, customer_ids: Sequence[int], now: datetime) -> list[Wished]:
    """Wishes of lane `window` that are due for these customers, whoever rules them; not locked."""
    params = {"customers": sorted(set(customer_ids)), "now": now}
    return [Wished(*row) for row in conn.fetch(SQL.rivals, params)]


def owe(conn: Conn, owed: Sequence[tuple[int, datetime, datetime | None, bool]]) -> None:
    """(touch, due_at, not_after, counted): allowed, from `due_at` on and before `not_after`.

    `counted`: it takes places in what all share.
    """
    if owed:
        ids, due_ats, not_afters, counted = zip(*sorted(owed, key=lambda row: row[0]), strict=True)
        params = {"ids": list(ids), "due_ats": list(due_ats), "not_afters": list(not_afters)}
        conn.execute(SQL.owe, {**params, "counted": list(counted)})


def staff(conn: Conn, guides: Mapping[int, str]) -> None:
    """Touch → the guide who is to press: the channel hands it to nobody else."""
    if guides:
        ids = sorted(guides)
        conn.execute(SQL.staff, {"ids": ids, "staff": [guides[touch] for touch in ids]})


def defer(conn: Conn, deferred: Sequence[tuple[int, datetime]]) -> None:
    """(touch, due_at): stays a wish, ruled again at that time."""
    if deferred:
        ids, due_ats = zip(*sorted(deferred), strict=True)
        conn.execute(SQL.defer, {"ids": list(ids), "due_ats": list(due_ats)})


def withhold(conn: Conn, withheld: Sequence[tuple[int, str]], now: datetime) -> int:
    """(touch, reason): it will never be sent; visits that wait for it learn of it. How many."""
    if not withheld:
        return 0
    reasons = dict(sorted(withheld))
    params = {"ids": list(reasons), "reasons": list(reasons.values()), "now": now}
    return settle(conn, [Unsent(*row) for row in conn.fetch(SQL.withhold, params)], now)


def hold(conn: Conn, visit_ids: Sequence[int], also: Sequence[int] = ()) -> int:
    """Keep back what has not gone out for these visits, until release or withdrawal.

    `also`: touches that this transaction will change in another way, locked with them.
    """
    if not visit_ids:
        return 0
    params = {"visits": sorted(set(visit_ids)), "also": sorted(set(also))}
    return conn.execute(SQL.hold, params)


def follow(
    conn: Conn, visits: Sequence[tuple[int, int]], customer_ids: Sequence[int], now: datetime
) -> None:
    """After a split of these customers, (visit, whose it is now): touches go with their visit, and
    what is on its way to an address of the other one is asked back."""
    if visits:
        ids, owners = zip(*visits, strict=True)
        params = {"visits": list(ids), "customers": list(owners), "now": now}
        moved = conn.fetch(SQL.follow_visits, params)
        ledger.follow(conn, "touch", [(touch, owner) for touch, owner in moved])
    people = {"customers": list(customer_ids)}
    conn.execute(SQL.recall_split, {**people, "calls": list(CALLS), "now": now})
    clicked = conn.fetch(SQL.attracted, people)
    customers.advance(conn, dict.fromkeys((row[0] for row in clicked), Stage.APPEAL))


def release(conn: Conn, visit_ids: Sequence[int]) -> int:
    """Let go what was held."""
    return conn.execute(SQL.release, {"visits": sorted(set(visit_ids))}) if visit_ids else 0


def withdraw(
    conn: Conn, visit_ids: Sequence[int], reason: str, now: datetime, *, but: Sequence[str] = ()
) -> int:
    """End the touches of these visits; calls and tasks under way are asked back. How many.

    What the steps of `but` have said stays.
    """
    if not visit_ids:
        return 0
    visits = sorted(set(visit_ids))
    params = {"visits": visits, "but": list(but), "reason": reason, "now": now}
    rows = conn.fetch(SQL.withdraw, {**params, "calls": sorted(CALLS)})
    settle(conn, [Unsent(*row) for row in rows], now)
    return len(rows)


def stoppable(conn: Conn, customer_ids: Sequence[int]) -> list[Open]:
    """All touches of these customers that can be stopped, locked until this transaction ends."""
    if not customer_ids:
        return []
    params = {"customers": list(customer_ids), "calls": sorted(CALLS)}
    return [Open(*row) for row in conn.fetch(SQL.stoppable, params)]


def ask_back(conn: Conn, asked: Sequence[tuple[int, str]], now: datetime) -> None:
    """(touch, reason): asked back from whoever has it, or may have it; ends as `withdrawn`."""
    if asked:
        ids, reasons = zip(*asked, strict=True)
        conn.execute(SQL.ask_back, {"ids": list(ids), "reasons": list(reasons), "now": now})


def limit(conn: Conn, limits: Sequence[tuple[str, str, datetime]]) -> int:
    """(shop, order_no, valid_until): what is promised about this order is true only until then."""
    if not limits:
        return 0
    shops, order_nos, valid_untils = zip(*sorted(limits), strict=True)
    return conn.execute(
        SQL.limit_validity,
        {
            "shops": list(shops),
            "order_nos": list(order_nos),
            "valid_untils": list(valid_untils),
        },
    )


def pause(conn: Conn, scope: str, by: str, now: datetime) -> bool:
    """Nothing of this scope goes out; what is owed stays owed. False: it was paused already."""
    known(conn, scope)
    fresh = conn.execute(SQL.pause, {"scope": scope, "by": by, "now": now}) > 0
    audit(conn, by, "touches.pause", scope, "" if fresh else "was paused already", now)
    return fresh


def known(conn: Conn, scope: str) -> None:
    """Refuse a scope that holds nothing: a stop of it would be one that nobody misses."""
    kind, _, name = _scope(scope).partition(":")
    if kind == "channel" and name not in ADDRESS.keys() | POSTED:
        listed = ", ".join(sorted(ADDRESS.keys() | POSTED))
        raise BadInput(
            Sentence(
                f"There is no channel {name!r}; known are {listed}.",
                f"没有触点 {name!r}；可用的有 {listed}。",
            )
        )
    if kind == "journey" and not conn.fetch(SQL.journey_known, {"code": name})[0][0]:
        raise BadInput(
            Sentence(
                f"There is no journey {name!r}; siyu journey list shows those that are.",
                f"没有旅程 {name!r}；siyu journey list 会列出。",
            )
        )


def recall(conn: Conn, scope: str, now: datetime) -> int:
    """Ask calls and tasks of a paused scope back from providers and people; how many.

    Those that have not begun become wishes again, and are ruled anew after `resume`.
    """
    return conn.execute(SQL.recall, {"scope": _scope(scope), "now": now})


def resume(conn: Conn, scope: str, by: str, now: datetime) -> bool:
    """Go on; what missed its hours is ruled again, what is no longer true is withheld."""
    if scope.startswith("material:"):
        was = _take_again(conn, scope, now)
    else:
        was = conn.execute(SQL.resume, {"scope": _scope(scope)}) > 0
    if was:
        audit(conn, by, "touches.resume", scope, "", now)
    return was


def _take_again(conn: Conn, scope: str, now: datetime) -> bool:
    """A material that its provider refused is sent again at once."""
    _, channel, material = [*scope.split(":", 2), "", ""][:3]
    if channel not in ADDRESS or not material:
        raise BadInput(
            Sentence(
                f"{scope!r} can't be resumed; write material:CHANNEL:CODE (material:sms:invite)",
                f"{scope!r} 不能恢复；请写 material:CHANNEL:CODE（material:sms:invite）",
            )
        )
    params = {"channel": channel, "materials": [material]}
    if not conn.execute(SQL.take_again, params):
        return False
    conn.execute(SQL.waken, {**params, "reason": REFUSED, "now": now})
    return True


def drop_others(conn: Conn, channels: Collection[str]) -> None:
    """Only these channels are carried: what others' providers said is over."""
    conn.execute(SQL.drop_others, {"channels": sorted(channels)})


def _scope(scope: str) -> str:
    kind, _, name = scope.partition(":")
    if scope != "all" and not (kind in ("channel", "journey") and name):
        raise BadInput(
            Sentence(
                f"{scope!r} can't be paused; write all, channel:NAME (channel:sms) or journey:NAME",
                f"{scope!r} 不能暂停；请写 all、channel:NAME（channel:sms）或 journey:NAME",
            )
        )
    return scope


def settle(conn: Conn, touches: Sequence[Unsent], now: datetime) -> int:
    """In the transaction of its cause, each of these that ended unsent is told by an event of our
    own, and its places in what all share are free again. How many; others are passed by."""
    ended = [one for one in touches if one.state in UNSENT]
    told = [
        (
            f"{one.state}:{one.touch_id}",
            UNSENT[one.state](touch=own_token(one.touch_id), reason=one.reason[:LONGEST_REASON]),
        )
        for one in ended
    ]
    _tell(conn, told, now)
    counted = [one.touch_id for one in ended if one.counted]
    places.free(conn, counted)
    caps.forget(conn, "touch", counted)
    return len(ended)


def tell_unknown(conn: Conn, attempts: Mapping[int, int], now: datetime) -> None:
    """Our own event for each of these touches; each attempt may end in doubt once."""
    _tell(
        conn,
        [
            (f"unknown:{touch}:{attempt}", TouchUnknown(touch=own_token(touch)))
            for touch, attempt in attempts.items()
        ],
        now,
    )


def _tell(conn: Conn, facts: Sequence[tuple[str, Payload]], now: datetime) -> None:
    if facts:
        own = [events.Own(payload, source_id, now) for source_id, payload in facts]
        events.own(conn, own, now)


def timed(db: Db, paces: Iterable[tuple[int, Pace | None]]) -> None:
    """Keep how quick these touches were, of those that have seconds only."""
    known = {touch: pace for touch, pace in paces if pace is not None}
    if known:
        did, heard, ended = zip(*known.values(), strict=True)
        params = {"ids": list(known), "did": list(did), "heard": list(heard), "ended": list(ended)}
        db.fetch(SQL.pace, params)
