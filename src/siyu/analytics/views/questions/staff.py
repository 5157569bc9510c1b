"""What each of staff did, what came of it, and what a formula of the brand's pays for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from siyu.analytics.decide.incentive import Line, Part, parse, worked_out
from siyu.analytics.decide.skills import (
    FEWEST,
    METRICS,
    SKILLS,
    Did,
    Skill,
    Than,
    beside,
    metrics,
    together,
)
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
    between,
    percent,
)
from siyu.analytics.views import answering
from siyu.analytics.views.colleagues import Colleague, colleagues
from siyu.analytics.views.days import Days, Since, Until, check, days
from siyu.kernel.errors import Refused
from siyu.kernel.money import EXPONENTS, LARGEST_MINOR, show
from siyu.kernel.sentence import Sentence
from siyu.staff.model import Credit, CreditRule

USUAL = 28
HEAD_OFFICE = Sentence("head office", "总部")
TOTAL = Sentence("total", "合计")
THAN: Mapping[Than, Sentence] = {
    "above": Sentence("above the others", "高于其他人"),
    "below": Sentence("below the others", "低于其他人"),
    "alike": Sentence("no difference beyond chance", "差异未超出偶然"),
    "few": Sentence("too few to say", "样本太少"),
}
NAMES: Mapping[Skill, Sentence] = {
    "sales": Sentence("Sales", "销售力"),
    "expertise": Sentence("Expertise", "专业力"),
    "voice": Sentence("Voice", "表达力"),
    "acquisition": Sentence("Acquisition", "拉新力"),
}
_WHO = (Column("staff", Sentence("Staff", "员工")), Column("store", Sentence("Store", "门店")))
PROCESS = (
    Column("done", Sentence("Tasks done", "完成任务"), "count"),
    Column("late", Sentence("Of these late", "其中逾期完成"), "count"),
    Column("overdue", Sentence("Overdue", "逾期未办"), "count"),
    Column("minutes", Sentence("Minutes", "分钟"), "count"),
    Column("calls", Sentence("Calls", "电话"), "count"),
    Column("answered", Sentence("Answered", "接通"), "count"),
    Column("yes", Sentence("Said yes", "同意"), "count"),
    Column("messages", Sentence("Own messages", "本人发送"), "count"),
    Column("replied", Sentence("Replied", "获回复"), "count"),
)
_KEPT = Sentence("Kept for 30 days", "30 天留存率")
RESULTS = (
    Column("friends", Sentence("Friends", "好友"), "count"),
    Column("added", Sentence("Added", "新增"), "count"),
    Column("kept_share", _KEPT, "rate"),
    Column("kept_share_low", _KEPT, "rate", low_of="kept_share"),
    Column("kept_share_high", _KEPT, "rate", high_of="kept_share"),
    Column("deleted", Sentence("Deleted us", "被删除"), "count"),
    Column("orders", Sentence("Orders", "订单"), "count"),
    Column("net_minor", Sentence("Net", "净销售"), "money"),
    Column("margin_minor", Sentence("Margin", "毛利"), "money"),
)
INCENTIVE = (
    _WHO[0],
    Column("line", Sentence("Line", "项目")),
    Column("formula", Sentence("Formula", "公式")),
    Column("numbers", Sentence("With numbers", "代入")),
    Column("amount_minor", Sentence("Amount", "金额"), "money"),
)


def _skill_columns() -> Iterator[Column]:
    yield _WHO[0]
    for skill in SKILLS:
        name, kind = (
            (f"{skill}_minor", "money") if skill == "sales"
            else (skill, "count" if skill == "acquisition" else "rate")
        )  # fmt: skip
        title = NAMES[skill]
        yield Column(name, title, kind)
        ends = "number" if skill == "acquisition" else kind
        yield Column(f"{name}_low", title, ends, low_of=name)
        yield Column(f"{name}_high", title, ends, high_of=name)
        yield Column(f"{skill}_than", Sentence("Beside the others", "与其他人相比"))


@dataclass(frozen=True)
class Staff(Question):
    """What each of staff did and what came of it, four skills, and an incentive formula of your
    own, line by line."""

    name = "staff"
    title = Sentence(
        "What does each of staff do, and what comes of it?", "每位员工做了什么，效果如何？"
    )
    facts = ("task", "friendship", "orders", "touch")

    since: Since = None
    until: Until = None
    formula: Annotated[
        str,
        Ask(
            Sentence("Incentive formula", "激励公式"),
            Sentence(
                "Lines parted by ; such as sales: 0.02 * net; friends: 5 * max(kept - 10, 0). "
                "Metrics: " + ", ".join(METRICS) + ".",
                "各行用 ; 分隔，如 销售: 0.02 * net; 拉新: 5 * max(kept - 10, 0)。指标："
                + "、".join(METRICS) + "。",
            ),
        ),
    ] = ""  # fmt: skip

    def __post_init__(self) -> None:
        check(self.since, self.until)
        parse(self.formula, dict.fromkeys(METRICS))

    def answer(self, of: Sources) -> Answer:
        span = days(of, self.since, self.until, USUAL)
        currency = of.brand.currency
        found = colleagues(of, span, currency)
        everybody = found.everybody
        if not everybody:
            raise Refused(
                Sentence(
                    "There is no guide here, and nobody did anything in these days.",
                    "还没有导购，期内也没有人做过任何工作。",
                )
            )
        lines = parse(self.formula, dict.fromkeys(METRICS))
        tables = list(_tables(everybody))
        if lines:
            rows = tuple(_paid(everybody, lines, currency))
            tables.append(Table("incentive", Sentence("Incentive", "激励"), INCENTIVE, rows))
        return Answer(
            says=_says(everybody, span, currency),
            definition=DEFINITION,
            population=Sentence(
                "Active guides, and whoever else did anything", "在职导购，以及期内有记录的其他员工"
            ),
            period=Span(span.first, span.last),
            currency=currency,
            tables=tuple(tables),
            charts=(
                Chart("net", Sentence("Net of their friends", "好友净销售"), "bar", "results",
                      x="staff", y=("net_minor",)),
                Chart("added", Sentence("Friends added", "新增好友"), "bar", "results", x="staff",
                      y=("added",)),
            ),
            notes=(
                _rule(of.credit),
                *answering.notes([one.did for one in everybody], span.many),
                *_notes(everybody, currency, [*found.currencies], lines),
            ),
            keys={"metrics": {one.code: _told(one.did, currency) for one in everybody}},
        )  # fmt: skip


DEFINITION = Sentence(
    "Tasks count on the day they were done; late: after they were due; overdue: due and still open "
    "at the end of the period, or now. Kept: of friends added so that their 30th day is in the "
    "period, those who still were friends on it. Orders are those credited to them by the brand's "
    "rule (see the notes). Skills: sales is net ÷ "
    "friends; expertise, of the friends at the beginning those who bought; voice, of answered "
    "calls those that ended with yes; acquisition, friends added. Answers are what the carrier "
    "counts by day: of chats that customers began those that staff answered on that day, and the "
    "minutes to the first answer; days weigh as many as they have chats.",
    "任务按完成日计；逾期完成指晚于到期时间；逾期未办指期末（或现在）仍未完成且已到期。"
    "留存：第 30 天落在期内的新增好友中，当天仍是好友的占比。"
    "订单按品牌的归属规则计（见说明）。"
    "四力：销售力 = 净销售 ÷ 好友数；专业力 = 期初好友中期内购买的占比；"
    "表达力 = 接通电话中同意的占比；拉新力 = 新增好友数。"
    "会话响应为渠道按天统计：客户发起的聊天中当天回复的占比，以及首次回复的分钟数；按聊天数加权。",
)


def _tables(everybody: Sequence[Colleague]) -> Iterator[Table]:
    by_store: dict[str, list[Did]] = defaultdict(list)
    for one in everybody:
        by_store[one.store].append(one.did)
    stores = [Colleague("", store, together(some)) for store, some in sorted(by_store.items())]
    title = Sentence("Work", "过程"), Sentence("Results", "结果")
    work = tuple((_who(one), _store(one), *_process(one.did)) for one in everybody)
    results = tuple((_who(one), _store(one), *_results(one.did)) for one in everybody)
    yield Table("work", title[0], (*_WHO, *PROCESS), work)
    yield Table("results", title[1], (*_WHO, *RESULTS), results)
    told = any(one.did.days_told for one in everybody)
    if told:
        answers = tuple((_who(one), _store(one), *answering.row(one.did)) for one in everybody)
        yield Table("answers", answering.TITLE, (*_WHO, *answering.COLUMNS), answers)
    yield Table(
        "skills", Sentence("Four skills", "四力"), tuple(_skill_columns()),
        tuple(_skills(one, [each.did for each in everybody if each != one]) for one in everybody),
    )  # fmt: skip
    yield Table("store_work", Sentence("Work by store", "各门店过程"), (_WHO[1], *PROCESS),
                tuple((_store(one), *_process(one.did)) for one in stores))  # fmt: skip
    if told:
        yield Table("store_answers", answering.BY_STORE, (_WHO[1], *answering.COLUMNS),
                    tuple((_store(one), *answering.row(one.did)) for one in stores))  # fmt: skip
    yield Table("store_results", Sentence("Results by store", "各门店结果"), (_WHO[1], *RESULTS),
                tuple((_store(one), *_results(one.did)) for one in stores))  # fmt: skip


def _who(one: Colleague) -> str:
    return Named("staff", one.code)


def _store(one: Colleague) -> str:
    return Named("store", one.store) if one.store else HEAD_OFFICE


def _process(did: Did) -> tuple[Cell, ...]:
    known = (did.messages, did.replied) if did.messages else (None, None)
    return (
        did.done, did.late, did.overdue, did.minutes, did.calls, did.answered, did.yes, *known,
    )  # fmt: skip


def _results(did: Did) -> tuple[Cell, ...]:
    return (
        did.friends, did.added, *_share(did.staying), did.deleted, did.orders, did.net_minor,
        did.margin if did.orders else 0,
    )  # fmt: skip


def _share(group: Group) -> tuple[Cell, ...]:
    return (group.rate, *(group.interval or (None, None)))


def _skills(one: Colleague, others: Sequence[Did]) -> tuple[Cell, ...]:
    did, than = one.did, beside(one.did, others)
    low, high = did.sales.interval or (None, None)
    amounts = (did.sales.ratio, None if low is None else max(low, 0.0), high)
    values: Mapping[Skill, tuple[Cell, ...]] = {
        "sales": tuple(None if amount is None else round(amount) for amount in amounts),
        "expertise": _share(did.expertise),
        "voice": _share(did.voice),
        "acquisition": (did.added, *(round(end, 1) for end in did.gained)),
    }
    cells = [cell for skill in SKILLS for cell in (*values[skill], THAN[than[skill]])]
    return (_who(one), *cells)


def _paid(
    everybody: Sequence[Colleague], lines: tuple[Line, ...], currency: str
) -> Iterator[tuple[Cell, ...]]:
    places = EXPONENTS[currency]
    for one in everybody:
        parts = worked_out(lines, metrics(one.did, 10**places))
        amounts = [_amount(part, places) for part in parts]
        for part, amount in zip(parts, amounts, strict=True):
            yield _who(one), part.name, part.text, part.shown, amount
        whole = None if None in amounts else sum(amount or 0 for amount in amounts)
        yield _who(one), TOTAL, "", "", whole


def _amount(part: Part, places: int) -> int | None:
    found = part.minor(places)
    return None if found is None or abs(found) > LARGEST_MINOR else found


def _told(did: Did, currency: str) -> dict[str, float | None]:
    known = metrics(did, 10 ** EXPONENTS[currency])
    return {name: None if value is None else float(value) for name, value in known.items()}


def _says(everybody: Sequence[Colleague], span: Days, currency: str) -> Sentence:
    whole = together(one.did for one in everybody)
    stay = whole.staying
    kept = Sentence("of none of them is the 30th day in it", "期内没有满 30 天的好友")
    if stay.rate is not None and stay.interval is not None:
        share, sure = percent(stay.rate), between(stay.interval)
        kept = Sentence(
            f"{share} ({sure}) of {stay.buyers:,} whose 30th day it was stayed",
            f"满 30 天的 {stay.buyers:,} 位中留存 {share}（{sure}）",
        )
    net, answers = show(whole.net_minor, currency), answering.says(whole)
    return Sentence(
        f"In {span.many} days {len(everybody)} of staff did {whole.done:,} tasks ({whole.late:,}"
        f" late, {whole.overdue:,} overdue) and won {whole.added:,} friends; {kept}; their friends"
        f" bought for {net}; {answers}.",
        f"{span.many} 天内，{len(everybody)} 位员工完成 {whole.done:,} 项任务"
        f"（逾期完成 {whole.late:,}，逾期未办 {whole.overdue:,}），新增好友 {whole.added:,} 位；"
        f"{kept.zh}；好友净销售 {net}；{answers.zh}。",
    )


def _rule(credit: Credit) -> Sentence:
    """How orders are credited: one rule, for orders of every shop."""
    days = credit.days
    said: Mapping[CreditRule, Sentence] = {
        "owner": Sentence(
            "whose friend the customer was when they ordered, of several who was added last",
            "归下单时客户所属的好友导购，多位时归最后添加者",
        ),
        "last": Sentence(
            f"who did the last task for the customer, or sent the last message, in {days} days"
            " before; else whose friend they were",
            f"归下单前 {days} 天内最后为其完成待办或发消息的员工，没有时归好友导购",
        ),
        "shared": Sentence(
            f"all who did a task for the customer or sent them a message in {days} days before, and"
            " whose friend they were, in equal parts; each counts the order",
            f"由下单前 {days} 天内为其完成待办或发消息的员工与好友导购均分，订单数每人各计一次",
        ),
    }
    one = said[credit.rule]
    return Sentence(
        f"Orders are credited to {one}; an order that was paid in a chat to whom it was paid.",
        f"订单{one.zh}；在会话中收款的订单归收款人。",
    )


def _notes(
    everybody: Sequence[Colleague],
    currency: str,
    currencies: Sequence[str],
    lines: tuple[Line, ...],
) -> Iterator[Sentence]:
    yield Sentence(
        "A guide is compared with all others together, by a 95 % interval: of twenty such words "
        f"one is chance. With fewer than {FEWEST} friends or calls nothing is said. Who gets which "
        "customers is not drawn by lot, so a difference may be theirs.",
        "每人与其他所有人合并比较，按 95% 区间判断：每二十个结论约有一个出于偶然。"
        f"好友或电话不足 {FEWEST} 个时不下结论。客户并非随机分配，差异也可能来自客户本身。",
    )
    if not any(one.did.messages for one in everybody):
        yield Sentence(
            "Whether friends reply to a guide's own messages is not known: no carrier has told of "
            "such messages in this time.",
            "期内没有渠道回传导购本人发送的消息，因此回复情况未知。",
        )
    yield Sentence(
        "Calls that nobody answered and that are made again count once, when they end.",
        "无人接听而重拨的电话只在结束时计一次。",
    )
    others = ", ".join(one for one in currencies if one != currency)
    if others:
        yield Sentence(f"Orders in {others} are left out.", f"未计入 {others} 订单。")
    if not lines:
        yield Sentence(
            "No incentive formula was given, so none is worked out.", "未填写激励公式，因此不计算。"
        )
    else:
        yield Sentence(
            "Each line is worked out exactly and rounded once; the total is the sum of what is "
            "shown. A line of which a metric is not known, or that divides by nothing, is empty, "
            "and so is the total.",
            "每行精确计算、只舍入一次；合计为所示各行之和。"
            "某行指标未知或除以零时该行为空，合计亦为空。",
        )
