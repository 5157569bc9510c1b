"""The rules of contact, one claim each, then for any history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as but

from siyu.budget.actions import DEFAULT_CAPS, DEFAULT_HOURS
from siyu.budget.decide import rule
from siyu.budget.model import (
    REASONS,
    Cap,
    Facts,
    Had,
    Hold,
    Policy,
    Request,
    Ruling,
)
from siyu.kernel.time import Hours, Opening, opening, zone

SHANGHAI = zone("Asia/Shanghai")
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
PURPOSES = ("order_invitation", "promotion", "service")
GIVEN = {
    (channel, purpose): ("given", "consent")
    for channel in ("sms", "voice", "wecom")
    for purpose in PURPOSES
}
WILLING = Facts(consents=GIVEN, keys=frozenset({"phone", "external_userid"}))
POLICY = Policy(SHANGHAI, DEFAULT_CAPS, {key: opening(text) for key, text in DEFAULT_HOURS.items()})


def at(hour: int, minute: int = 0, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def a_request(touch_id: int = 1, channel: str = "sms", **other: object) -> Request:
    base = Request(touch_id, 7, "cascade", channel, "order_invitation", "shop-1")
    return but(base, **other)


def ruled(
    request: Request, facts: Facts = WILLING, policy: Policy = POLICY, now: datetime = NOON
) -> Ruling:
    return rule([request], {request.customer_id: facts}, policy, now)[0]


def test_a_willing_customer_at_noon_may_be_contacted_until_the_hours_end() -> None:
    assert ruled(a_request()) == Ruling(1, "allow", "", NOON, at(22))


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (but(WILLING, suppressed=(Hold("sms", "*", "asked", None),)), "suppressed"),
        (but(WILLING, suppressed=(Hold("*", "*", "asked", None),)), "suppressed"),
        (
            but(WILLING, suppressed=(Hold("sms", "*", "x", NOON + timedelta(days=1)),)),
            "suppressed",
        ),
        (but(WILLING, held_out=frozenset({"cascade"})), "holdout"),
        (but(WILLING, consents={}), "no_consent"),
        (
            but(WILLING, consents={("sms", "order_invitation"): ("withdrawn", "consent")}),
            "opted_out",
        ),
        (but(WILLING, keys=frozenset({"external_userid"})), "no_phone"),
        (but(WILLING, had=(Had("sms", "order_invitation", NOON),) * 6), "cap"),
    ],
)
def test_a_customer_is_left_alone_for_a_stated_reason(facts: Facts, reason: str) -> None:
    assert ruled(a_request(), facts) == Ruling(1, "withhold", reason)
    assert reason in REASONS


def test_a_suppression_that_has_ended_holds_nothing_back() -> None:
    facts = but(WILLING, suppressed=(Hold("sms", "*", "asked", NOON),))

    assert ruled(a_request(), facts).verdict == "allow"


def test_do_not_call_stops_both_kinds_of_calls_and_leaves_the_sms() -> None:
    facts = but(WILLING, suppressed=(Hold("voice", "*", "asked", None),))

    assert [ruled(a_request(channel=c), facts).verdict for c in ("voice_ai", "voice_human")] == [
        "withhold"
    ] * 2
    assert ruled(a_request(), facts).verdict == "allow"


def test_advertising_needs_a_yes_of_the_customers_own() -> None:
    contract = {("sms", purpose): ("given", "contract") for purpose in PURPOSES}
    facts = but(WILLING, consents=contract)

    assert ruled(a_request(purpose="promotion"), facts).reason == "no_consent"
    assert ruled(a_request(purpose="service"), facts).verdict == "allow"


def test_a_shops_policy_may_forbid_a_group_and_allow_one_of_it() -> None:
    policy = replace(POLICY, shops={("shop-1", "voice"): False, ("shop-1", "voice_ai"): True})

    assert ruled(a_request(channel="voice_human"), policy=policy).reason == "shop_policy"
    assert ruled(a_request(channel="voice_ai"), policy=policy).verdict == "allow"
    assert ruled(a_request(channel="voice_human", shop="shop-2"), policy=policy).verdict == "allow"


def test_a_wish_in_the_night_is_asked_again_in_the_morning() -> None:
    assert ruled(a_request(), now=at(23)) == Ruling(1, "allow_at", "quiet_hours", at(8, day=21))


def test_a_promise_that_ends_before_the_morning_is_withheld_at_once() -> None:
    request = a_request(valid_until=at(8, day=21))

    assert ruled(request, now=at(23)) == Ruling(1, "withhold", "promise_expired")


def test_a_promise_whose_cut_off_has_passed_is_withheld() -> None:
    assert ruled(a_request(valid_until=NOON)) == Ruling(1, "withhold", "promise_expired")


@pytest.mark.parametrize(
    ("channel", "purpose", "now", "verdict"),
    [
        ("sms", "order_invitation", at(8), "allow"),
        ("sms", "order_invitation", at(7, 59), "allow_at"),
        ("sms", "order_invitation", at(21, 59), "allow"),
        ("sms", "order_invitation", at(22), "allow_at"),
        ("voice_ai", "order_invitation", at(8, 30), "allow_at"),
        ("voice_human", "order_invitation", at(20, 59), "allow"),
        ("sms", "promotion", at(8, 30), "allow_at"),
        ("sms", "promotion", at(20), "allow_at"),
        ("sms", "service", at(20, 30), "allow"),
    ],
)
def test_the_most_specific_hours_hold(
    channel: str, purpose: str, now: datetime, verdict: str
) -> None:
    assert ruled(a_request(channel=channel, purpose=purpose), now=now).verdict == verdict


def test_nobody_is_woken_because_no_hours_were_set() -> None:
    policy = replace(POLICY, hours={})

    assert ruled(a_request(), policy=policy, now=at(8)).at == at(9)


def test_a_day_may_have_several_windows() -> None:
    policy = replace(POLICY, hours={("*", "*"): opening("10:00-12:00, 14:00-20:00")})

    assert ruled(a_request(), policy=policy, now=at(11)).until == at(12)
    assert ruled(a_request(), policy=policy, now=at(12)).at == at(14)
    assert ruled(a_request(), policy=policy, now=at(21)).at == at(10, day=21)


def test_an_answer_to_the_customers_own_message_waits_for_nothing() -> None:
    full = but(WILLING, consents={}, had=(Had("sms", "answer", at(3)),) * 50)

    assert ruled(a_request(purpose="answer"), full, now=at(3)) == Ruling(1, "allow", "", at(3))


def test_two_wishes_of_one_customer_cannot_both_spend_the_last_touch() -> None:
    facts = but(WILLING, had=(Had("sms", "order_invitation", NOON - timedelta(days=1)),) * 5)
    requests = [a_request(1, priority=1), a_request(2, priority=5)]

    first, second = rule(requests, {7: facts}, POLICY, NOON)

    assert (first.verdict, first.reason) == ("withhold", "cap")
    assert second.verdict == "allow"


def test_one_customers_wishes_take_nothing_from_another() -> None:
    policy = replace(POLICY, caps=(Cap("*", "*", 1, 1),))
    requests = [a_request(1), a_request(2, customer_id=8)]

    assert [r.verdict for r in rule(requests, {7: WILLING, 8: WILLING}, policy, NOON)] == [
        "allow",
        "allow",
    ]


# ── for any history ────────────────────────────────────────────────────────────────────────────

ZONES = st.sampled_from(
    ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=700)).map(
    lambda span: datetime(2026, 1, 1, tzinfo=UTC) + span
)
CHANNELS = st.sampled_from(["sms", "voice_ai", "voice_human", "wecom_request"])


@st.composite
def openings(draw: st.DrawFn) -> Opening:
    """One or two windows between five in the morning and eleven at night: clocks change earlier."""
    marks = sorted(draw(st.sets(st.integers(20, 92), min_size=2, max_size=4)))
    marks = marks[: len(marks) // 2 * 2]
    edges = [time(mark // 4, mark % 4 * 15) for mark in marks]
    return Opening(tuple(Hours(*pair) for pair in zip(edges[::2], edges[1::2], strict=True)))


def inside(moment: datetime, hours: Opening, policy: Policy) -> bool:
    local = moment.astimezone(policy.zone).time()
    return any(window.start <= local < window.end for window in hours.windows)


@given(ZONES, openings(), INSTANTS, CHANNELS)
def test_nothing_is_ever_allowed_outside_its_hours(
    name: str, hours: Opening, now: datetime, channel: str
) -> None:
    policy = Policy(zone(name), hours={("*", "*"): hours})

    ruling = ruled(a_request(channel=channel), policy=policy, now=now)

    assert ruling.verdict == ("allow" if inside(now, hours, policy) else "allow_at")
    assert ruling.at is not None
    assert inside(ruling.at, hours, policy)
    if ruling.verdict == "allow":
        assert ruling.until is not None
        assert inside(ruling.until - timedelta(seconds=1), hours, policy)
        assert now < ruling.until
    else:
        assert now < ruling.at <= now + timedelta(hours=25)


@given(ZONES, openings(), INSTANTS, st.timedeltas(timedelta(0), timedelta(days=2)))
def test_what_is_allowed_or_put_off_is_still_true_then(
    name: str, hours: Opening, now: datetime, left: timedelta
) -> None:
    policy = Policy(zone(name), hours={("*", "*"): hours})

    ruling = ruled(a_request(valid_until=now + left), policy=policy, now=now)

    assert ruling.verdict == "withhold" or (ruling.at is not None and ruling.at < now + left)


CAPS = st.lists(
    st.builds(
        Cap,
        st.sampled_from(["*", "sms", "voice", "voice_ai"]),
        st.sampled_from(["*", "order_invitation", "promotion"]),
        st.integers(1, 5),
        st.integers(0, 3),
        st.just("*"),
    ),
    min_size=1,
    max_size=3,
)
WANTED = st.lists(
    st.tuples(
        st.timedeltas(timedelta(0), timedelta(days=6)),
        st.sampled_from(["sms", "voice_ai", "voice_human"]),
        st.sampled_from(["order_invitation", "promotion"]),
        st.integers(0, 2),
    ),
    max_size=25,
)


@given(CAPS, WANTED)
def test_no_window_of_any_length_ever_holds_more_than_its_cap(
    caps: list[Cap], wanted: list[tuple[timedelta, str, str, int]]
) -> None:
    policy = Policy(SHANGHAI, tuple(caps), {("*", "*"): opening("00:00-23:59")})
    had: list[Had] = []
    for offset in sorted({want[0] for want in wanted}):
        batch = [want for want in wanted if want[0] == offset]
        requests = [
            a_request(place, channel=channel, purpose=purpose, priority=priority)
            for place, (_, channel, purpose, priority) in enumerate(batch)
        ]
        now = NOON + offset
        rulings = rule(requests, {7: but(WILLING, had=tuple(had))}, policy, now)
        had += [
            Had(request.channel, request.purpose, now)
            for request, ruling in zip(requests, rulings, strict=True)
            if ruling.verdict == "allow"
        ]

    for cap in caps:
        times = [one.at for one in had if counts_for(cap, one)]
        span = timedelta(days=cap.days)
        assert all(sum(end - span < at <= end for at in times) <= cap.most for end in times)


def counts_for(cap: Cap, one: Had) -> bool:
    """Written anew, on purpose, for three channels."""
    group = "voice" if one.channel in ("voice_ai", "voice_human") else one.channel
    return cap.channel in ("*", one.channel, group) and cap.purpose in ("*", one.purpose)


@given(st.permutations([(1, 0), (2, 3), (3, 1), (4, 2)]))
def test_the_order_in_which_wishes_come_in_decides_nothing(order: list[tuple[int, int]]) -> None:
    policy = replace(POLICY, caps=(Cap("*", "*", 1, 2),))
    requests = [a_request(touch, priority=priority) for touch, priority in order]

    rulings = rule(requests, {7: WILLING}, policy, NOON)

    assert [r.touch_id for r in rulings] == [touch for touch, _ in order]
    assert {r.touch_id for r in rulings if r.verdict == "allow"} == {2, 4}
