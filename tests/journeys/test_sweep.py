"""A sweep moves what is due, all of a batch in the same few statements, and repeats nothing."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from siyu.budget import actions as budget
from siyu.journeys import actions, sweep, views
from siyu.journeys.actions import Entrant
from siyu.journeys.actions.by_hand import enrol
from siyu.staff.views import audited


def test_an_order_is_promised_something_and_invited_at_once(cascade: Any):
    cutoff = cascade.now + timedelta(hours=6)
    cascade.tell(cascade.order(1), cascade.planned(1, cutoff))

    swept = cascade.sweep()

    assert (swept.claimed, swept.moved, swept.ended, swept.parked) == (1, 1, 0, 0)
    (promise,) = cascade.promises()
    sms = cascade.touch("sms")
    assert (sms.state, sms.promise_id, sms.valid_until) == ("wished", promise.id, cutoff)
    assert (sms.shop, sms.order_no, sms.journey, sms.node) == ("s", "T1", "cascade", "sms")
    assert len(sms.state_code) == 10
    assert (promise.state, promise.shop, promise.order_no) == ("promised", "s", "T1")
    visit = cascade.visit()
    assert (visit.node, visit.due_at) == ("five-minutes", cascade.now + timedelta(minutes=5))


def test_the_cascade_walks_its_four_steps(cascade: Any):
    cascade.tell(cascade.order(1))
    cascade.sweep()
    assert cascade.sweep(minutes=4).claimed == 0
    cascade.sweep(minutes=1)
    cascade.tell(cascade.call(cascade.touch("call"), "B"))
    cascade.sweep()
    assert cascade.visit().node == "requested"
    cascade.tell(cascade.done(cascade.touch("request"), "requested"))
    cascade.sweep()
    assert cascade.visit().node == "accepted"
    cascade.sweep(hours=4)
    assert cascade.visit().node == "watch"
    cascade.sweep(days=14)

    steps = [(touch.step, touch.channel) for touch in cascade.touches()]
    assert steps == [
        ("sms", "sms"),
        ("call", "voice_ai"),
        ("request", "wecom_request"),
        ("human", "voice_human"),
    ]
    (promise,) = cascade.promises()
    assert {touch.promise_id for touch in cascade.touches()} == {promise.id}
    assert len({touch.state_code for touch in cascade.touches()}) == 4
    visit = cascade.visit()
    assert (visit.state, visit.outcome) == ("ended", "not added")
    whys = [line.why for line in cascade.query(views.moves, [visit.visit_id])[visit.visit_id]]
    assert whys == [
        "entered",
        "promise: promised · sms: wished",
        "five-minutes: waited · call: wished",
        "called: touch · intent: touch · request: wished",
        "requested: touch · asked: else",
        "accepted: timed_out · human: wished",
        "watch: timed_out",
    ]


def test_no_intent_means_no_person_calls(cascade: Any):
    cascade.tell(cascade.order(1))
    cascade.sweep()
    cascade.sweep(minutes=5)
    cascade.tell(cascade.call(cascade.touch("call"), "E"))
    cascade.sweep()

    assert cascade.visit().node == "watch"
    assert [touch.step for touch in cascade.touches()] == ["sms", "call"]


def test_a_call_that_the_budget_withholds_is_not_waited_for(cascade: Any):
    cascade.tell(cascade.order(1))
    cascade.sweep()
    cascade.sweep(minutes=5)
    cascade.rule()  # nobody gave a consent
    assert cascade.touch("call").state == "withheld"

    cascade.sweep()

    assert cascade.visit().node == "watch"


def test_who_added_leaves_and_what_has_not_gone_out_is_withdrawn(cascade: Any):
    cascade.tell(cascade.order(1))
    cascade.sweep()
    cascade.tell(cascade.friend(1))
    assert cascade.touch("sms").held

    swept = cascade.sweep()

    assert swept.ended == 1
    sms = cascade.touch("sms")
    assert (sms.state, sms.reason) == ("withdrawn", "friend")
    assert (cascade.visit().state, cascade.visit().outcome) == ("ended", "friend")


def test_what_was_held_for_nothing_is_let_go(cascade: Any):
    cascade.tell(cascade.order(1), cascade.order(1, "T2"))
    cascade.sweep()
    cascade.tell(cascade.cancelled(1, "T1"))
    assert cascade.touch("sms").held

    cascade.sweep()

    assert not cascade.touch("sms").held
    assert cascade.visit().state == "under_way"


def test_a_cancelled_order_ends_the_cascade(cascade: Any):
    cascade.tell(cascade.order(1))
    cascade.sweep()
    cascade.tell(cascade.cancelled(1))
    cascade.sweep()

    assert cascade.visit().outcome == "order_gone"
    assert cascade.touch("sms").state == "withdrawn"


def test_a_cut_off_that_is_heard_later_limits_what_was_promised(cascade: Any):
    cascade.tell(cascade.order(1))
    cascade.sweep()
    assert cascade.touch("sms").valid_until is None
    cutoff = cascade.now + timedelta(hours=1)
    cascade.tell(cascade.planned(1, cutoff))
    assert cascade.touch("sms").valid_until == cutoff


def test_who_is_held_out_is_promised_nothing_and_hears_nothing(house: Any):
    house.publish(house.cascade.replace("holdout: 0", "holdout: 0.999999"))
    house.tell(house.order(1))
    house.sweep()
    house.rule()

    assert house.visit().held_out
    assert house.promises() == []
    sms = house.touch("sms")
    assert (sms.state, sms.reason, sms.state_code) == ("withheld", "holdout", "")


def test_a_sweep_that_is_repeated_wishes_for_nothing_twice(cascade: Any):
    cascade.tell(cascade.order(1))

    def crash(*_: Any) -> Any:
        raise RuntimeError("a crash before the commit")

    with pytest.raises(RuntimeError):
        sweep.sweep(cascade.db, cascade.context, cascade.now, rule=crash)
    assert cascade.touches() == []
    assert cascade.visit().state == "under_way"
    cascade.sweep()
    back = (
        "update visit set node = 'promise', due_at = since returning id"  # as if it had not moved
    )
    cascade.rows(back)
    cascade.sweep()

    assert [touch.step for touch in cascade.touches()] == ["sms"]
    assert len(cascade.promises()) == 1


def test_two_sweeps_share_the_work_and_wait_for_nobody(cascade: Any):
    cascade.tell(*(cascade.order(number) for number in range(1, 5)))
    second: list[sweep.Swept] = []

    def meanwhile(_: Any, wishes: Any) -> Any:
        second.append(sweep.sweep(cascade.db, cascade.context, cascade.now))
        return (), list

    first = sweep.sweep(
        cascade.db,
        cascade.context,
        cascade.now,
        limit=3,
        rule=meanwhile,
    )

    assert (first.claimed, [other.claimed for other in second]) == (3, [1])
    assert len(cascade.touches()) == 4


def test_a_poison_visit_is_parked_with_its_error_and_stops_nobody(cascade: Any):
    cascade.tell(*(cascade.order(number) for number in range(1, 4)))
    cascade.rows("update visit set node = 'nowhere' where key = 's/T2' returning id")

    swept = cascade.sweep()

    assert (swept.claimed, swept.parked, swept.moved) == (3, 1, 2)
    (parked,) = cascade.query(views.parked)
    assert (parked.key, parked.error) == ("s/T2", "version 1 has no step 'nowhere'")
    assert len(cascade.touches()) == 2


def test_a_visit_whose_wish_cant_be_written_is_parked_alone_and_can_be_taken_up_again(house: Any):
    house.publish(house.cascade.replace("promise: face-mask", "promise: no-such"))
    house.tell(house.order(1), house.order(2))

    swept = house.sweep()

    assert (swept.claimed, swept.parked) == (2, 2)
    assert "no offer named no-such" in house.visits()[0].error
    house.rows("update offer set code = 'no-such' returning code")
    ids = [visit.visit_id for visit in house.visits()]
    assert house.query(actions.unpark, "ana", house.now, visit_ids=ids[:1]) == 1
    assert house.query(actions.unpark, "ana", house.now, journey="another") == 0
    assert house.query(actions.unpark, "ben", house.now, journey="cascade") == 1
    said = [(line.actor, line.action, line.object, line.reason) for line in house.query(audited)]
    assert said[:2] == [
        ("ben", "journey.retry", "cascade", "1 parked visit taken up"),
        ("ana", "journey.retry", "cascade", "1 parked visit taken up"),
    ]
    assert house.sweep().moved == 2


def test_a_visit_finishes_on_the_version_that_it_began_with(cascade: Any):
    cascade.tell(cascade.order(1))
    cascade.sweep()
    cascade.publish(cascade.cascade.replace("wait: 5m", "wait: 9d"))
    cascade.tell(cascade.order(2))
    cascade.sweep()

    due = {visit.version: visit.due_at for visit in cascade.visits()}
    assert due == {1: cascade.now + timedelta(minutes=5), 2: cascade.now + timedelta(days=9)}


def test_a_tag_and_a_split_stick(house: Any):
    house.publish(
        "journey: deal\ntitle: {zh: 分, en: Deal}\nenter: {on: order.paid}\nsteps:\n"
        "  - id: deal\n"
        "    split: {arms: [{name: a, share: 0.5, go: one}, {name: b, share: 0.5, go: two}]}\n"
        "  - {id: one, tag: {add: arm-a}, go: rest}\n"
        "  - {id: two, tag: {add: arm-b}}\n"
        "  - {id: rest, wait: 1d}\n"
        "  - {id: end, exit: done}\n"
    )
    house.tell(*(house.order(number) for number in range(1, 21)))
    house.sweep()

    arms = dict(house.rows("select customer_id, arms ->> 'deal' from visit"))
    tags = dict(house.rows("select customer_id, name from tag"))
    assert set(arms.values()) == {"a", "b"}
    assert tags == {customer: f"arm-{arm}" for customer, arm in arms.items()}


def test_somebody_let_in_by_hand_has_links_of_their_own(cascade: Any):
    cascade.tell(cascade.order(1), cascade.order(2), backfill=True)
    people = cascade.rows("select customer_id, id from identity where kind = 'phone'")
    entrants = [Entrant(customer, identity, f"hand/{customer}") for customer, identity in people]
    asked = "cascade", entrants, cascade.context.families, "ana", cascade.now
    begun, again = cascade.query(enrol, *asked), cascade.query(enrol, *asked)
    cascade.sweep()

    assert [one.reason for one in (*begun, *again)] == ["", "", "known", "known"]
    assert len({touch.state_code for touch in cascade.touches()}) == 2


# ── The number of statements ─────────────────────────────────────────────────────────────────────


def statements(house: Any, many: int, first: int, *, walk: str) -> list[str]:
    house.tell(*(house.order(number) for number in range(first, first + many)))
    if walk != "enter":
        house.sweep()
        house.clock.advance(minutes=5)
    if walk == "end":
        house.tell(*(house.friend(number) for number in range(first, first + many)))
    with house.db.counting() as seen:
        assert house.sweep().claimed == many
    return [sql.splitlines()[0] for sql in seen]


@pytest.fixture
def warm(cascade: Any) -> Any:
    """A house whose sweeps know the journey already."""
    cascade.tell(cascade.order(9))
    cascade.sweep()
    return cascade


@pytest.mark.parametrize("walk", ["enter", "move", "end"])
def test_a_sweep_takes_as_many_statements_for_200_visits_as_for_one(warm: Any, walk: str):
    warm.rows("update visit set due_at = null returning id")
    one = statements(warm, 1, 1, walk=walk)
    many = statements(warm, 200, 1000, walk=walk)

    assert len(many) == len(one)


def test_a_sweep_of_nothing_is_one_statement(cascade: Any):
    with cascade.db.counting() as seen:
        cascade.sweep()

    assert len(seen) == 1


@pytest.mark.parametrize(("walk", "many"), [("enter", 9), ("move", 9), ("end", 8)])
def test_a_sweep_of_one_visit_stays_small(warm: Any, walk: str, many: int):
    """Claim, orders, touches, one per predicate, move, wish; a promise costs one, the state of a
    link three, a withdrawal too."""
    warm.rows("update visit set due_at = null returning id")
    seen = statements(warm, 1, 1, walk=walk)

    assert len(seen) == many, "\n".join(seen)


def test_a_version_is_read_once_and_one_that_cant_be_read_is_asked_for_again(warm: Any):
    asked = "-- The texts that a batch"
    warm.publish(warm.cascade.replace("wait: 5m", "wait: 9d"))
    first = statements(warm, 1, 1, walk="enter")
    second = statements(warm, 1, 2, walk="enter")
    assert [any(sql.startswith(asked) for sql in seen) for seen in (first, second)] == [True, False]

    warm.publish(warm.cascade.replace("wait: 5m", "wait: 8d"))
    warm.tell(warm.order(3))
    text = "select text from journey_version where version = 3"
    ((written,),) = warm.rows(text)
    warm.rows("update journey_version set text = 'a: b' where version = 3 returning version")
    assert warm.sweep().parked == 1
    with warm.db.transaction() as conn:
        conn.execute(
            "update journey_version set text = %(text)s where version = 3", {"text": written}
        )
    (parked,) = warm.query(views.parked)
    warm.query(actions.unpark, "ana", warm.now, visit_ids=[parked.visit_id])

    assert warm.sweep().moved == 1


def test_suppressed_people_still_walk(cascade: Any):
    cascade.tell(cascade.order(1))
    (visit,) = cascade.visits()
    cascade.query(budget.suppress, [(visit.customer_id, "*", "asked", None)], cascade.now)
    cascade.sweep()
    cascade.rule()

    assert cascade.touch("sms").reason == "suppressed"


def test_trouble_of_the_installation_parks_nobody(cascade: Any):
    class OperationalError(Exception):
        """As the driver calls a deadlock."""

    class Shaky:
        def __init__(self, conn: Any) -> None:
            self.conn = conn

        def __getattr__(self, name: str) -> Any:
            return getattr(self.conn, name)

        def fetch(self, sql: str, params: Any = None) -> Any:
            if "insert into touch" in sql:
                raise OperationalError
            return self.conn.fetch(sql, params)

    class ShakyDb:
        @contextmanager
        def transaction(self) -> Any:
            with cascade.db.transaction() as conn:
                yield Shaky(conn)

    cascade.tell(cascade.order(1), cascade.order(2))
    shaky: Any = ShakyDb()
    with pytest.raises(OperationalError):
        sweep.sweep(shaky, cascade.context, cascade.now)

    assert cascade.sweep().moved == 2
