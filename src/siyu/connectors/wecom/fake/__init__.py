"""WeCom for the sandbox and for tests: the API over HTTP, and people over Python.

Two planes. What the API is asked is answered as WeCom answers, and tells nobody; what people do
(`people.py`) and what time does is called back, sealed and signed.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from siyu.connectors.wecom.fake.calls import CALLS
from siyu.connectors.wecom.fake.media import file_of
from siyu.connectors.wecom.fake.moments import Moments
from siyu.connectors.wecom.fake.post import Post
from siyu.connectors.wecom.fake.state import App, Code, Customer, Json, Member, Received

__all__ = ["App", "Customer", "Member", "Received", "WeCom"]

AUTHORIZE, BY_QR = "connect/oauth2/authorize", "wwlogin/sso/login"
LIFE = 7200  # seconds of an access token
PER_MINUTE = 10_000
Fault = Literal[
    "none", "busy", "conflict", "concurrent", "frequency", "stale token", "refuse", "fail",
    "silent", "fail after effect", "hang up after effect", "silent after effect",
    "garbage after effect",
]  # fmt: skip
_CODES = {"busy": -1, "conflict": 6000, "concurrent": 45033, "refuse": 40058}


class WeCom(Moments):
    """One corp. `faults` are used up one per call, in order; those of gettoken are
    `token_faults`."""

    def __init__(
        self,
        corpid: str,
        apps: Iterable[App],
        clock: Callable[[], datetime],
        staff: Iterable[str] = (),
        customers: Iterable[Customer] = (),
    ) -> None:
        super().__init__(corpid, apps, clock, staff)
        self.customers |= {one.external_userid: one for one in customers}
        self.post = Post(corpid)
        self.faults: deque[Fault] = deque()
        self.token_faults: deque[Fault] = deque()
        self.requests: Counter[str] = Counter()  # by path
        self.trusted = True  # our address is among the trusted ones
        self.per_minute = PER_MINUTE  # calls of one path
        self.blocks = [timedelta(seconds=60)]  # one after another; the last goes on
        self.refused_while_blocked = 0
        self._tokens: dict[str, tuple[str, datetime]] = {}  # secret → token, its end
        self._meter: Counter[tuple[str, int]] = Counter()
        self._blocked: dict[str, datetime] = {}
        self._known: set[str] = set()  # tokens that were once good
        self.app = Starlette(
            routes=[
                Route("/cgi-bin/{path:path}", self._call, methods=["GET", "POST"]),
                Route(f"/{AUTHORIZE}", self._who, methods=["GET"]),
                Route(f"/{BY_QR}", self._who, methods=["GET"]),
            ]
        )

    # ── callbacks ──

    def calls_back(self, hook: str) -> None:
        """From now on everything is called back to this address."""
        with self.lock:
            self.apps = {name: replace(app, hook=hook) for name, app in self.apps.items()}

    def deliver(self, now: datetime) -> int:
        """Post every callback that is due; how many were taken."""
        self._hand_over(now)
        return self.post.deliver(now)

    def next_at(self) -> datetime | None:
        """When the next callback is due."""
        self._hand_over(self.clock())
        return self.post.next_at()

    def verify(self, app: App) -> bool:
        """What happens when the admin saves the callback address."""
        return self.post.verify(app, self.clock())

    def _hand_over(self, now: datetime) -> None:
        with self.lock:
            self.settle()
            apps = [one for one in self.apps.values() if one.hook]
            while self.outbox:
                _, values = self.outbox.popleft()
                who = values.get("UserID")
                gone = values.get("ChangeType") == "delete_user"  # no member any more
                told = [
                    one for one in apps
                    if who is None or self.visible(one, who)
                    or (gone and (one.visible is None or who in one.visible))
                ]  # fmt: skip
                self.post.queue(told, values, now)

    # ── tokens ──

    def invalidate(self) -> None:
        """Every token ends early: 40014."""
        with self.lock:
            self._tokens.clear()
            self._known.clear()

    def _token(self, query: dict[str, str]) -> Json:
        if not query.get("corpid"):
            raise Code(41002, "corpid missing")
        if not query.get("corpsecret"):
            raise Code(41004, "corpsecret missing")
        if query["corpid"] != self.corpid:
            raise Code(40013, "invalid corpid")
        secret = query["corpsecret"]
        if secret not in self.apps:
            raise Code(40001, "invalid credential")
        token, end = self._tokens.get(secret, ("", self.clock()))
        if end <= self.clock():
            token = self.name("TOKEN")
            end = self.clock() + timedelta(seconds=LIFE)
            self._tokens[secret] = token, end
            self._known.add(token)
        left = int((end - self.clock()).total_seconds())
        return {"access_token": token, "expires_in": left}

    def _app(self, query: dict[str, str]) -> App:
        token = query.get("access_token", "")
        if not token:
            raise Code(41001, "access_token missing")
        for secret, (good, end) in self._tokens.items():
            if token == good and self.clock() < end:
                return self.apps[secret]
        if token in self._known:
            raise Code(42001, "access_token expired")
        raise Code(40014, "invalid access_token")

    # ── who opens a page ──

    async def _who(self, request: Request) -> Response:
        """Where a member says who they are: in life nothing is asked, or a code is scanned."""
        query = request.query_params
        known = {str(app.agent_id) for app in self.apps.values()}
        if query.get("appid") != self.corpid or query.get("agentid") not in known:
            return Response("redirect_uri domain is not trusted", 400)
        back, state = query["redirect_uri"], query.get("state", "")
        links = "".join(
            f'<p><a href="{escape(back)}?{escape(urlencode({"code": code, "state": state}))}">'
            f"{escape(one)}</a></p>"
            for one, code in [(one, self.opens_page(one)) for one in sorted(self.members)]
        )
        head = '<meta charset="utf-8"><title>WeCom</title><link rel="icon" href="data:,">'
        return HTMLResponse(f"<!doctype html>{head}{links}")

    # ── the API plane ──

    async def _call(self, request: Request) -> Response:
        path = request.path_params["path"]
        query = dict(request.query_params)
        content = await request.body()
        with self.lock:
            self.requests[path] += 1
            if path != "gettoken" and path not in CALLS:
                return Response(status_code=404)
            faults = self.token_faults if path == "gettoken" else self.faults
            fault = faults.popleft() if faults else None
            if fault == "fail":
                return Response(status_code=502)
            answer = (
                b"" if fault == "silent" else self._answered(path, query, content, fault, request)
            )
        if fault in ("silent", "silent after effect"):
            return await _never(request)
        if fault == "fail after effect":
            return Response(status_code=502)
        if fault == "hang up after effect":
            return _HangUp()
        if fault == "garbage after effect":
            return Response(b"<html>it works</html>")
        return Response(answer, media_type="application/json; charset=UTF-8")

    def _answered(
        self,
        path: str,
        query: dict[str, str],
        content: bytes,
        fault: Fault | None,
        request: Request,
    ) -> bytes:
        try:
            found = self._effect(path, query, content, fault, request)
            return msgspec.json.encode({"errcode": 0, "errmsg": "ok", **found})
        except Code as wrong:
            at, code = self.now, wrong.code
            said = (
                f"{wrong.words}, hint: [{at}_12_0a1b2c3d4e5f], from ip: 192.0.2.1, more info at"
                f" https://open.work.weixin.qq.com/devtool/query?e={code}"
            )
            return msgspec.json.encode({"errcode": code, "errmsg": said})

    def _effect(
        self,
        path: str,
        query: dict[str, str],
        content: bytes,
        fault: Fault | None,
        request: Request,
    ) -> Json:
        if not self.trusted and path != "gettoken":
            raise Code(60020, "not allow to access from your ip")
        if path == "gettoken":
            self._metered(path, fault)
            if fault in _CODES:
                raise Code(_CODES[fault], "system busy")
            return self._token(query)
        if fault == "stale token":
            self._tokens.clear()
        app, call = self._app(query), CALLS[path]
        self._metered(path, fault)
        if fault in _CODES:
            raise Code(_CODES[fault], "system busy")
        if request.method != call.method:
            raise Code(43001 if call.method == "GET" else 43002, "wrong method")
        if call.permission and call.permission not in app.permissions:
            raise Code(48002, "api forbidden")
        return call.answer(self, app, query, _body(request, content))

    def _metered(self, path: str, fault: Fault | None) -> None:
        """One call of one path more; too many in a minute block it, each time for the next span."""
        now = self.clock()
        if path in self._blocked and now < self._blocked[path]:
            self.refused_while_blocked += 1
            raise Code(45009, "reach max api daily quota limit")
        minute = int(now.timestamp()) // 60
        self._meter[path, minute] += 1
        if fault == "frequency" or self._meter[path, minute] > self.per_minute:
            span = self.blocks.pop(0) if len(self.blocks) > 1 else self.blocks[0]
            self._blocked[path] = now + span
            raise Code(45009, "reach max api daily quota limit")


def _body(request: Request, content: bytes) -> Json:
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return file_of(kind, content)
    try:
        return msgspec.json.decode(content or b"{}", type=dict[str, Any])
    except msgspec.DecodeError:
        raise Code(40058, "Warning: wrong json format. ") from None


class _HangUp(Response):
    """The connection ends in the middle of an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        headers = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _never(request: Request) -> Response:
    """No answer, until the other side has had enough."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response(status_code=504)
