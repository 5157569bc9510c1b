"""What is known of a key, and what a batch of events makes of it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from siyu.events.model import Event, Key, Merge

ACCOUNT = "external_userid"  # what a pointer can bring in: once
CODE_USED = "code used by another person"


class Pointer(NamedTuple):
    """A pointer to a customer, as the room that issued it registers it."""

    kind: str  # state or order
    hash: bytes
    customer_id: int
    how: str
    beside: bytes | None = None  # the hash of the order's pointer that it goes with


class Known(NamedTuple):
    """An identity as the database has it; `customer_id` follows merges."""

    id: int
    key: Key
    customer_id: int
    used_by: int | None
    written: int  # what its row says: a customer that may have been merged away meanwhile
    knot: int | None = None  # not None: its customer was once split from another


class Held(NamedTuple):
    """An identity of a knot: all that settling it anew has to know."""

    id: int
    key: Key
    customer_id: int
    used_by: int | None
    first: int  # whose it was before any merge
    beside: int | None
    by_event: bool  # an event told of it; else another room registered it


class New(NamedTuple):
    """An identity to be written."""

    key: Key
    customer: int  # a customer of the database, or a place among the new ones: see Decision
    is_new: bool
    how: str
    event_id: int


class Decision(NamedTuple):
    """What a batch says about who is who. New customers are counted from 0, in event order."""

    new: list[New]
    new_customers: list[int]  # the event that each new customer came by
    customer: dict[int, tuple[int, bool]]  # event → customer (id, False) or (place, True)
    came_by: dict[int, Key]  # event → the key that it came by
    merges: list[Merge]
    used: dict[Key, Key]  # pointer → the account that it brought in


class Settled(NamedTuple):
    """What the events of a knot, old and new, say together."""

    decision: Decision
    after: dict[int, tuple[int, bool]]  # identity → customer (id, False) or (place, True)
    knots: list[tuple[tuple[int, bool], int]]  # customer → its knot


class Identity(NamedTuple):
    """One key of a customer, for people."""

    id: int
    kind: str
    hash: bytes
    how: str
    event_id: int | None
    created_at: datetime
    used_by: int | None
    first_customer_id: int  # whose it was before any merge
    wrong_since: datetime | None = None


class Merged(NamedTuple):
    """A merge as history has it; `undone_by` is the event that split them again."""

    loser: int
    winner: int
    event_id: int
    merged_at: datetime
    undone_by: int | None


class Conflict(NamedTuple):
    """An event that names keys of customers who were split: it is about the one, for the others it
    says nothing."""

    event: Event
    about: int
    others: list[int]
