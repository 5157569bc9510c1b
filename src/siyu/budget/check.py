"""What is wrong with a rule of the brand, before it is kept."""

from __future__ import annotations

from typing import get_args

from siyu.budget.model import (
    ANY,
    CHANNELS,
    DAY,
    GROUPS,
    PURPOSES,
    Cap,
    Pace,
    Per,
    Period,
    Quota,
    layer,
)
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence, wording

MOST = 100_000_000


def cap(rule: Cap) -> list[Problem]:
    """Of a cap: names that are, a span and a number that can be."""
    where = f"{rule.layer}/{rule.channel}/{rule.purpose}"
    found = names(where, rule.channel, rule.purpose)
    if not (1 <= rule.days <= 366 and 0 <= rule.most <= 1000):
        found.append(
            Problem(
                where,
                Sentence(
                    "days must be 1 to 366, most 0 to 1000",
                    "days 必须是 1 到 366，most 必须是 0 到 1000",
                ),
            )
        )
    try:
        layer(rule.layer)
    except ValueError as error:
        found.append(Problem(where, wording(error)))
    return found


def names(where: str, channel: str, purpose: str = ANY) -> list[Problem]:
    """A rule about a channel that can't be would be a rule that nobody notices to be missing."""
    known = sorted({*CHANNELS, *GROUPS, ANY})
    found: list[Problem] = []
    if channel not in known:
        found.append(
            Problem(
                where,
                Sentence(
                    f"{channel!r} is no channel; write one of {', '.join(known)}",
                    f"{channel!r} 不是触点；请写其中之一：{', '.join(known)}",
                ),
            )
        )
    if purpose not in PURPOSES:
        found.append(
            Problem(
                where,
                Sentence(
                    f"{purpose!r} is no purpose; write one of {', '.join(PURPOSES)}",
                    f"{purpose!r} 不是目的；请写其中之一：{', '.join(PURPOSES)}",
                ),
            )
        )
    return found


def quota(rule: Quota) -> list[Problem]:
    """Of a quota."""
    where = f"{rule.channel}/{rule.per}/{rule.period}"
    problems = names(where, rule.channel)
    if rule.per not in get_args(Per):
        problems.append(
            Problem(
                where,
                Sentence(
                    "is per customer or per brand",
                    "只能按每位客户（customer）或整个品牌（brand）",
                ),
            )
        )
    if rule.period not in get_args(Period):
        problems.append(
            Problem(
                where,
                Sentence(
                    "a period is hour, day, week or month",
                    "周期只能是 hour、day、week 或 month",
                ),
            )
        )
    if rule.most is None and rule.period != "month":
        problems.append(
            Problem(
                where,
                Sentence(
                    "only a month has as many as it has days",
                    "只有 month 可以不写数量（与当月天数相同）",
                ),
            )
        )
    if rule.most is not None and not 1 <= rule.most <= MOST:
        problems.append(
            Problem(
                where,
                Sentence(
                    f"must be 1 to {MOST}; to stop a channel, pause it",
                    f"必须是 1 到 {MOST}；要停用触点，请暂停它",
                ),
            )
        )
    return problems


def pace(rule: Pace) -> list[Problem]:
    """Of the pace."""
    problems: list[Problem] = []
    if not 0 <= rule.window_hours <= DAY:
        problems.append(Problem("window_hours", Sentence("must be 0 to 24", "必须是 0 到 24")))
    if rule.presses is not None and not 1 <= rule.presses <= MOST:
        problems.append(
            Problem(
                "presses", Sentence(f"must be 1 to {MOST}, or none", f"必须是 1 到 {MOST}，或留空")
            )
        )
    if not 0 <= rule.cooldown_days <= 366:
        problems.append(Problem("cooldown_days", Sentence("must be 0 to 366", "必须是 0 到 366")))
    return problems
