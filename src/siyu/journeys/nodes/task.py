"""Wish for a person's work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from siyu.journeys.model import asked
from siyu.journeys.nodes.send import Touching
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Words

CHANNELS = {"friend_request": "wecom_request", "call": "voice_human"}


@dataclass(frozen=True, kw_only=True)
class Task(Touching):
    """Wish for work of a guide: a friend request, a call. It obeys the budget like any touch."""

    key = "task"
    title = Words("人工待办", "Task")

    kind: Literal["friend_request", "call"] = field(metadata=asked("What is to be done", "做什么"))
    channel: Literal["wecom_request", "voice_human"] = field(
        metadata=asked("Whose consent it needs", "渠道")
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.channel != CHANNELS[self.kind]:
            raise ValueError(
                Sentence(
                    f"a {self.kind} goes through channel {CHANNELS[self.kind]}",
                    f"{self.kind} 要用触点 {CHANNELS[self.kind]}",
                )
            )
