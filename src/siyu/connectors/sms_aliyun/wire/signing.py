"""Aliyun's signature V3, ACS3-HMAC-SHA256, for services of the RPC style. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"
VERSION = "2017-05-25"  # of the SMS service
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
    key: tuple[str, str], host: str, action: str, request: Request, at: datetime, nonce: str
) -> dict[str, str]:
    """All headers of a request, its signature among them. `key` is the id and the secret."""
    found = {
        **request.headers,
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": sha256(request.body).hexdigest(),
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": VERSION,
    }
    key_id, secret = key
    signed = tuple(sorted(found))
    made = signature(secret, request._replace(headers=found), signed)
    found["authorization"] = (
        f"{ALGORITHM} Credential={key_id},SignedHeaders={';'.join(signed)},Signature={made}"
    )
    return found
