"""What a connector is: a name, a typed form, the channels it carries, and how facts come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.kernel.time import Clock
from siyu.outbox.channel import Channel


@dataclass(frozen=True)
class Manifest:
    """One connector. Each function takes the connector's own settings (an instance of `config`).

    `receive` verifies and decodes a request to `/hooks/<name>/…`: one item per event, each an event
    as JSON or what it decodes to; `events.accept` checks them. It raises BadSignature or BadInput.
    """

    name: str
    config: type
    channels: tuple[str, ...]
    configured: Callable[[Any], bool]
    channel: Callable[[Any, Clock], Channel]
    receive: Callable[[Any, Mapping[str, str], bytes, datetime], list[object]]
