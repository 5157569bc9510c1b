"""What orders brought after the cost of their goods, and how much of it is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from siyu.kernel.sql import Conn, load

SQL = load("siyu.analytics")


class Margin(NamedTuple):
    """An order. `net_minor`, what is left of it after refunds, is of goods whose cost is known,
    assumed by a share, or unknown; of the unknown part there is no margin."""

    order_id: int
    customer_id: int | None
    day: date
    currency: str
    stands: bool
    net_minor: int
    cost_minor: int
    known_minor: int
    assumed_minor: int
    unknown_minor: int
    margin_minor: int


class Earned(NamedTuple):
    """The same of many orders, in one currency."""

    currency: str
    orders: int
    net_minor: int
    cost_minor: int
    known_minor: int
    assumed_minor: int
    unknown_minor: int
    margin_minor: int

    @property
    def assumed_share(self) -> float:
        """How much of the net is of goods whose cost is assumed."""
        return self.assumed_minor / self.net_minor if self.net_minor > 0 else 0.0

    @property
    def unknown_share(self) -> float:
        """How much of the net is of goods of whose cost nothing is known: no margin is of these."""
        return self.unknown_minor / self.net_minor if self.net_minor > 0 else 0.0


def margins(conn: Conn, customers: Sequence[int] | None) -> list[Margin]:
    """Every order of these customers; None: of everybody, and of guests."""
    params = {"customers": None if customers is None else list(customers)}
    return [Margin(*row) for row in conn.fetch(SQL.margins, params)]


def earned(found: Iterable[Margin]) -> list[Earned]:
    """These together, one line per currency: currencies are never added."""
    sums: dict[str, list[int]] = {}
    for one in found:
        of = sums.setdefault(one.currency, [0] * 7)
        values = one.stands, *one[5:]
        of[:] = [so_far + int(value) for so_far, value in zip(of, values, strict=True)]
    return [Earned(currency, *sums[currency]) for currency in sorted(sums)]
