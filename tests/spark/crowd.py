"""Some dozens of customers with all kinds of facts, the same at each run."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from functools import partial
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.segments.worlds import DAY, KINDS, NOW, TICK

MANY = 40
FIRST = 10_001  # of its numbers: before it are those of who came by events
SPANS = (0, 1, 7, 29, 30, 31, 60, 90, 91, 200, 400)


def edge(draw: Random, zone: ZoneInfo) -> datetime:
    """A time at a border that texts draw, or at midnight there; on it, or a tick off."""
    span = NOW - draw.choice(SPANS) * DAY
    midnight = datetime.combine(span.astimezone(zone), time(), zone).astimezone(UTC)
    return draw.choice((span, midnight)) + draw.choice((-TICK, 0 * TICK, TICK))


def crowd(zone: ZoneInfo, seed: int = 20261120) -> dict[str, list[dict[str, Any]]]:
    """By table. Times lie on both sides of the borders that texts draw, and of the zone's
    midnights. A row may be there twice, may be of nobody, or of somebody merged into another."""
    draw = Random(seed)

    at = partial(edge, draw, zone)
    who = partial(draw.randrange, FIRST, FIRST + MANY)
    order = partial(draw.randrange, FIRST, FIRST + 4 * MANY)

    def maybe() -> Any:
        return draw.choice((None, at()))

    def some(count: int, **columns: Any) -> list[dict[str, Any]]:
        return [{name: make() for name, make in columns.items()} for _ in range(count)]

    def one_of(*values: Any) -> Any:
        return lambda: draw.choice(values)

    def nobody() -> int | None:
        return draw.choice((None, who(), who(), who()))

    customers = some(
        MANY, stage=lambda: draw.randint(1, 5), synthetic=one_of(True, False, False),
        merged_into=one_of(None, None, None, None, FIRST), created_at=at,
    )  # fmt: skip
    identities = some(2 * MANY, customer_id=who, kind=one_of("phone", "buyer"), created_at=at)
    orders = some(
        4 * MANY, customer_id=nobody, shop=one_of("a", "b"), paid_at=at,
        state=one_of("paid", "paid", "paid", "cancelled", "refunded"),
        currency=one_of("CNY", "JPY"),
        total_minor=one_of(0, 1, 100, 9_999, 10_000), refunded_minor=one_of(0, 0, 1, 100),
    )  # fmt: skip
    events = some(4 * MANY, kind=one_of(*KINDS), occurred_at=at)
    for rows in (customers, identities, orders, events):
        for number, row in enumerate(rows, FIRST):
            row["id"] = number
    for row in events:
        said = {"total_minor": draw.choice((0, 99, 100)), "shop": draw.choice("ab")}
        said |= draw.choice(({}, {"synthetic": True}))
        row["data"] = json.dumps({"d": said if row["kind"] == "order.paid" else {}})
    skus, categories = one_of("x", "y%", "z'"), one_of("", "skin", "hair")
    return {
        "customer": customers,
        "identity": identities,
        "orders": orders,
        "order_item": some(
            8 * MANY, order_id=order, sku=skus, category=categories,
            quantity=lambda: draw.randint(-1, 3), amount_minor=one_of(0, 1, 100, 9_999, 10_000),
        ),
        "refund": some(
            MANY, order_id=lambda: draw.choice((None, order())),
            sku=one_of("", "x", "y%", "z'"), quantity=one_of(1, 2), customer_id=nobody,
            shop=one_of("a", "b"), amount_minor=one_of(1, 100, 9_999), refunded_at=at,
            currency=one_of("CNY", "JPY"), whole=one_of(False, False, False, True),
        ),
        "event": events,
        "event_subject": [
            {"event_id": row["id"], "identity_id": draw.randrange(FIRST, FIRST + 2 * MANY)}
            for row in events
            if draw.random() < 0.8
        ],
        "friendship": some(
            2 * MANY, customer_id=who, staff=one_of("a", "b"), way=one_of("", "card"),
            state=one_of("live", "deleted_by_customer", "deleted_by_staff"),
            first_added_at=maybe, added_at=maybe, deleted_at=maybe,
        ),
        "tag": some(
            2 * MANY, customer_id=who, name=skus, source=one_of("a", "b"), tagged_at=at,
            confidence=one_of(100, 100, 80, 79), until=maybe,
        ),
        "group_member": some(
            MANY, customer_id=who, chat=one_of("a", "b"), way=one_of("", "card"), joined_at=maybe,
            left_at=maybe,
        ),
        "promise": some(
            MANY, customer_id=who, offer=skus, promised_at=at, kind=one_of("gift", "coupon"),
            state=one_of("promised", "claimable", "lapsed"),
        ),
        "touch": some(
            4 * MANY, customer_id=who, journey=one_of("a", "b"), step=skus, sent_at=maybe,
            channel=one_of("a", "b"), purpose=one_of("", "card"), finished_at=maybe,
            state=one_of("sent", "delivered", "read", "replied", "failed", "withheld"),
            outcome=one_of("", "card"), intent=one_of("", "A", "B", "F"),
        ),
        "customer_date": some(
            MANY, customer_id=who, name=one_of("birthday", "wedding"), month=one_of(2, 10, 11, 12),
            calendar=one_of("solar", "lunar"), day=one_of(1, 11, 20, 26, 27, 29),
        ),
        "consent": some(
            MANY, customer_id=who, state=one_of("given", "withdrawn"), changed_at=at,
            channel=one_of("sms"), purpose=one_of("service", "promotion"),
        ),
        "brand": [{"currency": "CNY", "time_zone": str(zone)}],
    }  # fmt: skip
