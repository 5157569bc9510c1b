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

app = typer.Typer(no_args_is_help=True)
WORDS = {
    "owner": "whose friend the customer was when they ordered, of several who was added last",
    "last": "who did the last thing for the customer in {} days before, else the owner",
    "shared": "all who did something in {} days before, and the owner, in equal parts",
}


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
            say(f"Orders are credited to {WORDS[holds.rule].format(holds.days)};"
                " an order that was paid in a chat to whom it was paid.")  # fmt: skip
            if order and not found:
                say(f"{order} is nobody's: nobody was a friend, and nobody did anything.")
            if found:
                rows = [(one.staff, one.name, one.because, one.at, f"1/{one.parts}")
                        for one in found]  # fmt: skip
                table(order, ("staff", "name", "because", "at", "part"), rows, local(siyu))

        answer(value, json=json, show=show)
