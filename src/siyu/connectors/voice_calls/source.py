"""What a task has learned about people, told as facts: whom the vendor's own lists keep away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.voice_calls.config import Config
from siyu.connectors.voice_calls.wire import calls, tasks

AT_ONCE = 200


def barred(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:  # noqa: ARG001 - the form of a pull
    """Those that were not told yet; each is forgotten once its fact is stored."""
    keys = tools.store.keys("barred/")
    for start in range(0, len(keys), AT_ONCE):
        told = keys[start : start + AT_ONCE]
        said = {key: tools.store.get(key) for key in told}
        events = [_event(key, text) for key, text in said.items() if text is not None]
        yield Pulled([one for one in events if one is not None], cursor)
        for key in told:
            tools.store.take(key)


def _event(key: str, text: str) -> object | None:
    at, _, phone = text.partition(" ")
    return calls.withdrawn(phone, tasks.SUPPRESSED, f"send/{key}", datetime.fromisoformat(at))
