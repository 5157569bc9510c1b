"""A page as somebody has it before them, drawn anew with each answer; what no kind of page differs
in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from starlette.responses import HTMLResponse, Response

from siyu.app import App
from siyu.events.sweep import passing
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.pages.model import Page, Visitor
from siyu.pages.render import Shown, add_us, page, policy
from siyu.pages.render import token as letters

NOBODY = Sentence(
    "Open the link in the message that you got from us: then we know that it is you. Not with us"
    " yet? Add us.",
    "请从我们发给您的消息里打开链接，这样我们才知道是您。还没有添加我们？请先添加。",
)
NOTHING: Mapping[str, str] = {}
T = TypeVar("T")


class Opening(NamedTuple):
    """A page as somebody has it before them. `shows`: what its kind shows below the page's own
    words; `said`: what a form has sent, `once`: what names that sending."""

    app: App
    page: Page
    visitor: Visitor
    shown: Shown
    query: Mapping[str, str]
    shows: Callable[[Opening], list[str]]
    said: Mapping[str, str] = NOTHING
    once: str = ""

    @property
    def who(self) -> int:
        """The customer; only asked where there is one."""
        if self.visitor.customer is None:
            raise LookupError
        return self.visitor.customer


def draw(opening: Opening, status: int = 200, before: str = "") -> Response:
    """The page with a new form; `before` stands above what its kind shows."""
    app, now = opening.app, opening.app.clock.now()
    secret = app.settings.derived(letters.PURPOSE)
    form = letters.form(secret, opening.shown.path, secrets.token_hex(8), now)
    ad = tuple(sorted(opening.visitor.ad.items()))
    fresh = opening._replace(shown=opening.shown._replace(form=form, ad=ad))
    known = opening.visitor.customer is not None or opening.page.kind == "entry"
    parts = fresh.shows(fresh) if known else stranger(fresh)
    return answer(page(fresh.shown, opening.page, [before, *parts]), opening.page, status)


def again(opening: Opening, work: Callable[[Conn], T]) -> T:
    """In a transaction; once more where it met somebody crosswise: `once` makes that safe."""
    try:
        with opening.app.db.transaction() as conn:
            return work(conn)
    except Exception as error:
        if not passing(error):
            raise
    with opening.app.db.transaction() as conn:
        return work(conn)


def stranger(opening: Opening) -> list[str]:
    """What somebody may do of whom nobody knows who it is."""
    return [f"<p>{opening.shown.say(NOBODY)}</p>", add_us(opening.shown, opening.page)]


def answer(
    html: str, of: Page | None, status: int = 200, more: Mapping[str, str] = NOTHING
) -> Response:
    """HTML that nobody keeps, frames, or learns an address from."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy(of),
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept-Language",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(html, status, headers={**headers, **more})


def note(shown: Shown, title: str, words: str = "", *, bad: bool = True) -> str:
    """A few words above a page."""
    look = ' class="bad" role="alert"' if bad else ' class="card" role="status"'
    more = f"<br>{shown.say(words)}" if words else ""
    return f"<p{look}>{shown.say(title)}{more}</p>"
