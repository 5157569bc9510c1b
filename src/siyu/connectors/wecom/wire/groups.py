"""Who is in a group chat, what was told of it, and the facts that lie between. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from siyu.connectors.wecom.wire import facts
from siyu.connectors.wecom.wire.answers import Json, number, objects, text
from siyu.connectors.wecom.wire.callback import LATEST
from siyu.events.model import Incoming

OURS, CUSTOMER = 1, 2  # a member's type
_SCENES: Mapping[int, str] = {1: "invited", 2: "link", 3: "code"}


class Inside(NamedTuple):
    """A customer in a group."""

    since: int
    way: str
    unionid: str
    state: str


class Told(NamedTuple):
    """What was told of a group: its version, and customer → since when."""

    version: str = ""
    members: dict[str, int] = {}  # noqa: RUF012 - a tuple's default, never changed


def version(answer: Json) -> str:
    """Which list of members this is."""
    return text(answer, "member_version")


def named(answer: Json) -> tuple[str, str, int]:
    """Its name, its owner, and how many of us are in it."""
    ours = sum(number(one, "type") == OURS for one in objects(answer, "member_list"))
    return text(answer, "name"), text(answer, "owner"), ours


def customers(answer: Json) -> dict[str, Inside]:
    """The customers in a group; nothing of members of ours, and nobody's name."""
    return {
        text(one, "userid"): Inside(
            number(one, "join_time"),
            _SCENES.get(number(one, "join_scene"), ""),
            text(one, "unionid"),
            text(one, "state"),
        )
        for one in objects(answer, "member_list")
        if number(one, "type") == CUSTOMER
        and text(one, "userid")
        and 0 < number(one, "join_time") < LATEST
    }


def compared(
    chat: str, before: Told, now: Mapping[str, Inside], at: datetime
) -> tuple[list[Incoming], dict[str, int]]:
    """Who came and who went, and what is told then."""
    events: list[Incoming] = []
    for who, since in sorted(before.members.items()):
        if who not in now or now[who].since != since:
            seconds = min(int(at.timestamp()), now[who].since if who in now else LATEST)
            events.append(facts.group_left(_name(chat, who, since), seconds, chat, who))
    for who, inside in sorted(now.items()):
        if before.members.get(who) != inside.since:
            keys = {"external_userid": who}
            state = facts.state_of(inside.state)
            keys |= {"unionid": inside.unionid} if inside.unionid else {}
            keys |= {"state": state} if state is not None else {}
            events.append(
                facts.group_joined(
                    _name(chat, who, inside.since), inside.since, chat, keys, inside.way
                )
            )
    return events, {who: inside.since for who, inside in now.items()}


def _name(chat: str, who: str, since: int) -> str:
    return f"group/{facts.digest(chat)}/{facts.digest(who)}/{since}"
