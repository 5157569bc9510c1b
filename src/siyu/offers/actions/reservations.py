"""Reserve → commit → release: one way for every kind of offer, a whole batch at a time.

The row of the whole offer is locked while pieces are handed out, so that neither stock nor budget
nor what one customer may have is ever exceeded, whoever else reserves meanwhile.
"""

from __future__ import annotations

from base64 import b32encode
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from siyu.identities import views as identities
from siyu.kernel.sql import Conn, load
from siyu.offers.actions import paid
from siyu.offers.decide import after, from_states, hand_out, spent
from siyu.offers.model import (
    Allotment,
    Drawn,
    Happening,
    Offer,
    Refusal,
    Reservation,
    Wanted,
)
from siyu.vault.model import Keys, key_hash

SQL = load("siyu.offers")
Answer = Reservation | Refusal
CODE_LETTERS = 12
_OTHER: Refusal = "other"
Pots = dict[tuple[str, str], Allotment]


def reserve(conn: Conn, keys: Keys, asks: Sequence[Wanted], now: datetime) -> list[Answer]:
    """Set a piece aside for each ask while there is one; an answer for each, in order.

    A key that was asked before gets the reservation that it got, as it stands now. A refusal is
    not kept: the same key may try again. When nothing is left, nothing is locked or written. What
    is wrong with one ask is no error: others may have come together with it.
    """
    if not asks:
        return []
    offers, pots = _what(conn, asks)
    nothing: dict[str, Refusal] = {one.offer: "no_offer" for one in asks if one.offer not in offers}
    for code, offer in offers.items():
        if (why := spent(offer, pots)) is not None:
            nothing[code] = why
    first = {ask.key: ask for ask in reversed(asks)}
    late = [ask for ask in asks if ask.offer in nothing and first[ask.key] is ask]
    wanted = [ask for ask in asks if ask.offer not in nothing and first[ask.key] is ask]
    answers: dict[str, Answer] = _refused(conn, nothing, late)
    answers |= _reserve(conn, keys, offers, wanted, now)
    return [_OTHER if _differs(ask, first[ask.key]) else answers[ask.key] for ask in asks]


def commit(conn: Conn, ids: Sequence[int], now: datetime) -> dict[int, Reservation]:
    """Make these reservations certain: till the end of their terms they can be taken up.

    How they all stand now, by id; one that is over meanwhile stays so.
    """
    if ids:
        conn.execute(SQL.commit, {"ids": sorted(ids), "states": from_states("commit"), "now": now})
    return _stand(conn, ids)


def release(conn: Conn, ids: Sequence[int], now: datetime) -> dict[int, Reservation]:
    """Give these back to the allotment; how they all stand now, by id."""
    give_back(conn, ids, "release", "released", now)
    return _stand(conn, ids)


def revoke(conn: Conn, orders: Sequence[tuple[str, str]], reason: str, now: datetime) -> int:
    """Give back what was reserved for these orders and is not handed over; how many."""
    shops, numbers = [shop for shop, _ in orders], [order_no for _, order_no in orders]
    rows = conn.fetch(SQL.reserved_for, {"shops": shops, "orders": numbers})
    return give_back(conn, [row[0] for row in rows], "revoke", reason, now)


def lapse(conn: Conn, now: datetime, limit: int) -> int:
    """Give back what was not committed, or not taken up, in time; how many."""
    rows = conn.fetch(SQL.overdue, {"now": now, "limit": limit})
    return give_back(conn, [row[0] for row in rows], "lapse", "expired", now)


def give_back(
    conn: Conn, ids: Sequence[int], happening: Happening, reason: str, now: datetime
) -> int:
    """End these reservations, their pieces and money back in the allotment; how many.

    A code from a pool that its customer has been told is used up: nobody else can have it.
    """
    if not ids:
        return 0
    params = {
        "ids": sorted(ids),
        "states": from_states(happening),
        "ended": after("committed", happening),
        "reason": reason,
        "now": now,
    }
    ended = [row[0] for row in conn.fetch(SQL.give_back, params)]
    paid.forget(conn, ended)
    return len(ended)


def _stand(conn: Conn, ids: Sequence[int]) -> dict[int, Reservation]:
    rows = conn.fetch(SQL.reservations, {"ids": sorted(ids)}) if ids else []
    return {row[0]: Reservation(*row) for row in rows}


def _what(conn: Conn, asks: Sequence[Wanted]) -> tuple[dict[str, Offer], Pots]:
    codes = sorted({ask.offer for ask in asks})
    offers: dict[str, Offer] = {}
    pots: Pots = {}
    parts = sorted({ask.store for ask in asks})
    for row in conn.fetch(SQL.allotted, {"codes": codes, "parts": parts}):
        offers.setdefault(row[0], Offer.of(row))
        if row[7] is not None:
            pots[row[0], row[7]] = Allotment(row[0], *row[7:])
    return offers, pots


def _differs(one: Wanted, other: Wanted) -> bool:
    return (one.offer, one.customer_id) != (other.offer, other.customer_id)


def _refused(
    conn: Conn, nothing: Mapping[str, Refusal], asks: Sequence[Wanted]
) -> dict[str, Answer]:
    """Nothing is left of what they ask for: only what was reserved before is answered otherwise."""
    if not asks:
        return {}
    known = _known(conn, asks)
    people = {ask.customer_id: ask.customer_id for ask in asks}
    if any(one.customer_id != ask.customer_id for ask in asks if (one := known.get(ask.key))):
        people = identities.survivor(conn, list(people))
    return {ask.key: _before(ask, people, known) or nothing[ask.offer] for ask in asks}


def _before(
    ask: Wanted, people: Mapping[int, int], known: Mapping[str, Reservation]
) -> Answer | None:
    """What the key of an ask got before; None: it is new."""
    found = known.get(ask.key)
    if found is None:
        return None
    mine = found.offer == ask.offer and found.customer_id == people.get(ask.customer_id)
    return found if mine else _OTHER


def _reserve(
    conn: Conn, keys: Keys, offers: Mapping[str, Offer], asks: Sequence[Wanted], now: datetime
) -> dict[str, Answer]:
    if not asks:
        return {}
    of = paid.payers(conn, [(ask.offer, ask.visit_id) for ask in asks], now)
    payer = {ask.key: one for ask, one in zip(asks, of.playbooks, strict=True)}
    people = _hold_customers(conn, asks)  # before orders, as an apply does
    gone = _hold_orders(conn, asks)
    codes = sorted({ask.offer for ask in asks})
    _open(conn, [ask for ask in asks if ask.opens is not None and offers[ask.offer].terms.slots])
    about = {"codes": codes, "parts": sorted({ask.store for ask in asks})}
    pots = {row[:2]: Allotment(*row) for row in conn.fetch(SQL.lock_allotments, about)}
    known = _known(conn, asks)
    answers: dict[str, Answer] = {}
    new: list[Wanted] = []
    for ask in asks:
        if (before := _before(ask, people, known)) is not None:
            answers[ask.key] = before
        elif ask.customer_id not in people:
            answers[ask.key] = "unknown"
        elif (ask.shop, ask.order_no) in gone:
            answers[ask.key] = "order_gone"
        else:
            new.append(ask._replace(customer_id=people[ask.customer_id]))
    drawn = zip(new, hand_out(new, offers, pots, _had(conn, new)), strict=True)
    taken: list[tuple[Wanted, Drawn]] = []
    for ask, found in drawn:
        if isinstance(found, Drawn):
            taken.append((ask, found))
        else:
            answers[ask.key] = found
    costs = [
        (payer[ask.key], paid.cost(offers[ask.offer], found.sku, found.amount_minor, of))
        for ask, found in taken
    ]
    fits = paid.afford(conn, costs, now)
    refused = [ask for (ask, _), fit in zip(taken, fits, strict=True) if not fit]
    answers |= dict.fromkeys((ask.key for ask in refused), "budget")
    fitting = [one for one, fit in zip(taken, fits, strict=True) if fit]
    made = _take(conn, keys, offers, fitting, now)
    about = {ask.key: one for (ask, _), one in zip(taken, costs, strict=True)}
    paid.expect(conn, [(one.id, *about[one.key]) for one in made.values()], now)
    return {**answers, **made}


def _open(conn: Conn, asks: Sequence[Wanted]) -> None:
    """Slots that nobody has asked for before; the row of the whole offer comes first here, too."""
    slots = sorted({(ask.offer, ask.store, ask.opens) for ask in asks})
    if not slots:
        return
    conn.fetch(SQL.lock_allotments, {"codes": sorted({one[0] for one in slots}), "parts": []})
    offers, parts, pieces = zip(*slots, strict=True)
    columns = {"offers": list(offers), "parts": list(parts), "pieces": list(pieces)}
    conn.execute(SQL.allot, {**columns, "budgets": [None] * len(slots)})


def _hold_orders(conn: Conn, asks: Sequence[Wanted]) -> set[tuple[str, str]]:
    """Those that were taken back; the others are not until we commit, so that their refund finds
    what was reserved for them."""
    about = sorted({(ask.shop, ask.order_no) for ask in asks if ask.order_no})
    if not about:
        return set()
    params = {"shops": [shop for shop, _ in about], "orders": [order_no for _, order_no in about]}
    return {row[:2] for row in conn.fetch(SQL.hold_orders, params) if row[2] != "paid"}


def _hold_customers(conn: Conn, asks: Sequence[Wanted]) -> dict[int, int]:
    """Each customer that there is → who stands for them today; nobody is merged till we commit."""
    ids = sorted({ask.customer_id for ask in asks})
    rows = conn.fetch(SQL.hold_customers, {"ids": ids})
    people = {id_: id_ for id_, _ in rows}
    merged = [id_ for id_, into in rows if into is not None]
    return people | identities.survivor(conn, merged)


def _known(conn: Conn, asks: Sequence[Wanted]) -> dict[str, Reservation]:
    rows = conn.fetch(SQL.reservations_by_key, {"keys": [ask.key for ask in asks]})
    return {row[1]: Reservation(*row) for row in rows}


def _had(conn: Conn, asks: Sequence[Wanted]) -> dict[tuple[str, int], int]:
    """How many pieces of these offers these customers have, by both."""
    pairs = sorted({(ask.offer, ask.customer_id) for ask in asks})
    if not pairs:
        return {}
    params = {"offers": [offer for offer, _ in pairs], "customers": [who for _, who in pairs]}
    return {(offer, who): many for offer, who, many in conn.fetch(SQL.had, params)}


def _take(
    conn: Conn,
    keys: Keys,
    offers: Mapping[str, Offer],
    taken: Sequence[tuple[Wanted, Drawn]],
    now: datetime,
) -> dict[str, Reservation]:
    """Write it down: a row for each reservation, and what they take together from each pot."""
    if not taken:
        return {}
    pieces: Counter[tuple[str, str]] = Counter()
    money: Counter[tuple[str, str]] = Counter()
    for ask, found in taken:
        pieces.update({(ask.offer, part) for part in ("", found.part)})
        money[ask.offer, ""] += found.amount_minor or 0
    pots = sorted(pieces)
    params = {
        "keys": [ask.key for ask, _ in taken],
        "offers": [ask.offer for ask, _ in taken],
        "kinds": [offers[ask.offer].kind for ask, _ in taken],
        "customers": [ask.customer_id for ask, _ in taken],
        "identities": [ask.identity_id for ask, _ in taken],
        "shops": [ask.shop for ask, _ in taken],
        "orders": [ask.order_no for ask, _ in taken],
        "visits": [ask.visit_id for ask, _ in taken],
        "states": ["committed" if ask.commit else "held" for ask, _ in taken],
        "parts": [found.part for _, found in taken],
        "skus": [found.sku for _, found in taken],
        "amounts": [found.amount_minor for _, found in taken],
        "expires": [_end(ask, offers[ask.offer], now) for ask, _ in taken],
        "pot_offers": [offer for offer, _ in pots],
        "pot_parts": [part for _, part in pots],
        "pieces": [pieces[pot] for pot in pots],
        "money": [money[pot] for pot in pots],
        "now": now,
    }
    made = {row[1]: Reservation(*row) for row in conn.fetch(SQL.take, params)}
    coupons = [(made[ask.key], offers[ask.offer]) for ask, _ in taken]
    return {**made, **_with_codes(conn, keys, [one for one in coupons if one[1].terms.codes])}


def _end(ask: Wanted, offer: Offer, now: datetime) -> datetime:
    """Till when it is held; committed at once: till when it can be taken up."""
    if not ask.commit:
        return now + timedelta(seconds=offer.terms.hold_seconds)
    return ask.expires_at or now + timedelta(seconds=offer.terms.valid_seconds)


def _with_codes(
    conn: Conn, keys: Keys, coupons: Sequence[tuple[Reservation, Offer]]
) -> dict[str, Reservation]:
    """Give each coupon its code: the next of the pool, or one that only its key leads to."""
    pooled = [one for one, offer in coupons if offer.terms.codes == "pool"]
    made = [one for one, offer in coupons if offer.terms.codes == "generated"]
    codes: dict[int, str] = {}
    if pooled:
        params = {"ids": [one.id for one in pooled], "offers": [one.offer for one in pooled]}
        codes |= dict(conn.fetch(SQL.take_codes, params))
    if made:
        codes |= {one.id: _code(keys, one) for one in made}
        params = {
            "ids": [one.id for one in made],
            "offers": [one.offer for one in made],
            "codes": [codes[one.id] for one in made],
        }
        conn.execute(SQL.add_codes, params)
    return {
        one.key: one._replace(code=codes[one.id] if one.state == "committed" else None)
        for one, _ in coupons
    }


def _code(keys: Keys, one: Reservation) -> str:
    hashed = key_hash(keys, "coupon", f"{one.offer}\0{one.key}")
    return b32encode(hashed).decode()[:CODE_LETTERS]
