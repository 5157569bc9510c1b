"""What becomes of a promise, who gets which gift while there is one, and what is drawn: pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from itertools import accumulate
from typing import TypeVar

from siyu.kernel.ids import share
from siyu.offers.model import (
    Allotment,
    Ask,
    Draw,
    Drawn,
    Happening,
    Offer,
    Refusal,
    State,
    Terms,
    Wanted,
)

T = TypeVar("T")
Pots = MutableMapping[tuple[str, str], Allotment]  # by offer and part

# A happening that is not listed for a state changes nothing: facts may come late, doubled or in any
# order. What really left the house (packed, redeemed) wins over what was said about it before.
_NEXT: Mapping[Happening, Mapping[State, State]] = {
    "reserve": {"promised": "reserved", "claimable": "reserved"},
    "pack": {"reserved": "fulfilled", "revoked": "fulfilled"},
    "unpacked": {"reserved": "claimable"},
    "owe": {"promised": "claimable"},
    "commit": {"held": "committed"},
    "revoke": {
        "promised": "revoked",
        "reserved": "revoked",
        "claimable": "revoked",
        "held": "revoked",
        "committed": "revoked",
    },
    "redeem": {
        "promised": "fulfilled",
        "claimable": "fulfilled",
        "held": "fulfilled",
        "committed": "fulfilled",
        "revoked": "fulfilled",
        "lapsed": "fulfilled",
    },
    "release": {"held": "lapsed", "committed": "lapsed"},
    "lapse": {
        "promised": "lapsed",
        "claimable": "lapsed",
        "held": "lapsed",
        "committed": "lapsed",
    },
}


def after(state: State, happening: Happening) -> State:
    """The state of a promise after this happened to it.

    >>> after("promised", "reserve"), after("fulfilled", "revoke"), after("reserved", "unpacked")
    ('reserved', 'fulfilled', 'claimable')
    """
    return _NEXT[happening].get(state, state)


def from_states(happening: Happening) -> list[State]:
    """The states in which this happening changes something: what the statements select by."""
    return sorted(_NEXT[happening])


def chain(offer: str, offers: Mapping[str, Offer]) -> list[Offer]:
    """An offer and its substitutes, in order; a ring of substitutes ends where it began."""
    found: list[Offer] = []
    code: str | None = offer
    while code is not None and (here := offers.get(code)) is not None and here not in found:
        found.append(here)
        code = here.substitute
    return found


def allocate(
    asks: Sequence[Ask], offers: Mapping[str, Offer], free: Mapping[str, int]
) -> dict[int, str | None]:
    """A sku for each parcel that asks, in the order of asking; None when everything is out.

    A sku that nobody counts (no stock row) can't be given away.
    """
    left = dict(free)
    given: dict[int, str | None] = {}
    for ask in asks:
        skus = (offer.sku for offer in chain(ask.offer, offers))
        sku = next((sku for sku in skus if left.get(sku, 0) > 0), None)
        if sku is not None:
            left[sku] -= 1
        given[ask.parcel_id] = sku
    return given


def amount(draw: Draw, at: float) -> int:
    """What a red packet holds at this place between 0 and 1 of its distribution.

    Without a list of amounts: least + (most - least) * at ** k, with k such that the mean is right.

    >>> draw = Draw(least_minor=100, most_minor=9900, mean_minor=500)
    >>> [amount(draw, at) for at in (0.0, 0.5, 0.9, 0.99)]
    [100, 100, 924, 7838]
    """
    if draw.amounts:
        return by_odds(draw.amounts, [one.odds for one in draw.amounts], at).minor
    span = draw.most_minor - draw.least_minor
    power = span / (draw.mean_minor - draw.least_minor) - 1
    return draw.least_minor + round(span * at**power)


def by_odds(of: Sequence[T], odds: Sequence[int], at: float) -> T:
    """The one of these that stands at this place between 0 and 1, each as wide as its odds."""
    bounds = list(accumulate(odds))
    place = at * bounds[-1]
    return next((one for one, bound in zip(of, bounds, strict=True) if place < bound), of[-1])


def spent(offer: Offer, pots: Mapping[tuple[str, str], Allotment]) -> Refusal | None:
    """Why nobody at all can get this offer now; None: somebody can."""
    whole = pots.get((offer.code, ""))
    if whole is None or whole.left == 0:
        return "out"
    draw = offer.terms.draw
    if draw is not None and whole.money_left is not None and whole.money_left < draw.least:
        return "budget"
    if parts := offer_parts(offer.code, pots):
        return None if any(one.left for one in parts) else "out"
    return None


def offer_parts(code: str, pots: Mapping[tuple[str, str], Allotment]) -> list[Allotment]:
    """The parts of an offer, in the order of their names."""
    return [pots[key] for key in sorted(pots) if key[0] == code and key[1]]


def hand_out(
    asks: Sequence[Wanted],
    offers: Mapping[str, Offer],
    pots: Mapping[tuple[str, str], Allotment],
    had: Mapping[tuple[str, int], int],
) -> list[Drawn | Refusal]:
    """What each gets, in the order of asking, or why not. `had`: pieces by offer and customer."""
    left, theirs = dict(pots), dict(had)
    answers: list[Drawn | Refusal] = []
    for ask in asks:
        offer, mine = offers[ask.offer], (ask.offer, ask.customer_id)
        if theirs.get(mine, 0) >= offer.terms.per_customer:
            answers.append("limit")
            continue
        found = spent(offer, left) or _DRAWS.get(offer.kind, _plain)(ask, offer, left)
        if isinstance(found, Drawn):
            theirs[mine] = theirs.get(mine, 0) + 1
            for part in {"", found.part}:
                pot = left[ask.offer, part]
                money = pot.spent_minor + ((found.amount_minor or 0) if not part else 0)
                left[ask.offer, part] = pot._replace(taken=pot.taken + 1, spent_minor=money)
        answers.append(found)
    return answers


def _plain(ask: Wanted, offer: Offer, pots: Pots) -> Drawn | Refusal:
    """A piece of the whole; where the pieces are the stores', one of this store."""
    if not offer.terms.slots and not offer_parts(offer.code, pots):
        return Drawn(sku=offer.sku or None)
    pot = pots.get((offer.code, ask.store))
    if not ask.store or pot is None:
        return "no_part"
    return Drawn(ask.store, offer.sku or None) if pot.left else "out"


def _prize(ask: Wanted, offer: Offer, pots: Pots) -> Drawn | Refusal:
    """One of the prizes that are left, by their odds: never a blank."""
    odds = {one.sku: one.odds for one in offer.terms.prizes}
    parts = [one.part for one in offer_parts(offer.code, pots) if one.left and one.part in odds]
    if not parts:
        return "out"
    sku = by_odds(parts, [odds[part] for part in parts], _place(offer.terms, ask))
    return Drawn(sku, sku)


def _packet(ask: Wanted, offer: Offer, pots: Pots) -> Drawn | Refusal:
    """An amount; the least one when the rest of the budget is less than what was drawn."""
    draw = offer.terms.draw
    if draw is None:
        return "out"
    drawn, money = amount(draw, _place(offer.terms, ask)), pots[offer.code, ""].money_left
    fits = money is None or drawn <= money
    return Drawn(amount_minor=drawn if fits else draw.least)


def _place(terms: Terms, ask: Wanted) -> float:
    return share("draw", ask.offer, terms.seed, ask.key)


_DRAWS: Mapping[str, Callable[[Wanted, Offer, Pots], Drawn | Refusal]] = {
    "blind_box": _prize,
    "red_packet": _packet,
}
