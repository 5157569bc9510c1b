"""One ruling per request: the list of rules is the policy, the first that speaks wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.budget.model import (
    ANSWER,
    ANY,
    CAREFUL,
    Cap,
    Facts,
    Had,
    Opening,
    Policy,
    Request,
    Ruling,
)
from siyu.outbox.decide import no_address
from siyu.outbox.model import ADDRESS, consent_channel

# Which grounds carry which purpose; advertising needs a yes of the customer's own.
GROUNDS: Mapping[str, frozenset[str]] = {
    "promotion": frozenset({"consent"}),
    "order_invitation": frozenset({"consent", "contract", "legitimate_interest"}),
    "service": frozenset({"consent", "contract", "legitimate_interest"}),
}


class Case(NamedTuple):
    """One request with all that bears on it; `had` grows as others of the customer are allowed."""

    request: Request
    facts: Facts
    had: tuple[Had, ...]
    policy: Policy
    now: datetime


def rule(
    requests: Sequence[Request], facts: Mapping[int, Facts], policy: Policy, now: datetime
) -> list[Ruling]:
    """Urgent ones first: what is allowed leaves less for the rest of the same customer."""
    had: dict[int, tuple[Had, ...]] = {}
    rulings: dict[int, Ruling] = {}
    for request in sorted(requests, key=_urgency):
        known = facts.get(request.customer_id, Facts())
        before = had.setdefault(request.customer_id, known.had)
        ruling = _ruled(Case(request, known, before, policy, now))
        rulings[request.touch_id] = ruling
        if ruling.verdict == "allow":
            now_had = Had(request.channel, request.purpose, now)
            had[request.customer_id] = (*before, now_had)
    return [rulings[request.touch_id] for request in requests]


def _urgency(request: Request) -> tuple[bool, str, int, int]:
    return request.purpose != ANSWER, request.lane, -request.priority, request.touch_id


def _ruled(case: Case) -> Ruling:
    for speak in RULES:
        said = speak(case)
        if said is not None:
            return said
    return _allowed(case)


def _withhold(case: Case, reason: str) -> Ruling:
    return Ruling(case.request.touch_id, "withhold", reason)


def _suppressed(case: Case) -> Ruling | None:
    for name in _names(case.request.channel):
        if name in case.facts.suppressed:
            until = case.facts.suppressed[name]
            if until is None or until > case.now:
                return _withhold(case, "suppressed")
    return None


def _held_out(case: Case) -> Ruling | None:
    bound = case.request.purpose not in (ANSWER, "service")
    if bound and case.request.journey in case.facts.held_out:
        return _withhold(case, "holdout")
    return None


def _without_consent(case: Case) -> Ruling | None:
    channel, purpose = consent_channel(case.request.channel), case.request.purpose
    if purpose == ANSWER:
        return None
    state, basis = case.facts.consents.get((channel, purpose), ("", ""))
    if state == "withdrawn":
        return _withhold(case, "opted_out")
    if state != "given" or basis not in GROUNDS.get(purpose, frozenset({"consent"})):
        return _withhold(case, "no_consent")
    return None


def _against_shop_policy(case: Case) -> Ruling | None:
    said = [
        case.policy.shops.get((case.request.shop, name)) for name in _names(case.request.channel)
    ]
    most_specific = next((allowed for allowed in said if allowed is not None), True)
    return None if most_specific else _withhold(case, "shop_policy")


def _unreachable(case: Case) -> Ruling | None:
    channel = case.request.channel
    if channel in ADDRESS and ADDRESS[channel] not in case.facts.keys:
        return _withhold(case, no_address(channel))
    return None


def _expired(case: Case) -> Ruling | None:
    until = case.request.valid_until
    return _withhold(case, "promise_expired") if until is not None and until <= case.now else None


def _capped(case: Case) -> Ruling | None:
    if case.request.purpose == ANSWER:
        return None
    full = any(_full(cap, case) for cap in case.policy.caps if _concerns(cap, case.request))
    return _withhold(case, "cap") if full else None


def _full(cap: Cap, case: Case) -> bool:
    """Whether one more now would make some window of `days` hold more than `most`."""
    span = timedelta(days=cap.days)
    times = sorted([*(had.at for had in case.had if _concerns(cap, had)), case.now])
    ends = [end for end in times if case.now <= end < case.now + span]
    return any(sum(end - span < at <= end for at in times) > cap.most for end in ends)


def spent(cap: Cap, had: Sequence[Had], now: datetime) -> int:
    """How many of these touches count in the window of a cap that ends now, or are to go out."""
    return sum(_concerns(cap, one) and one.at > now - timedelta(days=cap.days) for one in had)


def _concerns(cap: Cap, touch: Request | Had) -> bool:
    return cap.channel in _names(touch.channel) and cap.purpose in (touch.purpose, ANY)


def _outside_hours(case: Case) -> Ruling | None:
    request = case.request
    if request.purpose == ANSWER:
        return None
    opens, _ = hours_for(case.policy, request).next(case.now, case.policy.zone)
    if opens <= case.now:
        return None
    if request.valid_until is not None and request.valid_until <= opens:
        return _withhold(case, "promise_expired")
    return Ruling(request.touch_id, "allow_at", "quiet_hours", opens)


# The policy, in order. Reasons that are about the person come before those about the hour.
RULES: tuple[Callable[[Case], Ruling | None], ...] = (
    _suppressed,
    _held_out,
    _without_consent,
    _against_shop_policy,
    _unreachable,
    _expired,
    _capped,
    _outside_hours,
)


def _allowed(case: Case) -> Ruling:
    if case.request.purpose == ANSWER:
        return Ruling(case.request.touch_id, "allow", at=case.now)
    _, closes = hours_for(case.policy, case.request).next(case.now, case.policy.zone)
    return Ruling(case.request.touch_id, "allow", at=case.now, until=closes)


def hours_for(policy: Policy, request: Request) -> Opening:
    """The most specific hours: of the channel, its group, all; each by purpose first."""
    for name in _names(request.channel):
        for purpose in (request.purpose, ANY):
            if (name, purpose) in policy.hours:
                return policy.hours[name, purpose]
    return CAREFUL


def _names(channel: str) -> tuple[str, str, str]:
    """Under which a rule may name a channel, the most specific first: voice_ai, voice, *."""
    return channel, consent_channel(channel), ANY
