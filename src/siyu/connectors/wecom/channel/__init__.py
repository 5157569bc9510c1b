"""The ways out: a welcome in the seconds after an add, and messages that staff press send for."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from siyu.connectors.calling import TIMEOUT
from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.channel.mass import Mass
from siyu.connectors.wecom.channel.welcome import Welcome
from siyu.connectors.wecom.client import Client
from siyu.connectors.wecom.config import Config
from siyu.outbox.model import WELCOMES, Asked, Found, Message, Result, Stopped


class WeComChannel:
    """A `Channel` for all ways of WeCom's."""

    def __init__(self, config: Config, tools: Tools, *, timeout: httpx.Timeout = TIMEOUT) -> None:
        client = Client(config, tools, timeout=timeout)
        self._welcome = Welcome(config, tools, client)
        self._mass = Mass(config, tools, client)

    def send(self, messages: Sequence[Message]) -> list[Result]:
        """One result per token; one that is missing is in doubt."""
        welcomes = [one for one in messages if one.channel in WELCOMES]
        masses = [one for one in messages if one.channel not in WELCOMES]
        found = self._welcome.send(welcomes) if welcomes else []
        return [*found, *(self._mass.send(masses) if masses else [])]

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:
        """A welcome is over as soon as it is sent; a mass message until somebody presses send."""
        return self._mass.cancel([one for one in asked if one.channel not in WELCOMES])

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        """What became of these, as far as WeCom can tell."""
        welcomes = [one for one in asked if one.channel in WELCOMES]
        masses = [one for one in asked if one.channel not in WELCOMES]
        return [*self._welcome.reconcile(welcomes), *self._mass.reconcile(masses)]
