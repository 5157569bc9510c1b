"""One customer on one page, and everything that happened to them in one line of time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Query

from siyu.analytics.views.person import Overview
from siyu.analytics.views.person import overview as seen
from siyu.analytics.views.timeline import Happened, Kind, Place
from siyu.analytics.views.timeline import timeline as told
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.customers import mine
from siyu.api.paging import Before, since, until
from siyu.api.people import OnePage, desk
from siyu.app import App
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence

router = APIRouter(prefix="/customers", tags=["customers"])


@dataclass(frozen=True)
class Timeline:
    """Newest first; `next` is empty at the end."""

    lines: list[Happened]
    next: str


@router.get("/{customer}/overview", **needs("customers.read", scoped=True))
def overview(app: TheApp, caller: TheCaller, customer: str) -> Overview:
    """Who it is, what is under way, what was promised, what they are worth; values are masked."""
    with app.db.transaction() as conn:
        found = seen(desk(app, conn, caller), mine(app, conn, caller, customer))
    if found is None:
        raise NotFound(Sentence("There is no such customer.", "没有这位客户。"))
    return found


@router.get("/{customer}/timeline", **needs("customers.read", scoped=True))
def timeline(
    app: TheApp,
    caller: TheCaller,
    customer: str,
    kinds: Annotated[list[Kind] | None, Query(description="Only these kinds; none: all.")] = None,
    before: Before = "",
    limit: OnePage = 50,
) -> Timeline:
    """Orders, touches sent and not sent with their reasons, calls, tasks, tags, consents …"""
    place = since(app, before)
    with app.db.transaction() as conn:
        asked = mine(app, conn, caller, customer)
        after = Place(*place) if place else None
        found = told(desk(app, conn, caller), asked, kinds or (), after, limit)
    return Timeline(_named(app, found.lines), until(app, *found.end) if found.end else "")


def _named(app: App, lines: list[Happened]) -> list[Happened]:
    """Group chats by their names, where a carrier told them."""
    if not any(line.kind == "group" for line in lines):
        return lines
    titles = {one.chat: one.title for one in app.connections.groups() if one.title}
    return [
        replace(line, note=titles.get(line.note, line.note)) if line.kind == "group" else line
        for line in lines
    ]
