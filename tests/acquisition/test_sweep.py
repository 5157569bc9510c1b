from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from datetime import timedelta
from typing import Any

import pytest

from siyu.acquisition import views
from siyu.acquisition.sweep import freeze
from siyu.budget.actions import set_shop_policy, suppress
from siyu.db.pool import Pool
from siyu.events.actions import accept
from siyu.events.sweep import apply
from siyu.offers import views as offers
from siyu.worker import due

BUYER, OTHER = "13800000001", "13800000002"


def _plan(
    house: Any, *orders: str, main: str | None = "", hours: int = 2, parcel: str = ""
) -> None:
    """One parcel of these orders, due in some hours; b1 for o1."""
    cutoff = house.now + timedelta(hours=hours)
    main = orders[0] if main == "" else main
    house.deliver([house.planned(parcel or orders[0].replace("o", "b"), orders, main, cutoff)])


def _later(house: Any, hours: int = 2) -> Any:
    house.now += timedelta(hours=hours)
    return house.freeze()


def test_a_parcel_is_frozen_at_its_cut_off_though_nothing_happens_then(house: Any) -> None:
    house.deliver([house.paid("o1", BUYER)])
    _plan(house, "o1")

    assert house.freeze().claimed == 0
    with house.db.transaction() as conn:
        assert due(conn, [])["freeze"] == house.now + timedelta(hours=2)
    assert _later(house).claimed == 1
    assert house.decision("b1") == ("card", "not_friend", "", "h-card")
    with house.db.transaction() as conn:
        assert due(conn, [])["freeze"] is None


def test_a_parcel_planned_anew_is_frozen_at_the_new_cut_off(house: Any) -> None:
    house.deliver([house.paid("o1", BUYER)])
    _plan(house, "o1", hours=2)
    house.now += timedelta(hours=1)
    _plan(house, "o1", hours=5)

    assert [_later(house, 2).claimed, _later(house, 3).claimed] == [0, 1]


def test_a_friend_gets_what_was_promised_for_this_order(house: Any) -> None:
    house.stock(TREAT=1, THANKS=1)
    house.deliver([house.paid("o1", BUYER)])
    house.promise("o1")
    _plan(house, "o1")
    house.deliver([house.added("account", phone=BUYER)])

    _later(house)

    assert house.decision("b1") == ("gift", "promised", "h-TREAT", "")
    assert house.states() == {"o1": "reserved"}


def test_two_parcels_frozen_together_use_a_promise_once(house: Any) -> None:
    house.stock(TREAT=5, THANKS=5)
    house.deliver([house.paid("o1", BUYER), house.paid("o2", BUYER)])
    house.promise("o1")
    house.deliver([house.added("account", phone=BUYER)])
    _plan(house, "o2", hours=1)
    _plan(house, "o1", hours=2)

    _later(house)

    assert house.decision("b2") == ("gift", "friend", "h-THANKS", "")
    assert house.decision("b1") == ("gift", "promised", "h-TREAT", "")


def test_who_adds_after_the_cut_off_gets_the_gift_by_the_next_parcel(house: Any) -> None:
    house.stock(TREAT=1, THANKS=1)
    house.deliver([house.paid("o1", BUYER)])
    promise_id = house.promise("o1")
    _plan(house, "o1")
    _later(house)
    house.deliver([house.added("account", phone=BUYER)])
    with house.db.transaction() as conn:
        (owed,), _ = offers.page(conn, promise_id - 1, 1, customer=None, state="")

    house.deliver([house.paid("o2", BUYER)])
    _plan(house, "o2")
    _later(house)

    assert (owed.state, owed.reason) == ("claimable", "late_add")
    assert house.decision("b1") == ("card", "not_friend", "", "h-card")
    assert house.decision("b2") == ("gift", "owed", "h-TREAT", "")


def test_a_friend_found_out_by_a_merge_after_the_cut_off_is_owed_the_gift(house: Any) -> None:
    house.stock(TREAT=1)
    house.deliver([house.added("account")])
    house.deliver([house.paid("o1", BUYER)])
    house.promise("o1")
    _plan(house, "o1")
    _later(house)

    house.tell("customer.identified", {"external_userid": "account", "phone": BUYER})

    assert house.states() == {"o1": "claimable"}
    with house.db.transaction() as conn:
        assert views.matches(conn) == {"identified later": 1}


def test_out_of_stock_means_the_substitute_then_a_card_and_the_promise_is_owed(house: Any) -> None:
    house.stock(TREAT=0, SPARE=1)
    house.deliver([house.paid(f"o{n}", f"1380000000{n}") for n in (1, 2)])
    for n in (1, 2):
        house.promise(f"o{n}")
        _plan(house, f"o{n}", hours=n)
    house.deliver([house.added(f"account-{n}", phone=f"1380000000{n}") for n in (1, 2)])

    _later(house)

    assert house.decision("b1") == ("gift", "promised", "h-SPARE", "")
    assert house.decision("b2") == ("card", "out_of_stock", "", "h-card")
    assert house.states() == {"o1": "reserved", "o2": "claimable"}


def test_a_refund_before_the_cut_off_leaves_the_parcel_empty(house: Any) -> None:
    house.stock(TREAT=1)
    house.deliver([house.paid("o1", BUYER)])
    house.promise("o1")
    _plan(house, "o1")
    house.deliver([house.added("account", phone=BUYER), house.cancelled("o1")])

    _later(house)

    assert house.decision("b1") == ("none", "order_gone", "", "")
    assert house.states() == {"o1": "revoked"}


@pytest.mark.parametrize("shipped", [True, False])
def test_a_refund_after_the_cut_off_frees_the_gift_unless_it_was_packed(
    house: Any, shipped: bool
) -> None:
    house.stock(TREAT=1)
    house.deliver([house.paid("o1", BUYER)])
    house.promise("o1")
    _plan(house, "o1")
    house.deliver([house.added("account", phone=BUYER)])
    _later(house)

    house.deliver([house.cancelled("o1")])
    freed = house.rows("select on_hand, reserved from gift_stock where sku = 'h-TREAT'")
    if shipped:
        house.deliver([house.packed("b1", "h-TREAT")])

    assert freed == [(1, 0)]
    assert house.decision("b1") == ("gift", "promised", "h-TREAT", "")
    assert house.states() == {"o1": "fulfilled" if shipped else "revoked"}
    on_hand = house.rows("select on_hand from gift_stock where sku = 'h-TREAT'")
    assert on_hand == [(0 if shipped else 1,)]
    spent = house.rows("select coalesce(sum(amount_minor), 0)::bigint from ledger_entry")
    assert spent == [(200 if shipped else 0,)]


def test_a_merged_parcel_goes_on_while_one_of_its_orders_stands(house: Any) -> None:
    house.stock(THANKS=1)
    house.deliver([house.paid("o1", BUYER), house.paid("o2", BUYER), house.cancelled("o1")])
    _plan(house, "o1", "o2")
    house.deliver([house.added("account", phone=BUYER)])

    _later(house)

    assert house.decision("b1") == ("gift", "friend", "h-THANKS", "")


def test_of_a_split_order_only_the_main_child_carries_something(house: Any) -> None:
    house.deliver([house.paid("o1", BUYER)])
    _plan(house, "o1", parcel="b1")
    _plan(house, "o1", main=None, parcel="b1-further")

    _later(house)

    assert house.decision("b1")[0] == "card"
    assert house.decision("b1-further") == ("none", "split_child", "", "")


def test_a_promise_waits_for_the_main_child_though_a_further_one_went_before(house: Any) -> None:
    house.stock(TREAT=1, THANKS=1)
    house.deliver([house.paid("o1", BUYER), house.paid("o2", BUYER)])
    house.promise("o1")
    house.deliver([house.added("account", phone=BUYER)])
    _plan(house, "o1", main=None, hours=1, parcel="b1-further")
    _plan(house, "o2", hours=3)
    _plan(house, "o1", hours=5)

    for _ in range(3):
        _later(house)

    assert house.decision("b1-further")[1] == "split_child"
    assert house.decision("b2")[:2] == ("gift", "friend")
    assert house.decision("b1")[:2] == ("gift", "promised")


def test_a_guest_gets_nothing(house: Any) -> None:
    house.deliver([house.paid("o1")])
    _plan(house, "o1")

    _later(house)

    assert house.decision("b1") == ("none", "guest", "", "")


def test_a_shop_without_inserts_gets_nothing_and_a_friends_promise_is_owed(house: Any) -> None:
    house.stock(TREAT=1)
    house.deliver([house.paid("o1", BUYER)])
    house.promise("o1")
    with house.db.transaction() as conn:
        set_shop_policy(conn, [(house.shop, "parcel_insert", False, "the platform forbids it")])
    _plan(house, "o1")
    house.deliver([house.added("account", phone=BUYER)])

    _later(house)

    assert house.decision("b1") == ("none", "no_inserts", "", "")
    assert house.states() == {"o1": "claimable"}


def test_the_hold_out_is_assigned_at_the_freeze_and_stays(a_house: Any) -> None:
    house = a_house("h", holdout=1.0)
    for order in ("o1", "o2"):
        house.deliver([house.paid(order, BUYER)])
        _plan(house, order)
        _later(house)

    assert {house.decision(parcel)[1] for parcel in ("b1", "b2")} == {"holdout"}
    assert house.rows("select scope, held from holdout") == [("h-journey", True)]


def test_who_asked_us_to_stop_gets_nothing(house: Any) -> None:
    house.deliver([house.paid("o1", BUYER), house.paid("o2", OTHER)])
    for n, phone in ((1, BUYER), (2, OTHER)):
        _plan(house, f"o{n}")
        words = {"channels": ["sms"], "purposes": ["promotion"]}
        house.tell("consent.given", {"phone": phone}, basis="consent", evidence="form 1", **words)
    house.now += timedelta(minutes=1)
    house.tell("consent.withdrawn", {"phone": OTHER}, channels=["sms"])
    ((customer_id,),) = house.rows("select customer_id from orders where order_no = 'o1'")
    with house.db.transaction() as conn:
        suppress(conn, [(customer_id, "*", "asked on the phone", None)], house.now)

    _later(house)

    assert {house.decision(parcel)[:2] for parcel in ("b1", "b2")} == {("none", "opted_out")}


def test_an_order_never_heard_of_is_counted_as_such(house: Any) -> None:
    _plan(house, "o1")

    _later(house)

    assert house.decision("b1") == ("none", "unknown_order", "", "")


def test_history_that_was_brought_in_is_not_decided(house: Any) -> None:
    plan = house.planned("b1", ["o1"], "o1", house.now)
    with house.db.transaction() as conn:
        accept(conn, house.keys, "CN", [plan], house.now, backfill=True)
    apply(house.db, house.projections, house.now)

    assert _later(house).claimed == 0


def test_the_number_of_statements_does_not_depend_on_the_number_of_parcels(a_house: Any) -> None:
    def statements(name: str, many: int) -> list[str]:
        house = a_house(name, holdout=0.3)
        house.stock(TREAT=many, THANKS=many)
        phones = [f"139{number:08d}" for number in range(many)]
        house.deliver(
            [house.paid(f"o{n}", phone) for n, phone in enumerate(phones)]
            + [house.paid(f"q{n}", phone) for n, phone in enumerate(phones)]
            + [house.paid(f"x{n}", f"137{n:08d}") for n in range(many)]
        )
        house.deliver([house.cancelled(f"x{n}") for n in range(many)])
        for n in range(many):
            house.promise(f"o{n}")
        house.deliver(
            [house.added(f"{name}-{n}", phone=phone) for n, phone in enumerate(phones) if n % 2]
        )
        cutoff = house.now + timedelta(hours=1)
        orders = [f"{kind}{n}" for n in range(many) for kind in "oqx"]
        house.deliver([house.planned(f"{name}-{no}", [no], no, cutoff) for no in orders])
        house.now = cutoff
        with house.db.counting() as seen:
            assert house.freeze().claimed == 3 * many
        return [statement.splitlines()[0] for statement in seen]

    few, many = statements("few", 12), statements("many", 60)

    assert len(few) == len(many)
    assert len(many) <= 30


def test_a_warehouse_that_reads_on_misses_no_decision_whatever_the_clock_says(house: Any) -> None:
    house.deliver([house.paid("o1", BUYER), house.paid("o2", OTHER)])
    _plan(house, "o1", hours=1)
    _plan(house, "o2", hours=2)
    late, early = house.now + timedelta(hours=3), house.now + timedelta(hours=2)

    house.now = late
    house.freeze(limit=1)
    with house.db.transaction() as conn:
        (first,) = views.decisions(conn, 0, 10)
    house.now = early  # a sweep whose clock was read before, and which commits after
    house.freeze()
    with house.db.transaction() as conn:
        (second,) = views.decisions(conn, first.seq, 10)
        none = views.decisions(conn, second.seq, 10)

    with house.db.transaction() as conn:
        pages = [views.decisions(conn, after, 1) for after in (0, first.seq, second.seq)]

    assert (first.parcel_no, second.parcel_no, none) == ("b1", "b2", [])
    assert pages == [[first], [second], []]
    assert second.frozen_at < first.frozen_at


@pytest.fixture
def aside() -> Any:
    """Runs something in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit


def _waits(running: Any) -> bool:
    try:
        running.result(timeout=0.3)
    except StillWaiting:
        return True
    return False


def test_an_add_that_is_applied_while_its_parcel_freezes_is_not_lost(
    house: Any, aside: Callable[..., Any]
) -> None:
    house.stock(TREAT=1)
    house.deliver([house.paid("o1", BUYER)])
    house.promise("o1")
    _plan(house, "o1")
    house.now += timedelta(hours=2)

    with house.db.transaction() as conn:
        freeze(conn, house.keys, house.ids, house.now)
        adding = aside(house.deliver, [house.added("account", phone=BUYER)])
        assert _waits(adding)
    adding.result()

    assert house.decision("b1")[1] == "not_friend"
    assert house.states() == {"o1": "claimable"}


def test_two_sweeps_at_once_decide_each_parcel_once(house: Any, aside: Callable[..., Any]) -> None:
    house.stock(THANKS=1)
    house.deliver([house.paid("o1", BUYER), house.paid("o2", BUYER)])
    house.deliver([house.added("account", phone=BUYER)])
    _plan(house, "o1", hours=1)
    _plan(house, "o2", hours=2)
    house.now += timedelta(hours=2)

    with house.db.transaction() as conn:
        freeze(conn, house.keys, house.ids, house.now, limit=1)
        other = aside(house.freeze)
        assert _waits(other)

    assert other.result().claimed == 1
    assert house.decision("b1")[:2] == ("gift", "friend")
    assert house.decision("b2")[:2] == ("card", "out_of_stock")


def test_a_sweep_with_nothing_due_waits_for_nobody(db: Pool, house: Any) -> None:
    with db.transaction() as conn:
        conn.fetch("select pg_advisory_xact_lock(hashtextextended('siyu promises and parcels', 0))")

        assert house.freeze().claimed == 0
