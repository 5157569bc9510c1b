"""What the text of a journey may refer to, for whoever chooses from it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from siyu.api.auth import TheApp, needs
from siyu.app import PREDICATES
from siyu.content import views as materials
from siyu.playbooks.actions import catalogue

router = APIRouter(prefix="/catalogue", tags=["journeys"])


@dataclass(frozen=True)
class KnownMaterial:
    code: str
    channel: str
    title: str


@dataclass(frozen=True)
class KnownOffer:
    code: str
    kind: str


@dataclass(frozen=True)
class Known:
    """Codes of all that is installed, each list in the order of the alphabet."""

    materials: list[KnownMaterial]
    offers: list[KnownOffer]
    codes: list[str]
    sources: list[str]
    journeys: list[str]
    segments: list[str]


@router.get("", **needs("journeys.read"))
def known(app: TheApp) -> Known:
    """Materials, offers, channel codes, sources, journeys and segments that a text can name."""
    with app.db.transaction() as conn:
        found = catalogue(conn, PREDICATES)
        titles = {one.code: one.title for one in materials.listing(conn)}
    return Known(
        [KnownMaterial(code, on, titles[code]) for code, on in sorted(found.materials.items())],
        [KnownOffer(*one) for one in sorted(found.offers.items())],
        *(sorted(some) for some in (found.codes, found.sources, found.journeys, found.segments)),
    )
