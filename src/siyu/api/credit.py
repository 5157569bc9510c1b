"""To whom of us orders are credited: the rule, and single orders by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body

from siyu.analytics.decide.assisted import BECAUSE, How
from siyu.analytics.views import assisted
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.words import Number, Words
from siyu.app import App
from siyu.kernel.sentence import within
from siyu.kernel.sql import Conn
from siyu.staff import views as staff
from siyu.staff.actions.credit import set_credit
from siyu.staff.model import Credit, CreditRule

router = APIRouter(prefix="/settings/credit", tags=["settings"])


@dataclass(frozen=True)
class TheCredit:
    """Whatever an order was bought by (shop, store, mini program), it is credited to who was paid
    for it in a chat; else by `rule`. owner: whose friend the customer was when they ordered, of
    several who was added last. last: who did the last task for them, or sent the last message, in
    `days` before; else the owner. shared: all of these, in equal parts. Worked out when it is
    looked at: another rule holds for past orders too."""

    rule: CreditRule
    days: int


@dataclass(frozen=True)
class NewCredit:
    rule: Words
    days: Number = 30
    by: Words = ""


@dataclass(frozen=True)
class CreditedTo:
    """One of `parts` equal parts of an order. `how` it is theirs: paid, task, touch, owner; the
    same in words."""

    staff: str
    name: str
    how: How
    because: str
    because_zh: str
    at: datetime
    parts: int


@router.get("", **needs("settings.read"))
def credit(app: TheApp) -> TheCredit:
    """The rule that holds; `owner` unless somebody says otherwise."""
    with app.db.transaction() as conn:
        return TheCredit(*staff.credit(conn))


@router.put("", **needs("settings.write"))
def change(app: TheApp, caller: TheCaller, new: Annotated[NewCredit, Body()]) -> TheCredit:
    """Another rule from now on; audited from what to what."""
    with app.db.transaction() as conn:
        set_credit(conn, new.rule, new.days, caller.actor(new.by), app.clock.now())
        return TheCredit(*staff.credit(conn))


def of_orders(
    app: App, conn: Conn, orders: Sequence[int], rule: Credit | None = None
) -> dict[int, list[CreditedTo]]:
    """To whom each of these orders is credited, by the rule that holds or by this one."""
    del app
    names = {one.code: one.name for one in staff.members(conn, active_only=False)}
    found = assisted.credited(conn, orders, rule or staff.credit(conn))
    return {
        order: [
            CreditedTo(
                staff=one.staff,
                name=names.get(one.staff, one.staff),
                how=one.how,
                because=BECAUSE[one.how][:],
                because_zh=within("zh", BECAUSE[one.how]),
                at=one.at,
                parts=one.parts,
            )
            for one in shares
        ]
        for order, shares in found.items()
    }
