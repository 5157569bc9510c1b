"""Is this an event? Pure: `parse` answers with the event or with a reason that names the field.

A reason never repeats a value: it may stand in logs, and a value may be somebody's phone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

import msgspec
from msgspec import Struct

from siyu.events.model import (
    KEY_KINDS,
    KINDS,
    OUR_KINDS,
    OURS,
    PERSON_FIELDS,
    AnyPayload,
    Event,
    Incoming,
    Key,
    OrderCancelled,
    OrderPaid,
    OrderRefunded,
    ParcelPlanned,
    Payload,
    ProfileDated,
)
from siyu.kernel import time
from siyu.kernel.calendar import Yearly
from siyu.kernel.sentence import Sentence, within, wording
from siyu.kernel.typed import form
from siyu.kernel.words import Words
from siyu.vault.model import normalise

AHEAD = timedelta(days=1)  # clocks differ; more than that is a broken clock
LARGEST_DATA = 1_000_000  # bytes
UNTOLD = "这里不能这样写"
_NOT_JSON = Sentence("is not JSON that can be read", "不是能读取的 JSON")
_NOT_TEXT = Sentence("must be text", "必须是文本")
_LONGEST: dict[str, int] = {
    "name": 200,
    "address": 1_000,
    "text": 20_000,
    "note": 5_000,
    "masked_phone": 40,
}

_SOURCE = re.compile(r"[A-Za-z0-9._:/-]{1,60}")
_ID = re.compile(r"[^\x00-\x1f\ud800-\udfff]{1,200}")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,40}")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_SPACES = b" ().-"  # with which people write phones
_COMPLAINT = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
_NAMED = re.compile(r"Object (contains unknown|missing required) field `(.*)`", re.DOTALL)
_MOMENTS: dict[str, tuple[str, ...]] = {
    "parcel.planned": ("cutoff_at",),
    "tag.set": ("until",),
    **dict.fromkeys(("slot.booked", "slot.cancelled", "slot.kept", "slot.missed"), ("starts_at",)),
}


class Parsed(NamedTuple):
    """A valid event with its values still in clear: sealed before anything is stored."""

    source: str
    id: str
    kind: str
    occurred_at: datetime
    keys: tuple[tuple[str, str], ...]  # (kind, normalised value), strongest first
    person: tuple[tuple[str, str], ...]
    payload: Payload

    def __repr__(self) -> str:
        return f"Parsed(source={self.source!r}, id={self.id!r}, kind={self.kind!r}, …)"


class Stored(Struct, frozen=True, gc=False):
    """What `event.data` holds: keys as hashes, personal fields as vault items, the payload."""

    k: tuple[Key, ...]
    s: dict[str, int]
    d: AnyPayload


class _Named(Struct):
    id: str = ""


class _Wrong(Exception):
    """Carries a field and why it is wrong out of a nested check; never leaves this file."""

    def __init__(self, where: str, why: Sentence) -> None:
        super().__init__(Sentence(f"{where}: {why}", f"{where}: {why.zh}"))


def parse(item: object, region: str, now: datetime) -> Parsed | Sentence:
    """The event in `item` (an Incoming, or JSON as bytes or as decoded), or why it is none: FIELD:
    words, as `apart` takes it."""
    try:
        return _parsed(_incoming(item), region, now)
    except _Wrong as wrong:
        return wrong.args[0]


def apart(reason: str) -> tuple[str, Sentence]:
    """The field of a reason, and its words.

    >>> where, why = apart(Sentence("keys.phone: is empty", "keys.phone: 是空的"))
    >>> where, why.zh
    ('keys.phone', '是空的')
    """
    where, _, why = reason.partition(": ")
    zh = within("zh", reason).partition(": ")[2] if isinstance(reason, Sentence) else UNTOLD
    return where, Sentence(why or where, zh or UNTOLD)


def id_of(item: object) -> str:
    """The id that the sender will know its answer by, as far as it can be made out."""
    if isinstance(item, Incoming):
        found: object = item.id
    elif isinstance(item, Mapping):
        found = cast("Mapping[str, object]", item).get("id", "")
    else:
        try:
            found = msgspec.json.decode(cast("bytes", item), type=_Named).id
        except (ValueError, TypeError, RecursionError):
            found = ""
    return found if isinstance(found, str) and _ID.fullmatch(found) else ""


def _incoming(item: object) -> Incoming:
    if isinstance(item, Incoming):
        return item
    try:
        text = item if isinstance(item, bytes | msgspec.Raw) else msgspec.json.encode(item)
        return _INCOMING.decode(text)
    except msgspec.ValidationError as error:
        raise _Wrong(*_words(error, "")) from None
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise _Wrong("the event", _NOT_JSON) from None


def _parsed(event: Incoming, region: str, now: datetime) -> Parsed:
    _own_shape(event)
    struct = KINDS.get(event.kind)
    if struct is None or event.kind in OUR_KINDS:
        named = f"{event.kind!r} " if _WORD.fullmatch(event.kind) else ""
        raise _Wrong(
            "kind",
            Sentence(f"{named}is not a kind of event that can be sent", f"{named}不是可发送的事件"),
        )
    occurred_at = _moment(event.occurred_at, now)
    raw = _raw(event)
    payload = _payload(struct, raw)
    for name in _MOMENTS.get(event.kind, ()):
        if getattr(payload, name) is None:
            continue
        payload = msgspec.structs.replace(payload, **{name: _bounded(payload, name)})
    if isinstance(payload, ProfileDated):
        _real_day(payload)
    keys = _keys(event.keys, region)
    person = _person(event.person)
    if person and not keys:
        raise _Wrong(
            "person",
            Sentence(
                "needs a key (a phone, a buyer, …) to be sealed under",
                "需要一个标识（手机号、买家等）才能加密保存",
            ),
        )
    _no_phone(keys.get("phone"), event.id, raw)
    named_order = _order(payload)
    if named_order is not None:
        keys.setdefault("order", named_order)
    strongest_first = tuple([(kind, keys[kind]) for kind in KEY_KINDS if kind in keys])
    return Parsed(event.source, event.id, event.kind, occurred_at, strongest_first, person, payload)


def _own_shape(event: Incoming) -> None:
    """An Incoming made in Python was never checked against its own type."""
    for name in ("source", "id", "kind", "occurred_at"):
        if not isinstance(getattr(event, name), str):
            raise _Wrong(name, _NOT_TEXT)
    if not _SOURCE.fullmatch(event.source):
        raise _Wrong(
            "source",
            Sentence(
                "1 to 60 of letters, digits and . _ : / -", "1 到 60 个字母、数字或 . _ : / -"
            ),
        )
    if event.source == OURS:
        raise _Wrong("source", Sentence(f"{OURS!r} is Siyu's own", f"{OURS!r} 是 Siyu 自己的"))
    if not _ID.fullmatch(event.id):
        raise _Wrong(
            "id",
            Sentence(
                "1 to 200 characters, none of them a control character",
                "1 到 200 个字符，不能有控制字符",
            ),
        )


def _moment(text: str, now: datetime) -> datetime:
    try:
        occurred_at = time.instant(text)
    except ValueError as error:
        said, shown = wording(error), repr(text)
        why = Sentence(said.removeprefix(shown).strip(), said.zh.removeprefix(shown).strip())
        raise _Wrong("occurred_at", why) from None
    if occurred_at > now + AHEAD:
        raise _Wrong(
            "occurred_at", Sentence("lies more than a day in the future", "比现在晚一天以上")
        )
    return occurred_at


def _raw(event: Incoming) -> bytes:
    try:
        raw = memoryview(event.data)
    except TypeError:
        raise _Wrong("data", _NOT_JSON) from None
    if len(raw) > LARGEST_DATA:
        raise _Wrong(
            "data",
            Sentence(f"is larger than {LARGEST_DATA} bytes", f"超过 {LARGEST_DATA} 字节"),
        )
    return bytes(raw)


def _payload(struct: type[Payload], raw: bytes) -> Payload:
    try:
        payload = _PAYLOADS[struct].decode(raw)
    except msgspec.ValidationError as error:
        raise _Wrong(*_words(error, "data")) from None
    except (ValueError, TypeError, RecursionError):
        raise _Wrong("data", _NOT_JSON) from None
    if b"\\u0000" in raw:
        _no_nul(msgspec.to_builtins(payload), "data")
    return payload


def _real_day(dated: ProfileDated) -> None:
    if not Yearly(dated.calendar, dated.month, dated.day).real:
        raise _Wrong(
            "data.day",
            Sentence(
                f"no year has that day in this month ({dated.calendar})",
                f"任何一年的这个月都没有这一天（{dated.calendar}）",
            ),
        )


def _bounded(payload: Payload, name: str) -> datetime:
    """A time inside a payload, in UTC and within the years that can be stored."""
    try:
        moment = cast("datetime", getattr(payload, name)).astimezone(UTC)
    except OverflowError:
        moment = datetime.min.replace(tzinfo=UTC)
    if not moment >= time.EARLIEST or moment.year > 2200:
        raise _Wrong(
            f"data.{name}",
            Sentence("is outside the years 1990 to 2200", "不在 1990 到 2200 年之间"),
        )
    return moment


def _no_nul(value: object, where: str) -> None:
    if isinstance(value, str) and "\0" in value:
        raise _Wrong(where, Sentence("holds a NUL character", "含有 NUL 字符"))
    if isinstance(value, list):
        for place, one in enumerate(cast("list[object]", value)):
            _no_nul(one, f"{where}[{place}]")
    if isinstance(value, dict):
        for name, one in cast("dict[str, object]", value).items():
            _no_nul(one, f"{where}.{name}")


def _keys(given: object, region: str) -> dict[str, str]:
    keys: dict[str, str] = {}
    for kind, value in _texts(given, "keys", KEY_KINDS):
        try:
            keys[kind] = normalise(kind, value, region)
        except ValueError as error:
            raise _Wrong(f"keys.{kind}", wording(error)) from None
    return keys


def _person(given: object) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for name, value in _texts(given, "person", PERSON_FIELDS):
        if len(value) > _LONGEST[name]:
            most = _LONGEST[name]
            why = Sentence(f"is longer than {most} characters", f"超过 {most} 个字符")
            raise _Wrong(f"person.{name}", why)
        if _UNSTORABLE.search(value):
            why = Sentence("holds a character that can't be stored", "含有不能存储的字符")
            raise _Wrong(f"person.{name}", why)
        if value.strip():
            found.append((name, value.strip()))
    return tuple(found)


def _texts(given: object, where: str, known: tuple[str, ...]) -> list[tuple[str, str]]:
    if not isinstance(given, dict):
        raise _Wrong(where, Sentence("must be an object", "必须是对象"))
    pairs: list[tuple[str, str]] = []
    for name, value in cast("dict[object, object]", given).items():
        if not isinstance(name, str) or name not in known:
            shown = f".{name}" if isinstance(name, str) and _WORD.fullmatch(name) else ""
            listed = ", ".join(known)
            why = Sentence(f"is unknown; known are {listed}", f"没有这一项；可用的有 {listed}")
            raise _Wrong(f"{where}{shown}", why)
        if not isinstance(value, str):
            raise _Wrong(f"{where}.{name}", _NOT_TEXT)
        pairs.append((name, value))
    return pairs


def _no_phone(phone: str | None, event_id: str, raw: bytes) -> None:
    """A sender that repeats the buyer's phone, however spaced, in an order number, a reason or the
    event's own id learns of it: all three are stored as they are."""
    if phone is None:
        return
    for where, text in (("data", raw), ("id", event_id.encode())):
        if repeats(phone, text):
            why = Sentence(
                "repeats the phone in clear; it belongs in keys only",
                "以明文重复了手机号；手机号只能放在 keys 里",
            )
            raise _Wrong(where, why)


def heard(event: Parsed, words: Words) -> Payload:
    """A message with those of these words that stand in its text, whatever its sender says."""
    text = "\n".join(value for name, value in event.person if name == "text")
    return msgspec.structs.replace(event.payload, words=tuple(words.found(text)))


def repeats(phone: str, text: bytes) -> bool:
    """Is this phone in there, however spaced, with its country or without?"""
    local = phone[-(11 if phone.startswith("+86") else 10) :].encode()
    return local in text.translate(None, _SPACES)


def _order(payload: Payload) -> str | None:
    """An event that names an order points to its buyer, whether or not the sender says so."""
    match payload:
        case OrderPaid() | OrderRefunded() | OrderCancelled():
            order_no = payload.order_no
        case ParcelPlanned():
            order_no = payload.main_order
        case _:
            return None
    return None if order_no is None else f"{payload.shop}/{order_no}"


def _words(error: msgspec.ValidationError, root: str) -> tuple[str, Sentence]:
    """The field of the decoder's complaint, and its words without the value."""
    parts = _COMPLAINT.fullmatch(str(error))
    what, path = (parts["what"], parts["path"] or "") if parts else ("", "")
    where = f"{root}{path}".lstrip(".") or "the event"
    named = _NAMED.fullmatch(what)
    if named:
        field = named[2] if _WORD.fullmatch(named[2]) else "…"
        where = f"{root}{path}.{field}".lstrip(".")
        if named[1].startswith("missing"):
            return where, Sentence("is missing", "缺少")
        return where, Sentence("is unknown", "没有这一项")
    if "matching regex" in what:
        return where, Sentence("holds a character that is not allowed here", "含有不允许的字符")
    if what.startswith(("Expected", "Number out of range")):
        return where, Sentence(what.replace("`", ""), form(what).zh.replace("`", ""))
    return where, Sentence("has a value that is not allowed here", "这个值不被允许")


def write(keys: Sequence[Key], sealed: Mapping[str, int], payload: Payload) -> str:
    """`event.data` of an event."""
    stored = Stored(tuple(keys), dict(sealed), cast("AnyPayload", payload))
    return _ENCODER.encode(stored).decode()


def read(row: tuple[Any, ...]) -> Event:
    """A row of `event` (in the order of `Event`, data last) as a fact."""
    stored = _DECODER.decode(row[7])
    return Event._make((*row[:7], stored.k, stored.s, stored.d))


_INCOMING = msgspec.json.Decoder(Incoming)
_PAYLOADS: Mapping[type[Payload], msgspec.json.Decoder[Payload]] = {
    struct: msgspec.json.Decoder(struct) for struct in KINDS.values()
}
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Stored)
