"""Prices are set, costs posted and, where they never came true, taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time

from siyu.kernel.errors import BadInput, NotFound, Problem, Refused
from siyu.kernel.money import exponent
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import moment
from siyu.ledger.check import unusable, unusable_share
from siyu.ledger.model import (
    EVER,
    UNBOUNDED,
    Entry,
    GoodsCost,
    GoodsShare,
    Price,
    Repriced,
    Tool,
)
from siyu.staff import actions as staff
from siyu.staff.views import brand_zone

SQL = load("siyu.ledger")

__all__ = ["Entry", "Price", "change_prices", "post", "reverse", "set_prices"]


class NoPrice(Refused):
    """Something was to be posted that has no price; set one first."""

    code = "no_price"
    zh = "要记的账没有单价；请先设置。"


def set_prices(conn: Conn, prices: Iterable[Price]) -> None:
    """Set or change these prices; the others stay. ValueError on an unknown currency."""
    rows = sorted({(one.kind, one.variant, one.valid_from): one for one in prices}.values())
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
                "variants": [price.variant for price in rows],
                "days": [price.valid_from for price in rows],
                "units": [price.unit_minor for price in rows],
                "currencies": [price.currency for price in rows],
                "notes": [price.note for price in rows],
            },
        )


def change_prices(conn: Conn, prices: Sequence[Price], by: str, now: datetime) -> int:
    """Set prices by hand, all or none, and write down from what to what; what is posted stays.

    How many of them say something new.
    """
    problems = [Problem(price.kind, why) for price in prices if (why := unusable(price))]
    if problems:
        raise BadInput(Sentence("These prices can't be used.", "这些单价不能用。"), tuple(problems))
    listed = [Price(*row) for row in conn.fetch(SQL.price_list)]
    changed = [price for price in prices if price not in listed]
    lines: list[tuple[str, str, str, str]] = []
    for price in changed:
        own = [
            one for one in listed if one.named == price.named and one.valid_from <= price.valid_from
        ]
        was = f"{own[-1].unit_minor} {own[-1].currency}" if own else "none"
        since = "" if price.valid_from == EVER else f" from {price.valid_from}"
        said = f"{was} → {price.unit_minor} {price.currency}{since} {price.note}".rstrip()
        lines.append((by, "price.set", price.named, said))
    set_prices(conn, changed)
    staff.audit_all(conn, lines, now)
    return len(changed)


def drop_price(
    conn: Conn, kind: str, variant: str, valid_from: date, by: str, now: datetime
) -> None:
    """What was listed from that day on holds no longer; audited. What is posted stays."""
    params = {"kind": kind, "variant": variant, "day": valid_from}
    rows = conn.fetch(SQL.drop_price, params)
    named = f"{kind} {variant}".strip()
    if not rows:
        raise NotFound(
            Sentence(
                f"There is no price for {named} from {valid_from} on.",
                f"{named} 没有自 {valid_from} 起的单价。",
            )
        )
    unit, currency = rows[0]
    staff.audit(conn, by, "price.drop", named, f"{unit} {currency} from {valid_from}", now)


def reprice(
    conn: Conn, since: date, by: str, now: datetime, *, kind: str = "", write: bool
) -> list[Repriced]:
    """What costs of that day and later differ from the list as it is now; with `write` they are
    changed to it, and that is audited. Never of itself: what was posted is what was known then."""
    place = brand_zone(conn)
    params = {
        "since": moment(since, time(), place),
        "zone": str(place),
        "kind": kind,
        "write": write,
    }
    found = [Repriced(*row) for row in conn.fetch(SQL.repriced, params)]
    if write:
        lines = [
            (
                by,
                "ledger.reprice",
                f"{one.kind} {one.variant}".strip(),
                (
                    f"{one.entries} from {since}:"
                    f" {one.before_minor} → {one.after_minor} {one.currency}"
                ),
            )
            for one in found
        ]
        staff.audit_all(conn, lines, now)
    return found


def set_tool(conn: Conn, tool: Tool, by: str, now: datetime) -> None:
    """Over what a tool's fee is spread, for months that are not over yet; audited."""
    conn.execute(SQL.set_tool, {**tool._asdict(), "now": now})
    staff.audit(conn, by, "tool.set", tool.code, f"per {tool.spread}", now)


def drop_tool(conn: Conn, code: str, by: str, now: datetime) -> None:
    """It is paid no more: no further month is booked; audited."""
    if not conn.fetch(SQL.drop_tool, {"code": code}):
        raise NotFound(Sentence(f"There is no tool {code!r}.", f"没有工具 {code!r}。"))
    staff.audit(conn, by, "tool.drop", code, "", now)


def book_months(conn: Conn, now: datetime) -> int:
    """Post the fees of all months that are over and not posted yet; how many."""
    place = brand_zone(conn)
    over = now.astimezone(place).date().replace(day=1)
    rows = conn.fetch(SQL.begin_months, {"over": over, "zone": str(place)})
    post(
        conn,
        [
            Entry("tool_month", month, "tool_fee", None, None, "", spread, "", 1, at, variant=tool)
            for month, tool, spread, at in rows
        ],
    )
    return len(rows)


def set_costs(conn: Conn, costs: Sequence[GoodsCost], by: str, now: datetime, why: str) -> int:
    """What these goods cost, each from its day on; audited as one. How many say something new."""
    rows = sorted({(one.sku, one.currency, one.valid_from): one for one in costs}.values())
    if not rows:
        return 0
    skus, units, currencies, days = map(list, zip(*rows, strict=True))
    params = {"skus": skus, "units": units, "currencies": currencies, "days": days}
    changed = conn.execute(SQL.set_costs, params)
    if changed:
        staff.audit(conn, by, "goods_cost.set", f"{changed} costs", why, now)
    return changed


def set_share(conn: Conn, share: GoodsShare, by: str, now: datetime) -> None:
    """What goods of unknown cost are taken to cost in orders paid from its day on; audited."""
    if why := unusable_share(share):
        raise BadInput(why)
    conn.execute(SQL.set_share, share._asdict())
    since = "" if share.valid_from == EVER else f" from {share.valid_from}"
    said = f"{share.basis_points / 10_000:.2%} of the price{since}"
    staff.audit(conn, by, "goods_share.set", share.category or "*", said, now)


def drop_share(conn: Conn, category: str, by: str, now: datetime) -> None:
    """Nothing is assumed of this category any more; audited."""
    if not conn.fetch(SQL.drop_share, {"category": category}):
        raise NotFound(
            Sentence(f"There is no share of {category!r}.", f"{category!r} 没有设置成本占比。")
        )
    staff.audit(conn, by, "goods_share.drop", category or "*", "", now)


def post(conn: Conn, entries: Sequence[Entry], *, revise: bool = False) -> None:
    """Post these costs at the prices that are listed for their day; a cause that was posted before
    stays as it is, unless they `revise` how much it was.

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
            "variants": [entry.variant for entry in ordered],
            "quantities": [entry.quantity for entry in ordered],
            "ats": [entry.occurred_at for entry in ordered],
            "paid": [entry.paid_minor for entry in ordered],
            "revise": revise,
            "unbounded": [*UNBOUNDED],
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


def reverse(
    conn: Conn,
    cause: str,
    cause_ids: Iterable[int],
    now: datetime,
    *,
    again: Collection[int] = (),
) -> int:
    """Take back what these causes cost, since they provably never happened; how many entries.

    `again`: those of them that will be tried again, so that the same is expected of them.
    """
    ids = sorted(set(cause_ids))
    params = {"cause": cause, "cause_ids": ids, "again": sorted(again), "now": now}
    return conn.execute(SQL.reverse, params) if ids else 0


def follow(conn: Conn, cause: str, owners: Sequence[tuple[int, int]]) -> None:
    """(cause id, customer): whose these causes are now, after a split."""
    if owners:
        ids, customers = zip(*owners, strict=True)
        params = {"cause": cause, "cause_ids": list(ids), "customers": list(customers)}
        conn.execute(SQL.follow, params)
