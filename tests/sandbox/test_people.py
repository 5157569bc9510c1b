"""How people read and answer: pure, seeded, and moved by delay, certainty and value."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.sandbox.calibrate import ABLATIONS, CASCADE, SERVICES_CARD, simulate
from siyu.sandbox.parameters import load
from siyu.sandbox.people import Context, Mind, Person
from siyu.sandbox.reading import Invitation, Reader

WORLD = load("default")
MIND = Mind(WORLD.people)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SMS = Invitation("sms", 15.0, "sure", timedelta(seconds=30))


@pytest.mark.parametrize(
    ("text", "value", "certainty"),
    [
        ("【花间】价值¥15.00的补水面膜随本包裹寄出！王静，加企业微信即可", 15.0, "sure"),
        ("以后每个订单都多送2片面膜（价值30元），或抽1–99元红包，个个有奖！", 30.0, "sure"),
        ("扫码添加客服企业微信，售后咨询、使用指导，专属服务。", 0.0, "unsaid"),
        ("加我们有机会赢取价值¥15的面膜", 15.0, "chance"),
        ("[Acme] face mask worth £1.70 travels in this parcel! Amy, just add us", 15.3, "sure"),
        ("every later order carries 2 masks (worth £3.40), never a blank!", 30.6, "sure"),
        ("Scan to add Acme: advice on use, personal service.", 0.0, "unsaid"),
        ("worth ¥1,234.50, a chance to win", 1234.5, "chance"),
    ],
)
def test_a_text_is_read_for_its_value_and_its_certainty(
    text: str, value: float, certainty: str
) -> None:
    read = Reader(WORLD).read("sms", text, timedelta(0))
    assert (read.value, read.certainty) == (pytest.approx(value), certainty)


@given(seed=st.text(max_size=5), key=st.text(max_size=12), order=st.text(max_size=12))
def test_the_same_person_gives_the_same_answer(seed: str, key: str, order: str) -> None:
    context = Context(order, NOON)
    for channel in ("sms", "voice_ai", "wecom_request", "voice_human", "parcel_insert"):
        invitation = SMS._replace(channel=channel)
        first = MIND.answer(Person(seed, key), invitation, context)
        assert MIND.answer(Person(seed, key), invitation, context) == first


MINUTES, YUAN = st.integers(0, 3000), st.floats(0, 200)


@given(MINUTES, MINUTES, YUAN, YUAN, st.integers(0, 5))
def test_later_or_less_worth_is_never_more_welcome(
    minutes: int, more: int, value: float, added: float, earlier: int
) -> None:
    who = Person("1", "tmall/b000001")
    soon = SMS._replace(delay=timedelta(minutes=minutes), value=value)
    context = Context("o", NOON, earlier)
    base = MIND.chance(0.3, who, soon, context)
    late = soon._replace(delay=timedelta(minutes=minutes + more))
    rich = soon._replace(value=value + added)
    assert MIND.chance(0.3, who, late, context) <= base + 1e-12
    assert MIND.chance(0.3, who, rich, context) >= base - 1e-12
    assert MIND.chance(0.3, who, soon, context._replace(earlier=earlier + 1)) <= base
    assert MIND.chance(0.3, who, soon._replace(certainty="chance"), context) <= base


def test_an_unwilling_intent_never_adds_by_the_call() -> None:
    answers = [
        MIND.answer(Person("1", f"b{n}"), SMS._replace(channel="voice_ai"), Context("o", NOON))
        for n in range(2_000)
    ]
    intents = {answer.call.intent for answer in answers if answer.call and answer.call.answered}
    assert intents == set("ABCDEF")
    adding = {answer.call.intent for answer in answers if answer.call and "adds" in answer.does}
    assert adding == {"A", "B"}
    assert any(answer.call and not answer.call.answered for answer in answers)


@pytest.fixture(scope="module")
def rates() -> dict[str, list[float]]:
    plans = {"cascade": CASCADE, "services": SERVICES_CARD} | ABLATIONS
    return {
        title: [simulate(WORLD, f"test-{n}", plan, 1_500).rate for n in range(4)]
        for title, plan in plans.items()
    }


def mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


def test_the_cascade_gets_about_48_percent_and_the_services_card_about_4(
    rates: dict[str, list[float]],
) -> None:
    assert 0.46 <= mean(rates["cascade"]) <= 0.50
    assert all(0.43 <= rate <= 0.53 for rate in rates["cascade"])
    assert 0.033 <= mean(rates["services"]) <= 0.047
    assert mean(rates["cascade"]) >= 8 * mean(rates["services"])


@pytest.mark.parametrize("taken_away", list(ABLATIONS))
def test_without_timeliness_certainty_or_value_fewer_add(
    rates: dict[str, list[float]], taken_away: str
) -> None:
    for less, whole in zip(rates[taken_away], rates["cascade"], strict=True):
        assert less < whole - 0.05


def test_every_step_of_the_cascade_brings_friends_and_the_first_brings_most() -> None:
    adds = simulate(WORLD, "steps", orders=1_000).adds
    assert set(adds) == {"sms", "call", "request", "human", "card"}
    assert adds.most_common(1)[0][0] == "sms"


def test_a_cold_world_is_colder_and_a_loved_one_warmer() -> None:
    cold, default, loved = (
        simulate(load(name), "worlds", orders=1_000).rate for name in ("cold", "default", "loved")
    )
    assert cold + 0.1 < default < loved - 0.02
