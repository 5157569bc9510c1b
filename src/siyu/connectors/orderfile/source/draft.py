"""A mapping proposed for a file that nobody knows: from the names of columns and what is in them.

A draft only: somebody says yes to it. `sure` tells of each field how sure it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple, cast

import msgspec

from siyu.connectors.orderfile.config import ISO, plain_column, several
from siyu.connectors.orderfile.source.opened import Opened, mappings
from siyu.connectors.orderfile.wire import cells as read
from siyu.connectors.orderfile.wire.cells import clean
from siyu.kernel.money import to_minor
from siyu.kernel.time import EARLIEST

FORMATS = (
    ISO, "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y.%m.%d %H:%M:%S", "%Y%m%d%H%M%S",
    "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日",
)  # fmt: skip
# Columns as shops name them, the most telling first; those of our mappings are known as well.
_COLUMNS = """
order.column: 主订单编号 订单编号 订单号 订单id orderno ordernumber orderid invoiceno order
time.column: 支付完成时间 订单付款时间 付款时间 支付时间 订单提交时间 下单时间 订单创建时间
time.column: paidat paymenttime invoicedate orderdate createdat date time
line.sku: 商家编码 sku编码 规格编码 商品编码 货号 sku 商品id stockcode itemid
line.title: 商品名称 商品标题 宝贝标题 选购商品 商品 title productname product description
line.category: 商品类目 类目 category
line.quantity: 商品数量 购买数量 宝贝数量 数量 quantity qty
line.amount: 订单实付金额 买家实际支付金额 实付金额 订单应付金额 应付金额 实收金额 总金额
line.amount: 金额 amount total
line.price: 商品单价 单价 价格 unitprice price
status.column: 订单状态 交易状态 状态 orderstatus status
refund.amount: 退款金额 已退金额 refundamount
customer.buyer: 买家会员名 买家昵称 买家id 用户id 买家 customerid buyerid buyer
customer.member: 会员号 会员卡号 memberno member
customer.phone: 收件人手机号 收货人手机 联系手机 手机号码 手机号 手机 联系电话 电话 phone mobile
customer.name: 收件人姓名 收货人姓名 收件人 收货人 姓名 customername name
customer.address: 详细地址 收货地址 收件地址 地址 address
"""
BY_NAME, BY_PART, BY_CELLS = 0.6, 0.4, 0.4  # of being sure
LEAST_SURE = 0.5
STATES = ("paid", "unpaid", "closed", "refunded", "ignored")


class Proposal(NamedTuple):
    """What is proposed, and of each field, such as `order.column`, how sure it is: 0 to 1."""

    draft: dict[str, Any]
    sure: dict[str, float]


class _Guess(NamedTuple):
    sure: float
    rank: int  # of the name among those of its field
    field: str
    place: int


def propose(opened: Opened, rows: Sequence[Sequence[str]], currency: str) -> Proposal:
    """A mapping to begin with; what nothing suggests is missing."""
    columns = [
        [text for row in rows if at < len(row) and (text := clean(row[at]))]
        for at in range(len(opened.header))
    ]
    draft: dict[str, Any] = {"currency": currency, "line": {}, "customer": {}}
    if opened.delimiter != ",":
        draft["delimiter"] = opened.delimiter
    sure: dict[str, float] = {}
    for guess in _chosen(_guesses(opened.header, columns, currency)):
        part, _, word = guess.field.partition(".")
        draft.setdefault(part, {})[word] = opened.header[guess.place]
        sure[guess.field] = round(guess.sure, 2)
    if "amount" in draft["line"] and draft["line"].pop("price", None):
        sure.pop("line.price")
    for part, add in (("time", _format), ("status", _words)):
        if part in draft:
            draft[part] |= add(columns[opened.header.index(draft[part]["column"])])
    phones = draft["customer"].get("phone")
    if phones and any("*" in text for text in columns[opened.header.index(phones)]):
        draft["customer"]["masked_phone"] = "keep"
    return Proposal(draft, sure)


def as_text(proposal: Proposal, header: Sequence[str]) -> str:
    """A mapping file to go on with: what is proposed, how sure it is, what is still to be said."""
    named = {name for part in proposal.draft.values() for name in _texts(part)}
    whole = {
        "mapping": "my-shop", "title": {"zh": "我的店铺", "en": "my shop"}, "source": "my-shop",
        "header": [name for name in header if name in named],
        "shop": {"code": "my-shop", "name": "My shop", "platform": "other"},
    }  # fmt: skip
    sure = [f"#   {field}: {many:.0%}\n" for field, many in proposal.sure.items()]
    return (
        "# Proposed from the names of columns and what is in them; how sure each field is:\n"
        + "".join(sure)
        + "# Look it over, name your shop, and import with --mapping.\n"
        + "".join(
            f"{name}: {msgspec.json.encode(said).decode()}\n"  # JSON is YAML
            for name, said in (whole | proposal.draft).items()
        )
    )


def _texts(part: object) -> list[str]:
    values = cast("dict[str, object]", part).values() if isinstance(part, dict) else ()
    return [value for value in values if isinstance(value, str)]


@cache
def aliases() -> Mapping[str, Sequence[str]]:
    """Field → the names that it is known by, in the form in which they are compared."""
    found: dict[str, dict[str, None]] = {}
    for line in _COLUMNS.strip().splitlines():
        field, _, names = line.partition(": ")
        found.setdefault(field, {}).update(dict.fromkeys(map(_bare, names.split())))
    for one in mappings().values():
        for field, names in one.wanted():
            if field in found:
                found[field].update(dict.fromkeys(map(_bare, several(names))))
    return {field: list(names) for field, names in found.items()}


def _guesses(
    header: Sequence[str], columns: Sequence[Sequence[str]], currency: str
) -> list[_Guess]:
    found: list[_Guess] = []
    for place, name in enumerate(header):
        bare = _bare(name)
        for field, names in aliases().items():
            by_name = _by_name(bare, names)
            if by_name is None:
                continue
            fits = _fitting(field, columns[place], currency)
            found.append(_Guess(by_name[0] + BY_CELLS * fits, by_name[1], field, place))
    return found


def _by_name(bare: str, names: Sequence[str]) -> tuple[float, int] | None:
    """How much the name alone says, and which name of the field it is."""
    if bare in names:
        return BY_NAME, names.index(bare)
    parts = [name for name in names if len(name) > 1 and name in bare]
    if not parts:
        return None
    longest = max(parts, key=len)
    return BY_PART * (1 + len(longest) / len(bare)) / 2, len(names) + names.index(longest)


def _chosen(guesses: Sequence[_Guess]) -> list[_Guess]:
    """Each field once, each column once; the surest first, then the most telling name."""
    chosen: dict[str, _Guess] = {}
    for guess in sorted(guesses, key=lambda one: (-one.sure, one.rank, one.place)):
        taken = any(one.place == guess.place for one in chosen.values())
        if guess.sure >= LEAST_SURE and guess.field not in chosen and not taken:
            chosen[guess.field] = guess
    return list(chosen.values())


def _fitting(field: str, cells: Sequence[str], currency: str) -> float:
    """The share of cells that are what this field holds; of none, half."""
    if not cells:
        return 0.5
    check = _CHECKS.get(field)
    if check is None:
        return 1.0
    return sum(check(cell, currency) for cell in cells) / len(cells)


def _is_amount(cell: str, currency: str) -> bool:
    try:
        to_minor(read.amount(cell), currency)
    except ValueError:
        return False
    return True


def _is_whole(cell: str, _: str) -> bool:
    return re.fullmatch(r"-?\d{1,7}(\.0+)?", cell) is not None


def _is_time(cell: str, _: str) -> bool:
    return any(_fits(cell, form) for form in FORMATS)


def _is_phone(cell: str, _: str) -> bool:
    kind = read.phone(cell)
    return kind in ("masked", "virtual", "cipher") or (
        kind == "number" and re.fullmatch(r"\+?[\d -]{7,20}", cell) is not None
    )


def _is_number(cell: str, _: str) -> bool:
    return re.fullmatch(r"[A-Za-z]{0,4}[-\dA-Za-z]*\d[-\dA-Za-z/]*", cell) is not None


def _is_status(cell: str, _: str) -> bool:
    return _state_of(cell) != ""


def _is_account(cell: str, currency: str) -> bool:
    return not _is_time(cell, currency)


def _is_name(cell: str, _: str) -> bool:
    return not cell.isdecimal()


_CHECKS: Mapping[str, Callable[[str, str], bool]] = {
    "order.column": _is_number,
    "time.column": _is_time,
    "line.quantity": _is_whole,
    "line.amount": _is_amount,
    "line.price": _is_amount,
    "refund.amount": _is_amount,
    "status.column": _is_status,
    "customer.phone": _is_phone,
    "customer.buyer": _is_account,
    "customer.member": _is_account,
    "customer.name": _is_name,
    "customer.address": _is_name,
    "line.title": _is_name,
}


def _state_of(word: str) -> str:
    """What this word means on some platform."""
    return next((state for read_word in _statuses() if (state := read_word(word))), "")


@cache
def _statuses() -> list[Callable[[str], str]]:
    return [read.status_words(one) for one in mappings().values() if one.status is not None]


def _words(cells: Sequence[str]) -> dict[str, list[str]]:
    """The words of this file that are known from some platform."""
    found: dict[str, list[str]] = {}
    for word in dict.fromkeys(cells):
        if state := _state_of(word):
            found.setdefault(state, []).append(word)
    return {state: found[state] for state in STATES if state in found}


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", plain_column(name)).lower()


def _format(cells: Sequence[str]) -> dict[str, str]:
    fits = (form for form in FORMATS if all(_fits(cell, form) for cell in cells))
    return {"format": next(fits, ISO)}


def _fits(value: str, form: str) -> bool:
    reads = datetime.fromisoformat if form == ISO else partial(_read, form)
    try:
        found = reads(value)
    except ValueError:
        return False
    return found.year >= EARLIEST.year


def _read(form: str, value: str) -> datetime:
    return datetime.strptime(value, form)  # noqa: DTZ007 - only its form is looked at
