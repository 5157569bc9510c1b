"""`siyu journey dry-run`: a text tried on the brand's own past."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from siyu.app import App
from siyu.cli.journeys import File, text_of
from siyu.cli.screen import Home, Json, answer, local, many, one_day, opened, say, spoken, table
from siyu.dryrun import check
from siyu.dryrun.model import Asked, Range, Told
from siyu.dryrun.render import plain
from siyu.dryrun.run import run
from siyu.kernel.money import show


def dry_run(
    file: File,
    *,
    since: Annotated[str, typer.Option("--from", help="The first day: 2026-10-01.")],
    until: Annotated[str, typer.Option("--to", help="The last day, in the past.")],
    rates: Annotated[
        Path | None,
        typer.Option(help="How people answer, in place of your own or assumed rates (YAML)."),
    ] = None,
    seed: Annotated[str, typer.Option(help="Other draws of who answers how.")] = "1",
    ranges: Annotated[
        bool, typer.Option(help="Also at the low and the high rates: about half again as long.")
    ] = True,
    home: Home = None,
    json: Json = False,
) -> None:
    """Try a text on what really happened on these days: who would come in, what would be sent, what
    not and why, what it costs, how much work it is. Nothing is sent, and nothing of it is kept.

    Ctrl-C ends it."""
    with spoken(json=json), opened(home) as siyu:
        given = check.given(text_of(rates) if rates else "")
        asked = Asked(text_of(file), one_day(since), one_day(until), given, seed, ranges)
        told = tried(siyu, asked, quiet=json)
        answer(plain(told), json=json, show=lambda _: shown(told, given))


def tried(siyu: App, asked: Asked, *, quiet: bool) -> Told:
    """The answer; how far it is, is shown meanwhile."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        transient=True, disable=quiet,
    ) as bar:  # fmt: skip
        task = bar.add_task("dry run", total=1.0)

        def tell(at: datetime, share: float) -> bool:
            day = at.astimezone(local(siyu)).date()
            bar.update(task, completed=share, description=f"{day}")
            return True

        return run(siyu, asked, tell)


def shown(told: Told, given: Collection[str]) -> None:
    """The answer, for people."""
    counted = told.counted
    say(
        f"{told.journey}, {told.since} to {told.until}: {many(counted.heard, 'fact')} heard again"
        f" in {told.seconds:.0f} s."
    )
    say(
        f"{many(counted.entered, 'visit')} of {many(counted.customers, 'customer')} began;"
        f" {counted.held_out:,} of them in the hold-out."
    )
    for reason, count in counted.refused.items():
        say(f"  not let in: {count:,} ({reason})")
    if counted.parked:
        say(f"{many(counted.parked, 'visit')} got stuck: publish it so, and they are parked.")
    heads = ["step", "channel", "wished", "sent", "withheld", "waiting", "reached", "cost"]
    table("Touches", heads, [
        [*one[:-1], show(one.cost_minor, told.currency)] for one in counted.steps
    ])  # fmt: skip
    table("Not sent, and why", ["step", "channel", "reason", "touches", "for"], counted.withheld)
    table("Other journeys with the same people", ["journey", "customers", "ours gave way",
          "theirs gave way"], counted.collisions)  # fmt: skip
    table("By day", ["day", "entered", "staff minutes"],
          [one for one in counted.days if one.entered or one.staff_minutes])  # fmt: skip
    say()
    say(f"Cost {_range(told.cost_minor, told.currency)}; work"
        f" {_hours(told.staff_minutes)}; new friends {_plain_range(told.friends)}.")  # fmt: skip
    channels = sorted({one.channel for one in counted.steps} & set(told.rates))
    if channels:
        say("How people answer is not in any history. It was taken so (low, likely, high):")
    for channel in channels:
        react = told.rates[channel]
        said = "given" if channel in given else "assumed"
        of = f"your own {react.reached.seen:,} touches" if react.reached.seen else said
        three = " / ".join(f"{react.reached.at(level):.0%}" for level in ("low", "likely", "high"))
        adds = " / ".join(f"{react.added.at(level):.1%}" for level in ("low", "likely", "high"))
        say(f"  {channel}: reached {three}; add us {adds} ({of})")
    say("What customers bought, asked and deleted is what they really did on those days.")


def _range(one: Range, currency: str) -> str:
    low, likely, high = (show(value, currency) for value in one)
    return f"{likely} ({low} to {high})"


def _hours(one: Range) -> str:
    return f"{one.likely / 60:.1f} hours ({one.low / 60:.1f} to {one.high / 60:.1f})"


def _plain_range(one: Range) -> str:
    return f"{one.likely:,} ({one.low:,} to {one.high:,})"
