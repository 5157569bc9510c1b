"""A room writes only its own tables. Which are whose is said in schema.sql, by `-- room: …`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from siyu.kernel.sql import parse

SRC = Path(__file__).parent.parent / "src" / "siyu"
ROOM = re.compile(r"^-- room: (\w+)\s*$", re.MULTILINE)
TABLE = re.compile(r"^\s*create (?:unlogged )?table (?:if not exists )?(\w+)", re.MULTILINE)
WRITE = re.compile(
    r"\b(?:insert\s+into|update(?:\s+only)?|delete\s+from(?:\s+only)?|merge\s+into|copy|"
    r"truncate(?:\s+table)?(?:\s+only)?)\s+([a-z_][a-z0-9_]*)",
    re.IGNORECASE,
)
TEMPORARY = re.compile(
    r"create\s+temp(?:orary)?\s+table\s+(?:if not exists\s+)?(\w+)", re.IGNORECASE
)
NOT_TABLES = {"set", "of", "skip", "nowait"}  # `do update set`, `for update of t skip locked`


def _owners() -> dict[str, str]:
    parts = ROOM.split((SRC / "db" / "schema.sql").read_text("utf-8"))
    return {
        table: room
        for room, body in zip(parts[1::2], parts[2::2], strict=True)
        for table in TABLE.findall(body)
    }


def _without_comments(statement: str) -> str:
    return re.sub(r"--[^\n]*", "", statement)


def _written(statement: str) -> set[str]:
    return {name.lower() for name in WRITE.findall(_without_comments(statement))} - NOT_TABLES


def _queries() -> list[Path]:
    return sorted(SRC.rglob("queries.sql"))


@pytest.mark.parametrize("path", _queries(), ids=lambda path: path.parent.name)
def test_a_room_writes_only_its_own_tables(path: Path) -> None:
    room, owners, text = path.parent.name, _owners(), path.read_text("utf-8")
    mine = {table for table, owner in owners.items() if owner == room}
    mine |= {name.lower() for name in TEMPORARY.findall(_without_comments(text))}
    mine |= {"siyu_dry"} if room == "dryrun" else set()  # a schema of its own

    trespasses = [
        f"{name} writes {table}, which is {owners.get(table, 'nobody')}'s"
        for name, statement in parse(text).items()
        for table in sorted(_written(statement) - mine)
    ]

    assert trespasses == []


def test_every_table_belongs_to_a_room_that_exists() -> None:
    rooms = {folder.name for folder in SRC.iterdir() if folder.is_dir()}

    assert {table: room for table, room in _owners().items() if room not in rooms} == {}


def test_every_table_of_the_schema_stands_under_a_room() -> None:
    text = _without_comments((SRC / "db" / "schema.sql").read_text("utf-8"))

    assert set(TABLE.findall(text)) == set(_owners())


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("insert into touch (id) values (1) on conflict (key) do update set a = 1", {"touch"}),
        (
            "with x as (delete from event_pending returning *) update visit set a = 1",
            {"event_pending", "visit"},
        ),
        ("select * from visit for update of visit skip locked", set[str]()),
        ("select 1 -- then update touch", set[str]()),
        ("copy incoming (a) from stdin", {"incoming"}),
    ],
)
def test_the_guard_sees_every_kind_of_write(statement: str, tables: set[str]) -> None:
    assert _written(statement) == tables
