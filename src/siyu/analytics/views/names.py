"""What people call shops, stores and staff, beside their codes in the tables of an answer."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from siyu.analytics.model.answer import Answer, Cell, Named, Table, Thing
from siyu.commerce import views as commerce
from siyu.kernel.sql import Conn, Db
from siyu.staff import views as staff

Names = Mapping[Thing, Mapping[str, str]]


def named(answer: Answer, db: Db) -> Answer:
    """The same with the names that there are."""
    if not any(
        isinstance(cell, Named) for one in answer.tables for row in one.rows for cell in row
    ):
        return answer
    with db.transaction() as conn:
        names = _names(conn)
    tables = tuple(_table(one, names) for one in answer.tables)
    return msgspec.structs.replace(answer, tables=tables)


def _names(conn: Conn) -> Names:
    """All of them: they are few."""
    return {
        "shop": {code: one.name for code, one in commerce.shops(conn).items()},
        "store": {one.code: one.name for one in staff.stores(conn)},
        "staff": {one.code: one.name for one in staff.members(conn, active_only=False)},
    }


def _table(table: Table, names: Names) -> Table:
    rows = tuple(tuple(_cell(cell, names) for cell in row) for row in table.rows)
    return msgspec.structs.replace(table, rows=rows)


def _cell(cell: Cell, names: Names) -> Cell:
    if not isinstance(cell, Named):
        return cell
    return Named(cell.thing, cell[:], names[cell.thing].get(cell, ""))
