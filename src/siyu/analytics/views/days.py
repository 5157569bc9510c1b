"""The days that a report looks at: those asked for, else the last ones."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, NamedTuple

from siyu.analytics.model import LONGEST_PERIOD
from siyu.analytics.model.answer import Ask, Sources
from siyu.kernel.errors import Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import moment, zone

Since = Annotated[
    date | None,
    Ask(
        Sentence("From", "开始日期"),
        Sentence("The first day; empty: the usual length.", "第一天；留空按默认长度。"),
    ),
]
Until = Annotated[
    date | None,
    Ask(
        Sentence("To", "结束日期"),
        Sentence("The last day, within; empty: today.", "最后一天（含）；留空为今天。"),
    ),
]


KnownUntil = Annotated[
    date | None,
    Ask(
        Sentence("Known up to", "数据截至"),
        Sentence(
            "What was known at the end of this day; empty: today.",
            "以这一天结束时已知的数据为准；留空为今天。",
        ),
    ),
]
EARLIEST = date(1990, 1, 1)  # nobody sold anything to a friend before


class Days(NamedTuple):
    """Whole days by the brand's clocks, both within, and the moments at which they begin and end
    (not within)."""

    first: date
    last: date
    begin: datetime
    end: datetime

    @property
    def many(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


def check(since: date | None, until: date | None) -> None:
    """ValueError where they can't be."""
    if until is not None and until < EARLIEST:
        raise ValueError(
            Sentence(f"`until` must not lie before {EARLIEST}", f"`until` 不能早于 {EARLIEST}")
        )
    if since is None or until is None:
        return
    if since > until:
        raise ValueError(Sentence("`since` must not lie after `until`", "`since` 不能晚于 `until`"))


def end_of(of: Sources, day: date) -> datetime:
    """The midnight after a day of the brand's, or now, where that is sooner."""
    return min(moment(day + timedelta(days=1), time(), zone(of.brand.time_zone)), of.now)


def days(of: Sources, since: date | None, until: date | None, usual: int) -> Days:
    """These, else so many up to today."""
    last = until or of.today
    first = since or last - timedelta(days=usual - 1)
    if not 0 <= (last - first).days < LONGEST_PERIOD:
        raise Refused(
            Sentence(
                f"The days must follow each other and be at most {LONGEST_PERIOD}.",
                f"日期必须先后有序，且最多 {LONGEST_PERIOD} 天。",
            )
        )
    local = zone(of.brand.time_zone)
    begin, end = (moment(day, time(), local) for day in (first, last + timedelta(days=1)))
    return Days(first, last, begin, end)
