"""A page as it is written in a text, and who looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
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
    """A page as it is kept, and what it has brought: states given out, friends who came by one."""

    code: str
    kind: PageKind
    text: str
    version: int
    set_by: str
    set_at: datetime
    retired_at: datetime | None
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
