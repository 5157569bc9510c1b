"""What a story leaves unsaid of a fact: numbers, currency, staff; amounts in major units."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast

from siyu.events.model import KINDS
from siyu.kernel.money import to_minor
from siyu.kernel.time import zone
from siyu.playbooks.model.story import At, Place, Told

SHOP = "shop"
_MONEY = ("total", "amount", "unit")
_AT = re.compile(r"day (\d{1,4}) (\d\d:\d\d)")
_CONSENT: dict[str, Any] = {
    "channels": ["sms", "voice", "wecom"], "purposes": ["order_invitation", "promotion", "service"],
    "basis": "consent", "evidence": "story",
}  # fmt: skip
# Beside `shop`, `currency` and `staff`, which are filled in wherever a kind has them.
_USUAL: Mapping[str, Callable[[str, str], dict[str, Any]]] = {
    "order.paid": lambda who, number: {"order_no": f"{who}-{number}", "total_minor": 10_000},
    "order.refunded": lambda who, number: {"refund_no": f"R-{who}-{number}"},
    "order.corrected": lambda who, number: {"correction_no": f"C-{who}-{number}"},
    "payment.received": lambda who, number: {"trade_no": f"P-{who}-{number}"},
    "payment.refunded": lambda who, number: {"refund_no": f"R-{who}-{number}"},
    "parcel.planned": lambda who, number: {"parcel_no": f"PA-{who}-{number}"},
    "complaint.opened": lambda who, _: {"complaint": f"K-{who}"},
    "complaint.closed": lambda who, _: {"complaint": f"K-{who}"},
    "consent.given": lambda _, __: _CONSENT,
    "consent.withdrawn": lambda _, __: {"channels": ["sms", "voice", "wecom"]},
}  # fmt: skip


def moment(begins: datetime, at: At, of: Place) -> datetime:
    """When that is, by the clocks of the story's brand, in UTC."""
    place = zone(of.zone)
    day = begins.astimezone(place).date() + timedelta(days=at.day)
    return datetime.combine(day, at.clock or time(), place).astimezone(UTC)


def data_of(
    told: Told, of: Place, begins: datetime, staff: Sequence[str], touch: str
) -> dict[str, Any]:
    """The data of a fact as its kind has them; ValueError says what can't be read."""
    fields = KINDS[told.kind].__struct_fields__
    usual = {"shop": SHOP, "currency": of.currency, "staff": staff[0], "touch": touch}
    said = _plain(told.data, of, begins)
    if told.kind.startswith("complaint.") and "order_no" not in said:
        usual.pop("shop")  # it is about no order
    number = f"{told.at.day}-{told.line}"
    more = _USUAL.get(told.kind, lambda _, __: {})(told.who, number)
    if told.kind == "task.done":
        usual.pop("staff")
    if told.kind == "order.refunded":
        for line in said.get("lines", ()):
            line.pop("unit_minor")
    return {name: value for name, value in usual.items() if name in fields} | more | said


def _plain(data: Mapping[str, Any], of: Place, begins: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in data.items():
        if name in _MONEY:
            found[f"{name}_minor"] = to_minor(str(value), of.currency)
        elif name == "lines" and isinstance(value, list):
            found[name] = [_of_line(_plain(line, of, begins)) for line in cast("list[Any]", value)]
        elif isinstance(value, str) and (at := _AT.fullmatch(value)):
            there = At(int(at[1]), time.fromisoformat(at[2]))
            found[name] = moment(begins, there, of).isoformat()
        else:
            found[name] = value
    return found


def _of_line(line: dict[str, Any]) -> dict[str, Any]:
    if "pieces" in line:  # of a count of goods: nothing is bought
        return line
    amount = line.get("amount_minor", 0)
    return {"quantity": 1, "unit_minor": amount, "amount_minor": amount, **line}
