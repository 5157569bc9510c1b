"""Tags for people who are not here yet: kept by a hash alone, given when they come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests import build

from siyu.customers import actions as customers
from siyu.db.pool import Pool
from siyu.events.actions import accept
from siyu.events.model import Incoming
from siyu.events.sweep import apply
from siyu.tagging import actions, project, views
from siyu.tagging.actions import Awaited
from siyu.vault.model import key_hash

Event = Callable[..., Incoming]
DAYS = timedelta(days=180)
PHONE = "+8613800000001"


def tell(db: Pool, *events: Incoming) -> None:
    with db.transaction() as conn:
        accept(conn, build.KEYS, "CN", events, build.NOW)
    while apply(db, (*build.PROJECTIONS, project.PROJECTION), build.NOW).claimed:
        pass


def kept(db: Pool, *values: str) -> None:
    rows = [
        Awaited("phone", key_hash(build.KEYS, "phone", one), "vip", "list", f"7/{line}")
        for line, one in enumerate(values, 1)
    ]
    with db.transaction() as conn:
        actions.wait(conn, rows, build.NOW, DAYS)


def tags(db: Pool) -> list[tuple[object, ...]]:
    with db.transaction() as conn:
        return conn.fetch("select name, source, source_id, tagged_at from tag")


def test_who_appears_has_the_tag_that_waited_with_its_source_and_it_is_told(
    db: Pool, event: Event
) -> None:
    kept(db, PHONE, "+8613800000002")
    with db.transaction() as conn:
        ((name, source, people, _, until),) = views.counted(conn, build.NOW)
        assert conn.fetch("select count(*) from customer") == [(0,)]
    assert (name, source, people, until) == ("vip", "list", 2, build.NOW + DAYS)

    tell(db, event("order.paid", keys={"phone": "13800000001"}, order_no="1", total_minor=1))
    assert tags(db) == [("vip", "list", "7/1", build.NOW)]
    with db.transaction() as conn:
        assert conn.fetch("select count(*) from event where kind = 'tag.set'") == [(1,)]
        assert [one.kind for one in views.waiting(conn, "vip", build.NOW)] == ["phone"]


def test_nobody_comes_in_time(db: Pool, event: Event) -> None:
    kept(db, PHONE)
    with db.transaction() as conn:
        assert actions.lapse(conn, build.NOW + DAYS - timedelta(seconds=1)) == 0
        assert actions.lapse(conn, build.NOW + DAYS) == 1
    tell(db, event("order.paid", keys={"phone": "13800000001"}, order_no="1", total_minor=1))
    assert tags(db) == []


def test_a_list_that_is_taken_back_takes_what_waits_and_what_was_given(
    db: Pool, event: Event
) -> None:
    with db.transaction() as conn:
        number = customers.begin_list(conn, "tags", "vip", "f", "r", "li", build.NOW)
        step = customers.ListStep(2, 2, 2)
        customers.advance_list(conn, number, step, build.NOW, done=True)
        rows = [
            Awaited("phone", key_hash(build.KEYS, "phone", one), "vip", "list", f"{number}/{line}")
            for line, one in enumerate((PHONE, "+8613800000002"), 1)
        ]
        actions.wait(conn, rows, build.NOW, DAYS)
    tell(db, event("order.paid", keys={"phone": "13800000001"}, order_no="1", total_minor=1))
    with db.transaction() as conn:
        assert customers.undo_list(conn, number, "li", build.NOW) == 1
        assert actions.forget(conn, "list", f"{number}/") == 1
    tell(db)
    assert tags(db) == []
