"""What WeCom counts of an acquisition link, day by day: how often it was opened, who came by it.

Asked for a day at a time, as WeCom adds up the days that it is asked about. What a link's days lack
is asked for again, the newest first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.client import Client, Failed
from siyu.connectors.wecom.source.links import ACQUIRE
from siyu.connectors.wecom.wire import codes, figures

DAYS = 30  # that are shown, and asked for the first time
KEPT = timedelta(days=750)
DAY = timedelta(days=1)
PREFIX = "clicks/"
STATISTIC = f"{ACQUIRE}/statistic"
LATER = frozenset({"busy", "limited", "stale"})  # the same question is worth asking again


class Counted(NamedTuple):
    """Of the days that are known; None: of none."""

    clicks: int | None = None
    added: int | None = None


def learn(client: Client, tools: Tools, link_ids: Iterable[str], last: date) -> Iterator[None]:
    """Whatever is missing of the days up to this one. A link that WeCom tells nothing of, since it
    is gone or the app may not ask, leaves the others alone."""
    for link_id in link_ids:
        known = _known(tools, link_id)
        missing = [one for one in _days(last) if one.isoformat() not in known]
        try:
            for day in missing:
                at = figures.begins(day)
                asked = {"link_id": link_id, "start_time": at, "end_time": at}
                known[day.isoformat()] = figures.linked(client.ask(STATISTIC, asked))
        except Failed as failed:
            if failed.meaning in LATER:
                raise
        finally:
            if missing:
                recent = {day: row for day, row in known.items() if day > (last - KEPT).isoformat()}
                until = tools.clock.now() + KEPT
                tools.store.put(f"{PREFIX}{link_id}", json.dumps(recent), until)
        yield


def counted(tools: Tools, link_id: str) -> Counted:
    """What it came to in the last 30 days before today."""
    known = _known(tools, link_id)
    today = tools.clock.now().astimezone(codes.WECOM_ZONE).date()
    rows = [known[one.isoformat()] for one in _days(today - DAY) if one.isoformat() in known]
    return Counted(_sum(clicks for clicks, _ in rows), _sum(added for _, added in rows))


def forget(tools: Tools, link_id: str) -> None:
    """It was given back."""
    tools.store.take(f"{PREFIX}{link_id}")


def _days(last: date) -> list[date]:
    return [last - DAY * back for back in range(DAYS)]


def _known(tools: Tools, link_id: str) -> dict[str, tuple[int | None, int | None]]:
    said = tools.store.get(f"{PREFIX}{link_id}")
    return json.loads(said) if said else {}


def _sum(figures: Iterable[int | None]) -> int | None:
    """What is not known is not zero."""
    known = [one for one in figures if one is not None]
    return sum(known) if known else None
