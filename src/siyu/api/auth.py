"""Who asks, what they may and what they see: the API key holds everything, a session its role.

A session comes as a cookie, so what it writes must bear a token that only our own pages can read.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from siyu.api.once import begin
from siyu.app import App
from siyu.kernel.errors import (
    BadInput,
    Forbidden,
    Forged,
    MustChange,
    OutOfScope,
    Problem,
    Refused,
)
from siyu.kernel.sentence import Sentence
from siyu.staff import views
from siyu.staff.actions import sessions
from siyu.staff.actions.sessions import SEEN, key_of
from siyu.staff.model import PERMISSIONS, Role, Scope, who_may
from siyu.staff.views import SignedIn

Permission = Literal[
    "overview.read",
    "goal.write",
    "live.read",
    "customers.read",
    "customers.reveal",
    "customers.merge",
    "customers.consent",
    "customers.care",
    "customers.health",
    "touches.read",
    "touches.stop",
    "budget.read",
    "budget.write",
    "tasks.read",
    "tasks.work",
    "tasks.reveal",
    "tasks.manage",
    "staff.read",
    "staff.manage",
    "staff.handover",
    "ways.read",
    "ways.write",
    "groups.read",
    "segments.read",
    "segments.write",
    "journeys.read",
    "journeys.publish",
    "journeys.approve",
    "journeys.test",
    "content.read",
    "content.write",
    "content.approve",
    "moments.read",
    "moments.publish",
    "parcels.read",
    "parcels.pick",
    "offers.read",
    "offers.reserve",
    "events.read",
    "events.write",
    "metrics.read",
    "ledger.read",
    "reports.read",
    "imports.read",
    "imports.write",
    "audit.read",
    "settings.read",
    "settings.write",
    "subscribers.read",
    "subscribers.write",
    "subscribers.reveal",
]

LOOPBACK = frozenset({"127.0.0.1", "::1"})
COOKIE, CSRF = "siyu_session", "siyu_csrf"
CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_bearer = HTTPBearer(auto_error=False, description="The API key of this installation.")
_cookie = APIKeyCookie(
    name=COOKIE,
    auto_error=False,
    description=f"A session of the console; what it writes bears `{CSRF_HEADER}`, read from the"
    f" cookie `{CSRF}`.",
)


@dataclass(frozen=True)
class Caller:
    """Who asks: an account of staff, or whoever holds the API key (then `code` is empty)."""

    code: str
    may: frozenset[str]
    scope: Scope
    signed_in: SignedIn | None = None

    def actor(self, by: str = "") -> str:
        """Who does it, for the audit: the account; with the API key, whoever the body names."""
        if self.code:
            return self.code
        if not by.strip():
            raise BadInput(
                Sentence("Say who does it.", "请写明是谁做的。"),
                (
                    Problem(
                        "by",
                        Sentence(Sentence("write the account", "请写账号"), "请写明是谁做的。"),
                    ),
                ),
            )
        return by

    def may_manage(self, code: str, *roles: Role) -> None:
        """Refuse to change people who may do more than oneself, and oneself: else a role is what
        one takes, not what one is given."""
        if code == self.code:
            raise Refused(
                Sentence(
                    "Your own role and account are changed by somebody else.",
                    "您自己的角色和账号要由别人来改。",
                )
            )
        for role in roles:
            more = sorted(PERMISSIONS[role] - self.may)
            if more:
                raise Forbidden(
                    Sentence(
                        f"Whoever is {role} may do more than you; ask one of them, or the owner.",
                        f"{role} 的权限比您多；请找一位这样的同事，或找负责人。",
                    ),
                    missing(more[0]),
                )


HOLDS_THE_KEY = Caller("", frozenset(get_args(Permission)), Scope())


def the_app(request: Request) -> App:
    """The wired application behind this request."""
    app: App = request.app.state.siyu
    return app


def sessions_secret(app: App) -> bytes:
    """What keys the hashes of sessions and of who tries to sign in."""
    return app.settings.derived("console sessions")


def csrf_of(app: App, token: str) -> str:
    """The token that belongs to this session, and that another site can't read."""
    return key_of(app.settings.derived("console forms"), token).hex()


def refuse_other_sites(request: Request) -> None:
    """What a browser sends by order of another site's page; a program says no such thing."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is None and origin is not None:
        same = urlsplit(origin).netloc == request.headers.get("Host", "")
        site = "same-origin" if same else "cross-site"
    if site not in (None, "same-origin", "none"):
        raise Forged


def _caller_of(
    request: Request, key: HTTPAuthorizationCredentials | None, token: str | None
) -> Caller:
    app = the_app(request)
    if key is not None:
        if hmac.compare_digest(key.credentials.encode(), app.settings.api_key.encode()):
            return HOLDS_THE_KEY
    elif token and "Authorization" not in request.headers:
        found = _session(request, app, token)
        if found is not None:
            return found
    raise HTTPException(
        401,
        Sentence(
            "Sign in, or send the API key as `Authorization: Bearer KEY`.",
            "请登录，或发送 API 密钥 `Authorization: Bearer KEY`。",
        ),
        {"WWW-Authenticate": "Bearer"},
    )


def _session(request: Request, app: App, token: str) -> Caller | None:
    secret, real = sessions_secret(app), app.clock.real()
    key = key_of(secret, token)
    with app.db.transaction() as conn:
        found = views.signed_in(conn, key, real)
        if found is None:
            return None
        if real - found.seen_at > SEEN:
            sessions.seen(conn, secret, token, real)
        scope = views.scope_of(conn, found.code, found.scope, found.place)
    if request.method not in SAFE:
        refuse_other_sites(request)
        sent = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(sent.encode(), csrf_of(app, token).encode()):
            raise Forged
    return Caller(found.code, PERMISSIONS[found.role], scope, found)


def _opened_to_this_machine(request: Request) -> bool:
    """`/metrics`, where the settings say so: monitors rarely carry a key."""
    near = request.client is not None and request.client.host in LOOPBACK
    return near and request.url.path == "/metrics" and the_app(request).settings.open_metrics


def missing(permission: str) -> tuple[Problem, ...]:
    """As a program reads it: the permission, and each role that has it."""
    who = (Problem("role", role) for role in who_may(permission))
    return (Problem("permission", permission), *who)


def allow(caller: Caller, permission: str, *, scoped: bool) -> None:
    """Refuse, in words that say what is missing and who has it."""
    if caller.signed_in is not None and caller.signed_in.must_change:
        raise MustChange
    if permission not in caller.may:
        raise Forbidden(
            Sentence(
                f"Your role does not allow this; ask one of: {', '.join(who_may(permission))}.",
                f"您的角色没有这项权限；请找：{', '.join(who_may(permission))}。",
            ),
            missing(permission),
        )
    if not scoped and caller.scope.staff is not None:
        raise OutOfScope


# What these routes show in clear is kept nowhere, not even as an answer to be given again.
NEVER_KEPT: frozenset[Permission] = frozenset(
    {"customers.reveal", "customers.health", "tasks.reveal", "subscribers.reveal"}
)


_Key = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
_Token = Annotated[str | None, Depends(_cookie)]


async def _once(request: Request) -> None:
    request.state.app = await begin(request, the_app(request), may_keep=True)


async def _never_kept(request: Request) -> None:
    request.state.app = await begin(request, the_app(request), may_keep=False)


def needs(permission: Permission, *, once: bool = True, scoped: bool = False) -> dict[str, Any]:
    """Route arguments that declare and enforce a permission.

    `once`: an Idempotency-Key may name the write, which then is one transaction as a whole.
    `scoped`: the route takes TheCaller and its statements keep to `caller.scope`; every other route
    is refused to those who may not see the whole brand.
    """
    keeps = once and permission not in NEVER_KEPT

    def _check(request: Request, key: _Key, token: _Token) -> None:
        if _opened_to_this_machine(request):
            request.state.caller = HOLDS_THE_KEY
            return
        request.state.caller = _caller_of(request, key, token)
        allow(request.state.caller, permission, scoped=scoped)

    return {
        "dependencies": [Depends(_check), Depends(_once if keeps else _never_kept)],
        "openapi_extra": {"x-permission": permission, "x-once": keeps, "x-scoped": scoped},
    }


def _signed_in(request: Request, key: _Key, token: _Token) -> None:
    request.state.caller = _caller_of(request, key, token)


# For one's own session, which needs no permission: whoever is signed in, and whoever signs in.
SIGNED_IN: dict[str, Any] = {"dependencies": [Depends(_signed_in), Depends(_never_kept)]}
ANYBODY: dict[str, Any] = {"dependencies": [Depends(_never_kept)]}


def _app(request: Request) -> App:
    return getattr(request.state, "app", None) or the_app(request)


TheApp = Annotated[App, Depends(_app)]


def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


TheCaller = Annotated[Caller, Depends(_caller)]
