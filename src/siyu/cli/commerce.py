"""`siyu import`: bring in a shop's history, or what a warehouse shipped; list what was."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar

from siyu.app import Progress, Report, Tell, catch_up, import_shipped, order_file, orderfile
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    err,
    hint,
    joined,
    local,
    many,
    me,
    opened,
    say,
    spoken,
    table,
    unopened,
)
from siyu.commerce.views import imports
from siyu.kernel.sentence import Sentence
from siyu.worker.imports import import_file

STATES = {
    "finished": Sentence("finished", "已完成"), "unfinished": Sentence("unfinished", "未完成"),
}  # fmt: skip
STAGES = {
    "reading": "读取", "importing": "导入", "going on": "继续",
    "waiting for the engine": "等待引擎",
}  # fmt: skip
SAY_EVERY = 10.0  # seconds, where nobody looks at a bar

app = typer.Typer(no_args_is_help=True)


@app.callback()
def files() -> None:
    """Bring in files."""


@app.command("orders")
def orders(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030), .csv.gz, .xlsx or .xls.")],
    mapping: Annotated[
        Path | None,
        typer.Option(help="How to read it (examples/mappings); without it the header decides."),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="The sheet of an Excel file; default: the first.")
    ] = None,
    shop: Annotated[
        str | None,
        typer.Option(help="Whose orders these are; default: the shop that the mapping names."),
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejected rows go; default: FILE.rejects.csv.")
    ] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Import orders as history: nobody is enrolled or texted. Again is harmless.

    An import that was interrupted goes on where it stopped when the same command is run again.
    CSV of any size is read within the same memory. A sheet of Excel is held whole while it is read:
    about 0.7 KB for a line of eight columns, so 0.7 GB for a full sheet, and 4 GiB at most.
    """
    with spoken(json=json):
        begin = time.monotonic()
        with unopened(home):
            found = order_file(file, mapping, sheet, shop)
        with opened(home, brings=True) as siyu, _progress() as tell:
            report = import_file(siyu, found, tell, rejects=rejects)
        seconds = time.monotonic() - begin
    said = report._asdict() | {
        "mapping": found.mapping.mapping,
        "sheet": found.sheet.name if found.sheet else None,
        "seconds": round(seconds, 1),
        "lines_per_second": _rate(report, seconds),
    }

    def show(_: object) -> None:
        if found.sheet is not None and len(found.sheet.names) > 1:
            others = ", ".join(one for one in found.sheet.names if one != found.sheet.name)
            name = found.sheet.name
            say(
                Sentence(
                    f"Sheet {name}; not read: {others} (choose with --sheet).",
                    f"读取工作表 {name}；未读取：{others}（用 --sheet 选择）。",
                )
            )
        if report.resumed:
            lines = many(report.resumed, "line", "行")
            say(
                Sentence(
                    f"Went on where it was interrupted: {lines} were in.",
                    f"从中断处继续：已有 {lines.zh}。",
                )
            )
        _say_imported(report, file.name, found.mapping.mapping)
        rate = _rate(report, seconds)
        say(
            Sentence(
                f"It took {seconds:,.0f} s: {rate:,} lines/s.",
                f"用时 {seconds:,.0f} 秒：每秒 {rate:,} 行。",
            )
        )

    said["rejects_path"] = str(report.rejects_path) if report.rejects_path else None
    answer(said, json=json, show=show)


def _say_imported(report: Report, file: str, mapping: str) -> None:
    lines = many(report.lines + report.rejected + report.unpaid, "line", "行")
    new = _new(report)
    say(
        Sentence(
            f"{file} read as {mapping}: {new}, from {lines}.",
            f"{file} 按 {mapping} 读取：{new.zh}，共 {lines.zh}。",
        )
    )
    if report.duplicates:
        were = Sentence("orders, refunds and corrections were here already and stay as they are",
                        "笔订单、退款和更正原已存在，保持不变")  # fmt: skip
        if report.duplicates == 1:
            were = Sentence("order, refund or correction was here already and stays as it is",
                            were.zh)  # fmt: skip
        say(Sentence(f"{report.duplicates:,} {were}.", f"{report.duplicates:,} {were.zh}。"))
    if report.unpaid:
        some = many(report.unpaid, "line", "行")
        say(
            Sentence(
                f"{some} left out: nobody has paid these orders (yet).",
                f"{some.zh}未读入：这些订单（还）没有付款。",
            )
        )
    if report.rejected:
        some, path = many(report.rejected, "line", "行"), report.rejects_path
        say(Sentence(f"{some} could not be used; why: {path}", f"{some.zh}不能用；原因见：{path}"))


@app.command("mapping")
def proposed(
    file: Annotated[Path, typer.Argument(help="A file that nobody knows yet.")],
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; without it, it is shown.")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="The sheet of an Excel file; default: the first.")
    ] = None,
    currency: Annotated[str, typer.Option(help="What its amounts are in.")] = "CNY",
    json: Json = False,
) -> None:
    """Propose how a file is read: a mapping to go on with, and how sure each field of it is."""
    with spoken(json=json):
        found, text = orderfile.proposed(file, sheet, currency)
        if out is not None:
            out.write_text(text, "utf-8")
    said = {
        "recognised": found.recognised,
        "mapping": found.mapping,
        "draft": found.draft,
        "sure": found.sure,
        "missing": found.missing,
        "written": str(out) if out else None,
    }

    def show(_: object) -> None:
        if found.mapping is not None:
            name = found.mapping["mapping"]
            say(
                Sentence(
                    f"{file.name} is known already: {name}.", f"{file.name} 已能识别：{name}。"
                )
            )
        say(Sentence(f"Written to {out}.", f"已写入 {out}。") if out else text)
        if found.missing:
            listed = ", ".join(found.missing)
            say(Sentence(f"Still to be said: {listed}.", f"还需说明：{listed}。"))

    answer(said, json=json, show=show)


@app.command("shipped")
def shipped(
    file: Annotated[
        Path, typer.Argument(help="What the warehouse's system exports: CSV or Excel.")
    ],
    sheet: Annotated[
        str | None, typer.Option(help="The sheet of an Excel file; default: the first.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejected rows go; default: FILE.rejects.csv.")
    ] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Bring in what a warehouse packed and shipped. Again is harmless; it is audited."""
    with spoken(json=json), opened(home) as siyu:
        found = import_shipped(
            siyu.db, siyu.keys, siyu.brand, file, me(by), siyu.clock.now(), sheet=sheet,
            rejects=rejects,
        )  # fmt: skip
        siyu.wake()
        catch_up(siyu)
    path = found.rejects_path
    said = {
        **asdict(found),
        "refused": [one._asdict() for one in found.refused],
        "rejects_path": str(path) if path else None,
    }

    def show(_: object) -> None:
        parcels, lines = many(found.parcels, "parcel", "个包裹"), many(found.rows, "line", "行")
        say(
            Sentence(
                f"{parcels} in {lines}: {found.packed:,} packed, {found.shipped:,} shipped;"
                f" {found.known:,} facts were here.",
                f"{lines.zh}中有 {parcels.zh}：装箱 {found.packed:,}，发货 {found.shipped:,}；"
                f"原有事实 {found.known:,} 条。",
            )
        )
        if not found.items:
            say(
                Sentence(
                    "The file has no column of items: it tells what left, not what was packed.",
                    "文件没有货品列：只说明发出了什么，没有说明装了什么。",
                )
            )
        if path is not None:
            some = many(found.rejected, "line", "行")
            say(
                Sentence(
                    f"{some} could not be used; why: {path}", f"{some.zh}不能用；原因见：{path}"
                )
            )

    answer(said, json=json, show=show)


@app.command("list")
def imported(home: Home = None, json: Json = False) -> None:
    """The latest imports, and how far each has come."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = imports(conn)
        zone = local(siyu)
    said = {
        "imports": [
            one._asdict() | {"done": one.done._asdict(), "state": _state(one.finished_at)}
            for one in found
        ]
    }

    def show(_: object) -> None:
        heads = (
            "file",
            "state",
            "lines",
            Sentence("of", "总行数"),
            "new",
            "here",
            "rejected",
            "until",
        )
        rows = [
            (
                one.file, STATES[_state(one.finished_at)], one.done.lines, one.file_lines,
                one.new, one.done.duplicates,
                one.rejected if one.finished_at else None, one.finished_at or one.updated_at,
            )
            for one in found
        ]  # fmt: skip
        table("Imports", heads, rows, zone)

    answer(said, json=json, show=show)


def _state(finished: object) -> str:
    return "finished" if finished else "unfinished"


def _rate(report: Report, seconds: float) -> int:
    """Of the lines that this run brought in."""
    return round(
        (report.lines + report.rejected + report.unpaid - report.resumed) / max(seconds, 0.001)
    )


def _new(report: Report) -> Sentence:
    if not (
        report.orders + report.refunds + report.corrections + report.cancellations
        + report.itemised
    ):  # fmt: skip
        return Sentence("nothing new", "没有新内容")
    orders = many(report.orders, "order", "笔订单")
    if report.guests:
        some = f"{report.guests:,}"
        orders = joined([orders, Sentence(f" ({some} of guests)", f"（游客 {some} 笔）")], "")
    parts = [orders, many(report.refunds, "refund", "笔退款")]
    parts.append(many(report.corrections, "correction", "笔更正"))
    if report.cancellations:
        parts.append(many(report.cancellations, "cancellation", "笔取消"))
    if report.itemised:
        some = many(report.itemised, "order", "笔订单")
        parts.append(Sentence(f"the lines of {some}", f"{some.zh}的明细"))
    return joined(parts, ", ", "、")


@contextmanager
def _progress() -> Generator[Tell]:
    """How far, how fast and how long still: as a bar, or as a line now and then."""
    if not err.is_terminal:
        yield _Lines().tell
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"), TimeElapsedColumn(), TextColumn("·"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Bar(*columns, console=err, transient=True) as bar:
        step = bar.add_task("reading", total=None, rate="")

        def tell(at: Progress) -> None:
            if bar.tasks[0].description != at.stage:  # the time left is that of the stage
                bar.reset(step, description=at.stage, total=at.of or None, rate="")
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            rate = f"{speed:,.0f} lines/s" if speed else ""
            bar.update(step, completed=at.done, total=at.of or None, rate=rate)

        yield tell


def _stage(name: str) -> Sentence:
    return Sentence(name, STAGES.get(name, name))


class _Lines:
    """Progress for a log: a line when a stage begins, and every ten seconds."""

    def __init__(self) -> None:
        self._stage = ""
        self._begun = self._said = 0.0
        self._first = 0

    def tell(self, at: Progress) -> None:
        """What the import says of itself."""
        now = time.monotonic()
        if at.stage != self._stage:
            self._stage, self._begun, self._first = at.stage, now, at.done
        elif now - self._said < SAY_EVERY:
            return
        self._said = now
        rate = (at.done - self._first) / max(now - self._begun, 0.001)
        what = Sentence(f"{at.of:,} events", f"{at.of:,} 条事实")
        if at.done:
            what = Sentence(f"{at.done:,} of {at.of:,} lines", f"{at.done:,} / {at.of:,} 行")
        stage = _stage(at.stage)
        said = Sentence(f"{stage}: {what}", f"{stage.zh}：{what.zh}")
        if rate:
            left = f"{(at.of - at.done) / rate:,.0f}"
            said = Sentence(f"{said}, {rate:,.0f} lines/s, {left} s left",
                            f"{said.zh}，每秒 {rate:,.0f} 行，还需 {left} 秒")  # fmt: skip
        hint(said)
