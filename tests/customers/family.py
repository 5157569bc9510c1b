"""What a parent tells of their children, and the word that lets us keep it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from tests import build
from tests.build import DAY

from siyu.customers import actions, views
from siyu.customers.actions import ChildTold
from siyu.customers.model import Children
from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.kernel.ids import PublicIds

IDS = PublicIds(b"p" * 32)
TODAY = date(2026, 11, 1)
MEI = {"phone": "13800000001"}
GIVEN = {"channels": ["wecom"], "purposes": ["child"], "basis": "consent", "evidence": "chat 9"}


def tell(db: Pool, who: int, month: str, evidence: str = "", child: int = 1) -> None:
    with db.transaction() as conn:
        told = ChildTold(child, month, evidence, TODAY)
        actions.tell_child(conn, IDS, who, told, "ann", DAY)


def children(db: Pool, who: int) -> Children:
    with db.transaction() as conn:
        return views.children(conn, who)


def said(db: Pool, event: Callable[..., Incoming], kind: str, hours: int = 0, **words: Any) -> None:
    build.tell(db, [event(kind, keys=MEI, at=hours / 24, **words)])
