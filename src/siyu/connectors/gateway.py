"""Aliyun's gateway, for the fakes of its services: who asks, and how an answer can go wrong."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from siyu.connectors import acs3

_SKEW = timedelta(minutes=15)
_AUTHORIZATION = re.compile(
    r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})"
)


class No(Exception):
    """An answer other than OK: Aliyun's code and its words."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(code)
        self.code, self.words = code, words or code


class Gateway:
    """Knows one account's key, and takes each nonce once."""

    def __init__(self, key: tuple[str, str], version: str) -> None:
        self._key = key
        self._version = version
        self._nonces: set[str] = set()

    def verified(self, request: Request, body: bytes) -> dict[str, str]:
        """The parameters of a request that this account has signed just now, once."""
        found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if found is None:
            raise No("MissingAuthorization")
        credential, names, given = found.groups()
        if credential != self._key[0]:
            raise No("InvalidAccessKeyId.NotFound", "Specified access key is not found.")
        query = request.scope["query_string"].decode("ascii")
        signed = tuple(names.split(";"))
        said = acs3.Request(query, dict(request.headers), body, request.method)
        made = acs3.signature(self._key[1], said, signed)
        hashed = sha256(body).hexdigest() == request.headers.get("x-acs-content-sha256")
        if not hashed or not hmac.compare_digest(made, given):
            raise No("SignatureDoesNotMatch", "Specified signature is not matched.")
        self._fresh(request.headers)
        form = body.decode("utf-8") if body else ""
        return dict(parse_qsl(query, True)) | dict(parse_qsl(form, True))

    def _fresh(self, headers: Mapping[str, str]) -> None:
        try:
            at = datetime.fromisoformat(headers.get("x-acs-date", ""))
        except ValueError:
            raise No("InvalidTimeStamp.Format") from None
        if abs(datetime.now(UTC) - at) > _SKEW:  # noqa: TID251 - Aliyun has a clock of its own
            raise No("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
        nonce = headers.get("x-acs-signature-nonce", "")
        if nonce in self._nonces:
            raise No("SignatureNonceUsed", "Specified signature nonce was used already.")
        self._nonces.add(nonce)
        if headers.get("x-acs-version") != self._version:
            raise No("InvalidVersion")


class _HangUp(Response):
    """The connection ends in the middle of an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        headers = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


async def told(request: Request, fault: str | None, answer: Mapping[str, Any]) -> Response:
    """The answer, or what becomes of it after the effect."""
    if fault == "fail after effect":
        return answered(502, "ServiceUnavailable", "")
    if fault == "hang up after effect":
        return _HangUp()
    if fault == "silent after effect":
        return await never(request)
    if fault == "garbage after effect":
        return Response(b"<html>it works</html>")
    return answered(200, "OK", "OK", **answer)


async def never(request: Request) -> Response:
    """No answer, until the other side has had enough."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response(status_code=504)


def answered(status: int, code: str, words: str, **more: Any) -> Response:
    """An answer as all services of Aliyun give it."""
    said = {"Code": code, "Message": words, "RequestId": "819BE656-0000-4000-8000-0000", **more}
    return Response(msgspec.json.encode(said), status, media_type="application/json")
