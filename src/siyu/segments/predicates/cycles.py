"""Whether the customer is past the time in which others buy again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from siyu.kernel.sentence import Sentence
from siyu.kernel.time import duration
from siyu.segments.model import Expression, Predicate, Rows, Scope, Words
from siyu.segments.predicates import windows
from siyu.segments.predicates.facts import ibis, table


@dataclass(frozen=True)
class Lapsed(Predicate):
    """Has not bought again within the repurchase cycle of what they bought last: the last order
    that stands is at least `at_least` cycles old, and not yet `at_most` cycles.

    `cycles` says the cycle of each category, like `skin care 62d`; of several categories in that
    order the longest counts. Where an order has no category that is named there, it is at least
    `older_than` old and not yet `within`. `siyu segment cycles` writes such a segment with your
    own cycles.
    """

    key = "lapsed"
    title = Words("超过复购周期", "Past the repurchase cycle")

    at_least: Decimal = Decimal(1)
    at_most: Decimal = Decimal(2)
    cycles: tuple[str, ...] = ()
    older_than: timedelta = timedelta(days=91)
    within: timedelta = timedelta(days=183)

    def __post_init__(self) -> None:
        if not 0 < self.at_least < self.at_most:
            raise ValueError(
                Sentence(
                    "`at_least` must be above 0 and below `at_most`",
                    "`at_least` 必须大于 0 且小于 `at_most`",
                )
            )
        windows.check(self.within, self.older_than)
        names = [name for name, _ in self.spans]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(
                Sentence(f"`cycles` has `{twice}` twice", f"`cycles` 里 `{twice}` 写了两次")
            )

    @property
    def spans(self) -> tuple[tuple[str, timedelta], ...]:
        """Category and cycle."""
        return tuple(map(_cycle, self.cycles))

    def holds(self, scope: Scope) -> Expression:
        # One aggregate of one column: so it serves a look-up and a group alike.
        return scope.those(
            self._orders(scope), lambda some: some.past.argmax(some.paid_at).coalesce(False)
        )

    def flips(self, scope: Scope) -> Expression | None:
        rows = self._orders(scope)
        moments = [
            scope.first(
                rows.only(rows.table[name] > scope.now), lambda some, name=name: some[name].min()
            )
            for name in ("due", "over")
        ]
        return windows.soonest(*moments)

    def _orders(self, scope: Scope) -> Rows:
        """The orders that stand, each with when it is due again and when that is over."""
        orders, item = table("orders"), table("order_item")
        stood = [orders.state == "paid"]
        if scope.grouped:
            stood.append(scope.these(orders.customer_id))
        bought = orders.filter(*stood).select("id", "customer_id", "paid_at")
        lines = bought.left_join(item, bought.id == item.order_id)
        lines = lines.select(bought.customer_id, bought.paid_at, item.category)
        lines = lines.mutate(
            due=self._after(scope, lines, self.at_least, self.older_than),
            over=self._after(scope, lines, self.at_most, self.within),
        )
        each = lines.group_by("customer_id", "paid_at").aggregate(
            due=lines.due.max(), over=lines.over.max()
        )
        past = (each.due <= scope.now) & (each.over > scope.now)
        each = each.mutate(past=past)
        return Rows(each, (), each.paid_at)

    def _after(
        self, scope: Scope, lines: Expression, times: Decimal, otherwise: timedelta
    ) -> Expression:
        """So many cycles of its category after the order."""
        unknown = lines.paid_at + scope.span(otherwise)
        known = [
            (lines.category == scope.text(name), lines.paid_at + scope.span(_times(cycle, times)))
            for name, cycle in self.spans
        ]
        return ibis().cases(*known, else_=unknown) if known else unknown


def _times(cycle: timedelta, times: Decimal) -> timedelta:
    """To the second."""
    return timedelta(seconds=round(int(cycle.total_seconds()) * times))


def _cycle(said: str) -> tuple[str, timedelta]:
    name, _, last = said.rpartition(" ")
    try:
        span = duration(last)
    except ValueError:
        span = None
    if not name.strip() or not span:
        raise ValueError(
            Sentence(
                f"`cycles` are categories with a time each, like `skin care 62d`, not {said!r}",
                f"`cycles` 是品类加时长，如 `护肤 62d`，现在是 {said!r}",
            )
        )
    return name.strip(), span
