"""The lake of an installation: written, rebuilt, asked."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from siyu.kernel.sql import Db
from siyu.kernel.time import Clock
from siyu.lake import files
from siyu.lake.engine import Duck
from siyu.lake.export import Synced, Tell, sync
from siyu.lake.model import Manifest


class Lake:
    """`folder` is made when it is first written."""

    def __init__(self, db: Db, folder: Path, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self.folder = folder

    def sync(self, *, anew: bool = False, tell: Tell | None = None) -> Synced:
        """Bring it up to what is applied now; `anew`: from scratch."""
        return sync(self._db, self.folder, self._clock, anew=anew, tell=tell)

    def manifest(self) -> Manifest:
        """Which files are in force."""
        return files.read(self.folder)

    @contextmanager
    def asked(self, tell: Tell | None = None) -> Generator[Duck]:
        """An engine over all that is applied now."""
        self.sync(tell=tell)
        with files.reading(self.folder) as manifest, Duck() as duck:
            duck.open(self.folder, manifest)
            yield duck
