"""What WeCom counts by day: of members, and of the group chats that they own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from siyu.connectors.wecom.fake.state import App, Code, Json, State
from siyu.connectors.wecom.wire import codes
from siyu.connectors.wecom.wire.answers import inner, texts
from siyu.connectors.wecom.wire.figures import begins, day_of

Query = Mapping[str, str]
READY = timedelta(hours=7)  # of the next day
BACK, SPAN, MOST = 180, 30, 100


def behaviour(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001 - one shape for all
    """One row a day for all who are asked about; shares only where somebody wrote."""
    users = texts(body, "userid")
    if not users and not body.get("partyid"):
        raise Code(40058, "userid and partyid are empty")
    rows = [
        {"stat_time": begins(day), **_worked(state, users, day)}
        for day in _days(state, app, users, body.get("start_time"), body.get("end_time"))
    ]
    return {"behavior_data": rows}


def by_day(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    """The same of group chats; nothing of those who own none."""
    users = texts(inner(body, "owner_filter"), "userid_list")
    if not users:
        raise Code(40058, "invalid owner_filter")
    since = body.get("day_begin_time")
    owned = [one for one in state.groups.values() if one.owner in users]
    rows = [
        {"stat_time": begins(day), "data": _grouped(state, users, day)}
        for day in _days(state, app, users, since, body.get("day_end_time", since))
        if any(day_of(one.created) <= day for one in owned)
    ]
    return {"items": rows}


def of_link(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    """All days together that are asked about."""
    link = state.links.get(body.get("link_id", ""))
    if link is None:
        raise Code(40058, "invalid link_id")
    days = list(_days(state, app, [], body.get("start_time"), body.get("end_time")))
    return {
        "click_link_customer_cnt": sum(link.clicks[one] for one in days),
        "new_customer_cnt": sum(link.added[one] for one in days),
    }


def _days(state: State, app: App, users: list[str], since: object, until: object) -> Iterator[date]:
    if len(users) > MOST:
        raise Code(40058, "too many userids")
    for userid in users:
        state.member(app, userid)
    if not isinstance(since, int) or not isinstance(until, int) or since > until:
        raise Code(40058, "invalid time")
    first, last = day_of(since), day_of(until)
    now = state.clock().astimezone(codes.WECOM_ZONE)
    today = now.date()
    if last >= today or first < today - timedelta(days=BACK):
        raise Code(40058, "time is not within yesterday and 180 days ago")
    if (last - first).days >= SPAN:
        raise Code(40058, "time range too long")
    while first <= last:
        if now >= _midnight(first + timedelta(days=1)) + READY:
            yield first
        first += timedelta(days=1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=codes.WECOM_ZONE)


def _worked(state: State, users: list[str], day: date) -> Json:
    told = [{**_chatted(state, one, day), **state.talked.get((one, day), {})} for one in users]
    added = sum(
        one.userid in users and day_of(one.createtime) == day for one in state.relations.values()
    )
    names = ("chat_cnt", "message_cnt", "negative_feedback_cnt", "new_apply_cnt")
    shares = {
        name: told[0][name]
        for name in ("reply_percentage", "avg_reply_time")
        if len(told) == 1 and name in told[0]
    }
    counts = {name: sum(one.get(name, 0) for one in told) for name in names}
    return {**counts, "new_contact_cnt": added, **shares}


def _chatted(state: State, userid: str, day: date) -> Json:
    """What came of what people did; shares only where a customer wrote."""
    chats = state.chats.get((userid, day), {}).values()
    waited = [answered - wrote for wrote, answered in chats if answered]
    counts: Json = {
        "chat_cnt": len(waited), "message_cnt": len(waited),
        "negative_feedback_cnt": state.parted.get((userid, day), 0),
    }  # fmt: skip
    if chats:
        counts["reply_percentage"] = round(100 * len(waited) / len(chats), 2)
    if waited:
        counts["avg_reply_time"] = round(sum(waited) / len(waited) / 60)
    return counts


def _grouped(state: State, users: list[str], day: date) -> Json:
    groups = [one for one in state.groups.values() if one.owner in users]
    there = [one for one in groups if day_of(one.created) <= day]
    members = [day_of(since) for one in there for since, _, _ in one.members.values()]
    return {
        "new_chat_cnt": sum(day_of(one.created) == day for one in groups),
        "chat_total": len(there), "chat_has_msg": 0,
        "new_member_cnt": members.count(day),
        "member_total": sum(one <= day for one in members) + len(there), "member_has_msg": 0,
        "msg_total": 0, "migrate_trainee_chat_cnt": 0,
    }  # fmt: skip
