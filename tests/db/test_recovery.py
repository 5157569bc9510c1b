"""Whatever was killed, and whatever it left behind: the next start finds what was committed."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest

from siyu.db import embedded, postgres
from siyu.db.embedded import Embedded, running, stop

WRITER = """
import sys
from pathlib import Path
import psycopg
from siyu.db.embedded import Embedded
with Embedded(Path(sys.argv[1])) as embedded:
    with psycopg.connect(embedded.url, autocommit=True) as conn:
        conn.execute("create table if not exists note (n int primary key, filler text)")
        first = conn.execute("select coalesce(max(n), 0) from note").fetchone()[0] + 1
        for n in range(first, 1_000_000):
            conn.execute("insert into note values (%s, repeat('x', 3000))", [n])
            print(n, flush=True)
"""
HOLDER = """
import fcntl, os, sys
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(descriptor, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="siyu-", dir="/tmp") as folder:
        yield Path(folder)
        stop(Path(folder))


def postmaster(home: Path) -> int:
    return int((home / "pg" / "postmaster.pid").read_text().splitlines()[0])


def children(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def last_line(process: subprocess.Popen[str]) -> int:
    """What the writer was told is committed, after it has ended."""
    said = process.communicate(timeout=60)[0].split()
    return int(said[-1]) if said else 0


def kill_all(server: int) -> None:
    for pid in [server, *children(server)]:
        os.kill(pid, signal.SIGKILL)


def kill_postmaster(server: int) -> None:
    os.kill(server, signal.SIGKILL)


def kill_one_child(server: int) -> None:
    os.kill(children(server)[-1], signal.SIGKILL)


@pytest.mark.parametrize("kill", [kill_all, kill_postmaster, kill_one_child])
def test_what_was_committed_is_there_after_a_kill_in_the_middle_of_writing(
    home: Path, kill
) -> None:
    chance, committed = random.Random(kill.__name__), 0
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(home)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        assert int(process.stdout.readline()) == committed + 1
        time.sleep(chance.random() / 2)
        kill(postmaster(home))
        process.kill()
        told = max(last_line(process), committed + 1)
        with Embedded(home) as again, psycopg.connect(again.url) as conn:
            found = conn.execute("select count(*), max(n) from note").fetchone()
        assert found is not None
        assert found[0] == found[1]  # none is missing
        assert found[1] in {told, told + 1}  # the one whose answer was lost may be there
        committed = found[1]
    assert not running(home)


def test_a_server_whose_starter_was_killed_before_the_database_was_made_is_completed(
    home: Path,
) -> None:
    with Embedded(home, durable=False) as first:
        with psycopg.connect(first.url.replace("dbname=siyu", "dbname=postgres"),
                             autocommit=True) as conn:  # fmt: skip
            conn.execute("drop database siyu")
        with Embedded(home, durable=False) as second, psycopg.connect(second.url) as conn:
            assert conn.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("torn", ["", "\0\0\0\0", "99999999999\n"])
def test_a_torn_pid_file_is_no_server(home: Path, torn: str) -> None:
    Embedded(home, durable=False).close()
    (home / "pg" / "postmaster.pid").write_text(torn)
    assert not running(home)

    with Embedded(home, durable=False):
        assert running(home)


def test_a_number_that_now_belongs_to_a_stranger_on_the_same_folder_is_no_server(
    home: Path,
) -> None:
    Embedded(home, durable=False).close()
    about = f"import sys; print('up', flush=True); sys.stdin.read() # postgres {home / 'pg'}"
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", about, "postgres", "-D", str(home / "pg")]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as stranger:
        assert stranger.stdout is not None
        stranger.stdout.readline()
        text = f"{stranger.pid}\n{home / 'pg'}\n0\n5432\n{home / 'run'}\n\n\n"
        (home / "pg" / "postmaster.pid").write_text(text)
        assert not postgres.is_server(stranger.pid, home / "pg")
        with Embedded(home, durable=False):
            assert running(home)
        stranger.communicate()


def test_a_socket_and_its_lock_that_were_left_behind_are_no_hindrance(home: Path) -> None:
    Embedded(home, durable=False).close()
    name = f".s.PGSQL.{postgres.PORT}"
    (home / "run" / name).write_text("no socket")
    (home / "run" / f"{name}.lock").write_text(f"{os.getpid()}\n{home / 'pg'}\n0\n5432\n\n\n")

    with Embedded(home, durable=False):
        assert running(home)


def test_a_start_that_was_killed_with_the_lock_in_its_hand_leaves_it_free(home: Path) -> None:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", HOLDER, str(home / "start.lock")]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (home / "start.lock").open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        holder.kill()

    with Embedded(home, durable=False):
        assert running(home)


@pytest.mark.parametrize("moment", [0.05, 0.3, 0.8])
def test_a_first_start_that_was_killed_at_any_moment_is_begun_anew_or_joined(
    home: Path, moment: float
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(home)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not list(home.glob("pg.new*")) and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(moment)
    process.kill()
    process.wait()

    with Embedded(home) as embedded, psycopg.connect(embedded.url) as conn:
        assert conn.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("kill", [kill_all, kill_postmaster])
def test_a_server_that_was_killed_under_its_users_is_revived_by_one_of_them_once(
    home: Path, kill
) -> None:
    with Embedded(home) as one, Embedded(home) as other:
        assert not one.revive()  # it runs
        with psycopg.connect(one.url, autocommit=True) as conn:
            conn.execute("create table note (n int)")
        kill(postmaster(home))
        while running(home):
            time.sleep(0.01)

        assert one.revive()
        assert not other.revive()

        with psycopg.connect(other.url) as conn:
            assert conn.execute("select count(*) from note").fetchone() == (0,)
    assert not one.revive()  # who has left starts nothing
    assert not running(home)


def stalled(one: Embedded, home: Path) -> None:
    """A session of it is killed, and then the process that recovers from that."""
    server = postmaster(home)
    with closing(psycopg.connect(one.url)) as conn:
        os.kill(conn.info.backend_pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for child in children(server):
            if title(child).startswith(b"postgres: startup"):
                os.kill(child, signal.SIGKILL)
                return
    pytest.fail("nothing recovered")


def title(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


@pytest.mark.parametrize("by", ["one who is there", "one who comes"])
def test_a_server_that_recovers_for_ever_is_begun_anew(
    home: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "STALLED_SECONDS", 1)
    with Embedded(home) as one:
        with psycopg.connect(one.url, autocommit=True) as conn:
            conn.execute("create table note (n int)")
        stalled(one, home)
        before = postmaster(home)
        with pytest.raises(psycopg.OperationalError, match="in recovery mode"):
            psycopg.connect(one.url)

        if by == "one who comes":
            Embedded(home).close()
        else:
            assert one.revive()

        assert postmaster(home) != before
        with psycopg.connect(one.url) as conn:
            assert conn.execute("select count(*) from note").fetchone() == (0,)
    assert not running(home)
