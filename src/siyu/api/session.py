"""Sign in, who am I, a password of one's own, sign out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from siyu.api.auth import (
    ANYBODY,
    COOKIE,
    CSRF,
    SIGNED_IN,
    Caller,
    TheApp,
    TheCaller,
    csrf_of,
    refuse_other_sites,
    sessions_secret,
)
from siyu.api.words import Words
from siyu.app import App
from siyu.kernel.errors import Refused, Unknown
from siyu.kernel.sentence import Sentence
from siyu.staff import views
from siyu.staff.actions import sessions
from siyu.staff.actions.sessions import Door
from siyu.staff.decide import LONGEST_SESSION
from siyu.staff.model import PERMISSIONS, Role, ScopeKind
from siyu.staff.views import SignedIn

router = APIRouter(prefix="/session", tags=["session"])
Password = Annotated[str, StringConstraints(max_length=500)]


@dataclass(frozen=True, repr=False)
class SignIn:
    code: Words
    password: Password


@dataclass(frozen=True, repr=False)
class NewPassword:
    """At least ten characters. Every other session of the account ends."""

    old: Password
    new: Password


@dataclass(frozen=True)
class Sees:
    """Whose customers: `place` is the code of the store or the region, `name` what it is called."""

    kind: ScopeKind
    place: str
    name: str


@dataclass(frozen=True)
class At:
    code: str
    name: str
    region: str


@dataclass(frozen=True)
class OfBrand:
    name: str
    locale: str
    time_zone: str
    currency: str
    region: str


@dataclass(frozen=True)
class Me:
    """Who asks. With the API key there is no code and no role, and everything may be done.

    `must_change`: nothing else is answered before the password is changed. `now` is the time of
    the engine, which a demo plays by.
    """

    code: str
    name: str
    role: Role | None
    store: At | None
    scope: Sees
    permissions: list[str]
    must_change: bool
    brand: OfBrand
    now: datetime


@dataclass(frozen=True)
class SignedOut:
    code: str


@router.post("", **ANYBODY)
def sign_in(
    app: TheApp, request: Request, response: Response, who: Annotated[SignIn, Body()]
) -> Me:
    """Sign in by code and password: sets the cookies of a session. Throttled."""
    refuse_other_sites(request)
    door = Door(sessions_secret(app), request.client.host if request.client else "")
    now, real = app.clock.now(), app.clock.real()
    token = sessions.sign_in(app.db, door, who.code.strip(), who.password, now, real)
    return _begun(app, request, response, token)


@router.get("", **SIGNED_IN)
def me(app: TheApp, caller: TheCaller) -> Me:
    """Who is signed in: role, scope, permissions, and the brand."""
    return _shown(app, caller.signed_in, caller)


@router.delete("", **SIGNED_IN)
def sign_out(app: TheApp, caller: TheCaller, request: Request, response: Response) -> SignedOut:
    """End this session."""
    with app.db.transaction() as conn:
        sessions.sign_out(conn, sessions_secret(app), request.cookies.get(COOKIE, ""))
    for name in (COOKIE, CSRF):
        response.delete_cookie(name, path="/")
    return SignedOut(caller.code)


@router.post("/password", **SIGNED_IN)
def password(
    app: TheApp,
    caller: TheCaller,
    request: Request,
    response: Response,
    change: Annotated[NewPassword, Body()],
) -> Me:
    """A new password of one's own; every other session of the account ends."""
    if caller.signed_in is None:
        raise Refused(
            Sentence(
                "The API key has no password; `siyu account password` sets somebody's.",
                "API 密钥没有密码；`siyu account password` 可设某人的密码。",
            )
        )
    now, real = app.clock.now(), app.clock.real()
    both = change.old, change.new
    token = sessions.change_password(app.db, sessions_secret(app), caller.code, both, now, real)
    return _begun(app, request, response, token)


def _begun(app: App, request: Request, response: Response, token: str) -> Me:
    secret, real = sessions_secret(app), app.clock.real()
    with app.db.transaction() as conn:
        found = views.signed_in(conn, sessions.key_of(secret, token), real)
    if found is None:  # switched off in between
        raise Unknown
    put_cookies(app, request, response, token)
    return _shown(app, found, None)


def put_cookies(app: App, request: Request, response: Response, token: str) -> None:
    """Whoever gets this answer is signed in."""
    for name, value, hidden in ((COOKIE, token, True), (CSRF, csrf_of(app, token), False)):
        response.set_cookie(
            name, value, max_age=int(LONGEST_SESSION.total_seconds()), path="/",
            secure=over_https(request), httponly=hidden, samesite="strict",
        )  # fmt: skip


def over_https(request: Request) -> bool:
    """A cookie that may only go over https is lost on a plain connection."""
    return "https" in (request.url.scheme, request.headers.get("X-Forwarded-Proto"))


def _shown(app: App, found: SignedIn | None, caller: Caller | None) -> Me:
    brand = app.brand
    of_brand = OfBrand(brand.name, brand.locale, brand.time_zone, brand.currency, brand.region)
    if found is None:
        may = sorted(caller.may) if caller else []
        return Me(
            "", "", None, None, Sees("head_office", "", ""), may, False, of_brand, app.clock.now()
        )
    at = found.store and At(found.store.code, found.store.name, found.store.region)
    with app.db.transaction() as conn:
        stores = {one.code: one.name for one in views.stores(conn)}
    called = stores.get(found.place, "") if found.scope == "store" else found.place
    return Me(
        found.code,
        found.name,
        found.role,
        at,
        Sees(found.scope, found.place, called),
        sorted(PERMISSIONS[found.role]),
        found.must_change,
        of_brand,
        app.clock.now(),
    )
