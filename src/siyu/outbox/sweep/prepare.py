"""Lease: claim what is owed, decide about each, write it out; all reads are one per batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.content import views as content
from siyu.content.model import Material
from siyu.content.render import render, segments_of
from siyu.customers import views as customers
from siyu.identities import views as identities
from siyu.kernel.errors import SiyuError
from siyu.kernel.sql import Conn, load
from siyu.ledger import views as ledger
from siyu.ledger.actions import NoPrice
from siyu.offers import views as offers
from siyu.outbox import actions
from siyu.outbox.decide import Due, Lease, Rewish, Withhold, at_lease
from siyu.outbox.model import ADDRESS, PREFIX, STAFF_CHANNELS, Context, Message
from siyu.outbox.render import Filling, values
from siyu.vault import views as vault

SQL = load("siyu.outbox")
NOTHING: tuple[Mapping[str, str], int | None] = ({}, None)


class Ready(NamedTuple):
    """A leased touch, written out."""

    touch_id: int
    message: Message
    segments: int


class Prepared(NamedTuple):
    """What one lease brought."""

    ready: list[Ready]
    withheld: int
    rewished: int


class _Address(NamedTuple):
    identity_id: int
    value: str


class _Known(NamedTuple):
    """What the whole batch needs to be written out."""

    address: Mapping[int, _Address]  # by customer
    name: Mapping[int, str]  # by customer
    material: Mapping[tuple[str, str], Material]
    offer: Mapping[int, tuple[Mapping[str, str], int]]  # by promise
    shop: Mapping[str, str]


def lease(
    conn: Conn, channel: str, ctx: Context, now: datetime, lease_until: datetime, limit: int
) -> Prepared:
    """Claim, decide, write out, mark as leased: to be committed before anything is sent."""
    params = {"channel": channel, "now": now, "limit": limit}
    due = [Due(*row) for row in conn.fetch(SQL.owed, params)]
    if not due:
        return Prepared([], 0, 0)
    _priced(conn, channel)
    ids = sorted({touch.customer_id for touch in due})
    survivor = identities.survivor(conn, ids)
    address = _addresses(conn, ctx, channel, ids)
    chosen = [
        at_lease(
            touch, survivor.get(touch.customer_id, touch.customer_id), _id(address, touch), now
        )
        for touch in due
    ]
    leases = [choice for choice in chosen if isinstance(choice, Lease)]
    known = _known(conn, ctx, [choice.due for choice in leases], address)
    written = [_written(choice, ctx, known) for choice in leases]
    ready = [one for one in written if isinstance(one, Ready)]
    withheld = [one for one in [*chosen, *written] if isinstance(one, Withhold)]
    rewished = [one for one in chosen if isinstance(one, Rewish)]
    actions.withhold(conn, withheld, now)
    _wish_again(conn, rewished, now)
    _mark(conn, ready, {choice.due.id: choice.identity_id for choice in leases}, lease_until)
    return Prepared(ready, len(withheld), len(rewished))


def _priced(conn: Conn, channel: str) -> None:
    """Asked before anything leaves: a cost that can't be booked later would leave it in doubt."""
    if channel == "sms" and "sms_segment" not in ledger.prices(conn):
        raise NoPrice("There is no price for sms_segment; set one in the price list.")


def _id(address: Mapping[int, _Address], touch: Due) -> int | None:
    found = address.get(touch.customer_id)
    return None if found is None else found.identity_id


def _addresses(
    conn: Conn, ctx: Context, channel: str, customer_ids: Sequence[int]
) -> dict[int, _Address]:
    """The newest address of each customer that can still be opened (an erased one can't)."""
    kind = ADDRESS.get(channel)
    if kind is None:
        return {}
    reach = identities.reach(conn, customer_ids, kind)
    hashes = sorted({key for keys in reach.values() for _, key in keys})
    opened = vault.open_field(conn, ctx.keys, hashes, kind)
    found: dict[int, _Address] = {}
    for customer_id, keys in reach.items():
        usable = [_Address(identity, opened[key]) for identity, key in keys if key in opened]
        if usable:
            found[customer_id] = usable[0]
    return found


def _known(conn: Conn, ctx: Context, due: Sequence[Due], address: Mapping[int, _Address]) -> _Known:
    promises = offers.by_id(conn, sorted({t.promise_id for t in due if t.promise_id is not None}))
    catalogue = offers.offers(conn)
    worth = {
        promise.id: (catalogue[promise.offer].title, catalogue[promise.offer].value_minor)
        for promise in promises.values()
        if promise.offer in catalogue
    }
    shops = dict(conn.fetch(SQL.shops, {"codes": sorted({touch.shop for touch in due})}))
    materials = content.materials(conn, sorted({touch.material for touch in due}))
    return _Known(address, _names(conn, ctx, due), materials, worth, shops)


def _names(conn: Conn, ctx: Context, due: Sequence[Due]) -> dict[int, str]:
    """Opened only where they leave the house: people see a name on their own, audited screen."""
    wanted = sorted({touch.customer_id for touch in due if touch.channel not in STAFF_CHANNELS})
    items = customers.names(conn, wanted)
    opened = vault.open_items(conn, ctx.keys, sorted(items.values()))
    return {customer: opened[item] for customer, item in items.items() if item in opened}


def _written(choice: Lease, ctx: Context, known: _Known) -> Ready | Withhold:
    due = choice.due
    material = known.material.get((due.material, due.locale))
    if material is None:
        return Withhold(due.id, "no_material")
    by_people = due.channel in STAFF_CHANNELS
    title, worth = known.offer.get(due.promise_id or 0, NOTHING)
    link = ctx.link.replace("{state}", due.state_code) if due.state_code else ""
    shop = known.shop.get(due.shop, due.shop)
    name = known.name.get(due.customer_id)
    filling = Filling(
        due.locale, name, ctx.brand, shop, due.order_no, title, worth, ctx.currency, link
    )
    try:
        text = render(material, values(filling, by_people=by_people))
    except (SiyuError, ValueError):
        return Withhold(due.id, "bad_material")
    to = "" if by_people or choice.identity_id is None else known.address[due.customer_id].value
    return Ready(
        due.id,
        Message(
            token=ctx.ids.encode(PREFIX, due.id),
            channel=due.channel,
            to=to,
            text=text,
            material=due.material,
            step=due.step,
            journey=due.journey,
            order_no=due.order_no,
            shop=due.shop,
            customer=ctx.ids.encode("cus", due.customer_id),
            staff="",
            valid_until=due.valid_until,
            link=link,
        ),
        segments_of(text) if due.channel == "sms" else 0,
    )


def _wish_again(conn: Conn, rewished: Sequence[Rewish], now: datetime) -> None:
    if rewished:
        ids, customer_ids = zip(*sorted(rewished), strict=True)
        params = {"ids": list(ids), "customers": list(customer_ids), "now": now}
        conn.execute(SQL.wish_again, params)


def _mark(
    conn: Conn, ready: Sequence[Ready], identity: Mapping[int, int | None], lease_until: datetime
) -> None:
    if ready:
        order = sorted(ready, key=lambda one: one.touch_id)
        conn.execute(
            SQL.lease,
            {
                "ids": [one.touch_id for one in order],
                "identities": [identity[one.touch_id] for one in order],
                "segments": [one.segments for one in order],
                "lease_until": lease_until,
            },
        )
