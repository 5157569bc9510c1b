"""What a connector is: a name, a typed form, the channels it carries, what it hears and asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol

from siyu.connectors.figures import Grouped, Worked
from siyu.connectors.known import (
    BLANK,
    NONE,
    SILENT,
    UNTOUCHED,
    UNWRITTEN,
    Alarms,
    Cards,
    Parcels,
    Text,
    Texts,
    Touches,
)
from siyu.connectors.lists import Colleague, Group
from siyu.connectors.moments import Asking, Moment, Shown
from siyu.connectors.presses import Unsent
from siyu.connectors.ways import Standing, WayIn, WayKind
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

    def items(self, prefix: str) -> dict[str, str]:
        """All that is remembered under keys that begin so, in their order."""
        ...

    def lock(self, key: str) -> AbstractContextManager[None]:
        """One at a time over all processes, for moments: a token is fetched once."""
        ...


class Choice(NamedTuple):
    """What a notice can be answered with: a button of these words."""

    key: str
    words: str


class Notice(NamedTuple):
    """What our own staff is told: a title, plain lines, and the page that it is about, if any.

    `choices`: what can be answered, where the carrier has buttons; elsewhere they are left out.
    What is pressed comes back by `Tools.press` under `token`, which no other notice may have.
    """

    title: str
    words: str
    url: str = ""
    choices: tuple[Choice, ...] = ()
    token: str = ""


class Press(NamedTuple):
    """One of us (by our code) pressed a button of a notice."""

    token: str
    key: str
    staff: str


def _nobody(pull: str) -> None:
    """Nobody is there to be woken: a connector by itself, as tests have it."""


class ClaimPage(NamedTuple):
    """Where a friend gives an order number. `url`: '' where nobody outside can reach it."""

    token: str = ""
    url: str = ""


def _pageless(_: str) -> ClaimPage:
    return ClaimPage()


def _everybody(staff: Collection[str]) -> frozenset[str]:
    """All are at work: a connector by itself, as tests have it."""
    return frozenset(staff)


def _unnamed(names: Mapping[str, str]) -> None:
    """Nobody is called anything: as above."""


def _unheard(press: Press) -> str:  # noqa: ARG001 - as above
    """Nobody asked."""
    return ""


@dataclass(frozen=True)
class Tools:
    """What a connector is given to work with. `clock.now()` is the engine's time; `wake` has a pull
    of this connector run at once; `parcels` are what a warehouse asks, `cards` what friends' cards
    at a carrier may show, `texts` what a vendor that approves them is compared with; `alarms` are
    heard by staff; `touches` are what reports are missing of. `press`: somebody answered a notice,
    which is done at once and once; what to say of it, in words for them. `at_work`: who of
    these of us is at work now, and whom nobody knows. `claim`: of a customer (public
    id) the token of the page on which they give an order number, and its address, if any.
    `names`: what the carrier calls these of us (by code), whom somebody took in from it."""

    clock: Clock
    store: Store
    wake: Callable[[str], None] = _nobody
    parcels: Parcels = NONE
    press: Callable[[Press], str] = _unheard
    texts: Texts = UNWRITTEN
    alarms: Alarms = SILENT
    touches: Touches = UNTOUCHED
    cards: Cards = BLANK
    at_work: Callable[[Collection[str]], frozenset[str]] = _everybody
    claim: Callable[[str], ClaimPage] = _pageless
    names: Callable[[Mapping[str, str]], None] = _unnamed


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
    `after`: facts of these kinds have it run soon, unless it is waiting out a failure.
    Pulls run side by side; of those of a connector that share something, by its name, one does.
    """

    name: str
    title: Sentence
    every: timedelta
    run: Callable[[Any, Tools, str], Iterator[Pulled]]
    after: frozenset[str] = frozenset()
    shares: str = ""


class Check(NamedTuple):
    """A line of `siyu connect NAME`: what was looked at and what was found, in words."""

    what: Sentence
    state: Literal["ok", "missing", "wrong", "unverified"]
    why: Sentence


class Giving(NamedTuple):
    """Friends of one of us are to become another's. `left`: the giver does not work here any more;
    `words`: what the vendor tells the customers, where it does; `by`: who wants it."""

    giver: str
    taker: str
    left: bool = False
    words: str = ""
    by: str = ""


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


class HandOver(NamedTuple):
    """A hand-over that was begun, and how far it is. While it is `running` the connector gives
    friends away by itself; `free` are those whom it has still to give."""

    giving: Giving
    state: Literal["running", "stopped", "given", "failed"]
    began_at: datetime
    how_far: Given
    why: Sentence | None = None


@dataclass(frozen=True)
class HandsOver:
    """How friends are handed over: `plan` counts and changes nothing, `run` does it, telling how
    far it is; stopped anywhere, it goes on when it is called again. `begin` has it run by itself,
    `stop` ends that (False: it did not run), `every` are those of the last months, the newest
    first."""

    plan: Callable[[Any, Tools, Giving], Given]
    run: Callable[[Any, Tools, Giving], Iterator[Given]]
    begin: Callable[[Any, Tools, Giving], HandOver]
    stop: Callable[[Any, Tools, Giving], bool]
    every: Callable[[Any, Tools], list[HandOver]]


@dataclass(frozen=True)
class WaysIn:
    """`make` makes a way in, or changes who is behind it; `drop` gives it back (False: there is
    none)."""

    every: Callable[[Any, Tools], list[Standing]]
    make: Callable[[Any, Tools, WayIn], Standing]
    drop: Callable[[Any, Tools, WayKind, str], bool]


@dataclass(frozen=True)
class ShowsMoments:
    """Moments as a carrier has them. `upload` takes a picture or a video and names it; `plan`
    changes nothing; `make` answers the id, the same for the same Moment of the same day."""

    tags: Callable[[Any, Tools], list[str]]
    upload: Callable[[Any, Tools, bytes], str]
    plan: Callable[[Any, Tools, Moment], Asking]
    make: Callable[[Any, Tools, Moment, str], str]
    cancel: Callable[[Any, Tools, str], None]
    listed: Callable[[Any, Tools], list[Shown]]


@dataclass(frozen=True)
class Figures:
    """What a carrier counted, from one day to another, both included, as far as it is known."""

    worked: Callable[[Any, Tools, date, date], list[Worked]]
    grouped: Callable[[Any, Tools, date, date], list[Grouped]]


@dataclass(frozen=True)
class Pages:
    """Pages of ours that are opened in the carrier's own application, and who opens them.

    `ask`: where a browser (by its User-Agent) is sent to say who it is; it comes back to an address
    of ours with this state and a code. `who`: our code of the member of staff behind that code,
    which is good once; empty: none of us. `signed`: what the page at this address hands to the
    carrier's script, by the names that it has there.
    """

    title: Sentence
    signs_in: Callable[[Any], bool]  # whether the settings want staff to sign in so
    ask: Callable[[Any, str, str, str], str]  # settings, address, state, User-Agent
    who: Callable[[Any, Tools, str], str]
    signed: Callable[[Any, Tools, str], Mapping[str, Mapping[str, str | int]]]


def _of_nobody(config: Any) -> str:  # noqa: ARG001 - one shape for all
    return ""


@dataclass(frozen=True)
class Manifest:
    """One connector. Each function takes the connector's own settings (an instance of `config`).

    `receive` verifies before anything else; it raises BadSignature or BadInput. `check` asks the
    vendor whether these settings work; `texts` looks at what would go out by it, and asks nobody:
    one Check for each text, in their order, then whatever else. `account`: whose cursors these are,
    such as a corp's id: pulls for another one begin anew, and with `apart` what is remembered of
    each account stays apart. `own_door`: the brand's, which gives way to a vendor's.
    `landing`: the carrier's page on which somebody becomes a friend, who
    then is known by this state. `notify` tells these members of staff, and answers who of them
    can't be told; the same notice told again within half an hour reaches nobody twice.
    `hands_over`: friends of one of us become another's. `moments`: what friends are shown without
    being written to. `figures`: what the vendor counts of our staff. `pages`: what is opened inside
    the carrier. `ways`: codes and links that lead to us; `groups`: the group chats that it knows.
    `unsent`: messages that wait for staff to press send, the oldest first; `remind`: whoever has
    not pressed for this one is reminded of it. `colleagues`: members of the carrier, of whom
    some are staff here.
    """

    name: str
    title: Sentence
    config: type
    configured: Callable[[Any], bool]
    account: Callable[[Any], str] = _of_nobody
    apart: bool = False
    channels: tuple[str, ...] = ()
    own_door: bool = (
        False  # the brand's: where another connector carries a channel too, that one does
    )
    channel: Callable[[Any, Tools], Channel] | None = None
    receive: Callable[[Any, Called, Tools], Heard] | None = None
    methods: tuple[str, ...] = ("POST",)  # of its webhook
    pulls: tuple[Pull, ...] = ()
    check: Callable[[Any, Tools], list[Check]] | None = None
    texts: Callable[[Any, Sequence[Text]], list[Check]] | None = None
    landing: Callable[[Any, Tools, str], str] | None = None
    notify: Callable[[Any, Tools, Sequence[str], Notice], list[str]] | None = None
    hands_over: HandsOver | None = None
    moments: ShowsMoments | None = None
    figures: Figures | None = None
    pages: Pages | None = None
    ways: WaysIn | None = None
    groups: Callable[[Any, Tools], list[Group]] | None = None
    unsent: Callable[[Any, Tools], list[Unsent]] | None = None
    remind: Callable[[Any, Tools, str], None] | None = None
    colleagues: Callable[[Any, Tools], list[Colleague]] | None = None
