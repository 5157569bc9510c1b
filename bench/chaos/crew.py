"""Real `siyu` processes on one home, each begun anew when it dies; and who kills them."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import psycopg
from outside import SECRET, Phones

from siyu.app import App, open_app, virtual
from siyu.settings import load

PROGRAM = "from siyu.cli.main import main; main()"
# What is killed, and how often of the whole. `sender`: all processes of ours, while the provider
# has a batch in its hands that it has not answered.
VICTIMS = {"worker": 9, "serve": 4, "sender": 3, "postmaster": 2, "backend": 2, "cluster": 2}
LET_UP = 0.75
GROWN = 3.0  # seconds: then a process has surely something in hand


class Crew:
    """`siyu serve`, and workers beside it, kept alive as a supervisor of the system would do."""

    def __init__(self, home: Path, provider: str, workers: int) -> None:
        self.home = home
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.starts = 0
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SIYU_")},
            "SIYU_WEBHOOK_URL": provider,
            "SIYU_WEBHOOK_SECRET": SECRET,
            "SIYU_LOG_LEVEL": "warning",
        }
        serve = ("serve", "--port", str(self.port))
        self._wanted = [serve, *[("worker",)] * workers]
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._since: dict[int, float] = {}
        self._up = threading.Event()
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Begin them all."""
        self._up.set()
        self._keeper.start()
        self.until_answering()

    def until_answering(self) -> None:
        """Until the API is there."""
        deadline = time.monotonic() + 90
        while not self._answers():
            if time.monotonic() > deadline:
                raise SystemExit(f"siyu serve does not come up; see {self.home / 'siyu.log'}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/healthz", timeout=5) as answer:  # noqa: S310 - ourselves
                return answer.status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """In order: each finishes its batches."""
        self._ending.set()
        self._keeper.join()
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()
            process.wait()

    def power_cut(self, away: timedelta) -> None:
        """All die in one moment; the machine comes up again after that time."""
        with self._lock:
            self._up.clear()
            self.kill_cluster(all_of_it=True)
            for process in self._running.values():
                process.kill()
                process.wait()
            self._running.clear()
        with open_app(load({}, home=self.home)) as app:
            time_passes(app, away)
            self._up.set()
            self._until_up(2)  # so that the database is not stopped and begun again

    def kill(self, what: str, chance: random.Random) -> bool:
        """One of them, with -9; whether there was one."""
        if what in ("postmaster", "cluster", "backend"):
            return self.kill_cluster(
                all_of_it=what == "cluster", backend=chance if what == "backend" else None
            )
        with self._lock:
            places = [0] if what == "serve" else list(range(1, len(self._wanted)))
            alive = [n for n in places if n in self._running and self._running[n].poll() is None]
            grown = [n for n in alive if time.monotonic() - self._since[n] > GROWN]
            if alive:
                self._running[chance.choice(grown or alive)].kill()
            return bool(alive)

    def kill_all(self) -> None:
        """All processes but the database's."""
        for process in list(self._running.values()):
            process.kill()

    def kill_cluster(self, *, all_of_it: bool, backend: random.Random | None = None) -> bool:
        """The database's first process, all of them, or one that serves a session."""
        server = self._postmaster()
        if server is None:
            return False
        children = _children(server)
        if backend is not None:
            victims = [backend.choice(children)] if children else []
        else:
            victims = [server, *(children if all_of_it else [])]
        for pid in victims:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(victims)

    def _postmaster(self) -> int | None:
        try:
            pid = int((self.home / "pg" / "postmaster.pid").read_text().split()[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return None
        return pid if os.fsencode(self.home) in words else None

    def _keep(self) -> None:
        while not self._ending.is_set():
            with self._lock:
                if self._up.is_set():
                    for place, words in enumerate(self._wanted):
                        running = self._running.get(place)
                        if running is None or running.poll() is not None:
                            self._running[place] = self._begin(words)
                            self._since[place] = time.monotonic()
            self._ending.wait(0.05)

    def _begin(self, words: tuple[str, ...]) -> subprocess.Popen[bytes]:
        self.starts += 1
        command = [sys.executable, "-c", PROGRAM, *words, "--home", str(self.home)]
        with (self.home / "siyu.log").open("ab") as log:
            return subprocess.Popen(command, env=self._environ, stdout=log, stderr=log)

    def _until_up(self, least: int) -> None:
        """Until so many have joined the database, we among them."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if len(list((self.home / "clients").iterdir())) >= least:
                return
            time.sleep(0.05)
        raise SystemExit(f"nobody came up; see {self.home / 'siyu.log'}")


class Killer:
    """Kills one after the other, at moments and in an order that its seed decides."""

    def __init__(self, crew: Crew, phones: Phones, chance: random.Random, every: float) -> None:
        self._crew = crew
        self._phones = phones
        self._chance = chance
        self._every = every
        self.killed: Counter[str] = Counter()

    @property
    def hits(self) -> int:
        """Kills that struck somebody."""
        return self.killed.total()

    def one(self) -> None:
        """Wait for a moment, then kill somebody, if there is anybody.

        Most times we let the API come up first: dead processes alone would show little.
        """
        if self._chance.random() < LET_UP:
            self._crew.until_answering()
        time.sleep(self._every * (0.3 + 1.4 * self._chance.random()))
        (what,) = self._chance.choices(list(VICTIMS), list(VICTIMS.values()))
        if what == "sender":
            self._phones.ambush = self._ambush  # strikes with the next batch
        else:
            self.killed[what] += self._crew.kill(what, self._chance)

    def _ambush(self) -> None:
        self.killed["sender"] += 1
        self._crew.kill_all()


def time_passes(app: App, away: timedelta) -> None:
    """The clocks after a machine was off: virtual time went on, real deadlines are nearer."""
    with psycopg.connect(app.db.url) as conn:
        conn.execute(
            "update touch set lease_until = lease_until - %s where state = 'leased'", [away]
        )
    virtual(app, app.clock.now() + away)


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(number) for number in text.split()]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
