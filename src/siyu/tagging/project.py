"""What rules say of the facts of a batch, and whose tags have waited for them.

Two look-ups for a batch in which nothing is hit, whatever the number of rules; tags are set and
told by the room of customers, so that the latest word on a tag counts here as anywhere.
"""

from __future__ import annotations

from datetime import datetime

from siyu.events.model import EVERY_KIND, Batch, Projection
from siyu.kernel.sql import Conn, load
from siyu.tagging.actions import Fact, given, hit, plan
from siyu.tagging.decide import HEARD

SQL = load("siyu.tagging")


def project(conn: Conn, batch: Batch, now: datetime) -> None:
    """Hits follow their keys; then new ones, then those who were waited for."""
    if batch.splits:
        conn.execute(SQL.part, batch.moved)
    if batch.merges:
        pairs = [(one.loser, one.winner) for one in batch.merges]
        sides = {"losers": [one for one, _ in pairs], "winners": [one for _, one in pairs]}
        conn.execute(SQL.hand_over, sides)
    facts = [
        Fact(event, batch.customer[event.id], batch.identity.get(event.id))
        for event in batch.events
        if isinstance(event.data, HEARD) and event.id in batch.customer
    ]
    if facts and (known := plan(conn)) is not None:
        batch.told += hit(conn, known, facts, batch.touch or {}, now)
    batch.told += given(conn, batch, now)


PROJECTION = Projection("tagging", EVERY_KIND, project)
