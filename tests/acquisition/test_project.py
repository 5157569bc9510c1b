from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from siyu.acquisition import views
from siyu.acquisition.actions import issue
from siyu.acquisition.model import Issue
from siyu.ledger.actions import caps
from siyu.ledger.views import spendings
from siyu.staff.actions import seed
from siyu.staff.model import Brand

BUYER, OTHER = "13800000001", "13800000002"


def _issued(house: Any, order_no: str = "o1", step: str = "sms") -> str:
    ((customer_id,),) = house.rows(
        "select customer_id from orders where order_no = %(no)s", no=order_no
    )
    code = f"{house.source.code}/{step}"
    one = Issue(code, step, customer_id, house.shop, order_no)
    with house.db.transaction() as conn:
        return issue(conn, house.keys, house.ids, [one], house.now)[code, house.shop, order_no]


def _frozen(house: Any, *orders: str) -> None:
    cutoff = house.now + timedelta(hours=1)
    house.deliver([house.planned(no.replace("o", "b"), [no], no, cutoff) for no in orders])
    house.now = cutoff
    house.freeze()


def _costs(house: Any) -> list[tuple[Any, ...]]:
    return house.rows("select kind, step, journey, quantity from ledger_entry order by kind")


def _match(house: Any) -> tuple[Any, ...]:
    (row,) = house.rows("select matched, how, step, source, journey from friend_match")
    return row


@pytest.mark.parametrize("decided", ["gift", "card"])
@pytest.mark.parametrize("packed", ["gift", "card", "both", "nothing"])
def test_costs_are_those_of_what_was_really_packed(house: Any, decided: str, packed: str) -> None:
    house.stock(THANKS=2)
    house.deliver([house.paid("o1", BUYER)])
    if decided == "gift":
        house.deliver([house.added("account", phone=BUYER)])
    _frozen(house, "o1")
    assert house.decision("b1")[0] == decided

    gift = "h-THANKS" if packed in ("gift", "both") else ""
    card = "h-card" if packed in ("card", "both") else ""
    house.deliver([house.packed("b1", gift, card)])

    gift_costs = [("gift", "gift", "h-journey", 1), ("shipping_extra", "gift", "h-journey", 1)]
    card_cost = [("card", "card", "h-journey", 1)]
    assert _costs(house) == (card_cost if card else []) + (gift_costs if gift else [])
    left = house.rows("select on_hand, reserved from gift_stock where sku = 'h-THANKS'")
    assert left == [(1, 0) if gift else (2, 0)]


def test_a_gift_that_the_packer_forgot_is_owed(house: Any) -> None:
    house.stock(TREAT=1)
    house.deliver([house.paid("o1", BUYER), house.added("account", phone=BUYER)])
    house.promise("o1")
    _frozen(house, "o1")

    house.deliver([house.packed("b1")])

    assert house.states() == {"o1": "claimable"}
    assert house.rows("select reserved from gift_stock") == [(0,)]


def test_a_parcel_is_booked_once_however_often_it_is_told(house: Any) -> None:
    house.stock(THANKS=5)
    house.deliver([house.paid("o1", BUYER), house.added("account", phone=BUYER)])
    _frozen(house, "o1")

    house.deliver([house.packed("b1", "h-THANKS"), house.packed("b1", "h-THANKS")])
    house.deliver([house.packed("b1", "h-THANKS")])

    assert house.rows("select on_hand, reserved from gift_stock") == [(4, 0)]
    assert len(_costs(house)) == 2


def test_packed_before_it_was_planned_is_booked_when_the_plan_comes(house: Any) -> None:
    house.deliver([house.paid("o1", BUYER), house.packed("b1", card="h-card")])
    before = _costs(house)
    _frozen(house, "o1")

    assert before == []
    assert house.decision("b1")[:2] == ("none", "packed_undecided")
    assert [row[0] for row in _costs(house)] == ["card"]
    assert house.rows("select customer_id is not null from ledger_entry") == [(True,)]


def test_the_parcel_account_adds_up(house: Any) -> None:
    house.stock(THANKS=9)
    phones = [f"1380000001{n}" for n in range(6)]
    house.deliver([house.paid(f"o{n}", phone) for n, phone in enumerate(phones)])
    house.deliver([house.paid("o6"), house.paid("o7")])
    house.deliver([house.added(f"a{n}", phone=phones[n]) for n in (0, 1, 2)])
    _frozen(house, *(f"o{n}" for n in range(8)))
    contents = [
        ("h-THANKS", ""), ("h-THANKS", "h-card"), ("", ""),  # decided: gift
        ("", "h-card"), ("", "h-card"), ("h-THANKS", ""),  # decided: card
        ("", ""), ("", "h-card"),  # guests
    ]  # fmt: skip
    house.deliver([house.packed(f"b{n}", *what) for n, what in enumerate(contents)])
    house.deliver([house.packed("never-planned")])

    with house.db.transaction() as conn:
        account = views.account(conn)

    assert (account.gift, account.card, account.both, account.neither) == (2, 2, 1, 1)
    assert account.out_of_scope == {"guest": 2, "undecided": 1}
    assert account.packed == 9 == 2 + 2 + 1 + 1 + 3
    assert account.decided == {"gift": 3, "card": 3, "none": 3}
    assert (account.differs, account.strays) == (3, 1)


def test_an_add_by_our_code_is_matched_and_names_its_step(house: Any) -> None:
    house.deliver([house.paid("o1", BUYER)])
    state = _issued(house, step="call")

    house.deliver([house.added("account", state=state)])

    assert _match(house) == (True, "state", "call", "h-source", "h-journey")
    assert house.rows("select count(distinct customer_id) from friendship") == [(1,)]


def test_the_card_of_a_parcel_tells_who_scanned_it(house: Any) -> None:
    house.deliver([house.paid("o1", BUYER)])
    _frozen(house, "o1")
    with house.db.transaction() as conn:
        (card,) = views.decisions(conn, 0, 10)

    house.deliver([house.added("account", state=card.state_code)])

    assert _match(house)[:3] == (True, "state", "card")


def test_a_second_person_with_the_same_code_is_another_customer_and_unmatched(house: Any) -> None:
    house.deliver([house.paid("o1", BUYER)])
    state = _issued(house)
    house.deliver([house.added("account", state=state)])

    house.deliver([house.added("a-friend-of-hers", state=state)])

    matches = house.rows(
        "select matched, how, step from friend_match order by added_at, identity_id"
    )
    assert matches == [(True, "state", "sms"), (False, "unmatched", "sms")]


def test_an_add_that_shares_a_key_with_a_buyer_is_matched(house: Any) -> None:
    house.deliver([house.paid("o1", BUYER)])

    house.deliver([house.added("account", phone=BUYER)])

    assert _match(house) == (True, "shared key", "", "", "")


def test_a_friend_whom_nothing_ties_to_a_buyer_is_counted_as_unmatched(house: Any) -> None:
    house.deliver([house.paid("o1", BUYER)])

    house.deliver([house.added("account", state="a-code-of-somebody-else")])

    assert _match(house) == (False, "unmatched", "", "", "")


@pytest.mark.parametrize("proof", ["merge", "order"])
def test_an_unmatched_friend_who_proves_to_be_a_buyer_is_matched_then(
    house: Any, proof: str
) -> None:
    house.deliver([house.added("account", phone=OTHER)])
    house.deliver([house.paid("o1", BUYER)])
    assert _match(house)[0] is False

    if proof == "merge":
        house.tell("customer.identified", {"external_userid": "account", "phone": BUYER})
    else:
        house.deliver([house.paid("o2", OTHER)])

    assert _match(house)[:2] == (True, "identified later")


@pytest.mark.parametrize("early_first", [True, False])
def test_the_first_add_of_an_account_is_the_one_that_counts_in_any_order(
    house: Any, early_first: bool
) -> None:
    house.deliver([house.paid("o1", BUYER)])
    state = _issued(house)
    early = house.added("account", state=state)
    house.now += timedelta(days=3)
    late = house.added("account", phone=BUYER)

    for event in (early, late) if early_first else (late, early):
        house.deliver([event])

    assert _match(house)[:3] == (True, "state", "sms")


def test_explain_says_in_words_what_a_parcel_carried_and_why(house: Any) -> None:
    house.deliver([house.paid("o1", BUYER)])
    _frozen(house, "o1")
    house.deliver([house.packed("b1", card="h-card")])
    ((customer_id,),) = house.rows("select customer_id from orders")

    with house.db.transaction() as conn:
        (parcel,) = views.explain_parcels(conn, customer_id)

    assert (parcel.parcel_no, parcel.content, parcel.packed_card) == ("b1", "card", "h-card")
    assert "no friend" in parcel.words["en"]


def test_every_batch_of_events_takes_the_same_number_of_statements(a_house: Any) -> None:
    def statements(name: str, many: int) -> int:
        house = a_house(name)
        phones = [f"139{number:08d}" for number in range(many)]
        house.deliver([house.paid(f"o{n}", phone) for n, phone in enumerate(phones)])
        cutoff = house.now + timedelta(hours=1)
        events = [house.added(f"{name}{n}", phone=phone) for n, phone in enumerate(phones)]
        events += [house.planned(f"{name}{n}", [f"o{n}"], f"o{n}", cutoff) for n in range(many)]
        events += [house.packed(f"{name}{n}", card="h-card") for n in range(many)]
        events += [house.cancelled(f"o{n}") for n in range(many)]
        with house.db.counting() as seen:
            house.deliver(events)
        return len(seen)

    assert statements("few", 3) == statements("many", 60)


def _expected(house: Any) -> int:
    """What the playbook with a budget has spent or is expected to."""
    with house.db.transaction() as conn:
        (one,) = spendings(conn, house.now)
    return one.spent_minor


def _budget(house: Any) -> None:
    with house.db.transaction() as conn:
        seed(conn, Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh"))
        caps.set_cap(conn, "h", 10_000, None, "ana", house.now)


@pytest.mark.parametrize(("carries", "costs"), [("card", 100), ("gift", 200)])
def test_a_parcel_of_a_cancelled_order_gives_back_what_it_would_have_cost(
    house: Any, carries: str, costs: int
) -> None:
    _budget(house)
    house.stock(THANKS=5)
    house.deliver([house.paid("o1", BUYER), house.paid("o2", OTHER)])
    if carries == "gift":
        for number, phone in enumerate((BUYER, OTHER)):
            house.deliver([house.added(f"a{number}", phone=phone)])
    _frozen(house, "o1", "o2")
    assert (house.decision("b1")[0], _expected(house)) == (carries, 2 * costs)

    house.deliver([house.cancelled("o1")])
    assert _expected(house) == costs
    house.deliver([house.cancelled("o1")])  # told again
    assert _expected(house) == costs

    card, gift = ("h-card", "") if carries == "card" else ("", "h-THANKS")
    house.deliver([house.packed("b1", gift, card)])  # all the same: it costs what it costs
    house.deliver([house.packed("b2", gift, card), house.cancelled("o2")])  # packed, so paid for
    assert _expected(house) == 2 * costs


def test_a_parcel_with_another_order_that_stands_is_still_reckoned_with(house: Any) -> None:
    _budget(house)
    house.deliver([house.paid("o1", BUYER), house.paid("o2", BUYER)])
    cutoff = house.now + timedelta(hours=1)
    house.deliver([house.planned("b1", ["o1", "o2"], "o1", cutoff)])
    house.now = cutoff
    house.freeze()

    house.deliver([house.cancelled("o1")])
    assert _expected(house) == 100
    house.deliver([house.cancelled("o2")])
    assert _expected(house) == 0
