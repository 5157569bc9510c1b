"""How the pulls of connectors stand."""

from __future__ import annotations

from siyu.connections.model import Pulled
from siyu.kernel.sql import Conn, load

SQL = load("siyu.connections")


def pulls(conn: Conn) -> list[Pulled]:
    """Every pull that ever was planned, by connector and name."""
    return [Pulled(*row) for row in conn.fetch(SQL.pulls)]
