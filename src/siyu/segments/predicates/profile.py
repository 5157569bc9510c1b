"""Who the customer is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from siyu.kernel.sentence import Sentence
from siyu.segments.model import (
    Expression,
    Family,
    Form,
    Predicate,
    Rows,
    Scope,
    Tree,
    Words,
    leaves,
)
from siyu.segments.predicates import windows
from siyu.segments.predicates.facts import function, ibis, table

Stage = Literal["A1", "A2", "A3", "A4", "A5"]


@dataclass(frozen=True)
class Everybody(Predicate):
    """Every customer; `everybody: false` is nobody."""

    key = "everybody"
    title = Words("所有客户", "Everybody")
    short = "yes"

    yes: bool

    def holds(self, scope: Scope) -> Expression:
        return scope.flag(self.yes)


@dataclass(frozen=True)
class InStage(Predicate):
    """The stage of the relation: A1 aware, A2 appeal, A3 ask, A4 act (has bought), A5 advocate."""

    key = "stage"
    title = Words("5A 阶段", "Stage")

    at_least: Stage | None = None
    at_most: Stage | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ValueError(
                Sentence("needs `at_least` or `at_most`", "需要 `at_least` 或 `at_most`")
            )
        if self.at_least and self.at_most and self.at_least > self.at_most:
            raise ValueError(
                Sentence(
                    "`at_least` is above `at_most`: nobody is there",
                    "`at_least` 高于 `at_most`：没有人符合",
                )
            )

    def holds(self, scope: Scope) -> Expression:
        stage = scope.customer.stage
        low, high = _number(self.at_least or "A1"), _number(self.at_most or "A5")
        return (stage >= scope.number(low)) & (stage <= scope.number(high))


def _number(stage: Stage) -> int:
    return int(stage[1])


@dataclass(frozen=True)
class Synthetic(Predicate):
    """Made for a demonstration: from the sandbox, or with contact points that were invented."""

    key = "synthetic"
    title = Words("演示数据", "Synthetic")
    short = "yes"

    yes: bool

    def holds(self, scope: Scope) -> Expression:
        return scope.customer.synthetic if self.yes else ~scope.customer.synthetic


@dataclass(frozen=True)
class Known(Predicate):
    """Is known for at most (`within: 30d`) or at least (`older_than: 30d`) so long: since the first
    thing that was ever heard of them.
    """

    key = "known"
    title = Words("建档时间", "Known")

    within: timedelta | None = None
    older_than: timedelta | None = None

    def __post_init__(self) -> None:
        if self.within is None and self.older_than is None:
            raise ValueError(
                Sentence("needs `within` or `older_than`", "需要 `within` 或 `older_than`")
            )
        windows.check(self.within, self.older_than)

    def holds(self, scope: Scope) -> Expression:
        at = scope.customer.created_at
        return ibis().and_(*windows.inside(scope, at, self.within, self.older_than))

    def flips(self, scope: Scope) -> Expression | None:
        at = scope.customer.created_at
        spans = [span for span in (self.within, self.older_than) if span is not None]
        found = [ibis().ifelse(at > scope.ago(one), at + scope.span(one), None) for one in spans]
        ahead = ibis().ifelse(at > scope.now, at, None)
        return windows.soonest(*found, ahead)


@dataclass(frozen=True)
class Identified(Predicate):
    """Is known by a phone, as a shop's buyer, as a member, or at WeCom; of several kinds any one
    will do. `older_than: 30d`: for at least so long, `within: 30d`: since then.
    """

    key = "identity"
    title = Words("身份", "Identity")
    short = "kind"

    kind: tuple[Literal["phone", "buyer", "member", "external_userid", "unionid"], ...]
    within: timedelta | None = None
    older_than: timedelta | None = None

    def __post_init__(self) -> None:
        windows.check(self.within, self.older_than)

    def holds(self, scope: Scope) -> Expression:
        rows = self._rows(scope)
        return scope.exists(
            rows.only(*windows.inside(scope, rows.at, self.within, self.older_than))
        )

    def flips(self, scope: Scope) -> Expression | None:
        moves = windows.moves(scope, self._rows(scope), self.within, self.older_than)
        return windows.soonest(*moves)

    def _rows(self, scope: Scope) -> Rows:
        identity = table("identity")
        such = identity.kind.isin([scope.text(kind) for kind in self.kind])
        return Rows(identity, (such,), identity.created_at)


@dataclass(frozen=True)
class Share(Predicate):
    """A random share of all customers, in percent, and always the same ones: who is in `share: 10`
    is in `share: 20` as well. Another `of` (a campaign, say) draws anew, independently.

    Drawn by the md5 of `of` and the customer's number, which PostgreSQL, DuckDB and Spark all know.
    """

    key = "share"
    title = Words("随机比例", "Share")
    short = "percent"

    percent: Decimal
    of: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.percent <= 100:
            raise ValueError(Sentence("must be above 0 and at most 100", "必须大于 0，不超过 100"))

    def holds(self, scope: Scope) -> Expression:
        if self.percent == 100:
            return scope.flag(True)
        drawn = scope.text(f"{self.of}\x1f") + scope.customer.id.cast("string")
        return function("md5", "string", "string")(drawn) < scope.text(border(self.percent))


def border(percent: Decimal) -> str:
    """Below it lies this share of all digests: a number's hexadecimal digits order as it does."""
    return f"{int(percent * 2**32 / 100):08x}"


@dataclass(frozen=True)
class InSegment(Form):
    """Is in another segment, by its code."""

    key = "segment"
    title = Words("分群", "Segment")
    short = "code"

    code: str


def named(trees: Iterable[Tree]) -> frozenset[str]:
    """The codes of the segments that stand in these trees by their names."""
    forms = (leaf.form for tree in trees for leaf in leaves(tree))
    return frozenset(form.code for form in forms if isinstance(form, InSegment))


FAMILY = Family(
    "profile",
    Words("客户", "Profile"),
    (Everybody, InStage, Synthetic, Known, Identified, Share, InSegment),
)
