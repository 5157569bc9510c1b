"""`GET /l/<letters>`: a short link of a text. It counts the click and sends the person on to the
address that the brand wrote into the material, and nowhere else."""

from __future__ import annotations

import re
import time
from datetime import UTC

import msgspec
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from siyu.api.auth import the_app
from siyu.api.console import GUARDS
from siyu.api.gather import the_gatherer
from siyu.api.landing import PAGE, SOURCE, UNKNOWN
from siyu.api.pages import addressed, is_a_page
from siyu.app import App
from siyu.events.model import Incoming
from siyu.outbox import views as outbox
from siyu.outbox.model import PREFIX
from siyu.outbox.render import behind
from siyu.pages import views as pages

log = structlog.get_logger(__name__)
MOST = 500  # followed in a second by one process: above, people are asked to tap again
# Who looks at a link before, or instead of, a person: previews of messengers, search engines.
_LOOKS = re.compile(
    r"bot\b|bot/|spider|crawl|preview|facebookexternalhit|facebot|whatsapp|slurp|headless|"
    r"python-requests|curl/|wget/|go-http-client|okhttp",
    re.IGNORECASE,
)
_AHEAD = ("sec-purpose", "purpose", "x-purpose", "x-moz")  # headers of what is fetched ahead
_EARLY = re.compile("prefetch|preview", re.IGNORECASE)
BUSY = PAGE.format(
    title="请稍后再试",
    zh="打开的人太多了，请过几秒再点一次。",
    en="Too many people open links right now; please tap again in a few seconds.",
)


class Flow:
    """How many links a process follows in a second; lives on the event loop, so it needs no
    lock."""

    def __init__(self) -> None:
        self._second = 0
        self._count = 0

    def takes(self) -> bool:
        """Whether one more may go."""
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._count = second, 0
        self._count += 1
        return self._count <= MOST


async def go(request: Request) -> Response:
    """The published address, whatever becomes of our own count of the click."""
    app, letters = the_app(request), request.path_params["letters"]
    flow: Flow = request.app.state.flow
    if not flow.takes():
        return HTMLResponse(BUSY, 429, headers={**GUARDS, "Retry-After": "2"})
    found = behind(app.ids, letters)
    link = None if found is None else await run_in_threadpool(_link, app, *found)
    if found is None or link is None:
        return HTMLResponse(UNKNOWN, 404, headers=GUARDS)
    name, address = link
    if is_a_click(request):
        await _count(request, app, found[0], letters, name)
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(address, 302, headers=headers)


def _link(app: App, touch_id: int, place: int) -> tuple[str, str] | None:
    """The name and the address of a link; a page of ours is told who opens it."""
    with app.db.transaction() as conn:
        found = outbox.link(conn, touch_id, place)
        if found is None or not is_a_page(app, found[1]):
            return found
        who = pages.recipient(conn, touch_id)
        return found[0], found[1] if who is None else addressed(app, conn, found[1], who)


def is_a_click(request: Request) -> bool:
    """Whether a person opens it, as far as can be told."""
    ahead = any(_EARLY.search(request.headers.get(name, "")) for name in _AHEAD)
    agent = request.headers.get("user-agent", "")
    return request.method == "GET" and not ahead and not _LOOKS.search(agent)


async def _count(request: Request, app: App, touch_id: int, letters: str, name: str) -> None:
    """A fact for each click; twice within a minute is once, so that whoever holds a link down
    writes no more than that. That it could not be stored must lose nobody."""
    now = app.clock.now().astimezone(UTC)
    clicked = Incoming(
        source=SOURCE,
        id=f"click/{letters}/{now:%Y%m%dT%H%M}",
        kind="link.clicked",
        occurred_at=now.isoformat(),
        data=msgspec.Raw(
            msgspec.json.encode({"touch": app.ids.encode(PREFIX, touch_id), "link": name})
        ),
    )
    try:
        await the_gatherer(request).store(app, [clicked])
        app.wake()
    except Exception as error:  # noqa: BLE001 - whatever it is, the person goes on
        log.warning("a click was not counted", why=type(error).__name__)
