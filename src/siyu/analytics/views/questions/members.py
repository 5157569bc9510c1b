"""What a buyer brings who is a friend, in a group, or neither."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from siyu.analytics.compile.people import per_head
from siyu.analytics.decide.ratios import FEWEST, Sums, apart, together
from siyu.analytics.model import Interval
from siyu.analytics.model.answer import (
    Answer,
    Cell,
    Chart,
    Column,
    Question,
    Sources,
    Span,
    Table,
    main_currency,
)
from siyu.analytics.views.days import Days, Since, Until, check, days
from siyu.kernel.errors import Refused
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence

USUAL = 90
KINDS: Mapping[str, Sentence] = {
    "group": Sentence("friends who are in a group", "好友且在群"),
    "friend": Sentence("friends in no group", "好友未入群"),
    "only_group": Sentence("in a group, no friends", "仅在群、非好友"),
    "none": Sentence("neither", "非好友"),
}
LOYAL: Mapping[bool, Sentence] = {
    True: Sentence("members", "会员"),
    False: Sentence("no members", "非会员"),
}
_ARPU = Sentence("Net a head", "人均净消费")
COLUMNS = (
    Column("kind", Sentence("Buyers", "买家")),
    Column("people", Sentence("People", "人数"), "count"),
    Column("orders", Sentence("Orders", "订单"), "count"),
    Column("currency", Sentence("Currency", "币种")),
    Column("net_minor", Sentence("Net", "净消费"), "money"),
    Column("arpu_minor", _ARPU, "money"),
    Column("arpu_minor_low", _ARPU, "money", low_of="arpu_minor"),
    Column("arpu_minor_high", _ARPU, "money", high_of="arpu_minor"),
    Column("orders_each", Sentence("Orders a head", "人均单数"), "number"),
)


class Kind(NamedTuple):
    """Buyers of one kind in one currency."""

    currency: str
    kind: str
    loyal: bool
    orders: int
    sums: Sums


class Row(NamedTuple):
    """A line of a table."""

    title: Sentence
    currency: str
    orders: int
    sums: Sums


@dataclass(frozen=True)
class Members(Question):
    """What a buyer brings in a period: friends, friends in a group, and who is neither."""

    name = "members"
    title = Sentence("Do friends bring more than others?", "好友比非好友更值钱吗？")

    since: Since = None
    until: Until = None

    def __post_init__(self) -> None:
        check(self.since, self.until)

    def answer(self, of: Sources) -> Answer:
        span = days(of, self.since, self.until, USUAL)
        rows = of.lake.fetch(per_head(span.first, span.last, span.end))
        found = [
            Kind(currency, kind, loyal, int(orders), Sums.heads(int(people), int(worth), squares))
            for currency, kind, loyal, people, orders, worth, squares in rows
        ]
        if not found:
            raise Refused(
                Sentence(
                    f"Nobody bought from {span.first} to {span.last}.",
                    f"{span.first} 至 {span.last} 没有人购买。",
                )
            )
        currency = main_currency(of, [one.currency for one in found])
        found.sort(key=lambda one: (one.currency != currency, one.currency))
        mine = {
            kind: together(one.sums for one in some)
            for kind in KINDS
            if (some := [one for one in found if (one.currency, one.kind) == (currency, kind)])
        }
        return Answer(
            says=_says(mine, span, currency),
            definition=Sentence(
                "Net a head = what buyers of these days paid less what was given back ÷ these "
                "buyers. Each is counted once, by what they are at the end of the last day: a "
                "friend of any of your staff, and in any of your groups. A member is who has a "
                "member's number by now.",
                "人均净消费 =（期内买家实付 − 退款）÷ 买家人数。每人只计一次，"
                "按期末状态划分：是否任一员工的好友、是否在任一群内。会员指目前已有会员号的客户。",
            ),
            population=Sentence(
                "Customers with an order of these days that stands", "期内有有效订单的客户"
            ),
            period=Span(span.first, span.last),
            currency=currency,
            tables=(
                Table("members", Sentence("Net a head", "人均净消费"), COLUMNS,
                      tuple(map(_row, _rows(found, KINDS, "kind")))),
                Table("loyal", Sentence("Members and others", "会员与非会员"), COLUMNS,
                      tuple(map(_row, _rows(found, LOYAL, "loyal")))),
            ),
            charts=(
                Chart("members", Sentence("Net a head", "人均净消费"), "bar", "members", x="kind",
                      y=("arpu_minor",)),
            ),
            notes=tuple(_notes(found)),
            keys={"apart_minor": _apart(mine), "currency": currency},
        )  # fmt: skip


def _rows(found: list[Kind], titles: Mapping[Any, Sentence], by: str) -> Iterator[Row]:
    """By currency, as they come, and in each as they are titled."""
    for currency in dict.fromkeys(one.currency for one in found):
        for value, title in titles.items():
            some = [one for one in found if (one.currency, getattr(one, by)) == (currency, value)]
            if some:
                sums = together(one.sums for one in some)
                yield Row(title, currency, sum(one.orders for one in some), sums)


def _row(one: Row) -> tuple[Cell, ...]:
    low, high = one.sums.interval or (None, None)
    ratio = one.sums.ratio or 0.0
    return (
        one.title, one.sums.people, one.orders, one.currency, round(one.sums.amount),
        round(ratio), _whole(low), _whole(high), round(one.orders / one.sums.people, 2),
    )  # fmt: skip


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)


def _sides(mine: Mapping[str, Sums]) -> tuple[Sums, Sums]:
    friends = together(mine[kind] for kind in ("group", "friend") if kind in mine)
    return friends, mine.get("none", Sums())


def _apart(mine: Mapping[str, Sums]) -> tuple[int, int] | None:
    found = apart(*_sides(mine))
    return None if found is None else (round(found.low), round(found.high))


def _says(mine: Mapping[str, Sums], span: Days, currency: str) -> Sentence:
    friends, others = _sides(mine)
    gap = apart(friends, others)
    if gap is None or friends.ratio is None or others.ratio is None:
        return Sentence(
            f"Too few to compare: {friends.people:,} friends and {others.people:,} others bought in"
            f" {span.many} days, and each side needs {FEWEST}.",
            f"样本太少，无法比较：{span.many} 天内好友买家 {friends.people:,} 位、"
            f"非好友 {others.people:,} 位，每组至少需 {FEWEST} 位。",
        )
    ours, theirs = _money(friends, currency), _money(others, currency)
    more = Sentence("no difference beyond chance", "差异未超出偶然")
    if gap.low > 0 or gap.high < 0:
        far = _range(Interval(*sorted((abs(gap.low), abs(gap.high)))), currency)
        more = (
            Sentence(f"{far} more", f"高 {far}")
            if gap.low > 0
            else Sentence(f"{far} less", f"低 {far}")
        )
    return Sentence(
        f"In {span.many} days a buyer who is a friend brought {ours}, one who is none {theirs}:"
        f" {more}.",
        f"{span.many} 天内，好友买家人均 {ours}，非好友人均 {theirs}：{more.zh}。",
    )


def _money(of: Sums, currency: str) -> str:
    span = of.interval
    assert of.ratio is not None and span is not None  # noqa: S101, PT018 - `_says` has looked
    return f"{show(round(of.ratio), currency)} ({_range(span, currency)})"


def _range(span: Interval, currency: str) -> str:
    return "–".join(show(round(end), currency) for end in span)


def _notes(found: list[Kind]) -> list[Sentence]:
    notes = [
        Sentence(
            "Friends differ from others in more than being friends: who likes the brand adds it, "
            "and who has just bought is asked to. This is no claim of cause; a hold-out is (see "
            "cascade).",
            "好友与其他人本就不同：喜欢品牌的人才会加，刚下单的人才会被邀请。"
            "这里不代表因果；因果请看留出组（cascade 报表）。",
        ),
        Sentence(
            f"Intervals are of how much buyers differ; with fewer than {FEWEST} of a kind none is "
            "said. What was given back of no known order comes off the days when it was.",
            f"区间来自买家之间的差异；少于 {FEWEST} 人不给区间。"
            "无法对应订单的退款计入退款当天所在的期间。",
        ),
    ]  # fmt: skip
    if len({one.currency for one in found}) > 1:
        notes.append(
            Sentence(
                "Who paid in two currencies is counted in each.",
                "用两种币种付款的客户在两种币种中各计一次。",
            )
        )
    return notes
