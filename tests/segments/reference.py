"""The naive interpreter of predicates, customer by customer, over plain rows: what SQL must equal.

Written from the help texts, not from the SQL. Facts are dicts of table → list of rows (dicts).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

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
        "friend": _friend,
        "tag": _tag,
        "consent": _consent,
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
    found = 0
    for order in mine["orders"]:
        if order["state"] == form.state and _in_time(form, order, now) and _of_shop(form, order):
            found += _holds_such(form, order, facts)
    return found >= form.at_least


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


def _spent(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    currency = form.currency or facts["brand"][0]["currency"]
    spent = Decimal(0)
    for order in mine["orders"]:
        if order["state"] != "paid" or order["currency"] != currency:
            continue
        if _in_time(form, order, now) and _of_shop(form, order):
            net = Decimal(order["total_minor"] - order["refunded_minor"])
            spent += net.scaleb(-EXPONENTS[currency])
    return spent >= form.at_least


def _friend(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    return any(row["state"] == "live" for row in mine["friendship"]) == form.yes


def _tag(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    for tag in mine["tag"]:
        if tag["name"] == form.name and (
            form.older_than is None or now - tag["tagged_at"] >= form.older_than
        ):
            return True
    return False


def _consent(form: Any, mine: Facts, facts: Facts, customer: Any, now: datetime) -> bool:
    words = [
        (row["changed_at"], row["state"] == "withdrawn")
        for row in mine["consent"]
        if (row["channel"], row["purpose"]) == (form.channel, form.purpose)
    ]
    return bool(words) and not max(words)[1]


def _in_time(form: Any, order: dict[str, Any], now: datetime) -> bool:
    return form.within is None or now - form.within < order["paid_at"] <= now


def _of_shop(form: Any, order: dict[str, Any]) -> bool:
    return form.shop in (None, order["shop"])
