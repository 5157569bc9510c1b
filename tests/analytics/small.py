"""The tables of a lake, filled row by row: a world of a few dozen people, told by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.build import KEYS

from siyu.analytics.model.answer import Answer, Sources
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Row
from siyu.lake.engine import Duck, columns
from siyu.lake.model import COLUMNS
from siyu.segments.model import Expression
from siyu.staff.model import Brand

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = {  # of each table the fact whose day, by the brand's clock, is the row's
    "orders": "paid_at", "refund": "refunded_at", "touch": "wished_at", "task": "created_at",
    "friendship": "first_added_at", "ledger_entry": "occurred_at", "friend_match": "added_at",
    "group_member": "joined_at",
}  # fmt: skip


class Small(Duck):
    """Rows stay in `rows`, to be counted by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._waiting: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = defaultdict(list)
        for table in COLUMNS:
            typed = ", ".join(f"{name} {kind}" for name, kind in columns(table).items())
            day = typed if "day" in COLUMNS[table] else typed.replace("filed date", "day date")
            self.rows(f"create table {table} ({day})")

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        told = {"id": len(self.told[table]) + 1, **row}
        if table not in DAYS or "id" not in COLUMNS[table]:
            told = {name: one for name, one in told.items() if name in COLUMNS[table]}
        self.told[table].append(told)
        written = dict(told)
        if table in DAYS:
            written["day"] = day_of(told[DAYS[table]])
        self._waiting[table, tuple(written)].append(tuple(written.values()))
        return told

    def rows(self, statement: str) -> list[Row]:
        self._write()
        return super().rows(statement)

    def arrays(self, expression: Expression) -> Mapping[str, Any]:
        self._write()
        return super().arrays(expression)

    def _write(self) -> None:
        """What is told goes in with the first question behind it."""
        for (table, names), told in self._waiting.items():
            values = ", ".join(f"({', '.join(map(_literal, row))})" for row in told)
            self._db.execute(f"insert into {table} ({', '.join(names)}) values {values}")
        self._waiting.clear()

    def order(self, customer: int | None, at: datetime, minor: int, **more: Any) -> dict[str, Any]:
        row = {
            "customer_id": customer, "shop": "s", "state": "paid", "paid_at": at,
            "currency": "CNY", "total_minor": minor, "refunded_minor": 0, "synthetic": False,
        }  # fmt: skip
        return self.add("orders", **(row | more))

    def friend(self, customer: int, staff: str, at: datetime, **more: Any) -> dict[str, Any]:
        row = {
            "customer_id": customer, "staff": staff, "carrier": "wecom", "way": "",
            "state": "live" if more.get("deleted_at") is None else "deleted_by_customer",
            "first_added_at": at, "added_at": at, "deleted_at": None,
        }  # fmt: skip
        return self.add("friendship", **(row | more))

    def sources(self, today: date, db: Any = None) -> Sources:
        brand = Brand("B", "Asia/Shanghai", "CNY", "CN", "zh")
        now = datetime(today.year, today.month, today.day, 4, tzinfo=UTC)
        return Sources(self, db, KEYS, PublicIds(b"i" * 32), brand, now, today, Path("/nowhere"))


def day_of(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def rows_of(found: Answer, name: str) -> list[dict[str, Any]]:
    (table,) = [one for one in found.tables if one.name == name]
    return [dict(zip([one.name for one in table.columns], row, strict=True)) for row in table.rows]


def _literal(value: Any) -> str:
    """As it stands in a statement: binding thousands of parameters takes seconds."""
    if value is None or isinstance(value, bool | int | float):
        return "null" if value is None else str(value)
    if isinstance(value, datetime):
        value = value.astimezone(UTC).replace(tzinfo=None)
    return f"'{value}'"
