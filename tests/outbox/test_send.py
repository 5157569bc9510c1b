"""Sent once, to the right phone, while it is true; whatever breaks leaves a stated state."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import pytest

from siyu.budget import views as budget
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.outbox import actions
from siyu.outbox.decide import LEASE
from siyu.outbox.model import Result
from siyu.outbox.sweep.prepare import lease
from siyu.outbox.sweep.send import Sent, _Going, _hand_over, _Real
from siyu.worker import due

House = Any
MINUTE = timedelta(minutes=1)


def test_what_is_owed_arrives_once_with_name_gift_and_link(house: House) -> None:
    (customer,) = house.buyers(1)
    (touch,) = house.wish([customer], material="gift", promise_id=house.promise(customer))
    house.rule()

    house.send()
    house.send()

    text = "【花研】客户1，面膜（¥15）https://l.example/abc"
    assert house.sms.phone == {house.phone(1): {text: 1}}
    found = house.touch(touch)
    assert (found.state, found.sent_at, found.segments) == ("sent", house.now, 1)
    assert house.spent() == 5


def test_no_transaction_is_open_while_a_provider_is_asked(house: House) -> None:
    house.owed(3)
    seen: list[int] = []
    sql = """select count(*) from pg_stat_activity
             where datname = current_database() and state like 'idle in transaction%'"""
    house.sms.before = lambda: seen.append(house.one(sql))

    house.send()

    assert seen == [0]


def stop(house: House, touch: int, word: str) -> None:
    visit = house.touch(touch).visit_id
    with house.db.transaction() as conn:
        if word == "held":
            actions.hold(conn, [visit])
        elif word == "paused":
            actions.pause(conn, "all", "me", house.now)
        else:
            actions.withdraw(conn, [visit], "friend added", house.now)


STOPS = pytest.mark.parametrize(
    ("word", "state"), [("held", "owed"), ("paused", "owed"), ("withdrawn", "withdrawn")]
)


@STOPS
def test_what_is_stopped_before_the_lease_does_not_go(house: House, word: str, state: str) -> None:
    (touch,) = house.owed()
    stop(house, touch, word)

    house.send()

    assert house.sms.messages == []
    assert house.touch(touch).state == state


@STOPS
def test_what_is_stopped_between_lease_and_network_does_not_go(
    house: House, word: str, state: str
) -> None:
    touch, other = house.owed(2)
    real = house.clock.real()
    with house.db.transaction() as conn:
        ready = lease(conn, "sms", house.ctx, house.now, real + LEASE, 500).ready
    stop(house, touch, word)
    sent = Sent()

    going = _Going("sms", house.sms, ready, frozenset())
    _hand_over(house.db, going, sent, house.now, _Real(real, monotonic()))

    assert house.token(touch) not in {message.token for message in house.sms.messages}
    found = house.touch(touch)
    assert (found.state, found.attempts) == (state, 0)
    assert house.touch(other).state == ("owed" if word == "paused" else "sent")
    assert ("touch.withdrawn" in house.own_events()) == (word == "withdrawn")


@pytest.mark.parametrize(("word", "state"), [("held", "owed"), ("withdrawn", "withdrawn")])
def test_the_last_look_waits_for_an_apply_that_is_slow(house: House, word: str, state: str) -> None:
    """The add is being applied while the text stands ready: it does not go."""
    (touch,) = house.owed()
    real = house.clock.real()
    with house.db.transaction() as conn:
        ready = lease(conn, "sms", house.ctx, house.now, real + LEASE, 500).ready
    going = _Going("sms", house.sms, ready, frozenset())
    words = (going, Sent(), house.now, _Real(real, monotonic()))
    waiting = "select count(*) from pg_locks where not granted"

    with ThreadPoolExecutor(1) as other:
        with house.db.transaction() as conn:
            visit = house.touch(touch).visit_id
            if word == "held":
                actions.hold(conn, [visit])
            else:
                actions.withdraw(conn, [visit], "friend added", house.now)
            handing = other.submit(_hand_over, house.db, *words)
            while house.one(waiting) == 0 and not handing.done():
                pass
            assert not handing.done()
        handing.result()

    assert house.sms.messages == []
    assert (house.touch(touch).state, house.touch(touch).attempts) == (state, 0)


def test_what_was_held_goes_out_once_it_is_released(house: House) -> None:
    (touch,) = house.owed()
    stop(house, touch, "held")
    house.send()
    with house.db.transaction() as conn:
        actions.release(conn, [house.touch(touch).visit_id])

    house.send()

    assert house.touch(touch).state == "sent"


def test_a_paused_outbox_owes_on_and_rules_again_what_missed_its_hours(house: House) -> None:
    (touch,) = house.owed()
    stop(house, touch, "paused")
    house.clock.advance(hours=11)  # 23:00
    assert house.send().claimed == 0
    assert house.touch(touch).state == "owed"
    with house.db.transaction() as conn:
        actions.resume(conn, "all", "ana", house.now)

    house.send()
    house.rule()

    found = house.touch(touch)
    assert (found.state, found.due_at) == ("wished", house.now + timedelta(hours=9))
    assert house.sms.messages == []
    house.clock.advance(hours=9)
    house.rule()
    house.send()
    assert house.touch(touch).state == "sent"


def test_one_channel_or_journey_can_be_paused_alone(house: House) -> None:
    (text,) = house.owed()
    (call,) = house.owed(first=2, channel="voice_ai")
    with house.db.transaction() as conn:
        actions.pause(conn, "channel:sms", "me", house.now)
        assert due(conn, ["sms"])["send"] is None

    house.send()

    assert (house.touch(text).state, house.touch(call).state) == ("owed", "sent")


def test_a_promise_is_never_sent_past_its_cut_off(house: House) -> None:
    (touch,) = house.owed(valid_until=house.now + MINUTE)
    house.clock.advance(minutes=1)

    house.send()

    found = house.touch(touch)
    assert (found.state, found.reason) == ("withheld", "promise_expired")
    assert house.sms.messages == []
    assert house.own_events() == ["touch.withheld"]


def test_an_earlier_cut_off_binds_what_promises_something_about_that_order(house: House) -> None:
    first, second = house.buyers(2)
    (bound,) = house.wish([first], promise_id=house.promise(first))
    (free,) = house.wish([second])
    house.rule()
    with house.db.transaction() as conn:
        limits = [("s", f"T{customer}", house.now) for customer in (first, second)]
        actions.limit(conn, limits)

    house.send()

    assert (house.touch(bound).reason, house.touch(free).state) == ("promise_expired", "sent")


def test_a_customer_merged_after_the_ruling_is_ruled_again_as_who_remains(house: House) -> None:
    house.buyers(1)
    house.tell(house.event("friend.added", {"staff": "guide-1"}, keys={"external_userid": "wx1"}))
    loser = max(customer for (customer,) in house.rows("select id from customer"))
    (touch,) = house.owed(first=2)
    late = house.touch(touch).customer_id
    both = {"phone": house.phone(2), "external_userid": "wx1"}
    house.tell(house.event("customer.identified", keys=both))
    winner = house.customer(2)
    assert {winner} == {min(loser, late)}

    assert house.touch(touch).state == "wished"
    house.rule()
    house.send()

    assert house.touch(touch).customer_id == winner
    assert sum(house.sms.phone[house.phone(2)].values()) == 1


def test_a_wish_written_for_one_who_was_merged_away_follows_the_merge(house: House) -> None:
    house.buyers(2)
    loser = house.customer(2)
    house.tell(house.event("customer.identified", keys={"phone": house.phone(1), "buyer": "b/1"}))
    house.tell(house.event("customer.identified", keys={"phone": house.phone(2), "buyer": "b/1"}))
    winner = house.customer(1)
    assert winner != loser
    house.wish([loser])  # a sweep that had read the facts a moment earlier

    house.rule()
    house.send()

    (touch,) = house.touches(winner)
    assert touch.state == "sent"


def test_what_is_owed_to_one_who_was_merged_twice_is_ruled_again_for_who_remains(
    house: House,
) -> None:
    """A ruling that ran beside the merges did not see them: the lease follows them to the end."""
    (touch,) = house.owed()
    customer = house.touch(touch).customer_id
    with house.db.transaction() as conn:
        for loser, winner in ((customer, 1001), (1001, 1002)):
            conn.execute(
                "insert into identity_merge (loser, winner, event_id, merged_at)"
                " values (%(loser)s, %(winner)s, 1, %(now)s)",
                {"loser": loser, "winner": winner, "now": house.now},
            )

    assert house.send().outcome == {"wished": 1}

    found = house.touch(touch)
    assert (found.state, found.customer_id, house.sms.messages) == ("wished", 1002, [])


def test_a_shop_is_named_as_people_know_it_else_by_its_code(house: House) -> None:
    shop = "insert into shop (code, name, platform) values ('s', '花研旗舰店', 'tmall')"
    named = "【{{ brand }}】{{ shop }}，{{ link }}"
    variables = {"brand": "text", "shop": "text", "link": "link"}
    with house.db.transaction() as conn:
        conn.execute(shop)
        content.install(conn, [Material("ours", "zh", "sms", named, variables)], "t")
    house.owed(material="ours")
    house.owed(first=2, material="ours", shop="other")

    house.send()

    texts = {text for got in house.sms.phone.values() for text in got}
    assert texts == {
        "【花研】花研旗舰店，https://l.example/abc",
        "【花研】other，https://l.example/abc",
    }


def test_an_erased_phone_is_no_address(house: House) -> None:
    (touch,) = house.owed()
    with house.db.transaction() as conn:
        conn.execute("update vault_key set wrapped = null, erased_at = '2026-11-20 04:00+00'")

    house.send()

    assert (house.touch(touch).state, house.touch(touch).reason) == ("withheld", "no_phone")


def test_a_template_that_is_gone_stops_only_its_own_touches(house: House) -> None:
    (broken,) = house.owed(material="no-such")
    (fine,) = house.owed(first=2)

    house.send()

    assert house.touch(broken).reason == "no_material"
    assert house.touch(fine).state == "sent"


def test_a_text_is_never_sent_with_a_gap(house: House) -> None:
    (touch,) = house.owed(material="gift")

    house.send()

    assert (house.touch(touch).state, house.touch(touch).reason) == ("withheld", "bad_material")


def test_without_a_price_nothing_leaves_and_the_reason_is_said(house: House) -> None:
    (touch,) = house.owed()
    with house.db.transaction() as conn:
        conn.execute("delete from price")

    sent = house.send()

    assert "sms_segment" in sent.broken["sms"]
    assert house.touch(touch).state == "owed"


def test_a_refusal_is_final_and_told(house: House) -> None:
    (touch,) = house.owed()
    house.sms.answer = lambda m: Result(m.token, "rejected", "", "blacklist")

    house.send()
    house.apply()

    found = house.touch(touch)
    assert (found.state, found.reason, found.finished_at) == ("failed", "blacklist", house.now)
    assert house.own_events() == ["touch.failed"]
    assert house.spent() == 0


def test_a_provider_that_is_busy_is_asked_later_with_the_same_token(house: House) -> None:
    (touch,) = house.owed()
    house.sms.answer = lambda m: Result(m.token, "retry", "", "slow down")
    house.send()
    assert house.touch(touch).due_at > house.now
    assert house.send().claimed == 0
    house.sms.answer = lambda m: Result(m.token, "accepted")
    house.clock.set(house.touch(touch).due_at)

    house.send()

    assert [message.token for message in house.sms.messages] == [house.token(touch)] * 2
    assert house.touch(touch).state == "sent"


def test_a_broken_provider_delays_nobody_else(house: House) -> None:
    (call,) = house.owed(channel="voice_ai")
    (text,) = house.owed(first=2)
    house.sms.before = raises

    sent = house.send()

    assert sent.broken == {"sms": "TimeoutError"}
    assert (house.touch(text).state, house.touch(call).state) == ("unknown", "sent")


def raises() -> None:
    raise TimeoutError("the other side did not answer +8613800000001")


def test_urgent_touches_go_first(house: House) -> None:
    customers = house.buyers(3)
    house.wish(customers[:1], lane="window", priority=9)
    house.wish(customers[1:2], priority=1)
    house.wish(customers[2:], priority=5)
    house.rule()

    house.send(limit=1)
    house.send(limit=1)

    assert [message.to for message in house.sms.messages] == [house.phone(3), house.phone(2)]


def test_what_is_sent_counts_against_the_next_wish_also_while_in_doubt(house: House) -> None:
    (touch,) = house.owed(purpose="promotion")
    house.sms.before = raises
    house.send()
    customer = house.touch(touch).customer_id
    house.wish([customer], node="n2", purpose="promotion")
    house.wish([customer], node="n3", purpose="promotion")

    house.rule()

    states = Counter(touch.state for touch in house.touches(customer))
    assert states == {"unknown": 1, "owed": 1, "withheld": 1}
    with house.db.transaction() as conn:
        said = [[r.reason for r in one.rulings] for one in budget.of_customer(conn, customer)]
    assert sorted(said) == [[""], [""], ["cap"]]


def test_next_due_says_when_there_is_work(house: House) -> None:
    def sending(*channels: str) -> datetime | None:
        return due(house.db, channels)["send"]

    assert sending("sms", "voice_ai") is None
    house.owed()
    assert sending("sms") == house.now
    assert sending("voice_ai") is None
    house.send()
    assert sending("sms", "voice_ai") is None
