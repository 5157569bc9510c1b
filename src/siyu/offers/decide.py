"""What becomes of a promise, and who gets which gift while there is one: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from siyu.offers.model import Ask, Happening, Offer, State

# A happening that is not listed for a state changes nothing: facts may come late, doubled or in any
# order. What really left the house (packed, redeemed) wins over what was said about it before.
_NEXT: Mapping[Happening, Mapping[State, State]] = {
    "reserve": {"promised": "reserved", "claimable": "reserved"},
    "pack": {"reserved": "fulfilled", "revoked": "fulfilled"},
    "unpacked": {"reserved": "claimable"},
    "owe": {"promised": "claimable"},
    "revoke": {"promised": "revoked", "reserved": "revoked", "claimable": "revoked"},
    "redeem": {
        "promised": "fulfilled",
        "claimable": "fulfilled",
        "revoked": "fulfilled",
        "lapsed": "fulfilled",
    },
    "lapse": {"promised": "lapsed", "claimable": "lapsed"},
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
