"""What was handed over: what was not heard of since, and how quick it was; read only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.connectors.known import Place
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Db
from siyu.outbox import views
from siyu.outbox.model import PREFIX, Asked
from siyu.outbox.views import Welcomes
from siyu.vault.model import Keys


class TouchesOf:
    """The touches of an installation, by the tokens under which vendors have them."""

    def __init__(self, db: Db, keys: Keys, ids: PublicIds) -> None:
        self._db = db
        self._keys = keys
        self._ids = ids

    def unreported(
        self, channel: str, place: Place, until: datetime, limit: int
    ) -> Sequence[tuple[Place, Asked]]:
        """Those behind this place and handed over until then, in order."""
        with self._db.transaction() as conn:
            found = views.unreported(conn, self._keys, channel, place, until, limit)
        return [
            (
                (one.sent_at, one.id),
                Asked(
                    self._ids.encode(PREFIX, one.id), channel, one.to, one.vendor_id, one.sent_at
                ),
            )
            for one in found
        ]

    def welcomes(self, since: datetime, until: datetime) -> Welcomes | None:
        """What became of welcomes that were due in that time, and how quick they were."""
        with self._db.transaction() as conn:
            total = views.welcomes(conn, since, until, "UTC")[-1]
        return total if total.wished else None
