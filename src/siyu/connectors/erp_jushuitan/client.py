"""How Jushuitan is called: signed forms, one token for all processes, renewed before it is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Self

import httpx
import msgspec

from siyu.connectors.calling import DIRECT, trusted
from siyu.connectors.erp_jushuitan import wire
from siyu.connectors.erp_jushuitan.config import Config
from siyu.connectors.erp_jushuitan.wire import Answer, Page, Token
from siyu.connectors.manifest import Tools

TIMEOUT = httpx.Timeout(20.0, connect=5.0)
RENEWED = 0.9  # of its time: 27 of 30 days
TOO_MANY = 429
LASTS = timedelta(days=29)  # where the platform doesn't say
TOKEN = "token"  # noqa: S105 - where it is kept
INIT, REFRESH = "/openWeb/auth/getInitToken", "/openWeb/auth/refreshToken"


class Limited(Exception):
    """Too many calls for now."""


class SaidNo(Exception):
    """The platform said no; `code` is its own."""

    def __init__(self, path: str, code: int | None) -> None:
        self.code = code
        super().__init__(f"Jushuitan refused {path} with code {code}")


class Kept(msgspec.Struct, frozen=True):
    """A token as it is remembered."""

    access: str
    refresh: str
    renew_at: datetime


class Client:
    """Calls, one after the other. What the platform says is not repeated in errors but its code."""

    def __init__(self, config: Config, tools: Tools, *, timeout: httpx.Timeout = TIMEOUT) -> None:
        self._config = config
        self._tools = tools
        self._http = httpx.Client(
            base_url=config.base_url, timeout=timeout, mounts=DIRECT, verify=trusted()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def page(self, path: str, biz: object) -> Page:
        """A page of a query."""
        data = self.call(path, biz)
        return Page() if data == b"null" else msgspec.json.decode(data, type=Page, strict=False)

    def call(self, path: str, biz: object) -> msgspec.Raw:
        """The data of an answer. A token that is over is renewed once."""
        kept = self._token()
        answer = self._ask(path, kept, biz)
        if answer.code == wire.TOKEN_OVER:
            answer = self._ask(path, self._token(instead_of=kept), biz)
        if answer.code in self._config.limited_codes:
            raise Limited
        if not answer.fine:
            raise SaidNo(path, answer.code)
        return answer.data

    def _ask(self, path: str, kept: Kept, biz: object) -> Answer:
        real = self._tools.clock.real()
        return self._post(path, wire.form(self._config, kept.access, biz, real))

    def _post(self, path: str, form: dict[str, str]) -> Answer:
        response = self._http.post(path, data=form)
        if response.status_code == TOO_MANY:
            raise Limited
        response.raise_for_status()
        return msgspec.json.decode(response.content, type=Answer, strict=False)

    # ── The token ────────────────────────────────────────────────────────────────────────────────

    def _token(self, instead_of: Kept | None = None) -> Kept:
        kept = self._remembered()
        if kept is not None and kept != instead_of and self._lasts(kept):
            return kept
        with self._tools.store.lock(TOKEN):
            kept = self._remembered()
            if kept is not None and kept != instead_of and self._lasts(kept):
                return kept  # somebody was a moment earlier
            return self._fresh(kept)

    def _lasts(self, kept: Kept) -> bool:
        return kept.renew_at > self._tools.clock.now()

    def _remembered(self) -> Kept | None:
        text = self._tools.store.get(TOKEN)
        return None if text is None else msgspec.json.decode(text, type=Kept)

    def _fresh(self, kept: Kept | None) -> Kept:
        """By what comes with a token to fetch the next; where that is worth nothing any more, since
        somebody else has fetched one or the authorisation is another, as at first."""
        if kept is None or not kept.refresh:
            return self._first()
        more = {"grant_type": "refresh_token", "refresh_token": kept.refresh, "scope": "all"}
        answer = self._fetched(REFRESH, more)
        if answer.fine:
            return self._keep(self._read(answer))
        if kept.access == self._config.access_token:  # it was the first one
            raise SaidNo(REFRESH, answer.code)
        return self._first()

    def _first(self) -> Kept:
        given = self._config
        if given.access_token:
            # How long it lasts nobody told: it is used until it is refused.
            renew_at = self._tools.clock.now() + LASTS * RENEWED
            return self._keep(Kept(given.access_token, given.refresh_token, renew_at))
        code = f"{int(self._tools.clock.real().timestamp()) % 10**6:06}"
        answer = self._fetched(INIT, {"grant_type": "authorization_code", "code": code})
        if not answer.fine:
            raise SaidNo(INIT, answer.code)
        return self._keep(self._read(answer))

    def _fetched(self, path: str, more: Mapping[str, str]) -> Answer:
        params = {
            "app_key": self._config.app_key,
            "timestamp": str(int(self._tools.clock.real().timestamp())),
            "charset": "utf-8",
            **more,
        }
        answer = self._post(path, wire.signed(self._config.app_secret, params))
        if answer.code in self._config.limited_codes:
            raise Limited
        return answer

    def _read(self, answer: Answer) -> Kept:
        found = msgspec.json.decode(answer.data, type=Token, strict=False)
        lasts = timedelta(seconds=found.expires_in) if found.expires_in else LASTS
        renew_at = self._tools.clock.now() + lasts * RENEWED
        return Kept(found.access_token, found.refresh_token, renew_at)

    def _keep(self, kept: Kept) -> Kept:
        self._tools.store.put(TOKEN, msgspec.json.encode(kept).decode())
        return kept
