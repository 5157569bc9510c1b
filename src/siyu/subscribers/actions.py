"""Add, resume and remove subscribers; every step is audited."""

from __future__ import annotations

from datetime import datetime

from siyu.events import views as events
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.sql import Conn, load
from siyu.staff.actions import audit
from siyu.subscribers.model import Subscription

SQL = load("siyu.subscribers")


def add(
    conn: Conn, url: str, kinds: tuple[str, ...], by: str, now: datetime, *, private: bool
) -> int:
    """A new subscriber, told of everything that is applied from now on; its number."""
    try:
        wanted = Subscription(url, tuple(sorted(set(kinds))), private)
    except ValueError as error:
        raise BadInput(wording(error)) from None
    row = {"url": wanted.url, "kinds": list(wanted.kinds), "seq": events.head(conn), "now": now}
    number = int(conn.fetch(SQL.add, row)[0][0])
    audit(conn, by, "subscriber.add", f"subscriber {number}", "", now)
    return number


def resume(conn: Conn, number: int, by: str, now: datetime) -> None:
    """Tell them again, from where they stopped; what they missed comes first."""
    if not conn.execute(SQL.resume, {"id": number, "now": now}):
        raise NotFound(Sentence("There is no such subscriber.", "没有这个订阅方。"))
    audit(conn, by, "subscriber.resume", f"subscriber {number}", "", now)


def remove(conn: Conn, number: int, by: str, now: datetime) -> None:
    """They are told nothing more; what is under way may still arrive."""
    if not conn.execute(SQL.remove, {"id": number}):
        raise NotFound(Sentence("There is no such subscriber.", "没有这个订阅方。"))
    audit(conn, by, "subscriber.remove", f"subscriber {number}", "", now)
