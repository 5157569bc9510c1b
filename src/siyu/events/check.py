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
from siyu.vault.model import normalise

AHEAD = timedelta(days=1)  # clocks differ; more than that is a broken clock
LARGEST_DATA = 1_000_000  # bytes
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
_MOMENTS: dict[str, tuple[str, ...]] = {"parcel.planned": ("cutoff_at",)}


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
    """Carries a reason out of a nested check; never leaves this file."""


def parse(item: object, region: str, now: datetime) -> Parsed | str:
    """The event in `item` (an Incoming, or JSON as bytes or as decoded), or why it is none."""
    try:
        return _parsed(_incoming(item), region, now)
    except _Wrong as wrong:
        return str(wrong)


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
        raise _Wrong(_words(error, "")) from None
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise _Wrong("the event: is not JSON that can be read") from None


def _parsed(event: Incoming, region: str, now: datetime) -> Parsed:
    _own_shape(event)
    struct = KINDS.get(event.kind)
    if struct is None or event.kind in OUR_KINDS:
        named = f"{event.kind!r} " if _WORD.fullmatch(event.kind) else ""
        raise _Wrong(f"kind: {named}is not a kind of event that can be sent")
    occurred_at = _moment(event.occurred_at, now)
    raw = _raw(event)
    payload = _payload(struct, raw)
    for name in _MOMENTS.get(event.kind, ()):
        payload = msgspec.structs.replace(payload, **{name: _bounded(payload, name)})
    if isinstance(payload, ProfileDated):
        _real_day(payload)
    keys = _keys(event.keys, region)
    person = _person(event.person)
    if person and not keys:
        raise _Wrong("person: needs a key (a phone, a buyer, …) to be sealed under")
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
            raise _Wrong(f"{name}: must be text")
    if not _SOURCE.fullmatch(event.source):
        raise _Wrong("source: 1 to 60 of letters, digits and . _ : / -")
    if event.source == OURS:
        raise _Wrong(f"source: {OURS!r} is Siyu's own")
    if not _ID.fullmatch(event.id):
        raise _Wrong("id: 1 to 200 characters, none of them a control character")


def _moment(text: str, now: datetime) -> datetime:
    try:
        occurred_at = time.instant(text)
    except ValueError as error:
        raise _Wrong(f"occurred_at: {str(error).removeprefix(repr(text)).strip()}") from None
    if occurred_at > now + AHEAD:
        raise _Wrong("occurred_at: lies more than a day in the future")
    return occurred_at


def _raw(event: Incoming) -> bytes:
    try:
        raw = memoryview(event.data)
    except TypeError:
        raise _Wrong("data: is not JSON that can be read") from None
    if len(raw) > LARGEST_DATA:
        raise _Wrong(f"data: is larger than {LARGEST_DATA} bytes")
    return bytes(raw)


def _payload(struct: type[Payload], raw: bytes) -> Payload:
    try:
        payload = _PAYLOADS[struct].decode(raw)
    except msgspec.ValidationError as error:
        raise _Wrong(_words(error, "data")) from None
    except (ValueError, TypeError, RecursionError):
        raise _Wrong("data: is not JSON that can be read") from None
    if b"\\u0000" in raw:
        _no_nul(msgspec.to_builtins(payload), "data")
    return payload


def _real_day(dated: ProfileDated) -> None:
    if not Yearly(dated.calendar, dated.month, dated.day).real:
        raise _Wrong(f"data.day: no year has that day in this month ({dated.calendar})")


def _bounded(payload: Payload, name: str) -> datetime:
    """A time inside a payload, in UTC and within the years that can be stored."""
    try:
        moment = cast("datetime", getattr(payload, name)).astimezone(UTC)
    except OverflowError:
        moment = datetime.min.replace(tzinfo=UTC)
    if not moment >= time.EARLIEST or moment.year > 2200:
        raise _Wrong(f"data.{name}: is outside the years 1990 to 2200")
    return moment


def _no_nul(value: object, where: str) -> None:
    if isinstance(value, str) and "\0" in value:
        raise _Wrong(f"{where}: holds a NUL character")
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
            raise _Wrong(f"keys.{kind}: {error}") from None
    return keys


def _person(given: object) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for name, value in _texts(given, "person", PERSON_FIELDS):
        if len(value) > _LONGEST[name]:
            raise _Wrong(f"person.{name}: is longer than {_LONGEST[name]} characters")
        if _UNSTORABLE.search(value):
            raise _Wrong(f"person.{name}: holds a character that can't be stored")
        if value.strip():
            found.append((name, value.strip()))
    return tuple(found)


def _texts(given: object, where: str, known: tuple[str, ...]) -> list[tuple[str, str]]:
    if not isinstance(given, dict):
        raise _Wrong(f"{where}: must be an object")
    pairs: list[tuple[str, str]] = []
    for name, value in cast("dict[object, object]", given).items():
        if not isinstance(name, str) or name not in known:
            shown = f".{name}" if isinstance(name, str) and _WORD.fullmatch(name) else ""
            raise _Wrong(f"{where}{shown}: is unknown; known are {', '.join(known)}")
        if not isinstance(value, str):
            raise _Wrong(f"{where}.{name}: must be text")
        pairs.append((name, value))
    return pairs


def _no_phone(phone: str | None, event_id: str, raw: bytes) -> None:
    """A sender that repeats the buyer's phone, however spaced, in an order number, a reason or the
    event's own id learns of it: all three are stored as they are."""
    if phone is None:
        return
    for where, text in (("data", raw), ("id", event_id.encode())):
        if repeats(phone, text):
            raise _Wrong(f"{where}: repeats the phone in clear; it belongs in keys only")


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


def _words(error: msgspec.ValidationError, root: str) -> str:
    """The decoder's complaint with its field first and without the value."""
    parts = _COMPLAINT.fullmatch(str(error))
    what, path = (parts["what"], parts["path"] or "") if parts else ("", "")
    where = f"{root}{path}".lstrip(".")
    named = _NAMED.fullmatch(what)
    if named:
        field = named[2] if _WORD.fullmatch(named[2]) else "…"
        where = f"{where}.{field}".lstrip(".")
        what = "is missing" if named[1].startswith("missing") else "is unknown"
    elif "matching regex" in what:
        what = "holds a character that is not allowed here"
    elif not what.startswith(("Expected", "Number out of range")):
        what = "has a value that is not allowed here"
    return f"{where or 'the event'}: {what.replace('`', '')}"


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
