"""What WeCom counts of members and their group chats, day by day, remembered by month; of links it
is `clicks` that asks.

One question gives one row a day for all who are asked about, so each member is asked about alone.
WeCom forgets after 180 days; what was told here stays longer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from siyu.connectors.figures import Grouped, Worked
from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.wecom.client import OF, Client, Failed
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source import clicks, ways
from siyu.connectors.wecom.source.lists import follow_users
from siyu.connectors.wecom.source.runs import Cursor
from siyu.connectors.wecom.wire import codes
from siyu.connectors.wecom.wire import figures as wire
from siyu.connectors.wecom.wire.figures import Row
from siyu.kernel.time import moment

T = TypeVar("T")
BACK = 180  # days that WeCom tells
SPAN = 30  # of them in one question
KEPT = timedelta(days=750)
FLUSHED = 20  # members, whose figures are written together
DAY = timedelta(days=1)
BEHAVIOUR = f"{OF}/get_user_behavior_data"
GROUPS = f"{OF}/groupchat/statistic_group_by_day"
Months = dict[str, dict[str, dict[str, Row]]]  # key → day → userid → figures


def pull(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """Every day up to yesterday, as soon as WeCom has it; nothing unless figures are wanted."""
    at, now = Cursor.read(cursor), tools.clock.now()
    if not config.figures:
        yield Pulled([], str(at))
        return
    last, again = _days(config, now)
    if not at.run and at.told < last.isoformat():
        at = at._replace(run=last.isoformat())
    if at.run:
        for _ in clicks.learn(Client(config, tools), tools, ways.link_ids(config, tools), last):
            yield Pulled([], str(at))
        yield from _told(config, tools, at)
        at = Cursor(told=at.run)
    # a run that was cut off may have begun days ago
    yield Pulled([], str(at), again if at.told >= last.isoformat() else now)


def worked(config: Config, tools: Tools, first: date, last: date) -> list[Worked]:
    """Members' days, by member and day."""
    return _read(config, tools, "staff", first, last, wire.worked)


def grouped(config: Config, tools: Tools, first: date, last: date) -> list[Grouped]:
    """Days of members' group chats."""
    return _read(config, tools, "groups", first, last, wire.grouped)


def _days(config: Config, now: datetime) -> tuple[date, datetime]:
    """The last day that WeCom has, and when it has a further one."""
    local = now.astimezone(codes.WECOM_ZONE)
    there = local.hour >= config.figures_hour
    last = local.date() - DAY * (1 if there else 2)
    return last, moment(last + DAY * 2, time(config.figures_hour), codes.WECOM_ZONE)


def _told(config: Config, tools: Tools, at: Cursor) -> Iterator[Pulled]:
    """Member by member; what was told once is told over again and changes nothing."""
    client, last = Client(config, tools), date.fromisoformat(at.run)
    oldest = tools.clock.now().astimezone(codes.WECOM_ZONE).date() - DAY * BACK
    first = max(date.fromisoformat(at.told) + DAY, oldest) if at.told else oldest
    months: Months = {}
    left = [one for one in follow_users(client, tools) if one > at.done]
    for count, userid in enumerate(left, 1):
        for since, until in _spans(first, last):
            _add(months, "staff", userid, _behaviour(client, userid, since, until))
            _add(months, "groups", userid, _groups(client, userid, since, until))
        if count % FLUSHED == 0 or count == len(left):
            _flush(tools, months)
            yield Pulled([], str(at._replace(done=userid)))


def _spans(first: date, last: date) -> Iterator[tuple[date, date]]:
    while first <= last:
        until = min(first + DAY * (SPAN - 1), last)
        yield first, until
        first = until + DAY


def _behaviour(client: Client, userid: str, since: date, until: date) -> dict[str, Row]:
    span = {"start_time": wire.begins(since), "end_time": wire.begins(until)}
    return _asked(client, BEHAVIOUR, {"userid": [userid], **span}, wire.behaviour)


def _groups(client: Client, userid: str, since: date, until: date) -> dict[str, Row]:
    span = {"day_begin_time": wire.begins(since), "day_end_time": wire.begins(until)}
    body = {**span, "owner_filter": {"userid_list": [userid]}}
    return _asked(client, GROUPS, body, wire.groups)


def _asked(
    client: Client, path: str, body: Mapping[str, object], read: Callable[[Any], dict[str, Row]]
) -> dict[str, Row]:
    try:
        return read(client.ask(path, body))
    except Failed as failed:
        if failed.code in codes.MEMBER:  # went meanwhile, or out of sight: nothing is known
            return {}
        raise


def _add(months: Months, kind: str, userid: str, days: Mapping[str, Row]) -> None:
    for day, row in days.items():
        months.setdefault(_key(kind, day), {}).setdefault(day, {})[userid] = row


def _flush(tools: Tools, months: Months) -> None:
    now = tools.clock.now()
    for key, days in months.items():
        said = tools.store.get(key)
        known: dict[str, dict[str, Row]] = json.loads(said) if said else {}
        for day, rows in days.items():
            known[day] = {**known.get(day, {}), **rows}
        tools.store.put(key, json.dumps(known, separators=(",", ":")), now + KEPT)
    months.clear()


def _read(
    config: Config,
    tools: Tools,
    kind: str,
    first: date,
    last: date,
    shown: Callable[[str, date, Row], T],
) -> list[T]:
    months = {_key(kind, (first + DAY * n).isoformat()) for n in range((last - first).days + 1)}
    said = [tools.store.get(key) for key in sorted(months)]
    days: dict[str, dict[str, Row]] = {}
    for one in said:
        days |= json.loads(one) if one else {}
    return [
        shown(config.staff(userid), date.fromisoformat(day), row)
        for day, rows in sorted(days.items())
        if first.isoformat() <= day <= last.isoformat()
        for userid, row in sorted(rows.items())
    ]


def _key(kind: str, day: str) -> str:
    return f"figures/{kind}/{day[:7]}"
