"""What each connector is given to work with, from an installation's database and settings."""

from __future__ import annotations

from collections.abc import Callable

from siyu.connections import actions
from siyu.connections.actions import Memory
from siyu.connectors.cards import CardsOf
from siyu.connectors.manifest import Tools
from siyu.connectors.parcels import ParcelsOf
from siyu.kernel.sql import Db
from siyu.kernel.time import Clock
from siyu.settings import Settings
from siyu.vault.model import Keys


def tools_of(
    name: str, db: Db, keys: Keys, clock: Clock, settings: Settings, ring: Callable[[], None]
) -> Tools:
    """The tools of the connector of this name; `ring` wakes whoever works."""

    def wake(pull: str) -> None:
        with db.transaction() as conn:
            actions.wake(conn, name, [pull], clock.now())
        ring()

    memory, parcels = Memory(db, keys, name, clock), ParcelsOf(db, settings.link)
    return Tools(clock, memory, wake, parcels, CardsOf(db, keys, name))
