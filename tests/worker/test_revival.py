"""The embedded database is killed while a worker works: the worker brings it back and goes on."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from siyu.app import App, open_app, stop_database
from siyu.kernel.errors import DatabaseDown
from siyu.settings import load
from siyu.worker.worker import Worker


@pytest.fixture
def app() -> Iterator[App]:
    """An installation with a database server of its own, which a test may kill."""
    with tempfile.TemporaryDirectory(prefix="siyu-", dir="/tmp") as folder:
        with open_app(load({}, home=Path(folder))) as found:
            yield found
        stop_database(Path(folder))


def answers(app: App) -> bool:
    try:
        return app.db.fetch("select 1") == [(1,)]
    except DatabaseDown:
        return False


def test_a_worker_brings_back_the_embedded_database_that_was_killed(app: App) -> None:
    worker = Worker(app)
    worker.start()
    try:
        for _ in range(2):
            pid = int((app.settings.home / "pg" / "postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGKILL)
            while answers(app):
                time.sleep(0.01)
            deadline = time.monotonic() + 60
            while not answers(app):
                assert time.monotonic() < deadline, "nobody brought it back"
                time.sleep(0.05)
    finally:
        assert worker.stop()


def test_a_database_of_ones_own_is_nobodys_to_start(app: App) -> None:
    elsewhere = load({}, home=app.settings.home, database_url=app.db.url)

    with open_app(elsewhere) as other:
        assert not other.revive()
