"""A mapping: which column of an order file means what. Its fields are the form a brand fills in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time
from typing import Annotated, Any, Literal, cast

import msgspec
import yaml
from msgspec import Meta, Struct

from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.money import exponent
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import zone
from siyu.kernel.typed import form

Code = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
Column = Annotated[str, Meta(min_length=1, max_length=200)]
ISO = "iso"


class _Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Strict: a field that is not known is a mistake, and is named."""


class Words(_Form, frozen=True):
    """One text in both languages."""

    zh: str
    en: str


class ShopText(_Form, frozen=True):
    """The shop whose orders these are; made known by the import if it is not."""

    code: Code
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    platform: Annotated[str, Meta(min_length=1, max_length=60)]


class BrandText(_Form, frozen=True):
    """Whose file it is: what a first import into an empty installation may set up."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    region: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
    locale: Literal["zh", "en"] = "zh"


class TimeText(_Form, frozen=True):
    """When it was paid. `format` as in Python's strptime, or `iso`; a format without hours takes
    them from `at`. `zone` reads times without an offset; without it the brand's zone does."""

    column: Column
    format: str = ISO
    zone: str = ""
    at: str = "12:00"


class OrderText(_Form, frozen=True):
    """The order number. Its rows need not stand together. An order whose number begins with
    `refund_prefix` gives back what it lists. `not_positive`: an order of nothing or less is taken
    as a `correction` (it only keeps totals true), or as an `order` like any other."""

    column: Column
    refund_prefix: str = ""
    not_positive: Literal["correction", "order"] = "order"


class LineText(_Form, frozen=True):
    """What was bought: a sku column (or one sku for all), a quantity, and the price of one or the
    amount of all."""

    sku: Column | None = None
    fixed_sku: Annotated[str, Meta(min_length=1, max_length=120)] | None = None
    title: Column | None = None
    category: Column | None = None
    quantity: Column | None = None
    price: Column | None = None
    amount: Column | None = None


class CustomerText(_Form, frozen=True):
    """Who bought. Where buyer, member and phone are all empty, it was a guest. Name and address
    are sealed on arrival. `masked_phone`: a row whose phone the platform has masked (138****0001)
    is refused, or taken as if it had none."""

    buyer: Column | None = None
    member: Column | None = None
    phone: Column | None = None
    name: Column | None = None
    address: Column | None = None
    masked_phone: Literal["refuse", "leave_out"] = "refuse"


class Mapping(_Form, frozen=True):
    """How one kind of order file is read. `header`: the columns that it is recognised by.
    Without `order` every row is an order of its own, named by file and line."""

    mapping: Code
    title: Words
    source: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
    header: Annotated[list[Column], Meta(min_length=1)]
    shop: ShopText
    currency: str
    time: TimeText
    line: LineText
    brand: BrandText | None = None
    order: OrderText | None = None
    customer: CustomerText = CustomerText()
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","

    def columns(self) -> list[tuple[str, str]]:
        """Every column that is read, with the field that names it."""
        found: list[tuple[str, str]] = [("time.column", self.time.column)]
        if self.order is not None:
            found.append(("order.column", self.order.column))
        for place, part in (("line", self.line), ("customer", self.customer)):
            named = cast("dict[str, str | None]", msgspec.structs.asdict(part))
            found += [
                (f"{place}.{field}", column)
                for field, column in named.items()
                if column is not None and field not in ("fixed_sku", "masked_phone")
            ]
        return found


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
    line = mapping.line
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
    if (line.price is None) == (line.amount is None):
        found.append(
            (
                "line",
                Sentence(
                    "name either `price` (of one) or `amount` (of the whole line)",
                    "`price`（单价）和 `amount`（整行金额）必须且只能写一个",
                ),
            )
        )
    marks = set(re.findall(r"%.", mapping.time.format))
    if mapping.time.format != ISO and not marks & {"%Y", "%y", "%c", "%x"}:
        found.append(
            ("time.format", Sentence("needs the year, %Y; or write iso", "需要年份 %Y；或写 iso"))
        )
    if mapping.delimiter in '"\r\n':
        found.append(
            ("delimiter", Sentence("can't be a quote or a line break", "不能是引号或换行"))
        )
    found += [
        (where, Sentence(f"{column!r} is not in `header`", f"{column!r} 不在 `header` 里"))
        for where, column in mapping.columns()
        if column not in mapping.header
    ]
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
