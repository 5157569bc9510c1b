"""The three decisions, all pure: may a customer enter, what does a visit do now, which of two
visits goes on when two customers prove to be one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Literal, NamedTuple, TypeAlias

from siyu.events.model import Kind
from siyu.journeys.model import (
    Act,
    Effect,
    End,
    Facts,
    Go,
    Here,
    Journey,
    Kept,
    Leave,
    Move,
    Park,
    Promised,
    Rest,
    Stay,
    Visit,
    Wished,
)
from siyu.journeys.model.enter import After
from siyu.journeys.predicates.conditions import because, kinds

# ── A visit that is due ──────────────────────────────────────────────────────────────────────────


def step(journey: Journey, visit: Visit, facts: Facts, now: datetime) -> Move:
    """Walk on from where the visit stands until a step holds it, or it is over.

    `ends_when` is asked first, and also of a visit that is over. Going back starts the next round,
    and a step that is passed twice in one walk is a circle without time: so a touch is wished for
    once per visit, step and round.
    """
    here = Here(journey, visit, facts, now)
    if (why := _ends(here)) or visit.over:
        return _ended(here, why)
    passed: dict[str, str] = {}
    effects: list[Effect] = []
    while True:
        at = journey.place.get(here.visit.node)
        if at is None:
            return Park(f"version {visit.version} has no step {here.visit.node!r}")
        node = journey.steps[at].node
        act: Act = node.step(here)
        match act:
            case Stay(until, last):
                effects += last
                why = _story(passed)
                waiting = journey.heard.get(here.visit.node)
                if waiting is None:
                    waiting = kinds((*node.needs, *journey.ends)) | node.hears
                    journey.heard[here.visit.node] = waiting
                stands = here.visit.node, here.visit.round, here.visit.since
                return Rest(*stands, until, waiting, here.visit.arms, why, tuple(effects))
            case Leave(outcome, last):
                why = _story(passed) or outcome
                effects += last
                listens = _listens(here, effects)
                return End(here.visit.node, outcome, False, why, tuple(effects), listens)
            case Go():
                if here.visit.node in passed:
                    return Park(f"step {here.visit.node!r} comes round again without time")
                passed[here.visit.node] = act.why
                effects.extend(act.effects)
                following = act.to or journey.next(journey.steps[at])
                if following is None:  # `check` refuses such a text
                    why, listens = "end of the text", _listens(here, effects)
                    return End(here.visit.node, "end", False, why, tuple(effects), listens)
                here = _moved(here, act, following)


def _ends(here: Here) -> str:
    ends_when = here.journey.ends_when
    return "" if ends_when is None else because(ends_when, here)


def _ended(here: Here, why: str) -> End:
    """By `ends_when`. Of a visit that came to its own end before, what it had not said by then is
    taken back, or let go."""
    if not here.visit.over:
        return End(here.visit.node, why, withdraw=True, why=why)
    listens = _listens(here)
    if why and listens:
        return End(here.visit.node, why, True, f"{why}, after its end: the rest was taken back")
    return End(here.visit.node, "", False, "", waiting_for=listens)


def _listens(here: Here, effects: Iterable[Effect] = ()) -> frozenset[Kind]:
    """What may still take back what an ended visit has to say; nothing once all is said."""
    speaks = any(isinstance(effect, Wished) for effect in effects)
    if speaks or any(touch.open for touch in here.facts.touches.values()):
        return kinds(here.journey.ends)
    return frozenset()


def _story(passed: Mapping[str, str]) -> str:
    return " · ".join([f"{name}: {reason}" for name, reason in passed.items()])


def _moved(here: Here, act: Go, following: str) -> Here:
    """The same visit one step further: what this walk has just done is known to its next steps."""
    visit, facts, place = here.visit, here.facts, here.journey.place
    arms = {**visit.arms, visit.node: act.arm} if act.arm else visit.arms
    back = place.get(following, len(place)) <= place[visit.node]
    kept = visit.vars
    for effect in act.effects:
        match effect:
            case Wished(wish) if wish.node in facts.touches:
                # how an earlier round's touch went says nothing of this one
                last = {name: fact for name, fact in facts.touches.items() if name != wish.node}
                facts = facts._replace(touches=last)
            case Promised(key):
                facts = facts._replace(promise=key)
            case Kept(values):
                kept = {**kept, **dict(values)}
            case _:
                pass
    stands = following, visit.round + back, here.now, visit.held_out, arms, kept
    # `_replace` takes twice the time, and this is the hottest line of the house
    return Here(here.journey, Visit(*visit[:8], *stands), facts, here.now)


# ── Somebody who could enter ─────────────────────────────────────────────────────────────────────


class Candidate(NamedTuple):
    """Something that could start a visit: an event, or what `cause` says."""

    event_id: int | None
    customer_id: int | None  # None: a guest
    identity_id: int | None
    occurred_at: datetime
    backfill: bool
    key: str
    shop: str
    order_no: str
    facts: Facts
    cause: str = ""  # without an event: a start, a date, a schedule, the passing of time
    overtaken: bool = False  # a later event of the same batch may end it: the sweep will see


class Known(NamedTuple):
    """A visit that the customer already has in this journey. `id` 0: it starts in this batch."""

    id: int
    customer_id: int
    key: str
    under_way: bool
    entered_at: datetime


Outcome: TypeAlias = Literal["enrolled", "joined", "refused"]


class Entry(NamedTuple):
    """What became of a candidate, and why; `visit` is the one that it joined."""

    candidate: Candidate
    outcome: Outcome
    reason: str = ""
    visit: Known | None = None


def enter(
    journey: Journey,
    candidates: Iterable[Candidate],
    known: Iterable[Known],
    admitted: Collection[tuple[int, str]],
    now: datetime,
) -> list[Entry]:
    """One entry per candidate, in the order of their facts: the first rule that speaks wins.

    `admitted` are the customers, each with a shop, whom the journey's source lets in.
    """
    visits: dict[int, list[Known]] = {}
    for visit in known:
        visits.setdefault(visit.customer_id, []).append(visit)
    entries: list[Entry] = []
    for candidate in candidates:
        mine = visits.setdefault(candidate.customer_id or 0, [])
        entry = _entry(journey, candidate, mine, admitted, now)
        entries.append(entry)
        if entry.outcome == "enrolled" and candidate.customer_id is not None:
            mine.append(Known(0, candidate.customer_id, candidate.key, True, now))
    return entries


def _entry(
    journey: Journey,
    candidate: Candidate,
    mine: Sequence[Known],
    admitted: Collection[tuple[int, str]],
    now: datetime,
) -> Entry:
    if reason := _unfit(journey, candidate, now):
        return Entry(candidate, "refused", reason)
    if any(visit.key == candidate.key for visit in mine):
        return Entry(candidate, "refused", "known")
    if not candidate.overtaken and (reason := _over(journey, candidate, now)):
        return Entry(candidate, "refused", reason)
    of_source = (candidate.customer_id or 0, candidate.shop) in admitted
    if journey.source is not None and not of_source:
        return Entry(candidate, "refused", "not_admitted")
    under_way = next((visit for visit in mine if visit.under_way), None)
    if under_way is not None and journey.concurrent == "one per customer":
        return Entry(candidate, "joined", "under_way", under_way)
    if _too_soon(journey, mine, now):
        return Entry(candidate, "refused", "reentry")
    return Entry(candidate, "enrolled")


def _unfit(journey: Journey, candidate: Candidate, now: datetime) -> str:
    if candidate.backfill:
        return "backfill"
    if candidate.customer_id is None:
        return "guest"
    if journey.enter is not None and candidate.occurred_at < now - journey.enter.max_age:
        return "too_old"
    return ""


def _over(journey: Journey, candidate: Candidate, now: datetime) -> str:
    """What would end the visit at once is a reason not to begin it."""
    if journey.ends_when is None:
        return ""
    start = Visit(
        id=0,
        journey_id=0,
        version=0,
        customer_id=candidate.customer_id or 0,
        identity_id=candidate.identity_id,
        key=candidate.key,
        shop=candidate.shop,
        order_no=candidate.order_no,
        node=journey.first,
        round=0,
        since=now,
        held_out=False,
        arms={},
    )
    why = because(journey.ends_when, Here(journey, start, candidate.facts, now))
    return "friend_already" if why == "friend" else why


def _too_soon(journey: Journey, mine: Sequence[Known], now: datetime) -> bool:
    match journey.reenter:
        case "never":
            return bool(mine)
        case "each":
            return False
        case After(span):
            return any(visit.entered_at + span > now for visit in mine)


# ── Two customers who are one ────────────────────────────────────────────────────────────────────


class Walk(NamedTuple):
    """A visit of a customer who was merged."""

    id: int
    journey_id: int
    customer_id: int
    key: str
    under_way: bool
    entered_at: datetime


class United(NamedTuple):
    """A visit as it stands after the merge. `into` not None: it ended in favour of that visit."""

    id: int
    customer_id: int
    key: str
    into: int | None


def unite(
    walks: Iterable[Walk], winners: Mapping[int, int], single: Collection[int]
) -> list[United]:
    """Every visit under its winner's name. Of two with one key, and of two under way where a
    journey takes one per customer (`single`), the elder survives."""
    united: list[United] = []

    def place(walk: Walk) -> tuple[int, int]:
        return walk.journey_id, winners.get(walk.customer_id, walk.customer_id)

    for (journey_id, customer_id), group in groupby(sorted(walks, key=place), key=place):
        elder: int | None = None
        keys: dict[str, Walk] = {}
        for walk in sorted(group, key=lambda walk: (walk.entered_at, walk.id)):
            twin = keys.setdefault(walk.key, walk)
            key = walk.key if twin is walk else f"{walk.key} (merged {walk.id})"
            into = None
            if walk.under_way:
                if twin is not walk and twin.under_way:
                    into = twin.id
                elif journey_id in single:
                    into = elder
                elder = elder or walk.id
            united.append(United(walk.id, customer_id, key, into))
    return united
