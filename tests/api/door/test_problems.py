"""Every refusal is a problem in words: what is wrong, where, with a code that stays."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from siyu.api.errors import MOST_BYTES
from siyu.api.http import PREFIX, make
from siyu.sandbox.server import Served

JSON = {"Content-Type": "application/json"}
PHONE = "13900004321"


def _problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of a refusal, whose form is the same for all."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == f"siyu:{code}"
    assert body["title"]
    assert (body["status"], body["code"]) == (status, code)
    assert len(body["detail"].split()) > 3
    assert PHONE not in answer.text
    return body


def _post(door: Any, path: str, body: object) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return door.http.post(f"{PREFIX}/{path}", content=content, headers={**door.key, **JSON})


@pytest.mark.parametrize(
    ("path", "body", "where", "why"),
    [
        ("journeys", {}, "body.text", "required"),
        ("pause", {"by": ["x"]}, "body.by", "string"),
        ("pause", {"by": "a\x00b"}, "body.by", "characters"),
        ("pause", [PHONE], "body", "JSON object"),
        ("pause", b'{"by": ', "body.7", "not JSON"),
        ("pause", b"", "body", "required"),
        ("customers/search", {"by": PHONE, "value": PHONE}, "body.by", "'phone'"),
        ("customers/search", {"by": "phone", "value": 13900004321}, "body.value", "string"),
        ("customers/search", {"by": "phone", "value": PHONE * 20}, "body.value", "200"),
        ("tasks/tsk_0/done", {"outcome": PHONE}, "body.outcome", "'agreed'"),
        ("tasks/tsk_0/done", {"outcome": "agreed", "minutes": "x" + PHONE}, "body.minutes", "int"),
    ],
)  # fmt: skip
def test_a_wrong_body_is_named_by_field_and_rule_and_never_by_its_value(
    door, path: str, body: object, where: str, why: str
) -> None:
    found = _problem(_post(door, path, body), 422, "bad_input")

    assert [one["where"] for one in found["problems"]] == [where]
    assert why in found["problems"][0]["why"]


@pytest.mark.parametrize("body", [{}, {"by": ""}, {"by": "  "}])
def test_with_the_api_key_a_write_says_who_does_it(door, body: object) -> None:
    found = _problem(_post(door, "pause", body), 400, "bad_input")

    assert [one["where"] for one in found["problems"]] == ["by"]


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "1e9", PHONE, "%00"])
def test_a_wrong_limit_is_named(door, limit: str) -> None:
    answer = door.http.get(f"{PREFIX}/touches?limit={limit}", headers=door.key)

    assert _problem(answer, 422, "bad_input")["problems"][0]["where"] == "query.limit"


@pytest.mark.parametrize("path", ["/api/", "/api/x", f"{PREFIX}/nothing", f"/api/{PHONE}"])
def test_an_unknown_path_is_a_problem_in_words(door, path: str) -> None:
    assert "/docs" in _problem(door.http.get(path), 404, "not_found")["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("PUT", f"{PREFIX}/touches", "GET"), ("DELETE", f"{PREFIX}/events", "POST"),
     ("GET", "/hooks/webhook/receipts", "POST")],
)  # fmt: skip
def test_a_wrong_method_is_a_problem_that_names_the_right_one(
    door, method: str, path: str, allowed: str
) -> None:
    answer = door.http.request(method, path, headers=door.key)

    assert allowed in _problem(answer, 405, "method_not_allowed")["detail"]
    assert allowed in answer.headers["allow"]


def test_who_has_no_key_is_told_how_to_send_one(door) -> None:
    answer = door.http.get(f"{PREFIX}/touches")

    _problem(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("told", [True, False], ids=["length told", "in chunks"])
def test_a_body_that_is_too_large_is_refused_while_it_comes(door, told: bool) -> None:
    body = json.dumps({"text": "x" * (MOST_BYTES + 1)}).encode()
    sent = body if told else iter([body[:1000], *[body[1000:]] * 3])
    answer = door.http.post(f"{PREFIX}/journeys/check", content=sent, headers={**door.key, **JSON})

    assert "1024 KiB" in _problem(answer, 413, "too_large")["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "budget/rules", {"drop": {"caps": [{"days": 40_000}]}}),
        ("PUT", "approvals/limits", {"above_people": 2**31}),
        ("PUT", "approvals/limits", {"above_minor": 2**63}),
        ("POST", "staff/guide-1/off", {"since": "0001-01-01T00:00:00+14:00"}),
        ("POST", "staff/guide-1/off", {"until": "9999-12-31T23:59:59-12:00"}),
        ("GET", f"journeys/cascade/versions/{10**30}", None),
        ("GET", f"journeys/cascade/diff?old=1&new={10**30}", None),
    ],
)
def test_what_no_column_holds_is_refused_by_name(
    door, method: str, path: str, body: dict[str, Any] | None
) -> None:
    sent = None if body is None else {"by": "ana", **body}
    answer = door.http.request(method, f"{PREFIX}/{path}", json=sent, headers=door.key)

    assert _problem(answer, 422, "bad_input")["problems"]


def test_an_error_that_nobody_expected_tells_nothing_of_itself(
    door, capfd: pytest.CaptureFixture[str]
) -> None:
    made = make(door.app)

    def broken(name: str) -> None:
        raise ValueError(f"no place for {name}")

    made.get("/api/broken/{name}")(broken)
    with Served(made) as served:
        answer = httpx.get(f"{served.url}/api/broken/{PHONE}", trust_env=False)
    said = capfd.readouterr()

    _problem(answer, 500, "error")
    assert "ValueError" in said.out + said.err
    assert PHONE not in said.out + said.err
