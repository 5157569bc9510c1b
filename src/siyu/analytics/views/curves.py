"""Curves of payback as rows of a report: by source, by cohort, day by day."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple, TypeVar

from siyu.analytics.decide.payback import (
    FEWEST,
    LONGEST,
    Crossing,
    Grown,
    Point,
    Spent,
    crossing,
    curve,
)
from siyu.analytics.model.answer import Cell, Column
from siyu.analytics.views.covered import MARK
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence

By = Literal["week", "month"]
UNITS: Mapping[By, str] = {"week": "W", "month": "M"}
MARKS = (MARK, 90, LONGEST)
STEP = 10  # days between the cells of a cohort's curve; each mark is one
ALL = Sentence("All known sources", "全部已知来源")
GROSS = Sentence("all their orders", "全部订单（毛）")
_OF = Column("source", Sentence("Source", "来源"))
_COUNTED = Column("counted", Sentence("Counted", "口径"))
_RATIO = Sentence("Payback", "回本倍数")
Titles = Mapping[str, Sentence]
Cells = tuple[tuple[Cell, ...], ...]
Row = TypeVar("Row")
Key = TypeVar("Key")


def _marked(day: int) -> tuple[Column, ...]:
    ratio = Sentence(f"Payback on day {day}", f"第 {day} 天回本倍数")
    return (
        Column(f"people_{day}", Sentence(f"Aged {day} days", f"满 {day} 天人数"), "count"),
        Column(f"margin_{day}", Sentence(f"Margin to day {day}", f"{day} 天毛利"), "money"),
        Column(f"cost_{day}", Sentence(f"Cost to day {day}", f"{day} 天成本"), "money"),
        Column(f"payback_{day}", ratio, "number"),
        Column(f"payback_{day}_low", ratio, "number", low_of=f"payback_{day}"),
        Column(f"payback_{day}_high", ratio, "number", high_of=f"payback_{day}"),
    )


_PAID = (
    Column("payback", _RATIO, "number"),
    Column("payback_low", _RATIO, "number", low_of="payback"),
    Column("payback_high", _RATIO, "number", high_of="payback"),
)
_CROSSED = Sentence("Days until it pays back", "回本所需天数")
_WHOSE = (_OF, _COUNTED, Column("people", Sentence("Came", "人数"), "count"))
_FIGURES = (
    *(column for day in MARKS for column in _marked(day)),
    Column("crossed", _CROSSED, "count"),
    Column("crossed_low", _CROSSED, "count", low_of="crossed"),
    Column("crossed_high", _CROSSED, "count", high_of="crossed"),
)
SOURCES = (*_WHOSE, *_FIGURES)
AGED = (
    Column("day", Sentence("Days since they came", "加入后天数"), "count"),
    Column("people", Sentence("Old enough", "已满天数的人数"), "count"),
)
CURVE = (Column("line", Sentence("Source", "来源")), *AGED, *_PAID)
CAME: Mapping[By, Column] = {
    "week": Column("cohort", Sentence("Came in the week from", "加入周（周一起）"), "day"),
    "month": Column("cohort", Sentence("Came in", "加入月份"), "month"),
}


def cohort_columns(by: By) -> tuple[Column, ...]:
    """Of a cohort and source: whether its day 30 is known stands before the figures."""
    state = Column("state", Sentence(f"Day {MARK}", f"第 {MARK} 天"))
    return (CAME[by], *_WHOSE, state, *_FIGURES)


def growth_columns(by: By) -> tuple[Column, ...]:
    """Of a cohort, every ten days."""
    return (CAME[by], *AGED, *_PAID)


def unknown_columns(by: By) -> tuple[Column, ...]:
    """Of friends of whom nothing says where they came from."""
    return (
        CAME[by],
        Column("people", Sentence("Friends", "好友"), "count"),
        *(
            column
            for day in MARKS
            for column in (
                Column(f"margin_{day}", Sentence(f"Margin to day {day}", f"{day} 天毛利"), "money"),
                Column(
                    f"cost_{day}",
                    Sentence(f"Service to day {day}", f"{day} 天服务成本"),
                    "money",
                ),
            )
        ),
    )


class Line(NamedTuple):
    """A curve: of which source (None: all), counted how."""

    of: str | None
    counted: Sentence
    points: Sequence[Point]

    @property
    def crossed(self) -> Crossing:
        """When it comes to 1."""
        return crossing(self.points)


class Cohort(NamedTuple):
    """Who came from a source in a week or month, and what was spent in vain then."""

    first: date
    of: str
    points: Sequence[Point]

    @property
    def people(self) -> int:
        """How many came."""
        return self.points[0].people


def by_key(rows: Iterable[Row], key: Callable[[Row], Key]) -> defaultdict[Key, list[Row]]:
    """The same rows by what `key` says of each."""
    found: defaultdict[Key, list[Row]] = defaultdict(list)
    for one in rows:
        found[key(one)].append(one)
    return found


def last_day(first: date, by: By) -> date:
    """Of a cohort.

    >>> last_day(date(2026, 11, 2), "week").isoformat(), last_day(date(2026, 11, 1), "month").day
    ('2026-11-08', 30)
    """
    return first + timedelta(days=6 if by == "week" else monthrange(first.year, first.month)[1] - 1)


def cohorts(known: Sequence[Grown], lost: Sequence[Spent]) -> list[Cohort]:
    """By the first day and source; those too in which something was spent and nobody came."""
    came = by_key(known, lambda one: (one.cohort, one.of))
    vain = by_key(lost, lambda one: (one.cohort, one.of))
    return [
        Cohort(*key, curve(came.get(key, ()), vain.get(key, ()))) for key in sorted({*came, *vain})
    ]


def without_margin(points: Sequence[Point]) -> list[Point]:
    """Where nobody knows what goods cost."""
    return [one._replace(margin_minor=None, ratio=None, interval=None) for one in points]


def label(of: str | None, titles: Titles) -> Sentence:
    """What a source is called."""
    return ALL if of is None else titles.get(of, Sentence(of, of))


def _cells(points: Sequence[Point]) -> Iterator[Cell]:
    for day in MARKS:
        one = points[day]
        low, high = one.interval or (None, None)
        money = (one.margin_minor, one.cost_minor) if one.people else (None, None)
        yield from (one.people, *money, one.ratio, low, high)


def source_rows(lines: Iterable[Line], titles: Titles) -> Cells:
    """A row for each line."""
    return tuple(
        (label(one.of, titles), one.counted, one.points[0].people, *_cells(one.points),
         *one.crossed)
        for one in lines
    )  # fmt: skip


def cohort_rows(found: Iterable[Cohort], by: By, titles: Titles, currency: str) -> Cells:
    """A row for each cohort and source."""
    return tuple(
        (one.first, label(one.of, titles), GROSS, one.people, _state(one, by, currency),
         *_cells(one.points), *crossing(one.points))
        for one in found
    )  # fmt: skip


def _state(one: Cohort, by: By, currency: str) -> Sentence:
    """Whether its day 30 is known, and if not, why."""
    point = one.points[MARK]
    whole = last_day(one.first, by) + timedelta(days=MARK)
    if not one.people:
        spent = show(one.points[0].cost_minor, currency)
        return Sentence(f"nobody came; {spent} was spent", f"无人加入；花费 {spent}")
    if not point.people:
        return Sentence(f"too young; whole on {whole}", f"未满；{whole} 全部满")
    if point.people < one.people:
        return Sentence(
            f"{point.people:,} of {one.people:,} are old enough; whole on {whole}",
            f"{one.people:,} 人中 {point.people:,} 人已满；{whole} 全部满",
        )
    if point.people < FEWEST:
        return Sentence(f"fewer than {FEWEST} people", f"不足 {FEWEST} 人")
    return Sentence("whole", "已全部满")


def too_young(found: Iterable[Cohort], by: By, today: date) -> Iterator[Sentence]:
    """How many cohorts have a day 30 that is not whole yet, and when the next one's is."""
    firsts = sorted({one.first for one in found if one.people})
    ends = [last_day(one, by) + timedelta(days=MARK) for one in firsts]
    young = [one for one in ends if one > today]
    if not young:
        return
    many, every, soon = len(young), len(firsts), min(young)
    if by == "week":
        yield Sentence(
            f"Of {every:,} weeks of coming, {many:,} are too young for a whole day {MARK}: their "
            f"cells count only who is old enough, or are empty. The next is whole on {soon}.",
            f"{every:,} 个加入周中有 {many:,} 个还没有全部满 {MARK} 天：只计已满的人，或留空。"
            f"最近一个在 {soon} 全部满。",
        )
        return
    yield Sentence(
        f"Of {every:,} months of coming, {many:,} are too young for a whole day {MARK}: their "
        f"cells count only who is old enough, or are empty. The next is whole on {soon}.",
        f"{every:,} 个加入月中有 {many:,} 个还没有全部满 {MARK} 天：只计已满的人，或留空。"
        f"最近一个在 {soon} 全部满。",
    )


def growth_rows(known: Sequence[Grown], lost: Sequence[Spent]) -> Cells:
    """Of each cohort, its sources together, every ten days; nothing of days of which nothing can be
    said."""
    vain = by_key(lost, lambda one: one.cohort)
    return tuple(
        (first, one.day, one.people, one.ratio, *(one.interval or _NONE))
        for first, mine in sorted(by_key(known, lambda one: one.cohort).items())
        for one in curve(mine, vain[first])[::STEP]
        if one.ratio is not None
    )


_NONE = (None, None)


def curve_rows(lines: Iterable[Line], titles: Titles) -> Cells:
    """Of each line, day by day."""
    return tuple(
        (_called(line, titles), one.day, one.people, one.ratio, *(one.interval or _NONE))
        for line in lines
        for one in line.points
        if one.ratio is not None
    )


def _called(line: Line, titles: Titles) -> Sentence:
    of = label(line.of, titles)
    return Sentence(f"{of} · {line.counted}", f"{of.zh} · {line.counted.zh}")


def unknown_rows(grown: Iterable[Grown]) -> Cells:
    """Friends of unknown source, by cohort."""
    nameless = by_key((one for one in grown if not one.of), lambda one: one.cohort)
    found: list[tuple[Cell, ...]] = []
    for first, mine in sorted(nameless.items()):
        points = curve(mine)
        sums = [cell for day in MARKS for cell in _sums(points[day])]
        found.append((first, points[0].people, *sums))
    return tuple(found)


def _sums(point: Point) -> tuple[Cell, Cell]:
    return (point.margin_minor, point.cost_minor) if point.people else _NONE
