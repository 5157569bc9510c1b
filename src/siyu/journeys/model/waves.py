"""Taking a set in waves: how large, how often, whom first, and when to stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from siyu.kernel.sentence import Sentence

LARGEST = 1_000_000
OFTENEST = timedelta(hours=1)
WaveState: TypeAlias = Literal["entering", "open", "done", "stopped", "ended"]


def _said(en: str, zh: str) -> Mapping[str, str]:
    return {"en": en, "zh": zh, "name": ""}


@dataclass(frozen=True)
class BestFirst:
    """Whom first: the weights of three things. `recency` and `value` are places among all who
    could come, by the last order and by what was spent (0 the last, 1 the first); `reachability`
    is ½ for a phone that is known and ½ where something of ours has ever reached them."""

    recency: float = field(metadata=_said("Weight of the last order", "最近下单的权重"), default=5)
    value: float = field(metadata=_said("Weight of what was spent", "消费金额的权重"), default=3)
    reachability: float = field(
        metadata=_said("Weight of whether they can be reached", "可触达的权重"), default=2
    )

    def __post_init__(self) -> None:
        every = (self.recency, self.value, self.reachability)
        if min(every) < 0 or not sum(every):
            raise ValueError(
                Sentence(
                    "weights are numbers from 0 up, and one of them is above 0",
                    "权重从 0 起，且至少有一个大于 0",
                )
            )

    @property
    def shares(self) -> tuple[int, int, int]:
        """The weights in thousandths of all of them.

        >>> BestFirst(5, 3, 2).shares
        (500, 300, 200)
        """
        every = self.recency, self.value, self.reachability
        recency, value, reachability = (round(1000 * one / sum(every)) for one in every)
        return recency, value, reachability


@dataclass(frozen=True)
class Waves:
    """How large each wave is, one after the other; the last size goes on until nobody is left. A
    wave opens when the one before it has stood for `every`. Before each wave larger than `test`
    comes a test: so many of those who would be next, evenly from the best to the last of them."""

    sizes: tuple[int, ...] = field(metadata=_said("How many people, wave by wave", "各波人数"))
    every: timedelta = field(
        metadata=_said("How long a wave stands before the next", "间隔"), default=timedelta(days=3)
    )
    test: int | None = field(
        metadata=_said("A test wave of so many before each large one", "每个大波之前的测试人数"),
        default=None,
    )
    best_first: BestFirst = field(metadata=_said("Whom first", "谁先"), default=BestFirst())
    reveal: timedelta | None = field(
        metadata=_said("How long staff have to look up a masked phone", "查看打码手机号的时限"),
        default=None,
    )

    def __post_init__(self) -> None:
        if not all(0 < size <= LARGEST for size in self.sizes):
            raise ValueError(
                Sentence(
                    f"sizes are numbers of people between 1 and {LARGEST:,}",
                    f"sizes 是人数，在 1 到 {LARGEST:,} 之间",
                )
            )
        if self.test is not None and not 0 < self.test < max(self.sizes):
            raise ValueError(
                Sentence(
                    "test is at least 1 and less than the largest wave",
                    "test 至少为 1，且小于最大的一波",
                )
            )
        if self.every < OFTENEST:
            raise ValueError(
                Sentence(
                    "every is at least 1h: a wave has to be seen before the next one opens",
                    "every 至少 1h：先看到这一波的结果，再开下一波",
                )
            )
        if self.reveal is not None and self.reveal >= self.every:
            raise ValueError(
                Sentence(
                    "reveal must be shorter than `every`: who is not looked up by then is left out",
                    "reveal 必须短于 `every`：到时仍未查到的不在这一波里",
                )
            )


@dataclass(frozen=True)
class StopWhen:
    """When no further wave opens, by what the finished one has done itself: what a friend gained
    by it has cost, the share of those it invited who deleted us, the share who complained or
    opted out. Where fewer than `least` were invited that says nothing, and `too_few` holds."""

    cost_per_add: Decimal | None = field(
        metadata=_said("Cost per friend gained above", "每加一位好友的成本超过"), default=None
    )
    deletions: float | None = field(
        metadata=_said("Share who deleted us above", "删除好友的比例超过"), default=None
    )
    complaints: float | None = field(
        metadata=_said("Share who complained or opted out above", "投诉或退订的比例超过"),
        default=None,
    )
    least: int = field(
        metadata=_said("Says nothing with fewer invited", "受邀少于此数不作判断"), default=20
    )
    too_few: Literal["stop", "go_on"] = field(
        metadata=_said("What holds with fewer", "人数不足时"), default="stop"
    )

    def __post_init__(self) -> None:
        limits = (self.cost_per_add, self.deletions, self.complaints)
        if all(one is None for one in limits):
            raise ValueError(
                Sentence(
                    'say at least one limit, like `cost_per_add: "12.00"`, `deletions: 0.02` or '
                    "`complaints: 0.01`",
                    '至少写一个上限，如 `cost_per_add: "12.00"`、`deletions: 0.02` 或 '
                    "`complaints: 0.01`",
                )
            )
        if self.cost_per_add is not None and self.cost_per_add <= 0:
            raise ValueError(
                Sentence("cost_per_add is an amount above 0", "cost_per_add 是大于 0 的金额")
            )
        for name in ("deletions", "complaints"):
            share: float | None = getattr(self, name)
            if share is not None and not 0 <= share < 1:
                raise ValueError(
                    Sentence(
                        f"{name} is a share from 0 up, below 1, like 0.02",
                        f"{name} 是比例，从 0 起、小于 1，如 0.02",
                    )
                )
        if self.least < 1:
            raise ValueError(Sentence("least is 1 or more", "least 至少为 1"))


class Judged(NamedTuple):
    """What the people of a wave have done by themselves since it opened. `invited`: to whom
    something was really sent; friends and all that follows are counted among them."""

    people: int
    held_out: int
    invited: int
    friends: int
    cost_minor: int
    currency: str
    deletions: int
    complaints: int


class Next(NamedTuple):
    """The wave to open; a test is a sample of so many of the best (`among`)."""

    test: bool
    size: int
    among: int


NO_HOLDOUT = Sentence(
    "is needed with waves, like 0.1: without it nobody can tell what they brought",
    "在分波时必须写，如 0.1：没有对照组就说不清带来了多少",
)


def check_rules(*, each: bool) -> None:
    """Each customer comes once."""
    if each:
        raise ValueError(
            Sentence(
                "reenter is `never` or `{after: 180d}` with waves: else the best would come in "
                "every wave",
                "reenter 在分波时只能是 `never` 或 `{after: 180d}`：否则最好的人每一波都会进入",
            )
        )
