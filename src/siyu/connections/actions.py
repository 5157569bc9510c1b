"""Remember for a connector, sealed; wake, claim and end its pulls."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from siyu.connections import model
from siyu.connections.model import (
    FIRST_RETRY,
    LONGEST_ALARM,
    LONGEST_ERROR,
    LONGEST_RETRY,
    PERIODS,
    SHORTEST_ALARM,
    Claimed,
)
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, Db, load
from siyu.kernel.time import Clock, doubled
from siyu.vault.model import NONCE_BYTES, Keys

SQL = load("siyu.connections")
AT_ONCE = 4  # threads that hold locks: each may want two connections more, of a pool's twelve
_places = threading.Semaphore(AT_ONCE)
_held = threading.local()


@lru_cache(4096)
def _mine(connector: str, key: str) -> threading.Lock:  # noqa: ARG001 - the cache is by them
    """The lock of this process."""
    return threading.Lock()


@contextmanager
def _placed(mine: threading.Lock) -> Generator[None]:
    """Hold it, and with it a place of this process; inside another one the thread has its place."""
    depth: int = getattr(_held, "depth", 0)
    if depth:
        mine.acquire()
    else:
        _take_both(mine, _places)
    _held.depth = depth + 1
    try:
        yield
    finally:
        _held.depth = depth
        mine.release()
        if not depth:
            _places.release()


def _take_both(
    first: threading.Lock | threading.Semaphore, second: threading.Lock | threading.Semaphore
) -> None:
    """Wait for either with empty hands: a crowd at one lock takes no places, and who has a place
    never waits for a lock whose holder waits for one."""
    while True:
        first.acquire()
        if second.acquire(blocking=False):
            return
        first.release()
        first, second = second, first


class Memory:
    """What one connector remembers: tokens, cursors, codes that live for seconds.

    Values are sealed under the master key; keys are in clear, so nothing personal may be in them.
    """

    def __init__(self, db: Db, keys: Keys, connector: str, clock: Clock) -> None:
        self._db = db
        self._keys = keys
        self._connector = connector
        self._clock = clock

    def get(self, key: str) -> str | None:
        """What is remembered under that key; None where there is nothing, or its time is over."""
        return self.get_all([key]).get(key)

    def get_all(self, keys: Collection[str]) -> dict[str, str]:
        """Those of these that are remembered, in one statement."""
        asked = {"connector": self._connector, "keys": sorted(keys), "now": self._clock.now()}
        return {
            key: model.opened(self._keys, self._connector, key, value)
            for key, value in (self._db.fetch(SQL.get, asked) if keys else ())
        }

    def put(self, key: str, value: str, until: datetime | None = None) -> None:
        """Remember this, instead of what was there."""
        self.put_all({key: value}, until)

    def put_all(self, values: Mapping[str, str], until: datetime | None = None) -> None:
        """Remember all of these or none, in one statement."""
        sealed = [
            model.sealed(self._keys, self._connector, key, value, secrets.token_bytes(NONCE_BYTES))
            for key, value in sorted(values.items())
        ]
        params = {
            "connector": self._connector, "keys": sorted(values), "values": sealed, "until": until,
        }  # fmt: skip
        with self._db.transaction() as conn:
            conn.execute(SQL.put, params)

    def take(self, key: str) -> str | None:
        """Get it and forget it: of several who try, one has it."""
        with self._db.transaction() as conn:
            rows = conn.fetch(SQL.take, {**self._at(key), "now": self._clock.now()})
        if not rows or rows[0][1]:
            return None
        return model.opened(self._keys, self._connector, key, rows[0][0])

    def keys(self, prefix: str) -> list[str]:
        """Every key that begins so, in order."""
        asked = {"connector": self._connector, "prefix": prefix, "now": self._clock.now()}
        return [key for (key,) in self._db.fetch(SQL.beginning, asked)]

    def items(self, prefix: str) -> dict[str, str]:
        """All that is remembered under such keys, in one statement."""
        asked = {"connector": self._connector, "prefix": prefix, "now": self._clock.now()}
        return {
            key: model.opened(self._keys, self._connector, key, value)
            for key, value in self._db.fetch(SQL.items, asked)
        }

    @contextmanager
    def lock(self, key: str) -> Generator[None]:
        """One at a time over all processes; whoever waits should look again whether it is done.

        Of this process only one waits at the database, and only `AT_ONCE` threads hold any: the
        others keep no connection meanwhile, which who holds a lock may need.
        """
        with _placed(_mine(self._connector, key)), self._db.transaction() as conn:
            conn.execute(SQL.alone, self._at(key))
            yield

    def _at(self, key: str) -> dict[str, object]:
        return {"connector": self._connector, "key": key}


class Alarms:
    """What one connector's vendor has told us that somebody has to act on."""

    def __init__(self, db: Db, connector: str, clock: Clock) -> None:
        self._db = db
        self._connector = connector
        self._clock = clock

    def begin(
        self, name: str, why: Sentence, *, quota: bool = False, until: datetime | None = None
    ) -> None:
        """From now on; said again it began when it did."""
        params = {
            "connector": self._connector, "name": name, "quota": quota, "now": self._clock.now(),
            "why": _both(why), "until": until,
        }  # fmt: skip
        with self._db.transaction() as conn:
            conn.execute(SQL.alarm, params)

    def end(self, name: str) -> None:
        """It is over."""
        params = {"connector": self._connector, "name": name}
        with self._db.transaction() as conn:
            conn.execute(SQL.calm, params)


def forget(conn: Conn, now: datetime) -> int:
    """Sweep away what is over; how many."""
    swept = conn.execute(SQL.sweep_entries, {"now": now})
    return swept + conn.execute(SQL.sweep_alarms, {"now": now})


def plan(
    conn: Conn,
    pulls: Collection[tuple[str, str]],
    now: datetime,
    accounts: Mapping[str, str] | None = None,
) -> None:
    """These pulls (connector, name) exist from now on; those that did not before are due, and so
    are those of a connector that speaks for another account (`accounts`) than before: a cursor
    belongs to the account that it was made with."""
    if pulls:
        connectors, names = map(list, zip(*sorted(pulls), strict=True))
        whose = [(accounts or {}).get(one, "") for one in connectors]
        params = {"connectors": connectors, "names": names, "accounts": whose, "now": now}
        conn.execute(SQL.plan, params)


def drop_others(
    conn: Conn, pulls: Collection[str], connectors: Collection[str], now: datetime
) -> None:
    """Only these pulls (CONNECTOR/NAME) are asked for and only these connectors are connected:
    nobody is alarmed by others any more."""
    conn.execute(SQL.rest_others, {"pulls": sorted(pulls), "now": now})
    conn.execute(SQL.calm_others, {"connectors": sorted(connectors)})


def wake(conn: Conn, connector: str, names: Sequence[str], now: datetime) -> None:
    """There is something to be had: these run as soon as they can."""
    params = {"connector": connector, "names": sorted(set(names)), "now": now}
    conn.execute(SQL.wake, params)


def hint(conn: Conn, pulls: Collection[str], now: datetime) -> None:
    """These (CONNECTOR/NAME) may have something to do now; one that has failed waits on."""
    conn.execute(SQL.hint, {"pulls": sorted(pulls), "now": now})


def begin(
    conn: Conn,
    pulls: Collection[str],
    now: datetime,
    real: datetime,
    shares: Mapping[str, str] | None = None,
    accounts: Mapping[str, str] | None = None,
) -> Claimed | None:
    """Claim one that is due, of these (CONNECTOR/NAME); None where there is none.

    `shares`: what some of them share with others of their connector. Of those one runs at a time.
    `accounts`: for whom each connector speaks, as in `plan`.
    """
    names = sorted(pulls)
    shared = [(shares or {}).get(name, "") for name in names]
    params = {
        "pulls": names,
        "shares": shared,
        "accounts": [(accounts or {}).get(name.partition("/")[0], "") for name in names],
        "now": now,
        "real": real,
        "until": real + model.LEASE,
    }
    if any(shared):
        conn.execute(SQL.one_begins)
    rows = conn.fetch(SQL.begin, params)
    return Claimed(*rows[0]) if rows else None


def kept(conn: Conn, claimed: Claimed, cursor: str, real: datetime) -> bool:
    """So far it has come: in the transaction that stores what it brought. False: its lease was
    over, and somebody else has claimed it."""
    until = real + model.LEASE
    return conn.execute(SQL.kept, {**_of(claimed), "cursor": cursor, "until": until}) > 0


def ended(
    conn: Conn,
    claimed: Claimed,
    every: timedelta,
    now: datetime,
    *,
    again: datetime | None = None,
    error: str = "",
    why: Sentence | None = None,
) -> bool:
    """It is over: the next one comes in its time, sooner where it said so or has failed; `why` is
    for people what `error` is for whoever looks into it. False: as in `kept`."""
    failures = claimed.failures + 1 if error else 0
    following = now + every if again is None else min(again, now + every)
    if error:
        wait = timedelta(seconds=doubled(FIRST_RETRY, claimed.failures, LONGEST_RETRY))
        following = now + min(wait, every)
    told = conn.execute(
        SQL.ended,
        {
            **_of(claimed),
            "next": following,
            "failures": failures,
            "error": error[:LONGEST_ERROR],
            "why": _both(why or Sentence(error, error)) if error else None,
            "now": now,
            "alarm": now + min(max(PERIODS * every, SHORTEST_ALARM), LONGEST_ALARM),
        },
    )
    return told > 0


def _of(claimed: Claimed) -> dict[str, object]:
    return {"connector": claimed.connector, "name": claimed.name, "token": claimed.token}


def _both(said: Sentence) -> str:
    words = {"en": said[:LONGEST_ERROR], "zh": said.zh[:LONGEST_ERROR]}
    return msgspec.json.encode(words).decode()
