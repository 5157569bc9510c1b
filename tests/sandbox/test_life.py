"""A demo that is served lives on: today has figures and a day to be compared with, orders go on."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from siyu.analytics.views import overview
from siyu.kernel.time import zone
from siyu.sandbox.demo import Demo, Engine, Plan, play
from siyu.sandbox.life import a_week_passes
from siyu.staff.views import goal


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    home = Path(tempfile.mkdtemp(prefix="siyu-", dir="/tmp"))
    played = play(Plan(home, orders=24, days=2, seed="3"))
    with played.held:
        yield played
    shutil.rmtree(home, ignore_errors=True)


def test_a_week_later_today_has_figures_and_last_week_too_and_orders_go_on(demo: Demo) -> None:
    before, after = dict(demo.figures), demo.after
    assert after is not None
    a_week_passes(demo.app, demo.world, after, Engine)

    now, place = demo.app.clock.now(), zone(demo.app.brand.time_zone)
    with demo.app.db.transaction() as conn:
        found = overview.loop(conn, overview.today(now, place))
        was = overview.loop(conn, overview.last_week(now, place))
        set_before = goal(conn)

    assert now == after.opens
    assert found.orders > 0
    assert was.orders > 0
    assert found.invited > 0
    assert set_before is not None
    assert (set_before.kind, set_before.target, set_before.days) == ("growth", 0.48, 14)
    assert demo.figures == before  # what was played is not touched by what comes after
    assert demo.world.records.refused == []

    known = len(demo.world.records.orders)
    clock: Any = demo.app.clock
    clock.set(now + timedelta(minutes=5))
    demo.world.step(now + timedelta(minutes=5))
    assert len(demo.world.records.orders) - known > 5  # a visitor sees them come


def test_the_provider_tells_what_reached_it_without_numbers_and_texts(demo: Demo) -> None:
    told = httpx.get(f"{demo.provider}/received", trust_env=False).json()

    assert told["received"] == sum(told["by_channel"].values()) > 0
    assert {frozenset(one) for one in told["last"]} == {frozenset({"id", "channel"})}
