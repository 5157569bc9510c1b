"""Letters that say to a page who opens it, and to nobody else anything: for one kind of page, for
some weeks; and the letters of a form, which make that it is sent once and from the page."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from siyu.kernel.ids import PublicIds
from siyu.pages.model import PageKind

PURPOSE = "page tokens"  # what their key is for
LASTS = timedelta(days=30)
FORM_LASTS = timedelta(hours=12)
_TOKEN = re.compile(r"([0-9a-hjkmnp-tv-z]{13})([0-9a-f]{8})([0-9a-f]{20})")
_FORM = re.compile(r"([0-9a-f]{8})([0-9a-f]{16})([0-9a-f]{20})")


class Named(NamedTuple):
    """Whom a token names, by a key of theirs: whose that is may change. `since`: when it did."""

    identity: int
    since: datetime


def token(secret: bytes, ids: PublicIds, kind: PageKind, identity: int, now: datetime) -> str:
    """Names a customer to pages of this kind, by the identity that it is sent to."""
    letters = ids.encode(f"pg{kind}", identity).partition("_")[2]
    said = f"{letters}{int((now + LASTS).timestamp()):08x}"
    return said + _mac(secret, f"{kind} key/{said}")


def named(
    secret: bytes, ids: PublicIds, kind: PageKind, letters: str, now: datetime
) -> Named | None:
    """Whom it names; None: it is no token of ours for this kind of page, or it is over."""
    found = _TOKEN.fullmatch(letters)
    if found is None:
        return None
    who, until, mac = found.groups()
    if not hmac.compare_digest(_mac(secret, f"{kind} key/{who}{until}"), mac):
        return None
    over = datetime.fromtimestamp(int(until, 16), UTC)
    identity = ids.decode(f"pg{kind}", f"pg{kind}_{who}")
    return None if now > over or identity is None else Named(identity, over - LASTS)


def form(secret: bytes, path: str, once: str, now: datetime) -> str:
    """What a form of this path carries; `once` is 16 hex letters of chance."""
    said = f"{int((now + FORM_LASTS).timestamp()):08x}{once}"
    return said + _mac(secret, f"form {path}/{said}")


def sent(secret: bytes, path: str, letters: str, now: datetime) -> str | None:
    """The `once` of a form of this path; None: it is none of ours, or was open too long."""
    found = _FORM.fullmatch(letters)
    if found is None:
        return None
    until, once, mac = found.groups()
    if not hmac.compare_digest(_mac(secret, f"form {path}/{until}{once}"), mac):
        return None
    return once if now <= datetime.fromtimestamp(int(until, 16), UTC) else None


def host(secret: bytes, words: str) -> str:
    """A keyed hash of where somebody comes from, which leads back to nobody."""
    return _mac(secret, f"host {words}")


def _mac(secret: bytes, said: str) -> str:
    return blake2b(said.encode(), key=secret[:64], digest_size=10).hexdigest()
