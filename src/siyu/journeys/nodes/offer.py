"""Promise something."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from siyu.journeys.model import Act, Go, Here, Node, OfferCode, Promised, asked
from siyu.segments.model import Words


@dataclass(frozen=True)
class Offer(Node):
    """Promise an offer to the customer: later messages speak of it, the parcel keeps it."""

    key = "offer"
    title = Words("承诺权益", "Offer")

    promise: OfferCode = field(metadata=asked("What is promised", "承诺什么"))
    expires: timedelta = field(metadata=asked("How long the promise stands", "承诺有效多久"))

    def step(self, here: Here) -> Act:
        visit = here.visit
        if visit.held_out:  # nothing is said to them, so nothing is owed
            return Go("held_out")
        key = f"visit:{visit.id}/{visit.node}/{visit.round}"
        order = here.order
        made = Promised(key, self.promise, order.shop, order.order_no, here.now + self.expires)
        return Go("promised", effects=(made,))
