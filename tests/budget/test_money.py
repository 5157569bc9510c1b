"""What a playbook may cost: never exceeded by two who rule at once, settled by the ledger, and what
waits for it goes on once there is more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from siyu.budget import sweep
from siyu.budget.actions import money
from siyu.ledger import actions as ledger
from siyu.ledger import views
from siyu.ledger.actions import caps
from siyu.ledger.model import Entry, Price, Spending
from siyu.outbox import actions as outbox

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
