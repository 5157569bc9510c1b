"""What a connector is: a name, a typed form, the channels it carries, what it hears and asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol

from siyu.acquisition.model import Decided, KnownParcel
from siyu.events.actions import Answer
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import Clock
from siyu.outbox.channel import Channel


class Store(Protocol):
    """What a connector remembers, sealed; keys are in clear, so they hold nothing personal."""

    def get(self, key: str) -> str | None:
        """What is remembered under that key; None where its time is over."""
        ...

    def get_all(self, keys: Collection[str]) -> Mapping[str, str]:
        """Those of these that are remembered: what is known of a batch, in one go."""
        ...

    def put(self, key: str, value: str, until: datetime | None = None) -> None:
        """Remember this, until then (the engine's time) or for good."""
        ...

    def put_all(self, values: Mapping[str, str], until: datetime | None = None) -> None:
        """Remember all of these or none: what is known of a batch, in one go."""
        ...

    def take(self, key: str) -> str | None:
        """Get it and forget it: of several who try, one has it."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """Every key that begins so, in order."""
        ...

    def lock(self, key: str) -> AbstractContextManager[None]:
        """One at a time over all processes, for moments: a token is fetched once."""
        ...


class Parcels(Protocol):
    """What a connector of a warehouse needs to know of parcels; it changes nothing."""

    def decisions(self, after: int, limit: int) -> Sequence[Decided]:
        """Frozen decisions behind this `seq`, in their order: what parcels are to carry."""
        ...

    def deadline(self, shop: str, paid_at: datetime) -> datetime | None:
        """Until when what a parcel carries can be changed, by the figures of the warehouse that
        serves the shop; None: nobody has set them."""
        ...

    def codes(self, shop: str) -> Mapping[str, tuple[str, str]]:
        """The warehouse's codes that mean a gift or a card of ours, each with ours."""
        ...

    def known(self, numbers: Collection[str]) -> Mapping[str, KnownParcel]:
        """Those of these parcels that are planned, with what was decided for them."""
        ...


class NoParcels:
    """`Parcels` of a connector by itself: there are none."""

    def decisions(self, after: int, limit: int) -> Sequence[Decided]:  # noqa: ARG002 - there are none
        """None."""
        return ()

    def deadline(self, shop: str, paid_at: datetime) -> datetime | None:  # noqa: ARG002 - none is set
        """None."""
        return None

    def codes(self, shop: str) -> Mapping[str, tuple[str, str]]:  # noqa: ARG002 - none is ours
        """None."""
        return {}

    def known(self, numbers: Collection[str]) -> Mapping[str, KnownParcel]:  # noqa: ARG002 - as above
        """None."""
        return {}


NONE = NoParcels()


def _nobody(pull: str) -> None:
    """Nobody is there to be woken: a connector by itself, as tests have it."""


@dataclass(frozen=True)
class Tools:
    """What a connector is given to work with. `clock.now()` is the engine's time; `wake` has a pull
    of this connector run at once; `parcels` are what a warehouse asks."""

    clock: Clock
    store: Store
    wake: Callable[[str], None] = _nobody
    parcels: Parcels = NONE


class Called(NamedTuple):
    """A request to `/hooks/<name>/<path>`. `real` is the wall's clock, for signatures.

    `query` is percent-decoded and nothing more: a plus sign stays one.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    now: datetime
    real: datetime


class Reply(NamedTuple):
    """Exactly what a vendor wants to read."""

    body: bytes = b""
    status: int = 200
    media_type: str = "application/json"


class Heard(NamedTuple):
    """What a request said. It is answered only after its events are stored: one item per event,
    each an event as JSON or what it decodes to; `events.accept` checks them. Without a `reply` the
    vendor is told what became of each, in its own words where `say` has some. `due`: pulls of this
    connector that are to run at once."""

    events: Sequence[object] = ()
    reply: Reply | None = None
    due: tuple[str, ...] = ()
    say: Callable[[Sequence[Answer]], Reply] | None = None


class Pulled(NamedTuple):
    """A page of what was asked for, and the cursor that is kept as it is stored. `again`: ask then,
    sooner than usual; the last page's counts."""

    events: Sequence[object]
    cursor: str
    again: datetime | None = None


class Pull(NamedTuple):
    """Something that is asked for again and again: (config, tools, cursor) → pages.

    Killed in the middle it goes on behind the last page; the last page's cursor begins the next.
    Pulls run side by side; of those of a connector that share something, by its name, one does.
    """

    name: str
    title: Sentence
    every: timedelta
    run: Callable[[Any, Tools, str], Iterator[Pulled]]
    shares: str = ""


class Check(NamedTuple):
    """A line of `siyu connect NAME`: what was looked at and what was found, in words."""

    what: Sentence
    state: Literal["ok", "missing", "wrong", "unverified"]
    why: Sentence


class Notice(NamedTuple):
    """What our own staff is told: a title, plain lines, and the page that it is about, if any."""

    title: str
    words: str
    url: str = ""


class Giving(NamedTuple):
    """Friends of one of us are to become another's. `left`: the giver does not work here any more;
    `words`: what the vendor tells the customers, where it does."""

    giver: str
    taker: str
    left: bool = False
    words: str = ""


class Given(NamedTuple):
    """How far that is, in friends. `free` can be given now; `waiting` were given, and the vendor
    has not settled it; `resting` were given too often lately; the others are settled."""

    free: int = 0
    waiting: int = 0
    resting: int = 0
    done: int = 0
    refused: int = 0  # by the customer
    full: int = 0  # the taker can have no more
    failed: int = 0


@dataclass(frozen=True)
class HandsOver:
    """How friends are handed over: `plan` counts and changes nothing, `run` does it, telling how
    far it is; stopped anywhere, it goes on when it is called again."""

    plan: Callable[[Any, Tools, Giving], Given]
    run: Callable[[Any, Tools, Giving], Iterator[Given]]


@dataclass(frozen=True)
class Manifest:
    """One connector. Each function takes the connector's own settings (an instance of `config`).

    `receive` verifies before anything else; it raises BadSignature or BadInput. `check` asks the
    vendor whether these settings work. `landing`: the carrier's page on which somebody becomes a
    friend, who then is known by this state. `notify` tells these members of staff, and answers who
    of them can't be told; the same notice told again within half an hour reaches nobody twice.
    `hands_over`: friends of one of us become another's.
    """

    name: str
    title: Sentence
    config: type
    configured: Callable[[Any], bool]
    channels: tuple[str, ...] = ()
    channel: Callable[[Any, Tools], Channel] | None = None
    receive: Callable[[Any, Called, Tools], Heard] | None = None
    methods: tuple[str, ...] = ("POST",)  # of its webhook
    pulls: tuple[Pull, ...] = ()
    check: Callable[[Any, Tools], list[Check]] | None = None
    landing: Callable[[Any, Tools, str], str] | None = None
    notify: Callable[[Any, Tools, Sequence[str], Notice], list[str]] | None = None
    hands_over: HandsOver | None = None
