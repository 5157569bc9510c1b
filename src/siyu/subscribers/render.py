"""Facts as the body of a webhook: public ids, what may be told of an event's own data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from siyu.events.model import UNTOLD
from siyu.kernel.ids import PublicIds
from siyu.subscribers.model import PREFIX, Told

MOST_BYTES = 1024 * 1024  # a single event may be larger, and then goes alone
MOST_EVENTS = 500


class Body(NamedTuple):
    """What is posted, and how many of the facts are in it."""

    content: bytes
    events: int


def body(ids: PublicIds, subscriber: int, facts: Sequence[Told], *, test: bool = False) -> Body:
    """As many facts, from the first, as go into one body."""
    parts: list[bytes] = []
    size = 0
    for told in facts[:MOST_EVENTS]:
        part = msgspec.json.encode(_event(ids, told))
        size += len(part) + 1
        if parts and size > MOST_BYTES:
            break
        parts.append(part)
    whole: dict[str, Any] = {
        "subscriber": ids.encode(PREFIX, subscriber),
        "test": test,
        "events": [msgspec.Raw(part) for part in parts],
    }
    return Body(msgspec.json.encode(whole), len(parts))


def _event(ids: PublicIds, told: Told) -> dict[str, Any]:
    """Its keys and sealed fields stay here, and of its data what is personal or may be."""
    event = told.event
    data = msgspec.to_builtins(event.data)
    for name in ("type", *UNTOLD.get(event.kind, ())):
        data.pop(name, None)
    return {
        "id": ids.encode("evt", event.id),
        "kind": event.kind,
        "source": event.source,
        "occurred_at": event.occurred_at,
        "backfill": event.backfill,
        "customer": told.customer,
        "data": data,
    }
