"""PostgreSQL → Parquet: whoever had an event since the last time is written anew, whole.

A run reads one snapshot of the database: what `COPY` says, DuckDB turns into Parquet by the month
of each row. Killed anywhere, the manifest still names the files from before.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from siyu.kernel.sql import Conn, Db, load
from siyu.kernel.time import Clock
from siyu.lake import files, news
from siyu.lake.engine import Duck
from siyu.lake.model import COLUMNS, ENTRIES, EVENT, EVENTS, OWNER, PARCELS, File, Manifest, Run
from siyu.lake.writing import Tell, Writing

SQL = load("siyu.lake")
MOST_FILES = 24  # of one table and month: with more they are brought together
MOST_WORN = 10_000  # owners written anew; and a fifth of all customers: then everything is
WANTED = {table: dict(names) for table, names in {**COLUMNS, EVENT: EVENTS}.items()}


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


def sync(
    db: Db,
    folder: Path,
    clock: Clock,
    *,
    anew: bool = False,
    tell: Tell | None = None,
    most_files: int | None = None,
) -> Synced | None:
    """Bring the lake up to what is applied now; `anew`: from scratch. None: another process writes
    it. Months with more than so many files of a table are brought together."""
    with files.writing(folder) as alone:
        if not alone:
            return None
        known = files.read(folder)
        files.sweep(folder, known)
        begun = news.followed(db, known, clock.real(), anew=anew)
        with db.transaction() as conn:
            conn.execute(SQL.snapshot)
            conn.execute(SQL.whole)
            found, owners, rows = _exported(conn, folder, begun, clock.now(), tell)
        crowded = _crowded(found, most_files)
        if crowded:
            found = _together(folder, found, crowded)
        if found is not begun:
            news.coming(db, found)
            files.write(folder, found, known)
            news.taken(db, found, known, clock.real())
            files.sweep(folder, found)
        return Synced(owners, rows, found.seq, bool(crowded))


def _exported(
    conn: Conn, folder: Path, known: Manifest, now: datetime, tell: Tell | None
) -> tuple[Manifest, int, dict[str, int]]:
    reached = Reached(*conn.fetch(SQL.reached)[0])
    ((since,),) = conn.fetch(SQL.moment)
    known = _fitting(known)
    other = [table for table in COLUMNS if table not in known.columns]
    alike = known.columns == WANTED and reached == _reached(known)
    if alike and not conn.fetch(SQL.news, {"since": str(known.since)}):
        return known, 0, {}
    run = _run(known.version + 1)
    params = {"zone": known.zone, "parcels": PARCELS, "entries": ENTRIES}
    with Writing(conn, folder, run, params, tell) as writing:
        writing.events(known.seq if EVENT in known.columns else 0, reached.seq)
        conn.execute(SQL.owners)
        kept = [table for table in COLUMNS if table not in other]
        if kept:
            _changed(conn, known)
            writing.tables([*kept, OWNER])
        if other:
            conn.execute(SQL.everybody, params)
            conn.execute(SQL.planned)
            writing.tables(other)
    ((owners,),) = conn.fetch(SQL.counted)
    made = dict(known.files)
    for table, new in writing.made.items():
        made[table] = [*made.get(table, []), *new]
    found = msgspec.structs.replace(
        known,
        version=run.version,
        **reached._asdict(),
        since=since,
        read_at=now,
        columns=WANTED,
        files={table: some for table, some in made.items() if some},
    )
    rows = {table: sum(one.rows for one in new) for table, new in writing.made.items()}
    return found, int(owners), rows


def _fitting(known: Manifest) -> Manifest:
    """The lake without the tables that have other columns by now."""
    columns = {name: of for name, of in known.columns.items() if WANTED.get(name) == of}
    if columns == known.columns:
        return known
    kept = {name: some for name, some in known.files.items() if name in columns or name == OWNER}
    return msgspec.structs.replace(known, columns=columns, files=kept)


def _run(version: int) -> Run:
    return Run(version, f"v{version}-{secrets.token_hex(4)}")


def _reached(known: Manifest) -> Reached:
    return Reached(known.seq, known.merges, known.splits, known.people)


def _changed(conn: Conn, known: Manifest) -> None:
    conn.execute(SQL.changed, {**_reached(known)._asdict(), "since": str(known.since)})
    conn.execute(SQL.claimed)
    conn.execute(SQL.planned)


def _crowded(manifest: Manifest, most: int | None) -> dict[str, list[File]]:
    """What is to be brought together: months of a table that lie in too many files (that there are
    many months is no matter); but for events everything, once many owners were written anew."""
    worn = sum(one.rows for one in manifest.files.get(OWNER, []))
    everything = most is None and worn > max(
        MOST_WORN, sum(one.rows for one in manifest.files.get("customer", [])) // 5
    )
    found: dict[str, list[File]] = {}
    for table, some in manifest.files.items():
        count = Counter(Path(one.path).parent for one in some)
        whole = everything and table != EVENT
        many = [one for one in some if whole or count[Path(one.path).parent] > (most or MOST_FILES)]
        if many:
            found[table] = many
    return found


def _together(folder: Path, manifest: Manifest, crowded: Mapping[str, list[File]]) -> Manifest:
    run = _run(manifest.version + 1)
    with Duck(folder) as duck:
        new = duck.together(folder, manifest, crowded, run)
    if all(crowded.get(name) == some for name, some in manifest.files.items() if name != EVENT):
        new.pop(OWNER, None)  # nothing is left that they would have taken the place of
    gone = {one.path for some in crowded.values() for one in some}
    made = {
        table: [one for one in some if one.path not in gone] + new.get(table, [])
        for table, some in manifest.files.items()
    }
    return msgspec.structs.replace(
        manifest, version=run.version, files={table: some for table, some in made.items() if some}
    )
