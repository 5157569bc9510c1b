"""The way back: `POST /hooks/webhook/receipts`, signed, an array of receipts."""

from __future__ import annotations

from siyu.connectors.manifest import Called, Heard, Tools
from siyu.connectors.webhook import wire
from siyu.connectors.webhook.config import Config
from siyu.kernel import signature


def receive(config: Config, called: Called, tools: Tools) -> Heard:  # noqa: ARG001 - the form of all
    """Verify, then decode: one event per receipt, in order."""
    signature.verify(
        config.secret,
        called.headers.get(signature.TIMESTAMP, ""),
        called.headers.get(signature.SIGNATURE, ""),
        called.body,
        called.real,
    )
    return Heard(wire.incoming(called.body))
