"""Friends: those whom a callback named at once, everybody a few times a day.

WeCom's callbacks may be lost, so what it says when it is asked is what counts. Only what changed
since the last time becomes an event; a run that is cut short goes on with the member it was at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.wecom.client import OF, Client, Failed, Json
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source.lists import follow_users, tag_names
from siyu.connectors.wecom.source.remembered import Remembered, Written, last_turn
from siyu.connectors.wecom.source.runs import Cursor
from siyu.connectors.wecom.wire import cards, codes, contacts, facts
from siyu.connectors.wecom.wire.answers import objects, text
from siyu.connectors.wecom.wire.callback import Known, Pair
from siyu.connectors.wecom.wire.contacts import Frame, Friend, Told
from siyu.events.model import Incoming

PAGE = 100
LOOKS = 50  # customers whom a callback named, in one page
JUST_NOW = timedelta(hours=1)  # longer than a run takes
CONNECTED = "connected"  # since when we listen


@dataclass(frozen=True)
class _Run:
    """One run of the pull."""

    config: Config
    tools: Tools
    client: Client
    remembered: Remembered
    frame: Frame
    told: frozenset[str]  # the pairs that callbacks had told of when it began
    written: dict[int, Written] = field(default_factory=dict[int, Written])  # as of its turn

    def answered(self, turn: int) -> _Answer:
        """What WeCom answered to what was asked after this turn of ours, with what we wrote."""
        now = last_turn(self.tools.store)
        if now not in self.written:
            self.written.clear()
        return _Answer(self, turn, self.written.setdefault(now, Written(self.tools.store)))

    def heard(self, pair: Pair, since: int) -> Known:
        """What callbacks told of a pair; asked for one by one only where there can be anything."""
        key = f"pair/{pair.name}"
        fresh = since > (self.frame.now - JUST_NOW).timestamp()
        said = self.tools.store.get(key) if fresh or key in self.told else None
        return Known.read(said)


class _Answer(NamedTuple):
    """An answer of WeCom's: read after it, what we wrote says all that it can show of ours."""

    run: _Run
    turn: int
    written: Written

    def ours(self, friend: Friend) -> cards.Ours:
        before = self.run.remembered.get(friend.pair)
        noted = before.turn if before else 0
        return cards.ours(self.written.get(friend.pair), friend.since, noted, self.turn)

    def unsure(self, friends: Iterable[Friend]) -> set[str]:
        return {tag for friend in friends for tag in self.ours(friend).open}


def pull(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """Those who were named, then everybody if it is time."""
    at = Cursor.read(cursor)
    now = tools.clock.now()
    due = bool(at.run) or not at.told or _since(at.told, now) >= timedelta(
        hours=config.contacts_hours
    )  # fmt: skip
    looks = tools.store.keys("look/")
    if not looks and not due:
        yield Pulled([], str(at), _again(config, at))
        return
    client = Client(config, tools)
    frame = _frame(config, tools, client, fresh=due)
    told = frozenset(tools.store.keys("pair/"))
    run = _Run(config, tools, client, Remembered(tools.store), frame, told)
    yield from _looks(run, looks, at)
    if due:
        yield from _everybody(run, at if at.run else at._replace(run=now.isoformat()))
    else:
        yield Pulled([], str(at), _again(config, at))


def _again(config: Config, at: Cursor) -> datetime:
    """When everybody is to be gone through next."""
    return datetime.fromisoformat(at.told) + timedelta(hours=config.contacts_hours)


def _since(text: str, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(text)


def _frame(config: Config, tools: Tools, client: Client, *, fresh: bool) -> Frame:
    now = tools.clock.now()
    connected = tools.store.get(CONNECTED)
    if connected is None:
        connected = now.isoformat()
        tools.store.put(CONNECTED, connected)
    return Frame(
        now,
        datetime.fromisoformat(connected),
        now - timedelta(minutes=config.way_after_minutes),
        tag_names(client, tools, config.tag_group, fresh=fresh),
        config.phones_from_remarks,
        config.remark_in,
    )


# ── those whom a callback named ──


def _looks(run: _Run, keys: list[str], at: Cursor) -> Iterator[Pulled]:
    rest = iter(keys)
    while some := list(islice(rest, LOOKS)):
        named = {key: said for key in some if (said := run.tools.store.get(key))}
        events = [
            event for said in named.values() for event in _look(run, str(json.loads(said)[0]))
        ]
        yield Pulled(events, str(at))
        run.remembered.flush()
        for key, said in named.items():
            if run.tools.store.get(key) == said:  # nobody named them again meanwhile
                run.tools.store.take(key)


def _look(run: _Run, external_userid: str) -> list[Incoming]:
    """One customer with everybody who has it as a friend; nothing if nobody has (yet)."""
    friends, answer = _friends(run, external_userid)
    events = [event for friend in friends for event in _told(answer, friend)]
    return events + _untagged(answer, friends, ())


def _friends(run: _Run, external_userid: str) -> tuple[list[Friend], _Answer]:
    turn = last_turn(run.tools.store)
    found = friends_of(run.client, external_userid)
    return found, run.answered(turn)


def friends_of(client: Client, external_userid: str) -> list[Friend]:
    """Everybody of us who has this customer as a friend; nobody, if they have gone."""
    found: list[Friend] = []
    cursor = ""
    while True:
        query = {"external_userid": external_userid, **({"cursor": cursor} if cursor else {})}
        try:
            answer: Json = client.get(f"{OF}/get", **query)
        except Failed as failed:
            if failed.meaning == "gone":
                return found
            raise
        found += contacts.followers(answer)
        cursor = text(answer, "next_cursor")
        if not cursor:
            return found


def _told(answer: _Answer, friend: Friend) -> list[Incoming]:
    run = answer.run
    staff = run.config.staff(friend.pair.userid)
    before = run.remembered.get(friend.pair)
    heard, ours = run.heard(friend.pair, friend.since), answer.ours(friend)
    found = contacts.compared(friend, before, heard, staff, run.frame, ours)
    run.remembered.put(friend.pair, found.told)
    return found.events


def _untagged(answer: _Answer, friends: list[Friend], lost: tuple[str, ...]) -> list[Incoming]:
    run = answer.run
    before = {
        friend.pair: told
        for friend in friends
        if (told := run.remembered.get(friend.pair)) is not None
    }
    unsure = answer.unsure(friends)
    events, after = contacts.settled(friends, before, lost, run.frame, unsure)
    for pair, told in after.items():
        run.remembered.put(pair, told)
    return events


# ── everybody ──


def _everybody(run: _Run, at: Cursor) -> Iterator[Pulled]:
    for userid in follow_users(run.client, run.tools):
        if userid > at.done:
            yield from _member(run, userid, at)
            at = at._replace(done=userid)
    done = Cursor(told=at.run)
    yield Pulled([], str(done), _again(run.config, done))


def _member(run: _Run, userid: str, at: Cursor) -> Iterator[Pulled]:
    """All friends of one of us, page by page; then those who are not there any more."""
    seen: set[str] = set()
    look: set[str] = set()
    body: dict[str, object] = {"userid_list": [userid], "limit": PAGE}
    with suppress(_NobodyThere):
        for page, answer in _pages(run, body):
            friends = [
                friend
                for item in objects(page, "external_contact_list")
                if (friend := contacts.listed(item)) is not None
            ]
            seen |= {friend.pair.external_userid for friend in friends}
            events = [event for friend in friends for event in _told(answer, friend)]
            look |= {one.pair.external_userid for one in friends if _lost_tag(answer, one)}
            yield Pulled(events, str(at))
    events = [event for who in sorted(look) for event in _look(run, who)]
    absent = [one for one in run.remembered.of(userid) if one[0].external_userid not in seen]
    events += [event for pair, told in absent for event in _parted(run, pair, told)]
    yield Pulled(events, str(at._replace(done=userid)))
    run.remembered.flush()


class _NobodyThere(Exception):
    """The member has no friends, or is not one of us any more."""


def _pages(run: _Run, body: dict[str, object]) -> Iterator[tuple[Json, _Answer]]:
    """Each page, asked for after the turn that goes with it."""
    turn = last_turn(run.tools.store)
    try:
        for page in run.client.pages(f"{OF}/batch/get_by_user", body):
            yield page, run.answered(turn)
            turn = last_turn(run.tools.store)
    except Failed as failed:
        if failed.code == codes.NO_RELATION:
            raise _NobodyThere from None
        raise


def _lost_tag(answer: _Answer, friend: Friend) -> bool:
    told = answer.run.remembered.get(friend.pair)
    return told is not None and not set(told.tags) <= {*friend.tags, *answer.ours(friend).open}


def _parted(run: _Run, pair: Pair, told: Told) -> list[Incoming]:
    """Somebody who is not listed any more: asked for by name before it is believed."""
    friends, answer = _friends(run, pair.external_userid)
    if any(friend.pair.userid.lower() == pair.userid.lower() for friend in friends):
        return []
    run.remembered.forget(pair)
    gones = run.heard(pair, run.frame.seconds).gones
    events: list[Incoming] = []
    if max(gones, default=0) < told.since:
        events.append(
            facts.parted(
                f"del/{pair.name}/{told.since}/absent",
                run.frame.seconds,
                run.config.staff(pair.userid),
                pair.external_userid,
                by_staff=True,
            )
        )
    lost = tuple(tag for tag in told.tags if tag not in told.mine)
    return events + _untagged(answer, friends, lost)
