"""Whether friends bring what they cost, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from siyu.acquisition import views as acquisition
from siyu.analytics.compile import payback as figures
from siyu.analytics.decide.payback import Grown, Spent, curve, incremental
from siyu.analytics.model.answer import (
    Answer,
    Ask,
    Chart,
    Question,
    Sources,
    Span,
    Table,
    Target,
    percent,
)
from siyu.analytics.views import curves
from siyu.analytics.views.covered import MARK, notes, times, when
from siyu.analytics.views.curves import GROSS, UNITS, By, Line, Titles, by_key
from siyu.analytics.views.histories import Currency
from siyu.journeys import views as journeys
from siyu.journeys.views import Listed
from siyu.kernel.errors import Refused
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence

ALL_DRAWN, PLAYBOOK = "*", "playbook:"  # scopes of draws that journeys share
BEYOND = Sentence("beyond the hold-out", "减去对照组（增量）")
COHORTS: Mapping[By, Sentence] = {
    "week": Sentence("By week", "按周"),
    "month": Sentence("By month", "按月"),
}
COVERED = Target(Sentence("costs covered", "成本线"), 1.0)


@dataclass(frozen=True)
class Payback(Question):
    """Margin ÷ cost of friends over their first 180 days, by source and week of coming."""

    name = "payback"
    title = Sentence("Do friends pay back what they cost?", "加来的好友回本了吗？")

    by: Annotated[
        By,
        Ask(
            Sentence("Cohorts by", "分组方式"),
            Sentence(
                "Who came in the same week, from Monday on, or in the same month.",
                "按加入的自然周（周一起）或自然月分组。",
            ),
            (Sentence("Week of coming", "加入周"), Sentence("Month of coming", "加入月")),
        ),
    ] = "week"
    source: Annotated[
        str,
        Ask(Sentence("Source", "来源"), Sentence("Empty: all.", "留空为全部。")),
    ] = ""
    currency: Currency = ""

    def answer(self, of: Sources) -> Answer:
        currency, unit = self.currency or of.brand.currency, UNITS[self.by]
        with of.db.transaction() as conn:
            sources, plans = acquisition.sources(conn), journeys.listing(conn)
        titles = {code: Sentence(one.title["en"], one.title["zh"]) for code, one in sources.items()}
        self._known(titles)
        who = of.lake.once(figures.came(of.today, unit))
        orders = of.lake.once(figures.theirs(who, currency))
        spent = of.lake.once(figures.costs(currency))
        found = of.lake.fetch(figures.grown(who, orders, spent, currency))
        both = [Grown(row[0], _day(row[1]), *row[2:8]) for row in found]
        grown = [one for one in both if one.held is None]
        beyond = [one for one in both if one.held is not None]
        own = _sources_of_journeys(grown, {one.code: one.journey for one in sources.values()})
        lost = [
            Spent(source, _day(cohort), group, cost)
            for journey, cohort, group, cost in of.lake.fetch(figures.lost(spent, unit))
            for source in own.get((journey, _day(cohort)), own.get((journey, None), ()))
            if self._asks(source)
        ]
        known = [one for one in grown if one.of and self._asks(one.of)]
        gross = list(_gross(known, lost))
        if len(gross) != 1:
            gross.insert(0, Line(None, GROSS, curve(known, lost)))
        called = {one.journey: one.code for one in sources.values() if one.journey}
        parts = {one.code: one.playbook for one in plans}
        apart = [one for one in _beyond(beyond, called, parts) if self._asks(one.of or "")]
        lines = [*gross, *apart]
        titles = _titles_of_draws(apart, plans) | titles
        cohorts = curves.cohorts(known, lost)
        net, unknown = self._worth(found)
        if no_margin := 0 < net <= unknown:
            lines = [one._replace(points=curves.without_margin(one.points)) for one in lines]
            cohorts = [one._replace(points=curves.without_margin(one.points)) for one in cohorts]
        return Answer(
            says=_says(lines, net=net, unknown=unknown, currency=currency),
            definition=Sentence(
                "Payback on day d = gross margin of their orders from the moment they came until "
                "day d ÷ what acquiring, serving and offers cost until then. What was spent on "
                "people who never came is borne by those who came in the same week (or month) from "
                "the same plan. The order that led somebody here is not counted. Beyond the "
                "hold-out: less what customers brought and cost who were drawn to be left alone, "
                "scaled month by month; from the day of the draw, whether or not they came.",
                "第 d 天回本倍数 = 从加入起到第 d 天的订单毛利 ÷ 同期获客、服务与权益成本。"
                "花在最终没有加入的人身上的钱，由同一周（或月）、同一来源加入的人分摊。"
                "促成加入的那一单不计。增量口径：从抽签当天起，减去对照组的毛利与成本（按月按人数放大），"
                "无论是否加了好友。",
            ),
            population=Sentence(
                "Friends by the week or month in which they first came, and customers drawn for a "
                "hold-out",
                "按首次加入的周或月分组的好友，以及参与对照抽签的客户",
            ),
            period=Span(min((one.cohort for one in both), default=None), of.today),
            currency=currency,
            tables=(
                Table("sources", Sentence("By source", "按来源"), curves.SOURCES,
                      curves.source_rows(lines, titles)),
                Table("cohorts", COHORTS[self.by], curves.cohort_columns(self.by),
                      curves.cohort_rows(cohorts, self.by, titles, currency)),
                Table("curve", Sentence("Day by day", "逐日曲线"), curves.CURVE,
                      curves.curve_rows(lines, titles)),
                Table("growth", Sentence("Curves of cohorts", "各组曲线"),
                      curves.growth_columns(self.by),
                      () if no_margin else curves.growth_rows(known, lost)),
                Table("unknown", Sentence("Friends of unknown source", "来源未知的好友"),
                      curves.unknown_columns(self.by), curves.unknown_rows(grown)),
            ),
            charts=(
                Chart("curve", Sentence("Margin ÷ cost", "毛利 ÷ 成本"), "line", "curve", x="day",
                      y=("payback",), by="line", targets=(COVERED,)),
                Chart("growth", Sentence("Margin ÷ cost by cohort", "各组毛利 ÷ 成本"), "heat",
                      "growth", x="day", y=("payback",), by="cohort"),
            ),
            notes=(
                *curves.too_young(cohorts, self.by, of.today),
                *notes(grown, beyond, net=net, unknown=unknown, currency=currency),
            ),
        )  # fmt: skip

    def _known(self, titles: Titles) -> None:
        """Refused where nobody knows the source that is asked for."""
        if self.source in ("", *titles):
            return
        known = ", ".join(titles)
        raise Refused(
            Sentence(
                f"There is no source {self.source}; there are: {known}.",
                f"没有来源 {self.source}；现有：{known}。",
            )
        )

    def _asks(self, source: str) -> bool:
        return self.source in ("", source)

    def _worth(self, rows: Iterable[Sequence[object]]) -> tuple[int, int]:
        """What friends of known source paid until day 30, and how much of it is of goods whose cost
        nobody knows."""
        early = [
            row for row in rows
            if row[0] and row[3] is None and self._asks(str(row[0])) and int(str(row[4])) <= MARK
        ]  # fmt: skip
        return sum(int(str(row[8])) for row in early), sum(int(str(row[9])) for row in early)


def _sources_of_journeys(
    grown: Iterable[Grown], journeys: Mapping[str, str]
) -> dict[tuple[str, date | None], tuple[str]]:
    """(journey, cohort) → the source that bears what was spent in vain: of several of one journey
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


def _gross(known: Sequence[Grown], lost: Sequence[Spent]) -> Iterator[Line]:
    came, vain = by_key(known, lambda one: one.of), by_key(lost, lambda one: one.of)
    for source in sorted({*came, *vain}):
        yield Line(source, GROSS, curve(came[source], vain[source]))


def _beyond(
    rows: Sequence[Grown], sources: Mapping[str, str], playbooks: Mapping[str, str]
) -> Iterator[Line]:
    """A line for each draw. A playbook's is kept for its journeys too: where it let everybody in
    by one of them, both are the same people, and that journey's line (or its source's) says it."""
    draws = by_key(rows, lambda one: one.of)
    for scope, mine in sorted(draws.items()):
        own = [draws.get(one, []) for one, book in playbooks.items() if scope == PLAYBOOK + book]
        twice = any(_people(mine) == _people(one) for one in own)
        if any(one.held for one in mine) and not twice:
            yield Line(sources.get(scope, scope), BEYOND, incremental(mine))


def _people(rows: Iterable[Grown]) -> list[Grown]:
    """The same of any draw."""
    return sorted(one._replace(of="") for one in rows)


def _titles_of_draws(lines: Iterable[Line], plans: Iterable[Listed]) -> dict[str, Sentence]:
    """What draws are called that are of no source."""
    named = {one.code: Sentence(one.title.en, one.title.zh) for one in plans if one.title.en}
    found = {ALL_DRAWN: Sentence("All journeys", "全部旅程")} | named
    for scope in (one.of for one in lines if one.of and one.of.startswith(PLAYBOOK)):
        name = scope.removeprefix(PLAYBOOK)
        found[scope] = Sentence(f"{name}, all its journeys", f"{name}（全部旅程）")
    return found


def _says(lines: Sequence[Line], *, net: int, unknown: int, currency: str) -> Sentence:
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
    if point.ratio is None and not point.cost_minor:
        return Sentence(
            f"Nothing was spent on the {point.people:,} friends who are {MARK} days old.",
            f"满 {MARK} 天的 {point.people:,} 位好友没有花过成本，谈不上回本。",
        )
    if point.ratio is None:
        return Sentence(
            f"{point.people:,} friends are {MARK} days old: too few to say.",
            f"满 {MARK} 天的好友 {point.people:,} 位：人数太少，还不能下结论。",
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


def _proved(lines: Sequence[Line]) -> Sentence:
    """What the hold-out of most people leaves of it."""
    known = [one.points[MARK] for one in lines if one.counted == BEYOND]
    told = [one for one in known if one.interval is not None]
    if not told:
        return Sentence("; no hold-out says what would have come anyway", "；没有对照组能说明增量")
    ratio = times(max(told, key=lambda one: one.people))
    return Sentence(f"; beyond the hold-out it is {ratio}", f"；扣除对照组后为 {ratio.zh}倍")


def _day(found: date) -> date:
    return date(found.year, found.month, found.day)
