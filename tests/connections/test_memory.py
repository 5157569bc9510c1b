"""What connectors remember: sealed, over in its time, taken once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from siyu.connections.actions import Memory, forget
from siyu.db.pool import SIZE
from siyu.kernel.errors import Broken
from siyu.vault.model import Keys

KEYS = Keys(master=b"m" * 32, lookup=b"l" * 32)


@pytest.fixture
def memory(db: Any, clock: Any) -> Callable[..., Memory]:
    def make(connector: str = "wecom", keys: Keys = KEYS) -> Memory:
        return Memory(db, keys, connector, clock)

    return make


def test_what_is_put_is_got_by_the_same_connector_alone(memory) -> None:
    memory().put("token", "first")
    memory().put("token", "second")

    assert memory().get("token") == "second"
    assert memory("sms").get("token") is None
    assert memory().get("other") is None


def test_a_batch_is_remembered_in_one_go(memory) -> None:
    memory().put("b", "old")
    memory().put_all({"b": "2", "a": "1", "c": "3"})
    memory().put_all({})

    assert [memory().get(key) for key in "abc"] == ["1", "2", "3"]


def test_a_value_is_not_in_the_database_in_clear(memory, db) -> None:
    memory().put("token", "the-access-token")

    ((value,),) = db.fetch("select value from connector_entry")
    assert b"the-access-token" not in bytes(value)


def test_another_master_key_opens_nothing(memory) -> None:
    memory().put("token", "x")

    with pytest.raises(Broken):
        memory(keys=Keys(master=b"o" * 32, lookup=b"l" * 32)).get("token")


def test_a_value_moved_to_another_key_does_not_open(memory, db) -> None:
    memory().put("token", "x")
    with db.transaction() as conn:
        conn.execute("update connector_entry set key = 'other'")

    with pytest.raises(Broken):
        memory().get("other")


def test_what_is_over_is_gone(memory, db, clock) -> None:
    memory().put("welcome/a", "code", clock.now() + timedelta(seconds=20))
    memory().put("welcome/b", "code")
    clock.advance(seconds=20)

    assert (memory().get("welcome/a"), memory().take("welcome/a")) == (None, None)
    assert memory().keys("welcome/") == ["welcome/b"]


def test_forgetting_sweeps_what_is_over(memory, db, clock) -> None:
    memory().put("a", "x", clock.now())
    memory().put("b", "x")

    with db.transaction() as conn:
        assert forget(conn, clock.now()) == 1
    assert memory().keys("") == ["b"]


def test_keys_are_those_that_begin_so_in_order(memory) -> None:
    for key in ("b/2", "a/1", "b/1", "b", "c/1"):
        memory().put(key, "x")

    assert memory().keys("b/") == ["b/1", "b/2"]


def test_of_many_who_take_one_has_it(memory) -> None:
    memory().put("code", "x")
    taken: list[str | None] = []
    threads = [
        threading.Thread(target=lambda: taken.append(memory().take("code"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(one for one in taken if one) == ["x"]


def test_under_a_lock_one_fetches_and_the_others_find_it(memory) -> None:
    fetched: list[str] = []

    def token() -> None:
        mine = memory()
        with mine.lock("token"):
            if mine.get("token") is None:
                fetched.append("fetched")
                mine.put("token", "x")

    threads = [threading.Thread(target=token) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert fetched == ["fetched"]


def test_a_crowd_that_waits_for_a_lock_leaves_connections_to_who_holds_it(memory) -> None:
    """More threads than the pool has connections, each of which needs one inside the lock."""
    done: list[str] = []

    def work() -> None:
        mine = memory()
        with mine.lock("crowded"):
            mine.put("seen", "x")
            done.append(mine.get("seen") or "")

    threads = [threading.Thread(target=work) for _ in range(36)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done == ["x"] * 36


def test_however_many_locks_are_wanted_at_once_whoever_has_one_finds_a_connection(memory) -> None:
    """Each holds one connection and wants two more: for a lock inside it, and for what it keeps."""
    meet, done = threading.Barrier(SIZE), list[int]()

    def work(number: int) -> None:
        mine = memory()
        with mine.lock(f"outer/{number}"):
            with suppress(threading.BrokenBarrierError):
                meet.wait(0.3)  # as many as get in
            with mine.lock(f"inner/{number}"):
                mine.put(f"seen/{number}", "x")
            done.append(number)

    together([lambda number=number: work(number) for number in range(2 * SIZE)])

    assert sorted(done) == [*range(2 * SIZE)]


def test_a_crowd_at_one_lock_keeps_nobody_from_another(memory) -> None:
    got: list[str] = []

    def wants(key: str) -> None:
        with memory().lock(key):
            got.append(key)

    with memory().lock("slow"):
        crowd = [threading.Thread(target=wants, args=["slow"], daemon=True) for _ in range(SIZE)]
        for thread in crowd:
            thread.start()
        together([lambda: wants("quick")])
        assert got == ["quick"]
    for thread in crowd:
        thread.join(10)

    assert len(got) == 1 + SIZE


def together(work: list[Callable[[], None]]) -> None:
    """All of it at once; what hangs is left behind."""
    threads = [threading.Thread(target=one, daemon=True) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
