"""Promise something, issue it, or take it back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from siyu.journeys.model import (
    Act,
    Go,
    Here,
    Issued,
    Node,
    OfferCode,
    Promised,
    Revoked,
    Stay,
    StepId,
    Way,
    asked,
)
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Words


@dataclass(frozen=True)
class Offer(Node):
    """Promise a gift that the parcel keeps; issue a piece of any offer, while there is one; or take
    back what this visit has promised or issued. Later messages speak of what was given last."""

    key = "offer"
    title = Words("权益", "Offer")
    shelf = "give"
    about = Words(
        "承诺随包裹发出的赠品、立即发放一份权益，或收回已给的权益。",
        "Promise a gift in the parcel, issue a piece of an offer, or take back what was given.",
    )
    begins = "{offer: {promise: '', expires: 30d}}"

    promise: OfferCode | None = field(
        metadata=asked("A gift that travels in the parcel", "承诺随包裹发出的赠品"), default=None
    )
    expires: timedelta | None = field(
        metadata=asked("How long the promise stands", "承诺有效多久"), default=None
    )
    issue: OfferCode | None = field(
        metadata=asked("What is given at once", "立即发放什么"), default=None
    )
    otherwise: StepId | None = field(
        metadata=asked("Where to go when nothing is left to issue", "发完时转到哪一步"),
        default=None,
    )
    revoke: OfferCode | None = field(metadata=asked("What is taken back", "收回什么"), default=None)

    def __post_init__(self) -> None:
        said = [one for one in (self.promise, self.issue, self.revoke) if one is not None]
        if len(said) != 1:
            raise ValueError(
                Sentence(
                    "say one of `promise: …`, `issue: …` and `revoke: …`",
                    "请写 `promise: …`、`issue: …`、`revoke: …` 其中之一",
                )
            )
        if (self.promise is None) != (self.expires is None):
            raise ValueError(
                Sentence(
                    "`expires: 30d` goes with `promise`, and only with it: how long an issued one"
                    " can be taken up is said by its terms",
                    "`expires: 30d` 要和 `promise` 一起写，且只能和它一起："
                    "已发放的权益有效多久由其条款决定",
                )
            )
        if (self.issue is None) != (self.otherwise is None):
            raise ValueError(
                Sentence(
                    "`otherwise` goes with `issue`, and only with it: everything may be gone",
                    "`otherwise` 要和 `issue` 一起写，且只能和它一起：权益可能已发完",
                )
            )

    @property
    def ways(self) -> tuple[Way, ...]:
        """Where those go who get nothing; all others go on."""
        if self.otherwise is None:
            return ()
        return (Way(self.otherwise, "otherwise"), Way(None, "else"))

    def step(self, here: Here) -> Act:
        visit, order = here.visit, here.order
        if visit.held_out:  # nothing is said to them, so nothing is owed
            return Go("held_out")
        key = f"visit:{visit.id}/{visit.node}/{visit.round}"
        if self.promise is not None and self.expires is not None:
            ends = here.now + self.expires
            made = Promised(key, self.promise, order.shop, order.order_no, ends)
            return Go("promised", effects=(made,))
        if self.revoke is not None:
            return Go("revoked", effects=(Revoked(self.revoke),))
        return self._issue(here, key)

    def _issue(self, here: Here, key: str) -> Act:
        """Asked for first; then it is known whether there was one."""
        visit, order = here.visit, here.order
        became = visit.vars.get(name := f"{visit.node}/{visit.round}")
        if became is None and self.issue is not None:
            one = Issued(key, self.issue, order.shop, order.order_no, name)
            return Stay(here.now, effects=(one,))
        return Go("issued") if became == ISSUED else Go(str(became), self.otherwise)


ISSUED = "issued"
