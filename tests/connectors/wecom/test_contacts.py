"""What a pull finds: friends from before, ways, names, phones, tags, and who is gone."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from siyu.connectors.wecom.client import Failed
from siyu.connectors.wecom.source import contacts

ANNA, BELLA, CLARA = (f"wm{name}00000000000000000001" for name in ("ANNA", "BELLA", "CLARA"))
BATCH, GET = "externalcontact/batch/get_by_user", "externalcontact/get"


class Runner:
    """As `worker/pulls.py` runs a pull: events and cursor are kept together, page by page."""

    def __init__(self, corp) -> None:
        self.corp = corp
        self.cursor = ""
        self.events = []
        self.pages = 0

    def run(self, *, pages: int | None = None):
        """What came of a run; `pages`: killed after so many, before the next is asked for."""
        before = {one.id for one in self.events}
        for count, page in enumerate(contacts.pull(self.corp.config, self.corp.tools, self.cursor)):
            self.events += page.events
            self.cursor = page.cursor
            if pages is not None and count + 1 == pages:
                break
        return [one for one in self._once() if one.id not in before]

    def _once(self):
        return list({one.id: one for one in reversed(self.events)}.values())[::-1]


@pytest.fixture
def runner(corp) -> Runner:
    return Runner(corp)


def told(events):
    return [(one.kind, one.keys, json.loads(bytes(one.data)), one.person) for one in events]


def test_friends_from_before_are_imported_once_with_their_own_time(corp, runner) -> None:
    long_ago = corp.clock.now() - timedelta(days=200)
    corp.fake.existing("zhangsan", ANNA, long_ago, "138 0000 0001", "安娜", "oANNA")
    corp.fake.existing("lisi", BELLA, long_ago, "", "贝拉")

    first = runner.run()
    corp.clock.advance(hours=7)
    second = runner.run()

    assert sorted(told(first), key=str) == sorted(
        [
            (
                "friend.added",
                {"external_userid": ANNA, "unionid": "oANNA"},
                {"staff": "g-zhang", "carrier": "wecom", "way": "before"},
                {"name": "安娜"},
            ),
            (
                "customer.identified",
                {"external_userid": ANNA, "phone": "13800000001"},
                {"how": "remark_mobile"},
                {},
            ),
            (
                "friend.added",
                {"external_userid": BELLA},
                {"staff": "lisi", "carrier": "wecom", "way": "before"},
                {"name": "贝拉"},
            ),
        ],
        key=str,
    )
    times = [datetime.fromisoformat(one.occurred_at) for one in first if one.kind == "friend.added"]
    assert times == [long_ago.replace(microsecond=0)] * 2
    assert second == []


def test_a_friend_whom_a_callback_told_gets_name_at_once_and_the_way_later(corp, runner) -> None:
    runner.run()
    corp.fake.searches_phone("lisi", "13800000002", ANNA, "安娜", "oANNA")
    corp.deliver()
    (added,) = corp.ours.events

    soon = runner.run()
    asked = Counter(corp.fake.requests)
    corp.clock.advance(hours=7)
    later = runner.run()

    assert [(kind, keys) for kind, keys, *_ in told(soon)] == [
        ("customer.identified", {"external_userid": ANNA, "unionid": "oANNA"}),
        ("customer.identified", {"external_userid": ANNA, "phone": "13800000002"}),
    ]
    assert asked[GET] == 1
    assert asked[BATCH] == 2  # of the first, full run
    assert [(kind, data["way"]) for kind, _, data, _ in told(later)] == [
        ("friend.added", "phone_search")
    ]
    assert later[0].occurred_at == added.occurred_at
    corp.clock.advance(hours=7)
    assert runner.run() == []


def test_a_callback_that_was_lost_is_made_good_by_the_next_full_run(corp, runner) -> None:
    runner.run()
    corp.clock.advance(hours=1)
    corp.fake.post.faults.append("drop")
    corp.fake.searches_phone("lisi", "", ANNA)
    corp.deliver()
    assert runner.run() == []  # nobody named her

    corp.clock.advance(hours=7)
    assert [(kind, data) for kind, _, data, _ in told(runner.run())] == [
        ("friend.added", {"staff": "lisi", "carrier": "wecom", "way": "phone_search"})
    ]


def test_who_is_not_listed_any_more_was_deleted_by_staff(corp, runner) -> None:
    for who in (ANNA, BELLA):
        corp.fake.existing("lisi", who, corp.clock.now() - timedelta(days=9))
    runner.run()
    corp.fake.post.faults.append("drop")
    corp.fake.deletes_customer("lisi", ANNA)
    corp.fake.deletes_staff(BELLA, "lisi")
    corp.deliver()
    corp.clock.advance(hours=7)

    assert [(kind, keys["external_userid"]) for kind, keys, *_ in told(runner.run())] == [
        ("friend.deleted_by_staff", ANNA)
    ]
    corp.clock.advance(hours=7)
    assert runner.run() == []


def test_a_deletion_that_a_callback_told_is_not_told_again(corp, runner) -> None:
    corp.fake.existing("lisi", ANNA, corp.clock.now() - timedelta(days=9))
    runner.run()
    corp.fake.deletes_customer("lisi", ANNA)
    corp.deliver()
    corp.clock.advance(hours=7)

    assert runner.run() == []
    assert [kind for kind, *_ in corp.ours.told()] == ["friend.deleted_by_staff"]


def test_nobody_is_taken_for_deleted_when_a_member_goes_out_of_sight(corp, runner) -> None:
    corp.fake.existing("lisi", ANNA, corp.clock.now() - timedelta(days=9))
    runner.run()
    app = replace(corp.apps[0], visible=frozenset({"zhangsan"}))
    corp.fake.apps[corp.config.secret] = app
    corp.clock.advance(hours=7)

    assert runner.run() == []


def test_tags_are_told_when_set_and_when_nobody_has_set_them_any_more(corp, runner) -> None:
    store, lapsed = corp.fake.makes_tag("来源", "门店"), corp.fake.makes_tag("状态", "沉睡")
    for staff in ("lisi", "zhangsan"):
        corp.fake.existing(staff, ANNA, corp.clock.now() - timedelta(days=9))
        corp.fake.labels(staff, ANNA, on=(store,))
    corp.fake.labels("lisi", ANNA, on=(lapsed,))
    first = {
        (data["name"], data["on"]) for kind, _, data, _ in told(runner.run()) if kind == "tag.set"
    }
    assert first == {("来源/门店", True), ("状态/沉睡", True)}

    corp.fake.labels("lisi", ANNA, off=store)  # the other one of us has set it, too
    corp.deliver()
    assert runner.run() == []
    corp.fake.labels("zhangsan", ANNA, off=store)
    corp.deliver()
    assert [data for _, _, data, _ in told(runner.run())] == [{"name": "来源/门店", "on": False}]
    corp.fake.labels("lisi", ANNA, on=(store,))
    corp.deliver()
    assert [data for _, _, data, _ in told(runner.run())] == [{"name": "来源/门店", "on": True}]

    corp.fake.post.faults.append("drop")
    corp.fake.labels("lisi", ANNA, off=lapsed)
    corp.clock.advance(hours=7)
    assert [data for _, _, data, _ in told(runner.run())] == [{"name": "状态/沉睡", "on": False}]


def test_a_run_that_is_killed_goes_on_and_nothing_is_lost_or_told_twice(corp) -> None:
    for number in range(230):
        staff = "zhangsan" if number % 2 else "lisi"
        since = corp.clock.now() - timedelta(days=number + 1)
        corp.fake.existing(staff, f"wm{number:030}", since, name=f"客户{number}")
    whole = {one.id: one for one in Runner(corp).run()}
    fresh = Runner(corp)
    corp.tools.store._held.clear()

    for _ in range(12):
        fresh.run(pages=1)
    asked = corp.fake.requests[BATCH]
    fresh.run()

    assert {one.id for one in fresh.events} == whole.keys()
    assert len(whole) == 230
    assert json.loads(fresh.cursor)[1:] == ["", ""]
    assert corp.fake.requests[BATCH] - asked <= 4


def test_whoever_was_done_is_not_asked_again_in_the_same_run(corp, runner) -> None:
    for number in range(3):
        corp.fake.existing("lisi", f"wm{number}", corp.clock.now() - timedelta(days=2))
        corp.fake.existing("zhangsan", f"wm{number}", corp.clock.now() - timedelta(days=2))
    runner.run(pages=2)  # the first member is through
    before = corp.fake.requests[BATCH]

    runner.run()

    assert corp.fake.requests[BATCH] - before == 1
    assert len({one.id for one in runner.events}) == 6


def test_a_block_in_the_middle_is_told_and_the_next_run_goes_on(corp, runner) -> None:
    for number in range(150):
        corp.fake.existing("lisi", f"wm{number}", corp.clock.now() - timedelta(days=2))
    pull = contacts.pull(corp.config, corp.tools, "")
    runner.events += next(pull).events
    corp.fake.faults.append("frequency")
    with pytest.raises(Failed) as raised:
        list(pull)
    assert raised.value.again is not None

    corp.clock.set(raised.value.again)
    runner.run()
    assert len({one.id for one in runner.events}) == 150


def test_a_name_that_changes_is_told_and_phones_only_if_wished(corp, runner) -> None:
    corp.fake.existing("lisi", ANNA, corp.clock.now() - timedelta(days=2), "13800000001", "安娜")
    corp.config = replace(corp.config, phones_from_remarks=False)
    assert [kind for kind, *_ in told(runner.run())] == ["friend.added"]

    corp.fake.customers[ANNA].name = "Anna"
    corp.fake.remarks("lisi", ANNA, remark="vip")
    corp.deliver()
    ((kind, keys, _, person),) = told(runner.run())
    assert (kind, keys, person) == (
        "customer.identified", {"external_userid": ANNA}, {"name": "Anna"},
    )  # fmt: skip


def test_a_half_friend_is_looked_at_again_when_whole(corp, runner) -> None:
    runner.run()
    body = {"link_name": "SMS", "range": {"user_list": ["lisi"]}}
    path = "externalcontact/customer_acquisition/create_link"
    url = corp.client().do(path, body)["link"]["url"]
    corp.fake.follows_link(url, CLARA, "克拉拉", half=True)
    corp.deliver()
    assert runner.run() == []
    corp.fake.opens("lisi", CLARA)
    corp.deliver()

    assert [person for *_, person in told(runner.run())] == [{"name": "克拉拉"}]


def test_nothing_is_asked_while_nothing_is_due(corp, runner) -> None:
    runner.run()
    asked = Counter(corp.fake.requests)
    corp.clock.advance(hours=5)
    runner.run()

    assert corp.fake.requests == asked
