"""The way out: templates filled in, in batches; and what Aliyun knows of a message in doubt."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx
import msgspec
import structlog

from siyu.connectors.calling import NEVER_SENT, TIMEOUT
from siyu.connectors.manifest import Tools
from siyu.connectors.sms_aliyun import client
from siyu.connectors.sms_aliyun.config import Config
from siyu.connectors.sms_aliyun.wire import answers, batch, text
from siyu.connectors.sms_aliyun.wire.answers import Answer, Class
from siyu.connectors.sms_aliyun.wire.batch import Going, Refusal, Sent
from siyu.kernel.sentence import Sentence
from siyu.outbox.channel import InDoubt
from siyu.outbox.model import Asked, Found, Halt, Message, Result, Stopped

log = structlog.get_logger(__name__)

ALARM = "alarm"  # the last answer after which nothing goes out until somebody acts
_ALARM_KEPT = timedelta(days=1)
_MARGIN = timedelta(hours=1)  # before what is remembered is forgotten


class AliyunSms:
    """A `Channel`. Aliyun knows no idempotency token: what has left is remembered before it leaves,
    under the OutId of its batch, and what has been taken is never handed over again."""

    def __init__(self, config: Config, tools: Tools, *, timeout: httpx.Timeout = TIMEOUT) -> None:
        self._config = config
        self._store = tools.store
        self._wake = tools.wake
        self._clock = tools.clock
        self._aliyun = client.opened(config, tools, timeout)
        self._form = config.parameters == "form"

    def send(self, messages: Sequence[Message]) -> list[Result]:
        """Fill in, compare, and post in batches. A batch without an answer is in doubt: by itself
        it raises, among others it just has no results."""
        found: list[Result] = []
        going: list[Going] = []
        for message in messages:
            ready = self._ready(message)
            if isinstance(ready, Going):
                going.append(ready)
            elif ready is not None:
                found.append(ready)
        doubt = self._all(going, found)
        if doubt is not None and not found:
            raise doubt
        order = {message.token: number for number, message in enumerate(messages)}
        return sorted(found, key=lambda result: order[result.token])

    def _all(self, going: Sequence[Going], found: list[Result]) -> InDoubt | None:
        """Post in batches, and add to what is found; a batch in doubt is the last."""
        waiting = deque(batch.batches(going, self._config.batch))
        doubt: InDoubt | None = None
        halted: dict[str, str] = {}  # templates that Aliyun refuses, with its words
        while waiting:
            one = waiting.popleft()
            if doubt is not None:  # what is in trouble gets no more: nothing of these has left
                found += _each(one, "retry", "batch_in_doubt", shut=True)
                continue
            if (code := one[0].filled.template.code) in halted:
                found += _each(one, "retry", halted[code], halt="material")
                continue
            try:
                results = self._post(one)
            except InDoubt as raised:
                doubt = raised
                continue
            if results is None:
                waiting.extendleft([alone] for alone in reversed(one))
                continue
            found += results
            if results[0].halt == "material":
                halted[code] = results[0].reason
        return doubt

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:  # noqa: ARG002 - the Protocol's
        """Nothing: an SMS that Aliyun has can't be called back."""
        return []

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        """Look among the records of the number's day for the batch that the message was in."""
        return [self._found(one) for one in asked]

    def _ready(self, message: Message) -> Going | Result | None:
        """None: it has left already, and nobody knows yet what became of it."""
        out_id = self._store.get(f"token/{message.token}")
        sent = None if out_id is None else self._sent(out_id)
        if sent is not None and sent.state == "taken":
            return Result(message.token, "accepted", sent.biz_id)
        if sent is not None and sent.state == "asked":
            return None
        phone = text.mainland(message.to)
        if not phone:
            return Result(message.token, "rejected", reason="no_mobile")
        filled = text.chosen(self._config, message.template, message.variables, message.text)
        if isinstance(filled, Sentence):
            return Result(message.token, "rejected", reason=filled)
        return Going(message.token, phone, filled)

    def _post(self, going: Sequence[Going]) -> list[Result] | None:
        """None: one of them was refused for its own sake, so each has to be asked for alone."""
        out_id = secrets.token_hex(8)
        sent = batch.sent(out_id, going)
        until = self._clock.now() + batch.KEPT
        tokens = {f"token/{one.token}": out_id for one in going}
        self._store.put_all({**tokens, f"batch/{out_id}": sent.written()}, until)
        action, parameters = batch.parameters(self._config.sign_name, out_id, going)
        try:
            answer = self._answer(self._aliyun.ask(action, parameters, form=self._form))
        except NEVER_SENT:
            self._state(out_id, sent, "refused")
            return _each(going, "retry", "unreachable", shut=True)
        except httpx.HTTPError as error:
            raise InDoubt(type(error).__name__) from None
        if answer.code == "OK":
            self._state(out_id, sent, "taken", answer.biz_id)
            return [Result(one.token, "accepted", answer.biz_id) for one in going]
        self._state(out_id, sent, "refused")
        kind = answers.class_of(answer.code, self._config.refusal_codes)
        if answers.about_one(kind) and len(going) > 1:
            return None
        return self._refused(going, answer, kind)

    def _refused(self, going: Sequence[Going], answer: Answer, kind: Class) -> list[Result]:
        """Nothing of the batch was taken; a code says for how long."""
        now, why = self._clock.now(), answers.reason(answer.code, answer.message)
        match kind:
            case "later":
                again = answers.again(answer.message, now)
                return [Result(one.token, "retry", reason=why, again=again) for one in going]
            case "value" | "number":
                return _each(going, "rejected", why)
            case "refused":
                self._suppress(going, answer.code)
                return _each(going, "rejected", why)
            case "template":
                log.error("Aliyun refuses a template until somebody acts", code=answer.code)
                return _each(going, "retry", why, halt="material")
            case "stop" | "quota":
                self._alarm(answer.code)
                again = now + answers.STOP_PAUSE
                halt: Halt = "quota" if kind == "quota" else ""
                return _each(going, "retry", why, again=again, shut=True, halt=halt)
            case "busy":
                return _each(going, "retry", why, shut=True)
            case _:
                return _each(going, "retry", why)

    def _suppress(self, going: Sequence[Going], code: str) -> None:
        """Kept for the next pull, which tells it as a fact: a channel itself tells none."""
        now = self._clock.now()
        said = {one.token: Refusal(one.phone, code, now) for one in going}
        self._store.put_all(
            {f"refused/{token}": msgspec.json.encode(one).decode() for token, one in said.items()}
        )
        self._wake("refusals")

    def _alarm(self, code: str) -> None:
        now = self._clock.now()
        self._store.put(ALARM, f"{now.isoformat()} {code}", now + _ALARM_KEPT)
        log.error("Aliyun takes no SMS until somebody acts", code=code)

    def _answer(self, response: httpx.Response) -> Answer:
        """Aliyun's own words, or doubt: a gateway's page and a 5xx tell nothing."""
        if response.status_code == 429:
            return Answer("Throttling", "")
        if response.is_server_error:
            raise InDoubt(f"Aliyun answered with status {response.status_code}")
        try:
            answer = answers.answer(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InDoubt("Aliyun's answer is not its JSON") from None
        if not answer.code:
            raise InDoubt("Aliyun's answer has no code")
        return answer

    def _found(self, asked: Asked) -> Found:
        now = self._clock.now()
        handed_at = asked.handed_at or now
        out_id = self._store.get(f"token/{asked.token}")
        if out_id is None:  # nothing leaves before it is remembered
            recent = asked.handed_at is not None and now - handed_at < batch.KEPT - _MARGIN
            return Found(asked.token, "absent" if recent else "unknown")
        sent = self._sent(out_id)
        state, biz_id = (sent.state, sent.biz_id) if sent else ("asked", "")
        phone = text.mainland(asked.to)
        recorded = client.recorded(self._aliyun, phone, handed_at, out_id, form=self._form)
        if isinstance(recorded, answers.Detail):
            return Found(asked.token, answers.whereabouts(recorded), asked.vendor_id or biz_id)
        if state == "taken":
            return Found(asked.token, "accepted", biz_id)
        over = now - handed_at >= timedelta(minutes=self._config.grace_minutes)
        if state == "refused" or (recorded == "no record" and over):
            self._store.take(f"token/{asked.token}")
            return Found(asked.token, "absent")
        return Found(asked.token, "unknown")

    def _sent(self, out_id: str) -> Sent | None:
        return batch.remembered(self._store.get(f"batch/{out_id}"))

    def _state(self, out_id: str, sent: Sent, state: batch.State, biz_id: str = "") -> None:
        now = msgspec.structs.replace(sent, state=state, biz_id=biz_id)
        self._store.put(f"batch/{out_id}", now.written(), self._clock.now() + batch.KEPT)


def _each(
    going: Sequence[Going],
    status: batch.Verdict,
    reason: str,
    *,
    again: datetime | None = None,
    shut: bool = False,
    halt: Halt = "",
) -> list[Result]:
    return [Result(one.token, status, "", reason, again, shut, halt) for one in going]
