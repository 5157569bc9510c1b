"""Which groups are whose, which one is filled next, and when something is to be said: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from siyu.content.model import ATTACHED, WORDS_ONLY
from siyu.groups.model import (
    NO_GROUP,
    NO_OWNER,
    TOO_LATE,
    ByHand,
    Chat,
    Entry,
    Filling,
    Plan,
    PostState,
    Record,
    Room,
    Standing,
    Through,
    Wanted,
)
from siyu.kernel.sentence import kept
from siyu.outbox.model import Result
from siyu.staff.model import Member
from siyu.tasks.decide import superior

WEEK = timedelta(days=7)
LATE = timedelta(hours=2)  # what was to be said then is not said at another time of the day
BY_HAND = timedelta(hours=24)  # in which somebody does it
AGAIN = timedelta(minutes=5)  # what the carrier did not take now
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


def next_at(entries: Sequence[Entry], after: datetime, zone: ZoneInfo) -> datetime | None:
    """When something is said next; None: never."""
    found = due(entries, after, after + WEEK, zone)
    return found[0][1] if found else None


def wanted(
    plan: Plan, said: Iterable[tuple[int, datetime]], chats: Iterable[Chat], staff: Collection[str]
) -> list[Wanted]:
    """What entries of a calendar ask for: in every group that customers are in, of its owner, since
    the carrier lets nobody else; where that is nobody of ours, of whom the entry names."""
    mine = sorted(one for one in chats if plan.holds(one.chat, one.title) and one.begun)
    found: list[Wanted] = []
    for place, at in said:
        entry = plan.calendar[place]
        of = plan.code, at, entry.material, entry.through
        if entry.through == "moments":
            found.append(Wanted(*of, "", entry.owner))
        elif not mine:
            found.append(Wanted(*of, "", entry.owner, NO_GROUP))
        else:
            found += [
                Wanted(*of, one.chat, one.owner)
                if one.owner in staff
                else Wanted(*of, one.chat, entry.owner, NO_OWNER)
                for one in mine
            ]
    return found


def heirs(
    waiting: Iterable[ByHand], chats: Iterable[Chat], people: Sequence[Member]
) -> dict[int, str]:
    """Post → who does it by hand in place of whoever had it: the group's owner of now, as far as
    one of us; else, where who had it works here no more, who leads the store."""
    owners = {one.chat: one.owner for one in chats}
    active = {one.code for one in people if one.active}
    found: dict[int, str] = {}
    for one in waiting:
        owner = owners.get(one.chat, "")
        if owner in active:
            heir = owner
        elif not one.staff or one.staff in active:
            continue
        else:
            known = [it for it in people if it.active or it.code == one.staff]
            heir = superior(one.staff, 0, known) or one.staff
        if heir != one.staff:
            found[one.post_id] = heir
    return found


def carried(through: Through, kinds: Collection[str]) -> bool:
    """Whether texts of these kinds can be said so. A Moment's pictures are handed over by people,
    on its own page: a calendar writes words there."""
    return set(kinds) <= (WORDS_ONLY if through == "moments" else ATTACHED)


def stands(wanted: Wanted, unfit: str, now: datetime) -> tuple[PostState, str]:
    """How it begins: to be handed over, to be done by hand, or not to be said at all, and why."""
    if wanted.reason == NO_GROUP:
        return "withheld", NO_GROUP
    if unfit:
        return "withheld", unfit
    if now - wanted.at > LATE:
        return "withheld", TOO_LATE
    return ("by_hand", wanted.reason) if wanted.reason else ("owed", "")


def answered(ids: Mapping[str, int], results: Iterable[Result], now: datetime) -> list[Record]:
    """Post by post what came of handing it over; of whom nothing is said stays unknown."""
    found: list[Record] = []
    for one in results:
        post = ids.get(one.token)
        if post is None:
            continue
        if one.status == "rejected":
            found.append(Record(post, "by_hand", kept(one.reason), one.vendor_id, now + BY_HAND))
        elif one.status == "retry":
            found.append(Record(post, "owed", kept(one.reason), "", one.again or now + AGAIN))
        else:
            found.append(Record(post, "awaiting_staff", "", one.vendor_id))
    return found


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
