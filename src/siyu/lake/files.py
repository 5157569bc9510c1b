"""Which files are in force: a manifest that is replaced in one step.

Whoever is killed leaves the lake as it was; files that no manifest names are swept away by the next
who writes.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

import msgspec

from siyu.kernel.errors import Refused
from siyu.kernel.sentence import Sentence
from siyu.lake.model import COLUMNS, SHAPE, File, Manifest

MANIFEST = "manifest.json"
BUSY = Sentence(
    "The lake is being written by another process; try again in a moment.",
    "数据湖正由另一进程写入，请稍后再试。",
)


def columns() -> str:
    """What files are written with now, as a manifest remembers it."""
    return msgspec.json.encode(COLUMNS, order="sorted").decode()


def read(folder: Path) -> Manifest:
    """What is in force; an empty lake where there is none, or where it has another shape."""
    try:
        found = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (FileNotFoundError, msgspec.DecodeError):
        return Manifest(shape=SHAPE)
    return found if found.shape == SHAPE else Manifest(shape=SHAPE, version=found.version)


def write(folder: Path, manifest: Manifest) -> None:
    """Put it in force, once all that it names is on the disk."""
    for one in named(manifest):
        _to_disk(folder / one.path)
    coming = folder / f"{MANIFEST}.new"
    coming.write_bytes(msgspec.json.encode(manifest))
    _to_disk(coming)
    coming.replace(folder / MANIFEST)
    _to_disk(folder)


def sweep(folder: Path, manifest: Manifest) -> int:
    """Forget the files that it does not name: those of a run that was killed, and those whose time
    is over. How many."""
    kept = {folder / one.path for one in named(manifest)}
    gone = [one for one in folder.glob("*/**/*.parquet") if one not in kept]
    for one in gone:
        one.unlink()
    return len(gone)


def named(manifest: Manifest) -> Iterable[File]:
    """Every file that somebody may be reading."""
    for files in (manifest.files, manifest.superseded):
        for some in files.values():
            yield from some


@contextmanager
def writing(folder: Path) -> Generator[None]:
    """One writer at a time, over all processes; whoever dies gives it back."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(BUSY) from None
        yield


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
