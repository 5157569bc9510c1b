"""The naive interpreter of predicates, customer by customer, over plain rows: what SQL must equal.

Written from the help texts, not from the SQL. Facts are dicts of table → list of rows (dicts).
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import md5
from typing import Any
from zoneinfo import ZoneInfo

from tests.segments.stocked import child_age, complaints, fits

from siyu.kernel.calendar import Yearly
from siyu.kernel.money import EXPONENTS
from siyu.segments.model import Form, Tree, decide

Facts = dict[str, list[dict[str, Any]]]


def matching(tree: Tree, facts: Facts, now: datetime) -> set[int]:
    return {
        customer["id"]
        for customer in facts["customer"]
        if customer["merged_into"] is None and holds(tree, facts, customer, now)
    }


def holds(tree: Tree, facts: Facts, customer: dict[str, Any], now: datetime) -> bool:
    return decide(tree, lambda leaf: _leaf(leaf.form, facts, customer, now))


def _leaf(form: Form, facts: Facts, customer: dict[str, Any], now: datetime) -> bool:
    mine = {
        table: [row for row in rows if row.get("customer_id") == customer["id"]]
        for table, rows in facts.items()
    }
    judge = {
        "everybody": _everybody,
        "stage": _stage,
        "synthetic": _synthetic,
        "orders": _orders,
        "spent": _spent,
        "lapsed": _lapsed,
        "friend": _friend,
        "tag": _tag,
        "fits": fits,
        "consent": _consent,
        "known": _known,
        "identity": _identity,
        "share": _share,
        "touched": _touched,
        "group": _group,
        "offer": _offer,
        "complaint": _complaint,
        "date": _date,
        "child_age": child_age,
        "festival": _festival,
        "event": _event,
        "sequence": _sequence,
    }[form.key]
    return judge(form, mine, facts, customer, now)


def _everybody(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    return form.yes


def _stage(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    stage = f"A{customer['stage']}"
    return (form.at_least or "A1") <= stage <= (form.at_most or "A5")


def _synthetic(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    return customer["synthetic"] == form.yes


def _orders(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    ever = [
        order["paid_at"]
        for order in mine["orders"]
        if order["state"] == form.state
        and _of_shop(form, order)
        and _holds_such(form, order, facts)
    ]
    return _often(form, ever, now, facts) and _recent(form, ever, now, facts)


def _often(form: Any, ever: list[datetime], now: datetime, facts: Facts) -> bool:
    found = sum(_in_time(form, at, now, facts) for at in ever)
    return form.at_least <= found and (form.at_most is None or found <= form.at_most)


def _recent(form: Any, ever: list[datetime], now: datetime, facts: Facts) -> bool:
    young, old = form.first_within, form.last_older_than
    if young is not None and not (
        ever and min(ever) <= now and _age(form, min(ever), now, facts) < young
    ):
        return False
    return old is None or bool(ever and _age(form, max(ever), now, facts) >= old)


def _holds_such(form: Any, order: dict[str, Any], facts: Facts) -> bool:
    if form.sku is None and form.category is None:
        return True
    lines = [
        item
        for item in facts["order_item"]
        if item["order_id"] == order["id"]
        and form.sku in (None, item["sku"])
        and form.category in (None, item["category"])
    ]
    if form.state != "paid":
        return bool(lines)
    skus = {line["sku"] for line in lines}
    left = sum(line["quantity"] for line in lines)
    for refund in facts["refund"]:
        if refund["order_id"] == order["id"] and refund["sku"] in skus:
            left -= refund["quantity"]
    return left > 0


def _lapsed(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    stood = [order for order in mine["orders"] if order["state"] == "paid"]
    if not stood:
        return False
    last = max(order["paid_at"] for order in stood)
    ids = {order["id"] for order in stood if order["paid_at"] == last}
    cycles = {said.rpartition(" ")[0]: _days(said) for said in form.cycles}
    bought = [item["category"] for item in facts["order_item"] if item["order_id"] in ids] + [
        None for one in ids if all(item["order_id"] != one for item in facts["order_item"])
    ]
    low = [_fold(cycles.get(one), form.at_least, form.older_than) for one in bought]
    high = [_fold(cycles.get(one), form.at_most, form.within) for one in bought]
    return last + max(low) <= now < last + max(high)


def _days(said: str) -> timedelta:
    return timedelta(days=int(said.rpartition(" ")[2].removesuffix("d")))


def _fold(cycle: timedelta | None, times: Decimal, otherwise: timedelta) -> timedelta:
    return otherwise if cycle is None else timedelta(seconds=float(times) * cycle.total_seconds())


def _spent(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    currency = form.currency or facts["brand"][0]["currency"]
    asked = (
        minor
        for at, shop, money, minor in _payments(form, mine, facts)
        if money == currency and form.shop in (None, shop) and _in_time(form, at, now, facts)
    )
    spent = Decimal(sum(asked)).scaleb(-EXPONENTS[currency])
    low, high = form.at_least, form.at_most
    return (low is None or spent >= low) and (high is None or spent <= high)


def _payments(form: Any, mine: Facts, facts: Facts) -> list[tuple[datetime, str, str, int]]:
    """When, in which shop, in which currency, how much: what was paid, and given back."""
    found: list[tuple[datetime, str, str, int]] = []
    some = form.sku is not None or form.category is not None
    for order in mine["orders"]:
        if order["state"] != "paid":
            continue
        lines = [item for item in facts["order_item"] if item["order_id"] == order["id"]]
        such = [one for one in lines if form.category in (None, one["category"])]
        minor = order["total_minor"] - order["refunded_minor"]
        if some:
            minor = sum(one["amount_minor"] for one in such if form.sku in (None, one["sku"]))
            skus = {one["sku"] for one in such} if form.category else {form.sku}
            minor -= sum(
                one["amount_minor"]
                for one in facts["refund"]
                if one["order_id"] == order["id"] and one["currency"] == order["currency"]
                and one["sku"] in skus and form.sku in (None, one["sku"]) and not one["whole"]
            )  # fmt: skip
        found.append((order["paid_at"], order["shop"], order["currency"], minor))
    for one in mine["refund"]:  # of no order: nobody knows of which category
        of_such = form.sku in (None, one["sku"]) and form.category is None
        if one["order_id"] is None and not one["whole"] and of_such:
            found.append((one["refunded_at"], one["shop"], one["currency"], -one["amount_minor"]))
    return found


def _friend(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    ever = _friendships(form, mine)
    found = any(_in_time(form, at, now, facts) for at in ever)
    return (not found if form.state == "never" else found) == form.yes


def _friendships(form: Any, mine: Facts) -> list[datetime]:
    asked = {
        "live": ["live"],
        "deleted": ["deleted_by_customer", "deleted_by_staff"],
        "deleted_by_customer": ["deleted_by_customer"],
        "deleted_by_staff": ["deleted_by_staff"],
    }.get(form.state)
    return [
        row["deleted_at" if form.state.startswith("deleted") else "added_at"]
        for row in mine["friendship"]
        if (row["state"] in asked if asked else row["first_added_at"] is not None)
        and form.staff in (None, row["staff"])
        and form.way in (None, row["way"])
    ]


def _tag(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    return any(
        (form.name is None or tag["name"] == form.name)
        and (form.any_of is None or tag["name"] in form.any_of)
        and (form.prefix is None or tag["name"].startswith(form.prefix))
        and form.source in (None, tag["source"])
        and tag["confidence"] >= 100 * (form.confidence_at_least or 0)
        and (tag["until"] is None or now < tag["until"])
        and _in_time(form, tag["tagged_at"], now, facts)
        for tag in mine["tag"]
    )


def _known(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    return _in_time(form, customer["created_at"], now, facts)


def _identity(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    return any(
        row["kind"] in form.kind and _in_time(form, row["created_at"], now, facts)
        for row in mine["identity"]
    )


def _share(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    digest = md5(f"{form.of}\x1f{customer['id']}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) < int(form.percent * 2**32 / 100)


def _touched(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    ever = _touches(form, mine)
    return _often(form, ever, now, facts) and _recent(form, ever, now, facts)


def _touches(form: Any, mine: Facts) -> list[datetime]:
    good = {"delivered": {"delivered", "read", "replied"}}.get(form.state, {form.state})
    time = "finished_at" if form.state in ("failed", "withheld") else "sent_at"
    return [
        row[time]
        for row in mine["touch"]
        if row[time] is not None
        and (form.state == "sent" or row["state"] in good)
        and all(
            getattr(form, name) in (None, row[name])
            for name in ("channel", "purpose", "journey", "step", "outcome")
        )
        and (form.intent is None or row["intent"] in form.intent)
    ]


def _group(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    for row in mine["group_member"]:
        came, left = row["joined_at"], row["left_at"]
        inside = came is not None and (left is None or left <= came)
        if (
            (inside or form.ever)
            and form.chat in (None, row["chat"])
            and form.way in (None, row["way"])
            and form.purpose in (None, row["purpose"])
            and _in_time(form, came, now, facts)
        ):
            return True
    return False


def _complaint(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    return any(_in_time(form, at, now, facts) for at in complaints(form, mine))


def _offer(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    return any(
        form.offer in (None, row["offer"])
        and (form.kind is None or row["kind"] in form.kind)
        and (form.state is None or row["state"] in form.state)
        and _in_time(form, row["promised_at"], now, facts)
        for row in mine["promise"]
    )


def _date(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    today = now.astimezone(_zone(facts)).date()
    for row in mine["customer_date"]:
        comes = Yearly(row["calendar"], row["month"], row["day"]).next(today)
        if row["name"] == form.name and comes and comes - today < timedelta(days=form.in_days):
            return True
    return False


def _festival(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    today = now.astimezone(_zone(facts)).date()
    known = {"singles_day": date(2026, 11, 11), "double_12": date(2026, 12, 12)}
    known |= {"laba": date(2027, 1, 15), "mothers_day": date(2027, 5, 9)}
    day = known[form.name]
    day = day if day >= today else day.replace(year=day.year + 1)
    return 0 <= (day - today).days < form.in_days


def _event(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    ever = _events(form, mine, facts)
    found = sum(_in_time(form, at, now, facts) for at in ever)
    return form.at_least <= found and (form.at_most is None or found <= form.at_most)


def _events(form: Any, mine: Facts, facts: Facts) -> list[datetime]:
    identities = {row["id"] for row in mine["identity"]}
    subjects = {r["event_id"] for r in facts["event_subject"] if r["identity_id"] in identities}
    found = []
    for row in facts["event"]:
        if row["id"] not in subjects or row["kind"] != form.kind:
            continue
        value = json.loads(row["data"])["d"].get(form.where, DEFAULTS.get(form.where))
        if (form.is_ is None or value == form.is_) and (
            form.value_at_least is None or (value is not None and value >= form.value_at_least)
        ):
            found.append(row["occurred_at"])
    return found


DEFAULTS = {"synthetic": False}


def _sequence(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    began = _happened(form.first, mine, facts, now)
    if form.which != "any" and began:
        began = [min(began) if form.which == "first" else max(began)]
    for at in began:
        later = _happened(form.then or form.not_then, mine, facts, now)
        came = any(at < one and (form.within is None or one <= at + form.within) for one in later)
        if form.then is not None and came:
            return True
        over = form.within is None or at + form.within <= now
        if form.not_then is not None and over and not came:
            return True
    return False


def _happened(step: Any, mine: Facts, facts: Facts, now: datetime) -> list[datetime]:
    match step.key:
        case "orders":
            ever = [
                order["paid_at"]
                for order in mine["orders"]
                if order["state"] == step.state
                and _of_shop(step, order)
                and _holds_such(step, order, facts)
            ]
        case "touched":
            ever = _touches(step, mine)
        case "friend":
            ever = _friendships(step, mine)
        case "complaint":
            ever = complaints(step, mine)
        case _:
            ever = _events(step, mine, facts)
    return [at for at in ever if at is not None and at <= now and _in_time(step, at, now, facts)]


def _consent(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    words = [
        (row["changed_at"], row["state"] == "withdrawn")
        for row in mine["consent"]
        if (row["channel"], row["purpose"]) == (form.channel, form.purpose)
    ]
    return bool(words) and max(words)[1] == (form.state == "withdrawn")


def _in_time(form: Any, at: datetime | None, now: datetime, facts: Facts) -> bool:
    if form.within is None and form.older_than is None:
        return True
    if at is None:
        return False
    age = _age(form, at, now, facts)
    if form.within is not None and age >= form.within:
        return False
    return at <= now if form.older_than is None else age >= form.older_than


def _age(form: Any, at: datetime, now: datetime, facts: Facts) -> timedelta:
    if not getattr(form, "whole_days", False):
        return now - at
    zone = _zone(facts)
    return now.astimezone(zone).date() - at.astimezone(zone).date()


def _zone(facts: Facts) -> ZoneInfo:
    return ZoneInfo(facts["brand"][0]["time_zone"])


def _of_shop(form: Any, order: dict[str, Any]) -> bool:
    currency = getattr(form, "currency", None)
    return form.shop in (None, order["shop"]) and currency in (None, order["currency"])
