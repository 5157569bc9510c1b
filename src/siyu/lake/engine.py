"""DuckDB, which writes the lake, and answers sets and figures over it: Ibis expressions.

Names of tables, columns and files are ours and stand in the statements; values never do.
"""

# ruff: noqa: S608 - see above

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import duckdb

from siyu.events.model import KINDS, attributes
from siyu.kernel.sql import Params, Row
from siyu.lake import views
from siyu.lake.model import COLUMNS, EVENT, MONTH, OWNER, File, Manifest, Run
from siyu.segments.compile.scope import Dialect
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import ibis

_TYPES = {
    "int64": "bigint",
    "int32": "integer",
    "int16": "smallint",
    "float32": "float",
    "string": "varchar",
    "boolean": "boolean",
    "timestamp('UTC')": "timestamp",  # all in UTC: a zone with each would say nothing
    "date": "date",
}
_CSV = (
    "header = false, auto_detect = false, delim = ',', quote = '\x01', escape = '\x01',"
    " nullstr = '', allow_quoted_nulls = false"
)


def _kept() -> tuple[str, str]:
    """What is kept of an event's data: by kind the attributes that may be known, and only those
    that it has. First they are looked for, all in one go; then written down."""
    looked, written = "case kind", "case kind"
    for kind in KINDS:
        if names := attributes(kind):
            paths = ", ".join(f"'$.d.{name}'" for name in names)
            looked += f" when '{kind}' then json_extract(data, [{paths}])"
            known = (
                f"""'"{name}":' || nullif(found[{place}]::varchar, 'null')"""
                for place, name in enumerate(names, 1)
            )
            written += f" when '{kind}' then concat_ws(',', {', '.join(known)})"
    return f"({looked} end)", f"""'{{"d":{{' || ({written} else '' end) || '}}}}'"""


_LOOKED, _WRITTEN = _kept()


class Duck:
    """DuckDB in the memory of this process: a DuckDB file would lock out every second one."""

    dialect: Dialect = "duckdb"

    def __init__(self, room: Path | None = None) -> None:
        """`room`: the folder below which it may put what its memory is too small for."""
        self._db = duckdb.connect(":memory:")
        self._db.execute("set global timezone = 'UTC'")
        if room is not None:
            self._db.execute(f"set temp_directory = {_text(room / 'coming-rows')}")
        self._kept = 0  # tables of `once`
        self.seq = 0  # of the last event that it knows
        self.read_at: datetime | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def open(self, folder: Path, manifest: Manifest) -> None:
        """The tables of the lake as they are in force."""
        self.seq, self.read_at = manifest.seq, manifest.read_at
        anew = self._later(folder, manifest)
        for table in (*COLUMNS, EVENT):
            files = manifest.files.get(table, [])
            rows = views.standing(table, _reading(folder, table, files), anew=anew)
            self._db.execute(f"create view {table} as {rows}")
        self._db.execute(f"create view event_subject as {views.SUBJECTS}")

    def fetch(self, expression: Expression) -> list[Row]:
        """The rows of an Ibis expression over the tables of the lake."""
        return self.rows(ibis().to_sql(expression, dialect="duckdb"))

    def arrays(self, expression: Expression) -> dict[str, Any]:
        """The same by column, as NumPy has them: of a million rows in a hundredth of the time."""
        found: Any = self._db.execute(ibis().to_sql(expression, dialect="duckdb"))
        return found.fetchnumpy()

    def once(self, expression: Expression) -> Expression:
        """The same rows, worked out now and kept while it is open: for what is asked of several
        times."""
        self._kept += 1
        name = f"once_{self._kept}"
        self._db.execute(f"create table {name} as {ibis().to_sql(expression, dialect='duckdb')}")
        return ibis().table(expression.schema(), name=name)

    def rows(self, statement: str, values: Params | None = None) -> list[Row]:
        """The rows of a statement of ours."""
        return self._db.execute(statement, dict(values or {})).fetchall()

    def write_table(self, text: Path, folder: Path, table: str, run: Run) -> list[File]:
        """What PostgreSQL copies out, as Parquet by month, each row with its version."""
        source = f"select *, {run.version}::bigint as version from {_copied(text, table)}"
        return self.write(source, folder, table, run)

    def write_events(self, text: Path, folder: Path, run: Run) -> list[File]:
        """The same of events: of their data nothing but what may be known."""
        found = f"select *, {_LOOKED} as found from {_copied(text, EVENT)}"
        source = f"select * exclude (found) replace ({_WRITTEN} as data) from ({found})"
        return self.write(source, folder, EVENT, run)

    def together(
        self, folder: Path, manifest: Manifest, crowded: Mapping[str, list[File]], run: Run
    ) -> dict[str, list[File]]:
        """What stands in these files of each table, in files of a new version: one for a month.
        Its rows keep theirs."""
        self._later(folder, manifest)
        made: dict[str, list[File]] = {}
        for table, files in crowded.items():
            source = f"select a.* from ({_reading(folder, table, files)}) a where {views.STANDS}"
            if table == OWNER:
                source = "select owner, version from later"
            if table == EVENT:
                source = _reading(folder, table, files)
            made[table] = self.write(source, folder, table, run)
        return made

    def _later(self, folder: Path, manifest: Manifest) -> bool:
        """Owners who were written anew since all was brought together. Are there any?"""
        files = manifest.files.get(OWNER, [])
        source = _reading(folder, OWNER, files)
        self._db.execute(f"create or replace table later as {views.later(source)}")
        return bool(files)

    def write(self, source: str, folder: Path, table: str, run: Run) -> list[File]:
        """The rows of a query as Parquet files of a table, by month, each owner's together. Threads
        may write different tables at a time."""
        target = folder / table
        target.mkdir(exist_ok=True)
        with self._db.cursor() as db:
            if table == OWNER:
                to = target / f"{run.name}-0.parquet"
                db.execute(f"copy ({source}) to {_text(to)} ({_form(table)})")
            else:
                order = "kind, occurred_at" if table == EVENT else "owner"
                month = f"strftime(filed, '%Y-%m') as {MONTH}"
                by = f"select *, {month} from ({source}) order by {order}"
                named = f"overwrite_or_ignore, filename_pattern '{run.name}-{{i}}'"
                db.execute(
                    f"copy ({by}) to {_text(target)}"
                    f" ({_form(table)}, partition_by ({MONTH}), {named})"
                )
            return [
                File(path=str(one.relative_to(folder)), rows=_count(db, one))
                for one in sorted(target.rglob(f"{run.name}-*.parquet"))
            ]


def _count(db: duckdb.DuckDBPyConnection, path: Path) -> int:
    ((rows,),) = db.execute(f"select count(*) from read_parquet({_text(path)})").fetchall()
    return int(rows)


def _form(table: str) -> str:
    """Numbers and times by what they differ from the one before: two thirds of the size, read in
    half of the time. Spark reads no fractions of that form."""
    fractions = "float" in columns(table).values()
    return f"format parquet, parquet_version {'v1' if fractions else 'v2'}"


def _copied(text: Path, table: str) -> str:
    typed = ", ".join(f"'{name}': '{kind}'" for name, kind in columns(table).items())
    return f"read_csv({_text(text)}, {_CSV}, columns = {{{typed}}})"


def columns(table: str) -> dict[str, str]:
    """The columns of a table's files as DuckDB types them."""
    return {name: _TYPES[kind] for name, kind in views.columns(table).items()}


def _reading(folder: Path, table: str, files: Sequence[File]) -> str:
    if files:
        paths = ", ".join(_text(folder / one.path) for one in files)
        return f"select * from read_parquet([{paths}], hive_partitioning = false)"
    typed = {**columns(table), "version": "bigint"}
    nulls = ", ".join(f"null::{kind} as {name}" for name, kind in typed.items())
    return f"select {nulls} where false"


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
