"""Who may sign in to the console and what each sees; a password is shown once, where it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body

from siyu.api.auth import Caller, TheApp, TheCaller, needs
from siyu.api.words import Who, Words
from siyu.app import App
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.staff import views
from siyu.staff.actions import accounts
from siyu.staff.model import Role, ScopeKind, Sees

router = APIRouter(tags=["staff"])


@dataclass(frozen=True)
class ConsoleAccount:
    """`scope` and `place` are what holds; `scope_set` what was said, null: role and store say it.

    `must_change`: its password was given by somebody, and nobody has chosen one yet.
    """

    code: str
    name: str
    role: Role
    scope: ScopeKind
    place: str
    scope_set: ScopeKind | None
    active: bool
    must_change: bool
    made_at: datetime
    changed_at: datetime
    sessions: int
    seen_at: datetime | None


@dataclass(frozen=True)
class Accounts:
    accounts: list[ConsoleAccount]


@dataclass(frozen=True)
class NewAccount:
    """What it sees. null: as role and store say; without `place`: the member's own."""

    scope: ScopeKind | None = None
    place: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class Change(NewAccount):
    """`active` false: nobody signs in by it, and whoever is signed in is not any more."""

    active: bool = True


@dataclass(frozen=True, repr=False)
class OneTime:
    """A password to hand over. It is shown here and nowhere else, and must be changed."""

    code: str
    password: str


def shown(row: views.Account) -> ConsoleAccount:
    """An account as it is shown."""
    return ConsoleAccount(
        row.code,
        row.name,
        row.role,
        row.scope,
        row.place,
        row.said.scope,
        row.active,
        row.must_change,
        row.made_at,
        row.changed_at,
        row.sessions,
        row.seen_at,
    )


def listed(app: App) -> Accounts:
    """All of them."""
    with app.db.transaction() as conn:
        return Accounts([shown(one) for one in views.accounts(conn, app.clock.real())])


@router.get("/accounts", **needs("staff.read"))
def everybody(app: TheApp) -> Accounts:
    """Everybody who may sign in to the console: what they see, since when, seen when."""
    return listed(app)


def _one(app: App, conn: Conn, who: str) -> views.Account:
    for found in views.accounts(conn, app.clock.real(), who):
        return found
    raise NotFound(Sentence(f"{who!r} has no account.", f"{who!r} 没有账号。"))


def _manage(caller: Caller, conn: Conn, who: str) -> None:
    caller.may_manage(who, *views.roles(conn, who))


@router.post("/staff/{who}/account", **needs("staff.manage", once=False))
def add(app: TheApp, caller: TheCaller, who: Words, new: Annotated[NewAccount, Body()]) -> OneTime:
    """Let a member of staff sign in; answers with a password that they have to change. Audited."""
    password, by, now = accounts.made_up(), caller.actor(new.by), app.clock.now()
    with app.db.transaction() as conn:
        _manage(caller, conn, who)
        accounts.add(conn, who, password, by, now, sees=Sees(new.scope, new.place))
    return OneTime(who, password)


@router.put("/staff/{who}/account", **needs("staff.manage"))
def change(
    app: TheApp, caller: TheCaller, who: Words, new: Annotated[Change, Body()]
) -> ConsoleAccount:
    """What an account sees, and whether it is on. Holds at once. Audited."""
    by, now = caller.actor(new.by), app.clock.now()
    with app.db.transaction() as conn:
        _manage(caller, conn, who)
        was = _one(app, conn, who)
        if was.said != (sees := Sees(new.scope, new.place)):
            accounts.set_scope(conn, who, sees, by, now)
        if was.active != new.active:
            accounts.set_active(conn, who, by, now, active=new.active)
        return shown(_one(app, conn, who))


@router.post("/staff/{who}/account/password", **needs("staff.manage", once=False))
def forgotten(app: TheApp, caller: TheCaller, who: Words, by: Annotated[Who, Body()]) -> OneTime:
    """A new password for somebody who has lost theirs; ends their sessions. Audited."""
    password, actor, now = accounts.made_up(), caller.actor(by.by), app.clock.now()
    with app.db.transaction() as conn:
        _manage(caller, conn, who)
        accounts.set_password(conn, who, password, actor, now, must_change=True)
    return OneTime(who, password)
