"""What the calendars of groups have said: who has to press, what is done by hand, how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.language import TheLanguage
from siyu.api.words import Who, Words
from siyu.app import App
from siyu.groups import views
from siyu.groups.actions import posts as actions
from siyu.groups.model import PREFIX, WHY, PostState, Through
from siyu.groups.views import Said
from siyu.kernel.errors import NotFound, OutOfScope
from siyu.kernel.sentence import Language, Sentence, unkept, within
from siyu.kernel.sql import Conn
from siyu.outbox.model import REASONS
from siyu.staff import views as people
from siyu.staff.model import Scope

router = APIRouter(prefix="/groups", tags=["groups"])
# Of several groups that one press is for, what is least far stands for all.
FAR: tuple[PostState, ...] = (
    "by_hand", "unknown", "awaiting_staff", "owed", "failed", "withheld", "sent",
)  # fmt: skip
EVERYBODY = Scope()


@dataclass(frozen=True)
class SaidPost:
    """The same words in `groups` of one owner (0: in Moments), `sent` in so many. `staff` has to
    press for it (`awaiting_staff`), or says it without the carrier's help (`by_hand`); empty:
    nobody of ours. `reason`: why so, or why it was not said. `until`: by then somebody has said it
    by hand, or it is given up."""

    id: str
    purpose: str
    at: datetime
    through: Through
    material: str
    staff: str
    staff_name: str
    text: str
    state: PostState
    reason: str
    groups: int
    sent: int
    titles: list[str]
    ended_at: datetime | None
    done_by: str
    until: datetime | None = None


@dataclass(frozen=True)
class SaidPosts:
    posts: list[SaidPost]


@router.get("/posts", **needs("tasks.read", scoped=True))
def posts(
    app: TheApp,
    caller: TheCaller,
    locale: TheLanguage,
    back: Annotated[int, Query(ge=1, le=366, description="So many days back.")] = 14,
    state: Annotated[
        PostState | None, Query(description="Only those that stand so; left out: all.")
    ] = None,
) -> SaidPosts:
    """What calendars have said, the newest first; else than at head office one's own and one's
    stores'."""
    return SaidPosts(listed(app, back, locale, caller.scope, state))


def listed(
    app: App,
    back: int,
    locale: Language,
    scope: Scope = EVERYBODY,
    state: PostState | None = None,
) -> list[SaidPost]:
    """The same."""
    since = app.clock.now() - timedelta(days=back)
    with app.db.transaction() as conn:
        found = [one for one in views.said(conn, since) if scope.sees(one.staff)]
        shown = _shown(app, conn, found, locale)
    return [one for one in shown if state in (None, one.state)]


@router.post("/posts/{post}/done", **needs("tasks.work", once=False, scoped=True))
def done(
    app: TheApp,
    caller: TheCaller,
    post: Annotated[Words, Path(description="The post, by its id in the list.")],
    who: Annotated[Who, Body()],
    locale: TheLanguage,
) -> SaidPost:
    """Somebody has said it by hand. Audited."""
    with app.db.transaction() as conn:
        one = the_one(app, conn, post)
        if not caller.scope.sees(one.staff):
            raise OutOfScope
        same = actions.done(conn, one.id, caller.actor(who.by), app.clock.now())
        return _shown(app, conn, views.by_id(conn, same), locale)[0]


def the_one(app: App, conn: Conn, post: str) -> Said:
    """The post of this id; NotFound."""
    number = app.ids.decode(PREFIX, post)
    found = [] if number is None else views.by_id(conn, [number])
    if not found:
        raise NotFound(Sentence("There is no such post.", "没有这条群消息。"))
    return found[0]


def _press(one: Said) -> tuple[str, datetime, str, str, str]:
    return one.purpose, one.at, one.material, one.through, one.staff


def _shown(app: App, conn: Conn, found: Iterable[Said], locale: Language) -> list[SaidPost]:
    called = {one.code: one.name for one in people.members(conn, active_only=False)}
    titles = {one.chat: one.title for one in app.connections.groups()}
    pressed: dict[tuple[str, datetime, str, str, str], list[Said]] = {}
    for one in found:
        pressed.setdefault(_press(one), []).append(one)
    return [_of(app, same, called, titles, locale) for same in pressed.values()]


def _of(
    app: App,
    same: Sequence[Said],
    called: dict[str, str],
    titles: dict[str, str],
    locale: Language,
) -> SaidPost:
    one = min(same, key=lambda it: FAR.index(it.state))
    chats = [it.chat for it in same if it.chat]
    return SaidPost(
        app.ids.encode(PREFIX, one.id),
        one.purpose,
        one.at,
        one.through,
        one.material,
        one.staff,
        called.get(one.staff, one.staff),
        one.text,
        one.state,
        why(one.reason, locale),
        len(chats),
        sum(it.state == "sent" for it in same if it.chat),
        [titles.get(chat) or chat for chat in chats],
        one.ended_at,
        one.done_by,
        one.until,
    )


def why(reason: str, locale: Language) -> str:
    """A reason in words: ours, a touch's, or what the carrier said."""
    if reason in WHY:
        return within(locale, WHY[reason])
    if reason in REASONS:
        return REASONS[reason][locale]
    return within(locale, unkept(reason))
