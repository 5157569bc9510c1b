"""The callbacks: sealed, signed and posted, with the retries that WeCom makes and no more."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal

import httpx

from siyu.connectors.calling import trusted
from siyu.connectors.wecom.fake.state import App
from siyu.connectors.wecom.wire import crypto, xml

PATIENCE = 5.0  # seconds for an answer
VERIFYING = 1.0  # seconds for the answer to a verification
RETRIES = 3
RETRY_AFTER = timedelta(seconds=5)
DELAY = timedelta(seconds=60)  # of a callback that is late
Fault = Literal["duplicate", "drop", "late", "bad signature", "other corp", "tampered"]


@dataclass(frozen=True)
class Callback:
    """One event on its way to one app."""

    app: App
    values: dict[str, str]
    due_at: datetime
    number: int
    tries: int = 0


class Post:
    """What waits to be called back. `faults` are used up one per callback, as they are queued."""

    def __init__(self, corpid: str) -> None:
        self._corpid = corpid
        self._waiting: list[Callback] = []
        self._count = 0
        self.faults: deque[Fault] = deque()
        self.shuffled = False  # the latest first
        self.retry_on_status = False  # older texts: any status but 200 is a failure, too
        self.patience = PATIENCE
        self.lost: list[dict[str, str]] = []  # given up after the last retry
        self.answered: list[tuple[int, float]] = []  # status, seconds

    def queue(self, apps: Iterable[App], values: dict[str, str], now: datetime) -> None:
        """Have it called back to these apps."""
        for app in apps:
            fault = self.faults.popleft() if self.faults else None
            if fault == "drop":
                self.lost.append(values)
                continue
            self._count += 1
            at = now + (DELAY if fault == "late" else timedelta(0))
            one = Callback(app, self._spoilt(values, fault), at, self._count)
            self._waiting.append(one)
            if fault == "duplicate":
                self._count += 1
                self._waiting.append(replace(one, number=self._count))

    def next_at(self) -> datetime | None:
        """When the next one is due."""
        return min((one.due_at for one in self._waiting), default=None)

    def deliver(self, now: datetime) -> int:
        """Post what is due; how many were taken."""
        due = sorted(
            (one for one in self._waiting if one.due_at <= now),
            key=lambda one: one.number,
            reverse=self.shuffled,
        )
        self._waiting = [one for one in self._waiting if one.due_at > now]
        with httpx.Client(timeout=self.patience, trust_env=False, verify=trusted()) as http:
            return sum(self._posted(http, one, now) for one in due)

    def verify(self, app: App, now: datetime) -> bool:
        """The check that WeCom makes when a callback address is saved."""
        self._count += 1
        echo = f"{self._count * 7919}"
        sealed = self._sealed(app, echo.encode(), self._corpid)
        with httpx.Client(timeout=VERIFYING, trust_env=False, verify=trusted()) as http:
            try:
                query = {**self._query(app, sealed, now), "echostr": sealed}
                answer = http.get(app.hook, params=query)
            except httpx.HTTPError:
                return False
        return answer.status_code == 200 and answer.content == echo.encode()

    def _posted(self, http: httpx.Client, one: Callback, now: datetime) -> bool:
        fault = one.values.get("fault", "")
        told = {name: value for name, value in one.values.items() if name != "fault"}
        corpid = "ww0000000000000000" if fault == "other corp" else self._corpid
        sealed = self._sealed(one.app, xml.write(told), corpid)
        query = self._query(one.app, sealed, now)
        if fault == "bad signature":
            query["msg_signature"] = "0" * 40
        if fault == "tampered":
            sealed = sealed[:30] + ("A" if sealed[30] != "A" else "B") + sealed[31:]
        body = xml.write(
            {"ToUserName": self._corpid, "AgentID": str(one.app.agent_id), "Encrypt": sealed}
        )
        try:
            answer = http.post(one.app.hook, params=query, content=body)
        except httpx.HTTPError:
            self._again(one, now)
            return False
        self.answered.append((answer.status_code, answer.elapsed.total_seconds()))
        if answer.status_code != 200 and self.retry_on_status:
            self._again(one, now)
        return answer.status_code == 200

    def _again(self, one: Callback, now: datetime) -> None:
        if one.tries >= RETRIES:
            self.lost.append(one.values)
        else:
            self._waiting.append(replace(one, due_at=now + RETRY_AFTER, tries=one.tries + 1))

    def _spoilt(self, values: dict[str, str], fault: Fault | None) -> dict[str, str]:
        wrong = fault in ("bad signature", "other corp", "tampered")
        return {**values, "fault": str(fault)} if wrong else values

    def _sealed(self, app: App, message: bytes, receiver: str) -> str:
        chance = blake2b(f"{self._count}/{len(self.answered)}".encode(), digest_size=16).digest()
        return crypto.seal(crypto.aes_key(app.aes_key), message, receiver, chance)

    def _query(self, app: App, sealed: str, now: datetime) -> dict[str, str]:
        timestamp, nonce = str(int(now.timestamp())), str(1_000_000 + self._count)
        signed = crypto.signature(app.token, timestamp, nonce, sealed)
        return {"msg_signature": signed, "timestamp": timestamp, "nonce": nonce}
