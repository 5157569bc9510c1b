"""Whether the pool is healthy: its parts, their trend, and what those who left had before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from siyu.analytics.compile import health as figures
from siyu.analytics.decide.pulse import (
    CAUSES,
    COMPONENTS,
    OFTEN,
    Cause,
    Component,
    Trend,
    Verdict,
    began,
    clear,
    composite,
    trend,
)
from siyu.analytics.model import Group, lift
from siyu.analytics.model.answer import (
    Answer,
    Ask,
    Cell,
    Chart,
    Column,
    Question,
    Sources,
    Span,
    Table,
    between,
    percent,
)
from siyu.analytics.views.days import check
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import load
from siyu.kernel.time import zone

SQL = load("siyu.analytics")
DAYS = 28  # of a span
NAMES: Mapping[Component, Sentence] = {
    "deletion": Sentence("deletions", "删除率"),
    "complaint": Sentence("opt-outs and complaints", "退订与投诉率"),
    "reply": Sentence("replies to service messages", "服务消息回复率"),
    "reach": Sentence("reachable customers", "可触达占比"),
    "silent": Sentence("silent friends", "沉默占比"),
}
VERDICTS: Mapping[Verdict, Sentence] = {
    "better": Sentence("better", "变好"),
    "worse": Sentence("worse", "变差"),
    "same": Sentence("as before", "与以往相当"),
    "unknown": Sentence("unknown", "未知"),
}
BEFORE: Mapping[Cause, Sentence] = {
    "promotion": Sentence("a promotion", "收到营销"),
    "often": Sentence(f"{OFTEN} touches or more", f"触达 {OFTEN} 次及以上"),
    "call": Sentence("a call", "接到电话"),
    "refund": Sentence("something given back", "退货或退款"),
    "fresh": Sentence("become a friend", "刚加好友"),
    "nothing": Sentence("no touch and no refund", "没有触达也没有退款"),
}
_NOW, _CHANGE = Sentence("These 28 days", "这 28 天"), Sentence("Change", "变化")
PARTS = (
    Column("component", Sentence("Part", "指标")),
    Column("people", Sentence("Of", "基数"), "count"),
    Column("some", Sentence("Of these", "其中"), "count"),
    Column("rate", _NOW, "rate"),
    Column("rate_low", _NOW, "rate", low_of="rate"),
    Column("rate_high", _NOW, "rate", high_of="rate"),
    Column("before", Sentence("Spans before", "此前各期"), "rate"),
    Column("change", _CHANGE, "rate"),
    Column("change_low", _CHANGE, "rate", low_of="change"),
    Column("change_high", _CHANGE, "rate", high_of="change"),
    Column("verdict", Sentence("Trend", "趋势")),
    Column("weight", Sentence("Weight", "权重"), "number"),
)
HISTORY = (
    Column("first", Sentence("From", "起"), "day"),
    Column("component", Sentence("Part", "指标")),
    Column("people", Sentence("Of", "基数"), "count"),
    Column("rate", Sentence("Share", "占比"), "rate"),
    Column("rate_low", Sentence("Share", "占比"), "rate", low_of="rate"),
    Column("rate_high", Sentence("Share", "占比"), "rate", high_of="rate"),
)
SCORES = (
    Column("first", Sentence("From", "起"), "day"),
    Column("score", Sentence("Health, 0–100", "健康度（0–100）"), "number"),
)
_LEFT, _MORE = Sentence("Of those who left", "离开的人"), Sentence("Difference", "差值")
CAUSED = (
    Column("cause", Sentence("In the 7 days before they had", "此前 7 天内")),
    Column("left", Sentence("Left", "离开人数"), "count"),
    Column("rate", _LEFT, "rate"),
    Column("rate_low", _LEFT, "rate", low_of="rate"),
    Column("rate_high", _LEFT, "rate", high_of="rate"),
    Column("stayed", Sentence("Of all friends then", "同期全部好友"), "rate"),
    Column("more", _MORE, "rate"),
    Column("more_low", _MORE, "rate", low_of="more"),
    Column("more_high", _MORE, "rate", high_of="more"),
)
_WEIGHS = Sentence("What this part weighs in the whole.", "该指标在综合分里的权重。")
Spans = dict[Component, list[Group]]


@dataclass(frozen=True)
class Health(Question):
    """Deletions, complaints, replies, reach and silence of 28 days, and their causes."""

    name = "health"
    title = Sentence("Is our pool healthy?", "私域池健康吗？")
    facts = ("friendship", "touch")

    spans: Annotated[
        int,
        Ask(
            Sentence("Spans of 28 days", "期数（每期 28 天）"),
            Sentence("The last one and those before it.", "最近一期以及之前的各期。"),
        ),
    ] = 7
    until: Annotated[
        date | None,
        Ask(
            Sentence("Up to", "截至"),
            Sentence(
                "The last day of the last span, within; empty: yesterday.",
                "最近一期的最后一天（含）；留空为昨天。",
            ),
        ),
    ] = None
    deletion: Annotated[float, Ask(Sentence("Weight of deletions", "删除率权重"), _WEIGHS)] = 0.3
    complaint: Annotated[
        float, Ask(Sentence("Weight of opt-outs and complaints", "退订与投诉权重"), _WEIGHS)
    ] = 0.2
    reply: Annotated[float, Ask(Sentence("Weight of replies", "回复率权重"), _WEIGHS)] = 0.15
    reach: Annotated[float, Ask(Sentence("Weight of reach", "可触达权重"), _WEIGHS)] = 0.2
    silent: Annotated[float, Ask(Sentence("Weight of silence", "沉默占比权重"), _WEIGHS)] = 0.15

    def __post_init__(self) -> None:
        check(None, self.until)
        weights = self.weights.values()
        if not 2 <= self.spans <= 27 or min(weights) < 0 or sum(weights) <= 0:
            raise ValueError(
                Sentence(
                    "`spans` must be between 2 and 27, weights 0 or more and not all 0",
                    "`spans` 必须在 2 到 27 之间；权重不能为负，也不能全为 0",
                )
            )

    @property
    def weights(self) -> dict[Component, float]:
        """What each part weighs."""
        return {one: float(getattr(self, one)) for one in COMPONENTS}

    def answer(self, of: Sources) -> Answer:
        after = self.until + timedelta(days=1) if self.until else of.today
        midnight = datetime.combine(after, time(), zone(of.brand.time_zone))
        ends = [midnight - timedelta(days=DAYS * back) for back in range(self.spans)][::-1]
        firsts = [(one - timedelta(days=DAYS)).date() for one in ends]
        spans = [(_utc(one - timedelta(days=DAYS)), _utc(one)) for one in ends]
        found = _found(of, spans)
        begun = began(found["deletion"])
        trends: dict[Component, Trend] = {one: trend(one, found[one][begun:]) for one in COMPONENTS}
        scores = [
            composite({one: found[one][place] for one in COMPONENTS}, self.weights)
            if place >= begun
            else None
            for place in range(self.spans)
        ]
        causes = _causes(of, *spans[-1])
        return Answer(
            says=_says(trends, scores, causes, self.until),
            definition=Sentence(
                "Deletions: friendships that the customer ended ÷ those that lived in the span. "
                "Opt-outs and complaints: friends who withdrew a consent or complained ÷ friends. "
                "Replies: service messages after which the customer wrote or clicked within 3 "
                "days ÷ "
                "those that went out (up to 3 days before the end). Reachable: friends and "
                "members of groups at its end ÷ known customers. Silent: of friends all through it "
                "those who bought, read, wrote and clicked nothing. Health = the weighted mean "
                "of these "
                "(of deletions, opt-outs and silence: of 1 − the share), from 0 to 100; what "
                "nobody "
                "knows is left out with its weight.",
                "删除率：客户主动结束的好友关系 ÷ 当期存在的关系。退订与投诉率："
                "撤回同意或投诉的好友 ÷ 好友。"
                "回复率：发出后 3 天内客户有留言或点击的服务消息 ÷ 发出的服务消息（截至期末前 3 "
                "天）。可触达：期末的好友与群成员 ÷ "
                "已知客户。"
                "沉默：整期都是好友、却没有购买、阅读、留言或点击的比例。"
                "健康度 = 各项加权平均（删除、退订投诉、沉默取 1 − 占比），0 到 100；"
                "未知的指标连同权重一起剔除。",
            ),
            population=Sentence("Friends and known customers", "好友与已知客户"),
            period=Span(firsts[0], (midnight - timedelta(days=1)).date()),
            currency=of.brand.currency,
            tables=(
                Table(
                    "parts",
                    Sentence("Parts of health", "各项指标"),
                    PARTS,
                    tuple(_part(one, trends[one], self.weights[one]) for one in COMPONENTS),
                ),
                Table(
                    "causes",
                    Sentence("What those who left had before", "离开的人此前遇到了什么"),
                    CAUSED,
                    tuple(_caused(causes)),
                ),
                Table(
                    "scores",
                    Sentence("Health, span by span", "各期健康度"),
                    SCORES,
                    tuple(zip(firsts, scores, strict=True)),
                ),
                Table(
                    "history",
                    Sentence("Parts, span by span", "各期指标"),
                    HISTORY,
                    tuple(
                        (first, NAMES[one], group.buyers, *_shares(group))
                        for one in COMPONENTS
                        for first, group in zip(firsts, found[one], strict=True)
                    ),
                ),
            ),
            charts=(
                Chart(
                    "scores", Sentence("Health", "健康度"), "line", "scores", "first", ("score",)
                ),
                Chart(
                    "history",
                    Sentence("Parts of health", "各项指标"),
                    "line",
                    "history",
                    x="first",
                    y=("rate",),
                    by="component",
                ),
            ),
            notes=_NOTES,
        )


_NOTES = (
    Sentence(
        "Better or worse is said where the interval of the difference to all spans before "
        "(Newcombe, "
        "widened for so many parts that all of them together are right in 95 of 100 times) leaves "
        "out nought, and no span before was like this one. Spans before the first friendship count "
        "for nothing: there was no pool yet.",
        "只有当与此前各期之差的区间（Newcombe，按指标个数放宽，整体 95%）不含 0，"
        "且此前没有哪一期与本期相当时，"
        "才说变好或变差。第一位好友之前的各期不参与比较：那时还没有私域池。",
    ),
    Sentence(
        "What those who left had before is a hint, not a proof: it is set beside what all friends "
        "had in the 7 days before the middle of the span. What touches really cost in trust is the "
        "report trust.",
        "离开前遇到的事只是线索，不是证明：对照的是同期全部好友在期中之前 7 天的情况。"
        "触达真正消耗的信任见 trust 报表。",
    ),
    Sentence(
        "WeCom does not tell a block from a deletion, nor who mutes us. Of a consent only the last "
        "word is known, of a friendship that ended several times only the last end.",
        "企业微信不区分拉黑与删除，也不告知谁设了免打扰。同意只知道最后一次状态；"
        "多次结束的好友关系只知道最后一次。",
    ),
)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _found(of: Sources, spans: figures.Spans) -> Spans:
    places = len(spans)
    found: Spans = {one: [Group(0, 0)] * places for one in COMPONENTS}
    for component, place, people, some in of.lake.fetch(figures.pulse(spans)):
        found[component][place] = Group(int(people), int(some))
    unhappy: dict[int, set[int]] = defaultdict(set)
    for place, customer in of.lake.fetch(figures.opted_out(spans)):
        unhappy[place].add(customer)
    for place, customer in _complaints(of, spans):
        unhappy[place].add(customer)
    for place, people in of.lake.fetch(figures.pool(spans)):
        many = len(unhappy[place])
        found["complaint"][place] = Group(max(int(people), many), many)
    return found


def _complaints(of: Sources, spans: figures.Spans) -> Iterator[tuple[int, int]]:
    since, until = (one.replace(tzinfo=UTC) for one in (spans[0][0], spans[-1][1]))
    with of.db.transaction() as conn:
        rows = conn.fetch(SQL.complaints, {"since": since, "until": until})
    for customer, at in rows:
        moment = _utc(at)
        for place, (begin, end) in enumerate(spans):
            if begin <= moment < end:
                yield place, int(customer)


def _causes(of: Sources, begin: datetime, end: datetime) -> dict[Cause, tuple[Group, Group]]:
    """Of those who left and of all: how many had each."""
    found = {bool(row[0]): row[1:] for row in of.lake.fetch(figures.before(begin, end))}
    left, stayed = (found.get(one, (0,) * (1 + len(CAUSES))) for one in (True, False))
    return {
        cause: (Group(int(left[0]), int(left[place])), Group(int(stayed[0]), int(stayed[place])))
        for place, cause in enumerate(CAUSES, start=1)
    }


def _shares(group: Group) -> tuple[Cell, Cell, Cell]:
    low, high = group.interval or (None, None)
    return group.rate, low, high


def _part(component: Component, found: Trend, weight: float) -> tuple[Cell, ...]:
    change = found.change
    moved = (change.points, *change.interval) if change else (None, None, None)
    return (
        NAMES[component], found.now.buyers, found.now.friends, *_shares(found.now),
        found.before.rate, *moved, VERDICTS[found.verdict], weight,
    )  # fmt: skip


def _caused(causes: Mapping[Cause, tuple[Group, Group]]) -> Iterator[tuple[Cell, ...]]:
    for cause, (left, stayed) in causes.items():
        more = lift(left, stayed)
        moved = (more.points, *more.interval) if more else (None, None, None)
        yield (BEFORE[cause], left.friends, *_shares(left), stayed.rate, *moved)


def _says(
    trends: Mapping[Component, Trend],
    scores: Sequence[float | None],
    causes: Mapping[Cause, tuple[Group, Group]],
    until: date | None,
) -> Sentence:
    gone, score = trends["deletion"].now, scores[-1]
    if gone.rate is None or gone.interval is None or score is None:
        return Sentence("There were no friends in these 28 days.", "这 28 天没有好友。")
    worse = [NAMES[one] for one, found in trends.items() if found.verdict == "worse"]
    better = [NAMES[one] for one, found in trends.items() if found.verdict == "better"]
    first = all(found.verdict == "unknown" for found in trends.values())
    moved, hint = _FIRST if first else _moved(worse, better), _hint(causes)
    share, span = percent(gone.rate), between(gone.interval)
    when = (
        Sentence(f"in the 28 days up to {until}", f"截至 {until} 的 28 天")
        if until
        else Sentence("in the last 28 days", "最近 28 天")
    )
    return Sentence(
        f"Health is {score:.0f} of 100; {share} ({span}) of friendships were ended by the customer "
        f"{when}{moved}{hint}.",
        f"健康度 {score:.0f}（满分 100）；{when.zh} {share}（{span}）的好友关系被客户删除"
        f"{moved.zh}{hint.zh}。",
    )


_FIRST = Sentence("; there is no span before to compare with", "；此前没有可比较的一期")


def _moved(worse: Sequence[Sentence], better: Sequence[Sentence]) -> Sentence:
    if not worse and not better:
        return Sentence("; nothing differs from before for sure", "；各项与以往没有明显差别")
    ill, well = (_listed(some) for some in (worse, better))
    if worse and better:
        return Sentence(f"; worse: {ill}; better: {well}", f"；变差：{ill.zh}；变好：{well.zh}")
    return (
        Sentence(f"; worse: {ill}", f"；变差：{ill.zh}")
        if worse
        else Sentence(f"; better: {well}", f"；变好：{well.zh}")
    )


def _listed(some: Sequence[Sentence]) -> Sentence:
    return Sentence(", ".join(some), "、".join(one.zh for one in some))


def _hint(causes: Mapping[Cause, tuple[Group, Group]]) -> Sentence:
    """What those who left had clearly more often."""
    found = [
        (more.points, BEFORE[cause])
        for cause, (left, stayed) in causes.items()
        if (more := lift(left, stayed)) is not None and more.points > 0 and clear(more, len(CAUSES))
    ]
    if not found:
        return Sentence("", "")
    _, most = max(found, key=lambda one: one[0])
    return Sentence(
        f"; what they had more often than others just before: {most}",
        f"；离开的人此前更常见：{most.zh}",
    )
