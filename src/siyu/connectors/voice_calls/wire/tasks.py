"""Out: a task of contacts, what it was answered, which calls are stopped, what became of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from siyu.connectors.scripts import Going
from siyu.connectors.voice_calls.config import Config
from siyu.outbox.model import Found, Result, Whereabouts

TOUCH = "touch_id"  # the variable in which our token comes back
SUPPRESSED = "suppressed_by_vendor"
LONGEST = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NUMBER = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){6,}")

# Of a call that the vendor has: `finished`, a callback has told of it or will.
CallState = Literal["waiting", "calling", "finished", "cancelled", "absent"]
_STATES: Mapping[str, Whereabouts] = {
    "waiting": "accepted",
    "calling": "accepted",
    "finished": "accepted",
    "cancelled": "absent",
    "absent": "absent",
}


class Contact(Struct, frozen=True, rename="camel", omit_defaults=True):
    """Whom to call. `reference_id` is the idempotency token; `properties` are spoken."""

    reference_id: str
    phone_number: str
    properties: dict[str, str]
    customer_person_name: str = ""
    not_after: str = ""

    def __repr__(self) -> str:
        return f"Contact({self.reference_id})"


class Task(Struct, frozen=True, rename="camel", omit_defaults=True):
    """What is posted to /tasks."""

    dialog_flow_id: str
    task_name: str
    contacts: list[Contact]
    call_hours: dict[str, str]
    redial_times: int = msgspec.field(default=-1)
    tenant_phone_number_id: str = ""


class _Taken(Struct, frozen=True, rename="camel"):
    reference_id: str
    status: Literal["accepted", "rejected", "retry"]
    call_id: str = ""
    reason: str = ""


class _TakenAll(Struct, frozen=True, rename="camel"):
    contacts: list[_Taken]


class _Cancelled(Struct, frozen=True):
    cancelled: list[str]


class _Call(Struct, frozen=True, rename="camel"):
    reference_id: str
    status: CallState
    call_id: str = ""


class _Calls(Struct, frozen=True):
    calls: list[_Call]


class Answered(Struct, frozen=True):
    """The vendor's envelope: 200 is the only good code."""

    code: int
    data: msgspec.Raw = msgspec.Raw(b"null")
    msg: str = ""


def written(config: Config, batch: Sequence[Going], now: datetime) -> bytes:
    """The body of POST /tasks. The vendor does not redial: when is for us to say."""
    first = batch[0]
    task = Task(
        first.script.code,
        f"{first.message.journey}/{first.message.step}",
        [_contact(one) for one in batch],
        config.told(now),
        redial_times=0,
        tenant_phone_number_id=config.line,
    )
    return msgspec.json.encode(task)


def _contact(one: Going) -> Contact:
    message, spoken = one.message, one.spoken
    return Contact(
        message.token,
        one.phone,
        {**spoken, TOUCH: message.token},
        customer_person_name=spoken.get("name", ""),
        not_after=message.valid_until.isoformat() if message.valid_until else "",
    )


def references(tokens: Sequence[str]) -> bytes:
    """The body of POST /tasks/cancel and of POST /calls/query."""
    return msgspec.json.encode({"referenceIds": list(tokens)})


def answered(body: bytes) -> Answered:
    """The envelope; DecodeError where it is none."""
    return msgspec.json.decode(body, type=Answered)


def results(config: Config, data: msgspec.Raw) -> tuple[list[Result], list[str]]:
    """The answer to POST /tasks, and the tokens of those whom the vendor's own lists keep away."""
    taken = msgspec.json.decode(data, type=_TakenAll).contacts
    barred = [
        one.reference_id
        for one in taken
        if one.status == "rejected" and blacklisted(config, one.reason)
    ]
    found = [
        Result(
            one.reference_id,
            one.status,
            kept(one.call_id),
            SUPPRESSED if one.reference_id in barred else kept(one.reason),
        )
        for one in taken
    ]
    return found, barred


def cancelled(data: msgspec.Raw) -> list[str]:
    """The answer to POST /tasks/cancel: which will not ring any more."""
    return msgspec.json.decode(data, type=_Cancelled).cancelled


def found(data: msgspec.Raw) -> list[Found]:
    """The answer to POST /calls/query."""
    calls = msgspec.json.decode(data, type=_Calls).calls
    return [Found(one.reference_id, _STATES[one.status], kept(one.call_id)) for one in calls]


def blacklisted(config: Config, *reasons: Any) -> bool:
    """Whether a vendor's reason means a list of numbers that are not to be called."""
    said = " ".join(str(one) for one in reasons if one).upper()
    return any(word.upper() in said for word in config.blacklist_words)


def kept(words: str) -> str:
    """What is stored of a vendor's words: without what may be a number."""
    return _NUMBER.sub("…", _CONTROL.sub(" ", words))[:LONGEST]
