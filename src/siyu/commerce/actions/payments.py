"""Customers are asked to pay in a chat; what comes is credited to who asked."""

from __future__ import annotations

from datetime import datetime, timedelta

from siyu.commerce.model import OrderFact
from siyu.commerce.model.payments import MOST_MINOR, NewRequest
from siyu.kernel.errors import BadInput, NotFound, Problem, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.staff import actions as staff

SQL = load("siyu.commerce")
PREFIX = "pay"
STANDS = timedelta(days=7)
LONGEST_ABOUT = 60


def request(conn: Conn, ids: PublicIds, new: NewRequest, by: str, now: datetime) -> int:
    """Ask for it; its number. Refused for an order that is somebody else's, is gone, or is asked
    for already. Audited."""
    _check(conn, new, now)
    said = {
        "customer": new.customer_id, "staff": new.staff, "shop": new.shop,
        "order_no": new.order_no, "about": new.about, "amount": new.amount_minor,
        "currency": new.currency, "now": now, "until": now + STANDS,
    }  # fmt: skip
    ((made,),) = conn.fetch(SQL.ask_payment, said)
    name = ids.encode(PREFIX, made)
    conn.execute(SQL.name_request, {"id": made, "request": name})
    staff.audit(conn, by, "payment.request", name, str(new.amount_minor), now)
    return made


def withdraw(conn: Conn, number: int | None, name: str, by: str, now: datetime) -> None:
    """It is not asked for any more. Refused once it is paid. Audited."""
    asked = {"scope": None, "id": number, "staff": "", "customer": None, "limit": 1}
    if number is None or not conn.fetch(SQL.requests, asked):
        raise NotFound(Sentence(f"There is no request {name}.", f"没有收款单 {name}。"))
    if not conn.fetch(SQL.withdraw_request, {"id": number, "now": now}):
        raise Refused(Sentence(f"{name} is paid or withdrawn already.", f"{name} 已付款或已撤回。"))
    staff.audit(conn, by, "payment.withdraw", name, "", now)


def _check(conn: Conn, new: NewRequest, now: datetime) -> None:
    wrong: list[Problem] = []
    if not 1 <= new.amount_minor <= MOST_MINOR:
        few = Sentence(
            f"must be between 1 and {MOST_MINOR:,} minor units",
            f"必须在 1 到 {MOST_MINOR:,} 分之间",
        )
        wrong.append(Problem("amount_minor", few))
    if not new.about.strip() or len(new.about) > LONGEST_ABOUT:
        words = Sentence(
            f"says what for, in 1 to {LONGEST_ABOUT} letters", f"用 1 到 {LONGEST_ABOUT} 字写明用途"
        )
        wrong.append(Problem("about", words))
    if bool(new.shop) is not bool(new.order_no):
        wrong.append(
            Problem("order_no", Sentence("shop and order_no go together", "店铺和订单号要一起填写"))
        )
    if wrong:
        raise BadInput(Sentence("That can't be asked for.", "无法发起收款。"), tuple(wrong))
    if new.order_no:
        _check_order(conn, new, now)


def _whole(order: OrderFact, new: NewRequest) -> bool:
    return (order.total_minor, order.currency) == (new.amount_minor, new.currency)


def _check_order(conn: Conn, new: NewRequest, now: datetime) -> None:
    """An order that nobody has told of yet may still come: it is paid first. One that is known is
    asked for as a whole: who is paid for it is credited with all of it."""
    conn.fetch(SQL.lock_order, {"shop": new.shop, "order_no": new.order_no})
    rows = conn.fetch(SQL.orders, {"shops": [new.shop], "order_nos": [new.order_no]})
    order = OrderFact(*rows[0][2:]) if rows else None
    why: Sentence | None = None
    if order is not None and order.customer_id not in (None, new.customer_id):
        why = Sentence("belongs to another customer", "属于另一位客户")
    elif order is not None and order.state != "paid":
        why = Sentence("is cancelled or refunded", "已取消或退款")
    elif order is not None and not _whole(order, new):
        whole = f"{order.total_minor} {order.currency}"
        why = Sentence(f"comes to {whole}: ask for that", f"订单金额为 {whole}，请按此金额收款")
    elif conn.fetch(SQL.open_request, {"shop": new.shop, "order_no": new.order_no, "now": now}):
        why = Sentence("is asked for already", "已有待付的收款单")
    if why is not None:
        raise BadInput(
            Sentence("That order can't be asked for.", "无法为该订单收款。"),
            (Problem("order_no", why),),
        )
