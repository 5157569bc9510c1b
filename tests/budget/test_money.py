"""What a playbook may cost: never exceeded by two who rule at once, settled by the ledger, and what
waits for it goes on once there is more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from siyu.budget import sweep
from siyu.budget.actions import money
from siyu.journeys.actions import SQL
from siyu.ledger import actions as ledger
from siyu.ledger import views
from siyu.ledger.actions import caps
from siyu.ledger.model import Entry, Price, Spending
from siyu.offers.actions import install
from siyu.offers.actions.reservations import give_back, reserve
from siyu.offers.model import Offer, Reservation, Terms, Wanted
from siyu.outbox import actions as outbox
from siyu.outbox.decide import Reconciled
from siyu.outbox.sweep import after
from siyu.vault.model import Keys

Bureau = Any
PRICE = 5  # fen, of an SMS


def rows(bureau: Bureau, sql: str) -> list[Any]:
    with bureau.db.transaction() as conn:
        return conn.fetch(sql)


def cap(bureau: Bureau, total: int | None, daily: int | None = None, of: str = "p") -> None:
    with bureau.db.transaction() as conn:
        caps.set_cap(conn, of, total, daily, "ana", bureau.now)


def begin(bureau: Bureau, total: int | None, daily: int | None = None) -> None:
    rows(bureau, "insert into journey (code, playbook) values ('cascade', 'p') returning id")
    with bureau.db.transaction() as conn:
        prices = [Price("sms_segment", PRICE, "CNY"), Price("call_minute", 30, "CNY")]
        ledger.set_prices(conn, [*prices, Price("sms_segment", PRICE - 1, "CNY", variant="v")])
    cap(bureau, total, daily)


def stands(bureau: Bureau) -> Spending:
    with bureau.db.transaction() as conn:
        (one,) = views.spendings(conn, bureau.now)
    return one


def book(bureau: Bureau, touch: int, segments: int) -> None:
    """It was sent, and took so many segments."""
    with bureau.db.transaction() as conn:
        entry = Entry("touch", touch, "sms_segment", 1, None, "cascade", "sms", "s", segments,
                      bureau.now)  # fmt: skip
        ledger.post(conn, [entry])


def test_two_who_rule_at_once_never_allow_more_than_there_is_money_for(bureau: Bureau) -> None:
    begin(bureau, 20 * PRICE + 3)
    customers = bureau.buyers(60)
    bureau.wish(customers[:40])
    together = Barrier(3)

    def rule(_: int) -> None:
        together.wait()
        for _ in range(8):
            with bureau.db.transaction() as conn:
                sweep.rule(conn, bureau.zone, bureau.now, limit=7)

    def rule_new(_: int) -> None:
        together.wait()
        for customer in customers[40:]:
            bureau.rule_new([customer])

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda job: job[0](job[1]), [(rule, 1), (rule, 2), (rule_new, 3)]))
    bureau.rule()

    owed = rows(bureau, "select count(*) from touch where state = 'owed'")
    assert owed == [(20,)]
    assert stands(bureau).spent_minor == 20 * PRICE
    assert stands(bureau).short_since is not None
    assert rows(bureau, "select count(*) from touch where state = 'wished'") == [(40,)]
    assert rows(bureau, "select count(*) from spend") == [(20,)]


def test_more_money_lets_go_on_what_waited_for_it(bureau: Bureau) -> None:
    begin(bureau, 2 * PRICE)
    touches = bureau.wish(bureau.buyers(5))
    assert bureau.rule().deferred == {"playbook_budget": 3}
    assert {bureau.reasons(one)[-1] for one in touches[2:]} == {("allow_at", "playbook_budget")}

    cap(bureau, 4 * PRICE)
    with bureau.db.transaction() as conn:
        assert money.go_on(conn, "p", bureau.now) == 3

    assert bureau.rule().allowed == 2
    assert stands(bureau).spent_minor == 4 * PRICE
    assert bureau.touch(touches[4]).state == "wished"


def test_what_waits_too_long_for_money_is_withheld(bureau: Bureau) -> None:
    begin(bureau, 1)
    (touch,) = bureau.wish(bureau.buyers(1))
    bureau.rule()
    bureau.clock.advance(days=15)

    assert bureau.rule().withheld == {"playbook_budget": 1}
    assert bureau.touch(touch).reason == "playbook_budget"


def test_a_day_has_its_own_bound_and_the_next_day_another(bureau: Bureau) -> None:
    begin(bureau, None, 2 * PRICE)
    bureau.wish(bureau.buyers(3))

    assert bureau.rule().deferred == {"playbook_budget": 1}
    assert stands(bureau).short_since is None  # the day is: newcomers wait until tomorrow
    bureau.clock.advance(hours=20)
    assert bureau.rule().allowed == 1
    assert (stands(bureau).spent_minor, stands(bureau).today_minor) == (3 * PRICE, PRICE)


def test_what_was_expected_gives_way_to_what_it_cost(bureau: Bureau) -> None:
    begin(bureau, 10 * PRICE)
    first, second, third = bureau.wish(bureau.buyers(3))
    bureau.rule()
    assert stands(bureau).spent_minor == 3 * PRICE

    book(bureau, first, 2)  # longer than expected
    with bureau.db.transaction() as conn:
        outbox.withhold(conn, [(second, "opted_out")], bureau.now)  # never left
    assert stands(bureau).spent_minor == 2 * PRICE + PRICE
    book(bureau, third, 1)
    with bureau.db.transaction() as conn:
        ledger.reverse(conn, "touch", [third], bureau.now)  # proved never to have left
    assert stands(bureau).spent_minor == 2 * PRICE
    bureau.wish(bureau.buyers(1, first=9))
    bureau.rule()

    (total,) = rows(bureau, "select used_minor from spend_cap")
    counted = rows(bureau, "select sum(counted_minor), sum(amount_minor) from spend")
    assert total == (3 * PRICE,)
    assert counted == [(3 * PRICE, 3 * PRICE)]


def test_a_second_ruling_counts_a_touch_once(bureau: Bureau) -> None:
    begin(bureau, 2 * PRICE)
    bureau.wish(bureau.buyers(2))
    bureau.rule()
    rows(bureau, "update touch set state = 'wished' returning id")  # their hours were over

    assert bureau.rule().allowed == 2
    assert stands(bureau).spent_minor == 2 * PRICE


def test_a_first_cap_counts_what_was_spent_before_and_a_call_ends_at_what_it_took(
    bureau: Bureau,
) -> None:
    begin(bureau, None, 1)
    with bureau.db.transaction() as conn:
        caps.set_cap(conn, "p", None, None, "ana", bureau.now)
        minutes = Entry("task", 7, "staff_minute", 1, None, "cascade", "h", "s", 9, bureau.now)
        ledger.set_prices(conn, [Price("staff_minute", 100, "CNY")])
        ledger.post(conn, [minutes])  # people are paid anyway
    book(bureau, 900_001, 4)
    assert rows(bureau, "select count(*) from spend") == [(0,)]
    cap(bureau, 200)
    assert stands(bureau).spent_minor == 4 * PRICE

    (call,) = bureau.wish(bureau.buyers(1), channel="voice_ai", node="call")
    bureau.rule()
    assert stands(bureau).spent_minor == 4 * PRICE + 60
    with bureau.db.transaction() as conn:  # nobody answered
        ledger.post(conn, [Entry("touch", call, "call_minute", 1, None, "cascade", "call", "s", 0,
                                 bureau.now)])  # fmt: skip
    assert stands(bureau).spent_minor == 4 * PRICE


def closed(bureau: Bureau) -> bool:
    """Nobody new comes in, as journeys ask it."""
    with bureau.db.transaction() as conn:
        ((_, *_, short),) = conn.fetch(SQL.draws, {"journeys": [1]})
    return bool(short)


def test_money_that_came_back_lets_newcomers_in_again(bureau: Bureau) -> None:
    begin(bureau, 100)
    first, second = bureau.wish(bureau.buyers(2), channel="voice_ai", node="call")
    bureau.rule()
    assert stands(bureau).short_since is not None
    assert closed(bureau)

    with bureau.db.transaction() as conn:
        outbox.withhold(conn, [(second, "opted_out")], bureau.now)  # it had set nothing aside
    assert stands(bureau).short_since is not None
    assert closed(bureau)
    with bureau.db.transaction() as conn:
        outbox.withhold(conn, [(first, "opted_out")], bureau.now)
    assert stands(bureau).short_since is None
    assert not closed(bureau)

    bureau.wish(bureau.buyers(1, first=7), channel="wecom_mass", node="x")  # costs nothing
    bureau.rule()
    assert rows(bureau, "select used_minor, short_since from spend_cap") == [(0, None)]
    assert not closed(bureau)


def test_a_call_that_failed_gives_back_what_it_was_to_take(bureau: Bureau) -> None:
    begin(bureau, 200)
    call, other, owed = bureau.wish(bureau.buyers(3), channel="voice_ai", node="call")
    bureau.rule()
    rows(bureau, f"update touch set state = 'sent', attempts = 1 where id <> {owed} returning id")
    assert stands(bureau).spent_minor == 3 * 60

    for touch in (call, owed):  # of what never left it is no word
        told = {"touch": bureau.ids.encode("tch", touch), "reason": "not called"}
        bureau.tell(("touch.failed", told, {}))
    states = [bureau.touch(touch).state for touch in (call, other, owed)]
    assert (states, stands(bureau).spent_minor) == (["failed", "sent", "owed"], 2 * 60)

    took = {"touch": bureau.ids.encode("tch", call), "seconds": 121, "answered": True}
    bureau.tell(("call.finished", took, {}))  # it was called after all
    assert stands(bureau).spent_minor == 2 * 60 + 3 * 30


def test_a_text_that_failed_keeps_what_it_cost(bureau: Bureau) -> None:
    begin(bureau, 200)
    (touch,) = bureau.wish(bureau.buyers(1))
    bureau.rule()
    book(bureau, touch, 2)
    rows(bureau, "update touch set state = 'sent', attempts = 1 returning id")

    told = {"touch": bureau.ids.encode("tch", touch), "reason": "number is empty"}
    bureau.tell(("touch.failed", told, {}))

    assert (bureau.touch(touch).state, stands(bureau).spent_minor) == ("failed", 2 * PRICE)


def test_a_first_cap_expects_what_is_on_its_way_already(bureau: Bureau) -> None:
    begin(bureau, None, None)
    sms, ended, later = bureau.wish(bureau.buyers(3))
    (call,) = bureau.wish(bureau.buyers(1, first=8), channel="voice_ai", node="call")
    bureau.wish(bureau.buyers(1, first=10), journey="other")
    assert bureau.rule().allowed == 5
    book(bureau, ended, 1)
    rows(bureau, "update touch set state = 'wished', due_at = now() + interval '1 year'"
                 f" where id = {later} returning id")  # fmt: skip
    rows(bureau, f"update touch set state = 'sent', attempts = 1 where id in ({ended}, {call})"
                 " returning id")  # fmt: skip

    def first(total: int | None) -> None:
        with bureau.db.transaction() as conn:
            money.set_cap(conn, "p", total, None, "ana", bureau.now)

    first(3 * PRICE + 60)
    assert stands(bureau).spent_minor == 2 * PRICE + 60
    first(2 * PRICE + 60)  # another is not a first one
    assert rows(bureau, "select count(*) from spend") == [(3,)]
    bureau.wish(bureau.buyers(1, first=11))
    assert bureau.rule().deferred == {"playbook_budget": 1}

    book(bureau, sms, 1)
    told = {"touch": bureau.ids.encode("tch", call), "reason": "not called"}
    bureau.tell(("touch.failed", told, {}))
    assert stands(bureau).spent_minor == 2 * PRICE

    first(None)
    assert rows(bureau, "select count(*) from spend") == [(0,)]


def test_a_first_cap_expects_what_was_promised_of_the_days_on_which_it_was(
    bureau: Bureau,
) -> None:
    begin(bureau, None, None)
    keys = Keys(b"m" * 32, b"l" * 32)
    terms = Terms(pieces=9, codes="generated")
    one, two, three = bureau.buyers(3)

    def give(customer: int, offer: str) -> None:
        wanted = Wanted(f"{offer}/{customer}", offer, customer, commit=True)
        with bureau.db.transaction() as conn:
            (made,) = reserve(conn, keys, [wanted], bureau.now)
        assert isinstance(made, Reservation)

    with bureau.db.transaction() as conn:
        ledger.set_prices(conn, [Price("coupon", 500, "CNY")])
        for code, playbook in (("mine", "p"), ("theirs", "q")):
            words = {"zh": "券", "en": "coupon"}
            install(conn, [Offer(code, words, 1, "S", None, "coupon", terms)], playbook)
    give(one, "mine")
    give(one, "theirs")
    bureau.clock.advance(days=2)
    give(two, "mine")
    give(three, "mine")
    rows(bureau, f"update promise set state = 'lapsed' where customer_id = {three} returning id")

    with bureau.db.transaction() as conn:
        money.set_cap(conn, "p", 1200, 900, "ana", bureau.now)
    assert (stands(bureau).spent_minor, stands(bureau).today_minor) == (1000, 500)
    ((made,),) = rows(bureau, f"select id from promise where customer_id = {two}")
    with bureau.db.transaction() as conn:
        give_back(conn, [made], "revoke", "gone", bureau.now)
    assert stands(bureau).spent_minor == 500


def test_an_answer_goes_out_whatever_is_left_and_is_counted(bureau: Bureau) -> None:
    begin(bureau, 1)
    bureau.wish(bureau.buyers(1), purpose="answer")

    assert bureau.rule().allowed == 1
    assert stands(bureau).left == 1 - PRICE


def test_what_was_spent_before_is_not_gone_through_again(bureau: Bureau) -> None:
    begin(bureau, 10**9)
    for number in range(50):
        book(bureau, 1_000_000 + number, 1)
    bureau.wish(bureau.buyers(1))
    bureau.rule()
    uncounted = "select count(*) from spend where amount_minor <> counted_minor"

    assert rows(bureau, uncounted) == [(0,)]
    plan = "\n".join(row[0] for row in rows(bureau, f"explain {uncounted}"))
    assert "spend_uncounted" in plan  # only what is not counted yet is in that index


def test_what_is_owed_again_after_a_lost_answer_keeps_its_money(bureau: Bureau) -> None:
    begin(bureau, PRICE)
    first, second = bureau.wish(bureau.buyers(2))
    bureau.rule()
    for state, spent in (("owed", PRICE), ("failed", 0)):
        book(bureau, first, 1)
        rows(bureau, "update touch set state = 'unknown', attempts = 1, sent_at = now()"
                     f" where id = {first} returning id")  # fmt: skip
        with bureau.db.transaction() as conn:
            after._reconciled(conn, [Reconciled(first, state, "", bureau.now)], bureau.now)
        assert stands(bureau).spent_minor == spent
        bureau.clock.advance(days=1)
        assert bureau.rule().allowed == int(state == "failed")
    assert bureau.touch(second).state == "owed"


def test_what_is_owed_again_and_then_stopped_gives_its_money_back(bureau: Bureau) -> None:
    begin(bureau, PRICE)
    (touch,) = bureau.wish(bureau.buyers(1))
    bureau.rule()
    book(bureau, touch, 1)
    with bureau.db.transaction() as conn:
        ledger.reverse(conn, "touch", [touch], bureau.now, again=[touch])
        assert conn.fetch("select amount_minor, booked from spend") == [(PRICE, False)]
        outbox.withdraw(conn, [1], "bought", bureau.now)
    assert stands(bureau).spent_minor == 0
