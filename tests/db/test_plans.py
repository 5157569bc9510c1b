"""Plans are made once, often while a table is young: they must be right without statistics."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

import siyu
from siyu.db.driver import connect
from siyu.db.pool import Pool
from siyu.kernel.sql import load

ROOMS = sorted(path.parent.name for path in Path(siyu.__file__).parent.rglob("queries.sql"))


def _numbered(statement: str) -> str:
    names: dict[str, int] = {}
    return re.sub(
        r"%\((\w+)\)[sbt]",
        lambda found: f"${names.setdefault(found[1], len(names) + 1)}",
        statement,
    )


@pytest.mark.parametrize("room", ROOMS)
def test_an_order_is_never_looked_for_among_all_of_its_shop(db: Pool, room: str) -> None:
    found: list[str] = []
    with connect(db.url) as driver:
        for name, statement in load(f"siyu.{room}"):
            if "order_no" not in statement or re.search(r"^copy ", statement, re.MULTILINE):
                continue
            try:
                asked = f"explain (generic_plan, costs off) {_numbered(statement)}"
                rows = driver.execute(asked.encode(), prepare=False).fetchall()
            except psycopg.errors.UndefinedTable:  # of a table that another statement makes
                continue
            plan = "\n".join(row[0] for row in rows)
            if re.search(r"orders_shop\b.*\n.*Index Cond.*\n +Filter: .*order_no", plan):
                found.append(f"{name}:\n{plan}")

    assert found == []
