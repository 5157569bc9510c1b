"""Waves: choose the next people, let them in page by page, judge, and open the next or stop.

The people of a wave are chosen by one statement over everybody when it opens; after that only they
are looked at. Each turn is a transaction: whatever comes between, the next turn goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from siyu.journeys import views
from siyu.journeys.actions.entry import Open, let_in
from siyu.journeys.compile import compile_best
from siyu.journeys.decide import Candidate, Entry
from siyu.journeys.decide.waves import following, stops, taken, why
from siyu.journeys.model import Facts, Order
from siyu.journeys.model.enter import After, EnterWaves
from siyu.journeys.model.waves import WaveState
from siyu.journeys.views import Published
from siyu.journeys.views.waves import figures
from siyu.kernel.sentence import kept
from siyu.kernel.sql import Conn, load
from siyu.segments import views as segments
from siyu.segments.predicates import FAMILIES
from siyu.segments.views.stored import looked_up
from siyu.staff.views import brand as the_brand
from siyu.tasks.actions import reveals

SQL = load("siyu.journeys")
SOON = timedelta(hours=1)  # when phones that are being looked up are asked for again


class Wave(NamedTuple):
    """The wave of a journey that opened last."""

    id: int
    number: int
    test: bool
    state: WaveState
    opened_at: datetime
    reveal_until: datetime
    judge_at: datetime

    @property
    def key(self) -> str:
        """Of its visits."""
        return f"wave/{self.number}"


class Turn(NamedTuple):
    """What a turn works on."""

    conn: Conn
    one: Published
    entry: EnterWaves
    facts: Facts  # the brand's zone and language
    now: datetime


def go_on(turn: Turn, limit: int) -> datetime | None:
    """One page, or one decision; when to look again: None until somebody decides."""
    rows = turn.conn.fetch(SQL.wave, {"journey": turn.one.id})
    wave = Wave(*rows[0]) if rows else None
    if wave is None or wave.state == "done":
        return _open(turn, 0 if wave is None else wave.number)
    match wave.state:
        case "entering":
            return _enter(turn, wave, limit)
        case "open":
            return wave.judge_at if turn.now < wave.judge_at else _judge(turn, wave)
        case _:  # stopped, or ended
            return None


# ── Opening ──────────────────────────────────────────────────────────────────────────────────────


def _open(turn: Turn, last: int) -> datetime:
    """The next people, the best first; where nobody is left, another look after a wave's time."""
    conn, waves, now = turn.conn, turn.entry.waves, turn.now
    tests = [test for (test,) in conn.fetch(SQL.waves_before, {"journey": turn.one.id})]
    wanted = following(waves, tests)
    test, people = taken(wanted, _best(turn, wanted.among))
    if not people:
        return now + waves.every
    customers, orders, scores = map(list, zip(*people, strict=True))
    conn.execute(
        SQL.open_wave,
        {
            "journey": turn.one.id,
            "number": last + 1,
            "test": test,
            "now": now,
            "reveals": waves.reveal is not None,
            "reveal_until": now + (waves.reveal or timedelta()),
            "judge_at": now + waves.every,
            "customers": customers,
            "orders": orders,
            "scores": [round(score) for score in scores],
        },
    )
    if waves.reveal is not None:
        _ask_for_phones(turn)
    return now


def _best(turn: Turn, most: int) -> list[tuple[int, int | None, float]]:
    again = turn.one.journey.reenter
    (tree,) = looked_up(turn.conn, [turn.entry.segment], FAMILIES)
    span = again.after if isinstance(again, After) else None
    compiled = compile_best(tree, turn.entry.waves.best_first, span)
    told = segments.values(
        turn.conn,
        compiled,
        turn.now,
        journey=turn.one.id,
        currency=the_brand(turn.conn).currency,
        most=most,
    )
    return [(who, order, score) for who, order, score in turn.conn.fetch(compiled.sql, told)]


def _ask_for_phones(turn: Turn) -> None:
    """Phones that are not known are asked for; who has none to look up is left out."""
    conn = turn.conn
    wave = Wave(*conn.fetch(SQL.wave, {"journey": turn.one.id})[0])
    asked = conn.fetch(SQL.asked_of, {"wave": wave.id})
    shown = reveals.want(conn, [(shop, no) for _, shop, no in asked if no], wave.reveal_until)
    out = [customer for customer, shop, no in asked if (shop, no) not in shown]
    if out:
        _leave_out(conn, wave, out, "no_phone")


def _leave_out(conn: Conn, wave: Wave, customers: Sequence[int] | None, reason: str) -> None:
    params = {"wave": wave.id, "customers": customers, "states": ["asked"], "reason": reason}
    conn.execute(SQL.leave_out, params)


# ── Coming in ────────────────────────────────────────────────────────────────────────────────────


def _enter(turn: Turn, wave: Wave, limit: int) -> datetime:
    """A page of those who are ready. When nobody is, the rest waits for phones, or it stands."""
    conn, now = turn.conn, turn.now
    conn.execute(SQL.phone_came, {"wave": wave.id})
    if now >= wave.reveal_until:
        _leave_out(conn, wave, None, "not_revealed")
    rows = conn.fetch(SQL.next_of_wave, {"wave": wave.id, "limit": limit})
    if rows:
        _let_in(turn, wave, rows)
        return now
    ((waits,),) = conn.fetch(SQL.waits, {"wave": wave.id})
    if waits:
        return min(now + SOON, wave.reveal_until)
    _is(conn, wave, Became("open"))
    return wave.judge_at


def _let_in(turn: Turn, wave: Wave, rows: Sequence[tuple[int, str, str]]) -> None:
    conn, now = turn.conn, turn.now
    journey = turn.one.journey
    people = {customer for customer, *_ in rows}
    true = views.truths(conn, journey.ends, people, now)
    candidates = [
        Candidate(
            event_id=None,
            customer_id=customer,
            identity_id=None,
            occurred_at=now,
            backfill=False,
            key=wave.key,
            shop=shop,
            order_no=order_no,
            facts=turn.facts._replace(
                orders=(Order(shop, order_no, "paid"),) if order_no else (), true=true[customer]
            ),
            cause=wave.key,
        )
        for customer, shop, order_no in rows
    ]
    became = [entry for _, entry in let_in(conn, [Open(*turn.one, candidates)], now)]
    reasons = [_reason(entry) for entry in became]
    customers = [entry.candidate.customer_id for entry in became]
    conn.execute(SQL.came_in, {"wave": wave.id, "customers": customers, "reasons": reasons})


def _reason(entry: Entry) -> str:
    """Why somebody did not come in; empty: they did."""
    return "" if entry.outcome == "enrolled" else entry.reason


# ── Judging ──────────────────────────────────────────────────────────────────────────────────────


def _judge(turn: Turn, wave: Wave) -> datetime | None:
    """By what its own people have done and cost: the next one opens, or a person decides."""
    conn, now = turn.conn, turn.now
    currency = the_brand(conn).currency
    judged = figures(conn, turn.one.journey.journey, [wave.id], currency)[wave.id].judged
    reason = stops(turn.entry.stop_when, judged)
    said = kept(why(reason, turn.entry.stop_when, judged)) if reason else ""
    became = Became(
        "stopped" if reason else "done", reason, said, msgspec.json.encode(judged._asdict())
    )
    _is(conn, wave, became, now)
    return None if reason else now


class Became(NamedTuple):
    """The state of a wave, with why and by which figures where it was judged."""

    state: WaveState
    reason: str = ""
    said: str = ""
    judged: bytes | None = None


def _is(conn: Conn, wave: Wave, became: Became, at: datetime | None = None) -> None:
    judged = None if became.judged is None else became.judged.decode()
    conn.execute(SQL.wave_is, {**became._asdict(), "wave": wave.id, "judged": judged, "at": at})
