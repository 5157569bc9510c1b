"""Live segments: who is in them is known at once, told once, and lets customers into journeys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.journeys.conftest import IDS
from tests.journeys.sets import JOURNEY, Sets

from siyu import worker
from siyu.groups import actions as groups
from siyu.groups.model import Chat
from siyu.identities import actions as identities
from siyu.journeys import actions as journeys
from siyu.kernel.errors import Refused
from siyu.offers import actions as offers
from siyu.segments import actions
from siyu.segments.predicates import FAMILIES

LAPSED = "{all: [{orders: {}}, {not: {orders: {within: 90d}}}]}"


@pytest.fixture
def sets(house: Any) -> Sets:
    return Sets(house)


def test_who_was_there_before_is_filled_in_pieces_and_not_told(sets: Sets) -> None:
    sets.tag(*range(1, 8))
    sets.keep("vip", "{tag: vip}")
    sets.keep("all", "{everybody: true}")

    turns = sets.sweep(limit=3)

    assert turns == 3
    assert sets.held() == sets.true()
    assert len(sets.held()["vip"]) == 7
    assert sets.told() == []


def test_coming_and_going_is_told_once_with_the_time_of_its_fact(sets: Sets) -> None:
    sets.keep("vip", "{tag: vip}")
    sets.keep("others", "{not: {segment: vip}}")
    sets.sweep()
    first = sets.house.now
    sets.tag(1)
    sets.house.clock.advance(minutes=5)
    sets.tag(1)
    sets.tag(1, on=False)

    assert sets.told() == [
        ("segment.entered", "vip", first),
        ("segment.left", "vip", sets.house.now),
        ("segment.entered", "others", sets.house.now),
    ]
    assert sets.held() == sets.true()


def test_time_moves_a_customer_at_the_very_moment(sets: Sets) -> None:
    sets.keep("lapsed", LAPSED)
    sets.sweep()
    paid = sets.house.now
    sets.house.tell(sets.house.order(1))
    ((due,),) = sets.house.rows("select recheck_at from segment_member")
    sets.house.clock.set(paid + timedelta(days=90) - timedelta(microseconds=1))
    early = sets.sweep()
    sets.house.clock.set(paid + timedelta(days=91))
    sets.sweep()

    assert due == paid + timedelta(days=90)
    assert (early, sets.told()) == (0, [("segment.entered", "lapsed", due)])
    assert sets.held() == sets.true()


def test_a_journey_takes_in_who_comes_into_a_segment(sets: Sets) -> None:
    sets.tag(1)
    sets.keep("vip", "{tag: vip}", live=False)
    sets.house.publish(JOURNEY)
    sets.sweep()
    sets.tag(2)
    sets.tag(3, backfill=True)
    sets.tag(4, at=sets.house.now - timedelta(hours=3))

    ((one, code),) = [(visit.key.partition("/")[0], visit.node) for visit in sets.house.visits()]
    refused = sets.house.rows(
        "select reason from journey_entry where outcome = 'refused' order by 1"
    )

    assert (one, code) == ("siyu", "w")
    assert refused == [("backfill",), ("too_old",)]
    with sets.house.db.transaction() as conn, pytest.raises(Refused, match="journey:j"):
        actions.retire(conn, "vip", FAMILIES, "ana", sets.house.now)


def test_a_segment_that_nobody_needs_any_more_is_not_kept(sets: Sets) -> None:
    sets.keep("vip", "{tag: vip}", live=False)
    sets.house.publish(JOURNEY)
    sets.tag(1)
    sets.sweep()
    held = sets.held()
    with sets.house.db.transaction() as conn:
        journeys.stop(conn, "j", "ana", sets.house.now)

    assert (len(held["vip"]), sets.held()) == (1, {})
    assert sets.house.rows("select count(*) from segment_live") == [(0,)]


def test_merged_customers_are_one_member_and_do_not_come_in_anew(sets: Sets) -> None:
    sets.keep("vip", "{tag: vip}")
    sets.sweep()
    sets.tag(1)
    sets.house.tell(sets.house.order(2))
    both = sets.house.keys(1) | {"member": "m1"}
    sets.house.tell(sets.house.event("customer.identified", {}, keys=both))
    sets.house.tell(
        sets.house.event("customer.identified", {}, keys=sets.house.keys(2) | {"member": "m1"})
    )

    assert sets.held() == sets.true()
    assert len(sets.held()["vip"]) == 1
    assert [kind for kind, *_ in sets.told()] == ["segment.entered"]


def test_who_was_merged_by_mistake_stays_a_member_and_only_as_long_as_it_is_true(
    sets: Sets,
) -> None:
    house = sets.house
    sets.keep("vip", "{tag: vip}")
    sets.keep("buyers", "{orders: {}}")
    sets.sweep()
    sets.tag(1)
    house.tell(house.order(2))
    one, other = (row[0] for row in house.rows("select id from customer order by id"))
    house.query(identities.merge, IDS, one, other, "ann", "one voice", house.now)
    house.apply()
    as_one = sets.held()
    ((winner, phone),) = house.rows(
        "select customer_id, id from identity where kind = 'phone' order by id offset 1"
    )
    house.clock.advance(seconds=1)
    house.query(identities.split, IDS, winner, [phone], "ann", "two voices", house.now)
    house.apply()

    assert as_one == {"buyers": [winner], "vip": [winner]}
    assert sets.held() == sets.true()
    assert [len(who) for who in sets.held().values()] == [1, 1]
    told = [(kind, code) for kind, code, _ in sets.told()]  # nobody comes in anew
    assert told[:2] == [("segment.entered", "vip"), ("segment.entered", "buyers")]
    assert sorted(told[2:]) == [("segment.left", "buyers"), ("segment.left", "vip")]


def test_another_text_is_looked_at_from_the_beginning(sets: Sets) -> None:
    sets.tag(1, 2)
    sets.tag(3, name="gold")
    sets.keep("vip", "{tag: vip}")
    sets.keep("best", "{segment: vip}")
    sets.sweep()
    sets.keep("vip", "{tag: gold}")
    sets.sweep()

    assert sets.held() == sets.true()
    assert [len(who) for who in sets.held().values()] == [1, 1]
    assert sets.told() == []


def test_a_batch_costs_the_same_statements_however_many_segments_are_live(sets: Sets) -> None:
    def statements(number: int, customers: int) -> int:
        told = [sets.house.order(number + one) for one in range(customers)]
        with sets.house.db.counting() as seen:
            sets.house.tell(*told)
        return len([one for one in seen if "segment_" in one or "c0" in one])

    sets.keep("s0", "{orders: {}}")
    sets.sweep()
    one = statements(100, 1)
    for number in range(1, 30):
        sets.keep(f"s{number}", f"{{any: [{{tag: t{number % 5}}}, {{orders: {{within: 30d}}}}]}}")
    sets.sweep()
    statements(200, 1)

    assert statements(300, 40) == one


def test_a_first_look_for_one_segment_leaves_the_others_members(sets: Sets) -> None:
    sets.keep("vip", "{tag: vip}")
    sets.sweep()
    sets.tag(1)
    sets.keep("all", "{everybody: true}")
    sets.sweep()
    between = sets.held()
    sets.tag(1, name="other")

    assert between == sets.held() == sets.true()
    assert len([code for _, code, _ in sets.told() if code == "vip"]) == 1


def test_what_an_order_holds_is_heard_when_it_is_told_later(sets: Sets) -> None:
    sets.keep("mask", "{orders: {sku: MASK}}")
    sets.sweep()
    sets.house.tell(sets.house.order(1))
    line = {"sku": "MASK", "title": "x", "quantity": 1, "unit_minor": 9, "amount_minor": 9}
    said = {"shop": "s", "order_no": "T1", "currency": "CNY", "lines": [line]}
    sets.house.tell(sets.house.event("order.itemised", said))

    assert sets.held() == sets.true()
    assert len(sets.held()["mask"]) == 1


def test_a_guests_order_counts_for_who_claims_it(sets: Sets) -> None:
    sets.keep("buyers", "{orders: {}}")
    sets.sweep()
    sets.tag(1)
    paid = {"shop": "s", "order_no": "G1", "currency": "CNY", "total_minor": 9}
    sets.house.tell(sets.house.event("order.paid", paid, keys={}))
    claim = sets.house.keys(1) | {"order": "s/G1"}
    sets.house.tell(sets.house.event("customer.identified", {}, keys=claim))

    assert sets.held() == sets.true()
    assert len(sets.held()["buyers"]) == 1


def test_what_sweeps_change_without_an_event_is_seen_at_once(sets: Sets) -> None:
    house = sets.house
    house.publish()  # the cascade: it promises, and invites by SMS
    sets.keep("promised", "{offer: face-mask}")
    sets.keep("lost", "{offer: {offer: face-mask, state: [lapsed]}}")
    sets.keep("reached", "{all: [{touched: {channel: sms}}, {not: {friend: true}}]}")
    sets.sweep()
    house.tell(house.order(1))
    house.sweep()
    house.sweep(minutes=15)
    house.rule()
    sets.sweep()
    house.rows(
        "update touch set state = 'sent', sent_at = wished_at where step = 'sms' returning 1"
    )
    with house.db.transaction() as conn:
        due = worker.due(conn, [])["members"]
    sets.sweep()
    house.clock.advance(days=30)
    with house.db.transaction() as conn:
        lapsed = offers.lapse(conn, house.now)
    sets.sweep()

    assert due is not None
    assert due <= house.now
    assert lapsed == 1
    assert [code for _, code, _ in sets.told()] == ["promised", "reached", "lost"]
    assert sets.held() == sets.true()
    assert house.rows("select count(*) from segment_news") == [(0,)]


def test_what_no_segment_reads_is_not_written_down_for_any(sets: Sets) -> None:
    house = sets.house
    house.publish()
    sets.keep("lost", "{offer: {offer: face-mask, state: [lapsed]}}")
    sets.sweep()
    house.tell(house.order(1))
    house.sweep()
    between = house.rows("select count(*) > 0 from segment_news")
    with house.db.transaction() as conn:
        actions.retire(conn, "lost", FAMILIES, "ana", house.now)
    sets.sweep()
    house.tell(house.order(2))
    house.sweep()

    assert between == [(True,)]
    assert house.rows("select count(*) from segment_news") == [(0,)]


def test_who_is_in_a_group_that_a_plan_speaks_of_later_comes_in_and_leaves_with_it(
    sets: Sets,
) -> None:
    """What a chat is for is told by no event."""
    house = sets.house
    sets.keep("mums", "{group: {purpose: mums}}")
    sets.sweep()
    for number, chat in ((1, "wr1"), (2, "wr2")):
        house.tell(house.event("group.joined", {"chat": chat}, keys=house.keys(number)))
    sets.sweep()
    before = sets.held()
    plan = 'group: mums\ntitle: {zh: 妈妈群, en: Mums}\nchats: ["mums*"]\n'
    chats = [Chat("wr1", "mums 1", 1), Chat("wr2", "others", 1)]
    with house.db.transaction() as conn:
        groups.set_plans(conn, plan, chats, "ana", house.now)
    sets.sweep()
    told = sets.held()
    with house.db.transaction() as conn:
        groups.follow(conn, chats)
        assert conn.fetch("select customer_id from segment_news") == []  # nothing has changed
        groups.drop(conn, "mums", chats, "ana", house.now)
    sets.sweep()

    assert before == {}
    assert len(told["mums"]) == 1
    assert sets.held() == sets.true() == {}
    assert [kind for kind, _, _ in sets.told()] == ["segment.entered", "segment.left"]
