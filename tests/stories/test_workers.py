"""README: several processes work on one database, one is killed, and nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

PROGRAM = "from siyu.cli.main import main; main()"


class Processes:
    """Real `siyu …` processes on the installation of a story."""

    def __init__(self, story: Any, log: Path) -> None:
        settings = story.app.settings
        self._home = str(settings.home)
        self._environ = {
            **os.environ,
            "SIYU_DATABASE_URL": settings.database_url,
            "SIYU_WEBHOOK_URL": settings.connectors["webhook"]["url"],
            "SIYU_WEBHOOK_SECRET": settings.connectors["webhook"]["secret"],
        }
        self._log = log
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", PROGRAM, *words, "--home", self._home]
        with self._log.open("ab") as log:
            process = subprocess.Popen(command, env=self._environ, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def ask(self, *words: str) -> Any:
        command = [sys.executable, "-c", PROGRAM, *words, "--home", self._home, "--json"]
        return json.loads(subprocess.run(command, env=self._environ, stdout=-1, check=False).stdout)

    def end(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.terminate()
        for process in self.running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def processes(story: Any, tmp_path: Path) -> Iterator[Processes]:
    story.app.clock.tell()  # their time goes on from here at the real pace
    story.applier.release()
    found = Processes(story, tmp_path / "log")
    yield found
    found.end()


def _eventually(true: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def _appliers(story: Any) -> list[int]:
    rows = story.facts("select name from worker where applies")
    return [int(name.split()[2].partition(".")[0]) for (name,) in rows]


def _holder(story: Any) -> list[int]:
    """The process whose session holds the lock, as the server itself says."""
    rows = story.facts(
        "select a.application_name from pg_locks l join pg_stat_activity a on a.pid = l.pid"
        " where l.locktype = 'advisory' and l.granted and a.datname = current_database()"
    )
    return [int(name.split()[2].partition(".")[0]) for (name,) in rows]


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_serve_and_two_workers_apply_and_send_everything_once_though_the_applier_is_killed(
    story: Any, processes: Processes
) -> None:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    first = processes.start("worker")
    _eventually(lambda: _holder(story) == [first.pid])
    serve = processes.start("serve", "--port", str(port), "--workers", "1")
    _eventually(lambda: _answers(url))
    _eventually(lambda: len(story.facts("select from worker")) == 3)
    assert _appliers(story) == [first.pid]
    story.http = httpx.Client(base_url=url, trust_env=False, timeout=60)
    orders = [(story.order(), f"137{number:08}") for number in range(60)]

    with ThreadPoolExecutor(4) as pool:
        told = pool.map(lambda one: story.pay(*one), orders[:30])
        _eventually(lambda: len(story.facts("select from event_applied")) > 10)
        first.kill()
        killed = time.monotonic()
        _eventually(lambda: _holder(story) not in ([], [first.pid]), 10)
        taken_over = time.monotonic() - killed
        assert len(list(told)) == 30
        assert len(list(pool.map(lambda one: story.pay(*one), orders[30:]))) == 30
    _eventually(lambda: len({got.to for got in story.received if got.step == "sms"}) == 60)
    time.sleep(0.5)  # one that were sent twice would come now

    assert taken_over < 1.0
    assert story.facts("select count(*), max(applied_seq) from event_applied") == [(120, 120)]
    assert story.facts("select count(*) from event_pending") == [(0,)]
    assert len([got for got in story.received if got.step == "sms"]) == 60
    assert story.provider.repeated == []
    assert story.facts("select count(*) from touch where state in ('unknown', 'leased')") == [(0,)]
    seen = {one["name"]: one for one in processes.ask("workers")["workers"]}
    gone = [one for name, one in seen.items() if name.split()[2] == str(first.pid)]
    assert [one["alive"] for one in gone] == [False]
    assert sum(one["alive"] for one in seen.values()) == 2
    story.http.close()
    serve.terminate()
    assert serve.wait(30) in (143, -signal.SIGTERM, 0)
    _eventually(lambda: len(story.facts("select from worker")) == 1)  # who died said no word


def test_what_one_process_accepts_another_applies_within_moments(
    story: Any, processes: Processes
) -> None:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    first = processes.start("worker", "--lanes", "apply,journeys")
    _eventually(lambda: _holder(story) == [first.pid])
    processes.start("serve", "--port", str(port))
    _eventually(lambda: _answers(url))
    story.http = httpx.Client(base_url=url, trust_env=False, timeout=60)
    time.sleep(1.0)

    late: list[float] = []
    for number in range(10):
        story.tell("consent.given", story.agreed("x")["data"], {"phone": f"136{number:08}"})
        began = time.monotonic()
        while len(story.facts("select from event_applied")) <= number:
            time.sleep(0.002)
        late.append(time.monotonic() - began)
        time.sleep(0.1)
    story.http.close()

    print("applied after", [f"{one * 1000:.0f} ms" for one in sorted(late)])
    assert sorted(late)[5] < 0.5
