"""Passwords: argon2id, as much work for a code that nobody has, and never many at once."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from siyu.kernel.errors import Busy

# Each takes 64 MiB and a core for some 50 ms: strangers who try passwords never take the machine.
AT_ONCE = 2
PATIENCE = 5.0  # seconds

_argon2 = PasswordHasher()
_turns = BoundedSemaphore(AT_ONCE)


@contextmanager
def _turn() -> Generator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        _turns.release()


@cache
def _nobodys() -> str:
    return _argon2.hash("what nobody has")


def hashed(password: str) -> str:
    """What is stored of it."""
    with _turn():
        return _argon2.hash(password)


def is_right(stored: str | None, password: str) -> bool:
    """Does it fit? As long, whether there is such an account (None: there is not) or not."""
    with _turn():
        try:
            _argon2.verify(stored or _nobodys(), password)
        except VerificationError:
            return False
        return stored is not None
