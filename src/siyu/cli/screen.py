"""How commands speak: tables and sentences for people, one JSON object with --json."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, NoReturn, get_args

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from siyu.app import App, catch_up, open_app
from siyu.cli.words import headed
from siyu.kernel.errors import BadInput, NotFound, Problem, SiyuError
from siyu.kernel.sentence import Language, Sentence, language_of, plain, within, wording
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
_SPEAKS: ContextVar[Language | None] = ContextVar("speaks", default=None)  # this command
_NUMBER = re.compile(r"-?([A-Z]{3} |[A-Z]{0,2}[¥£$€])?[\d,.]+%?")  # also money

Home = Annotated[
    Path | None,
    typer.Option("--home", help="The folder of this installation.", envvar="SIYU_HOME"),
]
By = Annotated[str, typer.Option(help="Who does it; default: the account you are.")]
Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]


def tongue() -> Language:
    """What this command speaks: its --lang, else the setting `language`, else what the brand of
    the home does; English where there is none, and with --json."""
    return _SPEAKS.get() or "en"


def speak(app: App, language: Language | None = None) -> None:
    """From here on the command speaks as it was asked to, else as this installation does."""
    _SPEAKS.set(language or _SPEAKS.get() or app.settings.language or _brands(app))


def _brands(app: App) -> Language:
    try:
        return language_of(app.brand.locale)
    except SiyuError:
        return "en"


def say(text: str = "") -> None:
    """A line for a person, of a sentence the one in their language. As it is: not wrapped, and
    never markup, since somebody typed it."""
    out.print(within(tongue(), text), markup=False, soft_wrap=True)


def hint(text: str) -> None:
    """A line beside the answer, on standard error."""
    err.print(within(tongue(), text), markup=False, soft_wrap=True)


def confirm(question: Sentence) -> None:
    """Go on only if somebody says yes."""
    typer.confirm(within(tongue(), question), abort=True, err=True)


def joined(parts: Iterable[str], between: str = ", ", zh: str | None = None) -> Sentence:
    """Sentences and other words one after another, in both languages; `zh`: what stands between
    them in the Chinese one, where that is something else."""
    listed = list(parts)
    of_zh = (within("zh", one) for one in listed)
    return Sentence(between.join(one[:] for one in listed), (zh or between).join(of_zh))


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
        raise BadInput(wording(error)) from None


def one_day(text: str) -> date:
    """A day that somebody wrote."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(
            Sentence(
                f"{text!r} is no day; write it like 2026-10-01.",
                f"{text!r} 不是日期；请写成 2026-10-01 这样。",
            )
        ) from None


def one_of(word: str, known: Any, what: Sentence) -> Any:
    """A word of a closed list (a Literal); refused with the whole list where it is none."""
    if word not in get_args(known):
        listed = ", ".join(get_args(known))
        raise BadInput(
            Sentence(
                f"{word!r} is no {what}; known are {listed}.",
                f"{word!r} 不是{what.zh}；可以是 {listed}。",
            )
        )
    return word


def language_named(word: str) -> Language:
    """zh or en, as somebody typed it."""
    return one_of(word, Language, Sentence("language", "语言"))


def file_form(file: Path) -> Form:
    """What a file is to be written as, by its name."""
    ending = file.suffix.lower()
    if ending == ".csv":
        return "csv"
    if ending == ".xlsx":
        return "xlsx"
    raise BadInput(
        Sentence(f"{file.name} must end in .csv or .xlsx", f"{file.name} 要以 .csv 或 .xlsx 结尾")
    )


def many(count: int, word: str, zh: str = "") -> Sentence:
    """`1 touch` and `2 touches`, as people write it; in Chinese with its own measure word.

    >>> many(2, "touch", "次触达").zh
    '2 次触达'
    """
    plural = f"{word}es" if word.endswith(("s", "ch")) else f"{word}s"
    en = f"{count:,} {word if count == 1 else plural}"
    return Sentence(en, f"{count:,} {zh}" if zh else en)


def table(
    title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], zone: tzinfo = UTC
) -> None:
    """A title and a table without lines, which copies well; a column of numbers stands right.

    Sentences and the words of words.py are shown in the command's language, times in `zone`. What
    is too wide goes on in the next line; nothing is cut off.
    """
    listed = [[_cell(value, zone) for value in row] for row in rows]
    title = headed(title)
    out.print()
    if not listed:
        said = joined([title])
        say(Sentence(f"{said}: none", f"{said.zh}：无"))
        return
    out.print(within(tongue(), title), markup=False, style="bold", soft_wrap=True)
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for place, head in enumerate(heads):
        cells = [row[place] for row in listed if row[place] != NOTHING]
        number = bool(cells) and all(_NUMBER.fullmatch(cell) for cell in cells)
        drawn.add_column(
            within(tongue(), headed(head)), justify="right" if number else "left", overflow="fold"
        )
    for row in listed:
        drawn.add_row(*(Text(cell) for cell in row))
    out.print(drawn)


def _cell(value: object, zone: tzinfo) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        value = Sentence(str(value), "是" if value else "否")
    return within(tongue(), str(value))


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
    words = (
        Sentence("Done.", "完成。")
        if applied
        else Sentence(
            "Told; the running server applies it in a moment.", "已告知；运行中的服务马上处理。"
        )
    )
    answer({"applied": applied, **value}, json=json, show=lambda _: say(words))


@contextmanager
def spoken(*, json: bool = False, language: Language | None = None) -> Generator[None]:
    """Errors of ours end the command with their words, not with a trace.

    `language`: as it was asked for. Else the command speaks what `tongue` says as soon as the
    application is open; before, what the environment says. A program gets English.
    """
    _SPEAKS.set(language or ("en" if json else _environments()))
    try:
        yield
    except SiyuError as error:
        fail(error, json=json)


@contextmanager
def unopened(home: Path | None) -> Generator[None]:
    """What is refused before the application is open is said as the brand speaks that lives in
    this home's own database; none is made for it, and none elsewhere is asked."""
    try:
        yield
    except SiyuError:
        if _SPEAKS.get() is None and _is_there((home or default_home(os.environ)) / "pg"):
            with suppress(SiyuError), opened_with(home):
                pass
        raise


def _environments() -> Language | None:
    said = os.environ.get("SIYU_LANGUAGE", "")
    return language_of(said) if said in get_args(Language) else None


@contextmanager
def read_from(file: Path) -> Generator[None]:
    """What is wrong with the text of a file is said with the file's name."""
    try:
        yield
    except BadInput as error:
        said = joined([error.detail])
        if said.startswith(str(file)):  # it can't be read: that names it already
            raise
        raise BadInput(Sentence(f"{file}: {said}", f"{file}：{said.zh}"), error.problems) from None


def fail(error: SiyuError, *, json: bool = False) -> NoReturn:
    """Say what is wrong and end with exit code 1."""
    language = tongue()
    detail = within(language, error.detail)
    if json:
        problems = [str(replace(one, why=within(language, one.why))) for one in error.problems]
        as_json({"error": error.code, "detail": detail, "problems": problems})
    else:
        lines = "\n  ".join([detail, *(within(language, placed(one)) for one in error.problems)])
        err.print(f"siyu: {lines}", markup=False, style="red", soft_wrap=True)
    raise typer.Exit(1)


def both(error: SiyuError) -> Sentence:
    """An error with its problems, as one sentence."""
    problems = (joined(["  ", placed(one)], "") for one in error.problems)
    return joined([error.detail, *problems], "\n")


def placed(one: Problem) -> Sentence:
    """A problem as people read it: its line, its field, and why."""
    line = f"第 {one.line} 行" if one.line is not None else ""
    zh = [part for part in (line, within("zh", one.where), within("zh", one.why)) if part]
    return Sentence(str(one), "：".join(zh))


@contextmanager
def opened_with(
    home: Path | None, port: int | None = None, host: str | None = None
) -> Generator[App]:
    """The application with these settings on top, open as long as the command runs."""
    with open_app(load(None, home=home, port=port, host=host)) as app:
        if _SPEAKS.get() is None:
            speak(app)
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
    demo = demo_home(usual)
    if home is not None or _installed(usual) or not _is_there(demo / "pg"):
        return home
    hint(Sentence(f"using the demo's home {demo}", f"使用演示的目录 {demo}"))
    return demo


def _installed(home: Path) -> bool:
    return "SIYU_DATABASE_URL" in os.environ or any(
        _is_there(home / name) for name in ("pg", "siyu.toml")
    )


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
