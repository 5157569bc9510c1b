"""Sizes of styles: what is left of them in stores, and who is invited to what fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from siyu.api.auth import TheApp, needs
from siyu.api.paging import Code, Limit
from siyu.app import App
from siyu.commerce import views
from siyu.commerce.model.sizes import Size
from siyu.kernel.sql import Conn
from siyu.segments.predicates.stock import FEW_SIZES, MOST_SIZES

router = APIRouter(prefix="/goods", tags=["offers"])
Few = Annotated[
    int,
    Query(ge=1, le=MOST_SIZES, description="So many sizes of a style left are broken sizes."),
]
Standing = Literal["waiting", "invited"]


@dataclass(frozen=True)
class SizeRow:
    """What a place has of a style in a size by its last count; `sizes_left` of the style there.
    `left_over`: the style is discontinued, or few of its sizes are left. `invited`: how many are
    invited to it at the moment."""

    place: str
    style: str
    size: str
    title: str
    pieces: int
    discontinued: bool
    sizes_left: int
    left_over: bool
    invited: int


@dataclass(frozen=True)
class Sizes:
    sizes: list[SizeRow]


@dataclass(frozen=True)
class InvitationRow:
    """Who is invited to a left-over size until `until`; or who waits, decided on again at
    `draw_at`, and why: `no_pieces` come free so far, empty: not decided on yet. `rank`: by what
    they have spent, among those decided together."""

    customer: str
    visit: str
    state: Standing
    reason: str
    place: str
    style: str
    size: str
    title: str
    rank: int
    draw_at: datetime
    until: datetime | None


@dataclass(frozen=True)
class Invitations:
    invitations: list[InvitationRow]


@router.get("/sizes", **needs("offers.read"))
def sizes(
    app: TheApp,
    place: Code = "",
    style: Code = "",
    left_over: Annotated[bool, Query(description="Only left-over sizes.")] = False,
    few: Few = FEW_SIZES,
    limit: Limit = 1000,
) -> Sizes:
    """What is left of styles by size and place; counts are told by the event `stock.counted`."""
    with app.db.transaction() as conn:
        found = views.sizes(
            conn, app.clock.now(), few=few, place=place, style=style, left_over=left_over,
            limit=limit,
        )  # fmt: skip
    return Sizes([row(one) for one in found])


@router.get("/invitations", **needs("offers.read"))
def invitations(
    app: TheApp,
    state: Annotated[Standing | None, Query(description="Only these; empty: both.")] = None,
    style: Code = "",
    limit: Limit = 1000,
) -> Invitations:
    """Who is invited to left-over sizes now, and who waits and why."""
    with app.db.transaction() as conn:
        return listed(app, conn, state, style, limit)


def row(one: Size) -> SizeRow:
    """As it is shown."""
    return SizeRow(*one)


def listed(app: App, conn: Conn, state: Standing | None, style: str, limit: int) -> Invitations:
    """The same for the command."""
    states: list[Standing] = ["waiting", "invited"] if state is None else [state]
    found = views.invitations(conn, states, style, app.clock.now(), limit)
    return Invitations(
        [
            InvitationRow(
                customer=app.ids.encode("cus", one.customer_id),
                visit=app.ids.encode("vis", one.visit_id),
                state="invited" if one.state == "invited" else "waiting",
                reason=one.reason,
                place=one.place,
                style=one.style,
                size=one.size,
                title=one.title,
                rank=one.rank,
                draw_at=one.draw_at,
                until=one.until,
            )
            for one in found
        ]
    )
