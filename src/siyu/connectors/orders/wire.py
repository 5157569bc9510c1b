"""Rows and orders of a shop's own system as our facts. Pure; the form is in README.md beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple, cast

import msgspec

from siyu.connectors.orders.config import Config
from siyu.events.model import Incoming
from siyu.kernel.errors import BadInput
from siyu.kernel.money import exponent, to_minor
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import instant, zone
from siyu.vault.model import is_masked

SOURCE: Final = "orders"
LONGEST: Mapping[str, int] = {"store_code": 60, "title": 500}
LONGEST_TEXT = 120  # of any other field
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,8})?")
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_items = msgspec.json.Decoder(list[msgspec.Raw])
_item = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)  # money is never a float

Fields = Mapping[str, Any]


class Wrong(NamedTuple):
    """What is wrong with an order: on which of its lines, if on one, in which field, and why."""

    field: str
    why: Sentence
    line: str = ""


class Read(NamedTuple):
    """An order as it was read: the event, or what is wrong. `items`: its places in the array."""

    store: str
    order_no: str
    items: tuple[int, ...]
    event: Incoming | None
    wrong: Wrong | None = None


class _Row(NamedTuple):
    place: int
    fields: Fields
    whole: Fields | None = None  # of an order that came in one piece


class _Line(NamedTuple):
    row: Fields
    quantity: Decimal
    minor: int
    unit_minor: int


class _Unusable(Exception):
    """Carries what is wrong out of a nested check; never leaves this file."""

    def __init__(self, field: str, why: Sentence, row: Fields | None = None) -> None:
        line = (row or {}).get("line_no", "")
        self.wrong = Wrong(field, why, str(line)[:LONGEST_TEXT] if row else "")
        super().__init__(field)


def orders(config: Config, body: bytes, now: datetime) -> list[Read]:
    """What a body holds, order by order as each first comes; a wrong one spoils no other."""
    try:
        items = _items.decode(body)
    except _UNREADABLE:
        raise BadInput(
            Sentence("the body must be a JSON array of orders", "请求体应是订单的 JSON 数组")
        ) from None
    found: list[Read] = []
    grouped: dict[tuple[str, str], list[_Row]] = {}
    for place, raw in enumerate(items):
        try:
            row = _row(place, raw)
            name = _name(row.fields)
        except _Unusable as unusable:
            found.append(Read("", "", (place,), None, unusable.wrong))
        else:
            grouped.setdefault(name, []).append(row)
    found += [_read(config, name, rows, now) for name, rows in grouped.items()]
    return sorted(found, key=lambda one: one.items[0])


def _row(place: int, raw: msgspec.Raw) -> _Row:
    try:
        fields = _item.decode(raw)
    except _UNREADABLE:
        raise _Unusable("", Sentence("is not a JSON object", "不是 JSON 对象")) from None
    return _Row(place, fields, fields if "lines" in fields else None)


def _name(fields: Fields) -> tuple[str, str]:
    store, order_no = _needed(fields, "store_code"), _needed(fields, "pos_order_no")
    if "/" in store:
        raise _Unusable("store_code", Sentence("may hold no slash", "不能含斜杠"))
    return store, order_no


def _read(config: Config, name: tuple[str, str], rows: Sequence[_Row], now: datetime) -> Read:
    items = tuple(row.place for row in rows)
    try:
        return Read(*name, items, _event(config, name, rows, now))
    except _Unusable as unusable:
        return Read(*name, items, None, unusable.wrong)


def _event(config: Config, name: tuple[str, str], rows: Sequence[_Row], now: datetime) -> Incoming:
    lines = _lines(config, rows)
    head = [line.row for line in lines]
    at = _paid_at(config, _same(head, "paid_at"), now)
    refund_of = _same(head, "refund_of")
    total = _total(config, rows, lines)
    if refund_of or total < 0:
        kind, data = "order.refunded", _refund(name, refund_of, total, lines)
    else:
        kind, data = "order.paid", _paid(name, total, lines)
    data["currency"] = config.currency
    return Incoming(
        source=SOURCE,
        id="/".join(name),
        kind=kind,
        occurred_at=at.isoformat(),
        keys=_keys(head),
        data=msgspec.Raw(msgspec.json.encode(data)),
    )


def _lines(config: Config, rows: Sequence[_Row]) -> list[_Line]:
    """Its lines, each with what belongs to the whole order."""
    if len(rows) > 1 and any(row.whole is not None for row in rows):
        raise _Unusable("pos_order_no", Sentence("is there twice", "出现了两次"))
    whole = rows[0].whole
    found = [row.fields for row in rows]
    if whole is not None:
        shared = {name: whole[name] for name in whole if name not in ("lines", "paid_amount")}
        found = [{**shared, **line} for line in _inner(whole)]
    numbers = [one for one in (_text(row, "line_no") for row in found) if one]
    if len(numbers) > len(set(numbers)):
        raise _Unusable("line_no", Sentence("is there twice", "出现了两次"))
    return [_line(config, row) for row in found]


def _inner(whole: Fields) -> list[Fields]:
    lines = whole["lines"]
    if not isinstance(lines, list) or not lines:
        raise _Unusable("lines", Sentence("must be an array with a line", "应是非空数组"))
    found = cast("list[Any]", lines)
    if not all(isinstance(line, dict) for line in found):
        raise _Unusable("lines", Sentence("must hold objects", "各项应是对象"))
    return found


def _line(config: Config, row: Fields) -> _Line:
    _needed(row, "sku", row)
    quantity = _number(row, "qty", Decimal(1))
    unit, paid = _number(row, "unit_price"), _number(row, "paid_amount")
    if quantity is None or quantity == 0:
        raise _Unusable("qty", Sentence("must not be 0", "不能为 0"), row)
    if paid is not None:
        minor = _exact(config, paid, row)
    elif unit is not None:
        minor = _rounded(config, unit * quantity, "unit_price", row)
    else:
        raise _Unusable("paid_amount", Sentence("is missing", "缺少"), row)
    each = unit if unit is not None else (paid or Decimal(0)) / quantity
    return _Line(row, quantity, minor, _rounded(config, each, "unit_price", row))


def _total(config: Config, rows: Sequence[_Row], lines: Sequence[_Line]) -> int:
    """What was paid for all: of an order in one piece it may say so itself (freight, rounding)."""
    whole = rows[0].whole
    paid = _number(whole, "paid_amount") if whole is not None else None
    if whole is None or paid is None:
        return sum(line.minor for line in lines)
    return _exact(config, paid, whole)


def _paid(name: tuple[str, str], total: int, lines: Sequence[_Line]) -> dict[str, Any]:
    return {
        "shop": name[0],
        "order_no": name[1],
        "total_minor": total,
        "lines": [
            {
                "sku": _text(line.row, "sku"),
                "title": _text(line.row, "title"),
                "quantity": _pieces(line.quantity),
                "unit_minor": line.unit_minor,
                "amount_minor": line.minor,
            }
            for line in lines
        ],
    }


def _refund(
    name: tuple[str, str], refund_of: str, total: int, lines: Sequence[_Line]
) -> dict[str, Any]:
    if len({line.minor > 0 for line in lines if line.minor}) > 1:
        why = Sentence(
            "gives back and sells in one: post an exchange as two orders",
            "一单里既有退又有卖：换货请分两单推送",
        )
        raise _Unusable("paid_amount", why)
    data: dict[str, Any] = {
        "shop": name[0],
        "refund_no": name[1],
        "amount_minor": abs(total),
        "lines": [
            {
                "sku": _text(line.row, "sku"),
                "quantity": abs(_pieces(line.quantity)),
                "amount_minor": abs(line.minor),
            }
            for line in lines
        ],
    }
    return data | ({"order_no": refund_of} if refund_of else {})


def _pieces(quantity: Decimal) -> int:
    """What is weighed counts as one piece."""
    whole = quantity.to_integral_value()
    return int(whole) if whole == quantity else (1 if quantity > 0 else -1)


def _keys(rows: Sequence[Fields]) -> dict[str, str]:
    """Who bought it; a phone that somebody has masked names nobody."""
    phone, member = _same(rows, "phone"), _same(rows, "member_id")
    keys = {"phone": phone} if phone and not is_masked(phone) else {}
    return keys | ({"member": member} if member else {})


def _paid_at(config: Config, text: str, now: datetime) -> datetime:
    if not text:
        raise _Unusable("paid_at", Sentence("is missing", "缺少"))
    try:
        local = datetime.fromisoformat(text.replace("/", "-"))
        if local.tzinfo is None:
            local = local.replace(tzinfo=zone(config.zone))
        at = instant(local.isoformat())
    except ValueError:
        why = Sentence("is not a time like 2026-11-20 10:00:00", "应形如 2026-11-20 10:00:00")
        raise _Unusable("paid_at", why) from None
    if now - at > timedelta(days=config.late_days):
        why = Sentence(
            f"was more than {config.late_days} days ago: import it from a file",
            f"已超过 {config.late_days} 天：请用文件导入",
        )
        raise _Unusable("paid_at", why)
    return at


def _same(rows: Sequence[Fields], name: str) -> str:
    """What the rows of an order say about the whole of it: one thing, or nothing."""
    said = {text for row in rows if (text := _text(row, name))}
    if len(said) > 1:
        raise _Unusable(name, Sentence("differs within the order", "同一订单内不一致"))
    return said.pop() if said else ""


def _needed(fields: Fields, name: str, row: Fields | None = None) -> str:
    text = _text(fields, name, row)
    if not text:
        raise _Unusable(name, Sentence("is missing", "缺少"), row)
    return text


def _text(fields: Fields, name: str, row: Fields | None = None) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Unusable(name, Sentence("must be text", "应是文字"), row)
    text = str(value).strip()
    longest = LONGEST.get(name, LONGEST_TEXT)
    if len(text) > longest or _CONTROL.search(text):
        why = Sentence(
            f"takes {longest} characters at most, none of them a control character",
            f"最多 {longest} 个字符，不能含控制字符",
        )
        raise _Unusable(name, why, row)
    return text


def _number(fields: Fields, name: str, otherwise: Decimal | None = None) -> Decimal | None:
    value = fields.get(name)
    if value is None or value == "":
        return otherwise
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        text = f"{value:f}" if isinstance(value, Decimal) else str(value).strip()
        if _NUMBER.fullmatch(text):
            return Decimal(text)
    raise _Unusable(name, Sentence("is not a number like 12.50", "应是 12.50 这样的数字"), fields)


def _exact(config: Config, amount: Decimal, row: Fields) -> int:
    """What was paid is never rounded."""
    minor = amount.scaleb(exponent(config.currency))
    if minor != minor.to_integral_value():
        why = Sentence(
            f"has more decimals than {config.currency} has",
            f"小数位多于 {config.currency} 的最小单位",
        )
        raise _Unusable("paid_amount", why, row)
    return _rounded(config, amount, "paid_amount", row)


def _rounded(config: Config, amount: Decimal, field: str, row: Fields) -> int:
    try:
        return to_minor(f"{amount:f}", config.currency)
    except ValueError:
        raise _Unusable(field, Sentence("is too large", "太大"), row) from None
