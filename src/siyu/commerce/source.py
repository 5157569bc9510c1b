"""Where orders come from: a shop's interface, an export file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from siyu.events.model import Incoming


class CommerceSource(Protocol):
    """A shop that can be asked for its orders, refunds and corrections."""

    def batches(self, size: int) -> Iterator[Sequence[Incoming]]:
        """All it knows as events, at most `size` at a time; asked again, the same events come."""
        ...
