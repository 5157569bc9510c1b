"""What goes beside the words of a message: pictures that WeCom was handed, and cards.

Nothing of a picture is kept here but how WeCom calls it.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.client import Client, Failed, File, NotSent, Unclear
from siyu.connectors.wecom.wire import media
from siyu.connectors.wecom.wire import messages as wire
from siyu.connectors.wecom.wire.answers import text
from siyu.content.render.poster import Poster
from siyu.kernel.sentence import Sentence
from siyu.outbox.model import Attachment

FORGOTTEN = 40007  # WeCom does not know the media id (any more)
UNREADABLE = 40123  # WeCom's own word for a picture that is none
UNDRAWN = Sentence(
    "the poster can't be drawn: its picture can't be read", "海报无法生成：图片无法读取"
)
MEDIA = "media/message/"  # under which it is kept how WeCom calls a picture


class Beside:
    """Makes attachments. A picture is handed over once for all messages, as long as WeCom keeps
    it."""

    def __init__(self, tools: Tools, client: Client) -> None:
        self._tools = tools
        self._client = client

    def of(self, one: Attachment | None, *, anew: bool = False) -> list[dict[str, Any]]:
        """None of nothing. `anew`: the picture is handed over again. Raises what a call raises, but
        never in doubt: nothing was sent."""
        return [] if one is None else [wire.attachment(one, self._picture(one, anew=anew))]

    def _picture(self, one: Attachment, *, anew: bool) -> str:
        if one.poster is not None:
            return self._media_id(one.poster.name, one.poster, anew=anew)
        if not one.picture:
            return one.form.get("picture", "")  # an address, or none
        name = blake2b(one.picture, digest_size=16).hexdigest()
        if one.kind in ("image", "card"):
            return self._media_id(name, one.picture, anew=anew)
        return self._address(name, one.picture)

    def _media_id(self, name: str, picture: bytes | Poster, *, anew: bool) -> str:
        store, key = self._tools.store, f"{MEDIA}{name}"
        with store.lock(key):
            found = None if anew else store.get(key)
            if found is None:
                content = _drawn(picture) if isinstance(picture, Poster) else picture
                found = self._handed("media/upload", content, "media_id", type="image")
                store.put(key, found, self._tools.clock.now() + media.LIFE)
        return found

    def _address(self, name: str, content: bytes) -> str:
        """Where WeCom shows a picture: that has no end."""
        store, key = self._tools.store, f"media/address/{name}"
        with store.lock(key):
            found = store.get(key)
            if found is None:
                found = self._handed("media/uploadimg", content, "url")
                store.put(key, found)
        return found

    def _handed(self, path: str, content: bytes, field: str, **query: str) -> str:
        """An upload without a clear answer has sent nothing to anybody."""
        sort = media.sort(content)
        name, kind = (sort.name, sort.media_type) if sort else ("picture", "image/png")
        try:
            found = text(self._client.upload(path, File(name, kind, content), **query), field)
        except Unclear as error:
            raise NotSent(*error.args) from None
        if not found:
            raise NotSent("no answer")
        return found


def _drawn(poster: Poster) -> bytes:
    """Refused as WeCom would refuse a picture that it can't read."""
    from siyu.content.render import drawn  # noqa: PLC0415 - only who draws loads what draws

    try:
        return drawn.png(poster)
    except drawn.Undrawable:
        raise Failed(UNREADABLE, "refused", UNDRAWN) from None
