"""To whom of us orders are credited."""

from __future__ import annotations

from datetime import datetime

from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.staff.actions import audit
from siyu.staff.model import CREDIT_RULES, MOST_CREDIT_DAYS, Credit

SQL = load("siyu.staff")


def set_credit(conn: Conn, rule: str, days: int, by: str, now: datetime) -> None:
    """From now on, for orders past too: credit is worked out when it is looked at. Audited from
    what to what."""
    wrong: list[Problem] = []
    if rule not in CREDIT_RULES:
        known = ", ".join(CREDIT_RULES)
        why = Sentence(
            f"{rule!r} is no rule; known are {known}", f"{rule!r} 不是规则；可用的有 {known}"
        )
        wrong.append(Problem("rule", why))
    if not 1 <= days <= MOST_CREDIT_DAYS:
        few = f"must be between 1 and {MOST_CREDIT_DAYS}", f"必须在 1 到 {MOST_CREDIT_DAYS} 之间"
        wrong.append(Problem("days", Sentence(*few)))
    if wrong:
        raise BadInput(Sentence("Orders can't be credited so.", "无法这样归属订单。"), tuple(wrong))
    rows = conn.fetch(SQL.credit)
    before = Credit(*rows[0]) if rows else Credit()
    conn.execute(SQL.set_credit, {"rule": rule, "days": days, "by": by, "now": now})
    said = f"{before.rule}, {before.days} d → {rule}, {days} d"
    audit(conn, by, "credit.set", "brand", said, now)
