"""What a carrier lists of itself: group chats and members."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Group(NamedTuple):
    """A group chat as the carrier names it; `owner` is one of us, `staff` how many of us are in."""

    chat: str
    title: str
    owner: str
    staff: int


class Colleague(NamedTuple):
    """A member of the carrier, by our code. `name` is empty where we may not see it; `contact`: can
    have customers as friends. `unseen`: not where we may look any more, whatever that means."""

    code: str
    name: str
    departments: tuple[str, ...]
    state: Literal["active", "inactive", "left", "unseen"]
    contact: bool
