"""Which materials there are, what they say, and who has reviewed them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from siyu.content.model import FALLBACK, Material, Shelved, State
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, Row, load

SQL = load("siyu.content")
REVIEWED: tuple[State, ...] = ("approved",)
UNREVIEWED: tuple[State, ...] = ("approved", "in_review", "draft")


def shelf(
    conn: Conn, codes: Collection[str] | None = None, *, unreviewed: bool = False
) -> dict[str, Shelved]:
    """What may be sent of these, or of all, by code. `unreviewed`: nobody needs to approve it."""
    params = {
        "codes": None if codes is None else sorted(set(codes)),
        "states": list(UNREVIEWED if unreviewed else REVIEWED),
    }
    found: dict[str, Shelved] = {}
    texts: dict[str, dict[str, list[Material]]] = {}
    for code, version, since, until, retired, fit, *rest in conn.fetch(SQL.shelf, params):
        one, its = Material(code, *rest), texts.setdefault(code, {})
        its.setdefault(one.locale, []).append(one)
        found[code] = Shelved(code, version, since, until, retired, fit, its)
    return found


def materials(conn: Conn, codes: Sequence[str]) -> dict[tuple[str, str], Material]:
    """(code, locale) → the newest text, reviewed or not, for both languages: one stands in where
    the other is missing. Of variants the first: for people to look at, not to be sent."""
    found: dict[tuple[str, str], Material] = {}
    for code, one in shelf(conn, codes, unreviewed=True).items():
        for locale, other in FALLBACK.items():
            found[code, locale] = (one.texts.get(locale) or one.texts[other])[0]
    return found


def listing(conn: Conn) -> list[Material]:
    """Every text in use, in every language and variant."""
    found = shelf(conn, unreviewed=True).values()
    return [text for one in found if not one.retired for its in one.texts.values() for text in its]


class Listed(NamedTuple):
    """A material with its newest version."""

    code: str
    channel: str
    kind: str
    title: str
    tags: list[str]
    owner: str
    valid_from: date | None
    valid_until: date | None
    playbook: str
    retired_at: datetime | None
    retired_by: str
    version: int
    state: State
    made_by: str
    made_at: datetime | None


class Version(NamedTuple):
    """What became of one; `made_at` is not known of what came with a test or a tool."""

    version: int
    state: State
    made_by: str
    made_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    why: str


def listed(
    conn: Conn, *, kind: str = "", tag: str = "", state: str = "", retired: bool = False
) -> list[Listed]:
    """The shelf, for people to look through."""
    params = {"code": "", "kind": kind, "tag": tag, "state": state, "retired": retired}
    return [_listed(row) for row in conn.fetch(SQL.about, params)]


def one(conn: Conn, code: str) -> tuple[Listed, list[Version]]:
    """A material and its versions, the newest first."""
    params = {"code": code, "kind": "", "tag": "", "state": "", "retired": True}
    rows = conn.fetch(SQL.about, params) if code else []
    if not rows:
        raise NotFound(Sentence(f"There is no material {code!r}.", f"没有素材 {code!r}。"))
    versions = [Version(*row) for row in conn.fetch(SQL.versions, {"code": code})]
    return _listed(rows[0]), versions


def texts(conn: Conn, code: str, version: int) -> list[Material]:
    """What a version says, each language and variant."""
    rows = conn.fetch(SQL.texts, {"code": code, "version": version})
    return [Material(*row) for row in rows]


def intercepted(conn: Conn) -> dict[str, bool]:
    """What the brand has added to the words that carriers intercept (False), or allows (True)."""
    return {row[0]: row[1] for row in conn.fetch(SQL.intercepted)}


def _listed(row: Row) -> Listed:
    return Listed(*row)
