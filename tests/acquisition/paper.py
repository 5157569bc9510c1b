"""The rooms on paper: what offers and acquisition do, by their pure deciders alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from siyu.acquisition import decide
from siyu.acquisition.model import Decision, Facts, OpenPromise, OrderSeen, Parcel, Source
from siyu.kernel.ids import share
from siyu.offers.decide import after, allocate
from siyu.offers.model import GRACE_DAYS, Ask, Offer

LASTS = 10  # days that a promise is open


@dataclass
class Made:
    """A promise on paper."""

    id: int
    offer: str
    customer: int
    shop: str
    order_no: str
    made: int
    expires: int
    state: str = "promised"
    reason: str = ""
    sku: str | None = None
    parcel: str | None = None
    to_parcel: bool = False  # a friend's gift: promised to nobody before


@dataclass
class Paper:
    """What the rooms do, by their pure deciders alone; time counts in days."""

    name: str = "p"
    now: int = 0
    offers: dict[str, Offer] = field(default_factory=dict[str, Offer])
    source: Source | None = None
    shop: str = ""
    bare: str = ""
    shelf: dict[str, list[int]] = field(default_factory=dict[str, list[int]])  # on hand, reserved
    orders: dict[tuple[str, str], int | None] = field(
        default_factory=dict[tuple[str, str], "int | None"]
    )
    gone: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    talks: dict[int, list[tuple[int, bool]]] = field(
        default_factory=dict[int, list[tuple[int, bool]]]
    )
    linked: set[int] = field(default_factory=set[int])
    held: dict[int, bool] = field(default_factory=dict[int, bool])
    promises: list[Made] = field(default_factory=list[Made])
    plans: dict[str, tuple[str, tuple[str, ...], str | None, int]] = field(
        default_factory=dict[str, tuple[str, tuple[str, ...], "str | None", int]]
    )
    packed: set[str] = field(default_factory=set[str])
    decisions: dict[str, Decision] = field(default_factory=dict[str, Decision])
    seen: dict[str, Facts] = field(default_factory=dict[str, Facts])
    free_before: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])

    def friend(self, customer: int) -> bool:
        said = self.talks.get(customer, [])
        return customer in self.linked and bool(said) and max(said)[1]

    # ── events ──────────────────────────────────────────────────────────────────────────────────

    def pay(self, shop: str, order_no: str, customer: int | None) -> None:
        self.orders[shop, order_no] = customer
        self._revoke()

    def cancel(self, shop: str, order_no: str) -> None:
        self.gone.add((shop, order_no))
        self._revoke()

    def _revoke(self) -> None:
        for made in self.promises:
            key = (made.shop, made.order_no)
            if key in self.gone and key in self.orders:
                self._move(made, "revoke", "order_gone")

    def add(self, customer: int, at: int, *, known: bool) -> None:
        self.talks.setdefault(customer, []).append((at, True))
        if known:
            self.linked.add(customer)
        if customer in self.linked:
            self._owe_late(customer)

    def delete(self, customer: int, at: int) -> None:
        self.talks.setdefault(customer, []).append((at, False))

    def identify(self, customer: int) -> None:
        self.linked.add(customer)
        if self.friend(customer):
            self._owe_late(customer)

    def plan(
        self, parcel: str, shop: str, orders: tuple[str, ...], main: str | None, cutoff: int
    ) -> None:
        self.plans[parcel] = (shop, orders, main, cutoff)

    def pack(self, parcel: str, gift: str) -> None:
        self.packed.add(parcel)
        held = next(
            (m for m in self.promises if m.parcel == parcel and m.state in ("reserved", "revoked")),
            None,
        )
        back = held.sku if held is not None and held.state == "reserved" else None
        for sku in {back, gift} & self.shelf.keys():
            on_hand, reserved = self.shelf[sku]
            reserved -= sku == back
            self.shelf[sku] = [max(on_hand - (sku == gift), reserved), reserved]
        if held is not None and gift:
            self._move(held, "pack", "packed", shelf=False)
            held.sku = gift
        elif held is not None:
            moved = self._move(held, "unpacked", "not_packed", shelf=False)
            held.sku = held.parcel = None
            held.expires = max(held.expires, self.now + GRACE_DAYS)
            assert moved or held.state == "revoked"

    # ── the rooms' own doing ────────────────────────────────────────────────────────────────────

    def promise(self, shop: str, order_no: str, offer: str) -> None:
        customer = self.orders[shop, order_no]
        assert customer is not None
        state = "revoked" if (shop, order_no) in self.gone else "promised"
        self.promises.append(
            Made(
                len(self.promises),
                offer,
                customer,
                shop,
                order_no,
                self.now,
                self.now + LASTS,
                state,
                "order_gone" if state == "revoked" else "",
            )
        )

    def lapse(self) -> None:
        for made in self.promises:
            if made.expires <= self.now:
                self._move(made, "lapse", "expired")

    def freeze(self) -> list[str]:
        assert self.source is not None
        due = sorted(
            (cutoff, number, parcel)
            for number, (parcel, (*_, cutoff)) in enumerate(self.plans.items())
            if cutoff <= self.now and parcel not in self.decisions
        )
        names = [parcel for *_, parcel in due]
        facts = [self._facts(number, parcel) for _, number, parcel in due]
        for one in facts:
            customer = decide.customer_of(one.parcel)
            if decide.refusal(one) is None and customer is not None:
                order = decide.stands_for(one.parcel)
                assert order is not None
                words = ("holdout", self.source.journey, f"{one.parcel.shop}/{order.order_no}")
                self.held.setdefault(customer, share(*words) < self.source.holdout)
        facts = [
            one._replace(held=self.held.get(decide.customer_of(one.parcel) or 0, False))
            for one in facts
        ]
        for shop, order_no in decide.gone_orders(facts):
            for made in self.promises:
                if (made.shop, made.order_no) == (shop, order_no):
                    self._move(made, "revoke", "order_gone")
        customers = {o.customer_id for one in facts for o in one.parcel.orders}
        promises = [
            OpenPromise(
                made.id,
                made.offer,
                made.customer,
                made.shop,
                made.order_no,
                made.state == "claimable",
                self._late(made),
            )
            for made in self.promises
            if made.state in ("promised", "claimable")
            and made.expires > self.now
            and made.customer in customers
        ]
        given = decide.share_out(facts, promises)
        facts = [one._replace(promise=given.get(one.parcel.id)) for one in facts]
        decisions = self._stocked(facts, [decide.content(one) for one in facts], names)
        self.decisions |= dict(zip(names, decisions, strict=True))
        self.seen |= dict(zip(names, facts, strict=True))
        friends = {c for c in customers if c is not None and self.friend(c)}
        for number, reason in decide.owed(facts, decisions, promises, friends):
            self._owe(self.promises[number], reason)
        return names

    def _facts(self, number: int, parcel: str) -> Facts:
        assert self.source is not None
        shop, orders, main, _ = self.plans[parcel]
        known = tuple(
            OrderSeen(no, self.orders[shop, no], None, (shop, no) in self.gone)
            for no in sorted(orders)
            if (shop, no) in self.orders
        )
        found = Parcel(number + 1, shop, main, parcel in self.packed, shop != self.bare, known)
        customer = decide.customer_of(found)
        if customer is None:
            return Facts(found)
        return Facts(found, self.source, admitted=True, friend=self.friend(customer))

    def _stocked(
        self, facts: list[Facts], decisions: list[Decision], names: list[str]
    ) -> list[Decision]:
        free = {sku: on_hand - reserved for sku, (on_hand, reserved) in self.shelf.items()}
        asks: list[Ask] = []
        for one, decision in zip(facts, decisions, strict=True):
            order = decide.stands_for(one.parcel)
            if decision.offer is not None and order is not None:
                asks.append(
                    Ask(
                        one.parcel.id,
                        order.customer_id or 0,
                        None,
                        one.parcel.shop,
                        order.order_no,
                        decision.promise_id,
                        decision.offer,
                    )
                )
        given = allocate(asks, self.offers, free)
        name = {one.parcel.id: parcel for one, parcel in zip(facts, names, strict=True)}
        for ask in asks:
            self.free_before[name[ask.parcel_id]] = dict(free)
            sku = given[ask.parcel_id]
            if sku is None:
                continue
            free[sku] -= 1
            self.shelf[sku][1] += 1
            if ask.promise_id is None:
                self.promises.append(
                    Made(
                        len(self.promises),
                        ask.offer,
                        ask.customer_id,
                        ask.shop,
                        ask.order_no,
                        self.now,
                        self.now + GRACE_DAYS,
                        to_parcel=True,
                    )
                )
            made = self.promises[-1 if ask.promise_id is None else ask.promise_id]
            assert self._move(made, "reserve", "")
            made.sku, made.parcel = sku, name[ask.parcel_id]
        return [
            decide.stocked(decision, one, given.get(decision.parcel_id))
            if decision.content == "gift"
            else decision
            for one, decision in zip(facts, decisions, strict=True)
        ]

    def _late(self, made: Made) -> bool:
        return any(
            self.plans[parcel][0] == made.shop
            and made.order_no in self.plans[parcel][1]
            and self.plans[parcel][2] is not None
            for parcel in self.decisions
        )

    def _owe_late(self, customer: int) -> None:
        for made in self.promises:
            if made.customer == customer and self._late(made):
                self._owe(made, "late_add")

    def _owe(self, made: Made, reason: str) -> None:
        if self._move(made, "owe", reason):
            made.expires = max(made.expires, self.now + GRACE_DAYS)

    def _move(self, made: Made, what: Any, reason: str, *, shelf: bool = True) -> bool:
        before: Any = made.state
        made.state = after(before, what)
        if made.state != before:
            made.reason = reason
            if before == "reserved" and shelf and made.sku is not None:
                self.shelf[made.sku][1] -= 1
        return made.state != before
