"""Show what is hidden, to somebody who says who they are and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from siyu.customers.views import names, remarks
from siyu.identities import views as identities
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.staff.actions import audit
from siyu.vault import views as vault
from siyu.vault.model import Keys


@dataclass(frozen=True, repr=False)
class Remark:
    """What a member of staff wrote on the friend's card, in clear."""

    staff: str
    at: datetime
    text: str


@dataclass(frozen=True, repr=False)
class Revealed:
    """Personal values in clear. That they were shown is in the audit log."""

    phone: str | None
    name: str | None
    remarks: list[Remark]


def reveal(
    conn: Conn, keys: Keys, customer_id: int, about: str, by: str, reason: str, now: datetime
) -> Revealed:
    """Phone, name and staff's remarks of a customer; the audit log's line comes first, in one
    transaction."""
    if not by.strip() or not reason.strip():
        raise BadInput(
            Sentence(
                "say who wants to see it and why: both go into the audit log",
                "请写明谁要查看、为什么：两项都会记入审计日志",
            )
        )
    audit(conn, by, "reveal", about, reason, now)
    phones = identities.reach(conn, [customer_id], "phone").get(customer_id, [])
    clear = vault.open_field(conn, keys, [one[1] for one in phones[:1]], "phone")
    item = names(conn, [customer_id]).get(customer_id)
    written = remarks(conn, customer_id)
    items = [item, *(one.item for one in written)]
    opened = vault.open_items(conn, keys, [one for one in items if one is not None])
    name = opened.get(item) if item is not None else None
    shown = [Remark(one.staff, one.at, opened[one.item]) for one in written if one.item in opened]
    return Revealed(next(iter(clear.values()), None), name, shown)
