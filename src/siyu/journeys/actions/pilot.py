"""A new version for the first customers only; the others walk on the one before, or wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.journeys.check import check
from siyu.journeys.decide.pilot import choose, other_entry
from siyu.journeys.model import Journey
from siyu.journeys.predicates.conditions import kinds
from siyu.kernel.errors import BadInput, NotFound, Problem, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.segments.model import Family
from siyu.staff import actions as staff

SQL = load("siyu.journeys")
Key = tuple[int, int, str]  # journey, customer, what it is about


class Newcomer(NamedTuple):
    """A visit that has just begun, in the order of the facts."""

    visit_id: int
    journey_id: int
    customer_id: int
    version: int


class _Pilot(NamedTuple):
    """`before` is the version on which the others enter; None: they don't."""

    version: int
    room: int
    before: int | None
    node: str
    ends: list[str]


def settle(conn: Conn, newcomers: Sequence[Newcomer]) -> set[int]:
    """Who is one too many goes to the version before; the visits that must not be, are answered.

    Locks the journey, so it is exact however many let people in at once.
    """
    ids = sorted({one.journey_id for one in newcomers})
    rows = conn.fetch(SQL.pilots, {"journeys": ids})
    pilots = {row[0]: _Pilot(*row[1:]) for row in rows}
    concerned = [
        one
        for one in newcomers
        if one.journey_id in pilots and one.version == pilots[one.journey_id].version
    ]
    if not concerned:
        return set()
    chosen = choose(
        [(one.journey_id, one.customer_id) for one in concerned],
        {journey_id: pilot.room for journey_id, pilot in pilots.items()},
        _inside(conn, pilots, concerned),
    )
    taken = sorted(chosen.taken.items())
    counts = {"journeys": [one for one, _ in taken], "counts": [count for _, count in taken]}
    conn.execute(SQL.count_pilots, counts)
    surplus = [concerned[place] for place in chosen.surplus]
    _to_the_version_before(conn, pilots, surplus)
    refused = [one.visit_id for one in surplus if pilots[one.journey_id].before is None]
    if refused:
        conn.execute(SQL.refuse, {"ids": sorted(refused)})
    return set(refused)


def _inside(
    conn: Conn, pilots: Mapping[int, _Pilot], newcomers: Sequence[Newcomer]
) -> set[tuple[int, int]]:
    params = {
        "journeys": sorted(pilots),
        "versions": [pilots[one].version for one in sorted(pilots)],
        "customers": sorted({one.customer_id for one in newcomers}),
        "new": sorted(one.visit_id for one in newcomers),
    }
    return {(journey, customer) for journey, customer in conn.fetch(SQL.in_pilot, params)}


def _to_the_version_before(
    conn: Conn, pilots: Mapping[int, _Pilot], surplus: Sequence[Newcomer]
) -> None:
    moving = [
        (one.visit_id, pilot.before, pilot.node, f"{{{','.join(pilot.ends)}}}")
        for one in sorted(surplus)
        if (pilot := pilots[one.journey_id]).before is not None
    ]
    if moving:
        names = ("ids", "versions", "nodes", "ends")
        columns = zip(*moving, strict=True)
        conn.execute(SQL.enter_before, dict(zip(names, map(list, columns), strict=True)))


class State(NamedTuple):
    """What is published of a journey; `most` None: everybody enters."""

    journey_id: int
    version: int | None
    most: int | None
    entered: int
    before: int | None


def begin(
    conn: Conn, state: State, journey: Journey, version: int, most: int, families: Sequence[Family]
) -> None:
    """Publish `version` for the first `most` customers; during its pilot, change their number."""
    if most < 1:
        raise BadInput(
            Sentence(
                f"A pilot is for one customer at least, not for {most}.",
                f"试点至少要有一位客户，不能是 {most}。",
            )
        )
    if state.version == version:
        if state.most is None:
            raise Refused(
                Sentence(
                    f"Version {version} lets everybody in already; a pilot is for a new one.",
                    f"第 {version} 版已对所有人开放；试点只用于新版本。",
                )
            )
        conn.execute(SQL.resize_pilot, {"journey": state.journey_id, "most": most})
        return
    base = state.version if state.most is None else state.before
    before = _text(conn, state.journey_id, base, families)
    if before is not None and (rules := other_entry(before, journey)):
        problems = tuple(
            Problem(
                name,
                Sentence(
                    f"is not as in version {base}: publish such a change for everybody",
                    f"与第 {base} 版不同：这样的改动请对所有人发布",
                ),
            )
            for name in rules
        )
        raise BadInput(
            Sentence(
                "A pilot lets in by the same rules as the version before.",
                "试点的进入规则必须与前一版相同。",
            ),
            problems,
        )
    conn.execute(
        SQL.publish_pilot,
        {
            "journey": state.journey_id,
            "version": version,
            "most": most,
            "before": base,
            "node": before.first if before else "",
            "ends": sorted(kinds(before.ends)) if before else [],
        },
    )


def widen(conn: Conn, code: str, by: str, now: datetime) -> int:
    """Everybody enters on the piloted version from now on; which it is."""
    rows = conn.fetch(SQL.state, {"code": code})
    if not rows:
        raise NotFound(Sentence(f"There is no journey {code!r}.", f"没有旅程 {code!r}。"))
    state = State(*rows[0])
    if state.version is None or state.most is None:
        raise Refused(
            Sentence(
                f"{code} has no pilot under way; siyu journey list shows which have.",
                f"{code} 没有进行中的试点；siyu journey list 会显示哪些有。",
            )
        )
    conn.execute(SQL.publish, {"journey": state.journey_id, "version": state.version})
    said = f"version {state.version}, after {state.entered} of {state.most}"
    staff.audit(conn, by, "journey.widen", code, said, now)
    return state.version


def _text(
    conn: Conn, journey_id: int, version: int | None, families: Sequence[Family]
) -> Journey | None:
    """The text of the version before; None: there is none, or this release can't read it."""
    if version is None:
        return None
    params = {"journeys": [journey_id], "versions": [version]}
    ((_, _, text),) = conn.fetch(SQL.versions, params)
    found = check(text, families)
    return found if isinstance(found, Journey) else None
