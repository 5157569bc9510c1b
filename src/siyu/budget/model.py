"""The words of a ruling: a request, what is known of its customer, the policy, the answer."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from siyu.kernel.time import Hours, hours

ANY = "*"  # every channel, or every purpose
ANSWER = "answer"  # replies to a customer's own message: neither caps nor hours hold them back
Verdict = Literal["allow", "allow_at", "withhold"]

# Why a touch is not sent (or not now): stable codes, shown with these words.
REASONS: Mapping[str, Mapping[str, str]] = {
    "suppressed": {"en": "must not be contacted here", "zh": "已列入免打扰"},
    "holdout": {"en": "in the hold-out group", "zh": "对照组，不触达"},
    "no_consent": {"en": "no consent for this channel and purpose", "zh": "没有该渠道的同意"},
    "opted_out": {"en": "withdrew consent", "zh": "已退订"},
    "shop_policy": {"en": "the shop's policy forbids this channel", "zh": "店铺政策不允许该渠道"},
    "no_phone": {"en": "no phone is known", "zh": "没有手机号"},
    "no_account": {"en": "no account is known", "zh": "没有企业微信账号"},
    "promise_expired": {"en": "what it promises is no longer true", "zh": "承诺已过期"},
    "cap": {"en": "has had enough for these days", "zh": "已达触达上限"},
    "quiet_hours": {"en": "waits for the permitted hours", "zh": "等待可触达时段"},
}


class Request(NamedTuple):
    """A wish as the budget sees it."""

    touch_id: int
    customer_id: int
    journey: str
    channel: str
    purpose: str
    shop: str
    priority: int = 0
    lane: str = "now"
    valid_until: datetime | None = None


class Had(NamedTuple):
    """A touch that counts: channel, purpose and when it went (or will go) out."""

    channel: str
    purpose: str
    at: datetime


@dataclass(frozen=True)
class Facts:
    """What is known of one customer."""

    suppressed: Mapping[str, datetime | None] = field(default_factory=dict[str, "datetime | None"])
    held_out: AbstractSet[str] = frozenset()  # journeys
    consents: Mapping[tuple[str, str], tuple[str, str]] = field(
        default_factory=dict[tuple[str, str], tuple[str, str]]
    )
    keys: AbstractSet[str] = frozenset()  # kinds of keys that lead to the customer
    had: tuple[Had, ...] = ()


class Cap(NamedTuple):
    """At most `most` touches in any `days` days, of a channel, a group (voice, wecom) or `*`."""

    channel: str
    purpose: str
    days: int
    most: int


@dataclass(frozen=True)
class Opening:
    """The hours of a day in which a touch may go out: one window, or several."""

    windows: tuple[Hours, ...]

    def next(self, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The window that `now` is in, else the next: (opens or now, closes)."""
        return min(window.next(now, zone) for window in self.windows)


def opening(text: str) -> Opening:
    """`09:00-21:00`, or several: `10:00-12:00, 14:00-20:00`; ValueError says what would be right.

    >>> len(opening("10:00-12:00, 14:00-20:00").windows)
    2
    """
    return Opening(tuple(sorted(hours(part) for part in text.split(","))))


# Where nobody set hours: nobody is woken by an omission.
CAREFUL = Opening((Hours(time(9), time(20)),))


@dataclass(frozen=True)
class Policy:
    """The brand's rules. `shops` holds what is said about (shop, channel); unsaid is allowed."""

    zone: ZoneInfo
    caps: tuple[Cap, ...] = ()
    hours: Mapping[tuple[str, str], Opening] = field(default_factory=dict[tuple[str, str], Opening])
    shops: Mapping[tuple[str, str], bool] = field(default_factory=dict[tuple[str, str], bool])


class Ruling(NamedTuple):
    """The answer to a request. `allow`: until `until`. `allow_at`: ask again at `at`."""

    touch_id: int
    verdict: Verdict
    reason: str = ""
    at: datetime | None = None
    until: datetime | None = None
