"""What touches cost in trust: how many more friends delete us after one than without."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import isfinite
from typing import Annotated

import numpy as np

from siyu.analytics.compile import moments as figures
from siyu.analytics.compile import money
from siyu.analytics.decide.risk import (
    FEWEST_ENDS,
    FEWEST_TOUCHES,
    Moments,
    Risk,
    Stratum,
    risks,
)
from siyu.analytics.decide.value import expected, fit_bgnbd, spend
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
    Target,
)
from siyu.analytics.views.channels import channel_name
from siyu.analytics.views.days import KnownUntil, check, end_of
from siyu.analytics.views.histories import Currency, known_of, spent
from siyu.analytics.views.models import fitted
from siyu.kernel.errors import Refused
from siyu.kernel.money import EXPONENTS, show
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone

MOST = 3_000_000  # moments without a touch that are looked at; of more, one customer in so many
YEAR = 365
EVERY = Sentence("every touch", "全部触达")
_MORE = Sentence("More end", "多流失")
_COST = Sentence("Trust cost of a touch", "单次触达的信任成本")
MEASURED = (
    Column("touches", Sentence("Touches", "触达"), "count"),
    Column("alone", Sentence("Not comparable", "无可比对象"), "count"),
    Column("ended", Sentence("Ended within 7 days", "7 天内流失"), "count"),
    Column("rate", Sentence("Share that ended", "触达后流失率"), "rate"),
    Column("without", Sentence("Without a touch", "同类未触达"), "rate"),
    Column("more", _MORE, "rate"),
    Column("more_low", _MORE, "rate", low_of="more"),
    Column("more_high", _MORE, "rate", high_of="more"),
    Column("cost", _COST, "money"),
    Column("cost_low", _COST, "money", low_of="cost"),
    Column("cost_high", _COST, "money", high_of="cost"),
)
CHANNEL = Column("channel", Sentence("Channel", "触点"))
NTH = Column("nth", Sentence("Within 7 days it was the", "7 天内第几次"))
ORDINALS = (
    Sentence("1st", "第 1 次"),
    Sentence("2nd", "第 2 次"),
    Sentence("3rd", "第 3 次"),
    Sentence("4th or later", "第 4 次及以后"),
)


@dataclass(frozen=True)
class Trust(Question):
    """How many more relations end within 7 days of a touch than without one, by channel."""

    name = "trust"
    title = Sentence("What do touches cost in trust?", "触达消耗了多少信任？")
    facts = ("touch",)

    days: Annotated[
        int,
        Ask(
            Sentence("Days", "天数"),
            Sentence(
                "Touches of so many days; the last of them is 7 days old.",
                "看这么多天内的触达；最后一天距今已满 7 天。",
            ),
        ),
    ] = 90
    until: KnownUntil = None
    currency: Currency = ""

    def __post_init__(self) -> None:
        check(None, self.until)
        if not 7 <= self.days <= 730:
            raise ValueError(
                Sentence("`days` must be between 7 and 730", "`days` 必须在 7 到 730 之间")
            )

    def answer(self, of: Sources) -> Answer:
        currency = self.currency or of.brand.currency
        until = self.until or of.today
        last = until - timedelta(days=figures.WATCHED + 1)
        first = last - timedelta(days=self.days - 1)
        end = end_of(of, until).astimezone(UTC).replace(tzinfo=None)
        begun = figures.relations().filter(figures.relations().begins < end)
        ((relations,),) = of.lake.fetch(begun.count().as_table())
        every = max(-(-relations * self.days // MOST), 1)
        since, upto = _noon(first, of.brand.time_zone), _noon(last, of.brand.time_zone)
        rows = of.lake.fetch(figures.moments(since, upto + timedelta(days=1), every))
        found = [Moments(*row) for row in rows]
        value = _remaining(of, currency, until, end)
        worth = value[0] if value else None
        all_of_it = risks(found, lambda _: EVERY).get(EVERY, Risk(0, 0, 0, None, None))
        channels = risks(found, lambda one: one.arm)
        return Answer(
            says=_says(all_of_it, channels),
            definition=Sentence(
                "More end = the share of touches after which the customer deleted us within 7 days "
                "− the share of moments without a touch of which the same is true, among moments "
                "alike: the same age of the friendship, as many touches in the 7 days before, one "
                "within a day before or not, an order within 30 days or not; weighted as the "
                "touches are. Without a touch each relation has one moment a day, at noon. Trust "
                "cost = that difference × what the relation is still worth.",
                "多流失 = 触达后 7 天内被客户删除的比例 − 同类未触达时刻的同一比例。同类指："
                "好友时长相近、前 7 天触达次数相同、前 1 天是否触达相同、30 天内是否下单相同；"
                "按触达的分布加权。未触达时刻为每段关系每天中午一个。信任成本 = 该差值 × "
                "关系的剩余价值。",
            ),
            population=Sentence(f"{relations:,} friendships", f"{relations:,} 段好友关系")
            if every == 1
            else Sentence(
                f"{relations:,} friendships; of customers one in {every} was looked at",
                f"{relations:,} 段好友关系；每 {every} 位客户看 1 位",
            ),
            period=Span(first, last),
            currency=currency,
            tables=(
                Table(
                    "channels",
                    Sentence("By channel", "按触点"),
                    (CHANNEL, *MEASURED),
                    (
                        *(
                            _row((channel_name(name),), one, worth)
                            for name, one in channels.items()
                        ),
                        _row((EVERY,), all_of_it, worth),
                    ),
                ),
                Table(
                    "frequency",
                    Sentence("By how often", "按频次"),
                    (CHANNEL, NTH, *MEASURED),
                    tuple(_by_nth(found, [*channels], worth)),
                ),
            ),
            charts=(
                _chart("channels", Sentence("More end within 7 days", "7 天内多流失"), "channel"),
                _chart("frequency", Sentence("By how often within 7 days", "按 7 天内频次"), "nth"),
            ),
            notes=tuple(_notes(value, currency)),
        )


def _chart(table: str, title: Sentence, x: str) -> Chart:
    by = "channel" if x == "nth" else ""
    nothing = Target(Sentence("no effect", "无影响"), 0.0)
    return Chart(table, title, "bar", table, x=x, y=("more",), by=by, targets=(nothing,))


def _noon(day: date, name: str) -> datetime:
    noon = datetime.combine(day, time(12), zone(name))
    return noon.astimezone(UTC).replace(tzinfo=None)


def _remaining(of: Sources, currency: str, until: date, end: datetime) -> tuple[int, bool] | None:
    """What a relation that lived then will bring within a year on average, minor units, and whether
    that is margin (else sales: nobody knows what goods cost). None where no model can say."""
    known = known_of(of.lake, until, "week", currency)
    try:
        model = fit_bgnbd(known.history)
    except Refused:
        return None
    worth = spent(known.history)
    fitted(of, f"trust-{currency.lower()}", until, "week", known, (model, worth))
    friends = of.lake.arrays(figures.living(end))["customer_id"]
    if worth is None or not len(friends):
        return None
    each = expected(model, known.history, YEAR / 7) * spend(worth, known.history)
    total = float(each[np.isin(known.customers, friends)].sum()) * 10 ** EXPONENTS[currency]
    if not isfinite(total):  # a fit at the edge of what the model knows
        return None
    share = _margin_share(of, currency, until)
    mean = total / len(friends)
    return (round(mean * share), True) if share is not None else (round(mean), False)


def _margin_share(of: Sources, currency: str, until: date) -> float | None:
    """Margin ÷ sales where costs are known or assumed of more than half of these."""
    brought = money.brought()
    mine = brought.filter(brought.currency == currency, brought.day <= until)
    sums = mine.agg(net=mine.net_minor.sum(), unknown=mine.unknown_minor.sum(),
                    margin=mine.margin_minor.sum())  # fmt: skip
    ((net, unknown, margin),) = of.lake.fetch(sums)
    if not net or net <= 0 or unknown > net / 2:
        return None
    return float(margin) / float(net - unknown)


def _by_nth(
    found: Sequence[Moments], channels: Sequence[str], worth: int | None
) -> Iterator[tuple[Cell, ...]]:
    def nth(of: str) -> Callable[[Moments], str | None]:
        def name(one: Moments) -> str | None:
            return str(Stratum.of(one.stratum).before) if of in (one.arm, EVERY) else None

        return name

    for channel in (*channels, EVERY):
        name = EVERY if channel == EVERY else channel_name(channel)
        for place, one in risks(found, nth(channel)).items():
            yield _row((name, ORDINALS[int(place)]), one, worth)


def _row(head: tuple[Cell, ...], one: Risk, worth: int | None) -> tuple[Cell, ...]:
    ends = one.interval or (None, None)
    lost = [
        None if end is None or worth is None else round(end * worth) for end in (one.more, *ends)
    ]
    return (*head, one.touches, one.alone, one.ended, one.rate, one.without, one.more, *ends, *lost)


def _says(one: Risk, channels: Mapping[str, Risk]) -> Sentence:
    if one.more is None or one.interval is None:
        return Sentence(
            f"Too little is known: {one.ended:,} of {one.touches:,} touches were followed by a "
            f"deletion; to say more takes {FEWEST_TOUCHES} comparable touches and {FEWEST_ENDS} "
            "deletions.",
            f"数据太少：{one.touches:,} 次触达中有 {one.ended:,} 次之后被删除；"
            f"至少需要 {FEWEST_TOUCHES} 次可比触达和 {FEWEST_ENDS} 次删除。",
        )
    if one.interval.low <= 0 <= one.interval.high:
        low, high = (f"{end * 1000:+.1f}" for end in one.interval)
        return Sentence(
            f"No effect of touches on deletions shows: {one.more * 1000:+.1f} of 1,000 touches, "
            f"and chance alone explains {low} to {high}.",
            f"看不出触达会影响删除：每 1,000 次触达 {one.more * 1000:+.1f}（{low} 至 {high}），"
            "可能只是偶然。",
        )
    many = f"{abs(one.more) * 1000:.1f}"
    low, high = sorted(abs(end) * 1000 for end in one.interval)
    if not one.harms:
        return Sentence(
            f"Of 1,000 touches {many} ({low:.1f}–{high:.1f}) fewer are followed by a deletion "
            "within 7 days than without one.",
            f"每 1,000 次触达，7 天内被删除的比不触达少 {many}（{low:.1f}–{high:.1f}）次。",
        )
    worst = _worst(channels)
    return Sentence(
        f"Of 1,000 touches {many} ({low:.1f}–{high:.1f}) more are followed by a deletion within "
        f"7 days than without one{worst}.",
        f"每 1,000 次触达，7 天内被删除的比不触达多 {many}（{low:.1f}–{high:.1f}）次{worst.zh}。",
    )


def _worst(channels: Mapping[str, Risk]) -> Sentence:
    harm = {name: risk.more or 0.0 for name, risk in channels.items() if risk.harms}
    if not harm or len(channels) == 1:
        return Sentence("", "")
    name = channel_name(max(harm, key=lambda one: harm[one]))
    return Sentence(f"; most by {name}", f"；{name.zh}最多")


def _notes(value: tuple[int, bool] | None, currency: str) -> Iterator[Sentence]:
    yield Sentence(
        "Intervals, 95 %: customers are dealt into 50 groups and the figure is worked out without "
        "each in turn (jackknife). Each row holds for itself: of twenty without an effect one lies "
        "beyond nought by chance. A touch that no moment compares with is counted and left out.",
        "95% 区间：把客户分成 50 组，逐组剔除重算（刀切法）。每行单独成立：二十行无影响的数据里，"
        "约有一行会偶然偏离 0。没有可比时刻的触达只计数，不参与比较。",
    )
    yield Sentence(
        "This compares and does not prove: whom we touch and whom we don't may differ in what is "
        "not in the books, and touches that follow later count for both. Only touches withheld at "
        "random would prove it. Only deletions by the customer count; WeCom does not tell who "
        "mutes us, and leaving a group is not in it.",
        "这是比较，不是证明：触达与未触达的人可能在账上看不到的方面不同，之后的触达两边都算。"
        "只有随机不触达才能证明。只计客户主动删除；屏蔽企业微信不会告知，退群不计。",
    )
    if value is None:
        yield Sentence(
            "What a relation is still worth can't be said: what customers bought does not bear a "
            "model of value, so no trust cost is shown.",
            "现有购买数据不足以拟合价值模型，关系的剩余价值无从得知，因此不显示信任成本。",
        )
        return
    worth, of_margin = value
    said = show(worth, currency)
    kind = (
        Sentence("margin", "毛利")
        if of_margin
        else Sentence("sales (what goods cost is unknown)", "销售额（商品成本未知）")
    )
    yield Sentence(
        f"A live relation is taken to be worth {said}: the {kind} to be expected of its customer "
        f"within {YEAR} days (BG/NBD, gamma-gamma). A trust cost is at most that: who deletes us "
        "may still buy elsewhere of us.",
        f"一段关系的剩余价值按 {said} 计：预计其客户 {YEAR} 天内带来的{kind.zh}"
        "（BG/NBD 与 Gamma-Gamma）。这是上限：删除我们的客户仍可能在别处购买。",
    )
