"""Our words ↔ the provider's JSON. Pure; both directions are in README.md beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from siyu.events.model import Incoming, Intent
from siyu.kernel.errors import BadInput
from siyu.outbox.model import Found, Message, Result

SOURCE = "webhook"
MOST = 500  # messages in one request


class Sent(Struct, frozen=True, omit_defaults=True):
    """One message as it goes out. `id` is the idempotency token: the same at every attempt."""

    id: str
    channel: str
    to: str
    text: str
    template: str
    link: str
    reference: dict[str, str]
    valid_until: str = ""


class _Result(Struct, frozen=True):
    id: str
    status: Literal["accepted", "rejected", "retry"]
    vendor_id: str = ""
    reason: str = ""


class _Results(Struct, frozen=True):
    results: list[_Result]


class _Cancelled(Struct, frozen=True):
    cancelled: list[str]


class _Known(Struct, frozen=True):
    id: str
    status: Literal["delivered", "accepted", "absent", "unknown"]
    vendor_id: str = ""


class _KnownList(Struct, frozen=True):
    found: list[_Known]


class Receipt(Struct, frozen=True, forbid_unknown_fields=True):
    """What the provider tells of one message, once per `receipt_id` however often it is sent."""

    id: Annotated[str, Meta(min_length=1, max_length=120)]
    kind: Literal["delivered", "failed", "read", "clicked", "call"]
    at: str
    receipt_id: Annotated[str, Meta(min_length=1, max_length=150)]
    reason: str = ""
    answered: bool = False
    seconds: int = 0
    intent: Intent = ""
    outcome: str = ""
    labels: list[str] = []


def batches(messages: Sequence[Message]) -> Iterable[Sequence[Message]]:
    """At most `MOST` in one request."""
    return (messages[start : start + MOST] for start in range(0, len(messages), MOST))


def written(messages: Sequence[Message]) -> bytes:
    """The body of `POST /messages`."""
    return msgspec.json.encode({"messages": [_sent(message) for message in messages]})


def _sent(message: Message) -> Sent:
    return Sent(
        id=message.token,
        channel=message.channel,
        to=message.to,
        text=message.text,
        template=message.material,
        link=message.link,
        reference={
            "order_no": message.order_no,
            "shop": message.shop,
            "journey": message.journey,
            "step": message.step,
        },
        valid_until=message.valid_until.isoformat() if message.valid_until else "",
    )


def ids(tokens: Sequence[str]) -> bytes:
    """The body of `POST /cancel` and `POST /query`."""
    return msgspec.json.encode({"ids": list(tokens)})


def results(body: bytes) -> list[Result]:
    """The answer to `POST /messages`."""
    found = msgspec.json.decode(body, type=_Results).results
    return [Result(one.id, one.status, one.vendor_id, one.reason) for one in found]


def cancelled(body: bytes) -> list[str]:
    """The answer to `POST /cancel`."""
    return msgspec.json.decode(body, type=_Cancelled).cancelled


def found(body: bytes) -> list[Found]:
    """The answer to `POST /query`."""
    known = msgspec.json.decode(body, type=_KnownList).found
    return [Found(one.id, one.status, one.vendor_id) for one in known]


_receipts = msgspec.json.Decoder(list[msgspec.Raw])
_receipt = msgspec.json.Decoder(Receipt)


def incoming(body: bytes) -> list[object]:
    """Receipts as events, one per item and in order; one that can't be read stays as it is,
    so that `accept` refuses it with its place."""
    try:
        items = _receipts.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"receipts are a JSON array: {error}") from None
    return [_event(raw) for raw in items]


def _event(raw: msgspec.Raw) -> object:
    try:
        receipt = _receipt.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return raw
    kind, data = _fact(receipt)
    return Incoming(
        source=SOURCE,
        id=receipt.receipt_id,
        kind=kind,
        occurred_at=receipt.at,
        data=msgspec.Raw(msgspec.json.encode(data)),
    )


def _fact(receipt: Receipt) -> tuple[str, dict[str, Any]]:
    match receipt.kind:
        case "delivered":
            return "touch.delivered", {"touch": receipt.id}
        case "failed":
            return "touch.failed", {"touch": receipt.id, "reason": receipt.reason}
        case "read":
            return "touch.read", {"touch": receipt.id}
        case "clicked":
            return "link.clicked", {"touch": receipt.id}
        case "call":
            return "call.finished", {
                "touch": receipt.id,
                "answered": receipt.answered,
                "seconds": receipt.seconds,
                "intent": receipt.intent,
                "outcome": receipt.outcome,
                "labels": receipt.labels,
            }
