"""The nouns: a journey and its steps, a visit, the facts it is decided on, and its moves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, NewType, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct

from siyu.events.model import Kind
from siyu.journeys.model.effects import Fitted, Issued, Promised, Revoked, Tagged
from siyu.journeys.model.enter import After, Enter, EnterEvery, EnterWaves, Entrance
from siyu.journeys.model.waves import check_rules
from siyu.kernel.calendar import Yearly
from siyu.kernel.sentence import Sentence
from siyu.outbox.model import TouchFact, Wish
from siyu.segments.model import All, Form, Leaf, Not, Tree, Words
from siyu.segments.model import Any as AnyOf
from siyu.segments.predicates.profile import named

# What a text refers to; `check` looks each of them up and names the nearest match.
StepId = NewType("StepId", str)
MaterialCode = NewType("MaterialCode", str)
OfferCode = NewType("OfferCode", str)
ChannelCode = NewType("ChannelCode", str)
SourceCode = NewType("SourceCode", str)
JourneyCode = NewType("JourneyCode", str)

# What a visit keeps under a name, and several of them as a text sets them.
Value: TypeAlias = str | int | bool
Values = NewType("Values", tuple[tuple[str, Value], ...])

Condition: TypeAlias = Annotated[All | AnyOf | Not | Leaf, "condition"]
Purpose: TypeAlias = Literal["order_invitation", "promotion", "service", "answer"]
Lane: TypeAlias = Literal["now", "window"]


def asked(en: str, zh: str, *, name: str = "", shuts: bool = False) -> Mapping[str, Any]:
    """What a field of a form asks for, in both languages; `name` where Python has its word.

    `shuts`: where this flag is true, nobody goes on to the next step.
    """
    return {"en": en, "zh": zh, "name": name, "shuts": shuts}


_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


def _must_be_code(text: str, what: Sentence) -> None:
    if not _CODE.fullmatch(text):
        raise ValueError(
            Sentence(
                f"{text!r} can't be {what}: use a-z, 0-9 and -, like `first-call`",
                f"{text!r} 不能作{what.zh}：请用 a-z、0-9 和 -，如 `first-call`",
            )
        )


# ── Facts: what a decision is made on ────────────────────────────────────────────────────────────


class Order(NamedTuple):
    """An order of a visit. `state` is empty while nobody has heard of it."""

    shop: str
    order_no: str
    state: str = ""
    cutoff_at: datetime | None = None  # of the parcel that carries what was promised

    @property
    def gone(self) -> bool:
        """Cancelled, or refunded wholly."""
        return self.state in ("cancelled", "refunded")


class Facts(NamedTuple):
    """What is known about one visit at one moment."""

    zone: ZoneInfo
    locale: str
    orders: tuple[Order, ...] = ()  # the visit's own first
    touches: Mapping[str, TouchFact] = {}  # step → its last touch
    true: frozenset[Form] = frozenset()  # the needed predicates that hold for the customer
    dates: Mapping[str, Yearly] = {}  # the customer's, as far as the journey asks for them
    promise: int | str | None = None  # the latest: its id, or its key when made in this very walk
    born: str | None = None  # the month of the youngest child, where the journey asks for it


class Visit(NamedTuple):
    """A customer's walk through one version of a journey."""

    id: int
    journey_id: int
    version: int
    customer_id: int
    identity_id: int | None
    key: str  # what it is about: shop/order_no of the first order
    shop: str
    order_no: str
    node: str  # where it stands
    round: int  # how often it has gone back: within a round no step comes twice
    since: datetime  # when it came to where it stands
    held_out: bool
    arms: Mapping[str, str]  # split → the arm taken
    vars: Mapping[str, Value] = {}  # what its steps have set
    over: bool = False  # it has ended, and had not said everything


# ── Moves: what a visit does next ────────────────────────────────────────────────────────────────


class Wished(Struct, frozen=True):
    """A touch to wish for; the sweep fills in what only the database knows: promise and state."""

    wish: Wish
    code: str = ""  # the channel code whose state its link carries
    promise_key: str = ""  # a promise made in this very walk


class Kept(NamedTuple):
    """Values to keep on the visit."""

    values: Values


class Reached(NamedTuple):
    """A goal that the visit has come to; the first time counts."""

    goal: str


class Started(NamedTuple):
    """Another journey that the customer may enter, by its own rules."""

    journey: JourneyCode
    key: str


Effect: TypeAlias = (
    Wished | Promised | Issued | Fitted | Revoked | Tagged | Kept | Reached | Started
)


class Rest(Struct, frozen=True):
    """The visit stands at a step until its timer or one of these kinds."""

    node: str
    round: int
    since: datetime
    due_at: datetime | None
    waiting_for: frozenset[Kind]
    arms: Mapping[str, str]
    why: str = ""  # the steps that it passed on the way; empty: it has not moved
    effects: tuple[Effect, ...] = ()


class End(Struct, frozen=True):
    """The visit is over. `withdraw`: what it still wanted to say is taken back; else it goes out,
    unless one of the kinds that it goes on waiting for takes it back."""

    node: str
    outcome: str
    withdraw: bool
    why: str
    effects: tuple[Effect, ...] = ()
    waiting_for: frozenset[Kind] = frozenset()


class Park(Struct, frozen=True):
    """Something is wrong with this visit; it waits for a person and stops nothing else."""

    error: str


Move: TypeAlias = Rest | End | Park


# ── Nodes: what a step can be ────────────────────────────────────────────────────────────────────


class Go(Struct, frozen=True):
    """On to the next step, or to `to`, after these effects."""

    why: str
    to: StepId | None = None
    effects: tuple[Effect, ...] = ()
    arm: str = ""  # of a split: it sticks to the visit


class Stay(Struct, frozen=True):
    """Not yet: ask again at `until`, or when something is heard that the step declares."""

    until: datetime | None
    effects: tuple[Effect, ...] = ()


class Leave(Struct, frozen=True):
    """Out of the journey."""

    outcome: str
    effects: tuple[Effect, ...] = ()


Act: TypeAlias = Go | Stay | Leave


class Way(NamedTuple):
    """One of several ways on from a step, as a drawing shows it. `to` None: the next step."""

    to: StepId | None
    code: Literal["case", "else", "arm", "otherwise"]
    when: Condition | None = None
    name: str = ""
    share: float | None = None


Shelf: TypeAlias = Literal["reach", "time", "way", "give", "note", "leave"]
# The parts of the palette in the console, in this order.
SHELVES: Mapping[Shelf, Words] = {
    "reach": Words("触达", "Reach"),
    "time": Words("等待", "Time"),
    "way": Words("分路", "Ways"),
    "give": Words("权益", "Give"),
    "note": Words("记录", "Note"),
    "leave": Words("去向", "Lead on"),
}


class Node:
    """One type of step: a frozen dataclass whose fields are its form, with one pure function.

    The docstring is the title and the help, in code, docs and console alike.
    """

    key: ClassVar[str]  # its word in the text
    title: ClassVar[Words]
    shelf: ClassVar[Shelf]  # of the palette
    about: ClassVar[Words]  # its help in the palette, in a sentence
    begins: ClassVar[str] = "{}"  # what a new one says beside what its fields must have
    whole: ClassVar[str] = ""  # the field that takes all of the value: `wait: 5m`
    beside: ClassVar[frozenset[str]] = frozenset()  # fields that stand beside the word
    takes_time: ClassVar[bool] = False  # nobody passes it in the moment of coming to it
    goes_on: ClassVar[bool] = True  # the step after it can come next

    @property
    def needs(self) -> tuple[Tree, ...]:
        """The conditions that its step will ask for."""
        return ()

    @property
    def hears(self) -> frozenset[Kind]:
        """The kinds that can change its mind, beside those of its conditions."""
        return frozenset()

    @property
    def dates(self) -> frozenset[str]:
        """The customer's dates that its step will ask for."""
        return frozenset()

    @property
    def of_child(self) -> bool:
        """Whether its step will ask when the customer's youngest child was born."""
        return False

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways on that it chooses from; none: it goes on to the next step, or nowhere."""
        return ()

    def step(self, here: Here) -> Act:
        """What a visit that stands here does now."""
        raise NotImplementedError


@dataclass(frozen=True)
class Step:
    """A place in a journey."""

    id: StepId
    node: Node
    go: StepId | None = None  # where to go on instead of the next step in the text

    def __post_init__(self) -> None:
        _must_be_code(self.id, Sentence("a step's id", "步骤的 id"))


@dataclass(frozen=True)
class Journey:
    """A plan, as it is written. A published version never changes."""

    journey: str
    title: Words
    steps: tuple[Step, ...]
    source: SourceCode | None = None
    enter: Entrance | None = None  # None: by hand only
    reenter: Literal["never", "each"] | After = "never"
    concurrent: Literal["one per customer", "one per order"] = "one per customer"
    holdout: float = 0.0
    ends_when: Condition | None = None

    def __post_init__(self) -> None:
        _must_be_code(self.journey, Sentence("a journey's code", "旅程的编码"))
        if not 0 <= self.holdout < 1:
            least = "holdout is a share from 0 up to, but not including, 1"
            raise ValueError(Sentence(least, "holdout 是一个比例，从 0 起，必须小于 1"))
        if isinstance(self.enter, EnterWaves):
            check_rules(each=self.reenter == "each")

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Where each step stands in the text."""
        return {step.id: place for place, step in enumerate(self.steps)}

    @property
    def entry_kind(self) -> Kind:
        """The kind of event that lets customers in; empty: no event does."""
        return self.enter.on if isinstance(self.enter, Enter) else ""

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments whose members have to be kept for it, wherever its text names them."""
        enter = self.enter
        entry = {enter.segment} if isinstance(enter, Enter) and enter.segment else set[str]()
        schedule = (enter.segment,) if isinstance(enter, EnterEvery | EnterWaves) else ()
        return tuple(sorted(entry | named((*self.conditions, *schedule))))

    @property
    def door(self) -> tuple[Kind, str]:
        """What events have to be to let somebody in: `entry_kind`, and of which segment."""
        segment = self.enter.segment if isinstance(self.enter, Enter) else None
        return self.entry_kind, segment or ""

    @property
    def first(self) -> str:
        """The step that a visit begins at."""
        return self.steps[0].id

    def next(self, step: Step) -> StepId | None:
        """Where a visit goes on after a step that does not say."""
        place = self.place[step.id] + 1
        return step.go or (self.steps[place].id if place < len(self.steps) else None)

    @cached_property
    def heard(self) -> dict[str, frozenset[Kind]]:
        """What a visit listens for at each step: `decide` works it out once per step."""
        return {}

    @cached_property
    def conditions(self) -> tuple[Tree, ...]:
        """Every condition in the text."""
        return self.ends + tuple(tree for step in self.steps for tree in step.node.needs)

    @cached_property
    def dates(self) -> frozenset[str]:
        """Every date of the customer's that a step asks for."""
        return frozenset(name for step in self.steps for name in step.node.dates)

    @cached_property
    def of_child(self) -> bool:
        """Whether a step asks when the customer's youngest child was born."""
        return any(step.node.of_child for step in self.steps)

    @property
    def ends(self) -> tuple[Tree, ...]:
        """What ends a visit at any step: one condition or none."""
        return () if self.ends_when is None else (self.ends_when,)


class Here(Struct, frozen=True):
    """What a step sees."""

    journey: Journey
    visit: Visit
    facts: Facts
    now: datetime

    @property
    def order(self) -> Order:
        """The order that is spoken of: the visit's own, or one that joined and still stands."""
        orders = self.facts.orders
        stands = next((order for order in orders if not order.gone), None)
        return stands or (orders[0] if orders else Order(self.visit.shop, self.visit.order_no))


class Catalogue(NamedTuple):
    """What a text may refer to."""

    materials: Mapping[str, str]  # code → channel
    offers: Mapping[str, str]  # code → kind
    codes: frozenset[str]
    sources: frozenset[str]
    journeys: Mapping[str, frozenset[str]] = {}  # code → those that it starts before any wait
    segments: frozenset[str] = frozenset()
    mute: frozenset[str] = frozenset()  # SMS texts that do not say how to opt out
