"""The tables that predicates read, as Ibis knows them, and the one way to ask "is there a row".

Segments read lower rooms' tables directly: a set query that went through their views would be a
query per room and batch, and could not run on the lake.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from siyu.segments.model import Expression

_BIG, _TEXT, _TIME = "int64", "string", "timestamp('UTC')"
_COLUMNS = {
    "customer": {"id": _BIG, "stage": "int16", "synthetic": "boolean", "merged_into": _BIG},
    "orders": {
        "id": _BIG,
        "customer_id": _BIG,
        "shop": _TEXT,
        "state": _TEXT,
        "paid_at": _TIME,
        "currency": _TEXT,
        "total_minor": _BIG,
        "refunded_minor": _BIG,
    },
    "order_item": {"order_id": _BIG, "sku": _TEXT, "category": _TEXT, "quantity": "int32"},
    "refund": {"order_id": _BIG, "sku": _TEXT, "quantity": "int32"},
    "friendship": {"customer_id": _BIG, "state": _TEXT},
    "tag": {"customer_id": _BIG, "name": _TEXT, "tagged_at": _TIME},
    "consent": {
        "customer_id": _BIG,
        "channel": _TEXT,
        "purpose": _TEXT,
        "state": _TEXT,
        "changed_at": _TIME,
    },
    "brand": {"one": "boolean", "currency": _TEXT},
}


@cache
def ibis() -> Any:
    """Ibis, imported when the first set is compiled: it takes nearly half a second."""
    import ibis as found  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    return found


@cache
def table(name: str) -> Expression:
    """An unbound table of these facts."""
    return ibis().table(_COLUMNS[name], name=name)


def exists(customer: Expression, condition: Expression) -> Expression:
    """Whether another table has a row for which the condition (naming `customer`) holds.

    EXISTS rather than a count: PostgreSQL then chooses between a semi-join over everybody and an
    index look-up for each customer of a small batch.
    """
    return customer.bind(condition.any())[0]
