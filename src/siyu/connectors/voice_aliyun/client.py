"""OutboundBot as it is asked, by what sends and by what asks how calls ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
import msgspec

from siyu.connectors.acs3 import Aliyun
from siyu.connectors.calling import NEVER_SENT
from siyu.connectors.manifest import Tools
from siyu.connectors.voice_aliyun import wire
from siyu.connectors.voice_aliyun.config import Config
from siyu.outbox.channel import InDoubt

UNREADABLE = (httpx.HTTPError, msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_PAGES = 20


class Bot:
    """OutboundBot, asked by what it answers."""

    def __init__(self, config: Config, tools: Tools, timeout: httpx.Timeout) -> None:
        self._config = config
        self._aliyun = Aliyun(
            config.access_key, config.base_url, wire.VERSION, tools.clock, timeout
        )

    def head(self, action: str, parameters: Mapping[str, str]) -> tuple[wire.Head, bytes]:
        """An answer's head, whatever it says; InDoubt where it is none, or a failure of theirs."""
        try:
            answer = self._aliyun.ask(action, parameters)
        except NEVER_SENT:
            raise
        except httpx.HTTPError as error:
            raise InDoubt(type(error).__name__) from None
        if answer.status_code == 429:
            return wire.Head("Throttling"), b""
        if answer.is_server_error:
            raise InDoubt(f"Aliyun answered with status {answer.status_code}")
        try:
            head: wire.Head = wire.decoded(answer.content, wire.Head)
        except UNREADABLE:
            raise InDoubt("Aliyun's answer is not its JSON") from None
        if not head.code:
            raise InDoubt("Aliyun's answer has no code")
        return head, answer.content

    def told(self, action: str, parameters: Mapping[str, str], kind: type[Any]) -> Any:
        """An answer that must be a good one; InDoubt, which repeats nothing of it."""
        try:
            head, body = self.head(action, parameters)
        except NEVER_SENT as error:
            raise InDoubt(f"Aliyun could not be asked ({type(error).__name__})") from None
        if head.code != "OK":
            raise InDoubt(f"Aliyun answered {wire.kept(head.code)}")
        try:
            return wire.decoded(body, kind)
        except UNREADABLE:
            raise InDoubt("Aliyun's answer is not of its form") from None

    def results(self, group: str, phone: str) -> Iterator[wire.Ended]:
        """The jobs of a group for a number, with their latest calls, as far as the caller reads."""
        for number in range(1, _PAGES + 1):
            asking = wire.querying(self._config, group, phone, number)
            page: wire.Results = self.told("QueryJobsWithResult", asking, wire.Results)
            yield from page.jobs.rows
            if number >= page.jobs.page_count:
                return

    def listed(self, ids: Sequence[str]) -> Iterator[wire.Job]:
        """How these jobs stand, however many."""
        for part in parts(ids):
            found: wire.Jobs = self.told("ListJobs", wire.listing(self._config, part), wire.Jobs)
            yield from found.jobs


def parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many as one request takes."""
    most = wire.MOST_LISTED
    return (ids[start : start + most] for start in range(0, len(ids), most))
