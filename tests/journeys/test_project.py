"""Events let customers in, each with its reason, and wake whoever waits; never more than once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.races import behind

from siyu.journeys import views
from siyu.journeys.actions import Entrant, join
from siyu.journeys.actions.by_hand import enrol
from siyu.journeys.views.figures import became


def test_three_orders_in_an_hour_are_one_visit_whatever_the_batches(cascade: Any):
    cascade.tell(cascade.order(1, "T1"), cascade.order(1, "T2"))
    cascade.tell(cascade.order(1, "T3"))

    assert cascade.entries() == ["enrolled", "joined under_way", "joined under_way"]
    visit = cascade.visit()
    assert visit.key == "s/T1"
    orders = cascade.rows("select order_no from visit_order order by order_no")
    assert orders == [("T1",), ("T2",), ("T3",)]
    entered = cascade.entered(visit.customer_id)
    assert {entry.visit_id for entry in entered} == {visit.visit_id}


def test_orders_that_join_twice_at_once_have_joined_once(cascade: Any):
    cascade.tell(cascade.order(1, "T1"))
    visit = cascade.visit().visit_id
    many = [(visit, "s", f"T{n}") for n in range(1, 101)]

    behind(
        cascade.db,
        lambda conn: join(conn, many[:80] * 2, cascade.now),
        lambda conn: join(conn, many[40:], cascade.now + timedelta(hours=1)),
    )

    orders = cascade.rows("select joined_at, count(*) from visit_order group by 1 order by 1")
    assert orders == [(cascade.now, 80), (cascade.now + timedelta(hours=1), 20)]


def test_a_backfill_enrols_nobody(cascade: Any):
    cascade.tell(cascade.order(1), backfill=True)

    assert cascade.entries() == ["refused backfill"]
    assert cascade.visits() == []


def test_every_refusal_is_written_down_with_its_reason(cascade: Any):
    guest = cascade.event(
        "order.paid", {"shop": "s", "order_no": "G1", "currency": "CNY", "total_minor": 1}
    )
    other_shop = cascade.order(5, data={"shop": "elsewhere"})
    cascade.tell(cascade.friend(2), cascade.order(4))
    cascade.tell(cascade.cancelled(3))
    cascade.tell(
        guest,
        cascade.order(1, at=cascade.now - timedelta(hours=3)),
        cascade.order(2),
        cascade.order(3),
        cascade.order(4, "T4"),
        other_shop,
    )

    rows = cascade.rows("select order_no, outcome, reason from journey_entry order by event_id")
    assert {order_no: reason for order_no, _, reason in rows if order_no != "T4" or reason} == {
        "G1": "guest",
        "T1": "too_old",
        "T2": "friend_already",
        "T3": "order_gone",
        "T4": "known",
        "T5": "not_admitted",
    }
    assert [row[1] for row in rows].count("enrolled") == 1
    counts = cascade.query(became, "cascade", cascade.now - timedelta(days=1))
    assert ("refused", "guest", 1) in counts


def test_by_hand_the_source_and_the_hold_out_count_too(house: Any):
    steps = "steps:\n  - {id: w, wait: 1d}\n  - {id: end, exit: done}\n"
    head = "journey: j\ntitle: {zh: 一, en: J}\n"
    house.publish(f"{head}source: new-orders\nholdout: 0.999999\n{steps}")
    house.tell(house.order(1), backfill=True)
    ((customer_id,),) = house.rows("select id from customer")

    def by_hand(key: str) -> str:
        entrants = [Entrant(customer_id, None, key)]
        families = house.context.families
        (said,) = house.query(enrol, "j", entrants, families, "ana", house.now)
        return said.reason

    assert by_hand("a") == ""
    assert house.visit().held_out
    house.rows("update source set admission = '{\"everybody\": false}' returning code")
    assert by_hand("b") == "not_admitted"


def test_an_interval_lies_between_two_visits(cascade: Any):
    cascade.tell(cascade.order(1, "T1"))
    cascade.tell(cascade.cancelled(1, "T1"))
    cascade.sweep()
    cascade.clock.advance(days=29)
    cascade.tell(cascade.order(1, "T2"))
    cascade.clock.advance(days=1)
    cascade.tell(cascade.order(1, "T3"))

    assert cascade.entries() == ["enrolled", "refused reentry", "enrolled"]


def test_a_friend_added_before_an_order_of_the_same_batch_is_not_invited(cascade: Any):
    before = cascade.now - timedelta(minutes=10)
    cascade.tell(cascade.order(1), cascade.friend(1, at=before))

    assert cascade.entries() == ["refused friend_already"]


def test_a_friend_added_after_an_order_of_the_same_batch_ends_the_visit_before_a_word(cascade: Any):
    before = cascade.now - timedelta(minutes=10)
    cascade.tell(cascade.friend(1), cascade.order(1, at=before))
    assert cascade.entries() == ["enrolled"]

    cascade.sweep()

    assert cascade.visit().outcome == "friend"
    assert cascade.touches() == []
    assert cascade.promises() == []


def test_a_redelivered_event_changes_nothing(cascade: Any):
    order = cascade.order(1)
    cascade.tell(order)
    cascade.sweep()
    cascade.clock.advance(days=40)
    cascade.tell(order)

    assert cascade.entries() == ["enrolled"]
    assert len(cascade.visits()) == 1


def test_an_event_of_somebody_else_wakes_nobody(cascade: Any):
    cascade.tell(cascade.order(1), cascade.order(2))
    cascade.sweep()
    cascade.tell(cascade.friend(2))

    due = {visit.key: visit.due_at for visit in cascade.visits()}
    assert due["s/T1"] == cascade.now + timedelta(minutes=5)
    assert due["s/T2"] == cascade.now


def test_a_kind_that_nobody_waits_for_wakes_nobody(cascade: Any):
    cascade.tell(cascade.order(1))
    cascade.sweep()
    cascade.tell(cascade.event("message.received", {}, keys=cascade.keys(1)))

    assert cascade.sweep().claimed == 0


def test_a_parcel_wakes_by_its_order_though_it_names_nobody(house: Any):
    house.publish(
        "journey: parcel\ntitle: {zh: 包, en: Parcel}\nenter: {on: order.paid}\nsteps:\n"
        "  - {id: w, until: {parcel: {is: frozen}}, timeout: 9d}\n"
        "  - {id: end, exit: frozen}\n"
    )
    house.tell(house.order(1))
    house.sweep()
    cutoff = house.now + timedelta(hours=2)
    house.tell(house.planned(1, cutoff))
    house.sweep()

    assert house.visit().due_at == cutoff
    assert house.sweep(hours=2).ended == 1


def test_a_parcel_wakes_by_an_order_of_its_own_batch(house: Any):
    house.publish(
        "journey: parcel\ntitle: {zh: 包, en: Parcel}\nenter: {on: order.paid}\nsteps:\n"
        "  - {id: w, until: {parcel: {is: planned}}, timeout: 9d}\n"
        "  - {id: end, exit: planned}\n"
    )
    house.tell(house.order(1, "T1"))
    house.sweep()
    assert house.visit().due_at == house.now + timedelta(days=9)
    planned = house.planned(2, house.now + timedelta(hours=2))
    house.tell(planned, house.order(1, "T2"))

    assert house.visit().due_at == house.now


def test_a_further_child_of_a_split_order_limits_no_promise(cascade: Any):
    cascade.tell(cascade.order(1))
    cascade.sweep()
    soon = cascade.now + timedelta(minutes=1)
    cascade.tell(cascade.planned(1, soon, main_order=None))

    assert cascade.touch("sms").valid_until is None


def test_of_two_visits_of_one_person_the_elder_goes_on_with_both_orders(cascade: Any):
    cascade.tell(cascade.order(1))
    cascade.sweep()
    cascade.clock.advance(minutes=1)
    cascade.tell(cascade.order(2))
    cascade.sweep()
    both = cascade.keys(1) | {"member": "m1"}
    cascade.tell(
        cascade.event("customer.identified", {}, keys=both),
        cascade.event("customer.identified", {}, keys=cascade.keys(2) | {"member": "m1"}),
    )
    elder, younger = cascade.visits()
    assert (younger.state, younger.outcome) == ("ended", "merged")
    assert elder.customer_id == younger.customer_id

    cascade.sweep()

    states = {touch.order_no: (touch.state, touch.held) for touch in cascade.touches()}
    assert states == {"T1": ("wished", False), "T2": ("withdrawn", False)}
    cascade.tell(cascade.cancelled(1))
    cascade.sweep()
    assert cascade.visits()[0].state == "under_way"  # T2 still stands
    cascade.tell(cascade.cancelled(2))
    cascade.sweep()
    assert cascade.visits()[0].outcome == "order_gone"


def test_a_merge_with_a_friend_ends_the_visit(cascade: Any):
    cascade.tell(cascade.order(1))
    cascade.sweep()
    stranger = {"external_userid": "wm9"}
    cascade.tell(cascade.event("friend.added", {"staff": "guide-1"}, keys=stranger))
    assert cascade.sweep().claimed == 0
    proof = cascade.keys(1) | stranger
    cascade.tell(cascade.event("customer.identified", {}, keys=proof))
    assert cascade.touch("sms").held

    cascade.sweep()

    assert cascade.visit().outcome == "friend"


def test_publishing_the_same_text_again_makes_no_version(cascade: Any):
    assert cascade.publish() == ("cascade", 1, False, None, False)
    assert cascade.publish(cascade.cascade + "# more\n") == ("cascade", 2, True, None, False)
    (listed,) = cascade.query(views.listing)
    assert (listed.code, listed.version) == ("cascade", 2)
    assert cascade.query(views.get, "cascade", 1).text == cascade.cascade


def test_entering_takes_as_many_statements_for_200_orders_as_for_one(cascade: Any):
    def seen(first: int, many: int) -> list[str]:
        friends = [cascade.friend(number) for number in range(first, first + many)]
        cascade.tell(*(cascade.order(number) for number in range(first, first + many)))
        cascade.sweep()
        cascade.apply()  # what the friends of the first call left behind
        orders = [cascade.order(number + 5_000) for number in range(first, first + many)]
        with cascade.db.counting() as statements:
            cascade.tell(*friends, *orders)
        return statements

    one, many = seen(1, 1), seen(100, 200)
    assert len(one) == len(many), set(many) - set(one)


def test_merging_takes_as_many_statements_for_50_pairs_as_for_one(cascade: Any):
    def seen(first: int, many: int) -> int:
        pairs = [(first + 2 * number, first + 2 * number + 1) for number in range(many)]
        cascade.tell(*(cascade.order(number) for pair in pairs for number in pair))
        cascade.sweep()
        proofs = [
            cascade.event(
                "customer.identified", {}, keys=cascade.keys(number) | {"member": f"m{one}"}
            )
            for one, other in pairs
            for number in (one, other)
        ]
        with cascade.db.counting() as statements:
            cascade.tell(*proofs)
        return len(statements)

    assert seen(1, 1) == seen(1000, 50)


def test_what_was_held_in_its_lease_is_let_go_in_doubt(cascade: Any) -> None:
    """Else it would be owed and held for good, once its provider says that it never came."""
    cascade.tell(cascade.order(1))
    cascade.sweep()
    cascade.rows("update touch set state = 'leased' returning id")
    gone = {"external_userid": "wm1"} | cascade.keys(1)
    cascade.tell(cascade.event("friend.deleted_by_customer", {"staff": "guide-1"}, keys=gone))
    assert cascade.rows("select state, held from touch") == [("leased", True)]
    cascade.rows("update touch set state = 'unknown' returning id")  # its worker is gone

    cascade.sweep()

    assert cascade.rows("select state, held from touch") == [("unknown", False)]
