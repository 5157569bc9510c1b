"""The engine that answers sets and figures over the lake: Ibis expressions, compiled for it.

Names of tables, columns and files are ours and stand in the statements; values never do.
"""

# ruff: noqa: S608 - see above

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import duckdb

from siyu.kernel.sql import Row
from siyu.lake.model import COLUMNS, HEAD, OWNER, File, Manifest
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import ibis

_TYPES = {
    "int64": "bigint",
    "int32": "integer",
    "int16": "smallint",
    "string": "varchar",
    "boolean": "boolean",
    "timestamp('UTC')": "timestamp",  # all in UTC: a zone with each would say nothing
    "date": "date",
}
_LATEST = "join latest l on l.owner = a.owner and l.version = a.version"
_CSV = (
    "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = '',"
    " allow_quoted_nulls = false"
)


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
        """The tables of the lake as they are in force: of each owner the latest version's rows."""
        for table in (*COLUMNS, OWNER):
            self._every_version(folder, table, manifest.files.get(table, []))
        self._db.execute(
            "create table latest as"
            " select owner, max(version) as version from every_owner group by owner"
        )
        for table in COLUMNS:
            names = ", ".join(f"a.{name}" for name in columns(table))
            self._db.execute(
                f"create view {table} as select {names} from every_{table} a {_LATEST}"
            )

    def fetch(self, expression: Expression) -> list[Row]:
        """The rows of an Ibis expression over the tables of the lake."""
        return self.rows(ibis().to_sql(expression, dialect="duckdb"))

    def arrays(self, expression: Expression) -> dict[str, Any]:
        """The same by column, as NumPy has them: of a million rows in a hundredth of the time."""
        return self._db.execute(ibis().to_sql(expression, dialect="duckdb")).fetchnumpy()

    def rows(self, statement: str) -> list[Row]:
        """The rows of a statement of ours."""
        return self._db.execute(statement).fetchall()

    def write_table(self, text: Path, folder: Path, table: str, version: int) -> list[File]:
        """What PostgreSQL copied out, as Parquet by month, each row with its version."""
        if not text.stat().st_size:
            return []
        typed = ", ".join(f"'{name}': '{kind}'" for name, kind in columns(table).items())
        read = f"read_csv({_text(text)}, {_CSV}, columns = {{{typed}}})"
        source = f"select *, {version}::bigint as version from {read}"
        return self._written(source, folder, table, version)

    def rewrite(self, folder: Path, table: str, version: int) -> list[File]:
        """What is in force of a table, in files of a new version. Its rows keep theirs."""
        source = f"select a.* from every_{table} a {_LATEST}"
        if table == OWNER:
            source = "select owner, version from latest"
        return self._written(source, folder, table, version)

    def _every_version(self, folder: Path, table: str, files: Iterable[File]) -> None:
        paths = ", ".join(_text(folder / one.path) for one in files)
        if paths:
            source = f"select * from read_parquet([{paths}], hive_partitioning = false)"
        else:
            typed = {**columns(table), "version": "bigint"}
            nulls = ", ".join(f"null::{kind} as {name}" for name, kind in typed.items())
            source = f"select {nulls} where false"
        self._db.execute(f"create view every_{table} as {source}")

    def _written(self, source: str, folder: Path, table: str, version: int) -> list[File]:
        target = folder / table
        target.mkdir(exist_ok=True)
        if table == OWNER:
            to = target / f"v{version}-0.parquet"
            self._db.execute(f"copy ({source}) to {_text(to)} (format parquet)")
        else:
            by = f"select *, strftime(day, '%Y-%m') as month from ({source}) order by owner"
            named = (
                f"partition_by (month), overwrite_or_ignore, filename_pattern 'v{version}-{{i}}'"
            )
            self._db.execute(f"copy ({by}) to {_text(target)} (format parquet, {named})")
        made = sorted(target.rglob(f"v{version}-*.parquet"))
        return [File(path=str(one.relative_to(folder)), rows=self._count(one)) for one in made]

    def _count(self, path: Path) -> int:
        ((rows,),) = self.rows(f"select count(*) from read_parquet({_text(path)})")
        return int(rows)


def columns(table: str) -> dict[str, str]:
    """The columns of a table as DuckDB types them, in the order in which they are written."""
    if table == OWNER:
        return {"owner": "bigint"}
    return {name: _TYPES[kind] for name, kind in {**HEAD, **COLUMNS[table]}.items()}


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
