"""A house: the real rooms on PostgreSQL. And the same on paper, by the pure deciders alone."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from siyu.acquisition import project as acquisition_project
from siyu.acquisition.actions import install as install_sources
from siyu.acquisition.model import (
    ChannelCode,
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
from siyu.kernel.ids import PublicIds
from siyu.ledger import project as ledger_project
from siyu.ledger.actions import Price, set_prices
from siyu.offers import project as offers_project
from siyu.offers.actions import install as install_offers
from siyu.offers.actions import lapse, promise, stock
from siyu.offers.model import NewPromise, Offer
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


@cache
def _paper() -> ModuleType:
    """`paper.py`, which tests can't import by name."""
    spec: Any = importlib.util.spec_from_file_location("paper", Path(__file__).parent / "paper.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def a_house(db: Pool) -> Callable[..., House]:
    """`a_house("x", holdout=0.1)`: a brand of that name in the test's database."""
    return lambda *words, **more: House(db, *words, **more)


@pytest.fixture
def house(db: Pool) -> House:
    """One brand with a shop, a source and three offers; nothing on the shelf."""
    return House(db)


@pytest.fixture
def on_paper() -> Callable[..., Any]:
    """The same brand on paper; without a house, one of its own."""

    def make(of: House | None = None) -> Any:
        paper = _paper().Paper
        if of is not None:
            return paper(of.name, 0, {o.code: o for o in of.offers}, of.source, of.shop, of.bare)
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
        return paper("p", 0, {o.code: o for o in offers}, source, "p-shop", "p-bare")

    return make
