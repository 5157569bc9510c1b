"""Facts about customers from events; a merge moves the rows of who went to who stays, a split those
of the keys that went; both customers are then told anew by their own events.

A statement for each kind of fact, and only when there is something for it to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.customers import actions, decide
from siyu.customers.actions import children
from siyu.customers.model import Change, ChildWord
from siyu.events import check
from siyu.events.model import EVERY_KIND, Batch, Merge, Projection
from siyu.kernel.sql import Conn, load

SQL = load("siyu.customers")


def project(conn: Conn, batch: Batch, now: datetime) -> None:
    """Rows first, merges last: so a merge finds what this batch wrote, too."""
    _customers(conn, batch, now)
    _friendships(conn, batch)
    _memberships(conn, batch)
    _consents(conn, batch)
    _children(conn, batch)
    _tags(conn, batch, now)
    _dates(conn, batch)
    _remarks(conn, batch)
    _complaints(conn, batch)
    if batch.splits:
        _part(conn, batch, now)
    _merge(conn, batch.merges)
    _news(conn, batch)


def _customers(conn: Conn, batch: Batch, now: datetime) -> None:
    changes = decide.changes(batch)
    new = [change for change in changes if change.customer_id in batch.new_customers]
    if new:
        conn.send(SQL.add, {**_columns(new), "now": now})
    known = [
        change
        for change in changes
        if change.customer_id not in batch.new_customers
        and (change.stage > 1 or change.synthetic or change.name)
    ]
    if known:
        conn.send(SQL.change, _columns(known))


def _columns(changes: Sequence[Change]) -> dict[str, object]:
    names = [change.name for change in changes]
    return {
        "ids": [change.customer_id for change in changes],
        "stages": [int(change.stage) for change in changes],
        "synthetic": [change.synthetic for change in changes],
        "items": [name.item if name else None for name in names],
        "name_ats": [name.when.at if name else None for name in names],
        "name_sources": [name.when.source if name else None for name in names],
        "name_source_ids": [name.when.source_id if name else None for name in names],
    }


def _friendships(conn: Conn, batch: Batch) -> None:
    rows = decide.friendships(decide.friend_changes(batch))
    if not rows:
        return
    conn.send(
        SQL.befriend,
        {
            "identities": [row.identity_id for row in rows],
            "customers": [row.customer_id for row in rows],
            "staff": [row.staff for row in rows],
            "carriers": [row.carrier for row in rows],
            "states": [row.state for row in rows],
            "firsts": [row.first_added_at for row in rows],
            "addeds": [row.added_at for row in rows],
            "deleteds": [row.deleted_at for row in rows],
            "ways": [row.way for row in rows],
            "ats": [row.changed.at for row in rows],
            "sources": [row.changed.source for row in rows],
            "source_ids": [row.changed.source_id for row in rows],
        },
    )


def _memberships(conn: Conn, batch: Batch) -> None:
    rows = decide.memberships(batch)
    if not rows:
        return
    conn.send(
        SQL.gather,
        {
            "identities": [row.identity_id for row in rows],
            "customers": [row.customer_id for row in rows],
            "carriers": [row.carrier for row in rows],
            "chats": [row.chat for row in rows],
            "joineds": [row.joined_at for row in rows],
            "lefts": [row.left_at for row in rows],
            "ways": [row.way for row in rows],
        },
    )


def _consents(conn: Conn, batch: Batch) -> None:
    rows = decide.consents(batch)
    if not rows:
        return
    conn.send(
        SQL.consent,
        {
            "identities": [row.identity_id for row in rows],
            "customers": [row.customer_id for row in rows],
            "channels": [row.channel for row in rows],
            "purposes": [row.purpose for row in rows],
            "states": [row.state for row in rows],
            "bases": [row.basis for row in rows],
            "evidence": [row.evidence for row in rows],
            "ats": [row.changed.at for row in rows],
            "sources": [row.changed.source for row in rows],
            "source_ids": [row.changed.source_id for row in rows],
        },
    )


def _children(conn: Conn, batch: Batch) -> None:
    """Words first, as whoever tells of a child holds them first."""
    told = _child_words(conn, batch)
    on_health = _health_words(conn, batch)
    if told:
        conn.send(SQL.unspoken, {"customers": told})
    if on_health or told:
        children.drop_unkept(conn, [*told, *on_health])


def _child_words(conn: Conn, batch: Batch) -> list[int]:
    """Whose words are told; what one of them took back is still there."""
    rows = decide.child_words(batch)
    if rows:
        conn.send(SQL.child_words, _words(rows))
    return [row.customer_id for row in rows]


def _health_words(conn: Conn, batch: Batch) -> list[int]:
    """The same of their words on notes on health."""
    rows = decide.child_words(batch, decide.HEALTH)
    if rows:
        conn.send(SQL.health_words, _words(rows))
    return [row.customer_id for row in rows]


def _words(rows: Sequence[ChildWord]) -> dict[str, object]:
    return {
        "customers": [row.customer_id for row in rows],
        "identities": [row.identity_id for row in rows],
        "states": [row.state for row in rows],
        "ats": [row.when.at for row in rows],
        "evidence": [row.evidence for row in rows],
    }


def _tags(conn: Conn, batch: Batch, now: datetime) -> None:
    cleared = decide.tags(batch, on=False)
    if cleared:
        conn.execute(SQL.clear, actions.tag_columns(cleared))
    tagged = decide.tags(batch, on=True)
    if tagged:
        conn.execute(SQL.tag, {**actions.tag_columns(tagged), "now": now})


def _dates(conn: Conn, batch: Batch) -> None:
    rows = decide.dates(batch)
    if not rows:
        return
    conn.send(
        SQL.date,
        {
            "identities": [row.identity_id for row in rows],
            "customers": [row.customer_id for row in rows],
            "names": [row.name for row in rows],
            "calendars": [row.yearly.calendar for row in rows],
            "months": [row.yearly.month for row in rows],
            "days": [row.yearly.day for row in rows],
            "ats": [row.when.at for row in rows],
            "sources": [row.when.source for row in rows],
            "source_ids": [row.when.source_id for row in rows],
        },
    )


def _remarks(conn: Conn, batch: Batch) -> None:
    rows = decide.remarks(batch)
    if not rows:
        return
    conn.send(
        SQL.remark,
        {
            "identities": [row.identity_id for row in rows],
            "customers": [row.customer_id for row in rows],
            "staff": [row.staff for row in rows],
            "items": [row.item for row in rows],
            "ats": [row.when.at for row in rows],
            "sources": [row.when.source for row in rows],
            "source_ids": [row.when.source_id for row in rows],
        },
    )


def _complaints(conn: Conn, batch: Batch) -> None:
    rows = decide.complaints(batch)
    if not rows:
        return
    conn.execute(
        SQL.complain,
        {
            "identities": [row.identity_id for row in rows],
            "customers": [row.customer_id for row in rows],
            "complaints": [row.complaint for row in rows],
            "shops": [row.shop for row in rows],
            "order_nos": [row.order_no for row in rows],
            "openeds": [row.opened_at for row in rows],
            "closeds": [row.closed_at for row in rows],
        },
    )
    people = sorted({row.customer_id for row in rows})
    conn.execute(SQL.settle_complaints, {"customers": people})


def _part(conn: Conn, batch: Batch, now: datetime) -> None:
    """Rows follow the key that they came by; stage, name, tags are what each one's events say."""
    conn.execute(SQL.part, batch.moved)
    people = batch.parted
    again = Batch([], new_customers=dict.fromkeys(people, 0))
    for customer_id, identity_id, *row in conn.fetch(SQL.heard, {"customers": people}):
        event = check.read(tuple(row))
        again.events.append(event)
        again.customer[event.id], again.identity[event.id] = customer_id, identity_id
    again.events.sort(key=lambda event: event.order)
    conn.execute(SQL.rewrite, _columns(decide.changes(again)))
    _tags(conn, again, now)
    _part_children(conn, batch, again)


def _part_children(conn: Conn, batch: Batch, again: Batch) -> None:
    """A child goes with the key of the word that it was kept by, or with nobody. Words first, as
    whoever tells of a child holds them first."""
    moved = batch.moved
    went = {name: moved[name] for name in ("identities", "befores")}
    conn.execute(SQL.part_child_words, moved)
    conn.execute(SQL.leave_child_words, went)
    _child_words(conn, again)
    conn.execute(SQL.part_health_words, moved)
    conn.execute(SQL.leave_health_words, went)
    _health_words(conn, again)
    conn.execute(SQL.part_children, moved)
    conn.execute(SQL.leave_children, went)
    conn.execute(SQL.unspoken, {"customers": batch.parted})
    conn.execute(SQL.part_health, moved)
    children.forget_items(conn, conn.fetch(SQL.leave_health, went))
    children.drop_unkept(conn, batch.parted)


def _merge(conn: Conn, merges: Sequence[Merge]) -> None:
    if not merges:
        return
    losers = [merge.loser for merge in merges]
    winners = [merge.winner for merge in merges]
    both = {"losers": losers, "winners": winners}
    conn.execute(SQL.absorb, both)
    conn.execute(SQL.hand_over, both)
    conn.execute(SQL.settle_tags, {"winners": winners})
    conn.execute(SQL.hand_over_child_words, both)
    conn.execute(SQL.settle_complaints, {"customers": sorted(set(winners))})
    conn.execute(SQL.drop_child_words, {"losers": losers})
    conn.execute(SQL.hand_over_health_words, both)
    conn.execute(SQL.drop_health_words, {"losers": losers})
    conn.execute(SQL.hand_over_children, both)
    conn.execute(SQL.drop_children, {"losers": losers})
    conn.execute(SQL.unspoken, {"customers": winners})
    children.drop_unkept(conn, [*losers, *winners])


def _news(conn: Conn, batch: Batch) -> None:
    people = decide.newly_told(batch)
    if people:
        conn.send(SQL.news, {"customers": people})


PROJECTION = Projection("customers", EVERY_KIND, project)
