"""Writes the moves of a batch: one statement per kind of move, none where nothing is to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo

from siyu.acquisition import actions as acquisition
from siyu.acquisition.model import Issue
from siyu.commerce.actions import sizes
from siyu.commerce.model.sizes import SizeAsk
from siyu.customers import actions as customers
from siyu.events.sweep import describe, passing
from siyu.journeys.model import (
    Effect,
    End,
    Facts,
    Fitted,
    Issued,
    Kept,
    Move,
    Park,
    Promised,
    Reached,
    Rest,
    Revoked,
    Started,
    Tagged,
    Value,
    Values,
    Visit,
    Wished,
)
from siyu.journeys.nodes.fit import INVITED, NOTHING, UNTIL, Fit
from siyu.journeys.nodes.offer import ISSUED
from siyu.journeys.sweep import starts
from siyu.journeys.sweep.facts import Journeys, Versions
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, load
from siyu.ledger.actions import caps
from siyu.offers import actions as offers
from siyu.offers.actions import paid, reservations
from siyu.offers.model import NewPromise, Wanted
from siyu.outbox import actions as outbox
from siyu.outbox.actions import Stand
from siyu.outbox.model import Wish
from siyu.segments.model import Family
from siyu.vault.model import Keys

SQL = load("siyu.journeys")
ASK_AGAIN = timedelta(hours=1)  # of an ended visit that can't be decided on: nobody takes it up
E = TypeVar("E", bound=Effect)
Moves = Sequence[tuple[Visit, Move]]
Note = Callable[[Sequence[int | None]], object]  # told which touch each wish has become
Rule = Callable[[Conn, Sequence[Wish]], tuple[Sequence[Stand], Note]]


class Context(NamedTuple):
    """What a sweep needs besides the database."""

    keys: Keys
    ids: PublicIds
    families: Sequence[Family]
    zone: ZoneInfo  # the brand's
    locale: str
    versions: Versions  # those that were read: empty to begin with, filled by the sweeps


class Known(NamedTuple):
    """What the decisions of a batch were made on."""

    journeys: Journeys
    facts: Mapping[int, Facts]  # by visit


class Unwritable(Exception):
    """Among the moves of these visits is one that can't be written: nothing was."""

    def __init__(self, visits: list[int], why: str) -> None:
        super().__init__(why)
        self.visits = visits
        self.why = why


def apply(conn: Conn, context: Context, known: Known, moves: Moves, now: datetime) -> list[Wish]:
    """Write the moves; what they wish for. Where one fails, the transaction has to be given up."""
    with _all_or_none(moves):
        return _write(conn, context, known, moves, now)


def wish(
    conn: Conn, moves: Moves, wishes: Sequence[Wish], rule: Rule | None, now: datetime
) -> None:
    """Put these wishes of the moves down, as they are ruled."""
    if not wishes:
        return
    stands, note = rule(conn, wishes) if rule is not None else ((), None)
    with _all_or_none(moves):
        touches = outbox.wish(conn, wishes, now, stands)
    if note is not None:
        note(touches)


@contextmanager
def _all_or_none(moves: Moves) -> Generator[None]:
    try:
        yield
    except Exception as error:
        if passing(error):
            raise
        raise Unwritable([visit.id for visit, _ in moves], describe(error)) from error


def park(conn: Conn, visits: Sequence[Visit], why: str, now: datetime) -> None:
    """Leave these visits to a person, with the reason."""
    _move(conn, [(visit, Park(why)) for visit in visits], now)


def _write(conn: Conn, context: Context, known: Known, moves: Moves, now: datetime) -> list[Wish]:
    """Visits, their touches, then what else hangs on a customer: in this order it is locked."""
    _move(conn, moves, now)
    done = _Effects(moves)
    _hold_no_more(conn, known, moves, now)
    _hold_payers(conn, done, now)
    promised = _promise(conn, done.of(Promised), now)
    _revoke(conn, done.of(Revoked), now)
    issued = _issue_offers(conn, context.keys, done.of(Issued), now)
    wishes = _wishes(conn, context, done.of(Wished), promised, now)
    tagged = [
        customers.Tagging(
            visit.customer_id, visit.identity_id, tag.name, f"journey:{_code(known, visit)}"
        )
        for visit, tag in done.of(Tagged)
    ]
    customers.tag(conn, tagged, now)
    fitted = _fit(conn, known, done.of(Fitted), moves, now)
    _keep(conn, [*done.of(Kept), *issued, *fitted])
    _reach(conn, done.of(Reached), now)
    if started := done.of(Started):
        starts.start(conn, context.families, known.facts, started, now)
    return wishes


class _Row(NamedTuple):
    """A visit as it stands after its move."""

    id: int
    node: str
    round: int
    state: int
    since: datetime
    arms: str | None = None  # None: as they were
    due_at: datetime | None = None
    waiting: str = "{}"
    outcome: str = ""
    error: str | None = None
    why: str = ""  # empty: no line of history


def _move(conn: Conn, moves: Moves, now: datetime) -> None:
    rows = sorted(_row(visit, move, now) for visit, move in moves)
    columns = map(list, zip(*rows, strict=True))
    conn.execute(SQL.move, {"now": now, **dict(zip(_Row._fields, columns, strict=True))})


def _row(visit: Visit, move: Move, now: datetime) -> _Row:
    match move:
        case Rest(node, round_, since, due_at, waiting, arms, why):
            taken = None if arms is visit.arms else json.dumps(dict(arms))
            stands = visit.id, node, round_, 0, since, taken, due_at, _array(waiting)
            return _Row(*stands, "", None, why)
        case End(node, outcome, _, why, _, waiting):
            stands = visit.id, node, visit.round, 1, visit.since
            return _Row(*stands, waiting=_array(waiting), outcome=outcome, why=why)
        case Park(error) if visit.over:
            stands = visit.id, visit.node, visit.round, 1, visit.since
            return _Row(*stands, due_at=now + ASK_AGAIN, error=error)
        case Park(error):
            stands = visit.id, visit.node, visit.round, 2, visit.since
            return _Row(*stands, error=error, why=f"parked: {error}")


@lru_cache(256)
def _array(kinds: frozenset[str]) -> str:
    return f"{{{','.join(sorted(kinds))}}}"


def _hold_payers(conn: Conn, done: _Effects, now: datetime) -> None:
    """What pays is locked before what is given, as by everybody else. Whoever pays for what is
    wished, and for what waits and is ruled with it, is known too late for that: all are locked."""
    revoked, issued = done.of(Revoked), done.of(Issued)
    if (revoked or issued) and done.of(Wished):
        caps.lock(conn, now)
    elif revoked and issued:
        paid.payers(conn, [(one.offer, visit.id) for visit, one in issued], now)


def _promise(
    conn: Conn, promised: Sequence[tuple[Visit, Promised]], now: datetime
) -> dict[str, int]:
    new = [
        NewPromise(
            key=made.key,
            offer=made.offer,
            customer_id=visit.customer_id,
            identity_id=visit.identity_id,
            shop=made.shop,
            order_no=made.order_no,
            visit_id=visit.id,
            expires_at=made.expires_at,
        )
        for visit, made in promised
    ]
    return offers.promise(conn, new, now) if new else {}


def _revoke(conn: Conn, revoked: Sequence[tuple[Visit, Revoked]], now: datetime) -> None:
    offers.take_back(conn, [(visit.id, one.offer) for visit, one in revoked], "taken_back", now)


def _issue_offers(
    conn: Conn, keys: Keys, issued: Sequence[tuple[Visit, Issued]], now: datetime
) -> list[tuple[Visit, Kept]]:
    """What came of each, to be kept on its visit: the step asks for it a moment later."""
    asks = [
        Wanted(
            key=one.key,
            offer=one.offer,
            customer_id=visit.customer_id,
            identity_id=visit.identity_id,
            shop=one.shop,
            order_no=one.order_no,
            visit_id=visit.id,
            commit=True,
        )
        for visit, one in issued
    ]
    answers = reservations.reserve(conn, keys, asks, now)
    return [
        (visit, Kept(Values(((one.asked, answer if isinstance(answer, str) else ISSUED),))))
        for (visit, one), answer in zip(issued, answers, strict=True)
    ]


def _fit(
    conn: Conn,
    known: Known,
    fitted: Sequence[tuple[Visit, Fitted]],
    moves: Moves,
    now: datetime,
) -> list[tuple[Visit, Kept]]:
    """How each stands, to be kept on its visit; who has ended waits for nothing any more."""
    over = [visit.id for visit, move in moves if isinstance(move, End) and _fits(known, visit)]
    sizes.leave(conn, over)
    asks = [
        SizeAsk(one.key, visit.id, visit.customer_id, visit.identity_id, *one[1:-1])
        for visit, one in fitted
    ]
    answers = sizes.ask(conn, asks, now)
    words = {"invited": INVITED, "none": NOTHING}
    kept: list[tuple[Visit, Kept]] = []
    for visit, one in fitted:
        stands = answers[one.key]
        became = words.get(stands.state, UNTIL + stands.draw_at.isoformat())
        kept.append((visit, Kept(Values(((one.asked, became),)))))
    return kept


def _fits(known: Known, visit: Visit) -> bool:
    journey = known.journeys[visit.journey_id, visit.version]
    return any(isinstance(step.node, Fit) for step in journey.steps)


def _wishes(
    conn: Conn,
    context: Context,
    wished: Sequence[tuple[Visit, Wished]],
    promised: dict[str, int],
    now: datetime,
) -> list[Wish]:
    """Wishes with their promise and the state of their link: one per code and order, once."""
    issues = {(visit.id, one.wish.node): _issue(visit, one) for visit, one in wished if one.code}
    states = (
        acquisition.issue(conn, context.keys, context.ids, list(issues.values()), now)
        if issues
        else {}
    )
    return [
        one.wish._replace(
            promise_id=promised.get(one.promise_key, one.wish.promise_id),
            state_code=states[issue.channel_code, issue.shop, issue.order_no] if issue else "",
        )
        if issue or one.promise_key
        else one.wish
        for visit, one in wished
        for issue in (issues.get((visit.id, one.wish.node)),)
    ]


def _issue(visit: Visit, one: Wished) -> Issue:
    """A visit without an order has a code of its own: two customers must never share a state."""
    order_no = one.wish.order_no or f"visit {visit.id}"
    return Issue(one.code, one.wish.step, visit.customer_id, one.wish.shop, order_no)


def _keep(conn: Conn, kept: Sequence[tuple[Visit, Kept]]) -> None:
    """One row per visit: of several values of one name the last one stays."""
    values: dict[int, dict[str, Value]] = {}
    for visit, one in kept:
        values.setdefault(visit.id, {}).update(one.values)
    if values:
        said = [json.dumps(values[visit_id]) for visit_id in values]
        conn.execute(SQL.keep, {"ids": list(values), "vars": said})


def _reach(conn: Conn, reached: Sequence[tuple[Visit, Reached]], now: datetime) -> None:
    if reached:
        ids, goals = [visit.id for visit, _ in reached], [one.goal for _, one in reached]
        conn.execute(SQL.reach, {"visits": ids, "goals": goals, "now": now})


def _hold_no_more(conn: Conn, known: Known, moves: Moves, now: datetime) -> None:
    """What was held while a visit might have ended is taken back, or let go."""
    withdrawn: dict[str, list[int]] = {}
    for visit, move in moves:
        if isinstance(move, End) and move.withdraw:
            withdrawn.setdefault(move.outcome, []).append(visit.id)
    for reason, visit_ids in sorted(withdrawn.items()):  # as many as `ends_when` has reasons
        outbox.withdraw(conn, visit_ids, reason, now)
    freed = [
        visit.id
        for visit, move in moves
        if (isinstance(move, Rest) or (isinstance(move, End) and not move.withdraw))
        and any(touch.held for touch in known.facts[visit.id].touches.values())
    ]
    outbox.release(conn, freed)


class _Effects:
    """What moves bring about, by its kind, each with its visit."""

    def __init__(self, moves: Moves) -> None:
        self._found: dict[type[Effect], list[tuple[Visit, Effect]]] = {}
        for visit, move in moves:
            if not isinstance(move, Park):
                for effect in move.effects:
                    self._found.setdefault(type(effect), []).append((visit, effect))

    def of(self, kind: type[E]) -> list[tuple[Visit, E]]:
        """Those of one kind."""
        return cast("list[tuple[Visit, E]]", self._found.get(kind, []))


def _code(known: Known, visit: Visit) -> str:
    return known.journeys[visit.journey_id, visit.version].journey
