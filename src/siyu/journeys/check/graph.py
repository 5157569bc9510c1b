"""Follows the steps of a text: names that lead nowhere, steps out of reach, endless circles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from siyu.journeys.check.form import TOUCH, Found, Placed
from siyu.journeys.check.values import nearest
from siyu.journeys.model import (
    Catalogue,
    ChannelCode,
    MaterialCode,
    OfferCode,
    SourceCode,
    Step,
    StepId,
)
from siyu.journeys.nodes.send import Touching
from siyu.kernel.errors import Problem


def tangles(found: Found, catalogue: Catalogue | None) -> list[Problem]:
    """Everything that only shows when the steps are seen together."""
    problems = [*_doubles(found.steps), *_names(found)]
    if catalogue is not None:
        problems += [*_unknown(found, catalogue), *_channels(found.steps, catalogue)]
    if problems or found.problems:  # on a torn path every further finding would be a guess
        return problems
    steps = {placed.id: placed for placed in found.steps}
    edges = _edges(found)
    return [*_open_ends(found.steps), *_unreached(steps, edges), *_circles(steps, edges)]


def _doubles(steps: list[Placed]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for placed in steps:
        if first.setdefault(placed.id, placed.where) != placed.where:
            why = f"there is a step `{placed.id}` already ({first[placed.id]}); ids are unique"
            yield Problem(f"{placed.where}.id", why)


def _names(found: Found) -> Iterator[Problem]:
    ids = {placed.id for placed in found.steps}
    touching = {
        placed.id
        for placed in found.steps
        if placed.step is None or isinstance(placed.step.node, Touching)
    }
    for to, name, where, _ in found.references:
        if to is StepId and name not in ids:
            yield Problem(where, f"no step is called `{name}`; {nearest(name, ids)}")
        elif to is TOUCH and name not in ids:
            yield Problem(where, f"no step is called `{name}`; {nearest(name, touching)}")
        elif to is TOUCH and name not in touching:
            why = f"step `{name}` sends nothing; {nearest(name, touching)}"
            yield Problem(where, why)


def _unknown(found: Found, catalogue: Catalogue) -> Iterator[Problem]:
    shelves: Mapping[object, tuple[str, frozenset[str]]] = {
        MaterialCode: ("material", frozenset(catalogue.materials)),
        OfferCode: ("offer", catalogue.offers),
        ChannelCode: ("channel code", catalogue.codes),
        SourceCode: ("source", catalogue.sources),
    }
    for to, name, where, _ in found.references:
        what, known = shelves.get(to, ("", frozenset({name})))
        if name not in known:
            yield Problem(where, f"no {what} is called `{name}`; {nearest(name, known)}")


def _channels(steps: list[Placed], catalogue: Catalogue) -> Iterator[Problem]:
    for placed in steps:
        node = placed.step.node if placed.step else None
        if isinstance(node, Touching):
            written_for = catalogue.materials.get(node.material, node.channel)
            if written_for != node.channel:
                why = f"material `{node.material}` is written for {written_for}, not {node.channel}"
                yield Problem(f"{placed.where}.{node.key}.material", why)


def _edges(found: Found) -> dict[str, set[str]]:
    """Where each step can lead: what it names, and the next one when it can go on."""
    edges: dict[str, set[str]] = {placed.id: set() for placed in found.steps}
    for to, name, _, step in found.references:
        if to is StepId:
            edges[step].add(name)
    for placed, following in zip(found.steps, found.steps[1:], strict=False):
        step = cast("Step", placed.step)
        if step.node.goes_on and step.go is None:
            edges[placed.id].add(following.id)
    return edges


def _open_ends(steps: list[Placed]) -> Iterator[Problem]:
    last = steps[-1]
    step = cast("Step", last.step)
    if step.node.goes_on and step.go is None:
        why = "after this step the text is over; end with `exit: …`, or say where to `go`"
        yield Problem(last.where, why)


def _unreached(steps: Mapping[str, Placed], edges: Mapping[str, set[str]]) -> Iterator[Problem]:
    start = next(iter(steps))
    reached, ahead = {start}, [start]
    while ahead:
        fresh = edges[ahead.pop()] - reached
        reached |= fresh
        ahead.extend(fresh)
    for name, placed in steps.items():
        if name not in reached:
            yield Problem(placed.where, f"no way leads to step `{name}`; let one `go` there")


def _circles(steps: Mapping[str, Placed], edges: Mapping[str, set[str]]) -> Iterator[Problem]:
    """Steps that can come round again in one moment: a circle needs a `wait` in it.

    Steps that lead out of the circle, or into it, are peeled off until only circles are left.
    """
    left = {name for name, placed in steps.items() if not cast("Step", placed.step).node.takes_time}
    while True:
        inner = {
            name
            for name in left
            if edges[name] & left and any(name in edges[other] for other in left)
        }
        if inner == left:
            break
        left = inner
    for name in left:
        way = " → ".join(sorted(left))
        yield Problem(steps[name].where, f"`{name}` comes round again without a `wait` ({way})")
