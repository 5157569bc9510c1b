"""`siyu report`: the funnel of a period, what a friend cost, what was not sent."""

from __future__ import annotations

import sys
from dataclasses import asdict, astuple
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

import typer

from siyu.analytics.model import Asked, Group, PlanReport, ReportName, WithheldReport
from siyu.analytics.render import by_step, report_csv, welcome_csv
from siyu.analytics.views import parcels, reports
from siyu.app import App
from siyu.cli.screen import Home, Json, answer, joined, many, opened, say, spoken, table
from siyu.kernel.errors import BadInput
from siyu.kernel.money import show as money
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import moment as at_midnight
from siyu.kernel.time import zone
from siyu.outbox.model import WELCOME_WITHIN
from siyu.outbox.views import Welcomes
from siyu.staff.actions import audit

USUAL_DAYS = 28

app = typer.Typer(no_args_is_help=True)

First = Annotated[str, typer.Option("--from", help="The first day; default: 28 days in all.")]
Last = Annotated[str, typer.Option("--to", help="The last day; default: today.")]
Source = Annotated[str, typer.Option(help="Only this source.")]
Shop = Annotated[str, typer.Option(help="Only orders of this shop.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="A file for a spreadsheet, on standard output.")]
Lang = Annotated[
    Literal["", "zh", "en"], typer.Option(help="Of the CSV; default: the brand's language.")
]


@app.command("cascade")
def cascade(
    first: First = "",
    last: Last = "",
    source: Source = "",
    shop: Shop = "",
    *,
    csv: AsCsv = False,
    lang: Lang = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Who was in scope, whom each step reached, who became a friend."""
    with spoken(json=json), opened(home) as siyu:
        found = _plan(siyu, _asked(siyu, first, last, source, shop))
        _told(siyu, "cascade", found, csv=csv, lang=lang, json=json)


@app.command("cost")
def cost(
    first: First = "",
    last: Last = "",
    source: Source = "",
    shop: Shop = "",
    *,
    csv: AsCsv = False,
    lang: Lang = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """What was spent by step and kind, and what a friend cost."""
    with spoken(json=json), opened(home) as siyu:
        found = _plan(siyu, _asked(siyu, first, last, source, shop))
        _told(siyu, "cost", found, csv=csv, lang=lang, json=json)


@app.command("withheld")
def withheld(
    first: First = "",
    last: Last = "",
    source: Source = "",
    shop: Shop = "",
    *,
    csv: AsCsv = False,
    lang: Lang = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """What was wished for and not sent, and why."""
    with spoken(json=json), opened(home) as siyu:
        asked = _asked(siyu, first, last, source, shop)
        with siyu.db.transaction() as conn:
            found = reports.withheld(conn, asked, siyu.brand.time_zone, siyu.clock.now())
        _told(siyu, "withheld", found, csv=csv, lang=lang, json=json)


@app.command("welcome")
def welcome(
    first: First = "",
    last: Last = "",
    *,
    csv: AsCsv = False,
    lang: Lang = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """How many new friends were welcomed by the carrier's limit, in how many seconds, by day."""
    with spoken(json=json), opened(home) as siyu:
        asked = _asked(siyu, first, last, "", "")
        with siyu.db.transaction() as conn:
            found = reports.welcome(conn, asked, siyu.brand.time_zone)
        if csv:
            _written(siyu, "welcome", welcome_csv(found, lang or siyu.brand.locale), asked)
            return
        days = [_seconds(one) for one in found]
        limit = WELCOME_WITHIN.total_seconds()
        value = {
            "asked": asked._asdict(), "limit_seconds": limit, "days": days[:-1], "all": days[-1],
        }  # fmt: skip
        answer(value, json=json, show=lambda _: _show_welcomes(asked, found))


def _seconds(one: Welcomes) -> dict[str, object]:
    return {**one._asdict(), "not_sent_otherwise": one.otherwise, "share_within": one.share}


def _show_welcomes(asked: Asked, found: list[Welcomes]) -> None:
    every, due = Sentence("all", "合计"), Sentence("due", "应发")
    heads = (
        "day",
        due,
        "sent",
        "in 20 s",
        "too late",
        "no code",
        "p50 s",
        "p95 s",
        "max s",
    )
    rows = [
        (
            one.day or every, one.wished, one.sent, one.within, one.late, one.no_code,
            *(None if at is None else f"{at:.1f}"
              for at in (one.heard_p50, one.heard_p95, one.heard_max)),
        )
        for one in found
    ]  # fmt: skip
    days = _between(asked)
    table(Sentence(f"Welcomes, {days}", f"欢迎语，{days.zh}"), heads, rows)
    total = found[-1]
    if total.added_max is not None:
        most = f"{total.added_max:.1f}"
        say(
            Sentence(
                f"Seconds run from the callback; from the add on it was {most} at most.",
                f"秒数从回调算起；从添加算起最长 {most} 秒。",
            )
        )
    if total.measured < total.sent:
        rest = f"{total.sent - total.measured:,}"
        say(
            Sentence(
                f"Of {rest} that were sent nobody knows the seconds.",
                f"已发的有 {rest} 条不知道用了几秒。",
            )
        )
    if total.otherwise or total.open:
        say(
            Sentence(
                f"{total.otherwise:,} not sent for other reasons, {total.open:,} under way.",
                f"{total.otherwise:,} 条因其他原因未发，{total.open:,} 条进行中。",
            )
        )


@app.command("packing")
def packing(
    first: First = "",
    last: Last = "",
    shop: Shop = "",
    *,
    home: Home = None,
    json: Json = False,
) -> None:
    """What packers were told and packed otherwise, by day, warehouse and instruction."""
    with spoken(json=json), opened(home) as siyu:
        asked, local = _asked(siyu, first, last, "", shop), zone(siyu.brand.time_zone)
        since = at_midnight(asked.first, time(), local)
        until = at_midnight(asked.last + timedelta(days=1), time(), local)
        with siyu.db.transaction() as conn:
            found = parcels.differences(conn, since, until, shop, siyu.brand.time_zone)
    heads = ("day", "warehouse", "told", "item", "packed", "other kind", "other item", "stray")
    answer(
        {"differences": [asdict(one) for one in found]},
        json=json,
        show=lambda _: table("Packing", heads, [astuple(one) for one in found]),
    )


def _asked(siyu: App, first: str, last: str, source: str, shop: str) -> Asked:
    now: datetime = siyu.clock.now()
    until = day_of(last, "--to") or now.astimezone(zone(siyu.brand.time_zone)).date()
    since = day_of(first, "--from") or until - timedelta(days=USUAL_DAYS - 1)
    return Asked(since, until, source, shop)


def day_of(text: str, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(
            Sentence(
                f"{option} {text!r} is no date; write it like 2026-11-01",
                f"{option} {text!r} 不是日期；请写成 2026-11-01 这样",
            )
        ) from None


def _plan(siyu: App, asked: Asked) -> PlanReport:
    with siyu.db.transaction() as conn:
        return reports.plan(conn, asked, siyu.brand.time_zone, siyu.clock.now())


def _told(
    siyu: App,
    name: ReportName,
    found: PlanReport | WithheldReport,
    *,
    csv: bool,
    lang: str,
    json: bool,
) -> None:
    if csv:
        _written(siyu, name, report_csv(name, found, lang or siyu.brand.locale), found.asked)
        return
    if isinstance(found, WithheldReport):
        answer(_plain(found), json=json, show=lambda _: _show_withheld(found))
    elif name == "cost":
        answer(_plain(found), json=json, show=lambda _: _show_costs(found))
    else:
        answer(_plain(found), json=json, show=lambda _: _show_funnel(found))


def _written(siyu: App, name: str, text: str, asked: Asked) -> None:
    sys.stdout.buffer.write(text.encode())
    sys.stdout.flush()
    with siyu.db.transaction() as conn:
        about = f"{name} {asked.first}/{asked.last}"
        audit(conn, "siyu report", "report.export", about, "", siyu.clock.now())


def _plain(found: PlanReport | WithheldReport) -> dict[str, object]:
    said = found._asdict()
    said["asked"], said["fresh"] = found.asked._asdict(), found.fresh._asdict()
    if isinstance(found, WithheldReport):
        said["withheld"] = found.withheld
        said["rows"] = [row._asdict() for row in found.rows]
        return said
    said["sources"] = [
        one._asdict()
        | {
            "held": one.held._asdict(),
            "treated": one.treated._asdict(),
            "invited": one.invited._asdict(),
            "steps": [step._asdict() for step in one.steps],
            "costs": [cost._asdict() for cost in one.costs],
            "not_reached": [some._asdict() for some in one.not_reached],
            "cost_minor": one.cost_minor,
            "cost_per_add_minor": one.cost_per_add_minor,
        }
        for one in found.sources
    ]
    return said


def _between(asked: Asked) -> Sentence:
    return Sentence(f"{asked.first} to {asked.last}", f"{asked.first} 至 {asked.last}")


def _show_funnel(found: PlanReport) -> None:
    for one in found.sources:
        rows: list[tuple[object, ...]] = [
            (Sentence("buyers", "买家"), one.buyers, None, None, None),
            (Sentence("friends already", "原已是好友"), one.friends_before, None, None, None),
            (Sentence("not admitted", "未获准入"), one.not_admitted, None, None, None),
            (
                Sentence("hold-out", "对照组"),
                one.held.buyers,
                one.held.friends,
                _rate(one.held),
                None,
            ),
            (
                Sentence("in scope", "范围内"),
                one.treated.buyers,
                one.treated.friends,
                _rate(one.treated),
                None,
            ),
            (
                Sentence("invited", "已邀请"),
                one.invited.buyers,
                one.invited.friends,
                _rate(one.invited),
                None,
            ),
        ]
        rows += [
            (f"  {step.step}", step.people, step.adds,
             _rate(Group(one.treated.buyers, step.adds)), step.touches)
            for step in one.steps
        ]  # fmt: skip
        heads = ["figure", "people", "friends", "rate", "touches"]
        table(joined([one.source, _between(found.asked)], ", ", "，"), heads, rows)
        if one.still_open:
            say(
                Sentence(
                    f"{one.still_open:,} of those in scope may still add within their fortnight.",
                    f"范围内还有 {one.still_open:,} 人在两周窗口内，仍可能添加。",
                )
            )
    new = many(found.unmatched, "new friend", "位新好友")
    say(
        Sentence(
            f"{new} in this time could not be matched to a buyer.",
            f"这段时间有 {new.zh}未能匹配到买家。",
        )
    )


def _rate(group: Group) -> Sentence | str:
    span = group.interval
    if group.rate is None or span is None:
        return ""
    rate, low, high = (f"{one:.1%}" for one in (group.rate, span.low, span.high))
    return Sentence(f"{rate} ({low} to {high})", f"{rate}（{low} 至 {high}）")


def _show_costs(found: PlanReport) -> None:
    for one in found.sources:
        adds = {step.step: step.adds for step in one.steps}
        rows = [
            (cost.step, cost.kind, cost.quantity, money(cost.amount_minor, cost.currency))
            for cost in one.costs
        ]
        heads = ["step", "kind", "quantity", "amount"]
        table(joined([one.source, _between(found.asked)], ", ", "，"), heads, rows)
        for step, minor in by_step(one).items():
            if adds.get(step):
                each = money(-(-minor // adds[step]), found.currency)
                some = many(adds[step], "friend", "位好友")
                say(
                    Sentence(f"{step}: {some} at {each} each.", f"{step}：{some.zh}，每位 {each}。")
                )
        per_add = one.cost_per_add_minor
        if per_add is not None:
            total = money(one.cost_minor, found.currency or "CNY")
            each = money(per_add, found.currency or "CNY")
            some = many(one.treated.friends, "friend", "位好友")
            say(
                Sentence(
                    f"In all: {total} for {some}, {each} each.",
                    f"合计：{some.zh}花费 {total}，每位 {each}。",
                )
            )


def _show_withheld(found: WithheldReport) -> None:
    share = f" ({found.withheld / found.wished:.1%})" if found.wished else ""
    wished = many(found.wished, "touch", "次触达")
    say(
        Sentence(
            f"{found.withheld:,} of {wished} were not sent{share}.",
            f"{wished.zh}中有 {found.withheld:,} 次未发送{share}。",
        )
    )
    heads = ["day", "channel", "purpose", "reason", "touches"]
    days = _between(found.asked)
    table(Sentence(f"Not sent, {days}", f"未发送，{days.zh}"), heads, found.rows)
