"""How WeCom is called: one token for all processes, its codes as meanings, its blocks waited out.

Neither the token nor the secret is ever in what is logged or raised: they join the address below
the client that writes the log.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.request import getproxies, proxy_bypass

import httpx
import msgspec

from siyu.connectors.calling import FRESH, NEVER_SENT, TIMEOUT, trusted
from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire import codes
from siyu.connectors.wecom.wire.answers import number, text
from siyu.kernel.sentence import Sentence

EARLY = timedelta(seconds=300)  # before its end a token is fetched anew
SHORTEST_LIFE = 60  # seconds that a token is used, whatever its answer says
OF = "externalcontact"
# Nothing was done, for reasons of ours or of the hour: the door is shut, and no touch is lost.
NOT_NOW = frozenset({"limited", "settings", "stale"})
LATER = NOT_NOW | {"busy"}  # what WeCom does not do now it may do when it is asked again
# The sandbox's WeCom is on this machine: a proxy of the environment is not for it.
LOCAL = ("127.0.0.1", "localhost")
Json = dict[str, Any]


class Failed(Exception):
    """WeCom did not do it. `meaning` says what to do about it, `again` when it may be tried."""

    def __init__(
        self, code: int, meaning: codes.Meaning, said: Sentence, again: datetime | None = None
    ) -> None:
        super().__init__(said)
        self.code, self.meaning, self.said, self.again = code, meaning, said, again


class NotSent(Exception):
    """WeCom could not be reached: it surely has nothing."""


class Unclear(Exception):
    """The call has left, and no answer that can be read came back."""


class File(NamedTuple):
    """A file that goes along with a call."""

    name: str
    kind: str  # its media type
    content: bytes


class _Block(NamedTuple):
    """How long calls of one path are blocked, and which block in a row it is."""

    until: datetime
    level: int


class Client:
    """WeCom's API for one app; several threads may call it."""

    def __init__(self, config: Config, tools: Tools, *, timeout: httpx.Timeout = TIMEOUT) -> None:
        self._config = config
        self._tools = tools
        self._http = httpx.Client(
            base_url=config.base_url, transport=_Hiding(config.base_url), timeout=timeout
        )
        self._name = f"{config.corpid}/{config.agent_id}"
        self._wait = threading.Event()  # never set: what a busy WeCom is waited for with

    def get(self, path: str, **query: str) -> Json:
        """Ask; may be repeated at will."""
        return self._called("GET", path, query, None, safe=True)

    def ask(self, path: str, body: Mapping[str, object]) -> Json:
        """Ask with a body; may be repeated at will."""
        return self._called("POST", path, {}, body, safe=True)

    def do(self, path: str, body: Mapping[str, object]) -> Json:
        """Have something done: never repeated unless WeCom said that it was not."""
        return self._called("POST", path, {}, body, safe=False)

    def upload(self, path: str, file: File, **query: str) -> Json:
        """Hand a file over; done twice there are two of them there, which harms nobody."""
        return self._called("POST", path, query, file, safe=True)

    def pages(self, path: str, body: Mapping[str, object]) -> Iterator[Json]:
        """Every page. One whose cursor WeCom does not know any more ends it with Failed."""
        cursor = ""
        while True:
            page = self.ask(path, {**body, **({"cursor": cursor} if cursor else {})})
            yield page
            cursor = text(page, "next_cursor")
            if not cursor:
                return

    # ── one call ──

    def _called(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, object] | File | None,
        *,
        safe: bool,
    ) -> Json:
        self._unblocked(path)
        for turn in range(codes.TRIES):
            last = turn == codes.TRIES - 1
            try:
                found = self._answered(method, path, query, body)
            except (NotSent, Unclear):
                if last or not safe:
                    raise
            else:
                code = _code(found)
                meaning = codes.meaning(code)
                if meaning == "ok":
                    self._free(path)
                    return found
                if meaning != "busy" or last or code == codes.DISPATCHING:
                    raise self._failed(path, code, meaning)
            self._wait.wait(codes.pause(turn, self._name, path))
        raise AssertionError(path)

    def _answered(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, object] | File | None,
    ) -> Json:
        """The answer; where the token was ended early, the one to a second try with a new one."""
        token = self._token()
        found = self._sent(method, path, query, body, {"access_token": token})
        if codes.meaning(_code(found)) != "stale":
            return found
        self._drop(token)
        return self._sent(method, path, query, body, {"access_token": self._token()})

    def _failed(self, path: str, code: int, meaning: codes.Meaning) -> Failed:
        again = self._block(path) if meaning == "limited" else None
        return Failed(code, meaning, codes.words(code), again)

    def _sent(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, object] | File | None,
        hidden: Mapping[str, str],
    ) -> Json:
        try:
            answer = self._http.request(
                method,
                f"/cgi-bin/{path}",
                params=query,
                extensions={"hidden": hidden},
                **_carried(body),
            )
        except NEVER_SENT as error:
            raise NotSent(type(error).__name__) from None
        except httpx.HTTPError as error:
            raise Unclear(type(error).__name__) from None
        if not answer.is_success:
            raise Unclear(f"status {answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=Json)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Unclear("not an answer of WeCom's") from None

    # ── the token ──

    def _token(self) -> str:
        """The app's token; fetched by one for all when there is none or it ends soon."""
        key = f"token/{self._name}"
        found = self._tools.store.get(key)
        if found is not None:
            return found
        with self._tools.store.lock(key):
            found = self._tools.store.get(key)  # somebody else may have fetched it meanwhile
            return found if found is not None else self._fetched(key)

    def _fetched(self, key: str) -> str:
        answer = self._asked_for_token()
        code = _code(answer)
        token = text(answer, "access_token")
        if code or not token:
            raise self._failed("gettoken", code, codes.meaning(code) if code else "refused")
        self._free("gettoken")
        life = timedelta(seconds=number(answer, "expires_in")) - EARLY
        life = max(life, timedelta(seconds=SHORTEST_LIFE))
        self._tools.store.put(key, token, self._tools.clock.now() + life)
        return token

    def _asked_for_token(self) -> Json:
        """WeCom's answer; a busy one is asked again. Without one, what the token was for has surely
        not left."""
        self._unblocked("gettoken")
        hidden = {"corpid": self._config.corpid, "corpsecret": self._config.secret}
        answer: Json = {}
        for turn in range(codes.TRIES):
            if turn:
                self._wait.wait(codes.pause(turn - 1, self._name, "gettoken"))
            try:
                answer = self._sent("GET", "gettoken", {}, None, hidden)
            except Unclear as error:
                raise NotSent(*error.args) from None
            if codes.meaning(_code(answer)) != "busy":
                break
        return answer

    def _drop(self, used: str) -> None:
        """WeCom ended this token early: forget it, unless somebody has fetched another already."""
        key = f"token/{self._name}"
        with self._tools.store.lock(key):
            if self._tools.store.get(key) == used:
                self._tools.store.take(key)

    # ── blocks ──

    def _blocked(self, path: str) -> _Block | None:
        said = self._tools.store.get(f"block/{self._name}/{path}")
        if said is None:
            return None
        until, level = json.loads(said)
        return _Block(datetime.fromisoformat(until), level)

    def _unblocked(self, path: str) -> None:
        block = self._blocked(path)
        if block is not None and self._tools.clock.now() < block.until:
            code = min(codes.LIMITED)
            raise Failed(code, "limited", codes.words(code), block.until)

    def _block(self, path: str) -> datetime:
        """Until when not to call this path; longer each time that it was no use to wait."""
        before, now = self._blocked(path), self._tools.clock.now()
        level = 0 if before is None else before.level + 1
        until = codes.block_until(level, now, self._name, path, str(level))
        value = json.dumps([until.isoformat(), level])
        # remembered a while after its end: whoever is blocked at once again is blocked for longer
        self._tools.store.put(f"block/{self._name}/{path}", value, until + (until - now))
        return until

    def _free(self, path: str) -> None:
        if self._blocked(path) is not None:
            self._tools.store.take(f"block/{self._name}/{path}")


def _carried(body: Mapping[str, object] | File | None) -> dict[str, Any]:
    """What a request carries, in the client's words."""
    match body:
        case None:
            return {}
        case File(name, kind, content):
            return {"files": {"media": (name, content, kind)}}
        case _:
            headers = {"Content-Type": "application/json"}
            return {"content": msgspec.json.encode(body), "headers": headers}


def _code(answer: Json) -> int:
    code = answer.get("errcode", 0)
    return code if isinstance(code, int) else -1


class _Hiding(httpx.BaseTransport):
    """Joins what no log may show to the address, below where httpx writes its log."""

    def __init__(self, base_url: str) -> None:
        url = httpx.URL(base_url)
        self._inner = httpx.HTTPTransport(verify=trusted(), limits=FRESH, proxy=_proxy(url))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        hidden: Mapping[str, str] = request.extensions.get("hidden", {})
        sent = httpx.Request(
            request.method,
            request.url.copy_merge_params(hidden),
            headers=request.headers,
            stream=request.stream,
            extensions={"timeout": request.extensions.get("timeout", {})},
        )
        return self._inner.handle_request(sent)

    def close(self) -> None:
        self._inner.close()


def _proxy(url: httpx.URL) -> str | None:
    """The environment's proxy for this address, as httpx itself would find it."""
    if url.host in LOCAL or proxy_bypass(url.host):
        return None
    return getproxies().get(url.scheme)
