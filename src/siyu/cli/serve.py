"""`siyu serve`: API, workers and embedded database; `siyu worker`: work alone, beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer
import uvicorn

from siyu.app import App
from siyu.cli.screen import Home, Json, answer, local, opened, opened_with, say, spoken, table
from siyu.dryrun.keeper import Keeper
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import doubled
from siyu.settings import Settings
from siyu.worker.imports import Importer
from siyu.worker.lanes import LANES
from siyu.worker.status import lately, workers
from siyu.worker.worker import PATIENCE, Worker

if TYPE_CHECKING:
    from siyu.api.live import Live

LONGEST_RETRY = 30.0
PATIENCE_AT_THE_END = 20  # seconds for requests under way


def serve(
    port: Annotated[int | None, typer.Option(help="Port of the API; 0: any free one.")] = None,
    host: Annotated[str | None, typer.Option(help="Address of the API.")] = None,
    more: Annotated[
        int, typer.Option("--workers", min=0, help="Worker processes besides this one.")
    ] = 0,
    home: Home = None,
) -> None:
    """Serve the API and work. Receive facts, walk journeys, send what is owed; Ctrl-C ends it."""
    with spoken(), opened_with(home=home, port=port, host=host) as app:
        app.brand  # noqa: B018 - refuses in words where no brand is set up yet
        run(app, app.settings, more=more)


def run(app: App, settings: Settings, *, more: int = 0) -> None:
    """Serve until somebody stops it; the workers finish their batches."""
    from siyu.api.http import make  # noqa: PLC0415 - all its routes, which no worker needs

    worker = Worker(app)
    crew = Crew(more, settings)
    importer = Importer(app)
    dry_runs = Keeper(app)
    api = make(app)
    config = uvicorn.Config(
        api,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,
        timeout_graceful_shutdown=PATIENCE_AT_THE_END,
    )
    worker.start()
    crew.start()
    importer.start()
    dry_runs.start()
    where = f"http://{settings.host}:{settings.port}/docs"
    say(
        Sentence(
            f"Siyu serves at {where} (API key: HOME/keys/api_key).",
            f"Siyu 服务于 {where}（API 密钥：HOME/keys/api_key）。",
        )
    )
    try:
        Server(config, api.state.live).run()
    finally:
        crew.ask_to_end()
        dry_runs.stop(PATIENCE)
        importer.stop(PATIENCE)
        worker.stop()
        crew.stop()


def work(
    lanes: Annotated[
        str, typer.Option(help=f"Only these, joined by commas: {', '.join(LANES)}.")
    ] = "",
    parent: Annotated[
        int, typer.Option(hidden=True, help="The process that began it, and whose end it shares.")
    ] = 0,
    home: Home = None,
) -> None:
    """Work without an API, beside `siyu serve` or other workers on the same database.

    Ctrl-C or SIGTERM ends it after the batches under way; a second one ends it at once.
    """
    with spoken(), opened_with(home=home) as app:
        app.brand  # noqa: B018 - refuses in words where no brand is set up yet
        worker = Worker(app, _wanted(lanes))
        worker.start()
        if not parent:
            say(Sentence(f"{app.db.name} works; Ctrl-C ends it.",
                         f"{app.db.name} 在工作；按 Ctrl-C 结束。"))  # fmt: skip
        try:
            with suppress(KeyboardInterrupt):
                _until_left_by(parent)
        finally:
            worker.stop()


def show_workers(home: Home = None, json: Json = False) -> None:
    """Who works on this database, and how the sweeps fared in the last five minutes."""
    with spoken(json=json), opened(home) as app:
        real = app.clock.real()
        with app.db.transaction() as conn:
            found, sweeps = workers(conn, real), lately(conn, real)

        def show(_: object) -> None:
            table(
                "Workers",
                ["worker", "alive", "applies", "sessions", "last heard of", "since", "lanes"],
                [
                    (
                        one.name,
                        Sentence("yes", "是") if one.alive else Sentence("no", "否"),
                        "yes" if one.applies and one.alive else "",
                        one.sessions,
                        f"{(real - one.beat_at).total_seconds():.0f} s ago",
                        one.started_at,
                        ", ".join(one.lanes),
                    )
                    for one in found
                ],
                local(app),
            )
            table(
                "Sweeps in the last five minutes",
                ["sweep", "runs", "items", "seconds", "failures", "longest lag", "last error"],
                [
                    (
                        one.sweep, one.runs, f"{one.items:,}", f"{one.seconds:.2f}", one.failures,
                        f"{one.lag:.1f} s", one.last_error,
                    )
                    for one in sweeps
                ],
            )  # fmt: skip

        answer(
            {
                "workers": [one._asdict() for one in found],
                "sweeps": [one._asdict() for one in sweeps],
            },
            json=json,
            show=show,
        )


def _wanted(lanes: str) -> Sequence[str]:
    wanted = [name.strip() for name in lanes.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in LANES]
    if unknown:
        raise BadInput(
            Sentence(
                f"There is no lane {', '.join(unknown)}; known are {', '.join(LANES)}.",
                f"没有通道 {', '.join(unknown)}；可以是 {', '.join(LANES)}。",
            )
        )
    return wanted or LANES


def _until_left_by(parent: int) -> None:
    """For good; a worker that a `siyu serve` began ends when that one is gone."""
    while not parent or os.getppid() == parent:
        time.sleep(1.0 if parent else 3600.0)


class Server(uvicorn.Server):
    """Ends the streams of those who listen before it waits for requests under way."""

    def __init__(self, config: uvicorn.Config, live: Live) -> None:
        super().__init__(config)
        self._live = live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop taking requests, and finish those under way."""
        self._live.close()
        await super().shutdown(sockets)


class Crew:
    """Worker processes that a `siyu serve` began: one that dies is begun anew."""

    def __init__(self, size: int, settings: Settings) -> None:
        words = ["worker", "--parent", str(os.getpid()), "--home", str(settings.home)]
        program = "from siyu.cli.main import main; main()"
        self._command = [sys.executable, "-c", program, *words]
        self._ending = threading.Event()
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._threads = [
            threading.Thread(target=self._keep, args=(place,), daemon=True) for place in range(size)
        ]

    def start(self) -> None:
        """Begin them all."""
        for thread in self._threads:
            thread.start()

    def ask_to_end(self) -> None:
        """Let them finish their batches."""
        self._ending.set()
        for process in list(self._running.values()):
            process.terminate()

    def stop(self) -> None:
        """Wait for those who were asked, as long as batches are given; then end what is left."""
        deadline = time.monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.1))
        for process in list(self._running.values()):
            process.kill()

    def _keep(self, place: int) -> None:
        failures = 0
        while not self._ending.is_set():
            began = time.monotonic()
            process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)  # noqa: S603 - ourselves
            self._running[place] = process
            if self._ending.is_set():  # asked while it was being begun
                process.terminate()
            process.wait()
            del self._running[place]
            failures = 0 if time.monotonic() - began > LONGEST_RETRY else failures + 1
            self._ending.wait(doubled(0.5, failures, LONGEST_RETRY) if failures else 0)
