"""The API plane over HTTP, and the control plane that plays phones."""

from __future__ import annotations

import itertools
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from siyu.connectors.callbacks import Callbacks
from siyu.connectors.calling import FRESH, trusted
from siyu.kernel import signature
from siyu.kernel.errors import BadSignature

Fault = Literal[
    "refuse", "busy", "quota", "fail", "silent", "fail after effect", "hang up after effect",
    "silent after effect", "garbage after effect",
]  # fmt: skip
Contact = Mapping[str, Any]
OnCalls = Callable[[Sequence[Contact]], None]
OnCancel = Callable[[Sequence[str]], list[str]]
MOST = 1_000
WAITS = tuple(timedelta(minutes=2**n) for n in range(10))
CHINA = ZoneInfo("Asia/Shanghai")
_DOORS: Mapping[str, int] = {"refuse": 400, "busy": 429, "fail": 500}
_WINDOW = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")
_CODES = "ABCDEF"
_NAMES = dict(zip(_CODES, ("较强", "一般", "待筛选", "较少", "需再跟进", "无需跟进"), strict=True))


def _nothing(_: Sequence[Contact]) -> None:
    """Nobody listens."""


def _all(tokens: Sequence[str]) -> list[str]:
    return list(tokens)


@dataclass
class Placed:
    """A contact that was taken, and the call to it."""

    contact: Contact
    job: int
    record: int
    at: datetime
    state: str = "waiting"


class Service:
    """One account. `faults` are used up one per request, in order."""

    def __init__(
        self, secret: str, clock: Callable[[], datetime], hook: str = "", *, signs: bool = True
    ) -> None:
        self._secret = secret
        self._clock = clock
        self._signs = signs  # else the hook's address holds the secret
        self._on_calls: OnCalls = _nothing
        self._on_cancel: OnCancel = _all
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._http = httpx.HTTPTransport(limits=FRESH, verify=trusted())
        self.hook = hook  # …/hooks/voice_calls, or with its secret
        self.placed: dict[str, Placed] = {}  # by reference, in the order of arrival
        self.repeated: list[str] = []  # references that came again, and were not called again
        self.rejects: dict[str, str] = {}  # number → why it is refused
        self.blacklist: set[str] = set()
        self.outside: list[str] = []  # references that came when phones may not ring
        self.callbacks = Callbacks(self._push, WAITS, most=1)
        self.faults: deque[Fault] = deque()
        self.retry_after: int | None = None
        self.requests = 0
        self.app = Starlette(
            routes=[
                Route("/tasks", self._tasks, methods=["POST"]),
                Route("/tasks/cancel", self._cancel, methods=["POST"]),
                Route("/calls/query", self._query, methods=["POST"]),
            ]
        )

    def listen(self, on_calls: OnCalls, on_cancel: OnCancel = _all) -> None:
        """From now on tell what comes in, and ask what can still be stopped."""
        self._on_calls, self._on_cancel = on_calls, on_cancel

    @property
    def received(self) -> list[Placed]:
        """Every call that was ever taken, in order."""
        return list(self.placed.values())

    # ── The control plane ───────────────────────────────────────────────────────────────────────

    def finish(
        self,
        reference: str,
        status: str = "ANSWERED",
        *,
        seconds: int = 37,
        intent: str = "A",
        said: Iterable[str] = (),
        concerns: Iterable[str] = (),
        after: timedelta = timedelta(0),
    ) -> None:
        """The call is over; it is told `after` that."""
        placed, ended = self.placed[reference], self._clock()
        placed.state = "finished"
        answered = status == "ANSWERED"
        level = intent if answered else "F"
        data = {
            "tenantId": 1,
            "robotCallJobId": placed.job,
            "callRecordId": placed.record,
            "calledPhoneNumber": placed.contact["phoneNumber"],
            "customerPersonName": placed.contact.get("customerPersonName"),
            "resultStatus": status,
            "hangupBy": "REMOTE_HANGUP",
            "startTime": _stamp(ended - timedelta(seconds=seconds if answered else 0)),
            "endTime": _stamp(ended),
            "chatDuration": seconds if answered else 0,
            "chatRound": 3 if answered else 0,
            "intentLevel": level,
            "intentLevelCode": _CODES.index(level),
            "intentLevelDetailName": f"{level}({_NAMES[level]})",
            "customerConcern": list(concerns),
            "attributes": [],
            "analysisBasis": None,
            "fullAudioUrl": "https://records.invalid/full.wav" if answered else None,
            "redialTimes": 0,
            "properties": placed.contact["properties"],
            "callDetailList": [
                {"callDetailId": n, "type": "PERSON", "text": words} for n, words in enumerate(said)
            ],
        }
        self._tell("ROBOT_CALL_RECORD", data, ended + after)

    def grade(self, reference: str, intent: str, after: timedelta = timedelta(0)) -> None:
        """Somebody listens to the recording and grades the call otherwise."""
        placed = self.placed[reference]
        data = {
            "callOutJobId": placed.job,
            "callOutRecordId": placed.record,
            "intentLevelTagId": 928,
            "intentLevelCode": _CODES.index(intent),
            "intentLevelName": f"{intent}({_NAMES[intent]})",
            "properties": placed.contact["properties"],
        }
        self._tell("MANUAL_INTENT_CHANGE", data, self._clock() + after)

    def leave_out(self, reference: str, kind: str, reason: str) -> None:
        """The line does not call this contact."""
        placed, now = self.placed[reference], self._clock()
        placed.state = "finished"
        data = {
            "filteredRobotCallTaskId": placed.record,
            "robotCallJobId": placed.job,
            "calledPhoneNumber": placed.contact["phoneNumber"],
            "filterType": kind,
            "filterReason": reason,
            "properties": placed.contact["properties"],
            "createTime": _stamp(now),
        }
        self._tell("FILER_TASK", data, now)

    def deliver(self, now: datetime) -> int:
        """Post what is due; how many callbacks were heard."""
        return self.callbacks.deliver(now)

    def next_at(self) -> datetime | None:
        """When the next callback is due."""
        return self.callbacks.next_at()

    def _tell(self, kind: str, data: Mapping[str, Any], at: datetime) -> None:
        self.callbacks.add("callback", {"dataType": kind, "data": data}, at)

    def _push(self, path: str, items: list[Any]) -> bool:
        """Heard is the word `success`."""
        body = msgspec.json.encode(items[0])
        real = datetime.now(UTC)  # noqa: TID251 - a vendor has a clock of its own
        signed = signature.headers(self._secret, body, real) if self._signs else {}
        request = httpx.Request(
            "POST",
            f"{self.hook}/{path}",
            content=body,
            headers={"Content-Type": "application/json", **signed},
            extensions={"timeout": httpx.Timeout(10.0).as_dict()},
        )
        try:
            answer = self._http.handle_request(request)  # no client: it would log the address
            return answer.read() == b"success" and answer.status_code == 200
        except httpx.HTTPError:
            return False

    # ── The API plane ───────────────────────────────────────────────────────────────────────────

    async def _tasks(self, request: Request) -> Response:
        body = await self._verified(request)
        if isinstance(body, Response):
            return body
        fault = self.faults.popleft() if self.faults else None
        if fault in ("refuse", "busy", "fail"):
            return self._no(_DOORS[fault])
        if fault == "quota":
            return _json(402, None, "余额不足")
        if fault == "silent":
            return await _never(request)
        if len(body["contacts"]) > MOST:
            return self._no(413)
        with self._lock:
            answers, fresh = self._take(body)
        if fresh:
            self._on_calls(fresh)
        return await _told(request, fault, {"robotCallJobId": 1, "contacts": answers})

    def _take(self, body: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[Contact]]:
        job, now = next(self._numbers), self._clock()
        answers: list[dict[str, Any]] = []
        fresh: list[Contact] = []
        for contact in body["contacts"]:
            reference, phone = str(contact["referenceId"]), str(contact["phoneNumber"])
            known = self.placed.get(reference)
            if why := self._refuses(phone):
                answers.append({"referenceId": reference, "status": "rejected", "reason": why})
                continue
            if known is None or known.state == "cancelled":
                if not _open(body["callHours"], now):
                    self.outside.append(reference)
                known = Placed(contact, job, known.record if known else next(self._numbers), now)
                self.placed[reference] = known
                fresh.append(contact)
            else:
                self.repeated.append(reference)
            answers.append(
                {"referenceId": reference, "status": "accepted", "callId": f"c{known.record}"}
            )
        return answers, fresh

    def _refuses(self, phone: str) -> str:
        if phone in self.blacklist:
            return "BLACKLIST 命中黑名单"
        return self.rejects.get(phone, "")

    async def _cancel(self, request: Request) -> Response:
        body = await self._verified(request)
        if isinstance(body, Response):
            return body
        known = [
            one
            for one in body["referenceIds"]
            if one in self.placed and self.placed[one].state == "waiting"
        ]
        back = self._on_cancel(known)
        with self._lock:
            for one in back:
                self.placed[one].state = "cancelled"
        return _json(200, {"cancelled": back})

    async def _query(self, request: Request) -> Response:
        body = await self._verified(request)
        if isinstance(body, Response):
            return body
        calls = [
            {"referenceId": one, "status": known.state, "callId": f"c{known.record}"}
            if (known := self.placed.get(one))
            else {"referenceId": one, "status": "absent"}
            for one in body["referenceIds"]
        ]
        return _json(200, {"calls": calls})

    def _no(self, status: int) -> Response:
        said = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return Response(status_code=status, headers=said)

    async def _verified(self, request: Request) -> dict[str, Any] | Response:
        self.requests += 1
        body = await request.body()
        timestamp = request.headers.get(signature.TIMESTAMP, "")
        signed = request.headers.get(signature.SIGNATURE, "")
        try:
            signature.verify(self._secret, timestamp, signed, body, datetime.now(UTC))  # noqa: TID251 - a vendor has a clock of its own
        except BadSignature as error:
            return Response(str(error), status_code=401)
        return msgspec.json.decode(body, type=dict[str, Any])


def _open(hours: Mapping[str, str], now: datetime) -> bool:
    """Whether a task's own hours hold this moment, by China's clocks."""
    local = now.astimezone(CHINA)
    said = hours.get(local.date().isoformat(), "")
    return any(
        time.fromisoformat(start) <= local.time() < time.fromisoformat(end)
        for start, end in _WINDOW.findall(said)
    )


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


class _HangUp(Response):
    """The connection ends in the middle of an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        headers = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _told(request: Request, fault: Fault | None, data: Mapping[str, Any]) -> Response:
    """The answer, or what becomes of it after the effect."""
    if fault == "fail after effect":
        return Response(status_code=502)
    if fault == "hang up after effect":
        return _HangUp()
    if fault == "silent after effect":
        return await _never(request)
    if fault == "garbage after effect":
        return Response(b"<html>it works</html>")
    return _json(200, data)


async def _never(request: Request) -> Response:
    """No answer, until the other side has had enough."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response(status_code=504)


def _json(code: int, data: Any, words: str = "") -> Response:
    body = msgspec.json.encode({"code": code, "data": data, "msg": words})
    return Response(body, media_type="application/json")
