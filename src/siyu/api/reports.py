"""Reports: the funnel of a period, what a friend cost, what was not sent; as JSON and as CSV.

A report over a long time takes a while: `state` is `working` until it is there, with the last one
(`fresh.as_of` says of when) if there is one. Ask again, until it is `ready`. Amounts of people are
whole, rates are shares (0.48), intervals hold 95 %; what each figure means: docs/guides/reports.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response

from siyu.acquisition import views as acquisition
from siyu.analytics.model import Asked, Definition, PlanReport, ReportName, WithheldReport
from siyu.analytics.render import report_csv
from siyu.analytics.views import reports
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.figures import (
    CostReport,
    FunnelReport,
    NotSentReport,
    Period,
    State,
    costs,
    funnel,
    not_sent,
)
from siyu.api.kept import EXPORT_PATIENCE, PATIENCE, Found, the_kept
from siyu.api.paging import Code
from siyu.app import App
from siyu.commerce import views as commerce
from siyu.kernel.errors import Busy
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone
from siyu.staff.actions import audit

router = APIRouter(prefix="/reports", tags=["reports"])
USUAL_DAYS = 28
LOCALES = ("zh", "en")
FUNNEL: list[Definition] = [
    "buyers", "friends_before", "not_admitted", "holdout", "in_scope", "invited", "step",
    "add_rate", "add_rate_invited", "lift", "raced", "unmatched", "still_open",
]  # fmt: skip
CSV = "text/csv"


class File(Response):
    """A file for a spreadsheet."""

    media_type = CSV


def _asked(
    app: TheApp,
    since: Annotated[
        date | None, Query(alias="from", description="The first day; empty: 28 days in all.")
    ] = None,
    until: Annotated[
        date | None, Query(alias="to", description="The last day; empty: today.")
    ] = None,
    source: Code = "",
    shop: Code = "",
) -> Asked:
    last = until or app.clock.now().astimezone(zone(app.brand.time_zone)).date()
    first = since or last - timedelta(days=min(USUAL_DAYS - 1, (last - date.min).days))
    asked = Asked(first, last, source, shop)
    reports.period(asked, app.brand.time_zone)  # refused at once, not beside the request
    return asked


def _locale(
    app: TheApp,
    lang: Annotated[
        Literal["", "zh", "en"], Query(description="Of a CSV; empty: the reader's.")
    ] = "",
    accept_language: Annotated[str, Header(include_in_schema=False)] = "",
) -> str:
    told = accept_language[:2].lower()
    return lang or (told if told in LOCALES else app.brand.locale)


Question = Annotated[Asked, Depends(_asked)]
Locale = Annotated[str, Depends(_locale)]


@dataclass(frozen=True)
class SourceName:
    code: str
    title: dict[str, str]


@dataclass(frozen=True)
class ShopName:
    code: str
    name: str


@dataclass(frozen=True)
class Filters:
    """What a report can be narrowed to."""

    sources: list[SourceName]
    shops: list[ShopName]


@router.get("/filters", **needs("reports.read"))
def filters(app: TheApp) -> Filters:
    """The sources and shops that a report can be narrowed to."""
    with app.db.transaction() as conn:
        sources, shops = acquisition.sources(conn), commerce.shops(conn)
    return Filters(
        [SourceName(one.code, dict(one.title)) for _, one in sorted(sources.items())],
        [ShopName(one.code, one.name) for _, one in sorted(shops.items())],
    )


@router.get("/cascade", response_model=FunnelReport, **needs("reports.read"))
def cascade(
    request: Request, app: TheApp, caller: TheCaller, asked: Question, locale: Locale
) -> object:
    """Who was in scope, whom each step reached, who became a friend: by source and step.

    With `Accept: text/csv` it is a file, as under `.csv`."""
    if _wants_csv(request):
        return _csv(request, app, "cascade", asked, locale, caller.code)
    found = _plan(request, app, asked)
    return FunnelReport(
        *_state(found.seconds), _period(app, asked), FUNNEL, found.result and funnel(found.result)
    )


@router.get("/cost-per-add", response_model=CostReport, **needs("reports.read"))
def cost_per_add(
    request: Request, app: TheApp, caller: TheCaller, asked: Question, locale: Locale
) -> object:
    """What was spent on the buyers in scope, by source, step and kind, and what a friend cost.

    With `Accept: text/csv` it is a file, as under `.csv`."""
    if _wants_csv(request):
        return _csv(request, app, "cost", asked, locale, caller.code)
    found = _plan(request, app, asked)
    return CostReport(
        *_state(found.seconds),
        _period(app, asked),
        ["in_scope", "step", "cost_per_add"],
        found.result and costs(found.result),
    )


@router.get("/withheld", response_model=NotSentReport, **needs("reports.read"))
def withheld(
    request: Request, app: TheApp, caller: TheCaller, asked: Question, locale: Locale
) -> object:
    """What was wished for and not sent, by day, channel, purpose and reason.

    With `Accept: text/csv` it is a file, as under `.csv`."""
    if _wants_csv(request):
        return _csv(request, app, "withheld", asked, locale, caller.code)
    found = _withheld(request, app, asked)
    return NotSentReport(
        *_state(found.seconds),
        _period(app, asked),
        ["withheld", "wished"],
        found.result and not_sent(found.result),
    )


@router.get("/{name}.csv", response_class=File, **needs("reports.read"))
def as_csv(
    request: Request,
    app: TheApp,
    caller: TheCaller,
    name: Literal["cascade", "cost-per-add", "withheld"],
    asked: Question,
    locale: Locale,
) -> File:
    """The report as a file for a spreadsheet, in the reader's language; audited."""
    report: ReportName = "cost" if name == "cost-per-add" else name
    return _csv(request, app, report, asked, locale, caller.code)


def _wants_csv(request: Request) -> bool:
    return CSV in request.headers.get("accept", "")


def _plan(
    request: Request, app: App, asked: Asked, patience: float = PATIENCE
) -> Found[PlanReport]:
    def work() -> PlanReport:
        with app.db.transaction() as conn:
            return reports.plan(conn, asked, app.brand.time_zone, app.clock.now())

    return the_kept(request).ask(("plan", asked), work, patience)


def _withheld(
    request: Request, app: App, asked: Asked, patience: float = PATIENCE
) -> Found[WithheldReport]:
    def work() -> WithheldReport:
        with app.db.transaction() as conn:
            return reports.withheld(conn, asked, app.brand.time_zone, app.clock.now())

    return the_kept(request).ask(("withheld", asked), work, patience)


def _csv(request: Request, app: App, name: ReportName, asked: Asked, locale: str, who: str) -> File:
    found: Found[PlanReport] | Found[WithheldReport]
    if name == "withheld":
        found = _withheld(request, app, asked, EXPORT_PATIENCE)
    else:
        found = _plan(request, app, asked, EXPORT_PATIENCE)
    if found.result is None:
        raise Busy(
            Sentence(
                "The report is still being worked out; ask for it again in a moment.",
                "报表还在计算；请稍后再要。",
            )
        )
    text = report_csv(name, found.result, locale)
    about = f"{name} {asked.first}/{asked.last}"
    with app.db.transaction() as conn:
        audit(conn, who or "API key", "report.export", about, "", app.clock.now())
    file = f"siyu-{name}-{asked.first}-{asked.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return File(text, headers=headers)


def _state(seconds: float | None) -> tuple[State, float]:
    return ("ready", 0.0) if seconds is None else ("working", round(seconds, 1))


def _period(app: App, asked: Asked) -> Period:
    return Period(asked.first, asked.last, app.brand.time_zone)
