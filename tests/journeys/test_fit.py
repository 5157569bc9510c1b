"""Each is invited only to what fits, the most valuable first, never more than pieces allow."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from tests.build import DAY

from siyu.commerce import views as stock
from siyu.commerce.actions import sizes as drawn
from siyu.commerce.model.sizes import SizeAsk
from siyu.db.pool import Pool
from siyu.journeys import actions as journeys
from siyu.outbox.sweep.prepare import SQL

TEXT = """\
journey: sizes
title: {zh: 断码, en: Sizes}
enter: {on: tag.set}
steps:
  - {id: size, fit: {size_tag: shoe-, at: "10:00", lasts: 2d, timeout: 4d, else: none}}
  - {id: tell, send: {channel: wecom_message, material: left-over, purpose: promotion}}
  - {id: sold, exit: told}
  - {id: none, exit: nothing}
"""


def tag(house: Any, number: int, name: str) -> Any:
    return house.event("tag.set", {"name": name}, keys=house.keys(number))


def spends(house: Any, number: int, minor: int) -> Any:
    data = {"shop": "s", "order_no": f"T{number}", "currency": "CNY", "total_minor": minor}
    return house.event("order.paid", data, keys=house.keys(number))


def count(house: Any, pieces: int, size: str = "42") -> Any:
    line = {"sku": f"r{size}", "pieces": pieces, "style": "runner", "size": size, "title": "跑鞋"}
    return house.event("stock.counted", {"place": "south", "lines": [line]})


@pytest.fixture
def sizes(house: Any) -> Any:
    house.publish(TEXT)
    house.tell(count(house, 1), spends(house, 1, 100), spends(house, 2, 900), spends(house, 3, 500))
    return house


def stands(house: Any) -> dict[str, tuple[str, str]]:
    """Phone's number → how it stands."""
    found = house.query(stock.invitations, ["waiting", "invited"], "", house.now)
    rows = house.rows("select customer_id, min(order_no) from orders group by 1")
    named = {customer: order[1:] for customer, order in rows}
    return {named[one.customer_id]: (one.state, one.reason) for one in found}


def settle(house: Any) -> None:
    for _ in range(3):
        house.sweep()


def test_one_piece_goes_to_who_has_spent_most_and_the_rest_wait_and_are_told_why(
    sizes: Any,
) -> None:
    sizes.tell(*(tag(sizes, number, "shoe-42") for number in (1, 2, 3)))
    settle(sizes)
    assert stands(sizes) == dict.fromkeys("123", ("waiting", ""))  # nobody before the hour

    sizes.clock.advance(days=1)
    settle(sizes)

    assert stands(sizes) == {
        "2": ("invited", ""), "1": ("waiting", "no_pieces"), "3": ("waiting", "no_pieces"),
    }  # fmt: skip
    assert [touch.step for touch in sizes.touches()] == ["tell"]


def test_whom_nothing_fits_leaves_at_once_and_takes_nothing_from_anybody(sizes: Any) -> None:
    sizes.tell(tag(sizes, 1, "shoe-39"), tag(sizes, 2, "shoe-42"))
    settle(sizes)
    sizes.clock.advance(days=1)
    settle(sizes)

    outcomes = sorted(visit.outcome for visit in sizes.visits())
    assert outcomes == ["nothing", "told"]
    assert stands(sizes) == {"2": ("invited", "")}


def test_when_an_invitation_is_over_the_next_one_is_invited_and_who_waits_too_long_leaves(
    sizes: Any,
) -> None:
    sizes.tell(*(tag(sizes, number, "shoe-42") for number in (1, 2, 3)))
    settle(sizes)
    told: list[int] = []
    for _ in range(5):
        sizes.clock.advance(days=1)
        settle(sizes)
        told.append(len(sizes.touches()))

    assert told == [1, 1, 2, 2, 2]  # each binds the one piece for two days; the third gives up
    assert sorted(visit.outcome for visit in sizes.visits()) == ["nothing", "told", "told"]


def test_more_pieces_let_more_in_and_a_visit_that_ends_waits_for_nothing(sizes: Any) -> None:
    sizes.tell(*(tag(sizes, number, "shoe-42") for number in (1, 2, 3)))
    settle(sizes)
    sizes.clock.advance(days=1)
    settle(sizes)
    sizes.tell(count(sizes, 3))
    sizes.clock.advance(days=1)
    settle(sizes)

    assert {state for state, _ in stands(sizes).values()} == {"invited"}
    assert len(sizes.touches()) == 3


def test_a_text_names_what_its_customer_was_invited_to(sizes: Any) -> None:
    sizes.tell(tag(sizes, 1, "shoe-42"))
    settle(sizes)
    sizes.clock.advance(days=1)
    settle(sizes)

    touch = sizes.touches()[0]
    with sizes.db.transaction() as conn:
        assert conn.fetch(SQL.invited_sizes, {"ids": [touch.id]}) == [
            (touch.id, "跑鞋", "42", "south")
        ]


def test_of_many_who_come_at_once_only_as_many_are_invited_as_there_are_pieces(sizes: Any) -> None:
    sizes.tell(*(tag(sizes, number, "shoe-42") for number in range(10, 70)))
    settle(sizes)
    sizes.clock.advance(days=1)
    settle(sizes)

    rows = "select count(*) filter (where state = 'invited'), count(*) from size_invitation"
    assert sizes.rows(rows) == [(1, 60)]


def test_a_visit_that_somebody_stopped_takes_no_piece(sizes: Any) -> None:
    sizes.tell(tag(sizes, 2, "shoe-42"))
    settle(sizes)
    with sizes.db.transaction() as conn:
        assert journeys.stop(conn, "sizes", "ann", sizes.now)
    assert stands(sizes) == {}
    sizes.publish(TEXT.replace("journey: sizes", "journey: other"))
    sizes.tell(tag(sizes, 1, "shoe-42"))
    settle(sizes)
    sizes.clock.advance(days=1)
    settle(sizes)

    assert stands(sizes) == {"1": ("invited", "")}


WAITS = timedelta(days=1)


def ask(number: int, hours: int = 0) -> SizeAsk:
    draw, ends = DAY + timedelta(hours=hours), DAY + 7 * WAITS
    return SizeAsk(f"v{number}", number, number, None, "shoe-", False, 2, 1, WAITS, draw, ends)


def test_who_leaves_and_who_decides_at_the_same_time_do_not_wait_for_each_other(db: Pool) -> None:
    later = DAY + timedelta(hours=2)
    with db.transaction() as conn:
        drawn.ask(conn, [ask(1, hours=1)], DAY)

    def other() -> None:
        with db.transaction() as conn:
            drawn.ask(conn, [ask(2)], later)

    with ThreadPoolExecutor(1) as pool, db.transaction() as conn:
        drawn.leave(conn, [1])
        pool.submit(other).result(timeout=10)
        drawn.ask(conn, [ask(3)], later)


def test_while_pieces_are_counted_a_sweep_does_not_wait_and_asks_again(db: Pool) -> None:
    with db.transaction() as counting, db.transaction() as sweeping:
        drawn.size_up(counting, ["south"])
        sweeping.execute("set local lock_timeout = '1s'")
        answer = drawn.ask(sweeping, [ask(1)], DAY)["v1"]

    assert (answer.state, answer.draw_at) == ("waiting", DAY)
