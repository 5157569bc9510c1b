"""What guides read of their tasks in messages, and what they can answer there. Nobody is named in
full: whom a task is about comes masked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.tasks.model import Outcome

# The answers that fit on a message, by kind of work; the console has them all.
ANSWERS: Mapping[str, tuple[Outcome, ...]] = {
    "friend_request": ("requested", "already_added", "wrong_person"),
    "call": ("agreed", "no_answer", "refused"),
}
MINUTES: Mapping[str, int] = {"friend_request": 1, "call": 3}  # of work, as one tap in the console
KIND_WORDS: Mapping[str, Mapping[str, str]] = {
    "friend_request": {"en": "friend requests", "zh": "加好友"},
    "call": {"en": "calls", "zh": "打电话"},
}
OUTCOME_WORDS: Mapping[str, Mapping[str, str]] = {
    "requested": {"en": "request sent", "zh": "已发申请"},
    "added": {"en": "added now", "zh": "当场添加"},
    "agreed": {"en": "will add", "zh": "答应添加"},
    "refused": {"en": "refused", "zh": "拒绝"},
    "no_answer": {"en": "no answer", "zh": "未接听"},
    "already_added": {"en": "already added", "zh": "早已添加"},
    "wrong_person": {"en": "wrong person", "zh": "号码非本人"},
    "do_not_call": {"en": "do not call", "zh": "请勿再打"},
}
_SAID: Mapping[str, Mapping[str, str]] = {
    "title": {"en": "New tasks: {many}", "zh": "{many} 个新待办"},
    "first": {
        "en": "Most urgent: {kind}, {whom}, by {due}",
        "zh": "最急：{kind} {whom}，{due}前",
    },
    "done": {"en": "done by {who}: {outcome}", "zh": "{who} 已完成：{outcome}"},
    "reported": {"en": "it was reported before", "zh": "已报告过，无需再做"},
    "again": {"en": "no answer: again from {at}", "zh": "未接听，{at}后再打"},
    "moved": {"en": "it is {who}'s now", "zh": "已改派给 {who}"},
    "none": {"en": "there is no such task any more", "zh": "没有这条待办了"},
}


class Place(NamedTuple):
    """In which language and zone guides read."""

    locale: str
    zone: ZoneInfo


def title(many: int, place: Place) -> str:
    """How many are new.

    >>> title(3, Place("zh", ZoneInfo("Asia/Shanghai")))
    '3 个新待办'
    """
    return _said("title", place, many=many)


def lines(counts: Mapping[str, int], kind: str, whom: str, due_at: datetime, place: Place) -> str:
    """How many of which kind; of the most urgent one also whom it is about, masked, and its end."""
    kinds = " · ".join(f"{_kind(one, place)} {counts[one]}" for one in sorted(counts))
    due = spoken(due_at, place)
    urgent = _said("first", place, kind=_kind(kind, place), whom=whom, due=due)
    return f"{kinds}\n{urgent}"


def answers(kind: str, place: Place) -> list[tuple[Outcome, str]]:
    """What a task of this kind can be answered with, each with its words."""
    return [(one, OUTCOME_WORDS[one][place.locale]) for one in ANSWERS.get(kind, ())]


def done(who: str, outcome: str, place: Place) -> str:
    """Who did it, and how it ended."""
    return _said("done", place, who=who, outcome=OUTCOME_WORDS[outcome][place.locale])


def reported(place: Place) -> str:
    """Somebody was quicker, and it is being applied."""
    return _said("reported", place)


def again(at: datetime, place: Place) -> str:
    """Nobody answered, and it is tried again then."""
    return _said("again", place, at=spoken(at, place))


def moved(who: str, place: Place) -> str:
    """It is somebody else's."""
    return _said("moved", place, who=who)


def none(place: Place) -> str:
    """What is asked for is not there."""
    return _said("none", place)


def spoken(at: datetime, place: Place) -> str:
    """A moment, by the brand's clock.

    >>> from datetime import UTC
    >>> spoken(datetime(2026, 11, 20, 4, tzinfo=UTC), Place("zh", ZoneInfo("Asia/Shanghai")))
    '11月20日 12:00'
    """
    local = at.astimezone(place.zone)
    if place.locale == "zh":
        return f"{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}"


def _kind(kind: str, place: Place) -> str:
    return KIND_WORDS.get(kind, {}).get(place.locale, kind)


def _said(name: str, place: Place, **values: object) -> str:
    return _SAID[name][place.locale].format(**values)
