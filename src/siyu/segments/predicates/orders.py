"""What the customer has bought. An order that was refunded or cancelled doesn't count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from siyu.kernel.money import EXPONENTS
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression, Family, Predicate, Rows, Scope, Step, Words
from siyu.segments.predicates import counts, windows
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

    def __post_init__(self) -> None:
        counts.check_often(self.at_least, self.at_most, key=self.key)
        windows.check(self.within, self.older_than)

    def rows(self, scope: Scope) -> Rows:
        return self._such(scope, self.within, self.older_than)

    def holds(self, scope: Scope) -> Expression:
        return counts.asked(scope, self, self.rows(scope), self._such(scope))

    def flips(self, scope: Scope) -> Expression | None:
        # Without the look into each order where it costs much: a moment too many costs little.
        rows = self._such(scope) if scope.grouped else _rows(scope, self.state, self.shop)
        return windows.soonest(
            *windows.moves(scope, rows, self.within, self.older_than),
            *counts.turns(scope, rows, self.first_within, self.last_older_than),
        )

    def _such(
        self, scope: Scope, within: windows.Span = None, older_than: windows.Span = None
    ) -> Rows:
        rows = _rows(scope, self.state, self.shop, within, older_than)
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
        if self.shop is not None:
            such.append(held.shop == scope.text(self.shop))
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
    named. Who has bought nothing has spent 0.

    Amounts of different currencies are never added up.
    """

    key = "spent"
    title = Words("消费金额", "Spent")

    at_least: Decimal | None = None
    within: timedelta | None = None
    shop: str | None = None
    currency: str | None = None
    at_most: Decimal | None = None
    older_than: timedelta | None = None

    def __post_init__(self) -> None:
        if self.currency is not None and self.currency not in EXPONENTS:
            raise ValueError(
                Sentence(
                    f"unknown currency; known are {', '.join(sorted(EXPONENTS))}",
                    f"不认识的币种；可用的有 {', '.join(sorted(EXPONENTS))}",
                )
            )
        if self.at_least is None and self.at_most is None:
            raise ValueError(
                Sentence("needs `at_least` or `at_most`", "需要 `at_least` 或 `at_most`")
            )
        counts.check(self.at_least, self.at_most)
        windows.check(self.within, self.older_than)

    def holds(self, scope: Scope) -> Expression:
        orders = table("orders")
        money = scope.currency() if self.currency is None else scope.text(self.currency)
        rows = _rows(scope, "paid", self.shop, self.within, self.older_than)
        rows = rows.only(orders.currency == money)
        scaled = [(orders.currency == code, factor) for code, factor in _SCALED.items()]
        net = (orders.total_minor - orders.refunded_minor) * ibis().cases(*scaled, else_=1)
        return counts.total(scope, rows, net, _cents(self.at_least), _cents(self.at_most))

    def flips(self, scope: Scope) -> Expression | None:
        rows = _rows(scope, "paid", self.shop)
        return windows.soonest(*windows.moves(scope, rows, self.within, self.older_than))


def _rows(
    scope: Scope,
    state: str,
    shop: str | None,
    within: windows.Span = None,
    older_than: windows.Span = None,
) -> Rows:
    orders = table("orders")
    such = [orders.state == state, *windows.inside(scope, orders.paid_at, within, older_than)]
    if shop is not None:
        such.append(orders.shop == scope.text(shop))
    return Rows(orders, tuple(such), orders.paid_at)


def _held(scope: Scope, by: tuple[str, ...]) -> Expression:
    """What is left of each sku, or category, in each order of the batch's customers."""
    orders, item, refund = table("orders"), table("order_item"), table("refund")
    mine = orders.filter(scope.these(orders.customer_id))
    order = ("customer_id", "order_id", "paid_at", "state", "shop")
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


FAMILY = Family("orders", Words("订单", "Orders"), (Orders, Spent))
