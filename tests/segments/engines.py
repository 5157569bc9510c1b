"""The same facts in PostgreSQL and DuckDB. One more engine of the lake is a class like `Duck`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import duckdb
from tests.segments.worlds import NOW

from siyu.db.pool import Pool
from siyu.kernel.sql import Conn
from siyu.segments.compile import compile_members, lake_values
from siyu.segments.model import Tree
from siyu.segments.predicates.facts import COLUMNS, HEARD

# What the tables ask for besides, and no predicate reads.
FILLED = {
    "customer": {},
    "orders": {
        "order_no": "row_number() over ()",
        "source": "'t'",
        "source_id": "'1'",
        "event_id": "0",
    },
    "order_item": {
        "line": "row_number() over ()",
        "title": "''",
        "unit_minor": "0",
    },
    "refund": {
        "refund_no": "row_number() over ()",
        "line": "1",
        "source": "'t'",
        "source_id": "'1'",
    },
    "friendship": {
        "identity_id": "row_number() over ()",
        "carrier": "'wecom'",
        "changed_at": "%(now)s",
        "changed_source": "'t'",
        "changed_source_id": "'1'",
    },
    "tag": {"identity_id": "row_number() over ()"},
    "group_member": {"identity_id": "row_number() over ()", "carrier": "'wecom'"},
    "complaint": {"identity_id": "row_number() over ()"},
    "promise": {
        "key": "row_number() over ()",
        "shop": "'a'",
        "order_no": "''",
        "expires_at": "%(now)s",
        "changed_at": "%(now)s",
    },
    "touch": {
        "node": "'n'",
        "round": "row_number() over ()",
        "lane": "'now'",
        "priority": "1",
        "shop": "''",
        "order_no": "''",
        "material": "''",
        "locale": "'zh'",
        "wished_at": "%(now)s",
        "due_at": "%(now)s",
    },
    "customer_date": {
        "identity_id": "row_number() over ()",
        "changed_at": "%(now)s",
        "changed_source": "'t'",
        "changed_source_id": "'1'",
    },
    "identity": {
        "hash": "int8send(row_number() over ())",
        "how": "''",
        "first_customer_id": "r.customer_id",
    },
    "event": {
        "source": "'t'",
        "source_id": "row_number() over ()",
        "received_at": "%(now)s",
        "backfill": "false",
    },
    "event_subject": {},
    "consent": {
        "identity_id": "row_number() over ()",
        "basis": "'consent'",
        "evidence": "'form'",
        "changed_source": "'t'",
        "changed_source_id": "'1'",
    },
    "customer_child": {"identity_id": "0", "told_at": "%(now)s"},
    "child_consent": {
        "identity_id": "0",
        "changed_at": "%(now)s",
        "evidence": "'form'",
        "by": "'ann'",
    },
    "size_stock": {"title": "''"},
    "staff_member": {"name": "''", "role": "'guide'"},
    "store": {"name": "''"},
    "brand": {"name": "'b'", "region": "'CN'", "locale": "'zh'"},
}
READ = {**COLUMNS, **HEARD}
LAKE = [name for name in FILLED if name != "brand"]
WORKED_OUT = {"open"}  # by the table itself
OVERRIDDEN = {"orders", "identity", "store"}  # ids of our own where the table makes them


@contextmanager
def stored(db: Pool, known: dict[str, list[dict[str, Any]]]) -> Iterator[Conn]:
    """The facts in the database, until the end of the block."""

    class Undo(Exception):
        pass

    with suppress(Undo), db.transaction() as conn:
        store(conn, known)
        yield conn
        raise Undo


def store(conn: Conn, known: dict[str, list[dict[str, Any]]]) -> None:
    """Write the facts into the database."""
    for table, found in known.items():
        if not found:
            continue
        columns = [name for name in found[0] if name not in WORKED_OUT]
        extra: dict[str, str] = FILLED[table]
        names = ", ".join([*columns, *extra])
        values = ", ".join([f"r.{column}" for column in columns] + list(extra.values()))
        own = "overriding system value" if table in OVERRIDDEN else ""
        conn.execute(
            f"insert into {table} ({names}) {own} select {values}"
            f" from jsonb_populate_recordset(null::{table}, %(rows)s::jsonb) r",
            {"rows": as_json(found), "now": NOW},
        )


class Duck:
    """The facts in DuckDB: tables like the lake's, times in UTC without a zone."""

    TYPES: ClassVar = {
        "int64": "bigint", "int32": "integer", "int16": "smallint", "string": "varchar",
        "boolean": "boolean", "timestamp('UTC')": "timestamp",
    }  # fmt: skip

    def __init__(self) -> None:
        self.db = duckdb.connect(":memory:")
        for table in LAKE:
            typed = ", ".join(f"{c} {self.TYPES[of]}" for c, of in READ[table].items())
            self.db.execute(f"create table {table} ({typed})")

    def filled(self, known: dict[str, list[dict[str, Any]]]) -> Duck:
        """Holding these facts and no others."""
        for table in LAKE:
            self.db.execute(f"delete from {table}")
            names = [*known[table][0]] if known.get(table) else []
            for row in known.get(table, []):
                values = [
                    row[name].replace(tzinfo=None) if isinstance(row[name], datetime) else row[name]
                    for name in names
                ]
                marks = ", ".join("?" * len(names))
                self.db.execute(
                    f"insert into {table} ({', '.join(names)}) values ({marks})", values
                )
        self.currency = known["brand"][0]["currency"]
        self.zone = ZoneInfo(known["brand"][0]["time_zone"])
        return self

    def members(self, tree: Tree, now: datetime) -> set[int]:
        compiled = compile_members(tree, "duckdb")
        values = lake_values(compiled, now, self.zone, self.currency)
        return {row[0] for row in self.db.execute(compiled.sql, values).fetchall()}


def as_json(found: list[dict[str, Any]]) -> str:
    return json.dumps(found, default=lambda value: value.isoformat())
