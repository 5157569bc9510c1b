"""Reports: the funnel of a period, what a friend cost, what was not sent; as JSON and as CSV.

A report over a long time takes a while: `state` is `working` until it is there, with the last one
(`fresh.as_of` says of when) if there is one. Ask again, until it is `ready`. Amounts of people are
whole, rates are shares (0.48), intervals hold 95 %; what each figure means: docs/guides/reports.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import Response

from siyu.acquisition import views as acquisition
from siyu.analytics.model import (
    Asked,
    Compared,
    Counted,
    Counts,
    Definition,
    PlanReport,
    ReportName,
    Which,
    WithheldReport,
)
from siyu.analytics.render import report_csv
from siyu.analytics.views import reports
from siyu.analytics.views.counted import check, counted
from siyu.analytics.views.masked import UNKNOWN, Masked
from siyu.analytics.views.masked import people as people_of
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.figures import (
    BeforeReport,
    CostReport,
    FunnelReport,
    NotSentReport,
    Period,
    State,
    costs,
    falls,
    funnel,
    not_sent,
)
from siyu.api.kept import EXPORT_PATIENCE, PATIENCE, Found, the_kept
from siyu.api.paging import After, Code, following, start
from siyu.app import App
from siyu.commerce import views as commerce
from siyu.kernel.errors import BadInput, Busy
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
Report = Literal["cascade", "cost-per-add", "withheld"]
COUNTED: Mapping[Report, frozenset[Counts]] = {
    "cascade": frozenset(get_args(Counts)) - {"withheld"},
    "cost-per-add": frozenset({"friends", "won"}),
    "withheld": frozenset({"withheld"}),
}


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


def _pressed(
    of: Annotated[Counts, Query(description="The number whose list is asked for.")],
    step: Code = "",
    channel: Code = "",
    purpose: Code = "",
    reason: Code = "",
) -> Which:
    return Which(of, step, channel, purpose, reason)


Pressed = Annotated[Which, Depends(_pressed)]


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


@dataclass(frozen=True)
class BehindRow:
    """One whom a number counts. `at`: of buyers when they ordered, of friends when they added, of a
    step when it first reached them. `touch` and what follows are of a touch that was not sent."""

    customer: str
    name_masked: str
    phone_masked: str
    at: datetime
    touch: str
    step: str
    channel: str
    purpose: str
    reason: str


@dataclass(frozen=True)
class Behind:
    """`state` working: the page is not there yet; ask for the same one again."""

    state: State
    rows: list[BehindRow]
    next: str


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


@router.get("/cascade/before", **needs("reports.read"))
def cascade_before(request: Request, app: TheApp, asked: Question) -> BeforeReport:
    """The funnel of the period before, when it was as old as this one is, and what fell since."""

    def work() -> Compared:
        with app.db.transaction() as conn:
            here = reports.plan(conn, asked, app.brand.time_zone, app.clock.now())
        with app.db.transaction() as conn:
            return reports.compared(conn, app.brand.time_zone, app.clock.now(), here)

    found = the_kept(request).ask(("before", asked), work, PATIENCE)
    return BeforeReport(
        *_state(found.seconds),
        _period(app, reports.before(asked)),
        found.result and funnel(found.result.report),
        falls(found.result) if found.result else [],
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


@router.get("/{report}/people", **needs("reports.read"))
def people(
    request: Request,
    app: TheApp,
    report: Annotated[Report, Path(description="The report whose number was pressed.")],
    which: Pressed,
    asked: Question,
    after: After = "",
    limit: Annotated[int, Query(ge=1, le=200, description="So many at most.")] = 50,
) -> Behind:
    """Exactly those whom a number of a report counts, the newest first, masked; of what was
    withheld the touches, with their reasons. At the end `next` is empty, unless it is `working`."""
    if which.figure not in COUNTED[report]:
        raise BadInput(
            Sentence(
                f"`{which.figure}` is no figure of the report {report}.",
                f"报表 {report} 里没有 `{which.figure}` 这个数字。",
            )
        )
    before = start(app, after) if after else None
    with app.db.transaction() as conn:
        check(conn, asked, which)  # what can't be asked is refused at once, not beside the request

    def work() -> list[Counted]:
        with app.db.transaction() as conn:
            now = app.clock.now()
            return counted(conn, asked, which, app.brand.time_zone, now, before, limit + 1)

    key = ("people", asked, which, before, limit)
    found = the_kept(request).ask(key, work, PATIENCE).result
    if found is None:
        return Behind("working", [], after)
    shown = found[:limit]
    with app.db.transaction() as conn:
        known = people_of(conn, app.keys, [one.customer_id for one in shown])
    rows = [_row(app, one, known.get(one.customer_id, UNKNOWN), report) for one in shown]
    return Behind("ready", rows, following(app, shown[-1].id) if len(found) > limit else "")


def _row(app: App, one: Counted, person: Masked, report: Report) -> BehindRow:
    return BehindRow(
        app.ids.encode("cus", one.customer_id),
        *person,
        one.at,
        app.ids.encode("tch", one.id) if report == "withheld" else "",
        *one[3:],
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
