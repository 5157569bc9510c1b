"""Who may call a route: each declares a permission; for now one API key holds them all."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from siyu.api.once import begin
from siyu.app import App
from siyu.kernel.errors import BadInput, Problem
from siyu.staff.model import Scope

Permission = Literal[
    "overview.read",
    "goal.write",
    "live.read",
    "customers.read",
    "customers.reveal",
    "customers.merge",
    "customers.consent",
    "customers.care",
    "touches.read",
    "touches.stop",
    "budget.read",
    "budget.write",
    "tasks.read",
    "tasks.work",
    "tasks.manage",
    "staff.read",
    "staff.manage",
    "journeys.read",
    "journeys.publish",
    "journeys.approve",
    "journeys.test",
    "parcels.read",
    "events.read",
    "events.write",
    "metrics.read",
    "ledger.read",
    "reports.read",
    "audit.read",
    "subscribers.read",
    "subscribers.write",
    "subscribers.reveal",
]

LOOPBACK = frozenset({"127.0.0.1", "::1"})
_bearer = HTTPBearer(auto_error=False, description="The API key of this installation.")


@dataclass(frozen=True)
class Caller:
    """Who asks: an account of staff, or whoever holds the API key (then `code` is empty)."""

    code: str
    may: frozenset[Permission]
    scope: Scope

    def actor(self, by: str = "") -> str:
        """Who does it, for the audit: the account; with the API key, whoever the body names."""
        if self.code:
            return self.code
        if not by.strip():
            raise BadInput("Say who does it.", (Problem("by", "write the account"),))
        return by


HOLDS_THE_KEY = Caller("", frozenset(get_args(Permission)), Scope())


def the_app(request: Request) -> App:
    """The wired application behind this request."""
    app: App = request.app.state.siyu
    return app


def _check(
    request: Request, found: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> None:
    request.state.caller = HOLDS_THE_KEY
    if _opened_to_this_machine(request):
        return
    key = the_app(request).settings.api_key
    if found is None or not hmac.compare_digest(found.credentials.encode(), key.encode()):
        raise HTTPException(
            401,
            "Send the API key as `Authorization: Bearer KEY`.",
            {"WWW-Authenticate": "Bearer"},
        )


def _opened_to_this_machine(request: Request) -> bool:
    """`/metrics`, where the settings say so: monitors rarely carry a key."""
    near = request.client is not None and request.client.host in LOOPBACK
    return near and request.url.path == "/metrics" and the_app(request).settings.open_metrics


# What these routes show in clear is kept nowhere, not even as an answer to be given again.
NEVER_KEPT: frozenset[Permission] = frozenset({"customers.reveal", "subscribers.reveal"})


async def _once(request: Request) -> None:
    request.state.app = await begin(request, the_app(request), may_keep=True)


async def _never_kept(request: Request) -> None:
    request.state.app = await begin(request, the_app(request), may_keep=False)


def needs(permission: Permission, *, once: bool = True, scoped: bool = False) -> dict[str, Any]:
    """Route arguments that declare and enforce a permission.

    `once`: an Idempotency-Key may name the write, which then is one transaction as a whole.
    `scoped`: the route takes TheCaller and its statements keep to `caller.scope`; every other route
    is refused to those who may not see the whole brand.
    """
    keeps = once and permission not in NEVER_KEPT
    return {
        "dependencies": [Depends(_check), Depends(_once if keeps else _never_kept)],
        "openapi_extra": {"x-permission": permission, "x-once": keeps, "x-scoped": scoped},
    }


def _app(request: Request) -> App:
    return getattr(request.state, "app", None) or the_app(request)


TheApp = Annotated[App, Depends(_app)]


def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


TheCaller = Annotated[Caller, Depends(_caller)]
