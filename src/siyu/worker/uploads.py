"""HOME/uploads: files that people have put here, for their owner only, gone after a while."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from siyu.kernel.errors import Broken

KEEP_FREE = 512 << 20  # bytes that the disk keeps for everything else
LONGEST_NAME = 80
_STRANGE = re.compile(r"[^\w.()（）-]+")


class Uploads:
    """The folder of one installation: `ID/NAME`, and beside it what could not be used of it."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "uploads"

    def begin(self) -> Path:
        """An empty file to write to, for its owner only."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=".part-", dir=self._folder)
        except OSError as error:
            raise Broken(f"{self._folder} can't be written to: {error.strerror}.") from None
        os.close(descriptor)
        return Path(name)

    def has_room(self, size: int) -> bool:
        """Does the disk take so many bytes more, and stay usable?"""
        return shutil.disk_usage(self._folder).free - size > KEEP_FREE

    def keep(self, part: Path, number: int, name: str) -> None:
        """A file that came in whole gets its place."""
        folder = self._folder / str(number)
        folder.mkdir(mode=0o700, exist_ok=True)
        part.replace(folder / name)

    def file(self, number: int, name: str) -> Path:
        """Where it lies."""
        return self._folder / str(number) / name

    def rejects(self, number: int, name: str) -> Path:
        """Where its rows lie that could not be used."""
        return self._folder / str(number) / f"{name}.rejects.csv"

    def remove_file(self, number: int, name: str) -> None:
        """It is in: only what could not be used of it stays."""
        self.file(number, name).unlink(missing_ok=True)

    def remove(self, number: int) -> None:
        """All of it."""
        shutil.rmtree(self._folder / str(number), ignore_errors=True)

    def numbers(self) -> list[int]:
        """The uploads of which something lies here."""
        if not self._folder.is_dir():
            return []
        return [int(one.name) for one in self._folder.iterdir() if one.name.isdecimal()]

    def sweep(self, older_than: float) -> None:
        """Parts of uploads that never came whole. `older_than`: seconds since the epoch."""
        for part in self._folder.glob(".part-*"):
            try:
                if part.stat().st_mtime < older_than:
                    part.unlink()
            except FileNotFoundError:
                continue


def safe_name(name: str) -> str:
    """A name for a file of ours, of what somebody calls theirs.

    >>> safe_name("../../etc/passwd"), safe_name("C:\\\\订单 导出(1).csv"), safe_name("..")
    ('passwd', '订单_导出(1).csv', 'orders')
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = _STRANGE.sub("_", last).strip("._")
    stem, dot, ending = plain.rpartition(".")
    if dot and len(ending) <= 6:
        return f"{stem[:LONGEST_NAME]}.{ending}" if stem else "orders"
    return plain[:LONGEST_NAME] or "orders"
