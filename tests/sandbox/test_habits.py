"""What people do in a season: at the rates that the world says, the same each time, and what care
does to them moves nothing else."""

from __future__ import annotations

from itertools import islice
from math import sqrt
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sandbox.test_parameters import write

from siyu.kernel.errors import BadInput
from siyu.kernel.time import duration
from siyu.sandbox.habits import DAY, Habits
from siyu.sandbox.parameters import load
from siyu.sandbox.people import Person

WORLD = load("default")
HABITS = Habits(WORLD.habits)
INDIFFERENT = Habits(load("indifferent").habits)
MANY = 3_000
DAYS = st.lists(st.floats(0, 120, allow_nan=False), max_size=6).map(sorted)


def people(count: int = MANY, seed: str = "habits") -> list[Person]:
    return [Person(seed, f"b{n}") for n in range(count)]


def within(found: int, of: int, share: float) -> bool:
    """Four deviations of a count: of 10,000 such claims less than one is wrong by chance."""
    return abs(found - of * share) <= 4 * sqrt(of * share * (1 - share)) + 1


@given(seed=st.text(max_size=5), key=st.text(max_size=12), touches=DAYS)
def test_the_same_person_lives_the_same_life(seed: str, key: str, touches: list[float]) -> None:
    who = Person(seed, key)
    first = HABITS.bought(who, 0, 120, touches)
    assert Habits(WORLD.habits).bought(who, 0, 120, touches) == first


@given(key=st.text(max_size=12), touches=DAYS, more=DAYS)
def test_care_takes_no_purchase_away_and_shifts_none(
    key: str, touches: list[float], more: list[float]
) -> None:
    """Common random numbers: with more touches somebody buys on the same days, and maybe others."""
    who = Person("1", key)
    less = HABITS.bought(who, 0, 120, touches)
    assert set(HABITS.bought(who, 0, 120)) <= set(less)
    assert set(less) <= set(HABITS.bought(who, 0, 120, sorted([*touches, *more])))


@given(key=st.text(max_size=12), touches=DAYS)
def test_where_care_does_nothing_whoever_is_cared_for_buys_as_they_would(
    key: str, touches: list[float]
) -> None:
    who = Person("1", key)
    assert INDIFFERENT.bought(who, 0, 120, touches) == INDIFFERENT.bought(who, 0, 120)


def test_people_buy_as_often_as_their_category_says() -> None:
    days = 360.0
    for likes in WORLD.habits.buys.likes:
        some = [one for one in people() if HABITS.favourite(one) == likes.category]
        assert within(len(some), MANY, likes.share)
        bought = sum(len(HABITS.bought(one, 0, days)) for one in some)
        expected = len(some) * days / (duration(likes.cycle) / DAY)
        # of each person as many as a Poisson count, and people differ by a gamma
        spread = sqrt(expected + (expected**2 / len(some)) / WORLD.habits.buys.alike)
        assert abs(bought - expected) < 4 * spread


def test_some_people_buy_much_oftener_than_others() -> None:
    paces = sorted(HABITS.pace(one) for one in people() if HABITS.favourite(one) == "鞋")
    middling = paces[len(paces) // 2]
    twice = sum(pace > 2 * middling for pace in paces)
    assert within(twice, len(paces), 0.15)


def test_care_is_felt_at_once_fades_by_half_and_is_bounded() -> None:
    rates = WORLD.habits.care
    half = duration(rates.half_life) / DAY
    assert HABITS.care([10], 9.9) == 1
    assert HABITS.care([10], 10) == pytest.approx(1 + rates.effect)
    assert HABITS.care([10], 10 + half) == pytest.approx(1 + rates.effect / 2)
    assert HABITS.care([10, 10], 10) == pytest.approx(1 + 2 * rates.effect)
    assert HABITS.care([10.0] * 50, 10) == rates.most


def test_before_the_season_people_bought_at_the_same_pace_and_nobody_was_cared_for() -> None:
    some = people(600)
    past = [HABITS.before(one, 360) for one in some]
    season = sum(len(HABITS.bought(one, 0, 360)) for one in some)
    assert all(list(days) == sorted(days) and min(days, default=-1) > -360 for days in past)
    assert max(day for days in past for day in days) < 0
    assert sum(map(len, past)) == pytest.approx(season, rel=0.12)


def test_people_buy_while_they_are_up() -> None:
    for one in people(50):
        for chance in islice(HABITS.chances(one), 20):
            assert 8 <= 24 * (chance.day % 1) <= 22.001


def test_trust_is_spoilt_as_the_world_says_and_faster_by_many_touches_in_a_week() -> None:
    rates = WORLD.habits.trust
    for week in ([], [6.0], [1.0, 4.0, 6.0], [-20.0, -8.0]):
        often = rates.each_more ** len([day for day in week if day > 0])
        moods = [HABITS.mood(one, n, week, 7.0) for one in people(2_000) for n in range(5)]
        assert within(sum(mood.deletes for mood in moods), 10_000, rates.deletes * often)
        assert within(sum(mood.opts_out for mood in moods), 10_000, rates.opts_out * often)
        assert within(sum(mood.complains for mood in moods), 10_000, rates.complains * often)


def test_people_say_and_answer_what_the_world_says() -> None:
    chats, why = WORLD.habits.chats, WORLD.habits.stores.why
    said = [HABITS.words(one, 1) for one in people()]
    for says in chats.says:
        assert within(said.count(says.words), MANY, says.share)
    answers = [HABITS.choice(one, "why", list(why)) for one in people()]
    for choice, weight in why.items():
        assert within(answers.count(choice), MANY, weight / sum(why.values()))
    other = [HABITS.choice(one, "colour", ["red", "blue"]) for one in people()]
    assert within(other.count("red"), MANY, 0.5)


def test_one_of_five_who_are_invited_to_the_store_comes_as_was_published() -> None:
    links, stores = WORLD.habits.links, WORLD.habits.stores
    comes = links.follows * links.books * stores.keeps + stores.drops_in
    assert comes == pytest.approx(0.2, abs=0.02)


def test_birthdays_and_children_are_told_by_some_and_are_real() -> None:
    tells = WORLD.habits.tells
    birthdays = [day for one in people() if (day := HABITS.birthday(one)) is not None]
    months = [age for one in people() if (age := HABITS.child(one)) is not None]
    assert within(len(birthdays), MANY, tells.birthday)
    assert within(len(months), MANY, tells.child)
    assert {month for month, _ in birthdays} == set(range(1, 13))
    assert all(1 <= day <= (29 if month == 2 else 31) for month, day in birthdays)
    assert max(months) < tells.children_up_to


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("habits: {care: {efect: 0.1}}", "efect"),
        ("habits: {care: {effect: -1}}", "habits.care.effect"),
        ("habits: {buys: {likes: [{category: 鞋, cycle: 90d, share: 0.4}]}}", "add up to 0.4"),
        ("habits: {chats: {says: [{words: 好, share: 0.4}]}}", "add up to 0.4"),
        ("habits: {chats: {asks: ['(']}}", "not an expression"),
        ("habits: {stores: {invites: ['(']}}", "not an expression"),
        ("habits: {buys: {alike: 0}}", "habits.buys.alike"),
    ],
)
def test_wrong_habits_say_what_is_wrong_and_where(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        load(write(tmp_path, text))
    assert said in str(caught.value)


def test_the_indifferent_world_differs_in_what_care_does_and_in_nothing_else() -> None:
    default, other = WORLD, load("indifferent")
    assert (
        msgspec.structs.replace(
            other,
            world=default.world,
            about=default.about,
            like=default.like,
            habits=default.habits,
        )
        == default
    )
    assert other.habits.buys == default.habits.buys
    assert other.habits.trust == default.habits.trust
    assert other.habits.care.effect == 0
