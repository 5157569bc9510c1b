"""What calendars say, once: put down → taken in hand and committed → handed over → recorded.

No transaction is open while the carrier is asked. Where its answer is lost a post is `unknown`, and
is asked about; it is handed over again only if the carrier surely never had it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.budget import views as budget
from siyu.content import views as content
from siyu.content.model import WORDS_ONLY
from siyu.groups.actions.posts import SQL, record
from siyu.groups.decide import AGAIN, BY_HAND, LATE, answered
from siyu.groups.model import (
    NO_ANSWER,
    NO_CARRIER,
    NO_PRESS,
    PREFIX,
    TOO_LATE,
    Record,
    Through,
    Wanted,
)
from siyu.kernel.sql import Conn, Db
from siyu.outbox import views as outbox
from siyu.outbox.actions import places
from siyu.outbox.channel import Channel
from siyu.outbox.model import Asked, Attachment, Context, Found, Message, Result
from siyu.outbox.sweep.prepare import attached
from siyu.staff import views as people

# Whoever hands over is done by then, or gone; the carrier's own time-outs are far shorter.
DOUBT = timedelta(minutes=10)
LOOKS = timedelta(hours=1)  # at what waits in Moments
OVER = timedelta(hours=48)  # what nobody has published by then nobody will
BATCH = 200
ALL = "all"


class Due(NamedTuple):
    """A post whose time has come."""

    id: int
    wanted: Wanted
    text: str


class Waiting(NamedTuple):
    """A post that is in doubt, or waits for a press in Moments."""

    id: int
    through: Through
    chat: str
    state: str
    vendor_id: str
    at: datetime
    handed_at: datetime | None


def send(db: Db, channels: Mapping[str, Channel], ctx: Context, now: datetime) -> int:
    """Hand over what is due; how many posts were looked at."""
    with db.transaction() as conn:
        found = [_due(row) for row in conn.fetch(SQL.claim_owed, {"now": now, "limit": BATCH})]
        beside = _beside(conn, found, ctx)
        going = _ruled(conn, found, channels, beside, now)
    for through in sorted({one.wanted.through for one in going}):
        mine = [one for one in going if one.wanted.through == through]
        tokens = {ctx.ids.encode(PREFIX, one.id): one for one in mine}
        messages = [_message(one, token, beside) for token, one in tokens.items()]
        results = _ask(channels[through], messages)
        records = answered({token: one.id for token, one in tokens.items()}, results, now)
        if through == "moments":  # nobody is called back when one is published: so it is asked
            records = [one._replace(due_at=one.due_at or now + LOOKS) for one in records]
        with db.transaction() as conn:
            record(conn, records, {"unknown"}, now)
    return len(found)


def _due(row: Sequence[object]) -> Due:
    post_id, *of, text = row
    return Due(int(str(post_id)), Wanted(*of), str(text))  # pyright: ignore[reportArgumentType]


def _ruled(
    conn: Conn,
    found: Sequence[Due],
    channels: Mapping[str, Channel],
    beside: Mapping[str, Attachment | str | None],
    now: datetime,
) -> list[Due]:
    """What may go out now: in time, not stopped, carried by somebody, with its picture, within the
    owner's presses.
    From here on it is `unknown`, until the carrier has said something."""
    stopped = {one.scope for one in outbox.stops(conn)}
    records: list[Record] = []
    going: list[Due] = []
    for one in found:
        through = one.wanted.through
        if now - one.wanted.at > LATE:
            records.append(Record(one.id, "withheld", TOO_LATE))
        elif stopped & {ALL, f"channel:{through}"}:
            records.append(Record(one.id, "owed", "", "", now + AGAIN))
        elif through not in channels:
            records.append(Record(one.id, "by_hand", NO_CARRIER, "", now + BY_HAND))
        elif isinstance(why := beside.get(one.wanted.material), str):
            records.append(Record(one.id, "withheld", why))
        else:
            going.append(one)
    over = _beyond(conn, [one for one in going if one.wanted.through == "group_message"], now)
    records += [Record(one.id, "withheld", NO_PRESS) for one in going if one.id in over]
    going = [one for one in going if one.id not in over]
    records += [Record(one.id, "unknown", "", "", now + DOUBT) for one in going]
    record(conn, records, {"owed"}, now)
    return going


def _beside(conn: Conn, found: Sequence[Due], ctx: Context) -> dict[str, Attachment | str | None]:
    """Material of a kind that has something beside its words → that, or why it can't be had."""
    codes = {one.wanted.material for one in found if one.wanted.through == "group_message"}
    if not codes:
        return {}
    locale = people.brand(conn).locale
    shelf = content.shelf(conn, codes, unreviewed=ctx.unreviewed)
    drawn = {code: one.draw(locale, 0) for code, one in shelf.items()}
    return {
        code: attached(one.material, ctx)
        for code, one in drawn.items()
        if one is not None and one.material.kind not in WORDS_ONLY
    }


def _presses(posts: Sequence[Due]) -> dict[int, set[int]]:
    """The first post of each press → all of it: one message to all the groups of one owner."""
    found: dict[tuple[str, datetime, str, str], list[int]] = {}
    for one in posts:
        found.setdefault(one.wanted.press, []).append(one.id)
    return {min(ids): set(ids) for ids in found.values()}


def _beyond(conn: Conn, posts: Sequence[Due], now: datetime) -> set[int]:
    """Posts for which their owners have no press left today. Those that go out take one in the
    account that touches take theirs in; there a post goes by its number below zero."""
    whole = _presses(posts)
    policy = budget.policy(conn)
    account = {
        one.id: policy.accounts("wecom_mass", one.wanted.staff, now)[-1]
        for one in posts
        if one.id in whole
    }
    if not account:
        return set()
    most = policy.pace.presses
    used = places.lock(conn, sorted(set(account.values())), [-first for first in sorted(whole)])
    taken: list[tuple[int, places.Account]] = []
    over: set[int] = set()
    for first, ids in sorted(whole.items()):
        if most is not None and used[account[first]] >= most:
            over |= ids
        else:
            used[account[first]] += 1
            taken.append((-first, account[first]))
    places.take(conn, taken)
    return over


def _message(one: Due, token: str, beside: Mapping[str, Attachment | str | None]) -> Message:
    it = one.wanted
    attachment = beside.get(it.material)
    return Message(
        token=token,
        channel=it.through,
        to=it.chat,
        text=one.text,
        material=it.material,
        step="",
        journey="",
        order_no="",
        shop="",
        customer="",
        staff=it.staff,
        valid_until=None,
        link="",
        attachment=attachment if isinstance(attachment, Attachment) else None,
    )


def _ask(channel: Channel, messages: Sequence[Message]) -> Sequence[Result]:
    """No answer at all leaves them unknown."""
    try:
        return channel.send(messages)
    except Exception:  # noqa: BLE001 - a stranger's connector may raise anything
        return []


# ── afterwards ──


def look(
    db: Db,
    channels: Mapping[str, Channel],
    ended: Mapping[str, Record],
    ctx: Context,
    now: datetime,
) -> int:
    """Ask about what is in doubt, take over what Moments came to (`ended`, by the carrier's id),
    and give up what nobody did. How many were looked at."""
    with db.transaction() as conn:
        forgotten = conn.execute(SQL.forgotten, {"now": now})
        params = {"now": now, "again": now + LOOKS, "limit": BATCH}
        found = [Waiting(*row) for row in conn.fetch(SQL.claim_open, params)]
    doubt = [one for one in found if one.state == "unknown"]
    records: list[Record] = []
    for through in sorted({one.through for one in doubt}):
        mine = {
            ctx.ids.encode(PREFIX, one.id): one for one in doubt if one.through == through
        }  # fmt: skip
        asked = [
            Asked(token, through, one.chat, one.vendor_id, one.handed_at)
            for token, one in mine.items()
        ]
        answers = {one.token: one for one in _found(channels.get(through), asked)}
        records += [_settled(one, answers.get(token), now) for token, one in mine.items()]
    waits = [one for one in found if one.state == "awaiting_staff"]
    records += [_pressed(one, ended.get(one.vendor_id), now) for one in waits]
    with db.transaction() as conn:
        record(conn, records, {"unknown", "awaiting_staff"}, now)
    return forgotten + len(found)


def _found(channel: Channel | None, asked: Sequence[Asked]) -> Sequence[Found]:
    try:
        return channel.reconcile(asked) if channel is not None else []
    except Exception:  # noqa: BLE001 - as above
        return []


def _settled(one: Waiting, found: Found | None, now: datetime) -> Record:
    """`absent` alone lets it go out again; who never hears has somebody look."""
    if found is not None and found.status in ("accepted", "awaiting_staff", "delivered"):
        again = now + LOOKS if one.through == "moments" else None
        return Record(one.id, "awaiting_staff", "", found.vendor_id, again)
    if found is not None and found.status == "absent":
        return Record(one.id, "owed", "", "", now)
    if now - one.at > LATE:
        return Record(one.id, "by_hand", NO_ANSWER, "", now + BY_HAND)
    return Record(one.id, "unknown", "", "", now + DOUBT)


def _pressed(one: Waiting, ended: Record | None, now: datetime) -> Record:
    if ended is not None:
        due_at = now + BY_HAND if ended.state == "by_hand" else None
        return Record(one.id, ended.state, ended.reason, "", due_at)
    if now - one.at > OVER:
        return Record(one.id, "failed", "not_pressed")
    return Record(one.id, "awaiting_staff", "", "", now + LOOKS)
