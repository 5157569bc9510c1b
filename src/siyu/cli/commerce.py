"""`siyu import orders`: bring a shop's history in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from siyu.app import Report, import_file, order_file
from siyu.cli.screen import Home, Json, answer, err, many, opened, say, spoken

app = typer.Typer(no_args_is_help=True)


@app.callback()
def files() -> None:
    """Bring in files."""


@app.command("orders")
def orders(
    file: Annotated[Path, typer.Argument(help="CSV, or .csv.gz; UTF-8 or GB18030.")],
    mapping: Annotated[
        Path | None,
        typer.Option(help="How to read it (examples/mappings); without it the header decides."),
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejected rows go; default: FILE.rejects.csv.")
    ] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Import orders as history: nobody is enrolled or texted. Again is harmless."""
    with spoken(json=json):
        found = order_file(file, mapping)
        with opened(home, brings=True) as siyu, _bar() as bar:
            step = bar.add_task("reading", total=None)
            report = import_file(
                siyu,
                found,
                lambda at: bar.update(step, description=at.stage, completed=at.done, total=at.of),
                rejects=rejects,
            )
    said = report._asdict() | {"mapping": found.mapping.mapping}

    def show(_: object) -> None:
        say(
            f"{file.name} read as {found.mapping.mapping}:"
            f" {_new(report)}, from {many(report.lines + report.rejected, 'line')}."
        )
        if report.duplicates:
            was = "order, refund or correction was here already and stays as it is"
            were = "orders, refunds and corrections were here already and stay as they are"
            say(f"{report.duplicates:,} {was if report.duplicates == 1 else were}.")
        if report.rejected:
            say(f"{many(report.rejected, 'line')} could not be used; why: {report.rejects_path}")

    said["rejects_path"] = str(report.rejects_path) if report.rejects_path else None
    answer(said, json=json, show=show)


def _new(report: Report) -> str:
    if not report.orders + report.refunds + report.corrections:
        return "nothing new"
    guests = f" ({report.guests:,} of guests)" if report.guests else ""
    return (
        f"{many(report.orders, 'order')}{guests}, {many(report.refunds, 'refund')},"
        f" {many(report.corrections, 'correction')}"
    )


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True)
