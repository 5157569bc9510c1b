"""Layers, holds, carrier quotas, presses and windows: one claim each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as but

from siyu.budget.decide import Shared, presser, rule, spent
from siyu.budget.model import (
    Account,
    Cap,
    Facts,
    Had,
    Hold,
    Pace,
    Period,
    Policy,
    Quota,
    Request,
    Ruling,
    layer,
    period_at,
    window_end,
)
from siyu.kernel.time import opening, zone

SHANGHAI = zone("Asia/Shanghai")
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
PURPOSES = ("order_invitation", "promotion", "service")
GIVEN = {
    (channel, purpose): ("given", "consent")
    for channel in ("sms", "voice", "wecom")
    for purpose in PURPOSES
}
WILLING = Facts(consents=GIVEN, keys=frozenset({"phone", "external_userid"}))
OPEN = Policy(SHANGHAI, hours={("*", "*"): opening("00:00-23:59")})


def a_request(touch_id: int = 1, channel: str = "sms", **other: object) -> Request:
    base = Request(touch_id, 7, "care", channel, "promotion", "shop-1", wished_at=NOON)
    return but(base, **other)


def ruled(
    request: Request, facts: Facts = WILLING, policy: Policy = OPEN, now: datetime = NOON
) -> Ruling:
    return rule([request], {request.customer_id: facts}, policy, now)[0]


# ── layers ─────────────────────────────────────────────────────────────────────────────────────

LAYERED = replace(
    OPEN,
    caps=(
        Cap("*", "promotion", 7, 1),
        Cap("*", "promotion", 7, 2, "A4"),
        Cap("*", "promotion", 7, 3, "tag:vip"),
        Cap("*", "promotion", 7, 4, "A4+tag:vip"),
        Cap("*", "promotion", 7, 0, "tag:tired"),
    ),
)


@pytest.mark.parametrize(
    ("layers", "most"),
    [
        (set[str](), 1),
        ({"A3"}, 1),
        ({"A4"}, 2),
        ({"tag:vip"}, 3),
        ({"A4", "tag:vip"}, 4),
        ({"tag:vip", "tag:tired"}, 0),
        ({"A4", "tag:tired"}, 0),
    ],
)
def test_of_caps_for_the_same_touches_the_most_specific_layers_hold(
    layers: set[str], most: int
) -> None:
    facts = but(WILLING, layers=frozenset(layers))
    requests = [a_request(number) for number in range(1, 7)]

    rulings = rule(requests, {7: facts}, LAYERED, NOON)

    assert [r.verdict for r in rulings].count("allow") == most


@given(st.lists(st.integers(-200, 200), max_size=8), st.integers(0, 6), st.integers(1, 7))
def test_what_is_left_of_a_cap_is_what_the_next_ruling_allows(
    hours: list[int], most: int, days: int
) -> None:
    had = tuple(Had("sms", "promotion", NOON + timedelta(hours=hour)) for hour in hours)
    cap = Cap("*", "*", days, most)
    requests = [a_request(number) for number in range(1, 9)]

    rulings = rule(requests, {7: but(WILLING, had=had)}, replace(OPEN, caps=(cap,)), NOON)

    left = max(0, most - spent(cap, had, NOON))
    assert [one.verdict for one in rulings].count("allow") == left


def test_a_layers_cap_for_other_touches_takes_nothing_away() -> None:
    policy = replace(OPEN, caps=(Cap("*", "*", 1, 1), Cap("sms", "promotion", 1, 5, "tag:vip")))
    facts = but(WILLING, layers=frozenset({"tag:vip"}))

    rulings = rule([a_request(1), a_request(2)], {7: facts}, policy, NOON)

    assert [r.reason for r in rulings] == ["", "cap"]


@pytest.mark.parametrize("text", ["", "A6", "vip", "tag:", "A4+", "A4tag:vip", "tag:vip+A4+", "**"])
def test_what_is_no_layer_is_refused_in_words(text: str) -> None:
    if text.startswith("tag:vip"):  # a tag may be called so
        assert layer(text) == (text,)
        return
    with pytest.raises(ValueError, match="A4\\+tag:vip"):
        layer(text)


# ── holds ──────────────────────────────────────────────────────────────────────────────────────


def test_an_open_complaint_holds_promotion_and_nothing_else() -> None:
    facts = but(WILLING, suppressed=(Hold("*", "promotion", "open_complaint", None),))

    assert ruled(a_request(), facts) == Ruling(1, "withhold", "open_complaint")
    assert ruled(a_request(purpose="service"), facts).verdict == "allow"
    assert ruled(a_request(purpose="answer"), facts).verdict == "allow"


def test_who_deleted_us_is_left_alone_on_wecom_and_rested_from_calls() -> None:
    facts = but(WILLING, deleted_at=NOON - timedelta(days=3))
    policy = replace(OPEN, pace=Pace(cooldown_days=7))

    said = {
        channel: ruled(a_request(channel=channel), facts, policy).reason
        for channel in ("sms", "voice_ai", "wecom_message", "wecom_request")
    }

    assert said == {
        "sms": "", "voice_ai": "cooldown", "wecom_message": "deleted", "wecom_request": "deleted"
    }  # fmt: skip
    assert (
        ruled(a_request(channel="voice_ai"), facts, policy, NOON + timedelta(days=4)).reason == ""
    )


def test_after_a_refused_call_no_other_for_as_long_as_the_brand_says() -> None:
    facts = but(WILLING, refused_at=NOON - timedelta(days=6))
    policy = replace(OPEN, pace=Pace(cooldown_days=7))
    call = a_request(channel="voice_human")

    assert ruled(call, facts, policy) == Ruling(1, "withhold", "cooldown")
    assert ruled(call, facts, policy, NOON + timedelta(days=1)).verdict == "allow"
    assert ruled(a_request(), facts, policy).verdict == "allow"


# ── quotas ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("quota", "ages", "frees"),
    [
        (Quota("sms", "customer", "hour", 2), [50, 10], NOON + timedelta(minutes=10)),
        (Quota("sms", "customer", "hour", 2), [60, 10], None),
        (Quota("sms", "customer", "day", 1), [60 * 13], NOON + timedelta(hours=11)),
        (Quota("sms", "customer", "week", 1), [60 * 24 * 4], MIDNIGHT + timedelta(days=3)),
        (Quota("sms", "customer", "week", 1), [60 * 24 * 5], None),  # a Sunday
        (Quota("sms", "customer", "month", 1), [60 * 24 * 19], MIDNIGHT + timedelta(days=11)),
        (Quota("voice", "customer", "month", 1), [60], None),
    ],
)
def test_a_customers_quota_frees_again(
    quota: Quota, ages: list[int], frees: datetime | None
) -> None:
    had = tuple(Had("sms", "service", NOON - timedelta(minutes=age)) for age in ages)
    policy = replace(OPEN, quotas=(quota,))

    ruling = ruled(a_request(), but(WILLING, had=had), policy)

    wanted = Ruling(1, "allow_at", "quota", frees)
    assert ruling.verdict == "allow" if frees is None else ruling == wanted


def test_wecom_lets_as_many_mass_sends_through_as_the_month_has_days() -> None:
    policy = replace(OPEN, quotas=(Quota("wecom_mass", "customer", "month", None),))
    had = tuple(Had("wecom_mass", "service", NOON - timedelta(hours=hour)) for hour in range(30))
    mass = a_request(channel="wecom_mass")

    assert ruled(mass, but(WILLING, had=had[1:]), policy).verdict == "allow"
    assert ruled(mass, but(WILLING, had=had), policy).reason == "quota"
    in_february = datetime(2027, 2, 10, tzinfo=UTC)
    assert policy.quotas[0].room(in_february, SHANGHAI) == 28


def test_what_would_not_be_true_in_the_next_period_is_withheld() -> None:
    sms = Account("channel:sms", "day", MIDNIGHT)
    policy = replace(OPEN, quotas=(Quota("sms", "brand", "day", 5),))
    tomorrow = MIDNIGHT + timedelta(days=1)
    requests = [a_request(1), a_request(2, valid_until=tomorrow), a_request(3, purpose="answer")]

    rulings = rule(requests, {7: WILLING}, policy, NOON, Shared({sms: 0}, {}))

    assert rulings == [
        Ruling(1, "allow_at", "quota", tomorrow),
        Ruling(2, "withhold", "quota"),
        Ruling(3, "allow", "", NOON, uses=(sms,)),
    ]


def test_what_a_quota_defers_waits_for_the_permitted_hours_as_well() -> None:
    hours = {("*", "*"): opening("09:00-20:00")}
    policy = replace(OPEN, hours=hours, quotas=(Quota("*", "brand", "day", 5),))
    left = {Account("channel:*", "day", MIDNIGHT): 0}

    (ruling,) = rule([a_request()], {7: WILLING}, policy, NOON, Shared(left, {}))

    assert ruling.at == MIDNIGHT + timedelta(days=1, hours=9)


def test_a_guide_who_has_pressed_enough_goes_on_tomorrow_with_the_longest_waiting_first() -> None:
    policy = replace(OPEN, pace=Pace(presses=1))
    guides = {1: "li", 2: "li", 3: "wang"}
    left = {Account(f"guide:{code}", "day", MIDNIGHT): 1 for code in ("li", "wang")}
    requests = [a_request(touch, "wecom_mass") for touch in (2, 3, 1)]

    rulings = rule(requests, {7: WILLING}, policy, NOON, Shared(left, guides))

    assert [(r.touch_id, r.verdict, r.reason) for r in rulings] == [
        (2, "allow_at", "presses"),
        (3, "allow", ""),
        (1, "allow", ""),
    ]


def test_the_guide_whose_friend_the_customer_is_presses() -> None:
    mass = a_request(channel="wecom_mass", order_no="T1")
    call = a_request(channel="voice_human", order_no="T1")
    friends = {7: ["li", "wang"]}

    assert presser(mass, friends, ["zhao"]) == "li"
    assert presser(mass, {}, ["zhao"]) == "zhao"
    assert presser(call, friends, ["zhao"]) == "zhao"
    assert presser(call, friends, []) is None


@pytest.mark.parametrize(
    ("period", "starts", "ends"),
    [
        ("hour", NOON, NOON + timedelta(hours=1)),
        ("day", MIDNIGHT, MIDNIGHT + timedelta(days=1)),
        ("week", MIDNIGHT - timedelta(days=4), MIDNIGHT + timedelta(days=3)),
        ("month", MIDNIGHT - timedelta(days=19), MIDNIGHT + timedelta(days=11)),
    ],
)
def test_periods_are_those_of_the_brands_clocks(
    period: Period, starts: datetime, ends: datetime
) -> None:
    assert period_at(period, NOON + timedelta(minutes=59), SHANGHAI) == (starts, ends)


@given(
    st.sampled_from(get_args(Period)),
    st.sampled_from(["Asia/Shanghai", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"]),
    st.timedeltas(timedelta(0), timedelta(days=700)),
)
def test_a_period_holds_its_moment_and_the_next_begins_where_it_ends(
    period: Period, name: str, span: timedelta
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + span

    starts, ends = period_at(period, now, zone(name))

    assert starts <= now < ends
    assert period_at(period, ends, zone(name))[0] == ends
    assert period_at(period, ends - timedelta(microseconds=1), zone(name)) == (starts, ends)


# ── windows ────────────────────────────────────────────────────────────────────────────────────

TWO_HOURS = Pace(window_hours=2)
CLOSED = NOON + timedelta(hours=2)


def in_window(touch_id: int, **other: Any) -> Request:
    return a_request(touch_id, lane="window", **other)


def test_a_wish_in_a_window_waits_until_it_closes_and_the_others_have_come() -> None:
    policy = replace(OPEN, pace=TWO_HOURS)

    assert ruled(in_window(1), policy=policy) == Ruling(1, "allow_at", "window", CLOSED)
    assert ruled(in_window(1), policy=policy, now=CLOSED).verdict == "allow"
    assert ruled(a_request(), policy=policy).verdict == "allow"  # lane `now`
    assert ruled(in_window(1), policy=OPEN).verdict == "allow"  # no window is set
    soon = in_window(1, valid_until=CLOSED)
    assert ruled(soon, policy=policy).verdict == "allow"  # it would not be true any more


def test_the_higher_priority_and_value_wins_and_the_loser_learns_by_what() -> None:
    policy = replace(OPEN, pace=TWO_HOURS, caps=(Cap("*", "*", 1, 1),))
    requests = [
        in_window(1, priority=5, value=900),
        in_window(2, priority=6),
        in_window(3, priority=5, value=901),
    ]

    rulings = rule(requests, {7: WILLING}, policy, CLOSED)
    without_two = rule([requests[0], requests[2]], {7: WILLING}, policy, CLOSED)

    assert [(r.reason, r.by) for r in rulings] == [("outranked", 2), ("", None), ("outranked", 2)]
    assert [(r.reason, r.by) for r in without_two] == [("outranked", 3), ("", None)]


def test_who_had_enough_before_the_wish_was_outranked_by_nothing() -> None:
    policy = replace(OPEN, caps=(Cap("*", "*", 1, 1),))
    full = but(WILLING, had=(Had("sms", "service", NOON - timedelta(hours=1), 9),))

    assert ruled(in_window(1), full, policy, CLOSED) == Ruling(1, "withhold", "cap")


@given(
    st.timedeltas(timedelta(0), timedelta(days=700)),
    st.integers(0, 24),
    st.sampled_from(["Asia/Shanghai", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"]),
)
def test_a_window_closes_after_its_wish_and_soon(span: timedelta, hours: int, name: str) -> None:
    wished = datetime(2026, 1, 1, tzinfo=UTC) + span

    end = window_end(wished, hours, zone(name))

    assert end == wished if hours == 0 else wished < end <= wished + timedelta(hours=hours + 1)
