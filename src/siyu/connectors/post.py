"""Posts to addresses that somebody typed: never into inner networks, never for long.

The address is looked up once, judged, and then connected to: a name that answers otherwise the
second time (DNS rebinding) leads nowhere. No redirection is followed and no proxy asked.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping

import httpx

from siyu.connectors.calling import FRESH, trusted
from siyu.subscribers.model import Answer, is_public

TIMEOUT = httpx.Timeout(10.0, connect=5.0)


class Poster:
    """A `Post`. `private`: inner addresses are allowed, as the settings say."""

    def __init__(self, *, private: bool, timeout: httpx.Timeout = TIMEOUT) -> None:
        self._private = private
        self._http = httpx.Client(timeout=timeout, limits=FRESH, trust_env=False, verify=trusted())

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post it; only the status of the answer is read, since nothing else is needed."""
        try:
            to = httpx.URL(url)
            address = self._address(to)
            sent = {**headers, "Host": to.netloc.decode("ascii")}
            with self._http.stream(
                "POST",
                to.copy_with(host=address),
                content=body,
                headers=sent,
                extensions={"sni_hostname": to.host},
            ) as answer:
                return Answer(answer.status_code)
        except _Inner:
            return Answer(None, "leads into an inner network; see the setting subscribers_private")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            return Answer(None, f"was not reached ({type(error).__name__})")

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _address(self, to: httpx.URL) -> str:
        port = to.port or (443 if to.scheme == "https" else 80)
        known = socket.getaddrinfo(
            to.host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
        found = [str(one[4][0]) for one in known]
        if not self._private and not all(is_public(one) for one in found):
            raise _Inner
        return found[0]


class _Inner(Exception):
    """Some address of this name lies in an inner network."""
