"""Pages set and retired; somebody opens one, and goes on from it to us."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.acquisition import actions as acquisition
from siyu.acquisition import views as sources
from siyu.acquisition.model import Entry
from siyu.events import actions as events
from siyu.events.model import Key, PageOpened, Payload
from siyu.kernel.errors import BadInput, NotFound, Problem
from siyu.kernel.ids import PublicIds
from siyu.kernel.seen import as_seen
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.pages.check import check, placed
from siyu.pages.model import Page, Visitor
from siyu.staff.actions import audit
from siyu.vault.model import Keys

SQL = load("siyu.pages")


class Kept(NamedTuple):
    """Which version of a page is in force now; `new`: it says something else than before."""

    code: str
    version: int
    new: bool


def read(text: str) -> Page:
    """The page of a text; BadInput with everything that is wrong."""
    found = check(text)
    if isinstance(found, tuple):
        raise BadInput(Sentence("This page can't be used.", "这个页面不能使用。"), found)
    return found


def set_page(conn: Conn, text: str, by: str, now: datetime) -> Kept:
    """Keep a page; what says the same as before is no new version. Audited."""
    page = checked(conn, text)
    rows = conn.fetch(SQL.lock_page, {"code": page.page})
    version, before, retired = rows[0] if rows else (0, "", None)
    if before == text and retired is None:
        return Kept(page.page, version, new=False)
    said = {"code": page.page, "kind": page.kind, "version": version + 1}
    conn.execute(SQL.keep_page, said)
    conn.execute(SQL.write_page, {**said, "text": text, "by": by, "now": now})
    audit(conn, by, "page.set", page.page, f"version {version + 1}", now)
    return Kept(page.page, version + 1, new=True)


def seen(conn: Conn, text: str, before: str | None) -> None:
    """Refuse this text of a page where another one is kept by now than its writer has seen; it
    stays as it is until this transaction is over."""
    code = read(text).page
    rows = conn.fetch(SQL.lock_page, {"code": code})
    as_seen(code, rows[0][1] if rows else None, before, text)


def checked(conn: Conn, text: str) -> Page:
    """The page of a text, with what it names there; BadInput with what is wrong, by its lines."""
    page = read(text)
    _known_channel(conn, page, text)
    return page


def _known_channel(conn: Conn, page: Page, text: str) -> None:
    known = [one.code for one in sources.codes(conn)]
    if page.channel and page.channel not in known:
        listed = ", ".join(known) or "–"
        why = Sentence(
            f"there is no channel code `{page.channel}`; known are {listed}",
            f"没有活码 `{page.channel}`；可用的有 {listed}",
        )
        raise BadInput(
            Sentence("This page can't be used.", "这个页面不能使用。"),
            (placed(text, Problem("channel", why)),),
        )


def retire(conn: Conn, code: str, by: str, now: datetime) -> None:
    """Nobody can open it any more; what it has brought stays. Audited."""
    if not conn.execute(SQL.retire_page, {"code": code, "now": now}):
        raise NotFound(Sentence(f"There is no page {code!r}.", f"没有页面 {code!r}。"))
    audit(conn, by, "page.retire", code, "", now)


def opened(conn: Conn, page: Page, visitor: Visitor, now: datetime) -> None:
    """A fact: of the customer whom the token names, else of nobody. Twice within a minute is once.
    Of the advertisement it tells which one it was, never which click."""
    ad = visitor.ad
    told = PageOpened(
        page=page.page,
        channel=page.channel,
        source=page.channel.partition("/")[0],
        origin=ad.get("utm_source", ""),
        medium=ad.get("utm_medium", ""),
        campaign=ad.get("utm_campaign", ""),
    )
    tell(conn, visitor.customer, [(told, f"opened/{page.page}/{visitor.host}")], now)


def enter(
    conn: Conn, keys: Keys, ids: PublicIds, page: Page, visitor: Visitor, now: datetime
) -> str:
    """A state of its own for somebody who goes on from this page to become a friend."""
    entry = Entry(page.channel, page.page, visitor.ad, visitor.customer)
    return acquisition.enter(conn, keys, ids, entry, now)


def tell(
    conn: Conn, customer: int | None, facts: Sequence[tuple[Payload, str]], now: datetime
) -> list[int]:
    """Facts of our own, each under its name, about this customer (or nobody): the new ones."""
    about = () if customer is None else subject(conn, customer)[0]
    return events.own(conn, [events.Own(one, name, now, about) for one, name in facts], now)


def subject(conn: Conn, customer: int) -> tuple[tuple[Key, ...], int | None]:
    """A key by which a fact is about this customer, and its identity."""
    return subjects(conn, [customer]).get(customer, ((), None))


def subjects(
    conn: Conn, customers: Collection[int]
) -> dict[int, tuple[tuple[Key, ...], int | None]]:
    """The same of several; who has no key of their own is missing."""
    rows = conn.fetch(SQL.subjects, {"customers": sorted(set(customers))})
    return {who: ((Key(kind, bytes(hashed)),), number) for who, kind, hashed, number in rows}
