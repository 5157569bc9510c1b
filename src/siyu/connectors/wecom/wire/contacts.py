"""A friend as WeCom has it now, what was told of it, and the facts that lie between. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from siyu.connectors.wecom.wire import facts
from siyu.connectors.wecom.wire.answers import Json, inner, number, objects, text, texts
from siyu.connectors.wecom.wire.callback import LATEST, Known, Pair
from siyu.connectors.wecom.wire.cards import Ours
from siyu.events.model import Incoming

CORP_TAG = 1
_SPARE = 40  # characters of a group's name in a tag of ours
LONGEST = 120  # characters of a tag of ours
KEPT = 7 * 86_400  # seconds that a word on a tag is kept: until it is surely applied


class Friend(NamedTuple):
    """A relation, as the API tells it."""

    pair: Pair
    name: str
    unionid: str
    since: int
    way: object
    state: str
    mobiles: tuple[str, ...]
    tags: tuple[str, ...]  # corp tags, by id
    remark: str


class Told(NamedTuple):
    """What was told of a relation: since when, whether its way, and digests of the rest."""

    since: int
    way: bool
    who: str
    mobiles: tuple[str, ...]
    tags: tuple[str, ...]
    version: int  # begins as high as `since`: whoever is a friend again repeats none
    turn: int = 0  # of what we wrote ourselves, what has been taken note of: see `cards.py`
    words: Mapping[str, int] = {}  # tags told lately, and when; taken away: the time is negative
    mine: tuple[
        str, ...
    ] = ()  # of the tags, those that we brought there: they outlast a friendship
    remark: str = ""  # a digest of what staff wrote


class Frame(NamedTuple):
    """What a comparison stands on. `connected`: friends from before are of unknown source;
    `way_from`: of an add that a callback told, the way is told if it lies before this."""

    now: datetime
    connected: datetime
    way_from: datetime
    tag_names: Mapping[str, str]
    phones: bool
    remarks: bool = False

    @property
    def seconds(self) -> int:
        return int(self.now.timestamp())


class Compared(NamedTuple):
    """The facts that are new, and what has been told then."""

    events: list[Incoming]
    told: Told


def listed(item: Json) -> Friend | None:
    """One of `batch/get_by_user`; None if it says too little."""
    follow = inner(item, "follow_info")
    return _friend(inner(item, "external_contact"), follow, texts(follow, "tag_id"))


def followers(answer: Json) -> list[Friend]:
    """Everybody of us whom the customer of an `externalcontact/get` is a friend of."""
    contact = inner(answer, "external_contact")
    found: list[Friend] = []
    for follow in objects(answer, "follow_user"):
        corp = [one for one in objects(follow, "tags") if one.get("type", CORP_TAG) == CORP_TAG]
        friend = _friend(contact, follow, [text(one, "tag_id") for one in corp])
        found += [friend] if friend else []
    return found


def _friend(contact: Json, follow: Json, tags: Iterable[str]) -> Friend | None:
    pair = Pair(text(follow, "userid"), text(contact, "external_userid"))
    since = number(follow, "createtime")
    if not (pair.userid and pair.external_userid and 0 < since < LATEST):
        return None
    return Friend(
        pair,
        text(contact, "name"),
        text(contact, "unionid"),
        since,
        follow.get("add_way"),
        text(follow, "state"),
        tuple(texts(follow, "remark_mobiles")),
        tuple(one for one in tags if one),
        text(follow, "remark"),
    )


def tag_names(answer: Json, ours: str) -> dict[str, str]:
    """Tag id → `group/name`, as `get_corp_tag_list` has them; deleted ones are left out. Those of
    the group `ours` stand for tags of ours whose names have no group."""
    return {
        text(tag, "id"): _tag_name(text(group, "group_name"), text(tag, "name"), ours)
        for group in objects(answer, "tag_group")
        if not group.get("deleted")
        for tag in objects(group, "tag")
        if not tag.get("deleted") and text(tag, "id")
    }


def _tag_name(group: str, name: str, ours: str) -> str:
    return (name if group == ours else f"{group[:_SPARE]}/{name}")[:LONGEST]


def compared(
    friend: Friend, before: Told | None, heard: Known, staff: str, frame: Frame, ours: Ours
) -> Compared:
    """A relation against what was told of it. Tags that went are left for `settled`: another of us
    may have set them too."""
    name, version = friend.pair.name, before.version + 1 if before else friend.since
    events, way_told = _addition(friend, before, heard, staff, frame)
    who = facts.digest(friend.name, friend.unionid)
    if not events and (before is None or before.who != who) and (friend.name or friend.unionid):
        event_id = f"person/{name}/{version}/{who}"
        how = "unionid" if friend.unionid else "name"
        events.append(
            facts.identified(event_id, frame.seconds, _keys(friend), how, name=friend.name)
        )
    phones = _phones(friend) if frame.phones else {}
    for mark, phone in phones.items():
        if mark not in ours.mobiles and (before is None or mark not in before.mobiles):
            keys = {"external_userid": friend.pair.external_userid, "phone": phone}
            event_id = f"phone/{name}/{version}/{mark}"
            events.append(facts.identified(event_id, frame.seconds, keys, "remark_mobile"))
    remark, remarked = _remarked(friend, before, staff, version, frame, ours)
    events += remarked
    had, mine = _had(friend, before, ours)
    known = {*had, *ours.open}
    new = [tag for tag in friend.tags if tag not in known and tag in frame.tag_names]
    events += _tagged(friend.pair.external_userid, name, new, version, frame, on=True)
    words = _spoken(before, new, frame.seconds)
    told = Told(
        friend.since, way_told, who, tuple(phones), (*had, *new), version, ours.turn, words, mine,
        remark,
    )  # fmt: skip
    if before is not None and told._replace(version=before.version) == before:
        told = before
    return Compared(events, told)


def _remarked(
    friend: Friend, before: Told | None, staff: str, version: int, frame: Frame, ours: Ours
) -> tuple[str, list[Incoming]]:
    """A digest of the remark that staff wrote, and the fact if it is another than before. The
    nickname, which WeCom puts there itself, and what we wrote are nobody's remark: empty."""
    was = before.remark if before else ""
    if not frame.remarks:
        return was, []
    words = facts.plain(friend.remark)
    mark = facts.digest("remark", friend.remark) if words else ""
    if mark in ours.remarks or words == facts.plain(friend.name):
        words = mark = ""
    if mark == was:
        return was, []
    event_id = f"remark/{friend.pair.name}/{version}/{mark or '-'}"
    who = friend.pair.external_userid
    return mark, [facts.remarked(event_id, frame.seconds, staff, who, words)]


def _had(
    friend: Friend, before: Told | None, ours: Ours
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tags that are no news on a card, and which of them are of our writing. A friendship that
    begins anew lost those of before: of the members' own that is news."""
    tags, mine = (before.tags, before.mine) if before else ((), ())
    if before is not None and before.since != friend.since:
        tags, mine = tuple(tag for tag in tags if tag not in mine), ()
    had = ours.over(tags)
    brought = {*mine, *(ours.on - set(tags))}
    return had, tuple(tag for tag in had if tag in brought)


def _spoken(before: Told | None, tags: Iterable[str], seconds: int) -> Mapping[str, int]:
    """The words of late with these among them."""
    words: Mapping[str, int] = before.words if before else {}
    kept = {tag: at for tag, at in words.items() if abs(at) > abs(seconds) - KEPT}
    return {**kept, **dict.fromkeys(tags, seconds)}


def _addition(
    friend: Friend, before: Told | None, heard: Known, staff: str, frame: Frame
) -> tuple[list[Incoming], bool]:
    """The fact that they became friends, with its way, unless it was told so already.

    A callback has told it without the way. That is made good later, when no journey takes it for
    something new, at the very same time: so both are one friendship, made once.
    """
    again = before is not None and before.since == friend.since
    if again and before is not None and before.way:
        return [], True
    since, way = friend.since, facts.way(friend.way)
    heard_of = heard.heard_of(friend.since)
    if heard_of is not None:
        since = heard_of
        if since > frame.way_from.timestamp():
            return [], False
    elif again:
        return [], True
    elif since < frame.connected.timestamp():
        way = facts.BEFORE
    keys = _keys(friend)
    state = facts.state_of(friend.state)
    if state is not None:
        keys["state"] = state
    event_id = f"friend/{friend.pair.name}/{friend.since}"
    return [facts.added(event_id, since, staff, keys, way=way, name=friend.name)], True


def settled(
    friends: Collection[Friend],
    before: Mapping[Pair, Told],
    lost: Collection[str],
    frame: Frame,
    unsure: Collection[str] = (),
) -> tuple[list[Incoming], dict[Pair, Told]]:
    """The tags that nobody of us has on this customer any more, and what is told then.

    `before` are the relations as `compared` left them, `lost` tags of a relation that ended,
    `unsure` those that we are writing just now.
    """
    now = {tag for friend in friends for tag in friend.tags} | set(unsure)
    had = {tag for told in before.values() for tag in told.tags} | set(lost)
    gone = sorted(had - now)
    version = max((told.version for told in before.values()), default=frame.seconds) + 1
    after: dict[Pair, Told] = {}
    for pair, told in before.items():
        kept = tuple(tag for tag in told.tags if tag in now)
        if kept != told.tags:
            words = _spoken(told, set(told.tags) - set(kept), -frame.seconds)
            mine = tuple(tag for tag in told.mine if tag in kept)
            after[pair] = told._replace(tags=kept, version=version, words=words, mine=mine)
    if not gone or not (friends or before):
        return [], after
    who = next(iter([*(one.pair for one in friends), *before])).external_userid
    return _tagged(who, facts.digest(who), gone, version, frame, on=False), after


def _tagged(
    external_userid: str, mark: str, tags: Iterable[str], version: int, frame: Frame, *, on: bool
) -> list[Incoming]:
    """These tags, set or taken away; one that has no name any more can't be told."""
    return [
        facts.tagged(
            f"tag/{mark}/{facts.digest(tag)}/{'on' if on else 'off'}/{version}",
            frame.seconds,
            external_userid,
            frame.tag_names[tag],
            on=on,
        )
        for tag in tags
        if tag in frame.tag_names
    ]


def _keys(friend: Friend) -> dict[str, str]:
    keys = {"external_userid": friend.pair.external_userid}
    return {**keys, "unionid": friend.unionid} if friend.unionid else keys


def _phones(friend: Friend) -> dict[str, str]:
    """Digest → phone, of those that can be one."""
    phones = [facts.phone(written) for written in friend.mobiles]
    return {facts.digest("phone", phone): phone for phone in phones if phone is not None}
