"""What customers brought and cost, by the day since they came: Ibis expressions.

A customer's orders count from the moment of coming on: the order that led to it is not of it.
"""

from __future__ import annotations

from datetime import date

from siyu.acquisition.model import CARD_STEP
from siyu.analytics.compile import money
from siyu.analytics.decide.groups import GROUPS
from siyu.analytics.decide.payback import LONGEST
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis

# What changes with a fact; of all facts, so that they can be put together.
AMOUNTS = ("people", "margin_minor", "cost_minor", "net_minor", "unknown_minor")


def friends() -> Expression:
    """Everybody who ever became a friend: customer_id, at, day (of the first time), of (the source
    of the first account that came; '' : nothing says)."""
    added = dated("friendship").filter(ibis()._.first_added_at.notnull())
    first = added.group_by("customer_id").agg(at=added.first_added_at.min(), day=added.day.min())
    matches = dated("friend_match")
    said = matches.filter(matches.source != "")
    window = ibis().window(group_by="customer_id", order_by=["added_at", "source"])
    ranked = said.mutate(place=ibis().row_number().over(window))
    source = ranked.filter(ranked.place == 0).select("customer_id", of="source")
    found = first.left_join(source, "customer_id")
    return found.select("customer_id", "at", "day", of=ibis().coalesce(found.of, ""))


def drawn() -> Expression:
    """Everybody who was drawn for a hold-out: customer_id, at, day, of (its scope, a journey),
    held."""
    rows = dated("holdout")
    return rows.select("customer_id", "day", "held", at=rows.assigned_at, of=rows.scope)


def came(today: date, unit: str = "M") -> Expression:
    """Friends (held: null) and who was drawn: customer_id, of, at, day, held, cohort (the first day
    of a week, `W`, or month; of those who were drawn always of a month, for a week's hold-out is
    few), group, age (days)."""
    columns = ("customer_id", "of", "at", "day", "held")
    every = (
        friends()
        .mutate(held=ibis().null("boolean"))
        .select(*columns)
        .union(drawn().select(*columns))
    )
    who = every.select(
        *columns,
        cohort=every.held.isnull().ifelse(every.day.truncate(unit), every.day.truncate("M")),
        group=_group(every.customer_id),
        age=ibis().literal(today).delta(every.day, unit="day"),
    )
    return who.filter(who.age >= 0)


def theirs(who: Expression, currency: str) -> Expression:
    """Orders of those who `came`, from the moment on when they did, as long as they are watched."""
    orders = dated("orders")
    watched = who.select(
        "customer_id", "at", last=(who.day + ibis().interval(days=LONGEST)).cast("date")
    )
    kept = orders.filter(orders.currency == currency)
    return kept.semi_join(
        watched,
        [
            kept.customer_id == watched.customer_id,
            kept.paid_at >= watched["at"],
            kept.day <= watched["last"],
        ],
    )


def costs(currency: str) -> Expression:
    """What was spent on customers: customer_id, day, journey ('' : none), vain (whether it was to
    win them), amount_minor."""
    every = money.spent()
    mine = every.filter(every.currency == currency, every.customer_id.notnull())
    vain = (mine.journey != "") | (mine.step == CARD_STEP)
    return mine.select("customer_id", "day", "journey", "amount_minor", vain=vain)


def grown(who: Expression, orders: Expression, spent: Expression, currency: str) -> Expression:
    """Of those who `came`, `theirs` of them and the `costs`: of, cohort, group, held, day (since
    they came, 0-180), and what changes on it: people, margin_minor, cost_minor, net_minor, of which
    unknown_minor is of goods without a known cost. Who is too young for a day is taken out again
    with all that was theirs."""
    facts = ibis().union(_heads(who), _brought(who, orders, currency), _cost(who, spent))
    facts = facts.filter(facts.since <= ibis().least(facts.age, LONGEST))
    keys = ("of", "cohort", "group", "held")
    # Most are too old to be taken out again: together they are few rows.
    left = (facts.age < LONGEST).ifelse(facts.age + 1, ibis().null("int64"))
    rows = _summed(facts.mutate(left=left), *keys, "since", "left")
    here = rows.select(*keys, *AMOUNTS, day=rows.since)
    gone = rows.filter(rows.left.notnull()).select(
        *keys, **{name: -rows[name] for name in AMOUNTS}, day=rows.left
    )
    return _summed(here.union(gone), *keys, "day").select(*keys, "day", *AMOUNTS)


def _summed(rows: Expression, *keys: str) -> Expression:
    return rows.group_by(*keys).agg(**{name: rows[name].sum().cast("int64") for name in AMOUNTS})


def lost(spent: Expression, unit: str = "M") -> Expression:
    """What of the `costs` was spent on customers who never became friends: journey ('' : of a card
    in a parcel), cohort (the first day of the week or month in which), group, cost_minor."""
    nobody = spent.filter(spent.vain).anti_join(friends(), "customer_id")
    return nobody.group_by(
        "journey", cohort=nobody.day.truncate(unit), group=_group(nobody.customer_id)
    ).agg(cost_minor=nobody.amount_minor.sum().cast("int64"))


def _group(customer: Expression) -> Expression:
    return (customer % GROUPS).cast("int64")


def _facts(rows: Expression, since: Expression, **amounts: Expression) -> Expression:
    """All alike; `amounts` that are not named are nothing."""
    nothing = ibis().literal(0)
    told = {name: amounts.get(name, nothing).cast("int64") for name in AMOUNTS}
    return rows.select("of", "cohort", "group", "held", "age", since=since.cast("int64"), **told)


def _heads(who: Expression) -> Expression:
    return _facts(who, ibis().literal(0), people=ibis().literal(1))


def _brought(who: Expression, orders: Expression, currency: str) -> Expression:
    loose = money.given_back()
    bought = money.margins(orders).join(orders.select("paid_at", order_id=orders.id), "order_id")
    rows = bought.select(
        "customer_id", "margin_minor", "net_minor", "unknown_minor", fact_day=bought.day,
        moment=bought.paid_at,
    )  # fmt: skip
    back = loose.filter(loose.currency == currency)
    less = (-back.amount_minor).cast("int64")
    rows = rows.union(
        back.select(
            "customer_id", margin_minor=less, net_minor=less,
            unknown_minor=ibis().literal(0, type="int64"), fact_day=back.day,
            moment=back.refunded_at,
        )
    )  # fmt: skip
    mine = rows.join(who, "customer_id").filter(ibis()._.moment >= ibis()._["at"])
    return _facts(
        mine, mine.fact_day.delta(mine.day, unit="day"), margin_minor=mine.margin_minor,
        net_minor=mine.net_minor, unknown_minor=mine.unknown_minor,
    )  # fmt: skip


def _cost(who: Expression, spent: Expression) -> Expression:
    """What was spent before they came was spent for that: it is of day 0."""
    kept = spent.select("customer_id", "amount_minor", spent_day=spent.day)
    rows = kept.join(who, "customer_id")
    since = ibis().greatest(rows.spent_day.delta(rows.day, unit="day"), 0)
    return _facts(rows, since, cost_minor=rows.amount_minor)
