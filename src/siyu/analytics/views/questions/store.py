"""What shops and stores bring for the hours worked, and how much of it comes from friends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Literal, NamedTuple

from siyu.analytics.compile import places
from siyu.analytics.decide.ratios import FEWEST, Sums, together
from siyu.analytics.model import Group, Interval, Z
from siyu.analytics.model.answer import (
    Answer,
    Cell,
    Chart,
    Column,
    Named,
    Question,
    Sources,
    Span,
    Table,
    between,
    main_currency,
    percent,
)
from siyu.analytics.views.days import Days, Since, Until, check, days
from siyu.analytics.views.questions import stocked
from siyu.analytics.views.questions.stocked import Stocked
from siyu.kernel.errors import Refused
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Row

USUAL = 28
FEWEST_MINUTES = 40 * 60  # of work, a week of one person: over fewer no margin an hour is headlined
LEVELS: Mapping[str, Sentence] = {
    "shop": Sentence("shop", "店铺"),
    "store": Sentence("store", "门店"),
}
_SHARE = Sentence("Private share", "私域占比")
_HOUR = Sentence("Margin an hour", "每工时毛利")
_PLACE = Column("place", Sentence("Shop or store", "店铺/门店"))
_NET = (
    Column("currency", Sentence("Currency", "币种")),
    Column("net_minor", Sentence("Net", "净销售"), "money"),
)
SHARES = (
    _PLACE,
    Column("orders", Sentence("Orders", "订单"), "count"),
    Column("private_orders", Sentence("Of friends", "好友订单"), "count"),
    *_NET,
    Column("private_share", _SHARE, "rate"),
    Column("private_share_low", _SHARE, "rate", low_of="private_share"),
    Column("private_share_high", _SHARE, "rate", high_of="private_share"),
)
HOURS = (
    Column("level", Sentence("Level", "层级")),
    _PLACE,
    *_NET,
    Column("margin_minor", Sentence("Margin", "毛利"), "money"),
    Column("without_cost", Sentence("Net without a cost", "成本未知占比"), "rate"),
    Column("hours", Sentence("Hours", "工时"), "number"),
    Column("hour_minor", _HOUR, "money"),
    Column("hour_minor_low", _HOUR, "money", low_of="hour_minor"),
    Column("hour_minor_high", _HOUR, "money", high_of="hour_minor"),
)


class Place(NamedTuple):
    """A shop, or a store with what friends of its staff bought. `minutes`: None where nobody has
    told of any work."""

    level: Literal["shop", "store"]
    code: str
    currency: str
    orders: int
    private_orders: int
    private: Sums  # of friends, of all
    margin_minor: int
    margin_2: float
    unknown_minor: int
    assumed_minor: int
    minutes: int | None

    @property
    def net_minor(self) -> int:
        """Of all orders."""
        return round(self.private.of)

    @property
    def margin(self) -> Interval | None:
        """Where the margin lies, 95 %, if buyers come by chance; None with few of them."""
        if self.private.people < FEWEST:
            return None
        half = Z * sqrt(self.margin_2)
        return Interval(self.margin_minor - half, self.margin_minor + half)

    @property
    def share(self) -> Interval | None:
        """Where the private share lies."""
        return within(self.private)

    @property
    def costed(self) -> bool:
        """Whether the cost of any of it is known: else there is no margin to speak of."""
        return self.net_minor > self.unknown_minor

    def an_hour(self, amount: float | None) -> int | None:
        """So much an hour of work; None without any."""
        if amount is None or not self.minutes or not self.costed:
            return None
        return round(amount * 60 / self.minutes)


@dataclass(frozen=True)
class Store(Question):
    """Margin an hour of work, the private share of revenue and stock turnover, by shop and
    store."""

    name = "store"
    title = Sentence("What do shops bring for the hours worked?", "各店人效与私域占比如何？")

    since: Since = None
    until: Until = None

    def __post_init__(self) -> None:
        check(self.since, self.until)

    def answer(self, of: Sources) -> Answer:
        span = days(of, self.since, self.until, USUAL)
        found = _places(of, span)
        if not found:
            raise Refused(
                Sentence(
                    f"Nothing was sold from {span.first} to {span.last}.",
                    f"{span.first} 至 {span.last} 没有销售。",
                )
            )
        currency = main_currency(of, [one.currency for one in found])
        found.sort(key=lambda one: (one.level, one.currency != currency, -one.net_minor, one.code))
        shops = [one for one in found if (one.level, one.currency) == ("shop", currency)]
        stock = stocked.stocked(of, span, currency)
        return Answer(
            says=_says(shops, stock, span, currency),
            definition=Sentence(
                "Private share = net of orders by customers who were friends when they ordered ÷ "
                "net of all orders. Margin an hour = margin ÷ hours of work that tasks and calls "
                "were reported with. A shop has all its orders; a store those of friends of its "
                "staff, wherever they bought (of several friends of a buyer whoever was added "
                f"last). {stocked.DEFINITION}",
                "私域占比 = 下单时已是好友的客户的净销售 ÷ 全部净销售。"
                "人效 = 毛利 ÷ 任务与电话中上报的工时。"
                "店铺计其全部订单；门店计其员工的好友在任何渠道的订单"
                f"（多位员工的好友归最后添加者）。{stocked.DEFINITION.zh}",
            ),
            population=Sentence("Orders of these days that stand", "期内有效订单"),
            period=Span(span.first, span.last),
            currency=currency,
            tables=(
                Table(
                    "shops",
                    Sentence("Private share by shop", "各店铺私域占比"),
                    SHARES,
                    tuple(_share(one) for one in found if one.level == "shop"),
                ),
                Table(
                    "hours",
                    Sentence("Margin an hour of work", "每工时毛利"),
                    HOURS,
                    tuple(map(_hour, found)),
                ),
                *([stocked.table(stock, span.many, currency)] if stock else []),
            ),
            charts=(
                Chart("private", _SHARE, "bar", "shops", x="place", y=("private_share",)),
                Chart("hour", _HOUR, "bar", "hours", x="place", y=("hour_minor",)),
            ),
            notes=(stocked.COUNTED if stock else stocked.NOTE, *_notes(found)),
            keys={"stock_turnover": stocked.turnover(stock, span.many)},
        )


def _places(of: Sources, span: Days) -> list[Place]:
    shops = of.lake.fetch(places.by_shop(span.first, span.last))
    stores = of.lake.fetch(places.by_store(span.first, span.last, of.credit))
    shop_work = dict(of.lake.fetch(places.shop_minutes(span.first, span.last)))
    store_work = dict(of.lake.fetch(places.store_minutes(span.begin, span.end)))
    return [
        *(_place("shop", row, shop_work) for row in shops),
        *(_place("store", row, store_work) for row in stores),
    ]


def _place(level: Literal["shop", "store"], row: Row, work: Mapping[str, int]) -> Place:
    code, currency, buyers, orders, of_friends, net, private, margin, unknown, assumed = row[:10]
    net_2, private_2, margin_2, both = row[10:]
    sums = Sums(int(buyers), private, net, private_2, net_2, both)
    return Place(
        level, code, currency, int(orders), int(of_friends), sums, int(margin), margin_2,
        int(unknown), int(assumed), work.get(code),
    )  # fmt: skip


def _share(one: Place) -> tuple[Cell, ...]:
    low, high = one.share or (None, None)
    return (
        Named(one.level, one.code), one.orders, one.private_orders, one.currency, one.net_minor,
        one.private.ratio, low, high,
    )  # fmt: skip


def _hour(one: Place) -> tuple[Cell, ...]:
    least, most = one.margin or (None, None)
    return (
        LEVELS[one.level], Named(one.level, one.code), one.currency, one.net_minor,
        one.margin_minor if one.costed else None,
        one.unknown_minor / one.net_minor if one.net_minor > 0 else None,
        None if one.minutes is None else round(one.minutes / 60, 1),
        one.an_hour(one.margin_minor), one.an_hour(least), one.an_hour(most),
    )  # fmt: skip


def within(of: Sums) -> Interval | None:
    """Where a share of revenue lies, 95 %. Of none of it, or all, sums know no spread: there the
    buyers are counted instead (Wilson): none of 40 may as well be 9 %.

    >>> low, high = within(Sums(40, 0, 4_000, 0, 500_000, 0))
    >>> round(low, 3), round(high, 3)
    (0.0, 0.088)
    """
    sure = of.interval
    if sure is None:
        return None
    if not 0 < of.amount < of.of:
        sure = Group(of.people, of.people if of.amount > 0 else 0).interval or sure
    return Interval(min(max(sure.low, 0.0), 1.0), min(max(sure.high, 0.0), 1.0))


def _says(shops: list[Place], stock: list[Stocked], span: Days, currency: str) -> Sentence:
    private = together(one.private for one in shops)
    words = [_private(private, span)]
    worked = [one for one in shops if one.minutes]
    minutes = sum(one.minutes or 0 for one in worked)
    net, unknown = (sum(getattr(one, n) for one in shops) for n in ("net_minor", "unknown_minor"))
    if net > 0 and unknown >= net:
        words.append(
            Sentence("no cost of goods is known, so no margin", "商品成本未知，无法计算毛利")
        )
    elif minutes >= FEWEST_MINUTES:
        words.append(_an_hour(worked, minutes, currency))
    elif minutes:
        words.append(
            Sentence(
                f"only {minutes / 60:,.1f} hours of work were reported: too few to divide the "
                f"margin by ({FEWEST_MINUTES // 60} at least)",
                f"仅上报 {minutes / 60:,.1f} 工时，不足 {FEWEST_MINUTES // 60} 小时，"
                "不计算每工时毛利",
            )
        )
    else:
        words.append(Sentence("nobody reported hours of work", "没有上报的工时"))
    words.append(stocked.says(stock, span.many))
    return Sentence(
        "; ".join(words) + ".",
        "；".join(one.zh for one in words) + "。",
    )


def _an_hour(worked: list[Place], minutes: int, currency: str) -> Sentence:
    margin = sum(one.margin_minor for one in worked)
    half = Z * sqrt(sum(one.margin_2 for one in worked))
    each, low, high = (
        show(round(amount * 60 / minutes), currency)
        for amount in (margin, margin - half, margin + half)
    )
    span = f"{low}–{high}" if sum(one.private.people for one in worked) >= FEWEST else "?"
    return Sentence(
        f"{each} ({span}) of margin came for each of {minutes / 60:,.1f} reported hours of work",
        f"上报 {minutes / 60:,.1f} 工时，每工时毛利 {each}（{span}）",
    )


def _private(of: Sums, span: Days) -> Sentence:
    share, sure = of.ratio, within(of)
    if share is None or sure is None:
        return Sentence(
            f"Too few buyers ({of.people:,}) in {span.many} days to say a private share",
            f"{span.many} 天内买家太少（{of.people:,} 位），无法给出私域占比",
        )
    return Sentence(
        f"In {span.many} days {percent(share)} ({between(sure)}) of revenue came from friends",
        f"{span.many} 天内，{percent(share)}（{between(sure)}）的销售来自好友",
    )


def _notes(found: list[Place]) -> list[Sentence]:
    notes = [
        Sentence(
            "Hours are those reported with tasks and calls, not all that staff was there: margin "
            "an hour compares places and periods, it is no wage sum. Work for a shop counts what "
            "was tried as well; that of a store what was done.",
            "工时仅为任务与电话中上报的部分，并非全部在岗时间：人效用于店铺与期间之间的比较，"
            "不能直接与工资相抵。店铺工时含未接通的尝试；门店工时为已完成的任务。",
        ),
        Sentence(
            "Intervals are of buyers who come by chance, the hours taken as they were. An order by "
            "a friend is not an order because of the friendship: that says a hold-out.",
            "区间假定买家随机到来、工时固定。好友下的单不等于因好友关系才下的单：因果请看留出组。",
        ),
    ]
    unknown = sum(one.unknown_minor for one in found if one.level == "shop")
    assumed = sum(one.assumed_minor for one in found if one.level == "shop")
    net = sum(one.net_minor for one in found if one.level == "shop")
    if net > 0 and unknown + assumed > 0:
        notes.append(
            Sentence(
                f"Of the net {percent(unknown / net)} is of goods without a known cost and brings "
                f"no margin here; {percent(assumed / net)} has an assumed cost.",
                f"净销售中 {percent(unknown / net)} 的商品成本未知（不计毛利），"
                f"{percent(assumed / net)} 的成本为假定。",
            )
        )
    return notes
