"""Move those under way to another version of their journey, by a mapping that somebody stated."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import NamedTuple

from siyu.journeys.check import check
from siyu.journeys.decide.migrate import (
    END,
    Line,
    Moved,
    Walker,
    Wished,
    destination,
    leaves,
    move,
)
from siyu.journeys.model import Journey
from siyu.journeys.predicates.conditions import kinds
from siyu.kernel.errors import BadInput, NotFound, Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.outbox import actions as outbox
from siyu.outbox import views as touches
from siyu.segments.model import Family
from siyu.staff import actions as staff

SQL = load("siyu.journeys")


class Migration(NamedTuple):
    """What somebody wants: everybody of `code`, or those of one version, on to version `to`."""

    code: str
    to: int
    origin: int | None  # None: from every other version
    mapping: Mapping[str, str]  # step of theirs → step of the new text, or `end`


class Plan(NamedTuple):
    """Who would go where. `problems`: steps where people stand and nobody said where they go."""

    lines: list[Line]
    problems: tuple[Problem, ...]

    @property
    def visits(self) -> int:
        """How many would move."""
        return sum(line.visits for line in self.lines)


class Migrated(NamedTuple):
    """What one batch did. `last` is where the next one begins; 0: nobody is left."""

    visits: int
    ended: int
    touches: int
    last: int


def plan(conn: Conn, wanted: Migration, families: Sequence[Family]) -> Plan:
    """Who stands where, and where each would go. Nothing is changed."""
    journey_id, journey = _target(conn, wanted, families)
    params = {"journey": journey_id, "to": wanted.to, "origin": wanted.origin}
    lines = [
        Line(version, node, visits, destination(journey, node, wanted.mapping))
        for version, node, visits in conn.fetch(SQL.to_migrate, params)
    ]
    problems = tuple(
        Problem(
            f"step {line.node} of version {line.version}",
            Sentence(
                f"{line.visits:,} stand there, and version {wanted.to} has no such step; "
                f"map it: {line.node}={_like(line.node, journey)}, or {line.node}={END}",
                f"有 {line.visits:,} 位停在这里，第 {wanted.to} 版没有这个步骤；请指定去向："
                f"{line.node}={_like(line.node, journey)}，或 {line.node}={END}",
            ),
        )
        for line in lines
        if not line.to
    )
    return Plan(lines, problems)


def migrate(
    conn: Conn,
    wanted: Migration,
    families: Sequence[Family],
    by: str,
    now: datetime,
    *,
    after: int = 0,
    limit: int = 2000,
) -> Migrated:
    """Move up to `limit` visits; again, from `last` on, until none is left.

    A batch is one transaction, and who has moved is not found again: so it can be broken off and
    taken up at any time. Each is due at once, and decides by the new text.
    """
    problems = () if after else plan(conn, wanted, families).problems
    if problems:
        raise BadInput(
            Sentence(
                "Nobody was moved: it is not said where all of them go.",
                "没有移动任何人：还没有说明每个人去哪里。",
            ),
            problems,
        )
    journey_id, journey = _target(conn, wanted, families)
    params = {"journey": journey_id, "to": wanted.to, "origin": wanted.origin, "after": after}
    known = sorted({*journey.place, *wanted.mapping})
    rows = conn.fetch(SQL.claim_migration, {**params, "nodes": known, "limit": limit})
    walkers = sorted(Walker(*row) for row in rows)
    if not walkers:
        return Migrated(0, 0, 0, 0)
    ids = [walker.id for walker in walkers]
    wished: dict[int, list[Wished]] = {}
    for row in touches.wished(conn, ids):
        wished.setdefault(row[0], []).append(Wished(*row))
    moved = [
        move(journey, wanted.to, one, wanted.mapping, wished.get(one.id, ()), now)
        for one in walkers
    ]
    _write(conn, wanted.to, journey, moved, now)
    ended = [one.id for one in moved if one.ended]
    taken = outbox.withdraw(conn, ended, "migrated", now)
    kept = [one.id for one in moved if not one.ended]
    taken += outbox.withdraw(conn, kept, "step_gone", now, but=sorted(journey.place))
    said = f"{len(moved)} visits to version {wanted.to}"
    staff.audit(conn, by, "journey.migrate", wanted.code, said, now)
    return Migrated(len(moved), len(ended), taken, ids[-1] if len(rows) == limit else 0)


def _write(
    conn: Conn, version: int, journey: Journey, moved: Sequence[Moved], now: datetime
) -> None:
    conn.execute(
        SQL.migrate,
        {
            "now": now,
            "version": version,
            "ends": sorted(kinds(journey.ends)),
            "ids": [one.id for one in moved],
            "nodes": [one.node for one in moved],
            "rounds": [one.round for one in moved],
            "sinces": [one.since for one in moved],
            "arms": [json.dumps(dict(one.arms)) for one in moved],
            "ended": [one.ended for one in moved],
            "whys": [one.why for one in moved],
        },
    )


def _target(conn: Conn, wanted: Migration, families: Sequence[Family]) -> tuple[int, Journey]:
    """The text that they are to walk on; the mapping is looked at as well."""
    rows = conn.fetch(SQL.every_version, {"code": wanted.code})
    if not rows:
        raise NotFound(
            Sentence(f"There is no journey {wanted.code!r}.", f"没有旅程 {wanted.code!r}。")
        )
    texts = {version: text for _, version, text in rows}
    for version in (wanted.to, wanted.origin):
        if version is not None and version not in texts:
            there = ", ".join(str(one) for one in sorted(texts))
            raise NotFound(
                Sentence(
                    f"{wanted.code!r} has no version {version}; there are {there}.",
                    f"{wanted.code!r} 没有第 {version} 版；现有 {there}。",
                )
            )
    journey = check(texts[wanted.to], families)
    if not isinstance(journey, Journey):
        raise BadInput(
            Sentence(
                f"Version {wanted.to} of {wanted.code!r} can't be read:",
                f"{wanted.code!r} 的第 {wanted.to} 版无法读取：",
            ),
            journey,
        )
    theirs = [check(text, families) for version, text in texts.items() if version != wanted.to]
    steps = {step for one in theirs if isinstance(one, Journey) for step in one.place}
    problems = [
        *(
            Problem(
                f"{old}={new}",
                Sentence(
                    f"version {wanted.to} has no step {new}; {_near(new, journey)}",
                    f"第 {wanted.to} 版没有步骤 {new}；{_near(new, journey).zh}",
                ),
            )
            for old, new in wanted.mapping.items()
            if new not in journey.place and not leaves(journey, new)
        ),
        *(
            Problem(
                f"{old}={new}",
                Sentence(f"no other version has a step {old}", f"其他版本都没有步骤 {old}"),
            )
            for old, new in wanted.mapping.items()
            if old not in steps and all(isinstance(one, Journey) for one in theirs)
        ),
    ]
    if problems:
        raise BadInput(
            Sentence("The mapping does not fit the texts.", "对应关系与文本不符。"), tuple(problems)
        )
    return rows[0][0], journey


def _near(name: str, journey: Journey) -> Sentence:
    like = _like(name, journey)
    return Sentence(f"did you mean {like}?", f"是不是 {like}？")


def _like(name: str, journey: Journey) -> str:
    near = get_close_matches(name, journey.place, 1, 0)
    return near[0] if near else journey.first
