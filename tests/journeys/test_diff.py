"""Two texts compared in words: every change is said, and nothing that is none."""

from __future__ import annotations

import pytest

from siyu.journeys.check.diff import changes
from siyu.playbooks.actions import texts

CASCADE = texts("cascade")["journeys/cascade.yaml"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("wait: 5m", "wait: 6h", ["step five-minutes: wait: 5m → 6h"]),
        ("holdout: 0.05", "holdout: 0.1", ["holdout: 0.05 → 0.1"]),
        ("holdout: 0.05\n", "", ["holdout is gone (was 0.05)"]),
        ("priority: 9", "priority: 3", ["step sms: send.priority: 9 → 3"]),
        (
            "  - {id: five-minutes, wait: 5m}\n",
            "",
            ["step five-minutes is gone (wait: 5m)"],
        ),
        (
            "  - {id: five-minutes, wait: 5m}\n",
            "  - {id: five-minutes, wait: 5m}\n  - {id: night, wait: {until: 10:00}}\n",
            ["step night is new, after five-minutes (wait: until: 10:00)"],
        ),
        (
            "intent: [A, B]",
            "intent: [A]",
            ["step intent: branch[1].when.touch.intent: [A, B] → [A]"],
        ),
    ],
)
def test_a_change_is_said_where_it_is(old: str, new: str, said: list[str]) -> None:
    assert old in CASCADE
    assert changes(CASCADE, CASCADE.replace(old, new, 1)) == said


def test_comments_and_the_way_of_writing_are_no_change() -> None:
    bare = "\n".join(line for line in CASCADE.splitlines() if not line.strip().startswith("#"))
    assert changes(CASCADE, bare) == []
    assert changes("journey: a\nsteps: []", "{steps: [], journey: a}") == []


def test_steps_that_changed_places_are_told() -> None:
    old = "journey: a\nsteps: [{id: x, wait: 1m}, {id: y, wait: 2m}, {id: z, exit: done}]"
    new = "journey: a\nsteps: [{id: y, wait: 2m}, {id: x, wait: 1m}, {id: z, exit: done}]"
    assert changes(old, new) == ["the order of steps: y, x, z"]
