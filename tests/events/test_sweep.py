from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.db.pool import Pool
from siyu.events import actions, sweep, views
from siyu.events.model import (
    EVERY_KIND,
    Batch,
    Incoming,
    Merge,
    Projection,
    SegmentEntered,
)
from siyu.events.sweep import Applied
from siyu.kernel.errors import Broken, Refused
from siyu.kernel.sql import Conn
from siyu.vault.model import Keys
from siyu.worker import due

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
KEYS = Keys(b"m" * 32, b"l" * 32)
Make = Callable[..., Incoming]
NOTHING = frozenset[str]()


class Noted:
    """A room that notes what it was shown, in a table of the database (rolled back like all)."""

    def __init__(self, room: str = "noted", kinds: frozenset[str] = EVERY_KIND) -> None:
        self.poison: set[str] = set()
        self.error: Exception = ValueError("13800000001 is in this message")
        self.projection = Projection(room, kinds, self.project)

    def project(self, conn: Conn, batch: Batch, now: datetime) -> None:
        if any(event.source_id in self.poison for event in batch.events):
            raise self.error
        conn.execute(
            "insert into audit (at, actor, action, object)"
            " select %(now)s, 'noted', '', x from unnest(%(names)s::text[]) x",
            {"now": now, "names": [event.source_id for event in batch.events]},
        )


def _noted(db: Pool) -> list[str]:
    with db.transaction() as conn:
        return [name for (name,) in conn.fetch("select object from audit order by id")]


def _accept(db: Pool, *events: Incoming) -> None:
    with db.transaction() as conn:
        answers = actions.accept(conn, KEYS, "CN", events, NOW)
    assert all(answer.status == "accepted" for answer in answers), answers


def test_facts_are_applied_in_their_own_order_and_numbered_without_gaps(
    db: Pool, event: Make
) -> None:
    room = Noted()
    _accept(
        db,
        event("T1", occurred_at="2026-11-20T09:00:00Z"),
        event("T3", occurred_at="2026-11-20T08:00:00Z"),
        event("T2", occurred_at="2026-11-20T08:00:00Z"),
    )
    _accept(db, event("T0", occurred_at="2026-11-20T07:00:00Z"))
    with db.transaction() as conn:
        assert due(conn, [])["apply"] == NOW

    assert sweep.apply(db, [room.projection], NOW, limit=3) == Applied(3, 3, 0, {"order.paid"})
    assert sweep.apply(db, [room.projection], NOW, limit=3).applied == 1
    assert sweep.apply(db, [room.projection], NOW) == Applied(0, 0, 0, set())

    assert _noted(db) == ["T2", "T3", "T1", "T0"]
    with db.transaction() as conn:
        assert (views.backlog(conn), due(conn, [])["apply"]) == (0, None)
        numbered = conn.fetch(
            "select a.applied_seq, e.source_id from event_applied a"
            " join event e on e.id = a.event_id order by 1"
        )
        assert numbered == [(1, "T2"), (2, "T3"), (3, "T1"), (4, "T0")]


@pytest.mark.parametrize("size", [1, 300])
def test_applying_takes_three_statements_of_its_own_whatever_the_batch(
    db: Pool, event: Make, size: int
) -> None:
    _accept(db, *(event(f"T{i}") for i in range(size)))

    with db.counting() as statements:
        applied = sweep.apply(db, [], NOW)

    assert (applied.applied, len(statements)) == (size, 3)


def test_a_room_runs_for_its_kinds_for_every_kind_or_for_a_merge(db: Pool, event: Make) -> None:
    ran: list[str] = []

    def room(name: str, kinds: frozenset[str], *, merges: bool = False) -> Projection:
        def project(conn: Conn, batch: Batch, now: datetime) -> None:
            ran.append(name)
            if merges and any(e.source_id == "T2" for e in batch.events):
                batch.merges.append(Merge(2, 1, batch.events[0].id))

        return Projection(name, kinds, project)

    rooms = [
        room("identities", EVERY_KIND, merges=True),
        room("commerce", frozenset({"order.paid"})),
        room("tasks", frozenset({"task.done"})),
        room("ledger", NOTHING),
    ]
    _accept(db, event("T1"))
    sweep.apply(db, rooms, NOW)
    _accept(db, event("T2"))
    sweep.apply(db, rooms, NOW)

    assert ran == ["identities", "commerce", "identities", "commerce", "tasks", "ledger"]


def test_a_poison_event_is_parked_and_stops_nothing_else(db: Pool, event: Make) -> None:
    room = Noted()
    room.poison = {"T3", "T7"}
    _accept(db, *(event(f"T{i}") for i in range(10)))

    applied = sweep.apply(db, [room.projection], NOW)

    assert applied == Applied(10, 8, 2, {"order.paid"})
    assert _noted(db) == [f"T{i}" for i in range(10) if i not in (3, 7)]
    with db.transaction() as conn:
        assert views.backlog(conn) == 0
        assert {parked.source_id for parked in views.parked(conn)} == {"T3", "T7"}
        assert conn.fetch("select max(applied_seq), count(*) from event_applied") == [(8, 8)]


def _tells(conn: Conn, batch: Batch, now: datetime) -> None:
    """A room for which something follows from each order."""
    facts = [
        actions.Own(SegmentEntered(segment="vip"), f"of/{event.source_id}", now)
        for event in batch.events
        if event.kind == "order.paid"
    ]
    batch.told += actions.own(conn, facts, now)


def test_what_follows_from_a_batch_is_applied_right_behind_it(db: Pool, event: Make) -> None:
    room = Noted()
    _accept(db, *(event(f"T{i}") for i in range(4)))

    applied = sweep.apply(
        db, [Projection("sets", EVERY_KIND, _tells), room.projection], NOW, limit=2
    )

    assert applied[:4] == (4, 4, 0, {"order.paid", "segment.entered"})
    assert _noted(db) == ["T0", "T1", "of/T0", "of/T1"]
    with db.transaction() as conn:
        assert views.backlog(conn) == 2
        assert conn.fetch("select max(applied_seq), count(*) from event_applied") == [(4, 4)]


def test_a_poison_that_follows_is_parked_alone_and_its_cause_stays(db: Pool, event: Make) -> None:
    room = Noted()
    room.poison = {"of/T1"}
    _accept(db, *(event(f"T{i}") for i in range(3)))

    applied = sweep.apply(db, [Projection("sets", EVERY_KIND, _tells), room.projection], NOW)

    assert applied[:3] == (6, 5, 1)
    assert _noted(db) == ["T0", "T1", "T2", "of/T0", "of/T2"]
    with db.transaction() as conn:
        assert [parked.source_id for parked in views.parked(conn)] == ["of/T1"]


def test_who_dies_before_what_follows_leaves_it_in_the_queue(db: Pool, event: Make) -> None:
    room = Noted()
    room.poison, room.error = {"of/T0"}, Broken("the disk is full")
    rooms = [Projection("sets", EVERY_KIND, _tells), room.projection]
    _accept(db, event("T0"))
    with pytest.raises(Broken):
        sweep.apply(db, rooms, NOW)
    died = _noted(db)
    room.poison = set()

    assert died == ["T0"]
    assert sweep.apply(db, rooms, NOW).applied == 1
    assert _noted(db) == ["T0", "of/T0"]


def test_nothing_is_looked_at_from_before_it_was_told(db: Pool, event: Make) -> None:
    seen: list[datetime] = []
    room = Projection("clock", EVERY_KIND, lambda _conn, _batch, now: seen.append(now))
    _accept(db, event("T0"))  # at NOW: by then the applier's clock was read, and it waited
    sweep.apply(db, [room], NOW - timedelta(seconds=1))
    sweep.apply(db, [room], NOW)

    assert seen == [NOW]


def test_the_reason_says_where_and_repeats_no_value(db: Pool, event: Make) -> None:
    room = Noted()
    room.poison = {"T1"}
    _accept(db, event("T1"))
    sweep.apply(db, [room.projection], NOW)
    with db.transaction() as conn:
        (parked,) = views.parked(conn)
        assert parked.error.startswith("ValueError")
        assert "138" not in parked.error

        actions.replay(conn)
    room.error = Refused("The shop is unknown: seed it, then replay.")
    sweep.apply(db, [room.projection], NOW)
    with db.transaction() as conn:
        assert views.parked(conn)[0].error.startswith("The shop is unknown")


def test_an_error_of_the_database_is_parked_with_its_code_alone(db: Pool, event: Make) -> None:
    def project(conn: Conn, batch: Batch, now: datetime) -> None:
        conn.execute(
            "insert into price (kind, unit_minor, currency) values ('13800000001', -1, 'CNY')"
        )

    _accept(db, event("T1"))
    sweep.apply(db, [Projection("ledger", EVERY_KIND, project)], NOW)

    with db.transaction() as conn:
        (parked,) = views.parked(conn)
    assert parked.error.startswith("CheckViolation (23514) [price_unit_minor_check]")
    assert "138" not in parked.error


def test_what_was_parked_is_applied_once_its_cause_is_mended(db: Pool, event: Make) -> None:
    room = Noted()
    room.poison = {"T1", "T2"}
    _accept(db, event("T1"), event("T2"))
    sweep.apply(db, [room.projection], NOW)
    assert sweep.apply(db, [room.projection], NOW).claimed == 0

    room.poison = set()
    with db.transaction() as conn:
        assert actions.replay(conn, [views.parked(conn)[0].id]) == 1
    assert sweep.apply(db, [room.projection], NOW).applied == 1
    with db.transaction() as conn:
        assert actions.replay(conn) == 1
    assert sweep.apply(db, [room.projection], NOW).applied == 1

    assert sorted(_noted(db)) == ["T1", "T2"]
    with db.transaction() as conn:
        assert views.parked(conn) == []


class OperationalError(Exception):
    """Named as the driver names a deadlock or a lost connection."""


@pytest.mark.parametrize("error", [OperationalError("deadlock"), Broken("no database")])
def test_trouble_of_the_installation_parks_nothing(db: Pool, event: Make, error: Exception) -> None:
    room = Noted()
    room.poison, room.error = {"T1"}, error
    _accept(db, event("T1"), event("T2"))

    with pytest.raises(type(error)):
        sweep.apply(db, [room.projection], NOW)

    with db.transaction() as conn:
        assert (views.backlog(conn), views.parked(conn)) == (2, [])


def test_a_fact_that_can_no_longer_be_read_is_parked(db: Pool, event: Make) -> None:
    room = Noted()
    _accept(db, event("T1"), event("T2"))
    with db.transaction() as conn:
        conn.execute("update event set data = '{}' where source_id = 'T1'")

    assert sweep.apply(db, [room.projection], NOW).parked == 1
    assert _noted(db) == ["T2"]


@settings(max_examples=15)
@given(
    poison=st.sets(st.integers(0, 19), max_size=6),
    limit=st.integers(1, 25),
)
def test_whatever_is_poison_all_the_rest_is_applied(
    new_db: Callable[[], Pool], event: Make, poison: set[int], limit: int
) -> None:
    db = new_db()
    room = Noted()
    room.poison = {f"T{i}" for i in poison}
    _accept(db, *(event(f"T{i}") for i in range(20)))

    while sweep.apply(db, [room.projection], NOW, limit=limit).claimed:
        pass

    assert set(_noted(db)) == {f"T{i}" for i in range(20) if i not in poison}
    with db.transaction() as conn:
        assert {parked.source_id for parked in views.parked(conn)} == room.poison
