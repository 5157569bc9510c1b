"""A mapping: which column of an order file means what. Its fields are the form a brand fills in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from datetime import time
from functools import lru_cache
from typing import Annotated, Any, Literal, cast

import msgspec
import yaml
from msgspec import Meta, Struct

from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.money import exponent
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import zone
from siyu.kernel.typed import form

SHOP_CODE = r"^[a-z0-9][a-z0-9._-]{0,39}$"
Code = Annotated[str, Meta(pattern=SHOP_CODE)]
Column = Annotated[str, Meta(min_length=1, max_length=200)]
Names = Column | Annotated[list[Column], Meta(min_length=1, max_length=30)]
ISO = "iso"
_UNIT = re.compile(r"\((元|件|个|¥|CNY)\)$")


class _Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Strict: a field that is not known is a mistake, and is named."""


class Words(_Form, frozen=True):
    """One text in both languages."""

    zh: str
    en: str


class ShopText(_Form, frozen=True):
    """The shop whose orders these are; made known by the import if it is not. `column`: in a file
    of many shops, the code of each row's own."""

    code: Code
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    platform: Annotated[str, Meta(min_length=1, max_length=60)]
    column: Names | None = None


class BrandText(_Form, frozen=True):
    """Whose file it is: what a first import into an empty installation may set up."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    region: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
    locale: Literal["zh", "en"] = "zh"


class TimeText(_Form, frozen=True):
    """When it was paid. `format` as in Python's strptime, or `iso`; a format without hours takes
    them from `at`. `zone` reads times without an offset; without it the brand's zone does.

    Where the column is empty though the order is paid: `otherwise`, then the day with which an
    order number of the form `dated` begins. When an order was closed or given back no export says:
    it counts from when it was paid."""

    column: Names
    format: str = ISO
    zone: str = ""
    at: str = "12:00"
    otherwise: Names | None = None


class OrderText(_Form, frozen=True):
    """The order number. Its rows need not stand together. An order whose number begins with
    `refund_prefix` gives back what it lists; one with a `refund_of` gives back lines of the order
    that is named there. `not_positive`: an order of nothing or less is taken as a `correction` (it
    only keeps totals true), or as an `order` like any other. `form`: 10 to 22 digits, a day before
    15 digits (`dated`), an E before digits (`lettered`). `total`: what the whole order comes to, on
    `every_row` or on the `first_row` alone; without it its rows add up to that."""

    column: Names
    refund_prefix: str = ""
    refund_of: Names | None = None
    not_positive: Literal["correction", "order"] = "order"
    form: Literal["any", "digits", "dated", "lettered"] = "any"
    total: Names | None = None
    total_on: Literal["every_row", "first_row"] = "every_row"


class StatusText(_Form, frozen=True):
    """What became of an order, in the words of its platform; `…*` stands for all that begin so.

    Without a time of payment it is not paid. `closed` after it was paid: all of it is taken back;
    `refunded`: its money is given back; `ignored`: it is no order any more, such as one that was
    split into others, and is taken back where it was told before. A word that is not here is said,
    and its row refused."""

    column: Names
    paid: list[str] = []
    unpaid: list[str] = []
    closed: list[str] = []
    refunded: list[str] = []
    ignored: list[str] = []


class RefundText(_Form, frozen=True):
    """What was given back so far: an `amount`, or the whole row where `column` says one of `words`.
    The sum only grows, so an older file changes nothing."""

    amount: Names | None = None
    column: Names | None = None
    words: list[str] = []


class LineText(_Form, frozen=True):
    """What was bought: a sku column (or one sku for all), a quantity, and the price of one or the
    amount of all. Where only several names are given for the sku, the title stands in for it."""

    sku: Names | None = None
    fixed_sku: Annotated[str, Meta(min_length=1, max_length=120)] | None = None
    title: Names | None = None
    category: Names | None = None
    quantity: Names | None = None
    price: Names | None = None
    amount: Names | None = None


class CustomerText(_Form, frozen=True):
    """Who bought. Where buyer, member and phone are all empty, it was a guest. Name and address
    are sealed on arrival. Virtual numbers, ciphertext and masked names say nothing of a person and
    are left out.

    `masked_phone`: a row whose phone the platform has masked (138****0001) is refused, or taken as
    if it had none (`leave_out`), or what is to be seen of it is kept beside the order (`keep`).
    `reveal`: the page on which the platform shows the phone to whoever asks; `{order_no}` is filled
    in. Then somebody is asked to look it up."""

    buyer: Names | None = None
    member: Names | None = None
    phone: Names | None = None
    name: Names | None = None
    address: Names | None = None
    masked_phone: Literal["refuse", "leave_out", "keep"] = "refuse"
    reveal: Annotated[str, Meta(max_length=300)] = ""


class Mapping(_Form, frozen=True):
    """How one kind of order file is read. `header`: the columns that it is recognised by, each by
    its name or by any of several. Without `order` every row is an order of its own, named by file
    and line. `tells` lines: those of orders whose money and buyer another file tells."""

    mapping: Code
    title: Words
    source: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
    header: Annotated[list[Names], Meta(min_length=1)]
    shop: ShopText
    currency: str
    time: TimeText
    line: LineText
    brand: BrandText | None = None
    order: OrderText | None = None
    status: StatusText | None = None
    refund: RefundText = RefundText()
    customer: CustomerText = CustomerText()
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    tells: Literal["orders", "lines"] = "orders"

    def wanted(self) -> list[tuple[str, str | list[str]]]:
        """Every column that is read, with the field that names it: by its name, which must be
        there, or by several names of which the file may have some."""
        parts = {
            "time": self.time, "order": self.order, "status": self.status, "refund": self.refund,
            "shop": self.shop, "line": self.line, "customer": self.customer,
        }  # fmt: skip
        return [
            (f"{place}.{field}", names)
            for place, part in parts.items()
            if part is not None
            for field, names in _fields(part)
        ]

    def columns(self) -> list[tuple[str, str]]:
        """The same, one by one."""
        return [(field, name) for field, names in self.wanted() for name in several(names)]

    def known_by(self, header: Collection[str]) -> bool:
        """Whether this header (of `plain_column` names) has every column of `header`."""
        return all(
            any(plain_column(name) in header for name in several(names)) for names in self.header
        )


def _fields(part: _Form) -> list[tuple[str, str | list[str]]]:
    """The fields of a part that name columns, and are said."""
    found = [
        (one.name, getattr(part, one.name))
        for one in msgspec.structs.fields(part)
        if one.type in (Names, Names | None)
    ]
    return [(field, names) for field, names in found if names]


def several(names: str | list[str] | None) -> list[str]:
    """As a list, however it is written."""
    return [] if names is None else [names] if isinstance(names, str) else names


@lru_cache(4_096)
def plain_column(name: str) -> str:
    """A column's name as it is compared: width, spaces around it and its unit don't matter.

    >>> plain_column("收货地址　 "), plain_column("商品总价（元）"), plain_column("\ufeff订单号\t")
    ('收货地址', '商品总价', '订单号')
    """
    shown = shown_column(name)
    return _UNIT.sub("", shown).rstrip() or shown


def shown_column(name: str) -> str:
    """A column's name as it is shown."""
    return unicodedata.normalize("NFKC", name).replace("\ufeff", "").strip()


def parse(text: str, name: str = "The mapping") -> Mapping:
    """The mapping in a YAML text; BadInput says what is wrong, and on which line."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else None
        why = Sentence(str(getattr(error, "problem", None) or "is not YAML"), "不是 YAML")
        raise BadInput(
            Sentence(f"{name} can't be read.", f"{name} 无法读取。"), (Problem("YAML", why, line),)
        ) from None
    try:
        found = msgspec.convert(document, Mapping)
    except msgspec.ValidationError as error:
        wrong = [_words(str(error))]
    else:
        wrong = _wrong(found)
        if not wrong:
            return found
    problems = [Problem(where or "the whole", why, _line(root, where)) for where, why in wrong]
    raise BadInput(Sentence(f"{name} can't be used.", f"{name} 不能用。"), tuple(problems))


def _wrong(mapping: Mapping) -> list[tuple[str, Sentence]]:
    found: list[tuple[str, Sentence]] = []
    checks: list[tuple[str, Callable[[str], object], str]] = [
        ("currency", exponent, mapping.currency),
        ("time.zone", zone, mapping.time.zone or "UTC"),
        ("time.at", time.fromisoformat, mapping.time.at),
    ]
    for where, check, value in checks:
        try:
            check(value)
        except ValueError as error:
            found.append((where, wording(error)))
    found += _wrong_line(mapping)
    marks = set(re.findall(r"%.", mapping.time.format))
    if mapping.time.format != ISO and not marks & {"%Y", "%y", "%c", "%x"}:
        found.append(
            ("time.format", Sentence("needs the year, %Y; or write iso", "需要年份 %Y；或写 iso"))
        )
    if mapping.delimiter in '"\r\n':
        found.append(
            ("delimiter", Sentence("can't be a quote or a line break", "不能是引号或换行"))
        )
    header = {plain_column(name) for names in mapping.header for name in several(names)}
    found += [
        (where, Sentence(f"{names!r} is not in `header`", f"{names!r} 不在 `header` 里"))
        for where, names in mapping.wanted()
        if isinstance(names, str) and plain_column(names) not in header
    ]
    if mapping.tells == "lines" and mapping.order is None:
        found.append(("tells", Sentence("lines need an `order`", "只含明细时需要 `order`")))
    return found


def _wrong_line(mapping: Mapping) -> list[tuple[str, Sentence]]:
    found: list[tuple[str, Sentence]] = []
    line, order = mapping.line, mapping.order
    if (line.sku is None) == (line.fixed_sku is None):
        found.append(
            (
                "line",
                Sentence(
                    "name either `sku` (a column) or `fixed_sku` (one for all)",
                    "`sku`（一列）和 `fixed_sku`（全部相同）必须且只能写一个",
                ),
            )
        )
    total = order is not None and order.total is not None
    both = isinstance(line.price, str) and isinstance(line.amount, str)
    if both or (line.price is None and line.amount is None and not total):
        found.append(
            (
                "line",
                Sentence(
                    "name either `price` (of one) or `amount` (of the whole line)",
                    "`price`（单价）和 `amount`（整行金额）必须且只能写一个",
                ),
            )
        )
    return found


_COMPLAINT = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?", re.DOTALL)
_FIELD = re.compile(r"Object (contains unknown|missing required) field `(.*)`", re.DOTALL)


def _words(complaint: str) -> tuple[str, Sentence]:
    """Where and why, of what msgspec says."""
    parts = _COMPLAINT.fullmatch(complaint)
    what, path = (parts["what"], parts["path"] or "") if parts else (complaint, "")
    named = _FIELD.fullmatch(what)
    if named is None:
        said = what.replace("`", "")
        quotes = re.fullmatch(r"Expected str.*, got (bool|int|float|null)", said) is not None
        why = Sentence(said, form(what).zh)
        if quotes:  # YAML takes no for false
            return path, Sentence(f"{why}; put it in quotes", f"{why.zh}；请加上引号")
        return path, why
    missing = named[1].startswith("missing")
    why = (
        Sentence("is missing", "缺少") if missing else Sentence("is not known here", "没有这个字段")
    )
    return f"{path}.{named[2]}".lstrip("."), why


def _line(root: Any, where: str) -> int | None:
    """The line of a field; of a missing one, the line of what it is missing in."""
    node = root
    for name in re.findall(r"[^.\[\]]+", where):
        if not isinstance(node, yaml.MappingNode):
            break
        pairs = cast("list[tuple[Any, Any]]", node.value)
        found = [value for key, value in pairs if str(key.value) == name]
        if not found:
            break
        node = found[0]
    return node.start_mark.line + 1 if node is not None else None
