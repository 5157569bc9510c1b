"""Migrations run once, in order, from many at once, and never on a database from the future."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import psycopg
import pytest

from siyu.db.migrate import migrate, migrations, pending
from siyu.db.pool import Pool
from siyu.kernel.errors import Broken

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ONE = {"0001_pre_shelf": "create table shelf (id bigint); insert into shelf values (1)"}
TWO = ONE | {"0002_post_shelf": "alter table shelf add column name text"}


def _columns(db: Pool) -> list[str]:
    with db.transaction() as conn:
        rows = conn.fetch(
            "select attname::text from pg_attribute"
            " where attrelid = to_regclass('shelf') and attnum > 0 order by attnum"
        )
    return [name for (name,) in rows]


def test_each_migration_runs_once_and_in_order(empty_db: Pool) -> None:
    assert pending(empty_db, known=TWO) == ["0001_pre_shelf", "0002_post_shelf"]
    assert migrate(empty_db, NOW, known=ONE) == ["0001_pre_shelf"]
    assert migrate(empty_db, NOW, known=TWO) == ["0002_post_shelf"]
    assert migrate(empty_db, NOW, known=TWO) == []
    assert pending(empty_db, known=TWO) == []
    assert _columns(empty_db) == ["id", "name"]


def test_post_migrations_wait_until_they_are_asked_for(empty_db: Pool) -> None:
    assert migrate(empty_db, NOW, known=TWO, phases=["pre"]) == ["0001_pre_shelf"]
    assert pending(empty_db, known=TWO) == ["0002_post_shelf"]


def test_a_migration_that_fails_leaves_nothing_of_itself(empty_db: Pool) -> None:
    broken = ONE | {"0002_pre_wrong": "alter table shelf add column name text; select 1/0"}

    with pytest.raises(psycopg.Error):
        migrate(empty_db, NOW, known=broken)

    assert _columns(empty_db) == ["id"]
    assert pending(empty_db, known=broken) == ["0002_pre_wrong"]


def test_a_database_newer_than_the_code_is_refused_in_words(empty_db: Pool) -> None:
    migrate(empty_db, NOW, known=TWO)

    with pytest.raises(Broken, match="newer than this Siyu: it holds 0002_post_shelf"):
        migrate(empty_db, NOW, known=ONE)
    with pytest.raises(Broken, match="newer"):
        pending(empty_db, known=ONE)


def test_processes_that_start_together_migrate_once(empty_db: Pool) -> None:
    ran: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: ran.append(migrate(empty_db, NOW, known=TWO)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(name for names in ran for name in names) == ["0001_pre_shelf", "0002_post_shelf"]
    assert len(ran) == 6


def test_ours_are_numbered_without_gaps_and_named_by_their_phase() -> None:
    numbers = [int(name[:4]) for name in migrations()]

    assert numbers == list(range(1, len(numbers) + 1))
