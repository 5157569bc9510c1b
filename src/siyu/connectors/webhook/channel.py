"""The way out: signed batches over HTTP, each message under its token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import httpx
import msgspec

from siyu.connectors.calling import (
    DIRECT,
    FRESH,
    NEVER_SENT,
    TIMEOUT,
    again,
    door,
    posted,
    refused,
    trusted,
)
from siyu.connectors.manifest import Tools
from siyu.connectors.webhook import wire
from siyu.connectors.webhook.config import Config
from siyu.outbox.channel import InDoubt
from siyu.outbox.model import Asked, Found, Message, Result, Stopped

T = TypeVar("T")
# Refused at the door, for reasons of ours or of the hour: a wrong secret must not burn a batch.
NOT_TAKEN = frozenset({401, 403, 404, 408, 429})


class WebhookChannel:
    """A `Channel`. Anything but a clear answer raises: the batch is then known to be in doubt.

    A door that is shut is shut for all messages; with `Retry-After` it says until when.
    """

    def __init__(self, config: Config, tools: Tools, *, timeout: httpx.Timeout = TIMEOUT) -> None:
        self._config = config
        self._clock = tools.clock
        self._http = httpx.Client(
            base_url=config.url, timeout=timeout, limits=FRESH, mounts=DIRECT, verify=trusted()
        )

    def send(self, messages: Sequence[Message]) -> list[Result]:
        """Post in batches. What never left is to be tried again; a refused batch is rejected."""
        found: list[Result] = []
        for batch in wire.batches(messages):
            try:
                answer = self._post("/messages", wire.written(batch))
            except NEVER_SENT:
                found += _shut(batch, "unreachable", None)
                continue
            if answer.status_code in NOT_TAKEN:
                reason = door(answer.status_code)
                found += _shut(batch, reason, self._again(answer))
            elif answer.is_client_error:
                reason = refused(answer.status_code)
                found += [Result(m.token, "rejected", reason=reason) for m in batch]
            else:
                found += self._read(answer, wire.results)
        return found

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:
        """Ask the provider to stop what it has not done yet; what it says it stopped."""
        return [Stopped(one) for one in self._ask("/cancel", asked, wire.cancelled)]

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        """Ask what the provider knows of these."""
        return self._ask("/query", asked, wire.found)

    def _ask(self, path: str, asked: Sequence[Asked], read: Callable[[bytes], list[T]]) -> list[T]:
        found: list[T] = []
        for start in range(0, len(asked), wire.MOST):
            tokens = [one.token for one in asked[start : start + wire.MOST]]
            answer = self._post(path, wire.ids(tokens))
            found += self._read(answer, read)
        return found

    def _post(self, path: str, body: bytes) -> httpx.Response:
        return posted(self._http, self._config.secret, path, body, self._clock.real())

    def _read(self, answer: httpx.Response, read: Callable[[bytes], list[T]]) -> list[T]:
        """A whole, well-formed answer or doubt, which repeats nothing: a provider may quote us."""
        if not answer.is_success:
            words = f"the provider answered with status {answer.status_code}"
            raise InDoubt(words, self._again(answer))
        try:
            return read(answer.content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InDoubt("the provider's answer is not what README.md says") from None

    def _again(self, answer: httpx.Response) -> datetime | None:
        said = answer.headers.get("Retry-After", "")
        return again(said, self._clock.now(), self._clock.real())


def _shut(batch: Sequence[Message], reason: str, again: datetime | None) -> list[Result]:
    return [
        Result(message.token, "retry", reason=reason, again=again, shut=True) for message in batch
    ]
