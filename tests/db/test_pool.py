"""What the rooms may rely on when they hold a `Conn`."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import psycopg
import pytest
from psycopg import sql

from siyu.db.pool import Pool
from siyu.kernel.errors import DatabaseDown, TookTooLong


class Colour(StrEnum):
    RED = "red"


@pytest.fixture
def words(db: Pool) -> Pool:
    with db.transaction() as conn:
        conn.execute("create table word (id bigint primary key, text text)")
    return db


def _all(db: Pool) -> list[tuple[object, ...]]:
    with db.transaction() as conn:
        return conn.fetch("select id, text from word order by id")


def test_a_transaction_that_raises_leaves_nothing_and_the_connection_usable(words: Pool) -> None:
    with pytest.raises(RuntimeError), words.transaction() as conn:
        conn.execute("insert into word values (1, 'a')")
        raise RuntimeError

    assert _all(words) == []


def test_a_failed_statement_does_not_spoil_the_next_transaction(words: Pool) -> None:
    with pytest.raises(psycopg.Error), words.transaction() as conn:
        conn.execute("select 1/0")

    assert _all(words) == []


def test_what_is_sent_is_done_in_order_with_what_is_waited_for(words: Pool) -> None:
    with words.transaction() as conn:
        conn.send("insert into word values (1, 'a')")
        conn.send("update word set text = text || %(more)s", {"more": "b"})
        seen = conn.fetch("select text from word")
        conn.send("update word set text = text || 'c'")
        conn.copy("copy word (id, text) from stdin", [(2, "copied")])
        conn.send("update word set text = text || 'd'")

    assert seen == [("ab",)]
    assert _all(words) == [(1, "abcd"), (2, "copiedd")]


def test_what_was_sent_and_fails_is_told_by_what_comes_next(words: Pool) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), words.transaction() as conn:
        conn.send("insert into word values (1, 'a')")
        conn.send("select 1/0")
        conn.fetch("select 1")
    assert _all(words) == []

    with pytest.raises(psycopg.errors.UniqueViolation), words.transaction() as conn:
        conn.send("insert into word values (1, 'a'), (1, 'b')")  # nothing comes but the commit
    assert _all(words) == []


def test_what_somebody_else_has_is_undone_and_written_with_care(words: Pool) -> None:
    plain = "insert into word select unnest(%(ids)s::bigint[]), 'a' returning id"
    careful = plain.replace(" returning", " on conflict do nothing returning")
    with words.transaction() as conn, words.counting() as statements:
        conn.send("insert into word values (7, 'before')")
        few = conn.fetch_new(plain, careful, {"ids": [7, 8]}, 2)
        new = conn.fetch_new(plain, careful, {"ids": list(range(100, 200))}, 100)
        old = conn.fetch_new(plain, careful, {"ids": list(range(199, 299))}, 100)

    assert (len(few), len(new), len(old)) == (1, 100, 99)
    assert statements[1:] == [careful, plain, plain, careful]
    assert len(_all(words)) == 201


def test_a_savepoint_undoes_what_was_sent_inside_it(words: Pool) -> None:
    with words.transaction() as conn:
        conn.send("insert into word values (1, 'a')")
        with suppress(psycopg.errors.UniqueViolation), conn.savepoint():
            conn.send("insert into word values (2, 'b')")
            conn.send("insert into word values (1, 'again')")
        conn.send("insert into word values (3, 'c')")

    assert _all(words) == [(1, "a"), (3, "c")]


def test_raising_after_something_was_sent_leaves_nothing(words: Pool) -> None:
    with pytest.raises(RuntimeError), words.transaction() as conn:
        conn.send("insert into word values (1, 'a')")
        raise RuntimeError

    assert _all(words) == []


def test_times_come_in_utc_whatever_the_servers_own_zone_is(words: Pool) -> None:
    with psycopg.connect(words.url, autocommit=True) as outside:
        name = sql.Identifier(outside.info.dbname)
        outside.execute(sql.SQL("alter database {} set timezone = 'Asia/Shanghai'").format(name))
    fresh = Pool(words.url)
    try:
        with fresh.transaction() as conn:
            ((zone, at),) = conn.fetch(
                "select current_setting('timezone'), %(at)s::timestamptz",
                {"at": datetime(2026, 3, 2, 10, tzinfo=UTC)},
            )
    finally:
        fresh.close()
        with psycopg.connect(words.url, autocommit=True) as outside:
            outside.execute(sql.SQL("alter database {} reset timezone").format(name))

    assert zone == "UTC"
    assert at.utcoffset() == timedelta(0)


def test_a_failure_that_somebody_swallowed_is_no_silent_rollback(words: Pool) -> None:
    def swallow() -> None:
        with words.transaction() as conn:
            conn.execute("insert into word values (1, 'a')")
            with pytest.raises(psycopg.Error):
                conn.execute("select 1/0")

    with pytest.raises(psycopg.Error, match="nothing was committed"):
        swallow()


def test_a_savepoint_undoes_its_own_block_only(words: Pool) -> None:
    with words.transaction() as conn:
        conn.execute("insert into word values (1, 'kept')")
        with pytest.raises(psycopg.Error), conn.savepoint():
            conn.execute("insert into word values (2, 'lost')")
            conn.execute("select 1/0")
        with conn.savepoint():
            conn.execute("insert into word values (3, 'kept too')")

    assert _all(words) == [(1, "kept"), (3, "kept too")]


def test_copied_rows_are_streamed_back_in_bounded_pieces(words: Pool) -> None:
    with words.transaction() as conn:
        conn.copy("copy word (id, text) from stdin", ((n, f"词 {n}\t") for n in range(5000)))
        total = sum(
            row[0] for row in conn.stream("select id from word where id < %(n)s", {"n": 4500})
        )
        assert conn.fetch("select text from word where id = 7") == [("词 7\t",)]

    assert total == sum(range(4500))


def test_values_come_back_as_they_went_in(db: Pool) -> None:
    shanghai = timezone(timedelta(hours=8))
    noon = datetime(2026, 11, 20, 12, tzinfo=shanghai)

    with db.transaction() as conn:
        row = conn.fetch(
            "select %(at)s::timestamptz, %(doc)s::jsonb, %(kind)s::text, %(ids)s::bigint[],"
            " %(none)s::bigint[], %(texts)s::text[], %(raw)s::bytea",
            {
                "at": noon,
                "doc": {"姓": [1, None, {"x": 2.5}]},
                "kind": Colour.RED,
                "ids": [1, 2**40],
                "none": [],
                "texts": ["a", None],
                "raw": b"\x00\xff",
            },
        )[0]

    assert row == (
        noon, {"姓": [1, None, {"x": 2.5}]}, "red", [1, 2**40], [], ["a", None], b"\x00\xff",
    )  # fmt: skip
    assert row[0].tzinfo == UTC


def test_a_time_without_a_zone_is_refused(db: Pool) -> None:
    with pytest.raises(ValueError, match="zone"), db.transaction() as conn:
        conn.fetch("select %(at)s::timestamptz", {"at": datetime(2026, 1, 1)})  # noqa: DTZ001 - the offence


def test_small_and_large_numbers_share_one_prepared_statement(db: Pool) -> None:
    with db.transaction() as conn:
        for number in (1, 40_000, 2**40, -5, 7):
            conn.fetch("select %(n)s + 1", {"n": number})
        prepared = conn.fetch(
            "select count(*) from pg_prepared_statements where statement ~ '. 1$'"
        )

    assert prepared == [(1,)]


def test_statements_are_counted_while_a_test_asks_for_it(db: Pool) -> None:
    with db.counting() as seen, db.transaction() as conn:
        conn.fetch("select 1")
        with conn.savepoint():
            conn.execute("select 2")
    with db.transaction() as conn:
        conn.fetch("select 3")

    assert seen == ["select 1", "select 2"]


def test_a_lock_is_held_by_one_and_free_again_when_its_holder_is_gone(db: Pool) -> None:
    first = db.try_lock("applier")
    assert first is not None
    assert db.try_lock("applier") is None
    other = db.try_lock("something else")
    assert other is not None

    other.release()
    first.release()
    third = db.try_lock("applier")
    assert third is not None
    with third, third.transaction() as conn:
        assert conn.fetch("select 1") == [(1,)]


def test_whoever_asks_right_after_a_lock_was_let_go_has_it(db: Pool) -> None:
    """The server is told, and does not find out by itself some moments after a session is closed:
    who has connected before, and asks at once, would be quicker."""
    waiting = [db.contend("applier") for _ in range(20)]
    lock = db.try_lock("applier")
    for contender in waiting:
        assert lock is not None
        assert contender.try_lock() is None
        lock.release()
        lock = contender.try_lock()
    assert lock is not None
    lock.release()
    lock.release()  # nothing is left to let go


def test_a_holder_whose_session_died_can_no_longer_commit(words: Pool) -> None:
    lock = words.try_lock("applier")
    assert lock is not None

    with pytest.raises(DatabaseDown), lock.transaction() as conn:
        conn.execute("insert into word values (1, 'from a ghost')")
        _kill_others(words, "granted and locktype = 'advisory'")
        conn.execute("insert into word values (2, 'from a ghost')")

    lock.release()
    assert _all(words) == []


def _kill_others(db: Pool, condition: str) -> None:
    with db.transaction() as conn:
        conn.execute(
            "select pg_terminate_backend(pid, 5000) from pg_locks"
            f" where pid <> pg_backend_pid() and {condition}"
        )


def test_a_connection_that_died_while_idle_is_replaced_unnoticed(words: Pool) -> None:
    with words.transaction(), words.transaction():
        pass  # two are idle now
    with words.transaction() as conn, psycopg.connect(words.url) as outside:
        mine = conn.fetch("select pg_backend_pid()")[0][0]
        outside.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where datname = current_database() and pid not in (pg_backend_pid(), %s)",
            [mine],
        )

    with words.transaction() as one, words.transaction() as two:
        assert one.fetch("select 1") == two.fetch("select 1")


def test_a_server_that_does_not_answer_is_named_as_such() -> None:
    nowhere = Pool("host=/tmp/siyu-nowhere dbname=siyu user=siyu")

    with pytest.raises(DatabaseDown, match="can't be reached"), nowhere.transaction():
        pass


def test_threads_share_the_connections(words: Pool) -> None:
    def write(number: int) -> None:
        with words.transaction() as conn:
            conn.execute("insert into word values (%(n)s, 'x')", {"n": number})

    threads = [threading.Thread(target=write, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(_all(words)) == 40


@pytest.fixture
def fickle() -> Iterator[str]:
    """The address of a server that lets everybody in and goes with their first words."""

    def said(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("!i", len(body) + 4) + body

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                conn, _ = listener.accept()
                with conn:
                    conn.recv(10_000)
                    known = said(b"S", b"server_version\x0018.0\x00")
                    known += said(b"S", b"client_encoding\x00UTF8\x00")
                    conn.sendall(said(b"R", struct.pack("!i", 0)) + known + said(b"Z", b"I"))
                    conn.recv(10_000)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        port = listener.getsockname()[1]
        yield f"postgresql://siyu@127.0.0.1:{port}/siyu?sslmode=disable&gssencmode=disable"


def test_a_server_that_goes_in_the_moment_of_connecting_is_down_and_not_a_surprise(
    fickle: str,
) -> None:
    """Threads that contend and listen for good wait for exactly this error."""
    pool = Pool(fickle)

    for ask in (lambda: pool.contend("k"), lambda: pool.listen("c"), lambda: pool.fetch("select")):
        with pytest.raises(DatabaseDown):
            ask()


def test_a_long_statement_takes_the_same_values_as_a_short_one(db: Pool) -> None:
    short = (
        "select %(name)s::text, 7 %% 4, %(many)s::bigint[], %(at)s::timestamptz, %(none)s::int,"
        " %(name)s::text like '%%n'"
    )
    values = {"name": "an", "many": [1, 2], "at": datetime(2026, 1, 1, tzinfo=UTC), "none": None}
    long = f"{short} /* {'x' * 5000} */"

    with db.transaction() as conn:
        assert conn.fetch(long, values) == conn.fetch(short, values)
        assert conn.fetch(f"select %(data)b::bytea[] /* {'x' * 5000} */", {"data": [b"a"]}) == [
            ([b"a"],)
        ]


def test_only_who_said_how_long_a_statement_may_take_is_told_that_it_took_longer(db: Pool) -> None:
    """Else a statement that somebody cancels is like a connection that went: tried again."""
    slow = "select pg_sleep(5)"
    with pytest.raises(TookTooLong), db.transaction() as conn:
        conn.at_most(0.05)
        conn.fetch(slow)
    with pytest.raises(psycopg.errors.QueryCanceled), db.transaction() as conn:
        conn.execute("set local statement_timeout = 50")
        conn.fetch(slow)
    assert db.fetch("show statement_timeout") == [("0",)]


def test_a_copy_that_fails_on_its_way_leaves_the_connection_usable(db: Pool) -> None:
    rows = "copy (select 1000 / (5000 - g) from generate_series(1, 9999) g) to stdout"
    for _ in range(3):
        with pytest.raises(psycopg.errors.DivisionByZero), db.transaction() as conn:
            list(conn.copy_out(rows))
        assert db.fetch("select 1") == [(1,)]
