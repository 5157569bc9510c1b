"""Who is told of what, how far they are, and what keeps them."""

from __future__ import annotations

from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.subscribers.model import Subscriber

SQL = load("siyu.subscribers")


def page(conn: Conn, after: int, limit: int) -> list[Subscriber]:
    """Subscribers in the order in which they were added."""
    return [Subscriber(*row) for row in conn.fetch(SQL.page, {"after": after, "limit": limit})]


def get(conn: Conn, number: int) -> Subscriber:
    """One subscriber."""
    rows = conn.fetch(SQL.page, {"after": number - 1, "limit": 1})
    if not rows or rows[0][0] != number:
        raise NotFound(Sentence("There is no such subscriber.", "没有这个订阅方。"))
    return Subscriber(*rows[0])
