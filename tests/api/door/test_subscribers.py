"""Subscribers over HTTP, told by the worker's own tick; showing their secret is audited."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from siyu.api.http import PREFIX
from siyu.events.sweep import APPLIER
from siyu.kernel import signature
from siyu.sandbox.server import Served
from siyu.worker import tick

BY = {"by": "ana"}


class Told:
    """A system of the brand's that listens."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, dict[str, str]]] = []
        self.status = 200
        self.app = Starlette(routes=[Route("/erp", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.got.append((await request.body(), dict(request.headers)))
        return Response(status_code=self.status)


@pytest.fixture
def erp() -> Told:
    return Told()


@pytest.fixture
def inner(databases: Any, installed: Any, erp: Told) -> Iterator[Any]:
    """An installation that may tell inner networks."""
    with ExitStack() as held:
        found = held.enter_context(installed(subscribers_private=True))
        found.erp_url = held.enter_context(Served(erp.app)).url + "/erp"
        yield found


def _ask(door: Any, path: str, body: object | None = None, status: int = 200, key: str = "") -> Any:
    method = "GET" if body is None else "POST"
    named = {"Idempotency-Key": key} if key else {}
    answer = door.http.request(method, f"{PREFIX}/{path}", json=body, headers={**door.key, **named})
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_subscriber_is_added_tested_told_by_the_worker_and_removed(inner, erp: Told) -> None:
    one = _ask(inner, "subscribers", {"url": inner.erp_url, "kinds": ["order.paid"], **BY})
    secret = _ask(inner, f"subscribers/{one['id']}/reveal", {**BY, "reason": "set up"})["secret"]
    tested = _ask(inner, f"subscribers/{one['id']}/test", {})
    event = {
        "source": "shop", "id": "T1", "kind": "order.paid", "keys": {"phone": "13900004321"},
        "occurred_at": "2026-03-02T10:00:00+08:00", "person": {"name": "欧阳"},
        "data": {"shop": "s", "order_no": "T1", "currency": "CNY", "total_minor": 100},
    }  # fmt: skip
    inner.post(json.dumps([event]).encode())
    lock = inner.app.db.try_lock(APPLIER)
    with lock:
        did = tick(inner.app, inner.app.clock.now(), applier=lock).did
    inner.app.threads.shutdown(wait=True)
    listed = _ask(inner, "subscribers")
    _ask(inner, f"subscribers/{one['id']}/remove", BY)

    assert tested == {"status": 200, "error": ""}
    assert did["tell"] == 1
    body, headers = erp.got[1]
    signature.verify(
        secret, headers["x-siyu-timestamp"], headers["x-siyu-signature"], body,
        inner.app.clock.real(),
    )  # fmt: skip
    (told,) = json.loads(body)["events"]
    assert (told["kind"], told["data"]["order_no"]) == ("order.paid", "T1")
    assert _ask(inner, f"customers/{told['customer']}")["orders"]
    assert listed["subscribers"][0]["told_at"] is not None
    assert "13900004321" not in body.decode()
    assert "欧阳" not in body.decode()
    assert _ask(inner, "subscribers")["subscribers"] == []


def test_a_tick_without_subscribers_tells_nobody_and_asks_once(inner) -> None:
    with inner.app.db.counting() as seen:
        ticked = tick(inner.app, inner.app.clock.now())

    assert "tell" not in ticked.did
    assert len([one for one in seen if "subscriber" in one]) == 1  # a part of `due`


def test_a_door_that_refuses_is_said_in_words(inner, erp: Told) -> None:
    erp.status = 401
    one = _ask(inner, "subscribers", {"url": inner.erp_url, "kinds": [], **BY})

    assert _ask(inner, f"subscribers/{one['id']}/test", {}) == {
        "status": 401, "error": "answered with status 401"
    }  # fmt: skip


def test_by_default_no_inner_network_is_told(door) -> None:
    inner = {"url": "https://169.254.169.254/latest", "kinds": [], **BY}
    strange = {"url": "https://erp.example/", "kinds": ["order.dreamt"], **BY}

    assert "inner network" in _ask(door, "subscribers", inner, 400)["detail"]
    assert "order.dreamt" in _ask(door, "subscribers", strange, 400)["detail"]
    assert _ask(door, "subscribers")["subscribers"] == []


def test_the_secret_is_audited_and_not_kept_and_no_network_is_asked_in_a_transaction(door) -> None:
    new = {"url": "https://erp.example/", "kinds": [], **BY}
    one = _ask(door, "subscribers", new, key="s1")
    again = _ask(door, "subscribers", new, key="s1")
    path = f"subscribers/{one['id']}"
    why = {**BY, "reason": "set up"}
    _ask(door, f"{path}/reveal", why, 400, key="s2")
    _ask(door, f"{path}/test", {}, 400, key="s3")
    secret = _ask(door, f"{path}/reveal", why)["secret"]
    _ask(door, f"{path}/reveal", {**BY, "reason": ""}, 422)
    _ask(door, f"{path}/reveal", {**BY, "reason": "  "}, 422)

    assert again == one
    assert [two["id"] for two in _ask(door, "subscribers")["subscribers"]] == [one["id"]]
    assert len(secret) == 64
    assert secret not in json.dumps(_ask(door, "subscribers"))
    audited = door.app.db.fetch("select actor, action, object, reason from audit order by id")
    assert audited[-1] == ("ana", "subscriber.reveal", one["id"], "set up")
    for act in ("resume", "remove"):
        _ask(door, f"{path}/{act}", BY)
    assert _ask(door, f"{path}/test", {}, 404)["code"] == "not_found"
