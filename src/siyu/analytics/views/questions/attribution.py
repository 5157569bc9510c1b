"""To which touches orders are credited, by several rules, beside what a hold-out says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal, NamedTuple

from siyu.analytics.compile import paths as figures
from siyu.analytics.decide.brought import Brought, Drawn, brought
from siyu.analytics.decide.credit import RULES, Credit, Path, Rule, credit
from siyu.analytics.model import Group
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
    percent,
)
from siyu.analytics.views.channels import channel_name
from siyu.analytics.views.days import Until, check, end_of
from siyu.analytics.views.histories import Currency
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone

By = Literal["channel", "journey"]
RULE_NAMES: Mapping[Rule, Sentence] = {
    "last": Sentence("last touch", "末次触达"),
    "first": Sentence("first touch", "首次触达"),
    "position": Sentence("position 40/20/40", "位置 40/20/40"),
    "removal": Sentence("by removal", "移除效应"),
}
NOBODY = Sentence("without a touch", "没有触达")
BY_HAND = Sentence("by hand", "手工触达")
ALL, PLAYBOOK = "*", "playbook:"  # scopes of draws that journeys share
_ORDERS, _MONEY = Sentence("Orders", "订单"), Sentence("Money", "金额")
CREDITED = (
    Column("rule", Sentence("Rule", "规则")),
    Column("to", Sentence("Credited to", "归因于")),
    Column("orders", _ORDERS, "count"),
    Column("share", Sentence("Of all orders", "占全部订单"), "rate"),
    Column("part", Sentence("Of orders after a touch", "占触达后的订单"), "rate"),
    Column("worth_minor", _MONEY, "money"),
)
_RATE = Sentence("Assisted", "触达协助占比")
ASSISTED = (
    Column("shop", Sentence("Shop", "店铺")),
    Column("orders", _ORDERS, "count"),
    Column("touched", Sentence("After a touch", "触达后的订单"), "count"),
    Column("friends", Sentence("Of friends", "好友的订单"), "count"),
    Column("assisted", Sentence("Of either", "两者之一"), "count"),
    Column("rate", _RATE, "rate"),
    Column("rate_low", _RATE, "rate", low_of="rate"),
    Column("rate_high", _RATE, "rate", high_of="rate"),
    Column("worth_minor", Sentence("Assisted money", "协助金额"), "money"),
)
_BEYOND, _BEYOND_MONEY = Sentence("Brought", "增量订单"), Sentence("Money brought", "增量金额")
TRUTH = (
    Column("journey", Sentence("Journey", "旅程")),
    Column("treated", Sentence("Not left alone", "触达组"), "count"),
    Column("held", Sentence("Left alone", "对照组"), "count"),
    Column("each", Sentence("Orders each", "人均订单"), "number"),
    Column("each_held", Sentence("Orders each, left alone", "对照组人均"), "number"),
    Column("brought", _BEYOND, "number"),
    Column("brought_low", _BEYOND, "number", low_of="brought"),
    Column("brought_high", _BEYOND, "number", high_of="brought"),
    Column("money", _BEYOND_MONEY, "money"),
    Column("money_low", _BEYOND_MONEY, "money", low_of="money"),
    Column("money_high", _BEYOND_MONEY, "money", high_of="money"),
    *(Column(rule, Sentence(f"Credited: {name}", f"归因：{name.zh}"), "count")
      for rule, name in RULE_NAMES.items()),
)  # fmt: skip


class _Bought(NamedTuple):
    shop: str
    currency: str
    path: str
    friend: bool
    orders: int
    worth_minor: int


@dataclass(frozen=True)
class Attribution(Question):
    """To which touches orders are credited, by four rules, and what a hold-out says."""

    name = "attribution"
    title = Sentence("Which touches bring orders?", "订单是哪些触达带来的？")

    days: Annotated[
        int,
        Ask(
            Sentence("Days", "天数"),
            Sentence("Orders of so many days.", "看这么多天内的订单。"),
        ),
    ] = 90
    until: Until = None
    within: Annotated[
        int,
        Ask(
            Sentence("Touched within (days)", "触达有效期（天）"),
            Sentence(
                "A touch counts for orders of so many days after it.",
                "触达之后这么多天内的订单才算。",
            ),
        ),
    ] = 30
    by: Annotated[
        By,
        Ask(
            Sentence("Credited to", "归因于"),
            Sentence("What orders are credited to.", "把订单归给什么。"),
            (Sentence("Channel", "触点"), Sentence("Journey", "旅程")),
        ),
    ] = "channel"
    currency: Currency = ""

    def __post_init__(self) -> None:
        check(None, self.until)
        if not 1 <= self.days <= 730 or not 1 <= self.within <= 180:
            raise ValueError(
                Sentence(
                    "`days` must be between 1 and 730, `within` between 1 and 180",
                    "`days` 必须在 1 到 730 之间，`within` 在 1 到 180 之间",
                )
            )

    def answer(self, of: Sources) -> Answer:
        currency = self.currency or of.brand.currency
        last = self.until or of.today
        first, end = last - timedelta(days=self.days - 1), end_of(of, last).astimezone(UTC)
        since = datetime.combine(first, time(), zone(of.brand.time_zone)).astimezone(UTC)
        begin = since.replace(tzinfo=None)
        over = (end - timedelta(days=self.within)).replace(tzinfo=None)
        walked = of.lake.once(figures.walks(begin, end.replace(tzinfo=None), self.within))
        rows = of.lake.fetch(figures.paths(walked, first, last, self.within))
        bought = [one for one in (_Bought(*row) for row in rows) if one.currency == currency]
        vain = [
            (str(path), int(walks))
            for path, walks in of.lake.fetch(figures.ended(walked, begin, over, self.within))
        ]
        ripe = last - timedelta(days=self.within)
        asked = figures.truth(first, ripe, self.within, currency)
        drawn = [Drawn(*row) for row in of.lake.fetch(asked)]
        by_rule = _credits(bought, vain, self.by)
        of_journeys = by_rule if self.by == "journey" else _credits(bought, vain, "journey")
        truths = [
            _truth(scope, drawn, of_journeys) for scope in sorted({one.scope for one in drawn})
        ]
        touched = Group(sum(one.orders for one in bought),
                        sum(one.orders for one in bought if one.path))  # fmt: skip
        return Answer(
            says=_says(touched, by_rule["last"], self.by, truths),
            definition=Sentence(
                f"A touch counts for an order of its customer within {self.within} days, and not "
                "past another order. Each rule hands out exactly the orders that came after a "
                "touch "
                "and their money (paid less given back), in whole orders and minor units by "
                "largest "
                "remainder. Last, first: all to that touch. Position: two fifths to the first, "
                "two to "
                "the last, one to those between. By removal: among the touches of an order by what "
                "share of orders would be missing without each, in a Markov chain of first order "
                "over all walks, those that came to nothing too.",
                f"触达之后 {self.within} 天内、且中间没有别的订单，才算与该单有关。"
                "每条规则恰好分完触达后的订单与净额（最大余数法，整单、整分）。"
                "末次、首次：全归该次触达。位置：首次 40%、末次 40%、其余 20%。"
                "移除效应：按一阶马尔可夫链（含未成单的路径），看去掉某触点会少多少订单，在该单的触点间分配。",
            ),
            population=Sentence(
                f"{touched.buyers:,} orders that stand, {touched.friends:,} of them after a touch",
                f"{touched.buyers:,} 笔有效订单，其中 {touched.friends:,} 笔在触达之后",
            ),
            period=Span(first, last),
            currency=currency,
            tables=(
                Table(
                    "credited",
                    Sentence("Credited", "归因"),
                    CREDITED,
                    tuple(_credited(by_rule, bought, self.by)),
                ),
                Table(
                    "assisted",
                    Sentence("Assisted orders by shop", "各店铺的协助订单"),
                    ASSISTED,
                    tuple(_assisted(bought)),
                ),
                Table(
                    "truth",
                    Sentence("What hold-outs say", "对照组的结论"),
                    TRUTH,
                    tuple(cells for _, cells in truths),
                ),
            ),
            charts=(
                Chart(
                    "credited",
                    Sentence("Orders after a touch, credited", "触达后的订单归给谁"),
                    "bar",
                    "credited",
                    x="to",
                    y=("part",),
                    by="rule",
                ),
            ),
            notes=tuple(_notes(bool(truths), self.within)),
        )


def _credits(
    bought: Sequence[_Bought], vain: Iterable[tuple[str, int]], by: By
) -> dict[Rule, Credit]:
    sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in bought:
        into = sums[_steps(one.path, by)]
        into[0] += one.orders
        into[1] += one.worth_minor
    for path, walks in vain:
        sums[_steps(path, by)][2] += walks
    paths = [Path(steps, *of) for steps, of in sorted(sums.items())]
    return {rule: credit(rule, paths) for rule in RULES}


def _steps(path: str, by: By) -> tuple[str, ...]:
    parts = [step.partition(figures.PART) for step in path.split(figures.STEP)] if path else []
    return tuple(channel if by == "channel" else journey for channel, _, journey in parts)


def _named(step: str, by: By) -> Sentence:
    if by == "channel":
        return channel_name(step)
    return Sentence(step, step) if step else BY_HAND


def _credited(
    by_rule: Mapping[Rule, Credit], bought: Sequence[_Bought], by: By
) -> Iterator[tuple[Cell, ...]]:
    total = sum(one.orders for one in bought)
    bare = [one for one in bought if not one.path]
    rest = sum(one.orders for one in bare), sum(one.worth_minor for one in bare)
    for rule, name in RULE_NAMES.items():
        found = by_rule[rule]
        for step in sorted(found.orders, key=lambda one: (-found.orders[one], one)):
            orders, worth = found.orders[step], found.worth_minor[step]
            yield name, _named(step, by), orders, orders / total, orders / (total - rest[0]), worth
        if total:
            yield name, NOBODY, rest[0], rest[0] / total, None, rest[1]


def _assisted(bought: Sequence[_Bought]) -> Iterator[tuple[Cell, ...]]:
    for shop in sorted({one.shop for one in bought}):
        mine = [one for one in bought if one.shop == shop]
        either = [one for one in mine if one.path or one.friend]
        group = Group(sum(one.orders for one in mine), sum(one.orders for one in either))
        low, high = group.interval or (None, None)
        yield (
            Named("shop", shop), group.buyers, sum(one.orders for one in mine if one.path),
            sum(one.orders for one in mine if one.friend), group.friends, group.rate, low, high,
            sum(one.worth_minor for one in either),
        )  # fmt: skip


def _truth(
    scope: str, drawn: Iterable[Drawn], credits_: Mapping[Rule, Credit]
) -> tuple[Brought, tuple[Cell, ...]]:
    found = brought(one for one in drawn if one.scope == scope)
    orders = found.orders_interval or (None, None)
    worth = found.worth_interval or (None, None)
    money = [None if one is None else round(one) for one in (found.worth_minor, *worth)]
    shared = scope == ALL or scope.startswith(PLAYBOOK)  # of several journeys: no rule credits it
    given = [None if shared else credits_[rule].orders.get(scope, 0) for rule in RULES]
    return found, (
        scope, found.treated, found.held, found.each, found.each_held, found.orders, *orders,
        *money, *given,
    )  # fmt: skip


def _says(
    touched: Group, last: Credit, by: By, truths: Sequence[tuple[Brought, tuple[Cell, ...]]]
) -> Sentence:
    if not touched.buyers:
        return Sentence("No order stands in these days.", "这段时间没有有效订单。")
    if touched.rate is None or not touched.friends:
        return Sentence(
            f"None of {touched.buyers:,} orders came after a touch.",
            f"{touched.buyers:,} 笔订单之前都没有触达。",
        )
    most = max(last.orders, key=lambda one: (last.orders[one], one))
    name = _named(most, by)
    proved = _proved(truths)
    return Sentence(
        f"{touched.friends:,} of {touched.buyers:,} orders ({percent(touched.rate)}) came after a "
        f"touch, most often last by {name} ({last.orders[most]:,}){proved}.",
        f"{touched.buyers:,} 笔订单中有 {touched.friends:,} "
        f"笔（{percent(touched.rate)}）在触达之后，"
        f"末次触达最多的是{name.zh}（{last.orders[most]:,} 笔）{proved.zh}。",
    )


def _proved(truths: Sequence[tuple[Brought, tuple[Cell, ...]]]) -> Sentence:
    """What the hold-out of most people says; not that of all, which no journey stands for."""
    known = [
        (one.held, one, cells[0])
        for one, cells in truths
        if one.orders_interval and cells[0] != ALL
    ]
    if not known:
        return Sentence(
            "; no hold-out says how many would have come anyway",
            "；没有对照组能说明其中多少本来就会发生",
        )
    _, best, scope = max(known, key=lambda one: one[0])
    low, high = best.orders_interval or (0.0, 0.0)
    many = best.orders or 0.0
    if low <= 0 <= high:
        return Sentence(
            f"; against its hold-out {scope} brought {many:,.0f} ({low:,.0f} to {high:,.0f}), "
            "which "
            "may be chance",
            f"；与对照组相比，{scope} 的增量为 {many:,.0f} 笔（{low:,.0f} 至 {high:,.0f}），"
            "可能只是偶然",
        )
    return Sentence(
        f"; against its hold-out {scope} brought {many:,.0f} ({low:,.0f} to {high:,.0f})",
        f"；与对照组相比，{scope} 的增量为 {many:,.0f} 笔（{low:,.0f} 至 {high:,.0f}）",
    )


def _notes(proved: bool, within: int) -> Iterator[Sentence]:
    yield Sentence(
        "Credit is counting and not proof: whoever buys anyway is touched too. Rules differ in "
        "whom "
        "they credit, never in how many orders there are.",
        "归因只是计数，不是证明：本来就会买的人也会被触达。各规则只是分法不同，总数相同。",
    )
    if proved:
        yield Sentence(
            f"Brought: orders within {within} days of the draw of all who were not left alone, "
            "less "
            "as many times what those left alone ordered each; interval 95 %, by leaving out "
            "each of "
            "50 groups of customers in turn. Credited beside it: the orders of the period that the "
            "rules give to this journey (a draw that several share has none); where they are far "
            "above, most would have come anyway.",
            f"增量：抽签后 {within} 天内触达组的订单，减去按人数放大的对照组订单；"
            "95% 区间为 50 组客户逐组剔除重算。旁边是各规则归给该旅程的订单"
            "（多条旅程共用的对照组不列）：若远高于增量，多数本来就会发生。",
        )
    else:
        yield Sentence(
            "No journey had a hold-out in these days: how many orders would have come anyway can't "
            "be said.",
            "这段时间没有旅程设对照组：无法说明多少订单本来就会发生。",
        )
