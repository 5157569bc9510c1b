"""Whether the ledger agrees with what it is about: nothing missing, nothing doubled, nothing of
nothing."""

from __future__ import annotations

from typing import Literal, NamedTuple

from siyu.commerce import views as commerce
from siyu.kernel.sql import Conn, load

SQL = load("siyu.analytics")

# quantity: booked otherwise than it happened, or not at all. entry: it contradicts itself. cause:
# there is nothing that it is about. order: it says otherwise than its refunds. net: what margins
# are made of is not the net of the books.
What = Literal["quantity", "entry", "cause", "order", "net"]


class Difference(NamedTuple):
    """Two amounts that must be one, in minor units. `about`: whose, by number in its table, or the
    order's; the quantities are 0 where there is none."""

    what: What
    cause: str
    about: str
    kind: str
    wanted: int
    posted: int
    wanted_minor: int
    posted_minor: int
    currency: str


def differences(conn: Conn) -> list[Difference]:
    """All of them; none: the ledger is proven. Reads everything as of one moment, so the
    transaction is to be a new one."""
    conn.execute(SQL.one_moment)
    found = [
        *_entries(conn, SQL.unbooked, "quantity"),
        *_entries(conn, SQL.misbooked, "entry"),
        *_entries(conn, SQL.causeless, "cause"),
    ]
    for _, shop, order_no, currency, state, wanted, posted in conn.fetch(SQL.misstated):
        about = f"{shop}/{order_no}"
        found.append(Difference("order", "order", about, state, 0, 0, wanted, posted, currency))
    return found + _books(conn)


def _entries(conn: Conn, statement: str, what: What) -> list[Difference]:
    return [
        Difference(what, cause, str(cause_id), kind, wanted, posted, should, does, currency)
        for cause, cause_id, kind, wanted, posted, should, does, currency in conn.fetch(statement)
    ]


def _books(conn: Conn) -> list[Difference]:
    books = {one.currency: one.gross - one.refunded for one in commerce.totals(conn)}
    brought = {currency: net for currency, net in conn.fetch(SQL.brought)}  # noqa: C416
    return [
        Difference("net", "orders", currency, "net", 0, 0, net, brought.get(currency, 0), currency)
        for currency, net in sorted(books.items())
        if net != brought.get(currency, 0)
    ]
