"""The way out: tasks of contacts in the hours in which phones may ring."""

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
from siyu.connectors.scripts import Going, batches, each, ready
from siyu.connectors.voice_calls.config import Config
from siyu.connectors.voice_calls.wire import tasks
from siyu.outbox.channel import InDoubt
from siyu.outbox.model import Asked, Found, Halt, Message, Result, Stopped

T = TypeVar("T")
# Refused at the door, for reasons of ours or of the hour: a wrong secret must not burn a batch.
UNPAID = 402  # minutes or lines are used up
NOT_TAKEN = frozenset({401, UNPAID, 403, 404, 408, 429})
GOOD = 200
MOST_ASKED = 200


class VoiceCalls:
    """A `Channel`. The token is the contact's reference: the vendor calls it once."""

    def __init__(self, config: Config, tools: Tools, *, timeout: httpx.Timeout = TIMEOUT) -> None:
        self._config = config
        self._clock = tools.clock
        self._store = tools.store
        self._wake = tools.wake
        self._http = httpx.Client(
            base_url=config.base_url,
            timeout=timeout,
            limits=FRESH,
            mounts=DIRECT,
            verify=trusted(),
        )

    def send(self, messages: Sequence[Message]) -> list[Result]:
        """Hand over what may ring now; outside the hours all of it waits for the next opening."""
        now = self._clock.now()
        if closed := self._config.closed(messages, now):
            return closed
        found: list[Result] = []
        going: list[Going] = []
        for message in messages:
            one = ready(self._config.scripts, message)
            if isinstance(one, Going):
                going.append(one)
            else:
                found.append(Result(message.token, "rejected", reason=one))
        doubt: InDoubt | None = None
        for batch in batches(going, self._config.batch):
            if doubt is not None:  # what is in trouble gets no more: nothing of these has left
                found += each(batch, "retry", "batch_in_doubt", shut=True)
                continue
            try:
                found += self._post(batch, now)
            except (InDoubt, httpx.HTTPError) as error:
                doubt = error if isinstance(error, InDoubt) else InDoubt(type(error).__name__)
        if doubt is not None and not found:
            raise doubt
        order = {message.token: number for number, message in enumerate(messages)}
        return sorted(found, key=lambda result: order.get(result.token, len(order)))

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:
        """Stop what has not begun to ring; which the vendor says it stopped."""
        stopped = self._ask("/tasks/cancel", asked, tasks.cancelled)
        return [Stopped(one) for one in stopped]

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        """Ask what the vendor knows of these. A call's end comes by its callback."""
        return self._ask("/calls/query", asked, tasks.found)

    def reached(self) -> bool:
        """Whether the vendor takes our signature; asks about nobody."""
        answer = self._sent("/calls/query", tasks.references([]))
        return answer.is_success and tasks.answered(answer.content).code == GOOD

    def _post(self, batch: Sequence[Going], now: datetime) -> list[Result]:
        try:
            answer = self._sent("/tasks", tasks.written(self._config, batch, now))
        except NEVER_SENT:
            return each(batch, "retry", "unreachable", shut=True)
        if answer.status_code in NOT_TAKEN:
            reason = door(answer.status_code)
            halt = _halt(answer.status_code)
            return each(batch, "retry", reason, shut=True, again=self._again(answer), halt=halt)
        if answer.is_client_error:
            reason = refused(answer.status_code)
            return each(batch, "rejected", reason)
        envelope = self._envelope(answer)
        if envelope.code in NOT_TAKEN:
            reason = tasks.kept(f"{envelope.code} {envelope.msg}")
            return each(batch, "retry", reason, shut=True, halt=_halt(envelope.code))
        if envelope.code != GOOD:
            return each(batch, "rejected", tasks.kept(f"{envelope.code} {envelope.msg}"))
        results, barred = self._read(envelope, lambda data: tasks.results(self._config, data))
        self._suppress(batch, barred)
        return results

    def _suppress(self, batch: Sequence[Going], barred: Sequence[str]) -> None:
        """Kept for the next pull, which tells it as a fact: a channel itself tells none."""
        if not barred:
            return
        now = self._clock.now().isoformat()
        self._store.put_all(
            {
                f"barred/{one.message.token}": f"{now} {one.message.to}"
                for one in batch
                if one.message.token in barred
            }
        )
        self._wake("barred")

    def _ask(
        self, path: str, asked: Sequence[Asked], read: Callable[[msgspec.Raw], list[T]]
    ) -> list[T]:
        found: list[T] = []
        for start in range(0, len(asked), MOST_ASKED):
            tokens = [one.token for one in asked[start : start + MOST_ASKED]]
            envelope = self._envelope(self._sent(path, tasks.references(tokens)))
            if envelope.code != GOOD:
                raise InDoubt(f"the vendor answered with code {envelope.code}")
            found += self._read(envelope, read)
        return found

    def _sent(self, path: str, body: bytes) -> httpx.Response:
        return posted(self._http, self._config.secret, path, body, self._clock.real())

    def _envelope(self, answer: httpx.Response) -> tasks.Answered:
        if not answer.is_success:
            words = f"the vendor answered with status {answer.status_code}"
            raise InDoubt(words, self._again(answer))
        try:
            return tasks.answered(answer.content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InDoubt("the vendor's answer is not what README.md says") from None

    def _read(self, envelope: tasks.Answered, read: Callable[[msgspec.Raw], T]) -> T:
        """A whole answer or doubt, which repeats nothing: a vendor may quote us."""
        try:
            return read(envelope.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InDoubt("the vendor's answer is not what README.md says") from None

    def _again(self, answer: httpx.Response) -> datetime | None:
        said = answer.headers.get("Retry-After", "")
        return again(said, self._clock.now(), self._clock.real())


def _halt(code: int) -> Halt:
    return "quota" if code == UNPAID else ""
