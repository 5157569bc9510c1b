"""Groups by what they are for: who is in them, how full they are, who is in the wrong ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.groups.check import check
from siyu.groups.decide import due, filling
from siyu.groups.model import Chat, Entry, Filling, Plan, PostState, Through
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import EARLIEST

SQL = load("siyu.groups")
MOST_POSTS = 500


class Kept(NamedTuple):
    """A plan with its text."""

    plan: Plan
    text: str
    set_by: str
    set_at: datetime
    paused_at: datetime | None = None
    paused_by: str = ""


class Figures(NamedTuple):
    """Of a purpose: customers in its groups, each once, and groups that have any."""

    members: int = 0
    chats: int = 0


class Day(NamedTuple):
    """Who came and who went."""

    purpose: str
    day: date
    joined: int
    left: int


class Odd(NamedTuple):
    """A customer in several groups of one purpose, or (`other`) of two that are kept apart."""

    purpose: str
    other: str
    customer_id: int
    chats: list[str]


class Post(NamedTuple):
    """Something that is to be said in groups of a purpose."""

    purpose: str
    at: datetime
    entry: Entry


def plans(conn: Conn) -> list[Kept]:
    """All of them, by code."""
    found: list[Kept] = []
    for _, text, *rest in conn.fetch(SQL.plans):
        plan = check(text)
        if isinstance(plan, Plan):
            found.append(Kept(plan, text, *rest))
    return found


def fillings(conn: Conn, chats: Iterable[Chat]) -> list[Filling]:
    """How full the groups of each plan are, and into which its code should lead."""
    known = list(chats)
    return [
        filling(one.plan, [chat for chat in known if one.plan.holds(chat.chat, chat.title)])
        for one in plans(conn)
    ]


def figures(conn: Conn) -> dict[str, Figures]:
    """Purpose → how many are in its groups."""
    return {purpose: Figures(members, chats) for purpose, members, chats in conn.fetch(SQL.figures)}


def days(conn: Conn, since: datetime, zone: ZoneInfo) -> list[Day]:
    """By purpose and day, the eldest first."""
    return [Day(*row) for row in conn.fetch(SQL.days, {"since": since, "zone": zone.key})]


def twice(conn: Conn, after: int, limit: int) -> list[Odd]:
    """Who is in several groups of one purpose, by id behind `after`."""
    return [Odd(*row) for row in conn.fetch(SQL.twice, {"after": after, "limit": limit})]


def mixed(conn: Conn, after: int, limit: int) -> list[Odd]:
    """Who is in groups of purposes that are kept apart, by id behind `after`."""
    return [Odd(*row) for row in conn.fetch(SQL.mixed, {"after": after, "limit": limit})]


def posts(conn: Conn, since: datetime, until: datetime, zone: ZoneInfo) -> list[Post]:
    """What the calendars say is to be said in a span, in its order."""
    found = [
        Post(one.plan.code, at, one.plan.calendar[place])
        for one in plans(conn)
        if one.paused_at is None
        for place, at in due(one.plan.calendar, since, until, zone)
    ]
    return sorted(found, key=lambda one: (one.at, one.purpose))


class Said(NamedTuple):
    """A post in one group, or in Moments (`chat` empty). `until`: so long somebody may do it by
    hand."""

    id: int
    purpose: str
    at: datetime
    material: str
    through: Through
    chat: str
    staff: str
    text: str
    state: PostState
    reason: str
    ended_at: datetime | None
    done_by: str
    until: datetime | None = None


def said(
    conn: Conn, since: datetime, ids: Collection[int] | None = None, limit: int = MOST_POSTS
) -> list[Said]:
    """What calendars have said since then, or these; the newest first."""
    params = {"since": since, "ids": None if ids is None else sorted(ids), "limit": limit}
    return [Said(*row) for row in conn.fetch(SQL.posts, params)]


def by_id(conn: Conn, ids: Collection[int]) -> list[Said]:
    """These posts, whenever they were said."""
    return said(conn, EARLIEST, ids)
