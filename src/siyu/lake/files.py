"""Which files are in force: a manifest that is replaced in one step.

Whoever is killed leaves the lake as it was; files that no manifest names are swept away by the next
who writes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from siyu.lake.model import SHAPE, File, Manifest

MANIFEST = "manifest.json"


def read(folder: Path) -> Manifest:
    """What is in force; an empty lake where there is none, or where it has another shape."""
    try:
        found = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (FileNotFoundError, msgspec.DecodeError):
        return Manifest(shape=SHAPE)
    return found if found.shape == SHAPE else Manifest(shape=SHAPE, version=found.version)


def write(folder: Path, manifest: Manifest, before: Manifest) -> None:
    """Put it in force, once all that it names is on the disk."""
    new = {folder / one.path for one in named(manifest)} - {
        folder / one.path for one in named(before)
    }
    folders = {place for one in new for place in one.parents if folder in place.parents}
    for path in (*new, *folders):
        _to_disk(path)
    coming = folder / f"{MANIFEST}.new"
    coming.write_bytes(msgspec.json.encode(manifest))
    _to_disk(coming)
    coming.replace(folder / MANIFEST)
    _to_disk(folder)


def sweep(folder: Path, manifest: Manifest) -> int:
    """Forget the files that it does not name: those of a run that was killed, and those whose time
    is over. How many; none while somebody reads."""
    with _held(folder / "readers", fcntl.LOCK_EX | fcntl.LOCK_NB) as alone:
        if not alone:
            return 0
        for left in folder.glob("coming-*"):
            shutil.rmtree(left)
        kept = {folder / one.path for one in named(manifest)}
        gone = [one for one in folder.glob("*/**/*.parquet") if one not in kept]
        for one in gone:
            one.unlink()
        return len(gone)


def named(manifest: Manifest) -> Iterator[File]:
    """Every file that is in force."""
    for some in manifest.files.values():
        yield from some


@contextmanager
def reading(folder: Path) -> Generator[Manifest]:
    """What is in force, and stays on the disk for as long, whoever writes meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with _held(folder / "readers", fcntl.LOCK_SH):
        yield read(folder)


@contextmanager
def writing(folder: Path) -> Generator[bool]:
    """One writer at a time, over all processes, and whoever dies gives it back: is it us?"""
    folder.mkdir(parents=True, exist_ok=True)
    with _held(folder / "lock", fcntl.LOCK_EX | fcntl.LOCK_NB) as alone:
        yield alone


@contextmanager
def _held(path: Path, how: int) -> Generator[bool]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, how)
        except BlockingIOError:
            yield False
        else:
            yield True


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
