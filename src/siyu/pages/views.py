"""Which pages there are, and what they say."""

from __future__ import annotations

from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.pages.check import check
from siyu.pages.decide import answered_as
from siyu.pages.model import Page, Result, Stored, Survey

SQL = load("siyu.pages")


def pages(conn: Conn, *, retired: bool = False) -> list[Stored]:
    """By code; those that were retired as well, if asked."""
    return [Stored(*row) for row in conn.fetch(SQL.pages, {"code": "", "retired": retired})]


def page(conn: Conn, code: str) -> Stored:
    """One, retired or not."""
    rows = conn.fetch(SQL.pages, {"code": code, "retired": True}) if code else []
    if not rows:
        raise NotFound(Sentence(f"There is no page {code!r}.", f"没有页面 {code!r}。"))
    return Stored(*rows[0])


def in_force(conn: Conn, code: str) -> Page | None:
    """What people see under this code; None: nothing."""
    rows = conn.fetch(SQL.page_in_force, {"code": code})
    found = check(rows[0][0]) if rows else None
    return found if isinstance(found, Page) else None


def recipient(conn: Conn, touch_id: int) -> int | None:
    """The customer whom a touch was for."""
    rows = conn.fetch(SQL.recipient, {"touch": touch_id})
    return int(rows[0][0]) if rows else None


def has_answered(conn: Conn, survey: str, of: Survey, customer: int) -> bool:
    """Whether this customer has answered this version."""
    params = {"survey": survey, "version": of.version, "customer": customer}
    told = answered_as(survey, of.version, customer, 0)
    return bool(conn.fetch(SQL.answered, {**params, "told": told})[0][0])


def results(conn: Conn, survey: str) -> list[Result]:
    """How many people gave which answer."""
    return [Result(*row) for row in conn.fetch(SQL.results, {"survey": survey})]
