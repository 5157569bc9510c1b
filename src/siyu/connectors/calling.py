"""How vendors are called over HTTP: what every client of ours has in common."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cache

import httpx

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
# A connection per call: one that was kept could be closed by the other side in the very moment of a
# deed, which would leave a whole batch in doubt to save a handshake.
FRESH = httpx.Limits(max_keepalive_connections=0)
# Raised before a byte of the request has left: the vendor surely has nothing.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
# The sandbox's vendors are on this machine: a proxy of the environment is not for them.
DIRECT: Mapping[str, None] = {"all://127.0.0.1": None, "all://localhost": None}


@cache
def trusted() -> ssl.SSLContext:
    """Which certificates are believed: read once, since to read them takes as long as a dozen
    calls."""
    return httpx.create_ssl_context()
