"""Reading results, and writing figures as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Result = dict[str, Any]
NOTHING = "Not measured yet."


def values(results: Sequence[Result], path: str) -> list[float]:
    """That figure of each run that has it."""
    found: list[float] = []
    for result in results:
        at: Any = result
        for name in path.split("."):
            at = at.get(name) if isinstance(at, dict) else None
        if at is not None:
            found.append(at)
    return found


def latest(results: Sequence[Result], part: str) -> Result | None:
    """That part of the last run that has it."""
    return next((result[part] for result in reversed(results) if part in result), None)


def number(value: float) -> str:
    """As people read it: 12,345, 0.146, 2.3."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, figures to the right."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
