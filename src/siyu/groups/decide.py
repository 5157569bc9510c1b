"""Which groups are whose, which one is filled next, and when something is to be said: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from siyu.groups.model import Chat, Entry, Filling, Plan, Room, Standing

AHEAD = 1  # groups behind the one that is filled, so that nobody stands before a full one


def purposes(plans: Iterable[Plan], chats: Iterable[Chat]) -> dict[str, str]:
    """Chat → the purpose of the first plan, by code, that names it."""
    ordered = sorted(plans, key=lambda plan: plan.code)
    return {
        one.chat: plan.code
        for one in chats
        if (plan := next((p for p in ordered if p.holds(one.chat, one.title)), None)) is not None
    }


def filling(plan: Plan, chats: Iterable[Chat]) -> Filling:
    """In the order of their titles: what was begun is filled first, up to the plan's share."""
    mine = sorted(chats, key=lambda one: (one.title, one.chat))
    free = [one for one in mine if one.people < plan.fills_up_to]
    begun = sorted(free, key=lambda one: not one.begun)  # stable: in their order
    into = tuple(one.chat for one in begun[: 1 + AHEAD])
    stands = tuple(Standing(one, _room(plan, one), one.chat in into) for one in mine)
    return Filling(plan, stands, into)


def _room(plan: Plan, chat: Chat) -> Room:
    if chat.people >= plan.fills_up_to:
        return "full"
    return "filling" if chat.begun else "empty"


def apart(plans: Iterable[Plan]) -> set[tuple[str, str]]:
    """Pairs of purposes that are kept apart, both ways round, whoever of the two says so."""
    said = {(plan.code, other) for plan in plans for other in plan.apart_from}
    return said | {(other, one) for one, other in said}


def due(
    entries: Sequence[Entry], since: datetime, now: datetime, zone: ZoneInfo
) -> list[tuple[int, datetime]]:
    """(place of the entry, when) of all that came due after `since` and until now."""
    found: list[tuple[int, datetime]] = []
    first, last = (at.astimezone(zone).date() for at in (since, now))
    for place, entry in enumerate(entries):
        for day in _days(first, last):
            at = datetime.combine(day, entry.at, zone).astimezone(UTC)
            if day.isoweekday() in entry.days and since < at <= now:
                found.append((place, at))
    return sorted(found, key=lambda one: (one[1], one[0]))


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
