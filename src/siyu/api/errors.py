"""What an error of ours is over HTTP: a problem+json body with a stable code, never a trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

from siyu.api.language import asked, language
from siyu.api.validated import why
from siyu.kernel.errors import (
    BadInput,
    BadSignature,
    Broken,
    Busy,
    Forbidden,
    KeyReused,
    NotFound,
    Problem,
    Refused,
    SiyuError,
    Throttled,
    TooLarge,
    Unknown,
)
from siyu.kernel.sentence import Language, Sentence, within

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
OURS = Sentence(
    "Something went wrong on our side; it has been logged.", "我们这边出错了，已记入日志。"
)
RETRY_SECONDS = 2  # after 429 and 503
MOST_BYTES = 1024 * 1024  # of a body at any door but the two for facts, which count for themselves

# What the framework says itself, by status: the code, and words where its own say too little.
PLAIN: Mapping[int, tuple[str, str]] = {
    401: ("unauthorized", ""),
    403: ("forbidden", ""),
    404: (
        "not_found",
        Sentence(
            "There is nothing at this path; /docs lists what there is.",
            "这个路径下什么都没有；/docs 列出了所有路径。",
        ),
    ),
    413: ("too_large", ""),
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
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
    *,
    locale: Language = "en",
) -> JSONResponse:
    """RFC 9457 body; what people read of it in their language."""
    body: dict[str, object] = {
        "type": f"siyu:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": within(locale, detail),
    }
    if problems:
        body["problems"] = [
            {
                "where": within(locale, one.where),
                "why": within(locale, one.why),
                "line": one.line,
            }
            for one in problems
        ]
    said = {**(headers or {}), "Content-Language": locale, "Vary": "Accept-Language"}
    return JSONResponse(body, status, said, media_type="application/problem+json")


def siyu_error(error: SiyuError, locale: Language = "en") -> JSONResponse:
    """The answer to one of our own errors."""
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    seconds = error.seconds if isinstance(error, Throttled) else RETRY_SECONDS
    again = {"Retry-After": str(seconds)} if status in (429, 503) else None
    return problem(status, error.code, error.detail, error.problems, again, locale=locale)


def invalid(error: RequestValidationError, locale: Language = "en") -> JSONResponse:
    """What the framework found wrong in a request: each place, and why in words."""
    places = [
        Problem(".".join(str(part) for part in found["loc"]), why(found))
        for found in error.errors()
    ]
    words = Sentence("The request does not have the expected form.", "请求的格式不对。")
    return problem(422, "bad_input", words, places, locale=locale)


def plain(error: HTTPException, locale: Language = "en") -> JSONResponse:
    """What the framework refuses by itself: no such path, no such method, no key."""
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allow = headers.get("Allow", "another method")
        words = Sentence(f"This path takes only {allow}.", f"这个路径只接受 {allow}。")
        return problem(405, "method_not_allowed", words, headers=headers, locale=locale)
    code, detail = PLAIN.get(error.status_code, ("error", ""))
    words = detail or error.detail
    return problem(error.status_code, code, words, headers=headers, locale=locale)


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
                locale = asked(Headers(scope=scope).get("accept-language", ""))
                await problem(500, "error", OURS, locale=locale)(scope, receive, send)


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
            most = MOST_BYTES // 1024
            raise HTTPException(
                413,
                Sentence(f"a body may have at most {most} KiB here", f"内容最多 {most} KiB"),
            )
        return message

    return receiving


def install(api: FastAPI, unbounded: tuple[str, ...]) -> None:
    """Every error leaves as problem+json. `unbounded` paths bound their bodies as hooks do."""

    async def ours(request: Request, error: Exception) -> JSONResponse:
        return siyu_error(cast("SiyuError", error), language(request))

    async def form(request: Request, error: Exception) -> JSONResponse:
        return invalid(cast("RequestValidationError", error), language(request))

    async def http(request: Request, error: Exception) -> JSONResponse:
        return plain(cast("HTTPException", error), language(request))

    api.add_exception_handler(SiyuError, ours)
    api.add_exception_handler(RequestValidationError, form)
    api.add_exception_handler(HTTPException, http)
    api.add_middleware(Guard, unbounded=unbounded)
