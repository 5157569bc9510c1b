"""To which touches orders are credited: rules that each hand out exactly what there is. Pure.

A path is what reached a customer before an order, the oldest first. Credit is a habit of counting
and no proof: what touches brought shows against a hold-out alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from siyu.analytics.decide.groups import Floats

Rule = Literal["last", "first", "position", "removal"]
RULES: tuple[Rule, ...] = ("last", "first", "position", "removal")
ENDS, BETWEEN = 0.4, 0.2  # of an order, by position: to the first, to the last; to all between
_START, _ORDER, _NOTHING = "\0start", "\0order", "\0nothing"


class Path(NamedTuple):
    """So many orders, and their money, that came after these touches; no orders: what came of
    `ended` walks along them is nothing."""

    steps: tuple[str, ...]
    orders: int = 0
    worth_minor: int = 0
    ended: int = 0


class Credit(NamedTuple):
    """What a rule gives to each."""

    orders: Mapping[str, int]
    worth_minor: Mapping[str, int]


def credit(rule: Rule, paths: Sequence[Path]) -> Credit:
    """The orders of these paths, handed out; paths without a step are nobody's."""
    of = _shares(rule, paths)
    orders: dict[str, float] = {}
    worth: dict[str, float] = {}
    told = [path for path in paths if path.steps and path.orders]
    for path in told:
        for step, share in of(path).items():
            orders[step] = orders.get(step, 0.0) + share * path.orders
            worth[step] = worth.get(step, 0.0) + share * path.worth_minor
    return Credit(
        whole(orders, sum(path.orders for path in told)),
        whole(worth, sum(path.worth_minor for path in told)),
    )


def whole(parts: Mapping[str, float], total: int) -> dict[str, int]:
    """These in whole numbers that add up to the total: what is missing goes to the largest
    remainders.

    >>> whole({"a": 1.5, "b": 1.5, "c": 1.0}, 4)
    {'a': 2, 'b': 1, 'c': 1}
    """
    floors = {name: int(np.floor(value)) for name, value in parts.items()}
    left = total - sum(floors.values())
    ranked = sorted(parts, key=lambda name: (floors[name] - parts[name], name))
    for place in range(abs(left)):
        name = ranked[place % len(ranked)] if left > 0 else ranked[-1 - place % len(ranked)]
        floors[name] += 1 if left > 0 else -1
    return floors


def _shares(rule: Rule, paths: Sequence[Path]) -> Callable[[Path], Mapping[str, float]]:
    match rule:
        case "last":
            return lambda path: {path.steps[-1]: 1.0}
        case "first":
            return lambda path: {path.steps[0]: 1.0}
        case "position":
            return lambda path: by_position(path.steps)
        case "removal":
            lost = removal(paths)
            return lambda path: _own(lost, path.steps)


def by_position(steps: Sequence[str]) -> dict[str, float]:
    """Two fifths to the first, two to the last, one to those between; of two each a half.

    >>> by_position(("sms", "call", "sms"))
    {'sms': 0.8, 'call': 0.2}
    """
    many = len(steps)
    weights = [1.0 / many] * many if many < 3 else [BETWEEN / (many - 2)] * many
    if many >= 3:
        weights[0] = weights[-1] = ENDS
    found: dict[str, float] = {}
    for step, weight in zip(steps, weights, strict=True):
        found[step] = found.get(step, 0.0) + weight
    return found


def _own(lost: Mapping[str, float], steps: Sequence[str]) -> dict[str, float]:
    """Among the touches of one path by what each would be missed; evenly where none would."""
    there = sorted(set(steps))
    total = sum(lost[step] for step in there)
    if total <= 0:
        return dict.fromkeys(there, 1.0 / len(there))
    return {step: lost[step] / total for step in there}


def removal(paths: Iterable[Path]) -> dict[str, float]:
    """What share of orders would be missing without each, if walks that come to it ended there.

    A walk goes from touch to touch by how often that one followed this one, whatever was before (a
    Markov chain of the first order; Anderl and others 2016, Mapping the customer journey).
    """
    moves = _moves(paths)
    names = sorted({one for one, _ in moves} - {_START})
    places = {name: place for place, name in enumerate((_START, *names))}
    go, reach, out = (np.zeros(shape) for shape in ((len(places),) * 2, len(places), len(places)))
    for (one, other), many in moves.items():
        out[places[one]] += many
        if other == _ORDER:
            reach[places[one]] += many
        elif other != _NOTHING:
            go[places[one], places[other]] += many
    go, reach = go / np.maximum(out, 1)[:, None], reach / np.maximum(out, 1)
    base = _ordered(go, reach)
    found: dict[str, float] = {}
    for name in names:
        cut = go.copy()
        cut[:, places[name]] = 0.0
        found[name] = 1.0 - _ordered(cut, reach) / base if base > 0 else 0.0
    return found


def _moves(paths: Iterable[Path]) -> dict[tuple[str, str], int]:
    """How often each followed which."""
    moves: dict[tuple[str, str], int] = {}
    for path in paths:
        for end, many in ((_ORDER, path.orders), (_NOTHING, path.ended)):
            if many and path.steps:
                for move in zip((_START, *path.steps), (*path.steps, end), strict=True):
                    moves[move] = moves.get(move, 0) + many
    return moves


def _ordered(go: Floats, reach: Floats) -> float:
    """The chance that a walk from the start ends in an order."""
    return float(np.linalg.solve(np.eye(len(go)) - go, reach)[0])
