"""Events as senders write them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from siyu.events.model import Incoming

DATA: dict[str, dict[str, Any]] = {
    "order.paid": {"shop": "tmall", "order_no": "T1", "currency": "CNY", "total_minor": 100},
    "friend.added": {"staff": "guide-1"},
    "message.received": {},
    "touch.read": {"touch": "tch_1"},
    "order.cancelled": {"shop": "tmall", "order_no": "T1"},
}


@pytest.fixture
def event() -> Callable[..., Incoming]:
    """`event("T1", keys={…})`: an `order.paid` unless said otherwise; `data` adds to its fields."""

    def make(name: str = "T1", kind: str = "order.paid", **words: Any) -> Incoming:
        data = DATA[kind] | ({"order_no": name} if kind == "order.paid" else {})
        text = json.dumps(data | words.pop("data", {})).encode()
        standard: dict[str, Any] = {"source": "tmall", "occurred_at": "2026-11-20T10:00:00+08:00"}
        return Incoming(id=name, kind=kind, data=msgspec.Raw(text), **(standard | words))

    return make
