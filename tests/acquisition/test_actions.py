from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.acquisition import views
from siyu.acquisition.actions import install, issue
from siyu.acquisition.model import REASONS, Issue, state_code
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.ids import PublicIds
from siyu.vault.model import key_hash


def _issue(house: Any, *orders: str, step: str = "sms") -> dict[Any, str]:
    code = f"{house.source.code}/{step}"
    wanted = [Issue(code, step, 7, house.shop, order) for order in orders]
    with house.db.transaction() as conn:
        return issue(conn, house.keys, house.ids, wanted, house.now)


def test_an_order_has_one_state_per_code_for_good(house: Any) -> None:
    first = _issue(house, "o1", "o2")
    again = _issue(house, "o2", "o1", "o3")

    assert again.items() >= first.items()
    assert len(set(again.values())) == 3
    assert set(_issue(house, "o1", step="call").values()).isdisjoint(again.values())


def test_a_state_is_known_as_a_key_of_its_customer_in_the_same_transaction(house: Any) -> None:
    with pytest.raises(RuntimeError), house.db.transaction() as conn:
        code = f"{house.source.code}/sms"
        wanted = [Issue(code, "sms", 7, house.shop, "o1")]
        (state,) = issue(conn, house.keys, house.ids, wanted, house.now).values()
        hashed = key_hash(house.keys, "state", state)
        known = conn.fetch("select customer_id from identity where hash = %(h)s", {"h": hashed})
        assert known == [(7,)]
        raise RuntimeError

    assert house.rows("select count(*) from identity") == [(0,)]
    assert house.rows("select count(*) from code_issue") == [(0,)]


def test_issuing_takes_the_same_number_of_statements_for_many(house: Any) -> None:
    with house.db.counting() as few:
        _issue(house, "a1")
    with house.db.counting() as many:
        _issue(house, *(f"b{n}" for n in range(50)))

    with house.db.counting() as again:
        _issue(house, *(f"b{n}" for n in range(50)))

    assert (len(few), len(many), len(again)) == (3, 3, 1)


def test_no_number_is_used_up_for_a_state_that_there_is(house: Any) -> None:
    _issue(house, "o1", "o2")
    _issue(house, "o1", "o2")
    _issue(house, "o3", "o1")

    assert house.rows("select id from code_issue order by id") == [(1,), (2,), (3,)]


def test_a_code_that_no_source_lists_is_refused_in_words(house: Any) -> None:
    with pytest.raises(NotFound, match="h-source/telegram"):
        _issue(house, "o1", step="telegram")


@given(rows=st.sets(st.integers(0, 2**50 - 1), max_size=50))
def test_states_are_short_and_never_the_same(rows: set[int]) -> None:
    ids = PublicIds(b"k")
    states = {state_code(ids, row) for row in rows}

    assert len(states) == len(rows)
    assert all(len(state) <= 12 and state.isalnum() for state in states)


def test_an_admission_rule_that_says_nothing_known_is_refused_with_its_place(house: Any) -> None:
    source = dataclasses.replace(house.source, admission={"all": [{"freind": True}]})

    with (
        pytest.raises(BadInput, match=r"admission.all\[0\].freind"),
        house.db.transaction() as conn,
    ):
        install(conn, [source], [], "p")


def test_admission_lets_in_whom_its_rule_describes(house: Any) -> None:
    house.deliver([house.paid("o1", "13800000001")])
    house.deliver([house.added("account")])
    ((buyer,),) = house.rows("select customer_id from orders")
    source = dataclasses.replace(house.source, admission={"orders": {"at_least": 1}})
    with house.db.transaction() as conn:
        install(conn, [source], [], "p")
        everybody = [row[0] for row in conn.fetch("select id from customer")]

        assert views.admitted(conn, "h-source", everybody, house.now) == {buyer}
        with pytest.raises(NotFound, match="nowhere"):
            views.admitted(conn, "nowhere", everybody, house.now)


def test_every_reason_has_its_words_in_both_languages() -> None:
    assert all(words["en"] and words["zh"] for words in REASONS.values())
