"""A provider that speaks this connector's wire: for the sandbox and for tests.

It honours `id` as the idempotency token: a message sent twice reaches the phone once.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from siyu.connectors.webhook.wire import MOST
from siyu.kernel import signature
from siyu.kernel.errors import BadSignature

Fault = Literal[
    "refuse", "busy", "fail", "silent", "fail after effect", "hang up after effect",
    "silent after effect", "garbage after effect",
]  # fmt: skip
LAST = 50  # shown of what was received
Sent = Mapping[str, Any]


def _nothing(_: Sequence[Sent]) -> None:
    """Nobody listens."""


def _all(tokens: Sequence[str]) -> list[str]:
    return list(tokens)


class Provider:
    """What a provider keeps. `faults` are used up one per request, in order."""

    def __init__(
        self,
        secret: str,
        on_messages: Callable[[Sequence[Sent]], None] = _nothing,
        on_cancel: Callable[[Sequence[str]], list[str]] = _all,
    ) -> None:
        self._secret = secret
        self._on_messages = on_messages
        self._on_cancel = on_cancel
        self._lock = threading.Lock()
        self.taken: dict[str, Sent] = {}  # by token, in the order of arrival
        self._back: set[str] = set()  # called back: they may be handed over again
        self.repeated: list[str] = []  # tokens that came again, and were not sent again
        self.rejects: dict[str, str] = {}  # phone → why it is refused
        self.faults: deque[Fault] = deque()
        self.down: int | None = None  # an outage: what every request is answered with
        self.retry_after: int | None = None  # what an answer that is none says of it
        self.requests = 0
        self.channels: Counter[str] = Counter()  # hand-overs ever, those that came back included
        self.app = Starlette(
            routes=[
                Route("/messages", self._messages, methods=["POST"]),
                Route("/cancel", self._cancel, methods=["POST"]),
                Route("/query", self._query, methods=["POST"]),
                Route("/received", self._received, methods=["GET"]),
            ]
        )

    def listen(
        self,
        on_messages: Callable[[Sequence[Sent]], None],
        on_cancel: Callable[[Sequence[str]], list[str]],
    ) -> None:
        """From now on tell these what comes in."""
        self._on_messages, self._on_cancel = on_messages, on_cancel

    async def _messages(self, request: Request) -> Response:
        body = await self._verified(request)
        if isinstance(body, Response):
            return body
        if len(body["messages"]) > MOST:
            return Response(status_code=413)
        fault = self.faults.popleft() if self.faults else None
        if fault in ("refuse", "fail", "busy"):
            return self._no({"refuse": 400, "fail": 500, "busy": 429}[fault])
        if fault == "silent":
            return await _never(request)
        with self._lock:
            answers, fresh = self._take(body["messages"])
        if fresh:
            self._on_messages(fresh)
        return await _told(request, fault, _json({"results": answers}))

    def _take(self, messages: Sequence[Sent]) -> tuple[list[dict[str, str]], list[Sent]]:
        answers: list[dict[str, str]] = []
        fresh: list[Sent] = []
        for message in messages:
            token = str(message["id"])
            if why := self.rejects.get(str(message["to"])):
                answers.append({"id": token, "status": "rejected", "reason": why})
                continue
            if token in self.taken and token not in self._back:
                self.repeated.append(token)
            else:
                self._back.discard(token)
                self.taken[token] = message
                fresh.append(message)
                self.channels[str(message["channel"])] += 1
            answers.append({"id": token, "status": "accepted", "vendor_id": f"v-{token}"})
        return answers, fresh

    async def _cancel(self, request: Request) -> Response:
        body = await self._verified(request)
        if isinstance(body, Response):
            return body
        known = [token for token in body["ids"] if token in self.taken]
        back = self._on_cancel(known)
        with self._lock:
            self._back.update(back)
        return _json({"cancelled": back})

    async def _query(self, request: Request) -> Response:
        body = await self._verified(request)
        if isinstance(body, Response):
            return body
        found = [
            {"id": token, "status": "accepted" if token in self.taken else "absent"}
            for token in body["ids"]
        ]
        return _json({"found": found})

    async def _received(self, _: Request) -> Response:
        """For whoever wants to see it from outside: how many hand-overs ever, by channel, and the
        last of them. No number and no text."""
        with self._lock:
            last = list(self.taken.values())[-LAST:]
            channels, received = dict(self.channels), self.channels.total()
        shown = [{"id": m["id"], "channel": m["channel"], **m["reference"]} for m in last]
        return _json({"received": received, "by_channel": channels, "last": shown})

    def _no(self, status: int) -> Response:
        said = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return Response(status_code=status, headers=said)

    async def _verified(self, request: Request) -> dict[str, Any] | Response:
        self.requests += 1
        body = await request.body()
        if self.down is not None:
            return self._no(self.down)
        timestamp = request.headers.get(signature.TIMESTAMP, "")
        signed = request.headers.get(signature.SIGNATURE, "")
        try:
            signature.verify(self._secret, timestamp, signed, body, datetime.now(UTC))  # noqa: TID251 - a provider has a clock of its own
        except BadSignature as error:
            return Response(str(error), status_code=401)
        return msgspec.json.decode(body, type=dict[str, Any])


class _HangUp(Response):
    """The connection ends in the middle of an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        headers = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _told(request: Request, fault: Fault | None, answer: Response) -> Response:
    """The answer, or what becomes of it after the effect."""
    if fault == "fail after effect":
        answer.status_code = 502
    if fault == "hang up after effect":
        return _HangUp()
    if fault == "silent after effect":
        return await _never(request)
    if fault == "garbage after effect":
        return Response(b"<html>it works</html>")
    return answer


async def _never(request: Request) -> Response:
    """No answer, until the other side has had enough."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response(status_code=504)


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
