"""Who the customer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression, Family, Predicate, Scope, Words

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


FAMILY = Family("profile", Words("客户", "Profile"), (Everybody, InStage, Synthetic))
