"""What a playbook with a budget can still pay of what is promised, and what then is expected."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple

from siyu.kernel.sql import Conn, load
from siyu.ledger import views as ledger
from siyu.ledger.actions import caps
from siyu.ledger.model import Expected, Price, price_of
from siyu.offers.model import Offer
from siyu.staff.views import brand_zone

SQL = load("siyu.offers")


class Costs(NamedTuple):
    """A promise that somebody would pay: what of, and what it costs once it is kept."""

    kind: str
    minor: int


class Payers(NamedTuple):
    """Who pays for each of some promises, in their order (None: nobody counts it). Where one does,
    all caps are locked until this transaction ends."""

    playbooks: Sequence[str | None]
    prices: Sequence[Price]
    day: date


NOBODY = Payers((), (), date.min)


def payers(conn: Conn, asks: Sequence[tuple[str, int | None]], now: datetime) -> Payers:
    """(offer, visit) of each. To be asked before anything of offers or customers is locked."""
    found = ledger.paid_by(conn, asks)
    if not any(found):
        return NOBODY._replace(playbooks=found)
    caps.lock(conn, now)
    day = now.astimezone(brand_zone(conn)).date()
    return Payers(found, ledger.price_list(conn), day)


def unpaid(
    conn: Conn, promises: Collection[int], prices: Sequence[Price], day: date
) -> dict[int, int]:
    """Of these promises of gifts those that stand and that nobody has reckoned with yet: what each
    costs, once it is kept. It is reckoned with as it is told."""
    if not promises:
        return {}
    rows = conn.fetch(SQL.unpaid, {"ids": sorted(promises)})
    known = {row[0]: Offer.of(row) for row in conn.fetch(SQL.offers)} if rows else {}
    of = Payers((), prices, day)
    return {id_: cost(known[offer], None, None, of).minor for id_, offer in rows if offer in known}


def cost(offer: Offer, sku: str | None, amount_minor: int | None, of: Payers) -> Costs:
    """A coupon by its offer, a red packet what is in it, goods by their sku with their way."""
    if offer.kind == "red_packet":
        return Costs("red_packet", amount_minor or 0)
    if offer.kind == "coupon":
        return Costs("coupon", price_of(of.prices, "coupon", offer.code, of.day))
    goods = sku or offer.sku
    minor = price_of(of.prices, "gift", goods, of.day) if goods else 0
    if offer.kind == "gift":
        minor += price_of(of.prices, "shipping_extra", "", of.day)
    return Costs("gift", minor)


def afford(conn: Conn, wanted: Sequence[tuple[str | None, Costs]], now: datetime) -> list[bool]:
    """(payer, cost) of each, in order: whether it fits into what is left. Where something does not,
    nobody new comes into that playbook, until something that costs does."""
    if not any(playbook for playbook, _ in wanted):
        return [True] * len(wanted)
    left = {one.playbook: (one.left, one.left_today) for one in ledger.spendings(conn, now)}
    fits: list[bool] = []
    short: set[str] = set()
    paying: set[str] = set()
    for playbook, costs in wanted:
        total, today = left.get(playbook or "", (None, None))
        late = total is not None and costs.minor > total
        fits.append(not late and (today is None or costs.minor <= today))
        if fits[-1]:
            left[playbook or ""] = (
                None if total is None else total - costs.minor,
                None if today is None else today - costs.minor,
            )
            if costs.minor and playbook is not None:
                paying.add(playbook)
        elif late and playbook is not None:
            short.add(playbook)
    caps.short(conn, short, paying - short, now)
    return fits


def expect(conn: Conn, made: Sequence[tuple[int, str | None, Costs]], now: datetime) -> None:
    """(promise, payer, cost): promised now."""
    expected = [
        Expected("promise", id_, costs.kind, playbook, costs.minor)
        for id_, playbook, costs in made
        if playbook is not None and costs.minor
    ]
    caps.expect(conn, expected, now)


def begin(conn: Conn, playbook: str, now: datetime) -> None:
    """What stands of what was promised before its first cap is expected as well, of the days on
    which it was. The caller has the lock."""
    rows = conn.fetch(SQL.open_of, {"playbook": playbook})
    if not rows:
        return
    zone = brand_zone(conn)
    of = Payers((), ledger.price_list(conn), now.astimezone(zone).date())
    known = {row[0]: Offer.of(row) for row in conn.fetch(SQL.offers)}
    for _, some in groupby(rows, lambda row: row[4].astimezone(zone).date()):
        made = [
            (id_, playbook, cost(known[offer], sku, minor, of), at)
            for id_, offer, sku, minor, at in some
        ]
        expect(conn, [one[:3] for one in made], made[0][3])


def forget(conn: Conn, promises: Collection[int]) -> None:
    """These will never cost anything as promises: they ended, or went with a parcel, which is
    booked by itself."""
    caps.forget(conn, "promise", promises)
