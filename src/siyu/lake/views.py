"""The tables of figures over the files of the lake, in words that each of its engines speaks.

Names of tables, columns and files are ours and stand in the statements; values never do.
"""

# ruff: noqa: S608 - see above

from __future__ import annotations

from collections.abc import Mapping

from siyu.lake.model import COLUMNS, EVENT, EVENTS, HEAD, OWNER

# Rows that no later version of their owner has taken the place of.
STANDS = "not exists (select 1 from later l where l.owner = a.owner and l.version > a.version)"
# As the database has it.
SUBJECTS = f"select id as event_id, identity_id from {EVENT} where identity_id is not null"


def later(source: str) -> str:
    """Owners who were written anew since all was brought together."""
    return f"select owner, max(version) as version from ({source}) o group by owner"


def standing(table: str, source: str, *, anew: bool) -> str:
    """The rows of a table as figures know them, of these files; `anew`: there are such owners."""
    names = EVENTS if table == EVENT else COLUMNS[table]
    shown = [*names] if "day" in names else ["filed as day", *names]
    where = f"where {STANDS}" if anew and table != EVENT else ""
    return f"select {', '.join(f'a.{name}' for name in shown)} from ({source}) a {where}"


def columns(table: str) -> Mapping[str, str]:
    """The columns of a table's files with their types, in the order in which they are written;
    behind them comes `version`, but for events, which have none."""
    if table == OWNER:
        return {"owner": "int64"}
    if table == EVENT:
        return {"filed": "date", **EVENTS}
    return {**HEAD, **COLUMNS[table]}
