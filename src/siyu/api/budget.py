"""Rulings: what the budget said to each wish, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from siyu.api.auth import TheApp, needs
from siyu.api.paging import After, Customer, Limit, following, start, whose
from siyu.app import App
from siyu.budget import views
from siyu.kernel.errors import BadInput
from siyu.kernel.sql import Conn
from siyu.outbox import views as touches

router = APIRouter(tags=["touches"])


@dataclass(frozen=True)
class Ruling:
    """`verdict` is allow, allow_at (from `at`) or withhold; `why` is the reason in words."""

    touch: str
    ruled_at: datetime
    verdict: str
    reason: str
    why: str
    at: datetime | None


@dataclass(frozen=True)
class Rulings:
    rulings: list[Ruling]
    next: str


Touch = Annotated[str, Query(max_length=30, description="The rulings of this touch (tch_…).")]


@router.get("/rulings", **needs("touches.read"))
def rulings(
    app: TheApp, customer: Customer = "", touch: Touch = "", after: After = "", limit: Limit = 200
) -> Rulings:
    """The rulings of a customer or of a touch, in the order of ruling; one of the two is named."""
    with app.db.transaction() as conn:
        asked = _touches(app, conn, customer, touch)
        rows, end = views.rulings_page(conn, asked, start(app, after), limit)
    found = [
        Ruling(
            app.ids.encode("tch", row.touch_id),
            row.ruled_at,
            row.verdict,
            row.reason,
            row.why(app.brand.locale),
            row.at,
        )
        for row in rows
    ]
    return Rulings(found, following(app, end))


def _touches(app: App, conn: Conn, customer: str, touch: str) -> list[int]:
    if bool(customer) == bool(touch):
        raise BadInput("Name a `customer` or a `touch`, and only one of them.")
    if touch:
        number = app.ids.decode("tch", touch)
        if number is None:
            raise BadInput("`touch` is no touch of ours; a touch looks like tch_…")
        return [number]
    found = whose(app, conn, customer)
    return [one.id for one in touches.of_customer(conn, found)] if found is not None else []
