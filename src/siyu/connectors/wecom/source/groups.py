"""Customers' group chats: those that a callback named at once, all of them now and then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from siyu.connectors.manifest import Group, Pulled, Tools
from siyu.connectors.wecom.client import OF, Client, Failed
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source.lists import follow_users
from siyu.connectors.wecom.source.runs import Cursor
from siyu.connectors.wecom.wire import codes, facts
from siyu.connectors.wecom.wire import groups as wire
from siyu.connectors.wecom.wire.answers import inner, objects, text
from siyu.connectors.wecom.wire.groups import Told

log = structlog.get_logger(__name__)
OWNERS = 100  # in one question
SETTLES = timedelta(seconds=2)  # before WeCom tells a change when it is asked
HINT = "hint/"
NAMED = "group/"


def pull(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """Who came into groups and who went; nothing unless groups are wanted."""
    at, now = Cursor.read(cursor), tools.clock.now()
    if not config.groups:
        yield Pulled([], str(at))
        return
    client = Client(config, tools)
    for key in tools.store.keys(HINT):
        yield from _hinted(tools, client, key, at, now)
    every = timedelta(hours=config.groups_hours)
    if at.run or not at.told or now - datetime.fromisoformat(at.told) >= every:
        at = at if at.run else at._replace(run=now.isoformat())
        for chat in _chats(client, tools):
            if chat > at.done:
                at = at._replace(done=chat)
                yield from _looked(tools, client, chat, at)
        at = Cursor(told=at.run)
    again = datetime.fromisoformat(at.told) + every
    yield Pulled([], str(at), min(again, now + SETTLES) if tools.store.keys(HINT) else again)


def every(config: Config, tools: Tools) -> list[Group]:
    """Those that are known, with the names that their owners gave them."""
    found = [json.loads(said) for said in tools.store.items(NAMED).values()]
    return [
        Group(chat, title, config.staff(owner) if owner else "", staff)
        for chat, title, owner, staff in found
    ]


def _chats(client: Client, tools: Tools) -> list[str]:
    """Every group of ours in order; asked for owner by owner, as a big corp has to."""
    return sorted({
        text(one, "chat_id")
        for owners in _parts(follow_users(client, tools))
        for page in client.pages(
            f"{OF}/groupchat/list",
            {"status_filter": 0, "owner_filter": {"userid_list": owners}, "limit": 1000},
        )
        for one in objects(page, "group_chat_list")
        if text(one, "chat_id")
    })  # fmt: skip


def _parts(userids: list[str]) -> list[list[str]]:
    return [userids[at : at + OWNERS] for at in range(0, len(userids), OWNERS)]


def _hinted(tools: Tools, client: Client, key: str, at: Cursor, now: datetime) -> Iterator[Pulled]:
    said = tools.store.get(key)
    if said is None:
        return
    chat, since, dismissed = json.loads(said)
    if now - datetime.fromisoformat(since) < SETTLES:
        return
    if dismissed:
        before = _told(tools, chat)
        yield Pulled(wire.compared(chat, before, {}, now)[0], str(at))
        tools.store.take(_key(chat))
        tools.store.take(_named(chat))
    else:
        yield from _looked(tools, client, chat, at)
    if tools.store.get(key) == said:  # it has not changed again meanwhile
        tools.store.take(key)


def _looked(tools: Tools, client: Client, chat: str, at: Cursor) -> Iterator[Pulled]:
    body = {"chat_id": chat, "need_name": 0}
    try:
        group = inner(client.ask(f"{OF}/groupchat/get", body), "group_chat")
    except Failed as failed:
        if failed.meaning not in ("gone", "refused") and failed.code not in codes.MEMBER:
            raise
        log.info("a group can't be read", code=failed.code)  # gone, or out of sight: not left
        yield Pulled([], str(at))
        return
    named = json.dumps([chat, *wire.named(group)], ensure_ascii=False)
    if tools.store.get(_named(chat)) != named:  # another name is no other list of members
        tools.store.put(_named(chat), named)
    before, version = _told(tools, chat), wire.version(group)
    if version and version == before.version:
        yield Pulled([], str(at))
        return
    events, members = wire.compared(chat, before, wire.customers(group), tools.clock.now())
    yield Pulled(events, str(at))
    tools.store.put(_key(chat), json.dumps([version, members]))


def _told(tools: Tools, chat: str) -> Told:
    said = tools.store.get(_key(chat))
    return Told(*json.loads(said)) if said else Told()


def _key(chat: str) -> str:
    return f"chat/{facts.digest(chat)}"


def _named(chat: str) -> str:
    return f"{NAMED}{facts.digest(chat)}"
