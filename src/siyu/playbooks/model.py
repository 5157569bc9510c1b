"""A playbook as it is written: what it brings, typed and checked for form."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from siyu.content.model import Code, MaterialText, Words
from siyu.offers.model import Kind

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


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`playbook.yaml`."""

    playbook: Code
    title: Words
    about: Words
    offers: list[OfferText] = []
    sources: list[SourceText] = []


class Playbook(Struct, frozen=True, kw_only=True):
    """The whole folder, parsed. `journeys` are texts: the journeys room reads them."""

    manifest: Manifest
    materials: list[MaterialText]
    journeys: dict[str, str]  # file name → text
    digest: str
