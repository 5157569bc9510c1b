"""Lines of one order → events. Told again, later or by an older file, they change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from siyu.connectors.orderfile.config import Mapping
from siyu.connectors.orderfile.wire.lines import Line
from siyu.events.model import (
    Incoming,
    OrderCancelled,
    OrderCorrected,
    OrderItemised,
    OrderLine,
    OrderPaid,
    OrderRefunded,
    Payload,
    RefundLine,
)
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import EARLIEST

MOST_LINES = 5_000  # of one order: what an event holds
STANDS_IN = (
    "!lines/"  # before the number of an order that a file of lines tells: less than any other
)
NO_PHONE = "!no-phone/"  # before that of one whose phone is hidden: told with it, it is told anew
DIFFERENT = Problem(
    "customer",
    Sentence("the rows of this order name different customers", "这个订单的各行写的是不同的客户"),
)
NOT_ONE_TOTAL = Problem(
    "total",
    Sentence("the rows of this order say different totals", "这个订单的各行写的是不同的订单金额"),
)
BELOW_NOTHING = Problem(
    "amount", Sentence("the whole order comes to less than nothing", "整个订单的金额小于零")
)
MUST_BE_NEGATIVE = Problem(
    "quantity",
    Sentence("a refund gives back: its quantities must be negative", "退款是退回：数量必须是负数"),
)


def events(
    mapping: Mapping, lines: Sequence[Line], rejected: int, exported_at: datetime
) -> list[Incoming] | Problem:
    """What the lines of one order say. `rejected` lines of it could not be used.

    An order told without all its lines is named so that the whole one, imported later, replaces it:
    of several tellings at one time the one with the greater name holds.
    """
    first = lines[0]
    if all(line.state == "ignored" for line in lines):
        return [_closed(mapping, first)]
    lines = [line for line in lines if line.state != "ignored"]
    if any(line.keys != first.keys for line in lines):
        return DIFFERENT
    payload = _payload(mapping, lines)
    if isinstance(payload, Problem):
        return payload
    begins = f"!{99_999 - rejected:05}/" if rejected else ""
    found: list[Incoming] = []
    if mapping.tells == "lines":
        name = f"{begins}lines/{_number(mapping, first)}"
        at = max((line.at for line in lines if line.at), default=exported_at)
        found.append(_event(mapping, name, at, _itemised(mapping, lines)))
        begins = f"{begins}{STANDS_IN}"
    elif mapping.customer.masked_phone == "keep" and _hidden(first):
        begins = f"{begins}{NO_PHONE}"
    at = max((line.at for line in lines if line.at), default=None)
    if at is None:
        return found
    keys = dict(first.keys)
    if isinstance(payload, OrderPaid) and mapping.order is not None:
        keys["order"] = f"{first.shop}/{first.order_no}"
    person = {field: value for line in reversed(lines) for field, value in line.person}
    told = _event(mapping, f"{begins}{_number(mapping, first)}", at, payload)
    told = msgspec.structs.replace(told, keys=keys, person=person if keys else {})
    found.append(told)
    if isinstance(payload, OrderPaid):
        found += _taken_back(mapping, lines, payload, at, rejected)
    return found


def _hidden(line: Line) -> bool:
    """Does the platform keep the buyer's phone to itself?"""
    return not any(kind == "phone" for kind, _ in line.keys)


def _number(mapping: Mapping, line: Line) -> str:
    """What an order is called among the events of its source."""
    return line.order_no if mapping.shop.column is None else f"{line.shop}/{line.order_no}"


def _event(mapping: Mapping, name: str, at: datetime, payload: Payload) -> Incoming:
    return Incoming(
        source=mapping.source,
        id=name,
        kind=str(payload.__struct_config__.tag),
        occurred_at=at.isoformat(),  # whole with its last line
        data=msgspec.Raw(msgspec.json.encode(payload)),
    )


def _payload(mapping: Mapping, lines: Sequence[Line]) -> Payload | Problem:
    first, order, currency = lines[0], mapping.order, mapping.currency
    total = _total(mapping, lines)
    if isinstance(total, Problem):
        return total
    back = order is not None and order.refund_prefix
    if first.refund_of or (back and first.order_no.startswith(back)):
        return _refund(mapping, lines)
    if order is not None and order.not_positive == "correction" and total <= 0:
        return OrderCorrected(
            shop=first.shop, correction_no=first.order_no, currency=currency, amount_minor=total,
            lines=len(lines),
        )  # fmt: skip
    if total < 0:
        return BELOW_NOTHING
    page = mapping.customer.reveal if _hidden(first) else ""
    return OrderPaid(
        shop=first.shop,
        order_no=first.order_no,
        currency=currency,
        total_minor=total,
        lines=_lines(lines),
        reveal=page.replace("{order_no}", first.order_no),
    )


def _lines(lines: Sequence[Line]) -> list[OrderLine]:
    return [
        OrderLine(
            sku=line.sku,
            title=line.title,
            category=line.category,
            quantity=line.quantity,
            unit_minor=line.unit_minor,
            amount_minor=line.amount_minor,
        )
        for line in lines
    ]


def _total(mapping: Mapping, lines: Sequence[Line]) -> int | Problem:
    """What the order comes to: said once for all of it, or added up."""
    said = {line.total for line in lines if line.total is not None}
    if not said:
        return sum(line.amount_minor for line in lines)
    order = mapping.order
    if len(said) > 1 and order is not None and order.total_on == "every_row":
        return NOT_ONE_TOTAL
    return next(line.total for line in lines if line.total is not None)


def _itemised(mapping: Mapping, lines: Sequence[Line]) -> OrderItemised:
    return OrderItemised(
        shop=lines[0].shop,
        order_no=lines[0].order_no,
        currency=mapping.currency,
        lines=_lines(lines),
    )


def _taken_back(
    mapping: Mapping, lines: Sequence[Line], paid: OrderPaid, at: datetime, rejected: int
) -> list[Incoming]:
    """An order that was closed is cancelled; what was given back so far is one refund that grows:
    it is named by its amount, so that of several files the one that says most holds."""
    number = _number(mapping, lines[0])
    if not rejected and all(line.state == "closed" for line in lines):
        return [_closed(mapping, lines[0]._replace(at=at))]
    given, amount = _given(lines, paid)
    if not amount:
        return []
    refund = OrderRefunded(
        shop=paid.shop, refund_no=paid.order_no, currency=paid.currency, amount_minor=amount,
        order_no=paid.order_no, lines=given,
    )  # fmt: skip
    return [_event(mapping, f"refund/{number}/{amount:012}", at, refund)]


def _closed(mapping: Mapping, line: Line) -> Incoming:
    """All of it is taken back; when, no export says."""
    closed = OrderCancelled(shop=line.shop, order_no=line.order_no)
    return _event(mapping, f"closed/{_number(mapping, line)}", line.at or EARLIEST, closed)


def _given(lines: Sequence[Line], paid: OrderPaid) -> tuple[list[RefundLine], int]:
    back = [line for line in lines if line.state != "paid"]
    partly = sum(line.refunded for line in lines if line.state == "paid")
    if len(back) == len(lines):
        said = sum(line.refunded for line in lines)
        return [], min(said, paid.total_minor) or paid.total_minor
    amount = partly + sum(line.refunded or line.amount_minor for line in back)
    if amount > paid.total_minor or partly or any(line.refunded for line in back):
        return [], min(amount, paid.total_minor)
    goods = [line for line in back if line.quantity > 0 and line.amount_minor >= 0]
    return [
        RefundLine(sku=line.sku, quantity=line.quantity, amount_minor=line.amount_minor)
        for line in goods
    ], sum(line.amount_minor for line in goods)


def _refund(mapping: Mapping, lines: Sequence[Line]) -> Payload | Problem:
    """Rows that give back what they list."""
    first = lines[0]
    if any(line.quantity >= 0 or line.amount_minor > 0 for line in lines):
        return MUST_BE_NEGATIVE
    return OrderRefunded(
        shop=first.shop,
        refund_no=first.order_no,
        currency=mapping.currency,
        amount_minor=-sum(line.amount_minor for line in lines),
        order_no=first.refund_of or None,
        lines=[
            RefundLine(sku=line.sku, quantity=-line.quantity, amount_minor=-line.amount_minor)
            for line in lines
        ],
    )
