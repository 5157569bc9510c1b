"""Where visits under way go when their journey has a new text: pure, one visit at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from siyu.journeys.model import Journey
from siyu.journeys.nodes.split import Split

END = "end"  # a step may be called so: then it is that step


class Line(NamedTuple):
    """So many visits stand at this step of this version. `to` is empty where nobody said."""

    version: int
    node: str
    visits: int
    to: str


class Walker(NamedTuple):
    """A visit that is to move."""

    id: int
    version: int
    node: str
    round: int
    since: datetime
    arms: Mapping[str, str]


class Wished(NamedTuple):
    """A touch of a visit. `told`: it went out, or still may."""

    visit_id: int
    node: str
    round: int
    told: bool


class Moved(NamedTuple):
    """A visit as it stands on the new text."""

    id: int
    node: str
    round: int
    since: datetime
    arms: Mapping[str, str]
    ended: bool
    why: str


def destination(journey: Journey, node: str, mapping: Mapping[str, str]) -> str:
    """The step that a visit goes on at: the one that was said, else the one of the same name."""
    return mapping.get(node, node if node in journey.place else "")


def leaves(journey: Journey, to: str) -> bool:
    """Whether this destination is the way out."""
    return to == END and END not in journey.place


def move(
    journey: Journey,
    to_version: int,
    walker: Walker,
    mapping: Mapping[str, str],
    wished: Iterable[Wished],
    now: datetime,
) -> Moved:
    """Who keeps the step keeps its time; who goes to another comes there now.

    What went out is never said again: its key (visit, step, round) stands. Only where all that was
    wished for ahead never went out does the next round begin, or it would be lost for good.
    """
    to = destination(journey, walker.node, mapping)
    why = f"migrated from version {walker.version} to {to_version}"
    if leaves(journey, to):
        ended = walker.node, walker.round, walker.since, walker.arms, True
        return Moved(walker.id, *ended, f"{why}: {walker.node} has no counterpart")
    place = journey.place
    ahead = [
        one.told
        for one in wished
        if one.round == walker.round and place.get(one.node, -1) >= place[to]
    ]
    again = bool(ahead) and not any(ahead)
    since = walker.since if to == walker.node else now
    why = why if to == walker.node else f"{why}: from {walker.node}"
    return Moved(
        walker.id, to, walker.round + again, since, _kept(journey, walker.arms), False, why
    )


def _kept(journey: Journey, arms: Mapping[str, str]) -> dict[str, str]:
    """The arms that the new text still has."""
    known = {
        (step.id, arm.name)
        for step in journey.steps
        if isinstance(step.node, Split)
        for arm in step.node.arms
    }
    return {split: arm for split, arm in arms.items() if (split, arm) in known}
