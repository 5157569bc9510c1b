"""What people read of figures: reports as CSV for a spreadsheet (amounts in major units, nothing
that would run as a formula), the morning's brief and alarms."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from siyu.analytics.model import (
    Brief,
    Group,
    PlanReport,
    ReportName,
    SourceReport,
    WithheldReport,
    per_add,
)
from siyu.budget.model import REASONS
from siyu.kernel.money import exponent, show
from siyu.kernel.sentence import Language, language_of, unkept, within
from siyu.outbox.views import Welcomes

BOM = "\ufeff"  # without it a spreadsheet takes Chinese for something else
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")

# Heads of the columns, and the figures that have no column of their own.
WORDS: Mapping[str, Mapping[str, str]] = {
    "from": {"en": "From", "zh": "起始日"},
    "to": {"en": "To", "zh": "截止日"},
    "as_of": {"en": "As of", "zh": "统计时间"},
    "source": {"en": "Source", "zh": "来源"},
    "figure": {"en": "Figure", "zh": "指标"},
    "step": {"en": "Step", "zh": "步骤"},
    "people": {"en": "People", "zh": "人数"},
    "touches": {"en": "Touches", "zh": "触达次数"},
    "friends": {"en": "New friends", "zh": "新增好友"},
    "rate": {"en": "Rate", "zh": "比率"},
    "low": {"en": "Rate, low (95%)", "zh": "比率下限(95%)"},
    "high": {"en": "Rate, high (95%)", "zh": "比率上限(95%)"},
    "raced": {"en": "Raced", "zh": "在途触达"},
    "kind": {"en": "Kind of cost", "zh": "成本类型"},
    "quantity": {"en": "Quantity", "zh": "数量"},
    "amount": {"en": "Amount", "zh": "金额"},
    "currency": {"en": "Currency", "zh": "币种"},
    "per_add": {"en": "Cost per new friend", "zh": "单个加粉成本"},
    "day": {"en": "Day", "zh": "日期"},
    "channel": {"en": "Channel", "zh": "触点"},
    "purpose": {"en": "Purpose", "zh": "用途"},
    "reason": {"en": "Reason", "zh": "原因代码"},
    "why": {"en": "Why", "zh": "原因"},
    "buyers": {"en": "Buyers", "zh": "下单客户"},
    "friends_before": {"en": "Friends already", "zh": "下单时已是好友"},
    "not_admitted": {"en": "Not admitted", "zh": "不在准入范围"},
    "holdout": {"en": "Hold-out", "zh": "对照组"},
    "in_scope": {"en": "In scope", "zh": "在范围内"},
    "invited": {"en": "Invited", "zh": "已触达"},
    "step_figure": {"en": "Step", "zh": "步骤"},
    "unmatched": {"en": "Friends not matched", "zh": "未匹配好友"},
    "all": {"en": "All", "zh": "合计"},
    "welcomes": {"en": "Welcomes due", "zh": "应发欢迎语"},
    "sent": {"en": "Sent", "zh": "已发"},
    "measured": {"en": "Sent, seconds known", "zh": "已发且有用时"},
    "within": {"en": "Within the carrier's 20 s", "zh": "20 秒内"},
    "late": {"en": "Too late", "zh": "过时未发"},
    "no_code": {"en": "Without a code", "zh": "没有凭证"},
    "otherwise": {"en": "Not sent otherwise", "zh": "其他原因未发"},
    "open": {"en": "Under way", "zh": "发送中"},
    "heard_p50": {"en": "Seconds since the callback, P50", "zh": "收到回调后用时 P50（秒）"},
    "heard_p95": {"en": "Seconds since the callback, P95", "zh": "收到回调后用时 P95（秒）"},
    "heard_max": {"en": "Seconds since the callback, max", "zh": "收到回调后用时最长（秒）"},
    "added_p50": {"en": "Seconds since the add, P50", "zh": "添加后用时 P50（秒）"},
    "added_p95": {"en": "Seconds since the add, P95", "zh": "添加后用时 P95（秒）"},
    "added_max": {"en": "Seconds since the add, max", "zh": "添加后用时最长（秒）"},
}
_PLAN = (
    "from", "to", "source", "figure", "step", "people", "friends", "rate", "low", "high",
    "touches", "raced", "as_of",
)  # fmt: skip
_COST = (
    "from", "to", "source", "step", "kind", "quantity", "amount", "currency", "friends", "per_add",
    "as_of",
)  # fmt: skip
_WITHHELD = ("day", "channel", "purpose", "reason", "why", "touches")

_WELCOME = (
    "day", "welcomes", "sent", "measured", "within", "late", "no_code", "otherwise", "open",
    "heard_p50", "heard_p95", "heard_max", "added_p50", "added_p95", "added_max",
)  # fmt: skip

Cells = Sequence[object]


def report_csv(name: ReportName, report: PlanReport | WithheldReport, locale: str) -> str:
    """The whole file, with its byte order mark."""
    if isinstance(report, WithheldReport):
        return _file(_WITHHELD, _withheld(report, locale), locale)
    if name == "cost":
        return _file(_COST, _costs(report, locale), locale)
    return _file(_PLAN, _funnel(report, locale), locale)


def welcome_csv(found: Sequence[Welcomes], locale: str) -> str:
    """The same for welcomes: a line for each day, and one for all."""
    rows = [
        (
            one.day or _word("all", locale), one.wished, one.sent, one.measured, one.within,
            one.late, one.no_code, one.otherwise, one.open,
            *(None if at is None else f"{at:.3f}" for at in one[-6:]),
        )
        for one in found
    ]  # fmt: skip
    return _file(_WELCOME, rows, locale)


def harmless(cell: str) -> str:
    """The cell as it was, marked as text where a spreadsheet would take it for a formula.

    >>> harmless("=1+1"), harmless("-5"), harmless("sms")
    ("'=1+1", '-5', 'sms')
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _file(columns: Iterable[str], rows: Iterable[Cells], locale: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_word(column, locale) for column in columns])
    for row in rows:
        writer.writerow(["" if cell is None else harmless(str(cell)) for cell in row])
    return BOM + text.getvalue()


def _word(code: str, locale: str) -> str:
    return WORDS[code][locale]


def _funnel(report: PlanReport, locale: str) -> Iterator[Cells]:
    asked, at = report.asked, report.fresh.as_of.isoformat(timespec="seconds")
    for source in report.sources:
        for row in _of_source(source):
            figure, *rest = row
            named = _word("step_figure" if figure == "step" else figure, locale)
            yield asked.first, asked.last, source.source, named, *rest, at
    empty = (None,) * 6
    named = _word("unmatched", locale)
    yield asked.first, asked.last, "", named, "", report.unmatched, *empty, at


def _of_source(source: SourceReport) -> Iterator[tuple[str, *tuple[object, ...]]]:
    nothing = (None,) * 6
    yield "buyers", "", source.buyers, *nothing
    yield "friends_before", "", source.friends_before, *nothing
    yield "not_admitted", "", source.not_admitted, *nothing
    for figure, group in (
        ("holdout", source.held), ("in_scope", source.treated), ("invited", source.invited)
    ):  # fmt: skip
        yield figure, "", group.buyers, group.friends, *_rate(group), None, None
    for step in source.steps:
        share = Group(source.treated.buyers, step.adds)
        yield "step", step.step, step.people, step.adds, *_rate(share), step.touches, step.raced


def _rate(group: Group) -> tuple[str, str, str]:
    span = group.interval
    if group.rate is None or span is None:
        return "", "", ""
    return f"{group.rate:.4f}", f"{span.low:.4f}", f"{span.high:.4f}"


def _costs(report: PlanReport, locale: str) -> Iterator[Cells]:
    asked, at = report.asked, report.fresh.as_of.isoformat(timespec="seconds")
    currency = report.currency
    for source in report.sources:
        adds = {step.step: step.adds for step in source.steps}
        for one in source.costs:
            money = _major(one.amount_minor, one.currency)
            yield (
                asked.first, asked.last, source.source, one.step, one.kind, one.quantity, money,
                one.currency, None, None, at,
            )  # fmt: skip
        for step, minor in by_step(source).items():
            friends = adds.get(step, 0)
            yield (
                asked.first, asked.last, source.source, step, _word("all", locale), None,
                _major(minor, currency), currency, friends,
                _major(per_add(minor, friends), currency), at,
            )  # fmt: skip
        yield (
            asked.first, asked.last, source.source, _word("all", locale), _word("all", locale),
            None, _major(source.cost_minor, currency), currency, source.treated.friends,
            _major(source.cost_per_add_minor, currency), at,
        )  # fmt: skip


def by_step(source: SourceReport) -> dict[str, int]:
    """What each step has cost, all kinds together."""
    found: dict[str, int] = {}
    for one in source.costs:
        found[one.step] = found.get(one.step, 0) + one.amount_minor
    return found


def _major(minor: int | None, currency: str) -> str:
    if minor is None:
        return ""
    places = exponent(currency) if currency else 0
    return f"{Decimal(minor).scaleb(-places):.{places}f}"


def _withheld(report: WithheldReport, locale: str) -> Iterator[Cells]:
    for day, channel, purpose, reason, touches in report.rows:
        words = REASONS.get(reason, {}).get(locale) or within(language_of(locale), unkept(reason))
        yield day, channel, purpose, reason, words, touches


# ── the morning's brief, and alarms ──

_WEEKDAYS = "一二三四五六日"
# What has begun, in words; `{about}` is a channel, an article, or CONNECTOR/NAME, `{vendor}` its
# first half, `{why}` what the vendor says of it.
TROUBLES: Mapping[str, Mapping[str, str]] = {
    "provider_down": {
        "en": "{about}: the provider takes nothing ({number} failures in a row)",
        "zh": "{about}：通道不可用（连续失败 {number} 次）",
    },
    "template_rejected": {
        "en": "{about}: the provider refuses it, none of it goes out ({why})",
        "zh": "{about}：服务商拒绝该素材，已停发（{why}）",
    },
    "quota_used": {"en": "{vendor}, quota: {why}", "zh": "{vendor} 额度：{why}"},
    "vendor_warns": {"en": "{vendor}: {why}", "zh": "{vendor}：{why}"},
    "pull_failing": {
        "en": "{about} fails, {number} times in a row: {why}",
        "zh": "{about} 连续失败 {number} 次：{why}",
    },
    "events_parked": {
        "en": "Events that can't be applied: {number}",
        "zh": "无法处理的事件：{number}",
    },
    "visits_parked": {
        "en": "Customers whose journey is stuck: {number}",
        "zh": "旅程卡住的客户：{number}",
    },
    "gift_short": {
        "en": "{about}: no gift left for {number} parcels",
        "zh": "{about}：缺货，{number} 个包裹没有赠品",
    },
    "gift_low": {
        "en": "{about}: {number} left, less than is promised",
        "zh": "{about}：仅剩 {number}，少于已承诺的数量",
    },
    "subscribers_stopped": {
        "en": "Webhooks that were given up: {number}",
        "zh": "已停止推送的 Webhook：{number}",
    },
    "events_waiting": {
        "en": "Events that wait to be applied: {number}",
        "zh": "积压待处理的事件：{number}",
    },
}


def brief_title(brand: str, day: date, locale: str) -> str:
    """Whose brief, of which day.

    >>> brief_title("花间", date(2026, 11, 27), "zh"), brief_title("Rue", date(2026, 11, 27), "en")
    ('花间 11月27日（周五）简报', 'Rue, Fri 27 Nov')
    """
    if locale == "zh":
        return f"{brand} {day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）简报"
    return f"{brand}, {day:%a} {day.day} {day:%b}"


def brief_words(brief: Brief, locale: str) -> str:
    """A line for each figure that there is, beside the same weekday before."""
    lines = list(_brief_zh(brief) if locale == "zh" else _brief_en(brief))
    quiet = "没有新增好友，也没有异常。" if locale == "zh" else "No new friends, and no trouble."
    return "\n".join(lines or [quiet])


def _brief_zh(brief: Brief) -> Iterator[str]:
    found, before = brief.found, brief.before
    if found.friends or before.friends:
        unmatched = f"，其中 {found.unmatched} 人未匹配到买家" if found.unmatched else ""
        yield f"新增好友 {found.friends} 人（上周同日 {before.friends}）{unmatched}"
    if found.per_add is not None:
        was = (
            f"（上周同日 {show(before.per_add, brief.currency)}）"
            if before.per_add is not None
            else ""
        )
        yield f"单个加粉成本 {show(found.per_add, brief.currency)}{was}"
    if found.failed:
        yield f"触达失败 {found.failed} 条（上周同日 {before.failed}）"
    if found.deleted:
        yield f"客户删除好友 {found.deleted} 人（上周同日 {before.deleted}）"
    if brief.parked:
        yield f"无法处理的事件 {brief.parked} 个，待处理"
    if brief.overdue:
        yield f"逾期任务 {brief.overdue} 个"


def _brief_en(brief: Brief) -> Iterator[str]:
    found, before = brief.found, brief.before
    if found.friends or before.friends:
        unmatched = f"; {found.unmatched} of them not matched to a buyer" if found.unmatched else ""
        yield f"New friends: {found.friends} (a week before: {before.friends}){unmatched}"
    if found.per_add is not None:
        was = ""
        if before.per_add is not None:
            was = f" (a week before: {show(before.per_add, brief.currency)})"
        yield f"Cost per new friend: {show(found.per_add, brief.currency)}{was}"
    if found.failed:
        yield f"Touches that failed: {found.failed} (a week before: {before.failed})"
    if found.deleted:
        yield f"Customers who deleted us: {found.deleted} (a week before: {before.deleted})"
    if brief.parked:
        yield f"Events that can't be applied: {brief.parked}"
    if brief.overdue:
        yield f"Overdue tasks: {brief.overdue}"


def alarm_title(brand: str, many: int, locale: str) -> str:
    """How many troubles have begun.

    >>> alarm_title("花间", 2, "zh"), alarm_title("Rue", 1, "en")
    ('花间：2 项新异常', 'Rue: 1 new trouble')
    """
    if locale == "zh":
        return f"{brand}：{many} 项新异常"
    return f"{brand}: {many} new trouble{'s' if many > 1 else ''}"


def alarm_words(troubles: Iterable[tuple[str, str, int, str]], locale: str) -> str:
    """A line for each: its code, what it is about, how much of it, and why."""
    language: Language = "zh" if locale == "zh" else "en"
    return "\n".join(
        TROUBLES[code][locale].format(
            about=about, vendor=about.split("/")[0], number=number, why=within(language, why)
        )
        for code, about, number, why in troubles
    )
