"""The add-friend cascade by step, source, shop and hour, and which step fell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from siyu.analytics.model import (
    OTHER_DOOR,
    Asked,
    Fall,
    Group,
    PlanReport,
    SourceReport,
    lift,
)
from siyu.analytics.model.answer import (
    Answer,
    Ask,
    Cell,
    Chart,
    Column,
    Named,
    Question,
    Sources,
    Span,
    Table,
    between,
    percent,
)
from siyu.analytics.views import reports
from siyu.analytics.views.channels import step_name
from siyu.analytics.views.days import Since, Until, check, days
from siyu.analytics.views.reports import Slice
from siyu.kernel.errors import Refused
from siyu.kernel.sentence import Sentence

USUAL = 28
WHY: Mapping[str, Sentence] = {
    "withheld": Sentence("more was withheld", "更多触达被拦下"),
    "failed": Sentence("more failed", "更多触达失败"),
    "paused": Sentence("more waits for a pause", "更多因暂停而等待"),
    "provider": Sentence("more waits for a provider", "更多因服务商不可用而等待"),
    "waiting": Sentence("more is still waiting", "更多仍在等待"),
    "earlier": Sentence("a step before it fell", "前面的步骤先下降"),
    "": Sentence("the data does not say", "数据未说明"),
}
PARTS: Mapping[str, Sentence] = {
    "reached": Sentence("reaches fewer", "触达占比"),
    "won": Sentence("wins fewer", "加微成功率"),
}
_SOURCE = Column("source", Sentence("Source", "来源"))
_STEP = Column("step", Sentence("Step", "步骤"))
_SCOPE = Column("in_scope", Sentence("In scope", "范围内"), "count")


def _rate(name: str, title: Sentence) -> tuple[Column, ...]:
    return (
        Column(name, title, "rate"),
        Column(f"{name}_low", title, "rate", low_of=name),
        Column(f"{name}_high", title, "rate", high_of=name),
    )


_ADD = (
    Column("friends", Sentence("Friends", "加微"), "count"),
    *_rate("add_rate", Sentence("Add rate", "加微率")),
)
_WON = (
    Column("reached", Sentence("Reached", "触达人数"), "count"),
    Column("won", Sentence("Won", "加微"), "count"),
    *_rate("success", Sentence("Won of reached", "触达加微率")),
)
SOURCES = (
    _SOURCE,
    Column("buyers", Sentence("Buyers", "买家"), "count"),
    Column("friends_before", Sentence("Friends before", "已是好友"), "count"),
    Column("not_admitted", Sentence("Not admitted", "未准入"), "count"),
    Column("holdout", Sentence("Hold-out", "留出组"), "count"),
    _SCOPE,
    Column("invited", Sentence("Invited", "已邀请"), "count"),
    *_ADD,
    *_rate("lift", Sentence("Beyond the hold-out", "相对留出组的提升")),
    Column("still_open", Sentence("Still open", "观察中"), "count"),
    Column("cost_per_add_minor", Sentence("Cost per friend", "单个好友成本"), "money"),
)
STEPS = (_SOURCE, _STEP, *_WON)
FALLS = (
    _SOURCE,
    _STEP,
    Column("part", Sentence("Which rate", "指标")),
    *_rate("was", Sentence("Before", "之前")),
    *_rate("now", Sentence("Now", "现在")),
    *_rate("change", Sentence("Change", "变化")),
    Column("why", Sentence("Likely cause", "可能原因")),
    Column("reason", Sentence("Reason", "具体原因")),
)


class Cut(NamedTuple):
    """A way to cut those in scope: the table's name, its titles, and the column's."""

    part: str
    title: Sentence
    column: Column
    by_step: Sentence


CUTS = (
    Cut("shop", Sentence("By shop", "按店铺"), Column("shop", Sentence("Shop", "店铺")),
        Sentence("Steps by shop", "各店铺步骤")),
    Cut("hour", Sentence("By hour of the order", "按下单小时"),
        Column("hour", Sentence("Hour of the order", "下单小时")),
        Sentence("Steps by hour", "各小时步骤")),
)  # fmt: skip


@dataclass(frozen=True)
class Funnel(Question):
    """The cascade by step, source, shop and hour of the order, and which step of which source fell
    against the same length before."""

    name = "funnel"
    title = Sentence(
        "Who becomes a friend, by which step, and what fell?", "谁加了好友，靠哪一步，哪步下降了？"
    )

    since: Since = None
    until: Until = None
    source: Annotated[
        str,
        Ask(Sentence("Source", "来源"), Sentence("Empty: all.", "留空为全部。")),
    ] = ""
    shop: Annotated[
        str,
        Ask(Sentence("Shop", "店铺"), Sentence("Empty: all.", "留空为全部。")),
    ] = ""

    def __post_init__(self) -> None:
        check(self.since, self.until)

    def answer(self, of: Sources) -> Answer:
        span = days(of, self.since, self.until, USUAL)
        asked = Asked(span.first, span.last, self.source, self.shop)
        zone = of.brand.time_zone
        with of.db.transaction() as conn:
            plan = reports.plan(conn, asked, zone, of.now)
        if not any(one.buyers for one in plan.sources):
            raise Refused(
                Sentence(
                    f"Nobody bought from {span.first} to {span.last} whom a source could win; "
                    "sources come with a playbook.",
                    f"{span.first} 至 {span.last} 没有来源可争取的买家；来源随打法安装。",
                )
            )
        with of.db.transaction() as conn:
            was = reports.compared(conn, zone, of.now, plan)
        with of.db.transaction() as conn:
            parts = reports.sliced(conn, asked, zone, of.now)
        falls = {code: some for code, some in was.falls.items() if some}
        comparable = any(one.treated.buyers for one in was.report.sources)
        return Answer(
            says=_says(plan, falls, comparable=comparable),
            definition=DEFINITION,
            population=Sentence("Buyers of these days, by source", "期内买家，按来源"),
            period=Span(span.first, span.last),
            currency=plan.currency or of.brand.currency,
            tables=tuple(_tables(plan, falls, parts)),
            charts=(
                Chart("steps", Sentence("Friends by step", "各步骤加微"), "bar", "steps", x="step",
                      y=("reached", "won")),
                Chart("hours", Sentence("Add rate by hour of the order", "各下单小时加微率"), "bar",
                      "hours", x="hour", y=("add_rate",)),
            ),
            notes=tuple(_notes(plan, comparable=comparable)),
            keys={
                "unmatched": plan.unmatched,
                "before": {
                    "first": str(was.report.asked.first), "last": str(was.report.asked.last),
                },
            },
        )  # fmt: skip


DEFINITION = Sentence(
    "Add rate = buyers in scope who became friends within 14 days of their first order of the "
    "period ÷ buyers in scope: who were no friends at it, admitted, not held out, reachable or "
    "not. A step won whoever came by its code, else whom it reached last before. A step fell where "
    "the whole 95 % interval of its rate lies below that of the same length before, as that "
    "stood at the same age.",
    "加微率 = 期内首单后 14 天内加为好友的范围内买家 ÷ 范围内买家"
    "（下单时非好友、已准入、不在留出组，无论能否触达）。"
    "每位好友归其活码所属步骤，否则归之前最后触达的步骤。"
    "某步骤的整个 95% 区间低于之前等长期间（同样龄期时）的区间，即为下降。",
)


def _named(one: SourceReport) -> Sentence:
    english = one.title.get("en") or one.source
    return Sentence(english, one.title.get("zh") or english)


def _share(group: Group) -> tuple[Cell, ...]:
    return (group.rate, *(group.interval or (None, None)))


def _reach(people: int, won: int) -> tuple[Cell, ...]:
    """A code may win somebody whom its step never reached: then no share is said."""
    shown = _share(Group(people, won)) if people >= won else (None, None, None)
    return (people, won, *shown)


def _tables(
    plan: PlanReport, falls: Mapping[str, Sequence[Fall]], parts: Sequence[Slice]
) -> Iterator[Table]:
    names = {one.source: _named(one) for one in plan.sources}
    yield Table("sources", Sentence("By source", "按来源"), SOURCES,
                tuple(_source(one) for one in plan.sources))  # fmt: skip
    yield Table("steps", Sentence("By step", "按步骤"), STEPS, tuple(
        (names[one.source], step_name(step.step), *_reach(step.people, step.adds))
        for one in plan.sources for step in one.steps
    ))  # fmt: skip
    fell = tuple(_fall(names[code], one) for code, some in falls.items() for one in some)
    if fell:
        yield Table("falls", Sentence("What fell", "下降的步骤"), FALLS, fell)
    order = {
        (one.source, step.step): place
        for one in plan.sources for place, step in enumerate(one.steps)
    }  # fmt: skip
    for cut in CUTS:
        counts = Counter({one[:5]: one.people for one in parts if one.part == cut.part})
        places = sorted({(one.source, one.value) for one in parts if one.part == cut.part})
        whole = tuple(
            (names[code], _value(cut, value), _of(counts, cut, code, value, "in_scope"),
             *_added(counts, cut, code, value))
            for code, value in places
        )  # fmt: skip
        yield Table(f"{cut.part}s", cut.title, (_SOURCE, cut.column, _SCOPE, *_ADD), whole)
        steps = tuple(
            (names[code], _value(cut, value), step_name(step), *_reach(
                _of(counts, cut, code, value, "reached", step),
                _of(counts, cut, code, value, "won", step),
            ))
            for code, value in places for its, step in sorted(order, key=order.__getitem__)
            if its == code
        )  # fmt: skip
        yield Table(f"{cut.part}_steps", cut.by_step, (_SOURCE, cut.column, _STEP, *_WON), steps)


def _value(cut: Cut, value: str) -> str:
    return Named("shop", value) if cut.part == "shop" else value


def _of(
    counts: Mapping[tuple[str, ...], int], cut: Cut, code: str, value: str, figure: str,
    step: str = "",
) -> int:  # fmt: skip
    return counts.get((code, cut.part, value, figure, step), 0)


def _added(
    counts: Mapping[tuple[str, ...], int], cut: Cut, code: str, value: str
) -> tuple[Cell, ...]:
    people, friends = (_of(counts, cut, code, value, name) for name in ("in_scope", "friends"))
    return (friends, *_share(Group(people, friends)))


def _source(one: SourceReport) -> tuple[Cell, ...]:
    gain = one.lift
    lifted = (None, None, None) if gain is None else (gain.points, *gain.interval)
    return (
        _named(one), one.buyers, one.friends_before, one.not_admitted, one.held.buyers,
        one.treated.buyers, one.invited.buyers, one.treated.friends, *_share(one.treated), *lifted,
        one.still_open, one.cost_per_add_minor,
    )  # fmt: skip


def _fall(name: Sentence, one: Fall) -> tuple[Cell, ...]:
    gap = lift(one.now, one.was)
    change = (None, None, None) if gap is None else (gap.points, *gap.interval)
    return (
        name, step_name(one.step), PARTS[one.part], *_share(one.was), *_share(one.now), *change,
        WHY[one.why], one.reason,
    )  # fmt: skip


def _says(plan: PlanReport, falls: Mapping[str, Sequence[Fall]], *, comparable: bool) -> Sentence:
    """Of the source with most buyers; and all that fell."""
    most = max(plan.sources, key=lambda one: one.treated.buyers)
    told = [_added_words(most)]
    names = {one.source: _named(one) for one in plan.sources}
    for code, some in falls.items():
        told += [_fell(names[code], one) for one in some]
    if not falls:
        told.append(
            Sentence("no step fell", "没有步骤下降")
            if comparable
            else Sentence(
                "nothing to compare with in the same length before", "之前等长期间没有可比数据"
            )
        )
    return Sentence("; ".join(told) + ".", "；".join(one.zh for one in told) + "。")


def _added_words(one: SourceReport) -> Sentence:
    group, name = one.treated, _named(one)
    if group.rate is None or group.interval is None:
        return Sentence(f"{name}: no buyer was in scope", f"{name.zh}：没有范围内的买家")
    share, span = percent(group.rate), between(group.interval)
    open_ = (
        Sentence(f", and {one.still_open:,} may still", f"，另有 {one.still_open:,} 位仍在观察期内")
        if one.still_open
        else Sentence("", "")
    )
    return Sentence(
        f"{name}: {share} ({span}) of {group.buyers:,} buyers in scope became friends{open_}",
        f"{name.zh}：范围内 {group.buyers:,} 位买家中 {share}（{span}）加为好友{open_.zh}",
    )


def _fell(name: Sentence, one: Fall) -> Sentence:
    was, now = one.was, one.now
    spans = [
        f"{percent(group.rate)} ({between(group.interval)})"
        for group in (was, now)
        if group.rate is not None and group.interval is not None
    ]
    before, after = spans if len(spans) == 2 else ("?", "?")
    why, part, step = WHY[one.why], PARTS[one.part], step_name(one.step)
    return Sentence(
        f"{name}, step {step}, {part}: {after} after {before}, {why}",
        f"{name.zh}的步骤 {step.zh} {part.zh}从 {before} 降到 {after}，{why.zh}",
    )


def _notes(plan: PlanReport, *, comparable: bool) -> Iterator[Sentence]:
    yield Sentence(
        "Steps come one after another: a later one has whoever is left, so steps are compared with "
        "their own past and not with each other. What is beyond the hold-out is the effect; the "
        "add rate alone is not.",
        "步骤先后触达剩下的人，因此只与自身历史比较，不互相比较。"
        "相对留出组的提升才是效果；加微率本身不是。",
    )
    yield Sentence(
        f"Shop and hour are those of the order from which a buyer is watched. {plan.unmatched:,} "
        "new friends of the time lead to no buyer and are not among these. The figures are those "
        f"of `siyu report cascade`; '{OTHER_DOOR}' is another door.",
        f"店铺与小时取自观察起点的订单。期内另有 {plan.unmatched:,} 位新好友无法对应买家，未计入。"
        f"口径与 `siyu report cascade` 相同；“{OTHER_DOOR}”为其他途径。",
    )
    if not comparable:
        yield Sentence(
            "There was nobody in scope in the same length before: nothing is said of what fell.",
            "之前等长期间没有范围内的买家，因此不判断是否下降。",
        )
