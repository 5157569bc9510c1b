"""Customers' group chats: what the API tells, and who comes and goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from siyu.connectors.wecom.fake.hands import Hands
from siyu.connectors.wecom.fake.state import App, Code, Json, State
from siyu.connectors.wecom.wire.answers import inner, text, texts

Query = Mapping[str, str]
SETTLES = timedelta(seconds=2)


@dataclass
class Group:
    """A group chat. `members`: customer → since when, how, by which code's state."""

    chat_id: str
    owner: str
    created: int
    title: str = "a group"
    members: dict[str, tuple[int, int, str]] = field(
        default_factory=dict[str, tuple[int, int, str]]
    )
    version: int = 0
    told: Json = field(default_factory=dict[str, Any])  # as it is told until `settles_at`
    settles_at: datetime | None = None

    @property
    def name(self) -> str:
        """The version of its members, as it is told."""
        return f"{self.chat_id}-{self.version}"


class Groups(Hands):
    """Groups, as people make them, join and leave."""

    def makes_group(self, owner: str, title: str = "a group") -> str:
        """A member makes a group for customers: its id."""
        with self.lock:
            group = Group(self.name("wr"), owner, self.now, title)
            self.groups[group.chat_id] = group
            self._changed(group, "create")
            return group.chat_id

    def joins(self, chat_id: str, external_userid: str, *, scene: int = 3, state: str = "") -> None:
        """A customer comes in: invited (1), by a link (2) or by a code (3)."""
        with self.lock:
            self._knows(external_userid, "", "")
            group = self.groups[chat_id]
            self._holds(group)
            group.members[external_userid] = (self.now, scene, state)
            way = {"JoinScene": "3" if scene == 3 else "0", "MemChangeCnt": "1"}
            self._changed(group, "update", UpdateDetail="add_member", **way)

    def scans_join(self, config_id: str, external_userid: str) -> str:
        """A customer scans a join code: the group that it led into."""
        with self.lock:
            way = self.join_ways[config_id]
            chat_id = str(way["chat_id_list"][0])
            self.joins(chat_id, external_userid, state=str(way["state"]))
            return chat_id

    def leaves_group(self, chat_id: str, external_userid: str) -> None:
        """A customer goes, or is put out."""
        with self.lock:
            group = self.groups[chat_id]
            self._holds(group)
            del group.members[external_userid]
            way = {"QuitScene": "0", "MemChangeCnt": "1"}
            self._changed(group, "update", UpdateDetail="del_member", **way)

    def hands_group(self, chat_id: str, userid: str) -> None:
        """A group is another member's from now on."""
        with self.lock:
            group = self.groups[chat_id]
            self._holds(group)
            group.owner = userid
            self._changed(group, "update", UpdateDetail="change_owner")

    def dismisses(self, chat_id: str) -> None:
        """The owner ends the group."""
        with self.lock:
            self._changed(self.groups.pop(chat_id), "dismiss")

    def _holds(self, group: Group) -> None:
        """Whoever asks within two seconds of a change is told how it was before."""
        if group.settles_at is None or group.settles_at <= self.clock():
            group.told = _told(self, group)
        group.settles_at = self.clock() + SETTLES

    def _changed(self, group: Group, change: str, **more: str) -> None:
        before = group.name
        group.version += 1
        if more:
            more |= {"LastMemVer": before, "CurMemVer": group.name}
        self.tell("change_external_chat", change, ChatId=group.chat_id, **more)


def chats(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001 - one shape for all
    owners = texts(inner(body, "owner_filter"), "userid_list")
    limit = body.get("limit")
    if len(owners) > 100 or not isinstance(limit, int) or not 1 <= limit <= 1000:
        raise Code(40058, "invalid owner_filter or limit")
    found = [
        one for one in state.groups.values()
        if (not owners or one.owner in owners) and state.visible(app, one.owner)
    ]  # fmt: skip
    page, following = state.page(found, body.get("cursor", ""), limit)
    shown = [{"chat_id": one.chat_id, "status": 0} for one in page]
    return {"group_chat_list": shown, "next_cursor": following}


def chat(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    group = state.groups.get(text(body, "chat_id"))
    if group is None or not state.visible(app, group.owner):
        raise Code(90501, "chat is not an external group chat")
    settled = group.settles_at is None or group.settles_at <= state.clock()
    return {"group_chat": _told(state, group) if settled else group.told}


def _told(state: State, group: Group) -> Json:
    ours = {"userid": group.owner, "type": 1, "join_time": group.created, "join_scene": 1}
    members = [
        {"userid": who, "type": 2, "join_time": since, "join_scene": scene,
         **({"state": code} if code else {}),
         **({"unionid": state.customers[who].unionid} if state.customers[who].unionid else {})}
        for who, (since, scene, code) in group.members.items()
    ]  # fmt: skip
    return {
        "chat_id": group.chat_id, "name": group.title, "owner": group.owner,
        "create_time": group.created, "member_list": [ours, *members], "admin_list": [],
        "member_version": group.name,
    }  # fmt: skip


def add_join(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    _fits(state, body)
    config_id = state.name("", 32)
    state.join_ways[config_id] = {**body, "config_id": config_id, "state": text(body, "state")}
    return {"config_id": config_id}


def update_join(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    """Overwrites all of it."""
    way = _join(state, body)
    _fits(state, body)
    state.join_ways[way["config_id"]] = {**body, "state": text(body, "state")}
    return {}


def _fits(state: State, body: Json) -> None:
    wanted = texts(body, "chat_id_list")
    if body.get("scene") not in (1, 2) or not wanted or len(text(body, "state")) > 30:
        raise Code(40058, "invalid scene, chat_id_list or state")
    if len(wanted) > 5:
        raise Code(41091, "too many groups")
    if not set(wanted) <= state.groups.keys():
        raise Code(90501, "chat is not an external group chat")


def get_join(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    way = _join(state, body)
    return {"join_way": {**way, "qr_code": f"https://wework.qpic.cn/wwpic/{way['config_id']}/0"}}


def del_join(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    del state.join_ways[_join(state, body)["config_id"]]
    return {}


def _join(state: State, body: Json) -> Json:
    found = state.join_ways.get(text(body, "config_id"))
    if found is None:
        raise Code(41044, "invalid config_id")
    return found
