"""Figures of years, from the lake: `siyu report totals|cohorts|value|lapsed`."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from siyu.app import App
from siyu.cli.lake import progress
from siyu.cli.reports import day_of
from siyu.cli.screen import Home, Json, answer, many, opened, say, spoken, table
from siyu.kernel.money import show as money
from siyu.kernel.time import zone

if TYPE_CHECKING:
    from siyu.analytics.views.worth import Engine

Currency = Annotated[str, typer.Option(help="In this currency; default: the brand's.")]


def totals(home: Home = None, json: Json = False) -> None:
    """The books: lines, orders, customers, gross, refunded, net; one line per currency."""
    from siyu.analytics.views import worth  # noqa: PLC0415 - its libraries take half a second

    with spoken(json=json), opened(home) as siyu, _lake(siyu) as lake:
        found = worth.totals(lake)
        of_brand = [one for one in found if one.currency == siyu.brand.currency]
        value = {
            **(of_brand or found or [worth.Books(siyu.brand.currency, *[0] * 9)])[0]._asdict(),
            "currencies": [one._asdict() for one in found],
        }

        def show(_: object) -> None:
            for one in found:
                counts = [
                    (name, f"{part:,}")
                    for name, part in zip(one._fields[1:6], one[1:6], strict=True)
                ]
                sums = [
                    (name, money(part, one.currency))
                    for name, part in zip(one._fields[6:], one[6:], strict=True)
                ]
                table(f"Totals in {one.currency}", ["", ""], counts + sums)

        answer(value, json=json, show=show)


def cohorts(
    by: Annotated[Literal["month"], typer.Option(help="What makes a cohort.")] = "month",
    home: Home = None,
    json: Json = False,
) -> None:
    """Customers by the month of their first order: who bought again, month by month."""
    from siyu.analytics.views import worth  # noqa: PLC0415 - as above

    with spoken(json=json), opened(home) as siyu, _lake(siyu) as lake:
        found = worth.cohorts(lake)
        value = {
            "by": by,
            "definition": "first order that stands; worth = paid less given back; brand's months",
            "cohorts": [
                {**one._asdict(), "cohort": f"{one.cohort:%Y-%m}", "month": f"{one.month:%Y-%m}"}
                for one in found
            ],
        }
        heads = ["cohort", "month", "customers", "orders", "worth"]
        rows = [
            (f"{one.cohort:%Y-%m}", f"{one.month:%Y-%m}", one.customers, one.orders,
             money(one.worth_minor, one.currency))
            for one in found
        ]  # fmt: skip
        answer(value, json=json, show=lambda _: table("Cohorts", heads, rows))


def value(
    until: Annotated[
        str, typer.Option(help="Fitted on orders up to this day; default: today.")
    ] = "",
    unit: Annotated[Literal["day", "week", "month"], typer.Option(help="Of time.")] = "week",
    currency: Currency = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """What customers will buy: BG/NBD and gamma-gamma, fitted by maximum likelihood."""
    from siyu.analytics.views import worth  # noqa: PLC0415 - as above

    with spoken(json=json), opened(home) as siyu, _lake(siyu) as lake:
        last = day_of(until, "--until") or _today(siyu)
        found = worth.value(lake, last, unit, currency or siyu.brand.currency)
        told = {
            "until": str(found.until),
            "unit": unit,
            "currency": found.currency,
            "bgnbd": found.bgnbd._asdict(),
            "gamma_gamma": found.gamma_gamma._asdict() if found.gamma_gamma else None,
            "expected": [
                dict(zip(("days", "purchases", "money"), one, strict=True)) for one in found.ahead
            ],
        }

        def show(_: object) -> None:
            model, spent = found.bgnbd, found.gamma_gamma
            of = many(model.customers, "customer")
            say(f"{of}, orders up to {found.until}, time in {unit}s.")
            say(f"BG/NBD: {_fitted(model)}")
            if spent:
                say(f"Gamma-gamma: {_fitted(spent)}")
            heads = ["days ahead", "purchases", f"money ({found.currency})"]
            table(
                "Expected of all of them",
                heads,
                [(d, round(n), round(m)) for d, n, m in found.ahead],
            )

        answer(told, json=json, show=show)


def lapsed(
    as_of: Annotated[
        str, typer.Option("--as-of", help="Looked at from this day; default: today.")
    ] = "",
    from_months: Annotated[int, typer.Option("--from-months", help="No order for so long.")] = 3,
    to_months: Annotated[int, typer.Option("--to-months", help="But for less than this.")] = 6,
    currency: Currency = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Who has not bought for months, those first who are worth most to win back within 90 days."""
    from siyu.analytics.views import worth  # noqa: PLC0415 - as above

    with spoken(json=json), opened(home) as siyu, _lake(siyu) as lake:
        day = day_of(as_of, "--as-of") or _today(siyu)
        money_of = currency or siyu.brand.currency
        found = worth.lapsed(lake, day, from_months, to_months, money_of)
        with siyu.db.transaction() as conn:
            buyers = worth.buyers(conn, siyu.keys, [one.customer_id for one in found])
        told = [
            {
                "buyer_id": buyers.get(one.customer_id, ""),
                "customer": siyu.ids.encode("cus", one.customer_id),
                "last_order": str(one.last),
                "days_with_orders": one.purchases,
                "chance_within_90_days": round(one.chance, 4),
                "expected_minor": one.worth_minor,
            }
            for one in found
        ]
        head = {"as_of": str(day), "from_months": from_months, "to_months": to_months}
        heads = ["buyer", "customer", "last order", "days with orders", "chance", "expected"]
        rows = [
            (*[one[key] for key in list(one)[:4]], f"{one['chance_within_90_days']:.1%}",
             money(int(str(one["expected_minor"])), money_of))
            for one in told
        ]  # fmt: skip
        answer(
            {**head, "currency": money_of, "customers": told},
            json=json,
            show=lambda _: table(f"Lapsed: {many(len(told), 'customer')}", heads, rows),
        )


def under(app: typer.Typer) -> None:
    """Join these to the other reports."""
    for command in (totals, cohorts, value, lapsed):
        app.command(command.__name__)(command)


def _fitted(model: NamedTuple) -> str:
    return ", ".join(f"{name} {part:,.4g}" for name, part in model._asdict().items())


@contextmanager
def _lake(siyu: App) -> Generator[Engine]:
    with siyu.lake.asked(progress) as engine:
        yield engine


def _today(siyu: App) -> date:
    return siyu.clock.now().astimezone(zone(siyu.brand.time_zone)).date()
