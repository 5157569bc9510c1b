"""What people do with journeys: publish a version, stop one, take up a parked visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.budget.actions.draws import Draw, draw
from siyu.journeys.actions.approve import ask, needed, take_back
from siyu.journeys.actions.pilot import Key, Newcomer, State, settle
from siyu.journeys.actions.pilot import begin as begin_pilot
from siyu.journeys.actions.watch import user, watch
from siyu.journeys.check import check
from siyu.journeys.model import Catalogue, Journey
from siyu.journeys.model.enter import EnterWaves, lot
from siyu.journeys.model.waves import NO_HOLDOUT
from siyu.journeys.predicates.conditions import kinds
from siyu.kernel.errors import BadInput, NotFound, Overtaken, Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.outbox import actions as outbox
from siyu.outbox import views as touches
from siyu.segments import actions as segments
from siyu.segments.model import Family
from siyu.staff import actions as staff

# In the place of a visit that did not begin, with why.
FULL, UNPAID = 0, -1
TURNED_AWAY = {FULL: "pilot", UNPAID: "playbook_budget"}
SQL = load("siyu.journeys")


class Publication(NamedTuple):
    """What `publish` did. `new`: there is a version that was not there before.

    `pilot`: only so many customers enter on it; None: everybody. `waiting`: nobody does before a
    second person has approved.
    """

    code: str
    version: int
    new: bool
    pilot: int | None = None
    waiting: bool = False


class Asked(NamedTuple):
    """Who publishes, and for how many: `pilot` lets only the first so many customers enter.

    `base` is the latest version that they have seen (0: none): refused where there is a later one.
    """

    by: str = ""
    pilot: int | None = None
    base: int | None = None


NOBODY = Asked()


class Stopped(NamedTuple):
    """What `stop` did: visits that ended, touches that were withdrawn or asked back."""

    visits: int
    touches: int


class Entrant(NamedTuple):
    """Somebody to let in. `key` is what the visit is about; a key enters a journey once."""

    customer_id: int
    identity_id: int | None
    key: str
    shop: str = ""
    order_no: str = ""


def publish(
    conn: Conn,
    text: str,
    catalogue: Catalogue | None,
    families: Sequence[Family],
    playbook: str,
    now: datetime,
    asked: Asked = NOBODY,
) -> Publication:
    """Make a text the journey that newcomers walk on; who is under way finishes on their own.

    A version never changes; publishing the latest text again changes nothing.
    """
    journey = check(text, families, catalogue)
    if not isinstance(journey, Journey):
        raise BadInput(
            Sentence("This is no journey that can be published:", "这个旅程还不能发布："), journey
        )
    code = journey.journey
    segments.hold(conn)  # before a row of journeys: so events take the two as well
    ((journey_id,),) = conn.fetch(SQL.journey, {"code": code, "playbook": playbook})
    (state,) = [State(*row) for row in conn.fetch(SQL.state, {"code": code})]
    _tells_what_it_brought(conn, journey_id, journey)
    versions = conn.fetch(SQL.latest, {"journey": journey_id})
    version, same = (versions[0][0], versions[0][1] == text) if versions else (0, False)
    if asked.base is not None and asked.base != version and not same:
        raise Overtaken(_overtaken(code, version, asked.base))
    if not same:
        version += 1
        params = {"journey": journey_id, "version": version, "text": text, "now": now}
        conn.execute(SQL.add_version, params)
    changes = asked.pilot is not None or state.version != version
    size = needed(conn, journey, asked.pilot, now) if changes else None
    if size is not None:
        ask(conn, state, (code, version, asked.pilot), size, asked.by, now)
        return Publication(code, version, not same, asked.pilot, waiting=True)
    if asked.pilot is not None:
        begin_pilot(conn, state, journey, version, asked.pilot, families)
    elif state.version != version:
        conn.execute(SQL.publish, {"journey": journey_id, "version": version})
    else:
        return Publication(code, version, not same, state.most)
    watch(conn, journey_id, journey, families, now, afresh=state.version is None)
    take_back(conn, journey_id, version, asked.by, "another version was published", now)
    if asked.by:
        said = f"version {version}" + (f" for the first {asked.pilot}" if asked.pilot else "")
        staff.audit(conn, asked.by, "journey.publish", code, said, now)
    return Publication(code, version, not same, asked.pilot)


def _tells_what_it_brought(conn: Conn, journey_id: int, journey: Journey) -> None:
    """Waves have a hold-out: the journey's own, or one by a draw of its playbook's or of all."""
    ((_, _, share, shared, _),) = conn.fetch(SQL.draws, {"journeys": [journey_id]})
    if isinstance(journey.enter, EnterWaves) and not (journey.holdout or share or shared):
        raise BadInput(
            Sentence("This is no journey that can be published:", "这个旅程还不能发布："),
            (Problem("holdout", NO_HOLDOUT),),
        )


def _overtaken(code: str, version: int, base: int) -> Sentence:
    if version < base:
        return Sentence(
            f"{code!r} has no version {base}; its latest is {version}.",
            f"{code!r} 没有第 {base} 版；最新的是第 {version} 版。",
        )
    return Sentence(
        f"Version {version} of {code!r} was stored after you began to edit version {base}. "
        f"Nothing is published and your text is yours: compare it with version {version}, then "
        f"publish on top of that.",
        f"您开始编辑第 {base} 版之后，{code!r} 又存了第 {version} 版。什么都没有发布，您写的还在："
        f"请与第 {version} 版对比，再在它之上发布。",
    )


class Start(NamedTuple):
    """A visit to begin."""

    journey_id: int
    version: int
    journey: Journey
    entrant: Entrant


def begin(conn: Conn, starts: Sequence[Start], now: datetime) -> dict[tuple[int, int, str], int]:
    """Begin visits: (journey, customer, key) → the new visit. Those that exist are not in it.

    FULL: it did not begin, since only a pilot takes customers in and it is full. UNPAID: nor did
    it, since the budget of its playbook is used up.
    """
    if not starts:
        return {}
    held, unpaid = _held_out(conn, starts, now)
    turned_away = {_key(start): UNPAID for start in starts if start.journey_id in unpaid}
    starts = [start for start in starts if start.journey_id not in unpaid]
    ends = {start.journey_id: start.journey for start in starts}
    ends = {id_: f"{{{','.join(sorted(kinds(one.ends)))}}}" for id_, one in ends.items()}
    rows = conn.fetch(
        SQL.enrol,
        {
            "now": now,
            "journeys": [start.journey_id for start in starts],
            "versions": [start.version for start in starts],
            "customers": [start.entrant.customer_id for start in starts],
            "identities": [start.entrant.identity_id for start in starts],
            "keys": [start.entrant.key for start in starts],
            "shops": [start.entrant.shop for start in starts],
            "order_nos": [start.entrant.order_no for start in starts],
            "nodes": [start.journey.first for start in starts],
            "ends": [ends[start.journey_id] for start in starts],
            "held": [(start.journey_id, start.entrant.customer_id) in held for start in starts],
        },
    )
    begun = {(journey, customer, key): id_ for id_, journey, customer, key, _ in rows}
    if any(piloted for *_, piloted in rows):
        begun = _piloted(conn, starts, begun)
    return {**begun, **turned_away}


def _key(start: Start) -> Key:
    return start.journey_id, start.entrant.customer_id, start.entrant.key


def _piloted(conn: Conn, starts: Sequence[Start], begun: Mapping[Key, int]) -> dict[Key, int]:
    new = [
        Newcomer(begun[key], start.journey_id, start.entrant.customer_id, start.version)
        for start in starts
        if (key := (start.journey_id, start.entrant.customer_id, start.entrant.key)) in begun
    ]
    refused = settle(conn, new)
    return {key: FULL if id_ in refused else id_ for key, id_ in begun.items()}


def join(conn: Conn, orders: Sequence[tuple[int, str, str]], now: datetime) -> None:
    """(visit, shop, order_no): these orders belong to these visits."""
    real = sorted({row for row in orders if row[2]})
    if real:
        visits, shops, order_nos = map(list, zip(*real, strict=True))
        params = {"visits": visits, "shops": shops, "order_nos": order_nos, "now": now}
        conn.fetch_new(SQL.join_orders, SQL.join_contested, params, len(real))


def note(conn: Conn, lines: Sequence[tuple[int, str, str]], now: datetime) -> None:
    """(visit, node, why): a line of history each."""
    if lines:
        visits, nodes, whys = zip(*lines, strict=True)
        params = {"visits": list(visits), "nodes": list(nodes), "whys": list(whys)}
        conn.execute(SQL.note, {**params, "now": now})


def stop(conn: Conn, code: str, by: str, now: datetime, *, limit: int = 2000) -> Stopped:
    """Nobody enters any more, and up to `limit` who are under way end; again until none is left.

    What waits for approval is refused, what has not left withdrawn; calls and tasks are asked
    back: with the last part also those of visits that were over. A promise stays a promise.
    """
    segments.let_go(conn, user(code))
    journeys = conn.fetch(SQL.unpublish, {"code": code})
    if not journeys:
        raise NotFound(Sentence(f"There is no journey {code!r}.", f"没有旅程 {code!r}。"))
    ((journey_id, published),) = journeys
    params = {"journey": journey_id, "now": now, "why": f"stopped by {by}", "limit": limit}
    ended = [row[0] for row in conn.fetch(SQL.stop, params)]
    taken = take_back(conn, journey_id, None, by, "stopped", now)
    if ended or taken or published is not None:
        staff.audit(conn, by, "journey.stop", code, f"{len(ended)} visits ended", now)
    others = touches.unsaid(conn, code) if len(ended) < limit else []
    return Stopped(len(ended), outbox.withdraw(conn, [*ended, *others], "stopped", now))


def close(conn: Conn, code: str, by: str, now: datetime) -> int:
    """Nobody enters any more; those under way finish. How many that are."""
    segments.let_go(conn, user(code))
    journeys = conn.fetch(SQL.unpublish, {"code": code})
    if not journeys:
        raise NotFound(Sentence(f"There is no journey {code!r}.", f"没有旅程 {code!r}。"))
    ((journey_id, published),) = journeys
    taken = take_back(conn, journey_id, None, by, "closed", now)
    ((under_way,),) = conn.fetch(SQL.under_way, {"journey": journey_id})
    if taken or published is not None:
        staff.audit(conn, by, "journey.close", code, f"{under_way} visits go on", now)
    return int(under_way)


def unpark(
    conn: Conn,
    by: str,
    now: datetime,
    *,
    visit_ids: Sequence[int] | None = None,
    journey: str = "",
) -> int:
    """Take parked visits up again (all, or these, or of a journey), once what was wrong is mended.

    How many. A visit that still can't go on is parked again.
    """
    ids = None if visit_ids is None else sorted(set(visit_ids))
    taken = conn.fetch(SQL.unpark, {"ids": ids, "journey": journey, "now": now})
    for code, count in taken:  # a line of the audit for each journey
        words = f"{count} parked visit{'' if count == 1 else 's'} taken up"
        staff.audit(conn, by, "journey.retry", code, words, now)
    return sum(count for _, count in taken)


def _held_out(
    conn: Conn, starts: Sequence[Start], now: datetime
) -> tuple[set[tuple[int, int]], set[int]]:
    """(journey, customer) of those who are held out: by the journey's own draw where its text has
    one, else by its playbook's. And the journeys whose playbook can't pay for newcomers: nobody is
    drawn for those."""
    journeys = {start.journey_id: start.journey for start in starts}
    rows = conn.fetch(SQL.draws, {"journeys": [*journeys]})
    found = {id_: Draw(*said) for id_, *said, _ in rows}
    unpaid = {id_ for id_, *_, short in rows if short}
    held: set[tuple[int, int]] = set()
    for journey_id, journey in sorted(journeys.items()):
        if journey_id in unpaid:
            continue
        drawn = found[journey_id]
        if journey.holdout:
            drawn = Draw(journey.journey, journey.holdout, drawn.shared)
        if not drawn.share:
            continue
        some = [one.entrant for one in starts if one.journey_id == journey_id]
        people = [(one.customer_id, lot(*one[:1], *one[2:])) for one in some]
        out = draw(conn, journey.journey, drawn, people, now)
        held |= {(journey_id, customer_id) for customer_id, is_out in out.items() if is_out}
    return held, unpaid
