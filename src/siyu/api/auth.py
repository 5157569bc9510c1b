"""Who may call a route: each declares a permission; for now one API key holds them all."""

from __future__ import annotations

import hmac
from typing import Annotated, Any, Literal

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from siyu.app import App

Permission = Literal[
    "customers.read",
    "customers.reveal",
    "touches.read",
    "touches.stop",
    "tasks.read",
    "tasks.work",
    "journeys.read",
    "journeys.publish",
    "parcels.read",
    "events.read",
    "events.write",
]

_bearer = HTTPBearer(auto_error=False, description="The API key of this installation.")


def the_app(request: Request) -> App:
    """The wired application behind this request."""
    app: App = request.app.state.siyu
    return app


def _check(
    request: Request, found: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> None:
    key = the_app(request).settings.api_key
    if found is None or not hmac.compare_digest(found.credentials.encode(), key.encode()):
        raise HTTPException(
            401,
            "Send the API key as `Authorization: Bearer KEY`.",
            {"WWW-Authenticate": "Bearer"},
        )


def needs(permission: Permission) -> dict[str, Any]:
    """Route arguments that declare and enforce a permission."""
    return {"dependencies": [Depends(_check)], "openapi_extra": {"x-permission": permission}}


TheApp = Annotated[App, Depends(the_app)]
