"""Promise, reserve, pack, owe, revoke, lapse: each one set of rows, each idempotent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.offers.actions import allotments, paid, reservations
from siyu.offers.decide import allocate, chain, from_states
from siyu.offers.model import GRACE_DAYS, Ask, NewPromise, Offer, Promise
from siyu.staff import actions as staff

SQL = load("siyu.offers")


def lock(conn: Conn) -> None:
    """Keep freezes and applies apart: until this transaction ends, nobody else has the lock."""
    conn.fetch(SQL.lock)


def install(conn: Conn, offers: Sequence[Offer], playbook: str) -> None:
    """Make a playbook's offers known. What was promised or reserved keeps to a kind, and to where
    its codes come from."""
    known = {one.code: one for one in map(Offer.of, conn.fetch(SQL.offers))}
    for offer in offers:
        there = known.get(offer.code, offer)
        if there.kind != offer.kind:
            raise Refused(
                Sentence(
                    f"{offer.code} is a {there.kind} already; give the {offer.kind} another code",
                    f"{offer.code} 已是 {there.kind}；请给 {offer.kind} 换一个编码",
                )
            )
        if there.terms.codes != offer.terms.codes:
            raise Refused(
                Sentence(
                    f"The codes of {offer.code} come from elsewhere already; give it another code",
                    f"{offer.code} 的券码来源已定；请换一个编码",
                )
            )
    conn.execute(
        SQL.install,
        {
            "codes": [offer.code for offer in offers],
            "kinds": [offer.kind for offer in offers],
            "titles": [dict(offer.title) for offer in offers],
            "values": [offer.value_minor for offer in offers],
            "skus": [offer.sku for offer in offers],
            "substitutes": [offer.substitute for offer in offers],
            "terms": [msgspec.to_builtins(offer.terms) for offer in offers],
            "playbook": playbook,
        },
    )
    allotments.allot(conn, offers)


def stock(conn: Conn, sku: str, on_hand: int) -> None:
    """Say how many of a gift lie in the warehouse: those in parcels not yet packed included."""
    if on_hand < 0:
        raise Refused(
            Sentence(
                f"{on_hand} of {sku} can't lie in a warehouse; give a number from 0 up",
                f"仓库里不可能有 {on_hand} 件 {sku}；请写 0 以上的数",
            )
        )
    if not conn.fetch(SQL.set_stock, {"sku": sku, "on_hand": on_hand}):
        ((_, _, reserved),) = conn.fetch(SQL.stock_of, {"sku": sku})
        raise Refused(
            Sentence(
                f"{reserved} of {sku} are in parcels that are not packed yet;"
                f" count them too, or wait until they are packed",
                f"有 {reserved} 件 {sku} 在还没打包的包裹里；请一并计入，或等它们打包",
            )
        )


def count_stock(
    conn: Conn, sku: str, on_hand: int, was: int | None, by: str, reason: str, now: datetime
) -> None:
    """Set what was counted by hand, and write down from what to what. `was`: what they saw before,
    so that what was packed meanwhile is not counted away; None: they saw none."""
    found = conn.fetch(SQL.stock_held, {"sku": sku})
    before = int(found[0][0]) if found else None
    if before != was:
        raise Refused(
            Sentence(
                f"Meanwhile {before or 0} of {sku} are on hand; look again and count.",
                f"现在已是 {before or 0} 件 {sku}；请刷新后重新清点。",
            )
        )
    if before is None and not conn.fetch(SQL.sku_known, {"sku": sku}):
        raise NotFound(
            Sentence(
                f"No offer gives {sku!r}; install the playbook that has it.",
                f"没有权益用到 {sku!r}；请安装含有它的打法。",
            )
        )
    stock(conn, sku, on_hand)
    said = f"{'none' if before is None else before} → {on_hand}; {reason}".removesuffix("; ")
    staff.audit(conn, by, "stock.set", sku, said, now)


def promise(conn: Conn, promises: Sequence[NewPromise], now: datetime) -> dict[str, int]:
    """Make promises, once per key; the id of each, also of those made before."""
    if not promises:
        return {}
    rows = conn.fetch(
        SQL.promise,
        {
            "keys": [made.key for made in promises],
            "offers": [made.offer for made in promises],
            "customers": [made.customer_id for made in promises],
            "identities": [made.identity_id for made in promises],
            "shops": [made.shop for made in promises],
            "orders": [made.order_no for made in promises],
            "visits": [made.visit_id for made in promises],
            "expires": [made.expires_at for made in promises],
            "now": now,
        },
    )
    if unknown := sorted({offer for _, offer, known, _ in rows if not known}):
        raise NotFound(
            Sentence(
                f"no offer named {', '.join(unknown)}; install the playbook that has it",
                f"没有权益 {', '.join(unknown)}；请安装含有它的打法",
            )
        )
    ids = {key: id_ for key, _, _, id_ in rows if id_ is not None}
    keys = {key for key, *_ in rows}
    # who was a moment earlier with the same key has made it: looked up again, which is rare
    return ids if keys <= ids.keys() else dict(conn.fetch(SQL.ids_by_key, {"keys": sorted(keys)}))


def revoke(conn: Conn, orders: Sequence[tuple[str, str]], reason: str, now: datetime) -> int:
    """Take back what was promised for these orders and has not left the house; how many."""
    if not orders:
        return 0
    given_back = reservations.revoke(conn, orders, reason, now)
    rows = conn.fetch(
        SQL.revoke,
        {
            "shops": [shop for shop, _ in orders],
            "orders": [order_no for _, order_no in orders],
            "states": from_states("revoke"),
            "reason": reason,
            "now": now,
        },
    )
    paid.forget(conn, [row[0] for row in rows])
    return given_back + len(rows)


def take_back(conn: Conn, visits: Sequence[tuple[int, str]], reason: str, now: datetime) -> None:
    """(visit, offer): what the visit has promised or issued of it, is in no parcel and was not
    handed over, is revoked."""
    if not visits:
        return
    ids, codes = zip(*visits, strict=True)
    params = {"visits": list(ids), "offers": list(codes), "reason": reason, "now": now}
    rows = conn.fetch(SQL.given_by_visits, params)
    reservations.give_back(conn, [row[0] for row in rows if row[1]], "revoke", reason, now)
    promised = [row[0] for row in rows if not row[1]]
    conn.execute(SQL.revoke_promised, {"ids": promised, **params})
    paid.forget(conn, promised)


def claim(conn: Conn, customer_ids: Sequence[int], now: datetime) -> list[Promise]:
    """What can still be kept for these customers, eldest first, locked until this commits."""
    rows = conn.fetch(SQL.claim, {"customers": sorted(customer_ids), "now": now})
    return sorted((Promise(*row) for row in rows), key=lambda made: (made.promised_at, made.id))


def reserve(conn: Conn, asks: Sequence[Ask], now: datetime) -> dict[int, str | None]:
    """A gift (or its substitute) for each parcel while there is one; None: all are out.

    A parcel whose promise is no longer open is missing from the answer.
    """
    if not asks:
        return {}
    wanted = sorted(ask.promise_id for ask in asks if ask.promise_id is not None)
    params = {"ids": wanted, "states": from_states("reserve")}
    still_open = {row[0] for row in conn.fetch(SQL.lock_promises, params)}
    asks = [ask for ask in asks if ask.promise_id is None or ask.promise_id in still_open]
    offers = {row[0]: Offer.of(row) for row in conn.fetch(SQL.offers)}
    skus = sorted({offer.sku for ask in asks for offer in chain(ask.offer, offers)})
    free = {row[0]: row[1] for row in conn.fetch(SQL.lock_stock, {"skus": skus})}
    given = allocate(asks, offers, free)
    taken = Counter(sku for sku in given.values() if sku is not None)
    conn.execute(
        SQL.take_stock,
        {"skus": sorted(taken), "many": [taken[sku] for sku in sorted(taken)]},
    )
    _keep(conn, [ask for ask in asks if given[ask.parcel_id] is not None], given, now)
    return given


def _keep(conn: Conn, asks: list[Ask], given: dict[int, str | None], now: datetime) -> None:
    kept = [ask for ask in asks if ask.promise_id is not None]
    conn.execute(
        SQL.reserve,
        {
            "ids": [ask.promise_id for ask in kept],
            "skus": [given[ask.parcel_id] for ask in kept],
            "parcels": [ask.parcel_id for ask in kept],
            "now": now,
        },
    )
    new = [ask for ask in asks if ask.promise_id is None]
    conn.execute(
        SQL.reserve_unpromised,
        {
            "parcels": [ask.parcel_id for ask in new],
            "offers": [ask.offer for ask in new],
            "customers": [ask.customer_id for ask in new],
            "identities": [ask.identity_id for ask in new],
            "shops": [ask.shop for ask in new],
            "orders": [ask.order_no for ask in new],
            "skus": [given[ask.parcel_id] for ask in new],
            "expires_at": now + timedelta(days=GRACE_DAYS),
            "now": now,
        },
    )


def fulfil(conn: Conn, packed: Sequence[tuple[int, str]], now: datetime) -> None:
    """Settle parcels by what was really put in: (parcel, sku of the gift; '' for none)."""
    if not packed:
        return
    rows = conn.fetch(
        SQL.fulfil,
        {
            "parcels": [parcel_id for parcel_id, _ in packed],
            "skus": [sku for _, sku in packed],
            "grace": now + timedelta(days=GRACE_DAYS),
            "now": now,
        },
    )
    paid.forget(conn, [promise for promise, state in rows if state == "fulfilled"])


def follow(conn: Conn, visits: Sequence[tuple[int, int, int]]) -> None:
    """(visit, its customer before, now): its promises go along, also those that
    were made while the merge or the split was on its way."""
    if visits:
        ids, befores, afters = zip(*visits, strict=True)
        params = {"visits": list(ids), "befores": list(befores), "afters": list(afters)}
        conn.execute(SQL.follow, params)


def make_claimable(conn: Conn, promise_ids: Sequence[int], now: datetime, reason: str = "") -> int:
    """What could not travel in its own parcel is owed: by the next parcel, or on request."""
    return owe(conn, [(promise_id, reason) for promise_id in promise_ids], now)


def owe(conn: Conn, promises: Sequence[tuple[int, str]], now: datetime) -> int:
    """Make these promises claimable, each for its own reason; how many were still only promised."""
    if not promises:
        return 0
    ordered = sorted(promises)
    return conn.execute(
        SQL.owe,
        {
            "ids": [promise_id for promise_id, _ in ordered],
            "reasons": [reason for _, reason in ordered],
            "states": from_states("owe"),
            "grace": now + timedelta(days=GRACE_DAYS),
            "now": now,
        },
    )


def lapse(conn: Conn, now: datetime, limit: int = 1000) -> int:
    """End the promises and reservations whose time is over; how many."""
    lapsed = [row[0] for row in conn.fetch(SQL.lapse, {"now": now, "limit": limit})]
    paid.forget(conn, lapsed)
    return len(lapsed) + reservations.lapse(conn, now, limit)
