"""What is known of customers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import get_args

from siyu.customers.model import (
    Card,
    Children,
    ChildRow,
    ComplaintRow,
    ConsentRow,
    ConsentState,
    DateRow,
    FriendRow,
    GroupFigures,
    News,
    PeopleList,
    Profile,
    RemarkRow,
    Stage,
    TagRow,
    TagWord,
    Waiting,
)
from siyu.events.model import ConsentChannel, ContactPurpose
from siyu.kernel.calendar import Yearly
from siyu.kernel.sql import Conn, load
from siyu.vault import views as vault

SQL = load("siyu.customers")


def friends(conn: Conn, customer_ids: Iterable[int]) -> set[int]:
    """Those among them who are somebody's friend now."""
    return {row[0] for row in conn.fetch(SQL.friends, {"customers": sorted(set(customer_ids))})}


def chats(conn: Conn, after: str, limit: int) -> list[str]:
    """Group chats that customers are in or were in, behind this one, in the order of their ids."""
    return [chat for (chat,) in conn.fetch(SQL.chats, {"after": after, "limit": limit})]


def groups(conn: Conn, chats: Sequence[str], since: datetime) -> dict[str, GroupFigures]:
    """What is known of these group chats; `since` begins what is of late."""
    rows = conn.fetch(SQL.groups, {"chats": sorted(chats), "since": since})
    found = {chat: GroupFigures(*counts) for chat, *counts in rows}
    return {chat: found.get(chat, GroupFigures()) for chat in chats}


def closed(conn: Conn, customer_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Per customer: purpose of groups they are not invited into → `in_group` or `apart`."""
    ids = sorted(set(customer_ids))
    found: dict[int, dict[str, str]] = {}
    for customer, purpose, inside in conn.fetch(SQL.closed, {"customers": ids}) if ids else ():
        found.setdefault(customer, {})[purpose] = "in_group" if inside else "apart"
    return found


def consents(
    conn: Conn, customer_ids: Iterable[int]
) -> dict[int, dict[tuple[str, str], tuple[ConsentState, str]]]:
    """Per customer: (channel, purpose) → (state, basis). Who never said anything is missing."""
    found: dict[int, dict[tuple[str, str], tuple[ConsentState, str]]] = {}
    for customer_id, channel, purpose, state, basis, _, _ in conn.fetch(
        SQL.consents, {"customers": sorted(set(customer_ids))}
    ):
        found.setdefault(customer_id, {})[channel, purpose] = (state, basis)
    return found


def dates(
    conn: Conn, customer_ids: Iterable[int], names: Iterable[str]
) -> dict[int, dict[str, Yearly]]:
    """Per customer the yearly dates of these names that are known."""
    found: dict[int, dict[str, Yearly]] = {}
    params = {"customers": sorted(set(customer_ids)), "names": sorted(set(names))}
    for customer_id, name, *yearly in conn.fetch(SQL.dates, params):
        found.setdefault(customer_id, {})[name] = Yearly(*yearly)
    return found


def falling_on(
    conn: Conn, name: str, days: Sequence[Yearly], after: int, limit: int
) -> list[tuple[int, int]]:
    """Customers behind `after` whose date of this name is one of these, each with the identity
    that it came by; in id order, at most `limit`."""
    params = {
        "name": name,
        "calendars": [day.calendar for day in days],
        "months": [day.month for day in days],
        "days": [day.day for day in days],
        "after": after,
        "limit": limit,
    }
    return [(customer_id, identity) for customer_id, identity in conn.fetch(SQL.falling_on, params)]


def news(conn: Conn, after: int, carrier: str, kind: str, limit: int) -> list[News]:
    """Friends on this carrier of whom there may be something new, behind this `seq` and in its
    order; `kind`: of key that they are known by there."""
    newest = conn.fetch(SQL.newest, {"after": after, "limit": limit})
    if not newest:
        return []
    people = {"customers": sorted(customer_id for _, customer_id in newest)}
    cards: dict[int, list[Card]] = {}
    for customer_id, *card in conn.fetch(SQL.cards, {**people, "carrier": carrier, "kind": kind}):
        cards.setdefault(customer_id, []).append(Card(*card))
    words: dict[int, list[TagWord]] = {}
    for customer_id, *word in conn.fetch(SQL.marks, people):
        words.setdefault(customer_id, []).append(TagWord(*word))
    return [
        News(seq, one, tuple(cards.get(one, ())), tuple(words.get(one, ()))) for seq, one in newest
    ]


def names(conn: Conn, customer_ids: Iterable[int]) -> dict[int, int]:
    """Customer → vault item of the name; who has none is missing."""
    rows = conn.fetch(SQL.names, {"customers": sorted(set(customer_ids))})
    return {customer_id: item for customer_id, item in rows}  # noqa: C416 - untyped rows end here


def remarks(conn: Conn, customer_id: int) -> list[RemarkRow]:
    """What staff have written on their cards of a customer, sealed; the latest first."""
    return [RemarkRow(*row) for row in conn.fetch(SQL.remarks, {"customer": customer_id})]


def there(conn: Conn, customer_ids: Iterable[int]) -> set[int]:
    """Those among these numbers that are a customer's."""
    return {row[0] for row in conn.fetch(SQL.there, {"customers": sorted(set(customer_ids))})}


def profile(conn: Conn, id: int) -> Profile | None:  # noqa: A002 - it is the customer's id
    """All that is known of one customer; None if there is no such customer."""
    rows = conn.fetch(SQL.profile, {"id": id})
    if not rows:
        return None
    number, created_at, stage, name_item, synthetic, merged_into = rows[0]
    return Profile(
        number,
        created_at,
        Stage(stage),
        name_item,
        synthetic,
        merged_into,
        [FriendRow(*row) for row in conn.fetch(SQL.friendships, {"id": id})],
        [TagRow(*row) for row in conn.fetch(SQL.tags, {"id": id})],
        [DateRow(name, Yearly(*day)) for name, *day in conn.fetch(SQL.dated, {"id": id})],
        [ConsentRow(*row[1:]) for row in conn.fetch(SQL.consents, {"customers": [id]})],
    )


def listed(conn: Conn, tag: str | None, limit: int) -> list[tuple[int, str, datetime]]:
    """(customer, tag, since) of all who carry this tag, or any (''); None: those who are not to be
    contacted at all, without a tag."""
    if tag is None:
        everything = len(get_args(ConsentChannel)) * len(get_args(ContactPurpose))
        return [(a, b, c) for a, b, c in conn.fetch(SQL.never, {"all": everything, "limit": limit})]
    return [(a, b, c) for a, b, c in conn.fetch(SQL.carrying, {"tag": tag, "limit": limit})]


def carry(
    conn: Conn, customer_ids: Iterable[int], tag_names: Iterable[str]
) -> set[tuple[int, str]]:
    """(customer, tag) of those of these customers who carry one of these tags."""
    params = {"customers": sorted(set(customer_ids)), "names": sorted(set(tag_names))}
    return {(customer, name) for customer, name in conn.fetch(SQL.carry, params)}


def complaints(conn: Conn, customer_ids: Iterable[int]) -> list[ComplaintRow]:
    """What these customers complained about, the latest first."""
    rows = conn.fetch(SQL.complaints, {"customers": sorted(set(customer_ids))})
    return [ComplaintRow(*row) for row in rows]


def open_complaints(conn: Conn, until: datetime, limit: int = 200) -> list[Waiting]:
    """Complaints that are open since then or longer, the longest first."""
    rows = conn.fetch(SQL.open_complaints, {"until": until, "limit": limit})
    return [Waiting(*row) for row in rows]


def people_lists(conn: Conn, list_id: int | None = None, limit: int = 50) -> list[PeopleList]:
    """Files of people that came in, or this one; the latest first."""
    rows = conn.fetch(SQL.people_lists, {"id": list_id, "limit": limit})
    return [PeopleList(*row) for row in rows]


def youngest(conn: Conn, customer_ids: Iterable[int]) -> dict[int, str]:
    """Per customer the month of birth of the youngest child that we may know of, like `2025-03`."""
    ids = sorted(set(customer_ids))
    return dict(conn.fetch(SQL.youngest, {"customers": ids})) if ids else {}


def born_in(conn: Conn, months: Sequence[str], after: int, limit: int) -> list[int]:
    """Customers behind `after` whose youngest child was born in one of these months; in id order,
    at most `limit`."""
    params = {"months": list(months), "after": after, "limit": limit}
    return [customer_id for (customer_id,) in conn.fetch(SQL.born_in, params)]


def children(conn: Conn, customer_id: int, now: datetime) -> Children:
    """What the customer has told of their children; of notes on health that they are there."""
    params = {"customer": customer_id, "now": now}
    words = conn.fetch(SQL.child_consent, params)
    if not words:
        return Children([], None, None)
    on_health = conn.fetch(SQL.health_consent, params)
    rows = conn.fetch(SQL.children, params)
    held = vault.there(conn, [item for *_, item in rows if item is not None])
    told = [ChildRow(*row) if item in held else ChildRow(*row[:3]) for *row, item in rows]
    return Children(told, *words[0][:2], *(on_health[0][:2] if on_health else (None, None)))
