"""Moments: a task for members, who publish it or do not; asked about until it is old.

WeCom knows no token of ours: what is about to be made is written down first, and after an answer
that was lost the list of Moments is looked through for its words. Nobody can be reminded by API.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.moments import Asking, Moment, Shown
from siyu.connectors.wecom.client import OF, Client, Failed, NotSent, Unclear
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source import media
from siyu.connectors.wecom.source.links import UNREADABLE, done
from siyu.connectors.wecom.source.lists import follow_users, tag_names
from siyu.connectors.wecom.wire import codes, facts
from siyu.connectors.wecom.wire import moments as wire
from siyu.connectors.wecom.wire.answers import inner, number, objects, text
from siyu.kernel.errors import BadInput, Broken, NotFound, Problem, Refused
from siyu.kernel.sentence import Sentence

PULL = "moments"
KEPT = timedelta(days=180)
SOON = timedelta(seconds=10)  # until a job is asked about
JOB_LIVES = timedelta(hours=24)
GRACE = timedelta(minutes=10)  # until one that is nowhere to be found was never made
CLOCKS = timedelta(minutes=5)  # by which WeCom's may differ
# A Moment's first days are its life: asked about every two hours, then daily for a month.
YOUNG, OFTEN = timedelta(days=3), timedelta(hours=2)
OLD, SELDOM = timedelta(days=30), timedelta(hours=24)
STEP = 20  # calls after which a pull shows that it is alive


class Kept(Struct, frozen=True, kw_only=True):
    """A Moment as it is remembered; members and who published are userids. Without `job` and
    `moment_id` its answer was lost."""

    id: str
    moment: Moment
    by: str
    at: datetime
    users: list[str]
    job: str = ""
    moment_id: str = ""
    why: tuple[str, str] | None = None  # it failed
    cancelled: bool = False
    published: list[str] = []
    seen: int | None = None
    likes: int | None = None
    comments: int | None = None
    looked_at: datetime | None = None

    @property
    def ended(self) -> bool:
        return self.cancelled or self.why is not None


def tags(config: Config, tools: Tools) -> list[str]:
    """Corp tags by which a Moment's customers are chosen."""
    try:
        return sorted(
            tag_names(Client(config, tools), tools, config.tag_group, fresh=False).values()
        )
    except (Failed, NotSent, Unclear) as error:
        raise _said(error) from None


def upload(config: Config, tools: Tools, content: bytes) -> str:
    """A picture or a video for a Moment."""
    return media.upload(config, tools, content)


def plan(config: Config, tools: Tools, moment: Moment) -> Asking:
    """Whom it would ask; what can't be is refused in words."""
    return _planned(config, tools, Client(config, tools), moment)[0]


def make(config: Config, tools: Tools, moment: Moment, by: str) -> str:
    """Have it made: members are asked to publish it."""
    client, now = Client(config, tools), tools.clock.now()
    day = now.astimezone(codes.WECOM_ZONE).date().isoformat()
    with tools.store.lock("moments"):
        id_ = _named(day, msgspec.json.encode(moment).decode())
        while (before := _read(tools, id_)) is not None:
            if not before.ended:
                return id_
            id_ = _named(id_)  # one that failed or was called off may be made anew
        asking, media_ids, tag_ids = _planned(config, tools, client, moment)
        if not asking.members:
            raise Refused(
                Sentence(
                    "None of these members can be asked to publish it.",
                    "这些成员都不能发表朋友圈。",
                )
            )
        users = [config.userid(one) for one in asking.members]
        kept = Kept(id=id_, moment=moment, by=by, at=now, users=users)
        _keep(tools, kept)
        try:
            body = wire.body(moment, media_ids, users, tag_ids)
            answer = client.do(f"{OF}/add_moment_task", body)
        except Unclear:
            tools.wake(PULL)
            return id_
        except (Failed, NotSent) as error:
            tools.store.take(_key(id_))
            raise _said(error) from None
        _keep(tools, replace(kept, job=text(answer, "jobid")))
    tools.wake(PULL)
    return id_


def cancel(config: Config, tools: Tools, id_: str) -> None:
    """Nobody is asked any more; what was published stays."""
    with tools.store.lock("moments"):
        kept = _read(tools, id_)
        if kept is None:
            raise NotFound(Sentence("There is no such Moment.", "没有这条朋友圈。"))
        if kept.ended:
            return
        if not kept.moment_id:
            raise Refused(
                Sentence(
                    "WeCom is still making this Moment: try again in a minute.",
                    "企业微信还在创建这条朋友圈，请一分钟后再试。",
                )
            )
        done(Client(config, tools), f"{OF}/cancel_moment_task", {"moment_id": kept.moment_id})
        _keep(tools, replace(kept, cancelled=True))


def listed(config: Config, tools: Tools) -> list[Shown]:
    """All of the last half year, the newest first."""
    return [_shown(config, one) for one in _all(tools)]


# ── before it is made ──


def _planned(
    config: Config, tools: Tools, client: Client, moment: Moment
) -> tuple[Asking, list[media.Media], list[str]]:
    found = [media.uploaded(tools, name) for name in moment.media]
    there = [one for one in found if one is not None]
    problem = wire.problem(moment, [one.kind for one in there])
    if len(there) < len(found):
        why = Sentence("WeCom keeps it no longer: upload it again", "素材已过期，请重新上传")
        problem = "media", why
    if problem is not None:
        raise BadInput(
            Sentence("This Moment can't be made.", "这条朋友圈不能创建。"), (Problem(*problem),)
        )
    try:
        able = {one.lower() for one in follow_users(client, tools)}
        names = {
            name: id_
            for id_, name in tag_names(client, tools, config.tag_group, fresh=True).items()
        }
    except (Failed, NotSent, Unclear) as error:
        raise _said(error) from None
    unknown = [one for one in moment.tags if one not in names]
    if unknown:
        said = ", ".join(unknown)
        raise BadInput(
            Sentence("This Moment can't be made.", "这条朋友圈不能创建。"),
            (Problem("tags", Sentence(f"no such tags: {said}", f"没有这些标签：{said}")),),
        )
    return _asking(config, tools, moment, able), there, [names[one] for one in moment.tags]


def _asking(config: Config, tools: Tools, moment: Moment, able: set[str]) -> Asking:
    today = tools.clock.now().astimezone(codes.WECOM_ZONE).date()
    had = [
        user.lower()
        for one in _all(tools)
        if not one.ended and one.at.astimezone(codes.WECOM_ZONE).date() == today
        for user in one.users
    ]
    most = config.moments_per_day
    full = {one for one in set(had) if most and had.count(one) >= most}
    wanted = moment.members or tuple(sorted(map(config.staff, able)))
    userids = {one: config.userid(one).lower() for one in wanted}
    return Asking(
        tuple(one for one, user in userids.items() if user in able - full),
        {
            one: "not_able" if user not in able else "enough_today"
            for one, user in userids.items()
            if user not in able - full
        },
    )


# ── what becomes of it ──


def pull(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:  # noqa: ARG001 - what is open is remembered
    """Ask about each that is not old; it stays quiet while there is none."""
    client, now = Client(config, tools), tools.clock.now()
    again: list[datetime] = []
    for kept in _all(tools):
        if kept.why is not None or now - kept.at >= OLD:
            continue
        for _ in _looked(tools, client, kept, now):
            yield Pulled([], "", min(again, default=None))
        following = _next(_read(tools, kept.id) or kept, now)
        again += [following] if following is not None else []
        yield Pulled([], "", min(again, default=None))
    yield Pulled([], "", min(again, default=None))


def _next(kept: Kept, now: datetime) -> datetime | None:
    if kept.why is not None:
        return None
    if not kept.moment_id:
        return now + SOON
    return now + (OFTEN if now - kept.at < YOUNG else SELDOM)


def _looked(tools: Tools, client: Client, kept: Kept, now: datetime) -> Iterator[None]:
    """What is found out is written, but never over what was done meanwhile: it was called off, or
    the answer to making it has come."""
    known = {one.moment_id for one in _all(tools)}
    found = kept if kept.moment_id else _made(client, kept, known, now)
    if found.moment_id:
        found = yield from _counted(client, found, now)
    with tools.store.lock("moments"):
        current = _read(tools, kept.id)
        if current is not None and current.job == kept.job:
            _keep(tools, replace(found, cancelled=current.cancelled))


def _made(client: Client, kept: Kept, known: set[str], now: datetime) -> Kept:
    if not kept.job:
        moment_id = _found(client, kept, known)
        lost = Sentence("WeCom never had it", "企业微信没有收到")
        return _ended(kept, moment_id, lost if now - kept.at >= GRACE else None)
    ended = wire.made(client.get(f"{OF}/get_moment_task_result", jobid=kept.job))
    if ended is None:
        lost = Sentence("WeCom did not make it within a day", "企业微信一天内没有创建完成")
        return _ended(kept, "", lost if now - kept.at >= JOB_LIVES else None)
    return _ended(kept, *ended)


def _ended(kept: Kept, moment_id: str, why: Sentence | None) -> Kept:
    if moment_id or why is None:
        return replace(kept, moment_id=moment_id)
    return replace(kept, why=(why[:], why.zh))


def _found(client: Client, kept: Kept, known: set[str]) -> str:
    """Its id, where its answer was lost and it was made all the same."""
    body = {
        "start_time": int((kept.at - CLOCKS).timestamp()),
        "end_time": int((kept.at + GRACE + CLOCKS).timestamp()),
        "filter_type": 0,
        "limit": 20,
    }
    for page in client.pages(f"{OF}/get_moment_list", body):
        for one in objects(page, "moment_list"):
            same = text(inner(one, "text"), "content") == kept.moment.text
            moment_id = text(one, "moment_id")
            if same and number(one, "create_type") == wire.BY_CORP and moment_id not in known:
                return moment_id
    return ""


def _counted(client: Client, kept: Kept, now: datetime) -> Generator[None, None, Kept]:
    """Who has published, who can see it, and what they did."""
    body = {"moment_id": kept.moment_id}
    asked: dict[str, bool] = {}
    for page in client.pages(f"{OF}/get_moment_task", {**body, "limit": 1000}):
        asked |= wire.tasks(page)
    published = sorted(one for one, out in asked.items() if out)
    seen = likes = comments = calls = 0
    for userid in published:
        if calls >= STEP:
            calls = 0
            yield
        of = {**body, "userid": userid}
        for page in client.pages(f"{OF}/get_moment_send_result", {**of, "limit": 3000}):
            seen += len(objects(page, "customer_list"))
            calls += 1
        answer = client.ask(f"{OF}/get_moment_comments", of)
        calls += 1
        likes += len(objects(answer, "like_list"))
        comments += len(objects(answer, "comment_list"))
    return replace(
        kept, published=published, seen=seen, likes=likes, comments=comments, looked_at=now
    )


# ── what is remembered ──


def _shown(config: Config, kept: Kept) -> Shown:
    staff = config.staff
    if kept.why is not None:
        state = "failed"
    elif kept.cancelled:
        state = "cancelled"
    else:
        state = "open" if kept.moment_id else "making"
    return Shown(
        kept.id, kept.moment, kept.by, kept.at, state,
        tuple(map(staff, kept.users)), tuple(map(staff, kept.published)),
        kept.seen, kept.likes, kept.comments, kept.looked_at,
        Sentence(*kept.why) if kept.why is not None else None,
    )  # fmt: skip


def _all(tools: Tools) -> Sequence[Kept]:
    said = [tools.store.get(key) for key in tools.store.keys("moment/")]
    kept = [msgspec.json.decode(one, type=Kept) for one in said if one is not None]
    return sorted(kept, key=lambda one: one.at, reverse=True)


def _read(tools: Tools, id_: str) -> Kept | None:
    said = tools.store.get(_key(id_))
    return None if said is None else msgspec.json.decode(said, type=Kept)


def _keep(tools: Tools, kept: Kept) -> None:
    tools.store.put(_key(kept.id), msgspec.json.encode(kept).decode(), kept.at + KEPT)


def _named(*words: str) -> str:
    """Short, since people type it."""
    return facts.digest(*words)[:10]


def _key(id_: str) -> str:
    return f"moment/{id_}"


def _said(error: Exception) -> Exception:
    return Refused(error.said) if isinstance(error, Failed) else Broken(UNREADABLE)
