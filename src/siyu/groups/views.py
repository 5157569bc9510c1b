"""Groups by what they are for: who is in them, how full they are, who is in the wrong ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.groups.check import check
from siyu.groups.decide import due, filling
from siyu.groups.model import Chat, Entry, Filling, Plan
from siyu.kernel.sql import Conn, load

SQL = load("siyu.groups")


class Kept(NamedTuple):
    """A plan with its text."""

    plan: Plan
    text: str
    set_by: str
    set_at: datetime


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
    for _, text, by, at in conn.fetch(SQL.plans):
        plan = check(text)
        if isinstance(plan, Plan):
            found.append(Kept(plan, text, by, at))
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
        for place, at in due(one.plan.calendar, since, until, zone)
    ]
    return sorted(found, key=lambda one: (one.at, one.purpose))
