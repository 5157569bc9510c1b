"""Back: what a callback says, by its `dataType`, as facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import msgspec
from msgspec import Struct

from siyu.connectors.voice_calls.config import Config
from siyu.connectors.voice_calls.wire.tasks import SUPPRESSED, TOUCH, blacklisted, kept
from siyu.events.model import Incoming
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone

SOURCE = "voice_calls"
HEARD = b"success"
PURPOSES = ["order_invitation", "promotion", "service"]
GRADES = ("A", "B", "C", "D", "E", "F")
RECORDED = "recording"  # the label that says that there is one; its address is not kept
_PHONE = re.compile(r"\+\d{6,15}|1\d{10}")
_ID = re.compile(r"[A-Za-z0-9._:^-]{1,64}")
_MOST_LABELS = 50
_LONGEST_CALL = 86_400
# The vendor's own trouble: nobody's phone has rung.
TROUBLES = frozenset({"FROM_PHONE_ERROR", "SYSTEM_ERROR", "CALL_LOSS", "TRANSFER_ARTIFICIAL"})
# How a call that nobody answered ended, in our words; any other is told in the vendor's.
OUTCOMES: Mapping[str, str] = {
    "NO_ANSWER": "no_answer",
    "BUSY": "busy",
    "POWER_OFF": "power_off",
    "CAN_NOT_CONNECT": "can_not_connect",
    "REFUSED": "refused",  # pressed away: a rest follows, but nobody has said a word
    "VACANT_NUMBER": "vacant_number",
    "OUT_OF_SERVICE": "out_of_service",
}


class _Words(Struct, frozen=True):
    type: str = ""
    text: str = ""


class _Record(Struct, frozen=True, rename="camel"):
    """A call's end. Ids come as numbers or as text, what is not known as null."""

    call_record_id: str = ""
    called_phone_number: str = ""
    result_status: str = ""
    start_time: str = ""
    end_time: str = ""
    chat_duration: int = 0
    intent_level: str = ""
    intent_level_code: str = ""
    intent_level_detail_name: str = ""
    customer_concern: list[str] = []
    attributes: list[Any] = []
    call_record_tag_names: list[str] = []
    customer_tag_names: list[str] = []
    analysis_basis: str = ""
    full_audio_url: str = ""
    properties: dict[str, Any] = {}
    call_detail_list: list[_Words] = []


class _Correction(Struct, frozen=True, rename="camel"):
    """Somebody has graded a call otherwise than the robot."""

    call_record_id: str = ""
    call_out_record_id: str = ""
    intent_level: str = ""
    intent_level_code: str = ""
    intent_level_name: str = ""
    intent_level_detail_name: str = ""
    properties: dict[str, Any] = {}


class _Filtered(Struct, frozen=True, rename="camel"):
    """A contact that the vendor did not call, of a task or of an import."""

    filtered_robot_call_task_id: str = ""
    called_phone_number: str = ""
    phone_number: str = ""
    filter_type: str = ""
    filter_reason: str = ""
    err_msg: str = ""
    create_time: str = ""
    properties: dict[str, Any] = {}


class _Import(Struct, frozen=True, rename="camel"):
    batch_id: str = ""
    fail_customer_persons: list[_Filtered] = []


class Call(Struct, frozen=True):
    """What is remembered of a call, so that a correction leaves its length alone."""

    touch: str
    seconds: int
    outcome: str
    labels: list[str]
    at: datetime


class Told(NamedTuple):
    """Facts, and a call to remember under its id."""

    events: list[Incoming]
    record: str = ""
    call: Call | None = None


def callbacks(body: bytes) -> list[tuple[str, dict[str, Any]]]:
    """`dataType` and `data` of each; one object, or several in an array."""
    try:
        raw: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raw = None
    items = cast("list[Any]", raw) if isinstance(raw, list) else [raw]
    if not all(isinstance(one, dict) for one in items):
        raise BadInput(Sentence("a callback must be a JSON object", "回调必须是 JSON 对象"))
    return [_read(cast("dict[str, Any]", one)) for one in items]


def _read(item: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    data = item.get("data")
    fields = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
    return str(item.get("dataType")), fields


def finished(config: Config, data: Mapping[str, Any], now: datetime) -> Told:
    """ROBOT_CALL_RECORD: the end of a call, and what the customer asked for."""
    record = _as(data, _Record)
    touch, phone = _touch(record.properties), record.called_phone_number
    if not touch or not _ID.fullmatch(record.call_record_id):
        return Told([])
    at = _at(config, record.end_time or record.start_time, now)
    name = f"call/{record.call_record_id}"
    if record.result_status in TROUBLES:
        data_ = {"touch": touch, "reason": record.result_status}
        return Told([_event("touch.failed", name, at, data_)])
    labels = _labels(record)
    barred = blacklisted(config, record.result_status)
    answered = record.result_status == "ANSWERED"
    outcome, intent = _outcome(config, record, answered=answered, barred=barred)
    seconds = min(max(record.chat_duration, 0), _LONGEST_CALL) if answered else 0
    call = Call(touch, seconds, outcome, labels, at)
    events = [_end(call, name, at, intent, answered=answered)]
    if barred or (answered and outcome == "refused"):
        why = record.result_status if barred else "said on the phone not to be called"
        events += _withdrawn(phone, f"{why}, call {record.call_record_id}", name, at)
    return Told(events, record.call_record_id if answered else "", call if answered else None)


def _outcome(config: Config, record: _Record, *, answered: bool, barred: bool) -> tuple[str, str]:
    """How it ended, and the grade: only who answered can have one."""
    if barred:
        return SUPPRESSED, ""
    if not answered:
        return OUTCOMES.get(record.result_status, kept(record.result_status.lower())), ""
    intent = grade(
        config, record.intent_level, record.intent_level_code, record.intent_level_detail_name
    )
    return ("refused" if _refuses(config, record) else "answered"), intent


def corrected(config: Config, data: Mapping[str, Any], call: Call | None, now: datetime) -> Told:
    """MANUAL_INTENT_CHANGE: the same end once more, with the grade that people gave it."""
    found = _as(data, _Correction)
    record, touch = record_of(data), _touch(found.properties)
    intent = grade(
        config,
        found.intent_level,
        found.intent_level_code,
        found.intent_level_name or found.intent_level_detail_name,
    )
    if call is None or not record or touch not in ("", call.touch):
        return Told([])
    # a correction carries no time of its own: pushed again the same day it is the same one
    day = now.astimezone(zone(config.zone)).date()
    name = f"intent/{record}/{intent or '-'}/{day}"
    return Told([_end(call, name, max(now, call.at), intent, answered=True)])


def record_of(data: Mapping[str, Any]) -> str:
    """The id of the call that a correction is about; its field has two names."""
    found = _as(data, _Correction)
    record = found.call_out_record_id or found.call_record_id
    return record if _ID.fullmatch(record) else ""


def filtered(config: Config, data: Mapping[str, Any], now: datetime) -> Told:
    """FILER_TASK (so it is spelled): a contact that was not called, and why."""
    return Told(list(_not_called(config, _as(data, _Filtered), "", now)))


def imported(config: Config, data: Mapping[str, Any], now: datetime) -> Told:
    """API_ROBOT_CALL_JOB_IMPORT_RESULT: contacts that the vendor could not take after all."""
    result = _as(data, _Import)
    return Told(
        [
            event
            for one in result.fail_customer_persons
            for event in _not_called(config, one, result.batch_id, now)
        ]
    )


def _not_called(config: Config, one: _Filtered, batch: str, now: datetime) -> Iterator[Incoming]:
    touch, phone = _touch(one.properties), one.called_phone_number or one.phone_number
    if not touch:
        return
    at = _at(config, one.create_time, now)
    name = f"filtered/{one.filtered_robot_call_task_id or batch}/{touch}"
    why = kept(" ".join(part for part in (one.filter_type, one.filter_reason, one.err_msg) if part))
    if not blacklisted(config, why):
        yield _event("touch.failed", name, at, {"touch": touch, "reason": why or "not called"})
        return
    yield _end(Call(touch, 0, SUPPRESSED, [], at), name, at, "", answered=False)
    yield from _withdrawn(phone, why, name, at)


def grade(config: Config, level: str, code: str, name: str) -> str:
    """Our grade: as set for the level, the code or the name, else by its first letter.

    >>> grade(Config(), "", "0", "A(较强)"), grade(Config(intents={"3": "F"}), "", "3", "不需要")
    ('A', 'F')
    """
    for said in (level, code, name):
        if said in config.intents:
            return config.intents[said]
    first = (level or name).strip().upper()[:1]
    return first if first in GRADES else ""


def _refuses(config: Config, record: _Record) -> bool:
    spoken = (one.text for one in record.call_detail_list if one.type == "PERSON")
    said = " ".join((*spoken, *_labels(record), record.analysis_basis)).replace(" ", "")
    return any(word in said for word in config.refusal_words)


def _labels(record: _Record) -> list[str]:
    found = [
        *record.customer_concern,
        *(one for one in record.attributes if isinstance(one, str)),
        *record.call_record_tag_names,
        *record.customer_tag_names,
    ]
    labels = list(dict.fromkeys(kept(one) for one in found if one))[: _MOST_LABELS - 1]
    return [*labels, RECORDED] if record.full_audio_url else labels


def _touch(properties: Mapping[str, Any]) -> str:
    token = properties.get(TOUCH, "")
    return token if isinstance(token, str) else ""


def withdrawn(phone: str, evidence: str, name: str, at: datetime) -> Incoming | None:
    """No more calls to this number; None where it is none, such as a masked one."""
    if not _PHONE.fullmatch(phone):
        return None
    data = {"channels": ["voice"], "purposes": PURPOSES, "evidence": kept(evidence)}
    whole = phone if phone.startswith("+") else f"+86{phone}"
    return _event("consent.withdrawn", f"{name}/no", at, data, whole)


def _withdrawn(phone: str, evidence: str, name: str, at: datetime) -> list[Incoming]:
    event = withdrawn(phone, evidence, name, at)
    return [] if event is None else [event]


def _end(call: Call, name: str, at: datetime, intent: str, *, answered: bool) -> Incoming:
    data = {
        "touch": call.touch,
        "answered": answered,
        "seconds": call.seconds,
        "intent": intent,
        "outcome": call.outcome,
        "labels": call.labels,
    }
    return _event("call.finished", name, at, data)


def _event(kind: str, name: str, at: datetime, data: dict[str, Any], phone: str = "") -> Incoming:
    return Incoming(
        source=SOURCE,
        id=name[:200],
        kind=kind,
        occurred_at=at.isoformat(),
        keys={"phone": phone} if phone else {},
        data=msgspec.Raw(msgspec.json.encode(data)),
    )


def _at(config: Config, text: str, now: datetime) -> datetime:
    """A time by the vendor's clocks; where there is none, now."""
    try:
        local = datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - its zone follows
        return local.replace(tzinfo=zone(config.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return now.astimezone(UTC)


def _as(data: Mapping[str, Any], kind: type[Any]) -> Any:
    """The fields that can be read; BadInput where one is of another kind altogether."""
    known = {
        name: str(value) if type(value) is int and name != "chatDuration" else value
        for name, value in data.items()
        if value is not None
    }
    try:
        return msgspec.convert(known, kind, strict=False)
    except msgspec.ValidationError:
        raise BadInput(
            Sentence("a callback's data can't be read", "回调的 data 无法读取")
        ) from None
