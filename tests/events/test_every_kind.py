"""What each kind of event asks for at the least: that much is enough, and nothing less."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from siyu.events.check import Parsed, parse
from siyu.events.model import KINDS, OUR_KINDS, UNTOLD

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
_ORDER = {"shop": "s", "order_no": "T1"}
_MONEY = {"currency": "CNY", "amount_minor": 100}
_SLOT = {"service": "cleaning", "store": "hz-1", "starts_at": "2026-11-21T10:00:00+08:00",
         "booking": "prm_1"}  # fmt: skip
LEAST: dict[str, dict[str, Any]] = {
    "order.paid": {**_ORDER, "currency": "CNY", "total_minor": 100},
    "order.refunded": {"shop": "s", "refund_no": "R1", **_MONEY},
    "order.cancelled": _ORDER,
    "order.itemised": {
        **_ORDER,
        "currency": "CNY",
        "lines": [{"sku": "a", "quantity": 1, "unit_minor": 1, "amount_minor": 1}],
    },
    "order.corrected": {"shop": "s", "correction_no": "A1", **_MONEY},
    "payment.received": {"staff": "guide-1", "trade_no": "P1", **_MONEY},
    "payment.refunded": {"staff": "guide-1", "trade_no": "P1", "refund_no": "R1", **_MONEY},
    "parcel.planned": {
        "parcel_no": "P1",
        "shop": "s",
        "orders": ["T1"],
        "main_order": None,
        "cutoff_at": "2026-11-20T16:00:00+08:00",
    },
    "parcel.packed": {"parcel_no": "P1"},
    "parcel.shipped": {"parcel_no": "P1"},
    "friend.requested": {"staff": "guide-1"},
    "friend.added": {"staff": "guide-1"},
    "friend.deleted_by_customer": {"staff": "guide-1"},
    "friend.deleted_by_staff": {"staff": "guide-1"},
    "friend.remarked": {"staff": "guide-1"},
    "group.joined": {"chat": "wr1"},
    "group.left": {"chat": "wr1"},
    "message.received": {},
    "customer.identified": {},
    "touch.delivered": {"touch": "tch_1"},
    "touch.failed": {"touch": "tch_1"},
    "touch.read": {"touch": "tch_1"},
    "call.finished": {"touch": "tch_1", "answered": False},
    "link.clicked": {"touch": "tch_1"},
    "task.done": {"touch": "tch_1", "outcome": "requested"},
    "consent.given": {
        "channels": ["sms"],
        "purposes": ["service"],
        "basis": "consent",
        "evidence": "a form",
    },
    "consent.withdrawn": {"channels": ["sms"]},
    "tag.set": {"name": "vip"},
    "profile.dated": {"name": "birthday", "month": 2, "day": 29},
    "offer.redeemed": {"promise": "prm_1"},
    "page.opened": {"page": "autumn"},
    "survey.answered": {"survey": "skin", "question": "type"},
    "slot.booked": _SLOT,
    "slot.cancelled": _SLOT,
    "slot.kept": _SLOT,
    "slot.missed": _SLOT,
    "store.visited": {"store": "hz-1"},
    "offer.reserved": {"promise": "prm_1", "offer": "box"},
    "offer.released": {"promise": "prm_1", "offer": "box"},
    "offer.missed": {"promise": "prm_1", "offer": "box"},
    "complaint.opened": {"complaint": "C1"},
    "complaint.closed": {"complaint": "C1"},
    "stock.counted": {"place": "south", "lines": [{"sku": "a", "pieces": 1}]},
}
# Texts of any form that are names of goods, codes of staff or words of ours: subscribers are told.
TOLD = {
    "OrderPaid.reveal", "OrderLine.title", "OrderLine.category", "ParcelPacked.gift",
    "ParcelPacked.card", "ParcelDiffers.gift", "ParcelDiffers.card",
    "FriendAdded.way", "GroupJoined.way", "TouchWithheld.reason", "TouchWithdrawn.reason",
    "TaskDone.staff", "TaskTried.staff", "LinkClicked.link", "StockLine.title",
}  # fmt: skip


def _read(kind: str, data: dict[str, Any]) -> Parsed | str:
    event = {
        "source": "shop",
        "id": "1",
        "kind": kind,
        "occurred_at": "2026-11-20T10:00:00+08:00",
        "keys": {"phone": "13800000001"},
        "data": data,
    }
    return parse(event, "CN", NOW)


def test_every_kind_that_others_may_send_is_here() -> None:
    assert set(LEAST) == set(KINDS) - OUR_KINDS


@pytest.mark.parametrize("kind", LEAST)
def test_the_least_is_enough(kind: str) -> None:
    found = _read(kind, LEAST[kind])

    assert isinstance(found, Parsed), found
    assert isinstance(found.payload, KINDS[kind])


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind, data in LEAST.items() for field in data]
)
def test_less_is_refused_and_the_missing_field_is_named(kind: str, field: str) -> None:
    less = {name: value for name, value in LEAST[kind].items() if name != field}

    found = _read(kind, less)

    assert isinstance(found, str)
    assert field in found


@pytest.mark.parametrize("kind", sorted(OUR_KINDS))
def test_nobody_outside_may_send_what_is_ours(kind: str) -> None:
    assert isinstance(_read(kind, {"touch": "tch_1", "reason": "x"}), str)


def test_of_every_field_that_takes_any_words_it_is_said_whether_subscribers_are_told() -> None:
    _, forms = msgspec.json.schema_components(list(KINDS.values()))
    free = {
        f"{form}.{field}"
        for form, schema in forms.items()
        for field, one in schema["properties"].items()
        if _is_free(one)
    }
    untold = {f"{KINDS[kind].__name__}.{field}" for kind, some in UNTOLD.items() for field in some}

    assert free - untold == TOLD
    assert untold - free == {"ProfileDated.month", "ProfileDated.day", "MessageReceived.words"}


def _is_free(schema: dict[str, Any]) -> bool:
    text = schema.get("items", schema)
    return text.get("type") == "string" and not {"pattern", "enum", "format"} & set(text)
