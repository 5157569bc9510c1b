"""A material: what people read or look at, for one channel, with typed places to fill in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Literal, NamedTuple, get_args

from msgspec import Meta, Struct

from siyu.kernel.ids import share

# text: any words on one line. money: an amount as people write it. link: an address without a
# space. code: one word, such as an order number.
VariableType = Literal["text", "money", "link", "code"]
TYPES: tuple[str, ...] = get_args(VariableType)
LOCALES = ("zh", "en")
# The order in which another language stands in for a missing one.
FALLBACK: Mapping[str, str] = {"zh": "en", "en": "zh"}
Kind = Literal["text", "image", "poster", "card", "link", "article", "video"]
KINDS: tuple[Kind, ...] = get_args(Kind)
State = Literal["draft", "in_review", "approved", "refused"]
STATES: tuple[State, ...] = get_args(State)
# Channel → the most characters of a body. An SMS is what carriers take as one template, a card
# what is still read, a script a screen or a few minutes of speech.
CHANNELS: Mapping[str, int] = {
    "sms": 500,
    "voice_ai": 1_000,
    "voice_human": 2_000,
    "wecom_request": 2_000,
    "wecom_message": 2_000,
    "wecom_welcome": 1_300,  # WeCom takes 4,000 bytes
    "parcel_insert": 500,
    "by_hand": 2_000,  # on the shelf for staff; no journey sends it
}
# What WeCom carries, words alone or with something beside them.
ATTACHED = frozenset(KINDS)
# Channel → the kinds that it carries, where it is not words alone.
CARRIES: Mapping[str, frozenset[str]] = {
    "parcel_insert": frozenset({"text", "image", "poster"}),
    "by_hand": frozenset(KINDS),
    "wecom_message": ATTACHED,
    "wecom_welcome": ATTACHED,
}
WORDS_ONLY = frozenset({"text"})
PRINTED = frozenset({"parcel_insert"})  # what a printer makes, and no screen shows
# What each kind needs beside words, and what it may have.
NEEDS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "text": (frozenset(), frozenset()),
    "image": (frozenset({"picture"}), frozenset()),
    "poster": (
        frozenset(),
        frozenset({"picture", "qr", "colour", "heading", "benefit", "same_code"}),
    ),
    "card": (frozenset({"heading", "picture", "appid", "page"}), frozenset()),
    "link": (frozenset({"heading", "url"}), frozenset({"description", "picture"})),
    "article": (frozenset({"heading", "url", "description", "picture"}), frozenset()),
    "video": (frozenset({"heading", "url"}), frozenset({"description", "picture"})),
}
# Channel → the most bytes of a text, as WeCom counts them.
BYTES: Mapping[str, int] = {"wecom_message": 4_000, "wecom_welcome": 4_000}
LONGEST_VALUE = 300  # characters of one filled-in value
LONGEST_TITLE = 60
MOST_LINKS = 16  # of one text: a short link says which of them it is
MOST_PICTURE = 2 << 20  # bytes: what WeCom takes of a picture in a message
CHILD = "child_months"  # how old the youngest child is, by the parent's own consent
# Where that may be said: to the parent, by the friend they have. No provider learns of a child, and
# what staff are given on a list is kept.
SAYS_CHILD = frozenset({"wecom_message"})
FIRST = "a"  # the text that the others are variants of
OWN_LINK = "link"  # the invitation's; it leads where the setting `link` says

Code = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
Weight = Annotated[int, Meta(ge=0, le=1_000)]


@dataclass(frozen=True, slots=True)
class Material:
    """One text for one channel in one language. `variables`: name → type; `links`: name → where
    its short link leads; `form`: what its kind asks for; `variant`: '' where it is the only one."""

    code: str
    locale: str
    channel: str
    body: str
    variables: Mapping[str, str]
    title: str = ""
    kind: str = "text"
    variant: str = ""
    weight: int = 1
    links: Mapping[str, str] = field(default_factory=dict[str, str])
    form: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def where(self) -> str:
        """How it is called where something is wrong with it."""
        return ".".join(part for part in (self.code, self.variant, self.locale) if part)


class About(NamedTuple):
    """What is known of a material whatever it says. Days are the brand's, both within."""

    tags: Sequence[str] = ()
    owner: str = ""
    valid_from: date | None = None
    valid_until: date | None = None


class Made(NamedTuple):
    """Who puts texts on the shelf, when, and whether they count as read by a second pair of
    eyes."""

    by: str = ""
    at: datetime | None = None
    state: State = "approved"


class Drawn(NamedTuple):
    """The text that a customer gets, of which version, and how likely it was."""

    material: Material
    version: int
    probability: float


class Shelved(NamedTuple):
    """A material as it may be sent: the texts of the version in force, by language."""

    code: str
    version: int
    valid_from: date | None
    valid_until: date | None
    retired: bool
    reviewed: bool  # else nobody has approved any version of it
    texts: Mapping[str, Sequence[Material]]

    @property
    def names(self) -> frozenset[str]:
        """All that its texts fill in."""
        every = (text.variables for some in self.texts.values() for text in some)
        return frozenset(name for variables in every for name in variables)

    @property
    def kinds(self) -> frozenset[str]:
        """Those of its texts."""
        return frozenset(text.kind for some in self.texts.values() for text in some)

    @property
    def personal(self) -> bool:
        """Whether it has a poster whose code is each customer's own invitation."""
        every = (text for some in self.texts.values() for text in some)
        return any(text.kind == "poster" and OWN_LINK in text.variables for text in every)

    def unfit(self, today: date) -> str:
        """Why it is not sent, as a reason of touches; '': it is."""
        if self.retired:
            return "material_retired"
        if not self.reviewed:
            return "material_unreviewed"
        if self.valid_from is not None and today < self.valid_from:
            return "material_early"
        if self.valid_until is not None and self.valid_until < today:
            return "material_expired"
        return ""

    def draw(self, locale: str, customer_id: int, before: str | None = None) -> Drawn | None:
        """The variant of this customer: the same whenever it is asked, by weight among all; or the
        one `before`, where it is there still. The other language stands in for a missing one.
        """
        texts = self.texts.get(locale) or self.texts.get(FALLBACK.get(locale, ""))
        if not texts:
            return None
        again = next((one for one in texts if one.variant == before), None)
        if again is not None:
            return Drawn(again, self.version, 1.0)
        whole = sum(one.weight for one in texts)
        if len(texts) == 1 or not whole:
            return Drawn(texts[0], self.version, 1.0)
        at, passed = share("material", self.code, str(customer_id)) * whole, 0
        for one in texts:
            passed += one.weight
            if at < passed:
                return Drawn(one, self.version, one.weight / whole)
        return Drawn(texts[-1], self.version, texts[-1].weight / whole)


def called(code: str, variant: str) -> str:
    """What a vendor's template or script stands for: a material, or a variant of it. The first one
    is called as the material is, so that a second changes nothing about it.

    >>> called("invite", ""), called("invite", "a"), called("invite", "b")
    ('invite', 'invite', 'invite.b')
    """
    return code if variant in ("", FIRST) else f"{code}.{variant}"


def digest(texts: Sequence[Material]) -> str:
    """Names what a material says: the same texts, the same digest."""
    said = [
        (one.locale, one.variant, one.weight, one.body, one.channel, one.kind,
         sorted(one.variables.items()), sorted(one.links.items()), sorted(one.form.items()))
        for one in sorted(texts, key=lambda one: (one.locale, one.variant))
    ]  # fmt: skip
    return sha256(repr(said).encode()).hexdigest()


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages."""

    zh: str
    en: str


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the QR code stands on a picture: its left upper corner and its side, in parts of the
    picture's width (`y` of its height)."""

    x: Annotated[float, Meta(ge=0, le=1)]
    y: Annotated[float, Meta(ge=0, le=1)]
    size: Annotated[float, Meta(ge=0.05, le=1)]


class VariantText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another way to say the same. Who gets which is drawn by weight, once per customer."""

    code: Annotated[str, Meta(pattern=r"^[b-z]$")]
    zh: str
    en: str
    en_cn: str = ""
    weight: Weight = 1


class MaterialText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A material in both languages, as it is written in a file. `en_cn`: the English text for a
    brand whose customers have phones of mainland China, where its carriers ask for other words."""

    code: Code
    channel: str
    title: str
    variables: dict[str, str] = {}
    zh: str = ""
    en: str = ""
    en_cn: str = ""
    kind: Kind = "text"
    tags: list[Annotated[str, Meta(min_length=1, max_length=40)]] = []
    owner: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    links: dict[str, str] = {}
    weight: Weight = 1
    variants: list[VariantText] = []
    heading: Words | None = None
    description: Words | None = None
    picture: str = ""
    url: str = ""
    qr: Place | None = None
    same_code: bool = False
    colour: str = ""
    benefit: Words | None = None
    appid: str = ""
    page: str = ""

    def body(self, locale: str, region: str) -> str:
        """What is said in a language, to customers of a region."""
        return _said(self, locale, region)

    @property
    def about(self) -> About:
        """What is known of it whatever it says."""
        return About(tuple(self.tags), self.owner, self.valid_from, self.valid_until)

    def texts(self, region: str) -> list[Material]:
        """Each language and variant by itself."""
        first = FIRST if self.variants else ""
        said = [(first, self.weight, self), *((one.code, one.weight, one) for one in self.variants)]
        return [
            Material(
                self.code, locale, self.channel, _said(text, locale, region), self.variables,
                self.title, self.kind, variant, weight, self.links, self._form(locale),
            )
            for locale in LOCALES
            for variant, weight, text in said
        ]  # fmt: skip

    def _form(self, locale: str) -> dict[str, str]:
        said = {
            name: getattr(words, locale)
            for name, words in (
                ("heading", self.heading),
                ("description", self.description),
                ("benefit", self.benefit),
            )
            if words is not None
        }
        said |= {
            name: getattr(self, name) for name in ("picture", "colour", "url", "appid", "page")
        }
        if self.qr is not None:
            said["qr"] = f"{self.qr.x} {self.qr.y} {self.qr.size}"
        if self.same_code:
            said["same_code"] = "yes"
        return {name: value for name, value in said.items() if value}


def _said(text: MaterialText | VariantText, locale: str, region: str) -> str:
    if locale == "zh":
        return text.zh
    return text.en_cn if text.en_cn and region == "CN" else text.en
