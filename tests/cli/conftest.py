"""The real commands on a home where a small demonstration has been played."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import structlog
from typer.testing import CliRunner

from siyu.analytics.views.explain import Explained, explain
from siyu.app import open_app
from siyu.cli.main import app, logs_aside
from siyu.db.embedded import Embedded
from siyu.settings import load

ORDERS = 60
SEED = "7"


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object of its output: anything before or after it is an error."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


class Played(NamedTuple):
    """A home with a played demonstration, its figures, and every customer explained."""

    home: Path
    figures: dict[str, Any]
    customers: list[Explained]
    told: str  # what the demonstration said on standard error

    def one(self, wanted: Callable[[Explained], bool]) -> Explained:
        """The first customer for whom this is so."""
        return next(customer for customer in self.customers if wanted(customer))


def siyu(*words: object, typed: str = "", **env: str | None) -> Said:
    """Run `siyu …` in this process; a trace is a failure of its own."""
    logs_aside()
    try:
        found = CliRunner().invoke(app, [str(word) for word in words], input=typed or None, env=env)
    finally:
        structlog.reset_defaults()
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return Said(found.exit_code, found.stdout, found.stderr)


@pytest.fixture
def run() -> Callable[..., Said]:
    return siyu


@pytest.fixture(scope="session")
def played() -> Iterator[Played]:
    home = Path(tempfile.mkdtemp(prefix="siyu-cli-", dir="/tmp"))
    try:
        load({}, home=home)  # the keys come first
        with Embedded(home, durable=False):  # stays up between the commands
            said = siyu(
                "demo", "--home", home, "--no-serve", "--json", "--seed", SEED,
                "--count", ORDERS, "--days", 1,
            )  # fmt: skip
            assert said.code == 0, said.err
            yield Played(home, said.json, _customers(home), said.err)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _customers(home: Path) -> list[Explained]:
    with open_app(load({}, home=home)) as opened, opened.db.transaction() as conn:
        ids = [row[0] for row in conn.fetch("select id from customer order by id")]
        found = [explain(conn, opened.keys, opened.ids, one, "CNY", "en") for one in ids]
    return [one for one in found if one is not None]


@pytest.fixture(scope="module")
def brandless() -> Iterator[Path]:
    """A database that has begun and holds nothing."""
    home = Path(tempfile.mkdtemp(prefix="siyu-cli-", dir="/tmp"))
    load({}, home=home)
    with Embedded(home, durable=False):
        yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def empty_home() -> Iterator[Path]:
    """A folder where nothing has begun, short enough for a socket, open to root's server."""
    home = Path(tempfile.mkdtemp(prefix="siyu-cli-", dir="/tmp"))
    home.chmod(0o711)
    yield home
    shutil.rmtree(home, ignore_errors=True)
