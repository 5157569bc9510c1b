"""Pages inside the carrier's own application: staff sign in with it, and scripts may call it.

`GET /auth/<connector>` sends a browser to the carrier, which sends it back with a code that names
the member of staff. The state that travels with it is worth something only in the browser that
began, for ten minutes.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Annotated
from urllib.parse import quote, unquote, urlsplit

import structlog
from fastapi import APIRouter, Body
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from siyu.api.auth import ANYBODY, TheApp, needs, sessions_secret, the_app
from siyu.api.connections import Both
from siyu.api.console import GUARDS
from siyu.api.errors import siyu_error
from siyu.api.landing import PAGE
from siyu.api.session import over_https, put_cookies
from siyu.api.words import Words
from siyu.app import App, Connected, Pages
from siyu.kernel.errors import BadInput, Forged, NotFound, SiyuError, Unknown
from siyu.kernel.sentence import Sentence
from siyu.staff.actions import sessions
from siyu.staff.actions.sessions import Door, key_of

log = structlog.get_logger(__name__)
router = APIRouter(tags=["session"])
VISIT = "siyu_visit"  # what the browser keeps from the way out to the way back
PATIENCE = 600  # seconds between them
LONGEST = 500  # of the page that is wanted
_PAGE = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
NO_STORE = {"Cache-Control": "no-store", **GUARDS}
TITLE = "登录 · Sign in"


@dataclass(frozen=True)
class SignInWay:
    """A way to sign in beside code and password; a browser is sent to `path`, with `after`."""

    title: Both
    path: str


@dataclass(frozen=True)
class SignInWays:
    ways: list[SignInWay]


@dataclass(frozen=True)
class PageOfOurs:
    """The whole address of the page that asks, as the browser shows it."""

    url: Words


@dataclass(frozen=True)
class SignedPage:
    """By the name of the function of the carrier's script that takes it. Of WeCom: `config` and
    `agentConfig`; the page adds its `jsApiList`."""

    settings: dict[str, dict[str, str | int]]


@router.get("/session/ways", **ANYBODY)
def ways(app: TheApp) -> SignInWays:
    """Carriers by which staff can sign in; open to anybody, as the page to sign in is."""
    found = _signs_in(app)
    if found is None:
        return SignInWays([])
    connected, pages = found
    title = Both(pages.title.zh, pages.title[:])
    return SignInWays([SignInWay(title, f"/auth/{connected.manifest.name}")])


@router.post("/pages/signed", **needs("tasks.read", scoped=True, once=False))
def signed(app: TheApp, page: Annotated[PageOfOurs, Body()]) -> SignedPage:
    """What a page of the console's origin, opened inside the carrier, hands to its script."""
    found = app.connections.pages()
    if found is None:
        raise NotFound(Sentence("No carrier opens pages here.", "这里没有可打开页面的渠道。"))
    if not app.settings.console_url or _origin(page.url) != _origin(app.settings.console_url):
        raise BadInput(
            Sentence(
                "Only pages at `console_url` are signed.", "只能为 `console_url` 下的页面签名。"
            )
        )
    connected, pages = found
    given = pages.signed(connected.config, connected.tools, page.url)
    return SignedPage({name: dict(values) for name, values in given.items()})


async def ask(request: Request) -> Response:
    """To the carrier, and back to the page `after`, which is one of ours."""
    return await _in_words(request, _ask)


async def back(request: Request) -> Response:
    """Who it is is known: a session as any other, and on to the page that was wanted."""
    return await _in_words(request, _back)


async def _ask(request: Request, app: App) -> Response:
    connected, pages = _offered(request, app)
    after = request.query_params.get("after", "/")
    if len(after) > LONGEST or not _PAGE.fullmatch(after):
        raise BadInput(Sentence("This leads to no page of ours.", "这个地址不是本站页面。"))
    kept = f"{int(app.clock.real().timestamp())}.{secrets.token_urlsafe(24)}.{quote(after)}"
    home = f"{app.settings.console_url.rstrip('/')}/auth/{connected.manifest.name}/back"
    agent = request.headers.get("User-Agent", "")
    place = pages.ask(connected.config, home, _state(app, kept), agent)
    answer = RedirectResponse(place, 302, headers=NO_STORE)
    # lax: the way back is another site's doing, and this cookie has to come along
    answer.set_cookie(
        VISIT, kept, max_age=PATIENCE, path="/auth", secure=over_https(request), httponly=True,
        samesite="lax",
    )  # fmt: skip
    return answer


async def _back(request: Request, app: App) -> Response:
    connected, pages = _offered(request, app)
    kept, said = request.cookies.get(VISIT, ""), request.query_params
    if not _begun_here(app, kept, said.get("state", "")):
        raise Forged(
            Sentence(
                "This was not begun in this browser, or too long ago. Please begin again.",
                "登录不是在这个浏览器里发起的，或已超时，请重新登录。",
            )
        )
    code = said.get("code", "")
    if not code:
        raise Unknown(
            Sentence("You did not sign in. Please begin again.", "登录未完成，请重新登录。")
        )
    who = partial(pages.who, connected.config, connected.tools, code)
    door = Door(sessions_secret(app), request.client.host if request.client else "")
    now, real = app.clock.now(), app.clock.real()
    token = await run_in_threadpool(
        sessions.let_in, app.db, door, connected.manifest.name, who, now, real
    )
    answer = RedirectResponse(unquote(kept.split(".", 2)[2]), 303, headers=NO_STORE)
    put_cookies(app, request, answer, token)
    answer.delete_cookie(VISIT, path="/auth")
    return answer


async def _in_words(
    request: Request, act: Callable[[Request, App], Awaitable[Response]]
) -> Response:
    """What goes wrong here is read by people, in a browser: a page, in both languages."""
    try:
        return await act(request, the_app(request))
    except SiyuError as error:
        said = siyu_error(error)
        log.info("nobody was signed in", why=error.code)
        zh = error.detail.zh if isinstance(error.detail, Sentence) else error.detail
        page = PAGE.format(title=TITLE, zh=escape(zh), en=escape(error.detail[:]))
        again = '<p><a href="/">重新登录 · Sign in</a></p>'
        answer = HTMLResponse(page + again, said.status_code, headers=NO_STORE)
        answer.delete_cookie(VISIT, path="/auth")
        return answer


def _state(app: App, kept: str) -> str:
    return key_of(app.settings.derived("sign in with the carrier"), kept).hex()


def _begun_here(app: App, kept: str, state: str) -> bool:
    """The state is that of what this browser keeps, since a short while."""
    if not kept or not hmac.compare_digest(_state(app, kept).encode(), state.encode()):
        return False
    return 0 <= app.clock.real().timestamp() - int(kept.partition(".")[0]) <= PATIENCE


def _signs_in(app: App) -> tuple[Connected, Pages] | None:
    found = app.connections.pages()
    if found is None or not app.settings.console_url or not found[1].signs_in(found[0].config):
        return None
    return found


def _offered(request: Request, app: App) -> tuple[Connected, Pages]:
    found = _signs_in(app)
    if found is None or found[0].manifest.name != request.path_params["connector"]:
        raise NotFound(Sentence("Nobody can sign in by this here.", "这里没有开通这种登录方式。"))
    return found


def _origin(url: str) -> tuple[str, str]:
    try:
        found = urlsplit(url)
    except ValueError:
        return "", ""
    return found.scheme.lower(), found.netloc.lower()
