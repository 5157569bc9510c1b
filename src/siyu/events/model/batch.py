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


@dataclass
class Batch:
    """Events of one apply, in the order of their facts, and what identities found out of them."""

    events: list[Event]
    customer: dict[int, int] = field(default_factory=dict[int, int])  # event → customer
    identity: dict[int, int] = field(default_factory=dict[int, int])  # event → identity it came by
    merges: list[Merge] = field(default_factory=list[Merge])
    new_customers: dict[int, int] = field(default_factory=dict[int, int])  # customer → event

    def of(self, struct: type[P]) -> list[tuple[Event, P]]:
        """The events of one kind, with their data typed."""
        return cast("list[tuple[Event, P]]", self._by_struct.get(struct, []))

    @cached_property
    def kinds(self) -> set[Kind]:
        """What has been heard."""
        return {event.kind for event in self.events}

    @cached_property
    def newcomers(self) -> set[int]:
        """Customers made by this batch, whom nobody was merged into: no room knows of them yet.

        To be asked once identities have said who everybody is.
        """
        return self.new_customers.keys() - {merge.winner for merge in self.merges}

    @cached_property
    def _by_struct(self) -> dict[type[Payload], list[tuple[Event, Payload]]]:
        found: dict[type[Payload], list[tuple[Event, Payload]]] = {}
        for event in self.events:
            found.setdefault(type(event.data), []).append((event, event.data))
        return found


@dataclass(frozen=True)
class Projection:
    """A room's facts, made from events. It runs when the batch holds one of its kinds or a merge.

    With `EVERY_KIND` it runs always.
    """

    room: str
    kinds: frozenset[Kind]
    project: Callable[[Conn, Batch, datetime], None]

    def wants(self, batch: Batch) -> bool:
        """Whether this batch concerns the room."""
        return self.kinds == EVERY_KIND or bool(batch.merges or self.kinds & batch.kinds)


def kinds_of(structs: Iterable[type[Payload]]) -> frozenset[Kind]:
    """The kinds that these structs carry."""
    wanted = set(structs)
    return frozenset(kind for kind, struct in KINDS.items() if struct in wanted)
