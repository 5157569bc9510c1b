from hypothesis import given
from hypothesis import strategies as st

from siyu.offers.decide import after, allocate, chain, from_states
from siyu.offers.model import HAPPENINGS, STATES, Ask, Happening, Offer, State

OFFERS = {
    "big": Offer("big", {"zh": "大礼", "en": "big"}, 1500, "BIG", substitute="small"),
    "small": Offer("small", {"zh": "小礼", "en": "small"}, 1500, "SMALL"),
}


def _ask(parcel_id: int, promise_id: int | None = None, offer: str = "big") -> Ask:
    return Ask(
        parcel_id=parcel_id,
        customer_id=parcel_id,
        identity_id=None,
        shop="shop",
        order_no=f"o{parcel_id}",
        promise_id=promise_id,
        offer=offer,
    )


def test_a_gift_out_of_stock_falls_to_its_substitute_never_oversold() -> None:
    given_sku = allocate([_ask(1)], OFFERS, {"BIG": 0, "SMALL": 1})
    assert given_sku == {1: "SMALL"}


def test_nothing_left_gives_none() -> None:
    given_sku = allocate([_ask(1)], OFFERS, {"BIG": 0, "SMALL": 0})
    assert given_sku == {1: None}


def test_two_asks_never_take_more_than_is_free() -> None:
    asks = [_ask(1), _ask(2)]
    given_sku = allocate(asks, OFFERS, {"BIG": 1, "SMALL": 0})
    taken = sum(1 for sku in given_sku.values() if sku == "BIG")
    assert taken <= 1


@given(
    free=st.dictionaries(st.sampled_from(["BIG", "SMALL"]), st.integers(0, 5), max_size=2),
    n=st.integers(0, 10),
)
def test_allocate_never_exceeds_stock(free: dict[str, int], n: int) -> None:
    asks = [_ask(i) for i in range(n)]
    given_sku = allocate(asks, OFFERS, free)
    used: dict[str, int] = {}
    for sku in given_sku.values():
        if sku:
            used[sku] = used.get(sku, 0) + 1
    for sku, count in used.items():
        assert count <= free.get(sku, 0)


def test_chain_stops_before_a_ring() -> None:
    ring = {
        "a": Offer("a", {}, 1, "A", substitute="b"),
        "b": Offer("b", {}, 1, "B", substitute="a"),
    }
    assert [offer.code for offer in chain("a", ring)] == ["a", "b"]


def test_unknown_state_change_is_a_no_op() -> None:
    assert after("fulfilled", "revoke") == "fulfilled"
    assert after("revoked", "lapse") == "revoked"


@given(state=st.sampled_from(STATES), history=st.lists(st.sampled_from(HAPPENINGS)))
def test_a_gift_that_was_handed_over_stays_handed_over(
    state: State, history: list[Happening]
) -> None:
    states: list[State] = [state]
    for what in history:
        states.append(after(states[-1], what))

    first = states.index("fulfilled") if "fulfilled" in states else len(states)
    assert set(states[first:]) <= {"fulfilled"}
    assert set(states) <= set(STATES)


def test_from_states_matches_transition_table() -> None:
    assert set(from_states("reserve")) == {"promised", "claimable"}
    assert set(from_states("revoke")) == {
        "promised", "reserved", "claimable", "held", "committed",
    }  # fmt: skip
