"""What carriers count of our staff, as reports take it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol


class StaffDay(Protocol):
    """A day of one of us, as the carrier counted it; None: it does not say, which is not 0.
    `reply_share`: of chats that customers began, 0 to 1; `reply_minutes`: to the first answer;
    `lost`: customers who deleted or blocked them."""

    @property
    def staff(self) -> str: ...
    @property
    def chats(self) -> int | None: ...
    @property
    def messages(self) -> int | None: ...
    @property
    def reply_share(self) -> float | None: ...
    @property
    def reply_minutes(self) -> float | None: ...
    @property
    def lost(self) -> int | None: ...


class Carriers(Protocol):
    """All that are connected."""

    def worked(self, first: date, last: date) -> Sequence[StaffDay]:
        """What they counted in these days, both included."""
        ...
