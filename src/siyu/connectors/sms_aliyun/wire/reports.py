"""What Aliyun posts to us: delivery reports and replies, as arrays."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar, cast

import msgspec
from msgspec import Struct

from siyu.connectors.sms_aliyun.config import Config
from siyu.connectors.sms_aliyun.wire.answers import reason
from siyu.connectors.sms_aliyun.wire.batch import Sent, hashed, moment
from siyu.connectors.sms_aliyun.wire.text import mainland, opts_out
from siyu.events.model import Incoming
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence

SOURCE = "sms_aliyun"
HEARD = b'{"code":0,"msg":"ok"}'  # with a numeric code: anything else is pushed again
UNREPORTED = "REQUEST_SUCCESS"  # taken by the carrier, which tells no more
PURPOSES = ["order_invitation", "promotion", "service"]
T = TypeVar("T")


class Report(Struct, frozen=True):
    """What became of one message. `sms_size` comes as text, and `err_code` in two spellings."""

    phone_number: str = ""
    success: bool = False
    report_time: str = ""
    err_code: str = ""
    err_msg: str = ""
    sms_size: str = ""
    biz_id: str = ""
    out_id: str = ""


class Reply(Struct, frozen=True):
    """What somebody wrote back. `sequence_id` is a number in older descriptions."""

    phone_number: str = ""
    content: str = ""
    send_time: str = ""
    sign_name: str = ""
    dest_code: str = ""
    sequence_id: str = ""


class Told(NamedTuple):
    """What a report comes to: events, and what Aliyun billed where we counted otherwise."""

    events: list[Incoming]
    token: str
    billed: str = ""


def items(body: bytes, kind: type[T]) -> tuple[list[T], int]:
    """The items that can be read, and how many can't; BadInput if it is no array at all."""
    try:
        raw: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raw = None
    if not isinstance(raw, list):
        raise BadInput(Sentence("reports must be a JSON array", "回执必须是 JSON 数组"))
    found: list[T] = []
    entries = cast("list[Any]", raw)
    for entry in entries:
        try:
            found.append(msgspec.convert(_texts(entry), kind, strict=False))
        except msgspec.ValidationError:
            continue
    return found, len(entries) - len(found)


def _texts(entry: Any) -> Any:
    """Numbers as text where text is meant, and nothing where there is null."""
    if not isinstance(entry, dict):
        return entry
    fields = cast("dict[str, Any]", entry)
    return {
        name: str(value) if type(value) is int else value
        for name, value in fields.items()
        if value is not None
    }


def told(config: Config, report: Report, sent: Sent | None, now: datetime) -> Told | None:
    """What follows from a report; None if it is about nothing of ours."""
    phone = mainland(report.phone_number)
    known = None if sent is None else sent.to.get(hashed(report.out_id, phone))
    if known is None:
        return None
    token, counted = known
    billed = f"{report.sms_size}/{counted}" if report.sms_size not in ("", str(counted)) else ""
    if report.err_code == UNREPORTED:
        return Told([], token, billed)
    at = _at(report.report_time, now)
    name = f"report/{report.out_id}/{hashed(report.out_id, phone)[:12]}"
    if report.success:
        return Told([_event("touch.delivered", f"{name}/ok", at, {"touch": token})], token, billed)
    why = reason(report.err_code, report.err_msg)
    data = {"touch": token, "reason": why}
    events = [_event("touch.failed", f"{name}/{report.err_code[:40]}", at, data)]
    if report.err_code in config.refusal_codes:
        events.append(refusal(phone, report.err_code, name, at))
    return Told(events, token, billed)


def refusal(phone: str, code: str, name: str, at: datetime) -> Incoming:
    """This number wants no SMS of us any more, as Aliyun or the carrier says."""
    return _withdrawn(phone, f"Aliyun: {code}", f"refused/{name}", at)


def replied(config: Config, reply: Reply, now: datetime) -> Incoming:
    """A reply: consent withdrawn, or words that somebody should read."""
    phone, at = mainland(reply.phone_number), _at(reply.send_time, now)
    name = f"up/{reply.sequence_id or _digest(reply)}"
    place = " ".join(part for part in (reply.dest_code, reply.sign_name) if part)
    if opts_out(config.opt_out_words, reply.content):
        return _withdrawn(phone, f"SMS reply: {reply.content.strip()[:20]} → {place}", name, at)
    person = {"text": reply.content, "note": place}
    return _event("message.received", name, at, {"channel": "sms"}, phone, person)


def _withdrawn(phone: str, evidence: str, name: str, at: datetime) -> Incoming:
    data = {"channels": ["sms"], "purposes": PURPOSES, "evidence": evidence.strip(" →")}
    return _event("consent.withdrawn", name, at, data, phone)


def _event(
    kind: str,
    name: str,
    at: datetime,
    data: dict[str, Any],
    phone: str = "",
    person: dict[str, str] | None = None,
) -> Incoming:
    return Incoming(
        source=SOURCE,
        id=name[:200],
        kind=kind,
        occurred_at=at.isoformat(),
        keys={"phone": f"+86{phone}"} if phone else {},
        person=person or {},
        data=msgspec.Raw(msgspec.json.encode(data)),
    )


def _at(text: str, now: datetime) -> datetime:
    """When it says that it happened; where it says nothing readable, now."""
    try:
        return moment(text)
    except (ValueError, OverflowError):
        return now.astimezone(UTC)


def _digest(reply: Reply) -> str:
    said = f"{reply.phone_number}\n{reply.send_time}\n{reply.content}"
    return sha256(said.encode()).hexdigest()[:32]
