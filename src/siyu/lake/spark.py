"""Spark, for a lake that one machine is too small for: the same tables, the same expressions.

It reads alone. DuckDB writes the files; where Spark's workers look for them, see `hadoop.py`.
"""

# ruff: noqa: S608 - names of ours

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, Self

from siyu.kernel.errors import Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Params, Row
from siyu.lake import hadoop, views
from siyu.lake.model import COLUMNS, EVENT, OWNER, File, Manifest
from siyu.segments.compile.scope import Dialect
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import ibis

_TYPES = {
    "int64": "bigint",
    "int32": "int",
    "int16": "smallint",
    "float32": "float",
    "string": "string",
    "boolean": "boolean",
    "timestamp('UTC')": "timestamp",
    "date": "date",
}
_SAID = {
    "spark.sql.session.timeZone": "UTC",  # all times of the lake are
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
NO_PYSPARK = Sentence(
    "`lake_engine` is spark, and PySpark with PyArrow is not installed: pip install 'siyu[spark]',"
    " or set `lake_engine` to duckdb.",
    "`lake_engine` 设为 spark，但没有安装 PySpark（及 PyArrow）：请运行 pip install 'siyu[spark]'，"
    "或把 `lake_engine` 改为 duckdb。",
)
NO_JAVA = Sentence(
    "`lake_engine` is spark, and there is no Java runtime here: install Java 17 or newer and set"
    " JAVA_HOME, or set `lake_engine` to duckdb.",
    "`lake_engine` 设为 spark，但本机没有 Java 运行环境：请安装 Java 17 或更新版本并设置"
    " JAVA_HOME，或把 `lake_engine` 改为 duckdb。",
)

_ONE = Lock()  # who makes the connection, where many ask at once


class Spark:
    """A session of its own on the one connection that a process has to its cluster."""

    dialect: Dialect = "spark"

    def __init__(self, master: str, url: str = "") -> None:
        self._db = _session(master).newSession()
        self._url = url
        self._named: list[str] = []  # what it calls by a name: it ends with us
        self._kept = 0  # views of `once`
        self.seq = 0
        self.read_at: datetime | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._named:  # Spark takes seconds to list them
            self._db.catalog.dropTempView(name)

    def open(self, folder: Path, manifest: Manifest) -> None:
        """The tables of the lake as they are in force."""
        self.seq, self.read_at = manifest.seq, manifest.read_at
        at = f"file://{folder.absolute()}"
        if self._url:
            at = self._url.rstrip("/")
            hadoop.put(self._db, at, folder, manifest)
        anew = manifest.files.get(OWNER, [])
        self._files(OWNER, at, anew)
        self._view("later", views.later(f"select * from {OWNER}_files"))
        for table in (*COLUMNS, EVENT):
            self._files(table, at, manifest.files.get(table, []))
            source = f"select * from {table}_files"
            self._view(table, views.standing(table, source, anew=bool(anew)))
        self._view("event_subject", views.SUBJECTS)

    def fetch(self, expression: Expression) -> list[Row]:
        """The rows of an Ibis expression over the tables of the lake."""
        return self.rows(ibis().to_sql(expression, dialect="pyspark"))

    def arrays(self, expression: Expression) -> dict[str, Any]:
        """The same by column, as NumPy has them: of a million rows in a twentieth of the time."""
        found = self._db.sql(ibis().to_sql(expression, dialect="pyspark")).toArrow()
        columns = zip(found.column_names, found.columns, strict=True)
        return {name: column.to_numpy() for name, column in columns}

    def once(self, expression: Expression) -> Expression:
        """The same rows, kept by the workers from the first time that they are asked for."""
        self._kept += 1
        name = f"once_{self._kept}"
        found = self._db.sql(ibis().to_sql(expression, dialect="pyspark"))
        self._name(name, found.cache())
        return ibis().table(expression.schema(), name=name)

    def rows(self, statement: str, values: Params | None = None) -> list[Row]:
        """The rows of a statement of ours; times are in UTC, without a zone, taken and given."""
        said = {
            name: str(one) if isinstance(one, datetime) else one
            for name, one in (values or {}).items()
        }
        found = self._db.sql(statement, args=said).toArrow()
        return list(zip(*map(_told, found.columns), strict=True))

    def _files(self, table: str, at: str, files: Sequence[File]) -> None:
        typed: Mapping[str, str] = views.columns(table)
        if table != EVENT:
            typed = {**typed, "version": "int64"}
        form = ", ".join(f"{name} {_TYPES[kind]}" for name, kind in typed.items())
        # The folders of months are for people: no column is made of their names.
        read = self._db.read.schema(form).option("recursiveFileLookup", True)
        found = (
            read.parquet(*(f"{at}/{one.path}" for one in files))
            if files
            else self._db.createDataFrame([], form)
        )
        self._name(f"{table}_files", found)

    def _view(self, name: str, rows: str) -> None:
        self._name(name, self._db.sql(rows))

    def _name(self, name: str, found: Any) -> None:
        found.createOrReplaceTempView(name)
        self._named.append(name)


def missing() -> Sentence | None:
    """What Spark needs and this machine lacks."""
    home = os.environ.get("JAVA_HOME")  # as Spark itself looks for it
    if not shutil.which(str(Path(home) / "bin" / "java") if home else "java"):
        return NO_JAVA
    try:
        import_module("pyspark")
        import_module("pyarrow")
    except ImportError:
        return NO_PYSPARK
    return None


def _session(master: str) -> Any:
    if (why := missing()) is not None:
        raise Refused(why)
    asked = import_module("pyspark.sql").SparkSession.builder.master(master).appName("siyu")
    for name, value in _SAID.items():
        asked = asked.config(name, value)
    try:
        with _ONE:
            _leave_the_dead()
            return asked.getOrCreate()
    except Exception as error:  # Java's, the gateway's or Spark's
        said = str(getattr(error, "java_exception", error)).partition("\n")[0]
        raise Refused(_not_started(master, said)) from error


def _leave_the_dead() -> None:
    """A connection that the cluster has dropped would be this process's for good."""
    held = import_module("pyspark").SparkContext._active_spark_context  # noqa: SLF001 - see hadoop.py
    if held is not None and held._jsc.sc().isStopped():  # noqa: SLF001
        held.stop()


def _not_started(master: str, why: str) -> Sentence:
    return Sentence(
        f"Spark did not start on {master}. Does the cluster run, and can this machine and its"
        f" workers reach each other? ({why})",
        f"Spark 未能在 {master} 上启动。集群是否在运行？本机与其工作节点能否互相访问？（{why}）",
    )


def _told(column: Any) -> list[Any]:
    zone = getattr(column.type, "tz", None)  # of times: the session's
    return (column.cast("timestamp[us]") if zone else column).to_pylist()
