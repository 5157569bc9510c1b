"""README: nothing is lost: what people report is taken, or refused in words on the spot."""

from __future__ import annotations

import pytest

MEI = "13800000001"


@pytest.fixture
def task(story) -> dict:
    """A friend request on somebody's list."""
    story.pay(story.order(), MEI)
    story.go(minutes=6)
    story.call_ends(story.got(MEI)[1], "A")
    story.go(minutes=1)
    return story.tasks()[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": -1},
        {"minutes": 601},
        {"minutes": 10**30},
        {"minutes": 1.5},
        {"minutes": None},
        {"outcome": "hung up"},
        {"staff": "a\0b"},
        {"staff": "x" * 501},
        {"occurred_at": "2026-11-20T12:00:00"},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"occurred_at": "9999-12-31T23:59:59-14:00"},
        {"occurred_at": "0000-01-01T00:00:00Z"},
        {"occurred_at": "2036-11-20T12:00:00Z"},
        {"occurred_at": 10**20},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
def test_a_report_that_cannot_be_true_is_refused_and_the_task_stays(
    story, task: dict, wrong: dict
) -> None:
    answer = story.ask("POST", f"/api/v1/tasks/{task['id']}/done", {"outcome": "agreed"} | wrong)
    story.tick()

    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert [one["id"] for one in story.tasks()] == [task["id"]]
    assert story.read("/api/v1/events/parked") == {"parked": []}
