"""A copy of the lake where Spark's workers find it: any file system that Hadoop speaks.

The manifest is written last: what it names is there. What it does not name, and the one before it
did not either, is forgotten: a figure has the time from one sync to the next but one.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import msgspec

from siyu.lake import files
from siyu.lake.model import Manifest


def put(session: Any, url: str, folder: Path, manifest: Manifest) -> None:
    """Copy what is in force there and not yet at the URL."""
    java = session.sparkContext._jvm.org.apache.hadoop.fs  # noqa: SLF001 - PySpark has no other way
    base = java.Path(url)
    system = base.getFileSystem(session.sparkContext._jsc.hadoopConfiguration())  # noqa: SLF001
    before = _there(session, url, system, java)
    if before == manifest:
        return
    known = {one.path for one in files.named(before)} if before else set[str]()
    kept = {one.path for one in files.named(manifest)}
    for path in kept - known:
        _copied(system, java, folder / path, f"{url}/{path}")
    with tempfile.NamedTemporaryFile() as text:
        text.write(msgspec.json.encode(manifest))
        text.flush()
        _copied(system, java, Path(text.name), f"{url}/{files.MANIFEST}")
    _sweep(system, base, kept | known)


def _there(session: Any, url: str, system: Any, java: Any) -> Manifest | None:
    path = f"{url}/{files.MANIFEST}"
    if not system.exists(java.Path(path)):
        return None
    ((text,),) = session.read.text(path, wholetext=True).collect()
    return msgspec.json.decode(text, type=Manifest)


def _copied(system: Any, java: Any, source: Path, to: str) -> None:
    """Whole or not at all."""
    coming, target = java.Path(f"{to}.coming"), java.Path(to)
    system.copyFromLocalFile(False, True, java.Path(f"file://{source}"), coming)
    system.delete(target, False)
    system.rename(coming, target)


def _sweep(system: Any, base: Any, kept: set[str]) -> None:
    start = len(system.makeQualified(base).toString().rstrip("/")) + 1
    found = system.listFiles(base, True)
    while found.hasNext():
        path = found.next().getPath()
        name = path.toString()[start:]
        if name.endswith(".parquet") and name not in kept:
            system.delete(path, False)
