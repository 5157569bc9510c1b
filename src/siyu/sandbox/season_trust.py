"""What a season's touches cost in trust: by channel as the report says, and of each playbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from siyu.analytics.decide.risk import FEWEST_ENDS, FEWEST_TOUCHES
from siyu.analytics.views.channels import channel_name
from siyu.analytics.views.pool import Touched
from siyu.analytics.views.questions.trust import EVERY
from siyu.kernel.sentence import Sentence

Json = dict[str, Any]
NOTHING = Sentence("Nothing of it was sent.", "没有发出任何触达。")
NO_WORTH = Sentence(
    "What customers bought does not bear a model of value (the report `value` says why), so what a "
    "lost friend was worth can't be said.",
    "购买数据不足以拟合价值模型（原因见报告 `value`），无法得知失去一位好友值多少。",
)


class Cost(NamedTuple):
    """What the touches of a playbook cost in trust, minor units; None: nobody can say, and `says`
    why. Of `sent` touches `of_friends` met a friend, who alone can delete us; `counted`: of these,
    those on whose channel the cost of one is known."""

    minor: int | None
    low_minor: int | None
    high_minor: int | None
    sent: int
    of_friends: int
    counted: int
    says: Json


def of_touches(touched: Sequence[Touched], channels: Sequence[Mapping[str, Any]]) -> Cost:
    """Each touch of a friend at what one of its channel costs. The ends are those of each channel
    added up: at least as far apart as those of the sum."""
    told = {one["channel"]["en"]: one for one in channels}
    sent, friends = sum(one.sent for one in touched), sum(one.of_friends for one in touched)
    some = [(one.of_friends, told.get(str(channel_name(one.channel)))) for one in touched]
    rows = [(many, row) for many, row in some if many and row is not None]
    known = [(many, row) for many, row in rows if row["cost"] is not None]
    counted = sum(many for many, _ in known)
    if not friends:
        none = _no_friends(sent) if sent else NOTHING
        return Cost(0, 0, 0, sent, 0, 0, _both(none))
    if not known:
        why = _why_not([row for _, row in rows], told.get(str(EVERY)))
        return Cost(None, None, None, sent, friends, 0, _both(why))
    minor, low, high = (
        round(sum(many * row[end] for many, row in known))
        for end in ("cost", "cost_low", "cost_high")
    )
    says = _how(friends, counted, low, high)
    return Cost(minor, low, high, sent, friends, counted, _both(says))


def _no_friends(sent: int) -> Sentence:
    return Sentence(
        f"None of {sent:,} touches met a friend: who is none can't delete us.",
        f"{sent:,} 次触达中没有一次触达好友：不是好友的人无从删除。",
    )


def _how(friends: int, counted: int, low: int, high: int) -> Sentence:
    """What the number stands on."""
    maybe = (
        Sentence("; chance alone may explain it", "；可能只是偶然")
        if low <= 0 <= high
        else Sentence("", "")
    )
    return Sentence(
        f"Of {friends:,} touches of friends {counted:,} went by channels of which the cost of one "
        f"is known{maybe}.",
        f"{friends:,} 次触达好友，其中 {counted:,} 次所走的触点已知单次信任成本{maybe.zh}。",
    )


def _why_not(rows: Sequence[Mapping[str, Any]], every: Mapping[str, Any] | None) -> Sentence:
    if any(one["more"] is not None for one in rows):
        return NO_WORTH
    touches, ended = (sum(one[name] for one in rows) for name in ("touches", "ended"))
    return Sentence(
        f"Too little is known: on its channels {ended:,} of {touches:,} touches of friends were "
        f"followed by a deletion; to say more takes {FEWEST_TOUCHES} comparable touches and "
        f"{FEWEST_ENDS} deletions.{_of_all(every)}",
        f"数据太少：其触点上 {touches:,} 次触达好友中有 {ended:,} 次之后被删除；"
        f"至少需要 {FEWEST_TOUCHES} 次可比触达和 {FEWEST_ENDS} 次删除。{_of_all(every).zh}",
    )


def _of_all(every: Mapping[str, Any] | None) -> Sentence:
    """What is known of all channels together."""
    if every is None or every["more"] is None:
        return Sentence("", "")
    more, low, high = (f"{1000 * every[end]:+.1f}" for end in ("more", "more_low", "more_high"))
    return Sentence(
        f" Of 1,000 touches of all channels {more} ({low} to {high}) more are followed by one.",
        f"全部触点合计，每 1,000 次触达多 {more} 次（{low} 至 {high}）。",
    )


def _both(said: Sentence) -> Json:
    return {"en": str(said), "zh": said.zh}
