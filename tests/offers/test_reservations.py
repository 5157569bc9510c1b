"""One tiny reserve → commit → release: never a piece, a fen or a customer too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from siyu.db.pool import Pool
from siyu.events.actions import accept
from siyu.events.model import Incoming
from siyu.events.sweep import apply
from siyu.kernel.errors import Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn
from siyu.ledger.actions import Price, caps, set_prices
from siyu.ledger.views import spendings
from siyu.offers.actions import install, lapse, revoke
from siyu.offers.actions.allotments import add_codes, change
from siyu.offers.actions.reservations import (
    CODE_LETTERS,
    Answer,
    commit,
    give_back,
    release,
    reserve,
)
from siyu.offers.model import Allotment, Amount, Draw, Offer, Prize, Reservation, Terms, Wanted
from siyu.offers.project import projection
from siyu.offers.views import liabilities
from siyu.staff.actions import seed
from siyu.staff.model import Brand
from siyu.vault.model import Keys

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
IDS = PublicIds(b"k")
KEYS = Keys(master=b"m" * 32, lookup=b"l" * 32)
TITLE = {"zh": "权益", "en": "offer"}


def an_offer(kind: Any = "sample", **terms: Any) -> Offer:
    return Offer("o", TITLE, 1500, "SAMPLE", None, kind, Terms(**terms))


def people(conn: Conn, many: int) -> None:
    conn.execute(
        "insert into customer (id, created_at) select n, %(now)s"
        " from generate_series(1, %(many)s::bigint) as g (n)",
        {"many": many, "now": NOW},
    )


def ask(customer: int, key: str = "", **more: Any) -> Wanted:
    return Wanted(key or f"k{customer}", "o", customer, **more)


def given(answers: Sequence[Answer]) -> list[Reservation]:
    return [one for one in answers if isinstance(one, Reservation)]


def pot(db: Pool, what: str = "pieces, taken") -> list[tuple[Any, ...]]:
    with db.transaction() as conn:
        return conn.fetch(f"select {what} from allotment order by part")


def begin(db: Pool, offer: Offer, many: int = 10) -> None:
    with db.transaction() as conn:
        install(conn, [offer], "p")
        people(conn, many)


def take(db: Pool, *asks: Wanted, now: datetime = NOW) -> list[Answer]:
    with db.transaction() as conn:
        return reserve(conn, KEYS, asks, now)


def test_each_gets_a_piece_until_none_is_left(db: Pool) -> None:
    begin(db, an_offer(pieces=3))

    answers = take(db, *(ask(n) for n in range(1, 6)))

    assert [one if isinstance(one, str) else one.state for one in answers] == [
        *("held",) * 3, *("out",) * 2,
    ]  # fmt: skip
    assert pot(db) == [(3, 3)]


def test_the_same_key_gets_the_same_answer_also_when_nothing_is_left(db: Pool) -> None:
    begin(db, an_offer(pieces=1))

    first = take(db, ask(1), ask(1))
    again = take(db, ask(2), ask(1))

    assert first[0] == first[1] == again[1]
    assert again[0] == "out"
    assert take(db, ask(2, "k1")) == ["other"]
    assert pot(db) == [(1, 1)]


def test_a_customer_gets_as_many_as_the_terms_say(db: Pool) -> None:
    begin(db, an_offer(pieces=9, per_customer=2))

    answers = take(db, *(ask(1, f"k{n}") for n in range(3)))
    (held, _, refused) = answers

    assert refused == "limit"
    with db.transaction() as conn:
        release(conn, [given([held])[0].id], NOW)
    assert len(given(take(db, ask(1, "k9")))) == 1  # what was given back counts no more


def test_nobody_reserves_for_whom_there_is_not_or_what_there_is_not(db: Pool) -> None:
    begin(db, an_offer(pieces=2))

    (one, *others) = take(db, ask(1), ask(99), Wanted("k", "nothing-like-it", 1))

    assert isinstance(one, Reservation)  # whoever else came with it
    assert others == ["unknown", "no_offer"]
    assert pot(db) == [(2, 1)]


def test_what_is_not_committed_in_time_goes_back_and_the_rest_later(db: Pool) -> None:
    begin(db, an_offer(pieces=2, hold_seconds=60, valid_seconds=3600))
    one, two = given(take(db, ask(1), ask(2)))
    with db.transaction() as conn:
        assert commit(conn, [one.id], NOW)[one.id].expires_at == NOW + timedelta(hours=1)
        assert lapse(conn, NOW + timedelta(seconds=60)) == 1
        assert commit(conn, [two.id], NOW)[two.id][4:9:4] == ("lapsed", "expired")
    assert pot(db) == [(2, 1)]
    with db.transaction() as conn:
        assert lapse(conn, NOW + timedelta(hours=1)) == 1
        assert lapse(conn, NOW + timedelta(days=1)) == 0
    assert pot(db) == [(2, 0)]


def test_a_refund_gives_back_what_its_order_had_earned(db: Pool) -> None:
    begin(db, an_offer(pieces=3))
    with db.transaction() as conn:
        for order, state in (("A", "paid"), ("B", "refunded")):
            conn.execute(
                "insert into orders (shop, order_no, customer_id, state, paid_at, source,"
                " source_id, currency, total_minor, event_id) values ('s', %(order)s, 1, %(state)s,"
                " %(now)s, 't', %(order)s, 'CNY', 1, 1)",
                {"order": order, "state": state, "now": NOW},
            )
    earned = ask(1, shop="s", order_no="A", commit=True)
    late = ask(2, shop="s", order_no="B")

    answers = take(db, earned, ask(3), late)
    with db.transaction() as conn:
        assert revoke(conn, [("s", "A")], "order_gone", NOW) == 1
        assert revoke(conn, [("s", "A")], "order_gone", NOW) == 0

    assert answers[2] == "order_gone"
    assert pot(db) == [(3, 1)]
    assert given(take(db, earned))[0].state == "revoked"


def test_a_part_of_its_own_for_each_store(db: Pool) -> None:
    begin(db, an_offer("presale", stores={"east": 1, "west": 2}))

    answers = take(
        db, ask(1, store="east"), ask(2, store="east"), ask(3, store="west"), ask(4, store="north")
    )

    assert [one if isinstance(one, str) else one.part for one in answers] == [
        "east", "out", "west", "no_part",
    ]  # fmt: skip
    assert pot(db, "part, pieces, taken") == [("", None, 2), ("east", 1, 1), ("west", 2, 1)]
    with db.transaction() as conn:
        release(conn, [one.id for one in given(answers)], NOW)
    assert pot(db, "part, taken") == [("", 0), ("east", 0), ("west", 0)]


def test_a_blind_box_is_never_blank_and_gives_every_prize_that_there_is(db: Pool) -> None:
    prizes = (Prize("BIG", 1, 1), Prize("MID", 3, 10), Prize("SMALL", 6, 89))
    begin(db, an_offer("blind_box", prizes=prizes), 12)

    answers = take(db, *(ask(n) for n in range(1, 13)))

    assert Counter(one.part for one in given(answers)) == {"BIG": 1, "MID": 3, "SMALL": 6}
    assert answers.count("out") == 2


def test_red_packets_never_spend_more_than_the_budget(db: Pool) -> None:
    draw = Draw(least_minor=100, most_minor=9900, mean_minor=400)
    begin(db, an_offer("red_packet", budget_minor=5050, draw=draw), 80)

    answers = take(db, *(ask(n, commit=True) for n in range(1, 61)))
    money = [one.amount_minor or 0 for one in given(answers)]

    ((spent,),) = pot(db, "spent_minor")
    assert spent == sum(money) <= 5050
    assert 5050 - spent < 100
    assert min(money) >= 100
    assert set(answers) - set(given(answers)) == {"budget"}
    assert take(db, ask(1, commit=True)) == answers[:1]


def test_a_budget_can_be_changed_but_not_left_out(db: Pool) -> None:
    """Without one, red packets would go out for ever."""
    begin(db, an_offer("red_packet", draw=Draw((), 100, 9900, 500), budget_minor=5_000))
    was, none = (Allotment("o", "", None, budget_minor=some) for some in (5_000, None))

    with db.transaction() as conn, pytest.raises(Refused, match="said by its terms"):
        change(conn, none, was, "ana", "", NOW)
    with db.transaction() as conn:
        change(conn, was._replace(budget_minor=6_000), was, "ana", "", NOW)

    assert pot(db, "budget_minor") == [(6_000,)]


def test_where_the_codes_of_a_coupon_come_from_is_said_once(db: Pool) -> None:
    begin(db, an_offer("coupon", codes="generated", pieces=10))

    with db.transaction() as conn, pytest.raises(Refused, match="come from elsewhere"):
        install(conn, [an_offer("coupon", codes="pool")], "p")


def test_many_at_once_never_take_more_than_there_is(db: Pool) -> None:
    begin(db, an_offer(pieces=40), 100)

    def some(turn: int) -> list[Answer]:
        return take(db, *(ask(n, f"k{n}/{turn % 2}") for n in range(turn, 101, 7)))

    with ThreadPoolExecutor(6) as threads:
        got = [one for answers in threads.map(some, range(1, 15)) for one in given(answers)]

    assert len({one.id for one in got}) == 40
    assert (
        max(Counter(one.customer_id for one in {one.id: one for one in got}.values()).values()) == 1
    )
    assert pot(db) == [(40, 40)]


def test_the_number_of_statements_does_not_depend_on_the_number_of_asks(db: Pool) -> None:
    begin(db, an_offer("coupon", pieces=500, codes="generated"), 400)

    def statements(asks: Sequence[Wanted]) -> int:
        with db.counting() as seen:
            take(db, *asks)
        return len(seen)

    assert statements([ask(1)]) == statements([ask(n) for n in range(2, 300)])


# ── Codes, costs and what is owed ────────────────────────────────────────────────────────────────


def test_a_code_is_told_with_the_commit_and_goes_to_one_customer_only(db: Pool) -> None:
    begin(db, an_offer("coupon", codes="pool"))
    assert take(db, ask(1)) == ["out"]  # no code has been brought in
    with db.transaction() as conn:
        assert add_codes(conn, "o", ["C1", "C2", "C1"], "ana", NOW) == 2
        assert add_codes(conn, "o", ["C2", "C3"], "ana", NOW) == 1

    one, two = given(take(db, ask(1), ask(2)))
    assert (one.code, two.code) == (None, None)
    with db.transaction() as conn:
        told = commit(conn, [one.id], NOW)[one.id].code
        release(conn, [one.id, two.id], NOW)  # told to one of them: used up
    rest = [one.code for one in given(take(db, *(ask(n, commit=True) for n in range(3, 7))))]

    assert told == "C1"
    assert rest == ["C2", "C3"]
    assert pot(db) == [(3, 3)]
    with db.transaction() as conn:
        revoked = conn.fetch("select code from coupon_code where revoked_at is not null")
    assert revoked == [("C1",)]


def test_a_code_made_here_is_found_from_its_key_alone(db: Pool) -> None:
    begin(db, an_offer("coupon", codes="generated", pieces=2))

    first, second = given(take(db, ask(1, commit=True), ask(2, commit=True)))

    assert first.code != second.code
    assert given(take(db, ask(1, commit=True)))[0].code == first.code
    assert len(first.code or "") == CODE_LETTERS


def _redeemed(db: Pool, *ids: int) -> None:
    with db.transaction() as conn:
        ((told,),) = conn.fetch("select count(*) from event_key")
        for id_ in ids:
            event = Incoming(
                source="till",
                id=f"{told}/{id_}",
                kind="offer.redeemed",
                occurred_at=NOW.isoformat(),
                data=msgspec.Raw(msgspec.json.encode({"promise": IDS.encode("prm", id_)})),
            )
            accept(conn, KEYS, "CN", [event], NOW)
    assert apply(db, [projection(IDS)], NOW).parked == 0


def _entries(db: Pool) -> list[tuple[Any, ...]]:
    with db.transaction() as conn:
        return conn.fetch("select kind, variant, amount_minor from ledger_entry order by cause_id")


def _priced(db: Pool) -> None:
    with db.transaction() as conn:
        seed(conn, Brand("b", "Asia/Shanghai", "CNY", "CN", "zh"))
        set_prices(conn, [Price("gift", 250, "CNY"), Price("coupon", 1000, "CNY", variant="o")])


@pytest.mark.parametrize(
    ("offer", "cost"),
    [
        (an_offer(pieces=1), ("gift", "SAMPLE", 250)),
        (an_offer("coupon", pieces=1, codes="generated"), ("coupon", "o", 1000)),
        (
            an_offer("red_packet", budget_minor=777, draw=Draw(amounts=(Amount(777, 1),))),
            ("red_packet", "o", 777),
        ),
        (an_offer("blind_box", prizes=(Prize("BEAR", 1, 1),)), ("gift", "BEAR", 250)),
    ],
    ids=lambda one: one.kind if isinstance(one, Offer) else "",
)
def test_what_is_committed_is_owed_until_it_is_taken_up_and_costs_once(
    db: Pool, offer: Offer, cost: tuple[str, str, int]
) -> None:
    begin(db, offer)
    _priced(db)
    (one,) = given(take(db, ask(1)))
    with db.transaction() as conn:
        assert liabilities(conn, NOW)["o"].amount_minor == 0  # held: nobody owes it yet
        commit(conn, [one.id], NOW)
        assert liabilities(conn, NOW)["o"][2:] == (1, 0, 0, cost[2], "CNY", 0)

    _redeemed(db, one.id)
    _redeemed(db, one.id)

    assert _entries(db) == [cost]
    with db.transaction() as conn:
        assert liabilities(conn, NOW) == {}
        assert give_back(conn, [one.id], "revoke", "order_gone", NOW) == 0  # it stays a cost


def test_what_is_handed_over_after_it_was_given_back_leaves_the_allotment_again(db: Pool) -> None:
    begin(db, an_offer(pieces=2))
    _priced(db)
    one, two = given(take(db, ask(1), ask(2)))
    with db.transaction() as conn:
        release(conn, [one.id, two.id], NOW)
    take(db, ask(3))

    _redeemed(db, one.id, two.id)

    assert pot(db) == [(2, 2)]  # three went, and no number says more than there were
    assert len(_entries(db)) == 2


def test_a_coupon_that_did_not_fit_closes_a_playbook_until_another_fits(db: Pool) -> None:
    with db.transaction() as conn:
        seed(conn, Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh"))
        prices = [Price("coupon", 5000, "CNY"), Price("coupon", 5, "CNY", variant="small")]
        set_prices(conn, prices)
        caps.set_cap(conn, "p", 9000, None, "ana", NOW)
        for code in ("o", "small"):
            terms = Terms(pieces=9, codes="generated")
            install(conn, [Offer(code, TITLE, 1500, "SAMPLE", None, "coupon", terms)], "p")
        people(conn, 5)

    def short() -> bool:
        with db.transaction() as conn:
            (one,) = spendings(conn, NOW)
        return one.short_since is not None

    first, second = take(db, ask(1, commit=True), ask(2, commit=True))
    assert (len(given([first])), second, short()) == (1, "budget", True)
    assert given(take(db, Wanted("k3", "small", 3, commit=True)))
    assert not short()
    both = take(db, ask(4, commit=True), Wanted("k5", "small", 5, commit=True))
    assert (both[0], len(given(both)), short()) == ("budget", 1, True)
