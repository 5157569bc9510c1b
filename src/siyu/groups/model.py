"""What groups of one purpose are like: their plan, and how full each of them is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple, get_args

from siyu.kernel.sentence import Sentence

CAPACITY = 500  # of a customer group on WeCom
ROLL_OVER = 0.9  # of it: then the next one is filled
PREFIX = "gpo"  # of a post's public id, which is its token as well
Through = Literal["group_message", "moments"]
THROUGH: tuple[Through, ...] = get_args(Through)
Room = Literal["empty", "filling", "full"]
ROOMS: Mapping[Room, Sentence] = {
    "empty": Sentence("not begun", "未启用"),
    "filling": Sentence("being filled", "正在进人"),
    "full": Sentence("full", "已满"),
}


# `awaiting_staff`: its owner has to press; `by_hand`: to do it without the carrier's help.
PostState = Literal["owed", "unknown", "awaiting_staff", "by_hand", "sent", "failed", "withheld"]
# Why something was not said, or not by the carrier: codes, beside those of touches.
NO_GROUP, TOO_LATE, NO_PRESS = "no_group", "too_late", "no_press"
NO_CARRIER, NO_OWNER, NOT_DONE = "no_carrier", "no_owner", "not_done"
NOT_CARRIED, SAME = "not_carried", "same_post"
NO_ANSWER = "no answer"  # of the carrier, to the end: it may have it
WHY: Mapping[str, Sentence] = {
    NO_GROUP: Sentence("no group of this plan has customers", "该计划还没有进了客户的群"),
    TOO_LATE: Sentence("its time had passed", "已过发送时间"),
    NO_PRESS: Sentence("the owner's presses of the day are used up", "群主当日的群发次数已用完"),
    NO_CARRIER: Sentence("nothing that is connected can send it", "没有已连接的渠道可以发送"),
    NO_OWNER: Sentence("the group's owner is nobody who works here", "群主不是本系统的在职员工"),
    NO_ANSWER: Sentence(
        "its channel has not answered and may have said it: look there first",
        "渠道没有答复，可能已经发出：请先到群里看一眼",
    ),
    NOT_DONE: Sentence("nobody said that it was done", "没有人标记完成"),
    NOT_CARRIED: Sentence("its channel carries no material of this kind", "该渠道不支持这类素材"),
    SAME: Sentence(
        "whoever would do it by hand now has the very same post already",
        "现在应手动发送的员工已有同一条内容",
    ),
    "plan_paused": Sentence("the plan was paused", "该计划已暂停"),
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
    """A group chat: `people` are customers and `staff`, us; `owner` is one of us."""

    chat: str
    title: str
    people: int
    staff: int = 0
    owner: str = ""

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


class Wanted(NamedTuple):
    """Something to be said in a group, or (`chat` empty) in Moments, by one of us."""

    purpose: str
    at: datetime
    material: str
    through: Through
    chat: str
    staff: str
    reason: str = ""  # why the carrier is not even asked

    @property
    def press(self) -> tuple[str, datetime, str, str]:
        """What goes out by one press: the same words to all groups of one owner."""
        return self.purpose, self.at, self.material, self.staff


class ByHand(NamedTuple):
    """A post that somebody says without the carrier's help."""

    post_id: int
    purpose: str
    chat: str
    staff: str


class Record(NamedTuple):
    """What became of a post; `due_at`: when it is looked at next."""

    post_id: int
    state: PostState
    reason: str = ""
    vendor_id: str = ""
    due_at: datetime | None = None
