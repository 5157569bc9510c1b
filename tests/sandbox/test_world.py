"""A whole world over HTTP: what people get adds up, and a careless engine is found out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from siyu.sandbox.parameters import load
from siyu.sandbox.phones import Records

WORLD = load("default")


@pytest.fixture(scope="module")
def played(play: Any) -> Any:
    return play(WORLD, seed="story", orders=400)


def test_with_an_engine_that_keeps_its_promises_the_zeros_are_zero(played: Any) -> None:
    figures = played.figures
    assert figures["parcels"]["both"] == figures["parcels"]["neither"] == 0
    assert figures["touches_after_add"] == figures["duplicate_touches"] == 0
    assert figures["sms_within_60s_share"] == 1.0
    assert figures["refused_by_engine"] == {}
    assert played.world.records.strays == 0


def test_the_figures_have_everything_that_the_demo_promises(played: Any) -> None:
    promised = """orders customers in_scope invited friends_added friends_unmatched add_rate
        add_rate_invited by_step parcels sms sms_within_60s_share touches_after_add raced
        duplicate_touches withheld cost_minor cost_per_add_minor currency"""
    assert set(promised.split()) <= played.figures.keys()
    for step in played.figures["by_step"].values():
        assert step.keys() == {"touches", "adds", "cost_minor"}


def test_parcels_and_first_messages_add_up(played: Any) -> None:
    parcels, sms = played.figures["parcels"], played.figures["sms"]
    out = parcels["out_of_scope"]
    assert parcels["gift"] + parcels["card"] + sum(out.values()) == parcels["packed"]
    assert {"guest", "split_child"} <= set(out)
    assert sms["counted"] + sum(sms["excluded"].values()) == sms["paid_orders"] == 400
    assert {"guest", "friend_already", "hour", "joined_cascade"} <= set(sms["excluded"])


def test_the_add_rate_is_of_buyers_in_scope_and_its_steps_add_up(played: Any) -> None:
    figures = played.figures
    adds = sum(step["adds"] for step in figures["by_step"].values())
    assert adds == figures["friends_added"]
    assert figures["add_rate"] == round(figures["friends_added"] / figures["in_scope"], 4)
    assert 0.38 < figures["add_rate"] < 0.58
    assert figures["in_scope"] < figures["customers"]


def test_orders_of_one_buyer_in_one_wave_share_a_parcel(played: Any) -> None:
    parcels = list(played.world.records.parcels.values())
    assert any(len(parcel.orders) > 1 for parcel in parcels)
    main = [order for parcel in parcels if parcel.main_order for order in parcel.orders]
    assert len(main) == len(set(main))


def test_a_cancelled_order_is_not_packed(played: Any) -> None:
    records = played.world.records
    cancelled = {paid.order_no for paid in records.orders.values() if paid.cancelled_at}
    packed = {o for p in records.parcels.values() if p.packed_at for o in p.orders}
    assert cancelled
    assert not cancelled & packed
    everything = {paid.order_no for paid in records.orders.values()}
    assert packed == everything - cancelled


def test_consents_reach_the_engine_before_the_order_they_came_with(played: Any) -> None:
    kinds = played.engine.kinds
    first = kinds.index("order.paid")
    assert kinds[first - 1] == "consent.given"


def test_the_same_seed_gives_the_same_figures(play: Any) -> None:
    assert play(WORLD, "twin", 80).figures == play(WORLD, "twin", 80).figures


def test_a_services_card_alone_gets_a_twelfth_of_the_cascade(play: Any, played: Any) -> None:
    alone = play(WORLD, "story", 250, messages=False, card="card-services").figures
    assert alone["add_rate"] * 5 < played.figures["add_rate"]
    assert set(alone["by_step"]) == {"card"}
    assert alone["sms"]["excluded"] == {"not_in_policy": 250}
    assert alone["sms_within_60s_share"] is None


def test_a_rate_changed_in_a_world_file_moves_the_adds_over_the_wire(
    play: Any, played: Any, tmp_path: Path
) -> None:
    path = tmp_path / "deaf.yaml"
    path.write_text("world: deaf\nlike: default\nabout: {zh: 无, en: none}\npeople: {never: 1.0}\n")
    figures = play(load(str(path)), "story", 120).figures
    assert figures["friends_added"] == 0
    assert figures["invited"] > 80


def test_an_engine_that_leaves_tasks_open_after_the_add_is_found_out(play: Any) -> None:
    assert play(WORLD, "careless", 200, careless=True).figures["touches_after_add"] > 0


def test_adds_that_say_nothing_of_who_it_was_are_counted_beside(played: Any) -> None:
    adds = [add for add in played.world.records.adds if not add.matched]
    assert played.figures["friends_unmatched"] == len(adds) > 0
    told = {add.buyer for add in adds}
    assert played.figures["friends_added"] <= played.figures["in_scope"] - len(told)


def test_the_records_hold_no_name_and_no_address(played: Any) -> None:
    words = repr(played.figures)
    for buyer in list(played.world._crowd._buyers.values())[:50]:
        assert buyer.contact.phone not in words
        assert buyer.contact.name not in words


def test_the_order_of_adds_and_commits_is_one_sequence() -> None:
    records = Records()
    numbers = [records.next_seq() for _ in range(3)]
    assert numbers == [1, 2, 3]
