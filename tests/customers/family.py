"""What a parent tells of their children, and the word that lets us keep it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tests import build
from tests.build import DAY

from siyu.customers import views
from siyu.customers.actions import children as actions
from siyu.customers.actions.children import ChildTold
from siyu.customers.model import Children
from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.identities import actions as identities
from siyu.kernel.ids import PublicIds

IDS = PublicIds(b"p" * 32)
TODAY = date(2026, 11, 1)
MEI = {"phone": "13800000001"}
OTHER = {"buyer": "s/mei"}
GIVEN = {"channels": ["wecom"], "purposes": ["child"], "basis": "consent", "evidence": "chat 9"}


def tell(db: Pool, who: int, month: str, evidence: str = "", child: int = 1) -> None:
    with db.transaction() as conn:
        told = ChildTold(child, month, evidence, TODAY)
        actions.tell_child(conn, IDS, who, told, "ann", DAY)


def children(db: Pool, who: int) -> Children:
    with db.transaction() as conn:
        return views.children(conn, who, DAY)


def said(db: Pool, event: Callable[..., Incoming], kind: str, hours: int = 0, **words: Any) -> None:
    build.tell(db, [event(kind, keys=MEI, at=hours / 24, **words)])


def merge_and_split(
    db: Pool,
    mei: int,
    event: Callable[..., Incoming],
    while_one: Callable[[], None] = lambda: None,
) -> None:
    build.tell(db, [event("customer.identified", keys=MEI | OTHER, at=0.2)])
    while_one()
    with db.transaction() as conn:
        ((key,),) = conn.fetch("select id from identity where kind = 'buyer'")
        day = DAY + timedelta(days=1)
        identities.split(conn, IDS, mei, [key], "ann", "two people", day)
    build.tell(db, [])
    with db.transaction() as conn:
        assert conn.fetch("select error from event_pending where error is not null") == []
