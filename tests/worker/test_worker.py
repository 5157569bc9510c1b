"""A worker on a real database: it starts, wakes, rests after failures, takes over, and stops."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import pytest

from siyu.app import App
from siyu.connectors.manifest import Manifest, Pull, Pulled
from siyu.connectors.registry import Connected
from siyu.connectors.webhook.fake import Provider
from siyu.events.sweep import APPLIER
from siyu.kernel.errors import DatabaseDown, Refused
from siyu.kernel.sentence import Sentence
from siyu.lake import files
from siyu.sandbox.server import Served
from siyu.worker import lake, lanes, sweeps
from siyu.worker.lanes import Done, Job
from siyu.worker.worker import GIVES_WAY, Worker

House = Any


def _applied(house: House) -> Callable[[], bool]:
    return lambda: house.count("event_pending") == 0


def test_what_comes_in_while_it_rests_is_applied_as_soon_as_somebody_rings(
    house: House, working: Callable[..., Worker]
) -> None:
    worker = working()
    house.eventually(lambda: worker.applies)
    house.accept(house.event())
    house.eventually(_applied(house))
    time.sleep(0.3)  # rests

    house.accept(house.event())
    began = time.monotonic()
    house.app.wake()
    house.eventually(_applied(house))

    assert time.monotonic() - began < 0.5


def test_another_process_rings_and_it_is_applied_here(
    house: House, opens: Callable[[], App], working: Callable[..., Worker]
) -> None:
    worker = working()
    other = opens()
    other.bell.open()
    house.eventually(lambda: worker.applies)
    time.sleep(0.3)

    late: list[float] = []
    for _ in range(5):
        house.accept(house.event())
        began = time.monotonic()
        other.wake()
        house.eventually(_applied(house))
        late.append(time.monotonic() - began)
        time.sleep(0.05)

    assert sorted(late)[2] < 0.4  # far less than the nap without a ring


def test_what_nobody_rang_for_is_done_all_the_same(
    house: House, working: Callable[..., Worker]
) -> None:
    working()
    house.accept(house.event())

    house.eventually(_applied(house))


def test_one_of_two_applies_and_the_other_takes_over_when_its_session_ends(
    house: House, opens: Callable[[], App], working: Callable[..., Worker]
) -> None:
    first = working()
    house.eventually(lambda: first.applies)
    app = opens()
    house.connect(app)
    second = working(app)
    time.sleep(0.5)
    assert not second.applies

    began = time.monotonic()
    first.stop()
    house.eventually(lambda: second.applies)

    assert time.monotonic() - began < 1.5
    house.accept(house.event())
    app.wake()
    house.eventually(_applied(house))


def test_a_holder_whose_session_is_killed_gets_another_and_nothing_is_lost(
    house: House, working: Callable[..., Worker]
) -> None:
    worker = working()
    house.eventually(lambda: worker.applies)

    with psycopg.connect(house.app.db.url, autocommit=True) as outside:
        outside.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    with suppress(DatabaseDown):
        house.count("customer")  # one that was idle; after it all are made anew
    house.accept(house.event(), house.event())
    house.app.wake()

    house.eventually(_applied(house))
    house.eventually(lambda: worker.applies)
    assert house.count("event_applied") == 3


def test_urgent_sends_wait_neither_for_bulk_nor_for_another_channel(
    house: House, working: Callable[..., Worker]
) -> None:
    sms, voice = house.lines["sms"], house.lines["voice_ai"]
    sms.going.clear()
    voice.going.clear()
    house.owe("sms", "window", 3, step="bulk")
    house.owe("voice_ai", "now", 1, step="call")
    working()
    house.eventually(lambda: sms.asked == 1 and voice.asked == 1)  # both hang in there

    sms.going.set()  # the next one passes, the one before goes on only now as well
    sms.going.clear()
    house.owe("sms", "now", 1, step="urgent")
    house.app.wake()
    house.eventually(lambda: sms.asked == 2)  # a second one is in there, beside the bulk
    sms.going.set()
    house.eventually(lambda: "urgent" in sms.got)
    assert voice.got == []

    voice.going.set()
    house.eventually(lambda: voice.got == ["call"] and sms.got.count("bulk") == 3)


def test_a_provider_that_takes_nothing_is_not_asked_without_end(
    house: House, working: Callable[..., Worker]
) -> None:
    sms = house.lines["sms"]
    sms.broken = True
    house.owe("sms", "window", 1200)
    working()
    house.eventually(lambda: sms.asked >= 1)
    time.sleep(1.0)

    assert sms.asked <= 3  # 500 a batch: without rest all 1,200 would have been tried at once


def test_a_sweep_that_fails_stops_no_other_and_is_tried_again_ever_later(
    house: House, working: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[float] = []

    def broken(*_: object) -> int:
        runs.append(time.monotonic())
        raise Refused("nothing works")

    for module in (sweeps, lanes):
        found = [one._replace(run=broken) if one.name == "lapse" else one for one in sweeps.SWEEPS]
        monkeypatch.setattr(module, "SWEEPS", tuple(found))
    with house.app.db.transaction() as conn:
        conn.execute(
            """
            insert into promise (key, offer, customer_id, shop, order_no, state, promised_at,
              expires_at, changed_at)
            values ('k', 'o', 1, '', '', 'promised', %(at)s, %(at)s, %(at)s)
            """,
            {"at": house.app.clock.now() - timedelta(hours=1)},
        )
    house.accept(house.event())
    house.owe("sms", "now")
    working()

    house.eventually(lambda: house.lines["sms"].got)
    house.eventually(_applied(house))
    house.eventually(lambda: len(runs) >= 3)
    assert runs[2] - runs[1] > runs[1] - runs[0] > 0.3


def test_it_stops_after_the_batch_under_way_and_leaves_the_rest(
    house: House, working: Callable[..., Worker]
) -> None:
    sms = house.lines["sms"]
    sms.going.clear()
    house.owe("sms", "now", 600)
    worker = working()
    house.eventually(lambda: sms.asked == 1)

    assert not worker.stop(patience=0.2)  # bounded, whatever a provider does
    sms.going.set()
    house.eventually(lambda: house.count("touch where state = 'sent'") == 500)
    time.sleep(0.2)
    assert house.count("touch where state = 'owed'") == 100
    lock = house.app.db.try_lock(APPLIER)
    assert lock is not None
    lock.release()


def test_only_the_wanted_lanes_work(house: House, working: Callable[..., Worker]) -> None:
    worker = working(wanted=("send",))
    house.accept(house.event())
    house.owe("sms", "now")

    house.eventually(lambda: house.lines["sms"].got)
    assert house.count("event_pending") == 1
    assert not worker.applies


def test_the_applier_gives_way_while_visits_are_late_but_not_for_long(
    house: House, working: Callable[..., Worker]
) -> None:
    worker = working(wanted=("apply",))  # so nobody moves the visit, and it stays late
    house.eventually(lambda: worker.applies)
    house.app.db.fetch(
        """
        insert into visit (journey_id, version, customer_id, key, shop, order_no, node, state,
          due_at, waiting_for, ends_kinds, since, entered_at)
        values (1, 1, 1, 'k', '', '', 'n', 0, %(at)s, '{}', '{}', %(at)s, %(at)s) returning id
        """,
        {"at": house.app.clock.now() - timedelta(seconds=1)},
    )
    began = time.monotonic()

    house.accept(house.event())
    house.app.wake()
    house.eventually(_applied(house))

    assert time.monotonic() - began >= GIVES_WAY


def test_rest_grows_with_failures_up_to_a_limit_and_ends_with_success() -> None:
    job = Job("x", lambda _: Done(0))
    rests: list[float] = []
    for _ in range(12):
        job.fared(Done(0, "broken"))
        rests.append(job.rest_until - time.monotonic())

    assert 0.3 < rests[0] < 0.7
    assert rests[0] < rests[2] < rests[4]
    assert max(rests) <= lanes.LONGEST_RETRY * 1.25
    job.fared(Done(1))
    assert job.rest_until <= time.monotonic()


@pytest.mark.parametrize("done", [Done(0, "broken"), Done(0)])
def test_however_long_nothing_works_it_is_tried_again(done: Done) -> None:
    job = Job("x", lambda _: done)
    for _ in range(1100):  # hours; the thousandth doubling is no number of seconds any more
        job.fared(done)

    assert 0 < job.rest_until - time.monotonic() <= lanes.LONGEST_RETRY * 1.25


def test_tasks_that_found_room_are_no_trouble_though_others_found_none(house: House) -> None:
    house.lines["sms"].room = 2
    (lane,) = (one for one in lanes.lanes(house.app, ["send"]) if one.name == "send:sms:now")
    (job,) = lane.jobs
    house.owe("sms", "now", 3)

    assert job.run(house.app.clock.now()) == Done(3)
    assert house.count("touch where state = 'awaiting_staff'") == 2
    house.lines["sms"].room = 0
    house.owe("sms", "now", 1)
    assert job.run(house.app.clock.now()).trouble


class Vendor:
    """Pulls, each with what it shares; each hangs until it is let go."""

    def __init__(self, house: House, **shares: str) -> None:
        self.going = {name: threading.Event() for name in shares}
        self.under_way: list[str] = []
        self.ended: list[str] = []
        pulls = [
            Pull(
                name,
                Sentence(name, name),
                timedelta(days=1),
                partial(self._run, name),
                shares=share,
            )
            for name, share in shares.items()
        ]
        us = Manifest("vendor", Sentence("V", "V"), Vendor, lambda _: True, pulls=tuple(pulls))
        connected = Connected(us, None, house.app.connections.of("webhook").tools)
        found = {f"vendor/{one.name}": (connected, one) for one in pulls}
        house.app.wired.__dict__["pulls"] = found  # where the cached property keeps it

    def _run(self, name: str, *_: object) -> Iterator[Pulled]:
        self.under_way.append(name)
        self.going[name].wait(30)
        self.under_way.remove(name)
        self.ended.append(name)
        yield Pulled([], "")


def test_a_long_pull_keeps_no_other_waiting_but_those_that_share_something_with_it(
    house: House, working: Callable[..., Worker]
) -> None:
    vendor = Vendor(house, contacts="friends", mass="", transfers="friends")
    working()

    house.eventually(lambda: "mass" in vendor.under_way and len(vendor.under_way) == 2)
    vendor.going["mass"].set()
    house.eventually(lambda: vendor.ended == ["mass"])
    (first,) = vendor.under_way
    time.sleep(0.3)
    assert vendor.under_way == [first]
    vendor.going[first].set()
    house.eventually(lambda: vendor.ended == ["mass", first] and len(vendor.under_way) == 1)
    vendor.going[vendor.under_way[0]].set()
    house.eventually(lambda: len(vendor.ended) == 3)


def test_settings_kept_under_way_are_used_by_the_next_batch_and_the_one_in_hand_ends(
    house: House, opens: Callable[[], App], working: Callable[..., Worker]
) -> None:
    secret, hung = "what only both of us know", house.lines["sms"]
    del house.lines["voice_ai"]  # nobody carries it yet
    hung.going.clear()
    provider = Provider(secret)
    with Served(provider.app) as served:
        house.owe("sms", "now")
        working()
        house.eventually(lambda: hung.asked == 1)

        opens().connections.save("webhook", {"url": served.url, "secret": secret})
        house.owe("sms", "window")
        house.owe("voice_ai", "now")
        house.app.wake()
        house.eventually(lambda: len(provider.taken) == 2)
        assert sorted(one["channel"] for one in provider.taken.values()) == ["sms", "voice_ai"]
        hung.going.set()
        house.eventually(lambda: house.count("touch where state = 'sent'") == 3)
        assert hung.got == ["hand"]

        file = house.app.settings.home / "siyu.toml"
        file.write_text(file.read_text("utf-8").replace("http:", "ftp:"), "utf-8")
        house.app.wake()
        house.eventually(lambda: house.app.in_use.problem)
        house.owe("sms", "now")
        house.app.wake()
        house.eventually(lambda: len(provider.taken) == 3)
    assert house.app.in_use.problem.startswith("webhook.url: must be like")


def test_a_worker_brings_the_lake_up_to_date_by_the_clock(house: House) -> None:
    never = replace(house.app, settings=replace(house.app.settings, lake_every=0))
    kept = [[one.name for one in Worker(app)._lanes] for app in (house.app, never)]
    assert [names.count("lake") for names in kept] == [1, 0]
    began = time.monotonic()
    job = lake.job(house.app)
    assert job.rest_until >= began + 60 * house.app.settings.lake_every  # not at once
    assert house.app.lake.manifest().read_at is None
    did: list[Done] = []
    run = partial(_in_thread, lambda: did.append(job.run(house.app.clock.now())))
    run()
    assert house.app.lake.manifest().read_at is not None
    with files.writing(house.app.lake.folder):
        run()  # another process is at it
    assert did[1:] == [Done(0)]


def _in_thread(work: Callable[[], None]) -> None:
    """It lowers the priority of its thread."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
