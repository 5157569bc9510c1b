"""The words of a ruling: a request, what is known of its customer, the policy, the answer."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from siyu.kernel.sentence import Sentence
from siyu.kernel.time import Opening
from siyu.outbox.model import ANY, names

ANSWER = "answer"  # replies to a customer's own message: neither caps nor hours hold them back
SERVICE = "service"
Verdict = Literal["allow", "allow_at", "withhold"]
Per = Literal["customer", "brand"]
Period = Literal["hour", "day", "week", "month"]
DAY = 24  # hours
LOOKS_BACK: Mapping[Period, int] = {"hour": 1, "day": 1, "week": 7, "month": 31}  # days
# What a rule may name: channels of the domain, groups of them, purposes.
CHANNELS = (
    "sms", "voice_ai", "voice_human", "wecom_request", "wecom_message", "wecom_welcome",
    "wecom_mass", "moments", "group_message", "parcel_insert", "wechat_oa", "mini_program",
)  # fmt: skip
GROUPS = ("voice", "wecom")
PURPOSES = (ANY, "order_invitation", "promotion", "service")
# A guide has to press before these go out.
PRESSED = frozenset({"voice_human", "wecom_request", "wecom_mass", "wecom_message"})
# Who has the same text from the same guide in one quarter of an hour gets it by one press, as the
# carrier's assistant sends it.
TOGETHER = timedelta(minutes=15)

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
    "open_complaint": {"en": "has a complaint that is not settled", "zh": "投诉未结，暂停营销"},
    "deleted": {"en": "deleted us on WeCom", "zh": "客户已删除好友"},
    "cooldown": {"en": "refused a call, or deleted us, not long ago", "zh": "拒接或删除后的冷静期"},
    "window": {"en": "waits for what else there is to say", "zh": "等待同窗口内的其他触达"},
    "outranked": {"en": "another touch mattered more", "zh": "让位于更重要的触达"},
    "quota": {"en": "the carrier's quota is used up", "zh": "渠道配额已用完"},
    "in_group": {"en": "is in such a group already", "zh": "已在同类群中"},
    "apart": {"en": "is in a group that is kept apart from these", "zh": "已在互斥的群中"},
    "playbook_budget": {"en": "the playbook's budget is used up", "zh": "打法预算已用完"},
    "no_guide": {
        "en": "none of the guides who work for this playbook is their friend",
        "zh": "负责该打法的导购都不是其好友",
    },
    "presses": {"en": "the guide has enough to press today", "zh": "导购当日发送已满"},
}


class Request(Struct, frozen=True):
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
    value: int = 0
    wished_at: datetime | None = None
    order_no: str = ""
    material: str = ""
    invites: str = ""
    promise_id: int | None = None


class Had(NamedTuple):
    """A touch that counts: channel, purpose and when it went (or will go) out."""

    channel: str
    purpose: str
    at: datetime
    touch_id: int = 0


class Hold(NamedTuple):
    """Where, and for what, a customer must not be contacted; None is for good."""

    channel: str
    purpose: str
    reason: str
    until: datetime | None


# A hold for one of these reasons is told as such.
TOLD = frozenset({"open_complaint", "opted_out", "deleted", "cooldown"})


def barred(holds: Iterable[Hold], channel: str, purpose: str, at: datetime) -> str:
    """Why somebody who is so set apart is not contacted then; empty: they may be."""
    reasons = [
        hold.reason
        for hold in holds
        if hold.channel in names(channel)
        and hold.purpose in (purpose, ANY)
        and (hold.until is None or hold.until > at)
    ]
    if not reasons:
        return ""
    return reasons[0] if TOLD.issuperset(reasons) else "suppressed"


class Facts(Struct, frozen=True):
    """What is known of one customer."""

    suppressed: tuple[Hold, ...] = ()
    held_out: AbstractSet[str] = frozenset()  # journeys; `service:CODE` where services are, too
    consents: Mapping[tuple[str, str], tuple[str, str]] = {}
    keys: AbstractSet[str] = frozenset()  # kinds of keys that lead to the customer
    had: tuple[Had, ...] = ()
    layers: AbstractSet[str] = frozenset()  # those that caps speak of: A4, tag:vip
    deleted_at: datetime | None = None  # by the customer, who is nobody's friend since
    refused_at: datetime | None = None  # the last call that was refused
    closed: Mapping[str, str] = {}  # purpose of groups they are not invited into → why


class Cap(NamedTuple):
    """At most `most` touches in any `days` days, of a channel, a group (voice, wecom) or `*`.

    `layer` says of whom: `*`, a stage (`A4`), a tag (`tag:vip`), or both (`A4+tag:vip`).
    """

    channel: str
    purpose: str
    days: int
    most: int
    layer: str = ANY

    def bounds(self, channel: str, purpose: str) -> bool:
        """Whether it speaks of such touches."""
        return self.channel in names(channel) and self.purpose in (purpose, ANY)


_LAYER = re.compile(r"(A[1-5])?(?:(?<=\d)\+(?=tag:.))?(tag:.+)?", re.DOTALL)


def layer(text: str) -> tuple[str, ...]:
    """What a customer must be to belong to it; ValueError says what would be right.

    >>> layer("*"), layer("A4"), layer("tag:vip"), layer("A4+tag:vip")
    ((), ('A4',), ('tag:vip',), ('A4', 'tag:vip'))
    """
    if text == ANY:
        return ()
    found = _LAYER.fullmatch(text)
    parts = tuple(part for part in found.groups() if part) if found else ()
    if not parts or "+".join(parts) != text:
        raise ValueError(
            Sentence(
                f"{text!r} is no layer; write * or A4 or tag:vip or A4+tag:vip",
                f"{text!r} 不是分层；请写 *、A4、tag:vip 或 A4+tag:vip",
            )
        )
    return parts


class Quota(NamedTuple):
    """At most `most` in a period of a carrier, per customer or in all; None: one per day."""

    channel: str
    per: Per
    period: Period
    most: int | None

    def room(self, starts: datetime, zone: ZoneInfo) -> int:
        """How many fit into the period that starts then."""
        local = starts.astimezone(zone)
        return monthrange(local.year, local.month)[1] if self.most is None else self.most


class Account(NamedTuple):
    """What all customers share in one period: a channel's quota, a guide's presses."""

    name: str
    period: Period
    starts: datetime


def together_at(now: datetime) -> tuple[datetime, datetime]:
    """The quarter of an hour whose messages of one text go out together, at its end."""
    starts = now - (now - datetime.min.replace(tzinfo=UTC)) % TOGETHER
    return starts, starts + TOGETHER


def bundle_at(guide: str, material: str, now: datetime) -> Account:
    """Where those are counted whom one press of a guide serves."""
    return Account(f"bundle:{guide}:{material}", "hour", together_at(now)[0])


def period_at(period: Period, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The period by the clocks of a zone that `now` is in: (starts, ends), in UTC."""
    if period == "hour":
        past = timedelta(minutes=(local := now.astimezone(zone)).minute, seconds=local.second)
        starts = now - past - timedelta(microseconds=now.microsecond)
        return starts, starts + timedelta(hours=1)
    first = now.astimezone(zone).date()
    if period == "week":
        first -= timedelta(days=first.weekday())
    if period == "month":
        first = first.replace(day=1)
    days = {"day": 1, "week": 7, "month": monthrange(first.year, first.month)[1]}[period]
    starts, ends = (
        datetime.combine(day, time(0), zone).astimezone(UTC)
        for day in (first, first + timedelta(days=days))
    )
    return starts, ends


class Pace(NamedTuple):
    """How fast a brand goes. `window_hours` 0: no wish waits; `presses` None: no limit."""

    window_hours: int = 0
    presses: int | None = None
    cooldown_days: int = 0


AT_ONCE = Pace()


def window_end(wished_at: datetime, hours: int, zone: ZoneInfo) -> datetime:
    """Days are cut into windows of so many hours from midnight on: when that of a wish closes."""
    if hours == 0:
        return wished_at
    local = wished_at.astimezone(zone)
    end = (local.hour // hours + 1) * hours
    day = local.date() + timedelta(days=int(end >= DAY))
    return datetime.combine(day, time(0 if end >= DAY else end), zone).astimezone(UTC)


@dataclass(frozen=True)
class Policy:
    """The brand's rules. `shops` holds what is said about (shop, channel); unsaid is allowed."""

    zone: ZoneInfo
    caps: tuple[Cap, ...] = ()
    hours: Mapping[tuple[str, str], Opening] = field(default_factory=dict[tuple[str, str], Opening])
    shops: Mapping[tuple[str, str], bool] = field(default_factory=dict[tuple[str, str], bool])
    quotas: tuple[Quota, ...] = ()
    pace: Pace = AT_ONCE

    def binding(self, channel: str, purpose: str, layers: AbstractSet[str]) -> tuple[Cap, ...]:
        """The caps that bind such touches of a customer in these layers."""
        return tuple(cap for cap in self.speaking(layers) if cap.bounds(channel, purpose))

    def speaking(self, layers: AbstractSet[str]) -> tuple[Cap, ...]:
        """The caps that bind a customer in these layers.

        Caps of different channels and purposes bound different sets of touches, and all hold.
        Of those for one channel and purpose the customer's most specific layer speaks, with all
        its spans: a stage with a tag, a tag, a stage, everybody. Two as specific both hold.
        """
        mine: dict[tuple[str, str], dict[tuple[bool, bool], list[Cap]]] = {}
        for cap in self.caps:
            parts = layer(cap.layer)
            if layers >= set(parts):
                tags = sum(part.startswith("tag:") for part in parts)
                rank = tags > 0, len(parts) > tags
                mine.setdefault((cap.channel, cap.purpose), {}).setdefault(rank, []).append(cap)
        return tuple(cap for ranks in mine.values() for cap in ranks[max(ranks)])

    def account(self, quota: Quota, now: datetime) -> Account:
        """Where a brand's quota is counted now."""
        starts, _ = period_at(quota.period, now, self.zone)
        return Account(f"channel:{quota.channel}", quota.period, starts)

    def accounts(self, channel: str, guide: str | None, now: datetime) -> tuple[Account, ...]:
        """Where a touch is counted that goes out now. Answers are, too: carriers do so."""
        if guide is None and not self.quotas:
            return ()
        called = names(channel)
        drawn = [
            self.account(quota, now)
            for quota in self.quotas
            if quota.per == "brand" and quota.channel in called
        ]
        if guide is not None:
            drawn.append(Account(f"guide:{guide}", "day", period_at("day", now, self.zone)[0]))
        return tuple(drawn)


class Pays(NamedTuple):
    """What a touch is expected to cost, and which playbook pays it. `gift_minor`: what it promises,
    where nobody has reckoned with that promise yet."""

    playbook: str
    kind: str
    minor: int
    promise_id: int | None = None
    gift_minor: int = 0

    @property
    def in_all(self) -> int:
        """Both."""
        return self.minor + self.gift_minor


class Money(NamedTuple):
    """Who pays for which journey, what each has left (in all, today; None: no bound), what each
    touch is expected to cost."""

    payers: Mapping[str, str]
    left: Mapping[str, tuple[int | None, int | None]]
    costs: Mapping[int, Pays]


NO_MONEY = Money({}, {}, {})


class Ruling(Struct, frozen=True):
    """The answer to a request. `allow`: until `until`. `allow_at`: ask again at `at`.

    `by` is the touch that outranked it, `uses` what it takes of what all customers share, `pays`
    what it is expected to cost. `short`: the playbook that has too little left for it.
    """

    touch_id: int
    verdict: Verdict
    reason: str = ""
    at: datetime | None = None
    until: datetime | None = None
    by: int | None = None
    uses: tuple[Account, ...] = ()
    pays: Pays | None = None
    short: str = ""

    @property
    def counted(self) -> bool:
        """Whether it takes of anything that comes back should it end before it leaves."""
        return bool(self.uses) or self.pays is not None
