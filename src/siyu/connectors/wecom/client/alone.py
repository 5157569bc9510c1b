"""One at a time: first among the threads of this process, then among processes.

The store's lock holds a connection to the database while it waits, and whoever has it needs another
one to look and to write. So of a process only one thread at a time may wait for a key there: a
crowd of them would hold every connection, and the one who has the lock would get none.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

from siyu.connectors.manifest import Store

_GUARD = threading.Lock()
_LOCKS: dict[str, threading.Lock] = {}


@contextmanager
def alone(store: Store, key: str) -> Generator[None]:
    """Nobody else is in here with this key; look again whether it has been done meanwhile.

    Keys are few: an app's token, its links, its codes.
    """
    with within(key), store.lock(key):
        yield


@contextmanager
def within(key: str) -> Generator[None]:
    """As `alone`, among the threads of this process only."""
    with _GUARD:
        lock = _LOCKS.setdefault(key, threading.Lock())
    with lock:
        yield
