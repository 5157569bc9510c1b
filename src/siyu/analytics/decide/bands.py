"""Bands of recency, frequency and money as segments: a limit is a number in a text of its own.

Who is in a fifth depends on everybody; who is in a segment on themselves alone. So a band is cut on
a day, and its segment says by which numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

import yaml

from siyu.kernel.errors import Refused
from siyu.kernel.money import exponent, show
from siyu.kernel.sentence import Sentence

Axis = Literal["r", "f", "m"]
AXES: Mapping[Axis, Sentence] = {
    "r": Sentence("recency", "最近"),
    "f": Sentence("frequency", "频次"),
    "m": Sentence("money", "金额"),
}
BANDS = 5
LONGEST = 3_660  # days that a condition can look back
WAYS = {
    "quantile": Sentence("fifths of", "五等分"),
    "fixed": Sentence("fixed limits for", "按固定界限划分"),
}


class Slices(NamedTuple):
    """How the bands were cut: of so many customers with an order in `days` up to `day`."""

    how: Literal["quantile", "fixed"]
    day: date
    days: int
    currency: str
    people: int


class Band(NamedTuple):
    """One band of an axis. Of recency `low` is how many days ago the last order may be, of the
    others how much there must be (None: the lowest band, whatever it is); `high` is `low` of the
    next better band in which anybody can be. `empty`: nobody can be in it, many are alike."""

    axis: Axis
    band: int
    low: int | None
    high: int | None
    people: int
    empty: bool = False

    @property
    def code(self) -> str:
        """Of its segment."""
        return f"rfm-{self.axis}{self.band}"


def bands(axis: Axis, lows: Mapping[int, int], people: Mapping[int, int]) -> list[Band]:
    """All of an axis, the best first. `lows`: where each begins but the lowest."""
    found: list[Band] = []
    high: int | None = None
    for band in range(BANDS, 0, -1):
        low, empty = lows.get(band), band > 1 and band not in lows
        found.append(Band(axis, band, low, None if empty else high, people.get(band, 0), empty))
        high = high if empty else low
    return found


def segment(of: Slices, band: Band) -> str:
    """The text of a band's segment."""
    if of.days > LONGEST:
        raise Refused(
            Sentence(
                f"A segment looks back {LONGEST:,} days at most: ask for the bands with fewer.",
                f"分群最多回看 {LONGEST:,} 天：请减少统计天数。",
            )
        )
    how = WAYS[of.how]
    many, all_, day = f"{band.people:,}", f"{of.people:,}", of.day
    title = _title(of, band)
    said = {
        "segment": band.code,
        "title": {"zh": title.zh, "en": title[:]},
        "layer": f"rfm-{AXES[band.axis]}",
        "when": {"everybody": False} if band.empty else _when(of, band),
    }
    text: str = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=100)  # pyright: ignore[reportUnknownMemberType]
    return (
        f"# {day} 的界限：此前 {of.days} 天内有订单的 {all_} 位客户（{of.currency}），{how.zh}；"
        f"本档当日 {many} 人。\n"
        f"# Cuts of {day}: {how} {all_} customers with an order in the {of.days} days up to then, "
        f"in {of.currency}; {many} in this band on that day.\n{text}"
    )


def _title(of: Slices, band: Band) -> Sentence:
    name, limits = f"{band.axis.upper()}{band.band}", _limits(of, band)
    return Sentence(f"{name}: {limits}, cuts of {of.day}", f"{name} {limits.zh}（{of.day} 界限）")


def _limits(of: Slices, band: Band) -> Sentence:
    if band.empty:
        return Sentence("nobody, many are alike", "无人（相同者多）")
    match band.axis:
        case "r":
            return _days(band.low, band.high)
        case "f":
            return _orders(band.low or 1, band.high)
        case "m":
            return _money(of.currency, band.low, band.high)


def _days(low: int | None, high: int | None) -> Sentence:
    if low is None:
        return (
            ANY
            if high is None
            else Sentence(f"last order over {high} days ago", f"超过 {high} 天前下最后一单")
        )
    first = 0 if high is None else high + 1
    days = str(low) if low == first else f"{first}–{low}"
    if days == "0":
        return Sentence("last order today", "今天下最后一单")
    if days == "1":
        return Sentence("last order 1 day ago", "1 天前下最后一单")
    return Sentence(f"last order {days} days ago", f"{days} 天前下最后一单")


def _orders(low: int, high: int | None) -> Sentence:
    if high is None:
        return Sentence(f"{low} orders or more", f"{low} 单及以上")
    many = str(low) if high == low + 1 else f"{low}–{high - 1}"
    return Sentence("1 order", "1 单") if many == "1" else Sentence(f"{many} orders", f"{many} 单")


def _money(currency: str, low: int | None, high: int | None) -> Sentence:
    least, less = (None if one is None else show(one, currency) for one in (low, high))
    match least, less:
        case None, None:
            return ANY
        case _, None:
            return Sentence(f"{least} or more", f"≥ {least}")
        case None, _:
            return Sentence(f"under {less}", f"< {less}")
        case _:
            return Sentence(f"{least} to under {less}", f"{least} 至 {less} 以下")


ANY = Sentence("everybody who ordered", "所有下过单的客户")


def _when(of: Slices, band: Band) -> dict[str, object]:
    parts: list[dict[str, object]]
    lately: dict[str, object] = {
        "within": f"{of.days}d",
        "whole_days": True,
        "currency": of.currency,
    }
    bought: dict[str, object] = {"orders": lately}
    match band.axis:
        case "r":
            parts = [_since(of, band.low, lately), *_not(_since(of, band.high, lately), band.high)]
        case "f":
            most = {} if band.high is None else {"at_most": band.high - 1}
            parts = [{"orders": {"at_least": band.low or 1, **most, **lately}}]
        case "m":
            low, high = (_spent(of, one, lately) for one in (band.low, band.high))
            parts = [*([] if band.low is None else [low]), *_not(high, band.high)]
            if band.low is None or band.low <= 0:  # who spent more has bought
                parts.insert(0, bought)
    return parts[0] if len(parts) == 1 else {"all": parts}


def _not(part: dict[str, object], limit: int | None) -> list[dict[str, object]]:
    return [] if limit is None else [{"not": part}]


def _since(of: Slices, days: int | None, lately: Mapping[str, object]) -> dict[str, object]:
    many = of.days if days is None else min(days + 1, of.days)  # today is the first of them
    return {"orders": {**lately, "within": f"{many}d"}}


def _spent(of: Slices, minor: int | None, lately: Mapping[str, object]) -> dict[str, object]:
    if minor is not None and minor < 0:
        raise Refused(
            Sentence(
                "A limit of money lies below zero, since many got back more than they paid: no "
                "segment can say that.",
                "金额界限低于零（许多客户退回的比付出的多），分群无法表达。",
            )
        )
    amount = Decimal(minor or 0).scaleb(-exponent(of.currency))
    return {"spent": {"at_least": str(amount), **lately}}


def segments(of: Slices, cut: Sequence[Band]) -> dict[str, str]:
    """The texts of all these bands, by code."""
    return {band.code: segment(of, band) for band in cut}
