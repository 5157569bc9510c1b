"""A milestone."""

from __future__ import annotations

from dataclasses import dataclass, field

from siyu.journeys.model import Act, Go, Here, Leave, Node, Reached, asked
from siyu.segments.model import Words


@dataclass(frozen=True)
class Goal(Node):
    """Reach a goal: figures count each visit once, at the time when it first came here.

    Who is held out reaches goals too: the difference is what the journey brings. With `ends: true`
    the visit ends here, and the goal is its outcome.
    """

    key = "goal"
    title = Words("达成目标", "Goal")
    shelf = "note"
    about = Words(
        "达成一个目标，报表按人计一次；可以选择在此结束。",
        "Reach a goal that figures count once per visit; it may end here.",
    )
    whole = "name"
    beside = frozenset({"ends"})

    name: str = field(metadata=asked("What figures call it", "目标名称"))
    ends: bool = field(
        metadata=asked("Whether the visit ends", "是否结束旅程", shuts=True), default=False
    )

    @property
    def goes_on(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Not where it ends."""
        return not self.ends

    def step(self, here: Here) -> Act:
        del here
        reached = (Reached(self.name),)
        return Leave(self.name, reached) if self.ends else Go("reached", effects=reached)
