"""Sources that invite by waves have figures of their own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.analytics.world import SINCE, World

from siyu.acquisition.actions import install
from siyu.acquisition.model import Source
from siyu.analytics.model import Asked, PlanReport
from siyu.analytics.views import reports
from siyu.db.pool import Pool
from siyu.kernel.errors import Refused

FORTNIGHT = Asked(date(2026, 11, 1), date(2026, 11, 14))


def plan(world: World, asked: Asked) -> PlanReport:
    with world.db.transaction() as conn:
        return reports.plan(conn, asked, "UTC", SINCE + timedelta(days=60))


WAVES = """
journey: old
title: {zh: 老客, en: Old}
source: old
enter: {waves: {sizes: [10], every: 3d}, segment: {orders: {}}}
steps:
  - {id: end, exit: done}
"""


def test_a_source_that_invites_by_waves_takes_no_buyer_from_the_others(db: Pool) -> None:
    world = World(db)
    with world.db.transaction() as conn:
        old = Source("old", {"en": "Old"}, {"everybody": True}, (), journey="old")
        install(conn, [old], [], "p")
        conn.execute(
            "insert into journey (code, published_version, playbook) values ('old', 1, 'p')"
        )
        conn.execute(
            "insert into journey_version (journey_id, version, text, published_at)"
            " select id, 1, %(text)s, %(at)s from journey where code = 'old'",
            {"text": WAVES, "at": SINCE},
        )
    world.order(1, 1)

    (one,) = plan(world, FORTNIGHT).sources
    assert one.source == "orders"
    with pytest.raises(Refused, match="siyu journey waves old"):
        plan(world, FORTNIGHT._replace(source="old"))
