"""The HTTP application: routes of every room, errors as problem+json, one OpenAPI document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI

from siyu import __version__
from siyu.api import (
    accounts,
    acquisition,
    advice,
    allotments,
    approvals,
    audit,
    before,
    brought,
    budget,
    calendar,
    care,
    carrier,
    catalogue,
    children,
    claims,
    colleagues,
    conditions,
    connections,
    console,
    credit,
    customers,
    desk,
    drafts,
    drawing,
    dryruns,
    entries,
    errors,
    events,
    group_plans,
    group_posts,
    groups,
    handovers,
    hooks,
    identities,
    imports,
    journeys,
    landing,
    layers,
    ledger,
    lifecycle,
    links,
    lists,
    live,
    matches,
    materials,
    members,
    metrics,
    moments,
    names,
    offers,
    once,
    openapi,
    opened,
    orders,
    outbox,
    overview,
    pages,
    parcels,
    payments,
    people,
    person,
    playbooks,
    presses,
    prices,
    questions,
    reports,
    reservations,
    reveals,
    segments,
    session,
    settings,
    shipped,
    sizes,
    slot_days,
    slots,
    staff,
    starting,
    stock,
    subscribers,
    surveys,
    tags,
    tasks,
    team,
    traffic,
    trials,
    uses,
    visits,
    warehouses,
    waves,
    ways,
    welcomes,
    worked,
)
from siyu.api.auth import TheApp
from siyu.api.gather import gatherer_of_facts
from siyu.api.kept import Kept
from siyu.api.pressure import Gate
from siyu.app import App
from siyu.events import views as events_views

PREFIX = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = (
    session.router,
    carrier.router,
    events.router,
    overview.router,
    live.router,
    names.router,
    connections.router,
    people.router,
    person.router,
    care.router,
    children.router,
    customers.router,
    identities.router,
    outbox.router,
    budget.router,
    desk.router,
    team.router,
    tags.router,
    tasks.router,
    reveals.router,
    lists.router,
    segments.router,
    layers.router,
    members.router,
    catalogue.router,
    conditions.router,
    staff.router,
    colleagues.router,
    traffic.router,
    worked.router,
    accounts.router,
    handovers.router,
    ways.router,
    groups.router,
    group_plans.router,
    group_posts.router,
    matches.router,
    matches.friends,
    drawing.router,
    dryruns.router,
    journeys.router,
    lifecycle.router,
    advice.router,  # before what is called by a name
    playbooks.router,
    brought.router,
    before.router,
    starting.router,
    approvals.router,
    trials.router,
    entries.router,
    acquisition.router,
    orders.router,
    parcels.router,
    warehouses.router,
    shipped.router,
    settings.router,
    prices.router,
    materials.router,
    moments.router,
    presses.router,
    stock.router,
    visits.router,
    waves.router,
    allotments.router,
    reservations.router,
    offers.router,
    sizes.router,
    payments.router,
    credit.router,
    ledger.router,
    welcomes.router,
    questions.router,
    reports.router,
    imports.router,
    audit.router,
    subscribers.router,
    pages.router,
    drafts.router,
    surveys.router,
    slot_days.router,
    slots.router,
    uses.router,
    calendar.router,
)


@dataclass(frozen=True)
class Health:
    """`waiting` events are accepted and not applied yet."""

    status: str
    version: str
    waiting: int


def make(app: App) -> FastAPI:
    """The application around a wired App."""
    return around(app, routed())


def around(app: App, api: FastAPI) -> FastAPI:
    """These routes answer for this App from now on."""
    api.state.siyu = app
    api.state.gate = Gate()
    api.state.gatherer = gatherer_of_facts()
    api.state.reserving = reservations.gatherer()
    api.state.flow = links.Flow()
    api.state.pages_flow = links.Flow()
    api.state.crowd = opened.Crowd()
    api.state.live = live.Live(app)
    api.state.kept = Kept()
    api.state.counted = Kept("siyu-count", worth=segments.WORTH)
    api.state.cohorts = overview.Cohorts(api.state.kept)
    return api


def routed() -> FastAPI:
    """All routes, and nobody behind them yet."""
    api = FastAPI(
        title="Siyu",
        version=__version__,
        description="A brand's private domain: facts in, touches out, every one explained.",
        redoc_url=None,
    )
    once.install(api)
    errors.install(
        api,
        unbounded=(
            f"{PREFIX}/events",
            f"{PREFIX}/imports",
            f"{PREFIX}/moments/media",
            f"{PREFIX}/materials/pictures",
        ),
    )

    @api.get("/healthz", tags=["health"])
    def healthz(app: TheApp) -> Health:
        """Whether database and queue are well. Open to anybody: it tells nothing of customers."""
        with app.db.transaction() as conn:
            return Health("ok", __version__, events_views.backlog(conn))

    # The two hot doors are plain Starlette; their part of the OpenAPI document is written below.
    # They come first: all the others are put together when one of them is first looked for, which
    # takes a second, and some vendors wait no longer for their answer.
    api.add_route(f"{PREFIX}/events", events.ingest, methods=["POST"])
    api.add_route("/hooks/{connector}/{rest:path}", hooks.receive, methods=["GET", "POST"])
    api.add_route("/a/claim/{token}", claims.page, methods=["GET", "POST"])
    api.add_route("/a/{state}", landing.follow, methods=["GET"])
    api.add_route("/l/{letters}", links.go, methods=["GET"])
    api.add_route("/p/{code}", opened.go, methods=["GET", "POST"])
    api.add_route("/p/{code}/{token}", opened.go, methods=["GET", "POST"])
    api.add_route("/auth/{connector}", carrier.ask, methods=["GET"])
    api.add_route("/auth/{connector}/back", carrier.back, methods=["GET"])
    for router in ROUTERS:
        api.include_router(router, prefix=PREFIX, responses={"default": errors.OPENAPI})
    api.include_router(metrics.router, responses={"default": errors.OPENAPI})
    console.install(api)
    _document(api)
    return api


def _document(api: FastAPI) -> None:
    drawn = api.openapi

    def drawn_once() -> dict[str, Any]:
        if api.openapi_schema is not None:
            return api.openapi_schema
        document = drawn()
        for methods in document["paths"].values():
            for method, operation in methods.items():
                if method != "get" and operation.get("x-once"):
                    operation.setdefault("parameters", []).append(once.OPENAPI)
        document["paths"].setdefault(f"{PREFIX}/events", {})["post"] = events.OPENAPI
        document["paths"]["/hooks/{connector}/receipts"] = {"post": hooks.OPENAPI}
        openapi.complete(document)
        return document

    api.openapi = drawn_once  # type: ignore[method-assign]
