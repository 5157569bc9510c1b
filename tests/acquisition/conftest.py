"""A house (the real rooms on PostgreSQL) and the same on paper (only the pure deciders)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from siyu.acquisition import decide
from siyu.acquisition import project as acquisition_project
from siyu.acquisition.actions import install as install_sources
from siyu.acquisition.model import (
    ChannelCode,
    Decision,
    Facts,
    OpenPromise,
    OrderSeen,
    Parcel,
    Source,
)
from siyu.acquisition.sweep import Froze, freeze
from siyu.budget import project as budget_project
from siyu.commerce import project as commerce_project
from siyu.commerce.actions import seed_shop
from siyu.commerce.model import Shop
from siyu.customers import project as customers_project
from siyu.db.pool import Pool
from siyu.events.actions import accept
from siyu.events.model import Incoming
from siyu.events.sweep import apply
from siyu.identities import project as identities_project
from siyu.kernel.ids import PublicIds, share
from siyu.ledger import project as ledger_project
from siyu.ledger.actions import Price, set_prices
from siyu.offers import project as offers_project
from siyu.offers.actions import install as install_offers
from siyu.offers.actions import lapse, promise, stock
from siyu.offers.decide import after, allocate
from siyu.offers.model import GRACE_DAYS, Ask, NewPromise, Offer
from siyu.vault.model import Keys

START = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
LASTS = 10  # days that a promise is open
HELD = 0.15


class House:
    """One brand. Everything in it bears `name`, so several houses fit into one database."""

    keys = Keys(b"m" * 32, b"l" * 32)
    ids = PublicIds(b"a key for tests")

    def __init__(self, db: Pool, name: str = "h", *, holdout: float = 0.0) -> None:
        self.db, self.name, self.now = db, name, START
        self.shop, self.bare = f"{name}-shop", f"{name}-bare"  # the bare one allows no inserts
        self.offers = [
            Offer("treat", {"zh": "礼", "en": "treat"}, 1500, "TREAT", "spare"),
            Offer("thanks", {"zh": "谢", "en": "thanks"}, 900, "THANKS"),
            Offer("spare", {"zh": "备", "en": "spare"}, 900, "SPARE"),
        ]
        self.offers = [
            Offer(
                f"{name}-{o.code}",
                o.title,
                o.value_minor,
                f"{name}-{o.sku}",
                f"{name}-{o.substitute}" if o.substitute else None,
            )
            for o in self.offers
        ]
        self.source = Source(
            code=f"{name}-source",
            title={"zh": "新订单", "en": "new orders"},
            admission={"everybody": True},
            shops=(self.shop, self.bare),
            journey=f"{name}-journey",
            holdout=holdout,
            gift=f"{name}-thanks",
            card=f"{name}-card",
        )
        self.codes = [
            ChannelCode(self.source.code, step, "guide-1") for step in ("sms", "call", "card")
        ]
        self._told = 0
        self.projections = [
            identities_project.PROJECTION,
            customers_project.PROJECTION,
            commerce_project.PROJECTION,
            ledger_project.PROJECTION,
            offers_project.projection(self.ids),
            budget_project.PROJECTION,
            acquisition_project.PROJECTION,
        ]
        with db.transaction() as conn:
            shops = [Shop(self.shop, "店", "tmall"), Shop(self.bare, "店", "tmall", inserts=False)]
            seed_shop(conn, shops)
            kinds = ("gift", "card", "shipping_extra")
            set_prices(conn, [Price(kind, 100, "CNY") for kind in kinds])
            install_offers(conn, self.offers, name)
            install_sources(conn, [self.source], self.codes, name)

    def event(self, kind: str, keys: dict[str, str], **data: Any) -> Incoming:
        """An event that happens now, a second after the one before."""
        self._told += 1
        at = self.now + timedelta(seconds=self._told)
        return Incoming(
            source=self.name,
            id=f"e{self._told:06}",
            kind=kind,
            occurred_at=at.isoformat(),
            keys=keys,
            data=msgspec.Raw(json.dumps(data).encode()),
        )

    def deliver(self, events: Sequence[Incoming]) -> None:
        """Accepted and applied, none of them parked."""
        with self.db.transaction() as conn:
            answers = accept(conn, self.keys, "CN", events, self.now)
        assert {answer.status for answer in answers} <= {"accepted"}, answers
        done = apply(self.db, self.projections, self.now)
        if done.parked:
            raise AssertionError(self.rows("select error from event_pending"))

    def tell(self, kind: str, keys: dict[str, str], **data: Any) -> None:
        self.deliver([self.event(kind, keys, **data)])

    def paid(
        self, order_no: str, phone: str | None = None, shop: str = "", **more: Any
    ) -> Incoming:
        return self.event(
            "order.paid",
            {"phone": phone} if phone else {},
            shop=shop or self.shop,
            order_no=order_no,
            currency="CNY",
            total_minor=9900,
            **more,
        )

    def planned(
        self,
        parcel_no: str,
        orders: Sequence[str],
        main: str | None,
        cutoff: datetime,
        shop: str = "",
    ) -> Incoming:
        return self.event(
            "parcel.planned",
            {},
            parcel_no=parcel_no,
            shop=shop or self.shop,
            orders=list(orders),
            main_order=main,
            cutoff_at=cutoff.isoformat(),
        )

    def packed(self, parcel_no: str, gift: str = "", card: str = "") -> Incoming:
        return self.event("parcel.packed", {}, parcel_no=parcel_no, gift=gift, card=card)

    def added(self, account: str, **keys: str) -> Incoming:
        return self.event("friend.added", {"external_userid": account, **keys}, staff="guide-1")

    def cancelled(self, order_no: str, shop: str = "") -> Incoming:
        return self.event("order.cancelled", {}, shop=shop or self.shop, order_no=order_no)

    def promise(
        self, order_no: str, offer: str = "treat", shop: str = "", days: int = LASTS
    ) -> int:
        shop = shop or self.shop
        with self.db.transaction() as conn:
            ((customer_id, identity_id),) = conn.fetch(
                "select customer_id, identity_id from orders"
                " where shop = %(s)s and order_no = %(o)s",
                {"s": shop, "o": order_no},
            )
            made = NewPromise(
                f"{shop}/{order_no}",
                f"{self.name}-{offer}",
                customer_id,
                identity_id,
                shop,
                order_no,
                None,
                self.now + timedelta(days=days),
            )
            return promise(conn, [made], self.now)[made.key]

    def stock(self, **on_hand: int) -> None:
        with self.db.transaction() as conn:
            for sku, many in on_hand.items():
                stock(conn, f"{self.name}-{sku}", many)

    def freeze(self, limit: int = 1000) -> Froze:
        with self.db.transaction() as conn:
            return freeze(conn, self.keys, self.ids, self.now, limit=limit)

    def lapse(self) -> int:
        with self.db.transaction() as conn:
            return lapse(conn, self.now)

    def rows(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        with self.db.transaction() as conn:
            return conn.fetch(sql, params)

    def decision(self, parcel_no: str) -> tuple[Any, ...]:
        """(content, reason, sku, card)."""
        (row,) = self.rows(
            "select content, reason, sku, card from parcel_decision"
            " join parcel p on p.id = parcel_id where parcel_no = %(no)s",
            no=parcel_no,
        )
        return row

    def states(self) -> dict[str, str]:
        """Order number → state of its promise."""
        return dict(
            self.rows(
                "select order_no, state from promise where shop in (%(a)s, %(b)s)"
                " and key not like 'parcel:%%'",
                a=self.shop,
                b=self.bare,
            )
        )


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


@pytest.fixture
def a_house(db: Pool) -> Callable[..., House]:
    """`a_house("x", holdout=0.1)`: a brand of that name in the test's database."""
    return lambda *words, **more: House(db, *words, **more)


@pytest.fixture
def house(db: Pool) -> House:
    """One brand with a shop, a source and three offers; nothing on the shelf."""
    return House(db)


@pytest.fixture
def on_paper() -> Callable[[House | None], Paper]:
    """The same brand on paper; without a house, one of its own."""

    def make(of: House | None = None) -> Paper:
        if of is not None:
            return Paper(of.name, 0, {o.code: o for o in of.offers}, of.source, of.shop, of.bare)
        offers = [
            Offer("p-treat", {}, 1500, "p-TREAT", "p-spare"),
            Offer("p-thanks", {}, 900, "p-THANKS"),
            Offer("p-spare", {}, 900, "p-SPARE"),
        ]
        source = Source(
            "p-source",
            {},
            {"everybody": True},
            journey="p-journey",
            holdout=HELD,
            gift="p-thanks",
            card="p-card",
        )
        return Paper("p", 0, {o.code: o for o in offers}, source, "p-shop", "p-bare")

    return make
