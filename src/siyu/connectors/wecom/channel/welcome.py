"""A welcome: the code of the callback, once, within its twenty seconds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import structlog

from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.channel.beside import FORGOTTEN, Beside
from siyu.connectors.wecom.client import NOT_NOW, OF, Client, Failed, NotSent, Unclear
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire import callback, facts
from siyu.connectors.wecom.wire import messages as wire
from siyu.outbox.channel import InDoubt
from siyu.outbox.model import (
    NO_CODE,
    TOO_LATE,
    WELCOME_WITHIN,
    Asked,
    Found,
    Message,
    Pace,
    Result,
)

log = structlog.get_logger(__name__)
SOON = timedelta(seconds=1)
REMEMBERED = timedelta(days=2)
OVER = 41050  # the code has been used, or its seconds are over
WELCOMED = 41051  # they are chatting already, or have been welcomed


class _Code(NamedTuple):
    """A code of a callback: what the customer did when, and when we heard of it."""

    code: str
    did_at: datetime
    heard_at: datetime

    @staticmethod
    def read(text: str) -> _Code:
        code, did, heard = json.loads(text)
        return _Code(code, datetime.fromtimestamp(did, UTC), datetime.fromisoformat(heard))

    def pace(self, ended: datetime) -> Pace:
        return Pace(self.did_at, self.heard_at, ended)


class Welcome:
    """Sends `send_welcome_msg`. A code is taken by one, and put back where nothing was done."""

    def __init__(self, config: Config, tools: Tools, client: Client) -> None:
        self._config = config
        self._tools = tools
        self._client = client
        self._beside = Beside(tools, client)

    def send(self, messages: Sequence[Message]) -> list[Result]:
        """One by one: each has seconds to live, and one that breaks holds up no other."""
        clear: list[Result] = []
        unclear = 0
        for place, message in enumerate(messages):
            result = self._sent(message)
            if result is None:
                unclear += 1
            else:
                clear.append(result)
            if unclear >= wire.PATIENCE or (result is not None and result.shut):
                clear += wire.put_off(one.token for one in messages[place + 1 :])
                break
        if not clear:
            raise InDoubt("WeCom's answer to the welcome is not clear")
        return clear

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        """Nobody at WeCom can be asked: what is remembered here is all there is. Of what was tried
        in doubt the code is used or over, so it counts as sent."""
        found: list[Found] = []
        for one in asked:
            said = self._tools.store.get(f"welcomed/{one.token}")
            if said == "tried":
                found.append(Found(one.token, "accepted"))
            elif said is not None:
                found.append(Found(one.token, "accepted", pace=_read(said)))
            else:
                found.append(Found(one.token, "absent"))
        return found

    def _sent(self, message: Message) -> Result | None:
        """None: nobody can tell."""
        store, token = self._tools.store, message.token
        before = store.get(f"welcomed/{token}")
        if before is not None:
            return Result(token, "accepted", pace=None if before == "tried" else _read(before))
        if wire.too_long(message):
            return Result(token, "rejected", reason=wire.TOO_LONG)
        key = self._key(message)
        taken = store.take(key) if key else None
        if taken is None:
            return Result(token, "rejected", reason=NO_CODE)
        code = _Code.read(taken)
        if self._over(code):
            return self._late(token, code)
        try:
            return self._tried(message, code)
        except (Failed, NotSent) as error:
            result = self._refused(message, error, code)
            if result.status == "retry":
                store.put(key, taken, code.heard_at + wire.CODE_KEPT)
            return result

    def _over(self, code: _Code) -> bool:
        return self._tools.clock.now() - code.heard_at >= WELCOME_WITHIN

    def _late(self, token: str, code: _Code) -> Result:
        pace = code.pace(self._tools.clock.now())
        return Result(token, "rejected", reason=TOO_LATE, pace=pace)

    def _tried(self, message: Message, code: _Code) -> Result | None:
        """A code is good once: so after an unclear answer the same code may be tried again."""
        store, token = self._tools.store, message.token
        bodies = [self._body(message, code)]
        store.put(f"welcomed/{token}", "tried", self._tools.clock.now() + REMEMBERED)
        try:
            self._put(message, code, bodies)
        except Unclear:
            try:
                self._client.do(f"{OF}/send_welcome_msg", bodies[-1])
            except (Unclear, NotSent):
                return None
            except Failed as failed:
                if failed.code != WELCOMED:
                    raise
        now = self._tools.clock.now()
        pace = code.pace(now)
        store.put(f"welcomed/{token}", _written(pace), now + REMEMBERED)
        log.info("welcomed", touch=token, seconds=round((now - code.heard_at).total_seconds(), 3))
        return Result(token, "accepted", pace=pace)

    def _body(self, message: Message, code: _Code, *, anew: bool = False) -> dict[str, Any]:
        beside = self._beside.of(message.attachment, anew=anew)
        claim = self._tools.claim(message.customer)
        return wire.welcome(self._config, message, code.code, claim, beside)

    def _put(self, message: Message, code: _Code, bodies: list[dict[str, Any]]) -> None:
        """Once more with a picture that is handed over again, where WeCom has lost it. The last of
        `bodies` is what was sent last."""
        try:
            self._client.do(f"{OF}/send_welcome_msg", bodies[-1])
        except Failed as failed:
            if failed.code != FORGOTTEN or message.attachment is None:
                raise
            bodies.append(self._body(message, code, anew=True))
            self._client.do(f"{OF}/send_welcome_msg", bodies[-1])

    def _refused(self, message: Message, error: Failed | NotSent, code: _Code) -> Result:
        """Nothing was sent: later, or never."""
        self._tools.store.take(f"welcomed/{message.token}")
        if isinstance(error, NotSent):
            return Result(message.token, "retry", reason="unreachable", shut=True)
        if error.code == OVER:
            return self._late(message.token, code)
        if error.meaning == "busy":
            again = self._tools.clock.now() + SOON
            return Result(message.token, "retry", reason=error.said, again=again)
        if error.meaning in NOT_NOW:
            return Result(message.token, "retry", reason=error.said, again=error.again, shut=True)
        return Result(message.token, "rejected", reason=error.said)

    def _key(self, message: Message) -> str:
        """Where the code is: with the member whom the message names, else with whoever has one."""
        found = self._tools.store.items(f"welcome/{facts.digest(message.to)}/")
        good = [key for key, value in found.items() if not self._over(_Code.read(value))]
        if message.staff:
            pair = callback.Pair(self._config.userid(message.staff), message.to)
            if f"welcome/{pair.name}" in good:
                return f"welcome/{pair.name}"
        return next(iter(good or found), "")


def _written(pace: Pace) -> str:
    return json.dumps([at.isoformat() for at in pace])


def _read(text: str) -> Pace:
    return Pace(*map(datetime.fromisoformat, json.loads(text)))
