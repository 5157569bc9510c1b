"""The tables that sets and figures read, as Ibis knows them, and how to ask "is there a row".

Segments read lower rooms' tables directly: a set query that went through their views would be a
query per room and batch, and could not run on the lake.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from siyu.segments.model import Expression

_BIG, _TEXT, _TIME, _YES = "int64", "string", "timestamp('UTC')", "boolean"
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "customer": {
        "id": _BIG,
        "created_at": _TIME,
        "stage": "int16",
        "synthetic": _YES,
        "merged_into": _BIG,
    },
    "orders": {
        "id": _BIG,
        "customer_id": _BIG,
        "shop": _TEXT,
        "state": _TEXT,
        "paid_at": _TIME,
        "currency": _TEXT,
        "total_minor": _BIG,
        "refunded_minor": _BIG,
        "synthetic": _YES,
    },
    "order_item": {
        "order_id": _BIG,
        "line": "int16",
        "sku": _TEXT,
        "category": _TEXT,
        "quantity": "int32",
        "unit_minor": _BIG,
        "amount_minor": _BIG,
    },
    "refund": {
        "id": _BIG,
        "order_id": _BIG,
        "customer_id": _BIG,
        "shop": _TEXT,
        "refund_no": _TEXT,
        "sku": _TEXT,
        "quantity": "int32",
        "amount_minor": _BIG,
        "currency": _TEXT,
        "refunded_at": _TIME,
        "whole": _YES,
    },
    "friendship": {
        "customer_id": _BIG,
        "staff": _TEXT,
        "carrier": _TEXT,
        "state": _TEXT,
        "way": _TEXT,
        "first_added_at": _TIME,
        "added_at": _TIME,
        "deleted_at": _TIME,
    },
    "tag": {
        "customer_id": _BIG,
        "name": _TEXT,
        "source": _TEXT,
        "tagged_at": _TIME,
        "confidence": "int16",
        "until": _TIME,
    },
    "consent": {
        "customer_id": _BIG,
        "channel": _TEXT,
        "purpose": _TEXT,
        "state": _TEXT,
        "changed_at": _TIME,
    },
    "identity": {"id": _BIG, "customer_id": _BIG, "kind": _TEXT, "created_at": _TIME},
    "customer_date": {
        "customer_id": _BIG,
        "name": _TEXT,
        "calendar": _TEXT,
        "month": "int16",
        "day": "int16",
    },
    "customer_child": {"customer_id": _BIG, "child": "int16", "month": _TEXT},
    "child_consent": {"customer_id": _BIG, "state": _TEXT},
    "group_member": {
        "customer_id": _BIG,
        "carrier": _TEXT,
        "chat": _TEXT,
        "joined_at": _TIME,
        "left_at": _TIME,
        "way": _TEXT,
        "purpose": _TEXT,
    },
    "complaint": {
        "customer_id": _BIG,
        "complaint": _TEXT,
        "shop": _TEXT,
        "opened_at": _TIME,
        "closed_at": _TIME,
        "open": _YES,
    },
    "promise": {
        "id": _BIG,
        "customer_id": _BIG,
        "offer": _TEXT,
        "kind": _TEXT,
        "shop": _TEXT,
        "state": _TEXT,
        "promised_at": _TIME,
        "expires_at": _TIME,
        "changed_at": _TIME,
    },
    "touch": {
        "id": _BIG,
        "customer_id": _BIG,
        "visit_id": _BIG,
        "journey": _TEXT,
        "step": _TEXT,
        "channel": _TEXT,
        "purpose": _TEXT,
        "shop": _TEXT,
        "material": _TEXT,
        "material_version": "int32",
        "variant": _TEXT,
        "state": _TEXT,
        "reason": _TEXT,
        "wished_at": _TIME,
        "sent_at": _TIME,
        "clicked_at": _TIME,
        "finished_at": _TIME,
        "outcome": _TEXT,
        "intent": _TEXT,
        "staff": _TEXT,
    },
    "ledger_entry": {
        "id": _BIG,
        "customer_id": _BIG,
        "cause": _TEXT,
        "kind": _TEXT,
        "journey": _TEXT,
        "step": _TEXT,
        "shop": _TEXT,
        "variant": _TEXT,
        "quantity": _BIG,
        "amount_minor": _BIG,
        "currency": _TEXT,
        "occurred_at": _TIME,
    },
    "goods_cost": {"sku": _TEXT, "currency": _TEXT, "valid_from": "date", "unit_minor": _BIG},
    "goods_share": {"category": _TEXT, "valid_from": "date", "basis_points": "int32"},
    "correction": {
        "shop": _TEXT,
        "amount_minor": _BIG,
        "currency": _TEXT,
        "corrected_at": _TIME,
        "lines": "int32",
    },
    "brand": {"one": _YES, "currency": _TEXT, "time_zone": _TEXT},
    "visit": {
        "id": _BIG,
        "journey_id": _BIG,
        "customer_id": _BIG,
        "shop": _TEXT,
        "state": "int16",
        "entered_at": _TIME,
        "ended_at": _TIME,
        "outcome": _TEXT,
        "held_out": _YES,
    },
    "journey": {"id": _BIG, "code": _TEXT},
    "holdout": {
        "scope": _TEXT,
        "customer_id": _BIG,
        "held": _YES,
        "probability": "float32",
        "assigned_at": _TIME,
    },
    "friend_match": {
        "customer_id": _BIG,
        "matched": _YES,
        "how": _TEXT,
        "step": _TEXT,
        "source": _TEXT,
        "journey": _TEXT,
        "added_at": _TIME,
    },
    "task": {
        "id": _BIG,
        "touch_id": _BIG,
        "customer_id": _BIG,
        "kind": _TEXT,
        "staff": _TEXT,
        "shop": _TEXT,
        "state": _TEXT,
        "outcome": _TEXT,
        "minutes": "int32",
        "created_at": _TIME,
        "due_at": _TIME,
        "done_at": _TIME,
    },
    "parcel_decision": {
        "parcel_id": _BIG,
        "customer_id": _BIG,
        "shop": _TEXT,
        "source": _TEXT,
        "content": _TEXT,
        "reason": _TEXT,
        "frozen_at": _TIME,
    },
    "staff_member": {"code": _TEXT, "role": _TEXT, "store_id": _BIG, "active": _YES},
    "store": {"id": _BIG, "code": _TEXT, "region": _TEXT},
    "paid_to": {"order_id": _BIG, "staff": _TEXT},
    "size_stock": {
        "place": _TEXT,
        "style": _TEXT,
        "size": _TEXT,
        "pieces": _BIG,
        "discontinued": _YES,
        "sizes_left": "int32",
    },
}

# What was heard. The lake appends it and never writes it again, so it is no table of an owner's.
HEARD: Mapping[str, Mapping[str, str]] = {
    "event": {"id": _BIG, "kind": _TEXT, "occurred_at": _TIME, "data": _TEXT},
    "event_subject": {"event_id": _BIG, "identity_id": _BIG},
}


@cache
def ibis() -> Any:
    """Ibis, imported when the first set is compiled: it takes nearly half a second."""
    import ibis as found  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    return found


@cache
def table(name: str) -> Expression:
    """An unbound table of these facts."""
    columns = COLUMNS[name] if name in COLUMNS else HEARD[name]
    return ibis().table(columns, name=name)


@cache
def dated(name: str) -> Expression:
    """The same in the lake, where each row has the `day` of its fact by the brand's clock; of a
    customer's date, `day` is what it says."""
    return ibis().table({"day": "date", **COLUMNS[name]}, name=name)


def exists(customer: Expression, condition: Expression) -> Expression:
    """Whether another table has a row for which the condition (naming `customer`) holds.

    EXISTS rather than a count: PostgreSQL then chooses between a semi-join over everybody and an
    index look-up for each customer of a small batch.
    """
    return customer.bind(condition.any())[0]


@cache
def function(name: str, takes: str | tuple[str, ...], gives: str) -> Any:
    """A function that the engines have and Ibis does not name."""

    def of_one(a: str) -> None: ...

    def of_two(a: str, b: str) -> None: ...

    def of_three(a: str, b: str, c: str) -> None: ...

    of = (takes,) if isinstance(takes, str) else takes
    declared = (of_one, of_two, of_three)[len(of) - 1]
    return ibis().udf.scalar.builtin(declared, name=name, signature=(of, gives))
