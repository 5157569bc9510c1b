"""What a connector remembers and how its pulls fare: words, and the seal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography.exceptions import InvalidTag

from siyu.kernel.errors import Broken
from siyu.vault.model import NONCE_BYTES, Keys

LEASE = timedelta(minutes=5)  # real time, longer than any vendor takes for one page
FIRST_RETRY = 30.0  # seconds after a first failure; doubled after each further one
LONGEST_RETRY = 3600.0
LONGEST_ERROR = 300
# A pull that fails for so many of its periods is an alarm, within these bounds: a vendor who is
# restarting is none, and an hour is long for whoever waits.
PERIODS = 3
SHORTEST_ALARM = timedelta(minutes=10)
LONGEST_ALARM = timedelta(hours=1)


class Claimed(NamedTuple):
    """A pull that is to run, and where the last one ended."""

    connector: str
    name: str
    cursor: str
    failures: int


class Pulled(NamedTuple):
    """How a pull stands. `due_at` is null while it runs; `ran_at`: when it last came to an end."""

    connector: str
    name: str
    due_at: datetime | None
    running: bool
    ran_at: datetime | None
    failures: int
    error: str


def sealed(keys: Keys, connector: str, key: str, value: str, nonce: bytes) -> bytes:
    """A value under the master key; it opens only under the same connector and key."""
    return nonce + keys.cipher.encrypt(nonce, value.encode(), _place(connector, key))


def opened(keys: Keys, connector: str, key: str, value: bytes) -> str:
    """What was sealed; Broken where the master key is another one."""
    nonce, secret = value[:NONCE_BYTES], value[NONCE_BYTES:]
    try:
        return keys.cipher.decrypt(nonce, secret, _place(connector, key)).decode()
    except InvalidTag:
        raise Broken(
            f"What the connector {connector} remembers can't be read with this master key."
        ) from None


def _place(connector: str, key: str) -> bytes:
    return f"{connector}/{key}".encode()
