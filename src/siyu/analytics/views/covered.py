"""What a payback comes to, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from siyu.analytics.decide.payback import FEWEST, Crossing, Grown, Point
from siyu.analytics.model.answer import percent
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence

MARK = 30  # days: by then the margin of a fan should have covered what the fan cost


def times(point: Point) -> Sentence:
    """How many times the cost."""
    if point.interval is None:
        return Sentence(f"{point.ratio:.2f}", f"{point.ratio:.2f} ")
    low, high = point.interval
    return Sentence(
        f"{point.ratio:.2f} ({low:.2f}–{high:.2f})", f"{point.ratio:.2f}（{low:.2f}–{high:.2f}）"
    )


def when(crossed: Crossing) -> Sentence:
    """The day of payback."""
    if crossed.day is None:
        return Sentence("; they have not paid back yet", "，尚未回本")
    if crossed.day == 0:
        sure = crossed.last == 0
        return Sentence(
            ", covered from the day they came on" + ("" if sure else ", though not for sure"),
            "，加入当天即回本" + ("" if sure else "（尚不确定）"),
        )
    if crossed.last is None:
        return Sentence(
            f", covered on day {crossed.day}, though not for sure",
            f"，第 {crossed.day} 天回本（尚不确定）",
        )
    return Sentence(
        f", covered on day {crossed.day} ({crossed.first}–{crossed.last})",
        f"，第 {crossed.day} 天（{crossed.first}–{crossed.last}）回本",
    )


def notes(
    grown: Sequence[Grown], beyond: Sequence[Grown], *, net: int, unknown: int, currency: str
) -> Iterator[Sentence]:
    """How the figures are to be read."""
    yield Sentence(
        "Intervals, 95 %: customers are dealt into 50 groups and the figure is worked out without "
        "each in turn (jackknife). Of the day of payback: from when the upper end of the band is "
        "at 1 until its lower end is. Each day holds for itself, not all at once.",
        "95% 区间：把客户分成 50 组，逐组剔除重算（刀切法）。回本日的区间：从曲线上沿到 1 的那天，"
        "到下沿到 1 的那天。区间针对单日，不是对整条曲线同时成立。",
    )
    yield Sentence(
        "Whoever came less than d days ago isn't in day d, neither with money nor as a head: later "
        f"days stand on fewer and older friends. With fewer than {FEWEST} nothing is said.",
        f"加入未满 d 天的人不计入第 d 天（钱和人数都不计），越靠后的天数人越少、越老。"
        f"不足 {FEWEST} 人不下结论。",
    )
    if any(not one.of for one in grown):
        yield Sentence(
            "Friends of whom nothing says where they came from (those the brand had before, and "
            "other doors) are a cohort of their own: what winning them cost is not in the books, "
            "so no payback is said of them, and they are not among the known sources.",
            "来源未知的好友（使用前已有的，以及从别处加入的）单列：获客成本不在账上，"
            "不是免费的，因此不计算回本，也不混入已知来源。",
        )
    if not any(one.held for one in beyond):
        yield Sentence(
            "No hold-out was drawn: how much of the margin would have come without us can't be "
            "said.",
            "没有对照组：无法说明其中多少是没有触达也会发生的。",
        )
    if unknown > 0:
        yield Sentence(
            f"Of {show(net, currency)} that friends paid until day {MARK}, "
            f"{percent(unknown / net)} is of goods whose cost is unknown: no margin is "
            "counted of it. Tell what goods cost: siyu costs import.",
            f"好友 {MARK} 天内消费 {show(net, currency)}，"
            f"其中 {percent(unknown / net)} 的商品成本未知，这部分不计毛利。"
            "请补录商品成本：siyu costs import。",
        )
