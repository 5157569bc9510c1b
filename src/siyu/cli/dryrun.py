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
from siyu.cli.screen import (
    Home,
    Json,
    answer,
    local,
    many,
    one_day,
    opened,
    say,
    spoken,
    table,
    tongue,
)
from siyu.dryrun import check
from siyu.dryrun.model import Asked, Counted, Range, Told
from siyu.dryrun.render import plain
from siyu.dryrun.run import run
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence, within


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
        task = bar.add_task(within(tongue(), Sentence("dry run", "试运行")), total=1.0)

        def tell(at: datetime, share: float) -> bool:
            day = at.astimezone(local(siyu)).date()
            bar.update(task, completed=share, description=f"{day}")
            return True

        return run(siyu, asked, tell)


def shown(told: Told, given: Collection[str]) -> None:
    """The answer, for people."""
    counted = told.counted
    heard = many(counted.heard, "fact", "条事实")
    say(
        Sentence(
            f"{told.journey}, {told.since} to {told.until}: {heard} heard again"
            f" in {told.seconds:.0f} s.",
            f"{told.journey}，{told.since} 至 {told.until}：重放 {heard.zh}，"
            f"用时 {told.seconds:.0f} 秒。",
        )
    )
    _began(counted)
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
    cost, work = _range(told.cost_minor, told.currency), _hours(told.staff_minutes)
    friends = _plain_range(told.friends)
    say(
        Sentence(
            f"Cost {cost}; work {work}; new friends {friends}.",
            f"成本 {cost.zh}；工作 {work.zh}；新好友 {friends.zh}。",
        )
    )
    _rates(told, given)
    say(
        Sentence(
            "What customers bought, asked and deleted is what they really did on those days.",
            "客户的购买、咨询和删除都是那些天真实发生的。",
        )
    )


def _began(counted: Counted) -> None:
    visits, people = (many(counted.entered, "visit", "次进入"),
                      many(counted.customers, "customer", "位客户"))  # fmt: skip
    say(
        Sentence(
            f"{visits} of {people} began; {counted.held_out:,} of them in the hold-out.",
            f"{people.zh}，{visits.zh}；其中对照组 {counted.held_out:,}。",
        )
    )
    for reason, count in counted.refused.items():
        say(Sentence(f"  not let in: {count:,} ({reason})", f"  未进入：{count:,}（{reason}）"))
    if counted.parked:
        stuck = many(counted.parked, "visit", "个进行中")
        say(
            Sentence(
                f"{stuck} got stuck: publish it so, and they are parked.",
                f"{stuck.zh}卡住：就这样发布的话，它们会被搁置。",
            )
        )


def _rates(told: Told, given: Collection[str]) -> None:
    counted = told.counted
    channels = sorted({one.channel for one in counted.steps} & set(told.rates))
    if channels:
        say(
            Sentence(
                "How people answer is not in any history. It was taken so (low, likely, high):",
                "客户如何回应不在任何历史里。取值如下（低、可能、高）：",
            )
        )
    for channel in channels:
        react = told.rates[channel]
        of = Sentence("given", "给定") if channel in given else Sentence("assumed", "假定")
        if seen := react.reached.seen:
            of = Sentence(f"your own {seen:,} touches", f"您自己的 {seen:,} 次触达")
        three = " / ".join(f"{react.reached.at(level):.0%}" for level in ("low", "likely", "high"))
        adds = " / ".join(f"{react.added.at(level):.1%}" for level in ("low", "likely", "high"))
        say(
            Sentence(
                f"  {channel}: reached {three}; add us {adds} ({of})",
                f"  {channel}：触达 {three}；添加 {adds}（{of.zh}）",
            )
        )


def _range(one: Range, currency: str) -> Sentence:
    low, likely, high = (show(value, currency) for value in one)
    return Sentence(f"{likely} ({low} to {high})", f"{likely}（{low} 至 {high}）")


def _hours(one: Range) -> Sentence:
    low, likely, high = (f"{value / 60:.1f}" for value in one)
    return Sentence(f"{likely} hours ({low} to {high})", f"{likely} 小时（{low} 至 {high}）")


def _plain_range(one: Range) -> Sentence:
    return Sentence(
        f"{one.likely:,} ({one.low:,} to {one.high:,})",
        f"{one.likely:,}（{one.low:,} 至 {one.high:,}）",
    )
