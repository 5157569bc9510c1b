"""Friends who are handed over: whom, how many, what became of each; nothing is given twice."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from siyu.connectors.manifest import Given, Giving
from siyu.connectors.wecom.client import Failed
from siyu.connectors.wecom.source import contacts, handing, transfers
from siyu.kernel.errors import BadInput, Broken, Refused

GIVE = "externalcontact/transfer_customer"
TO_ZHANG = Giving("lisi", "g-zhang", words="小张接着为您服务")
NAMES = ("anna", "bella", "clara")
WHO = {name: f"wm{name}0000000000001" for name in NAMES}


@pytest.fixture
def friends(corp):
    for who in WHO.values():
        corp.fake.existing("lisi", who, corp.clock.now() - timedelta(days=9))


def planned(corp, giving=TO_ZHANG):
    return transfers.plan(corp.config, corp.tools, giving)


def given(corp, giving=TO_ZHANG):
    return list(transfers.run(corp.config, corp.tools, giving))


def pulled(corp):
    pages = list(transfers.pull(corp.config, corp.tools, ""))
    events: list[Any] = [one for page in pages for one in page.events]
    found = [(one.kind, one.keys["external_userid"], json.loads(bytes(one.data))["staff"])
             for one in events]  # fmt: skip
    return sorted(found), pages[-1].again


def looked(corp):
    """What the pull of friends says of those who are to be looked at."""
    cursor = json.dumps([corp.clock.now().isoformat(), "", ""])
    pages = contacts.pull(corp.config, corp.tools, cursor)
    events: list[Any] = [one for page in pages for one in page.events]
    return sorted(
        (one.kind, one.keys["external_userid"], data["staff"], data["way"])
        for one in events
        for data in [json.loads(bytes(one.data))]
        if one.kind == "friend.added"
    )


def test_a_plan_counts_and_gives_nobody(corp, friends) -> None:
    assert planned(corp) == Given(free=3)
    assert corp.fake.requests[GIVE] == 0
    assert corp.fake.transfers == []


def test_after_a_day_the_taker_has_them_and_the_giver_is_told_of_once(corp, friends) -> None:
    assert given(corp) == [Given(waiting=3)]
    early, again = pulled(corp)
    assert (early, again) == ([], corp.clock.now() + timedelta(hours=6))

    corp.fake.refuses_transfer(WHO["bella"])
    corp.fake.post.faults += ["drop"] * 9  # no callback comes
    corp.clock.advance(hours=25)
    corp.deliver()
    told, again = pulled(corp)

    assert told == [("friend.deleted_by_staff", WHO[one], "lisi") for one in ("anna", "clara")]
    assert looked(corp) == [
        ("friend.added", WHO[one], "g-zhang", "assigned") for one in ("anna", "clara")
    ]
    assert again is None
    assert pulled(corp)[0] == []
    assert planned(corp) == Given(free=1, done=2, refused=1)


def test_what_callbacks_told_is_not_told_again(corp, friends) -> None:
    given(corp)
    corp.clock.advance(hours=25)
    corp.deliver()
    kinds = [kind for kind, *_ in corp.ours.told()]
    assert kinds.count("friend.deleted_by_staff") == kinds.count("friend.added") == 3

    assert pulled(corp)[0] == []
    assert looked(corp) == []


def test_nobody_is_given_twice_and_a_stopped_run_goes_on(corp) -> None:
    for number in range(250):
        corp.fake.existing("lisi", f"wm{number:020}", corp.clock.now() - timedelta(days=9))
    next(transfers.run(corp.config, corp.tools, TO_ZHANG))  # killed after a hundred
    assert planned(corp) == Given(free=150, waiting=100)

    steps = given(corp)

    assert [(one.free, one.waiting) for one in steps] == [(50, 200), (0, 250)]
    assert len({one.external_userid for one in corp.fake.transfers}) == 250
    assert len(corp.fake.transfers) == 250
    assert given(corp) == []


def test_an_answer_that_is_lost_is_made_good_by_what_wecom_says(corp, friends) -> None:
    corp.fake.faults.extend(["none", "fail after effect"])  # the list of friends comes first
    with pytest.raises(Broken):
        given(corp)
    assert planned(corp) == Given(waiting=3)
    corp.clock.advance(hours=25)
    corp.deliver()

    pulled(corp)

    assert planned(corp).done == 3


def test_what_never_came_to_wecom_can_be_given_again(corp, friends) -> None:
    corp.fake.faults.extend(["none", "fail"])
    with pytest.raises(Broken):
        given(corp)
    assert planned(corp).waiting == 3
    corp.clock.advance(hours=49)

    assert pulled(corp)[0] == []
    assert planned(corp) == Given(free=3, failed=3)


def test_a_customer_is_handed_over_twice_in_ninety_days_and_no_more(corp, friends) -> None:
    back = Giving("g-zhang", "lisi")
    for giving in (TO_ZHANG, back):
        given(corp, giving)
        corp.clock.advance(hours=25)
        pulled(corp)
    asked = corp.fake.requests[GIVE]

    assert planned(corp) == Given(resting=3, done=3)
    assert given(corp) == []
    assert corp.fake.requests[GIVE] == asked
    corp.clock.advance(days=91)
    assert planned(corp).free == 3


def test_whom_another_tool_gave_too_often_is_said_to_rest(corp, friends) -> None:
    corp.tools.store._held.clear()
    client = corp.client()
    body = {"handover_userid": "lisi", "takeover_userid": "zhangsan",
            "external_userid": [WHO["anna"]]}  # fmt: skip
    for one in (body, {**body, "handover_userid": "zhangsan", "takeover_userid": "lisi"}):
        client.do(GIVE, one)
        corp.clock.advance(hours=25)
        corp.deliver()

    assert given(corp) == [Given(waiting=2, resting=1)]


def handed(corp, steps: int | None = None):
    """The pull of hand-overs, killed behind so many pages."""
    for count, _ in enumerate(handing.pull(corp.config, corp.tools, ""), 1):
        if count == steps:
            return


def stands(corp):
    (one,) = handing.every(corp.config, corp.tools)
    return one.state, one.how_far


def test_a_hand_over_runs_by_itself_is_stopped_and_goes_on(corp) -> None:
    for number in range(250):
        corp.fake.existing("lisi", f"wm{number:020}", corp.clock.now() - timedelta(days=9))
    begun = handing.begin(corp.config, corp.tools, TO_ZHANG)
    assert (begun.state, begun.how_far, begun.giving) == ("running", Given(free=250), TO_ZHANG)

    handed(corp, 1)
    assert stands(corp) == ("running", Given(free=150, waiting=100))
    assert handing.stop(corp.config, corp.tools, TO_ZHANG)
    assert not handing.stop(corp.config, corp.tools, TO_ZHANG)
    handed(corp)
    assert stands(corp) == ("stopped", Given(free=150, waiting=100))

    handing.begin(corp.config, corp.tools, TO_ZHANG)
    handed(corp)
    assert stands(corp) == ("given", Given(waiting=250))
    assert len(corp.fake.transfers) == 250


def test_a_hand_over_that_wecom_refuses_says_why_and_one_that_it_did_not_hear_goes_on(
    corp, friends
) -> None:
    handing.begin(corp.config, corp.tools, TO_ZHANG)
    corp.fake.faults.extend(["fail", "fail", "fail"])
    with pytest.raises(Broken):
        handed(corp)
    assert stands(corp)[0] == "running"

    corp.fake.members["zhangsan"].follows = False
    handed(corp)
    (one,) = handing.every(corp.config, corp.tools)
    assert (one.state, one.how_far.free) == ("failed", 3)
    assert one.why is not None
    assert "84083" in one.why


def test_a_hand_over_that_wecom_does_not_take_now_goes_on_later(corp) -> None:
    for number in range(150):
        corp.fake.existing("lisi", f"wm{number:020}", corp.clock.now() - timedelta(days=9))
    handing.begin(corp.config, corp.tools, TO_ZHANG)
    corp.fake.faults.extend(["none", "none", "frequency"])
    with pytest.raises(Broken, match="too many calls"):
        handed(corp)
    assert stands(corp) == ("running", Given(free=50, waiting=100))
    corp.clock.advance(seconds=90)
    corp.fake.trusted = False
    with pytest.raises(Failed, match="trusted"):
        handed(corp)
    corp.fake.trusted = True

    handed(corp)

    assert stands(corp) == ("given", Given(waiting=150))


def test_who_has_left_leaves_friends_that_are_given_on(corp, friends) -> None:
    corp.fake.leaves("lisi")
    giving = TO_ZHANG._replace(left=True)
    assert planned(corp, giving) == Given(free=3)
    given(corp, giving)
    corp.clock.advance(hours=25)
    corp.fake.full.add("zhangsan")

    told, _ = pulled(corp)

    assert told == []
    assert planned(corp, giving).full == 3


def test_what_cannot_be_is_refused_in_words(corp, friends) -> None:
    with pytest.raises(BadInput, match="somebody else"):
        planned(corp, Giving("g-zhang", "zhangsan"))
    with pytest.raises(BadInput, match="200"):
        planned(corp, Giving("lisi", "g-zhang", words="x" * 201))
    with pytest.raises(Refused):
        planned(corp, Giving("nobody", "lisi"))
    assert planned(corp, Giving("lisi", "g-zhang", left=True)) == Given()  # has not left
