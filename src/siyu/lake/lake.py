"""The lake of an installation: written, rebuilt, asked."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from siyu.kernel.errors import Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Db
from siyu.kernel.time import Clock
from siyu.lake import files
from siyu.lake.engine import Duck
from siyu.lake.export import Synced, Tell, sync
from siyu.lake.model import Engine, Manifest
from siyu.lake.spark import Spark
from siyu.settings import Settings

MOST_UNTIDY = 200  # files of a table and month: who waits for an answer tidies up only then
BUSY = Sentence(
    "The lake is being written by another process; try again in a moment.",
    "数据湖正由另一进程写入，请稍后再试。",
)


class Lake:
    """`folder` is made when it is first written. `engine`: what answers over it; DuckDB writes."""

    def __init__(
        self, db: Db, folder: Path, clock: Clock, engine: Callable[[], Engine] = Duck
    ) -> None:
        self._db = db
        self._clock = clock
        self._engine = engine
        self.folder = folder

    def sync(self, *, anew: bool = False, tell: Tell | None = None) -> Synced:
        """Bring it up to what is applied now, and tidy it up; `anew`: from scratch."""
        found = self.brought(anew=anew, tell=tell)
        if found is None:
            raise Refused(BUSY)
        return found

    def brought(self, *, anew: bool = False, tell: Tell | None = None) -> Synced | None:
        """The same; None where another process is at it."""
        return sync(self._db, self.folder, self._clock, anew=anew, tell=tell)

    def manifest(self) -> Manifest:
        """Which files are in force."""
        return files.read(self.folder)

    @contextmanager
    def asked(self, tell: Tell | None = None) -> Generator[Engine]:
        """An engine over all that is applied now; while another process writes, over what is in
        force until it is done."""
        synced = sync(self._db, self.folder, self._clock, tell=tell, most_files=MOST_UNTIDY)
        if synced is None and not self.manifest().version:
            raise Refused(BUSY)
        with files.reading(self.folder) as manifest, self._engine() as engine:
            engine.open(self.folder, manifest)
            yield engine


def engine_of(settings: Settings) -> Callable[[], Engine]:
    """What the settings say that figures are answered by."""
    if settings.lake_engine == "spark":
        return partial(Spark, settings.spark_master, settings.lake_url)
    return Duck
