"""psycopg behind `Conn` and `Db`: with driver.py the only file that speaks to the driver.

A session bears the name of its process, so that the server's own lists say whose it is.
"""

from __future__ import annotations

import os
import select
import socket
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from typing import LiteralString, Self, cast

import psycopg
import psycopg.sql
from psycopg.pq import TransactionStatus

from siyu.db.driver import LONG, Driver, coming, connect, numbered, say
from siyu.kernel.errors import DatabaseDown, TookTooLong
from siyu.kernel.sql import Conn, Params, Row

SIZE = 12
WAIT_SECONDS = 30.0
STREAM_ROWS = 2000
MANY_ROWS = 50  # from so many on it pays to insert without `on conflict`, inside a savepoint
_pools = count(1)


def _process() -> str:
    """Who we are among the sessions of a server: `siyu HOST PID`, numbered from the second pool."""
    number = next(_pools)
    name = f"siyu {socket.gethostname()[:32]} {os.getpid()}"
    return name if number == 1 else f"{name}.{number}"


class Pool:
    """Up to `size` connections to one database, shared by the threads of one process.

    Not `durable`: a commit does not wait for the disk. A crash then loses the last moments, whole
    transactions of them; only a demonstration may want that.
    """

    def __init__(self, url: str, *, size: int = SIZE, durable: bool = True) -> None:
        self.url = url
        self.name = _process()
        self._durable = durable
        self._idle: list[Driver] = []
        self._free = threading.Semaphore(size)
        self._size = size
        self._closed = False
        self._counters: list[list[str]] = []

    @contextmanager
    def transaction(self) -> Generator[Conn]:
        """A connection in a transaction: commits at the end, rolls back when something raises."""
        with self._borrowed("begin") as driver, _in_transaction(driver, self._counters) as conn:
            yield conn

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
        contender = self.contend(key)
        lock = contender.try_lock()
        if lock is None:
            contender.close()
        return lock

    def contend(self, key: str) -> Contender:
        """For one who asks again and again: on one connection, which then holds the lock."""
        return Contender(self._connect(), key, self._counters)

    def listen(self, channel: str) -> Ear:
        """What is said on that channel from now on, on a connection of its own."""
        return Ear(self._connect(), channel)

    def close(self) -> None:
        """Close what is idle now, and each other connection as it comes back."""
        self._closed = True
        self._drop_idle()

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
                driver = self._connect()
                if first:
                    say(driver, first)
                return driver
            if not first:
                return driver
            with suppress(psycopg.OperationalError):
                say(driver, first)
                return driver
            driver.close()

    def _connect(self) -> Driver:
        return connect(self.url, durable=self._durable, name=self.name)

    def _give_back(self, driver: Driver) -> None:
        if driver.broken or driver.closed:  # so are the idle ones, most likely
            self._drop_idle()
        if self._closed or driver.broken or driver.closed:
            driver.close()
        else:
            self._idle.append(driver)

    def _drop_idle(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().close()


class Contender:
    """A session that wants a lock. The server frees it at once when its holder's session ends.

    It asks again instead of waiting in the server: a statement that waits for days would keep
    dead rows from being cleaned up.
    """

    def __init__(self, driver: Driver, key: str, counters: list[list[str]]) -> None:
        self._driver = driver
        self._key = key
        self._counters = counters

    def try_lock(self) -> Lock | None:
        """The lock; None while somebody else holds it."""
        sql = "select pg_try_advisory_lock(hashtextextended(%(key)s, 0))"
        ((held,),) = _alone(self._driver, [], sql, {"key": self._key})
        return Lock(self._driver, self._counters) if held else None

    def close(self) -> None:
        """Give up; a lock that was had goes with it."""
        _let_go(self._driver)


class Ear:
    """Hears what other sessions `notify`; what was said before it began is lost."""

    def __init__(self, driver: Driver, channel: str) -> None:
        self._driver = driver
        words = psycopg.sql.SQL("listen {}").format(psycopg.sql.Identifier(channel))
        try:
            driver.execute(words)
        except psycopg.OperationalError as error:
            raise DatabaseDown("The connection that was to listen is gone.") from error

    def wait(self, seconds: float) -> list[str]:
        """What was said, as soon as something is; nothing after so many seconds. Costs no time."""
        pgconn = self._driver.pgconn
        try:
            select.select([pgconn.socket], [], [], seconds)
            pgconn.consume_input()
        except (psycopg.OperationalError, OSError) as error:
            raise DatabaseDown("The connection that listened is gone.") from error
        return [said.extra.decode() for said in iter(pgconn.notifies, None)]

    def close(self) -> None:
        """Hear no more."""
        self._driver.close()


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
            say(self._driver, "begin")
        except psycopg.OperationalError as error:
            raise DatabaseDown("The connection that held the lock is gone.") from error
        with _in_transaction(self._driver, self._counters) as conn:
            yield conn

    def fetch(self, sql: str, params: Params | None = None) -> list[Row]:
        """One statement by itself, committed as it ends."""
        return _alone(self._driver, self._counters, sql, params)

    def release(self) -> None:
        """Let the next one in, who may ask at once."""
        _let_go(self._driver)

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
        self._ahead: ExitStack | None = None  # open while something was sent and not waited for
        self.bounded = False  # was it said how long a statement may take?

    def execute(self, sql: str, params: Params | None = None) -> int:
        """Run a statement; the number of rows that it touched."""
        return self._run(sql, params).rowcount

    def fetch(self, sql: str, params: Params | None = None) -> list[Row]:
        """Run a statement; all its rows."""
        return self._run(sql, params).fetchall()

    def send(self, sql: str, params: Params | None = None) -> None:
        """Run a statement without waiting for it: the server works while we go on."""
        self._note(sql)
        if self._ahead is None:
            self._ahead = ExitStack()
            self._ahead.enter_context(self._driver.pipeline())
        self._driver.cursor().execute(_trusted(sql), params)

    def settle(self) -> None:
        """Wait for what was sent; the first error among it is raised here."""
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            ahead.close()

    def fetch_new(self, sql: str, contested: str, params: Params, count: int) -> list[Row]:
        """Insert what most likely nobody has; with `contested` where somebody was quicker.

        With `on conflict` each new row goes into the log twice, as tentative and as confirmed (48
        bytes). One savepoint for all of them costs less, from some rows on: two round trips.
        """
        if count < MANY_ROWS:
            return self.fetch(contested, params)
        try:
            with self.savepoint():
                return self.fetch(sql, params)
        except psycopg.errors.UniqueViolation:
            return self.fetch(contested, params)

    def copy(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """`COPY … FROM STDIN` with these rows."""
        self.settle()
        self._note(sql)
        with self._driver.cursor() as cursor, cursor.copy(_trusted(sql)) as copy:
            for row in rows:
                copy.write_row(row)

    def copy_out(self, sql: str, params: Params | None = None) -> Generator[bytes]:
        """`COPY … TO STDOUT`: its bytes as they come, in pieces."""
        self.settle()
        self._note(sql)
        with self._driver.cursor() as cursor, cursor.copy(_trusted(sql), params):
            yield from coming(self._driver)

    def stream(self, sql: str, params: Params | None = None) -> Iterator[Row]:
        """Rows of a large answer, through a server-side cursor: memory stays bounded."""
        self.settle()
        self._note(sql)
        with self._driver.cursor(f"stream_{next(self._names)}") as cursor:
            cursor.itersize = STREAM_ROWS
            yield from cursor.execute(_trusted(sql), params)

    def at_most(self, seconds: float) -> None:
        """No statement of this transaction may take longer from here on: `TookTooLong`."""
        self.bounded = True
        self.execute(
            "select set_config('statement_timeout', %(milliseconds)s::bigint::text, true)",
            {"milliseconds": int(seconds * 1000)},
        )

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """What happens inside is undone when it raises; the transaction goes on."""
        self.settle()
        name = f"s{next(self._names)}"
        say(self._driver, f"savepoint {name}")
        try:
            yield
            self.settle()
        except BaseException:
            with suppress(psycopg.Error):
                self.settle()
            if not self._driver.broken:
                say(self._driver, f"rollback to {name}; release {name}")
            raise
        say(self._driver, f"release {name}")

    def _run(self, sql: str, params: Params | None) -> psycopg.Cursor[Row]:
        self.settle()
        self._note(sql)
        if params is not None and len(sql) > LONG and (found := numbered(sql)) is not None:
            values = [params[name] for name in found.names]
            return psycopg.RawCursor(self._driver).execute(_trusted(found.sql), values)
        return self._cursor.execute(_trusted(sql), params)

    def _note(self, sql: str) -> None:
        for seen in self._counters:
            seen.append(sql)


def _let_go(driver: Driver) -> None:
    """End a session that may hold a lock. Closed here alone, its server would notice some moments
    later, and who asks in between is told that the lock is taken: so it is let go first. One that
    somebody is still working on is only closed: nothing of it commits without its lock."""
    if not driver.closed and driver.info.transaction_status == TransactionStatus.IDLE:
        with suppress(psycopg.Error):
            driver.execute("select pg_advisory_unlock_all()")
    driver.close()


def _alone(driver: Driver, counters: list[list[str]], sql: str, params: Params | None) -> list[Row]:
    try:
        return Connection(driver, counters).fetch(sql, params)
    except psycopg.OperationalError as error:
        raise DatabaseDown("The connection to the database was lost.") from error


@contextmanager
def _in_transaction(driver: Driver, counters: list[list[str]]) -> Generator[Connection]:
    """End the open transaction as the block ends; a connection that died is named as what it is."""
    conn = Connection(driver, counters)
    try:
        yield conn
        conn.settle()
        say(driver, "commit")
    except BaseException as error:
        with suppress(psycopg.Error):
            conn.settle()
        if driver.broken or driver.closed:
            if isinstance(error, psycopg.Error):
                raise DatabaseDown("The connection to the database was lost.") from error
            raise
        try:
            driver.rollback()
        except psycopg.Error:  # whatever it is in the middle of: it serves nobody any more
            driver.close()
        if conn.bounded and isinstance(error, psycopg.errors.QueryCanceled):
            raise TookTooLong from error
        raise


def _trusted(sql: str) -> LiteralString:
    """Statements come from `queries.sql` or from compiled expressions, never from a request."""
    return cast("LiteralString", sql)
