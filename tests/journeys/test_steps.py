"""What a visit keeps, what it comes to, and what it starts: each once, whatever is repeated."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from siyu.journeys import actions, sweep, views
from siyu.offers import actions as offers
from siyu.offers.model import Offer, Terms
from siyu.playbooks import actions as playbooks

HEAD = "title: {zh: 一, en: J}\nenter: {on: order.paid}\n"
WAVES = (
    "journey: waves\n"
    + HEAD
    + """\
steps:
  - {id: first, set: {wave: 1, kind: sale}}
  - {id: pause, wait: 1d}
  - {id: often, branch: [{when: {value: {name: wave, at_least: 2}}, go: done}]}
  - {id: second, set: {wave: 2}, go: pause}
  - {id: done, exit: two waves}
"""
)
LEADING = (
    "journey: leading\n"
    + HEAD
    + """\
steps:
  - {id: bought, goal: bought}
  - {id: next, start: following}
  - {id: pause, wait: 1d, go: bought}
"""
)
FOLLOWING = """\
journey: following
title: {zh: 二, en: Following}
reenter: each
steps:
  - {id: pause, wait: 30d}
  - {id: end, goal: done, ends: true}
"""


def by_hand(text: str) -> str:
    return text.replace("enter: {on: order.paid}\n", "")


def test_a_value_is_kept_over_sweeps_and_asked_for_by_a_branch(house: Any):
    house.publish(WAVES)
    house.tell(house.order(1))
    house.sweep()
    assert house.rows("select vars from visit") == [({"wave": 1, "kind": "sale"},)]
    house.sweep(days=1)
    assert house.rows("select vars from visit") == [({"wave": 2, "kind": "sale"},)]
    house.sweep(days=1)

    assert house.visit().outcome == "two waves"


def test_a_goal_is_reached_once_per_visit_at_its_first_time(house: Any):
    house.publish(LEADING)
    house.tell(house.order(1))
    first = house.now
    house.sweep()
    house.sweep(days=1)  # comes by again
    (visit,) = house.visits()

    assert house.query(views.goals, "leading") == {("bought", False): 1}
    assert house.query(views.reached, [visit.visit_id]) == [(visit.visit_id, "bought", first)]


def test_a_goal_may_end_the_visit_and_those_held_out_reach_it_too(house: Any):
    house.publish(
        "journey: j\n" + HEAD + "holdout: 0.999999\nsteps:\n  - {id: g, goal: seen, ends: true}\n"
    )
    house.tell(house.order(1))
    house.sweep()

    assert (house.visit().state, house.visit().outcome) == ("ended", "seen")
    assert house.query(views.goals, "j") == {("seen", True): 1}


def test_a_goal_goes_with_the_visit_that_a_merge_ends(house: Any):
    text = "journey: j\n" + HEAD + "steps:\n  - {id: g, goal: seen}\n  - {id: w, wait: 9d}\n"
    house.publish(text + "  - {id: e, exit: x}\n")
    times: list[Any] = []
    for number in (1, 2):
        house.tell(house.order(number))
        times.append(house.now)
        house.sweep()
        house.clock.advance(minutes=1)
    member = {"member": "m1"}
    proofs = [house.keys(number) | member for number in (1, 2)]
    house.tell(*(house.event("customer.identified", {}, keys=keys) for keys in proofs))
    elder = next(visit for visit in house.visits() if visit.state == "under_way")

    assert house.rows("select visit_id, reached_at from visit_goal") == [(elder.visit_id, times[0])]


# ── Starting another journey ─────────────────────────────────────────────────────────────────────


def starts(house: Any) -> list[tuple[str, str, str]]:
    return house.rows(
        "select e.outcome, e.reason, e.cause from journey_entry e join journey j"
        " on j.id = e.journey_id where j.code = 'following' order by e.at, e.customer_id"
    )


def test_a_start_begins_a_visit_of_the_other_journey_about_the_same_order(house: Any):
    house.publish(FOLLOWING)
    house.publish(LEADING)
    house.tell(house.order(1))
    house.sweep()
    leading, following = house.visits()

    assert starts(house) == [("enrolled", "", f"start by visit {leading.visit_id}")]
    assert (following.journey, following.key, following.due_at) == ("following", "s/T1", house.now)
    assert house.rows(f"select * from visit_order where visit_id = {following.visit_id}") != []
    assert house.sweep().claimed == 1


def test_each_refusal_of_a_start_has_its_reason(house: Any):
    def refusals(text: str) -> list[str]:
        house.publish(text)
        house.rows("delete from visit returning id")
        house.rows("delete from journey_entry returning at")
        house.clock.advance(minutes=1)
        house.tell(house.order(1, f"T{house.now.isoformat()}"))
        house.sweep()
        rows = house.rows("select why from visit_move where why like '%refused%' order by at")
        house.rows("delete from visit_move returning at")
        return [why for (why,) in rows]

    house.publish(LEADING)
    assert refusals(LEADING) == ["start following: refused, not_published"]
    assert refusals(FOLLOWING) == []
    friend = FOLLOWING.replace("steps:", "ends_when: {friend: false}\nsteps:")
    assert refusals(friend) == ["start following: refused, not_friend"]
    assert refusals(FOLLOWING.replace("steps:", "source: new-orders\nsteps:")) == []
    other = "update source set shops = '[\"elsewhere\"]' returning code"
    house.rows(other)
    sourced = FOLLOWING.replace("steps:", "source: new-orders\nsteps:")
    assert refusals(sourced) == ["start following: refused, not_admitted"]


def test_a_hold_out_of_the_other_journey_counts_and_who_is_held_out_here_starts_nothing(house: Any):
    house.publish(FOLLOWING.replace("reenter: each", "holdout: 0.999999"))
    house.publish(LEADING)
    house.tell(house.order(1))
    house.sweep()
    assert [visit.held_out for visit in house.visits()] == [False, True]

    house.publish(FOLLOWING)
    house.publish(LEADING.replace("steps:", "holdout: 0.999999\nsteps:"))
    house.tell(house.order(2))
    house.sweep()
    assert [visit.journey for visit in house.visits()] == ["leading", "following", "leading"]


def test_a_sweep_that_crashes_and_comes_again_starts_once(house: Any):
    house.publish(FOLLOWING)
    house.publish(LEADING)
    house.tell(house.order(1))
    house.sweep()
    house.rows("update visit set node = 'bought', due_at = since where journey_id = 2 returning id")
    house.sweep()

    assert [row[:2] for row in starts(house)] == [("enrolled", ""), ("refused", "known")]
    assert len(house.visits()) == 2


def test_journeys_that_start_one_another_come_to_an_end_though_nobody_checked_them(house: Any):
    one, other = (f"journey: {name}\ntitle: {{zh: 一, en: J}}\nreenter: each\n" for name in "ab")
    steps = "steps:\n  - {id: s, start: b}\n  - {id: e, exit: x}\n"
    house.publish(one + "enter: {on: order.paid}\n" + steps)
    house.publish(other + steps.replace("start: b", "start: a"))
    house.tell(house.order(1))
    swept = [house.sweep().claimed for _ in range(4)]

    assert swept == [1, 1, 0, 0]


def test_a_sweep_with_every_new_step_takes_as_many_statements_for_50_as_for_one(house: Any):
    house.publish(FOLLOWING)
    house.publish(LEADING.replace("- {id: bought", "- {id: v, set: {a: 1}}\n  - {id: bought"))
    house.tell(house.order(9))
    house.sweep()

    def seen(first: int, many: int) -> list[str]:
        house.tell(*(house.order(number) for number in range(first, first + many)))
        house.rows("update visit set due_at = null where journey_id = 1 returning id")
        with house.db.counting() as statements:
            assert sweep.sweep(house.db, house.context, house.now).claimed == many
        return statements

    one, many = seen(1000, 1), seen(2000, 50)
    assert len(one) == len(many), set(many) - set(one)


def test_publishing_looks_up_the_journeys_that_a_text_starts(house: Any):
    with pytest.raises(Exception, match="no journey that can be published") as refused:
        house.query(playbooks.publish, LEADING, house.context.families, house.now, actions.NOBODY)
    assert "no journey is called `following`" in str(refused.value)
    house.query(playbooks.publish, FOLLOWING, house.context.families, house.now, actions.NOBODY)
    house.query(
        playbooks.publish, by_hand(LEADING), house.context.families, house.now, actions.NOBODY
    )

    ring = FOLLOWING.replace("steps:\n", "steps:\n  - {id: back, start: leading}\n")
    with pytest.raises(Exception, match="starts `following` again without a `wait`"):
        house.query(playbooks.publish, ring, house.context.families, house.now, actions.NOBODY)


def test_an_interval_counts_for_starts_as_it_does_for_events(house: Any):
    house.publish(FOLLOWING.replace("reenter: each", "reenter: {after: 9d}").replace("30d", "1d"))
    house.publish(LEADING.replace("wait: 1d", "wait: 3d"))
    house.tell(house.order(1))
    house.sweep()
    for _ in range(3):
        house.sweep(days=3)
        house.sweep()

    assert [row[:2] for row in starts(house)] == [
        ("enrolled", ""),
        ("refused", "reentry"),
        ("refused", "reentry"),
        ("enrolled", ""),
    ]
    assert house.now - house.visits()[0].entered_at == timedelta(days=9)


# ── Offers ───────────────────────────────────────────────────────────────────────────────────────

ISSUING = (
    "journey: issuing\n"
    + HEAD
    + """\
steps:
  - {id: give, offer: {issue: spring, otherwise: gone}}
  - {id: glad, wait: 1d}
  - {id: back, offer: {revoke: spring}}
  - {id: end, exit: had one}
  - {id: gone, exit: nothing left}
"""
)
SPRING = Offer("spring", {"zh": "券", "en": "coupon"}, 900, "", kind="coupon")


def an_offer(house: Any, pieces: int) -> None:
    terms = Terms(codes="generated", pieces=pieces)
    with house.db.transaction() as conn:
        offers.install(conn, [replace(SPRING, terms=terms)], "own")


def test_what_is_issued_is_there_and_who_finds_nothing_left_goes_another_way(house: Any):
    an_offer(house, 2)
    house.publish(ISSUING)
    house.tell(*(house.order(number) for number in (1, 2, 3)))
    house.sweep()
    house.sweep()

    assert sorted((one.outcome, one.node) for one in house.visits()) == [
        ("", "glad"), ("", "glad"), ("nothing left", "gone"),
    ]  # fmt: skip
    given = house.rows(
        "select state, kind, visit_id is not null, order_no from promise order by id"
    )
    assert [one[:3] for one in given] == [("committed", "coupon", True)] * 2
    assert house.rows("select count(*) from coupon_code where promise_id is not null") == [(2,)]


def test_what_a_visit_gave_is_taken_back_and_its_pieces_are_free_again(house: Any):
    an_offer(house, 1)
    house.publish(ISSUING)
    house.tell(house.order(1))
    house.sweep()
    house.sweep()
    house.sweep(days=1)

    assert house.visit().outcome == "had one"
    assert house.rows("select state, reason from promise") == [("revoked", "taken_back")]
    assert house.rows("select taken from allotment") == [(0,)]


def test_a_refund_takes_back_what_a_journey_issued_for_the_order(house: Any):
    an_offer(house, 1)
    house.publish(ISSUING)
    house.tell(house.order(1))
    house.sweep()
    house.tell(house.cancelled(1))

    assert house.rows("select state, reason from promise") == [("revoked", "order_gone")]
    assert house.rows("select taken from allotment") == [(0,)]
