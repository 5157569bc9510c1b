"""The team's work over HTTP: who has how much, what waits, one task or many given on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.people import People

PHONES = [f"1380000000{number}" for number in range(1, 5)]


@pytest.fixture
def tasks(story) -> list[dict[str, Any]]:
    """Four friend requests on guide-1's list, and a second guide."""
    for phone in PHONES:
        story.pay(story.order(), phone)
    story.go(minutes=6)
    for phone in PHONES:
        story.call_ends(story.got(phone)[1], "A")
    story.go(minutes=1)
    _ask(story, "PUT", "stores/sh-1", name="上海店")
    _ask(story, "PUT", "staff/guide-2", name="Bo", role="guide", store="sh-1")
    return story.tasks()


def _ask(story, method: str, path: str, status: int = 200, **body: Any) -> Any:
    answer = story.ask(method, f"/api/v1/{path}", {"by": "an", **body} if method != "GET" else None)
    assert answer.status_code == status, answer.text
    return answer.json()


def _team(story, query: str = "") -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in _ask(story, "GET", f"tasks/team{query}")["team"]}


def test_the_team_shows_how_each_stands(story, tasks) -> None:
    _ask(story, "PUT", "staff/guide-1/capacity/*", per_day=6)
    _ask(story, "POST", "tasks/next", staff="guide-1")
    story.task_ends(tasks[3], "requested")
    story.tick()

    found = _team(story)
    assert found["guide-1"] == {
        "code": "guide-1", "name": "周顾问", "store": "hz-1", "store_name": "杭州湖滨店",
        "at_work": True, "open": 3, "overdue": 0, "escalated": 0, "held": 1, "done": 1,
        "today": {"friend_request": 4}, "capacity": {"*": 6}, "left": 2,
    }  # fmt: skip
    assert (found["guide-2"]["open"], found["guide-2"]["left"]) == (0, None)
    assert list(_team(story, "?store=sh-1")) == ["guide-2"]
    page = _ask(story, "GET", "tasks/team?limit=1")
    rest = _ask(story, "GET", f"tasks/team?limit=1&after={page['next']}")
    assert [one["code"] for one in (*page["team"], *rest["team"])] == ["guide-1", "guide-2"]


def test_a_team_s_day_is_added_up_for_whom_one_may_see(story, tasks) -> None:
    _ask(story, "PUT", "staff/guide-1/capacity/*", per_day=6)
    story.task_ends(tasks[3], "requested")
    story.tick()

    assert _ask(story, "GET", "tasks/capacity") == {
        "at_work": 2, "given": 4, "limited": 4, "most": 6, "open": 3, "overdue": 0, "done": 1,
    }  # fmt: skip


def test_what_is_overdue_and_told_upwards_is_counted(story, tasks) -> None:
    _ask(story, "PUT", "staff/lead", name="Li", role="operator", store="hz-1")
    _ask(story, "PUT", "tasks/rules", overdue_after="0s")
    story.go(hours=24)

    found = _team(story)["guide-1"]
    assert (found["overdue"], found["escalated"]) == (4, 4)
    assert len(_ask(story, "GET", "tasks?overdue=true&store=hz-1")["tasks"]) == 4
    assert _ask(story, "GET", "tasks?overdue=true&store=sh-1")["tasks"] == []
    assert len(_ask(story, "GET", "tasks?escalated_to=lead")["tasks"]) == 4


def test_a_selection_is_given_on_each_by_itself(story, tasks) -> None:
    _ask(story, "PUT", "staff/guide-2/capacity/*", per_day=2)
    held = _ask(story, "POST", "tasks/next", staff="guide-1", by="mei")["task"]["id"]
    story.task_ends(tasks[1], "requested")
    rest = [one["id"] for one in tasks if one["id"] not in (held, tasks[1]["id"])]
    chosen = [held, tasks[1]["id"], *rest, "tsk_0"]

    answer = _ask(story, "POST", "tasks/reassign", tasks=chosen, to="guide-2", reason="ill")

    assert answer["moved"] == 2
    assert [(one["id"], one["staff"], one["refused"]) for one in answer["tasks"]] == [
        (held, "guide-1", "on_screen"),
        (tasks[1]["id"], "guide-1", "ended"),
        *[(one, "guide-2", None) for one in rest],
        ("tsk_0", "", "no_such_task"),
    ]
    again = _ask(story, "POST", "tasks/reassign", tasks=rest, to="guide-2")
    assert (again["moved"], [one["refused"] for one in again["tasks"]]) == (0, [None, None])
    lines = _ask(story, "GET", "audit?action=task.reassign")["lines"]
    assert [one["reason"] for one in lines] == ["guide-1 to guide-2 ill"] * 2


def test_a_selection_over_a_capacity_stays_where_it_is(story, tasks) -> None:
    _ask(story, "PUT", "staff/guide-2/capacity/*", per_day=1)
    chosen = [one["id"] for one in tasks]
    answer = _ask(story, "POST", "tasks/reassign", tasks=chosen)

    assert answer["moved"] == 1
    assert [one["refused"] for one in answer["tasks"]].count("no_room") == 3
    assert [one["staff"] for one in answer["tasks"]].count("guide-1") == 3


def test_given_on_to_whom_it_falls_it_never_falls_back(story, tasks) -> None:
    answer = _ask(story, "POST", "tasks/reassign", tasks=[one["id"] for one in tasks])

    assert {one["staff"] for one in answer["tasks"]} == {"guide-2"}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"tasks": [], "to": "guide-2"}, 422, "tasks"),
        ({"tasks": ["tsk_0"] * 201}, 422, "tasks"),
        ({"tasks": ["tsk_0"], "to": "nobody"}, 400, "no active guide"),
        ({"tasks": ["tsk_0"], "by": " "}, 400, "who does it"),
    ],
)
def test_a_selection_that_cannot_be_is_refused_in_words(
    story, body: dict[str, Any], status: int, words: str
) -> None:
    assert words in str(_ask(story, "POST", "tasks/reassign", status, **body))


def test_work_that_nobody_can_take_is_shown_with_its_reason(story) -> None:
    _ask(story, "POST", "staff/guide-1/off", reason="ill")
    story.pay(story.order(), PHONES[0])
    story.go(minutes=6)
    story.call_ends(story.got(PHONES[0])[1], "A")
    story.go(minutes=1)

    (waiting,) = _ask(story, "GET", "tasks/waiting")["waiting"]
    assert (waiting["kind"], waiting["reason"], waiting["count"]) == (
        "friend_request", "nobody_at_work", 1,
    )  # fmt: skip
    assert waiting["words"]["zh"] == "当前没有导购在班"


def test_tasks_of_somebody_who_has_gone_are_found(story, tasks) -> None:
    assert _ask(story, "GET", "tasks?unassigned=true")["tasks"] == []
    _ask(story, "PUT", "staff/guide-1", name="周顾问", role="guide", store="hz-1", active=False)

    assert len(_ask(story, "GET", "tasks?unassigned=true")["tasks"]) == 4


def test_a_guide_works_on_their_own_list_and_no_others(story, tasks) -> None:
    people = People(story.app, story.http.base_url)
    _ask(story, "POST", "tasks/reassign", tasks=[tasks[0]["id"]], to="guide-2")
    theirs, mine = tasks[1]["id"], tasks[0]["id"]
    bo = people.signed_in("guide-2")
    later = (story.now + timedelta(hours=1)).isoformat()

    statuses = {
        bo.status("GET", f"tasks/{theirs}/about"),
        bo.status("POST", f"tasks/{theirs}/done", {"outcome": "agreed"}),
        bo.status("POST", f"tasks/{theirs}/snooze", {"until": later}),
        bo.status("POST", f"tasks/{theirs}/reveal", {"reason": "curious"}),
        bo.status("POST", "tasks/next", {"staff": "guide-1"}),
        bo.status("GET", "tasks/day?staff=guide-1"),
    }
    assert statuses == {404}
    assert bo.ask("GET", "tasks").json()["tasks"][0]["id"] == mine
    assert len(bo.ask("GET", "tasks").json()["tasks"]) == 1
    assert bo.ask("GET", "tasks?store=hz-1").json()["tasks"] == []
    assert [one["code"] for one in bo.ask("GET", "tasks/team").json()["team"]] == ["guide-2"]
    held = bo.ask("POST", "tasks/next", {"by": "somebody else"}).json()["task"]
    assert (held["id"], held["held_by"]) == (mine, "guide-2")
    assert bo.status("POST", "tasks/reassign", {"tasks": [mine]}) == 403
    people.close()
