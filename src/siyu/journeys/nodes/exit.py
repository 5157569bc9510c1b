"""The end of the walk."""

from __future__ import annotations

from dataclasses import dataclass, field

from siyu.journeys.model import Act, Here, Leave, Node, asked
from siyu.segments.model import Words


@dataclass(frozen=True)
class Exit(Node):
    """Leave the journey, with an outcome that figures count. What it has wished for goes out all
    the same, unless `ends_when` comes true before."""

    key = "exit"
    title = Words("退出旅程", "Exit")
    shelf = "leave"
    about = Words(
        "离开旅程，并写明结果，报表按结果统计。",
        "Leave the journey with an outcome that figures count.",
    )
    whole = "outcome"
    goes_on = False

    outcome: str = field(metadata=asked("What figures call this end", "结果"))

    def step(self, here: Here) -> Act:
        del here
        return Leave(self.outcome)
