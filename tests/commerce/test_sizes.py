"""What is left of styles by size, and who is invited to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.build import DAY

from siyu.commerce import views
from siyu.commerce.actions import count_goods
from siyu.commerce.decide import invite
from siyu.commerce.model import Counted
from siyu.commerce.model.sizes import Fits, Size, SizeWaiter, Variant
from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.staff import actions as staff
from siyu.staff.model import Brand

Event = Callable[..., Incoming]
Tell = Callable[..., None]


@pytest.fixture
def brand(db: Pool) -> None:
    with db.transaction() as conn:
        staff.seed(conn, Brand("劲浪", "Asia/Shanghai", "CNY", "CN", "zh"), [], [])


def sized(sku: str, size: str, pieces: int, style: str = "runner", **more: Any) -> dict[str, Any]:
    return {"sku": sku, "pieces": pieces, "style": style, "size": size, **more}


def left(db: Pool, **asked: Any) -> list[Size]:
    with db.transaction() as conn:
        return views.sizes(conn, DAY, few=asked.pop("few", 2), **asked)


def test_a_count_by_webhook_says_what_is_left_of_each_size_and_what_is_left_over(
    db: Pool, event: Event, tell: Tell, brand: None
) -> None:
    lines = [sized("r41", "41", 3), sized("r42", "42", 1), sized("r43", "43", 0)]
    lines += [sized(f"b{size}", str(size), 2, "boot") for size in (40, 41, 42)]
    lines += [sized("s38", "38", 1, "sandal", discontinued=True, title="夏日凉鞋")]
    lines += [sized(f"s{n}", str(n), 1, "sandal") for n in (39, 40, 41)]
    tell(db, [event("stock.counted", place="south", lines=lines)])

    assert {(one.style, one.size, one.pieces) for one in left(db)} >= {
        ("runner", "41", 3), ("runner", "42", 1), ("sandal", "38", 1), ("boot", "42", 2),
    }  # fmt: skip
    over = {one.style for one in left(db, left_over=True)}
    assert over == {"runner", "sandal"}  # broken: two sizes left; discontinued, whatever is left
    assert {one.style for one in left(db, left_over=True, few=1)} == {"sandal"}
    assert next(one.title for one in left(db, style="sandal") if one.size == "38") == "夏日凉鞋"


def test_counts_and_sizes_end_the_same_in_whatever_order_they_are_heard(
    db: Pool, event: Event, tell: Tell, brand: None
) -> None:
    later = [sized("a", "41", 4), sized("b", "42", 1)]
    told = [
        event("stock.counted", at=0.01, place="south", lines=[sized("a", "41", 5)]),
        event("stock.counted", at=0.02, place="south", lines=later),
        event("stock.counted", at=0.03, place="south", lines=[sized("a", "42", 2)]),
    ]  # fmt: skip
    found: set[tuple[Any, ...]] = set()
    for order in permutations(told):
        with db.transaction() as conn:
            conn.execute("truncate goods_stock, goods_variant, size_stock")
            conn.execute("truncate event_key, event, event_pending, event_applied")
        for one in order:
            tell(db, [one])
        found.add(tuple((one.size, one.pieces) for one in left(db)))

    assert found == {(("42", 3),)}


def test_a_file_of_a_later_day_replaces_the_count_and_keeps_which_size_a_sku_is(
    db: Pool, clock: Any, brand: None
) -> None:
    now = clock.now()
    said = [Variant("a", "runner", "42", "", None, now, "file", "")]
    with db.transaction() as conn:
        count_goods(conn, [Counted("s", date(2026, 11, 1), "a", 5)], "ann", now, "f", said)
        count_goods(conn, [Counted("s", date(2026, 11, 2), "a", 2)], "ann", now, "f")
        count_goods(conn, [Counted("s", date(2026, 10, 1), "a", 9)], "ann", now, "f")

    assert [(one.size, one.pieces) for one in left(db)] == [("42", 2)]


# ── Who is invited ───────────────────────────────────────────────────────────────────────────────

SHELVES = [Fits("south", "runner", size, "", pieces) for size, pieces in (("41", 1), ("42", 3))]
waiters = st.lists(
    st.builds(
        SizeWaiter,
        key=st.uuids().map(str),
        customer_id=st.integers(1, 50),
        factor=st.just(2),
        worth_minor=st.integers(0, 5),
        fits=st.sets(st.sampled_from(SHELVES)).map(lambda some: tuple(sorted(some))),
    ),
    max_size=20,
)


@given(waiters, st.integers(0, 3))
def test_invitations_never_exceed_pieces_times_factor_and_nobody_is_passed_over(
    waiting: list[SizeWaiter], bound: int
) -> None:
    before = {SHELVES[0].shelf: min(bound, 2)}
    done = {one.key: one for one in invite(waiting, before)}

    taken = Counter(before)
    taken.update(one.fits.shelf for one in done.values() if one.state == "invited")
    assert all(taken[shelf.shelf] <= shelf.pieces * 2 for shelf in SHELVES)
    for one in waiting:
        stands = done[one.key]
        assert (stands.state == "none") == (not one.fits)
        if stands.state == "waiting":  # all that fits is bound, and by nobody who is worth less
            assert stands.reason == "no_pieces"
            assert all(taken[shelf.shelf] == shelf.pieces * 2 for shelf in one.fits)
            rivals = [w for w in waiting if done[w.key].state == "invited"
                      and done[w.key].fits in one.fits]  # fmt: skip
            assert all(rival.worth_minor >= one.worth_minor for rival in rivals)
