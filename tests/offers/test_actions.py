from datetime import UTC, datetime, timedelta

import pytest

from siyu.kernel.errors import NotFound, Refused
from siyu.offers.actions import (
    fulfil,
    install,
    lapse,
    make_claimable,
    promise,
    reserve,
    revoke,
    stock,
)
from siyu.offers.model import Ask, NewPromise, Offer
from siyu.offers.views import of_customer, open_promises

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
SOON = NOW + timedelta(days=30)

MASK = Offer("face-mask", {"zh": "面膜", "en": "mask"}, 1500, "SKU-MASK", substitute="hand-cream")
CREAM = Offer("hand-cream", {"zh": "护手霜", "en": "cream"}, 1500, "SKU-CREAM")


def _order(conn, *, order_no: str, state: str = "paid", customer_id: int | None = 1) -> None:  # type: ignore[no-untyped-def]
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


def _new_promise(key: str, order_no: str, offer: str = "face-mask") -> NewPromise:
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


def test_promise_is_idempotent_per_key(db) -> None:
    with db.transaction() as conn:
        install(conn, [MASK], "cascade")
        _order(conn, order_no="o1")
        first = promise(conn, [_new_promise("k1", "o1")], NOW)
        second = promise(conn, [_new_promise("k1", "o1")], NOW)
    assert first == second
    assert len(set(first.values())) == 1


def test_unknown_offer_is_refused_before_any_row_is_written(db) -> None:
    with db.transaction() as conn:
        with pytest.raises(NotFound):
            promise(conn, [_new_promise("k1", "o1", offer="nope")], NOW)
        assert conn.fetch("select count(*) from promise")[0][0] == 0


def test_a_promise_for_an_order_already_gone_starts_revoked(db) -> None:
    with db.transaction() as conn:
        install(conn, [MASK], "cascade")
        _order(conn, order_no="o1", state="cancelled")
        ids = promise(conn, [_new_promise("k1", "o1")], NOW)
    with db.transaction() as conn:
        rows = conn.fetch(
            "select state, reason from promise where id = any(%(ids)s::bigint[])",
            {"ids": list(ids.values())},
        )
    assert rows == [("revoked", "order_gone")]


def test_stock_never_falls_below_what_is_reserved(db) -> None:
    with db.transaction() as conn:
        install(conn, [MASK], "cascade")
        stock(conn, "SKU-MASK", 1)
        reserve(
            conn,
            [Ask(1, 1, None, "shop1", "o1", None, "face-mask")],
            NOW,
        )
        with pytest.raises(Refused):
            stock(conn, "SKU-MASK", 0)


def test_reserve_never_oversells_and_falls_back_to_the_substitute(db) -> None:
    with db.transaction() as conn:
        install(conn, [MASK, CREAM], "cascade")
        stock(conn, "SKU-MASK", 1)
        stock(conn, "SKU-CREAM", 1)
        given = reserve(
            conn,
            [
                Ask(1, 1, None, "shop1", "o1", None, "face-mask"),
                Ask(2, 2, None, "shop1", "o2", None, "face-mask"),
            ],
            NOW,
        )
    skus = sorted(sku for sku in given.values() if sku)
    assert skus == ["SKU-CREAM", "SKU-MASK"]


def test_reserve_all_out_of_stock_gives_none(db) -> None:
    with db.transaction() as conn:
        install(conn, [MASK], "cascade")
        stock(conn, "SKU-MASK", 0)
        given = reserve(conn, [Ask(1, 1, None, "shop1", "o1", None, "face-mask")], NOW)
    assert given == {1: None}


def test_reserve_promise_already_closed_is_missing(db) -> None:
    with db.transaction() as conn:
        install(conn, [MASK], "cascade")
        stock(conn, "SKU-MASK", 5)
        _order(conn, order_no="o1")
        ids = promise(conn, [_new_promise("k1", "o1")], NOW)
        pid = ids["k1"]
        revoke(conn, [("shop1", "o1")], "refund", NOW)
        given = reserve(conn, [Ask(1, 1, None, "shop1", "o1", pid, "face-mask")], NOW)
    assert 1 not in given


def test_fulfil_reduces_on_hand_and_never_below_what_others_still_have_reserved(db) -> None:
    with db.transaction() as conn:
        install(conn, [MASK], "cascade")
        stock(conn, "SKU-MASK", 2)
        reserve(conn, [Ask(1, 1, None, "shop1", "o1", None, "face-mask")], NOW)
        reserve(conn, [Ask(2, 2, None, "shop1", "o2", None, "face-mask")], NOW)
        fulfil(conn, [(1, "SKU-MASK")], LATER)
    with db.transaction() as conn:
        rows = conn.fetch("select on_hand, reserved from gift_stock where sku = 'SKU-MASK'")
    assert rows == [(1, 1)]


def test_unpacked_reservation_goes_back_to_claimable(db) -> None:
    with db.transaction() as conn:
        install(conn, [MASK], "cascade")
        stock(conn, "SKU-MASK", 1)
        _order(conn, order_no="o1")
        ids = promise(conn, [_new_promise("k1", "o1")], NOW)
        pid = ids["k1"]
        reserve(conn, [Ask(1, 1, None, "shop1", "o1", pid, "face-mask")], NOW)
        fulfil(conn, [(1, "")], LATER)
    with db.transaction() as conn:
        rows = conn.fetch("select state, reason from promise where id = %(id)s", {"id": pid})
        reserved = conn.fetch("select reserved from gift_stock where sku = 'SKU-MASK'")
    assert rows == [("claimable", "not_packed")]
    assert reserved == [(0,)]


def test_make_claimable_only_moves_promised(db) -> None:
    with db.transaction() as conn:
        install(conn, [MASK], "cascade")
        stock(conn, "SKU-MASK", 1)
        _order(conn, order_no="o1")
        ids = promise(conn, [_new_promise("k1", "o1")], NOW)
        n = make_claimable(conn, list(ids.values()), NOW, reason="late_add")
        assert n == 1
        n2 = make_claimable(conn, list(ids.values()), NOW, reason="late_add")
        assert n2 == 0


def test_lapse_ends_only_what_is_due(db) -> None:
    with db.transaction() as conn:
        install(conn, [MASK], "cascade")
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


def test_open_promises_excludes_expired(db) -> None:
    with db.transaction() as conn:
        install(conn, [MASK], "cascade")
        _order(conn, order_no="o1")
        promise(conn, [_new_promise("k1", "o1")._replace(expires_at=NOW + timedelta(hours=1))], NOW)
    with db.transaction() as conn:
        found = open_promises(conn, [1], NOW + timedelta(days=1))
    assert found == {}


def test_of_customer_lists_every_promise(db) -> None:
    with db.transaction() as conn:
        install(conn, [MASK], "cascade")
        _order(conn, order_no="o1")
        promise(conn, [_new_promise("k1", "o1")], NOW)
    with db.transaction() as conn:
        promises = of_customer(conn, 1)
    assert len(promises) == 1
    assert promises[0].state == "promised"
