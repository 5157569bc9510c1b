"""What is in the lake: its tables and their columns, and which files are in force."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from siyu.segments.predicates import facts

SHAPE = 1  # of the manifest; another one is rebuilt

# Sweeps change these without an event: not written yet.
_LATER = {"identity", "customer_date", "group_member", "promise", "touch", "ledger_entry"}

# What is written of each table of facts. Its rows have `owner`, `version` and `day` as well: the
# day of the fact by the brand's clock, by whose month they are filed.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    name: columns
    for name, columns in facts.COLUMNS.items()
    if name != "brand" and name not in _LATER
}

OWNER = "owner"  # whose rows were written, and as which version
HEAD: Mapping[str, str] = {"owner": "int64", "day": "date"}


class File(Struct, frozen=True, kw_only=True):
    """A Parquet file, by its path below the lake's folder."""

    path: str
    rows: int


class Manifest(Struct, frozen=True, kw_only=True):
    """Which files are in force: the lake as it was after the event `seq`, at one moment.

    `merges`, `splits`, `people`: up to which of these was looked. `columns`: what the files were
    written with.
    """

    shape: int
    version: int = 0
    seq: int = 0
    merges: int = 0
    splits: int = 0
    people: int = 0
    columns: str = ""
    files: dict[str, list[File]] = {}
    superseded: dict[str, list[File]] = {}  # of the version before: a reader may still be in them
