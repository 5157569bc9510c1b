"""Back-pressure: what can't be held is refused with 429, nothing is lost, and it passes later."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from siyu.api import pressure
from siyu.events.sweep import APPLIER, apply

MIB = 1024 * 1024


def _body(name: str, padding: int = 0) -> bytes:
    event = {
        "source": "shop", "id": name, "kind": "order.paid",
        "occurred_at": "2026-03-02T10:00:00+08:00", "keys": {"buyer": f"tmall/{name}"},
        "data": {"shop": "s", "order_no": name, "currency": "CNY", "total_minor": 100},
    }  # fmt: skip
    return json.dumps({"events": [event]}).encode() + b" " * padding


def _busy(answer: httpx.Response) -> bool:
    if answer.status_code == 200:
        return False
    assert answer.status_code == 429, answer.text
    assert answer.json()["code"] == "busy"
    assert int(answer.headers["retry-after"]) >= 1
    return True


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request looks at the queue."""
    monkeypatch.setattr(pressure, "LOOK_EVERY", 0.0)


def test_while_too_many_events_wait_senders_wait_and_then_go_on(narrow, looks) -> None:
    first = [_busy(narrow.post(_body(f"e{n}"))) for n in range(6)]
    stored = narrow.events()
    lock = narrow.app.db.try_lock(APPLIER)
    with lock:
        apply(lock, narrow.app.projections, narrow.app.clock.now())
    again = [_busy(narrow.post(_body(f"e{n}"))) for n in range(4, 6)]

    assert first == [False] * 4 + [True] * 2  # three may wait: it is busy above that
    assert stored == 4
    assert (again, narrow.events()) == ([False, False], 6)


def test_receipts_of_a_vendor_pass_however_many_events_wait(narrow, looks) -> None:
    while not _busy(narrow.post(_body(f"e{narrow.events()}"))):
        pass

    assert narrow.hook(b"[]").status_code == 200


def test_many_requests_ask_the_database_for_the_queue_once_a_second(narrow) -> None:
    narrow.post(_body("first"))
    with narrow.app.db.counting() as seen:
        for n in range(5):
            narrow.post(_body(f"e{n}"))

    assert len([one for one in seen if "offset" in one]) <= 1 + len(seen) // 50
    assert len(seen) >= 10


def _half(door: Any, size: int) -> socket.socket:
    """A body that has come so far, and whose rest is still to come."""
    to = urlsplit(str(door.http.base_url))
    line = socket.create_connection((to.hostname, to.port), timeout=10)
    head = f"POST /api/v1/events HTTP/1.1\r\nHost: siyu\r\nContent-Length: {8 * MIB}\r\n\r\n"
    line.sendall(head.encode() + b" " * size)
    return line


def _until(door: Any, size: int) -> None:
    """Wait until the bodies that are being read take so much."""
    tick, deadline = threading.Event(), time.monotonic() + 20
    while door.made.state.gate.bytes != size:
        assert time.monotonic() < deadline
        tick.wait(0.005)


def test_bodies_share_a_bounded_memory_which_is_given_back(narrow) -> None:
    half = 4 * MIB - 1000
    with _half(narrow, half), _half(narrow, half):
        _until(narrow, 2 * half)
        refused = [_busy(narrow.post(_body(f"r{n}", MIB))) for n in range(5)]
        small = _busy(narrow.post(_body("small")))
    _until(narrow, 0)
    passed = _busy(narrow.post(_body("large", 7 * MIB)))

    assert refused == [True] * 5
    assert (small, passed) == (False, False)
