"""What lies in stores, held up against what is known of the customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression, Family, Predicate, Rows, Scope, Words
from siyu.segments.predicates import windows
from siyu.segments.predicates.facts import ibis, table

FEW_SIZES = 2
MOST_SIZES = 50


@dataclass(frozen=True)
class Fits(Predicate):
    """Something that is left in stores fits: a tag that begins with `size_tag` names the size
    (`size_tag: shoe-`, tag `shoe-42`, size `42`).

    Of left-over sizes: those of styles that are discontinued, or broken (`few` sizes or fewer are
    left at the place); with `left_over: false` of all. `store: own`: only in the store of a guide
    whose friend they are. `style` asks for one style. What stores have is what was counted there
    last; live segments look again at midnight, and at each event of the customer's.
    """

    key = "fits"
    title = Words("尺码合适的货", "Something that fits")
    short = "size_tag"

    size_tag: str
    left_over: bool = True
    store: Literal["any", "own"] = "any"
    few: int = FEW_SIZES
    style: str | None = None

    def __post_init__(self) -> None:
        if not self.size_tag:
            raise ValueError(Sentence("`size_tag` is empty", "`size_tag` 不能为空"))
        check_few(self.few)

    def holds(self, scope: Scope) -> Expression:
        return scope.exists(Rows(self._fitting(scope)))

    def flips(self, scope: Scope) -> Expression | None:
        tag = table("tag")
        named = (tag.name.startswith(scope.text(self.size_tag)), _carried(scope, tag))
        ends = scope.first(Rows(tag, named), lambda some: some["until"].min())
        some = scope.first(Rows(tag, named), lambda rows: rows.count())
        return windows.soonest(ends, ibis().ifelse(some > 0, scope.midnight(), None))

    def _fitting(self, scope: Scope) -> Expression:
        """A row for each customer and size that fits."""
        tag, stock = table("tag"), table("size_stock")
        such = [tag.name.startswith(scope.text(self.size_tag)), _carried(scope, tag)]
        if scope.grouped:
            such.append(scope.these(tag.customer_id))
        size = tag.name.substr(len(self.size_tag))
        sized = tag.filter(*such).select("customer_id", wears=size)
        there: list[Expression] = []
        if self.left_over:
            broken = stock.sizes_left <= scope.number(self.few)
            there.append(stock.discontinued | broken)
        if self.style is not None:
            there.append(stock["style"] == scope.text(self.style))
        left = stock.filter(*there) if there else stock
        left = left.select("place", "size")
        found = sized.join(left, sized.wears == left["size"]).select("customer_id", "place")
        if self.store == "any":
            return found
        friends = _stores(scope)
        same = (found.customer_id == friends.friend_id) & (found.place == friends.code)
        return found.join(friends, same).select("customer_id")


def _carried(scope: Scope, tag: Expression) -> Expression:
    return tag.until.isnull() | (tag.until > scope.now)


def _stores(scope: Scope) -> Expression:
    """Who is a friend of a guide of which store."""
    friendship, member, store = table("friendship"), table("staff_member"), table("store")
    such = [friendship.state == "live"]
    if scope.grouped:
        such.append(scope.these(friendship.customer_id))
    live = friendship.filter(*such).select("customer_id", "staff")
    ours = live.join(member, live.staff == member.code).select("customer_id", "store_id")
    return ours.join(store, ours.store_id == store.id).select(
        friend_id=ours.customer_id, code=store.code
    )


def check_few(few: int) -> None:
    """ValueError where a number of sizes is none."""
    if not 1 <= few <= MOST_SIZES:
        raise ValueError(
            Sentence(
                f"`few` must be between 1 and {MOST_SIZES}", f"`few` 必须在 1 到 {MOST_SIZES} 之间"
            )
        )


FAMILY = Family("stock", Words("库存", "Stock"), (Fits,))
