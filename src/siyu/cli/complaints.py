"""Complaints: open one, settle it, and who waits for an answer."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from siyu.api.care import complaints_of
from siyu.app import App
from siyu.budget.actions import by_hand
from siyu.budget.actions.by_hand import Author
from siyu.cli.codes import NO
from siyu.cli.customers import Who, the_one
from siyu.cli.screen import By, Home, Json, answer, local, me, opened, say, spoken, table, told
from siyu.customers import views
from siyu.customers.model import Grievance
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence

app = typer.Typer(no_args_is_help=True)
Why = Annotated[str, typer.Option(help="What is written down about it; one line, no phone.")]
Number = Annotated[str, typer.Option("--complaint", help="Its number.")]


@app.command("open")
def begin(
    customer: Who,
    *,
    why: Why,
    number: Number = "",
    order: Annotated[str, typer.Option(help="About which order, as SHOP/NUMBER.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """A complaint came in: no promotion until it is settled. Without a number it gets one."""
    with spoken(json=json), opened(home) as siyu:
        shop, slash, order_no = order.partition("/")
        if order and not (shop and slash and order_no):
            raise BadInput(
                Sentence(
                    f"{order!r} is no order; write it like SHOP/NUMBER.",
                    f"{order!r} 不是订单；请写成 店铺/订单号。",
                )
            )
        said = Grievance("open", why, number, shop, order_no)
        _write(siyu, customer, said, by, json=json)


@app.command("settle")
def settle(
    customer: Who,
    *,
    why: Why,
    number: Number = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """It is settled, and promotion goes on. Without a number: all that are open."""
    with spoken(json=json), opened(home) as siyu:
        _write(siyu, customer, Grievance("settled", why, number), by, json=json)


def _write(siyu: App, customer: str, said: Grievance, by: str, *, json: bool) -> None:
    with siyu.db.transaction() as conn:
        who = the_one(siyu, conn, customer)
        author = Author(me(by), said.why, siyu.clock.now())
        numbers = by_hand.complaint(conn, siyu.keys, siyu.ids, who, said, author)
    found = {"customer": siyu.ids.encode("cus", who), "complaints": numbers}
    told(siyu, found, json=json)


@app.command("show")
def show(customer: Who, home: Home = None, json: Json = False) -> None:
    """What a customer complained about, and whether it is settled."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = complaints_of(conn, siyu.ids, the_one(siyu, conn, customer)).complaints

        def draw(_: object) -> None:
            if not found:
                say(Sentence("No complaint.", "没有投诉。"))
                return
            when = Sentence("opened", "提出时间")
            heads = (when, "complaint", "order", "settled", "why")
            cells = [
                (one.opened_at, one.complaint, _order(one.shop, one.order_no),
                 NO if one.open else one.closed_at, one.why)
                for one in found
            ]  # fmt: skip
            table("Complaints", heads, cells, local(siyu))

        answer({"complaints": [asdict(one) for one in found]}, json=json, show=draw)


@app.command("list")
def waiting(
    days: Annotated[int, typer.Option(min=0, help="Open for so many days, or longer.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    home: Home = None,
    json: Json = False,
) -> None:
    """Complaints that are open, the longest first."""
    with spoken(json=json), opened(home) as siyu:
        until = siyu.clock.now() - timedelta(days=days)
        with siyu.db.transaction() as conn:
            found = views.open_complaints(conn, until, limit)
        who = [siyu.ids.encode("cus", one.customer_id) for one in found]

        def draw(_: object) -> None:
            if not found:
                say(Sentence("No complaint waits to be settled.", "没有未结的投诉。"))
                return
            cells = [
                (one.opened_at, public, one.complaint, _order(one.shop, one.order_no))
                for public, one in zip(who, found, strict=True)
            ]
            heads = ("since", "customer", "complaint", "order")
            table("Open complaints", heads, cells, local(siyu))

        rows = [
            {"customer": public, "complaint": one.complaint, "shop": one.shop,
             "order_no": one.order_no, "opened_at": one.opened_at}
            for public, one in zip(who, found, strict=True)
        ]  # fmt: skip
        answer({"complaints": rows}, json=json, show=draw)


def _order(shop: str, order_no: str) -> str:
    return f"{shop}/{order_no}" if order_no else ""
