"""psycopg behind `Conn` and `Db`: the only file that speaks to the driver while Siyu runs.

Values go in and come out as the rooms write them: times aware and in UTC, a dict as jsonb, every
int as bigint (one prepared statement per query, whatever the numbers), a naive time refused.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import count
from typing import Any, LiteralString, Self, cast

import msgspec
import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Dumper, Loader, PyFormat
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.types.datetime import DatetimeDumper
from psycopg.types.numeric import Int8Dumper

from siyu.db.columns import ColumnDumper
from siyu.kernel.errors import DatabaseDown
from siyu.kernel.sql import Conn, Params, Row

SIZE = 12
WAIT_SECONDS = 30.0
CONNECT_SECONDS = 10
STREAM_ROWS = 2000
Driver = psycopg.Connection[Row]


class Pool:
    """Up to `size` connections to one database, shared by the threads of one process.

    Not `durable`: a commit does not wait for the disk. A crash then loses the last moments, whole
    transactions of them; only a demonstration may want that.
    """

    def __init__(self, url: str, *, size: int = SIZE, durable: bool = True) -> None:
        self.url = url
        self._durable = durable
        self._idle: list[Driver] = []
        self._free = threading.Semaphore(size)
        self._size = size
        self._closed = False
        self._counters: list[list[str]] = []

    @contextmanager
    def transaction(self) -> Generator[Conn]:
        """A connection in a transaction: commits at the end, rolls back when something raises."""
        with self._borrowed("begin") as driver, _in_transaction(driver):
            yield Connection(driver, self._counters)

    def fetch(self, sql: str, params: Params | None = None) -> list[Row]:
        """One statement by itself, committed as it ends: a third of a transaction's round trips."""
        with self._borrowed() as driver:
            return _alone(driver, self._counters, sql, params)

    @contextmanager
    def counting(self) -> Generator[list[str]]:
        """The statements that run inside, as they run: for tests that count queries."""
        seen: list[str] = []
        self._counters.append(seen)
        try:
            yield seen
        finally:
            self._counters[:] = [other for other in self._counters if other is not seen]

    def try_lock(self, key: str) -> Lock | None:
        """The lock of that name, on a connection of its own; None while somebody else holds it."""
        driver = connect(self.url, durable=self._durable)
        sql = "select pg_try_advisory_lock(hashtextextended(%(key)s, 0))"
        row = driver.execute(sql, {"key": key}).fetchone()
        if row is None or not row[0]:
            driver.close()
            return None
        return Lock(driver, self._counters)

    def close(self) -> None:
        """Close what is idle now, and each other connection as it comes back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _borrowed(self, first: str = "") -> Generator[Driver]:
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise DatabaseDown(f"All {self._size} connections to the database are busy.")
        driver: Driver | None = None
        try:
            driver = self._alive(first)
            yield driver
        finally:
            if driver is not None:
                self._give_back(driver)
            self._free.release()

    def _alive(self, first: str) -> Driver:
        """A connection on which `first` was said; one that died while idle is replaced."""
        while True:
            try:
                driver = self._idle.pop()
            except IndexError:
                driver = connect(self.url, durable=self._durable)
                if first:
                    _say(driver, first)
                return driver
            if not first:
                return driver
            with suppress(psycopg.OperationalError):
                _say(driver, first)
                return driver
            driver.close()

    def _give_back(self, driver: Driver) -> None:
        if self._closed or driver.broken or driver.closed:
            driver.close()
        else:
            self._idle.append(driver)


class Joined(Pool):
    """The pool as seen from inside an open transaction: what is done through it is part of that."""

    def __init__(self, pool: Pool, conn: Conn) -> None:
        super().__init__(pool.url)
        self._conn = conn

    @contextmanager
    def transaction(self) -> Generator[Conn]:
        """A part of the open transaction: undone when it raises, committed with the whole."""
        with self._conn.savepoint():
            yield self._conn

    def fetch(self, sql: str, params: Params | None = None) -> list[Row]:
        """One statement of the open transaction."""
        return self._conn.fetch(sql, params)


class Lock:
    """A session lock. Its `transaction()` runs on the session that holds it: lost lock, no commit.

    A `Db` like the pool, for one thread: whoever must be alone does all its writing through it.
    """

    def __init__(self, driver: Driver, counters: list[list[str]]) -> None:
        self._driver = driver
        self._counters = counters

    @contextmanager
    def transaction(self) -> Generator[Conn]:
        """A transaction that can only commit while the lock is ours."""
        try:
            _say(self._driver, "begin")
        except psycopg.OperationalError as error:
            raise DatabaseDown("The connection that held the lock is gone.") from error
        with _in_transaction(self._driver):
            yield Connection(self._driver, self._counters)

    def fetch(self, sql: str, params: Params | None = None) -> list[Row]:
        """One statement by itself, committed as it ends."""
        return _alone(self._driver, self._counters, sql, params)

    def release(self) -> None:
        """Let the next one in."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class Connection:
    """`Conn` on a driver connection whose transaction is open."""

    def __init__(self, driver: Driver, counters: list[list[str]]) -> None:
        self._driver = driver
        self._cursor = driver.cursor()  # one for all statements: it keeps what it learnt of types
        self._counters = counters
        self._names = count(1)

    def execute(self, sql: str, params: Params | None = None) -> int:
        """Run a statement; the number of rows that it touched."""
        return self._run(sql, params).rowcount

    def fetch(self, sql: str, params: Params | None = None) -> list[Row]:
        """Run a statement; all its rows."""
        return self._run(sql, params).fetchall()

    def copy(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """`COPY … FROM STDIN` with these rows."""
        self._note(sql)
        with self._driver.cursor() as cursor, cursor.copy(_trusted(sql)) as copy:
            for row in rows:
                copy.write_row(row)

    def stream(self, sql: str, params: Params | None = None) -> Iterator[Row]:
        """Rows of a large answer, through a server-side cursor: memory stays bounded."""
        self._note(sql)
        with self._driver.cursor(f"stream_{next(self._names)}") as cursor:
            cursor.itersize = STREAM_ROWS
            yield from cursor.execute(_trusted(sql), params)

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """What happens inside is undone when it raises; the transaction goes on."""
        name = f"s{next(self._names)}"
        _say(self._driver, f"savepoint {name}")
        try:
            yield
        except BaseException:
            if not self._driver.broken:
                _say(self._driver, f"rollback to {name}; release {name}")
            raise
        _say(self._driver, f"release {name}")

    def _run(self, sql: str, params: Params | None) -> psycopg.Cursor[Row]:
        self._note(sql)
        return self._cursor.execute(_trusted(sql), params)

    def _note(self, sql: str) -> None:
        for seen in self._counters:
            seen.append(sql)


def _alone(driver: Driver, counters: list[list[str]], sql: str, params: Params | None) -> list[Row]:
    try:
        return Connection(driver, counters).fetch(sql, params)
    except psycopg.OperationalError as error:
        raise DatabaseDown("The connection to the database was lost.") from error


def _say(driver: Driver, words: str) -> None:
    """Words without parameters and rows, past the driver's cursors: half of the client's time.

    A commit that the server answers with a rollback is an error, not a silence.
    """
    result = driver.pgconn.exec_(words.encode())
    if driver.pgconn.status != ConnStatus.OK:
        raise psycopg.OperationalError(driver.pgconn.get_error_message())
    if result.status != ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(result)
    if words == "commit" and result.command_status != b"COMMIT":
        raise psycopg.errors.InFailedSqlTransaction("nothing was committed")


@contextmanager
def _in_transaction(driver: Driver) -> Generator[None]:
    """End the open transaction as the block ends; a connection that died is named as what it is."""
    try:
        yield
        _say(driver, "commit")
    except BaseException as error:
        if driver.broken or driver.closed:
            if isinstance(error, psycopg.Error):
                raise DatabaseDown("The connection to the database was lost.") from error
            raise
        driver.rollback()
        raise


def connect(url: str, *, durable: bool = True) -> Driver:
    """A connection as Siyu wants it: UTC, autocommit (we say begin), statements prepared early."""
    deadline = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            driver = psycopg.connect(
                url,
                autocommit=True,
                prepare_threshold=2,
                connect_timeout=CONNECT_SECONDS,
                application_name="siyu",
                context=_CONVERSIONS,
            )
            break
        except psycopg.OperationalError as error:
            busy = "starting up" in str(error) or "shutting down" in str(error)
            if not busy or time.monotonic() > deadline:
                raise DatabaseDown(
                    f"The database can't be reached: {_first_line(error)}"
                ) from error
            time.sleep(0.1)
    driver.prepared_max = 1000
    driver.execute("set timezone = 'UTC'")
    for setting in _PLANS:
        driver.execute(setting)
    if not durable:
        driver.execute("set synchronous_commit = off")
    return driver


# Plans are made once: with arrays as parameters the server would plan nearly every call anew, a
# fifth of its time in small batches. Statements are written for it (two steps to claim, arrays to
# write). And the engine reads by key: while a table is young or grows fast its statistics are old,
# and a plan that reads all of it costs more with every row. A report that wants all rows says so.
_PLANS: tuple[LiteralString, ...] = (
    "set plan_cache_mode = force_generic_plan",
    "set enable_seqscan = off",
    "set random_page_cost = 1.1",
)


class _AwareOnly(DatetimeDumper):
    def upgrade(self, obj: datetime, format: PyFormat) -> Dumper:  # noqa: A002 - the driver's word
        if obj.tzinfo is None:
            raise ValueError("a time without its zone can't be stored")
        return super().upgrade(obj, format)


class _DictDumper(Dumper):
    oid = psycopg.adapters.types["jsonb"].oid

    def dump(self, obj: Any) -> Buffer | None:
        return msgspec.json.encode(obj)


class _JsonLoader(Loader):
    def load(self, data: Buffer) -> Any:
        return msgspec.json.decode(data)


class _Conversions:
    """Psycopg's conversions with ours on top, in the shape that `connect` takes."""

    connection = None

    def __init__(self) -> None:
        self.adapters = AdaptersMap(psycopg.adapters)
        self.adapters.register_dumper(int, Int8Dumper)
        self.adapters.register_dumper(list, ColumnDumper)
        self.adapters.register_dumper(datetime, _AwareOnly)
        self.adapters.register_dumper(dict, _DictDumper)
        self.adapters.register_loader("json", _JsonLoader)
        self.adapters.register_loader("jsonb", _JsonLoader)


_CONVERSIONS = _Conversions()


def _trusted(sql: str) -> LiteralString:
    """Statements come from `queries.sql` or from compiled expressions, never from a request."""
    return cast("LiteralString", sql)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["it does not answer"])[0]
