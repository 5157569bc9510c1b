"""Wish for a person's work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from siyu.journeys.model import asked
from siyu.journeys.nodes.send import Touching
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Words

URGENT = 8  # of a priority: such work never waits
CHANNELS = {"friend_request": "wecom_request", "call": "voice_human"}


@dataclass(frozen=True, kw_only=True)
class Task(Touching):
    """Wish for work of a guide: a friend request, a call. It obeys the budget like any touch."""

    key = "task"
    title = Words("人工待办", "Task")
    shelf = "reach"
    about = Words(
        "请导购做一件事：加好友申请或打电话，同样受预算约束。",
        "Ask a guide for a friend request or a call. It obeys the budget like any touch.",
    )
    begins = "{task: {kind: call, channel: voice_human, purpose: service}}"

    kind: Literal["friend_request", "call"] = field(metadata=asked("What is to be done", "做什么"))
    channel: Literal["wecom_request", "voice_human"] = field(
        metadata=asked("Whose consent it needs", "渠道")
    )

    when: Literal["now", "off_peak"] | None = field(
        metadata=asked(
            "`off_peak`: in the guide's quiet hours; `now`: at once. Left out, what promotes waits "
            "and everything else, or what is urgent, does not",
            "何时做",
        ),
        default=None,
    )

    @property
    def may_wait(self) -> bool:
        if self.when is not None:
            return self.when == "off_peak"
        return self.purpose == "promotion" and not self._urgent

    @property
    def _urgent(self) -> bool:
        return self.priority >= URGENT or self.true_until is not None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.channel != CHANNELS[self.kind]:
            raise ValueError(
                Sentence(
                    f"a {self.kind} goes through channel {CHANNELS[self.kind]}",
                    f"{self.kind} 要用触点 {CHANNELS[self.kind]}",
                )
            )
        if self.when == "off_peak" and self._urgent:
            raise ValueError(
                Sentence(
                    f"priority {URGENT} and above, and what is true only until a cut-off, never "
                    "waits for quiet hours: leave `when` out",
                    f"priority {URGENT} 及以上，或有截止时间的待办不等淡场：请去掉 `when`",
                )
            )
