"""Moments: plan one, have members asked to publish it, see what came of it, call it off.

They disturb nobody and carry no touch: whom a tag names can see them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query, Request
from pydantic import StringConstraints
from starlette.concurrency import run_in_threadpool

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.imports import with_body
from siyu.api.language import TheLanguage
from siyu.api.words import Who, Words
from siyu.app import App, Moment, Shown
from siyu.kernel.errors import TooLarge
from siyu.kernel.sentence import Language, Sentence
from siyu.staff.actions import audit

router = APIRouter(prefix="/moments", tags=["moments"])
By = Annotated[Words, Query(max_length=200, description="Who does it, with the API key.")]
MOST_BYTES = 20 << 20  # of a picture or a video; what the carrier takes is said by the connector
# A little more than it may be, so that it is said in words how long it may be.
Text = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True)
class NewMoment:
    """`media`: names of uploaded pictures, or of one video; with a `link` its cover. No `members`:
    all who can; no `tags`: all their friends."""

    text: Text = ""
    media: tuple[Words, ...] = ()
    link: Words = ""
    title: Words = ""
    members: tuple[Words, ...] = ()
    tags: tuple[Words, ...] = ()
    by: Words = ""


@dataclass(frozen=True)
class MomentPlan:
    """`members` would be asked; who is left out is not able to, or was asked enough today."""

    members: list[str]
    left_out: Mapping[str, Literal["not_able", "enough_today"]]


@dataclass(frozen=True)
class MomentShown:
    """`asked` members, of whom some have `published`; `seen` by how many customers it can be. What
    is null nobody has said yet. `media`: how many pictures or videos."""

    id: str
    text: str
    media: int
    link: str
    title: str
    tags: list[str]
    by: str
    at: datetime
    state: Literal["making", "open", "failed", "cancelled"]
    asked: list[str]
    published: list[str]
    seen: int | None
    likes: int | None
    comments: int | None
    looked_at: datetime | None
    why: str


@dataclass(frozen=True)
class MomentList:
    """Not `connected`: nothing that is connected has Moments."""

    connected: bool
    moments: list[MomentShown]


@dataclass(frozen=True)
class MomentTags:
    tags: list[str]


@dataclass(frozen=True)
class MediaName:
    name: str


@router.get("", **needs("moments.read"))
def listed(app: TheApp, locale: TheLanguage) -> MomentList:
    """Moments of the last half year, the newest first, and what came of each."""
    window = app.connections.window()
    found = [] if window is None else window.listed()
    return MomentList(window is not None, [shown(one, locale) for one in found])


@router.get("/tags", **needs("moments.read"))
def tags(app: TheApp) -> MomentTags:
    """The corp tags by which customers can be chosen."""
    return MomentTags(app.connections.showing().tags())


@router.post("/media", **with_body("moments.publish"))
async def upload(request: Request, app: TheApp, caller: TheCaller, by: By = "") -> MediaName:
    """Hand over a picture (JPG, PNG) or a video (MP4), as it is, as the body. The carrier keeps it
    for about three days; the same file has the same name."""
    caller.actor(by)
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MOST_BYTES:
            most = MOST_BYTES >> 20
            raise TooLarge(Sentence(f"A file has at most {most} MB.", f"文件最大 {most} MB。"))
    showing = app.connections.showing()
    return MediaName(await run_in_threadpool(showing.upload, bytes(content)))


@router.post("/plan", **needs("moments.publish", once=False))
def plan(app: TheApp, new: Annotated[NewMoment, Body()]) -> MomentPlan:
    """Whom this Moment would ask; nothing is made."""
    found = app.connections.showing().plan(_moment(new))
    return MomentPlan(list(found.members), found.left_out)


@router.post("", **needs("moments.publish", once=False))
def make(
    app: TheApp, caller: TheCaller, new: Annotated[NewMoment, Body()], locale: TheLanguage
) -> MomentShown:
    """Have members asked to publish it; the same one again on the same day is the same Moment."""
    by = caller.actor(new.by)
    found = app.connections.showing().make(_moment(new), by)
    return _done(app, "moment.make", found, by, locale)


@router.post("/{moment}/cancel", **needs("moments.publish", once=False))
def cancel(
    app: TheApp, caller: TheCaller, moment: Words, new: Annotated[Who, Body()], locale: TheLanguage
) -> MomentShown:
    """Ask nobody any more. What was published stays."""
    by = caller.actor(new.by)
    app.connections.showing().cancel(moment)
    return _done(app, "moment.cancel", moment, by, locale)


def _moment(new: NewMoment) -> Moment:
    return Moment(new.text, new.media, new.link, new.title, new.members, new.tags)


def _done(app: App, action: str, id_: str, by: str, locale: Language) -> MomentShown:
    with app.db.transaction() as conn:
        audit(conn, by, action, id_, "", app.clock.now())
    app.wake()
    found = app.connections.showing().listed()
    return shown(next(one for one in found if one.id == id_), locale)


def shown(one: Shown, locale: Language) -> MomentShown:
    """A Moment as it is shown."""
    why = one.why or Sentence("", "")
    return MomentShown(
        one.id, one.moment.text, len(one.moment.media), one.moment.link, one.moment.title,
        list(one.moment.tags), one.by, one.at, one.state, list(one.members), list(one.published),
        one.seen, one.likes, one.comments, one.looked_at, why.zh if locale == "zh" else why[:],
    )  # fmt: skip
