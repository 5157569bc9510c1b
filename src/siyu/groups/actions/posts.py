"""What calendars say, put down once as it comes due, and what people say of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.content import views as content
from siyu.content.model import Shelved
from siyu.content.render import render
from siyu.groups.check import check
from siyu.groups.decide import BY_HAND, carried, due, heirs, next_at, stands, wanted
from siyu.groups.model import (
    NO_ANSWER,
    NOT_CARRIED,
    SAME,
    ByHand,
    Chat,
    Plan,
    Record,
    Through,
    Wanted,
)
from siyu.kernel.errors import NotFound, Refused, SiyuError
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import EARLIEST
from siyu.outbox.actions import places
from siyu.outbox.render import Filling, values
from siyu.staff import views as people
from siyu.staff.actions import audit, audit_all

SQL = load("siyu.groups")
NONE: tuple[str, ...] = ()


class _Written(NamedTuple):
    """A material as it is said in groups; or why it can't be."""

    text: str = ""
    unfit: str = ""
    kind: str = "text"

    def unfit_for(self, through: Through) -> str:
        """Why it can't be said so; '': it can."""
        return self.unfit or ("" if carried(through, {self.kind}) else NOT_CARRIED)


def put_down(
    conn: Conn, chats: Sequence[Chat], codes: Iterable[str], now: datetime, *, free: bool = False
) -> int:
    """All that calendars say by now, also of these plans, each once; how many plans said something.
    `free`: texts may be said that nobody has approved."""
    params = {"now": now, "codes": sorted(codes)}
    rows = [(check(text), since) for _, text, since in conn.fetch(SQL.claim_said, params)]
    claimed = [(plan, since) for plan, since in rows if isinstance(plan, Plan)]
    if not claimed:
        return 0
    place = people.brand_zone(conn)
    staff = {one.code for one in people.members(conn)}
    found = [
        one
        for plan, since in claimed
        for one in wanted(plan, due(plan.calendar, since, now, place), chats, staff)
    ]
    _keep(conn, found, _texts(conn, {one.material for one in found}, now, free=free), now)
    nexts = [next_at(plan.calendar, now, place) for plan, _ in claimed]
    said = {"codes": [plan.code for plan, _ in claimed], "nexts": nexts, "now": now}
    conn.execute(SQL.said, said)
    return len(claimed)


def _keep(
    conn: Conn, found: Sequence[Wanted], texts: Mapping[str, _Written], now: datetime
) -> None:
    if not found:
        return
    begun = [stands(one, texts[one.material].unfit_for(one.through), now) for one in found]
    dues = {"owed": now, "by_hand": now + BY_HAND}
    conn.execute(
        SQL.put_down,
        {
            "purposes": [one.purpose for one in found],
            "ats": [one.at for one in found],
            "materials": [one.material for one in found],
            "throughs": [one.through for one in found],
            "chats": [one.chat for one in found],
            "staff": [one.staff for one in found],
            "texts": [texts[one.material].text for one in found],
            "states": [state for state, _ in begun],
            "reasons": [reason for _, reason in begun],
            "due_ats": [dues.get(state) for state, _ in begun],
            "ended_ats": [None if state in dues else now for state, _ in begun],
        },
    )


def _texts(conn: Conn, codes: Collection[str], now: datetime, *, free: bool) -> dict[str, _Written]:
    """For everybody at once: nobody's name stands in it, and its links are not counted."""
    if not codes:
        return {}
    brand, today = people.brand(conn), now.astimezone(people.brand_zone(conn)).date()
    shelf = content.shelf(conn, codes, unreviewed=free)
    filling = Filling(brand.locale, None, brand.name, "", "", {}, None, "CNY", "")

    def written(shelved: Shelved | None) -> _Written:
        unfit = "no_material" if shelved is None else shelved.unfit(today)
        drawn = None if shelved is None or unfit else shelved.draw(brand.locale, 0)
        if drawn is None:
            return _Written(unfit=unfit or "no_material")
        material = drawn.material
        filled = values(filling._replace(links=dict(material.links)), by_people=False)
        try:
            return _Written(render(material, filled), kind=material.kind)
        except (SiyuError, ValueError):
            return _Written(unfit="bad_material")

    return {code: written(shelf.get(code)) for code in codes}


def record(conn: Conn, records: Sequence[Record], was: Collection[str], now: datetime) -> None:
    """What became of posts that are in one of these states yet."""
    if not records:
        return
    params = {
        "ids": [one.post_id for one in records],
        "states": [one.state for one in records],
        "reasons": [one.reason for one in records],
        "vendor_ids": [one.vendor_id for one in records],
        "due_ats": [one.due_at for one in records],
        "was": sorted(was),
        "doubt": NO_ANSWER,
        "now": now,
    }
    _free(conn, conn.fetch(SQL.record, params))


def drop(conn: Conn, code: str, now: datetime) -> None:
    """What a plan that is paused or given up has not said yet is not said, by hand neither."""
    _free(conn, conn.fetch(SQL.drop_posts, {"code": code, "doubt": NO_ANSWER, "now": now}))


def _free(conn: Conn, became: Iterable[Sequence[object]]) -> None:
    """Where of a whole press nothing leaves, its owner has it again today."""
    ids = [post for post, state in became if state in ("withheld", "by_hand")]
    if ids:
        whole = conn.fetch(SQL.unpressed, {"ids": ids, "doubt": NO_ANSWER})
        places.free(conn, [-post for (post,) in whole])


def pass_on(conn: Conn, chats: Iterable[Chat], by: str, now: datetime) -> int:
    """What is done by hand becomes work of whoever owns the group by now, or, where that is nobody
    of ours and who had it has left, of who leads the store. Who has the very same already keeps
    that one, and the other ends. How many posts. Audited."""
    waiting = [ByHand(*row) for row in conn.fetch(SQL.open_by_hand)]
    moves = heirs(waiting, chats, people.members(conn, active_only=False)) if waiting else {}
    if not moves:
        return 0
    ids = sorted(moves)
    heir = [moves[post] for post in ids]
    params = {"ids": ids, "staff": heir, "doubt": NO_ANSWER, "same": SAME, "now": now}
    became = dict(conn.fetch(SQL.pass_on, params))
    lines = [
        (by, "group.post.reassign", one.purpose, f"{one.staff} to {moves[one.post_id]}".strip())
        for one in waiting
        if became.get(one.post_id) == "by_hand"
    ]
    audit_all(conn, lines, now)
    return len(became)


def done(conn: Conn, post_id: int, by: str, now: datetime) -> list[int]:
    """Somebody has said it by hand: all the posts that this piece of work was about. Audited."""
    there = conn.fetch(SQL.posts, {"since": EARLIEST, "ids": [post_id], "limit": 1})
    if not there:
        raise NotFound(Sentence("There is no such post.", "没有这条群消息。"))
    ended = conn.fetch(SQL.done, {"id": post_id, "by": by, "now": now})
    if not ended:
        raise Refused(
            Sentence(
                "There is nothing to do by hand for it any more.", "这条群消息已不需要手动处理。"
            )
        )
    audit(conn, by, "group.post.done", str(there[0][1]), "", now)
    return sorted(one for (one,) in ended)
