"""Files that were handed to WeCom, and how long it keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.parser import BytesParser
from email.policy import HTTP

from siyu.connectors.wecom.fake.state import App, Code, Json, State
from siyu.connectors.wecom.wire import media as wire

Query = Mapping[str, str]
LIVES = timedelta(days=3)
FILE = "file"  # where a call finds what came as a form


@dataclass
class Media:
    """A file. `use`: what it was uploaded for."""

    kind: str
    use: str
    content: bytes
    at: datetime


def file_of(content_type: str, content: bytes) -> Json:
    """The part `media` of a form."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    for part in BytesParser(policy=HTTP).parsebytes(head + content).iter_parts():
        if part.get_param("name", header="content-disposition") == "media":
            return {FILE: part.get_payload(decode=True)}
    return {}


def attachment(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    """For Moments and the product album."""
    kind, use = query.get("media_type", ""), query.get("attachment_type")
    if kind not in ("image", "video", "file") or use not in ("1", "2"):
        raise Code(40004, "invalid media type")
    return _kept(state, kind, "moment" if use == "1" else "album", body)


def for_messages(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    """For messages of any kind, three days long."""
    kind = query.get("type", "")
    if kind not in ("image", "voice", "video", "file"):
        raise Code(40004, "invalid media type")
    return _kept(state, kind, "message", body)


def picture(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    """One that is shown at an address, for good."""
    content = _content(body)
    found = wire.sort(content)
    if len(content) > 2 * wire.MB:
        raise Code(40009, "invalid image size")
    if found is None or found.kind != "image":
        raise Code(40123, "invalid image format")
    url = f"https://wework.qpic.example/{state.name('pic', 16)}"
    state.media[url] = Media("image", "address", content, state.clock())
    return {"url": url}


def media_of(state: State, media_id: str) -> Media:
    """A file that is still there."""
    found = state.media.get(media_id)
    if found is None or state.clock() - found.at >= LIVES:
        raise Code(40007, "invalid media_id")
    return found


def _content(body: Json) -> bytes:
    content = body.get(FILE, b"")
    if len(content) <= wire.SMALLEST:
        raise Code(44001, "empty media data")
    return content


def _kept(state: State, kind: str, use: str, body: Json) -> Json:
    content = _content(body)
    if kind == "image" and len(content) > state.picture_mb * wire.MB:
        raise Code(41080 if use == "moment" else 40006, "invalid media size")
    found = wire.sort(content)
    if kind in ("image", "video") and (found is None or found.kind != kind):
        raise Code(40123 if kind == "image" else 41090, "invalid media format")
    media_id = state.name("media", 32)
    state.media[media_id] = Media(kind, use, content, state.clock())
    return {"type": kind, "media_id": media_id, "created_at": str(state.now)}
