"""Welcomes and mass messages: what the API does about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from siyu.connectors.wecom.fake import media
from siyu.connectors.wecom.fake.state import (
    WELCOME,
    App,
    Code,
    Json,
    Mass,
    Received,
    State,
)
from siyu.connectors.wecom.wire.answers import inner, objects, text, texts

Query = Mapping[str, str]
# What each kind of attachment must say, and the most bytes of what it may.
ATTACHED: Mapping[str, tuple[tuple[str, ...], Mapping[str, int]]] = {
    "image": ((), {}),
    "link": (("title", "url"), {"title": 128, "desc": 512, "url": 2_048}),
    "miniprogram": (("title", "pic_media_id", "appid", "page"), {"title": 64}),
    "video": (("media_id",), {}),
    "file": (("media_id",), {}),
}


def welcome(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    code = body.get("welcome_code", "")
    _content(state, body)
    if not code:
        raise Code(41049, "missing welcome_code")
    if code not in state.welcomes:
        raise Code(41050, "invalid welcome_code")
    userid, external_userid, issued = state.welcomes[code]
    relation = state.relations[userid, external_userid]
    if state.clock() - issued > WELCOME:
        raise Code(41050, "welcome_code expired")
    if not relation.welcome or relation.talked_at:
        raise Code(41051, "customer is chatting already")
    relation.welcome = ""
    words = text(inner(body, "text"), "content")
    attachments = list(body.get("attachments") or [])
    at = state.clock()
    state.received.append(
        Received("welcome", external_userid, userid, words, attachments, at, at - issued)
    )
    return {}


def mass(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    _content(state, body)
    if body.get("chat_type") == "group":
        return _to_groups(state, app, body)
    wanted, sender = texts(body, "external_userid"), text(body, "sender")
    if not wanted and not sender:
        raise Code(40058, "external_userid and sender are empty")
    if len(wanted) > 10_000:
        raise Code(40058, "external_userid too many")
    if sender:
        state.member(app, sender)
    tasks: dict[str, dict[str, int]] = {}
    failed: list[str] = []
    for external_userid in wanted or [one.external_userid for one in state.readable(sender)]:
        who = sender or _last_talked(state, app, external_userid)
        if who is None or (who, external_userid) not in state.relations:
            failed.append(external_userid)
        else:
            tasks.setdefault(who, {})[external_userid] = 0
    if not tasks:
        raise Code(41048, "no customer to send to")
    msgid = state.name("msg")
    state.masses[msgid] = Mass(msgid, state.now, state.clock() + state.dispatch, body, tasks)
    return {"fail_list": failed, "msgid": msgid}


def _to_groups(state: State, app: App, body: Json) -> Json:
    """Only the groups that the sender owns; none named: all of these."""
    wanted, sender = texts(body, "chat_id_list"), text(body, "sender")
    if not sender:
        raise Code(40058, "sender is empty")
    if len(wanted) > 2000:
        raise Code(40058, "chat_id_list too many")
    if not state.member(app, sender).follows:
        raise Code(84074, "no customer contact function")
    owned = state.chats_of(sender)
    going = [one for one in wanted or owned if one in owned]
    if not going:
        raise Code(41048, "no group to send to")
    msgid = state.name("msg")
    ready = state.clock() + state.dispatch
    state.masses[msgid] = Mass(msgid, state.now, ready, body, {sender: dict.fromkeys(going, 0)})
    return {"fail_list": [one for one in wanted if one not in owned], "msgid": msgid}


def mass_list(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    since, until = int(body["start_time"]), int(body["end_time"])
    if until - since > 31 * 86_400:
        raise Code(40058, "time range too long")
    kind = body.get("chat_type", "single")
    found = [
        one for one in state.masses.values() if since <= one.created <= until and one.kind == kind
    ]
    page, following = state.page(found, body.get("cursor", ""), min(body.get("limit") or 50, 100))
    shown = [
        {"msgid": one.msgid, "create_time": str(one.created), "create_type": 0,
         **{name: one.body[name] for name in ("text", "attachments") if name in one.body}}
        for one in page
    ]  # fmt: skip
    return {"group_msg_list": shown, "next_cursor": following}


def mass_tasks(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    found = _mass(state, body)
    page, following = state.page(
        sorted(found.tasks), body.get("cursor", ""), min(body.get("limit") or 500, 1000)
    )
    tasks = [
        {"userid": one, "status": 2 if one in found.sent_at else 0,
         **({"send_time": found.sent_at[one]} if one in found.sent_at else {})}
        for one in page
    ]  # fmt: skip
    return {"task_list": tasks, "next_cursor": following}


def mass_results(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    found, userid = _mass(state, body), body.get("userid", "")
    if userid not in found.tasks:
        raise Code(40003, "invalid userid")
    at = found.sent_at.get(userid)
    page, following = state.page(
        sorted(found.tasks[userid].items()),
        body.get("cursor", ""),
        min(body.get("limit") or 500, 1000),
    )
    called = "chat_id" if found.kind == "group" else "external_userid"
    sent = [
        {called: who, "userid": userid, "status": status,
         **({"send_time": at} if at and status == 1 else {})}
        for who, status in page
    ]  # fmt: skip
    return {"send_list": sent, "next_cursor": following}


def mass_remind(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    found, now = _mass(state, body), state.clock()
    if found.cancelled:
        raise Code(41093, "cancelled")
    recent = [one for one in found.reminded if one > now - timedelta(hours=24)]
    if len(recent) >= 3:
        raise Code(41094, "remind over limit")
    found.reminded = [*recent, now]
    state.reminders += [(found.msgid, one) for one in found.tasks if one not in found.sent_at]
    return {}


def mass_cancel(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    found = _mass(state, body)
    if found.cancelled:
        raise Code(41093, "cancelled")
    found.cancelled = True
    return {}


def _content(state: State, body: Json) -> None:
    words, attachments = text(inner(body, "text"), "content"), objects(body, "attachments")
    if not words and not attachments:
        raise Code(44004, "empty content")
    if len(words.encode()) > 4000:
        raise Code(45002, "content size out of limit")
    if len(attachments) > 9:
        raise Code(41064, "too many attachments")
    for one in attachments:
        kind = text(one, "msgtype")
        if kind not in ATTACHED:
            raise Code(41065, "invalid attachment type")
        _attachment(state, kind, inner(one, kind))


def _attachment(state: State, kind: str, said: Mapping[str, Any]) -> None:
    needed, most = ATTACHED[kind]
    for name in needed:
        if not text(said, name):
            raise Code(40058, f"missing {name}")
    for name, size in most.items():
        if len(text(said, name).encode()) > size:
            raise Code(40058, f"{name} too long")
    if kind == "image" and not text(said, "media_id") and not text(said, "pic_url"):
        raise Code(40007, "invalid media_id")
    for name in ("media_id", "pic_media_id"):
        if text(said, name) and media.media_of(state, text(said, name)).use != "message":
            raise Code(40007, "invalid media_id")


def _last_talked(state: State, app: App, external_userid: str) -> str | None:
    found = [
        one
        for one in state.relations.values()
        if one.external_userid == external_userid
        and one.status == "full"
        and state.visible(app, one.userid)
    ]
    last = max(found, key=lambda one: (one.talked_at, one.createtime), default=None)
    return last.userid if last else None


def _mass(state: State, body: Json) -> Mass:
    msgid = body.get("msgid", "")
    if not msgid:
        raise Code(41046, "missing msgid")
    found = state.masses.get(msgid)
    if found is None:
        raise Code(41047, "invalid msgid")
    if state.clock() < found.ready_at:
        raise Code(41063, "message is being dispatched")
    return found
