"""Gift or card: what each parcel carries, as a pure function of facts.

The rules are the policy: the first that speaks wins. Behind them stands one sentence: every parcel
in scope carries exactly one of {gift, card}; every other one has its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from siyu.acquisition.model import (
    Decision,
    Difference,
    Facts,
    KnownParcel,
    OpenPromise,
    OrderSeen,
    PackedParcel,
    Parcel,
    Source,
    carried,
    mismatch,
)

Rule = Callable[[Facts], bool]

_OUT_OF_SCOPE: tuple[tuple[str, Rule], ...] = (
    ("split_child", lambda facts: facts.parcel.main_order_no is None),
    ("packed_undecided", lambda facts: facts.parcel.packed),
    ("unknown_order", lambda facts: not facts.parcel.orders),
    ("guest", lambda facts: customer_of(facts.parcel) is None),
    ("holdout", lambda facts: facts.held),
    ("no_inserts", lambda facts: not facts.parcel.inserts),
    ("order_gone", lambda facts: all(order.gone for order in facts.parcel.orders)),
    ("no_source", lambda facts: facts.source is None),
    ("not_admitted", lambda facts: not facts.admitted),
    ("opted_out", lambda facts: facts.opted_out),
)


def stands_for(parcel: Parcel) -> OrderSeen | None:
    """The order whose buyer decides: the main one, unless only another is alive and known."""
    main_first = sorted(
        parcel.orders, key=lambda order: (order.order_no != parcel.main_order_no, order.order_no)
    )
    alive = [order for order in main_first if not order.gone]
    known = [order for order in alive if order.customer_id is not None]
    return next(iter([*known, *alive, *main_first]), None)


def customer_of(parcel: Parcel) -> int | None:
    """Whose parcel it is; None: a guest's, or of orders never heard of."""
    order = stands_for(parcel)
    return order.customer_id if order is not None else None


def choose_source(
    shop: str, customer_id: int, sources: Iterable[Source], admitted: Mapping[str, AbstractSet[int]]
) -> tuple[Source | None, bool]:
    """The source of a parcel and whether it admits the buyer.

    One that admits goes before one that doesn't, one that says what parcels carry before one that
    only invites (old orders), one that names the shop before one for all shops.
    """
    covering = sorted(
        (source for source in sources if source.covers(shop)),
        key=lambda source: (
            customer_id not in admitted.get(source.code, ()),
            source.gift is None and source.card is None,
            not source.shops,
            source.code,
        ),
    )
    if not covering:
        return None, False
    return covering[0], customer_id in admitted.get(covering[0].code, ())


def refusal(facts: Facts) -> str | None:
    """Why the parcel is out of scope; None: it is in scope so far."""
    return next((reason for reason, speaks in _OUT_OF_SCOPE if speaks(facts)), None)


def content(facts: Facts) -> Decision:
    """What the parcel carries while gifts last."""
    parcel_id = facts.parcel.id
    if (reason := refusal(facts)) is not None or facts.source is None:
        return Decision(parcel_id, "none", reason or "no_source")
    if not facts.friend:
        return _card(facts, "not_friend")
    if (kept := facts.promise) is not None:
        own = any(kept.order_no == order.order_no for order in facts.parcel.orders)
        reason = "promised" if own and kept.shop == facts.parcel.shop else "owed"
        return Decision(parcel_id, "gift", reason, kept.offer, kept.id)
    if facts.source.gift is not None:
        return Decision(parcel_id, "gift", "friend", facts.source.gift)
    return Decision(parcel_id, "none", "friend_already")


def stocked(decision: Decision, facts: Facts, sku: str | None) -> Decision:
    """A gift decision once the shelf was asked: with its sku, or a card where everything is out."""
    return decision._replace(sku=sku) if sku is not None else _card(facts, "out_of_stock")


def _card(facts: Facts, reason: str) -> Decision:
    card = facts.source.card if facts.source is not None else None
    if card is None:
        return Decision(facts.parcel.id, "none", "no_card")
    return Decision(facts.parcel.id, "card", reason, card=card)


def share_out(parcels: Sequence[Facts], promises: Sequence[OpenPromise]) -> dict[int, OpenPromise]:
    """Which promise each parcel keeps: every promise at most once, whatever freezes together.

    First each parcel takes what was promised for its own orders. What then is left over, or was
    owed before, goes to the customer's further parcels, eldest promise first. A promise for an
    order whose parcel is yet to come waits for that parcel.
    """
    takers = [facts for facts in parcels if refusal(facts) is None and facts.friend]
    frozen_now = {key for facts in parcels for key in main_orders(facts.parcel)}
    left: dict[int, list[OpenPromise]] = {}
    for made in promises:
        left.setdefault(made.customer_id, []).append(made)
    given: dict[int, OpenPromise] = {}
    for facts in takers:
        own = set(main_orders(facts.parcel))
        _take(given, left, facts, lambda made, own=own: (made.shop, made.order_no) in own)
    for facts in takers:
        if facts.parcel.id not in given:
            _take(
                given,
                left,
                facts,
                lambda made: (
                    made.claimable or made.late or (made.shop, made.order_no) in frozen_now
                ),
            )
    return given


def _take(
    given: dict[int, OpenPromise],
    left: Mapping[int, list[OpenPromise]],
    facts: Facts,
    fits: Callable[[OpenPromise], bool],
) -> None:
    mine = left.get(customer_of(facts.parcel) or 0, [])
    found = next((made for made in mine if fits(made)), None)
    if found is not None:
        mine.remove(found)
        given[facts.parcel.id] = found


def difference(parcel: PackedParcel) -> Difference | None:
    """What is to be told of a packed parcel; None: nothing new."""
    packed = carried(parcel.gift, parcel.card)
    how = mismatch(parcel.content, packed, other_item=parcel.other_item) or "as_decided"
    return how if how != (parcel.how or "as_decided") else None


def owed(
    parcels: Sequence[Facts],
    decisions: Sequence[Decision],
    promises: Sequence[OpenPromise],
    friends: AbstractSet[int],
) -> list[tuple[int, str]]:
    """Promises to friends whose parcel goes without them, with the reason: owed from now on."""
    kept = {decision.promise_id for decision in decisions if decision.content == "gift"}
    why = {
        key: decision.reason
        for facts, decision in zip(parcels, decisions, strict=True)
        for key in main_orders(facts.parcel)
    }
    return [
        (made.id, why[made.shop, made.order_no])
        for made in promises
        if made.id not in kept
        and not made.claimable
        and made.customer_id in friends
        and (made.shop, made.order_no) in why
    ]


def inserted(
    items: Iterable[str], codes: Mapping[str, tuple[str, str]], parcel: KnownParcel | None
) -> tuple[str, str]:
    """The gift and the card of ours among the things that a warehouse put in, by our own codes; of
    several the one that was decided."""
    ours = [codes[item] for item in items if item in codes]
    found = {kind: {code for k, code in ours if k == kind} for kind in ("gift", "card")}
    decided = {"gift": parcel.sku, "card": parcel.card} if parcel is not None else {}
    gift, card = (
        decided[kind] if decided.get(kind) in there else min(there, default="")
        for kind, there in found.items()
    )
    return gift, card


def main_orders(parcel: Parcel) -> list[tuple[str, str]]:
    """The orders that the parcel settles; a further child of a split order settles none."""
    if parcel.main_order_no is None:
        return []
    return [(parcel.shop, order.order_no) for order in parcel.orders]


def gone_orders(parcels: Iterable[Facts]) -> list[tuple[str, str]]:
    """The orders taken back: nothing is promised for them any more."""
    found = {
        (facts.parcel.shop, order.order_no)
        for facts in parcels
        for order in facts.parcel.orders
        if order.gone
    }
    return sorted(found)
