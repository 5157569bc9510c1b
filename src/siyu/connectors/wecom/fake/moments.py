"""Moments: what the API does about them, what time does, and what members and friends do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from siyu.connectors.wecom.fake.groups import Groups
from siyu.connectors.wecom.fake.media import media_of
from siyu.connectors.wecom.fake.state import App, Code, Json, State
from siyu.connectors.wecom.wire.answers import inner, objects, text, texts

Query = Mapping[str, str]
STARTED, RUNNING, DONE = 1, 2, 3
STEP = timedelta(seconds=5)  # a job starts, runs, and is done
JOB_LIVES = timedelta(hours=24)
PER_MINUTE, AT_ONCE = 10, 3  # creations, running jobs
DAY = 86_400


@dataclass
class Moment:
    """What members are asked to publish, or what one of them published alone (`creator`)."""

    jobid: str
    moment_id: str
    at: datetime
    text: str
    attachments: list[Json]
    users: list[str]
    tags: list[str]
    creator: str = ""
    wrong: str = ""  # what the job says instead of a moment
    cancelled: bool = False
    published: dict[str, int] = field(default_factory=dict[str, int])
    likes: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])  # member, customer
    comments: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def status(self, now: datetime) -> int:
        """How far its job is."""
        return min(STARTED + int((now - self.at) / STEP), DONE)


class Moments(Groups):
    """Moments, as members publish them and friends look at them."""

    def publishes(self, userid: str, moment_id: str = "") -> str:
        """A member publishes what they are asked to, the last one if none is named."""
        with self.lock:
            open_ = [
                one for one in self.moments.values()
                if userid in one.users and userid not in one.published and not one.cancelled
                and one.status(self.clock()) == DONE and not one.wrong
            ]  # fmt: skip
            found = next(one for one in reversed(open_) if moment_id in ("", one.moment_id))
            found.published[userid] = self.now
            return found.moment_id

    def posts(self, userid: str, words: str) -> str:
        """A member publishes something of their own."""
        with self.lock:
            one = Moment(
                "", self.name("mom"), self.clock() - STEP * DONE, words, [], [userid], [], userid
            )
            one.published[userid] = self.now
            self.moments[one.moment_id] = one
            return one.moment_id

    def likes(self, userid: str, external_userid: str) -> None:
        """A friend likes what a member published last."""
        with self.lock:
            self._last(userid).likes.append((userid, external_userid))

    def comments(self, userid: str, external_userid: str) -> None:
        """A friend writes something beneath it."""
        with self.lock:
            self._last(userid).comments.append((userid, external_userid))

    def _last(self, userid: str) -> Moment:
        found = [one for one in self.moments.values() if userid in one.published]
        return max(found, key=lambda one: one.published[userid])


def add(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001 - one shape for all
    now, words = state.clock(), text(inner(body, "text"), "content")
    attachments = [dict(one) for one in objects(body, "attachments")]
    if not words and not attachments:
        raise Code(41089, "text and attachments are both empty")
    recent = [one for one in state.moments.values() if not one.creator and one.at > now - STEP * 12]
    if len(recent) >= PER_MINUTE:
        raise Code(45009, "reach max api limit")
    if sum(one.status(now) < DONE for one in recent) >= AT_ONCE:
        raise Code(41078, "too many running jobs")
    for one in attachments:
        _attached(state, one)
    range_ = inner(body, "visible_range")
    wanted = texts(inner(range_, "sender_list"), "user_list")
    able = [one for one, member in state.members.items() if member.follows]
    users = [one for one in wanted or able if one in able and state.visible(app, one)]
    tags = texts(inner(range_, "external_contact_list"), "tag_list")
    made = Moment(
        state.name("job"), state.name("mom"), now, words, attachments, users,
        [one for one in tags if one in state.tags()], wrong=_wrong(words, attachments),
    )  # fmt: skip
    state.moments[made.moment_id] = made
    return {"jobid": made.jobid}


def _attached(state: State, one: Json) -> None:
    kind = text(one, "msgtype")
    held = inner(one, kind)
    if not held:
        raise Code(41088, "empty attachments")
    found = media_of(state, text(held, "media_id"))
    if found.use != "moment":
        raise Code(41072, "invalid attachment scene")
    if kind == "link" and (len(text(held, "title")) > 64 or not text(held, "url")):
        raise Code(40058, "invalid link")


def _wrong(words: str, attachments: list[Json]) -> str:
    """What only the job finds out."""
    kinds = [text(one, "msgtype") for one in attachments]
    if len(words) > 2000:
        return "invalid text size"
    if len(set(kinds)) > 1:
        return "invalid attachments msgtype"
    most = 9 if kinds[:1] == ["image"] else 1
    return "invalid attachments size" if len(kinds) > most else ""


def result(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    jobid, now = query.get("jobid", ""), state.clock()
    found = next((one for one in state.moments.values() if jobid and one.jobid == jobid), None)
    if found is None or now - found.at > JOB_LIVES:
        raise Code(40058, "invalid jobid")
    status = found.status(now)
    if status < DONE:
        return {"status": status, "type": "add_moment_task"}
    ended: Json = {"errcode": 0, "errmsg": "ok", "moment_id": found.moment_id}
    if found.wrong:
        ended = {"errcode": 40058, "errmsg": found.wrong}
    return {"status": DONE, "type": "add_moment_task", "result": ended}


def cancel(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    _by_corp(state, body).cancelled = True
    return {}


def listed(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    since, until = body.get("start_time"), body.get("end_time")
    if not isinstance(since, int) or not isinstance(until, int) or until - since > 30 * DAY:
        raise Code(40058, "invalid start_time or end_time")
    wanted, now = body.get("filter_type", 2), state.clock()
    found = [
        one for one in state.moments.values()
        if since <= one.at.timestamp() <= until and one.status(now) == DONE and not one.wrong
        and wanted in (2, int(bool(one.creator)))
    ]  # fmt: skip
    page, following = state.page(found, body.get("cursor", ""), min(body.get("limit") or 20, 20))
    shown = [
        {"moment_id": one.moment_id, "creator": one.creator, "visible_type": int(not one.tags),
         "create_time": str(int(one.at.timestamp())), "create_type": int(bool(one.creator)),
         **({"text": {"content": one.text}} if one.text else {})}
        for one in page
    ]  # fmt: skip
    return {"moment_list": shown, **({"next_cursor": following} if following else {})}


def tasks(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    found = _by_corp(state, body)
    page, following = state.page(
        sorted(found.users), body.get("cursor", ""), min(body.get("limit") or 500, 1000)
    )
    shown = [{"userid": one, "publish_status": int(one in found.published)} for one in page]
    return {"task_list": shown, **({"next_cursor": following} if following else {})}


def sent(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    found, userid = _published(state, body)
    friends = [
        {"external_userid": one.external_userid}
        for one in state.readable(userid)
        if one.status == "full" and (not found.tags or set(found.tags) & set(one.tags))
    ]
    page, following = state.page(
        friends, body.get("cursor", ""), min(body.get("limit") or 3000, 5000)
    )
    return {"customer_list": page, **({"next_cursor": following} if following else {})}


def comments(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    found, userid = _published(state, body)
    shown = {
        name: [
            {"external_userid": who, "create_time": state.now}
            for member, who in listed_
            if member == userid
        ]
        for name, listed_ in (("comment_list", found.comments), ("like_list", found.likes))
    }
    return {**shown}


def _found(state: State, body: Json) -> Moment:
    found = state.moments.get(text(body, "moment_id"))
    if found is None:
        raise Code(41060 if text(body, "moment_id") else 41059, "invalid moment_id")
    if found.status(state.clock()) < DONE:
        raise Code(41079, "moment is being dispatched")
    return found


def _by_corp(state: State, body: Json) -> Moment:
    found = _found(state, body)
    if found.creator:
        raise Code(41067, "moment is not created by corp")
    return found


def _published(state: State, body: Json) -> tuple[Moment, str]:
    found, userid = _found(state, body), text(body, "userid")
    if userid not in found.published:
        raise Code(41061 if userid else 41062, "member has not published it")
    return found, userid
