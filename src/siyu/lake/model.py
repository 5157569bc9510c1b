"""What is in the lake: its tables and their columns, and which files are in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

from msgspec import Struct

from siyu.kernel.sql import Params, Row
from siyu.segments.compile.scope import Dialect
from siyu.segments.model import Expression
from siyu.segments.predicates import facts

SHAPE = 2  # of the manifest; another one is rebuilt

# What is written of each table. Its rows have `owner`, `version` and `filed` as well: the day of
# the fact by the brand's clock, by whose month they lie. `filed` is what figures know as `day`.
COLUMNS: Mapping[str, Mapping[str, str]] = facts.COLUMNS

# Events are appended, each once, and never written again: who an event was about is its identity,
# whose customer may change. `data` holds what is in `attributes`, in the form of the database's.
EVENT = "event"
EVENTS: Mapping[str, str] = {
    "id": "int64",
    "identity_id": "int64",
    "kind": "string",
    "occurred_at": "timestamp('UTC')",
    "data": "string",
}

HEAD: Mapping[str, str] = {"owner": "int64", "filed": "date"}
MONTH = "filed_month"  # names the folders of a table
OWNER = "owner"  # whose rows were written anew, and as which version

# Owners are customers by their number, and 0: nobody. What has no customer is its own owner: the
# order of a guest is minus its number, a parcel and a cost lie further down. The triggers say so
# too (db/schema.sql).
PARCELS = 100_000_000_000_000_000
ENTRIES = 200_000_000_000_000_000


class Run(NamedTuple):
    """Who writes files: of which version, and by a name that no other run has, though it may have
    been killed at the same version."""

    version: int
    name: str


class Engine(Protocol):
    """What answers sets and figures over the lake: up to which event, and as of when."""

    dialect: Dialect
    seq: int
    read_at: datetime | None

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...

    def open(self, folder: Path, manifest: Manifest) -> None:
        """The tables of the lake as they are in force."""
        ...

    def fetch(self, expression: Expression) -> list[Row]:
        """The rows of an Ibis expression over the tables of the lake."""
        ...

    def arrays(self, expression: Expression) -> Mapping[str, Any]:
        """The same by column, as NumPy has them."""
        ...

    def once(self, expression: Expression) -> Expression:
        """The same rows, worked out now and kept while it is open: for what is asked of several
        times."""
        ...

    def rows(self, statement: str, values: Params | None = None) -> list[Row]:
        """The rows of a statement in its dialect."""
        ...


class File(Struct, frozen=True, kw_only=True):
    """A Parquet file, by its path below the lake's folder."""

    path: str
    rows: int


class Manifest(Struct, frozen=True, kw_only=True):
    """Which files are in force: the lake as it was after the event `seq`, at one moment.

    `merges`, `splits`, `people`: up to which of these was looked; `since`: the oldest transaction
    whose news may be missing. `id`: as the database knows this lake. `columns`: what the files of
    each table were written with.
    """

    shape: int
    id: str = ""
    version: int = 0
    seq: int = 0
    merges: int = 0
    splits: int = 0
    people: int = 0
    since: int = 0
    zone: str = ""
    read_at: datetime | None = None
    columns: dict[str, dict[str, str]] = {}
    files: dict[str, list[File]] = {}
