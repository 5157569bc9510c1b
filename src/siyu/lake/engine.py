"""The engine that answers sets and figures over the lake: Ibis expressions, compiled for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import duckdb

from siyu.kernel.sql import Row
from siyu.lake.model import COLUMNS, File, Manifest
from siyu.segments.predicates.facts import ibis

_TYPES = {
    "int64": "bigint", "int32": "integer", "int16": "smallint", "string": "varchar",
    "boolean": "boolean", "timestamp('UTC')": "timestamp", "date": "date",
}  # fmt: skip


class Duck:
    """DuckDB in the memory of this process: a DuckDB file would lock out every second one."""

    def __init__(self) -> None:
        self._db = duckdb.connect(":memory:")
        self._db.execute("set timezone = 'UTC'")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def open(self, folder: Path, manifest: Manifest) -> None:
        """The tables of the lake, as they are in force: of each owner the latest version's rows."""
        self._parquet(folder, manifest, "owner", {})
        self._db.execute(
            "create table latest as select owner, max(version) as version from all_owner group by owner"
        )
        for table, columns in COLUMNS.items():
            self._parquet(folder, manifest, table, columns)
            names = ", ".join(f"a.{_quoted(name)}" for name in ("owner", "day", *columns))
            self._db.execute(
                f"create view {table} as select {names} from all_{table} a"
                " join latest l on l.owner = a.owner and l.version = a.version"
            )

    def fetch(self, expression: Any) -> list[Row]:
        """The rows of an Ibis expression over the tables of the lake."""
        return self.rows(ibis().to_sql(expression, dialect="duckdb"))

    def rows(self, statement: str) -> list[Row]:
        """The rows of a statement of ours."""
        return self._db.execute(statement).fetchall()

    def _parquet(
        self, folder: Path, manifest: Manifest, table: str, columns: Mapping[str, str]
    ) -> None:
        paths = [str(folder / one.path) for one in manifest.files.get(table, [])]
        if paths:
            source = (
                f"read_parquet({_listed(paths)}, union_by_name = true, hive_partitioning = false)"
            )
            self._db.execute(f"create view all_{table} as select * from {source}")
            return
        typed = {"owner": "int64", "version": "int64", "day": "date"} | dict(columns)
        fields = ", ".join(
            f"null::{_TYPES[kind]} as {_quoted(name)}" for name, kind in typed.items()
        )
        self._db.execute(f"create view all_{table} as select {fields} where false")

    def write_table(
        self, text: Path, folder: Path, table: str, columns: Mapping[str, str], version: int
    ) -> list[File]:
        """A file of text as Parquet, by month, each row with its version."""
        if not text.stat().st_size:
            return []
        typed = ", ".join(f"'{name}': '{_TYPES[kind]}'" for name, kind in columns.items())
        source = (
            f"select *, {version}::bigint as version from read_csv({_text(str(text))}, header = false, auto_detect = false,"
            f" delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false,"
            f" columns = {{{typed}}})"
        )
        return self._written(source, folder, table, version, by_month="day" in columns)

    def rewrite(self, folder: Path, table: str, version: int) -> list[File]:
        """What is in force of a table, in files of a new version. Its rows keep theirs."""
        if table == "owner":
            return self._written(
                "select owner, version from latest", folder, table, version, by_month=False
            )
        source = f"select a.* from all_{table} a join latest l on l.owner = a.owner and l.version = a.version"
        return self._written(source, folder, table, version, by_month=True)

    def _written(
        self, source: str, folder: Path, table: str, version: int, *, by_month: bool
    ) -> list[File]:
        target = folder / table
        target.mkdir(exist_ok=True)
        options = "format parquet, compression zstd"
        if by_month:
            source = f"select *, strftime(day, '%Y-%m') as month from ({source}) order by owner"
            options += (
                f", partition_by (month), overwrite_or_ignore, filename_pattern 'v{version}-{{i}}'"
            )
            path = target
        else:
            path = target / f"v{version}-0.parquet"
        self._db.execute(f"copy ({source}) to {_text(str(path))} ({options})")
        made = sorted(target.rglob(f"v{version}-*.parquet"))
        return [File(path=str(one.relative_to(folder)), rows=self._rows(one)) for one in made]

    def _rows(self, path: Path) -> int:
        found = self._db.execute(
            f"select count(*) from read_parquet({_text(str(path))})"
        ).fetchone()
        return int(found[0]) if found else 0


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _listed(values: Sequence[str]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"
