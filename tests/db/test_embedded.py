"""The embedded server's life: shared, killed, restarted, and whom it runs as."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo

from siyu.db import postgres
from siyu.db.embedded import Embedded, problems, running, stop
from siyu.kernel.errors import Broken

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: the server changes its account")
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="needs a plain user: root may do anything")

CLIENT = """
import signal, sys
from pathlib import Path
from siyu.db import postgres
from siyu.db.embedded import Embedded
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with Embedded(Path(sys.argv[1]), durable=False) as embedded:
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A short folder that the server's account can reach; nothing runs in it afterwards."""
    with tempfile.TemporaryDirectory(prefix="siyu-", dir="/tmp") as folder:
        yield Path(folder)
        stop(Path(folder))


@pytest.fixture
def client(home: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts another process that uses the same home, and waits until it is in."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", CLIENT, str(home)]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _postmaster(home: Path) -> int:
    return int((home / "pg" / "postmaster.pid").read_text().splitlines()[0])


def _note(url: str, word: str) -> None:
    with psycopg.connect(url) as conn:
        conn.execute("create table if not exists note (word text)")
        conn.execute("insert into note values (%s)", [word])


def _notes(url: str) -> list[str]:
    with psycopg.connect(url) as conn:
        return [word for (word,) in conn.execute("select word from note order by word")]


def test_the_last_one_out_stops_the_server_and_the_data_is_there_next_time(home: Path) -> None:
    first = Embedded(home, durable=False)
    second = Embedded(home, durable=False)
    _note(first.url, "kept")

    first.close()
    assert running(home)
    second.close()
    second.close()
    assert not running(home)

    with Embedded(home) as again:
        assert _notes(again.url) == ["kept"]


def test_two_processes_share_one_server(
    home: Path, client: Callable[[], subprocess.Popen[str]]
) -> None:
    with Embedded(home, durable=False):
        before = _postmaster(home)
        other = client()
        assert _postmaster(home) == before

    assert running(home)
    other.communicate()
    assert not running(home)


def test_processes_that_start_together_start_one_server(home: Path) -> None:
    command = [sys.executable, "-c", CLIENT, str(home)]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(3)]

    assert [process.communicate()[0] for process in both] == ["up\n"] * 3
    assert not running(home)


def test_a_killed_client_does_not_keep_the_server_up(
    home: Path, client: Callable[[], subprocess.Popen[str]]
) -> None:
    with Embedded(home, durable=False):
        other = client()
        other.kill()
        other.wait()

    assert not running(home)


def test_a_server_left_alone_by_killed_clients_is_joined_by_the_next(
    home: Path, client: Callable[[], subprocess.Popen[str]]
) -> None:
    only = client()
    only.kill()
    only.wait()
    assert running(home)
    before = _postmaster(home)

    with Embedded(home, durable=False):
        assert _postmaster(home) == before
    assert not running(home)


def test_a_killed_server_recovers_what_was_committed_at_the_next_start(home: Path) -> None:
    survivor = Embedded(home)
    _note(survivor.url, "committed")
    open_session = psycopg.connect(survivor.url)
    open_session.execute("insert into note values ('never committed')")

    os.kill(_postmaster(home), signal.SIGKILL)
    with Embedded(home) as next_one:
        assert _notes(next_one.url) == ["committed"]
    open_session.close()
    survivor.close()

    assert not running(home)


def test_a_server_that_does_not_end_in_order_is_ended_at_once_and_recovers(home: Path) -> None:
    with Embedded(home) as embedded:
        _note(embedded.url, "committed")
        server = postgres.Server(
            home / "pg", home / "run", home / "log" / "postgres.log", postgres.account_for(home)
        )
        with psycopg.connect(embedded.url) as conn:
            found = conn.execute(
                "select pid from pg_stat_activity where backend_type = 'checkpointer'"
            ).fetchone()
        assert found is not None
        os.kill(found[0], signal.SIGSTOP)  # it writes what an orderly end waits for
        server.stop(patience=2)

        assert server.pid() is None

    with Embedded(home) as again:
        assert _notes(again.url) == ["committed"]


def test_a_stale_pid_that_now_belongs_to_somebody_else_is_no_server(home: Path) -> None:
    Embedded(home, durable=False).close()
    (home / "pg" / "postmaster.pid").write_text(f"{os.getpid()}\n{home / 'pg'}\n0\n5432\n/x\n\n\n")
    assert not running(home)

    with Embedded(home, durable=False) as embedded:
        _note(embedded.url, "well")


def test_an_interrupted_first_start_is_begun_anew(home: Path) -> None:
    (home / "pg.new").mkdir()
    (home / "pg.new" / "PG_VERSION").write_text("18\n")

    with Embedded(home, durable=False) as embedded:
        _note(embedded.url, "well")
    assert not (home / "pg.new").exists()


def test_stop_ends_every_process_of_the_home_and_then_the_server(
    home: Path, client: Callable[[], subprocess.Popen[str]]
) -> None:
    processes = [client(), client()]

    assert stop(home) == (2, True)
    assert [process.wait(10) for process in processes] == [0, 0]
    assert not running(home)
    assert stop(home) == (0, False)


def test_a_home_too_deep_for_a_socket_gets_one_elsewhere(home: Path) -> None:
    deep = home / ("d" * 60) / ("e" * 60)
    deep.parent.mkdir(mode=0o755)
    home.chmod(0o711)

    with Embedded(deep, durable=False) as embedded, Embedded(deep, durable=False) as joined:
        assert embedded.url == joined.url
        assert str(deep) not in embedded.url
        _note(joined.url, "well")
        elsewhere = Path(str(conninfo.conninfo_to_dict(joined.url)["host"]))
        assert elsewhere.stat().st_mode & 0o077 == 0
    assert not elsewhere.exists()


def test_a_home_with_blanks_and_chinese_in_its_name_works(home: Path) -> None:
    home.chmod(0o711)

    with Embedded(home / "我的 品牌's", durable=False) as embedded:
        _note(embedded.url, "well")


def test_nothing_listens_on_the_network_and_no_value_reaches_the_log(home: Path) -> None:
    with (
        Embedded(home, durable=False) as embedded,
        psycopg.connect(embedded.url, autocommit=True) as conn,
    ):
        assert conn.execute("show listen_addresses").fetchone() == ("",)
        conn.execute("create table person (phone text primary key)")
        conn.execute("insert into person values ('13800000001')")
        for wrong in (
            "insert into person values ('13800000001')",
            "select '13800000001x'::int",
            "select 13800000001 from nowhere",
        ):
            with pytest.raises(psycopg.Error):
                conn.execute(wrong)
        with pytest.raises(psycopg.Error):
            conn.execute("insert into person values (%s)", ["13800000001"])

    log = (home / "log" / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "1380" not in log


def test_a_file_in_the_place_of_home_is_said_in_words(home: Path) -> None:
    (home / "file").write_text("")

    with pytest.raises(Broken, match="is a file"):
        Embedded(home / "file", durable=False)
    assert "is a file" in str(problems(home / "file")[0])


def test_data_of_a_version_that_is_not_here_is_said_in_words(home: Path) -> None:
    (home / "pg").mkdir()
    (home / "pg" / "PG_VERSION").write_text("9\n")

    with pytest.raises(Broken, match="made by PostgreSQL 9"):
        Embedded(home, durable=False)
    assert "made by PostgreSQL 9" in str(problems(home)[0])


def test_a_healthy_home_and_one_that_is_not_there_yet_have_no_problems(home: Path) -> None:
    home.chmod(0o711)

    assert problems(home) == []
    assert problems(home / "later" / "still") == []
    Embedded(home, durable=False).close()
    assert problems(home) == []


def test_a_secret_that_others_can_read_is_a_problem(home: Path) -> None:
    (home / "keys").mkdir()
    (home / "keys" / "master_key").write_text("x")
    (home / "keys" / "master_key").chmod(0o644)

    assert "chmod 600" in problems(home)[0].why


@as_root
def test_as_root_the_server_is_nobody_and_only_home_itself_is_opened(home: Path) -> None:
    assert home.stat().st_mode & 0o777 == 0o700

    with Embedded(home, durable=False):
        owner = Path(f"/proc/{_postmaster(home)}").stat().st_uid
        assert pwd.getpwuid(owner).pw_name == "nobody"
        assert home.stat().st_mode & 0o777 == 0o701
        for name in ("pg", "run", "log", "clients"):
            assert (home / name).stat().st_mode & 0o077 == 0


@as_root
def test_as_root_a_home_that_nobody_can_reach_is_named_and_left_as_it_is(home: Path) -> None:
    (home / "papers").write_text("not ours")

    with pytest.raises(Broken, match=rf"nobody can't enter {home}\..*chmod o\+x {home}"):
        Embedded(home / "siyu", durable=False)
    with pytest.raises(Broken, match=rf"nobody can't enter {home}\."):
        Embedded(home, durable=False)
    assert "can't enter" in problems(home)[0].why
    assert home.stat().st_mode & 0o777 == 0o700


@as_root
def test_programs_out_of_reach_for_the_account_are_copied_once(home: Path) -> None:
    original = postgres.install_for(home / "pg")
    package = original.parent
    closed = home / "closed"  # home is 0700: only root gets in
    shutil.copytree(original, closed / package.name / original.name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, closed / libraries.name)
    nobody = postgres.account_for(home / "pg")
    installed = closed / package.name / original.name

    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        copies = Path(folder) / "postgresql"
        found = postgres.reachable_install(installed, nobody, copies)
        again = postgres.reachable_install(installed, nobody, copies)
        said = postgres.run([str(found / "bin" / "initdb"), "--version"], nobody).stdout

    assert found == again
    assert copies in found.parents
    assert said.startswith("initdb (PostgreSQL)")


@as_root
def test_root_and_the_owner_take_turns_on_the_owners_home(home: Path) -> None:
    daemon = pwd.getpwnam("daemon")
    os.chown(home, daemon.pw_uid, daemon.pw_gid)
    script = CLIENT.replace("sys.stdin.read()", "pass")
    as_daemon = [sys.executable, "-c", script, str(home)]
    try:
        first = subprocess.run(as_daemon, check=False, user=daemon.pw_uid, group=daemon.pw_gid)
    except PermissionError:
        pytest.skip("this Python is out of reach for a plain user")
    assert first.returncode == 0

    with Embedded(home, durable=False) as embedded:
        assert Path(f"/proc/{_postmaster(home)}").stat().st_uid == daemon.pw_uid
        _note(embedded.url, "from root")

    second = subprocess.run(as_daemon, check=False, user=daemon.pw_uid, group=daemon.pw_gid)
    assert second.returncode == 0


@as_root
def test_no_other_account_of_the_machine_can_connect(home: Path) -> None:
    daemon = pwd.getpwnam("daemon")
    stranger = postgres.Account(daemon.pw_name, daemon.pw_uid, daemon.pw_gid)
    install = postgres.reachable_install(postgres.install_for(home / "pg"), stranger)
    with Embedded(home, durable=False):
        psql = [str(install / "bin" / "psql"), "-h", str(home / "run"), "-U", "siyu", "-c", ""]
        closed = postgres.run(psql, stranger)
        home.chmod(0o711)
        (home / "run").chmod(0o711)
        (home / "run" / ".s.PGSQL.5432").chmod(0o777)
        opened = postgres.run(psql, stranger)

    assert "Permission denied" in closed.stdout
    assert "Peer authentication failed" in opened.stdout


@as_user
def test_a_folder_that_is_not_yours_is_said_in_words() -> None:
    with pytest.raises(Broken, match="Choose another folder"):
        Embedded(Path("/usr/siyu"))


def test_joining_a_running_server_is_quick(home: Path) -> None:
    with Embedded(home, durable=False):
        begin = time.monotonic()
        Embedded(home, durable=False).close()
        assert time.monotonic() - begin < 1
