"""What an error of ours is over HTTP: a problem+json body with a stable code, never a trace."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from siyu.kernel.errors import (
    BadInput,
    BadSignature,
    Broken,
    Busy,
    Forbidden,
    KeyReused,
    NotFound,
    Refused,
    SiyuError,
    Throttled,
    TooLarge,
    Unknown,
)

log = structlog.get_logger(__name__)

STATUS: tuple[tuple[type[SiyuError], int], ...] = (
    (BadSignature, 401),
    (TooLarge, 413),
    (KeyReused, 422),
    (BadInput, 400),
    (NotFound, 404),
    (Unknown, 401),
    (Forbidden, 403),
    (Refused, 409),
    (Busy, 429),
    (Broken, 503),
    (SiyuError, 500),
)
RETRY_SECONDS = 2  # after 429 and 503
MOST_BYTES = 1024 * 1024  # of a body at any door but the two for facts, which count for themselves

# What the framework says itself, by status: the code, and words where its own say too little.
PLAIN: Mapping[int, tuple[str, str]] = {
    401: ("unauthorized", ""),
    403: ("forbidden", ""),
    404: ("not_found", "There is nothing at this path; /docs lists what there is."),
    405: ("method_not_allowed", "This path takes only {allow}."),
    413: ("too_large", ""),
}
# Words of the validator that speak of machinery: ours instead.
SAID: Mapping[str, str] = {
    "missing": "is required",
    "timezone_aware": "needs an offset; add +08:00 or Z",
    "string_pattern_mismatch": "holds characters that can't be used here",
    "json_invalid": "is not JSON",
    "dataclass_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
}

# The part of every refusal in the OpenAPI document.
OPENAPI: dict[str, Any] = {
    "description": (
        "A problem (RFC 9457). `code` is stable and meant for programs, `detail` for people; "
        "`problems` names each field and what is wrong with it, and never repeats a value."
    ),
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "code", "detail"],
                "properties": {
                    "type": {"type": "string", "description": "`siyu:` and the code."},
                    "title": {"type": "string", "description": "The status in words."},
                    "status": {"type": "integer"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "problems": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["where", "why"],
                            "properties": {
                                "where": {"type": "string"},
                                "why": {"type": "string"},
                                "line": {"type": ["integer", "null"]},
                            },
                        },
                    },
                },
            },
            "example": {
                "type": "siyu:bad_input",
                "title": "Unprocessable Content",
                "status": 422,
                "code": "bad_input",
                "detail": "The request does not have the expected form.",
                "problems": [{"where": "body.by", "why": "is required"}],
            },
        }
    },
}


def problem(
    status: int,
    code: str,
    detail: str,
    problems: list[dict[str, object]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """RFC 9457 body."""
    body: dict[str, object] = {
        "type": f"siyu:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if problems:
        body["problems"] = problems
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def siyu_error(error: SiyuError) -> JSONResponse:
    """The answer to one of our own errors."""
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    places: list[dict[str, object]] = [
        {"where": p.where, "why": p.why, "line": p.line} for p in error.problems
    ]
    seconds = error.seconds if isinstance(error, Throttled) else RETRY_SECONDS
    again = {"Retry-After": str(seconds)} if status in (429, 503) else None
    return problem(status, error.code, error.detail, places, again)


def invalid(error: RequestValidationError) -> JSONResponse:
    """What the framework found wrong in a request: each place, and why in words."""
    places: list[dict[str, object]] = [
        {"where": ".".join(str(part) for part in found["loc"]), "why": _why(found)}
        for found in error.errors()
    ]
    return problem(422, "bad_input", "The request does not have the expected form.", places)


def _why(found: Mapping[str, Any]) -> str:
    """The validator's words, which name the rule; what is said of a value never quotes it."""
    said = SAID.get(found["type"])
    return said or str(found["msg"]).replace("Input should", "should")


def plain(error: HTTPException) -> JSONResponse:
    """What the framework refuses by itself: no such path, no such method, no key."""
    code, words = PLAIN.get(error.status_code, ("error", ""))
    headers = dict(error.headers or {})
    detail = words.format(allow=headers.get("Allow", "another method")) or str(error.detail)
    return problem(error.status_code, code, detail, headers=headers)


class Guard:
    """Around everything: a body that is too large is refused while it comes, and an error that
    nobody expected leaves as a problem. Its text may quote what was sent: only its class is logged.
    """

    def __init__(self, app: ASGIApp, unbounded: tuple[str, ...]) -> None:
        self._app = app
        self._unbounded = unbounded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        path = scope["path"]
        free = path in self._unbounded or path.startswith("/hooks/")
        try:
            await self._app(scope, receive if free else _counted(scope, receive), sending)
        except ClientDisconnect:
            return  # nobody is there to answer
        except Exception as error:  # noqa: BLE001 - the last place where one can be caught
            log.error("request failed", path=_route(scope), error=type(error).__name__)  # noqa: TRY400 - no trace: it quotes values
            if not begun:
                words = "Something went wrong on our side; it has been logged."
                await problem(500, "error", words)(scope, receive, send)


def _route(scope: Scope) -> str:
    """The route's own path, since what was really asked may name somebody."""
    return str(getattr(scope.get("route"), "path", "no route"))


def _counted(scope: Scope, receive: Receive) -> Receive:
    size = 0
    told = Headers(scope=scope).get("content-length", "")
    large = told.isascii() and told.isdigit() and int(told[:20]) > MOST_BYTES

    async def receiving() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if large or size > MOST_BYTES:
            # this class, since the framework makes a 400 of any other while it reads a body
            raise HTTPException(413, f"a body may have at most {MOST_BYTES // 1024} KiB here")
        return message

    return receiving


def install(api: FastAPI, unbounded: tuple[str, ...]) -> None:
    """Every error leaves as problem+json. `unbounded` paths bound their bodies as hooks do."""

    async def ours(_: Request, error: Exception) -> JSONResponse:
        return siyu_error(cast("SiyuError", error))

    async def form(_: Request, error: Exception) -> JSONResponse:
        return invalid(cast("RequestValidationError", error))

    async def http(_: Request, error: Exception) -> JSONResponse:
        return plain(cast("HTTPException", error))

    api.add_exception_handler(SiyuError, ours)
    api.add_exception_handler(RequestValidationError, form)
    api.add_exception_handler(HTTPException, http)
    api.add_middleware(Guard, unbounded=unbounded)
