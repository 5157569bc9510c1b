"""A connection as Siyu wants it, and how values cross it.

Values go in and come out as the rooms write them: times aware and in UTC, a dict as jsonb, every
int as bigint (one prepared statement per query, whatever the numbers), a naive time refused.
"""

from __future__ import annotations

import re
import select
import time
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, LiteralString, NamedTuple

import msgspec
import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Dumper, Loader, PyFormat
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.types.datetime import DatetimeDumper
from psycopg.types.numeric import Int8Dumper

from siyu.db.columns import BinaryDumper, ColumnDumper
from siyu.kernel.errors import DatabaseDown
from siyu.kernel.sentence import plain
from siyu.kernel.sql import Row

CONNECT_SECONDS = 10
LONG = 4096  # characters: a longer statement psycopg takes apart with each call, 9 ms for 64 KB
_VALUE = re.compile(r"%%|%\((\w+)\)s")
_OTHER = re.compile(r"(?<!%)(?:%%)*%(?:\(\w+\)[bt]|[sbt])")
Driver = psycopg.Connection[Row]


def connect(url: str, *, durable: bool = True, name: str = "siyu") -> Driver:
    """A connection as Siyu wants it: UTC, autocommit (we say begin), statements prepared early."""
    deadline = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            driver = psycopg.connect(
                url,
                autocommit=True,
                prepare_threshold=2,
                connect_timeout=CONNECT_SECONDS,
                application_name=name,
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
    try:
        driver.execute("set timezone = 'UTC'")
        for setting in _PLANS:
            driver.execute(setting)
        if not durable:
            driver.execute("set synchronous_commit = off")
    except psycopg.OperationalError as error:  # it went in this very moment
        raise DatabaseDown(f"The database can't be reached: {_first_line(error)}") from error
    return driver


def coming(driver: Driver) -> Iterator[bytes]:
    """The rows of a COPY that has begun, as many at a time as have come. Psycopg would wait for
    each by itself: three times the client's time."""
    pgconn = driver.pgconn
    ready = select.poll()
    ready.register(pgconn.socket, select.POLLIN)
    rows: list[memoryview] = []
    while (got := pgconn.get_copy_data(1))[0] >= 0:
        if got[0]:
            rows.append(got[1])
            continue
        if rows:
            yield b"".join(rows)
            rows.clear()
        ready.poll()
        pgconn.consume_input()
    if rows:
        yield b"".join(rows)
    for result in list(iter(pgconn.get_result, None)):  # all: what is left would meet the next one
        if result.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result)


def say(driver: Driver, words: str) -> None:
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
        return msgspec.json.encode(obj, enc_hook=plain)


class _JsonLoader(Loader):
    def load(self, data: Buffer) -> Any:
        return msgspec.json.decode(data)


class _Conversions:
    """Psycopg's conversions with ours on top, in the shape that `connect` takes."""

    connection = None

    def __init__(self) -> None:
        self.adapters = AdaptersMap(psycopg.adapters)
        self.adapters.register_dumper(int, Int8Dumper)
        self.adapters.register_dumper(list, BinaryDumper)  # where a statement asks for binary
        self.adapters.register_dumper(list, ColumnDumper)  # everywhere else
        self.adapters.register_dumper(datetime, _AwareOnly)
        self.adapters.register_dumper(dict, _DictDumper)
        self.adapters.register_loader("json", _JsonLoader)
        self.adapters.register_loader("jsonb", _JsonLoader)


_CONVERSIONS = _Conversions()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["it does not answer"])[0]


class Numbered(NamedTuple):
    """A statement as the server takes it: values by their places, each of which has a name."""

    sql: str
    names: tuple[str, ...]


@lru_cache(maxsize=64)
def numbered(sql: str) -> Numbered | None:
    """None where a value goes in another way than the usual one."""
    places: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        return f"${places.setdefault(found[1], len(places) + 1)}"

    return None if _OTHER.search(sql) else Numbered(_VALUE.sub(place, sql), tuple(places))
