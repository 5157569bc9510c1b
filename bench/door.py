"""The product from outside: accept over HTTP, memory at rest, cold start."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import house
import uvicorn
from run import crew

from siyu.api.http import make
from siyu.app import App
from siyu.kernel import signature

Figures = dict[str, Any]


def serve_only(app: App, stop: Event, port: int) -> Generator[None, None, None]:
    """The API without a worker: what it accepts stays where it is."""
    config = uvicorn.Config(make(app), port=port, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield
    stop.wait()
    server.should_exit = True
    thread.join(10)


def accept_over_http(app: App, count: int, batch: int, senders: int, doors: int) -> Figures:
    """So many events in signed batches over keep-alive connections, at so many processes."""
    ports = [free_port() for _ in range(doors)]
    items = house.told(count, 2)
    bodies = [b"[" + b",".join(items[at : at + batch]) + b"]" for at in range(0, count, batch)]
    home = app.settings.home
    with crew(home, *[(serve_only, (port,)) for port in ports]) as servers:
        servers.go()
        with house.metered(app) as spent:
            mine = time.process_time()
            left = iter(bodies)
            threads = [
                Thread(target=_send, args=(left, ports[n % doors], app.settings.ingest_secret))
                for n in range(senders)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            mine = time.process_time() - mine
        servers.stop.set()
        served = sum(cpu for _, cpu in servers.ended())
    ((accepted,),) = app.db.fetch("select count(*) from event_pending")
    assert accepted == count, f"{accepted} of {count} were accepted"
    return {
        "per_s": round(count / spent[0].wall),
        "batch": batch,
        "senders": senders,
        "doors": doors,
        "cpu_ms_each": round((mine + served + spent[0].database) / count * 1e3, 4),
        "cpu_ms_by": {
            "client": round(mine / count * 1e3, 4),
            "server": round(served / count * 1e3, 4),
            "database": round(spent[0].database / count * 1e3, 4),
        },
    }


def _send(bodies: Iterator[bytes], port: int, secret: str) -> None:
    """One shop's connection; `bodies` are shared, each goes out once."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for body in bodies:
        headers = signature.headers(secret, body, datetime.now(UTC))
        connection.request("POST", "/api/v1/events", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status == 200, said[:500]
        assert b"rejected" not in said
    connection.close()


def at_rest(home: Path, seconds: float) -> Figures:
    """`siyu serve`: from its start to its first answer, and its memory once it is idle."""
    starts: list[float] = []
    for _ in range(3):
        with _serving(home) as (_, took):
            starts.append(took)
    with _serving(home) as (process, _):
        time.sleep(seconds)
        mine = Path("/proc") / str(process.pid)
        parts = {"siyu": house.pss(mine)}
        parts["database"] = sum(house.pss(folder) for folder in house.processes(home))
        cpu = _cpu(mine) + house.database_seconds(home)
        time.sleep(seconds)
        idle = _cpu(mine) + house.database_seconds(home) - cpu
    return {
        "cold_start_s": round(sorted(starts)[1], 2),
        "cold_starts_s": [round(took, 2) for took in starts],
        "memory_mb": round(sum(parts.values()) / 1e6),
        "memory_mb_by": {name: round(size / 1e6) for name, size in parts.items()},
        "idle_cpu_percent": round(idle / seconds * 100, 2),
    }


@contextmanager
def _serving(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    port = free_port()
    siyu = Path(sys.executable).with_name("siyu")
    command = [str(siyu), "serve", "--home", str(home), "--port", str(port)]
    began = time.monotonic()
    quiet = {**os.environ, "SIYU_LOG_LEVEL": "warning"}  # the server's own lines are no figures
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=quiet)
    try:
        while not _answers(port):
            if process.poll() is not None or time.monotonic() - began > 60:
                raise SystemExit("siyu serve did not come up")
            time.sleep(0.01)
        yield process, time.monotonic() - began
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        subprocess.run([str(siyu), "stop", "--home", str(home)], check=False, capture_output=True)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _cpu(folder: Path) -> float:
    fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(value) for value in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


__all__ = ["accept_over_http", "at_rest"]
