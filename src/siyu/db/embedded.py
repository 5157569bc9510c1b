"""The embedded database: runs while somebody uses it, and survives whatever is killed.

HOME/pg          the cluster, owned by whom the server runs as
HOME/run         its socket (elsewhere if that path is too long for one)
HOME/log         the server's log: no statement and no value of any row
HOME/clients     one locked file per process that uses it; the kernel drops the lock of a dead one
HOME/start.lock  held while somebody joins, leaves, starts or stops
HOME/keys        the secrets; see settings/
"""

from __future__ import annotations

import atexit
import fcntl
import itertools
import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import psycopg
from psycopg import conninfo

from siyu.db import postgres
from siyu.kernel.errors import Broken, DatabaseDown, Problem

DATABASE = "siyu"
LEAVE_SECONDS = 15
STALLED_SECONDS = 15  # without any process that recovers; PostgreSQL itself ends after 5 who hangs
_OURS = {"pg", "run", "log", "clients", "start.lock", "keys", "siyu.toml", "postgresql"}
_numbers = itertools.count(1)


class Embedded:
    """The database of a home folder, up as long as this is open; the last one out stops it."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        """Start the server, or join the one that runs. Not `durable`: for tests, no fsync."""
        self.home = _prepared(home)
        self._server = _server(self.home)
        self._durable = durable
        self._mark: int | None = None
        with _start_lock(self.home):
            self._mark, self._file = _enter(self.home)
            try:
                self.url = _answering(self._server, durable=durable)
            except BaseException:
                self._forget()
                raise
        atexit.register(self.close)

    def revive(self) -> bool:
        """Start the server that was killed under us, or has stalled, and wait until it answers; was
        that so?"""
        with _start_lock(self.home):
            if self._mark is None:
                return False
            if self._server.pid() is not None and not _ended_stalled(self._server):
                return False
            _answering(self._server, durable=self._durable)
            return True

    def close(self) -> None:
        """Leave; stop the server when nobody else is there. Twice is once."""
        if self._mark is None:
            return
        atexit.unregister(self.close)
        if not self.home.exists():  # removed under us: nothing is left to stop
            self._forget()
            return
        with _start_lock(self.home):
            self._forget()
            if not _clients(self.home) and self._server.pid() is not None:
                self._server.stop()

    def _forget(self) -> None:
        if self._mark is not None:
            os.close(self._mark)
            self._mark = None
            self._file.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Stopped(NamedTuple):
    """What `stop` found: how many processes were asked to leave, and whether a server ran."""

    clients: int
    server: bool


def stop(home: Path) -> Stopped:
    """Ask every process of this home to end (SIGTERM), then stop the server, whoever is left."""
    home = home.expanduser().resolve()
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not existing.is_dir():
        raise Broken(f"{existing} is a file; --home must name a folder")
    if not (home / "pg").exists():
        return Stopped(0, server=False)
    server = _server(home)
    with _start_lock(home):
        ran = server.pid() is not None
        pids = [
            client.pid for client in _clients(home) if client.here and client.pid != os.getpid()
        ]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + LEAVE_SECONDS
    while pids and time.monotonic() < deadline:
        with _start_lock(home):
            left = {client.pid for client in _clients(home)}
        if not left & set(pids):
            break
        time.sleep(0.05)
    with _start_lock(home):
        if server.pid() is not None:
            server.stop()
    return Stopped(len(pids), ran)


def running(home: Path) -> bool:
    """Is there a server on this home now?"""
    home = home.expanduser().resolve()
    return (home / "pg").exists() and _server(home).pid() is not None


def problems(home: Path) -> list[Problem]:
    """What would keep an embedded database from running here, each in words; changes nothing."""
    home = home.expanduser().resolve()
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    found: list[Problem] = []
    if not existing.is_dir():
        return [Problem(str(existing), "is a file; --home must name a folder")]
    if not os.access(existing, os.W_OK | os.X_OK):
        found.append(Problem(str(existing), "you may not write here; choose another --home"))
    free = shutil.disk_usage(existing).free
    if free < 500_000_000:
        found.append(Problem(str(existing), f"only {free // 1_000_000} MB are free"))
    try:
        account = postgres.account_for(home / "pg")
        postgres.install_for(home / "pg")
        if existing != home or not _may_open(home):
            _refuse_closed(existing if existing != home else home, account)
    except (Broken, PermissionError) as error:
        found.append(Problem(str(home), str(error)))
    keys = home / "keys"
    if keys.is_dir():
        found += [
            Problem(str(file), f"others can read it; run: chmod 600 {file}")
            for file in sorted(keys.iterdir())
            if file.stat().st_mode & 0o077
        ]
    return found


# ── the home folder ────────────────────────────────────────────────────────────────────────────


def _prepared(home: Path) -> Path:
    """The home folder, made if need be, with what belongs in it."""
    home = home.expanduser().resolve()
    root = os.geteuid() == 0
    try:
        home.mkdir(mode=0o711 if root else 0o700, parents=True, exist_ok=True)
        if root and _may_open(home):
            home.chmod(home.stat().st_mode | stat.S_IXOTH)
        account = postgres.account_for(home / "pg")
        _refuse_closed(home, account)
        for name in ("log", "clients"):
            _own(home, home / name, None)
        _own(home, home / "run", account)
    except (FileExistsError, NotADirectoryError):
        raise Broken(f"{home} is a file; --home must name a folder") from None
    except PermissionError as error:
        raise Broken(
            f"You may not use {error.filename}. Choose another folder with --home."
        ) from None
    return home


def _may_open(home: Path) -> bool:
    """Siyu's own folder, or an empty one: may let the server's account pass through, not read."""
    names = {entry.name for entry in home.iterdir()}
    return {name for name in names if not name.startswith("pg.new")} <= _OURS


def _refuse_closed(home: Path, account: postgres.Account | None) -> None:
    closed = postgres.closed_folder(home, account)
    if closed is not None and account is not None:
        raise Broken(
            f"You are root, so PostgreSQL runs as {account.name}, and {account.name} can't enter "
            f"{closed}. Choose a --home that it can reach (such as /var/lib/siyu), or allow "
            f"passing through with: chmod o+x {closed}"
        )


def _own(home: Path, folder: Path, account: postgres.Account | None) -> None:
    """A folder of 0700 inside home: the account's, else that of whoever owns home."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, *((account.uid, account.gid) if account else _ids(home)))


def _ids(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid


def _server(home: Path) -> postgres.Server:
    account = postgres.account_for(home / "pg")
    return postgres.Server(home / "pg", _sockets(home), home / "log" / "postgres.log", account)


def _sockets(home: Path) -> Path:
    """HOME/run, or a short stand-in when the system could not bind a socket that deep."""
    if _fits(home / "run"):
        return home / "run"
    name = f"siyu-{os.geteuid()}-{blake2b(os.fsencode(home), digest_size=6).hexdigest()}"
    choices = [os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"]  # noqa: S108 - checked in _stand_in
    return next(Path(base) / name for base in choices if base and _fits(Path(base) / name))


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{postgres.PORT}")) <= postgres.SOCKET_PATH_LIMIT


def _stand_in(server: postgres.Server) -> None:
    """Make the socket folder outside home; one that somebody else put there is refused."""
    uid, gid = (server.account.uid, server.account.gid) if server.account else (os.geteuid(), -1)
    try:
        server.sockets.mkdir(mode=0o700)
        os.chown(server.sockets, uid, gid)
    except FileExistsError:
        found = server.sockets.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o077:
            raise Broken(f"{server.sockets} is there and not ours; remove it") from None


# ── start and join ─────────────────────────────────────────────────────────────────────────────


def _start(server: postgres.Server, *, durable: bool) -> None:
    if not server.data.exists():
        server.init(durable=durable)
    if server.sockets.parent != server.data.parent:
        _stand_in(server)
    server.start(durable=durable)
    _make_database(server)


def _make_database(server: postgres.Server) -> None:
    with psycopg.connect(_url(server, "postgres"), autocommit=True) as conn:
        known = conn.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if known is None:
            # a starter that was killed may have a backend that is making it at this moment
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                conn.execute("create database siyu")


def _url(server: postgres.Server, database: str = DATABASE) -> str:
    folder = server.socket_folder()
    return conninfo.make_conninfo(host=folder, port=postgres.PORT, user="siyu", dbname=database)


def _answering(server: postgres.Server, *, durable: bool) -> str:
    """Where the server answers. One that was killed this moment still looks alive; and one whose
    starter was killed half-way may still be recovering."""
    began = time.monotonic()
    patience = began + 2
    while True:
        if server.pid() is None:
            with suppress(psycopg.OperationalError):  # it went again at once: another round
                _start(server, durable=durable)
            patience = time.monotonic() + 2
        url = _url(server)
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if _ended_stalled(server):
                continue
            limit = began + _patience(str(error), patience - began)
            if "does not exist" in str(error):  # its starter was killed just before it was made
                with suppress(psycopg.OperationalError):
                    _make_database(server)
            if time.monotonic() > limit:
                raise DatabaseDown(f"The embedded database does not answer: {error}") from error
            time.sleep(0.05)
        else:
            return url


def _ended_stalled(server: postgres.Server) -> bool:
    """Was it a server that recovers for ever? It is ended, to be begun anew.

    PostgreSQL 18 waits so where the process that recovers is killed in its turn: it says that it
    is in recovery mode, and none of its processes recovers. For a moment that is so before, too.
    """
    until = time.monotonic() + STALLED_SECONDS
    while time.monotonic() < until:
        try:
            psycopg.connect(_url(server), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if "in recovery mode" not in str(error) or server.recovers():
                return False
        else:
            return False
        time.sleep(0.2)
    server.kill()
    return True


def _patience(said: str, else_: float) -> float:
    """How long (s) to wait for a server that says this."""
    if "starting up" in said or "in recovery mode" in said:
        return postgres.RECOVERY_SECONDS
    return postgres.START_SECONDS if "database system is" in said else else_


# ── locks ──────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _start_lock(home: Path) -> Generator[None]:
    descriptor = _open(home / "start.lock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError:
        owner = path.owner() if path.exists() else path.parent.owner()
        raise Broken(f"{path.parent} belongs to {owner}; choose another --home") from None
    if os.geteuid() == 0:
        os.fchown(descriptor, *_ids(path.parent))
    return descriptor


class _Client(NamedTuple):
    pid: int
    here: bool  # its number means the same process to us: not in another container


def _enter(home: Path) -> tuple[int, Path]:
    path = home / "clients" / f"{os.getpid()}-{next(_numbers)}"
    descriptor = _open(path)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()} {_namespace()}".encode())
    return descriptor, path


def _clients(home: Path) -> list[_Client]:
    """Who is there; marks of the dead are cleared. Call it under the start lock."""
    found: list[_Client] = []
    for path in (home / "clients").iterdir():
        descriptor = _open(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        except BlockingIOError:
            pid, _, namespace = os.read(descriptor, 200).decode().partition(" ")
            found.append(_Client(int(pid), namespace == _namespace()))
        finally:
            os.close(descriptor)
    return found


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
