"""What became of mass messages: nobody is called back when staff press send, so we ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from siyu.connectors.manifest import Pulled, Store, Tools
from siyu.connectors.presses import Unsent
from siyu.connectors.wecom.client import OF, Client, Failed, masses
from siyu.connectors.wecom.client.masses import Kept, Reached
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source.links import done
from siyu.connectors.wecom.wire import codes, facts
from siyu.connectors.wecom.wire import messages as wire
from siyu.events.model import Incoming
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.sentence import Sentence

PREFIX = "mass/"
DAY = timedelta(hours=24)
MOST_REMINDERS = 3  # in any 24 hours, of one mass message: WeCom's limit
LONG_OVER = timedelta(hours=1)
ASK_AGAIN = timedelta(minutes=10)  # while somebody has not pressed send


def pull(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:  # noqa: ARG001 - what is open is remembered
    """Each recipient's end, once; members who forget are reminded, and at last it is called off."""
    keys = tools.store.keys(PREFIX)
    client = Client(config, tools)
    for key in keys:
        msgid = key.removeprefix(PREFIX)
        kept = masses.read(tools.store, msgid)
        if kept is not None:
            yield from _asked(config, tools, client, msgid, kept)
    waits = bool(tools.store.keys(PREFIX))
    yield Pulled([], "", tools.clock.now() + ASK_AGAIN if waits else None)


def waiting(config: Config, tools: Tools) -> list[Unsent]:
    """The list of what has not been sent, the oldest first."""
    now = tools.clock.now()
    found = [
        Unsent(
            key.removeprefix(PREFIX),
            config.staff(kept.sender) if kept.sender else "",
            kept.created,
            len(kept.tokens),
            next(iter(kept.tokens.values()), ""),
            tuple(map(datetime.fromisoformat, kept.reminded)),
            max(MOST_REMINDERS - _lately(kept, now), 0),
            kept.created + timedelta(hours=config.mass_expires_hours),
        )
        for key in tools.store.keys(PREFIX)
        if (kept := masses.read(tools.store, key.removeprefix(PREFIX))) is not None
    ]
    return sorted(found, key=lambda one: (one.since, one.id))


def remind(config: Config, tools: Tools, msgid: str) -> None:
    """WeCom reminds whoever has not pressed send, at most so often."""
    kept, now = masses.read(tools.store, msgid), tools.clock.now()
    if kept is None:
        raise NotFound(
            Sentence(
                "Nobody has to press send for this message any more.",
                "这条群发已没有人待发送。",
            )
        )
    if _lately(kept, now) >= MOST_REMINDERS:
        raise Refused(
            Sentence(
                f"WeCom reminds of one message {MOST_REMINDERS} times in 24 hours, and it has.",
                f"企业微信 24 小时内对一条群发最多提醒 {MOST_REMINDERS} 次，已用完。",
            )
        )
    done(Client(config, tools), f"{OF}/remind_groupmsg_send", {"msgid": msgid})
    masses.settle(tools.store, msgid, (), reminded=now.isoformat())


def _lately(kept: Kept, now: datetime) -> int:
    """Reminders of the last 24 hours."""
    return sum(now - datetime.fromisoformat(one) < DAY for one in kept.reminded)


def _asked(
    config: Config, tools: Tools, client: Client, msgid: str, kept: Kept
) -> Iterator[Pulled]:
    now = tools.clock.now()
    late = now - kept.created - timedelta(hours=config.mass_expires_hours)
    over = late >= timedelta(0)
    if over or kept.ending == "over":
        # whoever began to stop it before would have asked again by now
        mine = masses.ends(tools.store, msgid, "over", anyway=late >= LONG_OVER)
        over, kept = mine is not None, mine or kept
    try:
        if over:
            masses.call_off(client, msgid)
        tasks = [one for one in masses.tasks(client, msgid) if one.userid not in kept.done]
        ended = {one.userid: masses.results(client, msgid, one.userid) for one in tasks if one.sent}
    except Failed as failed:
        if failed.code == codes.DISPATCHING:
            return
        if failed.meaning != "gone":
            raise
        # WeCom does not know it any more
        masses.ends(tools.store, msgid, "over", anyway=True)
        tasks, ended, over = [], {}, True
    reached = [one for results in ended.values() for one in results]
    told = _told(kept, reached, now, over=over)
    done = [who for who, results in ended.items() if all(one.status for one in results)]
    if told or done:
        yield Pulled(list(told.values()), "")
        got = [one.external_userid for one in reached if one.status == wire.SENT]
        masses.got(tools.store, config, [who for who in got if who in told], now)
        masses.settle(tools.store, msgid, told, done=done)
    if not over and any(not task.sent for task in tasks):
        _remind(config, tools.store, client, msgid, now)


def _told(
    kept: Kept, reached: Sequence[Reached], now: datetime, *, over: bool
) -> dict[str, Incoming]:
    """What is known by now of those who wait; of everybody when it is over."""
    found: dict[str, Incoming] = {}
    for one in reached:
        token = kept.tokens.get(one.external_userid)
        if token is not None and one.status:
            found[one.external_userid] = _end(token, one.status, one.at or _at(now))
    if over:
        for who in kept.tokens.keys() - found.keys():
            found[who] = facts.failed(kept.tokens[who], _at(now), wire.NOT_PRESSED)
    return found


def _end(token: str, status: int, seconds: int) -> Incoming:
    if status == wire.SENT:
        return facts.delivered(token, seconds)
    return facts.failed(
        token, seconds, wire.HAD_ENOUGH if status == wire.QUOTA else wire.NOT_A_FRIEND
    )


def _at(now: datetime) -> int:
    return int(now.timestamp())


def _remind(config: Config, store: Store, client: Client, msgid: str, now: datetime) -> None:
    """At even distances, at most so often in any 24 hours."""
    kept = masses.read(store, msgid)
    if kept is None or kept.ending or not config.mass_reminds:
        return
    last = [datetime.fromisoformat(one) for one in kept.reminded]
    if now - max([kept.created, *last]) < DAY / (config.mass_reminds + 1):
        return
    if _lately(kept, now) >= config.mass_reminds:
        return
    try:
        client.do(f"{OF}/remind_groupmsg_send", {"msgid": msgid})
    except Failed as failed:
        if failed.meaning != "late":
            raise
    masses.settle(store, msgid, (), reminded=now.isoformat())
