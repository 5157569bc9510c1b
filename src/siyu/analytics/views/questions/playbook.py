"""What a playbook did: those whom it touched against those whom chance has held out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, NamedTuple

from siyu.analytics.decide.arms import FEWEST, Arms, One, arms
from siyu.analytics.model import Group, Lift
from siyu.analytics.model.answer import (
    Answer,
    Ask,
    Cell,
    Column,
    Question,
    Sources,
    Span,
    Table,
    percent,
)
from siyu.analytics.views.channels import channel_name, cost_name
from siyu.analytics.views.margins import margins
from siyu.budget.views import Outranked, outranked
from siyu.kernel.errors import Refused
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import zone
from siyu.ledger.model import Spending
from siyu.ledger.views import spendings

SQL = load("siyu.analytics")
MOST_DAYS = 730
GROUPS = (
    Column("group", Sentence("Group", "分组")),
    Column("people", Sentence("Customers", "人数"), "count"),
    Column("over", Sentence("Whose window is over", "窗口已满"), "count"),
    Column("came_to_it", Sentence("Came to it", "达成"), "count"),
    Column("rate", Sentence("Rate", "达成率"), "rate"),
    Column("rate_low", Sentence("from", "下限"), "rate", low_of="rate"),
    Column("rate_high", Sentence("to", "上限"), "rate", high_of="rate"),
    Column("margin_minor", Sentence("Margin each", "人均毛利"), "money"),
    Column("deleted", Sentence("Deleted us", "删除好友"), "count"),
    Column("deleted_rate", Sentence("Deletion rate", "删除率"), "rate"),
)
BEYOND = (
    Column("what", Sentence("Treated less held out", "触达组减对照组")),
    Column("points", Sentence("Difference", "差异"), "number"),
    Column("low", Sentence("from", "下限"), "number", low_of="points"),
    Column("high", Sentence("to", "上限"), "number", high_of="points"),
)
TOUCHES = (
    Column("channel", Sentence("Channel", "触点")),
    Column("sent", Sentence("Sent", "已发"), "count"),
    Column("withheld", Sentence("Withheld", "拦下"), "count"),
    Column("held_out", Sentence("of these by the hold-out", "其中对照组"), "count"),
)
COSTS = (
    Column("kind", Sentence("Cost", "成本")),
    Column("quantity", Sentence("Quantity", "数量"), "count"),
    Column("amount_minor", Sentence("Amount", "金额"), "money"),
    Column("currency", Sentence("Currency", "币种")),
)
OUTRANKED = (
    Column("journey", Sentence("Journey", "旅程")),
    Column("by", Sentence("Made way for", "让位于")),
    Column("touches", Sentence("Touches", "触达"), "count"),
)
TREATED, HELD = Sentence("treated", "触达组"), Sentence("held out", "对照组")


@dataclass(frozen=True)
class PlaybookReport(Question):
    """What a playbook brought beyond those whom it left alone: rate of success, margin, deletions,
    each with its interval; touches and costs."""

    name = "playbook"
    title = Sentence("What does a playbook bring?", "一个打法带来了什么？")

    playbook: Annotated[
        str,
        Ask(
            Sentence("Playbook", "打法"),
            Sentence("Its name; empty: the one that was started last.",
                     "打法的名称；留空为最近启动的那个。"),
        ),
    ] = ""  # fmt: skip
    since: Annotated[
        date | None,
        Ask(
            Sentence("From", "从"),
            Sentence("Whoever came in from this day on; empty: from the beginning.",
                     "从这一天起进入的客户；留空为全部。"),
        ),
    ] = None  # fmt: skip
    within: Annotated[
        int,
        Ask(
            Sentence("Days of success", "达成天数"),
            Sentence("Success so many days after coming in; 0: as the playbook says. A shorter "
                     "time says something sooner.",
                     "进入后多少天内算达成；0 为打法自己写的。天数短，结论来得早。"),
        ),
    ] = 0  # fmt: skip

    def __post_init__(self) -> None:
        if not 0 <= self.within <= MOST_DAYS:
            raise ValueError(
                Sentence(f"`within` must be between 0 and {MOST_DAYS}",
                         f"`within` 必须在 0 到 {MOST_DAYS} 之间")
            )  # fmt: skip

    def answer(self, of: Sources) -> Answer:
        found = _found(self, of)
        result = arms(found.over)
        success = found.success
        return Answer(
            says=_says(found, result),
            definition=Sentence(
                f"Success: {success.event} within {success.days:g} days of coming in (an order that"
                " was taken back counts as none). Rates by Wilson, differences by Newcombe, money "
                "by Welch; all at 95 %.",
                f"达成：进入后 {success.days:g} 天内出现 {success.event}"
                "（被取消或全额退款的订单不算）。比率用 Wilson 区间，差异用 Newcombe，"
                "金额用 Welch，均为 95%。",
            ),
            population=Sentence(
                "Customers by their first coming into one of its journeys; who was held out walks "
                "the same way and is sent nothing",
                "按首次进入其任一旅程的客户计；对照组走同样的流程，但不发送",
            ),
            period=Span(self.since, of.today),
            currency=of.brand.currency,
            tables=_tables(found, result),
            notes=_notes(found, result),
            keys=_keys(found, result),
        )


class _Success(NamedTuple):
    event: str
    data: str
    seconds: int

    @property
    def days(self) -> float:
        return self.seconds / 86_400


USUAL = _Success("order.paid", "{}", 30 * 86_400)  # of a playbook that does not say


class _Found(NamedTuple):
    """`over`: those whose window is over; `people` by (held, how many); `mixed` are in neither."""

    name: str
    said: bool
    success: _Success
    over: list[One]
    treated: int
    held: int
    mixed: int
    touches: list[tuple[Cell, ...]]
    costs: list[tuple[Cell, ...]]
    outranked: list[Outranked]
    unknown: int
    spending: Spending | None


def _found(asked: PlaybookReport, of: Sources) -> _Found:
    with of.db.transaction() as conn:
        rows = conn.fetch(SQL.playbooks, {"code": asked.playbook})
        if not rows:
            raise Refused(
                Sentence(
                    "No such playbook is installed: `siyu playbook list` shows which there are, "
                    "`siyu playbook start NAME` starts one.",
                    "没有安装这样的打法：`siyu playbook list` 查看有哪些，"
                    "`siyu playbook start NAME` 启动。",
                )
            )
        name, *said = rows[0]
        success = _Success(*said) if said[0] else USUAL
        if asked.within:
            success = success._replace(seconds=asked.within * 86_400)
        place = zone(of.brand.time_zone)
        begin = datetime.combine(asked.since or date(1990, 1, 1), time(), place).astimezone(UTC)
        days = {"playbook": name, "since": begin, "until": of.now + timedelta(seconds=1)}
        codes = [code for (code,) in conn.fetch(SQL.playbook_journeys, {"playbook": name})]
        params = {**success._asdict(), **days, "now": of.now}
        people = conn.fetch(SQL.playbook_people, params)
        counted = [row for row in people if not row[2]]
        mature = [row for row in counted if row[3]]
        worth, unknown = _worth(of, conn, [row[0] for row in mature if row[5]])
        return _Found(
            name, bool(said[0]), success,
            [One(held, hit, sum(worth.get(order, 0) for order in orders), deleted)
             for _, held, _, _, hit, orders, deleted in mature],
            sum(not row[1] for row in counted), sum(bool(row[1]) for row in counted),
            len(people) - len(counted),
            [(channel_name(one), *row) for one, *row in conn.fetch(SQL.playbook_touches, days)],
            [(cost_name(one), *row) for one, *row in conn.fetch(SQL.playbook_costs, days)],
            outranked(conn, codes, days["since"], days["until"]), unknown,
            next((one for one in spendings(conn, of.now) if one.playbook == name), None),
        )  # fmt: skip


def _worth(of: Sources, conn: Conn, customers: Sequence[int]) -> tuple[dict[int, int], int]:
    """What orders brought, in the brand's currency; and how much is of goods without a cost."""
    rows = [one for one in margins(conn, customers) if one.currency == of.brand.currency]
    return {one.order_id: one.margin_minor for one in rows}, sum(one.unknown_minor for one in rows)


def _says(found: _Found, result: Arms) -> Sentence:
    name, many = found.name, found.treated
    if not many and not found.held:
        return Sentence(f"Nobody has come into {name} yet.", f"还没有客户进入 {name}。")
    if result.lift is None:
        few = min(one.buyers for one in result.outcome)
        return Sentence(
            f"{many:,} customers came into {name}; there are too few yet to say what it brings "
            f"({few:,} in the smaller group whose window is over).",
            f"{many:,} 位客户已进入 {name}；样本还太少，说不出效果"
            f"（较小一组只有 {few:,} 人窗口已满）。",
        )
    points, span = result.lift
    share, low, high = (f"{one * 100:+.1f}" for one in (points, *span))
    if not result.sure:
        return Sentence(
            f"{name}: no effect can be shown. The difference is {share} points ({low} to {high}), "
            "and zero lies within.",
            f"{name}：看不出效果。差异 {share} 个百分点（{low} 至 {high}），区间包含零。",
        )
    ours, theirs = (percent(one.rate or 0) for one in result.outcome)
    return Sentence(
        f"{name} changes the rate by {share} points ({low} to {high}): {ours} of the treated come "
        f"to it, {theirs} of those held out.",
        f"{name} 使达成率变化 {share} 个百分点（{low} 至 {high}）："
        f"触达组 {ours}，对照组 {theirs}。",
    )


def _tables(found: _Found, result: Arms) -> tuple[Table, ...]:
    of = zip((TREATED, HELD), (found.treated, found.held), result.outcome, result.deletions,
             (result.margin and result.margin.treated, result.margin and result.margin.held),
             strict=True)  # fmt: skip
    groups = tuple(
        (called, people, group.buyers, group.friends, *_rate(group),
         None if margin is None else round(margin), gone.friends, gone.rate)
        for called, people, group, gone, margin in of
    )  # fmt: skip
    return (
        Table("groups", Sentence("Treated and held out", "触达组与对照组"), GROUPS, groups),
        Table("beyond", Sentence("What it brings", "带来的变化"), BEYOND, tuple(_beyond(result))),
        Table("touches", Sentence("Touches", "触达"), TOUCHES, tuple(found.touches)),
        Table("outranked", Sentence("What made way", "让位"), OUTRANKED, tuple(found.outranked)),
        Table("costs", Sentence("Costs", "成本"), COSTS, tuple(found.costs)),
    )


def _rate(group: Group) -> tuple[Cell, Cell, Cell]:
    span = group.interval
    return (group.rate, None, None) if span is None else (group.rate, span.low, span.high)


def _beyond(result: Arms) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    rate = Sentence("Rate of success, in points", "达成率（百分点）")
    gone = Sentence("Deletion rate, in points", "删除率（百分点）")
    for called, one in ((rate, result.lift), (gone, result.trust)):
        if one is not None:
            rows.append((called, *(round(100 * x, 2) for x in (one.points, *one.interval))))
    if result.margin is not None:
        money = Sentence("Margin per customer, in minor units", "人均毛利（最小货币单位）")
        margin = result.margin
        rows.append((money, *(round(x, 1) for x in (margin.more, *margin.interval))))
    return rows


def _notes(found: _Found, result: Arms) -> tuple[Sentence, ...]:
    notes: list[Sentence] = []
    if not found.held and found.treated:
        notes.append(Sentence("Nobody is held out: nothing can say what would have come anyway.",
                              "没有对照组：无法知道不做会怎样。"))  # fmt: skip
    elif result.lift is None:
        notes.append(Sentence(f"Something is said from {FEWEST} customers in each group on.",
                              f"每组至少 {FEWEST} 人才下结论。"))  # fmt: skip
    if not found.said:
        notes.append(Sentence("It does not say what success is: an order within 30 days is taken.",
                              "打法没有写明达成标准，按 30 天内下单计。"))  # fmt: skip
    if found.mixed:
        notes.append(Sentence(
            f"{found.mixed:,} customers were held out of some of its journeys only; in no group.",
            f"{found.mixed:,} 位客户只在部分旅程中属于对照组，不计入任何一组。"))  # fmt: skip
    if found.unknown:
        notes.append(Sentence("Some goods have no cost: their margin is missing on both sides.",
                              "部分商品没有成本，两组都未计其毛利。"))  # fmt: skip
    if found.spending is not None:
        notes.append(_budget(found.spending))
    for by, many in _by(found.outranked).items():
        notes.append(Sentence(f"Outranked by {by}: {many:,}.", f"让位于 {by}：{many:,} 条。"))
    waiting = found.treated + found.held - len(found.over)
    if waiting:
        notes.append(Sentence(f"The window of {waiting:,} customers is not over yet.",
                              f"{waiting:,} 位客户的窗口还没满。"))  # fmt: skip
    return tuple(notes)


def _budget(one: Spending) -> Sentence:
    spent, total, daily, today = (
        None if minor is None else show(minor, one.currency)
        for minor in (one.spent_minor, one.total_minor, one.daily_minor, one.today_minor)
    )
    said = Sentence(f"Budget: {spent} spent", f"预算：已用 {spent}")
    if total is not None:
        said = Sentence(f"{said} of {total}", f"{said.zh}，共 {total}")
    if daily is not None:
        said = Sentence(
            f"{said}; today {today} of {daily}", f"{said.zh}；今日 {today}，上限 {daily}"
        )
    return Sentence(
        f"{said}; booked and expected, without the time of people.",
        f"{said.zh}；含已记账和预计，不含人工时间。",
    )


def _keys(found: _Found, result: Arms) -> dict[str, object]:
    margin = result.margin
    return {
        "playbook": found.name,
        "entered": found.treated + found.held,
        "held_out": found.held,
        "sent": sum(int(row[1] or 0) for row in found.touches if isinstance(row[1], int)),
        "lift": _said(result.lift),
        "sure": result.sure,
        "deletions": _said(result.trust),
        "budget_minor": found.spending and found.spending.total_minor,
        "budget_spent_minor": found.spending and found.spending.spent_minor,
        "margin_minor": None if margin is None else [margin.more, *margin.interval],
        "outranked": _by(found.outranked),
        "cost_minor": sum(row[2] for row in found.costs if isinstance(row[2], int)),
    }


def _by(some: Sequence[Outranked]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for one in some:
        counts[one.by] += one.touches
    return dict(counts.most_common())


def _said(one: Lift | None) -> list[float] | None:
    return None if one is None else [one.points, *one.interval]
