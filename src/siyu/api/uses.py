"""Where a material or an offer is used: what would miss it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Path

from siyu.analytics.views import uses
from siyu.api.auth import TheApp, needs
from siyu.api.reservations import OfferCode
from siyu.app import PREDICATES
from siyu.content import views as content
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.offers import views as offers

router = APIRouter()
MaterialCode = Annotated[
    str, Path(max_length=120, pattern=r"^[^\x00]*$", description="The material's code.")
]


@dataclass(frozen=True)
class Use:
    """`journey`: a step of it, `live` where it takes customers in. `source`: its parcels carry
    it."""

    kind: Literal["journey", "source"]
    code: str
    title: Mapping[str, str]
    step: str
    live: bool


@dataclass(frozen=True)
class Uses:
    uses: list[Use]


@router.get("/materials/{code}/uses", tags=["materials"], **needs("content.read"))
def of_material(app: TheApp, code: MaterialCode) -> Uses:
    """The steps of journeys that say it, and the sources whose parcels carry it: as each journey
    stands now, published or not."""
    with app.db.transaction() as conn:
        content.one(conn, code)  # NotFound says that there is no such material
        return _uses(uses.of_material(conn, PREDICATES, code))


@router.get("/offers/{code}/uses", tags=["offers"], **needs("offers.read"))
def of_offer(app: TheApp, code: OfferCode) -> Uses:
    """The steps of journeys that promise, issue or take it back, and the sources whose parcels
    carry it."""
    with app.db.transaction() as conn:
        if code not in offers.offers(conn):
            raise NotFound(Sentence(f"There is no offer {code!r}.", f"没有权益 {code!r}。"))
        return _uses(uses.of_offer(conn, PREDICATES, code))


def _uses(found: list[uses.Use]) -> Uses:
    return Uses([Use(*one) for one in found])
