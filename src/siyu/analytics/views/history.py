"""Who is who, and since when: keys, merges, splits, conflicts; and what one more would move.

Keys are shown masked. Customers and keys have public ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.analytics.views.explain import masked
from siyu.events import views as events
from siyu.events.model import CustomerMerged, CustomerSplit, Event
from siyu.identities import actions, views
from siyu.kernel.errors import NotFound
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.vault.model import Keys

SQL = load("siyu.analytics")
NEW = "new"  # where keys go that become a customer of their own
COUNTED = ("orders", "friendships", "consents", "tags", "promises", "visits", "touches")


@dataclass(frozen=True)
class Key:
    """A key, how it was joined, by which event; `was`: the customer that it came from."""

    key: str
    kind: str
    masked: str
    how: str
    event: str
    since: datetime
    was: str


@dataclass(frozen=True)
class Change:
    """A merge or a split: who went where, by which event, and who said so if somebody did."""

    at: datetime
    what: str  # merged, split
    customer: str
    to: str
    keys: list[str]
    event: str
    by: str
    why: str
    undone: bool


@dataclass(frozen=True)
class Conflict:
    """An event that names keys of customers who were split: it says nothing of the others."""

    at: datetime
    event: str
    about: str
    others: list[str]


@dataclass(frozen=True)
class History:
    customer: str
    keys: list[Key]
    changes: list[Change]
    conflicts: list[Conflict]


@dataclass(frozen=True)
class Going:
    """Keys that would go from a customer to another (`new`: to one of their own), with what hangs
    on them."""

    customer: str
    to: str
    keys: list[str]
    counts: dict[str, int]


def history(conn: Conn, keys: Keys, ids: PublicIds, customer_id: int) -> History | None:
    """All of it; None if there is no such customer. For a merged one its survivor answers."""
    customer_id = views.survivor(conn, [customer_id]).get(customer_id, customer_id)
    found = views.of_customer(conn, customer_id)
    if not found:
        return None
    merges = views.merges_of(conn, customer_id)
    splits = views.splits_of(conn, customer_id)
    heard = events.get(
        conn,
        [one.event_id for one in merges]
        + [one.event_id for one, _ in splits]
        + [one.event_id for one in found if one.event_id is not None],
    )
    shown = masked(conn, keys, found)
    changes = [
        _change(
            ids,
            one.merged_at,
            "merged",
            (one.loser, one.winner),
            [],
            heard[one.event_id],
            undone=one.undone_by is not None,
        )
        for one in merges
        if one.event_id in heard
    ]
    moved: dict[tuple[datetime, int, int, int], list[int]] = {}
    for one, at in splits:
        moved.setdefault((at, one.event_id, one.before, one.after), []).append(one.identity_id)
    changes += [
        _change(ids, at, "split", (before, after), gone, heard[event])
        for (at, event, before, after), gone in moved.items()
        if event in heard
    ]
    return History(
        ids.encode("cus", customer_id),
        [
            Key(
                ids.encode("key", one.id),
                one.kind,
                shown[one.id],
                one.how,
                _name(heard.get(one.event_id or 0)),
                one.created_at,
                ids.encode("cus", one.first_customer_id)
                if one.first_customer_id != customer_id
                else "",
            )
            for one in found
        ],
        sorted(changes, key=lambda change: change.at),
        [
            Conflict(
                one.event.occurred_at,
                f"{one.event.kind} {_name(one.event)}",
                ids.encode("cus", one.about),
                [ids.encode("cus", other) for other in one.others],
            )
            for one in views.conflicts(conn, customer_id)
        ],
    )


def would_merge(conn: Conn, ids: PublicIds, one: int, other: int) -> list[Going]:
    """What a merge of these two would move: the elder customer stays."""
    stays, goes = sorted((one, other))
    found = views.of_customer(conn, goes)
    if not found or not views.of_customer(conn, stays):
        raise NotFound(
            Sentence(
                "There is no such customer, or it is another's by now.",
                "没有这位客户，或已并入另一位。",
            )
        )
    return [_going(conn, ids, goes, stays, [key.id for key in found])] if stays != goes else []


def would_split(
    conn: Conn, ids: PublicIds, customer_id: int, identity_ids: Sequence[int], now: datetime
) -> list[Going]:
    """What a split of these keys would move; Refused where it can't be."""
    off, stay = actions.sides(conn, ids, customer_id, identity_ids)
    groups: dict[tuple[int, int], list[int]] = {}
    for one in views.would_split(conn, customer_id, off, stay, now):
        groups.setdefault((one.before, one.after), []).append(one.identity_id)
    return [_going(conn, ids, *where, gone) for where, gone in sorted(groups.items())]


def _going(conn: Conn, ids: PublicIds, before: int, after: int, gone: Sequence[int]) -> Going:
    params = {"identities": list(gone), "befores": [before] * len(gone)}
    (counts,) = conn.fetch(SQL.goes, params)
    return Going(
        ids.encode("cus", before),
        ids.encode("cus", after) if after else NEW,
        [ids.encode("key", number) for number in gone],
        dict(zip(COUNTED, counts, strict=True)),
    )


def _change(
    ids: PublicIds,
    at: datetime,
    what: str,
    who: tuple[int, int],
    gone: Sequence[int],
    event: Event,
    *,
    undone: bool = False,
) -> Change:
    said = event.data if isinstance(event.data, CustomerMerged | CustomerSplit) else None
    return Change(
        at,
        what,
        ids.encode("cus", who[0]),
        ids.encode("cus", who[1]),
        [ids.encode("key", number) for number in gone],
        f"{event.kind} {_name(event)}",
        said.by if said else "",
        said.why if said else "",
        undone,
    )


def _name(event: Event | None) -> str:
    return f"{event.source}/{event.source_id}" if event else ""
