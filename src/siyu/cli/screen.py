"""How commands speak: tables and sentences for people, one JSON object with --json."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, NoReturn, get_args

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from siyu.app import App, catch_up, open_app
from siyu.kernel.errors import BadInput, NotFound, SiyuError
from siyu.kernel.sentence import Language, Sentence, plain, within
from siyu.kernel.sheet import Form
from siyu.kernel.time import instant
from siyu.kernel.time import zone as zone_named
from siyu.settings import default_home, demo_home, load

# What goes into a file or a pipe has no width of its own: a table may be as wide as most screens.
out = Console(
    highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 120
)
err = Console(stderr=True, highlight=False)
NOTHING = "–"
_NUMBER = re.compile(r"-?([A-Z]{3} |[A-Z]{0,2}[¥£$€])?[\d,.]+%?")  # also money

Home = Annotated[
    Path | None,
    typer.Option("--home", help="The folder of this installation.", envvar="SIYU_HOME"),
]
By = Annotated[str, typer.Option(help="Who does it; default: the account you are.")]
Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]


def say(text: str = "") -> None:
    """A line for a person, as it is: not wrapped, and never markup, since somebody typed it."""
    out.print(text, markup=False, soft_wrap=True)


def me(by: str) -> str:
    """Who does it, as they said; else the account."""
    try:
        return by or getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def moment(text: str) -> datetime:
    """A time that somebody wrote, with its offset."""
    try:
        return instant(text)
    except ValueError as error:
        raise BadInput(str(error)) from None


def one_of(word: str, known: Any, what: str) -> Any:
    """A word of a closed list (a Literal); refused with the whole list where it is none."""
    if word not in get_args(known):
        raise BadInput(f"{word!r} is no {what}; known are {', '.join(get_args(known))}.")
    return word


def file_form(file: Path) -> Form:
    """What a file is to be written as, by its name."""
    ending = file.suffix.lower()
    if ending == ".csv":
        return "csv"
    if ending == ".xlsx":
        return "xlsx"
    raise BadInput(f"{file.name} must end in .csv or .xlsx")


def many(count: int, word: str) -> str:
    """`1 touch` and `2 touches`, as people write it."""
    plural = f"{word}es" if word.endswith(("s", "ch")) else f"{word}s"
    return f"{count:,} {word if count == 1 else plural}"


def table(
    title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], zone: tzinfo = UTC
) -> None:
    """A title and a table without lines, which copies well; a column of numbers stands right.

    Times are shown in `zone`. What is too wide goes on in the next line; nothing is cut off.
    """
    listed = [[_cell(value, zone) for value in row] for row in rows]
    out.print()
    if not listed:
        say(f"{title}: none")
        return
    out.print(title, markup=False, style="bold", soft_wrap=True)
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for place, head in enumerate(heads):
        cells = [row[place] for row in listed if row[place] != NOTHING]
        number = bool(cells) and all(_NUMBER.fullmatch(cell) for cell in cells)
        drawn.add_column(head, justify="right" if number else "left", overflow="fold")
    for row in listed:
        drawn.add_row(*(Text(cell) for cell in row))
    out.print(drawn)


def _cell(value: object, zone: tzinfo) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def local(app: App) -> tzinfo:
    """The brand's time zone, in which its people read times; UTC before there is a brand."""
    try:
        return zone_named(app.brand.time_zone)
    except NotFound:
        return UTC


def private(out: Path) -> None:
    """Make the file, or the one that is there, readable by you only: people's rows go into it."""
    out.touch(mode=0o600)
    out.chmod(0o600)


def as_json(value: object, out: Path | None = None) -> None:
    """Exactly one JSON object on standard output, or in this file."""
    text = msgspec.json.format(msgspec.json.encode(value, enc_hook=plain), indent=2) + b"\n"
    if out is not None:
        private(out)
        out.write_bytes(text)
        return
    sys.stdout.buffer.write(text)
    sys.stdout.flush()


def answer(value: Any, *, json: bool, show: Callable[[Any], None]) -> None:
    """The same answer for a program or for a person."""
    if json:
        as_json(value)
    else:
        show(value)


def told(app: App, value: Mapping[str, object], *, json: bool) -> None:
    """A fact of ours was told: apply it here, unless a running server does, and say which."""
    applied = catch_up(app)
    words = "Done." if applied else "Told; the running server applies it in a moment."
    answer({"applied": applied, **value}, json=json, show=lambda _: say(words))


@contextmanager
def spoken(*, json: bool = False, language: Language = "en") -> Generator[None]:
    """Errors of ours end the command with their words, not with a trace."""
    try:
        yield
    except SiyuError as error:
        fail(error, json=json, language=language)


@contextmanager
def read_from(file: Path) -> Generator[None]:
    """What is wrong with the text of a file is said with the file's name."""
    try:
        yield
    except BadInput as error:
        en, zh = within("en", error.detail), within("zh", error.detail)
        if en.startswith(str(file)):  # it can't be read: that names it already
            raise
        raise BadInput(Sentence(f"{file}: {en}", f"{file}：{zh}"), error.problems) from None


def fail(error: SiyuError, *, json: bool = False, language: Language = "en") -> NoReturn:
    """Say what is wrong and end with exit code 1."""
    detail = within(language, error.detail)
    problems = [
        str(replace(problem, why=within(language, problem.why))) for problem in error.problems
    ]
    if json:
        as_json({"error": error.code, "detail": detail, "problems": problems})
    else:
        lines = "\n  ".join([detail, *problems])
        err.print(f"siyu: {lines}", markup=False, style="red", soft_wrap=True)
    raise typer.Exit(1)


@contextmanager
def opened_with(
    home: Path | None, port: int | None = None, host: str | None = None
) -> Generator[App]:
    """The application with these settings on top, open as long as the command runs."""
    with open_app(load(None, home=home, port=port, host=host)) as app:
        yield app


def opened(home: Path | None, *, brings: bool = False) -> AbstractContextManager[App]:
    """The application of a home, open as long as the command runs.

    `brings`: the command brings something in, which nobody wants in a demo by mistake.
    """
    return opened_with(home=home if brings else meant(home))


def meant(home: Path | None, usual: Path | None = None) -> Path | None:
    """The home that was named; else, where nothing is installed and a demo was played, the demo's.

    None: the default home (`usual`).
    """
    usual = usual or default_home(os.environ)
    installed = "SIYU_DATABASE_URL" in os.environ or any(
        _is_there(usual / name) for name in ("pg", "siyu.toml")
    )
    demo = demo_home(usual)
    if home is not None or installed or not _is_there(demo / "pg"):
        return home
    err.print(f"using the demo's home {demo}", markup=False, soft_wrap=True)
    return demo


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return True


def called() -> str:
    """How this program was called, so that a line that is shown can be typed."""
    name = Path(sys.argv[0])
    if shutil.which(name.name) == str(name):
        return name.name
    return str(name)
