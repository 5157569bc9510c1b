"""Group chats as their plans want them: each for its purpose, and codes that lead into one that has
room. Looked at every ten minutes, or when somebody asks."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog

from siyu.app import App, WayIn
from siyu.customers import views as customers
from siyu.groups import actions, views
from siyu.groups.actions import posts
from siyu.groups.model import Chat, Filling
from siyu.kernel.errors import DatabaseDown, SiyuError
from siyu.staff.actions import audit

log = structlog.get_logger(__name__)
OURS = "siyu"


@dataclass(frozen=True)
class Led:
    """A code that leads into other groups from now on."""

    purpose: str
    way: str
    into: tuple[str, ...]


def chats(app: App) -> list[Chat]:
    """Every group chat that the carrier names, with everybody in it."""
    named = {one.chat: one for one in app.connections.groups()}
    with app.db.transaction() as conn:
        inside = customers.groups(conn, sorted(named), app.clock.now())
    return [
        Chat(chat, one.title, one.staff + inside[chat].members, one.staff, one.owner)
        for chat, one in named.items()
    ]


def look(app: App, now: datetime) -> int:
    """Those whose time has come: what is said in them by hand goes with their owners, codes lead
    elsewhere. How many; what a carrier refuses is said, and tried again with the next look. One of
    the two doesn't stop the other."""
    with app.db.transaction() as conn:
        due = actions.claim(conn, now)
    if not due:
        return 0
    led = passed = 0
    with _warned("groups could not be looked at"):
        known = chats(app)
        with _warned("codes of groups could not be led on"):
            led = len(fill(app, due, known=known))
        with (
            _warned("what is said by hand could not be handed over"),
            app.db.transaction() as conn,
        ):
            passed = posts.pass_on(conn, known, OURS, now)
    return led + passed or 1


@contextmanager
def _warned(what: str) -> Generator[None]:
    try:
        yield
    except DatabaseDown:
        raise
    except SiyuError as error:
        log.warning(what, error=error.detail)


def fill(
    app: App,
    purposes: Iterable[str] | None = None,
    by: str = OURS,
    *,
    known: Sequence[Chat] | None = None,
) -> list[Led]:
    """Have the codes of these plans (all) lead into groups that have room; audited."""
    known, now = chats(app) if known is None else known, app.clock.now()
    with app.db.transaction() as conn:
        actions.follow(conn, known)
        found = views.fillings(conn, known)
    wanted = None if purposes is None else set(purposes)
    led: list[Led] = []
    for one in found:
        way = _way(app, one) if wanted is None or one.plan.code in wanted else None
        if way is None or not one.into or way.groups == one.into:
            continue
        app.connections.make_way(way._replace(groups=one.into))
        led.append(Led(one.plan.code, way.state, one.into))
        with app.db.transaction() as conn:
            audit(conn, by, "group.way.lead", way.state, ", ".join(one.into), now)
    return led


def _way(app: App, filling: Filling) -> WayIn | None:
    return next(
        (
            one.way for one in app.connections.ways() or []
            if one.way.kind == "group" and one.way.state == filling.plan.way and not one.gone
        ),
        None,
    )  # fmt: skip
