"""How commands speak: tables and sentences for people, one JSON object with --json."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from siyu.app import App, open_app
from siyu.kernel.errors import SiyuError
from siyu.settings import load

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Home = Annotated[
    Path | None,
    typer.Option("--home", help="The folder of this installation.", envvar="SIYU_HOME"),
]
Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]


def say(text: str = "") -> None:
    """A line for a person. Never interpreted as markup: it may hold what somebody typed."""
    out.print(text, markup=False)


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; columns after the first that hold numbers are right-aligned."""
    listed = [[_cell(value) for value in row] for row in rows]
    drawn = Table(title=title, title_justify="left", title_style="bold", header_style="dim")
    for place, head in enumerate(heads):
        numeric = bool(listed) and all(row[place][:1] in "0123456789¥£$€-–" for row in listed)
        drawn.add_column(head, justify="right" if numeric and place else "left")
    for row in listed:
        drawn.add_row(*row)
    out.print(drawn)


def _cell(value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def as_json(value: object) -> None:
    """Exactly one JSON object on standard output."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    sys.stdout.flush()


def answer(value: Any, *, json: bool, show: Callable[[Any], None]) -> None:
    """The same answer for a program or for a person."""
    if json:
        as_json(value)
    else:
        show(value)


@contextmanager
def spoken(*, json: bool = False) -> Generator[None]:
    """Errors of ours end the command with their words, not with a trace."""
    try:
        yield
    except SiyuError as error:
        fail(error, json=json)


def fail(error: SiyuError, *, json: bool = False) -> NoReturn:
    """Say what is wrong and end with exit code 1."""
    if json:
        problems = [str(problem) for problem in error.problems]
        as_json({"error": error.code, "detail": error.detail, "problems": problems})
    else:
        err.print(f"siyu: {error}", markup=False, style="red")
    raise typer.Exit(1)


@contextmanager
def opened_with(**given: object) -> Generator[App]:
    """The application with these settings on top, open as long as the command runs."""
    with open_app(load(None, **given)) as app:
        yield app


def opened(home: Path | None) -> AbstractContextManager[App]:
    """The application of a home, open as long as the command runs."""
    return opened_with(home=home)
