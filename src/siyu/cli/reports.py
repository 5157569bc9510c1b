"""`siyu report`: the funnel of a period, what a friend cost, what was not sent; `siyu brief`."""

from __future__ import annotations

import sys
from dataclasses import asdict, astuple
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

import msgspec
import typer

from siyu.analytics.model import Asked, Group, PlanReport, ReportName, WithheldReport
from siyu.analytics.render import by_step, report_csv, welcome_csv
from siyu.analytics.views import parcels, reports
from siyu.app import App, Told
from siyu.cli.screen import Home, Json, answer, local, many, opened, say, spoken, table
from siyu.connections.views import pulls
from siyu.events.model import OURS
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


def brief(
    day: Annotated[str, typer.Option(help="What happened on this day; default: yesterday.")] = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """The morning's brief to head office, as it was told or would be now, and who is told."""
    with spoken(json=json), opened(home) as siyu:
        found = siyu.brief(day_of(day, "--day"))
        with siyu.db.transaction() as conn:
            errors = {(one.connector, one.name): one.error for one in pulls(conn)}
        error = errors.get((OURS, "brief"), "")
        value = {**msgspec.to_builtins(found), "error": error}
        answer(value, json=json, show=lambda _: _show_brief(siyu, found, error))


def _show_brief(siyu: App, found: Told, error: str) -> None:
    say(found.title)
    say(found.words)
    if found.url:
        say(found.url)
    to = ", ".join(found.to) or "nobody: set brief_to, or give somebody the role operator or owner"
    if found.at is None:
        say(f"\nNot told yet. To be told: {to}.")
    else:
        say(f"\nTold at {found.at.astimezone(local(siyu)):%Y-%m-%d %H:%M}: {to}.")
    if found.lost:
        say(f"Could not be told: {', '.join(found.lost)}.")
    if error:
        say(f"Last error: {error}")


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
    heads = ("day", "due", "sent", "in 20 s", "too late", "no code", "p50 s", "p95 s", "max s")
    rows = [
        (
            one.day or "all", one.wished, one.sent, one.within, one.late, one.no_code,
            *(None if at is None else f"{at:.1f}"
              for at in (one.heard_p50, one.heard_p95, one.heard_max)),
        )
        for one in found
    ]  # fmt: skip
    table(f"Welcomes, {_between(asked)}", heads, rows)
    total = found[-1]
    if total.added_max is not None:
        say(f"Seconds run from the callback; from the add on it was {total.added_max:.1f} at most.")
    if total.measured < total.sent:
        say(f"Of {total.sent - total.measured:,} that were sent nobody knows the seconds.")
    if total.otherwise or total.open:
        say(f"{total.otherwise:,} not sent for other reasons, {total.open:,} under way.")


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


def _between(asked: Asked) -> str:
    return f"{asked.first} to {asked.last}"


def _show_funnel(found: PlanReport) -> None:
    for one in found.sources:
        rows: list[tuple[object, ...]] = [
            ("buyers", one.buyers, None, None, None),
            ("friends already", one.friends_before, None, None, None),
            ("not admitted", one.not_admitted, None, None, None),
            ("hold-out", one.held.buyers, one.held.friends, _rate(one.held), None),
            ("in scope", one.treated.buyers, one.treated.friends, _rate(one.treated), None),
            ("invited", one.invited.buyers, one.invited.friends, _rate(one.invited), None),
        ]
        rows += [
            (f"  {step.step}", step.people, step.adds,
             _rate(Group(one.treated.buyers, step.adds)), step.touches)
            for step in one.steps
        ]  # fmt: skip
        heads = ["figure", "people", "friends", "rate", "touches"]
        table(f"{one.source}, {_between(found.asked)}", heads, rows)
        if one.still_open:
            say(f"{one.still_open:,} of those in scope may still add within their fortnight.")
    say(f"{many(found.unmatched, 'new friend')} in this time could not be matched to a buyer.")


def _rate(group: Group) -> str:
    span = group.interval
    if group.rate is None or span is None:
        return ""
    return f"{group.rate:.1%} ({span.low:.1%} to {span.high:.1%})"


def _show_costs(found: PlanReport) -> None:
    for one in found.sources:
        adds = {step.step: step.adds for step in one.steps}
        rows = [
            (cost.step, cost.kind, cost.quantity, money(cost.amount_minor, cost.currency))
            for cost in one.costs
        ]
        heads = ["step", "kind", "quantity", "amount"]
        table(f"{one.source}, {_between(found.asked)}", heads, rows)
        for step, minor in by_step(one).items():
            if adds.get(step):
                each = money(-(-minor // adds[step]), found.currency)
                say(f"{step}: {many(adds[step], 'friend')} at {each} each.")
        per_add = one.cost_per_add_minor
        if per_add is not None:
            total = money(one.cost_minor, found.currency or "CNY")
            each = money(per_add, found.currency or "CNY")
            say(f"In all: {total} for {many(one.treated.friends, 'friend')}, {each} each.")


def _show_withheld(found: WithheldReport) -> None:
    share = f" ({found.withheld / found.wished:.1%})" if found.wished else ""
    say(f"{found.withheld:,} of {many(found.wished, 'touch')} were not sent{share}.")
    heads = ["day", "channel", "purpose", "reason", "touches"]
    table(f"Not sent, {_between(found.asked)}", heads, found.rows)
