"""What tests stand on: a real PostgreSQL, a clean database for each, a clock that obeys."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from psycopg import conninfo, sql
from tests.served import Street

from siyu.db.embedded import Embedded
from siyu.db.migrate import migrate
from siyu.db.pool import Pool
from siyu.staff.actions import passwords

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # a Friday, noon in Shanghai

settings.register_profile(
    "siyu", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("siyu")

# Most brands of tests are Chinese; what a command says in English is judged word by word, and a
# test that wants the brand's own language takes this away (tests/cli/test_language.py).
os.environ["SIYU_LANGUAGE"] = "en"

# Making a database from the template costs 130 ms here, wiping a used one 10: used ones are wiped,
# and made anew only where a test changed the tables themselves.
WIPE = """
do $wipe$
declare
  item record;
  filled boolean;
begin
  for item in
    select c.oid::regclass as name, pg_total_relation_size(c.oid) as size from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition and c.relname <> 'schema_migration'
      and (c.relkind = 'p' or pg_relation_size(c.oid) > 0)  -- most were never touched
  loop
    execute format('select exists (select from %s)', item.name) into filled;
    if item.size > 2000000 then execute format('truncate %s', item.name);
    elsif filled then execute format('delete from %s', item.name);
    end if;
  end loop;
  perform setval(s.seqrelid, s.seqstart, false) from pg_sequence s
    where pg_sequence_last_value(s.seqrelid) is not null;
end $wipe$
"""
SHAPE = """
select count(*), sum(hashtext(concat(relname, relkind, relnatts))),
  (select count(*) from pg_constraint where connamespace = 'public'::regnamespace)
from pg_class where relnamespace = 'public'::regnamespace
"""


# A password's work is for whoever guesses: a test that signs in by the hundred needs none of it.
COSTLY = passwords._argon2


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_argon2", PasswordHasher(1, 8, 1))
        yield


class TestClock:
    """Both times stand still until the test moves them."""

    __test__ = False

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._real = now

    def now(self) -> datetime:
        return self._now

    def real(self) -> datetime:
        return self._real

    def set(self, now: datetime) -> None:
        self._real += now - self._now
        self._now = now

    def advance(self, **span: float) -> datetime:
        """`clock.advance(minutes=5)`; the new time."""
        self.set(self._now + timedelta(**span))
        return self._now


class Databases:
    """Databases of one server, each with all migrations, lent to one test at a time."""

    def __init__(self, server: Embedded) -> None:
        self._url = server.url
        self._admin = psycopg.connect(self.url("postgres"), autocommit=True)
        self._made = 0
        self._free: list[str] = []
        self._bare: set[str] = set()  # begun empty: what is in them was never recorded
        pool = Pool(server.url)
        migrate(pool, NOON)
        with pool.transaction() as conn:
            self._shape = conn.fetch(SHAPE)
        pool.close()

    def url(self, name: str) -> str:
        return conninfo.make_conninfo(self._url, dbname=name)

    def take(self, *, empty: bool = False) -> str:
        if self._free and not empty:
            return self._free.pop()
        self._made += 1
        template = "template0" if empty else "siyu"
        name = f"t{self._made}"
        if empty:
            self._bare.add(name)
        create = sql.SQL("create database {} template {} strategy file_copy")
        self._admin.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def give_back(self, name: str) -> None:
        """Wipes it for the next test; drops it if its tables are no longer ours."""
        self._admin.execute(
            # waited for: one that is still ending holds its locks, which the next test would miss
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s",
            [name],
        )
        with psycopg.connect(self.url(name), autocommit=True) as conn:
            ours = name not in self._bare and conn.execute(SHAPE).fetchall() == self._shape
            if ours:
                conn.execute(WIPE)
        if ours:
            self._free.append(name)
        else:
            drop = sql.SQL("drop database {} with (force)")
            self._admin.execute(drop.format(sql.Identifier(name)))

    def close(self) -> None:
        self._admin.close()


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    """One embedded server for all tests of this process, in a short folder, gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="siyu-", dir="/tmp"))
    try:
        with Embedded(home, durable=False) as embedded:
            yield embedded
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def street() -> Iterator[Street]:
    """Addresses of this process, lent to one test at a time."""
    with ExitStack() as held:
        yield Street(held)


@pytest.fixture(scope="session")
def databases(server: Embedded) -> Iterator[Databases]:
    databases = Databases(server)
    yield databases
    databases.close()


@pytest.fixture
def new_db(databases: Databases) -> Iterator[Callable[[], Pool]]:
    """Makes clean, migrated databases for a test that needs more than one."""
    taken: list[tuple[str, Pool]] = []

    def make() -> Pool:
        name = databases.take()
        taken.append((name, Pool(databases.url(name))))
        return taken[-1][1]

    yield make
    for name, pool in taken:
        pool.close()
        databases.give_back(name)


@pytest.fixture
def db(new_db: Callable[[], Pool]) -> Pool:
    """A clean, migrated database."""
    return new_db()


@pytest.fixture
def empty_db(databases: Databases) -> Iterator[Pool]:
    """A database without a single table."""
    name = databases.take(empty=True)
    pool = Pool(databases.url(name))
    yield pool
    pool.close()
    databases.give_back(name)


@pytest.fixture
def clock() -> TestClock:
    """Stands at noon in Shanghai, a Friday, until the test moves it."""
    return TestClock(NOON)
