"""The engine as the world sees it: its HTTP API, over one connection that is kept open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from siyu.kernel.errors import SiyuError
from siyu.kernel.signature import headers

MOST_EVENTS = 5_000
MOST_RECEIPTS = 500
_PAGE = 500


class Answer(Struct):
    """What ingest said about one event."""

    id: str
    status: str
    reason: str | None = None


class Decision(Struct):
    """What the engine wants in one parcel."""

    parcel_no: str
    content: str
    gift: str | None = None
    card: str | None = None
    card_link: str | None = None
    reason: str | None = None


class Task(Struct):
    """One thing on a guide's list, as the list shows it."""

    id: str
    kind: str
    staff: str
    due_at: datetime
    script: str = ""
    link: str | None = None
    step: str | None = None
    touch: str = ""
    shop: str = ""
    order_no: str = ""


class Revealed(Struct):
    """Whom a task is about, shown to the guide who does it."""

    phone: str | None
    name: str | None = None


class _Answers(Struct):
    answers: list[Answer]


class _Parcels(Struct):
    parcels: list[Decision]
    next: str | None = None


class _Tasks(Struct):
    tasks: list[Task]


class _Problem(Struct):
    detail: str = ""


class Refusal(SiyuError):
    """The engine refused a request of the sandbox."""

    code = "sandbox_refused"
    zh = "引擎拒绝了沙盒的请求。"

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        super().__init__(detail)


class Api:
    """Calls on the engine, signed and keyed as a stranger's would be."""

    def __init__(self, url: str, api_key: str, ingest_secret: str, hook_secret: str) -> None:
        parts = urlsplit(url)
        self._http = HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=60)
        self._bearer = {"Authorization": f"Bearer {api_key}"}
        self._ingest_secret = ingest_secret
        self._hook_secret = hook_secret

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def events(self, events: Sequence[Mapping[str, object]]) -> list[Answer]:
        """Tell what happened; one POST for up to 5,000 events."""
        found: list[Answer] = []
        for start in range(0, len(events), MOST_EVENTS):
            body = msgspec.json.encode({"events": events[start : start + MOST_EVENTS]})
            answer = self._signed("/api/v1/events", body, self._ingest_secret)
            found.extend(msgspec.json.decode(answer, type=_Answers).answers)
        return found

    def receipts(self, receipts: Sequence[Mapping[str, object]]) -> list[Answer]:
        """The provider's reports."""
        found: list[Answer] = []
        for start in range(0, len(receipts), MOST_RECEIPTS):
            body = msgspec.json.encode(receipts[start : start + MOST_RECEIPTS])
            answer = self._signed("/hooks/webhook/receipts", body, self._hook_secret)
            found.extend(msgspec.json.decode(answer, type=_Answers).answers)
        return found

    def parcels(self, after: str | None) -> tuple[list[Decision], str | None]:
        """Every decision frozen since the cursor, and the cursor to go on from."""
        found: list[Decision] = []
        while True:
            cursor = f"&after={quote(after)}" if after else ""
            path = f"/api/v1/parcels?limit={_PAGE}{cursor}"
            page = msgspec.json.decode(self._call("GET", path), type=_Parcels)
            found.extend(page.parcels)
            after = page.next or after
            if len(page.parcels) < _PAGE:
                return found, after

    def follow(self, path: str) -> str:
        """Where the page behind a link sends people."""
        response, answer = self._again("GET", path, None, {})
        if response.status != 302:
            raise Refusal(response.status, self._why("GET", path, response.status, answer))
        return response.headers["Location"]

    def tasks(self) -> list[Task]:
        """What is open on the guides' lists."""
        path = f"/api/v1/tasks?state=open&limit={_PAGE}"
        return msgspec.json.decode(self._call("GET", path), type=_Tasks).tasks

    def reveal(self, task: str, by: str) -> Revealed | None:
        """Phone and name behind a task; None when it is no longer open."""
        body = msgspec.json.encode({"by": by, "reason": "to do this task"})
        try:
            answer = self._call("POST", f"/api/v1/tasks/{quote(task)}/reveal", body)
        except Refusal as refusal:
            if refusal.status in {404, 409, 410}:
                return None
            raise
        return msgspec.json.decode(answer, type=Revealed)

    def done(self, task: str, outcome: str, minutes: int, staff: str, at: datetime) -> bool:
        """Report a task as done; False when the engine had closed it meanwhile."""
        body = msgspec.json.encode(
            {"outcome": outcome, "minutes": minutes, "staff": staff, "occurred_at": at.isoformat()}
        )
        try:
            self._call("POST", f"/api/v1/tasks/{quote(task)}/done", body)
        except Refusal as refusal:
            if refusal.status == 409:
                return False
            raise
        return True

    def ask(self, path: str) -> Any:
        """What the engine answers to whoever asks for this."""
        return msgspec.json.decode(self._call("GET", path))

    def say(self, method: str, path: str, said: object) -> Any:
        """What an operator enters there, and the engine's answer."""
        return msgspec.json.decode(self._call(method, path, msgspec.json.encode(said)))

    def _signed(self, path: str, body: bytes, secret: str) -> bytes:
        return self._call("POST", path, body, headers(secret, body, datetime.now(UTC)))

    def _call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        more: Mapping[str, str] | None = None,
    ) -> bytes:
        sent = {"Content-Type": "application/json", **(more or self._bearer)}
        response, answer = self._again(method, path, body, sent)
        if response.status >= 400:
            raise Refusal(response.status, self._why(method, path, response.status, answer))
        return answer

    def _again(
        self, method: str, path: str, body: bytes | None, sent: Mapping[str, str]
    ) -> tuple[HTTPResponse, bytes]:
        """A connection kept open may have been closed by the other side; events and receipts carry
        ids, so saying them again changes nothing."""
        try:
            return self._exchange(method, path, body, sent)
        except (HTTPException, ConnectionError):
            self._http.close()
            return self._exchange(method, path, body, sent)

    def _exchange(
        self, method: str, path: str, body: bytes | None, sent: Mapping[str, str]
    ) -> tuple[HTTPResponse, bytes]:
        self._http.request(method, path, body=body, headers=dict(sent))
        response = self._http.getresponse()
        return response, response.read()

    @staticmethod
    def _why(method: str, path: str, status: int, answer: bytes) -> str:
        try:
            detail = msgspec.json.decode(answer, type=_Problem).detail
        except msgspec.DecodeError:
            detail = ""
        return f"the engine answered {status} to {method} {path.partition('?')[0]}: {detail}"
