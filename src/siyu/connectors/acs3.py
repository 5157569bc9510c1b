"""Aliyun's signature V3, ACS3-HMAC-SHA256, and its services of the RPC style over HTTP."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

import httpx

from siyu.connectors.calling import FRESH, trusted
from siyu.kernel.time import Clock

ALGORITHM = "ACS3-HMAC-SHA256"
FORM = "application/x-www-form-urlencoded"


class Request(NamedTuple):
    """What a signature is about; `headers` by lower-case name."""

    query: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"


def encoded(parameters: Mapping[str, str]) -> str:
    """Parameters as RFC 3986 has them, in the order that is signed.

    >>> encoded({"b": "a b*~/", "a": "=&"})
    'a=%3D%26&b=a%20b%2A~%2F'
    """
    return "&".join(
        f"{quote(name, safe='~')}={quote(parameters[name], safe='~')}"
        for name in sorted(parameters)
    )


def signature(secret: str, request: Request, signed: tuple[str, ...]) -> str:
    """In hex, over these headers of the request."""
    canonical = "\n".join(
        (
            request.method,
            "/",
            request.query,
            *(f"{name}:{request.headers.get(name, '').strip()}" for name in signed),
            "",
            ";".join(signed),
            sha256(request.body).hexdigest(),
        )
    )
    said = f"{ALGORITHM}\n{sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), said.encode(), sha256).hexdigest()


def headers(
    key: tuple[str, str],
    host: str,
    action: tuple[str, str],
    request: Request,
    at: datetime,
    nonce: str,
) -> dict[str, str]:
    """All headers of a request, its signature among them. `key` is the id and the secret, `action`
    its name and the version of its service."""
    found = {
        **request.headers,
        "host": host,
        "x-acs-action": action[0],
        "x-acs-content-sha256": sha256(request.body).hexdigest(),
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": action[1],
    }
    key_id, secret = key
    signed = tuple(sorted(found))
    made = signature(secret, request._replace(headers=found), signed)
    found["authorization"] = (
        f"{ALGORITHM} Credential={key_id},SignedHeaders={';'.join(signed)},Signature={made}"
    )
    return found


_QUERY = "siyu.query"


class Aliyun:
    """A service over HTTP, signed. Numbers stand in a request's address, so it is put together
    below whatever logs addresses."""

    def __init__(
        self, key: tuple[str, str], url: str, version: str, clock: Clock, timeout: httpx.Timeout
    ) -> None:
        self._key = key
        self._url = httpx.URL(url)
        self._version = version
        self._clock = clock
        self._http = httpx.Client(transport=_Quiet(), timeout=timeout, verify=trusted())

    def ask(
        self, action: str, parameters: Mapping[str, str], *, form: bool = False
    ) -> httpx.Response:
        """One signed request; never repeated by itself. `form`: its parameters are its body."""
        written = encoded(parameters)
        request = Request(
            "" if form else written,
            {"content-type": FORM} if form else {},
            written.encode() if form else b"",
        )
        host, nonce = self._url.netloc.decode("ascii"), secrets.token_hex(16)
        what = (action, self._version)
        signed = headers(self._key, host, what, request, self._clock.real(), nonce)
        return self._http.post(
            self._url.join("/"),
            content=request.body,
            headers={**signed, "accept": "application/json"},
            extensions={_QUERY: request.query},
        )


class _Quiet(httpx.BaseTransport):
    """Adds the query where nothing logs it any more."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport(limits=FRESH, verify=trusted())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        query: str = request.extensions.get(_QUERY, "")
        return self._inner.handle_request(
            httpx.Request(
                request.method,
                request.url.copy_with(query=query.encode()) if query else request.url,
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )

    def close(self) -> None:
        self._inner.close()
