"""Bodies that come in at the same time are stored together; each sender gets its own answers."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg

SENDERS = 24


def _event(name: str, **more: Any) -> dict[str, Any]:
    return {
        "source": "shop", "id": name, "kind": "order.paid",
        "occurred_at": "2026-03-02T10:00:00+08:00", "keys": {"buyer": f"tmall/{name}"},
        "data": {"shop": "s", "order_no": name, "currency": "CNY", "total_minor": 100},
    } | more  # fmt: skip


def _at_once(door: Any, bodies: list[list[object]]) -> list[httpx.Response]:
    sent = [json.dumps({"events": events}).encode() for events in bodies]
    with ThreadPoolExecutor(SENDERS) as senders:
        return list(senders.map(door.post, sent))


def _told(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(one["id"], one["status"]) for one in answer.json()["answers"]]


def _transactions(door: Any) -> int:
    with psycopg.connect(door.app.db.url, autocommit=True) as outside:
        row = outside.execute("select count(distinct xmin::text) from event").fetchone()
    assert row is not None
    return row[0]


def test_each_sender_gets_the_answers_to_its_own_items(door) -> None:
    before = door.events()
    bodies: list[list[object]] = [
        [_event(f"g{n}a"), "no event", _event(f"g{n}b", kind="nothing")][: 1 + n % 3]
        for n in range(4 * SENDERS)
    ]

    answers = _at_once(door, bodies)

    for n, answer in enumerate(answers):
        expected = [(f"g{n}a", "accepted"), ("", "rejected"), (f"g{n}b", "rejected")]
        assert _told(answer) == expected[: 1 + n % 3]
    assert door.events() - before == 4 * SENDERS


def test_one_event_from_many_at_once_is_accepted_once(door) -> None:
    before = door.events()

    answers = _at_once(door, [[_event("same")]] * SENDERS)

    statuses = sorted(status for answer in answers for _, status in _told(answer))
    assert statuses == ["accepted", *["duplicate"] * (SENDERS - 1)]
    assert door.events() - before == 1


def test_many_who_post_one_event_each_take_fewer_transactions(door) -> None:
    before, events = _transactions(door), door.events()

    _at_once(door, [[_event(f"few{n}")] for n in range(10 * SENDERS)])

    assert door.events() - events == 10 * SENDERS
    assert _transactions(door) - before < 8 * SENDERS
