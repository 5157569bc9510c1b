"""Links none of whose members can be added: each is still there, and wants its members set anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from siyu.connectors.manifest import Store, Tools

PREFIX = "unusable/"
ALARM = "link_unavailable"
KEPT = timedelta(days=7)  # of links that were not made here nobody tells when it is over


def note(store: Store, link_id: str, now: datetime) -> None:
    """WeCom has said so."""
    store.put(f"{PREFIX}{link_id}", "", now + KEPT)


def noted(store: Store) -> frozenset[str]:
    """The ids of all of them."""
    return frozenset(one.removeprefix(PREFIX) for one in store.keys(PREFIX))


def over(tools: Tools, link_id: str) -> None:
    """It has members again, or is no more; with the last of them the alarm ends."""
    tools.store.take(f"{PREFIX}{link_id}")
    if not noted(tools.store):
        tools.store.take(f"alarm/{ALARM}")
        tools.alarms.end(ALARM)
