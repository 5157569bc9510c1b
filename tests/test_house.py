"""The house rules that no linter knows: which files a room may have, their size, their SQL."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).parent.parent
SRC = REPO / "src" / "siyu"
LINES = 400

NOT_ROOMS = {
    "kernel", "connectors", "db", "api", "cli", "dryrun", "lake", "sandbox", "settings", "worker",
}  # fmt: skip
FLOORS = {
    "__init__.py", "model.py", "nodes", "predicates", "decide.py", "check.py", "compile.py",
    "render.py", "channel.py", "source.py", "sweep.py", "project.py", "actions.py", "views.py",
    "queries.sql",
}  # fmt: skip
PACKAGED = {name.removesuffix(".py") for name in FLOORS if name.endswith(".py")}
CONNECTOR = {
    "__init__.py", "manifest.py", "config.py", "wire.py", "channel.py", "source.py", "webhook.py",
    "fake.py", "README.md", "source", "mappings", "check.py", "client.py", "client", "wire",
    "channel", "fake",
}  # fmt: skip
TOP = {"__init__.py", "settings", "app.py", "py.typed"}
# Playbooks are files by nature: plans, contents and offers lie beside the code that reads them.
DATA = {"playbooks": {"*.yaml", "*.json", "*.md"}, "segments": {"*.yaml"}}
TIME_IN_SQL = re.compile(
    r"(\bnow\s*\(|\bcurrent_(timestamp|date|time)\b|\blocal(timestamp|time)\b|"
    r"\b(clock|statement|transaction)_timestamp\s*\(|\btimeofday\s*\(|"
    r"'(now|today|tomorrow|yesterday)'\s*::\s*(timestamp|date)|"
    r"\b(timestamptz?|date)\s*'(now|today|tomorrow|yesterday)')",
    re.IGNORECASE,
)


def _rooms() -> list[Path]:
    return [path for path in _entries(SRC) if path.is_dir() and path.name not in NOT_ROOMS]


def _entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name != "__pycache__")


def _statements(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield line.partition("--")[0]


@pytest.mark.parametrize("room", _rooms(), ids=lambda room: room.name)
def test_a_room_has_only_the_known_floors(room: Path) -> None:
    patterns = DATA.get(room.name, set())
    strange = [
        entry.name
        for entry in _entries(room)
        if entry.name not in FLOORS
        and not (entry.is_dir() and entry.name in PACKAGED)
        and not any(entry.match(pattern) for pattern in patterns)
        and not (entry.is_dir() and patterns and not list(entry.rglob("*.py")))
    ]

    assert strange == []


def test_a_connector_has_only_the_known_files() -> None:
    connectors = [path for path in _entries(SRC / "connectors") if path.is_dir()]
    strange = [
        str(entry.relative_to(SRC))
        for connector in connectors
        for entry in _entries(connector)
        if entry.name not in CONNECTOR
    ]

    assert strange == []


def test_nothing_else_lies_beside_the_rooms() -> None:
    assert [
        entry.name for entry in _entries(SRC) if entry.is_file() and entry.name not in TOP
    ] == []


def test_every_room_stands_under_the_import_contracts() -> None:
    contracts = tomllib.loads((REPO / "pyproject.toml").read_text())["tool"]["importlinter"]
    floors = next(c for c in contracts["contracts"] if c["name"].startswith("Floors"))

    assert floors["containers"] == [f"siyu.{room.name}" for room in _rooms()]


def test_a_rooms_init_is_its_promise_in_prose() -> None:
    wrong = [
        room.name
        for room in (*_rooms(), SRC / "kernel", SRC / "db", SRC / "connectors")
        if not _is_prose(room / "__init__.py")
    ]

    assert wrong == []


def _is_prose(path: Path) -> bool:
    if not path.is_file():
        return False
    body = ast.parse(path.read_text("utf-8")).body
    return len(body) == 1 and ast.get_docstring(ast.Module(body, [])) is not None


def test_every_module_opens_with_what_it_promises() -> None:
    silent = [
        str(path.relative_to(SRC))
        for path in sorted(SRC.rglob("*.py"))
        if ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None
    ]

    assert silent == []


def test_no_file_is_longer_than_a_thought() -> None:
    long = {
        str(path.relative_to(REPO)): length
        for folder in (SRC, REPO / "tests")
        for path in folder.rglob("*.py")
        if (length := len(path.read_text("utf-8").splitlines())) > LINES
    }

    assert long == {}


def test_no_statement_reads_the_servers_clock() -> None:
    offences = [
        f"{path.relative_to(SRC)}: {line.strip()}"
        for path in sorted(SRC.rglob("*.sql"))
        for line in _statements(path.read_text("utf-8"))
        if TIME_IN_SQL.search(line)
    ]

    assert offences == []


@pytest.mark.parametrize(
    "line",
    [
        "where due_at < now()",
        "default current_timestamp",
        "select LOCALTIMESTAMP",
        "at < 'now'::timestamptz",
        "at < date 'today'",
    ],
)
def test_the_guard_knows_the_ways_to_ask_the_server_for_the_time(line: str) -> None:
    assert TIME_IN_SQL.search(line)


def test_the_guard_lets_virtual_now_pass() -> None:
    assert not TIME_IN_SQL.search("select virtual_now, %(now)s where lane in ('now', 'window')")
