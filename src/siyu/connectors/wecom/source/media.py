"""Uploads: a file is handed to WeCom once and named by what is in it, until WeCom forgets it.

Nothing of the file is kept here: when its time is over, whoever has it hands it over again.
"""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import blake2b
from typing import Literal, NamedTuple

from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.client import Client, Failed, File, NotSent, Unclear
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source.links import UNREADABLE
from siyu.connectors.wecom.wire import media as wire
from siyu.connectors.wecom.wire.answers import text
from siyu.kernel.errors import BadInput, Broken, Refused
from siyu.kernel.sentence import Sentence

# A media id of one is refused by the other (41072).
Use = Literal["moment", "message"]
LIFE = timedelta(days=3) - timedelta(hours=1)


class Media(NamedTuple):
    """A file that WeCom has."""

    media_id: str
    kind: wire.Kind


def upload(config: Config, tools: Tools, content: bytes, use: Use = "moment") -> str:
    """Hand it over, unless WeCom has it; the name by which `uploaded` finds it."""
    found = _sorted(config, content)
    name = blake2b(content, digest_size=16).hexdigest()
    key = f"media/{use}/{name}"
    with tools.store.lock(key):
        if tools.store.get(key) is None:
            file = File(found.name, found.media_type, content)
            client, now = Client(config, tools), tools.clock.now()
            if use == "moment":
                query = {"media_type": found.kind, "attachment_type": "1"}
                media_id = _done(client, "media/upload_attachment", file, "media_id", query)
            else:
                query = {"type": found.kind}
                media_id = _done(client, "media/upload", file, "media_id", query)
            tools.store.put(key, json.dumps(list(Media(media_id, found.kind))), now + LIFE)
    return name


def uploaded(tools: Tools, name: str, use: Use = "moment") -> Media | None:
    """None: WeCom has not got it, or forgets it within the hour."""
    said = tools.store.get(f"media/{use}/{name}")
    return Media(*json.loads(said)) if said else None


def address(config: Config, tools: Tools, content: bytes) -> str:
    """The address of a picture for good, which WeCom alone shows: for the cover of a link in a
    message. WeCom gives 1,000 a day and 3,000 a month, so each picture has one."""
    found = _sorted(config, content)
    if found.kind != "image" or len(content) > wire.MOST_CONTENT * wire.MB:
        most = wire.MOST_CONTENT
        raise BadInput(
            Sentence(f"only a picture of at most {most} MB", f"只能是不超过 {most} MB 的图片")
        )
    key = f"picture/{blake2b(content, digest_size=16).hexdigest()}"
    with tools.store.lock(key):
        said = tools.store.get(key)
        if said is None:
            file = File(found.name, found.media_type, content)
            said = _done(Client(config, tools), "media/uploadimg", file, "url", {})
            tools.store.put(key, said)
    return said


def _sorted(config: Config, content: bytes) -> wire.Sort:
    found = wire.looked_at(content, config.picture_mb)
    if isinstance(found, Sentence):
        raise BadInput(found)
    return found


def _done(client: Client, path: str, file: File, field: str, query: dict[str, str]) -> str:
    try:
        found = text(client.upload(path, file, **query), field)
    except Failed as failed:
        raise Refused(failed.said) from None
    except (NotSent, Unclear):
        raise Broken(UNREADABLE) from None
    if not found:
        raise Broken(UNREADABLE)
    return found
