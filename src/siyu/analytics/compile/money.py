"""What each customer brought and cost, by day: Ibis expressions over the tables of facts.

The rules, in words: docs/guides/costs.md. Nothing is rounded but the cost of goods that is assumed
(half up, once for each order and sku) and the parts of a tool's fee (whose sum is exact).
"""

from __future__ import annotations

from datetime import date, timedelta

from siyu.analytics.model import TOOL_FEE
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis, table

WHOLE = 10_000  # basis points


def margins(some: Expression | None = None) -> Expression:
    """Every order (of `some`): order_id, customer_id, shop, day, currency, whether it stands;
    net_minor, what is left of it; cost_minor, what the goods that were kept cost; and how much of
    its net is of goods whose cost is known, assumed or unknown: these three add up.
    margin_minor = net − unknown − cost: of what nobody knows the cost of, there is no margin."""
    mine = _orders(dated("orders") if some is None else some)
    goods = _costed(_kept(mine, dated("order_item") if some is None else _lines(mine)))
    sums = goods.group_by("order_id").agg(
        cost=goods.cost.sum(),
        assumed=(goods.how == "assumed").ifelse(goods.amount, 0).sum(),
        unknown=(goods.how == "unknown").ifelse(goods.amount, 0).sum(),
    )
    found = mine.left_join(sums, "order_id").drop("order_id_right")
    none = {name: ibis().coalesce(found[name], 0) for name in ("cost", "assumed", "unknown")}
    found = found.mutate(**none)
    paid = ibis().greatest(found.net_minor, 0)
    found = found.mutate(unknown_minor=ibis().least(found.unknown, paid), paid=paid)
    found = found.mutate(
        assumed_minor=ibis().least(found.assumed, found.paid - found.unknown_minor)
    )
    return found.select(
        "order_id", "customer_id", "shop", "day", "currency", "stands", "net_minor",
        cost_minor=found.cost,
        known_minor=found.net_minor - found.assumed_minor - found.unknown_minor,
        assumed_minor="assumed_minor",
        unknown_minor="unknown_minor",
        margin_minor=found.net_minor - found.unknown_minor - found.cost,
    )  # fmt: skip


def goods(days: tuple[date, date]) -> Expression:
    """Of the goods of these days' orders that were kept, by shop and currency: pieces; costed, the
    pieces whose cost is known; cost_minor, what those cost."""
    mine = _orders(dated("orders").filter(ibis()._.day.between(*days)))
    kept = _costed(_kept(mine, _lines(mine)))
    known = kept.how == "known"
    placed = kept.mutate(
        costed=known.ifelse(kept.quantity, 0), paid=known.ifelse(kept.cost, 0)
    ).join(mine.select("order_id", "shop", "currency"), "order_id")
    sums = {"pieces": placed.quantity, "costed": placed.costed, "cost_minor": placed.paid}
    return placed.group_by("shop", "currency").agg(
        **{name: one.sum().cast("int64") for name, one in sums.items()}
    )


def _orders(some: Expression) -> Expression:
    """Each of these with what is left of what was paid."""
    lost = (some.state == "cancelled").ifelse(
        ibis().greatest(some.total_minor, some.refunded_minor), some.refunded_minor
    )
    return some.select(
        "customer_id", "shop", "day", "currency", order_id=some.id, stands=some.state == "paid",
        net_minor=some.total_minor - lost,
    )  # fmt: skip


def _lines(mine: Expression) -> Expression:
    """Of these orders: to look them out is less work than to sum up all that there are."""
    return dated("order_item").semi_join(mine, "order_id")


def _kept(mine: Expression, items: Expression) -> Expression:
    """What was bought and not given back, by order and sku: order_id, day, currency, sku, category,
    quantity, amount. An order without lines is one thing of unknown sku."""
    refunds = dated("refund")
    standing = mine.filter(mine.stands)
    sold = items.group_by("order_id", "sku").agg(
        category=items.category.max(),
        quantity=items.quantity.sum(),
        amount=items.amount_minor.sum(),
    )
    sold = standing.join(sold, "order_id")
    given = refunds.filter(refunds.order_id.notnull(), refunds.sku != "", ~refunds.whole)
    back = given.group_by("order_id", "sku", "currency").agg(
        quantity_back=given.quantity.sum(), amount_back=given.amount_minor.sum()
    )
    left = sold.left_join(back, ["order_id", "sku", "currency"])
    lines = left.select(
        "order_id", "day", "currency", "sku", "category",
        quantity=_rest(left.quantity, left.quantity_back),
        amount=_rest(left.amount, left.amount_back),
    )  # fmt: skip
    bare = standing.anti_join(items, "order_id")
    whole = bare.select(
        "order_id", "day", "currency", sku=ibis().literal(""), category=ibis().literal(""),
        quantity=_big(0), amount=ibis().greatest(bare.net_minor, 0),
    )  # fmt: skip
    return lines.union(whole)


def _rest(all_of_it: Expression, back: Expression) -> Expression:
    return ibis().greatest(all_of_it - ibis().coalesce(back, 0), 0).cast("int64")


def _big(number: int) -> Expression:
    return ibis().literal(number, type="int64")


def _costed(kept: Expression) -> Expression:
    """These with `how` their cost is known (known, assumed, unknown) and `cost`, in all."""
    unit = _held(table("goods_cost").filter(ibis()._.sku != ""), "sku", "currency")
    share = _held(table("goods_share"), "category")
    others = share.filter(share.category == "")
    own = share.filter(share.category != "")
    found = kept.left_join(
        unit,
        [kept.sku == unit.sku, kept.currency == unit.currency, *_on(kept, unit)],
    ).select(kept, unit.unit_minor)
    found = found.left_join(own, [found.category == own.category, *_on(found, own)]).select(
        found, own_points=own.basis_points
    )
    found = found.left_join(others, _on(found, others)).select(
        found, points=ibis().coalesce(ibis()._.own_points, others.basis_points)
    )
    taken = (found.amount * found.points + WHOLE // 2) // WHOLE
    return found.select(
        "order_id",
        "amount",
        "quantity",
        how=ibis().cases(
            (found.unit_minor.notnull(), "known"),
            (found.points.notnull(), "assumed"),
            else_="unknown",
        ),
        cost=ibis()
        .cases(
            (found.unit_minor.notnull(), found.unit_minor * found.quantity),
            (found.points.notnull(), taken),
            else_=0,
        )
        .cast("int64"),
    )


def _held(dated_rows: Expression, *keys: str) -> Expression:
    """With `ends`, the day from which the next one of the same keys holds. A day for each: with a
    null among them the joins would not be by hash, but of every line with every cost."""
    window = ibis().window(group_by=list(keys), order_by="valid_from")
    ends = dated_rows.valid_from.lead().over(window)
    return dated_rows.mutate(ends=ibis().coalesce(ends, ibis().literal(date.max)))


def _on(one: Expression, held: Expression) -> list[Expression]:
    return [one.day >= held.valid_from, one.day < held.ends]


def brought() -> Expression:
    """What customers brought, a row for each order: customer_id, day, currency, orders (1, or 0 of
    one that does not stand), net_minor, cost_minor, known_minor, assumed_minor, unknown_minor,
    margin_minor. A refund that takes from no order takes from the day on which it was given, as
    known."""
    bought, loose, zero = margins(), given_back(), _big(0)
    back = loose.select(
        "customer_id", "day", "currency", orders=zero, net_minor=-loose.amount_minor,
        cost_minor=zero, known_minor=-loose.amount_minor, assumed_minor=zero, unknown_minor=zero,
        margin_minor=-loose.amount_minor,
    )  # fmt: skip
    return bought.select(
        "customer_id", "day", "currency", orders=bought.stands.cast("int64"),
        net_minor="net_minor", cost_minor="cost_minor", known_minor="known_minor",
        assumed_minor="assumed_minor", unknown_minor="unknown_minor", margin_minor="margin_minor",
    ).union(back)  # fmt: skip


def earned() -> Expression:
    """The same, summed up by customer, day and currency."""
    rows = brought()
    sums = {
        name: rows[name].sum().cast("int64")
        for name in rows.columns
        if name not in ("customer_id", "day", "currency")
    }
    return rows.group_by("customer_id", "day", "currency").agg(**sums)


def given_back() -> Expression:
    """What was given back of no order, or in another currency than its order's: customer_id, day,
    currency, refunded_at, amount_minor."""
    refunds, orders = dated("refund"), dated("orders")
    home = orders.select("currency", order_id=orders.id)
    given = refunds.filter(~refunds.whole).left_join(home, "order_id")
    loose = given.filter(given.order_id_right.isnull() | (given.currency != given.currency_right))
    return loose.select("customer_id", "day", "currency", "refunded_at", "amount_minor")


def spent() -> Expression:
    """What was spent, a row for each cause: customer_id, day, currency, kind, journey, step,
    amount_minor. Of a tool's fee each customer of its month has a part, on the month's last day;
    where there is nobody to carry it, it is nobody's."""
    entries = dated("ledger_entry")
    own = entries.filter(entries.kind != TOOL_FEE, entries.amount_minor != 0)
    each = fees()
    return own.select(*each.columns).union(each)


def fees() -> Expression:
    """The fees of tools, each month's spread over who carries it; the parts add up to the fee."""
    entries = dated("ledger_entry")
    booked = entries.filter(entries.kind == TOOL_FEE, entries.amount_minor > 0)
    month = booked.select(
        "currency", "journey", "step", "kind", "day", "occurred_at", fee=booked.id,
        amount=booked.amount_minor, month=booked.day.truncate("M"),
    )  # fmt: skip
    units = _carried(month)
    held = month.left_join(units, "fee").drop("fee_right")
    window = ibis().window(group_by="fee", order_by="carrier", preceding=None, following=0)
    total = ibis().window(group_by="fee")
    # In floats, exact up to 2⁵³: whole numbers took DuckDB twice as long.
    upto = held.units.cast("float64").sum().over(window).cast("int64")
    held = held.mutate(upto=upto, all_of_it=held.units.sum().over(total))
    held = held.mutate(before=held.upto - held.units)
    part = _upto(held, held.upto) - _upto(held, held.before)
    return held.select(
        held.carrier.name("customer_id"), "day", "currency", "kind", "journey", "step",
        amount_minor=ibis().coalesce(part, held.amount).cast("int64"),
    ).filter(ibis()._.amount_minor != 0)  # fmt: skip


def _upto(held: Expression, units: Expression) -> Expression:
    """So much of the fee fell on the first ones. The last of them takes what is left exactly."""
    part = (held.amount * units) // held.all_of_it
    return (units == held.all_of_it).ifelse(held.amount, part)


def _carried(month: Expression) -> Expression:
    """Who carries each fee, by its rule: fee, carrier (a customer), units."""
    friends = table("friendship")
    known = month.filter(month.step == "friend").join(
        friends,
        [
            friends.first_added_at <= month.occurred_at,
            (friends.state == "live") | (friends.deleted_at > month.occurred_at),
        ],
    )
    orders, touches = dated("orders"), dated("touch")
    stood = orders.filter(orders.state == "paid", orders.customer_id.notnull())
    left = touches.filter(touches.sent_at.notnull())
    bought = stood.select("customer_id", month=stood.day.truncate("M"))
    sent = left.select("customer_id", month=left.day.truncate("M"))
    parts = [
        _units(known, distinct=True),
        _units(_of(month, "customer", bought.union(sent)), distinct=True),
        _units(_of(month, "touch", sent), distinct=False),
        _units(_of(month, "order", bought), distinct=False),
    ]
    return ibis().union(*parts)


def _of(month: Expression, rule: str, facts: Expression) -> Expression:
    return month.filter(month.step == rule).join(facts, "month")


def _units(rows: Expression, *, distinct: bool) -> Expression:
    carried = rows.select("fee", carrier=rows.customer_id)
    each = carried.distinct() if distinct else carried
    return each.group_by("fee", "carrier").agg(units=each.count())


def per_order(currency: str, since: date) -> Expression:
    """Of the orders that stand since a day, in this currency: how many, what each brings on
    average, its standard deviation, and which share of their net is at an assumed cost. Orders of
    which nobody knows what their goods cost are none of these."""
    orders = dated("orders")
    every = margins(
        orders.filter(orders.state == "paid", orders.currency == currency, orders.day >= since)
    )
    known = every.filter(every.net_minor > 0, every.unknown_minor == 0)
    return known.agg(
        many=known.count(),
        mean=known.margin_minor.mean(),
        spread=known.margin_minor.std(),
        assumed=known.assumed_minor.sum() / known.net_minor.sum(),
    )


def within_a_year(today: date) -> Expression:
    """Of customers whose first order is a year old: how many, how many of them bought again on
    another day of that year, and how many such orders those made."""
    orders = dated("orders")
    stood = orders.filter(orders.state == "paid", orders.customer_id.notnull())
    first = stood.group_by("customer_id").mutate(first=stood.day.min())
    old = first.filter(first.first <= today - timedelta(days=365))
    again = (old.day > old.first) & (old.day <= old.first + ibis().interval(days=365))
    each = old.group_by("customer_id").agg(orders=again.sum())
    return each.agg(here=each.count(), again=(each.orders > 0).sum(), orders=each.orders.sum())


def first_orders(since: date, until: date) -> Expression:
    """How many customers first bought in these days."""
    orders = dated("orders")
    stood = orders.filter(orders.state == "paid", orders.customer_id.notnull())
    first = stood.group_by("customer_id").agg(first=stood.day.min())
    return first.filter(first.first > since, first.first <= until).count().as_table()
