"""Members of the carrier who are not staff here, and staff who are no members there any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Body

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.staff import Changed
from siyu.api.words import Words
from siyu.app import App
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.sentence import Sentence, wording
from siyu.staff import actions, views
from siyu.staff.model import Member

router = APIRouter(tags=["staff"])
MOST = 500  # offered at once; the others are counted


@dataclass(frozen=True)
class Offered:
    """`name` is empty where the app may not see it; `contact`: can have customers as friends."""

    code: str
    name: str
    departments: list[str]
    contact: bool


@dataclass(frozen=True)
class Gone:
    """Staff who are no members there: `left` the company, or only `unseen` by the app. With `left`,
    their friends are to be handed over."""

    code: str
    name: str
    state: Literal["left", "unseen"]
    departments: list[str]


@dataclass(frozen=True)
class Colleagues:
    """`connector` is empty where nothing that is connected lists members. `more` are offered, too,
    and not shown."""

    connector: str
    offered: list[Offered]
    more: int
    gone: list[Gone]


@dataclass(frozen=True)
class TakenIn:
    """As what, and where; no store: head office. `name`: only where the carrier shows none."""

    role: Literal["guide", "operator"] = "guide"
    store: Words | None = None
    name: Words = ""
    by: Words = ""


@router.get("/colleagues", **needs("staff.manage"))
def colleagues(app: TheApp) -> Colleagues:
    """Whom the carrier lists and nobody took in, and whom it lists no more."""
    return listed(app)


@router.post("/colleagues/{code}", **needs("staff.manage"))
def take_in(
    app: TheApp, caller: TheCaller, code: Words, new: Annotated[TakenIn, Body()]
) -> Changed:
    """Take one of them in. Nobody becomes staff by themselves."""
    taken(app, code, new, caller.actor(new.by))
    return Changed(code)


def listed(app: App) -> Colleagues:
    """The same for a command."""
    found = app.connections.colleagues()
    if found is None:
        return Colleagues("", [], 0, [])
    connector, everybody = found
    with app.db.transaction() as conn:
        ours = {one.code: one for one in views.members(conn, active_only=False)}
    new = [one for one in everybody if one.state == "active" and one.code not in ours]
    new.sort(key=lambda one: (not one.contact, one.code))
    return Colleagues(
        connector,
        [Offered(one.code, one.name, [*one.departments], one.contact) for one in new[:MOST]],
        max(len(new) - MOST, 0),
        [
            Gone(one.code, ours[one.code].name, one.state, [*one.departments])
            for one in everybody
            if one.state in ("left", "unseen") and one.code in ours and ours[one.code].active
        ],
    )


def taken(app: App, code: str, new: TakenIn, by: str) -> Member:
    """The same for a command."""
    connector, everybody = app.connections.colleagues() or ("", [])
    found = next((one for one in everybody if one.code == code and one.state == "active"), None)
    if found is None:
        raise NotFound(
            Sentence(
                f"No member {code} is offered; `siyu staff colleagues` lists who is.",
                f"没有可加入的成员 {code}；`siyu staff colleagues` 会列出。",
            )
        )
    try:
        member = Member(code, found.name or new.name or code, new.role, new.store or None)
    except ValueError as error:
        raise BadInput(wording(error)) from None
    with app.db.transaction() as conn:
        actions.take_in(conn, member, connector, by, app.clock.now())
    return member
