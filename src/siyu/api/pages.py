"""The brand's own pages as texts: kept, shown, retired; and a link to one for a customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query
from pydantic import StringConstraints

from siyu.analytics.views.people import within
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.words import Who, Words
from siyu.app import App
from siyu.identities import views as identities
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.kernel.time import zone
from siyu.pages import actions, views
from siyu.pages.check import check
from siyu.pages.model import Stored
from siyu.pages.render import token as letters
from siyu.staff.model import Scope

router = APIRouter(prefix="/pages", tags=["pages"])
Before = Annotated[str | None, StringConstraints(max_length=200_000, pattern=r"^[^\x00]*$")]
Kind = Literal["entry", "survey", "booking", "reserve", "wallet"]


@dataclass(frozen=True)
class BrandPage:
    """A page, where it is (`url`), and what it has brought: `visits` (twice within a minute is
    once), `done` (people who answered; bookings; reservations), `given`, how often somebody went
    on from it to add us, and how many `friends` came so. `title` and `channel` as its text has
    them."""

    code: str
    kind: Kind
    url: str
    text: str
    version: int
    set_by: str
    set_at: datetime
    retired_at: datetime | None
    given: int
    friends: int
    visits: int
    done: int
    title: dict[str, str]
    channel: str


@dataclass(frozen=True)
class PageSource:
    """What came by one advertisement, by its utm parameters; all empty: without any."""

    origin: str
    medium: str
    campaign: str
    visits: int
    given: int
    friends: int


@dataclass(frozen=True)
class PageSources:
    since: datetime
    sources: list[PageSource]


@dataclass(frozen=True)
class BrandPages:
    pages: list[BrandPage]


@dataclass(frozen=True)
class PageText:
    """A page as a text (YAML). `before`: its text as its writer has seen it, empty where there
    was none; refused with `overtaken` where another one is kept by now. Left out: not looked at."""

    text: Annotated[str, StringConstraints(max_length=200_000, pattern=r"^[^\x00]*$")]
    by: Words = ""
    before: Before = None


@dataclass(frozen=True)
class PageSet:
    """`new`: it says something else than the version before; `title` as its text has it."""

    code: str
    version: int
    new: bool
    title: dict[str, str]


@dataclass(frozen=True)
class PageRetired:
    code: str


@dataclass(frozen=True)
class ForWhom:
    customer: Words


@dataclass(frozen=True)
class PageLink:
    """A link for one customer: whoever has it does on the page what they may do. `until`: it is
    over then."""

    url: str
    until: datetime


@router.get("", **needs("content.read"))
def pages(
    app: TheApp,
    retired: Annotated[bool, Query(description="Those that were retired, too.")] = False,
) -> BrandPages:
    """Every page, and what it has brought."""
    with app.db.transaction() as conn:
        found = views.pages(conn, retired=retired)
    return BrandPages([shown(app, one) for one in found])


@router.get("/{page}", **needs("content.read"))
def page(app: TheApp, page: Words) -> BrandPage:
    """One page with its text, retired or not."""
    with app.db.transaction() as conn:
        return shown(app, views.page(conn, page))


@router.put("", **needs("content.write"))
def keep(app: TheApp, caller: TheCaller, new: Annotated[PageText, Body()]) -> PageSet:
    """Keep a page; people see it from then on. Audited."""
    with app.db.transaction() as conn:
        actions.seen(conn, new.text, new.before)
        found = actions.set_page(conn, new.text, caller.actor(new.by), app.clock.now())
    return PageSet(**found._asdict(), title=titled(new.text))


@router.get("/{page}/sources", **needs("content.read"))
def brought(
    app: TheApp,
    page: Words,
    back: Annotated[int, Query(ge=1, le=366, description="So many days back.")] = 30,
) -> PageSources:
    """Visits, who went on and who became a friend, by advertisement; what was opened most comes
    first, 200 at most."""
    since = app.clock.now() - timedelta(days=back)
    with app.db.transaction() as conn:
        views.page(conn, page)
        found = views.sources(conn, page, since, zone(app.brand.time_zone))
    return PageSources(since, [PageSource(*one) for one in found])


@router.post("/{page}/retire", **needs("content.write"))
def retire(app: TheApp, caller: TheCaller, page: Words, who: Who) -> PageRetired:
    """Nobody can open it any more; what it has brought stays. Audited."""
    with app.db.transaction() as conn:
        actions.retire(conn, page, caller.actor(who.by), app.clock.now())
    return PageRetired(page)


@router.post("/{page}/link", **needs("customers.care", scoped=True))
def link(app: TheApp, caller: TheCaller, page: Words, whom: Annotated[ForWhom, Body()]) -> PageLink:
    """A link to this page for a customer of one's own, to be sent to nobody else."""
    with app.db.transaction() as conn:
        return linked(app, conn, page, whom.customer, caller.scope)


def linked(app: App, conn: Conn, code: str, customer: str, scope: Scope) -> PageLink:
    """A page's link for this customer; NotFound outside of the scope."""
    number = app.ids.decode("cus", customer)
    who = None if number is None else identities.survivor(conn, [number]).get(number)
    if who is None or not within(conn, scope, [who]):
        raise NotFound(Sentence("There is no such customer.", "没有这位客户。"))
    of = views.in_force(conn, code)
    if of is None:
        raise NotFound(Sentence(f"There is no page {code!r}.", f"没有页面 {code!r}。"))
    now, key = app.clock.now(), identities.eldest(conn, who)
    if key is None:
        raise NotFound(Sentence("There is no such customer.", "没有这位客户。"))
    said = letters.token(app.settings.derived(letters.PURPOSE), app.ids, of.kind, key, now)
    return PageLink(f"{where(app, code)}/{said}", now + letters.LASTS)


def is_a_page(app: App, address: str) -> bool:
    """Whether an address leads to a page of ours."""
    return bool(app.settings.short_links) and address.startswith(where(app, ""))


def addressed(app: App, conn: Conn, address: str, identity: int) -> str:
    """The address of a page of ours, so that it knows whose this key is; where there is no such
    page it stays as it is."""
    plain, mark, query = address.partition("?")
    code = plain.removeprefix(where(app, "")).rstrip("/")
    of = views.in_force(conn, code)
    if of is None:
        return address
    now = app.clock.now()
    said = letters.token(app.settings.derived(letters.PURPOSE), app.ids, of.kind, identity, now)
    return f"{where(app, code)}/{said}{mark}{query}"


def where(app: App, code: str) -> str:
    """A page's address; without `short_links` only its path is known."""
    return f"{app.settings.short_links.rstrip('/')}/p/{code}"


def titled(text: str) -> dict[str, str]:
    """A page's title in both languages; nothing of a text that can't be read any more."""
    said = check(text)
    return {} if isinstance(said, tuple) else {"zh": said.title.zh, "en": said.title.en}


def shown(app: App, one: Stored) -> BrandPage:
    """As it is shown."""
    said = check(one.text)
    channel = "" if isinstance(said, tuple) else said.channel
    facts = one._asdict()
    return BrandPage(url=where(app, one.code), title=titled(one.text), channel=channel, **facts)
