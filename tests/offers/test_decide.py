from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.offers.decide import after, allocate, amount, chain, from_states, hand_out
from siyu.offers.model import (
    HAPPENINGS,
    STATES,
    Allotment,
    Amount,
    Ask,
    Draw,
    Drawn,
    Happening,
    Offer,
    State,
    Terms,
    Wanted,
)

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


def _draws() -> st.SearchStrategy[Draw]:
    lists = st.lists(st.builds(Amount, st.integers(1, 9900), st.integers(1, 99)), min_size=1)
    return st.one_of(
        lists.map(lambda amounts: Draw(tuple(amounts))),
        st.lists(st.integers(1, 9900), min_size=3, max_size=3, unique=True).map(
            lambda three: Draw((), min(three), max(three), sorted(three)[1])
        ),
    )


@given(
    draw=_draws(),
    budget=st.integers(0, 50_000),
    cap=st.none() | st.integers(0, 30),
    n=st.integers(0, 60),
)
def test_red_packets_keep_to_budget_cap_and_least_amount(
    draw: Draw, budget: int, cap: int | None, n: int
) -> None:
    offer = Offer("o", {}, 1, "", kind="red_packet", terms=Terms(draw=draw))
    pots = {("o", ""): Allotment("o", "", cap, 0, budget, 0)}
    asks = [Wanted(f"k{one}", "o", one) for one in range(n)]

    answers = hand_out(asks, {"o": offer}, pots, {})

    money = [one.amount_minor or 0 for one in answers if isinstance(one, Drawn)]
    assert sum(money) <= budget
    assert all(draw.least <= one <= 9900 for one in money)
    assert cap is None or len(money) <= cap
    assert hand_out(asks, {"o": offer}, pots, {}) == answers
    if "budget" in answers:
        assert budget - sum(money) < draw.least
    if len(money) == n:  # nobody was turned away: everybody got their own draw, or the least
        own = [hand_out([ask], {"o": offer}, {("o", ""): pots["o", ""]}, {})[0] for ask in asks]
        drawn = [one.amount_minor for one in own if isinstance(one, Drawn)]
        assert all(got in (alone, draw.least) for got, alone in zip(money, drawn, strict=True))


@settings(max_examples=30)
@given(draw=_draws())
def test_what_is_stated_of_red_packets_is_what_is_drawn(draw: Draw) -> None:
    drawn = [amount(draw, (place + 0.5) / 1_000) for place in range(1_000)]

    listed = [one.minor for one in draw.amounts for _ in range(one.odds)]
    stated = sum(listed) / len(listed) if listed else draw.mean_minor
    assert abs(sum(drawn) / len(drawn) - stated) < max(stated, 100) * 0.03
    assert min(drawn) >= draw.least
