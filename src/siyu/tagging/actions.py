"""Rules set and dropped, what they say written down, of the past as well; tags that wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.customers import actions as customers
from siyu.customers.actions import Tagging
from siyu.events import actions as events
from siyu.events import check as facts
from siyu.events.model import POINTERS, Batch, Event, kinds_of
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.staff.actions import audit
from siyu.tagging.check import check, check_all
from siyu.tagging.decide import HEARD, Plan, Touched
from siyu.tagging.model import BY_RULE, Past, Retagged, Rule
from siyu.vault.model import Keys, key_hash

SQL = load("siyu.tagging")
KEPT = 8
_plans: dict[str, Plan] = {}


class Fact(NamedTuple):
    """A fact, and whose it is."""

    event: Event
    customer_id: int
    identity_id: int | None


class Awaited(NamedTuple):
    """A tag for whoever this key will be."""

    kind: str
    hash: bytes
    name: str
    source: str
    source_id: str


# ── Rules ────────────────────────────────────────────────────────────────────────────────────────


def read(text: str) -> list[tuple[Rule, str]]:
    """The rules of a file, each with its own text; BadInput with everything that is wrong."""
    found = check_all(text)
    if isinstance(found, tuple):
        raise BadInput(Sentence("These rules can't be used.", "这些规则不能使用。"), found)
    return found


def set_rules(conn: Conn, keys: Keys, text: str, by: str, now: datetime) -> list[str]:
    """Keep every rule of a file, all or none; what happened before stays as it is. Audited."""
    found = read(text)
    conn.fetch(SQL.lock)
    for rule, own in found:
        states = sorted(rule.values("source", "code"))
        hashes = [key_hash(keys, "state", state) for state in states]
        said = {"code": rule.code, "text": own, "states": states, "hashes": hashes}
        conn.execute(SQL.set, {**said, "by": by, "now": now})
        audit(conn, by, "tag.rule.set", rule.code, rule.tag, now)
    _listen(conn)
    return [rule.code for rule, _ in found]


def drop(conn: Conn, code: str, by: str, now: datetime) -> None:
    """A rule that hits nothing any more; its tags and its log stay. Audited."""
    conn.fetch(SQL.lock)
    if not conn.fetch(SQL.drop, {"code": code, "now": now}):
        raise NotFound(Sentence(f"There is no rule {code!r}.", f"没有规则 {code!r}。"))
    audit(conn, by, "tag.rule.drop", code, "", now)
    _listen(conn)


def _listen(conn: Conn) -> None:
    known = plan(conn)
    events.listen(conn, known.words if known else ())


def plan(conn: Conn) -> Plan | None:
    """The rules that stand, parsed once per process until one of them changes; None: there are
    none."""
    ((digest,),) = conn.fetch(SQL.digest)
    if digest is None:
        return None
    if digest not in _plans:
        rows = conn.fetch(SQL.standing)
        if len(_plans) >= KEPT:
            _plans.clear()
        states = {
            bytes(hashed): state
            for _, hashes, some in rows
            for hashed, state in zip(hashes, some, strict=True)
        }
        rules = [found for text, _, _ in rows if isinstance(found := check(text), Rule)]
        _plans[digest] = Plan(rules, states)
    return _plans[digest]


def hit(
    conn: Conn, known: Plan, facts: Sequence[Fact], touches: Mapping[int, int], now: datetime
) -> list[int]:
    """Set the tags that rules say of these facts, and write the hits down: each once, whenever and
    however often it is looked at. The facts that this tells."""
    taggings: list[Tagging] = []
    hits: list[tuple[str, Fact, str]] = []
    for fact, rules in _hits(conn, known, facts, touches):
        at, name = fact.event.occurred_at, f"{fact.event.source}/{fact.event.source_id}"
        for rule in rules:
            until = at + rule.span if rule.span else None
            taggings.append(
                Tagging(
                    fact.customer_id, fact.identity_id, rule.tag, f"{BY_RULE}{rule.code}",
                    rule.confidence, until, at, name,
                )
            )  # fmt: skip
            hits.append((rule.code, fact, rule.tag))
    if not hits:
        return []
    conn.execute(
        SQL.hit,
        {
            "codes": [code for code, _, _ in hits],
            "events": [fact.event.id for _, fact, _ in hits],
            "identities": [fact.identity_id for _, fact, _ in hits],
            "customers": [fact.customer_id for _, fact, _ in hits],
            "tags": [tag for _, _, tag in hits],
            "ats": [fact.event.occurred_at for _, fact, _ in hits],
        },
    )
    return customers.tag(conn, taggings, now)


def _hits(
    conn: Conn, known: Plan, facts: Sequence[Fact], touches: Mapping[int, int]
) -> list[tuple[Fact, list[Rule]]]:
    asked: dict[int, Touched] = {}
    if known.clicks and touches:
        named = sorted({touches[one.event.id] for one in facts if one.event.id in touches})
        rows = conn.fetch(SQL.touched, {"touches": named}) if named else []
        asked = {touch: Touched(material, journey) for touch, material, journey, *_ in rows}
    found: list[tuple[Fact, list[Rule]]] = []
    for one in facts:
        rules = known.hits(one.event, asked.get(touches.get(one.event.id, 0)))
        if rules:
            found.append((one, rules))
    return found


def again(
    conn: Conn, ids: PublicIds, past: Past, now: datetime
) -> tuple[Retagged, set[int], int | None]:
    """What the rules say of a page of the past, of whom, and where to go on (None: that was all).

    Of messages, words can be found that were listened for when they came, and no others.
    """
    known = plan(conn)
    if known is not None and past.codes:
        known = Plan([rule for rule in known.rules if rule.code in past.codes], known.states)
    if known is None:
        return Retagged(), set(), None
    asked = {"since": past.since, "kinds": sorted(kinds_of(HEARD))}
    rows = conn.fetch(SQL.past, {**asked, "after": past.after, "limit": past.limit})
    read = [(facts.read(tuple(event)), who, by) for who, by, *event in rows]
    touches = _named(ids, [event for event, _, _ in read])
    whose = _owned(conn, touches)
    found = [
        Fact(event, *((who, by) if who is not None else whose[event.id]))
        for event, who, by in read
        if who is not None or event.id in whose
    ]
    hits = _hits(conn, known, found, touches)
    if not past.dry:
        hit(conn, known, found, touches, now)
    said = Retagged(len(found), sum(len(rules) for _, rules in hits))
    upto = read[-1][0].id if len(read) == past.limit else None
    return said, {fact.customer_id for fact, _ in hits}, upto


def noted(conn: Conn, past: Past, by: str, now: datetime) -> None:
    """That somebody applied rules to the past goes into the audit log."""
    what = ", ".join(past.codes) or "all rules"
    audit(conn, by, "tag.rule.apply", what, f"since {past.since.isoformat()}", now)


def _named(ids: PublicIds, events: Sequence[Event]) -> dict[int, int]:
    named = ((one.id, ids.decode("tch", getattr(one.data, "touch", ""))) for one in events)
    return {event: touch for event, touch in named if touch is not None}


def _owned(conn: Conn, touches: Mapping[int, int]) -> dict[int, tuple[int, int | None]]:
    """Of facts without a key: whom their touch was for."""
    if not touches:
        return {}
    rows = conn.fetch(SQL.touched, {"touches": sorted(set(touches.values()))})
    whose = {touch: (who, by) for touch, _, _, who, by in rows if who is not None}
    return {event: whose[touch] for event, touch in touches.items() if touch in whose}


# ── Tags that wait ───────────────────────────────────────────────────────────────────────────────


def wait(conn: Conn, tags: Iterable[Awaited], now: datetime, span: timedelta) -> None:
    """Keep these tags until somebody with the key appears, for so long at most."""
    rows = list(tags)
    if not rows:
        return
    conn.execute(
        SQL.wait,
        {
            "kinds": [row.kind for row in rows],
            "hashes": [row.hash for row in rows],
            "names": [row.name for row in rows],
            "sources": [row.source for row in rows],
            "source_ids": [row.source_id for row in rows],
            "now": now,
            "expires": now + span,
        },
    )


def given(conn: Conn, batch: Batch, now: datetime) -> list[int]:
    """Tags that have waited for somebody of this batch; the facts that this tells."""
    if not conn.fetch(SQL.any_waiting):
        return []
    whose = {
        key: event.id
        for event in batch.events
        if event.id in batch.customer
        for key in event.keys
        if key.kind not in POINTERS
    }
    names = {"kinds": [key.kind for key in whose], "hashes": [key.hash for key in whose]}
    rows = conn.fetch(SQL.give, {**names, "now": now}) if whose else []
    return customers.tag(
        conn,
        [
            Tagging(customer, identity, name, source, at=at, source_id=source_id)
            for customer, identity, name, source, source_id, at in rows
        ],
        now,
    )


def forget(conn: Conn, source: str, prefix: str) -> int:
    """What still waits of this source, by the beginning of its names, is not given any more."""
    return conn.execute(SQL.forget, {"source": source, "prefix": prefix})


def lapse(conn: Conn, now: datetime) -> int:
    """Nobody came in time."""
    return conn.execute(SQL.lapse, {"now": now})
