"""Freeze gift or card for every parcel whose cut-off has come: lock → facts → decide → write.

It happens at the planned time even if no event comes, and once: a frozen decision never changes.
The number of statements does not depend on how many parcels freeze.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from siyu.acquisition import actions, decide, views
from siyu.acquisition.model import (
    CARD_STEP,
    Decision,
    Facts,
    Issue,
    OpenPromise,
    OrderSeen,
    Parcel,
)
from siyu.budget import actions as budget
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, load
from siyu.ledger import views as ledger
from siyu.ledger.actions import caps
from siyu.ledger.model import Expected, Price, price_of
from siyu.offers import actions as offers
from siyu.offers import views as given
from siyu.offers.actions import paid
from siyu.offers.model import Ask, Offer
from siyu.staff.views import brand_zone
from siyu.vault.model import Keys

SQL = load("siyu.acquisition")


class Froze(NamedTuple):
    """What one sweep did: how many parcels, and for what reasons."""

    claimed: int
    contents: dict[str, int]
    reasons: dict[str, int]


def freeze(conn: Conn, keys: Keys, ids: PublicIds, now: datetime, *, limit: int = 1000) -> Froze:
    """Decide the parcels that are due."""
    if not conn.fetch(SQL.anything_due, {"now": now})[0][0]:
        return Froze(0, {}, {})
    offers.lock(conn)
    of = _payers(conn, now)  # before promises and customers, as everybody who pays
    parcels = _parcels(conn, now, limit)
    buyers = _buyers(conn, parcels, now)
    facts = _held(conn, _facts(conn, parcels, buyers, now), now)
    offers.revoke(conn, decide.gone_orders(facts), "order_gone", now)
    promises = _promises(conn, facts, now)
    given = decide.share_out(facts, promises)
    facts = [one._replace(promise=given.get(one.parcel.id)) for one in facts]
    decisions = [decide.content(one) for one in facts]
    of = _reckoned(conn, of, decisions)
    decisions = _afforded(conn, of, facts, decisions, now)
    decisions = _stocked(conn, facts, decisions, now)
    _expect(conn, of, facts, decisions, now)
    states = _card_states(conn, keys, ids, facts, decisions, now)
    _write(conn, facts, decisions, states, now)
    friends = {customer_id for customer_id, (friend, _) in buyers.items() if friend}
    offers.owe(conn, decide.owed(facts, decisions, promises, friends), now)
    return Froze(
        len(parcels),
        dict(Counter(decision.content for decision in decisions)),
        dict(Counter(decision.reason for decision in decisions)),
    )


def _parcels(conn: Conn, now: datetime, limit: int) -> list[Parcel]:
    due = [row[0] for row in conn.fetch(SQL.due, {"now": now, "limit": limit})]
    rows = conn.fetch(SQL.parcels, {"ids": due})
    found: list[Parcel] = []
    for head, group in groupby(rows, key=itemgetter(0, 1, 2, 3, 4)):
        orders = tuple(OrderSeen(*row[5:]) for row in group if row[5] is not None)
        found.append(Parcel._make((*head, orders)))
    return found


def _buyers(conn: Conn, parcels: Sequence[Parcel], now: datetime) -> dict[int, tuple[bool, bool]]:
    """Each customer of these parcels: a friend? opted out?"""
    rows = conn.fetch(SQL.buyers, {"customers": sorted(_customers(parcels)), "now": now})
    return {customer_id: (friend, opted_out) for customer_id, friend, opted_out in rows}


def _facts(
    conn: Conn,
    parcels: Sequence[Parcel],
    buyers: Mapping[int, tuple[bool, bool]],
    now: datetime,
) -> list[Facts]:
    """Everything but the hold-out and the promise."""
    shops = {parcel.shop for parcel in parcels}
    known = [one for one in views.sources(conn).values() if any(map(one.covers, shops))]
    admits = {source.code: views.admitted(conn, source, buyers, now) for source in known}
    facts: list[Facts] = []
    for parcel in parcels:
        customer_id = decide.customer_of(parcel)
        if customer_id is None:
            facts.append(Facts(parcel))
            continue
        source, admitted = decide.choose_source(parcel.shop, customer_id, known, admits)
        friend, opted_out = buyers[customer_id]
        facts.append(Facts(parcel, source, admitted, False, opted_out, friend))
    return facts


def _held(conn: Conn, facts: Sequence[Facts], now: datetime) -> list[Facts]:
    """Who is held out; whoever is in scope and was never asked is assigned now, for good."""
    scopes = {one.source.journey: one.source for one in facts if one.source and one.source.journey}
    customers = sorted(_customers([one.parcel for one in facts]))
    rows = conn.fetch(SQL.held, {"scopes": sorted(scopes), "customers": customers})
    held = {(scope, customer_id): out for scope, customer_id, out in rows}
    for scope, source in sorted(scopes.items()):
        new = {
            order.customer_id: f"{one.parcel.shop}/{order.order_no}"
            for one in reversed(facts)
            if one.source is not None
            and one.source.journey == scope
            and decide.refusal(one) is None
            and (order := decide.stands_for(one.parcel)) is not None
            and order.customer_id is not None
            and (scope, order.customer_id) not in held
        }
        if new and source.holdout > 0:
            assigned = budget.assign_holdout(conn, scope, source.holdout, sorted(new.items()), now)
            held |= {(scope, customer_id): out for customer_id, out in assigned.items()}
    return [one._replace(held=_is_held(one, held)) for one in facts]


def _is_held(facts: Facts, held: dict[tuple[str, int], bool]) -> bool:
    customer_id = decide.customer_of(facts.parcel)
    if facts.source is None or customer_id is None:
        return False
    return held.get((facts.source.journey, customer_id), False)


def _promises(conn: Conn, facts: Sequence[Facts], now: datetime) -> list[OpenPromise]:
    made = offers.claim(conn, sorted(_customers([one.parcel for one in facts])), now)
    rows = conn.fetch(
        SQL.late_orders,
        {"shops": [one.shop for one in made], "orders": [one.order_no for one in made]},
    )
    late = {(shop, order_no) for shop, order_no in rows}
    return [
        OpenPromise(
            id=one.id,
            offer=one.offer,
            customer_id=one.customer_id,
            shop=one.shop,
            order_no=one.order_no,
            claimable=one.state == "claimable",
            late=(one.shop, one.order_no) in late,
        )
        for one in made
    ]


def _stocked(
    conn: Conn, facts: Sequence[Facts], decisions: Sequence[Decision], now: datetime
) -> list[Decision]:
    asks: list[Ask] = []
    for one, decision in zip(facts, decisions, strict=True):
        order = decide.stands_for(one.parcel)
        if decision.offer is None or order is None or order.customer_id is None:
            continue
        asks.append(
            Ask(
                parcel_id=one.parcel.id,
                customer_id=order.customer_id,
                identity_id=order.identity_id,
                shop=one.parcel.shop,
                order_no=order.order_no,
                promise_id=decision.promise_id,
                offer=decision.offer,
            )
        )
    given = offers.reserve(conn, asks, now)
    return [
        decide.stocked(decision, one, given.get(decision.parcel_id))
        if decision.content == "gift"
        else decision
        for one, decision in zip(facts, decisions, strict=True)
    ]


class _Payers(NamedTuple):
    """Source → the playbook with a budget that pays for its parcels; and by which prices."""

    playbooks: Mapping[str, str]
    prices: Sequence[Price] = ()
    offers: Mapping[str, Offer] = {}
    day: date = date.min
    reckoned: AbstractSet[int] = frozenset()  # promises

    def of(self, facts: Facts) -> str | None:
        return None if facts.source is None else self.playbooks.get(facts.source.code)

    def cost(self, decision: Decision) -> tuple[str, int]:
        """What a parcel carries that nobody has reckoned with yet: a card, a friend's gift, a gift
        of which no message that was promised it went out."""
        if decision.content == "card":
            return "card", price_of(self.prices, "card", decision.card or "", self.day)
        if decision.content != "gift" or decision.promise_id in self.reckoned:
            return "", 0
        offer = self.offers.get(decision.offer or "")
        sku = decision.sku or (offer.sku if offer else "")
        way = price_of(self.prices, "shipping_extra", "", self.day)
        return "gift", price_of(self.prices, "gift", sku, self.day) + way


def _payers(conn: Conn, now: datetime) -> _Payers:
    """Where one pays, all caps are locked until this commits."""
    found: dict[str, str] = dict(conn.fetch(SQL.payers))
    if not found:
        return _Payers(found)
    caps.lock(conn, now)
    day = now.astimezone(brand_zone(conn)).date()
    return _Payers(found, ledger.price_list(conn), given.offers(conn), day)


def _reckoned(conn: Conn, of: _Payers, decisions: Sequence[Decision]) -> _Payers:
    ids = {one.promise_id for one in decisions if one.promise_id is not None}
    if not of.playbooks or not ids:
        return of
    return of._replace(reckoned=ids - paid.unpaid(conn, ids, of.prices, of.day).keys())


def _afforded(
    conn: Conn,
    of: _Payers,
    facts: Sequence[Facts],
    decisions: Sequence[Decision],
    now: datetime,
) -> list[Decision]:
    """What its playbook can't pay travels in no parcel; what was promised does."""
    if not of.playbooks:
        return list(decisions)
    wanted = [
        (of.of(one) if kind else None, paid.Costs(kind, minor))
        for one, decision in zip(facts, decisions, strict=True)
        for kind, minor in [of.cost(decision)]
    ]
    fits = paid.afford(conn, wanted, now)
    return [
        decision if fit else Decision(decision.parcel_id, "none", "playbook_budget")
        for decision, fit in zip(decisions, fits, strict=True)
    ]


def _expect(
    conn: Conn,
    of: _Payers,
    facts: Sequence[Facts],
    decisions: Sequence[Decision],
    now: datetime,
) -> None:
    expected = [
        Expected("parcel", decision.parcel_id, kind, playbook, minor)
        for one, decision in zip(facts, decisions, strict=True)
        if (playbook := of.of(one)) is not None
        for kind, minor in [of.cost(decision)]
        if minor
    ]
    caps.expect(conn, expected, now)


def _card_states(
    conn: Conn,
    keys: Keys,
    ids: PublicIds,
    facts: Sequence[Facts],
    decisions: Sequence[Decision],
    now: datetime,
) -> dict[int, str]:
    """Each card's own state tells who scanned it; none where its source has no code for cards."""
    carries = {code.source: code.code for code in views.codes(conn) if code.step == CARD_STEP}
    issues: dict[int, Issue] = {}
    for one, decision in zip(facts, decisions, strict=True):
        order = decide.stands_for(one.parcel)
        if decision.content != "card" or one.source is None or order is None:
            continue
        code = carries.get(one.source.code)
        if code is None or order.customer_id is None:
            continue
        issues[one.parcel.id] = Issue(
            channel_code=code,
            step=CARD_STEP,
            customer_id=order.customer_id,
            shop=one.parcel.shop,
            order_no=order.order_no,
            parcel_id=one.parcel.id,
        )
    made = actions.issue(conn, keys, ids, list(issues.values()), now)
    return {
        parcel_id: made[one.channel_code, one.shop, one.order_no]
        for parcel_id, one in issues.items()
    }


def _write(
    conn: Conn,
    facts: Sequence[Facts],
    decisions: Sequence[Decision],
    states: dict[int, str],
    now: datetime,
) -> None:
    orders = [decide.stands_for(one.parcel) for one in facts]
    conn.execute(
        SQL.freeze,
        {
            "parcels": [decision.parcel_id for decision in decisions],
            "shops": [one.parcel.shop for one in facts],
            "orders": [order.order_no if order is not None else None for order in orders],
            "customers": [order.customer_id if order is not None else None for order in orders],
            "sources": [one.source.code if one.source is not None else "" for one in facts],
            "contents": [decision.content for decision in decisions],
            "reasons": [decision.reason for decision in decisions],
            "offers": [decision.offer for decision in decisions],
            "skus": [decision.sku for decision in decisions],
            "promises": [decision.promise_id for decision in decisions],
            "cards": [decision.card for decision in decisions],
            "states": [states.get(decision.parcel_id, "") for decision in decisions],
            "now": now,
        },
    )


def _customers(parcels: Sequence[Parcel]) -> set[int]:
    return {
        order.customer_id
        for parcel in parcels
        for order in parcel.orders
        if order.customer_id is not None
    }
