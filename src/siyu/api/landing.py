"""`GET /a/<state>`: where a link in a text or on a card leads. It counts the click and sends the
person on to the carrier's own page, with the state that says by which order they came."""

from __future__ import annotations

from datetime import UTC

import msgspec
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from siyu.acquisition import views as acquisition
from siyu.api.auth import the_app
from siyu.api.console import GUARDS
from siyu.api.gather import the_gatherer
from siyu.app import App
from siyu.events.model import Incoming
from siyu.outbox import views as outbox
from siyu.outbox.model import PREFIX

log = structlog.get_logger(__name__)
SOURCE = "page"
PAGE = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><body style="font:17px/1.6 system-ui,sans-serif;margin:4em 1.5em;color:#222">
<p>{zh}</p><p>{en}</p>
"""
UNKNOWN = PAGE.format(
    title="链接无效",
    zh="这个链接无效或已失效，请联系给您发消息的商家。",
    en="This link is not valid; please ask the brand that sent it.",
)
LATER = PAGE.format(
    title="请稍后再试",
    zh="现在打不开添加页面，请稍后再点一次。您的权益会保留。",
    en="The page can't be opened right now; please try again in a while. Your benefit is kept.",
)


async def follow(request: Request) -> Response:
    """The carrier's page, whatever becomes of our own count of the click."""
    app = the_app(request)
    state = request.path_params["state"]
    known, touch = await run_in_threadpool(_behind, app, state)
    if not known:
        return HTMLResponse(UNKNOWN, 404, headers=GUARDS)
    try:
        place = await run_in_threadpool(app.connections.landing, state)
    except Exception as error:  # noqa: BLE001 - a stranger's connector may raise anything
        log.warning("a link leads nowhere", why=type(error).__name__)
        place = None
    if place is None:
        return HTMLResponse(LATER, 503, headers=GUARDS)
    if touch is not None and request.method == "GET":
        await _count(request, app, touch)
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(place, 302, headers=headers)


def _behind(app: App, state: str) -> tuple[bool, int | None]:
    """Is it a state of ours, and which touch carried it, if one did (a card is none)?"""
    with app.db.transaction() as conn:
        customer = acquisition.issued_to(conn, state)
        return customer is not None, outbox.carrying(conn, customer, state) if customer else None


async def _count(request: Request, app: App, touch: int) -> None:
    """The first click of a touch is a fact; that it could not be stored must lose nobody."""
    token = app.ids.encode(PREFIX, touch)
    clicked = Incoming(
        source=SOURCE,
        id=f"click/{token}",
        kind="link.clicked",
        occurred_at=app.clock.now().astimezone(UTC).isoformat(),
        data=msgspec.Raw(msgspec.json.encode({"touch": token})),
    )
    try:
        await the_gatherer(request).store(app, [clicked])
        app.wake()
    except Exception as error:  # noqa: BLE001 - as above
        log.warning("a click was not counted", why=type(error).__name__)
