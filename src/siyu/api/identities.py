"""Who is who: the history of a customer, what a merge or a split would move, and doing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Body, Query

from siyu.analytics.views.history import Going, History, would_merge, would_split
from siyu.analytics.views.history import history as told
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.customers import mine, number
from siyu.api.words import Words
from siyu.app import App
from siyu.identities import actions
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence

router = APIRouter(prefix="/customers", tags=["customers"])
KeyIds = Annotated[list[str], Query(description="Public ids of keys.", max_length=100)]


@dataclass(frozen=True)
class Moves:
    """What moves; where there is nothing yet, it does within a moment."""

    moves: list[Going]


@dataclass(frozen=True)
class Same:
    other: str
    why: Words
    by: Words = ""


@dataclass(frozen=True)
class Apart:
    keys: list[str]
    why: Words
    by: Words = ""


def _keys(app: App, keys: list[str]) -> list[int]:
    found = [app.ids.decode("key", key) for key in keys]
    if None in found:
        raise NotFound(
            Sentence(
                "This is no key of ours; a key looks like key_…",
                "这不是我们的身份；身份的编号像 key_…",
            )
        )
    return [one for one in found if one is not None]


@router.get("/{customer}/history", **needs("customers.read", scoped=True))
def history(app: TheApp, caller: TheCaller, customer: str) -> History:
    """The customer's keys and how each was joined; merges, splits and conflicts."""
    with app.db.transaction() as conn:
        found = told(conn, app.keys, app.ids, mine(app, conn, caller, customer))
    if found is None:
        raise NotFound(Sentence("There is no such customer.", "没有这位客户。"))
    return found


@router.get("/{customer}/merge", **needs("customers.merge"), name="merge_preview")
def merge_preview(app: TheApp, customer: str, other: str) -> Moves:
    """What a merge with this other customer would move."""
    with app.db.transaction() as conn:
        return Moves(would_merge(conn, app.ids, number(app, customer), number(app, other)))


@router.post("/{customer}/merge", **needs("customers.merge"))
def merge(app: TheApp, caller: TheCaller, customer: str, same: Annotated[Same, Body()]) -> Moves:
    """Say that two customers are one; audited, and applied in order with all other events."""
    one, other = number(app, customer), number(app, same.other)
    with app.db.transaction() as conn:
        moves = would_merge(conn, app.ids, one, other)
        actions.merge(conn, app.ids, one, other, caller.actor(same.by), same.why, app.clock.now())
    app.wake()
    return Moves(moves)


@router.get("/{customer}/split", **needs("customers.merge"), name="split_preview")
def split_preview(app: TheApp, customer: str, keys: KeyIds) -> Moves:
    """What taking these keys off would move."""
    who, off = number(app, customer), _keys(app, keys)
    with app.db.transaction() as conn:
        return Moves(would_split(conn, app.ids, who, off, app.clock.now()))


@router.post("/{customer}/split", **needs("customers.merge"))
def split(app: TheApp, caller: TheCaller, customer: str, apart: Annotated[Apart, Body()]) -> Moves:
    """Say that these keys are somebody else's; audited, and applied in order with all events."""
    who, off = number(app, customer), _keys(app, apart.keys)
    with app.db.transaction() as conn:
        by, now = caller.actor(apart.by), app.clock.now()
        moves = would_split(conn, app.ids, who, off, now)
        actions.split(conn, app.ids, who, off, by, apart.why, now)
    app.wake()
    return Moves(moves)
