"""In any order: no limit is exceeded, no more would fit, no answer waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as but

from siyu.budget.decide import Shared, rule
from siyu.budget.model import (
    REASONS,
    Account,
    Cap,
    Facts,
    Had,
    Pace,
    Policy,
    Quota,
    Request,
    Ruling,
    period_at,
)
from siyu.kernel.time import opening, zone

SHANGHAI = zone("Asia/Shanghai")
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
PURPOSES = ("order_invitation", "promotion", "service")
GIVEN = {
    (channel, purpose): ("given", "consent")
    for channel in ("sms", "voice", "wecom")
    for purpose in PURPOSES
}
WILLING = Facts(consents=GIVEN, keys=frozenset({"phone", "external_userid"}))
OPEN = Policy(SHANGHAI, hours={("*", "*"): opening("00:00-23:59")})
CAPS = st.lists(
    st.builds(
        Cap,
        st.sampled_from(["*", "sms", "voice", "wecom_mass"]),
        st.sampled_from(["*", "service", "promotion"]),
        st.integers(1, 3),
        st.integers(0, 3),
        st.sampled_from(["*", "A4", "tag:vip", "A4+tag:vip"]),
    ),
    max_size=4,
)
QUOTAS = st.lists(
    st.builds(
        Quota,
        st.sampled_from(["*", "sms", "voice", "wecom_mass"]),
        st.sampled_from(["brand", "customer"]),
        st.sampled_from(["hour", "day", "week"]),
        st.integers(1, 4),
    ),
    max_size=3,
    unique_by=lambda quota: quota[:3],
)
WISHES = st.lists(
    st.builds(
        lambda channel, purpose, customer, lane, priority, value: Request(
            0, customer, "care", channel, purpose, "s", priority, lane, None, value, NOON
        ),
        st.sampled_from(["sms", "voice_ai", "wecom_mass"]),
        st.sampled_from(["service", "promotion", "answer"]),
        st.sampled_from([7, 8]),
        st.sampled_from(["now", "window"]),
        st.integers(1, 3),
        st.integers(0, 2),
    ),
    max_size=20,
)
LAYERS = {7: frozenset({"A4", "tag:vip"}), 8: frozenset({"A4"})}
Allowed = list[tuple[Request, datetime]]


class Brand:
    """Rules wish after wish as the sweep does, keeping what counts."""

    def __init__(self, caps: list[Cap], quotas: list[Quota], presses: int | None) -> None:
        pace = Pace(presses=presses)
        self.policy = replace(OPEN, caps=tuple(caps), quotas=tuple(quotas), pace=pace)
        self.allowed: Allowed = []

    def facts(self) -> dict[int, Facts]:
        return {
            customer: but(
                WILLING,
                layers=layers,
                had=tuple(
                    Had(one.channel, one.purpose, at, one.touch_id)
                    for one, at in self.allowed
                    if one.customer_id == customer
                ),
            )
            for customer, layers in LAYERS.items()
        }

    def guides(self, requests: list[Request]) -> dict[int, str]:
        if self.policy.pace.presses is None:
            return {}
        return {
            one.touch_id: f"g{one.customer_id}"
            for one in requests
            if one.channel == "wecom_mass" and one.purpose != "answer"
        }

    def left(self, requests: list[Request], now: datetime) -> dict[Account, int]:
        """Counted anew from what was allowed, as the accounts would."""
        left: dict[Account, int] = {}
        for quota in self.policy.quotas:
            starts, _ = period_at(quota.period, now, SHANGHAI)
            if quota.per == "brand":
                account = Account(f"channel:{quota.channel}", quota.period, starts)
                used = [1 for one, at in self.allowed if at >= starts and carried(quota, one)]
                left[account] = (quota.most or 0) - len(used)
        day, _ = period_at("day", now, SHANGHAI)
        for guide in set(self.guides(requests).values()):
            pressed = [
                1
                for one, at in self.allowed
                if at >= day and self.guides([one]).get(one.touch_id) == guide
            ]
            account = Account(f"guide:{guide}", "day", day)
            left[account] = (self.policy.pace.presses or 0) - len(pressed)
        return left

    def rule(self, requests: list[Request], now: datetime) -> list[Ruling]:
        shared = Shared(self.left(requests, now), self.guides(requests))
        rulings = rule(requests, self.facts(), self.policy, now, shared)
        pairs = zip(requests, rulings, strict=True)
        fresh = [(one, now) for one, ruling in pairs if ruling.verdict == "allow"]
        self.allowed += sorted(fresh, key=lambda pair: pair[0].purpose != "answer")
        return rulings


def carried(quota: Quota, one: Request) -> bool:
    group = "voice" if one.channel == "voice_ai" else "wecom" if "wecom" in one.channel else "sms"
    return quota.channel in ("*", one.channel, group)


def broken(brand: Brand, allowed: Allowed) -> list[object]:
    """What these touches, in their order, exceed; counted without the code under test."""
    policy = brand.policy
    found: list[object] = [
        (customer, cap)
        for customer, layers in LAYERS.items()
        for cap in policy.caps
        if speaks(cap, layers, policy.caps) and over_cap(cap, customer, allowed)
    ]
    found += [quota for quota in policy.quotas if over_quota(quota, allowed)]
    found += [one for one in LAYERS if over_presses(policy.pace.presses, one, allowed)]
    return found


def speaks(cap: Cap, layers: frozenset[str], caps: tuple[Cap, ...]) -> bool:
    same = [one for one in caps if one[:2] == cap[:2] and within(one, layers)]
    return within(cap, layers) and rank(cap) == max(map(rank, same))


def over_cap(cap: Cap, customer: int, allowed: Allowed) -> bool:
    named = Quota(cap.channel, "customer", "day", cap.most)
    times = [
        at
        for one, at in allowed
        if one.customer_id == customer
        and one.purpose in (PURPOSES if cap.purpose == "*" else (cap.purpose,))
        and carried(named, one)
    ]
    span = timedelta(days=cap.days)
    return any(sum(end - span < at <= end for at in times) > cap.most for end in times)


def over_quota(quota: Quota, allowed: Allowed) -> bool:
    """An answer counts for whoever comes after it, and is itself never too many."""
    counted = [(one, at) for one, at in allowed if carried(quota, one)]
    return any(
        sum(
            recent(quota, at, end)
            and (quota.per == "brand" or other.customer_id == one.customer_id)
            for other, at in counted[: place + 1]
        )
        > (quota.most or 0)
        for place, (one, end) in enumerate(counted)
        if one.purpose != "answer"
    )


def recent(quota: Quota, at: datetime, end: datetime) -> bool:
    if quota.per == "customer" and quota.period in ("hour", "day"):
        return at > end - timedelta(hours={"hour": 1, "day": 24}[quota.period])
    return at >= period_at(quota.period, end, SHANGHAI)[0]


def over_presses(presses: int | None, customer: int, allowed: Allowed) -> bool:
    days = [
        period_at("day", at, SHANGHAI)[0]
        for one, at in allowed
        if one.channel == "wecom_mass" and one.customer_id == customer and one.purpose != "answer"
    ]
    return presses is not None and any(days.count(day) > presses for day in days)


def within(cap: Cap, layers: frozenset[str]) -> bool:
    return cap.layer == "*" or set(cap.layer.split("+")) <= layers


def rank(cap: Cap) -> int:
    return ["*", "A4", "tag:vip", "A4+tag:vip"].index(cap.layer)


@given(CAPS, QUOTAS, st.none() | st.integers(1, 3), WISHES, st.data())
def test_no_limit_is_ever_exceeded_and_nothing_more_would_fit(
    caps: list[Cap],
    quotas: list[Quota],
    presses: int | None,
    wishes: list[Request],
    data: st.DataObject,
) -> None:
    brand = Brand(caps, quotas, presses)
    requests = [but(one, touch_id=place) for place, one in enumerate(wishes, 1)]
    at = NOON
    while requests:
        many = data.draw(st.integers(1, len(requests)))
        batch, requests = requests[:many], requests[many:]
        rulings = brand.rule(batch, at)

        assert broken(brand, brand.allowed) == []
        for one, ruling in zip(batch, rulings, strict=True):
            assert ruling.verdict == "allow" or one.purpose != "answer"
            assert ruling.verdict == "allow" or broken(brand, [*brand.allowed, (one, at)])
            assert ruling.reason in REASONS or ruling.verdict == "allow"
            assert (ruling.by is not None) == (ruling.reason == "outranked")
        at += timedelta(minutes=data.draw(st.integers(0, 200)) * 10)  # never 23:59, which is closed


@given(CAPS, QUOTAS, WISHES, st.randoms())
def test_the_order_in_which_a_batch_comes_decides_nothing(
    caps: list[Cap], quotas: list[Quota], wishes: list[Request], random: Random
) -> None:
    requests = [but(one, touch_id=place) for place, one in enumerate(wishes, 1)]
    shuffled = list(requests)
    random.shuffle(shuffled)

    one = Brand(caps, quotas, 2).rule(requests, NOON)
    other = Brand(caps, quotas, 2).rule(shuffled, NOON)

    assert {it.touch_id: it for it in one} == {it.touch_id: it for it in other}


@given(CAPS, QUOTAS, st.none() | st.integers(1, 3), WISHES)
def test_an_answer_waits_for_no_cap_hour_quota_window_or_press(
    caps: list[Cap], quotas: list[Quota], presses: int | None, wishes: list[Request]
) -> None:
    brand = Brand(caps, quotas, presses)
    brand.policy = replace(brand.policy, hours={("*", "*"): opening("10:00-11:00")})
    brand.policy = replace(brand.policy, pace=Pace(4, presses, 30))
    answers = [but(one, touch_id=n, purpose="answer") for n, one in enumerate(wishes, 1)]

    assert {ruling.verdict for ruling in brand.rule(answers, NOON)} <= {"allow"}
