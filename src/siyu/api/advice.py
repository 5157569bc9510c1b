"""Is it time, and what to start: `siyu advise`, for the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from siyu.api.auth import TheApp, needs
from siyu.api.language import TheLanguage
from siyu.kernel.money import to_minor
from siyu.kernel.sentence import within
from siyu.playbooks.decide import Limits
from siyu.playbooks.views.advice import advice

router = APIRouter(prefix="/playbooks", tags=["playbooks"])


@dataclass(frozen=True)
class AdvicePoint:
    """A question of readiness. `verdict`: yes, no, unknown; `asked`: what the figure has to be."""

    what: str
    verdict: str
    figure: str
    asked: str
    why: str


@dataclass(frozen=True)
class AdvicePick:
    """A playbook to start; `running`: it is already."""

    playbook: str
    why: str
    running: bool


@dataclass(frozen=True)
class AdviceMatrix:
    """`per_year`: orders of a customer; `order_minor`: the mean order."""

    operated: str
    frequency: str
    price: str
    volume: str
    per_year: float
    order_minor: int


@dataclass(frozen=True)
class AdviceShown:
    """`ready`: ready, not_yet or unknown; `next`: what is missing, the hard things first."""

    ready: str
    goal: str
    goal_why: str
    points: list[AdvicePoint]
    matrix: AdviceMatrix
    playbooks: list[AdvicePick]
    frequency: str
    staffing: str
    next: list[str]


@router.get("/advice", **needs("overview.read"))
def advised(
    app: TheApp,
    locale: TheLanguage,
    margin: Annotated[
        float | None, Query(ge=0, le=1, description="Gross margin where goods have no cost here.")
    ] = None,
    service: Annotated[
        Literal["", "heavy", "light"],
        Query(description="How much advice and care the product needs; empty: nobody has said."),
    ] = "",
) -> AdviceShown:
    """Is it time, and what to start, from the brand's own figures: each with the number and the
    reason; what is unknown is asked."""
    wecom = any(one.connected for one in app.connections.overview() if one.name == "wecom")
    limits = Limits(own_margin=margin, service=service)
    limits = limits._replace(dear_minor=to_minor("500", app.brand.currency))
    with app.db.transaction() as conn:
        found = advice(conn, limits, wecom, app.clock.now())

    def say(words: str) -> str:
        return within(locale, words)

    return AdviceShown(
        found.ready,
        found.goal,
        say(found.goal_why),
        [
            AdvicePoint(one.what, one.verdict, say(one.figure), one.asked, say(one.why))
            for one in found.points
        ],
        AdviceMatrix(**found.cell._asdict()),
        [AdvicePick(one.playbook, say(one.why), one.running) for one in found.picks],
        say(found.rhythm),
        say(found.staffing),
        [say(one) for one in found.next],
    )
