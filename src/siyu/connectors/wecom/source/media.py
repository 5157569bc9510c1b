"""Uploads: a file is handed to WeCom once and named by what is in it, until WeCom forgets it.

Nothing of the file is kept here: when its time is over, whoever has it hands it over again.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import NamedTuple

from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.client import Client, Failed, File, NotSent, Unclear
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source.links import UNREADABLE
from siyu.connectors.wecom.wire import media as wire
from siyu.connectors.wecom.wire.answers import text
from siyu.kernel.errors import BadInput, Broken, Refused
from siyu.kernel.sentence import Sentence


class Media(NamedTuple):
    """A file that WeCom has."""

    media_id: str
    kind: wire.Kind


def upload(config: Config, tools: Tools, content: bytes) -> str:
    """Hand it over for Moments, unless WeCom has it; the name by which `uploaded` finds it."""
    found = _sorted(config, content)
    name = blake2b(content, digest_size=16).hexdigest()
    key = f"media/{name}"
    with tools.store.lock(key):
        if tools.store.get(key) is None:
            file = File(found.name, found.media_type, content)
            client, now = Client(config, tools), tools.clock.now()
            media_id = _done(client, file, found.kind)
            tools.store.put(key, json.dumps(list(Media(media_id, found.kind))), now + wire.LIFE)
    return name


def uploaded(tools: Tools, name: str) -> Media | None:
    """None: WeCom has not got it, or forgets it within the hour."""
    said = tools.store.get(f"media/{name}")
    return Media(*json.loads(said)) if said else None


def _sorted(config: Config, content: bytes) -> wire.Sort:
    found = wire.looked_at(content, config.picture_mb)
    if isinstance(found, Sentence):
        raise BadInput(found)
    return found


def _done(client: Client, file: File, kind: wire.Kind) -> str:
    query = {"media_type": kind, "attachment_type": "1"}  # what is for messages is refused (41072)
    try:
        found = text(client.upload("media/upload_attachment", file, **query), "media_id")
    except Failed as failed:
        raise Refused(failed.said) from None
    except (NotSent, Unclear):
        raise Broken(UNREADABLE) from None
    if not found:
        raise Broken(UNREADABLE)
    return found
