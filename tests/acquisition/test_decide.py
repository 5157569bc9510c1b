from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from siyu.acquisition.decide import choose_source, content, refusal, stands_for, stocked
from siyu.acquisition.model import Facts, OpenPromise, OrderSeen, Parcel, Source

SOURCE = Source("s", {}, {}, gift="thanks", card="card")
ORDER = OrderSeen("o1", 7, None, gone=False)
PARCEL = Parcel(1, "shop", "o1", packed=False, inserts=True, orders=(ORDER,))
FRIEND = Facts(PARCEL, SOURCE, admitted=True, friend=True)
STRANGER = FRIEND._replace(friend=False)
PROMISE = OpenPromise(5, "treat", 7, "shop", "o1", claimable=False, late=False)


def test_a_friend_without_a_promise_gets_the_friends_gift() -> None:
    assert content(FRIEND)[1:4] == ("gift", "friend", "thanks")


def test_what_was_promised_goes_before_the_friends_gift() -> None:
    assert content(FRIEND._replace(promise=PROMISE))[1:5] == ("gift", "promised", "treat", 5)


def test_a_source_without_a_gift_or_a_card_says_so() -> None:
    bare = replace(SOURCE, gift=None, card=None)

    assert content(FRIEND._replace(source=bare))[1:3] == ("none", "friend_already")
    assert content(STRANGER._replace(source=bare))[1:3] == ("none", "no_card")


def test_when_every_gift_is_out_a_friend_gets_the_card() -> None:
    decision = stocked(content(FRIEND), FRIEND, None)

    assert (decision.content, decision.reason, decision.card) == ("card", "out_of_stock", "card")


@pytest.mark.parametrize(
    ("reason", "facts"),
    [
        ("split_child", FRIEND._replace(parcel=PARCEL._replace(main_order_no=None))),
        ("packed_undecided", FRIEND._replace(parcel=PARCEL._replace(packed=True))),
        ("unknown_order", FRIEND._replace(parcel=PARCEL._replace(orders=()))),
        (
            "guest",
            FRIEND._replace(parcel=PARCEL._replace(orders=(ORDER._replace(customer_id=None),))),
        ),
        ("holdout", FRIEND._replace(held=True)),
        ("no_inserts", FRIEND._replace(parcel=PARCEL._replace(inserts=False))),
        (
            "order_gone",
            FRIEND._replace(parcel=PARCEL._replace(orders=(ORDER._replace(gone=True),))),
        ),
        ("no_source", FRIEND._replace(source=None)),
        ("not_admitted", FRIEND._replace(admitted=False)),
        ("opted_out", FRIEND._replace(opted_out=True)),
        (None, FRIEND),
        (None, STRANGER),
    ],
)
def test_a_parcel_is_out_of_scope_for_exactly_these_reasons(
    reason: str | None, facts: Facts
) -> None:
    assert refusal(facts) == reason
    assert (content(facts).content == "none") == (reason is not None)


def test_the_main_order_stands_for_the_parcel_unless_only_another_is_alive() -> None:
    other = OrderSeen("o0", 8, None, gone=False)
    both = PARCEL._replace(orders=(other, ORDER))

    assert stands_for(both) == ORDER
    assert stands_for(both._replace(orders=(other, ORDER._replace(gone=True)))) == other


def test_a_source_that_admits_goes_first_then_one_that_names_the_shop() -> None:
    everywhere, here = replace(SOURCE, code="a"), replace(SOURCE, code="b", shops=("shop",))
    elsewhere = replace(SOURCE, code="c", shops=("another",))
    known = (everywhere, here, elsewhere)

    assert choose_source("shop", 7, known, {"a": {7}, "b": {7}}) == (here, True)
    assert choose_source("shop", 7, known, {"a": {7}, "c": {7}}) == (everywhere, True)
    assert choose_source("shop", 7, known, {}) == (here, False)
    assert choose_source("shop", 7, [elsewhere], {"c": {7}}) == (None, False)


def test_a_promise_waits_for_the_parcel_of_its_own_order(on_paper: Callable[..., Any]) -> None:
    paper = on_paper()
    paper.source = paper.source.__class__("s", {}, {}, gift="p-thanks", card="p-card", journey="")
    paper.shelf = {"p-TREAT": [5, 0], "p-THANKS": [5, 0], "p-SPARE": [5, 0]}
    for order_no in ("o1", "o2"):
        paper.pay("p-shop", order_no, 1)
    paper.promise("p-shop", "o1", "p-treat")
    paper.add(1, 1, known=True)
    paper.plan("b2", "p-shop", ("o2",), "o2", 1)
    paper.plan("b1", "p-shop", ("o1",), "o1", 2)

    paper.now = 1
    paper.freeze()
    paper.now = 2
    paper.freeze()

    assert [paper.decisions[name].reason for name in ("b2", "b1")] == ["friend", "promised"]
