"""Merge and split by hand, through every room: what belongs to whom afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from tests.journeys.conftest import IDS, KEYS

from siyu.budget import actions as budget
from siyu.budget import views as held
from siyu.customers import actions as tagging
from siyu.identities import actions, views
from siyu.vault.model import key_hash

House = Any

# Every table that says whose something is. The surrogate ids stay; only the owner may change.
OWNED = {
    "customer": "select id, stage, name_item, synthetic, merged_into from customer order by 1",
    "identity": "select id, customer_id from identity order by 1",
    "friendship": "select id, customer_id from friendship order by 1",
    "consent": "select identity_id, channel, purpose, customer_id from consent order by 1, 2, 3",
    "tag": "select identity_id, name, customer_id from tag order by 1, 2",
    "date": "select identity_id, name, customer_id, day from customer_date order by 1, 2",
    "remark": "select identity_id, staff, customer_id from friend_remark order by 1, 2",
    "complaint": "select identity_id, complaint, customer_id, open from complaint order by 1, 2",
    "cleared": "select identity_id, name, customer_id from tag_cleared order by 1, 2",
    "orders": "select id, customer_id, refunded_minor from orders order by 1",
    "refund": "select refund_no, line, customer_id, order_id from refund order by 1, 2",
    "ledger": "select id, customer_id from ledger_entry order by 1",
    "promise": "select id, customer_id from promise order by 1",
    "touch": "select id, customer_id from touch order by 1",
    "task": "select id, customer_id from task order by 1",
    "suppression": "select customer_id, channel, identity_id from suppression order by 1, 2, 3",
    "code": "select id, customer_id from code_issue order by 1",
    "decision": "select parcel_id, customer_id from parcel_decision order by 1",
    "claim": "select id, customer_id from match_claim order by 1",
    "match": "select identity_id, customer_id, matched from friend_match order by 1",
    "visit": "select id, customer_id, key from visit order by 1",
    "entry": "select event_id, customer_id from journey_entry order by 1",
}


TABLES = {
    name: sql.partition(" from ")[2].partition(" ")[0]
    for name, sql in OWNED.items()
    if name not in ("customer", "match", "friendship")  # the second of two is no friend
}


def _rows_of(house: House, table: str, customer: int) -> int:
    """How many rows of a table say that they are this customer's."""
    return len(house.rows(f"select 1 from {table} where customer_id = {customer}"))


def _all(house: House) -> dict[str, list[tuple[Any, ...]]]:
    return {name: house.rows(sql) for name, sql in OWNED.items()}


def _who(house: House, number: int) -> int:
    phone = ("phone", key_hash(KEYS, "phone", house.keys(number)["phone"]))
    return house.query(views.resolve, [phone])[phone]


def _merge(house: House, one: int, other: int) -> None:
    house.query(actions.merge, IDS, one, other, "ann", "one voice", house.now)
    house.apply()


def _split(house: House, customer: int, number: int) -> None:
    """Take off this phone and all other keys that came with it."""
    mine = house.keys(number)["phone"]
    known = house.rows(
        "select o.id from identity o join identity p on p.first_customer_id = o.first_customer_id"
        f" where p.kind = 'phone' and p.hash = '\\x{key_hash(KEYS, 'phone', mine).hex()}'"
        " and o.kind not in ('order', 'state')"
    )
    house.clock.advance(seconds=1)
    off = [row[0] for row in known]
    house.query(actions.split, IDS, customer, off, "ann", "two voices", house.now)
    house.apply()


def _busy(house: House) -> None:
    """Two customers with something in every room."""
    for number in (1, 2):
        person = {"name": f"name{number}"}
        house.tell(house.order(number, person=person))
        keys = house.keys(number)
        given = {
            "channels": ["sms"],
            "purposes": ["promotion"],
            "basis": "consent",
            "evidence": "x",
        }
        house.tell(house.event("consent.given", given, keys=keys))
        dated = {"name": "birthday", "month": 3, "day": number}
        house.tell(house.event("profile.dated", dated, keys=keys))
        house.tell(house.event("friend.remarked", {"staff": "guide-1"}, keys=keys))
        house.tell(house.event("complaint.opened", {"complaint": "K"}, keys=keys))
        refund = {"shop": "s", "refund_no": f"R{number}", "currency": "CNY", "amount_minor": 1}
        house.tell(house.event("order.refunded", refund | {"order_no": f"T{number}"}, keys=keys))
        house.sweep()
        house.clock.advance(minutes=1)
        house.query(budget.suppress, [(_who(house, number), "voice", "asked", None)], house.now)
    for touch in house.touches():
        house.rows(
            "insert into task (touch_id, kind, customer_id, staff, script, shop, order_no, state,"
            f" created_at, due_at) values ({touch.id}, 'call', {touch.customer_id}, 'guide-1', '',"
            f" 's', '{touch.order_no}', 'open', '2026-11-20', '2026-11-20') returning id"
        )
        house.rows(
            "insert into parcel_decision (parcel_id, shop, order_no, customer_id, content, reason,"
            f" frozen_at) values ({touch.id}, 's', '{touch.order_no}', {touch.customer_id},"
            " 'card', 'x', '2026-11-20') returning parcel_id"
        )
        house.tell(house.done(touch, "already_added"))
    house.tell(house.event("tag.set", {"name": "mum"}, keys=house.keys(1)))
    house.tell(house.event("tag.set", {"name": "mum"}, keys=house.keys(2)))
    house.tell(house.event("tag.set", {"name": "dad", "on": False}, keys=house.keys(2)))
    by_hand = tagging.Tagging(_who(house, 2), None, "by hand", "ann")
    house.query(tagging.tag, [by_hand], house.now)
    stranger = {"external_userid": "wm1"} | house.keys(1)
    house.tell(house.event("friend.added", {"staff": "guide-1"}, keys=stranger))


def test_merge_then_split_gives_both_customers_their_facts_back(cascade: House) -> None:
    _busy(cascade)
    one, other = _who(cascade, 1), _who(cascade, 2)
    before = _all(cascade)
    assert [name for name, table in TABLES.items() if not _rows_of(cascade, table, other)] == []
    _merge(cascade, one, other)
    assert [name for name, table in TABLES.items() if _rows_of(cascade, table, other)] == []

    _split(cascade, one, 2)

    after = _all(cascade)
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}


def test_a_promise_made_while_its_customer_is_merged_away_follows(cascade: House) -> None:
    """The sweep holds the visit; the merge waits for it, and then finds what it promised."""
    cascade.tell(cascade.order(1), cascade.order(2))
    cascade.sweep()
    one, other = _who(cascade, 1), _who(cascade, 2)
    cascade.query(actions.merge, IDS, one, other, "ann", "", cascade.now)
    held = f"select id from visit where customer_id = {other} for update"
    waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    made = (
        "insert into promise (key, offer, customer_id, shop, order_no, visit_id, state,"
        " promised_at, expires_at, changed_at) values ('late', 'face-mask', {0}, 's', 'T2', {1},"
        " 'promised', '2026-11-20', '2026-12-20', '2026-11-20') returning id"
    )
    with ThreadPoolExecutor(1) as pool:
        with cascade.db.transaction() as sweep:
            ((visit,),) = sweep.fetch(held)
            applied = pool.submit(cascade.apply)
            until = monotonic() + 20
            while cascade.rows(waits) == [(0,)] and monotonic() < until:
                pass
            sweep.fetch(made.format(other, visit))
        applied.result()

    assert cascade.rows("select distinct customer_id from promise") == [(one,)]


def test_the_hold_outs_group_stays_with_both(cascade: House) -> None:
    cascade.tell(cascade.order(1), cascade.order(2))
    one, other = _who(cascade, 1), _who(cascade, 2)
    cascade.query(budget.assign_holdout, "x", 1, [(one, "a")], cascade.now - timedelta(days=1))
    cascade.query(budget.assign_holdout, "x", 0, [(other, "b")], cascade.now)
    _merge(cascade, one, other)

    _split(cascade, one, 2)

    assert cascade.query(held.holdouts, "x", [one, other]) == {one: True, other: True}


def test_a_tag_that_the_other_had_taken_away_comes_back(cascade: House) -> None:
    cascade.tell(cascade.order(1), cascade.order(2))
    cascade.tell(cascade.event("tag.set", {"name": "mum"}, keys=cascade.keys(1)))
    cascade.clock.advance(minutes=1)
    cascade.tell(cascade.event("tag.set", {"name": "mum", "on": False}, keys=cascade.keys(2)))
    one = _who(cascade, 1)
    _merge(cascade, one, _who(cascade, 2))
    assert cascade.rows("select 1 from tag") == []

    _split(cascade, one, 2)

    assert cascade.rows("select customer_id, name from tag") == [(one, "mum")]


def test_a_visit_under_way_goes_on_with_whom_it_came_by(cascade: House) -> None:
    """The elder visit took both orders; after the split it keeps only its own."""
    cascade.tell(cascade.order(1))
    cascade.sweep()
    cascade.tell(cascade.order(2))
    cascade.sweep()
    one, other = _who(cascade, 1), _who(cascade, 2)
    _merge(cascade, one, other)
    cascade.sweep()

    _split(cascade, one, 2)

    elder, younger = cascade.visits()
    assert (elder.customer_id, younger.customer_id) == (one, other)
    assert (elder.state, younger.outcome) == ("under_way", "merged")  # what was decided stands
    assert elder.due_at == cascade.now  # facts have changed: it is decided anew
    orders = cascade.rows("select visit_id, order_no from visit_order order by 1, 2")
    assert orders == [(elder.visit_id, "T1"), (younger.visit_id, "T2")]


def test_what_was_owed_is_ruled_again_under_its_own_customer(cascade: House) -> None:
    cascade.member_buys()
    touch = cascade.touch("sms").id
    cascade.rows(f"update touch set state = 'owed' where id = {touch} returning id")
    (member,) = cascade.rows("select id from identity where kind = 'member'")[0]

    cascade.clock.advance(seconds=1)
    cascade.query(actions.split, IDS, 1, [member], "ann", "", cascade.now)
    cascade.apply()

    assert cascade.visit().customer_id == 2
    assert cascade.rows("select customer_id, state from touch") == [(2, "wished")]
    assert {promise.customer_id for promise in cascade.promises()} == {2}
    assert cascade.rows("select customer_id from code_issue") == [(2,)]


@pytest.mark.parametrize(
    ("state", "paused"),
    [("leased", False), ("awaiting_staff", False), ("unknown", False), ("awaiting_staff", True)],
)
def test_what_is_on_its_way_to_somebody_elses_address_is_asked_back(
    cascade: House, state: str, *, paused: bool
) -> None:
    """For good: also what a pause has asked back, and a resume would put back."""
    cascade.member_buys()
    touch = cascade.touch("sms").id
    phone, member = (
        cascade.rows(f"select id from identity where kind = '{kind}'")[0][0]
        for kind in ("phone", "member")
    )
    cascade.rows(
        f"update touch set state = '{state}', identity_id = {phone}, attempts = 1,"
        f" cancel_wanted = {paused}, reason = '{'paused' if paused else ''}'"
        f" where id = {touch} returning id"
    )

    cascade.clock.advance(seconds=1)
    cascade.query(actions.split, IDS, 1, [member], "ann", "", cascade.now)
    cascade.apply()

    (row,) = cascade.rows("select customer_id, state, cancel_wanted, reason from touch")
    assert row == (2, state, True, "split")


def test_a_friend_who_was_taken_for_a_buyer_is_unmatched_again(cascade: House) -> None:
    cascade.tell(cascade.order(1))
    cascade.sweep()
    both = {"external_userid": "wm9"} | cascade.keys(1)
    cascade.tell(cascade.event("friend.added", {"staff": "guide-1"}, keys=both))
    assert cascade.rows("select matched from friend_match") == [(True,)]
    (account,) = cascade.rows("select id from identity where kind = 'external_userid'")[0]

    cascade.clock.advance(seconds=1)
    cascade.query(actions.split, IDS, 1, [account], "ann", "not her", cascade.now)
    cascade.apply()

    assert cascade.rows("select customer_id, matched, how from friend_match") == [
        (2, False, "unmatched")
    ]
    assert cascade.rows("select id, stage from customer order by 1") == [(1, 4), (2, 3)]


def test_a_split_takes_as_many_statements_for_many_keys_as_for_one(cascade: House) -> None:
    counts: list[int] = []
    for first, many in ((1, 1), (10, 30)):
        cascade.tell(cascade.order(first, f"A{first}"))
        more = [
            cascade.event("customer.identified", {}, keys=cascade.keys(first) | {"buyer": f"{n}/x"})
            for n in range(first, first + many)
        ]
        cascade.tell(*more)
        rows = cascade.rows(
            "select id from identity where kind = 'buyer' and customer_id ="
            f" {_who(cascade, first)} order by 1"
        )
        cascade.clock.advance(seconds=1)
        keys = [row[0] for row in rows]
        customer = _who(cascade, first)
        cascade.query(actions.split, IDS, customer, keys, "ann", "", cascade.now)
        with cascade.db.counting() as statements:
            cascade.apply()
        counts.append(len(statements))
        assert len(cascade.rows(f"select 1 from identity where customer_id > {customer}")) == many
    assert counts[0] == counts[1]


def test_what_is_leased_when_a_merge_comes_does_not_go_out_unseen(cascade: House) -> None:
    """That of the visit that goes on waits for it to look; that of the other is asked back."""
    cascade.tell(cascade.order(1), cascade.order(2))
    cascade.sweep()
    one, other = _who(cascade, 1), _who(cascade, 2)
    cascade.rows("update touch set state = 'leased' returning id")

    _merge(cascade, one, other)

    touches = cascade.rows("select state, held, cancel_wanted from touch order by id")
    assert touches == [("leased", True, False), ("leased", False, True)]


def test_a_touch_wished_by_hand_goes_with_its_address(cascade: House) -> None:
    cascade.member_buys()
    ((phone,),) = cascade.rows("select id from identity where kind = 'phone'")
    touch = cascade.touch("sms").id
    cascade.rows(
        f"update touch set visit_id = null, identity_id = {phone}, state = 'owed'"
        f" where id = {touch} returning id"
    )

    cascade.clock.advance(seconds=1)
    cascade.query(actions.split, IDS, 1, [phone], "ann", "", cascade.now)
    cascade.apply()

    assert cascade.rows("select customer_id, state from touch") == [(2, "wished")]


def test_a_refund_without_an_order_is_matched_anew_for_both(cascade: House) -> None:
    line = {"sku": "A", "quantity": 1, "unit_minor": 9, "amount_minor": 9}
    cascade.tell(cascade.order(1, data={"lines": [line]}))
    given = {"shop": "s", "refund_no": "R", "currency": "CNY", "amount_minor": 9}
    given |= {"lines": [{"sku": "A", "quantity": 1, "amount_minor": 9}]}
    cascade.clock.advance(minutes=1)
    cascade.tell(cascade.event("order.refunded", given, keys=cascade.keys(2)))
    one, other = _who(cascade, 1), _who(cascade, 2)
    _merge(cascade, one, other)
    assert cascade.rows("select refunded_minor, state from orders") == [(9, "refunded")]

    _split(cascade, one, 2)

    assert cascade.rows("select refunded_minor, state from orders") == [(0, "paid")]
    assert cascade.rows("select customer_id, order_id from refund") == [(other, None)]


def test_a_suppression_goes_with_the_key_whose_word_it_was(cascade: House) -> None:
    cascade.member_buys()
    cascade.tell(cascade.done(cascade.touch("sms"), "no_answer"))
    ids = dict(cascade.rows("select kind, id from identity"))
    week = cascade.now + timedelta(days=7)
    said = [(1, "sms", "asked", None), (1, "sms", "tired", week), (1, "sms", "asked", week)]
    whose = [ids["member"], ids["phone"], ids["phone"]]
    cascade.query(budget.suppress, said, cascade.now, identities=whose)
    held_for = {one.reason: one.until for one in cascade.query(held.suppressions_of, 1)}
    assert held_for == {"asked": None, "tired": week}  # of two who asked, the longer hold

    cascade.clock.advance(seconds=1)
    cascade.query(actions.split, IDS, 1, [ids["member"]], "ann", "", cascade.now)
    cascade.apply()

    found = {
        (who, one.reason): one.until
        for who in (1, 2)
        for one in cascade.query(held.suppressions_of, who)
    }
    assert found == {(1, "asked"): week, (1, "tired"): week, (2, "asked"): None}
