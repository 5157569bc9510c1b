"""What can be seen of journeys: texts, who stands where and why, when work is next due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, cast

from siyu.journeys.check import check
from siyu.journeys.check import starts as starts_at_once
from siyu.journeys.check.diff import Change, compare
from siyu.journeys.model import Journey
from siyu.journeys.predicates.conditions import predicates
from siyu.kernel.document import read as parsed
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load, paged
from siyu.segments import views as segments
from siyu.segments.compile import compile_tree
from siyu.segments.model import Family, Form, Leaf, Tree, Words
from siyu.segments.predicates import FAMILIES
from siyu.segments.views.stored import looked_up

SQL = load("siyu.journeys")
STATES = ("under_way", "ended", "parked")
MOST = 10_001  # counts stop here: it stands for "more than 10,000"
_CACHED = 256


class Listed(NamedTuple):
    """A journey. `version` None: it takes nobody in; `title` then is the latest text's."""

    id: int
    code: str
    title: Words
    version: int | None
    published_at: datetime | None
    playbook: str
    pilot: int | None  # only so many customers enter on the published version; None: everybody
    piloted: int | None  # so many have
    waiting: int | None  # the version that waits for a second person


class Current(NamedTuple):
    """What a journey says now: the published text, or else (`published` False) the latest."""

    id: int
    code: str
    version: int
    text: str
    published_at: datetime | None
    published: bool
    latest: int  # the highest number that there is
    playbook: str
    pilot: int | None
    piloted: int | None


class Stands(NamedTuple):
    """The text that a journey has now; not `live`: it is a draft, and takes nobody in."""

    code: str
    text: str
    live: bool


class Version(NamedTuple):
    """One version of a journey, as it was written."""

    code: str
    version: int
    text: str
    published_at: datetime | None


class VersionLine(NamedTuple):
    """One version of a journey; `changes` against the one before."""

    version: int
    published_at: datetime | None
    published: bool
    under_way: int
    parked: int
    changes: list[Change]


class Waiting(NamedTuple):
    """A version that waits for a second person. `pilot` None: for everybody."""

    code: str
    version: int
    pilot: int | None
    people: int
    cost_minor: int
    currency: str
    asked_by: str
    asked_at: datetime


class Decision(NamedTuple):
    """What became of a version that waited: `approved`, or `refused` for this reason."""

    code: str
    version: int
    pilot: int | None
    people: int
    asked_by: str
    asked_at: datetime
    state: str
    decided_by: str
    decided_at: datetime
    reason: str


class Published(NamedTuple):
    """A journey that takes customers in."""

    id: int
    version: int
    journey: Journey


class Whereabouts(NamedTuple):
    """Where a customer is in a journey, since when, and when it goes on at the latest."""

    visit_id: int
    journey: str
    version: int
    customer_id: int
    key: str
    node: str
    state: str
    since: datetime
    entered_at: datetime
    ended_at: datetime | None
    due_at: datetime | None
    outcome: str
    held_out: bool
    error: str | None
    waiting_for: Sequence[str] = ()  # known where single visits are asked for


class Moved(NamedTuple):
    """One line of a visit's history."""

    visit_id: int
    at: datetime
    node: str
    why: str


class Entered(NamedTuple):
    """What became of an event that could have started a visit."""

    journey: str
    event_id: int | None  # None: it was no event, but `cause`
    shop: str
    order_no: str
    visit_id: int | None
    outcome: str
    reason: str
    at: datetime
    cause: str


class GoalReached(NamedTuple):
    """A goal that a visit has come to, and when it first did."""

    visit_id: int
    goal: str
    reached_at: datetime


def listing(conn: Conn, after: int = 0, limit: int | None = None) -> list[Listed]:
    """Journeys with an id above `after`, in the order in which they came; without a limit: all."""
    return [
        Listed(id_, code, title_of(text), published, at if published else None, *rest)
        for id_, code, published, _, at, text, *rest in conn.fetch(
            SQL.list, {"after": after, "limit": limit}
        )
    ]


def said(conn: Conn) -> list[Stands]:
    """What every journey says now: the published text, or else the latest."""
    rows = conn.fetch(SQL.list, {"after": 0, "limit": None})
    return [
        Stands(code, text, published is not None) for _, code, published, _, _, text, *_ in rows
    ]


def current(conn: Conn, code: str) -> Current:
    """What a journey says now, published or not."""
    rows = conn.fetch(SQL.current, {"code": code})
    if not rows:
        raise NotFound(Sentence(f"There is no journey {code!r}.", f"没有旅程 {code!r}。"))
    return Current(*rows[0])


@lru_cache(_CACHED)
def title_of(text: str) -> Words:
    """What a stored text is called, also one that this release can't read otherwise."""
    found = parsed(text).value
    title = cast("dict[str, object]", found).get("title") if isinstance(found, dict) else None
    said = cast("dict[str, object]", title) if isinstance(title, dict) else {}
    return Words(str(said.get("zh", "")), str(said.get("en", "")))


def get(conn: Conn, code: str, version: int | None = None) -> Version:
    """One version of a journey; without a number, the published one."""
    rows = conn.fetch(SQL.get, {"code": code, "version": version})
    if not rows:
        which = (
            Sentence(" that is published", "已发布的版本")
            if version is None
            else Sentence(f" in version {version}", f"的第 {version} 版")
        )
        raise NotFound(
            Sentence(f"There is no journey {code!r}{which}.", f"没有旅程 {code!r} {which.zh}。")
        )
    return Version(*rows[0])


def versions(conn: Conn, code: str) -> list[VersionLine]:
    """Every version of a journey, the first one first."""
    rows = conn.fetch(SQL.version_list, {"code": code, "most": MOST})
    if not rows:
        raise NotFound(Sentence(f"There is no journey {code!r}.", f"没有旅程 {code!r}。"))
    said = [[], *(compare(old, new) for (*_, old), (*_, new) in pairwise(rows))]
    return [
        VersionLine(version, at, published, under_way, parked, lines)
        for (version, at, published, under_way, parked, _), lines in zip(rows, said, strict=True)
    ]


def waiting(conn: Conn) -> list[Waiting]:
    """What waits for a second person's approval, the longest first."""
    return [Waiting(*row) for row in conn.fetch(SQL.waiting)]


def decided(conn: Conn, limit: int = 20) -> list[Decision]:
    """What waits no more, the latest first."""
    return [Decision(*row) for row in conn.fetch(SQL.answered, {"code": None, "limit": limit})]


def where(conn: Conn, customer_ids: Sequence[int]) -> list[Whereabouts]:
    """Where these customers are, and have been, in every journey; the latest first."""
    return _whereabouts(conn, SQL.where, {"customers": sorted(set(customer_ids))})


def visits(conn: Conn, visit_ids: Sequence[int]) -> list[Whereabouts]:
    """These visits."""
    return _whereabouts(conn, SQL.visits, {"ids": sorted(set(visit_ids))})


def parked(conn: Conn, journey: str = "", limit: int = 100) -> list[Whereabouts]:
    """Visits (of a journey) that wait for a person, with their error; the latest first."""
    return _whereabouts(conn, SQL.parked, {"journey": journey, "limit": limit})


def moves(conn: Conn, visit_ids: Sequence[int]) -> dict[int, list[Moved]]:
    """The history of visits: which way they came, and why."""
    found: dict[int, list[Moved]] = {}
    for row in conn.fetch(SQL.moves, {"ids": sorted(set(visit_ids))}):
        found.setdefault(row[0], []).append(Moved(*row))
    return found


def goals(conn: Conn, code: str) -> dict[tuple[str, bool], int]:
    """(goal, held out) → how many visits of a journey have reached it."""
    return {(row[0], row[1]): row[2] for row in conn.fetch(SQL.goals, {"code": code})}


def reached(conn: Conn, visit_ids: Sequence[int]) -> list[GoalReached]:
    """The goals of these visits."""
    rows = conn.fetch(SQL.goals_of, {"ids": sorted(set(visit_ids))})
    return [GoalReached(*row) for row in rows]


def entries(conn: Conn, customer_id: int) -> list[Entered]:
    """Each event of a customer that could have started a visit, and what became of it."""
    return [Entered(*row) for row in conn.fetch(SQL.entries_of, {"customer": customer_id})]


# ── For the engine ───────────────────────────────────────────────────────────────────────────────


def published(conn: Conn, families: Iterable[Family]) -> list[Published]:
    """The journeys that take customers in. One that this release can't read takes nobody."""
    found = (
        (id_, version, read(text, families)) for id_, _, version, text in conn.fetch(SQL.published)
    )
    return [Published(id_, version, one) for id_, version, one in found if one is not None]


def starts(conn: Conn, families: Sequence[Family]) -> dict[str, frozenset[str]]:
    """Each published journey that can be read, with those that it starts before any wait."""
    found = conn.fetch(SQL.published)
    return {
        code: starts_at_once(text, families)
        for _, code, _, text in found
        if read(text, families) is not None
    }


def unreadable(conn: Conn, families: Iterable[Family]) -> list[str]:
    """Published journeys that this release can't read: they take nobody in until mended."""
    return [code for _, code, _, text in conn.fetch(SQL.published) if read(text, families) is None]


def read(text: str, families: Iterable[Family]) -> Journey | None:
    """A stored text as a journey, parsed once per process; None if this release can't read it."""
    return _read(text, tuple(form for family in families for form in family.forms))


@lru_cache(_CACHED)
def _read(text: str, forms: tuple[type[Form], ...]) -> Journey | None:
    found = check(text, (Family("all", Words("", ""), forms),))
    return found if isinstance(found, Journey) else None


def truths(
    conn: Conn, trees: Iterable[Tree], customer_ids: Collection[int], now: datetime
) -> dict[int, frozenset[Form]]:
    """Which predicates in these conditions hold for whom: one query per distinct predicate."""
    true: dict[int, set[Form]] = {customer_id: set() for customer_id in customer_ids}
    forms = sorted(predicates(trees), key=repr)
    sets = looked_up(conn, map(Leaf, forms), FAMILIES) if customer_ids else []
    for form, tree in zip(forms, sets, strict=False):
        for customer_id in segments.matching(conn, compile_tree(tree), customer_ids, now):
            true[customer_id].add(form)
    return {customer_id: frozenset(forms) for customer_id, forms in true.items()}


def _whereabouts(conn: Conn, sql: str, params: dict[str, object]) -> list[Whereabouts]:
    rows = (Whereabouts(*row) for row in conn.fetch(sql, params))
    return [row._replace(state=STATES[int(row.state)]) for row in rows]


def page(
    conn: Conn, after: int, limit: int, *, customer: int | None, journey: str, state: str
) -> tuple[list[Whereabouts], int]:
    """Visits with an id above `after`, in id order; and the id up to which was looked."""
    filters = {"journey": journey, "state": STATES.index(state) if state else None}
    if customer is None:
        rows, end = paged(conn, SQL.page, SQL.page_end, after, limit, filters)
    else:
        params = {**filters, "after": after, "limit": limit, "customer": customer}
        rows = conn.fetch(SQL.page_of, params)
        end = int(rows[-1][0]) if rows else after
    found = [Whereabouts(*row) for row in rows]
    return [row._replace(state=STATES[int(row.state)]) for row in found], end
