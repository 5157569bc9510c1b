"""What a playbook may cost: spent of under a lock, expected before it is booked, exact after.

Who allows something that costs locks all caps first, before any customer, and writes down what it
is expected to cost. The ledger puts what it really cost in its place; who ends it before it costs
anything takes that back. Neither of these locks a cap: the next who does counts what changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from siyu.kernel.errors import BadInput
from siyu.kernel.sql import Conn, load
from siyu.ledger.check import unfit_budget
from siyu.ledger.model import UNBOUNDED, Cause, Expected, Spending
from siyu.staff import actions as staff
from siyu.staff.views import brand, brand_zone

SQL = load("siyu.ledger")


def lock(conn: Conn, now: datetime, touch_ids: Collection[int] = ()) -> dict[str, Spending]:
    """What each playbook with a cap has spent, by its name, locked until this transaction ends.

    Customers are locked after it. What was expected of these touches is given back: they are ruled
    anew.
    """
    if not conn.fetch(SQL.lock_caps):
        return {}
    conn.execute(SQL.count_spend, {"touches": sorted(touch_ids)})
    rows = conn.fetch(SQL.caps, {"now": now, "zone": str(brand_zone(conn))})
    return {one.playbook: one for one in map(Spending._make, rows)}


def expect(conn: Conn, expected: Sequence[Expected], now: datetime) -> None:
    """This was allowed and is not paid yet. The caller has the lock."""
    if not expected:
        return
    causes, ids, kinds, playbooks, amounts = map(list, zip(*expected, strict=True))
    params = {"causes": causes, "ids": ids, "kinds": kinds, "playbooks": playbooks}
    params |= {"amounts": amounts, "now": now, "zone": str(brand_zone(conn))}
    conn.execute(SQL.expect, params)
    conn.execute(SQL.count_spend, {"touches": []})


def forget(conn: Conn, cause: Cause, ids: Iterable[int]) -> None:
    """These end before they cost anything; what is booked of them stays."""
    if gone := sorted(set(ids)):
        conn.execute(SQL.forget, {"cause": cause, "ids": gone})


def short(conn: Conn, of: Collection[str], fit: Collection[str], now: datetime) -> None:
    """There was too little left `of` these playbooks: nobody new comes into them, until something
    of theirs `fit` again. The caller has the lock."""
    if of or fit:
        conn.execute(SQL.short, {"short": sorted(of), "fit": sorted(fit), "now": now})


def set_cap(
    conn: Conn, playbook: str, total: int | None, daily: int | None, by: str, now: datetime
) -> None:
    """What it may cost in all and on a day, in minor units of the brand's currency; neither: no
    bound. With its first cap, what it has cost so far is counted. Audited."""
    if wrong := unfit_budget(total, daily):
        raise BadInput(wrong)
    conn.fetch(SQL.lock_caps)
    about = {"playbook": playbook, "zone": str(brand_zone(conn))}
    if total is None and daily is None:
        conn.execute(SQL.drop_cap, about)
        conn.execute(SQL.drop_spent, about)
        staff.audit(conn, by, "playbook.budget", playbook, "none", now)
        return
    currency = brand(conn).currency
    said = {"total": total, "daily": daily, "currency": currency, "by": by, "now": now}
    ((fresh,),) = conn.fetch(SQL.set_cap, {**about, **said})
    if fresh:
        _begin(conn, {**about, "currency": currency, "unbounded": [*UNBOUNDED]})
    conn.execute(SQL.count_spend, {"touches": []})
    words = [f"{name} {amount}" for name, amount in (("total", total), ("daily", daily))
             if amount is not None]  # fmt: skip
    staff.audit(conn, by, "playbook.budget", playbook, f"{', '.join(words)} {currency}", now)


def _begin(conn: Conn, about: dict[str, object]) -> None:
    """Count what was spent before the first cap, as far back as anything can have been."""
    conn.execute(SQL.drop_spent, about)
    ((since,),) = conn.fetch(SQL.cap_since, about)
    conn.execute(SQL.hold_ledger)
    conn.execute(SQL.begin_cap, {**about, "since": since})
