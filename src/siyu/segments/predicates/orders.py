"""What the customer has bought. An order that was refunded or cancelled doesn't count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from siyu.kernel.money import EXPONENTS
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression, Family, Form, Predicate, Rows, Scope, Step, Words
from siyu.segments.predicates import counts, windows
from siyu.segments.predicates.cycles import Lapsed
from siyu.segments.predicates.facts import ibis, table

# Amounts are compared in hundredths of the major unit, whatever the currency's own minor unit.
_HUNDREDTHS = 2
_SCALED = {code: 10 ** (_HUNDREDTHS - places) for code, places in EXPONENTS.items() if places != 2}


@dataclass(frozen=True)
class Orders(Step):
    """Has bought at least (and at most) so often; with `sku` or `category`, orders that still hold
    such a thing.

    `within: 90d` means paid in the 90 days until now, `older_than: 30d` before the last 30 days;
    both together are a window. `first_within` and `last_older_than` say when the first and the last
    of all such orders was paid. What was given back of an order is not in it any more. `state:
    cancelled` or `refunded` asks for those orders instead.
    """

    key = "orders"
    title = Words("订单", "Orders")
    counts = ("at_least", "at_most", "first_within", "last_older_than")

    at_least: int = 1
    within: timedelta | None = None
    sku: str | None = None
    category: str | None = None
    shop: str | None = None
    state: Literal["paid", "cancelled", "refunded"] = "paid"
    at_most: int | None = None
    older_than: timedelta | None = None
    first_within: timedelta | None = None
    last_older_than: timedelta | None = None
    whole_days: bool = False
    currency: str | None = None

    def __post_init__(self) -> None:
        counts.check_often(self.at_least, self.at_most, key=self.key)
        windows.check(self.within, self.older_than)
        _check(self.currency, self)

    def rows(self, scope: Scope) -> Rows:
        at = windows.times(self)
        return self._such(scope, at.within, at.older_than)

    def holds(self, scope: Scope) -> Expression:
        return counts.asked(scope, self, windows.times(self), self.rows(scope), self._such(scope))

    def flips(self, scope: Scope) -> Expression | None:
        # Without the look into each order where it costs much: a moment too many costs little.
        rows = self._such(scope) if scope.grouped else self._any(scope)
        at = windows.times(self)
        return windows.soonest(
            *windows.moves(scope, rows, at.within, at.older_than),
            *counts.turns(scope, rows, at.first_within, at.last_older_than),
        )

    def _any(
        self, scope: Scope, within: windows.Span = None, older_than: windows.Span = None
    ) -> Rows:
        """Such orders, whatever is in them."""
        orders = table("orders")
        such = [orders.state == self.state]
        such += windows.inside(scope, orders.paid_at, within, older_than)
        such += _in(scope, orders, self.shop, self.currency)
        return Rows(orders, tuple(such), orders.paid_at)

    def _such(
        self, scope: Scope, within: windows.Span = None, older_than: windows.Span = None
    ) -> Rows:
        rows = self._any(scope, within, older_than)
        if self.sku is None and self.category is None:
            return rows
        if scope.grouped:
            return self._left_of(scope, within, older_than)
        return self._joined(scope, rows) if scope.sets else rows.only(self._inside(scope))

    def _inside(self, scope: Scope) -> Expression:
        """More units of such things were bought in the order than given back."""
        bought = self._lines(scope, of=table("orders"))
        if self.state != "paid":
            return bought.count() > 0
        refund = table("refund")
        same = self._lines(scope, of=table("orders")).sku
        given_back = refund.filter(refund.order_id == table("orders").id, refund.sku.isin(same))
        units_bought = bought.quantity.sum().coalesce(0)
        return units_bought > given_back.quantity.sum().coalesce(0)

    def _joined(self, scope: Scope, rows: Rows) -> Rows:
        """The same, of all these orders at once."""
        orders = table("orders").filter(*rows.such).select("id", "customer_id", "paid_at")
        lines = self._lines(scope)
        lines = orders.join(lines, orders.id == lines.order_id).select(
            "customer_id", "paid_at", "order_id", "sku", "quantity"
        )
        if self.state != "paid":
            held = lines.select("customer_id", "paid_at", "order_id").distinct()
            return Rows(held, (), held.paid_at)
        refund, same, lines = table("refund"), lines.view(), lines.view()
        back = refund.semi_join(same, ["order_id", "sku"]).group_by("order_id")
        back = back.aggregate(units=refund.quantity.sum())
        both = lines.left_join(back, lines.order_id == back.order_id).select(
            lines.customer_id, lines.paid_at, lines.order_id, lines.quantity, back.units
        )
        held = both.group_by("customer_id", "paid_at", "order_id").aggregate(
            left=both.quantity.sum() - both.units.max().coalesce(0)
        )
        return Rows(held, (held.left > 0,), held.paid_at)

    def _left_of(self, scope: Scope, within: windows.Span, older_than: windows.Span) -> Rows:
        """The same for the customers of a batch, out of what is left in each of their orders."""
        by = tuple(name for name in ("sku", "category") if getattr(self, name) is not None)
        held = _held(scope, by)
        such = [held.state == self.state, *windows.inside(scope, held.paid_at, within, older_than)]
        such += _in(scope, held, self.shop, self.currency)
        such += [held[name] == scope.text(getattr(self, name)) for name in by]
        if self.state == "paid":
            such.append(held.left > 0)
        return Rows(held, tuple(such), held.paid_at)

    def _lines(self, scope: Scope, of: Expression | None = None) -> Expression:
        item = table("order_item").view()
        such = [] if of is None else [item.order_id == of.id]
        if self.sku is not None:
            such.append(item.sku == scope.text(self.sku))
        if self.category is not None:
            such.append(item.category == scope.text(self.category))
        return item.filter(*such)


@dataclass(frozen=True)
class Spent(Predicate):
    """Has spent at least, or at most, so much, after refunds, in the brand's currency or in the one
    named. Who has bought nothing has spent 0. Amounts of different currencies are never added up.

    With `sku` or `category` it is spent on such things: what their lines cost, less what was given
    back of them; what was given back of an order without saying for which things is not in it. What
    was given back of no order that is known counts at the time of the refund, of a sku too; of
    which category it was nobody knows. Times, `whole_days` too, are as in `orders`.
    """

    key = "spent"
    title = Words("消费金额", "Spent")

    at_least: Decimal | None = None
    within: timedelta | None = None
    sku: str | None = None
    category: str | None = None
    shop: str | None = None
    currency: str | None = None
    at_most: Decimal | None = None
    older_than: timedelta | None = None
    whole_days: bool = False

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ValueError(
                Sentence("needs `at_least` or `at_most`", "需要 `at_least` 或 `at_most`")
            )
        counts.check(self.at_least, self.at_most)
        windows.check(self.within, self.older_than)
        _check(self.currency, self)

    def holds(self, scope: Scope) -> Expression:
        paid, at = self._paid(scope), windows.times(self)
        rows = Rows(paid, self._such(scope, paid), paid.at)
        rows = rows.only(*windows.inside(scope, paid.at, at.within, at.older_than))
        scaled = [(paid.currency == code, factor) for code, factor in _SCALED.items()]
        minor = paid.minor * ibis().cases(*scaled, else_=1)
        return counts.total(scope, rows, minor, _cents(self.at_least), _cents(self.at_most))

    def flips(self, scope: Scope) -> Expression | None:
        # By any order, whatever is in it: a moment too many costs little.
        orders, refund, at = table("orders"), _lost(table("refund")), windows.times(self)
        stood = Rows(
            orders, (orders.state == "paid", *_in(scope, orders, self.shop)), orders.paid_at
        )
        lost = Rows(refund, tuple(_in(scope, refund, self.shop)), refund.refunded_at)
        return windows.soonest(
            *windows.moves(scope, stood, at.within, at.older_than),
            *windows.moves(scope, lost, at.within, at.older_than),
        )

    def _such(self, scope: Scope, paid: Expression) -> tuple[Expression, ...]:
        money = scope.currency() if self.currency is None else scope.text(self.currency)
        such = [paid.currency == money, *_in(scope, paid, self.shop)]
        if self.sku is not None:
            such.append(paid.sku == scope.text(self.sku))
        return tuple(such)

    def _paid(self, scope: Scope) -> Expression:
        """What was paid, and as less than nothing what was given back: at the time of its order."""
        names = ("orders", "order_item", "refund")
        orders, item, refund = (_own(scope, name) for name in names)
        stood, lost = orders.filter(orders.state == "paid"), _lost(refund)
        if self.sku is None and self.category is None:
            paid = _flow(stood, stood.paid_at, stood.total_minor - stood.refunded_minor)
            return paid.union(_flow(lost, lost.refunded_at, -lost.amount_minor))
        given = refund.filter(~refund.whole, refund.sku != "")
        if self.category is not None:
            item = item.filter(item.category == scope.text(self.category))
            given = given.semi_join(item.view(), ["order_id", "sku"])
        item = item.select("order_id", "sku", "amount_minor")
        lines = stood.join(item, stood.id == item.order_id)
        given = given.select("order_id", "sku", money=given.currency, minor=-given.amount_minor)
        back = stood.join(given, [stood.id == given.order_id, stood.currency == given.money])
        paid = _flow(lines, lines.paid_at, lines.amount_minor, "sku")
        paid = paid.union(_flow(back, back.paid_at, back.minor, "sku"))
        if self.category is not None:
            return paid
        return paid.union(_flow(lost, lost.refunded_at, -lost.amount_minor, "sku"))


def _own(scope: Scope, name: str) -> Expression:
    """A table that a condition on a batch shares with no other one: Ibis would make one common
    table of what both read, of everybody's rows."""
    return table(name) if scope.sets or scope.grouped else table(name).view()


def _flow(rows: Expression, at: Expression, minor: Expression, *more: str) -> Expression:
    return rows.select("customer_id", "shop", "currency", *more, at=at, minor=minor)


def _lost(refund: Expression) -> Expression:
    """What was given back of no order that is known."""
    return refund.filter(refund.order_id.isnull(), refund.customer_id.notnull(), ~refund.whole)


def _in(
    scope: Scope, rows: Expression, shop: str | None, currency: str | None = None
) -> list[Expression]:
    asked = (("shop", shop), ("currency", currency))
    return [rows[name] == scope.text(value) for name, value in asked if value is not None]


def _check(currency: str | None, form: Form) -> None:
    if currency is not None and currency not in EXPONENTS:
        raise ValueError(
            Sentence(
                f"unknown currency; known are {', '.join(sorted(EXPONENTS))}",
                f"不认识的币种；可用的有 {', '.join(sorted(EXPONENTS))}",
            )
        )
    if getattr(form, "whole_days", False):
        windows.check_days(form)


def _held(scope: Scope, by: tuple[str, ...]) -> Expression:
    """What is left of each sku, or category, in each order of the batch's customers."""
    orders, item, refund = table("orders"), table("order_item"), table("refund")
    mine = orders.filter(scope.these(orders.customer_id))
    order = ("customer_id", "order_id", "paid_at", "state", "shop", "currency")
    lines = mine.join(item, item.order_id == mine.id).select(*order, "sku", "category", "quantity")
    lines = lines.group_by(*order, *dict.fromkeys(("sku", *by))).aggregate(
        units=lines.quantity.sum()
    )
    back = refund.join(mine, mine.id == refund.order_id).select(
        refund.order_id, refund.sku, refund.quantity
    )
    back = back.group_by("order_id", "sku").aggregate(back=back.quantity.sum())
    both = lines.left_join(back, ["order_id", "sku"])
    both = both.select(*(lines[name] for name in (*order, *by)), lines.units, back.back)
    return both.group_by(*order, *by).aggregate(left=both.units.sum() - both.back.sum().coalesce(0))


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount.scaleb(_HUNDREDTHS))


FAMILY = Family("orders", Words("订单", "Orders"), (Orders, Spent, Lapsed))
