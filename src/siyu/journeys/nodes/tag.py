"""Remember a fact about the customer."""

from __future__ import annotations

from dataclasses import dataclass, field

from siyu.journeys.model import Act, Go, Here, Node, Tagged, asked
from siyu.segments.model import Words


@dataclass(frozen=True)
class Tag(Node):
    """Put a tag on the customer."""

    key = "tag"
    title = Words("打标签", "Tag")
    shelf = "note"
    about = Words(
        "给客户打一个标签，离开旅程后仍然保留。",
        "Put a tag on the customer; it stays when the journey is over.",
    )

    add: str = field(metadata=asked("The tag's name", "标签名"))

    def step(self, here: Here) -> Act:
        return Go("tagged", effects=() if here.visit.held_out else (Tagged(self.add),))
