"""README: every touch has a reason, and one command stops everything."""

from __future__ import annotations

from datetime import timedelta

from siyu.kernel.time import instant

MEI, HUA, LAN = "13800000001", "13800000002", "13800000003"


def test_pause_stops_everything_recalls_calls_and_resume_goes_on(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=2)
    answer = story.ask("POST", "/api/v1/pause", {"by": "ops"}).json()
    story.pay(story.order(), HUA)
    story.go(minutes=58)
    silent = story.received[:]
    shown = story.read("/api/v1/stops")
    story.ask("POST", "/api/v1/resume", {"by": "ops"})
    story.go(minutes=10)

    assert answer["stopped"][0]["by"] == "ops"
    assert shown["stopped"] == answer["stopped"]
    assert [one.to[-11:] for one in silent] == [MEI]
    assert story.steps(MEI) == ["sms", "call"]
    assert story.steps(HUA)[0] == "sms"
    assert story.read("/api/v1/stops") == {"stopped": []}


def test_what_was_paused_over_the_evening_goes_on_in_its_hours_only(story) -> None:
    story.until(instant("2026-11-20T20:50:00+08:00"))
    story.ask("POST", "/api/v1/pause", {"by": "ops"})
    story.pay(story.order(), MEI)
    story.until(instant("2026-11-20T23:00:00+08:00"))
    story.ask("POST", "/api/v1/resume", {"by": "ops"})
    story.until(instant("2026-11-21T07:59:00+08:00"))
    night = story.received[:]
    story.until(instant("2026-11-21T10:00:00+08:00"))

    assert night == []
    assert story.got(MEI)[0].at == instant("2026-11-21T08:00:00+08:00")
    assert story.got(MEI)[1].at >= instant("2026-11-21T09:00:00+08:00")


def test_a_pause_asks_back_what_has_not_begun_and_resume_puts_it_back(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=6)
    (sms, call) = story.got(MEI)
    story.ask("POST", "/api/v1/pause", {"by": "ops", "scope": "journey:cascade"})
    story.go(minutes=1)
    during = {touch["step"]: touch["state"] for touch in story.touches()}
    back = story.called_back[:]
    story.ask("POST", "/api/v1/resume", {"by": "ops", "scope": "journey:cascade"})
    story.go(minutes=1)

    assert back == [call.token]
    assert during["call"] in ("wished", "owed")
    assert story.steps(MEI) == ["sms", "call", "call"]
    assert story.got(MEI)[2].token == call.token
    assert story.provider.repeated == []
    assert {one["step"]: one["state"] for one in story.touches()}["call"] == "sent"
    assert sms.token not in back


def test_what_is_no_longer_true_after_a_pause_is_withheld_with_its_reason(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=6)
    story.ask("POST", "/api/v1/pause", {"by": "ops"})
    story.go(minutes=1)
    limit = "update touch set valid_until = due_at + interval '1 hour' where step = 'call'"
    assert story.facts(f"{limit} returning 1") == [(1,)]
    story.go(hours=2)
    story.ask("POST", "/api/v1/resume", {"by": "ops"})
    story.go(minutes=1)

    assert story.withheld() == {"call": "promise_expired"}
    assert story.steps(MEI) == ["sms", "call"]


def test_one_channel_can_be_stopped_alone(story) -> None:
    story.ask("POST", "/api/v1/pause", {"by": "ops", "scope": "channel:voice_ai"})
    story.pay(story.order(), MEI)
    story.go(hours=1)
    before = story.steps(MEI)
    story.ask("POST", "/api/v1/resume", {"by": "ops", "scope": "channel:voice_ai"})
    story.go(minutes=1)

    assert before == ["sms"]
    assert story.steps(MEI) == ["sms", "call"]


def test_a_poison_event_stops_nothing_else_and_is_replayed_once_it_is_mended(story) -> None:
    with story.app.db.transaction() as conn:
        conn.execute("alter table refund add constraint unlucky check (amount_minor <> 13)")
    order = story.order()
    story.pay(order, MEI)
    story.refund(order, 13)
    story.pay(story.order(), HUA)
    story.go(minutes=10)
    parked = story.read("/api/v1/events/parked")["parked"]
    before = story.facts("select refunded_minor from orders where order_no = 'A1'")
    with story.app.db.transaction() as conn:
        conn.execute("alter table refund drop constraint unlucky")
    replayed = story.ask("POST", "/api/v1/events/replay").json()
    story.tick()

    assert (story.steps(MEI), story.steps(HUA)) == (["sms", "call"], ["sms", "call"])
    assert [(one["kind"], one["source"]) for one in parked] == [("order.refunded", "shop")]
    assert "CheckViolation" in parked[0]["error"]
    assert before == [(0,)]
    assert replayed == {"replayed": 1}
    assert story.read("/api/v1/events/parked") == {"parked": []}
    assert story.facts("select refunded_minor from orders where order_no = 'A1'") == [(13,)]


def test_every_touch_is_explained_sent_or_not(story) -> None:
    order = story.order()
    story.pay(order, MEI)
    story.go(minutes=2)
    story.plan("P1", [order], story.now + timedelta(minutes=2))
    story.go(hours=1)

    told = story.explain(MEI)
    touches = {one["step"]: one for one in told["touches"]}
    assert touches["sms"]["state"] == "sent"
    assert [one["verdict"] for one in touches["sms"]["rulings"]] == ["allow"]
    assert (touches["call"]["state"], touches["call"]["reason"]) == ("withheld", "promise_expired")
    assert touches["call"]["words"]
    assert {one["kind"] for one in told["known_by"]} >= {"phone", "buyer", "order", "state"}
    assert all(one["how"] for one in told["known_by"])
    assert told["visits"][0]["moves"]
    assert told["cost_minor"] == sum(one["amount_minor"] for one in told["costs"]) > 0


def test_a_provider_that_answers_nothing_gets_each_message_once(story) -> None:
    story.provider.faults.extend(["fail after effect", "hang up after effect"])
    story.pay(story.order(), MEI)
    story.go(minutes=4)

    assert story.steps(MEI) == ["sms"]
    assert story.provider.repeated == []
    assert story.explain(MEI)["touches"][0]["state"] in {"sent", "delivered"}


def test_a_provider_that_is_away_loses_nothing(story) -> None:
    story.provider.faults.extend(["busy"] * 3)
    story.pay(story.order(), MEI)
    story.go(minutes=4)

    assert story.steps(MEI) == ["sms"]
    assert story.provider.repeated == []


def test_receipts_in_any_order_and_number_say_how_far_a_message_got(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=1)
    (sms,) = story.got(MEI)
    told = [
        {"id": sms.token, "kind": kind, "at": story.now.isoformat(), "receipt_id": kind}
        for kind in ("read", "delivered", "clicked")
    ]
    story.receipts([*told, *told])
    story.receipts(told[::-1])
    story.tick()

    assert story.explain(MEI)["touches"][0]["state"] == "read"


def test_a_journey_is_checked_and_published_over_http_for_whoever_comes_next(story) -> None:
    text = story.read("/api/v1/journeys/cascade")["text"]
    later = text.replace("wait: 5m", "wait: 30m")
    wrong = story.ask(
        "POST", "/api/v1/journeys/check", {"text": text.replace("wait: 5m", "wait: x")}
    )
    story.pay(story.order(), MEI)
    story.go(minutes=1)
    published = story.ask("POST", "/api/v1/journeys", {"text": later}).json()
    story.pay(story.order(), HUA)
    story.go(minutes=10)

    (problem,) = wrong.json()["problems"]
    assert text.splitlines()[problem["line"] - 1].strip().startswith("- {id: five-minutes")
    assert (published["version"], published["new"]) == (2, True)
    assert (story.steps(MEI), story.steps(HUA)) == (["sms", "call"], ["sms"])
    story.go(minutes=25)
    assert story.steps(HUA) == ["sms", "call"]
