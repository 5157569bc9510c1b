"""Codes that lead into group chats (加入群聊): made once, remembered, with a state of their own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress

from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.client import OF, Client
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source.links import LONGEST_STATE, UNREADABLE, Gone, Way, done
from siyu.connectors.wecom.wire import facts
from siyu.connectors.wecom.wire.answers import inner, text
from siyu.kernel.errors import Broken
from siyu.kernel.sentence import Sentence

MOST_GROUPS = 5
QR = 2  # the scene


def join_way(
    config: Config, tools: Tools, state: str, chats: Sequence[str], *, remark: str = ""
) -> Way:
    """The code of this state into these groups, made when it is first asked for.

    Once the groups are full WeCom makes a further one; whoever joins by it has this state.
    """
    if not 0 < len(state) <= LONGEST_STATE or facts.state_of(state) is None:
        raise ValueError(
            Sentence(
                f"a join code's state has 1 to {LONGEST_STATE} characters",
                f"入群码的 state 为 1 到 {LONGEST_STATE} 个字符",
            )
        )
    if not 0 < len(chats) <= MOST_GROUPS:
        raise ValueError(
            Sentence(
                f"a join code leads into 1 to {MOST_GROUPS} groups",
                f"一个入群码对应 1 到 {MOST_GROUPS} 个群",
            )
        )
    key = f"join/{facts.digest(state)}"
    client = Client(config, tools)
    with tools.store.lock(key):
        said = tools.store.get(key)
        way = Way(*json.loads(said)) if said else _made(client, config, (state, remark), chats)
        if not said:  # before its picture is asked for, so that it is not made twice
            tools.store.put(key, json.dumps(list(way)))
        if not way.qr_code:  # WeCom tells the picture only when it is asked
            body = {"config_id": way.config_id}
            told = inner(done(client, f"{OF}/groupchat/get_join_way", body), "join_way")
            way = way._replace(qr_code=text(told, "qr_code"))
            tools.store.put(key, json.dumps(list(way)))
    return way


def drop_join_way(config: Config, tools: Tools, state: str) -> bool:
    """Give a code back: whoever scans it gets nowhere. Whether there was one."""
    key = f"join/{facts.digest(state)}"
    with tools.store.lock(key):
        said = tools.store.get(key)
        if said is None:
            return False
        with suppress(Gone):
            body = {"config_id": json.loads(said)[0]}
            done(Client(config, tools), f"{OF}/groupchat/del_join_way", body)
        tools.store.take(key)
    return True


def _made(client: Client, config: Config, named: tuple[str, str], chats: Sequence[str]) -> Way:
    state, remark = named
    body = {
        "scene": QR,
        "remark": (remark or config.link_name)[:LONGEST_STATE],
        "auto_create_room": 1,
        "chat_id_list": list(chats),
        "state": state,
    }
    made = text(done(client, f"{OF}/groupchat/add_join_way", body), "config_id")
    if not made:
        raise Broken(UNREADABLE)
    return Way(made, "")
