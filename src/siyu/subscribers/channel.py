"""The way out to subscribers, as this room needs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from siyu.subscribers.model import Answer


class Post(Protocol):
    """Hands a body over. Never raises for what is the other side's fault; bounded in time."""

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post it; what the door answered, or why it was not reached."""
        ...
