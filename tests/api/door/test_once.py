"""Idempotency keys over real HTTP: one write however often it is asked for, and one answer."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Body

from siyu.api.auth import TheApp, needs
from siyu.api.http import PREFIX, make
from siyu.api.once import AGAIN, HEADER
from siyu.kernel.errors import Refused
from siyu.sandbox.server import Served
from siyu.staff.actions import audit

router = APIRouter()
entered = threading.Event()
go_on = threading.Event()


@dataclass(frozen=True)
class Line:
    """A line for the audit, and how the route behaves."""

    actor: str
    how: str = ""


@router.post("/api/lines", **needs("touches.stop"))
def write(app: TheApp, line: Annotated[Line, Body()]) -> dict[str, int]:
    """Writes a line each time that it is really asked, in two transactions."""
    for action in ("first", "second"):
        with app.db.transaction() as conn:
            audit(conn, line.actor, action, "line", "", app.clock.now())
            lines = conn.fetch("select count(*) from audit where actor = %(a)s", {"a": line.actor})
        if line.how == "refuse":
            raise Refused("not today, whatever the key")
        if line.how == "break":
            raise ZeroDivisionError
    if line.how == "ring":
        app.wake()
        time.sleep(0.2)  # whoever it woke looks before the commit
    if line.how == "wait":
        entered.set()
        assert go_on.wait(20)
    return {"lines": lines[0][0]}


class Lines:
    """The route above, and how many lines there are."""

    def __init__(self, door: Any, url: str) -> None:
        self.door = door
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=30)

    def post(self, key: str | None, actor: str, how: str = "", **headers: str) -> httpx.Response:
        named = {} if key is None else {HEADER: key}
        body = {"actor": actor, "how": how}
        sent = {**self.door.key, **named, **headers}
        return self.http.post("/api/lines", json=body, headers=sent)

    def count(self, actor: str) -> int:
        sql = "select count(*) from audit where actor = %(a)s"
        return self.door.app.db.fetch(sql, {"a": actor})[0][0]


@pytest.fixture(scope="module")
def lines(door) -> Any:
    made = make(door.app)
    made.include_router(router)
    with Served(made) as served:
        found = Lines(door, served.url)
        yield found
        found.http.close()


def test_the_same_key_and_body_is_done_once_and_answers_the_same(lines) -> None:
    first, again = lines.post("k1", "ana"), lines.post("k1", "ana")

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content == b'{"lines":2}'
    assert (AGAIN in first.headers, again.headers[AGAIN]) == (False, "true")
    assert again.headers["content-type"] == first.headers["content-type"]
    assert lines.count("ana") == 2


def test_without_a_key_or_with_another_one_it_is_done_again(lines) -> None:
    answers = [lines.post(key, "bo").json()["lines"] for key in (None, None, "k2", "k3")]

    assert answers == [2, 4, 6, 8]


@pytest.mark.parametrize(
    ("path", "body", "action"),
    [
        ("budget/rules", {"pace": {"window_hours": 2, "presses": 9, "cooldown_days": 1}}, "budget"),
        ("staff/wen", {"name": "闻", "role": "guide"}, "staff"),
        ("tasks/rules", {"most_tries": 2}, "task"),
        ("approvals/limits", {"above_people": 9_000}, "approval"),
    ],
)
def test_rules_and_staff_are_set_once(lines, path: str, body: dict[str, Any], action: str) -> None:
    sent = {"by": f"by-{action}", **body}
    headers = {**lines.door.key, HEADER: f"k-{path}"}
    first, again = (
        lines.http.put(f"{PREFIX}/{path}", json=sent, headers=headers) for _ in range(2)
    )

    assert first.status_code == 200, first.text
    assert (again.content, again.headers[AGAIN]) == (first.content, "true")
    assert lines.count(f"by-{action}") == 1


def test_who_rests_is_woken_when_the_write_can_be_seen(lines) -> None:
    app = lines.door.app
    seen: list[int] = []

    def look() -> None:
        while not seen or seen[-1] == 0:
            began = time.monotonic()
            app.rest(20)
            if time.monotonic() - began > 10:
                break
            seen.append(lines.count("wei"))

    app.rest(0)
    watcher = threading.Thread(target=look)
    watcher.start()
    lines.post("k-bell", "wei", "ring")
    watcher.join(30)

    assert seen[-1] == 2


def test_another_body_under_the_key_is_refused_in_words(lines) -> None:
    lines.post("k4", "chen")
    other = lines.post("k4", "dong")

    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert "new key" in other.json()["detail"]
    assert lines.count("dong") == 0


def test_one_key_may_name_a_write_of_each_route(lines) -> None:
    lines.post("k5", "eve")
    pause = lines.http.post(
        f"{PREFIX}/pause", json={"by": "eve"}, headers={**lines.door.key, HEADER: "k5"}
    )
    lines.http.post(f"{PREFIX}/resume", json={"by": "eve"}, headers=lines.door.key)

    assert (pause.status_code, AGAIN in pause.headers) == (200, False)


@pytest.mark.parametrize(("how", "status"), [("refuse", 409), ("break", 500)])
def test_a_write_that_failed_is_undone_whole_and_its_key_may_try_again(
    lines, how: str, status: int
) -> None:
    failed = [lines.post(f"k6{how}", how, how).status_code for _ in range(2)]
    done = lines.post(f"k6{how}", how)

    assert failed == [status] * 2
    assert (done.json(), lines.count(how)) == ({"lines": 2}, 2)


def test_who_has_no_key_of_the_api_is_told_nothing_that_was_kept(lines) -> None:
    lines.post("k7", "fay")
    stranger = lines.post("k7", "fay", Authorization="Bearer guessed")

    assert stranger.status_code == 401
    assert AGAIN not in stranger.headers


def test_a_key_under_way_is_refused_and_answers_when_it_is_done(lines) -> None:
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(lines.post, "k8", "gu", "wait")
        assert entered.wait(20)
        meanwhile = lines.post("k8", "gu", "wait")
        others = lines.post("k8/other", "hu")
        go_on.set()
        done = first.result(20)
    afterwards = lines.post("k8", "gu", "wait")

    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "under_way")
    assert others.status_code == 200
    assert done.content == afterwards.content
    assert lines.count("gu") == 2


def test_many_at_once_do_it_once(lines) -> None:
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda _: lines.post("k9", "ida"), range(36)))

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert {answer.content for answer in answers if answer.status_code == 200} == {b'{"lines":2}'}
    assert lines.count("ida") == 2


def test_an_answer_is_forgotten_after_its_time_and_takes_no_room(lines) -> None:
    db = lines.door.app.db
    with db.transaction() as conn:
        conn.execute("delete from kept_answer")
    lines.post("k10", "jo")
    lines.post("k11", "jo")
    late = {"by": timedelta(hours=6)}  # as its settings say
    ((until,),) = db.fetch("select min(until) from kept_answer")
    assert abs(until - lines.door.app.clock.real() - late["by"]) < timedelta(minutes=1)
    with db.transaction() as conn:
        conn.execute("update kept_answer set until = until - %(by)s", late)

    lines.post("k10", "jo")

    assert lines.count("jo") == 6
    assert db.fetch("select count(*) from kept_answer") == [(1,)]


def test_of_a_body_only_a_hash_is_kept_that_nobody_outside_can_guess_by(installed) -> None:
    body = {"by": "phone", "value": "13800000001"}
    kept: list[bytes] = []
    for _ in range(2):
        with installed(api_key="the-same-key-in-both") as door:
            headers = {**door.key, HEADER: "k13"}
            answer = door.http.post(f"{PREFIX}/customers/search", json=body, headers=headers)
            assert answer.status_code == 200
            kept += [row[0] for row in door.app.db.fetch("select request from kept_answer")]
    plain = blake2b(answer.request.content, digest_size=16).digest()

    assert len({*kept, plain}) == 3


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_key_that_is_none_is_refused(lines, key: str) -> None:
    answer = lines.post(key, "kim")

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert lines.count("kim") == 0


def test_a_route_that_shows_a_person_keeps_no_answer(door) -> None:
    answer = door.http.post(
        f"{PREFIX}/customers/cus_0000000000000/reveal",
        json={"by": "zhou", "reason": "x"},
        headers={**door.key, HEADER: "k12"},
    )

    assert answer.status_code == 400
    assert HEADER in answer.json()["detail"]
