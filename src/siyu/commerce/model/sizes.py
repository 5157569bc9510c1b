"""Sizes of styles: what is left of them, and who is invited to what fits."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple


class Variant(NamedTuple):
    """Which size of which style a sku is. `discontinued` None: nobody says; `title` is what
    customers call the style."""

    sku: str
    style: str
    size: str
    title: str
    discontinued: bool | None
    told_at: datetime
    source: str
    source_id: str


class Heard(NamedTuple):
    """A count of a sku that a system told of."""

    place: str
    day: date
    sku: str
    pieces: int
    told_at: datetime
    source: str
    source_id: str


class Size(NamedTuple):
    """What a place has of a style in a size by its last count; `sizes_left` of the style there.
    `left_over`: the style is discontinued, or few of its sizes are left. `invited`: live
    invitations."""

    place: str
    style: str
    size: str
    title: str
    pieces: int
    discontinued: bool
    sizes_left: int
    left_over: bool
    invited: int


class SizeAsk(NamedTuple):
    """A visit would like its customer to be invited to a left-over size that fits."""

    key: str
    visit_id: int
    customer_id: int
    identity_id: int | None
    size_tag: str
    own_store: bool
    few: int
    factor: int
    lasts: timedelta
    draw_at: datetime
    gives_up_at: datetime


class SizeAnswer(NamedTuple):
    """How an ask stands. `waiting`: until `draw_at`, for `reason`."""

    state: Literal["waiting", "invited", "none"]
    reason: str
    draw_at: datetime


class Fits(NamedTuple):
    """A size that fits somebody: what lies where, and how many pieces."""

    place: str
    style: str
    size: str
    title: str
    pieces: int

    @property
    def shelf(self) -> tuple[str, str, str]:
        """Where its pieces are counted."""
        return self.place, self.style, self.size


class SizeWaiter(NamedTuple):
    """Somebody who is to be decided on: what they are worth, and what fits them."""

    key: str
    customer_id: int
    factor: int
    worth_minor: int
    fits: tuple[Fits, ...] = ()


class SizeDecision(NamedTuple):
    """What became of a waiter; `rank`: by worth, among those decided together."""

    key: str
    state: Literal["waiting", "invited", "none"]
    reason: str
    rank: int
    fits: Fits = Fits("", "", "", "", 0)


class SizeInvitation(NamedTuple):
    """An invitation, or who waits for one and why."""

    key: str
    visit_id: int
    customer_id: int
    state: str
    reason: str
    place: str
    style: str
    size: str
    title: str
    rank: int
    draw_at: datetime
    changed_at: datetime
    until: datetime | None
