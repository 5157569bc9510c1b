"""What each of staff did in a period, from the lake."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from siyu.analytics.compile import colleagues as figures
from siyu.analytics.decide.skills import Did, counted
from siyu.analytics.model.answer import Sources
from siyu.analytics.views.days import Days
from siyu.segments.model import Expression


class Colleague(NamedTuple):
    """`store` '' : head office, or nobody knows them here any more."""

    code: str
    store: str
    did: Did


class Found(NamedTuple):
    """Everybody, and the currencies of their friends' orders, by how many are in each."""

    everybody: list[Colleague]
    currencies: Counter[str]


_WORK = ("done", "late", "overdue", "minutes", "calls", "answered", "yes")
_RELATIONS = ("friends", "added", "watched", "kept", "deleted")
_BROUGHT = ("orders", "buyers", "net_minor", "unknown_minor", "margin_minor")


def colleagues(of: Sources, span: Days, currency: str) -> Found:
    """Active guides, and whoever else did anything; money is of orders in this currency."""
    told: dict[str, dict[str, int | float]] = {}
    stores: dict[str, str] = {}
    for role, store, active, code in of.lake.fetch(figures.everybody()):
        stores[code] = store or ""
        if active and role == "guide":
            told[code] = {}

    def take(rows: Expression, names: tuple[str, ...]) -> None:
        for code, *numbers in of.lake.fetch(rows):
            if code and any(numbers):
                mine = told.setdefault(code, {})
                mine.update(zip(names, map(int, numbers), strict=True))

    take(figures.work(span.begin, span.end, of.now), _WORK)
    take(figures.relations(span.begin, span.end), _RELATIONS)
    take(figures.faithful(span.first, span.last, span.begin), ("had", "bought"))
    take(figures.heard(span.begin, span.end), ("messages", "replied"))
    days = of.carriers.worked(span.first, span.last) if of.carriers else ()
    for code, counts in counted(days).items():
        if code in told or counts["chats"] or counts["lost"]:
            told.setdefault(code, {}).update(counts)
    currencies: Counter[str] = Counter()
    for code, its, *numbers, squares in of.lake.fetch(
        figures.brought(span.first, span.last, of.credit)
    ):
        currencies[its] += int(numbers[0])
        if its == currency:
            mine = told.setdefault(code, {})
            mine.update(zip(_BROUGHT, map(int, numbers), strict=True))
            mine["squares"] = float(squares)
    found = [
        Colleague(code, stores.get(code, ""), Did(**did))  # pyright: ignore[reportArgumentType]
        for code, did in sorted(told.items())
    ]
    return Found(found, currencies)
