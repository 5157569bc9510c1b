"""README: a customer who is a friend already is left in peace."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

MEI, HUA = "13800000001", "13800000002"


def _called(story, phone: str = MEI) -> str:
    """Somebody who bought, was called, and said that they are willing; the order."""
    order = story.order()
    story.pay(order, phone)
    story.go(minutes=6)
    story.call_ends(story.got(phone)[1], "A")
    story.go(minutes=1)
    return order


def test_no_touch_starts_after_the_adds_apply_committed(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=4, seconds=59)
    story.add("wm-mei", link=story.got(MEI)[0].link)
    story.tick()
    story.go(days=20)

    assert story.steps(MEI) == ["sms"]
    assert story.tasks() == []


def test_an_add_told_in_the_very_moment_of_the_next_step_still_comes_first(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=4, seconds=59)
    link = story.got(MEI)[0].link
    story.go(seconds=1, without=("apply", "journeys", "budget", "send"))
    story.add("wm-mei", link=link)
    story.go(days=1)

    assert story.steps(MEI) == ["sms"]


def test_what_was_owed_at_the_add_is_held_before_the_journey_has_even_looked(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=6, without=("send",))
    owed = [one["step"] for one in story.touches() if one["state"] == "owed"]
    story.add("wm-mei", phone=MEI)
    story.tick(without=("journeys",))
    story.go(minutes=10, without=("journeys",))
    story.go(days=1)

    assert owed == ["sms", "call"]
    assert story.received == []
    states = {(one["state"], one["reason"]) for one in story.touches()}
    assert states == {("withdrawn", "friend")}


def test_what_a_slow_apply_lets_through_is_raced_and_nothing_follows_it(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=4)
    story.add("wm-mei", link=story.got(MEI)[0].link)
    added_at = story.now
    story.go(minutes=10, without=("apply",))
    raced = [one for one in story.got(MEI) if one.at > added_at]
    story.tick()
    story.go(days=20)

    assert [one.step for one in raced] == ["call"]
    assert story.got(MEI)[-1] == raced[-1]
    assert story.called_back == [raced[0].token]


def test_a_call_under_way_is_called_back_and_an_open_task_leaves_the_list(story) -> None:
    _called(story)
    (task,) = story.tasks()
    story.add("wm-mei", link=story.got(MEI)[0].link)
    story.go(minutes=1)

    assert story.tasks() == []
    answer = story.ask("POST", f"/api/v1/tasks/{task['id']}/reveal", {"by": "zhou", "reason": "x"})
    assert answer.status_code == 409


@pytest.mark.parametrize("key", ["phone", "buyer"])
def test_an_unmatched_friend_who_is_identified_later_stops_the_cascade(story, key: str) -> None:
    order = story.order()
    story.pay(order, MEI)
    story.go(minutes=2)
    story.add("wm-somebody")
    story.go(minutes=1)
    before = story.facts("select matched from friend_match")
    known = {"phone": MEI, "buyer": f"tmall/{MEI[-4:]}"}[key]
    story.tell(
        "customer.identified", {"how": "said so"}, {"external_userid": "wm-somebody", key: known}
    )
    story.go(days=2)

    assert before == [(False,)]
    assert story.facts("select matched, how from friend_match") == [(True, "identified later")]
    assert story.steps(MEI) == ["sms"]
    assert story.explain(MEI)["visits"][0]["outcome"] == "friend"


def test_a_second_person_who_scans_the_same_code_is_somebody_else(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=2)
    link = story.got(MEI)[0].link
    story.add("wm-mei", link=link)
    story.go(minutes=1)
    story.add("wm-husband", link=link)
    story.go(minutes=1)

    (mei,) = story.customers("wm-mei", "external_userid")
    (husband,) = story.customers("wm-husband", "external_userid")
    assert story.customers(MEI) == [mei]
    assert husband != mei
    shown = story.read(f"/api/v1/customers/{husband}")
    assert any("code used by another person" in one["how"] for one in shown["known_by"])


def test_two_who_scan_one_code_in_the_same_moment_are_two_persons(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=2)
    link = story.got(MEI)[0].link
    story.send([story.added("wm-mei", link=link), story.added("wm-husband", link=link)])
    story.go(minutes=1)

    accounts = [story.customers(name, "external_userid") for name in ("wm-mei", "wm-husband")]
    assert accounts[0] != accounts[1]
    assert story.customers(MEI) in accounts


def test_wrong_person_reaches_nobody_under_this_phone_any_more(story) -> None:
    _called(story)
    story.task_ends(story.tasks()[0], "wrong_person")
    story.go(days=40)
    story.pay(story.order(), MEI)
    story.go(hours=6)

    assert story.steps(MEI) == ["sms", "call"]
    assert story.tasks() == []
    assert story.withheld()["sms"] == "no_phone"
    shown = {one["kind"]: one["how"] for one in story.explain(MEI)["known_by"]}
    assert shown["phone"].endswith("somebody else answers here")


def test_a_new_phone_of_who_was_the_wrong_person_under_the_old_one_is_used(story) -> None:
    _called(story)
    story.task_ends(story.tasks()[0], "wrong_person")
    story.go(days=40)
    new_phone = "13900000001"  # the same buyer of the shop
    story.pay(story.order(), new_phone)
    story.go(hours=1)

    assert story.customers(new_phone) == story.customers(MEI)
    assert story.steps(MEI) == ["sms", "call"]
    assert story.steps(new_phone) == ["sms", "call"]


def test_do_not_call_is_never_called_again_but_may_be_written_to(story) -> None:
    _called(story)
    story.task_ends(story.tasks()[0], "do_not_call")
    story.go(days=40)
    story.pay(story.order(), MEI)
    story.go(hours=6)

    assert story.steps(MEI) == ["sms", "call", "sms"]
    assert story.tasks() == []
    assert story.withheld()["call"] == "suppressed"


def test_already_added_ends_the_calls_and_is_shown(story) -> None:
    _called(story)
    story.task_ends(story.tasks()[0], "already_added")
    story.go(days=2)

    assert story.tasks() == []
    assert story.steps(MEI) == ["sms", "call"]
    outcomes = [one["outcome"] for one in story.explain(MEI)["touches"]]
    assert "already_added" in outcomes


def test_which_friend_said_already_added_is_confirmed_by_staff_and_never_guessed(story) -> None:
    story.add("wm-mei")  # by a guide's own card: nothing says who it is
    story.add("wm-other")
    _called(story)
    story.task_ends(story.tasks()[0], "already_added")
    story.go(hours=1)
    (claim,) = story.read("/api/v1/matches")["claims"]
    mei = story.customers("wm-mei", "external_userid")[0]
    (friend,) = [one["friend"] for one in claim["candidates"] if one["customer"] == mei]
    before = story.customers(MEI)

    wrong = story.ask("POST", f"/api/v1/matches/{claim['id']}/confirm", {"friend": "x", "by": "z"})
    said = {"friend": friend, "by": "zhou"}
    done = story.ask("POST", f"/api/v1/matches/{claim['id']}/confirm", said)
    again = story.ask("POST", f"/api/v1/matches/{claim['id']}/refuse", {"by": "zhou"})
    story.go(minutes=1)

    assert len(claim["candidates"]) == 2
    assert before == [claim["customer"]] != [mei]
    assert (wrong.status_code, done.status_code, again.status_code) == (404, 200, 409)
    assert story.customers("wm-mei", "external_userid") == story.customers(MEI)
    assert story.customers("wm-other", "external_userid") != story.customers(MEI)
    assert story.read("/api/v1/matches")["claims"] == []
    (walk,) = story.explain(MEI)["visits"]
    assert walk["state"] == "ended"
    assert story.facts("select action from audit where action = 'match.confirm'") == [
        ("match.confirm",)
    ]


def test_a_claim_closes_by_itself_when_the_friend_proves_to_be_the_customer(story) -> None:
    story.add("wm-mei")
    _called(story)
    story.task_ends(story.tasks()[0], "already_added")
    story.go(minutes=5)
    before = story.read("/api/v1/matches")["claims"]
    story.tell("customer.identified", {}, {"external_userid": "wm-mei", "phone": MEI})
    story.go(minutes=1)

    assert len(before) == 1
    assert story.read("/api/v1/matches")["claims"] == []


def test_staff_refuse_a_claim_that_nobody_can_place(story) -> None:
    story.add("wm-mei")
    _called(story)
    story.task_ends(story.tasks()[0], "already_added")
    story.go(minutes=5)
    (claim,) = story.read("/api/v1/matches")["claims"]
    refused = story.ask("POST", f"/api/v1/matches/{claim['id']}/refuse", {"by": "zhou"})
    gone = story.read("/api/v1/matches")["claims"]

    assert (refused.status_code, gone) == (200, [])


def test_claims_and_friends_nobody_knows_are_listed_and_decided_by_command(story) -> None:
    story.add("wm-mei")
    story.add("wm-hua")
    for phone in (MEI, HUA):
        _called(story, phone)
    for task in story.tasks():
        story.task_ends(task, "already_added")
    story.go(minutes=5)
    mei, hua = (story.customers(one, "external_userid")[0] for one in ("wm-mei", "wm-hua"))

    friends = json.loads(story.siyu("match", "friends", "--json").stdout)
    claims = json.loads(story.siyu("match", "list", "--json").stdout)
    first = json.loads(story.siyu("match", "list", "--limit", 1, "--json").stdout)
    rest = json.loads(story.siyu("match", "list", "--after", first["next"], "--json").stdout)
    shown = story.siyu("match", "list").stdout

    assert friends == story.read("/api/v1/friends/unmatched")
    assert claims == story.read("/api/v1/matches")
    assert first["claims"] + rest["claims"] == claims["claims"]
    of = {one["customer"]: one["friend"] for one in friends["friends"]}
    assert set(of) == {mei, hua}
    one, other = claims["claims"]
    (whose,) = story.customers(MEI)
    assert one["customer"] == whose
    assert [word in shown for word in (one["id"], whose, of[hua], mei)] == [True] * 4
    assert mei in story.siyu("match", "friends").stdout

    done = story.siyu("match", "confirm", one["id"], of[mei], "--by", "zhou")
    again = story.siyu("match", "confirm", one["id"], of[hua], "--by", "zhou")
    why = ("--reason", "nobody can tell", "--by", "zhou", "--json")
    refused = json.loads(story.siyu("match", "refuse", other["id"], *why).stdout)
    wrong = story.siyu("match", "refuse", "mat_x", "--json")
    story.go(minutes=1)

    assert (done.exit_code, "the running server applies it" in done.stdout) == (0, True)
    assert (again.exit_code, "no such open claim" in again.stderr) == (1, True)
    assert refused == {"id": other["id"], "state": "refused"}
    assert json.loads(wrong.stdout)["error"] == "not_found"
    assert story.customers("wm-mei", "external_userid") == [whose]
    assert story.read("/api/v1/matches")["claims"] == []
    assert story.siyu("match", "list").stdout.strip() == "Claims: none"
    assert story.facts("select actor, action, reason from audit order by id") == [
        ("zhou", "match.confirm", ""),
        ("zhou", "match.refuse", "nobody can tell"),
    ]


def test_who_withdraws_consent_is_not_called(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=2)
    story.tell("consent.withdrawn", {"channels": ["sms", "voice", "wecom"]}, {"phone": MEI})
    story.go(days=1)

    assert story.steps(MEI) == ["sms"]
    assert story.withheld()["call"] == "opted_out"


def test_who_adds_by_a_link_is_a_friend_of_every_order(story) -> None:
    first, second = story.order(), story.order()
    story.pay(first, MEI)
    story.go(minutes=2)
    story.add("wm-mei", link=story.got(MEI)[0].link)
    story.go(minutes=1)
    story.pay(second, MEI)
    story.plan("P2", [second], story.now + timedelta(hours=2))
    story.go(days=1)

    assert story.steps(MEI) == ["sms"]
    assert story.decision("P2")["content"] == "gift"
