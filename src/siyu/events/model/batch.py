"""An event as it is sent and as it is stored, and the batch in which rooms hear of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Annotated, NamedTuple, TypeVar, cast

import msgspec
from msgspec import Meta, Struct

from siyu.events.model.kinds import KINDS, Kind, Payload
from siyu.kernel.sql import Conn

EVERY_KIND = frozenset({"*"})  # a projection of these kinds sees every batch
P = TypeVar("P", bound=Payload)


class Incoming(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event as it is sent. `backfill` is set by importers, never by a sender."""

    source: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9._:/-]+$")]
    id: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
    kind: str
    occurred_at: str
    keys: dict[str, str] = {}
    person: dict[str, str] = {}
    data: msgspec.Raw = msgspec.Raw(b"{}")

    def __repr__(self) -> str:
        return f"Incoming(source={self.source!r}, id={self.id!r}, kind={self.kind!r}, …)"


class Key(NamedTuple):
    """A key of a person, as it is stored: never the value, only its keyed hash (16 bytes)."""

    kind: str
    hash: bytes


class Event(NamedTuple):
    """A stored fact."""

    id: int
    source: str
    source_id: str
    kind: Kind
    occurred_at: datetime
    received_at: datetime
    backfill: bool
    keys: tuple[Key, ...]
    sealed: Mapping[str, int]  # personal field → vault item
    data: Payload

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Facts are folded in this order, whenever they arrive."""
        return self.occurred_at, self.source, self.source_id


class Merge(NamedTuple):
    """Two customers proved to be one: rows of `loser` become rows of `winner`."""

    loser: int
    winner: int
    event_id: int


class Split(NamedTuple):
    """An identity that is another customer's from now on: rows of `before` that came by it become
    rows of `after`. Rooms take splits before merges."""

    identity_id: int
    before: int
    after: int
    event_id: int


@dataclass
class Batch:
    """Events of one apply, in the order of their facts, and what identities found out of them."""

    events: list[Event]
    customer: dict[int, int] = field(default_factory=dict[int, int])  # event → customer
    identity: dict[int, int] = field(default_factory=dict[int, int])  # event → identity it came by
    merges: list[Merge] = field(default_factory=list[Merge])
    splits: list[Split] = field(default_factory=list[Split])
    new_customers: dict[int, int] = field(default_factory=dict[int, int])  # customer → event
    claimed: dict[int, int] = field(
        default_factory=dict[int, int]
    )  # who got a guest's order → event
    touch: dict[int, int] | None = None  # event → the touch that it names; None: not asked yet
    told: list[int] = field(default_factory=list[int])  # facts that follow: applied right behind

    def of(self, struct: type[P]) -> list[tuple[Event, P]]:
        """The events of one kind, with their data typed."""
        return cast("list[tuple[Event, P]]", self._by_struct.get(struct, []))

    @cached_property
    def kinds(self) -> set[Kind]:
        """What has been heard."""
        return {event.kind for event in self.events}

    @cached_property
    def newcomers(self) -> set[int]:
        """Customers made by this batch, whom nobody was merged into and who were split off nobody:
        no room knows of them yet.

        To be asked once identities have said who everybody is.
        """
        known = {merge.winner for merge in self.merges} | {split.after for split in self.splits}
        return self.new_customers.keys() - known

    @property
    def moved(self) -> dict[str, list[int]]:
        """The splits as columns, for the statements of rooms."""
        return {
            "identities": [split.identity_id for split in self.splits],
            "befores": [split.before for split in self.splits],
            "afters": [split.after for split in self.splits],
        }

    @property
    def parted(self) -> list[int]:
        """Customers whom a split concerns, on either side."""
        return sorted({who for split in self.splits for who in (split.before, split.after)})

    @cached_property
    def _by_struct(self) -> dict[type[Payload], list[tuple[Event, Payload]]]:
        found: dict[type[Payload], list[tuple[Event, Payload]]] = {}
        for event in self.events:
            found.setdefault(type(event.data), []).append((event, event.data))
        return found


@dataclass(frozen=True)
class Projection:
    """A room's facts, made from events. It runs when the batch holds one of its kinds, a merge or
    a split.

    With `EVERY_KIND` it runs always.
    """

    room: str
    kinds: frozenset[Kind]
    project: Callable[[Conn, Batch, datetime], None]

    def wants(self, batch: Batch) -> bool:
        """Whether this batch concerns the room."""
        changed = batch.merges or batch.splits or self.kinds & batch.kinds
        return self.kinds == EVERY_KIND or bool(changed)


def kinds_of(structs: Iterable[type[Payload]]) -> frozenset[Kind]:
    """The kinds that these structs carry."""
    wanted = set(structs)
    return frozenset(kind for kind, struct in KINDS.items() if struct in wanted)


def survivors(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """From (loser, winner) pairs to each loser's last winner, along chains of merges."""
    winners = dict(pairs)

    def last(customer_id: int) -> int:
        while customer_id in winners:
            customer_id = winners[customer_id]
        return customer_id

    return {loser: last(loser) for loser in winners}
