"""Codes (活码), links and join codes of a batch, a counter, a campaign: made once, remembered, and
led as time goes to whom the rota says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.ways import Shift, Standing, WayIn, WayKind
from siyu.connectors.wecom.client import OF, Client, adds, unusable
from siyu.connectors.wecom.config import MOST_LINK_USERS, MOST_WAY_USERS, Config
from siyu.connectors.wecom.source import clicks, joins, links, rota
from siyu.connectors.wecom.source.links import ACQUIRE, UNREADABLE, Gone, done
from siyu.connectors.wecom.wire import facts
from siyu.connectors.wecom.wire.answers import inner, text
from siyu.kernel.errors import BadInput, Broken, Problem, Refused, SiyuError
from siyu.kernel.sentence import Sentence
from siyu.staff.model import week

PREFIX = "way/"
LOST = "lost/"  # links that were deleted at WeCom, as a callback says
MADE = "ways"  # how many codes were made here and not given back
MOST_GROUPS = 5
LONGEST_NAME = 30  # characters of a link's name, a code's remark
LONGEST_STATE: Mapping[WayKind, int] = {"code": 30, "link": 64, "group": 30}  # a link's: bytes
MOST: Mapping[WayKind, int] = {"code": MOST_WAY_USERS, "link": MOST_LINK_USERS, "group": 0}
TURN = timedelta(minutes=10)  # whoever's leave begins is taken out so soon
STEP = 20  # calls after which a pull shows that it is alive
PULL = "ways"


class _Now(NamedTuple):
    """Who is at work just now, and how many new friends each has had today, by staff code."""

    at: datetime
    at_work: frozenset[str]
    had: Mapping[str, int]


class Kept(NamedTuple):
    """A way in as it is remembered; `behind` are userids."""

    way: WayIn
    id: str
    url: str = ""
    picture: str = ""
    behind: tuple[str, ...] = ()
    gone: bool = False


def make(config: Config, tools: Tools, way: WayIn) -> Standing:
    """Make it, or change who is behind the one that there is. One for each order would use up what
    a corp may have: for that there is the link of the settings."""
    way = _filled(config, way)
    _checked(way)
    key, client = _key(way.kind, way.state), Client(config, tools)
    with tools.store.lock(key):
        kept = _read(tools, key)
        if kept is None or kept.gone:
            kept = _made(config, tools, client, way)
            _keep(tools, kept)  # before its picture is asked for, so that it is not made twice
        elif way.kind == "group":
            if kept.way.groups != way.groups:
                joins.led(client, kept.id, way, (way.title or way.state)[:LONGEST_NAME])
        else:
            try:
                users = _behind(config, way, _now(config, tools, [way]))
                kept = _turned(config, tools, client, kept._replace(way=way), users)
            except Gone:
                _lose(tools, kept)
                raise
        if way.kind == "group" and not kept.picture:
            kept = kept._replace(picture=joins.picture(client, kept.id))
        _keep(tools, kept._replace(way=way))
    _note_caps(tools)
    tools.wake(PULL)
    return _standing(config, tools, kept._replace(way=way))


def drop(config: Config, tools: Tools, kind: WayKind, state: str) -> bool:
    """Give it back: whoever uses it gets nowhere."""
    key, client = _key(kind, state), Client(config, tools)
    with tools.store.lock(key):
        kept = _read(tools, key)
        if kept is None:
            return False
        with suppress(Gone):
            if kind == "group":
                joins.dropped(client, kept.id)
            elif kind == "link":
                done(client, f"{ACQUIRE}/delete_link", {"link_id": kept.id})
            else:
                done(client, f"{OF}/del_contact_way", {"config_id": kept.id})
        tools.store.take(key)
        if kind == "code" and not kept.gone:
            _count(tools, -1)
        if kind == "link":
            unusable.over(tools, kept.id)
            clicks.forget(tools, kept.id)
    _note_caps(tools)
    return True


def every(config: Config, tools: Tools) -> list[Standing]:
    """All that were made here, and the link of the settings where it has been made."""
    found = [_standing(config, tools, one) for one in _all(tools).values()]
    found += [
        Standing(
            WayIn("link", "", config.link_name, (Shift(_codes(config, config.link_users)),)),
            url, "", _codes(config, users), False, False, *clicks.counted(tools, link_id),
        )
        for link_id, url, users in links.settings_link(config, tools)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.way.kind, one.way.state))


def link_ids(config: Config, tools: Tools) -> list[str]:
    """Of all links that WeCom still knows."""
    here = [one.id for one in _all(tools).values() if one.way.kind == "link" and not one.gone]
    return [*here, *(link_id for link_id, _, _ in links.settings_link(config, tools))]


def made(tools: Tools) -> int:
    """How many codes were made here and not given back."""
    return int(tools.store.get(MADE) or 0)


def pull(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:  # noqa: ARG001 - all of them, each time
    """Lead each to whom the rota says now; where one can't be changed, the others are."""
    led = {key: one for key, one in _all(tools).items() if one.way.kind != "group" and not one.gone}
    now = _now(config, tools, [one.way for one in led.values()])
    client, due = Client(config, tools), _due(config, tools, led, now)
    wrong: SiyuError | None = None
    for count, (key, users) in enumerate(due.items(), 1):
        try:
            _lead(config, tools, client, key, led[key], users)
        except SiyuError as error:
            wrong = wrong or error
        if not count % STEP:
            yield Pulled([], "")
    try:
        links.revive(config, tools)
    except SiyuError as error:
        wrong = wrong or error
    if wrong is not None:
        raise wrong
    changes = [rota.next_change(one.way.shifts, now.at) for one in led.values()]
    times = [now.at + TURN, *filter(None, changes)] if led else []
    yield Pulled([], "", min(times, default=None))


def _due(
    config: Config, tools: Tools, led: Mapping[str, Kept], now: _Now
) -> dict[str, tuple[str, ...]]:
    """Those of which WeCom has to be told, or has told us, each with who is to be behind it."""
    lost = {one.removeprefix(LOST) for one in tools.store.keys(LOST)}
    told = lost | unusable.noted(tools.store)
    found = {key: _behind(config, one.way, now) for key, one in led.items()}
    return {
        key: users
        for key, users in found.items()
        if users != led[key].behind or led[key].id in told
    }


def _lead(
    config: Config, tools: Tools, client: Client, key: str, seen: Kept, users: tuple[str, ...]
) -> None:
    """Unless somebody has changed it meanwhile: that led it, too."""
    with tools.store.lock(key):
        if _read(tools, key) != seen:
            return
        try:
            if tools.store.take(f"{LOST}{seen.id}") is not None:
                raise Gone  # noqa: TRY301 - WeCom has said so by itself
            _keep(tools, _turned(config, tools, client, seen, users))
        except Gone:
            _lose(tools, seen)


def _made(config: Config, tools: Tools, client: Client, way: WayIn) -> Kept:
    name = (way.title or way.state)[:LONGEST_NAME]
    if way.kind == "group":
        return Kept(way, joins.made(client, way, name))
    users = _behind(config, way, _now(config, tools, [way]))
    if way.kind == "link":
        return _made_link(config, tools, client, way, users)
    if made(tools) >= config.way_cap:
        raise Refused(
            Sentence("the corp has no room for another contact way", "联系我数量已达企业上限")
        )
    answer = done(
        client, f"{OF}/add_contact_way", {"type": 2, "scene": 2, **_body(config, way, users)}
    )
    kept = Kept(way, text(answer, "config_id"), "", text(answer, "qr_code"), users)
    if not kept.id:
        raise Broken(UNREADABLE)
    _count(tools, 1)
    return kept


def _made_link(
    config: Config, tools: Tools, client: Client, way: WayIn, users: tuple[str, ...]
) -> Kept:
    body = {
        "link_name": (way.title or way.state)[:LONGEST_NAME],
        "range": {"user_list": users},
        "skip_verify": config.skip_verify,
    }
    link = inner(done(client, f"{ACQUIRE}/create_link", body), "link")
    if not text(link, "link_id") or not text(link, "url"):
        raise Broken(UNREADABLE)
    unusable.over(tools, text(link, "link_id"))
    url = links.with_state(text(link, "url"), way.state)
    return Kept(way, text(link, "link_id"), url, "", users)


def _turned(
    config: Config, tools: Tools, client: Client, kept: Kept, users: tuple[str, ...]
) -> Kept:
    """Led to these; WeCom is told only of what changes, and where it said that nobody behind a link
    can be added."""
    if users == kept.behind and kept.id not in unusable.noted(tools.store):
        return kept
    if kept.way.kind == "link":
        body = {"link_id": kept.id, "range": {"user_list": users}}
        done(client, f"{ACQUIRE}/update_link", body)
        unusable.over(tools, kept.id)
    else:
        body = {"config_id": kept.id, **_body(config, kept.way, users)}
        done(client, f"{OF}/update_contact_way", body)
    return kept._replace(behind=users)


def _lose(tools: Tools, kept: Kept) -> None:
    """WeCom has it no more."""
    _keep(tools, kept._replace(gone=True))
    if kept.way.kind == "code":
        _count(tools, -1)
    else:
        unusable.over(tools, kept.id)


def _body(config: Config, way: WayIn, users: tuple[str, ...]) -> dict[str, object]:
    return {
        "user": users,
        "state": way.state,
        "remark": (way.title or way.state)[:LONGEST_NAME],
        "skip_verify": config.skip_verify,
    }


def _now(config: Config, tools: Tools, ways: Iterable[WayIn]) -> _Now:
    """Asked once for all of these."""
    now, staff = tools.clock.now(), sorted({one for way in ways for one in rota.named(way)})
    userids = {one: config.userid(one) for one in staff}
    had = adds.all_today(tools.store, set(userids.values()), now)
    by_code = {one: had[userid] for one, userid in userids.items()}
    return _Now(now, tools.at_work(staff), by_code)


def _behind(config: Config, way: WayIn, now: _Now) -> tuple[str, ...]:
    found = rota.behind(way, now.at, now.at_work, now.had, way.per_day or config.adds_per_day)
    return tuple(dict.fromkeys(config.userid(one) for one in found))


def _filled(config: Config, way: WayIn) -> WayIn:
    """Where nobody is named: those of the settings."""
    if way.shifts or way.kind == "group":
        return way
    users = config.way_users if way.kind == "code" else config.link_users
    return way._replace(shifts=(Shift(_codes(config, users)),))


def _checked(way: WayIn) -> None:
    most = LONGEST_STATE[way.kind]
    size = len(way.state.encode()) if way.kind == "link" else len(way.state)
    if not 0 < size <= most or facts.state_of(way.state) != way.state:
        raise _wrong("state", f"has 1 to {most} characters", f"应为 1 到 {most} 个字符")
    if way.kind == "group":
        if not 0 < len(way.groups) <= MOST_GROUPS:
            raise _wrong("groups", f"are 1 to {MOST_GROUPS}", f"应为 1 到 {MOST_GROUPS} 个群")
        return
    if not 0 < len(rota.named(way)) <= MOST[way.kind]:
        most = MOST[way.kind]
        raise _wrong("shifts", f"name 1 to {most} people", f"应有 1 到 {most} 位成员")
    for shift in way.shifts:
        try:
            week(shift.hours)
        except ValueError as error:
            raise _wrong("shifts", str(error), getattr(error.args[0], "zh", str(error))) from None


def _wrong(field: str, why: str, zh: str) -> BadInput:
    return BadInput(
        Sentence("This code or link can't be made so.", "不能这样建。"),
        (Problem(field, Sentence(why, zh)),),
    )


def _codes(config: Config, users: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(config.staff(one) for one in users)


def _standing(config: Config, tools: Tools, kept: Kept) -> Standing:
    counted = clicks.counted(tools, kept.id) if kept.way.kind == "link" else clicks.Counted()
    return Standing(
        kept.way, kept.url, kept.picture, _codes(config, kept.behind), kept.gone, True, *counted
    )


def _key(kind: WayKind, state: str) -> str:
    return f"{PREFIX}{kind}/{facts.digest(state)}"


def _read(tools: Tools, key: str) -> Kept | None:
    said = tools.store.get(key)
    return None if said is None else msgspec.json.decode(said, type=Kept)


def _all(tools: Tools) -> dict[str, Kept]:
    return {
        key: msgspec.json.decode(said, type=Kept) for key, said in tools.store.items(PREFIX).items()
    }


def _keep(tools: Tools, kept: Kept) -> None:
    key = _key(kept.way.kind, kept.way.state)
    tools.store.put(key, msgspec.json.encode(kept).decode())


def _count(tools: Tools, more: int) -> None:
    with tools.store.lock(MADE):
        tools.store.put(MADE, str(max(made(tools) + more, 0)))


def _note_caps(tools: Tools) -> None:
    """A callback has no time to look at them all."""
    adds.keep_caps(tools.store, {one.way.per_day for one in _all(tools).values()})
