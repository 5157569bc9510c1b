"""Every fact is told, in order and signed; who fails delays nobody and loses nothing."""

from __future__ import annotations

import json
import threading
from concurrent.futures import wait
from datetime import timedelta

import httpx
import pytest

from siyu.connectors.post import Poster
from siyu.segments import actions as segments
from siyu.segments import sweep as members
from siyu.segments.predicates import FAMILIES
from siyu.segments.project import projection
from siyu.subscribers import actions, render
from siyu.subscribers import sweep as sweeps
from siyu.subscribers.sweep import reclaim, sweep
from siyu.worker import due

WORDS = ("13800000001", "8613800000001", "林小雨")


def test_a_subscriber_is_told_what_is_applied_after_it_came_in_order_and_signed(room) -> None:
    room.facts(2)
    number = room.add("/erp")
    room.facts(3)
    room.paid(1)

    assert room.sweep() == 4
    (one,) = room.listener.at("/erp")
    room.signed(one, number)
    applied = room.db.fetch("select event_id from event_applied order by applied_seq offset 2")
    ids = [event["id"] for event in one.events]
    from_us = [room.context.ids.encode("evt", row[0]) for row in applied]
    assert ids == from_us
    assert [event["kind"] for event in one.events] == ["tag.set"] * 3 + ["order.paid"]
    assert one.events[3]["data"]["currency"] == "CNY"
    assert room.get(number).told_at == room.clock.now()


def test_a_body_names_a_customer_by_public_id_and_nobody_by_name(room) -> None:
    room.add("/erp")
    room.facts(1)
    room.sweep()

    (one,) = room.listener.at("/erp")
    ((customer,),) = room.db.fetch("select distinct customer_id from identity")
    assert one.events[0]["customer"] == room.context.ids.encode("cus", customer)
    assert [word for word in WORDS if word in one.body.decode()] == []
    ((hashed,),) = room.db.fetch("select hash from identity where kind = 'phone'")
    assert hashed.hex() not in one.body.decode()


def test_dates_of_a_customer_and_free_words_stay_here(room) -> None:
    room.add("/erp")
    room.facts(1, "profile.dated", name="birthday", month=2, day=29, calendar="lunar")
    room.facts(1, "order.cancelled", shop="s", order_no="T1", reason="林小雨 has moved")
    said = {"outcome": "she has a cold", "labels": ["林小雨", "mother of two"]}
    room.facts(1, "call.finished", touch="tch_1", answered=True, intent="A", **said)
    room.facts(1, "consent.withdrawn", channels=["sms"], purposes=["service"], evidence="a letter")
    room.sweep()

    assert [event["data"] for event in room.listener.at("/erp")[0].events] == [
        {"name": "birthday", "calendar": "lunar"},
        {"shop": "s", "order_no": "T1"},
        {"touch": "tch_1", "answered": True, "intent": "A"},
        {"channels": ["sms"], "purposes": ["service"]},
    ]


def test_only_the_kinds_that_were_asked_for_are_told_and_the_cursor_passes_the_others(room) -> None:
    number = room.add("/erp", "order.paid")
    room.facts(5)
    room.sweep()
    silent = len(room.listener.got)
    room.paid(2)
    room.facts(1)

    assert (silent, room.sweep()) == (0, 2)
    assert {event["kind"] for event in room.listener.at("/erp")[0].events} == {"order.paid"}
    assert room.get(number).told_seq == 8


def test_what_was_told_is_not_told_again_and_without_news_nothing_is_due(room) -> None:
    room.add("/erp")
    room.facts(3)

    assert [room.sweep(), room.sweep()] == [3, 0]
    assert room.begin() == []
    assert len(room.listener.got) == 1


def test_telling_is_late_since_the_first_fact_that_was_not_told(room) -> None:
    number = room.add("/erp")
    room.clock.advance(days=3)
    quiet = due(room.db, [])["tell"]
    room.facts(1)
    came = room.clock.now()
    room.clock.advance(hours=1)
    room.facts(1)
    waiting = due(room.db, [])["tell"]
    room.listener.answers["/erp"] = 500
    room.sweep()

    assert (quiet, waiting) == (None, came)
    assert due(room.db, [])["tell"] == room.get(number).due_at > room.clock.now()


def test_more_than_a_body_holds_goes_in_several_each_event_once(
    room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "MOST_EVENTS", 3)
    monkeypatch.setattr(sweeps, "WINDOW", 4)
    room.add("/erp")
    room.facts(10)

    assert room.sweep() == 10
    assert len(room.listener.ids("/erp")) == len(set(room.listener.ids("/erp"))) == 10
    assert max(len(one.events) for one in room.listener.got) == 3


def test_a_body_stays_small_and_a_single_large_event_goes_alone(
    room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "MOST_BYTES", 200)
    room.add("/erp")
    room.facts(3)

    assert room.sweep() == 3
    assert [len(one.events) for one in room.listener.got] == [1, 1, 1]


def test_a_failure_is_tried_again_later_and_later_and_loses_nothing(room) -> None:
    number = room.add("/erp")
    room.facts(2)
    room.listener.answers["/erp"] = 503
    waits = []
    for _ in range(13):
        room.sweep()
        one = room.get(number)
        waits.append((one.due_at - room.clock.now()).total_seconds())
        assert room.begin() == []  # not before its time
        room.clock.set(one.due_at)
    failing = room.get(number)
    room.facts(1)
    room.listener.answers.clear()

    assert waits[:4] == [5, 10, 20, 40]
    assert waits[-1] == 3600
    assert (failing.failures, failing.error) == (13, "answered with status 503")
    assert room.sweep() == 3
    well = room.get(number)
    assert (well.failures, well.failing_since, well.error) == (0, None, "")


def test_who_takes_nothing_for_days_is_stopped_with_a_reason_and_resumes_where_it_stood(
    room,
) -> None:
    number = room.add("/erp")
    room.facts(2)
    room.listener.answers["/erp"] = 500
    room.sweep()
    room.clock.advance(days=2, hours=23)
    room.sweep()
    almost = room.get(number)
    room.clock.advance(hours=2)
    room.sweep()
    stopped = room.get(number)
    room.listener.answers.clear()
    room.clock.advance(days=30)
    ignored = room.begin()
    with room.db.transaction() as conn:
        actions.resume(conn, number, "ana", room.clock.now())

    assert almost.active
    assert (stopped.active, stopped.stopped_why) == (
        False, "took nothing for 3 days, at last: answered with status 500",
    )  # fmt: skip
    assert ignored == []
    assert room.sweep() == 2
    assert room.get(number).active


def test_a_door_that_says_gone_is_stopped_at_once(room) -> None:
    number = room.add("/erp")
    room.facts(1)
    room.listener.answers["/erp"] = 410
    room.sweep()

    assert (room.get(number).active, "gone" in room.get(number).stopped_why) == (False, True)


def test_a_redirection_is_not_followed(room) -> None:
    number = room.add("/erp")
    room.facts(1)
    room.listener.answers["/erp"] = 307
    room.sweep()

    assert room.listener.at("/elsewhere") == []
    assert "not followed" in room.get(number).error


def test_a_slow_subscriber_delays_neither_the_others_nor_the_sweep(room) -> None:
    room.add("/slow")
    room.add("/well")
    room.listener.holds["/slow"] = threading.Event()
    room.facts(2)
    first = room.begin()  # comes back though /slow does not answer
    assert room.listener.reached.acquire(timeout=20)
    assert room.listener.reached.acquire(timeout=20)
    wait([one for one in first if not one.done()], 20, "FIRST_COMPLETED")
    room.facts(3)
    again = room.sweep()
    told = len(room.listener.ids("/well"))
    room.listener.holds.pop("/slow").set()
    wait(first, 20)

    assert (again, told) == (3, 5)
    assert sorted(one.result() for one in first) == [2, 5]  # it goes on with what came meanwhile
    assert len(set(room.listener.ids("/slow"))) == 5


def test_a_subscriber_that_is_not_there_is_put_off(room) -> None:
    dead = room.add("/dead")
    well = room.add("/well")
    with room.db.transaction() as conn:
        conn.execute(
            "update subscriber set url = 'http://127.0.0.1:9/' where id = %(i)s", {"i": dead}
        )
    room.facts(1)

    assert room.sweep() == 1
    assert (room.get(dead).failures, room.get(well).failures) == (1, 0)
    assert "was not reached" in room.get(dead).error


def test_two_sweeps_at_once_tell_each_fact_once(room) -> None:
    for n in range(6):
        room.add(f"/s{n}")
    room.facts(5)
    begun = [one for _ in range(4) for one in room.begin()]
    wait(begun, 30)

    assert sum(one.result() for one in begun) == 30
    assert all(len(room.listener.ids(f"/s{n}")) == 5 for n in range(6))


def test_who_died_while_telling_is_succeeded_after_its_lease_and_nothing_is_lost(room) -> None:
    number = room.add("/erp")
    room.facts(2)

    class Dies:
        def submit(self, *_: object) -> None: ...

    sweep(room.db, room.context, room.clock.now(), Dies())  # type: ignore[arg-type]
    meanwhile = room.begin()
    reclaim(room.db, room.clock.real())
    too_early = room.begin()
    room.clock.advance(minutes=3)
    reclaim(room.db, room.clock.real())

    assert (meanwhile, too_early) == ([], [])
    assert room.sweep() == 2
    assert room.get(number).told_seq == 2


def test_an_answer_that_comes_after_the_lease_was_lost_changes_nothing(room) -> None:
    number = room.add("/erp")
    room.listener.holds["/erp"] = threading.Event()
    room.facts(2)
    late = room.begin()
    assert room.listener.reached.acquire(timeout=20)
    room.clock.advance(minutes=3)
    reclaim(room.db, room.clock.real())
    held = room.listener.holds.pop("/erp")
    second = room.sweep()
    room.facts(1)
    third = room.sweep()
    held.set()
    wait(late, 20)

    assert (second, third) == (2, 1)
    assert room.get(number).told_seq == 3
    assert len(set(room.listener.ids("/erp"))) == 3  # doubled to them, with the same ids


def test_a_removed_subscriber_is_told_nothing(room) -> None:
    number = room.add("/erp")
    with room.db.transaction() as conn:
        actions.remove(conn, number, "ana", room.clock.now())
    room.facts(1)

    assert (room.sweep(), room.listener.got) == (0, [])


def test_no_transaction_is_open_while_the_network_is(room) -> None:
    open_ones: list[int] = []

    def post(*_: object) -> object:
        sql = (
            "select count(*) from pg_stat_activity where datname = current_database() "
            "and state like 'idle in transaction%'"
        )
        open_ones.append(room.db.fetch(sql)[0][0])
        return room.poster(*_)

    room.context = room.context._replace(post=post)
    room.add("/erp")
    room.facts(1)

    assert (room.sweep(), open_ones) == (1, [0])


def test_a_name_that_leads_into_an_inner_network_is_refused_at_the_door(room) -> None:
    guarded = Poster(private=False)
    room.context = room.context._replace(post=guarded)
    number = room.add("/erp")
    with room.db.transaction() as conn:
        conn.execute(
            "update subscriber set url = %(u)s",
            {"u": f"http://localhost:{room.listener.port}/erp"},
        )
    room.facts(1)

    assert room.sweep() == 0
    assert room.listener.got == []
    assert "inner network" in room.get(number).error
    guarded.close()


def test_a_door_that_never_answers_is_left_in_time(room) -> None:
    hurried = Poster(private=True, timeout=httpx.Timeout(0.2))
    room.context = room.context._replace(post=hurried)
    number = room.add("/slow")
    room.listener.holds["/slow"] = threading.Event()
    room.facts(1)

    assert room.sweep() == 0
    assert "ReadTimeout" in room.get(number).error
    assert room.get(number).due_at == room.clock.now() + timedelta(seconds=5)
    hurried.close()


def test_a_probe_is_signed_and_holds_no_event(room) -> None:
    number = room.add("/erp")
    answer = sweeps.probe(room.context, room.get(number))

    (one,) = room.listener.got
    room.signed(one, number)
    assert (answer.status, json.loads(one.body)["test"], one.events) == (200, True, [])


def test_who_comes_into_a_live_segment_and_leaves_it_is_told(room) -> None:
    text = "segment: vip\ntitle: {zh: 一, en: V}\nlive: true\nwhen: {tag: vip}"
    with room.db.transaction() as conn:
        segments.keep(conn, text, FAMILIES, "ana", room.clock.now())
    while members.recheck(room.db, FAMILIES, room.clock.now()):
        pass
    room.projections.append(projection(FAMILIES))
    room.add("/erp", "segment.entered", "segment.left")
    room.facts(1, name="vip")
    room.facts(1, name="vip", on=False)
    room.sweep()

    told = [event for one in room.listener.at("/erp") for event in one.events]
    ((customer,),) = room.db.fetch("select distinct customer_id from identity")
    assert [(one["kind"], one["data"]) for one in told] == [
        ("segment.entered", {"segment": "vip"}),
        ("segment.left", {"segment": "vip"}),
    ]
    assert {one["customer"] for one in told} == {room.context.ids.encode("cus", customer)}
