"""Subscribers: who is told of facts by signed webhooks, how far they are, what keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import StringConstraints

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.paging import After, Limit, following, start
from siyu.api.words import Who, Words
from siyu.app import App
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.staff.actions import audit
from siyu.subscribers import actions, views
from siyu.subscribers.decide import words
from siyu.subscribers.model import PREFIX
from siyu.subscribers.model import Subscriber as Row
from siyu.subscribers.sweep import probe

router = APIRouter(prefix="/subscribers", tags=["subscribers"])


@dataclass(frozen=True)
class Subscriber:
    """`kinds` empty: every kind. `stopped_why`: why it is told nothing any more, in words."""

    id: str
    url: str
    kinds: list[str]
    created_at: datetime
    active: bool
    stopped_why: str
    told_at: datetime | None
    failures: int
    failing_since: datetime | None
    error: str


@dataclass(frozen=True)
class Subscribers:
    subscribers: list[Subscriber]
    next: str


@dataclass(frozen=True)
class New:
    """An https address of yours, and kinds of events (docs/reference/events.md; none: all)."""

    url: Annotated[str, StringConstraints(max_length=500)]
    kinds: list[Words]
    by: Words = ""


@dataclass(frozen=True)
class Why:
    reason: Annotated[Words, StringConstraints(min_length=1, strip_whitespace=True)]
    by: Words = ""


@dataclass(frozen=True)
class Secret:
    """Signs every body: see `X-Siyu-Signature` in docs/guides/webhooks.md."""

    secret: str


@dataclass(frozen=True)
class Tested:
    """`error` is empty if the door took the body."""

    status: int | None
    error: str


@dataclass(frozen=True)
class Removed:
    id: str


def number(app: App, subscriber: str) -> int:
    """The subscriber behind a public id."""
    found = app.ids.decode(PREFIX, subscriber)
    if found is None:
        raise NotFound(
            Sentence(
                "This is no subscriber; `siyu webhook list` shows them, each like sub_…",
                "这不是订阅方；`siyu webhook list` 会列出，编号像 sub_…",
            )
        )
    return found


def shown(app: App, row: Row) -> Subscriber:
    """A subscriber as it is shown: never with its secret."""
    return Subscriber(
        id=app.ids.encode(PREFIX, row.id),
        url=row.url,
        kinds=list(row.kinds),
        created_at=row.created_at,
        active=row.active,
        stopped_why=row.stopped_why,
        told_at=row.told_at,
        failures=row.failures,
        failing_since=row.failing_since,
        error=row.error,
    )


@router.get("", **needs("subscribers.read"))
def subscribers(app: TheApp, after: After = "", limit: Limit = 100) -> Subscribers:
    """Every subscriber: what it is told, since when it fails, why it was stopped."""
    with app.db.transaction() as conn:
        rows = views.page(conn, start(app, after, PREFIX), limit)
        end = rows[-1].id if rows else start(app, after, PREFIX)
    return Subscribers([shown(app, row) for row in rows], following(app, end, PREFIX))


@router.post("", **needs("subscribers.write"))
def add(app: TheApp, caller: TheCaller, new: Annotated[New, Body()]) -> Subscriber:
    """Tell this address of what is applied from now on. `reveal` shows what signs the bodies."""
    private, kinds = app.settings.subscribers_private, tuple(new.kinds)
    with app.db.transaction() as conn:
        by, now = caller.actor(new.by), app.clock.now()
        found = actions.add(conn, new.url, kinds, by, now, private=private)
        return shown(app, views.get(conn, found))


@router.post("/{subscriber}/test", **needs("subscribers.write", once=False))
def tried(app: TheApp, subscriber: str) -> Tested:
    """Post a signed body without events to it, now, and say what its door answered."""
    with app.db.transaction() as conn:
        row = views.get(conn, number(app, subscriber))
    answer = probe(app.telling, row)
    return Tested(answer.status, words(answer))


@router.post("/{subscriber}/resume", **needs("subscribers.write"))
def resume(
    app: TheApp, caller: TheCaller, subscriber: str, who: Annotated[Who, Body()]
) -> Subscriber:
    """Tell it again; what it missed comes first."""
    with app.db.transaction() as conn:
        actions.resume(conn, number(app, subscriber), caller.actor(who.by), app.clock.now())
        found = shown(app, views.get(conn, number(app, subscriber)))
    app.wake()
    return found


@router.post("/{subscriber}/remove", **needs("subscribers.write"))
def remove(app: TheApp, caller: TheCaller, subscriber: str, who: Annotated[Who, Body()]) -> Removed:
    """Tell it nothing more, and forget it."""
    with app.db.transaction() as conn:
        actions.remove(conn, number(app, subscriber), caller.actor(who.by), app.clock.now())
    return Removed(subscriber)


@router.post("/{subscriber}/reveal", **needs("subscribers.reveal"))
def reveal(app: TheApp, caller: TheCaller, subscriber: str, why: Annotated[Why, Body()]) -> Secret:
    """The secret that signs what it is told; audited first."""
    found = number(app, subscriber)
    with app.db.transaction() as conn:
        views.get(conn, found)
        by, now = caller.actor(why.by), app.clock.now()
        audit(conn, by, "subscriber.reveal", subscriber, why.reason, now)
    return Secret(app.subscriber_secret(found))
