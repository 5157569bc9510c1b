"""Who of those who have just come is in the pilot: the first ones, until it is full."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from siyu.journeys.model import Journey


class Chosen(NamedTuple):
    """What became of newcomers. `taken`: places per journey; `surplus`: places in the sequence."""

    taken: dict[int, int]
    surplus: list[int]


def choose(
    newcomers: Sequence[tuple[int, int]],
    room: Mapping[int, int],
    inside: Collection[tuple[int, int]],
) -> Chosen:
    """(journey, customer) in the order of their facts. A customer takes one place, however often
    they come; who is inside already comes in again.

    >>> choose([(1, 7), (1, 8), (1, 7), (1, 9)], {1: 2}, set())
    Chosen(taken={1: 2}, surplus=[3])
    """
    known = set(inside)
    taken = dict.fromkeys(room, 0)
    surplus: list[int] = []
    for place, (journey, customer) in enumerate(newcomers):
        if (journey, customer) in known:
            continue
        if taken[journey] < room[journey]:
            taken[journey] += 1
            known.add((journey, customer))
        else:
            surplus.append(place)
    return Chosen(taken, surplus)


ENTRY = ("enter", "source", "reenter", "concurrent", "holdout")


def other_entry(old: Journey, new: Journey) -> list[str]:
    """The rules of entry in which two texts differ: one event can't be held to both."""
    return [name for name in ENTRY if getattr(old, name) != getattr(new, name)]
