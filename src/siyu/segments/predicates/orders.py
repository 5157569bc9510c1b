"""What the customer has bought. An order that was refunded or cancelled doesn't count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from siyu.kernel.money import EXPONENTS
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression, Family, Predicate, Scope, Words
from siyu.segments.predicates.facts import ibis, table

# Amounts are compared in hundredths of the major unit, whatever the currency's own minor unit.
_HUNDREDTHS = 2
_SCALED = {code: 10 ** (_HUNDREDTHS - places) for code, places in EXPONENTS.items() if places != 2}


@dataclass(frozen=True)
class Orders(Predicate):
    """Has bought at least so often; with `sku` or `category`, orders that still hold such a thing.

    `within: 90d` means paid in the 90 days until now. What was given back of an order is not in it
    any more. `state: cancelled` or `refunded` asks for those orders instead.
    """

    key = "orders"
    title = Words("订单", "Orders")

    at_least: int = 1
    within: timedelta | None = None
    sku: str | None = None
    category: str | None = None
    shop: str | None = None
    state: Literal["paid", "cancelled", "refunded"] = "paid"

    def __post_init__(self) -> None:
        if self.at_least < 1:
            raise ValueError(
                Sentence(
                    "`at_least` must be 1 or more; for none write `not: {orders: …}`",
                    "`at_least` 至少是 1；要表示没有，请写 `not: {orders: …}`",
                )
            )

    def holds(self, scope: Scope) -> Expression:
        orders = table("orders")
        mine = _mine(scope, self.state, self.within, self.shop)
        if self.sku is not None or self.category is not None:
            mine.append(self._inside(scope))
        return orders.filter(*mine).count() >= scope.number(self.at_least)

    def flips(self, scope: Scope) -> Expression | None:
        return _flips(scope, self.state, self.within, self.shop)

    def _inside(self, scope: Scope) -> Expression:
        """More units of such things were bought in the order than given back."""
        bought = self._lines(scope)
        if self.state != "paid":
            return bought.count() > 0
        refund = table("refund")
        same = self._lines(scope).sku
        given_back = refund.filter(refund.order_id == table("orders").id, refund.sku.isin(same))
        units_bought = bought.quantity.sum().coalesce(0)
        return units_bought > given_back.quantity.sum().coalesce(0)

    def _lines(self, scope: Scope) -> Expression:
        item = table("order_item").view()
        such = [item.order_id == table("orders").id]
        if self.sku is not None:
            such.append(item.sku == scope.text(self.sku))
        if self.category is not None:
            such.append(item.category == scope.text(self.category))
        return item.filter(*such)


@dataclass(frozen=True)
class Spent(Predicate):
    """Has spent at least so much, after refunds, in the brand's currency or in the one named.

    Amounts of different currencies are never added up.
    """

    key = "spent"
    title = Words("消费金额", "Spent")

    at_least: Decimal
    within: timedelta | None = None
    shop: str | None = None
    currency: str | None = None

    def __post_init__(self) -> None:
        if self.currency is not None and self.currency not in EXPONENTS:
            raise ValueError(
                Sentence(
                    f"unknown currency; known are {', '.join(sorted(EXPONENTS))}",
                    f"不认识的币种；可用的有 {', '.join(sorted(EXPONENTS))}",
                )
            )

    def holds(self, scope: Scope) -> Expression:
        orders = table("orders")
        mine = _mine(scope, "paid", self.within, self.shop)
        if self.currency is None:
            mine.append(orders.currency == table("brand").currency.as_scalar())
        else:
            mine.append(orders.currency == scope.text(self.currency))
        scaled = [(orders.currency == code, factor) for code, factor in _SCALED.items()]
        net = (orders.total_minor - orders.refunded_minor) * ibis().cases(*scaled, else_=1)
        spent = orders.filter(*mine).select(net=net).net.sum().coalesce(0)
        return spent >= scope.number(int(self.at_least.scaleb(_HUNDREDTHS)))

    def flips(self, scope: Scope) -> Expression | None:
        return _flips(scope, "paid", self.within, self.shop)


def _flips(
    scope: Scope, state: str, within: timedelta | None, shop: str | None
) -> Expression | None:
    """When the oldest order that counts grows too old, or one that is dated ahead begins to."""
    if within is None:
        return None
    orders = table("orders")
    mine = _mine(scope, state, None, shop)
    leaves = orders.filter(*mine, orders.paid_at > scope.ago(within)).paid_at.min()
    comes = orders.filter(*mine, orders.paid_at > scope.now).paid_at.min()
    return ibis().least(leaves + scope.span(within), comes)


def _mine(scope: Scope, state: str, within: timedelta | None, shop: str | None) -> list[Expression]:
    """What makes a row of `orders` one of the customer's, of that state, time and shop."""
    orders = table("orders")
    mine = [orders.customer_id == scope.customer.id, orders.state == state]
    if within is not None:
        mine += [orders.paid_at > scope.ago(within), orders.paid_at <= scope.now]
    if shop is not None:
        mine.append(orders.shop == scope.text(shop))
    return mine


FAMILY = Family("orders", Words("订单", "Orders"), (Orders, Spent))
