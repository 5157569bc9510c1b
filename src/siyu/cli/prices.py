"""What things cost: `siyu prices`, the price list with its days; `siyu costs`, what goods cost."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from siyu.api.prices import COST_COLUMNS, COST_NEEDED, PriceRow, cost_file, price_file, put
from siyu.api.prices import prices as listed
from siyu.cli.codes import coded, typed
from siyu.cli.reports import day_of
from siyu.cli.rows import set_aside, tell
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    many,
    me,
    one_of,
    opened,
    say,
    spoken,
    table,
    tongue,
)
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.money import show as money
from siyu.kernel.money import to_minor
from siyu.kernel.sentence import Sentence, wording
from siyu.ledger import actions, views
from siyu.ledger.check import WHOLE
from siyu.ledger.model import EVER, GoodsShare, Price, Spread, Tool

app = typer.Typer(no_args_is_help=True)
costs = typer.Typer(no_args_is_help=True)
Kind = Annotated[str, typer.Argument(help="sms_segment, call_minute, staff_minute, gift, card, …")]
Variant = Annotated[
    str, typer.Option(help="The vendor, role, gift, card or tool; left out: of any.")
]
ANY, EVER_SINCE = Sentence("any", "不限"), Sentence("ever", "一直")
NOT_SET, OTHERS = Sentence("not set", "未设置"), Sentence("all others", "其他全部")
From = Annotated[str, typer.Option("--from", metavar="DATE", help="For what happens from then on.")]
File = Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030), .xlsx or .xls.")]


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """Every price with its day, whether it holds today, and the tools with their rule."""
    with spoken(json=json), opened(home) as siyu:
        found = listed(siyu).prices
        with siyu.db.transaction() as conn:
            tools = views.tools(conn)
        value = {
            "prices": [asdict(one) for one in found],
            "tools": [one._asdict() for one in tools],
        }

    def show(_: object) -> None:
        heads = ("what", "of", "from", "unit price", "", "note")
        table("Price list", heads, [_row(one) for one in found])
        for one in tools:
            of = PER[one.spread]
            say(
                Sentence(
                    f"The fee of {one.code} is spread over {of} of its month.",
                    f"{one.code} 的费用按月分摊给{of.zh}。",
                )
            )

    answer(value, json=json, show=show)


PER = {
    "friend": Sentence("those who are friends at the end", "月末仍是好友的客户"),
    "customer": Sentence("everybody who bought or was sent something", "当月购买或被触达的客户"),
    "touch": Sentence("the touches", "当月的触达"),
    "order": Sentence("the orders that stand", "当月成立的订单"),
}


def _row(one: PriceRow) -> list[object]:
    unit = NOT_SET if one.unit_minor is None else money(one.unit_minor, one.currency)
    since = EVER_SINCE if one.valid_from is None else str(one.valid_from)
    holds = Sentence("today's", "今天适用") if one.holds else ""
    return [typed("cost", one.kind), one.variant or ANY, since, unit, holds, one.note]


@app.command("set")
def put_price(
    kind: Kind,
    price: Annotated[str, typer.Argument(help="Of one unit, such as 0.05.")],
    variant: Variant = "",
    since: From = "",
    *,
    note: Annotated[str, typer.Option(help="Where it is from: a contract, a bill.")] = "",
    currency: Annotated[str, typer.Option(help="Default: the brand's.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Set a price, by default from today on (the first of its kind: since ever). What is posted
    keeps the price that it had. Audited."""
    with spoken(json=json), opened(home) as siyu:
        money_of = currency or siyu.brand.currency
        new = Price(kind, _minor(price, money_of), money_of, note, variant)
        changed = put(siyu, [(new, day_of(since, "--from"))], me(by))
    now = money(new.unit_minor, money_of)
    said = Sentence("Nothing changed.", "没有变化。")
    if changed:
        said = Sentence(f"{new.named}: {now}.", f"{new.named}：{now}。")
    answer({"changed": changed}, json=json, show=lambda _: say(said))


@app.command("drop")
def drop(
    kind: Kind,
    variant: Variant = "",
    since: From = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Take a price off the list: that of its day (left out: that of ever). What is posted stays."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        actions.drop_price(
            conn, kind, variant, day_of(since, "--from") or EVER, me(by), siyu.clock.now()
        )
    what = f"{kind} {variant}".strip()
    said = Sentence(f"{what} is off.", f"{what} 已删除。")
    answer({"dropped": kind}, json=json, show=lambda _: say(said))


@app.command("import")
def bring(file: File, by: By = "", home: Home = None, json: Json = False) -> None:
    """Set all prices of a file: kind, price, and as you like variant, valid_from, currency, note.
    All of them or none."""
    with spoken(json=json), opened(home) as siyu:
        found = price_file(siyu, file, tongue())
        changed = put(siyu, found, me(by))
    value = {"rows": len(found), "changed": changed}
    prices = many(len(found), "price", "条单价")
    said = Sentence(
        f"{prices}, {changed} of them new or changed.",
        f"{prices.zh}，其中 {changed} 条新增或有变。",
    )
    answer(value, json=json, show=lambda _: say(said))


@app.command("reprice")
def reprice(
    since: From,
    kind: Annotated[str, typer.Option(help="Only this kind.")] = "",
    *,
    write: Annotated[bool, typer.Option("--write", help="Do it; else only say what.")] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """What is posted for that day and later, at the list as it is now: counts and sums. Only with
    --write the entries change, and that is audited."""
    with spoken(json=json), opened(home) as siyu:
        day = day_of(since, "--from")
        if day is None:
            raise BadInput(
                Sentence(
                    "Say from which day on: --from 2026-11-01.",
                    "请说明从哪天起：--from 2026-11-01。",
                )
            )
        with siyu.db.transaction() as conn:
            now = siyu.clock.now()
            found = actions.reprice(conn, day, me(by), now, kind=kind, write=write)
    value = {"from": str(day), "written": write, "kinds": [one._asdict() for one in found]}

    def show(_: object) -> None:
        heads = ("what", "of", "entries", "posted", "at the list of now")
        rows = [
            (typed("cost", one.kind), one.variant or ANY, one.entries,
             money(one.before_minor, one.currency), money(one.after_minor, one.currency))
            for one in found
        ]  # fmt: skip
        if not found:
            say(Sentence("Every entry is at the list's price already.", "所有账目已按现行单价。"))
            return
        table("Repriced" if write else "Would be repriced", heads, rows)
        if not write:
            say(Sentence("Nothing is changed; --write does it.", "没有改动；加 --write 才会改。"))

    answer(value, json=json, show=show)


@app.command("tool")
def tool(
    code: Annotated[str, typer.Argument(help="The tool; its fee: siyu prices set tool_fee …")],
    per: Annotated[str, typer.Option(help="friend, customer, touch or order; off: not paid.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Say over what of its month a tool's fee is spread. Each month is booked once it is over, at
    the fee of its last day."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        now = siyu.clock.now()
        if per == "off":
            actions.drop_tool(conn, code, me(by), now)
            booked = 0
        else:
            actions.set_tool(
                conn, Tool(code, one_of(per, Spread, Sentence("per", "分摊方式"))), me(by), now
            )
            booked = actions.book_months(conn, now)
    months, by_ = many(booked, "month", "个月"), coded("spread", per)
    said = Sentence(
        f"{code}: per {by_}; {months} booked.", f"{code}：按{by_.zh}分摊；已入账 {months.zh}。"
    )
    if per == "off":
        said = Sentence(
            f"{code}: per {by_}; {months} booked.", f"{code}：{by_.zh}；已入账 {months.zh}。"
        )
    answer({"tool": code, "per": per, "booked": booked}, json=json, show=lambda _: say(said))


# ── what goods cost ──


@costs.command("list")
def costs_list(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    home: Home = None,
    json: Json = False,
) -> None:
    """What goods cost, and what is assumed of those whose cost isn't known."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        known, skus = views.count_costs(conn)
        found, shares = views.costs(conn, None, limit), views.shares(conn)
    value = {
        "costs": known,
        "skus": skus,
        "first": [{**one._asdict(), "valid_from": _since(one.valid_from)} for one in found],
        "shares": [{**one._asdict(), "valid_from": _since(one.valid_from)} for one in shares],
    }

    def show(_: object) -> None:
        of_known, of_skus = many(known, "cost", "个成本"), many(skus, "sku", "个货品")
        say(Sentence(f"{of_known} of {of_skus} known.", f"{of_skus.zh}中，已知 {of_known.zh}。"))
        rows = [
            (one.sku, _since(one.valid_from) or EVER_SINCE, money(one.unit_minor, one.currency))
            for one in found
        ]
        table("Cost of goods", ("sku", "from", "a piece"), rows)
        taken = [
            (one.category or OTHERS, _since(one.valid_from) or EVER_SINCE,
             f"{one.basis_points / WHOLE:.2%}")
            for one in shares
        ]  # fmt: skip
        table("Assumed where it isn't known", ("category", "from", "of the price"), taken)

    answer(value, json=json, show=show)


@costs.command("import")
def costs_import(file: File, by: By = "", home: Home = None, json: Json = False) -> None:
    """Bring in what goods cost: sku, cost, and as you like currency and valid_from (left out: for
    orders of any day). Rows that can't be used are named, and go to FILE.rejects.csv."""
    with spoken(json=json), opened(home) as siyu:
        found, refused = cost_file(siyu, file, tongue())
        with siyu.db.transaction() as conn:
            changed = actions.set_costs(conn, found, me(by), siyu.clock.now(), file.name)
        aside = set_aside(file, COST_COLUMNS, COST_NEEDED, refused)
    value = {"rows": len(found), "changed": changed, **aside}

    def show(_: object) -> None:
        read = many(len(found), "cost", "个成本")
        say(
            Sentence(
                f"{read} read, {changed} of them new or changed.",
                f"已读取 {read.zh}，其中 {changed} 个新增或有变。",
            )
        )
        tell(refused, aside)

    answer(value, json=json, show=show)


@costs.command("share")
def costs_share(
    category: Annotated[str, typer.Argument(help="Of this category; '*': of all others.")],
    share: Annotated[str, typer.Argument(help="Such as 0.45; off: nothing is assumed.")],
    since: From = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Say how much of its price goods of unknown cost are taken to cost. Audited."""
    name = "" if category == "*" else category
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        now = siyu.clock.now()
        if share == "off":
            actions.drop_share(conn, name, me(by), now)
        else:
            new = GoodsShare(name, _points(share), day_of(since, "--from") or EVER)
            actions.set_share(conn, new, me(by), now)
    said = Sentence(f"{category}: {share}.", f"{category}：{share}。")
    answer({"category": category, "share": share}, json=json, show=lambda _: say(said))


def _points(text: str) -> int:
    try:
        points = Decimal(text) * WHOLE
        if points == int(points):
            return int(points)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    why = Sentence(
        f"{text!r} is no share; write it like 0.45, with at most four digits behind the point",
        f"{text!r} 不是比例；请写成 0.45 这样，小数点后最多四位",
    )
    raise BadInput(
        Sentence("The share can't be used.", "这个比例不能用。"), (Problem("share", why),)
    )


def _since(day: date) -> str | None:
    return None if day == EVER else str(day)


def _minor(text: str, currency: str) -> int:
    try:
        return to_minor(text, currency)
    except ValueError as error:
        raise BadInput(
            Sentence("The price can't be used.", "这个价格不能用。"),
            (Problem("price", wording(error)),),
        ) from None
