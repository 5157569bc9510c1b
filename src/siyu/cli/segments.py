"""Sets of customers: kept, counted, listed, explained, written as a file."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from siyu.analytics.views import masked
from siyu.api.members import sheet
from siyu.api.segments import asking
from siyu.app import PREDICATES, App
from siyu.cli.bands import bands
from siyu.cli.customers import Who, the_one
from siyu.cli.cycles import cycles
from siyu.cli.journeys import text_of
from siyu.cli.lake import progress
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    file_form,
    joined,
    local,
    many,
    me,
    opened,
    private,
    say,
    spoken,
    table,
    tongue,
)
from siyu.events import views as facts
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.kernel.time import zone
from siyu.segments import actions
from siyu.segments.decide.shipped import LAYERS
from siyu.segments.decide.stock import Stored
from siyu.segments.model import Tree
from siyu.segments.views import lake
from siyu.segments.views.evidence import Told
from siyu.segments.views.evidence import told as told_of
from siyu.segments.views.found import PAGE, first, funnel, pages
from siyu.segments.views.lake import Over
from siyu.segments.views.stored import get, set_of, stock
from siyu.segments.views.stored import versions as every_version

app = typer.Typer(no_args_is_help=True)
app.command("cycles")(cycles)
app.command("layers")(bands)
Place: TypeAlias = Literal["lake", "database"]
Set = Annotated[
    str, typer.Argument(metavar="SEGMENT", help="A segment's code, or a file with its text.")
]
On = Annotated[
    Place | None,
    typer.Option(help="Who answers; left out: the lake where it is large and nearly up to date."),
]
LOOKS = 1_000_000  # pages: all of them
MANY = 200_000  # customers, from which on the lake is quicker
NEAR = 50_000  # facts, that are in the lake within seconds


def _set(conn: Conn, named: str) -> Tree:
    """A code, or a file: whatever has an ending or a folder in it."""
    if "." in named or "/" in named:
        return set_of(conn, PREDICATES, text=text_of(Path(named)))
    return set_of(conn, PREDICATES, code=named)


def _row(one: Stored) -> dict[str, object]:
    filled = one.filled
    return {
        "code": one.code,
        "title": one.title._asdict(),
        "layer": one.layer,
        "version": one.version,
        "live": filled is not None,
        "filling": filled is not None and filled.under_way,
        "set_by": one.set_by,
        "set_at": one.set_at,
        "retired_at": one.retired_at,
    }


@app.command("list")
def listing(
    named: Annotated[
        str, typer.Argument(help="A segment: lists its members, as `siyu segment members`.")
    ] = "",
    retired: Annotated[bool, typer.Option("--retired", help="Retired ones too.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """The segments that are kept, by code; of one that is named, who is in it."""
    if named:
        members(named, home=home, json=json)
        return
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = stock(conn)
        rows = [_row(one) for one in (found.every if retired else found.standing)]

        def show(_: object) -> None:
            if not rows:
                say(
                    Sentence(
                        "No segments yet; `siyu segment set FILE` keeps one.",
                        "还没有分群；用 `siyu segment set FILE` 保存一个。",
                    )
                )
                return
            heads = ("code", "title", "layer", "version", "live", "set by", "set at")
            cells = [
                (
                    one.code, getattr(one.title, tongue()), one.layer, one.version,
                    Sentence("yes", "是") if one.filled else "", one.set_by, one.set_at,
                )
                for one in (found.every if retired else found.standing)
            ]  # fmt: skip
            table("Segments", heads, cells, local(siyu))

        answer({"segments": rows}, json=json, show=show)


@app.command("show")
def show_one(
    code: Annotated[str, typer.Argument(help="The segment's code.")],
    home: Home = None,
    json: Json = False,
) -> None:
    """The text of a segment, and every version that it had."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            one, versions = get(conn, code), every_version(conn, code)

        def show(_: object) -> None:
            say(one.text)
            heads = ("version", "set by", "set at", "why")
            cells = [(each.version, each.set_by, each.set_at, each.note) for each in versions]
            table(one.code, heads, cells, local(siyu))
            if one.retired_at:
                say(Sentence("It is retired.", "已停用。"))

        said = {**_row(one), "text": one.text, "versions": [each._asdict() for each in versions]}
        answer(said, json=json, show=show)


@app.command("set")
def keep(
    file: Annotated[Path, typer.Argument(help="The segment's text (YAML).")],
    note: Annotated[str, typer.Option(help="Why; kept with the version.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Keep a segment, or change it: a version more. Every problem is told with its line."""
    with spoken(json=json), opened(home) as siyu:
        text = text_of(file)
        with siyu.db.transaction() as conn:
            one = actions.keep(conn, text, PREDICATES, me(by), siyu.clock.now(), note)
        siyu.wake()
        said = Sentence(f"{one.code}, version {one.version}.", f"{one.code}，版本 {one.version}。")
        answer(_row(one), json=json, show=lambda _: say(said))


@app.command("install")
def install(
    layers: Annotated[
        list[str] | None,
        typer.Argument(help=f"Of {', '.join(LAYERS)}; none named: all of them."),
    ] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Install shipped layers as segments of your own. What is there already stays as it is."""
    with spoken(json=json), opened(home) as siyu:
        wanted = layers or list(LAYERS)
        if strange := sorted(set(wanted) - set(LAYERS)):
            raise BadInput(
                Sentence(
                    f"{strange[0]!r} is no layer; known are {', '.join(LAYERS)}.",
                    f"{strange[0]!r} 不是分层；可以是 {', '.join(LAYERS)}。",
                )
            )
        with siyu.db.transaction() as conn:
            new = actions.install(conn, wanted, PREDICATES, me(by), siyu.clock.now())
        listed = ", ".join(new)
        words = Sentence("All of it is there.", "都已存在。")
        if new:
            words = Sentence(f"New: {listed}.", f"新增：{listed}。")
        answer({"installed": new}, json=json, show=lambda _: say(words))


@app.command("retire")
def retire(
    code: Annotated[str, typer.Argument(help="The segment's code.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Take a segment out of use. Its versions stay; refused while something refers to it."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            actions.retire(conn, code, PREDICATES, me(by), siyu.clock.now())
        said = Sentence(f"{code} is retired.", f"{code} 已停用。")
        answer({"retired": code}, json=json, show=lambda _: say(said))


def _place(siyu: App, asked: Place | None) -> Place:
    """Where to look: as they say, else in the lake where there are many and little is to be written
    first."""
    if asked is not None:
        return asked
    known = siyu.lake.manifest()
    if sum(one.rows for one in known.files.get("customer", [])) < MANY:
        return "database"
    with siyu.db.transaction() as conn:
        return "lake" if facts.head(conn) - known.seq <= NEAR else "database"


@contextmanager
def _lake(siyu: App) -> Generator[Over]:
    brand = siyu.brand
    with siyu.lake.asked(progress) as found:
        yield Over(found, siyu.clock.now(), zone(brand.time_zone), brand.currency)


@app.command("count")
def count(named: Set, on: On = None, home: Home = None, json: Json = False) -> None:
    """How many customers are in a set, and for how many each of its conditions holds."""
    with spoken(json=json), opened(home) as siyu:
        place = _place(siyu, on)
        with siyu.db.transaction() as conn:
            tree = _set(conn, named)
            found = funnel(conn, tree, siyu.clock.now()) if place == "database" else None
        if found is None:
            with _lake(siyu) as over:
                found = lake.funnel(over, tree)

        def show(_: object) -> None:
            lake = place == "lake"
            where = Sentence(" (by the lake)", "（按数据湖）") if lake else Sentence("", "")
            every = many(found.everybody, "customer", "位客户")
            say(
                Sentence(
                    f"{found.members:,} of {every}{where}.",
                    f"{every.zh}中有 {found.members:,} 位{where.zh}。",
                )
            )
            for part in found.parts[1:]:
                say(joined(["  " * part.depth, part.said, f"  {part.customers:,}"], ""))

        parts = [part._asdict() for part in found.parts]
        said = {"count": found.members, "everybody": found.everybody, "parts": parts, "on": place}
        answer(said, json=json, show=show)


@app.command("members")
def members(
    named: Set,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 20,
    after: Annotated[str, typer.Option(help="Those behind this customer, cus_….")] = "",
    on: On = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Who is in a set, in the order in which they became known. Names and phones are masked."""
    with spoken(json=json), opened(home) as siyu:
        place = _place(siyu, on)
        every = _members(siyu, named) if place == "lake" else []
        with siyu.db.transaction() as conn:
            behind = the_one(siyu, conn, after) if after else 0
            now = siyu.clock.now()
            ids = [one for one in every if one > behind][:limit]
            if place == "database":
                ids = first(conn, _set(conn, named), now, after=behind, limit=limit, looks=LOOKS)
            rows = _people(siyu, conn, ids)
        heads = ("customer", "name", "phone")
        answer(
            {"customers": rows, "on": place},
            json=json,
            show=lambda _: table("Members", heads, [row.values() for row in rows]),  # pyright: ignore[reportArgumentType]
        )


def _members(siyu: App, named: str) -> list[int]:
    """Everybody, by the lake."""
    with siyu.db.transaction() as conn:
        tree = _set(conn, named)
    with _lake(siyu) as over:
        return lake.members(over, tree)


def _people(siyu: App, conn: Conn, ids: list[int]) -> list[dict[str, str]]:
    shown = masked.people(conn, siyu.keys, ids)
    return [
        {
            "customer": siyu.ids.encode("cus", one),
            "name_masked": shown[one].name,
            "phone_masked": shown[one].phone,
        }
        for one in ids
    ]


@app.command("explain")
def explain(named: Set, who: Who, home: Home = None, json: Json = False) -> None:
    """Why a customer is in a set or not: each condition, with the fact that decides it."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            one = the_one(siyu, conn, who)
            found = told_of(_set(conn, named), asking(siyu, conn, one))
        if not found:
            raise NotFound(Sentence("There is no such customer.", "没有这位客户。"))
        public = siyu.ids.encode("cus", one)

        def show(_: object) -> None:
            inside = Sentence(f"{public} is in it.", f"{public} 在其中。")
            outside = Sentence(f"{public} is not in it.", f"{public} 不在其中。")
            say(inside if found[0].holds else outside)
            for part in found:
                say(joined(["  " * part.depth, _line(part)], ""))

        parts = [part._asdict() for part in found]
        said = {"customer": public, "member": found[0].holds, "parts": parts}
        answer(said, json=json, show=show)


def _line(part: Told) -> Sentence:
    answer = Sentence("true", "是") if part.holds else Sentence("false", "否")
    return joined([part.said, answer, *([part.fact] if part.fact else ())], ": ", "：")


@app.command("export")
def export(
    named: Set,
    *,
    out: Annotated[Path, typer.Option(help="Where it goes (.csv or .xlsx); readable by you only.")],
    reason: Annotated[str, typer.Option(help="What it is for; goes into the audit log.")],
    on: On = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Write who is in a set; audited, with how many and why. Names and phones are masked."""
    with spoken(json=json), opened(home) as siyu:
        form, place = file_form(out), _place(siyu, on)
        every = _members(siyu, named) if place == "lake" else []
        found: Iterable[list[int]] = (every[at : at + PAGE] for at in range(0, len(every), PAGE))
        with siyu.db.transaction() as conn:
            if place == "database":
                found = pages(conn, _set(conn, named), siyu.clock.now())
            content, rows = sheet(siyu, conn, found, form, (me(by), named, reason))
        private(out)
        out.write_bytes(content)
    said = {"written": str(out), "rows": rows, "on": place}
    told = many(rows, "row", "行")
    answer(said, json=json, show=lambda _: say(Sentence(f"{told}: {out}", f"{told.zh}：{out}")))
