"""Keep plans of groups, pause them, give them up, and what follows from them: which chat is for
what, who is kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from siyu.content import views as content
from siyu.content.model import Shelved
from siyu.customers import actions as customers
from siyu.groups.actions import posts
from siyu.groups.actions.posts import put_down
from siyu.groups.check import check, check_all
from siyu.groups.decide import apart, carried, next_at, purposes
from siyu.groups.model import Chat, Plan, Through
from siyu.kernel.document import lines_of, read
from siyu.kernel.errors import BadInput, NotFound, Problem
from siyu.kernel.seen import as_seen
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.segments.actions.members import look_again
from siyu.segments.views import stored as segments
from siyu.staff import views as people
from siyu.staff.actions import audit

SQL = load("siyu.groups")
LOOKED_AT_EVERY = timedelta(minutes=10)
_NOT_CARRIED: Mapping[Through, Sentence] = {
    "group_message": Sentence(
        "a group message can't carry a poster whose code is each customer's invitation: name an "
        "address under its links",
        "群消息不能发送邀请海报：每位客户的二维码不同；请在海报素材的 links 下写明地址",
    ),
    "moments": Sentence(
        "Moments of a calendar are words alone; one with pictures is made under Moments",
        "日历中的朋友圈只支持纯文字；带图片的请在「朋友圈」中创建",
    ),
}
WRONG = Sentence("These plans can't be used.", "这些群计划不能使用。")


def checked(conn: Conn, text: str) -> list[tuple[Plan, str]]:
    """Every plan of a text with its own part of it, and what these name there; BadInput with all
    that is wrong, by its lines."""
    found = check_all(text)
    if isinstance(found, tuple):
        raise BadInput(WRONG, found)
    known = segments.codes(conn)
    shelf = content.shelf(conn, {one.material for plan, _ in found for one in plan.calendar},
                          unreviewed=True)  # fmt: skip
    wrong: list[Problem] = []
    for plan, own in found:
        missing: list[tuple[str, Sentence]] = []
        if plan.admission and plan.admission not in known:
            why = Sentence(
                f"there is no segment `{plan.admission}`", f"没有人群 `{plan.admission}`"
            )
            missing.append(("admission", why))
        missing += [
            (
                f"calendar[{place}].say",
                Sentence(f"there is no material `{one.material}`", f"没有素材 `{one.material}`"),
            )
            for place, one in enumerate(plan.calendar)
            if one.material not in shelf
        ]
        missing += [
            (f"calendar[{place}].say", _NOT_CARRIED[one.through])
            for place, one in enumerate(plan.calendar)
            if one.material in shelf and not _carried(one.through, shelf[one.material])
        ]
        before = text[: text.index(own.strip("\n"))].count("\n")
        for where, why in missing:
            line = lines_of(read(own), Problem(where, why)).line or 1
            wrong.append(Problem(f"{plan.code}.{where}", why, line + before))
    if wrong:
        raise BadInput(WRONG, tuple(wrong))
    return found


def _carried(through: Through, material: Shelved) -> bool:
    return not material.personal and carried(through, material.kinds)


def set_plans(conn: Conn, text: str, chats: Iterable[Chat], by: str, now: datetime) -> list[str]:
    """Keep every plan of a file, all or none. Audited."""
    found = checked(conn, text)
    chats, place = list(chats), people.brand_zone(conn)
    put_down(conn, chats, [plan.code for plan, _ in found], now)
    for plan, own in found:
        says_at = next_at(plan.calendar, now, place)
        params = {"code": plan.code, "text": own, "by": by, "now": now, "says_at": says_at}
        conn.execute(SQL.set, params)
        audit(conn, by, "group.plan.set", plan.code, "", now)
    follow(conn, chats)
    return [plan.code for plan, _ in found]


def seen(conn: Conn, text: str, before: str | None) -> None:
    """Refuse these plans where another text of one is kept by now than their writer has seen; they
    stay as they are until this transaction is over."""
    found = checked(conn, text)
    codes = [plan.code for plan, _ in found]
    before_of = dict.fromkeys(codes, before)
    if before and not isinstance(parts := check_all(before), tuple):
        before_of |= {plan.code: own for plan, own in parts}
    kept = dict(conn.fetch(SQL.lock_plans, {"codes": codes}))
    for plan, own in found:
        as_seen(plan.code, kept.get(plan.code), before_of[plan.code], own)


def drop(conn: Conn, code: str, chats: Iterable[Chat], by: str, now: datetime) -> None:
    """No plan any more: its chats are for nothing, and nobody is kept apart for it. Audited."""
    if not conn.execute(SQL.drop, {"code": code}):
        raise NotFound(_no_plan(code))
    posts.drop(conn, code, now)
    audit(conn, by, "group.plan.drop", code, "", now)
    follow(conn, chats)


def pause(conn: Conn, code: str, by: str, now: datetime) -> None:
    """Nothing is said in its groups and its code is led nowhere else, until somebody resumes it.
    Who is in them, and who is kept apart, stays. Audited."""
    _there(conn, code)
    if conn.execute(SQL.pause, {"code": code, "by": by, "now": now}):
        posts.drop(conn, code, now)
        audit(conn, by, "group.plan.pause", code, "", now)


def resume(conn: Conn, code: str, by: str, now: datetime) -> None:
    """It goes on; what its calendar said meanwhile is not said afterwards. Audited."""
    says_at = next_at(_there(conn, code).calendar, now, people.brand_zone(conn))
    if conn.execute(SQL.resume, {"code": code, "now": now, "says_at": says_at}):
        audit(conn, by, "group.plan.resume", code, "", now)


def _there(conn: Conn, code: str) -> Plan:
    plans = (check(text) for own, text, *_ in conn.fetch(SQL.plans) if own == code)
    found = next((plan for plan in plans if isinstance(plan, Plan)), None)
    if found is None:
        raise NotFound(_no_plan(code))
    return found


def _no_plan(code: str) -> Sentence:
    return Sentence(f"There is no plan {code!r} of groups.", f"没有群计划 {code!r}。")


def claim(conn: Conn, now: datetime) -> list[str]:
    """Plans whose groups are to be looked at now."""
    params = {"now": now, "again": now + LOOKED_AT_EVERY}
    return sorted(code for (code,) in conn.fetch(SQL.claim, params))


def follow(conn: Conn, chats: Iterable[Chat]) -> None:
    """What the plans say of the chats that there are by now: a new one as its title says. Live
    segments look at the members of those that are for something else now."""
    read = (check(text) for _, text, *_ in conn.fetch(SQL.plans))
    plans = [plan for plan in read if isinstance(plan, Plan)]
    look_again(conn, customers.set_purposes(conn, purposes(plans, chats)))
    customers.keep_apart(conn, apart(plans))
