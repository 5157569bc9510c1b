"""The call desk over HTTP: one task at a time with all about it, outcomes, notes, the day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

MEI = "13800000001"
LIN = "13800000002"
PARCEL_ENDS = timedelta(hours=20)


@pytest.fixture
def calls(story) -> list[dict[str, Any]]:
    """Two calls on guide-1's list: intent was there, the friend request was not accepted."""
    for number, phone in enumerate((MEI, LIN)):
        order = story.order()
        story.pay(order, phone)
        story.plan(f"P{number}", [order], story.now + PARCEL_ENDS)
    story.go(minutes=6)
    for phone in (MEI, LIN):
        story.call_ends(story.got(phone)[1], "A")
    story.go(minutes=1)
    for task in story.tasks():
        story.task_ends(task, "requested")
    story.go(hours=4, minutes=1)
    return story.tasks()


def _ask(story, method: str, path: str, status: int = 200, **body: Any) -> Any:
    answer = story.ask(method, f"/api/v1/{path}", body or None)
    assert answer.status_code == status, answer.text
    return answer.json()


def _next(story, **which: Any) -> dict[str, Any]:
    return _ask(story, "POST", "tasks/next", **{"staff": "guide-1", "kind": "call", **which})


def _done(story, task: str, outcome: str, status: int = 200, **more: Any) -> Any:
    body = {"outcome": outcome, "minutes": 3, "staff": "guide-1", **more}
    return _ask(story, "POST", f"tasks/{task}/done", status, **body)


def test_one_answer_has_all_that_a_call_needs(story, calls) -> None:
    found = _next(story)
    about = found["about"]

    assert found["task"]["id"] == calls[0]["id"]
    assert found["hold_seconds"] == 15 * 60
    assert (found["task"]["name_masked"], found["task"]["phone_masked"]) == ("林**", "138****0001")
    assert (found["task"]["journey"], found["task"]["intent"]) == ("cascade", "A")
    assert "{name}" in found["task"]["script"]
    assert about["order"]["shop_name"] == "花间旗舰店"
    assert about["order"]["items"] == [
        {"title": "精华", "sku": "SERUM", "quantity": 1, "amount_minor": 19900}
    ]
    assert about["promise"]["title"]["zh"]
    assert about["promise"]["value_minor"] > 0
    assert about["promise"]["parcel_no"] == "P0"
    assert about["promise"]["cutoff_at"] is not None
    assert [one["step"] for one in about["touches"]] == ["sms", "call", "request"]
    assert about["touches"][1]["intent"] == "A"
    assert (about["friend"], about["orders"], about["others"], about["claim"]) == (False, 1, [], "")
    assert MEI not in str(found)
    assert _ask(story, "GET", f"tasks/{calls[0]['id']}/about") == about


def test_the_same_account_never_holds_two_however_many_tabs_ask(story, calls) -> None:
    with ThreadPoolExecutor(6) as tabs:
        held = list(tabs.map(lambda _: _next(story, by="mei")["task"]["id"], range(12)))

    assert set(held) == {calls[0]["id"]}
    assert _next(story, by="li")["task"]["id"] == calls[1]["id"]
    holders = [one["held_by"] for one in story.tasks()]
    assert holders == ["mei", "li"]


def test_a_get_takes_nothing(story, calls) -> None:
    assert story.ask("GET", "/api/v1/tasks/next?staff=guide-1").status_code in {404, 405}
    assert {one["held_by"] for one in story.tasks()} == {""}


@pytest.mark.parametrize(
    ("outcome", "follows"),
    [
        ("added", "waits_for_friend"),
        ("agreed", "waits_for_friend"),
        ("refused", "calls_rest"),
        ("wrong_person", "phone_dropped"),
        ("already_added", "match"),
        ("do_not_call", "never_called"),
        ("no_answer", "over"),
    ],
)
def test_a_report_says_what_comes_of_it(story, calls, outcome: str, follows: str) -> None:
    told = _done(story, calls[0]["id"], outcome)
    story.tick()

    assert (told["state"], told["follows"]) == ("done", follows)
    assert story.read(f"/api/v1/tasks/{calls[0]['id']}")["outcome"] == outcome


def test_a_call_that_nobody_answered_comes_again(story, calls) -> None:
    _ask(story, "PUT", "tasks/rules", most_tries=2, again_after="2h", by="an")
    told = _done(story, calls[0]["id"], "no_answer", note="响了很久，像是在开会")
    story.tick()

    assert (told["state"], told["follows"]) == ("open", "call_again")
    assert told["again_at"] is not None
    assert _next(story)["task"]["id"] == calls[1]["id"]
    (note,) = _ask(story, "GET", f"tasks/{calls[0]['id']}/about")["notes"]
    assert (note["text"], note["by"]) == ("响了很久，像是在开会", "guide-1")


def test_a_note_is_readable_nowhere_but_on_the_desk(story, calls) -> None:
    _done(story, calls[0]["id"], "refused", note="别再打给李四")
    story.tick()

    kept = story.facts("select t::text from task t union all select n::text from task_note n")
    told = story.facts("select data::text from event where kind = 'task.done'")
    assert len(kept) > len(calls)
    assert not any("李四" in row[0] for row in [*kept, *told])


def test_a_double_press_is_one_report(story, calls) -> None:
    task = calls[0]["id"]
    body = {"outcome": "refused", "minutes": 2, "staff": "guide-1"}
    headers = {
        "Authorization": f"Bearer {story.app.settings.api_key}", "Idempotency-Key": "one-press",
    }  # fmt: skip
    path = f"/api/v1/tasks/{task}/done"
    first, second = (story.http.post(path, json=body, headers=headers) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert "before" in _done(story, task, "agreed", 409)["detail"]


def test_who_says_already_added_leaves_a_claim_to_be_matched(story, calls) -> None:
    _done(story, calls[0]["id"], "already_added")
    story.tick()

    claim = _ask(story, "GET", f"tasks/{calls[0]['id']}/about")["claim"]
    assert claim == story.read("/api/v1/matches")["claims"][0]["id"]
    _ask(story, "POST", f"matches/{claim}/refuse", by="an")
    assert _ask(story, "GET", f"tasks/{calls[0]['id']}/about")["claim"] == ""


def test_the_day_counts_what_was_done_and_how_fast(story, calls) -> None:
    _ask(story, "PUT", "staff/guide-1/capacity/*", per_day=9, by="an")
    _done(story, calls[0]["id"], "refused", minutes=20)
    day = _ask(story, "GET", "tasks/day?staff=guide-1")

    # two friend requests this morning, two minutes each at the same moment, and this call
    assert (day["told"], day["open"], day["left"]) == (3, 2, 5)
    story.tick()
    day = _ask(story, "GET", "tasks/day?staff=guide-1")
    assert (day["done"], day["open"], day["left"]) == (3, 1, 5)
    assert (day["worked_minutes"], day["streak_minutes"]) == (22, 20)
    assert day["per_hour"] == pytest.approx(3 / (22 / 60), abs=0.1)
    assert day["rest"] is False
    story.go(minutes=16)
    assert _ask(story, "GET", "tasks/day?staff=guide-1")["streak_minutes"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "tasks/next", {"kind": "call"}, 400, "whose list"),
        ("GET", "tasks/day", {}, 400, "whose list"),
        ("GET", "tasks/tsk_0/about", {}, 404, "tsk_"),
        ("POST", "tasks/tsk_0/done", {"outcome": "agreed"}, 404, "tsk_"),
        ("POST", "tasks/tsk_0/done", {"outcome": "sold"}, 422, "outcome"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    story, method: str, path: str, body: dict[str, Any], status: int, words: str
) -> None:
    assert words in str(_ask(story, method, path, status, **body))
