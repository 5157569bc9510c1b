"""What an error of ours is over HTTP: a problem+json body with a stable code, never a trace."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from siyu.kernel.errors import (
    BadInput,
    BadSignature,
    Broken,
    NotFound,
    Refused,
    SiyuError,
    TooLarge,
)

log = structlog.get_logger(__name__)

STATUS: tuple[tuple[type[SiyuError], int], ...] = (
    (BadSignature, 401),
    (TooLarge, 413),
    (BadInput, 400),
    (NotFound, 404),
    (Refused, 409),
    (Broken, 503),
    (SiyuError, 500),
)


# The part of every refusal in the OpenAPI document.
OPENAPI: dict[str, Any] = {
    "description": "A problem (RFC 9457) with a stable `code` and words for a person.",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "status", "code", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "status": {"type": "integer"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "problems": {"type": "array", "items": {"type": "object"}},
                },
            }
        }
    },
}


def problem(status: int, code: str, detail: str, problems: list[dict[str, object]]) -> JSONResponse:
    """RFC 9457 body."""
    body: dict[str, object] = {
        "type": f"siyu:{code}",
        "status": status,
        "code": code,
        "detail": detail,
    }
    if problems:
        body["problems"] = problems
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def siyu_error(error: SiyuError) -> JSONResponse:
    """The answer to one of our own errors."""
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    places: list[dict[str, object]] = [
        {"where": p.where, "why": p.why, "line": p.line} for p in error.problems
    ]
    return problem(status, error.code, error.detail, places)


def install(api: FastAPI) -> None:
    """Every error leaves as problem+json."""

    async def ours(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, SiyuError)  # noqa: S101 - registered for this class only
        return siyu_error(error)

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
        places: list[dict[str, object]] = [
            {"where": ".".join(str(part) for part in found["loc"]), "why": found["msg"]}
            for found in error.errors()
        ]
        return problem(422, "bad_input", "The request does not have the expected form.", places)

    async def plain(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - as above
        codes = {401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed"}
        code = codes.get(error.status_code, "error")
        return problem(error.status_code, code, str(error.detail), [])

    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        # The exception's text may quote what was sent, so only its class is logged.
        log.error("request failed", path=request.url.path, error=type(error).__name__)
        return problem(500, "error", "Something went wrong on our side; it has been logged.", [])

    api.add_exception_handler(SiyuError, ours)
    api.add_exception_handler(RequestValidationError, invalid)
    api.add_exception_handler(HTTPException, plain)
    api.add_exception_handler(Exception, unexpected)
