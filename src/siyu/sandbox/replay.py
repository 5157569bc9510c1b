"""A real order file as a world's shop: the orders are real, the contact points synthetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from siyu.events.model import Incoming, OrderPaid
from siyu.kernel.time import instant
from siyu.sandbox.shop import Fact, Sale

Read = Callable[[], Iterable[Incoming]]


class ReplayedShop:
    """`read` goes through the whole file each time it is called, in the file's order.

    What lies before `start` is history, for the importer; the `days` from `start` are played live.
    Guests stay guests; refunds and corrections stay what they are, without a reference.
    """

    def __init__(self, read: Read, start: datetime, days: int) -> None:
        self._read = read
        self._start = start
        self._end = start + timedelta(days=days)
        self._live: list[Sale | Fact] | None = None

    def history(self) -> Iterator[Incoming]:
        """Everything before the period, as the file has it: to be accepted as a backfill."""
        return (event for event in self._read() if instant(event.occurred_at) < self._start)

    def stream(self) -> Iterator[Sale | Fact]:
        """The period in order of time; the file need not be sorted."""
        if self._live is None:
            timed = ((instant(event.occurred_at), event) for event in self._read())
            live = [(at, event) for at, event in timed if self._start <= at < self._end]
            live.sort(key=lambda found: (found[0], found[1].source, found[1].id))
            self._live = [_item(at, event) for at, event in live]
        return iter(self._live)


def _item(at: datetime, event: Incoming) -> Sale | Fact:
    told: dict[str, object] = {
        "source": event.source,
        "id": event.id,
        "kind": event.kind,
        "occurred_at": event.occurred_at,
        "keys": event.keys,
        "person": event.person,
        "data": event.data,
    }
    if event.kind != "order.paid":
        return Fact(at, told)
    order = msgspec.json.decode(event.data, type=OrderPaid)
    buyer = event.keys.get("buyer")
    if buyer:
        # So that the warehouse, which knows only order numbers, speaks of the same person.
        told["keys"] = {"order": f"{order.shop}/{order.order_no}", **event.keys}
    return Sale(
        at,
        order.shop,
        order.order_no,
        buyer,
        order.currency,
        order.total_minor,
        event=told,
    )
