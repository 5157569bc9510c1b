"""Keep plans of groups, and what follows from them: which chat is for what, who is kept apart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from siyu.content import views as content
from siyu.customers import actions as customers
from siyu.groups.check import check, check_all
from siyu.groups.decide import apart, purposes
from siyu.groups.model import Chat, Plan
from siyu.kernel.errors import BadInput, NotFound, Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.segments.actions.members import look_again
from siyu.segments.views import stored as segments
from siyu.staff.actions import audit

SQL = load("siyu.groups")
LOOKED_AT_EVERY = timedelta(minutes=10)
WRONG = Sentence("These plans can't be used.", "这些群计划不能使用。")


def set_plans(conn: Conn, text: str, chats: Iterable[Chat], by: str, now: datetime) -> list[str]:
    """Keep every plan of a file, all or none. Audited."""
    found = check_all(text)
    if isinstance(found, tuple):
        raise BadInput(WRONG, found)
    known = segments.codes(conn)
    shelf = content.shelf(conn, {one.material for plan, _ in found for one in plan.calendar},
                          unreviewed=True)  # fmt: skip
    wrong = [
        Problem(
            f"{plan.code}.admission",
            Sentence(f"there is no segment `{plan.admission}`", f"没有人群 `{plan.admission}`"),
        )
        for plan, _ in found
        if plan.admission and plan.admission not in known
    ]
    wrong += [
        Problem(
            f"{plan.code}.calendar",
            Sentence(f"there is no material `{one.material}`", f"没有素材 `{one.material}`"),
        )
        for plan, _ in found
        for one in plan.calendar
        if one.material not in shelf
    ]
    if wrong:
        raise BadInput(WRONG, tuple(wrong))
    for plan, own in found:
        conn.execute(SQL.set, {"code": plan.code, "text": own, "by": by, "now": now})
        audit(conn, by, "group.plan.set", plan.code, "", now)
    follow(conn, chats)
    return [plan.code for plan, _ in found]


def drop(conn: Conn, code: str, chats: Iterable[Chat], by: str, now: datetime) -> None:
    """No plan any more: its chats are for nothing, and nobody is kept apart for it. Audited."""
    if not conn.execute(SQL.drop, {"code": code}):
        raise NotFound(Sentence(f"There is no plan {code!r} of groups.", f"没有群计划 {code!r}。"))
    audit(conn, by, "group.plan.drop", code, "", now)
    follow(conn, chats)


def claim(conn: Conn, now: datetime) -> list[str]:
    """Plans whose groups are to be looked at now."""
    params = {"now": now, "again": now + LOOKED_AT_EVERY}
    return sorted(code for (code,) in conn.fetch(SQL.claim, params))


def follow(conn: Conn, chats: Iterable[Chat]) -> None:
    """What the plans say of the chats that there are by now: a new one as its title says. Live
    segments look at the members of those that are for something else now."""
    read = (check(text) for _, text, _, _ in conn.fetch(SQL.plans))
    plans = [plan for plan in read if isinstance(plan, Plan)]
    look_again(conn, customers.set_purposes(conn, purposes(plans, chats)))
    customers.keep_apart(conn, apart(plans))
