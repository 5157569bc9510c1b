"""Whether friends bring what they cost, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from siyu.acquisition import views as acquisition
from siyu.analytics.compile import payback as figures
from siyu.analytics.decide.payback import (
    LONGEST,
    Crossing,
    Grown,
    Point,
    Spent,
    crossing,
    curve,
    incremental,
)
from siyu.analytics.model.answer import (
    Answer,
    Cell,
    Chart,
    Column,
    Question,
    Sources,
    Span,
    Table,
    Target,
    percent,
)
from siyu.analytics.views.covered import MARK, notes, times, when
from siyu.analytics.views.histories import Currency
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence

MARKS = (MARK, 90, LONGEST)
ALL = Sentence("All known sources", "全部已知来源")
GROSS = Sentence("all their orders", "全部订单（毛）")
BEYOND = Sentence("beyond the hold-out", "减去对照组（增量）")
_OF = Column("source", Sentence("Source", "来源"))
_COUNTED = Column("counted", Sentence("Counted", "口径"))
_RATIO = Sentence("Payback", "回本倍数")


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


_CROSSED = Sentence("Pays back on day", "第几天回本")
SOURCES = (
    _OF,
    _COUNTED,
    Column("people", Sentence("Came", "人数"), "count"),
    *(column for day in MARKS for column in _marked(day)),
    Column("crossed", _CROSSED, "count"),
    Column("crossed_low", _CROSSED, "count", low_of="crossed"),
    Column("crossed_high", _CROSSED, "count", high_of="crossed"),
)
COHORTS = (Column("cohort", Sentence("Came in", "加入月份"), "month"), *SOURCES)
CURVE = (
    Column("line", Sentence("Source", "来源")),
    Column("day", Sentence("Days since they came", "加入后天数"), "count"),
    Column("people", Sentence("Old enough", "已满天数的人数"), "count"),
    Column("payback", _RATIO, "number"),
    Column("payback_low", _RATIO, "number", low_of="payback"),
    Column("payback_high", _RATIO, "number", high_of="payback"),
)
UNKNOWN = (
    Column("cohort", Sentence("Came in", "加入月份"), "month"),
    Column("people", Sentence("Friends", "好友"), "count"),
    *(
        column
        for day in MARKS
        for column in (
            Column(f"margin_{day}", Sentence(f"Margin to day {day}", f"{day} 天毛利"), "money"),
            Column(f"cost_{day}", Sentence(f"Service to day {day}", f"{day} 天服务成本"), "money"),
        )
    ),
)

Row = TypeVar("Row")
Key = TypeVar("Key")


class _Line(NamedTuple):
    """A curve: of which source (None: all), counted how."""

    of: str | None
    counted: Sentence
    points: Sequence[Point]

    @property
    def crossed(self) -> Crossing:
        return crossing(self.points)


@dataclass(frozen=True)
class Payback(Question):
    """Margin ÷ cost of friends over their first 180 days, by source and month of coming."""

    name = "payback"
    title = Sentence("Do friends pay back what they cost?", "加来的好友回本了吗？")

    currency: Currency = ""

    def answer(self, of: Sources) -> Answer:
        currency = self.currency or of.brand.currency
        with of.db.transaction() as conn:
            sources = acquisition.sources(conn)
        titles = {code: Sentence(one.title["en"], one.title["zh"]) for code, one in sources.items()}
        who = of.lake.once(figures.came(of.today))
        orders = of.lake.once(figures.theirs(who, currency))
        spent = of.lake.once(figures.costs(currency))
        found = of.lake.fetch(figures.grown(who, orders, spent, currency))
        both = [Grown(row[0], _month(row[1]), *row[2:8]) for row in found]
        grown = [one for one in both if one.held is None]
        beyond = [one for one in both if one.held is not None]
        own = _sources_of_journeys(grown, {one.code: one.journey for one in sources.values()})
        lost = [
            Spent(source, _month(cohort), group, cost)
            for journey, cohort, group, cost in of.lake.fetch(figures.lost(spent))
            for source in own.get((journey, _month(cohort)), own.get((journey, None), ()))
        ]
        known = [one for one in grown if one.of]
        gross = list(_gross(known, lost))
        if len(gross) != 1:
            gross.insert(0, _Line(None, GROSS, curve(known, lost)))
        journeys = {one.journey: one.code for one in sources.values() if one.journey}
        lines = [*gross, *_beyond(beyond, journeys)]
        net, unknown = _worth(found)
        if 0 < net <= unknown:
            lines = [one._replace(points=_without_margin(one.points)) for one in lines]
        return Answer(
            says=_says(lines, net=net, unknown=unknown, currency=currency),
            definition=Sentence(
                "Payback on day d = gross margin of their orders from the moment they came until "
                "day d ÷ what acquiring, serving and offers cost until then. What was spent on "
                "people who never came is borne by those who came in the same month from the same "
                "plan. The order that led somebody here is not counted. Beyond the hold-out: less "
                "what customers brought and cost who were drawn to be left alone, scaled month by "
                "month; from the day of the draw, whether or not they came.",
                "第 d 天回本倍数 = 从加入起到第 d 天的订单毛利 ÷ 同期获客、服务与权益成本。"
                "花在最终没有加入的人身上的钱，由同月、同一来源加入的人分摊。"
                "促成加入的那一单不计。增量口径：从抽签当天起，减去对照组的毛利与成本（按月按人数放大），"
                "无论是否加了好友。",
            ),
            population=Sentence(
                "Friends by the month in which they first came, and customers drawn for a hold-out",
                "按首次加入月份的好友，以及参与对照抽签的客户",
            ),
            period=Span(min((one.cohort for one in both), default=None), of.today),
            currency=currency,
            tables=(
                Table("sources", Sentence("By source", "按来源"), SOURCES, _rows(lines, titles)),
                Table(
                    "cohorts",
                    Sentence("By month", "按月"),
                    COHORTS,
                    _months(known, lost, titles, told=unknown < net or not net),
                ),
                Table("curve", Sentence("Day by day", "逐日曲线"), CURVE, _curves(lines, titles)),
                Table(
                    "unknown",
                    Sentence("Friends of unknown source", "来源未知的好友"),
                    UNKNOWN,
                    tuple(_unknown(grown)),
                ),
            ),
            charts=(
                Chart(
                    "curve",
                    Sentence("Margin ÷ cost", "毛利 ÷ 成本"),
                    "line",
                    "curve",
                    x="day",
                    y=("payback",),
                    by="line",
                    targets=(Target(Sentence("costs covered", "成本线"), 1.0),),
                ),
            ),
            notes=tuple(notes(grown, beyond, net=net, unknown=unknown, currency=currency)),
        )


def _sources_of_journeys(
    grown: Iterable[Grown], journeys: Mapping[str, str]
) -> dict[tuple[str, date | None], tuple[str]]:
    """(journey, month) → the source that bears what was spent in vain: of several of one journey
    that from which most came; (journey, None) where nobody came."""
    people: dict[tuple[str, date], int] = defaultdict(int)
    for one in grown:
        if one.day == 0:
            people[one.of, one.cohort] += one.people
    found: dict[tuple[str, date | None], tuple[str]] = {
        (journey, None): (code,) for code, journey in journeys.items()
    }
    for (source, cohort), _ in sorted(people.items(), key=lambda one: (one[1], one[0])):
        if source in journeys:
            found[journeys[source], cohort] = (source,)
    return found


def _gross(known: Sequence[Grown], lost: Sequence[Spent]) -> Iterator[_Line]:
    came, vain = _by(known, lambda one: one.of), _by(lost, lambda one: one.of)
    for source in sorted({*came, *vain}):
        yield _Line(source, GROSS, curve(came[source], vain[source]))


def _by(rows: Iterable[Row], key: Callable[[Row], Key]) -> defaultdict[Key, list[Row]]:
    found: defaultdict[Key, list[Row]] = defaultdict(list)
    for one in rows:
        found[key(one)].append(one)
    return found


def _beyond(rows: Sequence[Grown], sources: Mapping[str, str]) -> Iterator[_Line]:
    for scope, mine in sorted(_by(rows, lambda one: one.of).items()):
        if any(one.held for one in mine):
            yield _Line(sources.get(scope, scope), BEYOND, incremental(mine))


def _worth(rows: Iterable[Sequence[object]]) -> tuple[int, int]:
    """What friends of known source paid until day 30, and how much of it is of goods whose cost
    nobody knows."""
    early = [row for row in rows if row[0] and row[3] is None and int(str(row[4])) <= MARK]
    return sum(int(str(row[8])) for row in early), sum(int(str(row[9])) for row in early)


def _without_margin(points: Sequence[Point]) -> list[Point]:
    return [one._replace(margin_minor=None, ratio=None, interval=None) for one in points]


def _says(lines: Sequence[_Line], *, net: int, unknown: int, currency: str) -> Sentence:
    point = lines[0].points[MARK]
    if not point.people:
        return Sentence(
            f"No friend of a known source is {MARK} days old yet.",
            f"还没有来源已知、满 {MARK} 天的好友。",
        )
    if 0 < net <= unknown:
        paid, cost = show(net, currency), show(point.cost_minor, currency)
        least = percent(point.cost_minor / net)
        return Sentence(
            "What goods cost is unknown, so payback can't be said. In their first "
            f"{MARK} days {point.people:,} friends paid {paid} and cost {cost}: from a gross "
            "margin "
            f"of {least} on they pay back.",
            f"商品成本未知，无法计算回本。{point.people:,} 位好友前 {MARK} 天消费 {paid}、花费 "
            f"{cost}："
            f"毛利率达到 {least} 即可回本。",
        )
    if point.ratio is None:
        return Sentence(
            f"{point.people:,} friends are {MARK} days old: too few to say, or nothing was spent.",
            f"满 {MARK} 天的好友 {point.people:,} 位：人数太少，或没有花过钱，还不能下结论。",
        )
    ratio, beyond = times(point), _proved(lines)
    on = when(lines[0].crossed)
    return Sentence(
        f"{MARK} days after they came, {point.people:,} friends have brought {ratio} times what "
        "they "
        f"cost{on}{beyond}.",
        f"加入 {MARK} 天后，{point.people:,} 位好友带来的毛利是成本的 "
        f"{ratio.zh}倍{on.zh}{beyond.zh}。",
    )


def _proved(lines: Sequence[_Line]) -> Sentence:
    """What the hold-out of most people leaves of it."""
    known = [one.points[MARK] for one in lines if one.counted == BEYOND]
    told = [one for one in known if one.interval is not None]
    if not told:
        return Sentence("; no hold-out says what would have come anyway", "；没有对照组能说明增量")
    ratio = times(max(told, key=lambda one: one.people))
    return Sentence(f"; beyond the hold-out it is {ratio}", f"；扣除对照组后为 {ratio.zh}倍")


def _label(line: _Line, titles: Mapping[str, Sentence]) -> Sentence:
    if line.of is None:
        return ALL
    return titles.get(line.of, Sentence(line.of, line.of))


def _cells(points: Sequence[Point]) -> Iterator[Cell]:
    for day in MARKS:
        one = points[day]
        low, high = one.interval or (None, None)
        money = (one.margin_minor, one.cost_minor) if one.people else (None, None)
        yield from (one.people, *money, one.ratio, low, high)


def _row(line: _Line, titles: Mapping[str, Sentence]) -> tuple[Cell, ...]:
    head = (_label(line, titles), line.counted, line.points[0].people)
    return (*head, *_cells(line.points), *line.crossed)


def _rows(lines: Iterable[_Line], titles: Mapping[str, Sentence]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(_row(line, titles) for line in lines)


def _months(
    known: Sequence[Grown],
    lost: Sequence[Spent],
    titles: Mapping[str, Sentence],
    *,
    told: bool,
) -> tuple[tuple[Cell, ...], ...]:
    found: list[tuple[Cell, ...]] = []
    came = _by(known, lambda one: (one.cohort, one.of))
    vain = _by(lost, lambda one: (one.cohort, one.of))
    for (cohort, source), mine in sorted(came.items()):
        points = curve(mine, vain[cohort, source])
        line = _Line(source, GROSS, points if told else _without_margin(points))
        found.append((cohort, *_row(line, titles)))
    return tuple(found)


def _curves(lines: Iterable[_Line], titles: Mapping[str, Sentence]) -> tuple[tuple[Cell, ...], ...]:
    found: list[tuple[Cell, ...]] = []
    for line in lines:
        label = _label(line, titles)
        name = Sentence(f"{label} · {line.counted}", f"{label.zh} · {line.counted.zh}")
        for one in line.points:
            if one.ratio is not None:
                low, high = one.interval or (None, None)
                found.append((name, one.day, one.people, one.ratio, low, high))
    return tuple(found)


def _unknown(grown: Sequence[Grown]) -> Iterator[tuple[Cell, ...]]:
    nameless = _by((one for one in grown if not one.of), lambda one: one.cohort)
    for cohort, mine in sorted(nameless.items()):
        points = curve(mine)
        sums = [cell for day in MARKS for cell in _sums(points[day])]
        yield (cohort, points[0].people, *sums)


def _sums(point: Point) -> tuple[Cell, Cell]:
    return (point.margin_minor, point.cost_minor) if point.people else (None, None)


def _month(found: date) -> date:
    return date(found.year, found.month, 1)
