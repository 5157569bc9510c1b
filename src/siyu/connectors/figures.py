"""What a carrier counts of our staff, day by day. None: it does not say, which is not 0."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Worked(NamedTuple):
    """A day of one of us, as the carrier counted it."""

    staff: str
    day: date
    chats: int | None = None
    messages: int | None = None
    reply_share: float | None = None  # of chats that customers began, 0 to 1
    reply_minutes: float | None = None  # to the first answer, on average
    lost: int | None = None  # customers who deleted or blocked them
    asked: int | None = None  # friend requests that they sent
    added: int | None = None  # new customers


class Grouped(NamedTuple):
    """A day of the group chats that one of us owns, as the carrier counted it."""

    staff: str
    day: date
    groups: int | None = None
    new_groups: int | None = None
    talking_groups: int | None = None
    members: int | None = None
    new_members: int | None = None
    talking_members: int | None = None
    messages: int | None = None
