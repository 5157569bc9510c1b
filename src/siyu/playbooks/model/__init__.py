"""A playbook as it is written: what it brings, typed and checked for form."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from siyu.content.model import Code, MaterialText, Words
from siyu.offers.model import Kind
from siyu.playbooks.model.settings import Name, SettingText, Settled
from siyu.playbooks.model.story import Story
from siyu.staff.model import GoalKind

Money = dict[str, str]  # currency → an amount in major units
Pieces = Annotated[int, Meta(ge=1, le=10_000_000)]
Odds = Annotated[int, Meta(ge=1, le=1_000_000)]
Sku = Annotated[str, Meta(min_length=1, max_length=80)]


class PrizeText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A thing in a blind box: how many there are, and its weight against the others."""

    sku: Sku
    pieces: Pieces
    odds: Odds


class AmountText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a red packet may hold, and its weight against the others."""

    amount: Money
    odds: Odds


class DrawText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How red packets are filled: from a list of `amounts`; or between `least` and `most`, most of
    them small, so that their mean is the offer's `value`."""

    amounts: list[AmountText] = []
    least: Money = {}
    most: Money = {}


class OfferText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An offer: its worth to the customer per currency, in major units, and what its kind needs
    (docs/guides/offers.md)."""

    code: Code
    kind: Kind
    title: Words
    value: Money
    sku: Sku | None = None
    substitute: Code | None = None
    pieces: Pieces | None = None
    stores: dict[Code, Pieces] = {}
    per_customer: Annotated[int, Meta(ge=1, le=1_000)] = 1
    hold: str = "15m"
    valid: str = "30d"
    price: Money = {}
    codes: Literal["pool", "generated"] | None = None
    budget: Money = {}
    draw: DrawText | None = None
    prizes: list[PrizeText] = []
    seed: Annotated[str, Meta(max_length=80)] = ""


class CodeText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A channel code of a source: the step that carries it, and whose friend one becomes."""

    step: Code
    staff: str
    title: str = ""


class SourceText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source of friends: who may enter, who is held out, and what the parcel carries.

    `holdout` must be that of its journey: one draw decides both touches and parcel.
    """

    code: Code
    title: Words
    admission: dict[str, Any]
    shops: list[str] = []
    journey: str = ""
    holdout: Annotated[float, Meta(ge=0, le=1)] = 0.0
    gift: Code | None = None
    card: Code | None = None
    codes: list[CodeText] = []


class OutcomeText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts as success: a fact of this kind (whose data say so), so long after coming in. An
    order that was taken back later counts as none."""

    event: str
    within: str
    data: dict[str, str | int | bool] = {}


class NeedText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a playbook can't run without: exactly one of a connector, a channel that
    somebody carries, a kind of fact that is heard, or another playbook."""

    why: Words
    connector: str = ""
    channel: str = ""
    fact: str = ""
    playbook: str = ""

    @property
    def what(self) -> list[tuple[str, str]]:
        """Which of them it says, and what."""
        names = ("connector", "channel", "fact", "playbook")
        return [(name, getattr(self, name)) for name in names if getattr(self, name)]


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`playbook.yaml`. `holdout`: the share of customers whom none of its journeys touches, by one
    draw; a journey that says a hold-out of its own has a draw of its own. `whom`: for which brands
    it is."""

    playbook: Code
    title: Words
    about: Words
    whom: Words | None = None
    goal: GoalKind | None = None
    holdout: Annotated[float, Meta(ge=0, le=0.5)] = 0.1
    outcome: OutcomeText | None = None
    needs: list[NeedText] = []
    settings: dict[Name, SettingText] = {}
    offers: list[OfferText] = []
    sources: list[SourceText] = []


class Playbook(Struct, frozen=True, kw_only=True):
    """The whole folder, parsed, its values filled in. `journeys`, `segments` and `tags` are texts:
    their rooms read them. `texts`: every file as it is read, path → text."""

    manifest: Manifest
    materials: list[MaterialText]
    journeys: dict[str, str]  # file name → text
    segments: dict[str, str]
    tags: str
    stories: list[Story]
    about: dict[str, str]  # language → the page about it
    values: dict[str, Settled]
    texts: dict[str, str]
    digest: str
