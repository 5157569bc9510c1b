"""Wishes are ruled over real facts, with stored reasons, one ruling at a time per customer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from tests.races import behind

from siyu.budget import actions, sweep, views
from siyu.budget.actions import draws
from siyu.budget.model import Cap
from siyu.kernel.errors import BadInput
from siyu.kernel.sql import Conn, load

Bureau = Any


def test_a_wish_becomes_owed_within_the_hours_that_the_ruling_saw(bureau: Bureau) -> None:
    (touch,) = bureau.wish(bureau.buyers(1))

    assert bureau.rule().allowed == 1

    found = bureau.touch(touch)
    assert (found.state, found.due_at) == ("owed", bureau.now)
    assert found.not_after == bureau.now + timedelta(hours=10)
    assert bureau.reasons(touch) == [("allow", "")]


def test_a_wish_in_the_night_waits_and_keeps_both_rulings(bureau: Bureau) -> None:
    customers = bureau.buyers(1)
    bureau.clock.advance(hours=11)
    (touch,) = bureau.wish(customers)
    assert bureau.rule().deferred == {"quiet_hours": 1}
    assert bureau.rule().claimed == 0
    bureau.clock.set(bureau.touch(touch).due_at)

    bureau.rule()

    assert bureau.touch(touch).state == "owed"
    assert bureau.reasons(touch) == [("allow_at", "quiet_hours"), ("allow", "")]


def test_a_withdrawn_consent_is_explained(bureau: Bureau) -> None:
    (customer,) = bureau.buyers(1)
    withdrawn = {"channels": ["sms"], "evidence": "R"}
    bureau.tell(("consent.withdrawn", withdrawn, {"phone": bureau.phone(1)}))
    (touch,) = bureau.wish([customer])

    assert bureau.rule().withheld == {"opted_out": 1}

    with bureau.db.transaction() as conn:
        (explained,) = views.of_customer(conn, customer)
        assert views.withheld(conn) == {"opted_out": 1}
    assert (explained.touch.id, explained.touch.reason) == (touch, "opted_out")
    assert explained.rulings[0].why("zh") == "已退订"


def test_suppression_hold_out_and_shop_policy_are_heeded(bureau: Bureau) -> None:
    suppressed, held, shop = bureau.buyers(3)
    with bureau.db.transaction() as conn:
        actions.suppress(conn, [(suppressed, "*", "complaint", None)], bureau.now)
        assert actions.assign_holdout(conn, "cascade", 1, [(held, "T1")], bureau.now) == {
            held: True
        }
        actions.set_shop_policy(conn, [("strict", "sms", False, "the platform forbids it")])
    touches = bureau.wish([suppressed, held]) + bureau.wish([shop], shop="strict")

    bureau.rule()

    assert [bureau.touch(touch).reason for touch in touches] == [
        "suppressed",
        "holdout",
        "shop_policy",
    ]


def test_a_customer_known_only_by_an_account_has_no_phone(bureau: Bureau) -> None:
    keys = {"phone": bureau.phone(1)}
    del keys["phone"]
    bureau.tell(("customer.identified", {}, {"buyer": "tmall/b7", **keys}))
    (customer,) = [row[0] for row in rows(bureau, "select id from customer")]
    bureau.tell(("consent.given", consent(), {"buyer": "tmall/b7"}))
    (touch,) = bureau.wish([customer])

    bureau.rule()

    assert bureau.touch(touch).reason == "no_phone"


def consent() -> dict[str, Any]:
    return {
        "channels": ["sms"],
        "purposes": ["order_invitation"],
        "basis": "contract",
        "evidence": "x",
    }


def rows(bureau: Bureau, sql: str) -> list[Any]:
    with bureau.db.transaction() as conn:
        return conn.fetch(sql)


def test_two_sweeps_at_once_cannot_both_spend_the_last_touch(bureau: Bureau) -> None:
    customers = bureau.buyers(20)
    with bureau.db.transaction() as conn:
        actions.set_caps(conn, [Cap("*", "*", 1, 1)])
    for journey in range(4):
        bureau.wish(customers, node=f"n{journey}", journey=f"j{journey}")

    def rule(_: int) -> None:
        for _ in range(5):
            with bureau.db.transaction() as conn:
                sweep.rule(conn, bureau.zone, bureau.now, limit=7)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(rule, range(4)))
    bureau.rule()

    per_customer = "select customer_id, count(*) from touch where state = 'owed' group by 1"
    assert dict(rows(bureau, per_customer)) == dict.fromkeys(customers, 1)
    assert rows(bureau, "select count(*) from touch where state = 'withheld'") == [(60,)]


def test_the_number_of_statements_does_not_depend_on_the_batch(bureau: Bureau) -> None:
    seen: dict[int, int] = {}
    first = 1
    for many in (1, 200):
        bureau.wish(bureau.buyers(many, first=first))
        first += many
        with bureau.db.counting() as statements:
            assert bureau.rule().allowed == many
        seen[many] = len(statements)

    assert seen[1] == seen[200] == 9


def test_what_no_wish_needs_is_not_asked_for(bureau: Bureau) -> None:
    """Without caps nothing is counted; a channel without an address needs none."""
    rows(bureau, "delete from cap returning days")
    bureau.wish(bureau.buyers(1), channel="parcel_insert")
    with bureau.db.counting() as statements:
        bureau.rule()

    asked = {load("siyu.outbox").counts, load("siyu.identities").kinds}
    assert asked.isdisjoint(statements)


def test_a_hold_out_stays_whatever_the_share_is_later(bureau: Bureau) -> None:
    customers = [(customer, f"T{customer}") for customer in bureau.buyers(100)]
    with bureau.db.transaction() as conn:
        first = actions.assign_holdout(conn, "cascade", 0.3, customers, bureau.now)
        again = actions.assign_holdout(conn, "cascade", 1.0, customers, bureau.now)
        other = actions.assign_holdout(conn, "recall", 0.3, customers, bureau.now)
        assert views.holdouts(conn, "cascade", [c for c, _ in customers]) == first

    assert first == again
    assert other != first
    assert 15 <= sum(first.values()) <= 45


def test_of_two_who_assign_many_at_once_the_first_one_counts(bureau: Bureau) -> None:
    many = [(customer, f"T{customer}") for customer in bureau.buyers(120)]

    def assign(conn: Conn, share: float, some: list[tuple[int, str]]) -> dict[int, bool]:
        return actions.assign_holdout(conn, "cascade", share, some, bureau.now)

    first, second = behind(
        bureau.db,
        lambda conn: assign(conn, 1.0, many[:80]),
        lambda conn: assign(conn, 0.0, many[40:]),
    )

    assert set(first.values()) == {True}
    assert second == {c: True for c, _ in many[40:80]} | {c: False for c, _ in many[80:]}


def test_the_longer_of_two_suppressions_holds(bureau: Bureau) -> None:
    week, day = bureau.now + timedelta(days=7), bureau.now + timedelta(days=1)
    with bureau.db.transaction() as conn:
        actions.suppress(
            conn,
            [(1, "sms", "complaint", week), (1, "sms", "complaint", day), (1, "sms", "x", day)],
            bureau.now,
        )
        actions.suppress(conn, [(1, "sms", "later", day)], bureau.now)
        found = {one.reason: one.until for one in views.suppressions_of(conn, 1)}
        assert found == {"complaint": week, "later": day, "x": day}
        assert views.suppressed(conn, [1], bureau.now) == {1: {"sms"}}
        assert views.suppressed(conn, [1], week) == {}
        actions.suppress(conn, [(1, "sms", "for good", None)], bureau.now)
        assert views.suppressed(conn, [1], week) == {1: {"sms"}}
        assert actions.lift(conn, 1, "sms")
        assert not actions.lift(conn, 1, "sms")


def test_defaults_leave_alone_what_was_set(bureau: Bureau) -> None:
    with bureau.db.transaction() as conn:
        actions.set_caps(conn, [Cap("*", "promotion", 7, 1)])
        actions.set_hours(conn, {("*", "promotion"): "10:00-12:00, 14:00-18:00"})
        actions.set_defaults(conn)
        policy = views.policy(conn)

    assert Cap("*", "promotion", 7, 1) in policy.caps
    assert len(policy.hours["*", "promotion"].windows) == 2


@pytest.mark.parametrize("text", ["", "8-22", "22:00-08:00", "08:00", "08:00-22:00,"])
def test_hours_that_cannot_be_are_refused_in_words(bureau: Bureau, text: str) -> None:
    with bureau.db.transaction() as conn, pytest.raises(BadInput, match="sms/service"):
        actions.set_hours(conn, {("sms", "service"): text})


def test_caps_and_shares_that_cannot_be_are_refused(bureau: Bureau) -> None:
    with bureau.db.transaction() as conn:
        with pytest.raises(BadInput, match="days"):
            actions.set_caps(conn, [Cap("*", "*", 0, 1)])
        with pytest.raises(BadInput, match="share"):
            actions.assign_holdout(conn, "j", 1.5, [(1, "T1")], bureau.now)


def test_new_wishes_are_ruled_before_they_are_written(bureau: Bureau) -> None:
    known = bureau.buyers(1)
    owed, withheld = bureau.rule_new([*known, 999])
    bureau.clock.advance(hours=11)
    (night,) = bureau.rule_new(known, node="n2")

    states = [(bureau.touch(touch).state, bureau.touch(touch).reason) for touch in (owed, withheld)]
    assert states == [("owed", ""), ("withheld", "no_consent")]
    assert bureau.touch(withheld).finished_at is not None
    assert bureau.touch(night).state == "wished"
    assert bureau.reasons(night) == [("allow_at", "quiet_hours")]
    told = "select count(*) from event_key where source = 'siyu' and source_id like 'withheld:%'"
    with bureau.db.transaction() as conn:
        assert conn.fetch(told) == [(1,)]


def test_a_wish_that_is_repeated_is_not_ruled_again(bureau: Bureau) -> None:
    customers = bureau.buyers(2)
    (first,) = bureau.rule_new(customers[:1])

    again, second = bureau.rule_new(customers)

    assert again is None
    assert bureau.reasons(first) == bureau.reasons(second) == [("allow", "")]


def test_what_waits_is_ruled_with_what_is_new_the_more_urgent_first(bureau: Bureau) -> None:
    customers = bureau.buyers(1)
    with bureau.db.transaction() as conn:
        actions.set_caps(conn, [Cap("sms", "*", 1, 1)])
    (waiting,) = bureau.wish(customers, node="old", priority=9)

    (new,) = bureau.rule_new(customers, node="new", priority=1)

    assert (bureau.touch(waiting).state, bureau.touch(new).reason) == ("owed", "cap")


def test_a_draw_that_journeys_share_is_kept_with_how_likely_it_was(bureau: Bureau) -> None:
    people = [(customer, f"T{customer}") for customer in bureau.buyers(60)]
    by = draws.Draw("playbook:p", 0.2, 0.1)
    with bureau.db.transaction() as conn:
        first = draws.draw(conn, "one", by, people, bureau.now)
        again = draws.draw(conn, "two", by._replace(share=0.5), people, bureau.now)

    assert again == first  # drawn once for both
    found = "select scope, round(min(probability)::numeric, 3), round(max(probability)::numeric, 3)"
    drawn = {scope: (float(low), float(high)) for scope, low, high in rows(
        bureau, f"{found} from holdout group by scope")}  # fmt: skip
    either = 0.1 + 0.9 * 0.2
    expected = {"*": 0.1, "playbook:p": either, "one": either, "two": either}
    assert drawn == {scope: pytest.approx((how, how)) for scope, how in expected.items()}
    held = dict(rows(bureau, "select customer_id, held from holdout where scope = 'two'"))
    assert held == first
    everybody = "select customer_id from holdout where scope = '*' and held"
    assert all(first[customer] for (customer,) in rows(bureau, everybody))


def test_a_service_that_has_begun_goes_on_when_a_playbooks_draw_holds_its_customer_later(
    bureau: Bureau,
) -> None:
    began, newcomer = bureau.buyers(2)
    rows(
        bureau,
        "insert into journey (code, playbook) values ('cascade', 'p') returning id",
    )
    with bureau.db.transaction() as conn:
        actions.assign_holdout(conn, "cascade", 0, [(began, "x")], bureau.now)
        actions.assign_holdout(conn, "cascade", 1, [(newcomer, "y")], bureau.now)
        both = [(began, "x"), (newcomer, "y")]
        actions.assign_holdout(conn, "playbook:p", 1, both, bureau.now)
    one, other = bureau.wish([began, newcomer], purpose="service")

    bureau.rule()

    assert bureau.touch(one).state == "owed"
    assert (bureau.touch(other).state, bureau.touch(other).reason) == ("withheld", "holdout")
