"""Who is held out and who takes which arm, where many come in at once."""

from __future__ import annotations

from typing import Any

from siyu.journeys.sweep import entries
from siyu.kernel.time import instant

TEXT = """\
journey: j
title: {zh: 一, en: J}
enter: {every: monday 10:00, segment: {tag: vip}}
reenter: each
holdout: 0.5
steps:
  - id: ab
    split:
      arms: [{name: a, share: 0.5, go: a}, {name: b, share: 0.5, go: b}]
  - {id: a, wait: 9d, go: end}
  - {id: b, wait: 9d}
  - {id: end, exit: done}
"""


def test_a_schedule_draws_for_each_of_its_people_and_not_for_all_at_once(house: Any) -> None:
    vip = {"name": "vip", "on": True}
    house.tell(*(house.event("tag.set", vip, keys=house.keys(one)) for one in range(1, 41)))
    house.publish(TEXT)
    for at in ("2026-11-20T12:00:00+08:00", "2026-11-23T10:00:00+08:00"):
        house.clock.set(instant(at))
        while entries.enter(house.db, house.context, house.now):
            pass
    house.sweep()

    found = {(one.held_out, one.node) for one in house.visits()}
    assert found == {(held, arm) for held in (False, True) for arm in "ab"}
