"""Staff and their work over HTTP: set, shown, taken, given on; refused in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

MEI = "13800000001"
BY = {"by": "an"}


@pytest.fixture
def task(story) -> dict[str, Any]:
    """A friend request, on guide-1's list."""
    _ask(story, "PUT", "staff/guide-2", name="Bo", role="guide", store="hz-1", active=False)
    story.pay(story.order(), MEI)
    story.go(minutes=6)
    story.call_ends(story.got(MEI)[1], "A")
    story.go(minutes=1)
    return story.tasks()[0]


def _ask(story, method: str, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = story.ask(method, f"/api/v1/{path}", {**BY, **body})
    assert answer.status_code == status, answer.text
    return answer.json()


def _next(story, staff: str, by: str = "") -> dict[str, Any]:
    return _ask(story, "POST", "tasks/next", staff=staff, by=by)


def test_people_are_set_and_shown(story) -> None:
    _ask(story, "PUT", "stores/sh-1", name="上海店", region="华东")
    _ask(story, "PUT", "staff/g9", name="Xu", role="guide", store="sh-1")
    _ask(story, "PUT", "staff/g9/hours", week={"mon": "09:00-18:00"})
    _ask(story, "PUT", "staff/g9/days/2026-12-25", hours="", note="holiday")
    _ask(story, "PUT", "staff/g9/capacity/call", per_day=20)
    _ask(story, "PUT", "staff/*/capacity/*", per_day=50)
    off = _ask(story, "POST", "staff/guide-1/off", reason="ill")

    found = story.read("/api/v1/staff")
    people = {one["code"]: one for one in found["staff"]}
    assert people["g9"] == {
        "code": "g9", "name": "Xu", "role": "guide", "store": "sh-1", "region": "华东",
        "active": True, "at_work": False, "open": 0, "overdue": 0, "today": {}, "reached": {},
        "set": {
            "week": {"mon": "09:00-18:00"}, "capacity": {"call": 20}, "leaves": [],
            "days": [{"day": "2026-12-25", "hours": "", "note": "holiday"}],
        },
    }  # fmt: skip
    assert found["everybody"]["capacity"] == {"*": 50}
    assert [one["code"] for one in found["stores"]] == ["hz-1", "sh-1"]
    assert off == {"code": "guide-1", "moved": 0, "kept": 0}
    assert people["guide-1"]["set"]["leaves"][0]["reason"] == "ill"
    assert people["guide-1"]["at_work"] is False
    _ask(story, "POST", "staff/guide-1/back")
    assert story.read("/api/v1/staff")["staff"][1]["at_work"] is True


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("PUT", "staff/g9", {"name": "x", "role": "guide", "store": "no"}, 400, "store"),
        ("PUT", "staff/*", {"name": "x", "role": "guide"}, 400, "no code"),
        ("PUT", "staff/guide-1/hours", {"week": {"mo": "09:00-18:00"}}, 400, "mon, tue"),
        ("PUT", "staff/guide-1/hours", {"week": {"mon": "9-5"}}, 400, "kept"),
        ("PUT", "staff/guide-1/capacity/dance", {"per_day": 1}, 400, "capacity"),
        ("POST", "staff/nobody/off", {}, 404, "nobody"),
        ("POST", "staff/guide-1/off", {"until": "2030-01-01T00:00:00"}, 422, "offset"),
        ("POST", "staff/guide-1/back", {}, 409, "not off"),
        ("PUT", "tasks/rules", {"most_tries": 10}, 400, "1 to 9"),
        ("PUT", "tasks/rules", {"again_after": "soon"}, 400, "duration"),
        ("POST", "tasks/tsk_0/snooze", {"until": "2030-01-01T00:00:00Z"}, 404, "tsk_"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    story, method: str, path: str, body: dict[str, Any], status: int, words: str
) -> None:
    assert words in str(_ask(story, method, path, status, **body))


def test_the_next_task_is_held_and_put_off_and_given_on(story, task) -> None:
    first = _next(story, "guide-1", "mei")["task"]
    assert (first["id"], first["held_by"]) == (task["id"], "mei")
    assert _next(story, "guide-1", "li")["task"] is None
    assert _next(story, "guide-1", "mei")["task"]["id"] == task["id"]
    assert _next(story, "guide-2")["task"] is None

    later = (story.now + timedelta(hours=1)).isoformat()
    _ask(story, "POST", f"tasks/{task['id']}/snooze", until=later)
    assert _next(story, "guide-1", "mei")["task"] is None
    story.go(hours=1)
    assert _next(story, "guide-1")["task"]["id"] == task["id"]

    words = _ask(story, "POST", f"tasks/{task['id']}/reassign", 409, to="")["detail"]
    assert "on the screen" in words
    _ask(story, "PUT", "staff/guide-2", name="Bo", role="guide", store="hz-1")
    given = _ask(
        story, "POST", f"tasks/{task['id']}/reassign", by="guide-1", to="guide-2", reason="ill"
    )
    assert given == {"id": task["id"], "staff": "guide-2"}
    assert story.read(f"/api/v1/tasks/{task['id']}")["staff"] == "guide-2"
    assert _ask(story, "POST", "staff/guide-2/hand-over")["moved"] == 1
    assert story.tasks()[0]["staff"] == "guide-1"


def test_lists_are_filtered_and_paged(story, task) -> None:
    phone = "13800000002"
    story.pay(story.order(), phone)
    story.go(minutes=6)
    story.call_ends(story.got(phone)[1], "A")
    story.go(minutes=1)

    page = story.read("/api/v1/tasks?limit=1")
    rest = story.read(f"/api/v1/tasks?limit=1&after={page['next']}")
    assert page["tasks"][0]["id"] == task["id"]
    assert rest["tasks"][0]["id"] not in ("", task["id"])
    assert story.read(f"/api/v1/tasks?after={rest['next']}") == {"tasks": [], "next": rest["next"]}
    assert story.read("/api/v1/tasks?overdue=true")["tasks"] == []
    assert story.read("/api/v1/tasks?kind=call")["tasks"] == []
    story.go(hours=23, minutes=54)
    late = story.read("/api/v1/tasks?overdue=true&staff=guide-1")["tasks"]
    assert [one["id"] for one in late] == [task["id"]]


def test_rules_are_set_and_a_call_is_made_again_over_http(story, task) -> None:
    assert story.read("/api/v1/tasks/rules")["most_tries"] == 1
    rules = _ask(story, "PUT", "tasks/rules", most_tries=2, again_after="2h", overdue_after="4h")
    assert rules == {
        "most_tries": 2, "again_after": "2h", "again_hours": "10:00-20:00",
        "overdue_after": "4h", "head_office_after": None, "per_hour": 6,
    }  # fmt: skip
    story.task_ends(task, "requested")
    story.go(hours=4, minutes=5)
    (call,) = story.tasks()
    report = {"outcome": "no_answer", "minutes": 1, "staff": "guide-1"}

    told = _ask(story, "POST", f"tasks/{call['id']}/done", **report)

    assert (told["state"], call["kind"]) == ("open", "call")
    story.tick()
    again = story.read(f"/api/v1/tasks/{call['id']}")
    assert (again["state"], again["tries"]) == ("open", 1)
    assert again["snoozed_until"] == told["again_at"]
    assert _next(story, "guide-1")["task"] is None


def test_what_nobody_can_do_waits_with_its_reason_and_is_never_given_up(story) -> None:
    _ask(story, "POST", "staff/guide-1/off", reason="ill")
    story.pay(story.order(), MEI)
    story.go(minutes=6)
    story.call_ends(story.got(MEI)[1], "A")
    story.go(hours=9)  # many more tries than an attempt at a provider has
    request = next(one for one in story.explain(MEI)["touches"] if one["step"] == "request")

    assert (request["state"], request["reason"]) == ("owed", "nobody_at_work")
    assert request["words"] == "当前没有导购在班"
    assert story.tasks() == []
    _ask(story, "POST", "staff/guide-1/back")
    story.go(minutes=16)
    assert [one["kind"] for one in story.tasks()] == ["friend_request"]
