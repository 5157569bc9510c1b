"""Care by a child's months: who comes in on the day, who waits for it, and who does so no more."""

from __future__ import annotations

from typing import Any

from siyu.journeys.sweep import entries
from siyu.kernel.time import instant

ENTER = """\
journey: j
title: {zh: 一, en: J}
enter: {child_turns: [6, 12], at: "10:00", less: 3d}
reenter: each
steps:
  - {id: w, wait: 1d}
  - {id: end, exit: done}
"""
WAIT = """\
journey: j
title: {zh: 一, en: J}
enter: {on: tag.set}
steps:
  - {id: w, wait: {child_turns: [6], at: "10:00", else: unknown}}
  - {id: turned, exit: turned}
  - {id: unknown, exit: unknown}
"""


def test_who_waits_for_a_childs_age_goes_on_when_the_consent_is_taken_back(house: Any):
    """The clock stands at noon of 20 November 2026."""
    told = {1: ("2026-06", "form"), 2: ("2026-06", "form"), 3: None}
    house.publish(WAIT)
    for number in told:
        house.tell(house.event("customer.identified", {}, keys=house.keys(number)))
    for number, month in told.items():
        if month is not None:
            house.child(number, *month)
    for number in told:
        house.tell(house.event("tag.set", {"name": "x"}, keys=house.keys(number)))
    house.sweep()
    assert [one.node for one in house.visits()] == ["w", "w", "unknown"]

    taken = {"channels": ["wecom"], "purposes": ["child"]}
    house.tell(house.event("consent.withdrawn", taken, keys=house.keys(1)))
    house.sweep()
    assert [one.node for one in house.visits()] == ["unknown", "w", "unknown"]

    house.clock.set(instant("2026-12-01T10:00:00+08:00"))
    house.sweep()
    assert [one.node for one in house.visits()] == ["unknown", "turned", "unknown"]


def swept(house: Any, at: str = "") -> None:
    if at:
        house.clock.set(instant(at))
    while entries.enter(house.db, house.context, house.now):
        pass


def test_a_childs_age_lets_its_parent_in_days_before_and_once(house: Any) -> None:
    for number in range(1, 6):
        house.tell(house.event("customer.identified", {}, keys=house.keys(number)))
    house.child(1, "2026-06", "form")
    house.child(2, "2025-12", "form")
    house.child(3, "2026-07", "form")
    house.child(4, "2025-12", "form")  # of an elder child; the younger is meant
    house.child(4, "2026-08", "", child=2)
    house.publish(ENTER)
    swept(house)

    swept(house, "2026-11-28T09:59:00+08:00")
    assert house.visits() == []
    swept(house, "2026-11-28T10:00:00+08:00")
    swept(house, "2026-11-28T12:00:00+08:00")

    assert [(one.customer_id, one.key) for one in house.visits()] == [
        (house.customer(1), "child/2026-12-01"), (house.customer(2), "child/2026-12-01"),
    ]  # fmt: skip
    swept(house, "2026-12-29T10:00:00+08:00")
    assert [one.customer_id for one in house.visits()][2:] == [house.customer(3)]
