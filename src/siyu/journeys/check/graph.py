"""Follows the steps of a text: names that lead nowhere, steps out of reach, endless circles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import cast

from siyu.journeys.check.form import TOUCH, VALUE, Found, Placed
from siyu.journeys.check.values import nearest
from siyu.journeys.model import (
    Catalogue,
    ChannelCode,
    JourneyCode,
    MaterialCode,
    OfferCode,
    SourceCode,
    Step,
    StepId,
)
from siyu.journeys.model.enter import SegmentCode
from siyu.journeys.nodes.offer import Offer
from siyu.journeys.nodes.send import Touching
from siyu.journeys.nodes.set import Set
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence


def tangles(found: Found, catalogue: Catalogue | None) -> list[Problem]:
    """Everything that only shows when the steps are seen together."""
    problems = [*_doubles(found.steps), *_names(found), *_unset(found), *_itself(found)]
    if catalogue is not None:
        problems += [*_unknown(found, catalogue), *_channels(found.steps, catalogue)]
        problems += _promises(found.steps, catalogue)
    if problems or found.problems:  # on a torn path every further finding would be a guess
        return problems
    steps = {placed.id: placed for placed in found.steps}
    edges = _edges(found)
    problems += [*_open_ends(found.steps), *_unreached(steps, edges), *_circles(steps, edges)]
    return problems + (_rings(found, catalogue) if catalogue is not None else [])


def _doubles(steps: list[Placed]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for placed in steps:
        if first.setdefault(placed.id, placed.where) != placed.where:
            why = Sentence(
                f"there is a step `{placed.id}` already ({first[placed.id]}); ids are unique",
                f"已经有步骤 `{placed.id}` 了（{first[placed.id]}）；每个 id 只能用一次",
            )
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
            yield Problem(
                where,
                Sentence(
                    f"no step is called `{name}`; {nearest(name, ids)}",
                    f"没有步骤叫 `{name}`；{nearest(name, ids).zh}",
                ),
            )
        elif to is TOUCH and name not in ids:
            yield Problem(
                where,
                Sentence(
                    f"no step is called `{name}`; {nearest(name, touching)}",
                    f"没有步骤叫 `{name}`；{nearest(name, touching).zh}",
                ),
            )
        elif to is TOUCH and name not in touching:
            why = Sentence(
                f"step `{name}` sends nothing; {nearest(name, touching)}",
                f"步骤 `{name}` 不发送任何内容；{nearest(name, touching).zh}",
            )
            yield Problem(where, why)


def _unset(found: Found) -> Iterator[Problem]:
    """Conditions on values that no step sets are never true."""
    nodes = [placed.step.node for placed in found.steps if placed.step is not None]
    names = {name for node in nodes if isinstance(node, Set) for name, _ in node.values}
    for to, name, where, _ in found.references:
        if to is VALUE and name not in names and len(nodes) == len(found.steps):
            yield Problem(
                where,
                Sentence(
                    f"no step sets `{name}`; {nearest(name, names)}",
                    f"没有步骤设置 `{name}`；{nearest(name, names).zh}",
                ),
            )


def _itself(found: Found) -> Iterator[Problem]:
    for to, name, where, _ in found.references:
        if to is JourneyCode and name == found.code:
            yield Problem(
                where,
                Sentence(
                    f"`{name}` would start itself; go back to a step by `go` instead",
                    f"`{name}` 会启动它自己；请用 `go` 回到某个步骤",
                ),
            )


def _unknown(found: Found, catalogue: Catalogue) -> Iterator[Problem]:
    shelves: Mapping[object, tuple[Sentence, frozenset[str]]] = {
        MaterialCode: (Sentence("material", "素材"), frozenset(catalogue.materials)),
        OfferCode: (Sentence("offer", "权益"), frozenset(catalogue.offers)),
        ChannelCode: (Sentence("channel code", "活码"), catalogue.codes),
        SourceCode: (Sentence("source", "来源"), catalogue.sources),
        JourneyCode: (
            Sentence("journey", "旅程"),
            frozenset({*catalogue.journeys, str(found.code)}),
        ),
        SegmentCode: (Sentence("segment", "人群"), catalogue.segments),
    }
    for to, name, where, _ in found.references:
        what, known = shelves.get(to, (Sentence("", ""), frozenset({name})))
        if name not in known:
            yield Problem(
                where,
                Sentence(
                    f"no {what} is called `{name}`; {nearest(name, known)}",
                    f"没有{what.zh}叫 `{name}`；{nearest(name, known).zh}",
                ),
            )


def _channels(steps: list[Placed], catalogue: Catalogue) -> Iterator[Problem]:
    for placed in steps:
        node = placed.step.node if placed.step else None
        if isinstance(node, Touching):
            written_for = catalogue.materials.get(node.material, node.channel)
            if written_for != node.channel:
                why = Sentence(
                    f"material `{node.material}` is written for {written_for}, not {node.channel}",
                    f"素材 `{node.material}` 是为 {written_for} 写的，不能用于 {node.channel}",
                )
                yield Problem(f"{placed.where}.{node.key}.material", why)
            if node.purpose == "promotion" and node.material in catalogue.mute:
                why = Sentence(
                    f"a promotion by SMS says how to opt out, material `{node.material}` does not; "
                    "add “Reply STOP to opt out”, in Chinese “拒收请回复R”",
                    f"营销短信必须写明如何退订，素材 `{node.material}` 没有写；请加上“拒收请回复R”",
                )
                yield Problem(f"{placed.where}.{node.key}.material", why)


def _promises(steps: list[Placed], catalogue: Catalogue) -> Iterator[Problem]:
    """A parcel keeps promises of gifts alone."""
    for placed in steps:
        node = placed.step.node if placed.step else None
        if isinstance(node, Offer) and node.promise is not None:
            kind = catalogue.offers.get(node.promise, "gift")
            if kind != "gift":
                why = Sentence(
                    f"`{node.promise}` is a {kind}; only a gift travels in a parcel: write `issue`",
                    f"`{node.promise}` 是 {kind}；只有 gift 能随包裹发出：请写 `issue`",
                )
                yield Problem(f"{placed.where}.{node.key}.promise", why)


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
        why = Sentence(
            "after this step the text is over; end with `exit: …`, or say where to `go`",
            "这个步骤之后文本就结束了；请以 `exit: …` 结尾，或写明 `go` 到哪里",
        )
        yield Problem(last.where, why)


def _unreached(steps: Mapping[str, Placed], edges: Mapping[str, set[str]]) -> Iterator[Problem]:
    reached = _reached(next(iter(steps)), edges)
    for name, placed in steps.items():
        if name not in reached:
            yield Problem(
                placed.where,
                Sentence(
                    f"no way leads to step `{name}`; let one `go` there",
                    f"没有路径通向步骤 `{name}`；请让某个 `go` 指向它",
                ),
            )


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
        yield Problem(
            steps[name].where,
            Sentence(
                f"`{name}` comes round again without a `wait` ({way})",
                f"`{name}` 会不经 `wait` 就转回来（{way}）",
            ),
        )


def _rings(found: Found, catalogue: Catalogue) -> list[Problem]:
    """Journeys that start one another in one moment, as far as the published ones show."""
    where = {one.name: one.where for one in found.references if one.to is JourneyCode}
    rings = [
        name
        for name in sorted(starts_at_once(found))
        if found.code in _reached(name, catalogue.journeys)
    ]
    return [
        Problem(
            where[name],
            Sentence(
                f"`{name}` starts `{found.code}` again without a `wait`; put one before this start",
                f"`{name}` 会不经 `wait` 再次启动 `{found.code}`；请在启动之前加一个",
            ),
        )
        for name in rings
    ]


def starts_at_once(found: Found) -> frozenset[str]:
    """The journeys that a text starts before any wait."""
    waits = {placed.id for placed in found.steps if cast("Step", placed.step).node.takes_time}
    edges = {name: set[str]() if name in waits else ways for name, ways in _edges(found).items()}
    reached = _reached(found.steps[0].id, edges)
    return frozenset(
        one.name for one in found.references if one.to is JourneyCode and one.step in reached
    )


def _reached(start: str, edges: Mapping[str, AbstractSet[str]]) -> set[str]:
    """Where the ways from here lead, itself included."""
    reached, ahead = {start}, [start]
    while ahead:
        fresh = edges.get(ahead.pop(), frozenset()) - reached
        reached |= fresh
        ahead.extend(fresh)
    return reached
