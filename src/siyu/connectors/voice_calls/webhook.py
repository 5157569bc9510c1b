"""The way back: `POST /hooks/voice_calls/callback`, signed, or with a secret in its path."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from siyu.connectors.manifest import Called, Heard, Reply, Store, Tools
from siyu.connectors.voice_calls.config import Config
from siyu.connectors.voice_calls.wire import calls
from siyu.connectors.voice_calls.wire.calls import Call, Told
from siyu.events.model import Incoming
from siyu.kernel import signature
from siyu.kernel.errors import BadSignature, NotFound
from siyu.kernel.sentence import Sentence

log = structlog.get_logger(__name__)
CALLBACK = "callback"


def receive(config: Config, called: Called, tools: Tools) -> Heard:
    """Ends of calls as facts. The vendor reads nothing but the word in the answer."""
    _door(config, called)
    events: list[Incoming] = []
    for kind, data in calls.callbacks(called.body):
        events += _told(config, kind, data, called, tools.store)
    return Heard(events, Reply(calls.HEARD, media_type="text/plain"))


def _door(config: Config, called: Called) -> None:
    """BadSignature unless it is signed or knows the secret path."""
    path, _, rest = called.path.strip("/").partition("/")
    if rest:
        known = hmac.compare_digest(path.encode(), config.hook_secret.encode())
        if not config.hook_secret or not known:
            raise BadSignature(Sentence("the address does not hold its secret", "地址里的密钥不对"))
        path = rest
    else:
        signature.verify(
            config.secret,
            called.headers.get(signature.TIMESTAMP, ""),
            called.headers.get(signature.SIGNATURE, ""),
            called.body,
            called.real,
        )
    if path != CALLBACK or called.method != "POST":
        raise NotFound(Sentence("callbacks go to …/callback", "回调地址以 callback 结尾"))


def _told(
    config: Config, kind: str, data: dict[str, Any], called: Called, store: Store
) -> list[Incoming]:
    now = called.now
    match kind:
        case "ROBOT_CALL_RECORD":
            told = calls.finished(config, data, now)
        case "MANUAL_INTENT_CHANGE":
            told = _corrected(config, data, called, store)
        case "FILER_TASK" | "FILTER_TASK":
            told = calls.filtered(config, data, now)
        case "API_ROBOT_CALL_JOB_IMPORT_RESULT":
            told = calls.imported(config, data, now)
        case _:  # the end of a task, a text message, a summary: nothing follows from them
            told = Told([])
    if told.call is not None:
        until = now + timedelta(days=config.kept_days)
        store.put(f"call/{told.record}", msgspec.json.encode(told.call).decode(), until)
    events = [*told.events, *_overtaken(config, told, store)]
    if not events:
        log.info("a callback from which nothing follows", kind=kind[:40])
    return events


def _corrected(config: Config, data: dict[str, Any], called: Called, store: Store) -> Told:
    """A grade that people corrected; one that came before its call waits for it."""
    record, now = calls.record_of(data), called.now
    call = _remembered(store, record)
    if call is None and record:
        until = now + timedelta(days=config.kept_days)
        store.put(f"grade/{record}", msgspec.json.encode((now, data)).decode(), until)
    return calls.corrected(config, data, call, now)


def _overtaken(config: Config, told: Told, store: Store) -> list[Incoming]:
    """The correction that was heard before the call that was told now, if there is one."""
    text = store.get(f"grade/{told.record}") if told.call is not None else None
    if text is None:
        return []
    heard_at, data = msgspec.json.decode(text, type=tuple[datetime, dict[str, Any]])
    return calls.corrected(config, data, told.call, heard_at).events


def _remembered(store: Store, record: str) -> Call | None:
    text = store.get(f"call/{record}") if record else None
    return None if text is None else msgspec.json.decode(text, type=Call)
