"""A page as it is written in a text, and who looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal, NamedTuple, get_args

from msgspec import Meta, Struct

from siyu.kernel.sentence import Language

# entry: leads on to us. survey: questions. booking: slots of a service. reserve: pieces of an
# offer. wallet: what the customer has.
PageKind = Literal["entry", "survey", "booking", "reserve", "wallet"]
PAGE_KINDS: tuple[PageKind, ...] = get_args(PageKind)
# What of an address is kept, and nothing else: which advertisement it was, and which click on it.
Ad = Literal[
    "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "gdt_vid", "qz_gdt",
    "clickid", "click_id", "bd_vid",
]  # fmt: skip
ADS: tuple[Ad, ...] = get_args(Ad)
QuestionType = Literal["one", "many", "text", "month"]
CHOSEN: tuple[QuestionType, ...] = ("one", "many")  # of choices that are named
LONGEST_TEXT = 500  # characters of a free answer

Code = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
Short = Annotated[str, Meta(min_length=1, max_length=60)]
Long = Annotated[str, Meta(min_length=1, max_length=2_000)]


class Title(Struct, frozen=True, forbid_unknown_fields=True):
    """A few words in both languages."""

    zh: Short
    en: Short

    def of(self, language: Language) -> str:
        """In this one."""
        return self.zh if language == "zh" else self.en


class Said(Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages; an empty line begins another paragraph."""

    zh: Long
    en: Long

    def of(self, language: Language) -> str:
        """In this one."""
        return self.zh if language == "zh" else self.en


class Question(Struct, frozen=True, forbid_unknown_fields=True):
    """`one` or `many` of its choices, a `text` of one's own words (sealed), or a `month`."""

    code: Code
    type: QuestionType
    ask: Said
    choices: Mapping[Code, Title] = {}
    required: bool = True


class Survey(Struct, frozen=True, forbid_unknown_fields=True):
    """Its questions. Who has answered a version does so once; with another version once more."""

    questions: Annotated[tuple[Question, ...], Meta(min_length=1, max_length=20)]
    version: Annotated[int, Meta(ge=1, le=1_000)] = 1


class Page(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a text says. `channel`: the channel code by which its friends come, and with it their
    source. `keep`: which parameters of an advertisement are kept. `picture`: its address, and
    `picture_says` what it shows, for whoever can't see it."""

    page: Code
    kind: PageKind = "entry"
    title: Title
    words: Said | None = None
    picture: Annotated[str, Meta(max_length=500)] = ""
    picture_says: Title | None = None
    channel: Annotated[str, Meta(max_length=120)] = ""
    keep: tuple[Ad, ...] = ADS
    button: Title | None = None
    survey: Survey | None = None
    service: Code | Literal[""] = ""
    offer: Code | Literal[""] = ""
    hold: str = ""


class Stored(NamedTuple):
    """A page as it is kept, and what it has brought: states given out, friends who came by one, how
    often it was opened, and by how many was `done` what it is for: answered, booked, reserved."""

    code: str
    kind: PageKind
    text: str
    version: int
    set_by: str
    set_at: datetime
    retired_at: datetime | None
    given: int
    friends: int
    visits: int = 0
    done: int = 0


class BySource(NamedTuple):
    """What an advertisement has brought to a page; empty where it had no such parameter."""

    origin: str
    medium: str
    campaign: str
    visits: int
    given: int
    friends: int


class Visitor(NamedTuple):
    """Who looks at a page. `customer`: whom the token names; None: a stranger. `host`: a keyed
    hash of where they come from, for this page and minute."""

    customer: int | None
    host: str
    ad: Mapping[str, str]


class Answer(NamedTuple):
    """What somebody said to a question: QUESTION/CHOICE or QUESTION/MONTH; or words of their own,
    then `answer` is empty."""

    question: str
    answer: str
    text: str = ""


class Result(NamedTuple):
    """How many people gave this answer to a version's question; '' : words of their own."""

    version: int
    question: str
    answer: str
    people: int
    last_at: datetime


# ── Slots: times in stores ───────────────────────────────────────────────────────────────────────


class Opening(Struct, frozen=True, forbid_unknown_fields=True):
    """When a store takes bookings: `mon-fri 10:00-18:00; sat 10:00-16:00`, so many at a time, but
    not on the days that are `closed`."""

    week: str
    capacity: Annotated[int, Meta(ge=0, le=1_000)] = 1
    closed: tuple[date, ...] = ()


class Service(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be booked. `minutes`: how long a slot is; `ahead`: how far ahead it is booked;
    `notice`: how long before at the latest; `late`: so long after its end nobody has missed it."""

    service: Code
    title: Title
    stores: Mapping[str, Opening]
    minutes: Annotated[int, Meta(ge=5, le=1_440)] = 30
    ahead: str = "14d"
    notice: str = "1h"
    late: str = "2h"
    per_customer: Annotated[int, Meta(ge=1, le=100)] = 1


class Slot(NamedTuple):
    """A time in a store, and how many can still book it."""

    store: str
    starts_at: datetime
    ends_at: datetime
    left: int


class KeptService(NamedTuple):
    """A service as it is kept."""

    code: str
    text: str
    set_by: str
    set_at: datetime


BookingState = Literal["open", "cancelled", "moved", "kept", "missed"]


class Booking(NamedTuple):
    """A slot, or (`starts_at` None) a piece of an offer, that a customer has set aside on a page.
    `ends_at`: from then on it is missed."""

    promise_id: int
    page: str
    offer: str
    store: str
    starts_at: datetime | None
    ends_at: datetime
    customer_id: int
    state: BookingState
    booked_at: datetime


class Turnout(NamedTuple):
    """What became of bookings of a service; of whom a message with its link reached (`invited`),
    how many booked (`took`) and how many came (`visited`)."""

    service: str
    booked: int
    came: int
    missed: int
    cancelled: int
    invited: int
    took: int
    visited: int


class SlotTime(NamedTuple):
    """A time of a store's day: so many places, so many of them booked (some over by now)."""

    starts_at: datetime
    ends_at: datetime
    capacity: int
    booked: int


class StoreDay(NamedTuple):
    """A day of a store: `closed` by the text; without slots where the week has no hours."""

    day: date
    closed: bool
    slots: list[SlotTime]


class Pieces(NamedTuple):
    """What a page can give away: by store, where the pieces are the stores'; else of the whole."""

    title: Mapping[str, str]
    price_minor: int
    valid_seconds: int
    stores: Mapping[str, int]  # store → left
    left: int | None  # None: its parts or its money bound it


class Holding(NamedTuple):
    """Something that a customer has or had. `code`: a coupon's; `store`: where it is collected."""

    promise_id: int
    offer: str
    title: Mapping[str, str]
    kind: str
    state: str
    reason: str
    amount_minor: int | None
    expires_at: datetime
    code: str | None
    store: str | None
    starts_at: datetime | None
