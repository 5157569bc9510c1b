"""Hold-outs that several journeys share: how many, and who."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.budget.actions import Lot, assign_holdout, keep_lots
from siyu.kernel.errors import BadInput
from siyu.kernel.ids import share
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.staff import actions as staff

SQL = load("siyu.budget")
ALL = "*"  # the scope of the draw that all others stand under
MOST_HELD = 0.5


class Draw(NamedTuple):
    """By what newcomers of a journey are held out. `scope` and `share`: its own draw, or its
    playbook's; `shared`: of all."""

    scope: str
    share: float
    shared: float = 0.0


def set_share(conn: Conn, scope: str, share_: float, by: str, now: datetime) -> bool:
    """How many a draw holds out that several journeys share: `playbook:NAME`, or `*`, the one for
    all that have a draw at all. Who was drawn before stays so. Audited, if somebody changes it."""
    if not 0 <= share_ <= MOST_HELD:
        raise BadInput(
            Sentence(
                f"A hold-out of {share_} is no share from 0 to {MOST_HELD}.",
                f"对照组 {share_} 不是 0 到 {MOST_HELD} 之间的比例。",
            )
        )
    said = {"scope": scope, "share": share_, "by": by, "now": now}
    changed = bool(conn.execute(SQL.set_share, said))
    if changed and by:
        staff.audit(conn, by, "holdout.share", scope, f"{share_:g}", now)
    return changed


def share_of(conn: Conn, scope: str) -> float:
    """How many such a draw holds out; 0 where nobody has said."""
    rows = conn.fetch(SQL.share_of, {"scope": scope})
    return float(rows[0][0]) if rows else 0.0


def draw(
    conn: Conn, journey: str, by: Draw, people: Sequence[tuple[int, str]], now: datetime
) -> dict[int, bool]:
    """(customer, natural key) → held out of this journey or not; for good.

    Whoever the draw of all holds out is held out of every draw under it. A draw that journeys share
    is kept for each of them as well, so that each knows its own. With each lot stands how likely it
    was before anybody drew: by the draw of all, or by the one under it.
    """
    common = assign_holdout(conn, ALL, by.shared, people, now) if by.shared else {}
    either = by.shared + (1 - by.shared) * by.share
    first: dict[int, str] = {}
    for customer, key in people:
        first.setdefault(customer, key)
    lots = {
        customer: Lot(
            common.get(customer, False) or share("holdout", by.scope, key) < by.share, either
        )
        for customer, key in first.items()
    }
    found = keep_lots(conn, by.scope, lots, now)
    if by.scope != journey:
        found = keep_lots(conn, journey, found, now)
    return {customer: lot.held for customer, lot in found.items()}
