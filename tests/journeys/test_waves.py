"""Waves: best first, a test before each large one, stopped by what they cost; each comes once."""

from __future__ import annotations

from typing import Any

import pytest
from tests.journeys.waved import Old

from siyu.journeys.views.waves import Shown
from siyu.kernel.errors import Refused
from siyu.kernel.sentence import within


@pytest.fixture
def old(house: Any) -> Old:
    return Old(house)


def states(found: list[Shown]) -> list[tuple[int, bool, str, str]]:
    return [(one.number, one.test, one.state, one.reason) for one in reversed(found)]


# ── Whom, and in which order ─────────────────────────────────────────────────────────────────────


def test_the_best_come_first_wave_by_wave_and_each_once(old: Old) -> None:
    old.bought(*range(1, 10))
    old.publish()
    assert old.people(1) == [9, 8]
    assert [visit.key for visit in old.house.visits()] == ["wave/1"] * 2
    old.sent()
    old.befriend(9)
    old.sweep(days=3)

    assert old.people(2) == [7, 6, 5, 4]
    old.sent()
    old.befriend(7)
    old.sweep(days=3)
    assert old.people(3) == [3, 2, 1]  # the last size goes on
    old.sent()
    old.befriend(3)
    old.sweep(days=3)
    old.sweep(days=30)
    assert states(old.waves()) == [(n, False, "done", "") for n in (1, 2, 3)]
    assert len(old.house.visits()) == 9


def test_weights_say_whether_the_recent_or_the_generous_come_first(old: Old) -> None:
    old.bought(1, minor=90_000)
    old.bought(2, 3, 4)
    old.publish("sizes: [4], best_first: {recency: 1, value: 9, reachability: 0}")

    assert old.people(1) == [1, 4, 3, 2]


def test_a_test_wave_is_spread_over_those_who_would_be_next(old: Old) -> None:
    old.bought(*range(1, 13))
    old.publish("sizes: [9], test: 3, every: 3d")
    assert old.people(1) == [10, 6, 2]
    old.sent()
    old.befriend(10)
    old.sweep(days=3)

    assert old.people(2) == [12, 11, 9, 8, 7, 5, 4, 3, 1]
    assert states(old.waves()) == [(1, True, "done", ""), (2, False, "open", "")]


def test_who_buys_or_befriends_in_between_is_seen_when_the_wave_opens(old: Old) -> None:
    old.bought(*range(1, 7))
    old.publish()
    old.sent()
    old.befriend(6, 4)
    old.sweep(days=3)

    assert old.people(2) == [3, 2, 1]


def test_what_a_wave_speaks_of_is_the_last_order_with_its_shop(old: Old) -> None:
    old.bought(1)
    old.publish("sizes: [2]")

    (visit,) = old.house.visits()
    assert old.house.rows("select shop, order_no from visit") == [("s", "T1")]
    assert old.house.rows("select shop, order_no from touch") == [("s", "T1")]
    assert visit.key == "wave/1"


# ── The stop rule ────────────────────────────────────────────────────────────────────────────────


def test_a_wave_whose_friends_cost_too_much_stops_the_next_with_its_figures(old: Old) -> None:
    old.bought(*range(1, 10))
    old.publish("sizes: [4, 5]", 'cost_per_add: "1.00", least: 1')
    old.sent(cost_minor=60)
    old.befriend(9, 8)
    old.sweep(days=3)

    (wave,) = old.waves()
    assert (wave.state, wave.reason) == ("stopped", "cost_per_add")
    assert wave.judged is not None
    assert (wave.judged.invited, wave.judged.friends, wave.judged.cost_minor) == (4, 2, 240)
    assert wave.stopped == "¥2.40 for 2 friends gained, ¥1.20 each; the limit is ¥1.00"
    assert within("zh", wave.stopped) == "花费 ¥2.40，新增好友 2 位，每位 ¥1.20；上限 ¥1.00"
    old.sweep(days=90)
    assert len(old.waves()) == 1


def test_an_operator_may_have_stopped_waves_go_on_or_end(old: Old) -> None:
    old.bought(*range(1, 10))
    old.publish("sizes: [2]")
    with pytest.raises(Refused, match="not stopped"):
        old.decide("continue")
    old.sent(cost_minor=900)
    old.sweep(days=3)
    assert states(old.waves()) == [(1, False, "stopped", "cost_per_add")]
    assert old.decide("continue") == 1
    old.sweep()
    assert states(old.waves())[1:] == [(2, False, "open", "")]
    assert old.waves()[1].decided_by == "ana"
    old.decide("end")
    with pytest.raises(Refused, match="ended already"):
        old.decide("end")
    old.sweep(days=30)

    assert states(old.waves())[1:] == [(2, False, "ended", "")]
    assert len(old.house.visits()) == 4
    audited = old.house.rows(
        "select action, reason from audit where action like 'journey.waves%' order by at"
    )
    assert audited == [
        ("journey.waves.continue", "after wave 1"),
        ("journey.waves.end", "after wave 2"),
    ]


def test_too_few_who_were_really_invited_say_nothing_and_a_person_decides(old: Old) -> None:
    old.bought(*range(1, 10))
    with old.house.db.transaction() as conn:
        conn.execute("insert into shop_policy (shop, channel, allowed) values ('s', 'sms', false)")
    old.publish("sizes: [4]", 'cost_per_add: "1.00", least: 3')
    old.sent()
    old.sweep(days=3)

    (wave,) = old.waves()
    assert (wave.state, wave.reason) == ("stopped", "too_few")
    assert "only 0 of 4 were really invited" in wave.stopped
    assert [(one.what, one.reason, one.many) for one in wave.whys] == [
        ("withheld", "shop_policy", 4)
    ]


def test_deletions_and_complaints_of_its_own_people_stop_waves(old: Old) -> None:
    old.bought(*range(1, 10))
    old.publish("sizes: [4]", "deletions: 0.2, complaints: 0.3, least: 2")
    old.sent()
    old.befriend(9, 8)
    keys = old.house.keys(9) | {"external_userid": "wm9"}
    old.house.tell(old.house.event("friend.deleted_by_customer", {"staff": "guide-1"}, keys=keys))
    old.sweep(days=3)
    assert states(old.waves()) == [(1, False, "stopped", "deletions")]
    old.decide("continue")
    old.sweep()
    old.sent()
    no = {"channels": ["sms"], "evidence": "t"}
    one, other = (old.house.keys(who) for who in old.people(2)[:2])
    old.house.tell(old.house.event("consent.withdrawn", no, keys=one))
    for kind in ("complaint.opened", "complaint.closed"):  # a settled one counts as well
        old.house.tell(old.house.event(kind, {"complaint": "K"}, keys=other))
    old.sweep(days=3)

    assert states(old.waves())[1:] == [(2, False, "stopped", "complaints")]
