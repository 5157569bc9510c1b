"""`siyu payment`: what customers are asked to pay in chats."""

from __future__ import annotations

from typing import Annotated

import typer

from siyu.api.customers import number
from siyu.api.payments import PaymentRequests, listed
from siyu.cli.codes import coded
from siyu.cli.screen import By, Home, Json, answer, local, me, opened, say, spoken, table
from siyu.commerce.actions import payments as actions
from siyu.commerce.actions.payments import PREFIX
from siyu.commerce.model.payments import NewRequest
from siyu.kernel.errors import BadInput
from siyu.kernel.money import show as money
from siyu.kernel.money import to_minor
from siyu.kernel.sentence import Sentence, wording
from siyu.staff.model import Scope

app = typer.Typer(no_args_is_help=True)


@app.command("ask")
def ask(
    customer: Annotated[str, typer.Argument(help="The customer, cus_….")],
    amount: Annotated[str, typer.Argument(help="In major units, like 199.00.")],
    about: Annotated[str, typer.Option(help="What for, in at most 60 letters; names nobody.")],
    order: Annotated[str, typer.Option(metavar="SHOP/NO", help="The order that it pays.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Ask a customer to pay in the chat: shows what to put into the carrier's form. What is paid is
    credited to who asks (--by)."""
    with spoken(json=json), opened(home) as siyu:
        shop, _, order_no = order.partition("/")
        currency = siyu.brand.currency
        try:
            minor = to_minor(amount, currency)
        except ValueError as error:
            raise BadInput(wording(error)) from None
        new = NewRequest(number(siyu, customer), me(by), minor, currency, about, shop, order_no)
        with siyu.db.transaction() as conn:
            made = actions.request(conn, siyu.ids, new, me(by), siyu.clock.now())
            (found,) = listed(siyu, conn, Scope(), number=made).requests

        def show(_: object) -> None:
            sum_, words = money(minor, currency), found.description
            say(
                Sentence(f"Ask for {sum_} with the words: {words}", f"请收款 {sum_}，备注：{words}")
            )

        answer(found, json=json, show=show)


@app.command("list")
def listing(
    staff: Annotated[str, typer.Option(help="Only theirs.")] = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """What was asked for, the newest first, and what came of it."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = listed(siyu, conn, Scope(), staff=staff)

        def show(said: PaymentRequests) -> None:
            if not said.requests:
                say(
                    Sentence(
                        "Nothing was asked for; siyu payment ask CUSTOMER AMOUNT --about WORDS.",
                        "还没有收款请求；siyu payment ask CUSTOMER AMOUNT --about WORDS。",
                    )
                )
                return
            heads = ("request", "is", "staff", "amount", "order", "asked", "given back")
            rows = [
                (one.request, coded("payment", one.state), one.staff,
                 money(one.amount_minor, one.currency), one.order_no, one.asked_at,
                 money(one.refunded_minor, one.currency))
                for one in said.requests
            ]  # fmt: skip
            table("Payment requests", heads, rows, local(siyu))

        answer(found, json=json, show=show)


@app.command("withdraw")
def withdraw(
    request: Annotated[str, typer.Argument(help="The request, pay_….")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """It is not asked for any more; refused once it is paid. Audited."""
    with spoken(json=json), opened(home) as siyu:
        asked = siyu.ids.decode(PREFIX, request)
        with siyu.db.transaction() as conn:
            actions.withdraw(conn, asked, request, me(by), siyu.clock.now())
        found = {"request": request, "state": "withdrawn"}
        said = Sentence(f"{request} is withdrawn.", f"{request} 已撤回。")
        answer(found, json=json, show=lambda _: say(said))
