"""From a text to a journey, or everything that is wrong with it, line by line.

kernel/document.py reads YAML and remembers lines · form.py fills the forms, values.py their single
values · graph.py follows the steps.
"""

from __future__ import annotations

from collections.abc import Sequence

from siyu.journeys.check.form import Reader
from siyu.journeys.check.graph import starts_at_once, tangles
from siyu.journeys.model import Catalogue, Journey
from siyu.kernel.document import Document, Unreadable, lines_of, read
from siyu.kernel.errors import Problem
from siyu.segments.model import Family


def starts(text: str, families: Sequence[Family]) -> frozenset[str]:
    """The journeys that a good text starts before any wait."""
    reader = Reader(families)
    reader.journey(read(text).value)
    return starts_at_once(reader.found)


def _placed(document: Document, problem: Problem) -> Problem:
    """With its line; what is said of the whole journey stands at none."""
    placed = lines_of(document, problem)
    return placed if problem.where else Problem(placed.where, placed.why)


def check(
    text: str, families: Sequence[Family], catalogue: Catalogue | None = None
) -> Journey | tuple[Problem, ...]:
    """The journey that a text says, or its problems in the order of its lines.

    With a catalogue also what it refers to must be there.
    """
    try:
        document = read(text)
    except Unreadable as error:
        return (error.problem,)
    reader = Reader(families)
    journey = reader.journey(document.value)
    problems = [*reader.found.problems, *tangles(reader.found, catalogue)]
    if journey is None or problems:
        placed = {_placed(document, problem): None for problem in problems}
        return tuple(sorted(placed, key=lambda problem: problem.line or 0))
    return journey
