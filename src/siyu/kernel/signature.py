"""Signed bodies: HMAC-SHA256 over time stamp and raw body, the same way in and out."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

from siyu.kernel.errors import BadSignature

TIMESTAMP = "X-Siyu-Timestamp"
SIGNATURE = "X-Siyu-Signature"
WINDOW = timedelta(minutes=5)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a body sent at `timestamp` (unix seconds, as text), in hex."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def headers(secret: str, body: bytes, real: datetime) -> dict[str, str]:
    """The two headers that a signed request carries."""
    timestamp = str(int(real.timestamp()))
    return {TIMESTAMP: timestamp, SIGNATURE: sign(secret, timestamp, body)}


def verify(secret: str, timestamp: str, signature: str, body: bytes, real: datetime) -> None:
    """Raise BadSignature unless the body was signed with this secret within the last minutes."""
    if not secret:
        raise BadSignature("no secret is set for this sender, so nothing can be accepted from it")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise BadSignature(f"{TIMESTAMP} must be unix seconds")
    if abs(real.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise BadSignature(f"{TIMESTAMP} is more than five minutes away from our clock")
    expected = sign(secret, timestamp, body)
    if not hmac.compare_digest(expected.encode(), signature.strip().lower().encode()):
        raise BadSignature("the signature does not fit the body")
