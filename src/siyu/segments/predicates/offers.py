"""What the customer was promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from siyu.segments.model import Expression, Family, Predicate, Rows, Scope, Words
from siyu.segments.predicates import windows
from siyu.segments.predicates.facts import table

PromiseState: TypeAlias = Literal[
    "promised", "reserved", "held", "committed", "fulfilled", "claimable", "revoked", "lapsed"
]
OfferKind: TypeAlias = Literal[
    "gift", "sample", "coupon", "red_packet", "blind_box", "presale", "exchange"
]


@dataclass(frozen=True)
class Promised(Predicate):
    """Was promised an offer or reserved it, any or the one of `offer` or of a `kind`, in whatever
    state or in one of `state`.

    `within: 30d` and `older_than: 30d` are about the time of the promise.
    """

    key = "offer"
    title = Words("权益", "Offer")
    short = "offer"

    offer: str | None = None
    kind: tuple[OfferKind, ...] | None = None
    state: tuple[PromiseState, ...] | None = None
    within: timedelta | None = None
    older_than: timedelta | None = None

    def __post_init__(self) -> None:
        windows.check(self.within, self.older_than)

    def holds(self, scope: Scope) -> Expression:
        rows = self._rows(scope)
        return scope.exists(
            rows.only(*windows.inside(scope, rows.at, self.within, self.older_than))
        )

    def flips(self, scope: Scope) -> Expression | None:
        moves = windows.moves(scope, self._rows(scope), self.within, self.older_than)
        return windows.soonest(*moves)

    def _rows(self, scope: Scope) -> Rows:
        promise = table("promise")
        such: list[Expression] = []
        if self.offer is not None:
            such.append(promise.offer == scope.text(self.offer))
        if self.kind is not None:
            such.append(promise.kind.isin([scope.text(one) for one in self.kind]))
        if self.state is not None:
            such.append(promise.state.isin([scope.text(one) for one in self.state]))
        return Rows(promise, tuple(such), promise.promised_at)


FAMILY = Family("offers", Words("权益", "Offers"), (Promised,))
