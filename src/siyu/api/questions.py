"""Reports over years: which there are, what they can be asked with, and their answers.

They are worked out of all that is applied, beside the request where that takes long: `state` is
`working` until it is there, with the last answer (`fresh.as_of` says of when) if there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from siyu.analytics.check import Takes, described, read
from siyu.analytics.model.answer import Kind, Question, Told
from siyu.analytics.render.answer import plain, sheet
from siyu.analytics.render.page import page
from siyu.analytics.views import masked
from siyu.analytics.views.asked import Home, ask, behind
from siyu.analytics.views.questions import QUESTIONS, named
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.console import drawing
from siyu.api.figures import Fresh, State
from siyu.api.kept import EXPORT_PATIENCE, PATIENCE, Found, the_kept
from siyu.api.reports import CSV, Locale
from siyu.app import App
from siyu.kernel.errors import BadInput, Busy, Refused
from siyu.kernel.sentence import Sentence, language_of, within
from siyu.staff.actions import audit

router = APIRouter(prefix="/reports/figures", tags=["reports"])
MOST_ROWS = 5_000  # of a table in JSON; a file has all
MOST_PEOPLE = 200  # of those whom a number counts
OURS = {"lang", "table", "cell"}  # parameters of the route, not of a question


@dataclass(frozen=True)
class Both:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Choice:
    code: str
    title: Both


@dataclass(frozen=True)
class Input:
    """What a report can be asked with, by this name in the query. `default`: what it is when nobody
    says; empty: worked out then, as the help says."""

    name: str
    takes: Takes
    title: Both
    help: Both
    choices: list[Choice]
    default: str


@dataclass(frozen=True)
class ReportForm:
    """A report: its question, what it is about, and what it can be asked with."""

    name: str
    title: Both
    inputs: list[Input]


@dataclass(frozen=True)
class Reports:
    reports: list[ReportForm]


@dataclass(frozen=True)
class ReportColumn:
    """`money` is in minor units, of the row's column `currency`, else of the report's; `rate` a
    share; `month` a day that stands for its month. `low_of`, `high_of`: the column whose 95 %
    interval begins or ends here. `counts` not empty: a number of people who can be listed, by the
    cells of its row in these columns."""

    name: str
    title: Both
    kind: Kind
    low_of: str
    high_of: str
    counts: list[str]


@dataclass(frozen=True)
class ReportTable:
    """At most 5,000 of `all_rows`; a file has all."""

    name: str
    title: Both
    columns: list[ReportColumn]
    rows: list[list[int | float | str | Both | None]]
    all_rows: int


@dataclass(frozen=True)
class ReportTarget:
    """A dashed line at this height."""

    title: Both
    at: float


@dataclass(frozen=True)
class ReportChart:
    """Over a table, by names of its columns: `y` the heights (of a heat map what colours), `by` a
    line for each of its values (of a heat map the other axis)."""

    name: str
    title: Both
    kind: Literal["line", "bar", "heat", "scatter"]
    table: str
    x: str
    y: list[str]
    by: str
    targets: list[ReportTarget]
    diagonal: bool


@dataclass(frozen=True)
class ReportPeriod:
    """Whole days by the brand's clocks, both within; null: as far as there are facts."""

    first: date | None
    last: date | None


@dataclass(frozen=True)
class ReportPerson:
    customer: str
    name_masked: str
    phone_masked: str


@dataclass(frozen=True)
class ReportAnswer:
    """`answer` is one sentence; `notes` are assumptions and what the figures can't say. `people`:
    whom its tables name, masked."""

    answer: Both
    definition: Both
    population: Both
    period: ReportPeriod
    currency: str
    notes: list[Both]
    tables: list[ReportTable]
    charts: list[ReportChart]
    fresh: Fresh
    people: list[ReportPerson]


@dataclass(frozen=True)
class ReportTold:
    """`seconds`: how long it has been worked on. `refused`: why nothing can be said, such as too
    little data; then there is no report."""

    state: State
    seconds: float
    name: str
    title: Both
    refused: Both | None
    report: ReportAnswer | None


@dataclass(frozen=True)
class ReportPeople:
    """`people`: the first 200 of `all` whom a number counts, masked. `state` working: ask again."""

    state: State
    seconds: float
    all: int
    people: list[ReportPerson]


class Sheet(Response):
    """A file for a spreadsheet."""

    media_type = CSV


class Page(Response):
    """A file that a browser opens by itself."""

    media_type = "text/html"


Name = Annotated[str, Path(description="The report, by its name in the list.")]
Cells = Annotated[
    list[str], Query(description="A cell of the number's row, such as `r:5`; one for each column.")
]
Table = Annotated[
    str, Query(description="Of a CSV: this table and nothing else; empty: all, under a head.")
]


@router.get("", **needs("reports.read"))
def listed(app: TheApp) -> Reports:
    """Every report over years, in the order in which a console shows them. Titles of inputs have
    their unit, such as the brand's currency, beside them."""
    return Reports([_form(one, app.brand.currency) for one in QUESTIONS])


@router.get("/{name}.csv", response_class=Sheet, **needs("reports.read"))
def as_csv(
    request: Request, app: TheApp, caller: TheCaller, name: Name, locale: Locale, table: Table = ""
) -> Response:
    """For a spreadsheet, in the reader's language: how the figures are to be read, then all tables;
    with `table` that one and nothing else. Asked for as the report is."""
    text = sheet(_whole(request, app, name), language_of(locale), table)
    return _file(app, caller.code, name, Sheet(text), "csv")


@router.get("/{name}.html", response_class=Page, **needs("reports.read"))
def as_page(
    request: Request, app: TheApp, caller: TheCaller, name: Name, locale: Locale
) -> Response:
    """One file with its charts that opens without a network; asked for as the report is."""
    text = page(_whole(request, app, name), language_of(locale), drawing())
    return _file(app, caller.code, name, Page(text), "html")


@router.get("/{name}", response_model=ReportTold, **needs("reports.read"))
def told(
    request: Request, app: TheApp, caller: TheCaller, name: Name, locale: Locale, table: Table = ""
) -> object:
    """A report's answer. The query has what the list says that it can be asked with.

    With `Accept: text/csv` it is a file, as under `.csv`."""
    if CSV in request.headers.get("accept", ""):
        return as_csv(request, app, caller, name, locale, table)
    found = _asked(request, app, name, PATIENCE)
    result = found.result
    question = named(name)
    return {
        "state": "ready" if found.seconds is None else "working",
        "seconds": round(found.seconds or 0.0, 1),
        "name": name,
        "title": _both(question.title),
        "refused": _both(result.detail) if isinstance(result, Refused) else None,
        "report": _answer(app, result) if isinstance(result, Told) else None,
    }


@router.get("/{name}/people", **needs("reports.read"))
def people(request: Request, app: TheApp, name: Name, cell: Cells) -> ReportPeople:
    """Whom a number of a report counts, masked. The query has what the report was asked with, and
    the cells of the number's row."""
    try:
        cells = dict(one.split(":", 1) for one in cell)
    except ValueError:
        raise BadInput(
            Sentence("A cell is written like month:2026-03-01.", "单元格应写成 month:2026-03-01。")
        ) from None
    question, home = _question(request, name), _home(app)

    def work() -> tuple[int, list[int]] | BadInput:
        try:
            every = behind(home, question, cells, app.clock.now())
            return len(every), every[:MOST_PEOPLE]
        except BadInput as wrong:
            return wrong  # an answer too: whoever asks again is told it

    key = ("behind", question, *sorted(cells.items()))
    found = the_kept(request).ask(key, work, PATIENCE)
    if isinstance(found.result, BadInput):
        raise BadInput(found.result.detail, found.result.problems)  # a new one: this one is kept
    many, ids = found.result or (0, [])
    return ReportPeople(
        "ready" if found.seconds is None else "working",
        round(found.seconds or 0.0, 1),
        many,
        _masked(app, ids),
    )


def _masked(app: App, customer_ids: Sequence[int]) -> list[ReportPerson]:
    with app.db.transaction() as conn:
        known = masked.people(conn, app.keys, customer_ids)
    return [
        ReportPerson(app.ids.encode("cus", one), *known.get(one, masked.UNKNOWN))
        for one in customer_ids
    ]


def _question(request: Request, name: str) -> Question:
    said = {key: value for key, value in request.query_params.items() if key not in OURS}
    return read(named(name), said)


def _home(app: App) -> Home:
    return Home(app.db, app.keys, app.ids, app.brand, app.lake, app.connections)


def _asked(request: Request, app: App, name: str, patience: float) -> Found[Told | Refused]:
    return found_of(request, app, _question(request, name), patience)


def found_of(
    request: Request, app: App, question: Question, patience: float
) -> Found[Told | Refused]:
    """The answer, or the last one while it is worked out; a refusal is an answer too."""
    home = _home(app)

    def work() -> Told | Refused:
        try:
            return ask(home, question, app.clock.now())
        except Refused as refused:
            return refused  # an answer too, and no failure of the page that shows it

    return the_kept(request).ask(("question", question), work, patience)


def _whole(request: Request, app: App, name: str) -> Told:
    found = _asked(request, app, name, EXPORT_PATIENCE).result
    if isinstance(found, Refused):
        raise found
    if found is None:
        raise Busy(
            Sentence(
                "The report is still being worked out; ask for it again in a moment.",
                "报表还在计算；请稍后再要。",
            )
        )
    return found


def _file(app: App, who: str, name: str, file: Response, form: str) -> Response:
    with app.db.transaction() as conn:
        audit(conn, who or "API key", "report.export", name, "", app.clock.now())
    file.headers["Content-Disposition"] = f'attachment; filename="siyu-{name}.{form}"'
    file.headers["Cache-Control"] = "no-store"
    return file


def _form(question: type[Question], currency: str) -> ReportForm:
    return ReportForm(
        question.name,
        _both(question.title),
        [
            Input(
                one.name,
                one.takes,
                _both(one.ask.titled(currency)),
                _both(one.ask.help),
                [
                    Choice(*pair)
                    for pair in zip(one.choices, map(_both, one.ask.words), strict=True)
                ],
                one.default,
            )
            for one in described(question)
        ],
    )


def _both(said: str) -> Both:
    return Both(within("zh", said), within("en", said))


def _answer(app: App, found: Told) -> dict[str, Any]:
    said: dict[str, Any] = plain(found, called=True)
    names = ("answer", "definition", "population", "period", "currency", "notes", "charts")
    tables = [
        {**one, "rows": one["rows"][:MOST_ROWS], "all_rows": len(one["rows"])}
        for one in said["tables"]
    ]
    return {name: said[name] for name in names} | {
        "tables": tables,
        "fresh": found.fresh._asdict(),
        "people": _masked(app, [one for one in _named(app, tables) if one is not None]),
    }


def _named(app: App, tables: Sequence[dict[str, Any]]) -> Iterator[int | None]:
    """The customers whom tables name."""
    for table in tables:
        kinds = [one["kind"] for one in table["columns"]]
        if "customer" in kinds:
            place = kinds.index("customer")
            yield from (app.ids.decode("cus", row[place]) for row in table["rows"])
