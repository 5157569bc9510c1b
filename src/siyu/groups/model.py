"""What groups of one purpose are like: their plan, and how full each of them is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple, get_args

from siyu.kernel.sentence import Sentence

CAPACITY = 500  # of a customer group on WeCom
ROLL_OVER = 0.9  # of it: then the next one is filled
Through = Literal["group_message", "moments"]
THROUGH: tuple[Through, ...] = get_args(Through)
Room = Literal["empty", "filling", "full"]
ROOMS: Mapping[Room, Sentence] = {
    "empty": Sentence("not begun", "未启用"),
    "filling": Sentence("being filled", "正在进人"),
    "full": Sentence("full", "已满"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """On these weekdays (Monday is 1), at this hour of the brand's, `owner` says `material`."""

    days: tuple[int, ...]
    at: time
    material: str
    through: Through = "group_message"
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Groups of one purpose, whose code it bears.

    `admission`: the segment of whoever may be invited; '': everybody. Whoever is in a group of one
    of `apart_from` is never invited, nor the other way round. `chats` names the group chats, by
    title (with * for what differs) or id; `way` is the state of the code that leads into them.
    """

    code: str
    title: Mapping[str, str]
    admission: str = ""
    apart_from: tuple[str, ...] = ()
    chats: tuple[str, ...] = ()
    capacity: int = CAPACITY
    roll_over: float = ROLL_OVER
    way: str = ""
    calendar: tuple[Entry, ...] = ()

    def holds(self, chat: str, title: str) -> bool:
        """Whether a group chat is one of these."""
        return any(one == chat or fnmatchcase(title, one) for one in self.chats)

    @property
    def fills_up_to(self) -> int:
        """So many are in it when the next one is filled."""
        return max(1, int(self.capacity * self.roll_over))


class Chat(NamedTuple):
    """A group chat: `people` are customers and `staff`, us."""

    chat: str
    title: str
    people: int
    staff: int = 0

    @property
    def begun(self) -> bool:
        """Whether customers are in it."""
        return self.people > self.staff


class Standing(NamedTuple):
    """A group chat of a plan, and how full it is."""

    chat: Chat
    room: Room
    led_into: bool


class Filling(NamedTuple):
    """The groups of a purpose in the order in which they are filled; `into`: into which the code
    leads from now on, none where all are full."""

    plan: Plan
    chats: tuple[Standing, ...]
    into: tuple[str, ...]

    @property
    def alarm(self) -> bool:
        """Nothing that could be filled is left, or no chat is called as the plan says."""
        return not self.into
