"""How vendors are called over HTTP: what every client of ours has in common."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache

import httpx

from siyu.kernel import signature
from siyu.kernel.sentence import Sentence

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
# A connection per call: one that was kept could be closed by the other side in the very moment of a
# deed, which would leave a whole batch in doubt to save a handshake.
FRESH = httpx.Limits(max_keepalive_connections=0)
# Raised before a byte of the request has left: the vendor surely has nothing.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
# The sandbox's vendors are on this machine: a proxy of the environment is not for them.
DIRECT: Mapping[str, None] = {"all://127.0.0.1": None, "all://localhost": None}
LONGEST_WAIT = 9  # digits of seconds: thirty years


@cache
def trusted() -> ssl.SSLContext:
    """Which certificates are believed: read once, since to read them takes as long as a dozen
    calls."""
    return httpx.create_ssl_context()


def posted(
    http: httpx.Client, secret: str, path: str, body: bytes, real: datetime
) -> httpx.Response:
    """JSON under the signature that both sides know."""
    headers = signature.headers(secret, body, real)
    return http.post(path, content=body, headers={**headers, "Content-Type": "application/json"})


def again(header: str, now: datetime, real: datetime) -> datetime | None:
    """When a `Retry-After` is over: seconds, or a time by the vendor's clock, which is real."""
    if header.isascii() and header.isdecimal() and len(header) <= LONGEST_WAIT:
        return now + timedelta(seconds=int(header))
    try:
        at = parsedate_to_datetime(header)
        return now + (at.replace(tzinfo=at.tzinfo or UTC) - real)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def door(status: int) -> Sentence:
    """The vendor's server took nothing."""
    return Sentence(f"the provider answered with status {status}", f"服务商返回状态码 {status}")


def refused(status: int) -> Sentence:
    """The vendor's server refused what was handed over."""
    return Sentence(f"the provider refused it with status {status}", f"服务商拒收，状态码 {status}")
