"""Figures of years, from the lake: `siyu report NAME` for every question of analytics."""

from __future__ import annotations

import inspect
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from siyu.analytics.check import Field, described, read
from siyu.analytics.model.answer import Cell, Question, Table, Told
from siyu.analytics.render.answer import fresh, plain, sheet, span
from siyu.analytics.render.page import page, shown
from siyu.analytics.views import asked as views
from siyu.analytics.views.questions import QUESTIONS
from siyu.api.console import drawing
from siyu.app import App
from siyu.cli.lake import progress
from siyu.cli.reports import app
from siyu.cli.screen import Home, Json, as_json, opened, private, say, spoken, table, tongue
from siyu.kernel.sentence import Language, Sentence, language_of, within
from siyu.staff.actions import audit

SHOWN = 50  # rows of a table on a screen
WIDE, FEW = 6, 3  # more columns than fit, of so few rows that they stand better upright
Lang = Annotated[
    Literal["", "zh", "en"],
    typer.Option(help="Of what people read; default: the brand's for a file, English on screen."),
]
Csv = Annotated[
    bool, typer.Option("--csv", help="For a spreadsheet: how to read it, and its tables.")
]
Html = Annotated[bool, typer.Option("--html", help="One file with charts that opens anywhere.")]
Only = Annotated[
    str,
    typer.Option("--table", help="With --csv: this table and nothing else, as programs read it."),
]
Out = Annotated[Path | None, typer.Option("--out", help="Write it here; default: to the screen.")]
UNITS = {"": "", "money": "In the brand's currency, such as ¥.", "share": "A share, 0 to 1."}
COMMON = {
    "home": (Home, None),
    "json": (Json, False),
    "csv": (Csv, False),
    "html": (Html, False),
    "only": (Only, ""),
    "lang": (Lang, ""),
    "out": (Out, None),
}


def _command(question: type[Question]) -> Callable[..., None]:
    known = described(question)

    def run(**said: Any) -> None:
        common = {name: said.pop(name) for name in COMMON}
        asked = {name: "" if given is None else str(given) for name, given in said.items()}
        for field in known:
            if field.takes == "yes":
                asked[field.name] = "yes" if said[field.name] else "no"
        _report(question, asked, **common)

    options = {field.name: _option(field, question.name) for field in known} | COMMON
    run.__doc__ = inspect.getdoc(question)
    run.__annotations__ = {name: hint for name, (hint, _) in options.items()}
    run.__dict__["__signature__"] = inspect.Signature(
        [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint
            )
            for name, (hint, default) in options.items()
        ]
    )
    return run


def _option(field: Field, question: str) -> tuple[Any, Any]:
    """As typer knows it; what a word comes to is decided in one place, for the API too. What the
    report is about, and called by, is said without a name: `siyu report playbook NAME`."""
    name = f"--{field.name.replace('_', '-')}"
    help_ = " ".join(one for one in (field.ask.help[:], UNITS[field.ask.unit]) if one)
    about = field.name == question
    told = typer.Argument(help=help_) if about else typer.Option(name, help=help_)
    match field.takes:
        case "choice":
            return Annotated[Literal[field.choices], told], field.default
        case "whole":
            return Annotated[int | None, told], int(field.default) if field.default else None
        case "number":
            return Annotated[float | None, told], float(field.default) if field.default else None
        case "yes":
            return Annotated[bool, told], field.default == "yes"
        case "day" | "text":
            return Annotated[str, told], field.default


def _report(
    question: type[Question],
    asked: dict[str, str],
    *,
    home: Path | None,
    json: bool,
    csv: bool,
    html: bool,
    only: str,
    lang: Literal["", "zh", "en"],
    out: Path | None,
) -> None:
    with spoken(json=json, language=lang or None), opened(home) as siyu:
        home_ = (siyu.db, siyu.keys, siyu.ids, siyu.brand, siyu.lake, siyu.connections)
        wired = views.Home(*home_)
        now = siyu.clock.now()
        told = views.ask(wired, read(question, asked), now, shows_buyers=True, tell=progress)
        language = lang or language_of(siyu.brand.locale)
        if csv or html:
            text = sheet(told, language, only) if csv else page(told, language, drawing())
            _written(siyu, question.name, text, out)
        elif json:
            as_json(plain(told), out)
            columns = {one.name for table in told.answer.tables for one in table.columns}
            if out or "buyer_id" in columns:
                _audited(siyu, question.name)
        else:
            _show(told, tongue())


def _written(siyu: App, name: str, text: str, out: Path | None) -> None:
    """A file leaves the house: the audit log knows."""
    if out is None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
    else:
        private(out)
        out.write_text(text, "utf-8", newline="")
    _audited(siyu, name)


def _audited(siyu: App, name: str) -> None:
    with siyu.db.transaction() as conn:
        audit(conn, "siyu report", "report.export", name, "", siyu.clock.now())


def _show(told: Told, language: Language) -> None:
    question, answer, known = told
    say(within(language, question.title))
    say(within(language, answer.says))
    for one in answer.tables:
        columns = _columns(one, answer.currency)
        heads = [within(language, one.columns[place].title) for place, _ in columns]
        rows = [_line(one, row, columns, answer.currency, language) for row in one.rows[:SHOWN]]
        if len(heads) > WIDE and 0 < len(rows) <= FEW:
            turned = list(zip(heads, *rows, strict=True))
            heads, rows = [str(cell) for cell in turned[0]], turned[1:]
        table(within(language, one.title), heads, rows)
        if len(one.rows) > SHOWN:
            rest = f"{len(one.rows) - SHOWN:,}"
            say(
                Sentence(
                    f"… {rest} more: --csv, --json or --html show all.",
                    f"… 还有 {rest} 行：--csv、--json 或 --html 显示全部。",
                )
            )
    say()
    for said in (answer.population, answer.definition, *answer.notes):
        say(within(language, said))
    say(span(answer.period, language))
    say(fresh(known, language))


def _columns(of: Table, currency: str) -> list[tuple[int, list[int]]]:
    """The places of the columns that stand on a screen, each with those of its interval's ends. A
    currency that is the same everywhere stands in the amounts."""
    ends: defaultdict[str, list[int]] = defaultdict(list)
    for place, column in enumerate(of.columns):
        if whole := column.low_of or column.high_of:
            ends[whole].append(place)
    return [
        (place, ends[column.name])
        for place, column in enumerate(of.columns)
        if not (column.low_of or column.high_of)
        and not (column.name == "currency" and {row[place] for row in of.rows} == {currency})
    ]


def _line(
    of: Table,
    row: tuple[Cell, ...],
    columns: list[tuple[int, list[int]]],
    currency: str,
    language: Language,
) -> list[str]:
    names = [column.name for column in of.columns]
    own = str(row[names.index("currency")]) if "currency" in names else currency

    def told(place: int) -> str:
        return shown(row[place], of.columns[place].kind, own, language)

    return [
        f"{told(place)} ({'–'.join(map(told, ends))})"
        if ends and any(row[end] is not None for end in ends)
        else told(place)
        for place, ends in columns
    ]


for one in QUESTIONS:
    app.command(one.name)(_command(one))
