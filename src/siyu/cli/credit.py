"""`siyu commerce`: to whom of us orders are credited."""

from __future__ import annotations

from typing import Annotated

import typer

from siyu.analytics.views.assisted import numbered
from siyu.api.credit import CreditedTo, TheCredit, of_orders
from siyu.cli.screen import By, Home, Json, answer, local, me, opened, say, spoken, table
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.staff import views as staff
from siyu.staff.actions.credit import set_credit
from siyu.staff.model import CreditRule

app = typer.Typer(no_args_is_help=True)


@app.callback()
def commerce() -> None:
    """Orders, and to whom of us they are credited."""


@app.command("credit")
def credit(
    rule: Annotated[str, typer.Option(help="Set it: owner, last or shared.")] = "",
    days: Annotated[int, typer.Option(min=1, max=180, help="With --rule: how long back.")] = 30,
    order: Annotated[
        str, typer.Option(metavar="SHOP/NO", help="To whom this order is credited, and why.")
    ] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Show the rule that credits orders of shops, stores and mini programs to us, set it, or see
    what it says of an order."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            if rule:
                set_credit(conn, rule, days, me(by), siyu.clock.now())
            holds = staff.credit(conn)
            found: list[CreditedTo] = []
            if order:
                shop, _, order_no = order.rpartition("/")
                ids = numbered(conn, shop, order_no)
                if not ids:
                    raise NotFound(
                        Sentence(f"There is no order {order!r}.", f"没有订单 {order!r}。")
                    )
                found = of_orders(siyu, conn, ids[:1])[ids[0]]
        value = {"credit": TheCredit(*holds), "order": order, "credited": found}

        def show(_: object) -> None:
            to = _to(holds.days)[holds.rule]
            say(
                Sentence(
                    f"Orders are credited to {to};"
                    " an order that was paid in a chat to whom it was paid.",
                    f"订单业绩归属：{to.zh}；对话中收款的订单归收款人。",
                )
            )
            if order and not found:
                say(
                    Sentence(
                        f"{order} is nobody's: nobody was a friend, and nobody did anything.",
                        f"{order} 没有归属：下单时没有好友，也没有人服务过。",
                    )
                )
            if found:
                rows = [(one.staff, one.name, Sentence(one.because, one.because_zh), one.at,
                         f"1/{one.parts}") for one in found]  # fmt: skip
                table(order, ("staff", "name", "because", "at", "part"), rows, local(siyu))

        answer(value, json=json, show=show)


def _to(days: int) -> dict[CreditRule, Sentence]:
    return {
        "owner": Sentence(
            "whose friend the customer was when they ordered, of several who was added last",
            "下单时客户的好友；有多位时归最后添加的一位",
        ),
        "last": Sentence(
            f"who did the last thing for the customer in {days} days before, else the owner",
            f"下单前 {days} 天内最后服务客户的人；没有时归好友",
        ),
        "shared": Sentence(
            f"all who did something in {days} days before, and the owner, in equal parts",
            f"下单前 {days} 天内服务过客户的人与好友，平均分配",
        ),
    }
