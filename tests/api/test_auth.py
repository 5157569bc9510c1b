"""Every route declares who may call it, and refuses whoever can't show that they may."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from siyu.api.auth import Permission, _caller
from siyu.api.http import PREFIX, ROUTERS, make
from siyu.journeys.actions.approve import APPROVERS
from siyu.staff.model import PERMISSIONS, ROLES

SIGNED = {"/api/v1/events", "/hooks/{connector}/{rest:path}"}
WAYS = f"{PREFIX}/session/ways"  # to sign in: shown to whoever has not
OWN = {f"{PREFIX}/session", f"{PREFIX}/session/password", WAYS}  # one's own: without a permission
# the brand's words, an address of our own: of no customer
OF_NOBODY = {f"{PREFIX}/customers/tags", f"{PREFIX}/names", f"{PREFIX}/pages/signed"}
# the page behind a link in a text: whoever has the state may follow it; where one signs in
OPEN = {"/healthz", "/openapi.json", "/docs", "/docs/oauth2-redirect", "/a/{state}", "/l/{letters}",
        "/a/claim/{token}", "/auth/{connector}", "/auth/{connector}/back", "/p/{code}",
        "/p/{code}/{token}"}  # fmt: skip


def _of(router: APIRouter) -> list[APIRoute]:
    return [route for route in router.routes if isinstance(route, APIRoute)]


ROUTES = [
    (method, PREFIX + route.path, route)
    for router in ROUTERS
    for route in _of(router)
    for method in sorted(route.methods or ())
]


def _called(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "webhook", path)


def test_no_route_escapes_this_page() -> None:
    served = {path for route in make(_none()).routes if (path := getattr(route, "path", None))}

    assert served == SIGNED | OPEN
    assert len(ROUTES) > 15


def _none() -> Any:
    return None


@pytest.mark.parametrize(("method", "path", "route"), ROUTES, ids=lambda one: str(one)[:60])
def test_every_route_declares_a_permission_that_is_known(
    method: str, path: str, route: APIRoute
) -> None:
    extra = route.openapi_extra or {}
    if path in OWN:
        return

    assert extra.get("x-permission") in get_args(Permission)
    assert any(needed.dependency.__name__ == "_check" for needed in route.dependencies)  # type: ignore[union-attr]


def test_every_permission_guards_something() -> None:
    used = {
        (route.openapi_extra or {}).get("x-permission")
        for _, path, route in ROUTES
        if path not in OWN
    }

    assert used | {"metrics.read"} == set(get_args(Permission))  # that one: test_metrics.py


def test_every_permission_belongs_to_a_role() -> None:
    given = frozenset[str]().union(*PERMISSIONS.values())
    known = set(get_args(Permission))

    assert given - known == set(), "say it in `Permission` of api/auth.py, and guard a route by it"
    assert known - given == set(), "give it to the roles that shall have it, in staff/model.py"
    assert PERMISSIONS["owner"] == known, "the owner has them all"


def test_roles_may_what_their_work_is_and_no_more() -> None:
    changes = {one for one in get_args(Permission) if not one.endswith(".read")}

    assert PERMISSIONS["auditor"] & changes == set()
    assert PERMISSIONS["guide"].isdisjoint(
        {"budget.read", "budget.write", "journeys.publish", "staff.manage", "customers.reveal"}
    )
    assert {role for role in ROLES if "journeys.approve" in PERMISSIONS[role]} == APPROVERS


@pytest.mark.parametrize(("method", "path", "route"), ROUTES, ids=lambda one: str(one)[:60])
def test_a_route_for_narrower_scopes_knows_who_asks(
    method: str, path: str, route: APIRoute
) -> None:
    scoped = bool((route.openapi_extra or {}).get("x-scoped")) and path not in OF_NOBODY
    taken = {one.call for one in route.dependant.dependencies}

    assert not scoped or _caller in taken, "take `caller: TheCaller` and keep to its scope"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer wrong-key", "Basic {key}", "{key}", "Bearer {key}x", "Bearer 密钥"],
)
def test_without_the_key_every_route_refuses_before_it_looks_at_anything(
    story, header: str
) -> None:
    sent = header.format(key=story.app.settings.api_key).encode()
    answers = [
        story.http.request(
            method,
            _called(path),
            content=b"{}" if method == "POST" else None,
            headers={b"Authorization": sent, b"Content-Type": b"application/json"},
        )
        for method, path, _ in ROUTES
        if (method, path) not in (("POST", f"{PREFIX}/session"), ("GET", WAYS))  # to sign in
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert {answer.json()["code"] for answer in answers} == {"unauthorized"}


@pytest.mark.parametrize(
    "path", ["/api/v1/events", "/hooks/webhook/receipts", "/hooks/webhook/x/y"]
)
def test_the_api_key_does_not_open_a_signed_door(story, path: str) -> None:
    answer = story.ask("POST", path, {"events": []})

    assert answer.status_code == 401
    assert answer.json()["code"] == "bad_signature"
