"""Rows of an order file → lines → events: pure. Whatever can't be used is a problem in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

import msgspec

from siyu.connectors.orderfile.config import ISO, Mapping
from siyu.events.model import (
    Incoming,
    OrderCorrected,
    OrderLine,
    OrderPaid,
    OrderRefunded,
    Payload,
    RefundLine,
)
from siyu.kernel.errors import Problem
from siyu.kernel.money import to_minor
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import EARLIEST, zone
from siyu.vault.model import is_masked, normalise

MOST_LINES = 5_000  # of one order: what an event holds
LARGEST_QUANTITY = 1_000_000_000
LONGEST = {"order": 120, "sku": 120, "title": 500, "category": 120, "name": 200, "address": 1_000}
LONGEST_AMOUNT = 60
LONGEST_CELL = 10_000  # of any column: what is longer is a quote that closes somewhere else
_ROUNDED = re.compile(r"[+-]?\d(\.\d+)?[eE]\+\d+")
EMPTY = Sentence("is empty", "是空的")
REMEMBERED = 8_192  # different prices, times and keys: they come again and again


class Line(NamedTuple):
    """A row that can be used."""

    order_no: str
    at: datetime
    sku: str
    title: str
    category: str
    quantity: int
    unit_minor: int
    amount_minor: int
    keys: tuple[tuple[str, str], ...]
    person: tuple[tuple[str, str], ...]


class _Wrong(ValueError):
    """Carries the column out of a nested check; never leaves this file."""

    def __init__(self, column: str, why: Sentence) -> None:
        self.column = column
        super().__init__(why)


class Reader:
    """Reads the rows of one file. Its header is looked at once, repeated cells worked out once."""

    def __init__(
        self, mapping: Mapping, header: Sequence[str], region: str, time_zone: str
    ) -> None:
        """`region` reads phones without a country code, `time_zone` times without an offset."""
        self.mapping = mapping
        self._header = header
        line, customer = mapping.line, mapping.customer
        self._order = self._place(mapping.order.column if mapping.order else None)
        self._time = self._place(mapping.time.column)
        self._money = self._place(line.price or line.amount)
        self._quantity = self._place(line.quantity)
        self._sku = self._place(line.sku)
        self._title = self._place(line.title)
        self._category = self._place(line.category)
        self._keys = [
            (kind, self._place(column))
            for kind, column in (
                ("phone", customer.phone), ("buyer", customer.buyer), ("member", customer.member)
            )
            if column is not None
        ]  # fmt: skip
        self._person = [
            (field, self._place(column))
            for field, column in (("name", customer.name), ("address", customer.address))
            if column is not None
        ]
        self._moment = lru_cache(REMEMBERED)(_moments(mapping, time_zone))
        self._amounts = lru_cache(REMEMBERED)(self._worked_out)
        self._normal = lru_cache(REMEMBERED)(self._normalised)
        self._region = region
        self._phone = self._place(customer.phone)
        self._leaves_out = customer.masked_phone == "leave_out"

    def masked(self, cells: Sequence[str]) -> bool:
        """Has the platform masked the phone of this row?"""
        return 0 <= self._phone < len(cells) and is_masked(cells[self._phone])

    def order_no(self, cells: Sequence[str]) -> str:
        """The number of the order that a row belongs to; empty where it can't be told."""
        return cells[self._order].strip() if 0 <= self._order < len(cells) else ""

    def line(self, cells: Sequence[str], name: str = "") -> Line | Problem:
        """The row as a line, or what is wrong with it. `name` stands in for an order number."""
        if len(cells) != len(self._header):
            why = Sentence(
                f"has {len(cells)} columns, the header has {len(self._header)}",
                f"有 {len(cells)} 列，表头有 {len(self._header)} 列",
            )
            return Problem("", why)
        if max(map(len, cells)) > LONGEST_CELL:
            place = next(at for at, cell in enumerate(cells) if len(cell) > LONGEST_CELL)
            return Problem(self._header[place], _longer(LONGEST_CELL))
        try:
            return self._line(cells, name)
        except _Wrong as wrong:
            return Problem(wrong.column, wording(wrong))

    def _place(self, column: str | None) -> int:
        return -1 if column is None else self._header.index(column)

    def _line(self, cells: Sequence[str], name: str) -> Line:
        fixed = self.mapping.line.fixed_sku
        order_no = self._needed(cells, self._order, "order") if self._order >= 0 else name
        sku = self._needed(cells, self._sku, "sku") if fixed is None else fixed
        quantity = 1
        if self._quantity >= 0:
            quantity = self._whole(cells[self._quantity].strip(), self._quantity)
        unit_minor, amount_minor = self._amounts(cells[self._money].strip(), quantity)
        person = [(field, self._text(cells, place, field)) for field, place in self._person]
        return Line(
            order_no,
            self._moment(cells[self._time].strip()),
            sku,
            self._text(cells, self._title, "title"),
            self._text(cells, self._category, "category"),
            quantity,
            unit_minor,
            amount_minor,
            tuple(
                (kind, self._normal(kind, place, value))
                for kind, place in self._keys
                if (value := cells[place].strip())
                and not (self._leaves_out and kind == "phone" and is_masked(value))
            ),
            tuple((field, value) for field, value in person if value),
        )

    def _needed(self, cells: Sequence[str], place: int, field: str) -> str:
        found = self._text(cells, place, field)
        if not found:
            raise _Wrong(self._header[place], EMPTY)
        self._refuse_rounded(found, place)
        return found

    def _refuse_rounded(self, text: str, place: int) -> None:
        """1.23457E+17: the number of an order, but whose?"""
        if "+" in text and _ROUNDED.fullmatch(text):
            raise _Wrong(self._header[place], _rounded(text[:40]))

    def _text(self, cells: Sequence[str], place: int, field: str) -> str:
        if place < 0:
            return ""
        text = cells[place].strip()
        if len(text) > LONGEST[field]:
            raise _Wrong(self._header[place], _longer(LONGEST[field]))
        if not text.isprintable() and any(letter < " " for letter in text):
            raise _Wrong(
                self._header[place],
                Sentence("holds a line break or a control character", "含有换行或控制字符"),
            )
        return text

    def _whole(self, text: str, place: int) -> int:
        column = self._header[place]
        try:
            number = Decimal("no number" if "_" in text else text)
        except InvalidOperation:
            raise _Wrong(column, _no_number(text[:40]) if text else EMPTY) from None
        if not number.is_finite() or abs(number) > LARGEST_QUANTITY:
            shown = text[:40]
            raise _Wrong(
                column,
                Sentence(f"{shown!r} is too large for a quantity", f"{shown!r} 作为数量太大"),
            )
        if number != number.to_integral_value():
            shown = text[:40]
            raise _Wrong(
                column, Sentence(f"{shown!r} is not a whole number", f"{shown!r} 不是整数")
            )
        return int(number)

    def _normalised(self, kind: str, place: int, value: str) -> str:
        self._refuse_rounded(value, place)
        scoped = f"{self.mapping.shop.code}/{value}" if kind == "buyer" else value
        try:
            return normalise(kind, scoped, self._region)
        except ValueError as error:
            raise _Wrong(self._header[place], wording(error)) from None

    def _worked_out(self, text: str, quantity: int) -> tuple[int, int]:
        """The price of one and the amount of all, each rounded once, half up."""
        currency = self.mapping.currency
        if not text:
            raise _Wrong(self._header[self._money], EMPTY)
        if len(text) > LONGEST_AMOUNT:
            why = Sentence(
                f"is {len(text)} characters: not an amount", f"有 {len(text)} 个字符：不是金额"
            )
            raise _Wrong(self._header[self._money], why)
        try:
            if self.mapping.line.price is not None:
                return to_minor(text, currency), to_minor(text, currency, quantity)
            amount = to_minor(text, currency)
        except ValueError as error:
            raise _Wrong(self._header[self._money], wording(error)) from None
        share = abs(quantity) or 1
        unit = (2 * abs(amount) + share) // (2 * share)
        return -unit if (amount < 0) != (quantity < 0) else unit, amount


def _longer(most: int) -> Sentence:
    return Sentence(f"is longer than {most:,} characters", f"超过 {most:,} 个字符")


def _no_number(text: str) -> Sentence:
    return Sentence(f"{text!r} is not a number", f"{text!r} 不是数字")


def _rounded(text: str) -> Sentence:
    return Sentence(
        f"was turned into a number like {text} by a spreadsheet, which keeps 15 digits only: its"
        " end is lost. Export the file anew and don't open it in between, or make the column text"
        " first",
        f"被表格软件变成了 {text} 这样的数字，只保留 15 位，末尾已丢失。请重新导出且中途不要打开，"
        "或先把这一列设为文本",
    )


def _moments(mapping: Mapping, time_zone: str) -> Callable[[str], datetime]:
    """Text → time in UTC, as this mapping writes times."""
    said = mapping.time
    local = zone(said.zone or time_zone)
    at = time.fromisoformat(said.at)
    wanted = (
        Sentence("an ISO 8601 time", " ISO 8601 时间")
        if said.format == ISO
        else Sentence(f"written like {said.format}", f"按 {said.format} 写的")
    )
    timed = any(mark in said.format for mark in ("%H", "%I", "%c", "%X"))

    def found(text: str) -> datetime:
        if said.format == ISO:
            moment, whole = datetime.fromisoformat(text), len(text) > 10
        else:
            moment, whole = datetime.strptime(text, said.format), timed  # noqa: DTZ007 - below
        if not whole:
            moment = datetime.combine(moment.date(), at)
        return (moment if moment.tzinfo else moment.replace(tzinfo=local)).astimezone(UTC)

    def moment(text: str) -> datetime:
        if not text:
            raise _Wrong(said.column, EMPTY)
        try:
            at_last = found(text)
        except (ValueError, OverflowError):
            shown = text[:40]
            why = Sentence(f"{shown!r} is not {wanted}", f"{shown!r} 不是{wanted.zh}")
            raise _Wrong(said.column, why) from None
        if at_last < EARLIEST or at_last.year > 2200:
            shown = text[:40]
            why = Sentence(
                f"{shown!r} is outside the years 1990 to 2200",
                f"{shown!r} 不在 1990 到 2200 年之间",
            )
            raise _Wrong(said.column, why)
        return at_last

    return moment


def event(mapping: Mapping, lines: Sequence[Line], rejected: int = 0) -> Incoming | Problem:
    """What the lines of one order say. `rejected` lines of it could not be used.

    An order told without all its lines is named so that the whole one, imported later, replaces it:
    of several tellings at one time the one with the greater name holds.
    """
    first = lines[0]
    if any(line.keys != first.keys for line in lines):
        return Problem(
            "customer",
            Sentence(
                "the rows of this order name different customers", "这个订单的各行写的是不同的客户"
            ),
        )
    payload = _payload(mapping, first.order_no, lines)
    if isinstance(payload, Problem):
        return payload
    keys = dict(first.keys)
    if isinstance(payload, OrderPaid) and mapping.order is not None:
        keys["order"] = f"{mapping.shop.code}/{first.order_no}"
    person = {field: value for line in reversed(lines) for field, value in line.person}
    return Incoming(
        source=mapping.source,
        id=f"!{99_999 - rejected:05}/{first.order_no}" if rejected else first.order_no,
        kind=str(payload.__struct_config__.tag),
        occurred_at=max(line.at for line in lines).isoformat(),  # whole with its last line
        keys=keys,
        person=person if keys else {},
        data=msgspec.Raw(msgspec.json.encode(payload)),
    )


def _payload(mapping: Mapping, order_no: str, lines: Sequence[Line]) -> Payload | Problem:
    shop, currency, order = mapping.shop.code, mapping.currency, mapping.order
    total = sum(line.amount_minor for line in lines)
    if order is not None and order.refund_prefix and order_no.startswith(order.refund_prefix):
        return _refund(mapping, order_no, lines)
    if order is not None and order.not_positive == "correction" and total <= 0:
        return OrderCorrected(
            shop=shop, correction_no=order_no, currency=currency, amount_minor=total,
            lines=len(lines),
        )  # fmt: skip
    if total < 0:
        return Problem(
            "amount", Sentence("the whole order comes to less than nothing", "整个订单的金额小于零")
        )
    return OrderPaid(
        shop=shop,
        order_no=order_no,
        currency=currency,
        total_minor=total,
        lines=[
            OrderLine(
                sku=line.sku,
                title=line.title,
                category=line.category,
                quantity=line.quantity,
                unit_minor=line.unit_minor,
                amount_minor=line.amount_minor,
            )
            for line in lines
        ],
    )


def _refund(mapping: Mapping, refund_no: str, lines: Sequence[Line]) -> Payload | Problem:
    if any(line.quantity >= 0 or line.amount_minor > 0 for line in lines):
        return Problem(
            "quantity",
            Sentence(
                "a refund gives back: its quantities must be negative", "退款是退回：数量必须是负数"
            ),
        )
    return OrderRefunded(
        shop=mapping.shop.code,
        refund_no=refund_no,
        currency=mapping.currency,
        amount_minor=-sum(line.amount_minor for line in lines),
        lines=[
            RefundLine(sku=line.sku, quantity=-line.quantity, amount_minor=-line.amount_minor)
            for line in lines
        ],
    )
