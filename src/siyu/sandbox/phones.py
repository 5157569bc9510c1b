"""What phones, parcels and people really received: every zero that is claimed comes from here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from siyu.sandbox.client import Decision


@dataclass(slots=True)
class Touch:
    """Something that was handed over for a person: a message, a call, a guide's request.

    `seq` orders it against the commits of adds; `at` is virtual time.
    """

    seq: int
    at: datetime
    channel: str
    step: str
    journey: str
    shop: str
    order_no: str
    token: str
    phone: str
    buyer: str | None
    reached: bool = (
        True  # the phone got it; else it was off, or the call was cancelled before it rang
    )
    cancelled: bool = False


@dataclass(slots=True)
class Add:
    """A person became a friend. `matched`: something in the add says who it is."""

    buyer: str
    at: datetime
    step: str
    matched: bool
    external_userid: str
    before: bool = False  # a friend from before the period
    seq: int = 0
    known_at: datetime | None = None  # later than `at` when somebody had to find out who it is
    applied_seq: int | None = None  # when its apply had committed
    applied_at: datetime | None = None


@dataclass(slots=True)
class Parcel:
    """A parcel: what it should carry by the engine's decision, and what it does carry."""

    parcel_no: str
    shop: str
    orders: list[str]
    main_order: str | None
    buyer: str | None
    cutoff: datetime
    inserts: bool
    decision: Decision | None = None
    packed_at: datetime | None = None
    gift: str = ""
    card: str = ""
    void: bool = False  # all of its orders were cancelled before it was packed


@dataclass(slots=True)
class Paid:
    """A paid order as the world knows it."""

    shop: str
    order_no: str
    buyer: str | None
    at: datetime
    cancelled_at: datetime | None = None


@dataclass
class Records:
    """All that really happened, in the order of one global sequence."""

    touches: list[Touch] = field(default_factory=list[Touch])
    adds: list[Add] = field(default_factory=list[Add])
    parcels: dict[str, Parcel] = field(default_factory=dict[str, Parcel])
    orders: dict[tuple[str, str], Paid] = field(default_factory=dict[tuple[str, str], Paid])
    opted_out: dict[str, datetime] = field(default_factory=dict[str, datetime])
    deleted: int = 0
    identified: int = 0
    refused: list[str] = field(default_factory=list[str])
    mispacked: int = 0  # parcels in which another thing lies than the packer's list says
    strays: int = 0  # messages to numbers that belong to nobody
    _unapplied: list[Add] = field(default_factory=list[Add])
    _sequence: count[int] = field(default_factory=lambda: count(1))

    def next_seq(self) -> int:
        """The next place in the global order; safe from any thread."""
        return next(self._sequence)

    def add(self, add: Add) -> None:
        """A person added; until `applied` its event is on its way."""
        add.seq = self.next_seq()
        self.adds.append(add)
        self._unapplied.append(add)

    def again(self, add: Add) -> None:
        """Something told who an unmatched friend is: that, too, must be applied first."""
        add.seq = self.next_seq()
        add.applied_seq = add.applied_at = None
        self._unapplied.append(add)

    def applied(self, now: datetime) -> None:
        """The applies of all adds told so far have committed."""
        if not self._unapplied:
            return
        seq = self.next_seq()
        for add in self._unapplied:
            add.applied_seq, add.applied_at = seq, now
        self._unapplied.clear()
