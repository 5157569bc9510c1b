"""PostgreSQL → Parquet: whoever had an event since the last time is written anew, whole.

A run reads one snapshot of the database: `COPY` into a text file, which DuckDB turns into Parquet
by the month of each row. Killed anywhere, the manifest still names the files from before.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from siyu.kernel.sql import Conn, Db, load
from siyu.lake import files
from siyu.lake.engine import Duck
from siyu.lake.model import COLUMNS, OWNER, SHAPE, Manifest

SQL = load("siyu.lake")
MOST_FILES = 24  # of one table and month: with more they are brought together
COPIED = "copy ({}) to stdout (format csv, force_quote *)"  # a null is what has no quotes

Tell = Callable[[str, int, int], None]  # table, tables done, of how many


class Synced(NamedTuple):
    """What a run wrote: whose rows, how many of each table, up to which event."""

    owners: int
    rows: dict[str, int]
    seq: int
    compacted: bool


class Reached(NamedTuple):
    """Up to which event, merge, split and customer."""

    seq: int
    merges: int
    splits: int
    people: int


def sync(db: Db, folder: Path, *, anew: bool = False, tell: Tell | None = None) -> Synced:
    """Bring the lake up to what is applied now; `anew`: from scratch."""
    with files.writing(folder):
        known = files.read(folder)
        files.sweep(folder, known)
        if anew or known.columns != files.columns():
            known = Manifest(shape=SHAPE, version=known.version, superseded=known.files)
        with db.transaction() as conn:
            conn.execute(SQL.snapshot)
            found, owners, rows = _exported(conn, folder, known, tell)
        crowded = _crowded(found)
        if crowded:
            found = _compacted(folder, found)
        if found is not known:
            files.write(folder, found)
            files.sweep(folder, found)
        return Synced(owners, rows, found.seq, crowded)


def _exported(
    conn: Conn, folder: Path, known: Manifest, tell: Tell | None
) -> tuple[Manifest, int, dict[str, int]]:
    reached = Reached(*conn.fetch(SQL.reached)[0])
    fresh = known.columns == ""
    if not fresh and reached == _reached(known):
        return known, 0, {}
    owners = _owners(conn, known, fresh=fresh)
    version = known.version + 1
    made, rows = dict(known.files), dict[str, int]()
    with tempfile.TemporaryDirectory(dir=folder, prefix="coming-") as room, Duck() as duck:
        text = Path(room) / "rows.csv"
        params = {"zone": _zone(conn)}
        for done, (table, statement) in enumerate(_statements().items()):
            if tell is not None:
                tell(table, done, len(COLUMNS))
            _copied(conn, statement, params, text)
            new = duck.write_table(text, folder, table, version)
            rows[table] = sum(one.rows for one in new)
            made[table] = [*made.get(table, []), *new]
    found = Manifest(
        shape=SHAPE,
        version=version,
        **reached._asdict(),
        columns=files.columns(),
        files=made,
        superseded=known.superseded if fresh else {},
    )
    return found, owners, rows


def _statements() -> dict[str, str]:
    """Each table of the lake with what is read for it."""
    every = dict(SQL)
    return {table: every[table] for table in (*COLUMNS, OWNER)}


def _zone(conn: Conn) -> str:
    found = conn.fetch(SQL.zone)
    return str(found[0][0]) if found else "UTC"


def _reached(known: Manifest) -> Reached:
    return Reached(known.seq, known.merges, known.splits, known.people)


def _owners(conn: Conn, known: Manifest, *, fresh: bool) -> int:
    conn.execute(SQL.owners)
    if fresh:
        conn.execute(SQL.everybody)
    else:
        conn.execute(SQL.changed, _reached(known)._asdict())
        conn.execute(SQL.claimed)
    conn.execute(SQL.planned)
    ((owners,),) = conn.fetch(SQL.counted)
    return int(owners)


def _copied(conn: Conn, statement: str, params: dict[str, str], text: Path) -> None:
    with text.open("wb") as file:
        for piece in conn.copy_out(COPIED.format(statement), params):
            file.write(piece)


def _crowded(manifest: Manifest) -> bool:
    """A month of some table lies in too many files; that there are many months is no matter."""
    folders = Counter(Path(one.path).parent for some in manifest.files.values() for one in some)
    return any(count > MOST_FILES for count in folders.values())


def _compacted(folder: Path, manifest: Manifest) -> Manifest:
    """The same rows in one file a month: what a later version took the place of is left behind."""
    with Duck() as duck:
        duck.open(folder, manifest)
        version = manifest.version + 1
        made = {table: duck.rewrite(folder, table, version) for table in manifest.files}
    return msgspec.structs.replace(manifest, version=version, files=made, superseded=manifest.files)
