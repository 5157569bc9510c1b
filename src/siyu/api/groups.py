"""Group chats: their names, and how many customers are in each, came and went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from siyu.api.auth import TheApp, needs
from siyu.api.paging import Limit
from siyu.app import App
from siyu.customers import views

router = APIRouter(prefix="/groups", tags=["groups"])
LATELY = timedelta(days=30)
AfterGroup = Annotated[
    str,
    Query(
        max_length=120,
        pattern=r"^[^\x00]*$",
        description="`next` of the page before; empty: from the start.",
    ),
]


@dataclass(frozen=True)
class GroupChat:
    """`title`, `owner` and `staff` (members of ours) as the carrier told them; empty where it did
    not. `members` are customers, `friends` those of them who are a friend of one of us; `joined`
    and `left` in the last 30 days."""

    chat: str
    title: str
    owner: str
    staff: int
    members: int
    friends: int
    joined: int
    left: int


@dataclass(frozen=True)
class Groups:
    groups: list[GroupChat]
    next: str


@router.get("", **needs("groups.read"))
def groups(app: TheApp, after: AfterGroup = "", limit: Limit = 200) -> Groups:
    """Every group chat that is known, in the order of their ids."""
    found = listed(app, after, limit)
    return Groups(found, found[-1].chat if found else after)


def listed(app: App, after: str, limit: int) -> list[GroupChat]:
    """Those that a carrier named, and those that customers came into."""
    named = {one.chat: one for one in app.connections.groups()}
    with app.db.transaction() as conn:
        here = [chat for chat in named if chat > after]
        chats = sorted({*here, *views.chats(conn, after, limit)})[:limit]
        figures = views.groups(conn, chats, app.clock.now() - LATELY)
    return [
        GroupChat(
            chat,
            named[chat].title if chat in named else "",
            named[chat].owner if chat in named else "",
            named[chat].staff if chat in named else 0,
            *figures[chat],
        )
        for chat in chats
    ]
