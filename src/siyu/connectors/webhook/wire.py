"""Our words ↔ the provider's JSON. Pure; both directions are in README.md beside this file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct

from siyu.events.model import Incoming
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.outbox.model import Found, Message, Result

SOURCE = "webhook"
MOST = 500  # messages in one request
LONGEST = 200  # characters of a vendor's id or reason
_NUMBER = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){6,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


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
        template=message.template,
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
    return [
        Result(one.id, one.status, _kept(one.vendor_id), masked(_kept(one.reason))) for one in found
    ]


def _kept(words: str) -> str:
    """What can be stored of a vendor's words."""
    return _CONTROL.sub(" ", words)[:LONGEST]


def cancelled(body: bytes) -> list[str]:
    """The answer to `POST /cancel`."""
    return msgspec.json.decode(body, type=_Cancelled).cancelled


def found(body: bytes) -> list[Found]:
    """The answer to `POST /query`."""
    known = msgspec.json.decode(body, type=_KnownList).found
    return [Found(one.id, one.status, _kept(one.vendor_id)) for one in known]


# Kind of receipt → our kind, and its fields beside `id`, `kind`, `at` and `receipt_id`.
KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "delivered": ("touch.delivered", ()),
    "failed": ("touch.failed", ("reason",)),
    "read": ("touch.read", ()),
    "clicked": ("link.clicked", ()),
    "call": ("call.finished", ("answered", "seconds", "intent", "outcome", "labels")),
}
_HEAD = ("id", "kind", "at", "receipt_id")
_KNOWN = frozenset(_HEAD).union(*(fields for _, fields in KINDS.values()))
_WORDS = ("reason", "outcome", "labels")  # free text: a vendor may repeat the number it called

_receipts = msgspec.json.Decoder(list[msgspec.Raw])
_receipt = msgspec.json.Decoder(dict[str, msgspec.Raw])
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def incoming(body: bytes) -> list[object]:
    """Receipts as events, one per item and in order, good or bad: `accept` refuses the bad ones,
    each with a reason that names the field."""
    try:
        items = _receipts.decode(body)
    except _UNREADABLE:
        raise BadInput(
            Sentence("receipts must be a JSON array", "receipts 必须是 JSON 数组")
        ) from None
    return [_event(raw) for raw in items]


def _event(raw: msgspec.Raw) -> object:
    try:
        receipt = _receipt.decode(raw)
    except _UNREADABLE:
        return raw
    said = _text(receipt.get("kind"))
    # a receipt can say these things only: `order.paid` becomes a kind that nobody knows
    kind, fields = KINDS.get(said, (f"receipt.{said}", ()))
    names = [name for name in receipt if name in fields or name not in _KNOWN]
    data = {"touch": receipt.get("id")} if "id" in receipt else {}
    data |= {name: _masked(receipt[name]) if name in _WORDS else receipt[name] for name in names}
    return Incoming(
        source=SOURCE,
        id=_text(receipt.get("receipt_id")),
        kind=kind,
        occurred_at=_text(receipt.get("at")),
        data=msgspec.Raw(msgspec.json.encode(data)),
    )


def _text(raw: msgspec.Raw | None) -> str:
    """Empty where there is none: no field may be, so that `accept` names it."""
    if raw is None:
        return ""
    try:
        return msgspec.json.decode(raw, type=str)
    except _UNREADABLE:
        return ""


def _masked(raw: msgspec.Raw) -> Any:
    try:
        said = msgspec.json.decode(raw, type=str | list[str])
    except _UNREADABLE:
        return raw
    return masked(said) if isinstance(said, str) else [masked(one) for one in said]


def masked(words: str) -> str:
    """A vendor's words without what may be a phone: seven digits or more, however they are spaced.

    >>> masked("no route to +86 138-0013-8000, code 4012")
    'no route to …, code 4012'
    """
    return _NUMBER.sub("…", words)
