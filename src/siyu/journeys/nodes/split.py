"""Customers are dealt out by hash: the same one always to the same arm."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from math import isclose

from siyu.journeys.model import Act, Go, Here, Node, StepId, Way, asked
from siyu.journeys.model.enter import lot
from siyu.kernel.ids import share
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Words


@dataclass(frozen=True)
class Arm:
    """One arm and its share of the visits."""

    name: str = field(metadata=asked("What figures call it", "名称"))
    share: float = field(metadata=asked("Between 0 and 1", "占比，0 到 1"))
    go: StepId | None = field(
        metadata=asked("The step to go to; else the next one", "转到哪一步"), default=None
    )

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(
                Sentence(
                    f"a share is between 0 and 1, not {self.share:g}",
                    f"比例要在 0 到 1 之间，现在是 {self.share:g}",
                )
            )


@dataclass(frozen=True)
class Split(Node):
    """Deal visits out over arms, sticky for the whole visit, with a known probability."""

    key = "split"
    title = Words("随机分流", "Split")
    shelf = "way"
    about = Words(
        "按比例随机分成几组；同一位客户始终在同一组。",
        "Deal customers out by chance over arms; the same one is always in the same arm.",
    )
    begins = "{split: {arms: [{name: a, share: 0.5}, {name: b, share: 0.5}]}}"

    arms: tuple[Arm, ...] = field(
        metadata=asked("The arms; their shares add up to 1", "分组，占比合计为 1")
    )

    def __post_init__(self) -> None:
        if not isclose(sum(arm.share for arm in self.arms), 1, abs_tol=1e-9):
            raise ValueError(
                Sentence(
                    f"the shares add up to {sum(arm.share for arm in self.arms):g}, not 1",
                    f"各比例之和是 {sum(arm.share for arm in self.arms):g}，不是 1",
                )
            )
        if len({arm.name for arm in self.arms}) < len(self.arms):
            raise ValueError(Sentence("two arms have one name", "两个分支同名"))

    @property
    def goes_on(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Only by an arm that does not say where to."""
        return any(arm.go is None for arm in self.arms)

    @property
    def ways(self) -> tuple[Way, ...]:
        return tuple(Way(arm.go, "arm", name=arm.name, share=arm.share) for arm in self.arms)

    def step(self, here: Here) -> Act:
        arm = self.arm(here)
        return Go(arm.name, arm.go, arm=arm.name)

    def arm(self, here: Here) -> Arm:
        """The arm of this visit: the one it has, else by the hash of what it is about."""
        taken = here.visit.arms.get(here.visit.node)
        kept = next((arm for arm in self.arms if arm.name == taken), None)
        if kept is not None:
            return kept
        visit = here.visit
        about = lot(visit.customer_id, visit.key, visit.shop, visit.order_no)
        drawn_at = share(here.journey.journey, visit.node, about)
        ends = accumulate(arm.share for arm in self.arms)
        drawn = (arm for arm, end in zip(self.arms, ends, strict=True) if drawn_at < end)
        return next(drawn, self.arms[-1])

    def probability(self, arm: str) -> float:
        """How likely this arm was; 1 for one that the text does not know."""
        return next((known.share for known in self.arms if known.name == arm), 1.0)
