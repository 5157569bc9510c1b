"""How much may be given of an offer, and the codes of its coupons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.kernel.errors import NotFound, Overtaken, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.offers.model import Allotment, Offer
from siyu.staff import actions as staff

SQL = load("siyu.offers")


def allot(conn: Conn, offers: Sequence[Offer]) -> None:
    """What the terms of these offers allot at first. A pool of codes begins empty: its pieces are
    the codes that are brought in."""
    rows = [one for offer in offers for one in _first(offer)]
    if rows:
        conn.execute(
            SQL.allot,
            {
                "offers": [one.offer for one in rows],
                "parts": [one.part for one in rows],
                "pieces": [one.pieces for one in rows],
                "budgets": [one.budget_minor for one in rows],
            },
        )


def change(conn: Conn, new: Allotment, was: Allotment, by: str, reason: str, now: datetime) -> None:
    """Allot other pieces, another budget; audited. `was`: what they saw before they said so."""
    found = [
        Allotment(*row)
        for row in conn.fetch(SQL.lock_allotments, {"codes": [new.offer], "parts": [new.part]})
        if row[1] == new.part
    ]
    if not found:
        raise NotFound(
            Sentence(
                f"{_named(new)} has no allotment; a playbook says what is allotted first.",
                f"{_named(new)} 没有配额；首次配额写在打法里。",
            )
        )
    there = found[0]
    if (there.pieces, there.budget_minor) != (was.pieces, was.budget_minor):
        raise Overtaken(
            Sentence(
                f"Meanwhile {_named(new)} is allotted {_said(there)}; look again.",
                f"{_named(new)} 的配额现在是 {_said(there)}；请刷新后再改。",
            )
        )
    if _unlike(new, there) or _codes_of(conn)[new.offer] == "pool":
        raise Refused(
            Sentence(
                f"What bounds {_named(new)} is said by its terms: pieces, money, or its codes.",
                f"{_named(new)} 以什么为限由条款决定：份数、金额或券码。",
            )
        )
    if _less(new.pieces, there.taken) or _less(new.budget_minor, there.spent_minor):
        raise Refused(
            Sentence(
                f"{there.taken} pieces, {there.spent_minor} of money of {_named(new)} are taken;"
                f" it can't be less.",
                f"{_named(new)} 已占用 {there.taken} 份、金额 {there.spent_minor}；不能更少。",
            )
        )
    params = {"offer": new.offer, "part": new.part}
    conn.execute(SQL.reallot, {**params, "pieces": new.pieces, "budget": new.budget_minor})
    said = f"{_said(there)} → {_said(new)}; {reason}".removesuffix("; ")
    staff.audit(conn, by, "allotment.set", _named(new), said, now)


def resize_slots(conn: Conn, offer: str, store: str, first: str, pieces: int) -> None:
    """So many of each slot whose name begins so, from this one on, that somebody has asked for
    before; never fewer than are taken."""
    conn.fetch(SQL.lock_allotments, {"codes": [offer], "parts": []})
    params = {"offer": offer, "store": store, "first": first, "pieces": pieces}
    conn.execute(SQL.resize_slots, params)


def add_codes(conn: Conn, offer: str, codes: Sequence[str], by: str, now: datetime) -> int:
    """Put these into an offer's pool; audited without them. How many were not there before."""
    known = _codes_of(conn)
    if offer not in known:
        raise NotFound(Sentence(f"There is no offer {offer!r}.", f"没有权益 {offer!r}。"))
    if known[offer] != "pool":
        raise Refused(
            Sentence(
                f"{offer} takes no codes: only a coupon with `codes: pool` does.",
                f"{offer} 不收券码：只有 `codes: pool` 的优惠券可以。",
            )
        )
    conn.fetch(SQL.lock_allotments, {"codes": [offer], "parts": []})
    new = conn.execute(SQL.bring_in, {"offer": offer, "codes": list(dict.fromkeys(codes))})
    conn.execute(SQL.grow, {"offer": offer, "many": new})
    staff.audit(conn, by, "codes.import", offer, f"{new} new of {len(codes)}", now)
    return new


def _codes_of(conn: Conn) -> dict[str, str]:
    return {row[0]: Offer.of(row).terms.codes for row in conn.fetch(SQL.offers)}


def _first(offer: Offer) -> list[Allotment]:
    terms = offer.terms
    pieces = 0 if terms.codes == "pool" else terms.pieces
    parts = [Allotment(offer.code, part, many) for part, many in terms.parts.items()]
    bounded = parts or pieces is not None or terms.budget_minor is not None or terms.slots
    whole = Allotment(offer.code, "", pieces, budget_minor=terms.budget_minor)
    return [whole, *parts] if bounded else []


def _unlike(one: Allotment, other: Allotment) -> bool:
    """Bounded by something else: a budget that was left out would be none at all."""
    pieces = (one.pieces is None) != (other.pieces is None)
    return pieces or (one.budget_minor is None) != (other.budget_minor is None)


def _named(one: Allotment) -> str:
    return f"{one.offer}/{one.part}" if one.part else one.offer


def _said(one: Allotment) -> str:
    money = "" if one.budget_minor is None else f", {one.budget_minor} of money"
    return f"{'-' if one.pieces is None else one.pieces}{money}"


def _less(new: int | None, taken: int) -> bool:
    return new is not None and new < taken
