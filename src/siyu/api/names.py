"""What people call the things that the engine knows by a code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter

from siyu.api.auth import TheApp, needs
from siyu.commerce import views as commerce
from siyu.journeys import views as journeys
from siyu.offers import views as offers

router = APIRouter(tags=["overview"])


@dataclass(frozen=True)
class Names:
    """By code. What is said in both languages has `zh` and `en`; a shop has one name."""

    journeys: dict[str, Mapping[str, str]]
    offers: dict[str, Mapping[str, str]]
    shops: dict[str, str]


@router.get("/names", **needs("live.read", scoped=True))
def names(app: TheApp) -> Names:
    """Names of journeys, offers and shops. Nothing in them is about a customer."""
    with app.db.transaction() as conn:
        return Names(
            {one.code: one.title._asdict() for one in journeys.listing(conn)},
            {code: one.title for code, one in offers.offers(conn).items()},
            {code: one.name for code, one in commerce.shops(conn).items()},
        )
