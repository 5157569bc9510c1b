"""What lets customers into a journey, and what lets them in again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from difflib import get_close_matches
from typing import Annotated, ClassVar, NamedTuple, NewType, TypeAlias

from siyu.events.model import KINDS, Kind
from siyu.journeys.model.waves import StopWhen, Waves
from siyu.kernel.months import OLDEST
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import Weekday
from siyu.segments.decide.heard import MEMBERSHIP
from siyu.segments.model import All, Leaf, Not
from siyu.segments.model import Any as AnyOf
from siyu.segments.predicates.profile import named

SegmentCode = NewType("SegmentCode", str)
DateName = NewType("DateName", str)  # of a customer: not looked up, any name can be told
Segment: TypeAlias = Annotated[All | AnyOf | Not | Leaf, "segment"]  # nothing of a visit in it


@dataclass(frozen=True)
class Enter:
    """What lets a customer in: an event that is not older than `max_age`. Of `segment.entered` and
    `segment.left`, `segment` says which: then its members are kept up to date."""

    on: Kind
    max_age: timedelta = timedelta(hours=2)
    segment: SegmentCode | None = None

    def __post_init__(self) -> None:
        if (self.on in MEMBERSHIP) is (self.segment is None):
            raise ValueError(
                Sentence(
                    "segment is said for `segment.entered` and `segment.left`, and for no other",
                    "segment 用于 `segment.entered` 和 `segment.left`，也只用于它们",
                )
            )
        if self.on not in KINDS:
            near = get_close_matches(self.on, KINDS, 1)
            hint = (
                Sentence(f"did you mean `{near[0]}`?", f"是不是 `{near[0]}`？")
                if near
                else Sentence(f"known are {', '.join(KINDS)}", f"可用的有 {', '.join(KINDS)}")
            )
            raise ValueError(
                Sentence(
                    f"unknown kind of event `{self.on}`; {hint}",
                    f"不认识的事件 `{self.on}`；{hint.zh}",
                )
            )


class Times(NamedTuple):
    """`monday 10:00`, or `day 10:00`: by the brand's clock."""

    weekday: Weekday | None
    at: time


@dataclass(frozen=True)
class EnterEvery:
    """On a schedule: everybody who is in the set then. A run missed by `max_age` is left out."""

    every: Times
    segment: Segment
    max_age: timedelta = timedelta(hours=2)


@dataclass(frozen=True)
class EnterOnDate:
    """On a yearly date of the customer's, or whole days before it; `max_age` as for a schedule."""

    date: DateName
    at: time
    less: timedelta = timedelta()
    max_age: timedelta = timedelta(hours=12)

    def __post_init__(self) -> None:
        whole_days(self.less)


@dataclass(frozen=True)
class EnterOnChild:
    """On the first of the month in which the youngest child comes to one of these months of age, or
    whole days before it; `max_age` as for a schedule."""

    child_turns: tuple[int, ...]
    at: time
    less: timedelta = timedelta()
    max_age: timedelta = timedelta(hours=12)

    def __post_init__(self) -> None:
        check_marks(self.child_turns)
        whole_days(self.less)


@dataclass(frozen=True)
class EnterSegment:
    """On coming into a set, by an event that is not older than `max_age` or by the passing of time.

    Who is in it when the journey is published was there before, and does not come in.
    """

    segment: Segment
    max_age: timedelta = timedelta(hours=2)

    def __post_init__(self) -> None:
        if named([self.segment]):
            raise ValueError(
                Sentence(
                    "segment names one that is kept: enter `on: segment.entered` with its code",
                    "segment 里引用了已保存的人群：请用 `on: segment.entered` 加上它的编码来进入",
                )
            )


@dataclass(frozen=True)
class EnterWaves:
    """Everybody who is in the set, in waves, the best first and each once; the next wave opens
    while the one before it has kept to `stop_when`."""

    waves: Waves
    segment: Segment
    stop_when: StopWhen

    max_age: ClassVar[timedelta] = timedelta(hours=2)  # whom a wave takes comes in at once


Entrance: TypeAlias = Enter | EnterEvery | EnterOnDate | EnterOnChild | EnterWaves | EnterSegment


def lot(customer_id: int, key: str, shop: str, order_no: str) -> str:
    """What draws hang on: the order alone, so that a second run of a shop draws the same; what
    lets many in by one key (a schedule, a date, a wave) would draw the same for all of them.

    >>> lot(7, "s/T1", "s", "T1"), lot(7, "wave/1", "s", "T1")
    ('s/T1', 'wave/1/7')
    """
    return key if key == f"{shop}/{order_no}" else f"{key}/{customer_id}"


def whole_days(less: timedelta) -> None:
    """ValueError where a date would be moved by hours."""
    if less % timedelta(days=1):
        raise ValueError(
            Sentence(
                "less is whole days, like 3d; the hour is said by `at`",
                "less 是整天数，如 3d；钟点由 `at` 说明",
            )
        )


def check_marks(months: tuple[int, ...]) -> None:
    """ValueError where these are no months of a child's age, each once."""
    if len(set(months)) != len(months) or not all(0 <= one <= OLDEST for one in months):
        raise ValueError(
            Sentence(
                f"child_turns is a list of months from 0 to {OLDEST}, each once",
                f"child_turns 是 0 到 {OLDEST} 的月龄列表，不能重复",
            )
        )


@dataclass(frozen=True)
class After:
    """Again, once this long has passed since the last visit began."""

    after: timedelta


# Why something that could start a visit did not: stable codes, shown with these words.
REFUSALS: Mapping[str, Mapping[str, str]] = {
    "backfill": {"en": "history that was brought in", "zh": "导入的历史数据"},
    "unknown": {"en": "nobody is known by that", "zh": "查无此人"},
    "guest": {"en": "nobody knows whose it is", "zh": "无法识别顾客"},
    "too_old": {"en": "came too late", "zh": "事件已过时"},
    "known": {"en": "had this visit before", "zh": "已进入过"},
    "friend_already": {"en": "is a friend already", "zh": "已是好友"},
    "order_gone": {"en": "the order was cancelled or refunded", "zh": "订单已取消或退款"},
    "not_admitted": {"en": "the source does not admit this buyer", "zh": "不符合来源准入规则"},
    "under_way": {"en": "joined the visit under way", "zh": "并入进行中的流程"},
    "reentry": {"en": "too soon after the last time", "zh": "未到再次进入时间"},
    "pilot": {"en": "the pilot is full", "zh": "试点名额已满"},
    "playbook_budget": {"en": "the playbook's budget is used up", "zh": "打法预算已用完"},
}

# Why somebody of a wave was left out of it, beside those above.
LEFT_OUT: Mapping[str, Mapping[str, str]] = {
    "not_revealed": {"en": "the phone was not looked up in time", "zh": "手机号未及时查到"},
    "no_phone": {"en": "no phone, and none to look up", "zh": "没有手机号，也无处可查"},
    "ended": {"en": "the waves were ended first", "zh": "分波已先结束"},
}
