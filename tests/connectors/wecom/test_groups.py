"""Group chats: who came and who went, once, whether a callback said so or not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from siyu.connectors.manifest import Group, WayIn
from siyu.connectors.wecom.source import groups, ways
from siyu.kernel.errors import Broken

GET = "externalcontact/groupchat/get"
ADD = "externalcontact/groupchat/add_join_way"
ANNA, BELLA = (f"wm{name}00000000000000000001" for name in ("ANNA", "BELLA"))


@pytest.fixture
def corp(corp):
    corp.config = replace(corp.config, groups=True)
    return corp


@pytest.fixture
def pulled(corp):
    """Runs the pull as the worker does, two seconds and more after what happened."""
    cursor = [""]

    def run(*, seconds: float = 3, most: int | None = None):
        corp.deliver()
        corp.clock.advance(seconds=seconds)
        found = []
        for count, page in enumerate(groups.pull(corp.config, corp.tools, cursor[0]), 1):
            found += page.events
            cursor[0] = page.cursor
            if count == most:
                break
        return [
            (one.kind, one.keys, json.loads(bytes(one.data)).get("way", ""), one.id)
            for one in found
        ]

    return run


def code(*chats: str) -> WayIn:
    return WayIn("group", "counter3", groups=chats)


def told(found):
    return [(kind, keys["external_userid"], way) for kind, keys, way, _ in found]


def test_who_comes_and_goes_is_told_once(corp, pulled) -> None:
    chat = corp.fake.makes_group("lisi")
    corp.fake.joins(chat, ANNA, state="shop7")
    first = pulled()
    corp.fake.joins(chat, BELLA, scene=1)
    corp.fake.leaves_group(chat, ANNA)
    second = pulled()

    assert told(first) == [("group.joined", ANNA, "code")]
    assert first[0][1] == {"external_userid": ANNA, "state": "shop7"}
    assert told(second) == [("group.left", ANNA, ""), ("group.joined", BELLA, "invited")]
    assert told(pulled()) == []
    assert corp.ours.due.count("groups") == 4


def test_a_lost_callback_is_made_good_by_the_next_whole_run(corp, pulled) -> None:
    chat = corp.fake.makes_group("lisi")
    pulled()
    corp.fake.post.faults += ["drop"]
    corp.fake.joins(chat, ANNA)

    assert told(pulled()) == []
    assert told(pulled(seconds=13 * 3600)) == [("group.joined", ANNA, "code")]


def test_who_comes_back_has_left_before(corp, pulled) -> None:
    chat = corp.fake.makes_group("lisi")
    corp.fake.joins(chat, ANNA)
    pulled()
    corp.fake.leaves_group(chat, ANNA)
    corp.clock.advance(minutes=5)
    corp.fake.joins(chat, ANNA, scene=2)

    again = pulled()

    assert told(again) == [("group.left", ANNA, ""), ("group.joined", ANNA, "link")]
    assert len({name for *_, name in again}) == 2


def test_of_a_group_that_is_dismissed_all_have_left(corp, pulled) -> None:
    chat = corp.fake.makes_group("lisi")
    corp.fake.joins(chat, ANNA)
    pulled()
    corp.fake.dismisses(chat)

    assert told(pulled()) == [("group.left", ANNA, "")]
    assert told(pulled(seconds=13 * 3600)) == []


def test_nobody_has_left_a_group_that_goes_out_of_sight(corp, pulled) -> None:
    corp.fake.joins(corp.fake.makes_group("lisi"), ANNA)
    pulled()
    app = replace(corp.apps[0], visible=frozenset({"zhangsan"}))
    corp.fake.apps[corp.config.secret] = app

    assert told(pulled(seconds=13 * 3600)) == []


def test_a_run_that_is_killed_goes_on_behind_the_last_group(corp, pulled) -> None:
    for _ in range(4):
        corp.fake.joins(corp.fake.makes_group("lisi"), ANNA)
    corp.fake.outbox.clear()
    first = pulled(most=2)
    asked = corp.fake.requests[GET]
    rest = pulled()

    assert len({name for *_, name in (*first, *rest)}) == 4
    assert corp.fake.requests[GET] - asked <= 3


def test_a_change_is_not_asked_for_before_wecom_can_tell_it(corp, pulled) -> None:
    chat = corp.fake.makes_group("lisi")
    pulled()
    corp.fake.joins(chat, ANNA)

    assert told(pulled(seconds=1)) == []
    assert told(pulled(seconds=2)) == [("group.joined", ANNA, "code")]


def test_nothing_is_asked_unless_groups_are_wanted(corp, pulled) -> None:
    corp.config = replace(corp.config, groups=False)
    corp.fake.makes_group("lisi")

    assert pulled() == []
    assert corp.fake.requests[GET] == 0


def test_a_join_code_is_made_once_and_its_state_comes_back(corp, pulled) -> None:
    chat = corp.fake.makes_group("lisi")
    way = ways.make(corp.config, corp.tools, code(chat))
    assert ways.make(corp.config, corp.tools, code(chat)) == way
    corp.fake.scans_join(*corp.fake.join_ways, ANNA)

    ((_, keys, _, _),) = pulled()
    assert keys == {"external_userid": ANNA, "state": "counter3"}
    assert corp.fake.requests[ADD] == 1
    assert way.picture.startswith("https://")
    assert ways.drop(corp.config, corp.tools, "group", "counter3")
    assert not ways.drop(corp.config, corp.tools, "group", "counter3")
    assert corp.fake.join_ways == {}


def test_a_join_code_whose_picture_did_not_come_is_not_made_again(corp) -> None:
    chat = corp.fake.makes_group("lisi")
    corp.fake.faults.extend(["none", "fail"])
    with pytest.raises(Broken):
        ways.make(corp.config, corp.tools, code(chat))

    assert ways.make(corp.config, corp.tools, code(chat)).picture
    assert corp.fake.requests[ADD] == 1


def test_groups_are_known_by_the_names_that_their_owners_gave_them(corp, pulled) -> None:
    chat = corp.fake.makes_group("zhangsan", "福利一群")
    pulled()
    assert groups.every(corp.config, corp.tools) == [Group(chat, "福利一群", "g-zhang", 1)]

    corp.fake.groups[chat].title = "福利群"
    corp.fake.dismisses(corp.fake.makes_group("lisi"))
    pulled(seconds=13 * 3600)
    assert groups.every(corp.config, corp.tools) == [Group(chat, "福利群", "g-zhang", 1)]


def test_a_group_that_cannot_be_read_stops_nothing(corp, pulled) -> None:
    chat = corp.fake.makes_group("lisi")
    pulled()
    corp.fake.joins(chat, ANNA)
    corp.deliver()
    corp.fake.groups.pop(chat)
    other = corp.fake.makes_group("zhangsan")
    corp.fake.joins(other, BELLA)

    assert told(pulled()) == [("group.joined", BELLA, "code")]
