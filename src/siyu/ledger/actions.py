"""Prices are set, costs posted and, where they never came true, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from siyu.kernel.errors import BadInput, Problem, Refused
from siyu.kernel.money import exponent
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.ledger.model import MOST_MINOR, PRICE_KINDS, Entry, Price
from siyu.staff import actions as staff

SQL = load("siyu.ledger")

__all__ = ["Entry", "Price", "change_prices", "post", "reverse", "set_prices"]


class NoPrice(Refused):
    """Something was to be posted that has no price; set one first."""

    code = "no_price"
    zh = "要记的账没有单价；请先设置。"


def set_prices(conn: Conn, prices: Iterable[Price]) -> None:
    """Set or change these prices; the others stay. ValueError on an unknown currency."""
    rows = sorted({price.kind: price for price in prices}.values())
    for price in rows:
        exponent(price.currency)
        if price.unit_minor < 0:
            raise ValueError(
                Sentence(f"the price of {price.kind!r} is negative", f"{price.kind!r} 的单价是负数")
            )
    if rows:
        conn.execute(
            SQL.set_prices,
            {
                "kinds": [price.kind for price in rows],
                "units": [price.unit_minor for price in rows],
                "currencies": [price.currency for price in rows],
                "notes": [price.note for price in rows],
            },
        )


def change_prices(conn: Conn, prices: Sequence[Price], by: str, now: datetime) -> None:
    """Set prices by hand, all or none, and write down from what to what; what is posted stays."""
    problems = [Problem(price.kind, why) for price in prices if (why := _unusable(price))]
    if problems:
        raise BadInput(Sentence("These prices can't be used.", "这些单价不能用。"), tuple(problems))
    before = {row[0]: Price(*row) for row in conn.fetch(SQL.prices)}
    changed = [price for price in prices if before.get(price.kind) != price]
    set_prices(conn, changed)
    for price in changed:
        old = before.get(price.kind)
        was = "none" if old is None else f"{old.unit_minor} {old.currency}"
        said = f"{was} → {price.unit_minor} {price.currency} {price.note}".rstrip()
        staff.audit(conn, by, "price.set", price.kind, said, now)


def _unusable(price: Price) -> Sentence | None:
    if price.kind not in PRICE_KINDS:
        return Sentence(
            f"has no price; what has one: {', '.join(PRICE_KINDS)}",
            f"没有单价；有单价的是：{', '.join(PRICE_KINDS)}",
        )
    if not 0 <= price.unit_minor <= MOST_MINOR:
        return Sentence(
            f"must be 0 to {MOST_MINOR} minor units", f"必须是 0 到 {MOST_MINOR} 个最小货币单位"
        )
    return None


def post(conn: Conn, entries: Sequence[Entry]) -> None:
    """Post these costs at the listed prices; a cause that was posted before stays as it is.

    NoPrice names the kinds that have none; nothing must be committed then.
    """
    rows = {(entry.cause, entry.cause_id, entry.kind): entry for entry in reversed(entries)}
    if not rows:
        return
    ordered = [rows[key] for key in sorted(rows)]
    unpriced = conn.fetch(
        SQL.post,
        {
            "causes": [entry.cause for entry in ordered],
            "cause_ids": [entry.cause_id for entry in ordered],
            "kinds": [entry.kind for entry in ordered],
            "customers": [entry.customer_id for entry in ordered],
            "identities": [entry.identity_id for entry in ordered],
            "journeys": [entry.journey for entry in ordered],
            "steps": [entry.step for entry in ordered],
            "shops": [entry.shop for entry in ordered],
            "quantities": [entry.quantity for entry in ordered],
            "ats": [entry.occurred_at for entry in ordered],
        },
    )
    if unpriced:
        kinds = ", ".join(row[0] for row in unpriced)
        raise NoPrice(
            Sentence(
                f"There is no price for {kinds}; set one in the price list.",
                f"{kinds} 没有单价；请在价目表里设置。",
            )
        )


def reverse(conn: Conn, cause: str, cause_ids: Iterable[int], now: datetime) -> int:
    """Take back what these causes cost, since they provably never happened; how many entries."""
    ids = sorted(set(cause_ids))
    return conn.execute(SQL.reverse, {"cause": cause, "cause_ids": ids, "now": now}) if ids else 0


def follow(conn: Conn, cause: str, owners: Sequence[tuple[int, int]]) -> None:
    """(cause id, customer): whose these causes are now, after a split."""
    if owners:
        ids, customers = zip(*owners, strict=True)
        params = {"cause": cause, "cause_ids": list(ids), "customers": list(customers)}
        conn.execute(SQL.follow, params)
