"""Rows of an order file → lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from siyu.connectors.orderfile.config import Mapping, Names, plain_column, several
from siyu.connectors.orderfile.wire import cells as read
from siyu.connectors.orderfile.wire.cells import EMPTY, LONGEST_AMOUNT, Wrong, clean
from siyu.kernel.errors import Problem
from siyu.kernel.money import to_minor
from siyu.kernel.sentence import Sentence, wording
from siyu.vault.model import normalise

LONGEST = {"order": 120, "sku": 120, "title": 500, "category": 120, "name": 200, "address": 1_000}
LONGEST_CELL = 10_000  # of any column: what is longer is a quote that closes somewhere else
REMEMBERED = 8_192  # different prices, times and keys: they come again and again
_SHOP = str.maketrans(" ", "-")

Places = tuple[int, ...]
Unpaid = Literal["unpaid"]
UNPAID: Unpaid = "unpaid"


class Line(NamedTuple):
    """A row that can be used. `state`: paid, closed, refunded, ignored; `total`: of all the order;
    `refunded`: what was given back so far; `refund_of`: the order that it gives back from. Only
    the lines of orders that another file tells of may be without a time."""

    shop: str
    order_no: str
    at: datetime | None
    sku: str
    title: str
    category: str
    quantity: int
    unit_minor: int
    amount_minor: int
    keys: tuple[tuple[str, str], ...]
    person: tuple[tuple[str, str], ...]
    state: str = "paid"
    total: int | None = None
    refunded: int = 0
    refund_of: str = ""


class Reader:
    """Reads the rows of one file. Its header is looked at once, repeated cells worked out once."""

    def __init__(
        self,
        mapping: Mapping,
        header: Sequence[str],
        region: str,
        time_zone: str,
        *,
        sheet: bool = False,
    ) -> None:
        """`region` reads phones without a country code, `time_zone` times without an offset;
        `sheet`: of Excel, where a number says itself how exact it is."""
        self.mapping = mapping
        self._header = header
        self._where = {plain_column(name): at for at, name in reversed([*enumerate(header)])}
        self._region, self._zone = region, time_zone
        self._sheet = sheet
        line, customer, order = mapping.line, mapping.customer, mapping.order
        at = self._places
        self._order = at(order.column if order else None)
        self._refund_of = at(order.refund_of if order else None)
        self._total = at(order.total if order else None)
        self._shop = at(mapping.shop.column)
        self._time, self._otherwise = at(mapping.time.column), at(mapping.time.otherwise)
        self._status = at(mapping.status.column if mapping.status else None)
        self._given, self._after = at(mapping.refund.amount), at(mapping.refund.column)
        self._given_words = frozenset(mapping.refund.words)
        self._price, self._amount = at(line.price), at(line.amount)
        self._quantity, self._sku = at(line.quantity), at(line.sku)
        self._title, self._category = at(line.title), at(line.category)
        self._keys = [("buyer", at(customer.buyer)), ("member", at(customer.member))]
        self._keys = [(kind, places) for kind, places in self._keys if places]
        self._phone = at(customer.phone)
        self._person = [("name", at(customer.name)), ("address", at(customer.address))]
        self._person = [(field, places) for field, places in self._person if places]
        self._tells_time = bool(self._time) or mapping.tells == "orders"
        self._stands_in = isinstance(line.sku, list)
        self._moment = lru_cache(REMEMBERED)(read.moments(mapping, time_zone))
        self._state = lru_cache(REMEMBERED)(read.status_words(mapping))
        self._minor = lru_cache(REMEMBERED)(self._in_minor)
        self._normal = lru_cache(REMEMBERED)(self._normalised)
        self._kind = lru_cache(REMEMBERED)(read.phone)
        self._cells_of = max(len(header), 1)

    def told_by(self, mapping: Mapping) -> Reader:
        """Reads the same file by another mapping."""
        return Reader(mapping, self._header, self._region, self._zone, sheet=self._sheet)

    def missing(self) -> list[Problem]:
        """What the file lacks to be read by this mapping."""
        found = [
            Problem(names, Sentence("is not in the header", "表头里没有"))
            for _, names in self.mapping.wanted()
            if isinstance(names, str) and plain_column(names) not in self._where
        ]
        line, order = self.mapping.line, self.mapping.order
        needed: list[tuple[Places, Names | None]] = [
            (self._order, order.column if order else None),
            (self._shop, self.mapping.shop.column),
            (self._sku or self._title, line.sku if line.fixed_sku is None else None),
            (
                self._price or self._amount or self._total,
                [*several(line.amount), *several(line.price)],
            ),
        ]
        if self.mapping.tells == "orders":
            needed.append((self._time or self._otherwise, self.mapping.time.column))
        return found + [
            Problem(several(names)[0], Sentence("is not in the header", "表头里没有"))
            for places, names in needed
            if isinstance(names, list) and names and not places
        ]

    def doubled(self) -> list[str]:
        """Columns that are read and that the header has more than once."""
        plain = [plain_column(name) for name in self._header]
        wanted = {plain_column(name) for _, name in self.mapping.columns()}
        return sorted({self._header[plain.index(one)] for one in wanted if plain.count(one) > 1})

    def masked(self, cells: Sequence[str]) -> bool:
        """Has the platform masked the phone of this row?"""
        if len(cells) != self._cells_of:
            return False
        return self._kind(self._cell(cells, self._phone)) == "masked"

    @property
    def order_column(self) -> str:
        """What the column of order numbers is called here."""
        return self._column(self._order)

    def order_no(self, cells: Sequence[str]) -> str:
        """The order that a row belongs to, with its shop where the file holds several; empty where
        it can't be told."""
        if len(cells) != self._cells_of:
            return next((clean(cells[at]) for at in self._order if at < len(cells)), "")
        number = self._cell(cells, self._order)
        return f"{self._cell(cells, self._shop)}/{number}" if self._shop and number else number

    def line(self, cells: Sequence[str], name: str = "") -> Line | Unpaid | Problem:
        """The row as a line, or what is wrong with it; or that nobody has paid it (yet). `name`
        stands in for an order number."""
        if len(cells) != self._cells_of:
            why = Sentence(
                f"has {len(cells)} columns, the header has {len(self._header)}",
                f"有 {len(cells)} 列，表头有 {len(self._header)} 列",
            )
            return Problem("", why)
        if max(map(len, cells)) > LONGEST_CELL:
            place = next(at for at, cell in enumerate(cells) if len(cell) > LONGEST_CELL)
            return Problem(self._header[place], read.longer(LONGEST_CELL))
        try:
            order_no = self._number(cells) if self._order else name
            state = self._state_of(cells) if self._status else "paid"
            at = self._paid_at(cells, state, order_no)
            if state == "unpaid" or (at is None and (self._tells_time or state == "ignored")):
                return UNPAID
            return self._line(cells, order_no, state, at)
        except Wrong as wrong:
            return Problem(wrong.column, wording(wrong))

    def _places(self, names: Names | None) -> Places:
        found = (self._where.get(plain_column(name)) for name in several(names))
        return tuple(at for at in dict.fromkeys(found) if at is not None)

    def _column(self, places: Places) -> str:
        return self._header[places[0]] if places else ""

    def _cell(self, cells: Sequence[str], places: Places) -> str:
        """Of several columns the first that says something."""
        for place in places:
            text = cells[place]
            if text and (text := clean(text)):
                return text
        return ""

    def _number(self, cells: Sequence[str]) -> str:
        text = self._needed(cells, self._order, "order")
        form = self.mapping.order.form if self.mapping.order else "any"
        raw = cells[self._order[0]]
        read.number(text, raw, self._column(self._order), form, sheet=self._sheet)
        return text

    def _state_of(self, cells: Sequence[str]) -> str:
        word = self._cell(cells, self._status)
        state = self._state(word)
        if not state:
            shown = word[:40]
            why = Sentence(f"{shown!r} is no status known here", f"{shown!r} 不是已知的订单状态")
            raise Wrong(self._column(self._status), why if word else EMPTY)
        return state

    def _paid_at(self, cells: Sequence[str], state: str, order_no: str) -> datetime | None:
        """None: it was not paid, as far as this file knows."""
        text = self._cell(cells, self._time)
        where = self._time
        if not text and state in ("paid", "refunded"):
            text, where = self._cell(cells, self._otherwise), self._otherwise
            order = self.mapping.order
            if not text and order is not None and order.form == "dated":
                return self._read_time(
                    f"20{order_no[:2]}-{order_no[2:4]}-{order_no[4:6]}", self._order
                )
        if text:
            return self._read_time(text, where)
        if self.mapping.status is None and self.mapping.tells == "orders":
            raise Wrong(self._column(self._time), EMPTY)
        return None

    def _read_time(self, text: str, places: Places) -> datetime:
        try:
            return self._moment(text)
        except ValueError as error:
            raise Wrong(self._column(places), wording(error)) from None

    def _line(self, cells: Sequence[str], order_no: str, state: str, at: datetime | None) -> Line:
        shop = self._shop_of(cells) if self._shop else self.mapping.shop.code
        quantity = 1
        if self._quantity:
            quantity = read.whole(self._cell(cells, self._quantity), self._column(self._quantity))
        unit_minor, amount_minor, total = self._money(cells, quantity)
        keys, masked = self._whose(cells, shop)
        return Line(
            shop,
            order_no,
            at,
            self._sku_of(cells),
            self._text(cells, self._title, "title"),
            self._text(cells, self._category, "category"),
            quantity,
            unit_minor,
            amount_minor,
            keys,
            self._person_of(cells, masked),
            state,
            total,
            self._given_back(cells, amount_minor) if self._given or self._after else 0,
            self._text(cells, self._refund_of, "order") if self._refund_of else "",
        )

    def _shop_of(self, cells: Sequence[str]) -> str:
        code = self._needed(cells, self._shop, "order").lower().translate(_SHOP)
        if not (code.isascii() and code.replace("-", "").replace("_", "").isalnum()):
            why = Sentence(
                "is no shop's code: letters, digits, - and _",
                "不是店铺代码：只能用字母、数字、- 和 _",
            )
            raise Wrong(self._column(self._shop), why)
        return code[:40]

    def _sku_of(self, cells: Sequence[str]) -> str:
        fixed = self.mapping.line.fixed_sku
        if fixed is not None:
            return fixed
        if not self._stands_in:
            return self._needed(cells, self._sku, "sku")
        found = self._text(cells, self._sku, "sku")
        if not found:
            found = self._text(cells, self._title, "title")[: LONGEST["sku"]]
        if not found:
            raise Wrong(self._column(self._sku or self._title), EMPTY)
        read.refuse_rounded(found, self._column(self._sku or self._title))
        return found

    def _money(self, cells: Sequence[str], quantity: int) -> tuple[int, int, int | None]:
        """The price of one and the amount of all, each rounded once, half up; and the order's."""
        total = None
        if self._total:
            text = self._cell(cells, self._total)
            total = self._minor(text, self._total) if text else None
        amount = self._cell(cells, self._amount)
        if amount:
            found = self._minor(amount, self._amount)
        elif self._price:
            price = self._cell(cells, self._price)
            return self._minor(price, self._price), self._minor(price, self._price, quantity), total
        elif total is not None:
            found = total
        else:
            raise Wrong(self._column(self._amount or self._total), EMPTY)
        share = abs(quantity) or 1
        unit = (2 * abs(found) + share) // (2 * share)
        return -unit if (found < 0) != (quantity < 0) else unit, found, total

    def _in_minor(self, text: str, places: Places, quantity: int = 1) -> int:
        column = self._column(places)
        if not text:
            raise Wrong(column, EMPTY)
        if len(text) > LONGEST_AMOUNT:
            why = Sentence(
                f"is {len(text)} characters: not an amount", f"有 {len(text)} 个字符：不是金额"
            )
            raise Wrong(column, why)
        try:
            return to_minor(read.amount(text), self.mapping.currency, quantity)
        except ValueError as error:
            raise Wrong(column, wording(error)) from None

    def _given_back(self, cells: Sequence[str], amount_minor: int) -> int:
        if self._after and self._cell(cells, self._after) in self._given_words:
            return amount_minor
        text = self._cell(cells, self._given)
        return max(self._minor(text, self._given), 0) if text else 0

    def _whose(self, cells: Sequence[str], shop: str) -> tuple[tuple[tuple[str, str], ...], str]:
        """The keys of the buyer, and what is to be seen of a masked phone."""
        keys: list[tuple[str, str]] = []
        masked = ""
        text = self._cell(cells, self._phone)
        if text:
            kind, policy = self._kind(text), self.mapping.customer.masked_phone
            if kind == "number" or (kind == "masked" and policy == "refuse"):
                keys.append(("phone", self._normal("phone", self._phone, text)))
            elif kind == "masked" and policy == "keep":
                masked = text
        for kind, places in self._keys:
            value = self._cell(cells, places)
            if value and "*" not in value:
                scoped = f"{shop}/{value}" if kind == "buyer" else value
                keys.append((kind, self._normal(kind, places, scoped)))
        return tuple(keys), masked

    def _person_of(self, cells: Sequence[str], masked: str) -> tuple[tuple[str, str], ...]:
        person = [("masked_phone", masked[:40])] if masked else []
        for field, places in self._person:
            text = self._text(cells, places, field)
            if text and "*" not in text and not read.is_cipher(text):
                person.append((field, text))
        return tuple(person)

    def _needed(self, cells: Sequence[str], places: Places, field: str) -> str:
        found = self._text(cells, places, field)
        if not found:
            raise Wrong(self._column(places), EMPTY)
        if "+" in found:
            read.refuse_rounded(found, self._column(places))
        return found

    def _text(self, cells: Sequence[str], places: Places, field: str) -> str:
        text = self._cell(cells, places)
        if not text:
            return ""
        if len(text) > LONGEST[field]:
            raise Wrong(self._column(places), read.longer(LONGEST[field]))
        if not text.isprintable() and any(letter < " " for letter in text):
            raise Wrong(
                self._column(places),
                Sentence("holds a line break or a control character", "含有换行或控制字符"),
            )
        return text

    def _normalised(self, kind: str, places: Places, value: str) -> str:
        plain = value.partition("/")[2] if kind == "buyer" else value
        read.refuse_rounded(plain, self._column(places))
        try:
            return normalise(kind, value, self._region)
        except ValueError as error:
            raise Wrong(self._column(places), wording(error)) from None
