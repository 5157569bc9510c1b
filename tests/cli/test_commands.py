"""What every command has in common."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from siyu.cli import main
from siyu.cli.main import app

WITHOUT_HOME = {
    "siyu import mapping",
    "siyu journey check",
    "siyu version",
}  # they need no installation
WITHOUT_JSON = {"siyu serve", "siyu worker"}  # it answers over HTTP
READING = [
    ["version"],
    ["journey", "list"],
    ["journey", "show", "cascade"],
    ["playbook", "list"],
    ["events", "parked"],
    ["find", "nobody"],
    ["task", "presses"],
    ["doctor"],
]


def _walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
    for name, child in (children or {}).items():
        yield from _walk(child, f"{path} {name}")


COMMANDS = dict(_walk(typer.main.get_command(app), "siyu"))


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_takes_home_and_json_and_says_what_it_does(path: str) -> None:
    command = COMMANDS[path]
    taken = {one.name for one in command.params}

    assert ("home" in taken) is (path not in WITHOUT_HOME)
    assert ("json" in taken) is (path not in WITHOUT_JSON)
    assert command.help.strip().endswith((".", "?")) or "." in command.help
    assert [one.name for one in command.params if not getattr(one, "help", None)] == []


def test_a_list_of_commands_says_what_each_says_of_itself_and_imports_none() -> None:
    group: Any = typer.main.get_command(app)
    for name, where in main.COMMANDS.items():
        assert " ".join(group.commands[name].help.split()).startswith(where.does), name

    program = "import sys; from siyu.cli.main import app; app(standalone_mode=False);"
    program += "print(sorted({'siyu.app', 'fastapi', 'numpy', 'psycopg'} & {*sys.modules}))"
    ran = subprocess.run([sys.executable, "-c", program, "--help"], capture_output=True, check=True)
    *listed, loaded = ran.stdout.decode().splitlines()
    assert {line.split()[0] for line in listed if line.startswith("  ")} >= {*main.COMMANDS}
    assert loaded == "[]"


def test_the_version_is_an_option_too(run: Callable) -> None:
    assert run("--version").out == run("version").out != ""


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_json_is_exactly_one_object(run: Callable, played, words: list[str]) -> None:
    home = [] if words == ["version"] else ["--home", played.home]

    assert run(*words, *home, "--json").json


@pytest.mark.parametrize(
    "words",
    [["explain", "x"], ["playbook", "install", "cascade"], ["serve", "--port", "0"]],
    ids=" ".join,
)
def test_before_there_is_a_brand_a_command_says_how_to_get_one(
    run: Callable, brandless: Path, words: list[str]
) -> None:
    said = run(*words, "--home", brandless)

    assert said.code == 1
    assert "No brand is set up yet" in said.err
    assert "siyu demo" in said.err
