"""What a task has learned about people, told as facts: whom the vendor's own lists keep away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from siyu.connectors.learned import untold
from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.voice_calls.config import Config
from siyu.connectors.voice_calls.wire import calls, tasks


def barred(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:  # noqa: ARG001 - the form of a pull
    """Those that were not told yet."""
    return untold(tools, "barred/", cursor, _event)


def _event(key: str, text: str) -> object | None:
    at, _, phone = text.partition(" ")
    return calls.withdrawn(phone, tasks.SUPPRESSED, f"send/{key}", datetime.fromisoformat(at))
