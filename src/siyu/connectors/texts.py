"""What is written here, for connectors whose vendor approves texts: read, never written."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from siyu.connectors.known import Text
from siyu.content import views
from siyu.content.model import FALLBACK, Material, called
from siyu.kernel.sql import Db
from siyu.staff.views import brand


class TextsOf:
    """The materials of an installation. `link`: where a link leads, with `{state}`."""

    def __init__(self, db: Db, link: str) -> None:
        self._db = db
        self._link = link

    def of(self, channels: Collection[str]) -> Sequence[Text]:
        """Each material of these channels in the language of the brand, or in the other one where
        there is no such text: as it goes out."""
        with self._db.transaction() as conn:
            listed = [one for one in views.listing(conn) if one.channel in channels]
            whose = brand(conn) if listed else None
        if whose is None:
            return ()
        found: dict[str, Material] = {}
        for locale in (FALLBACK[whose.locale], whose.locale):
            found |= {called(one.code, one.variant): one for one in listed if one.locale == locale}
        values = {"brand": whose.name, "link": self._link}
        return [Text(code, one.body, values) for code, one in sorted(found.items())]
