"""One journey leads to another."""

from __future__ import annotations

from dataclasses import dataclass, field

from siyu.journeys.model import Act, Go, Here, JourneyCode, Node, Started, asked
from siyu.segments.model import Words


@dataclass(frozen=True)
class Start(Node):
    """Let the customer into another journey, by that journey's rules: its source, its hold-out,
    its re-entry. Where they refuse, the history says why, and this visit goes on all the same.

    The other visit is about the same thing as this one: one start per order and round.
    """

    key = "start"
    title = Words("启动旅程", "Start a journey")
    shelf = "leave"
    about = Words(
        "让客户同时进入另一个旅程，这个旅程照常继续。",
        "Let the customer into another journey too; this one goes on.",
    )
    whole = "journey"

    journey: JourneyCode = field(metadata=asked("Which journey", "启动哪个旅程"))

    def step(self, here: Here) -> Act:
        visit = here.visit
        if visit.held_out:  # another journey's messages would blur what this hold-out shows
            return Go("held_out")
        key = f"{visit.key} (round {visit.round})" if visit.round else visit.key
        return Go(f"start {self.journey}", effects=(Started(self.journey, key),))
