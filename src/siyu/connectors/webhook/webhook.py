"""The way back: `POST /hooks/webhook/receipts`, signed, an array of receipts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from siyu.connectors.webhook import wire
from siyu.connectors.webhook.config import Config
from siyu.kernel import signature


def receive(
    config: Config, headers: Mapping[str, str], body: bytes, real: datetime
) -> list[object]:
    """Verify, then decode: one event per receipt, in order."""
    signature.verify(
        config.secret,
        headers.get(signature.TIMESTAMP, ""),
        headers.get(signature.SIGNATURE, ""),
        body,
        real,
    )
    return wire.incoming(body)
