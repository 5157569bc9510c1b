"""What a carrier counts of our staff, day by day. None: it does not say, which is not 0."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Worked(NamedTuple):
    """A day of one of us, as the carrier counted it."""

    staff: str
    day: date
    chats: int | None = None
    messages: int | None = None
    reply_share: float | None = None  # of chats that customers began, 0 to 1
    reply_minutes: float | None = None  # to the first answer, on average
    lost: int | None = None  # customers who deleted or blocked them
    asked: int | None = None  # friend requests that they sent
    added: int | None = None  # new customers


class Grouped(NamedTuple):
    """A day of the group chats that one of us owns, as the carrier counted it."""

    staff: str
    day: date
    groups: int | None = None
    new_groups: int | None = None
    talking_groups: int | None = None
    members: int | None = None
    new_members: int | None = None
    talking_members: int | None = None
    messages: int | None = None


class Total(NamedTuple):
    """Some days of one of us, taken together. `days` of them are known; shares and minutes are the
    days' own, weighted by their chats; groups and members are those of the last known day."""

    staff: str
    days: int
    chats: int | None
    messages: int | None
    reply_share: float | None
    reply_minutes: float | None
    lost: int | None
    asked: int | None
    added: int | None
    groups: int | None
    new_groups: int | None
    members: int | None
    new_members: int | None
    group_messages: int | None


def totals(worked: Iterable[Worked], grouped: Iterable[Grouped]) -> list[Total]:
    """One for each of whom anything is known, by code."""
    days: dict[str, list[Worked]] = {}
    for one in worked:
        days.setdefault(one.staff, []).append(one)
    chats: dict[str, list[Grouped]] = {}
    for other in grouped:
        chats.setdefault(other.staff, []).append(other)
    return [
        _total(staff, days.get(staff, []), sorted(chats.get(staff, []), key=lambda one: one.day))
        for staff in sorted({*days, *chats})
    ]


def _total(staff: str, days: Sequence[Worked], groups: Sequence[Grouped]) -> Total:
    last = groups[-1] if groups else None
    return Total(
        staff,
        len({one.day for one in (*days, *groups)}),
        _sum(days, lambda one: one.chats),
        _sum(days, lambda one: one.messages),
        _mean(days, lambda one: one.reply_share),
        _mean(days, lambda one: one.reply_minutes),
        _sum(days, lambda one: one.lost),
        _sum(days, lambda one: one.asked),
        _sum(days, lambda one: one.added),
        last.groups if last else None,
        _sum(groups, lambda one: one.new_groups),
        last.members if last else None,
        _sum(groups, lambda one: one.new_members),
        _sum(groups, lambda one: one.messages),
    )


def _sum(days: Iterable[T], of: Callable[[T], int | None]) -> int | None:
    """Of what is known; where nothing is, it is not 0.

    >>> _sum([1, None, 2], lambda one: one), _sum([None], lambda one: one)
    (3, None)
    """
    known = [found for one in days if (found := of(one)) is not None]
    return sum(known) if known else None


def _mean(days: Iterable[Worked], of: Callable[[Worked], float | None]) -> float | None:
    known = [(found, one.chats) for one in days if one.chats and (found := of(one)) is not None]
    weight = sum(chats for _, chats in known)
    return sum(found * chats for found, chats in known) / weight if weight else None
