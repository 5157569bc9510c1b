from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from siyu.db.pool import Pool
from siyu.kernel.errors import NotFound, Refused
from siyu.offers.actions import (
    fulfil,
    install,
    lapse,
    make_claimable,
    promise,
    reservations,
    reserve,
    revoke,
    stock,
)
from siyu.offers.decide import after
from siyu.offers.model import (
    HAPPENINGS,
    STATES,
    Ask,
    Happening,
    NewPromise,
    Offer,
    Reservation,
    State,
    Terms,
    Wanted,
)
from siyu.offers.project import SQL
from siyu.offers.views import of_customer, worth
from siyu.vault.model import Keys

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
SOON = NOW + timedelta(days=30)

KEYS = Keys(master=b"m" * 32, lookup=b"l" * 32)
BIG_TREAT = Offer("big-treat", {"zh": "大礼", "en": "big"}, 1500, "BIG", substitute="small-treat")
SMALL_TREAT = Offer("small-treat", {"zh": "小礼", "en": "small"}, 1500, "SMALL")


def _order(conn: Any, *, order_no: str, state: str = "paid", customer_id: int | None = 1) -> None:
    conn.execute(
        "insert into orders (shop, order_no, identity_id, customer_id, state, paid_at, source,"
        " source_id, currency, total_minor, event_id) values (%(shop)s, %(order_no)s, null,"
        " %(customer_id)s, %(state)s, %(now)s, 'test', %(order_no)s, 'CNY', 1000, 1)",
        {
            "shop": "shop1",
            "order_no": order_no,
            "customer_id": customer_id,
            "state": state,
            "now": NOW,
        },
    )


def _states(conn: Any, ids: dict[str, int]) -> list[tuple[Any, ...]]:
    return conn.fetch(
        "select state, reason from promise where id = any(%(ids)s::bigint[]) order by id",
        {"ids": list(ids.values())},
    )


def _new_promise(key: str, order_no: str, offer: str = "big-treat") -> NewPromise:
    return NewPromise(
        key=key,
        offer=offer,
        customer_id=1,
        identity_id=None,
        shop="shop1",
        order_no=order_no,
        visit_id=None,
        expires_at=SOON,
    )


def test_promise_is_idempotent_per_key(db: Pool) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT], "cascade")
        _order(conn, order_no="o1")
        first = promise(conn, [_new_promise("k1", "o1")], NOW)
        second = promise(conn, [_new_promise("k1", "o1")], NOW)
    assert first == second
    assert len(set(first.values())) == 1


def test_a_promise_says_what_it_is_worth(db: Pool) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT, SMALL_TREAT], "t")
        _order(conn, order_no="o1")
        made = promise(conn, [_new_promise("k1", "o1", "small-treat")], NOW)
        with db.counting() as statements:
            found = worth(conn, [made["k1"], made["k1"] + 1])
            assert worth(conn, []) == {}

    assert found == {made["k1"]: ({"zh": "小礼", "en": "small"}, 1500)}
    assert len(statements) == 1


def test_unknown_offer_is_refused_before_any_row_is_written(db: Pool) -> None:
    with db.transaction() as conn:
        with pytest.raises(NotFound):
            promise(conn, [_new_promise("k1", "o1", offer="nope")], NOW)
        assert conn.fetch("select count(*) from promise")[0][0] == 0


def test_a_promise_for_an_order_already_gone_starts_revoked(db: Pool) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT], "cascade")
        _order(conn, order_no="o1", state="cancelled")
        ids = promise(conn, [_new_promise("k1", "o1")], NOW)
    with db.transaction() as conn:
        rows = conn.fetch(
            "select state, reason from promise where id = any(%(ids)s::bigint[])",
            {"ids": list(ids.values())},
        )
    assert rows == [("revoked", "order_gone")]


def test_stock_never_falls_below_what_is_reserved(db: Pool) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT], "cascade")
        stock(conn, "BIG", 1)
        reserve(
            conn,
            [Ask(1, 1, None, "shop1", "o1", None, "big-treat")],
            NOW,
        )
        with pytest.raises(Refused):
            stock(conn, "BIG", 0)


def test_reserve_never_oversells_and_falls_back_to_the_substitute(db: Pool) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT, SMALL_TREAT], "cascade")
        stock(conn, "BIG", 1)
        stock(conn, "SMALL", 1)
        given = reserve(
            conn,
            [
                Ask(1, 1, None, "shop1", "o1", None, "big-treat"),
                Ask(2, 2, None, "shop1", "o2", None, "big-treat"),
            ],
            NOW,
        )
    assert given == {1: "BIG", 2: "SMALL"}


def test_reserve_all_out_of_stock_gives_none(db: Pool) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT], "cascade")
        stock(conn, "BIG", 0)
        given = reserve(conn, [Ask(1, 1, None, "shop1", "o1", None, "big-treat")], NOW)
    assert given == {1: None}


def test_reserve_promise_already_closed_is_missing(db: Pool) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT], "cascade")
        stock(conn, "BIG", 5)
        _order(conn, order_no="o1")
        ids = promise(conn, [_new_promise("k1", "o1")], NOW)
        pid = ids["k1"]
        revoke(conn, [("shop1", "o1")], "refund", NOW)
        given = reserve(conn, [Ask(1, 1, None, "shop1", "o1", pid, "big-treat")], NOW)
    assert 1 not in given


def test_fulfil_reduces_on_hand_and_never_below_what_others_still_have_reserved(db: Pool) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT], "cascade")
        stock(conn, "BIG", 2)
        reserve(conn, [Ask(1, 1, None, "shop1", "o1", None, "big-treat")], NOW)
        reserve(conn, [Ask(2, 2, None, "shop1", "o2", None, "big-treat")], NOW)
        fulfil(conn, [(1, "BIG")], LATER)
    with db.transaction() as conn:
        rows = conn.fetch("select on_hand, reserved from gift_stock where sku = 'BIG'")
    assert rows == [(1, 1)]


def test_unpacked_reservation_goes_back_to_claimable(db: Pool) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT], "cascade")
        stock(conn, "BIG", 1)
        _order(conn, order_no="o1")
        ids = promise(conn, [_new_promise("k1", "o1")], NOW)
        pid = ids["k1"]
        reserve(conn, [Ask(1, 1, None, "shop1", "o1", pid, "big-treat")], NOW)
        fulfil(conn, [(1, "")], LATER)
    with db.transaction() as conn:
        rows = conn.fetch("select state, reason from promise where id = %(id)s", {"id": pid})
        reserved = conn.fetch("select reserved from gift_stock where sku = 'BIG'")
    assert rows == [("claimable", "not_packed")]
    assert reserved == [(0,)]


def test_make_claimable_only_moves_promised(db: Pool) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT], "cascade")
        stock(conn, "BIG", 1)
        _order(conn, order_no="o1")
        ids = promise(conn, [_new_promise("k1", "o1")], NOW)
        n = make_claimable(conn, list(ids.values()), NOW, reason="late_add")
        assert n == 1
        n2 = make_claimable(conn, list(ids.values()), NOW, reason="late_add")
        assert n2 == 0


def test_lapse_ends_only_what_is_due(db: Pool) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT], "cascade")
        _order(conn, order_no="o1")
        ids = promise(conn, [_new_promise("k1", "o1")], NOW)
        many = lapse(conn, LATER + timedelta(days=40))
        assert many == 1
    with db.transaction() as conn:
        rows = conn.fetch(
            "select state, reason from promise where id = any(%(ids)s::bigint[])",
            {"ids": list(ids.values())},
        )
    assert rows == [("lapsed", "expired")]


def test_of_customer_lists_every_promise(db: Pool) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT], "cascade")
        _order(conn, order_no="o1")
        promise(conn, [_new_promise("k1", "o1")], NOW)
    with db.transaction() as conn:
        promises = of_customer(conn, 1)
    assert len(promises) == 1
    assert promises[0].state == "promised"


def _happen(conn: Any, promise_id: int, what: Happening) -> None:
    match what:
        case "reserve":
            ask = Ask(7, 1, None, "shop1", "o1", promise_id, "big-treat")
            reserve(conn, [ask], NOW)
        case "pack":
            fulfil(conn, [(7, "BIG")], NOW)
        case "unpacked":
            fulfil(conn, [(7, "")], NOW)
        case "owe":
            make_claimable(conn, [promise_id], NOW, "late_add")
        case "revoke":
            revoke(conn, [("shop1", "o1")], "order_gone", NOW)
        case "redeem":
            states = [state for state in STATES if after(state, "redeem") != state]
            conn.execute(SQL.redeem, {"ids": [promise_id], "states": states, "now": NOW})
        case "lapse":
            lapse(conn, SOON)
        case "commit":
            reservations.commit(conn, [promise_id], NOW)
        case "release":
            reservations.release(conn, [promise_id], NOW)


def _drawn(conn: Any, state: State) -> int:
    """A promise of a gift; or a reservation, for the states that only these have."""
    if state not in ("held", "committed"):
        (made,) = promise(conn, [_new_promise("k", "o1")], NOW).values()
        return made
    install(conn, [Offer("drawn", {}, 1, "S", kind="sample", terms=Terms(pieces=1))], "p")
    conn.execute("insert into customer (id, created_at) values (1, %(now)s)", {"now": NOW})
    _order(conn, order_no="o1")
    ask = Wanted("k", "drawn", 1, shop="shop1", order_no="o1", commit=state == "committed")
    (made,) = reservations.reserve(conn, KEYS, [ask], NOW)
    assert isinstance(made, Reservation)
    return made.id


@pytest.mark.parametrize("what", HAPPENINGS)
@pytest.mark.parametrize("state", STATES)
def test_each_statement_moves_a_promise_as_the_pure_rule_says(
    db: Pool, state: State, what: Happening
) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT], "p")
        stock(conn, "BIG", 5)
        promise_id = _drawn(conn, state)
        if state in ("reserved", "fulfilled", "revoked"):
            _happen(conn, promise_id, "reserve")
        if state in ("claimable", "lapsed"):
            _happen(conn, promise_id, "owe")
        if state == "lapsed":
            conn.execute("update promise set expires_at = %(now)s", {"now": NOW})
        last: dict[State, Happening] = {
            "fulfilled": "pack", "revoked": "revoke", "lapsed": "lapse",
        }  # fmt: skip
        if state in last:
            _happen(conn, promise_id, last[state])
        assert _states(conn, {"k": promise_id})[0][0] == state
        conn.execute("update promise set expires_at = %(soon)s", {"soon": SOON})

        _happen(conn, promise_id, what)

        assert _states(conn, {"k": promise_id})[0][0] == after(state, what)
        ((on_hand, reserved),) = conn.fetch("select on_hand, reserved from gift_stock")
        assert reserved == (after(state, what) == "reserved") <= on_hand
        if state in ("held", "committed"):
            kept = after(state, what) in ("held", "committed", "fulfilled")
            assert conn.fetch("select taken from allotment") == [(kept,)]


def test_two_connections_at_once_never_give_away_more_than_there_is(db: Pool) -> None:
    with db.transaction() as conn:
        install(conn, [BIG_TREAT, SMALL_TREAT], "p")
        stock(conn, "BIG", 7)
        stock(conn, "SMALL", 5)

    def take(parcel_id: int) -> str | None:
        with db.transaction() as conn:
            ask = Ask(parcel_id, parcel_id, None, "shop1", "o1", None, "big-treat")
            return reserve(conn, [ask], NOW)[parcel_id]

    with ThreadPoolExecutor(4) as threads:
        given = list(threads.map(take, range(30)))

    assert [given.count(sku) for sku in ("BIG", "SMALL", None)] == [7, 5, 18]
    with db.transaction() as conn:
        shelf = conn.fetch("select sku, on_hand, reserved from gift_stock order by sku")
    assert shelf == [("BIG", 7, 7), ("SMALL", 5, 5)]


def test_the_number_of_statements_does_not_depend_on_the_number_of_promises(db: Pool) -> None:
    def statements(name: str, many: int) -> int:
        with db.transaction() as conn:
            install(conn, [BIG_TREAT], "p")
            stock(conn, "BIG", 1000)
        with db.counting() as seen, db.transaction() as conn:
            new = [_new_promise(f"{name}{n}", f"{name}{n}") for n in range(many)]
            ids = promise(conn, new, NOW)
            asks = [
                Ask(made, 1, None, "shop1", key, made, "big-treat") for key, made in ids.items()
            ]
            reserve(conn, asks, NOW)
            fulfil(conn, [(ask.parcel_id, "BIG") for ask in asks], NOW)
            revoke(conn, [("shop1", key) for key in ids], "order_gone", NOW)
        return len(seen)

    assert statements("few", 1) == statements("many", 100)
