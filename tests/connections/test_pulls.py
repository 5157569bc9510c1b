"""Pulls: each due in its time, one at a time, going on behind the last page that was stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from siyu.analytics.views import attention
from siyu.connections import actions, views
from siyu.connectors.manifest import Manifest, Pull, Pulled, Tools
from siyu.connectors.registry import Connected
from siyu.events.model import Incoming
from siyu.kernel.sentence import Sentence
from siyu.staff.actions import seed
from siyu.staff.model import Brand
from siyu.vault.model import Keys
from siyu.worker import due, plan
from siyu.worker.pulls import heard, plan_anew, pull

KEYS = Keys(master=b"m" * 32, lookup=b"l" * 32)
EVERY = timedelta(hours=6)
BRAND = Brand("肌初", "Asia/Shanghai", "CNY", "CN", "zh")


class Vendor:
    """Pages of friends; a page may break."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.breaks_at = ""
        self.again: datetime | None = None
        self.meanwhile: Callable[[], object] = lambda: None

    def run(self, _: Any, tools: Tools, cursor: str) -> Iterator[Pulled]:
        self.asked.append(cursor)
        self.meanwhile()
        for page in range(int(cursor or 0), 3):
            if str(page) == self.breaks_at:
                raise TimeoutError("13800000001 is not to be seen")
            yield Pulled([friend(page, tools.clock.now())], str(page + 1))
        yield Pulled([], "", self.again)


def friend(number: int, at: datetime) -> Incoming:
    return Incoming(
        source="wecom", id=f"add/{number}", kind="friend.added", occurred_at=at.isoformat(),
        keys={"external_userid": f"wm{number}"}, data=msgspec.Raw(b'{"staff": "guide-1"}'),
    )  # fmt: skip


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def house(db: Any, clock: Any, vendor: Vendor) -> Any:
    what = Pull("contacts", Sentence("Friends", "好友"), EVERY, vendor.run, frozenset({"tag.set"}))
    manifest = Manifest(
        "wecom", Sentence("WeCom", "企业微信"), object, lambda _: True, pulls=(what,)
    )
    tools = Tools(clock, actions.Memory(db, KEYS, "wecom", clock))
    with db.transaction() as conn:
        seed(conn, BRAND)
    us = Connected(manifest, None, tools)
    return SimpleNamespace(
        db=db, clock=clock, keys=KEYS, brand=BRAND, pulls={"wecom/contacts": (us, what)},
        connections=SimpleNamespace(every={"wecom": us}), channels=["sms"],
    )  # fmt: skip


def disconnect(house: Any) -> Any:
    """It has no settings any more; its pulls as they were."""
    before, house.pulls, house.connections.every = house.pulls, {}, {}
    house.channels = []
    plan_anew(house, before)
    return before


def stored(house: Any) -> int:
    return int(house.db.fetch("select count(*) from event")[0][0])


def due_at(house: Any) -> datetime | None:
    return due(house.db, [], house.pulls)["pull"]


def test_a_new_pull_runs_at_once_and_then_in_its_time(house, vendor) -> None:
    plan(house)
    plan(house)
    now = house.clock.now()
    assert due_at(house) == now

    assert pull(house, now) == 1 + 3

    assert (stored(house), vendor.asked, due_at(house)) == (3, [""], now + EVERY)
    assert pull(house, now) == 0


def test_a_connector_of_another_account_begins_anew_and_whoever_runs_for_the_old_one_stops(
    house, vendor
) -> None:
    us, what = house.pulls["wecom/contacts"]

    def connect(corp: str, app: int = 1, *, heard: bool = True) -> None:
        """The settings are these now; unless it is not `heard`, everybody knows."""
        manifest = replace(us.manifest, account=lambda config: config[0])
        new = us._replace(config=(corp, app), manifest=manifest)
        before, house.pulls = house.pulls, {"wecom/contacts": (new, what)}
        house.connections.every = {"wecom": new}
        if heard:
            plan_anew(house, before)

    def turn() -> None:
        if len(vendor.asked) == 2:
            connect("ww2")

    connect("ww1")
    vendor.breaks_at = "2"
    pull(house, house.clock.now())
    connect("ww1", 2)  # another app of the same corp
    vendor.breaks_at, vendor.meanwhile = "", turn
    pull(house, house.clock.now())
    assert stored(house) == 2  # what the old corp would still have told is not stored for the new

    pull(house, house.clock.now())
    connect("ww1", heard=False)
    house.clock.advance(hours=7)
    assert pull(house, house.clock.now()) == 0

    assert (vendor.asked, stored(house)) == (["", "2", ""], 3)


def test_what_is_pulled_again_is_a_duplicate(house, vendor) -> None:
    plan(house)
    pull(house, house.clock.now())
    house.clock.advance(hours=6)

    assert pull(house, house.clock.now()) == 1
    assert (stored(house), vendor.asked) == (3, ["", ""])


def test_a_pull_that_broke_goes_on_behind_its_last_page_soon(house, vendor) -> None:
    plan(house)
    vendor.breaks_at = "2"
    pull(house, house.clock.now())
    with house.db.transaction() as conn:
        (state,) = views.pulls(conn)
    assert (stored(house), state.failures, state.ran_at) == (2, 1, None)
    assert "TimeoutError" in state.error
    assert "13800000001" not in state.error

    vendor.breaks_at = ""
    house.clock.advance(seconds=30)
    pull(house, house.clock.now())

    assert (stored(house), vendor.asked) == (3, ["", "2"])
    with house.db.transaction() as conn:
        (state,) = views.pulls(conn)
    assert (state.failures, state.error, state.ran_at) == (0, "", house.clock.now())


def test_news_wake_it_and_news_of_meanwhile_are_not_lost(house, vendor) -> None:
    plan(house)
    now = house.clock.now()
    with house.db.transaction() as conn:
        claimed = actions.begin(conn, house.pulls, now, house.clock.real())
    assert claimed is not None
    with house.db.transaction() as conn:
        assert actions.begin(conn, house.pulls, now, house.clock.real()) is None
        actions.wake(conn, "wecom", ["contacts"], now)
        actions.ended(conn, claimed, EVERY, now)

    assert due_at(house) == now
    assert pull(house, now) == 1 + 3


def test_facts_that_it_asks_after_wake_it_but_not_out_of_a_failure(house, vendor) -> None:
    plan(house)
    now = house.clock.now()
    pull(house, now)
    heard(house, {"order.paid"}, now)
    assert due_at(house) == now + EVERY

    heard(house, {"order.paid", "tag.set"}, now)
    assert due_at(house) == now
    vendor.breaks_at = "0"
    pull(house, now)
    rests = due_at(house)
    heard(house, {"tag.set"}, now)
    assert rests == due_at(house) > now


def test_whose_process_died_is_taken_up_after_its_lease(house, vendor) -> None:
    plan(house)
    now, real = house.clock.now(), house.clock.real()
    with house.db.transaction() as conn:
        actions.begin(conn, house.pulls, now, real)
        assert actions.begin(conn, house.pulls, now, real + timedelta(minutes=4)) is None
        assert actions.begin(conn, house.pulls, now, real + timedelta(minutes=6)) is not None


def test_who_was_overtaken_stores_nothing_more_and_does_not_end_the_others_lease(
    house, vendor
) -> None:
    """Its page took longer than its lease, and another lane of the same process has claimed it."""
    plan(house)
    now, late = house.clock.now(), house.clock.real() + timedelta(minutes=6)
    others: list[Any] = []

    def overtaken() -> None:
        with house.db.transaction() as conn:
            others.append(actions.begin(conn, house.pulls, now, late))

    vendor.meanwhile = overtaken
    assert pull(house, now) == 1

    assert stored(house) == 0
    with house.db.transaction() as conn:
        assert views.pulls(conn)[0].running
        assert actions.kept(conn, others[0], "2", late)
        assert actions.ended(conn, others[0], EVERY, now)
    vendor.breaks_at = "2"
    house.clock.advance(hours=6)
    now, late = house.clock.now(), house.clock.real() + timedelta(minutes=6)
    pull(house, now)
    with house.db.transaction() as conn:
        (state,) = views.pulls(conn)
    assert (state.running, state.failures, vendor.asked) == (True, 0, ["", "2"])


def test_a_pull_may_ask_to_be_run_sooner_never_later(house, vendor) -> None:
    plan(house)
    now = house.clock.now()
    for again, following in (
        (now + timedelta(minutes=10), now + timedelta(minutes=10)),
        (now + timedelta(days=9), now + EVERY),
    ):
        vendor.again = again
        with house.db.transaction() as conn:
            actions.wake(conn, "wecom", ["contacts"], now)
        pull(house, now)
        assert due_at(house) == following


def needs(house: Any) -> list[Any]:
    with house.db.transaction() as conn:
        return attention.needs(conn, house.clock.now())


def test_a_pull_that_fails_for_long_is_an_alarm_with_its_last_reason_until_it_works(
    house, vendor
) -> None:
    plan(house)
    vendor.breaks_at = "0"
    began = house.clock.now()
    while house.clock.now() < began + timedelta(minutes=59):
        pull(house, house.clock.now())
        assert needs(house) == []
        house.clock.advance(minutes=5)
    house.clock.advance(minutes=5)

    (one,) = needs(house)

    assert (one.code, one.about, one.since) == ("pull_failing", "wecom/contacts", began)
    assert one.number > 3
    assert (one.why[:], one.why.zh) == (
        "it does not answer (TimeoutError)", "对方没有应答（TimeoutError）",
    )  # fmt: skip
    vendor.breaks_at = ""
    house.clock.advance(hours=1)
    pull(house, house.clock.now())
    assert "pull_failing" not in {one.code for one in needs(house)}


def test_what_is_connected_no_more_alarms_nobody_and_connected_again_runs_at_once(
    house, vendor
) -> None:
    plan(house)
    vendor.breaks_at = "0"
    for _ in range(20):
        pull(house, house.clock.now())
        house.clock.advance(hours=1)
    actions.Alarms(house.db, "wecom", house.clock).begin("expired", Sentence("over", "到期"))
    now = house.clock.now()
    with house.db.transaction() as conn:
        conn.execute(SHUT, {"now": now})
    plan(house)
    assert {one.code for one in needs(house)} == {
        "provider_down", "template_rejected", "vendor_warns", "pull_failing",
    }  # fmt: skip

    before: list[Any] = []
    vendor.meanwhile = lambda: before.append(disconnect(house))
    pull(house, now)  # its failure is written after that
    house.clock.advance(hours=2)

    assert needs(house) == []
    vendor.meanwhile, vendor.breaks_at = lambda: None, ""
    house.pulls = before[0]
    plan_anew(house, {})
    assert pull(house, house.clock.now()) == 1 + 3
    disconnect(house)
    house.pulls = before[0]
    plan_anew(house, {})
    assert due_at(house) == house.clock.now()  # and not in six hours


SHUT = """
with shut as (
  insert into trouble (channel, since, failures, probe_at) values ('sms', %(now)s, 7, %(now)s))
insert into refused (channel, material, since, probe_at, reason)
values ('sms', 'invite', %(now)s, %(now)s, 'no')
"""


def test_what_a_vendor_warns_of_lasts_until_it_says_that_it_is_over(house) -> None:
    alarms = actions.Alarms(house.db, "wecom", house.clock)
    began = house.clock.now()
    alarms.begin("balance_low", Sentence("fewer than 20", "不足 20"), quota=True)
    alarms.begin("ends", Sentence("ends soon", "即将到期"), until=began + timedelta(days=7))
    house.clock.advance(hours=1)
    alarms.begin("balance_low", Sentence("fewer than 20", "不足 20"), quota=True)

    assert [(one.code, one.about, one.why.zh, one.since) for one in needs(house)] == [
        ("quota_used", "wecom/balance_low", "不足 20", began),
        ("vendor_warns", "wecom/ends", "即将到期", began),
    ]
    alarms.end("balance_low")
    house.clock.advance(days=7)
    assert needs(house) == []
    again = house.clock.now()
    alarms.begin("ends", Sentence("ends soon", "即将到期"), until=again + timedelta(days=7))
    assert [one.since for one in needs(house)] == [again]
    with house.db.transaction() as conn:
        assert actions.forget(conn, again) == 0
        assert actions.forget(conn, again + timedelta(days=7)) == 1
