"""What one cell says, however a back office or a spreadsheet has dressed it up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Literal

from siyu.connectors.orderfile.config import ISO, Mapping
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import EARLIEST, zone
from siyu.vault.model import is_masked

LARGEST_QUANTITY = 1_000_000_000
LONGEST_AMOUNT = 60
EMPTY = Sentence("is empty", "是空的")
EXACT_DIGITS = 15  # of a number that a spreadsheet keeps; the others become zeros
FEWEST_LOST = 3  # so many zeros at the end of a long number are no accident
NOTHING = frozenset({"-", "--", "—", "null", "NULL", "Null", "无", "N/A"})
TEXT_MARKS = ("\t", "=", "'")  # with these a number is text, also in a spreadsheet
_DRESSED = re.compile(r"=?\"(.*)\"|'(?!')(.*)", re.DOTALL)
_MONEY = re.compile(r"(?:[¥￥]|CNY|RMB)?\s*([+-]?[\d.,eE+-]+)\s*元?")
_ROUNDED = re.compile(r"[+-]?\d(\.\d+)?[eE]\+\d+")
_VIRTUAL = re.compile(r"\d{11}\s*(?:-|转|,|#)\s*\d{2,6}")
_CIPHER = re.compile(r"[$#~].*[$#~=]|\$\$.*|##.*|(?=.*[A-Za-z])[A-Za-z0-9+/_-]{24,}={0,2}")
_SLASHED = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?:[ T](\d{1,2}:\d{1,2}(?::\d{1,2})?))?")
_FORMS = {
    "digits": re.compile(r"[0-9]{10,22}"),
    "dated": re.compile(r"[0-9]{6}-[0-9]{15}"),
    "lettered": re.compile(r"E[0-9]{10,30}"),
}
Phone = Literal["", "masked", "virtual", "cipher", "number"]


class Wrong(ValueError):
    """Carries the column out of a nested check; never leaves this package."""

    def __init__(self, column: str, why: Sentence) -> None:
        self.column = column
        super().__init__(why)


def clean(cell: str) -> str:
    """What a cell holds, without what only tells programs how to take it.

    >>> [clean(cell) for cell in ('="0012"', "'13800000001", "\\t6917\\t", "--", "'@x")]
    ['0012', '13800000001', '6917', '', '@x']
    """
    text = cell.strip()
    if not text or text[0] not in "=\"'-—nN无":
        return text
    dressed = _DRESSED.fullmatch(text)
    if dressed is not None:
        text = (dressed[1] or dressed[2] or "").strip()
    return "" if text in NOTHING else text


def phone(text: str) -> Phone:
    """What is in the place of a phone. Only a number is somebody's.

    >>> [phone(text) for text in ("138****0001", "18400000000-7576", "$$aX/9==", "13800000001")]
    ['masked', 'virtual', 'cipher', 'number']
    """
    if not text:
        return ""
    if text.isdecimal():
        return "number"
    if is_masked(text):
        return "cipher" if text[0] in "$#~" else "masked"
    if _VIRTUAL.fullmatch(text):
        return "virtual"
    return "cipher" if is_cipher(text) else "number"


def is_cipher(text: str) -> bool:
    """Is it what only its platform can read?"""
    return _CIPHER.fullmatch(text) is not None


def amount(text: str) -> str:
    """An amount without its currency: ￥1,234.50, 12.30元."""
    found = None if text.isascii() and text[:1] not in "CR" else _MONEY.fullmatch(text)
    return found[1] if found is not None else text


def number(text: str, raw: str, column: str, form: str, *, sheet: bool) -> None:
    """Refuses an order number that a spreadsheet has damaged, or that is none of its platform.

    In a `sheet` numbers say themselves how exact they are; in a text file only zeros at the end
    tell, unless the cell was marked as text. A number of `any` form may end so by itself.
    """
    refuse_rounded(text, column)
    lost = len(text) - EXACT_DIGITS
    if (
        lost >= FEWEST_LOST
        and form != "any"
        and not sheet
        and text.isdecimal()
        and text.endswith("0" * lost)
        and not raw.startswith(TEXT_MARKS)
        and not raw.endswith("\t")
    ):
        raise Wrong(column, damaged(text[:40]))
    known = _FORMS.get(form)
    if known is not None and not known.fullmatch(text):
        shown = text[:40]
        raise Wrong(
            column,
            Sentence(
                f"{shown!r} is no order number of this platform", f"{shown!r} 不是该平台的订单号"
            ),
        )


def refuse_rounded(text: str, column: str) -> None:
    """1.23457E+17: the number of an order, but whose?"""
    if "+" in text and _ROUNDED.fullmatch(text):
        raise Wrong(column, damaged(text[:40]))


def damaged(text: str) -> Sentence:
    """Why a number is of no use."""
    return Sentence(
        f"the file was re-saved in Excel, the numbers are damaged: Excel keeps 15 digits only, the"
        f" end of {text} is lost. Export the file anew and don't open it in between, or make the"
        " column text first",
        f"文件被 Excel 重新保存过，号码已损坏：{text} 只剩 15 位，末尾已丢失。请重新导出且中途不要"
        "打开，或先把这一列设为文本",
    )


def whole(text: str, column: str) -> int:
    """A quantity."""
    try:
        found = Decimal("no number" if "_" in text else text)
    except InvalidOperation:
        raise Wrong(column, _no_number(text[:40]) if text else EMPTY) from None
    shown = text[:40]
    if not found.is_finite() or abs(found) > LARGEST_QUANTITY:
        raise Wrong(
            column, Sentence(f"{shown!r} is too large for a quantity", f"{shown!r} 作为数量太大")
        )
    if found != found.to_integral_value():
        raise Wrong(column, Sentence(f"{shown!r} is not a whole number", f"{shown!r} 不是整数"))
    return int(found)


def longer(most: int) -> Sentence:
    """Why a text is refused."""
    return Sentence(f"is longer than {most:,} characters", f"超过 {most:,} 个字符")


def _no_number(text: str) -> Sentence:
    return Sentence(f"{text!r} is not a number", f"{text!r} 不是数字")


def status_words(mapping: Mapping) -> Callable[[str], str]:
    """A platform's word for what became of an order → ours; empty: it is not known."""
    said = mapping.status
    if said is None:
        return lambda _: "paid"
    exact: dict[str, str] = {}
    begins: list[tuple[str, str]] = []
    for state in ("ignored", "unpaid", "closed", "refunded", "paid"):
        words: list[str] = getattr(said, state)
        for word in map(_folded, words):
            if word.endswith("*"):
                begins.append((word[:-1], state))
            else:
                exact.setdefault(word, state)

    def found(text: str) -> str:
        word = _folded(text)
        if word in exact:
            return exact[word]
        return next((state for start, state in begins if word.startswith(start)), "")

    return found


def _folded(word: str) -> str:
    return "".join(unicodedata.normalize("NFKC", word).split())


def moments(mapping: Mapping, time_zone: str) -> Callable[[str], datetime]:
    """Text → time in UTC, as this mapping writes times; ValueError where it is none."""
    said = mapping.time
    local = zone(said.zone or time_zone)
    at = time.fromisoformat(said.at)
    wanted = (
        Sentence("an ISO 8601 time", " ISO 8601 时间")
        if said.format == ISO
        else Sentence(f"written like {said.format}", f"按 {said.format} 写的")
    )
    timed = any(mark in said.format for mark in ("%H", "%I", "%c", "%X"))

    def found(text: str) -> datetime:
        if said.format == ISO:
            moment, is_whole = _iso(text), len(text) > 10
        else:
            moment, is_whole = datetime.strptime(text, said.format), timed  # noqa: DTZ007 - below
        if not is_whole:
            moment = datetime.combine(moment.date(), at)
        return (moment if moment.tzinfo else moment.replace(tzinfo=local)).astimezone(UTC)

    def moment(text: str) -> datetime:
        shown = text[:40]
        try:
            at_last = found(text)
        except (ValueError, OverflowError):
            why = Sentence(f"{shown!r} is not {wanted}", f"{shown!r} 不是{wanted.zh}")
            raise ValueError(why) from None
        if at_last < EARLIEST or at_last.year > 2200:
            why = Sentence(
                f"{shown!r} is outside the years 1990 to 2200",
                f"{shown!r} 不在 1990 到 2200 年之间",
            )
            raise ValueError(why)
        return at_last

    return moment


def _iso(text: str) -> datetime:
    """ISO 8601, or what a spreadsheet makes of it: 2026/9/5 8:03."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        parts = _SLASHED.fullmatch(text)
        if parts is None:
            raise
    year, month, day, hours = parts.groups()
    moment = datetime(int(year), int(month), int(day))  # noqa: DTZ001 - its zone comes with the form
    if hours is None:
        return moment
    hour, minute, *second = map(int, hours.split(":"))
    return moment.replace(hour=hour, minute=minute, second=second[0] if second else 0)
