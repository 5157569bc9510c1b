"""No route breaks, whatever is asked of it: a refusal in words, never an error of ours."""

from __future__ import annotations

import json

import pytest

from siyu.api.http import PREFIX

UNKNOWN = "cus_0000000000000"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{PREFIX}/pause", {"by": "a\x00b"}),
        (f"{PREFIX}/pause", {"by": "ops", "scope": "a\x00b"}),
        (f"{PREFIX}/resume", {"by": "ops", "scope": "a\x00b"}),
        (f"{PREFIX}/journeys", {"text": "journey: a\x00b"}),
        (f"{PREFIX}/journeys/check", {"text": "a: &a [*a, *a]\nb: " + "[" * 3000}),
        (f"{PREFIX}/tasks/tsk_0000000000000/reveal", {"by": "a\x00b", "reason": "\x00"}),
        (f"{PREFIX}/customers/{UNKNOWN}/reveal", {"by": "a\x00b", "reason": "\x00"}),
        (f"{PREFIX}/tasks/tsk_0000000000000/done", {"outcome": "agreed", "staff": "\x00"}),
        (f"{PREFIX}/tasks/tsk_0000000000000/done", {"outcome": "agreed", "minutes": -5}),
        (f"{PREFIX}/tasks/tsk_0000000000000/done", {"outcome": "agreed", "minutes": 10**30}),
    ],
)
def test_nothing_that_is_posted_breaks_a_route(door, path: str, body: object) -> None:
    answer = door.http.post(path, content=json.dumps(body), headers={
        **door.key, "Content-Type": "application/json"
    })  # fmt: skip

    assert answer.status_code < 500, answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "value", ["\x00", "a\x00b", "x" * 200, "\udcff", "/", "s/\x00", "1e9", 7, None]
)
@pytest.mark.parametrize("by", ["phone", "order", "buyer", "member", "external_userid"])
def test_nothing_that_is_searched_breaks_the_search(door, by: str, value: object) -> None:
    known = json.dumps({"by": by, "value": value})
    answer = door.http.post(f"{PREFIX}/customers/search", content=known, headers={
        **door.key, "Content-Type": "application/json"
    })  # fmt: skip

    assert answer.status_code < 500, answer.text


def test_no_path_breaks_a_route(door) -> None:
    gets = [
        path for path, item in door.http.get("/openapi.json").json()["paths"].items()
        if "get" in item and "{" in path
    ]  # fmt: skip
    wrong = ("%00", "x" * 300, "%ff", "..%2f..", "cus_", "cus_!!!!!!!!!!!!!", "-1", "9" * 30)
    for path in gets:
        for name in wrong:
            url = path.partition("{")[0] + name + path.rpartition("}")[2]
            answer = door.http.get(url, headers=door.key)
            assert answer.status_code in {400, 404, 422}, (url, answer.text)
    assert len(gets) >= 3


@pytest.mark.parametrize(
    "query",
    [
        "tasks?staff=%00", "tasks?state=%00", "tasks?limit=1e9", "tasks?limit=-1",
        "touches?after=%00", "touches?after=tch_zzzzzzzzzzzzz", "parcels?after=%00",
        "parcels?after=seq_zzzzzzzzzzzzz",
    ],
)  # fmt: skip
def test_no_query_breaks_a_route(door, query: str) -> None:
    answer = door.http.get(f"{PREFIX}/{query}", headers=door.key)

    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
