"""Who bought lately, often, and for much: the base in cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Annotated, Literal, NamedTuple

from siyu.analytics.compile import rfm
from siyu.analytics.decide.bands import AXES, Axis, Band, Slices, bands
from siyu.analytics.model.answer import (
    Answer,
    Ask,
    Chart,
    Column,
    Question,
    Sources,
    Span,
    Table,
    percent,
)
from siyu.analytics.views.histories import Currency
from siyu.kernel.errors import Refused
from siyu.kernel.money import EXPONENTS
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression

NOBODY = Sentence("Nobody has bought in this time.", "这段时间没有人购买。")
BEST = 4  # bands from which on somebody is among the best
LIMITS = rfm.BANDS - 1
R, F = Sentence("Recency", "最近 R"), Sentence("Frequency", "频次 F")
PEOPLE, WORTH = Sentence("People", "人数"), Sentence("Worth", "净消费")
SHARE = Sentence("Share of worth", "净消费占比")
COLUMNS = (
    Column("r", R, "count"),
    Column("f", F, "count"),
    Column("m", Sentence("Money", "金额 M"), "count"),
    Column("people", PEOPLE, "count", counts=("r", "f", "m")),
    Column("share", Sentence("Share of people", "人数占比"), "rate"),
    Column("orders", Sentence("Orders", "订单"), "count"),
    Column("worth_minor", WORTH, "money"),
    Column("worth_share", SHARE, "rate"),
)
MAP = (*COLUMNS[:2], Column("people", PEOPLE, "count", counts=("r", "f")), COLUMNS[6])


class Cell(NamedTuple):
    """People in the same three bands."""

    r: int
    f: int
    m: int
    people: int
    orders: int
    worth_minor: int


def _limits(title: Sentence, help_: Sentence) -> Ask:
    return Ask(
        title,
        Sentence(
            f"Of fixed bands, four rising numbers: {help_}.",
            f"固定分档用，四个递增的数：{help_.zh}。",
        ),
    )


@dataclass(frozen=True)
class Rfm(Question):
    """Customers by how lately, how often and for how much they bought, in five bands each."""

    name = "rfm"
    title = Sentence("Who are our best customers?", "谁是我们最好的客户？")

    bands: Annotated[
        Literal["quantile", "fixed"],
        Ask(
            Sentence("Bands", "分档方式"),
            Sentence(
                "Fifths of the customers, or limits of your own.", "按客户五等分，或按自定的界限。"
            ),
            (Sentence("Fifths", "五等分"), Sentence("Fixed limits", "固定界限")),
        ),
    ] = "quantile"
    as_of: Annotated[
        date | None,
        Ask(
            Sentence("As of", "截至"),
            Sentence("Looked at from this day; empty: today.", "站在这一天看；留空为今天。"),
        ),
    ] = None
    days: Annotated[
        int,
        Ask(
            Sentence("Orders of (days)", "统计天数"),
            Sentence("Orders of so many days up to then.", "只看此前这么多天的订单。"),
        ),
    ] = 3650
    recency: Annotated[
        str,
        _limits(
            Sentence("Limits of recency", "R 界限"),
            Sentence("days since the last order", "距最近一单的天数"),
        ),
    ] = "30,90,180,365"
    frequency: Annotated[
        str,
        _limits(Sentence("Limits of frequency", "F 界限"), Sentence("orders", "订单数")),
    ] = "2,3,5,10"
    money: Annotated[
        str,
        _limits(
            Sentence("Limits of money", "M 界限"),
            Sentence("worth in major units", "净消费（元）"),
        ),
    ] = "100,300,1000,3000"
    currency: Currency = ""

    def __post_init__(self) -> None:
        if not 1 <= self.days <= 36_500:
            raise ValueError(
                Sentence("`days` must be between 1 and 36500", "`days` 必须在 1 到 36500 之间")
            )
        for text in (self.recency, self.frequency, self.money):
            _numbers(text)

    def answer(self, of: Sources) -> Answer:
        day, currency = self._scope(of)
        cells = [Cell(*map(int, row)) for row in of.lake.fetch(rfm.cells(self._banded(of)))]
        people, worth = sum(one.people for one in cells), sum(one.worth_minor for one in cells)
        first = day - timedelta(days=self.days - 1)
        return Answer(
            says=_says(cells, people, worth),
            definition=Sentence(
                "R: days since the last order; F: orders; M: paid less given back. Band 5 is the "
                "best. Fifths: by rank among these customers; who is alike is in one band, the "
                "lower one. Fixed: by your limits.",
                "R 为距最近一单的天数，F 为订单数，M 为实付减退款；5 档最好。五等分：按客户排名，"
                "相同者同档，取较低档。固定：按自定界限。",
            ),
            population=Sentence(
                f"{people:,} customers with an order that stands", f"{people:,} 位有有效订单的客户"
            ),
            period=Span(first, day),
            currency=currency,
            tables=(
                Table("cells", Sentence("Cells", "分层"), COLUMNS, _rows(cells, people, worth)),
                Table("map", Sentence("Recency by frequency", "R × F"), MAP, _map(cells)),
            ),
            charts=(
                Chart("people", PEOPLE, "heat", "map", x="f", y=("people",), by="r"),
                Chart("worth", WORTH, "heat", "map", x="f", y=("worth_minor",), by="r"),
            ),
            keys={"bands": self.bands, "as_of": str(day)},
        )  # fmt: skip

    def cut(self, of: Sources) -> tuple[Slices, list[Band]]:
        """The bands of each axis by themselves: their limits, and how many are in each now."""
        day, currency = self._scope(of)
        banded, found, people = of.lake.once(self._banded(of)), list[Band](), 0
        for axis in AXES:
            rows = of.lake.fetch(rfm.starts(banded, axis))
            many = {int(band): int(count) for band, _, count in rows}
            least = {
                int(band): (day - one).days if axis == "r" else int(one) for band, one, _ in rows
            }
            least.pop(1, None)  # the lowest band is all the others
            lows = least if self.bands == "quantile" else self._fixed(axis, currency)
            found += bands(axis, lows, many)
            people = sum(many.values())
        if not people:
            raise Refused(NOBODY)
        return Slices(self.bands, day, self.days, currency, people), found

    def behind(self, of: Sources, cells: Mapping[str, str]) -> list[int]:
        bands = {name: int(band) for name, band in cells.items()}
        if not {"r", "f"} <= bands.keys() <= {"r", "f", "m"} or not all(
            1 <= band <= rfm.BANDS for band in bands.values()
        ):
            raise ValueError
        return [int(row[0]) for row in of.lake.fetch(rfm.within(self._banded(of), bands))]

    def _scope(self, of: Sources) -> tuple[date, str]:
        return self.as_of or of.today, self.currency or of.brand.currency

    def _banded(self, of: Sources) -> Expression:
        """Every customer with their three bands."""
        day, currency = self._scope(of)
        if self.bands == "quantile":
            return rfm.by_quantile(day, self.days, currency)
        return rfm.by_limit(day, self.days, currency, self._given(currency))

    def _given(self, currency: str) -> tuple[list[int], list[int], list[int]]:
        """The fixed limits, of money in minor units."""
        scale = 10 ** EXPONENTS[currency]
        money = [int(one * scale) for one in _numbers(self.money)]
        recency, frequency = (
            [int(one) for one in _numbers(text)] for text in (self.recency, self.frequency)
        )
        return recency, frequency, money

    def _fixed(self, axis: Axis, currency: str) -> dict[int, int]:
        """Where each band begins by them."""
        recency, frequency, money = self._given(currency)
        if axis == "r":
            return {rfm.BANDS - place: limit for place, limit in enumerate(recency)}
        return {place + 2: limit for place, limit in enumerate(frequency if axis == "f" else money)}


def _numbers(text: str) -> list[Decimal]:
    try:
        found = [Decimal(one.strip()) for one in text.split(",")]
    except InvalidOperation:
        found = []
    rising = all(one < other for one, other in pairwise(found))
    if len(found) != LIMITS or not rising or not all(0 < one < 10**12 for one in found):
        raise ValueError(
            Sentence(
                f"{text!r} must be four rising numbers with commas, like 30,90,180,365",
                f"{text!r} 必须是四个递增的数，用逗号隔开，如 30,90,180,365",
            )
        )
    return found


def _rows(cells: list[Cell], people: int, worth: int) -> tuple[tuple[int | float | None, ...], ...]:
    return tuple(
        (
            *one[:4], one.people / people, one.orders, one.worth_minor,
            one.worth_minor / worth if worth else None,
        )
        for one in cells
    )  # fmt: skip


def _map(cells: list[Cell]) -> tuple[tuple[int, int, int, int], ...]:
    found: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for one in cells:
        found[one.r, one.f][0] += one.people
        found[one.r, one.f][1] += one.worth_minor
    return tuple((r, f, people, worth) for (r, f), (people, worth) in sorted(found.items()))


def _says(cells: list[Cell], people: int, worth: int) -> Sentence:
    best = [one for one in cells if one.r >= BEST and one.f >= BEST]
    if not people or not worth:
        return NOBODY
    many = sum(one.people for one in best)
    share = percent(many / people)
    brings = percent(sum(one.worth_minor for one in best) / worth)
    return Sentence(
        f"{many:,} customers ({share}) bought lately and often; they bring {brings} of all worth.",
        f"{many:,} 位客户（{share}）近期常买，带来 {brings} 的净消费。",
    )
