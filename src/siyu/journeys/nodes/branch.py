"""One of several ways on, by what is true."""

from __future__ import annotations

from dataclasses import dataclass, field

from siyu.journeys.model import Act, Condition, Go, Here, Node, StepId, Way, asked
from siyu.journeys.predicates.conditions import because
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Tree, Words


@dataclass(frozen=True)
class Case:
    """One way: taken when its condition is true, or `else`."""

    go: StepId = field(metadata=asked("The step to go to", "转到哪一步"))
    when: Condition | None = field(metadata=asked("The condition", "条件"), default=None)
    otherwise: bool = field(
        metadata=asked("The way for all others", "其他情况", name="else", shuts=True),
        default=False,
    )

    def __post_init__(self) -> None:
        if (self.when is None) is not self.otherwise:
            raise ValueError(
                Sentence(
                    "say either `when: …` or `else: true`",
                    "请写 `when: …` 或 `else: true`，二者取一",
                )
            )


@dataclass(frozen=True)
class Branch(Node):
    """Take the first way whose condition is true; none: go on to the next step."""

    key = "branch"
    title = Words("条件分支", "Branch")
    shelf = "way"
    about = Words(
        "按条件选一条路：从上到下，第一条成立的就走；都不成立就走下一步。",
        "Take the first way whose condition is true; if none is, go on to the next step.",
    )
    whole = "cases"

    cases: tuple[Case, ...] = field(
        metadata=asked("The ways, tried in this order", "各条路径，按顺序判断")
    )

    def __post_init__(self) -> None:
        if any(case.otherwise for case in self.cases[:-1]):
            raise ValueError(
                Sentence(
                    "`else` must be the last way: nothing after it can be taken",
                    "`else` 必须是最后一条：它后面的都走不到",
                )
            )

    @property
    def goes_on(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """An `else` leaves nobody to go on."""
        return not self.cases[-1].otherwise

    @property
    def needs(self) -> tuple[Tree, ...]:
        return tuple(case.when for case in self.cases if case.when is not None)

    @property
    def ways(self) -> tuple[Way, ...]:
        return tuple(
            Way(case.go, "else") if case.when is None else Way(case.go, "case", case.when)
            for case in self.cases
        )

    def step(self, here: Here) -> Act:
        for case in self.cases:
            if case.when is None:
                return Go("else", case.go)
            if why := because(case.when, here):
                return Go(why, case.go)
        return Go("none")
