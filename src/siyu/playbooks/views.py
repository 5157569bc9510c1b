"""Which playbooks are installed."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from siyu.kernel.sql import Conn, load

SQL = load("siyu.playbooks")


class Installed(NamedTuple):
    """A playbook as it was installed last; `digest` names its files' contents."""

    code: str
    digest: str
    installed_at: datetime


def installed(conn: Conn) -> list[Installed]:
    """Every installed playbook."""
    return [Installed(*row) for row in conn.fetch(SQL.installed)]
