"""`/p/<code>` and `/p/<code>/<token>`: the brand's own pages. A stranger sees what a stranger may
do; whom a token names does the rest."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from siyu.api import bookings, collected, surveys, wallet
from siyu.api import language as spoken
from siyu.api.auth import refuse_other_sites, sessions_secret, the_app
from siyu.api.links import Flow, is_a_click
from siyu.api.opening import Opening, answer, draw, note
from siyu.app import App
from siyu.customers.views import there
from siyu.identities import views as identities
from siyu.kernel.errors import Forged, Throttled
from siyu.kernel.sentence import Language, Sentence, language_of
from siyu.pages import actions, views
from siyu.pages.decide import kept
from siyu.pages.model import Page, Visitor
from siyu.pages.render import Shown, add_us, message
from siyu.pages.render import token as letters
from siyu.staff.actions.sessions import Door, tried

log = structlog.get_logger(__name__)
CODE = re.compile(r"[a-z0-9-]{1,60}")
LONGEST = 20_000  # bytes of what is posted
MOST_ADDS = 60  # from one address in a minute: many share one
GONE = (
    Sentence("Not here any more", "页面不存在"),
    Sentence("This page is over, or its link is not complete.", "这个页面已下线，或链接不完整。"),
)
OVER = (
    Sentence("Please open the link again", "请重新打开链接"),
    Sentence(
        "This link is over. Open the newest one that you got from us, or write to us.",
        "这个链接已过期。请打开我们最近发给您的链接，或直接给我们留言。",
    ),
)
AGAIN = (
    Sentence("Please send it once more", "请再提交一次"),
    Sentence("The page was open too long, nothing was kept.", "页面停留时间太长，没有保存。"),
)
BUSY = (
    Sentence("Please tap again", "请再点一次"),
    Sentence("Too many people are here; wait a few seconds.", "人太多了，请稍等几秒。"),
)
LATER = (
    Sentence("Please try again later", "请稍后再试"),
    Sentence(
        "We can't be added right now; try again in a while.", "暂时无法添加，请过一会儿再试。"
    ),
)


class Crowd:
    """How often one address goes on from pages in a minute; lives in one process, and forgets the
    minute before."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: Counter[str] = Counter()

    def takes(self, address: str) -> bool:
        """Whether one more may go."""
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._counts = minute, Counter()
        self._counts[address] += 1
        return self._counts[address] <= MOST_ADDS


SHOWS: Mapping[str, Callable[[Opening], list[str]]] = {
    "entry": lambda opening: [add_us(opening.shown, opening.page)],
    "survey": surveys.shows,
    "booking": bookings.shows,
    "reserve": collected.shows,
    "wallet": wallet.shows,
}
DOES: Mapping[tuple[str, str], Callable[[Opening], Response]] = {
    ("survey", "answer"): surveys.takes,
    ("booking", "book"): bookings.books,
    ("booking", "move"): bookings.moves,
    ("booking", "cancel"): bookings.cancels,
    ("reserve", "reserve"): collected.reserves,
    ("reserve", "cancel"): bookings.cancels,
}


async def go(request: Request) -> Response:
    """GET shows the page, POST does what its forms say."""
    app, code = the_app(request), request.path_params["code"]
    language = _language(app, request)
    plain = Shown(language, request.url.path, "")
    flow: Flow = request.app.state.pages_flow
    if not flow.takes():
        return answer(message(plain, *BUSY), None, 429, {"Retry-After": "2"})
    found = await run_in_threadpool(_found, app, code, request)
    if found is None:
        return answer(message(plain, *GONE), None, 404)
    of, visitor = found
    if visitor is None:
        return answer(message(plain, *OVER), of, 404)
    query = dict(request.query_params.items())
    opening = Opening(app, of, visitor, plain, query, SHOWS[of.kind])
    if request.method == "POST":
        return await _posted(request, opening)
    if is_a_click(request):
        await run_in_threadpool(_count, opening)
    return await run_in_threadpool(draw, opening)


def _language(app: App, request: Request) -> Language:
    """What the reader likes best; the brand's own where they say nothing."""
    said = request.headers.get(spoken.HEADER, "")
    return spoken.asked(said) if said else language_of(app.brand.locale)


def _found(app: App, code: str, request: Request) -> tuple[Page, Visitor | None] | None:
    """The page, and who looks at it; None for the second: its token is none, or over."""
    if not CODE.fullmatch(code):
        return None
    with app.db.transaction() as conn:
        of = views.in_force(conn, code)
        if of is None:
            return None
        said = request.path_params.get("token", "")
        now, secret = app.clock.now(), app.settings.derived(letters.PURPOSE)
        customer = None
        if said:
            named = letters.named(secret, app.ids, of.kind, said, now)
            customer = None if named is None else identities.still_of(conn, *named)
            if customer is None or not there(conn, [customer]):
                return of, None
    where = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")
    host = letters.host(secret, f"{said}/{where}/{agent}/{now:%Y%m%dT%H%M}")
    return of, Visitor(customer, host, kept(of, request.query_params))


def _count(opening: Opening) -> None:
    """That it could not be stored must lose nobody."""
    app = opening.app
    try:
        with app.db.transaction() as conn:
            actions.opened(conn, opening.page, opening.visitor, app.clock.now())
        app.wake()
    except Exception as error:  # noqa: BLE001 - whatever it is, the person sees the page
        log.warning("an opening was not counted", why=type(error).__name__)


async def _posted(request: Request, opening: Opening) -> Response:
    app, plain, of = opening.app, opening.shown, opening.page
    said = await _said(request)
    secret, now = app.settings.derived(letters.PURPOSE), app.clock.now()
    try:
        refuse_other_sites(request)
    except Forged:
        return answer(message(plain, *AGAIN), of, 403)
    once = letters.sent(secret, plain.path, said.get("form", ""), now)
    visitor = opening.visitor._replace(ad=kept(of, said))
    opening = opening._replace(once=once or "", visitor=visitor, said=said)
    if once is None:
        return await run_in_threadpool(draw, opening, 400, note(plain, *AGAIN))
    if said.get("do") == "add":
        crowd: Crowd = request.app.state.crowd
        if not crowd.takes(request.client.host if request.client else ""):
            return answer(message(plain, *BUSY), of, 429, {"Retry-After": "60"})
        return await run_in_threadpool(_add, opening)
    does = DOES.get((of.kind, said.get("do", "")))
    if does is None or visitor.customer is None:
        return await run_in_threadpool(draw, opening, 400)
    try:
        await run_in_threadpool(_tried, opening)
    except Throttled as error:
        words = error.detail if isinstance(error.detail, Sentence) else AGAIN[1]
        html = message(plain, LATER[0], words)
        return answer(html, of, 429, {"Retry-After": str(error.seconds)})
    return await run_in_threadpool(does, opening)


def _tried(opening: Opening) -> None:
    """Counted by customer and page. Not by address: a store's guests share one, and nobody guesses
    a token."""
    who = f"{opening.page.page} {opening.who}"
    door = Door(sessions_secret(opening.app), who)
    tried(opening.app.db, door, f"page {who}", opening.app.clock.real())


def _add(opening: Opening) -> Response:
    """On to the carrier, with a state of its own."""
    app, of = opening.app, opening.page
    if not of.channel:
        return draw(opening, 400)
    with app.db.transaction() as conn:
        state = actions.enter(conn, app.keys, app.ids, of, opening.visitor, app.clock.now())
    try:
        place = app.connections.landing(state)
    except Exception as error:  # noqa: BLE001 - a stranger's connector may raise anything
        log.warning("a page leads nowhere", why=type(error).__name__)
        place = None
    if place is None:
        return answer(message(opening.shown, *LATER), of, 503)
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(place, 303, headers=headers)


async def _said(request: Request) -> dict[str, str]:
    """The fields of a form, of several with one name each on a line; of one too long: none."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST:
            return {}
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=200)
    return {name: "\n".join(values).strip() for name, values in fields.items()}
