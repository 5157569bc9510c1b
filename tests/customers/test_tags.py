"""Tags that are not quite sure, and tags that end by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from siyu.customers import actions, views
from siyu.customers.actions import Tagging
from siyu.customers.model import TagRow
from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.kernel.sql import Conn

Event = Callable[..., Incoming]
Tell = Callable[..., None]
PHONE = {"phone": "13800000001"}
NOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def tags(conn: Conn) -> list[TagRow]:
    ((who,),) = conn.fetch("select id from customer where merged_into is null")
    found = views.profile(conn, who)
    return found.tags if found else []


def told(conn: Conn, kind: str) -> list[Any]:
    query = "select data::json -> 'd' ->> 'name' from event where kind = %(kind)s order by id"
    return [name for (name,) in conn.fetch(query, {"kind": kind})]


def test_a_tag_says_how_sure_it_is_and_until_when(db: Pool, event: Event, tell: Tell) -> None:
    until = (NOON + DAY).isoformat()
    tell(db, [event("tag.set", keys=PHONE, name="size-42", confidence=0.8, until=until)])
    with db.transaction() as conn:
        ((name, _, _, sure, end),) = tags(conn)
    assert (name, sure, end) == ("size-42", 0.8, NOON + DAY)


def test_a_tag_ends_by_itself_and_that_is_told_once(db: Pool, event: Event, tell: Tell) -> None:
    tell(db, [event("tag.set", keys=PHONE, name="lead", until=NOON.isoformat())])
    with db.transaction() as conn:
        assert actions.expire(conn, NOON - DAY) == 0
        assert [one.name for one in tags(conn)] == ["lead"]
        assert actions.expire(conn, NOON) == 1
        assert tags(conn) == []
        assert actions.expire(conn, NOON) == 0
        assert told(conn, "tag.expired") == ["lead"]


def test_what_another_key_carries_on_is_not_told_as_ended(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [
        event("tag.set", keys=PHONE, name="vip", until=NOON.isoformat()),
        event("tag.set", keys={"member": "m1"}, name="vip"),
        event("customer.identified", keys=PHONE | {"member": "m1"}),
    ])  # fmt: skip
    with db.transaction() as conn:
        assert actions.expire(conn, NOON) == 1
        assert [one.name for one in tags(conn)] == ["vip"]
        assert told(conn, "tag.expired") == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_last_word_on_a_tags_end_counts_in_whatever_order_it_comes(
    db: Pool, event: Event, tell: Tell, order: tuple[int, ...]
) -> None:
    said = [
        event("tag.set", at=1, keys=PHONE, name="lead"),
        event("tag.set", at=2, keys=PHONE, name="lead", until=(NOON + 2 * DAY).isoformat()),
        event("tag.set", at=3, keys=PHONE, name="lead", until=NOON.isoformat(), confidence=0.5),
    ]
    for place in order:
        tell(db, [said[place]])
        with db.transaction() as conn:  # between two of them time goes by
            actions.expire(conn, NOON)
    with db.transaction() as conn:
        assert tags(conn) == []
        rows = conn.fetch("select source_id, confidence, until, over from tag")
        assert rows == [(said[2].id, 50, NOON, True)]


def test_what_a_sweep_sets_is_told_where_it_says_something_new(
    db: Pool, event: Event, tell: Tell
) -> None:
    """A set that asks for the confidence, or was to look again at another end, hears of it."""
    tell(db, [event("consent.given", keys=PHONE)])
    with db.transaction() as conn:
        ((who,),) = conn.fetch("select id from customer")
    steps = [
        (100, None, 1),  # new
        (100, None, 1),  # the same
        (80, None, 2),  # less sure
        (80, NOON + DAY, 3),  # and it ends
        (80, NOON + 2 * DAY, 3),  # later: whoever looks at the old end finds the new one
        (80, NOON, 4),  # sooner
    ]
    for at, (sure, until, times) in enumerate(steps):
        now = NOON - DAY + timedelta(minutes=at)
        with db.transaction() as conn:
            actions.tag(conn, [Tagging(who, None, "x", "staff:li", sure, until)], now)
            assert len(told(conn, "tag.set")) == times
