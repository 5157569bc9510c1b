"""Brings files in: one that a command names, and those that people put into HOME/uploads.

Uploads are looked at and brought in by two threads beside the server. All that they know is in the
database, so a restart goes on where it stopped, and of several servers one imports at a time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import structlog

from siyu.app import App, OrderFile, Progress, Report, Tell, import_orders, orderfile, seed_brand
from siyu.commerce import actions, views
from siyu.commerce.model import Looked, Upload, UploadStage, UploadState
from siyu.events import views as events
from siyu.events.sweep import APPLIER, apply, describe
from siyu.kernel.errors import DatabaseDown, Problem, SiyuError
from siyu.worker.uploads import Uploads

log = structlog.get_logger(__name__)

APPLIER_NAP = 0.5  # seconds between looks at how much the applier has left
LOOK_EVERY = 0.5  # seconds between looks whether somebody wants something
TELL_EVERY = timedelta(seconds=0.4)
PRUNE_EVERY = 3600.0
LOCK = "siyu imports"
COUNTED = 200_000  # rows that a look reads; of a larger file it says so
STAGES: dict[str, UploadStage] = {
    "reading": "reading",
    "importing": "importing",
    "going on": "going_on",
    "waiting for the engine": "waiting",
}
GONE = "The file is not on this server any more; put it here again."
TROUBLE = "Something went wrong on our side; it has been logged. Start it again: it goes on."


def import_file(
    app: App,
    file: OrderFile,
    progress: Tell,
    *,
    rejects: Path | None = None,
    until: datetime | None = None,
    stands_in: bool = True,
) -> Report:
    """Bring a file in as history, and apply it here unless a running server does.

    An installation without a brand gets the one that the mapping speaks of. Not `stands_in`: there
    is a server for certain, and it alone applies.
    """
    seed_brand(app, file)
    now = app.clock.now()
    engine = _Engine(app, now, progress, stands_in=stands_in)
    try:
        engine.apply()
        report = import_orders(
            app.db,
            app.keys,
            app.brand,
            file,
            now,
            progress,
            rejects=rejects,
            until=until,
            before_batch=engine.wait,
            after_batch=engine.apply,
        )
        engine.take_over()
        return report
    finally:
        engine.release()


class _Engine:
    """Who applies what an import brings: a running server, else the import itself."""

    def __init__(self, app: App, now: datetime, progress: Tell, *, stands_in: bool) -> None:
        self._app = app
        self._now = now
        self._progress = progress
        self._stands_in = stands_in
        self._lock = app.db.try_lock(APPLIER) if stands_in else None
        self._never = threading.Event()

    def wait(self) -> None:
        """Until few enough events wait: what a shop tells now is applied behind them."""
        most = self._app.settings.import_backlog
        while self._lock is None and (waiting := self._waiting()) > most:
            self._progress(Progress("waiting for the engine", 0, waiting))
            self._never.wait(APPLIER_NAP)
            self.take_over()

    def take_over(self) -> None:
        """Apply, where the server (or an import that was killed) has gone in between."""
        if self._lock is None and self._stands_in:
            self._lock = self._app.db.try_lock(APPLIER)
            self.apply()

    def apply(self) -> None:
        """All that waits, unless a server does it."""
        while (
            self._lock is not None and apply(self._lock, self._app.projections, self._now).claimed
        ):
            pass

    def release(self) -> None:
        """Let the next applier in."""
        if self._lock is not None:
            self._lock.release()

    def _waiting(self) -> int:
        with self._app.db.transaction() as conn:
            return events.backlog(conn)


class _Stop(Exception):
    """Somebody wants it to end here; never leaves this file."""


class Importer:
    """Looks at uploads and brings them in, until it is stopped."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._uploads = Uploads(app.settings.home)
        self._ending = threading.Event()
        self._pruned = float("-inf")
        self._threads = [
            threading.Thread(target=self._keep, args=(work,), name=f"siyu-{name}", daemon=True)
            for name, work in (("looks", self.look_once), ("imports", self.import_once))
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, patience: float) -> None:
        """End behind the batch under way; the next start goes on there."""
        self._ending.set()
        for thread in self._threads:
            thread.join(patience)

    def look_once(self) -> bool:
        """Look at the upload that waits for it; False where none does."""
        upload = self._next(["looking"])
        if upload is None:
            self._prune()
            return False
        try:
            found = self._looked(upload)
        except _Stop:
            return True
        except SiyuError as error:
            if isinstance(error, DatabaseDown):
                raise
            useless = upload.mapping is None and upload.look is None
            state: UploadState = "refused" if useless else "unknown"
            found = Looked(state, error=error.detail, problems=error.problems)
        now = self._app.clock.now()
        with self._app.db.transaction() as conn:
            kept = actions.looked(conn, upload, found, now)
            if kept and found.state == "refused":
                actions.drop_upload(conn, upload.id, now)
        if kept and found.state == "refused":
            self._uploads.remove(upload.id)
        return True

    def import_once(self) -> bool:
        """Bring the next upload in; False where none waits, or another server is at it."""
        if self._next(["queued", "importing"]) is None:
            return False
        lock = self._app.db.try_lock(LOCK)
        if lock is None:
            return False
        try:
            upload = self._next(["queued", "importing"])
            if upload is not None:
                self._import(upload)
            return upload is not None
        finally:
            lock.release()

    # ── looking ──

    def _looked(self, upload: Upload) -> Looked:
        path = self._there(upload)
        brand = self._app.brand
        with self._app.db.transaction() as conn:
            yours = views.own_mappings(conn)
        look, opened = orderfile.look(
            path,
            upload.mapping,
            yours,
            sheet=upload.sheet or None,
            currency=brand.currency,
        )
        said: dict[str, Any] = msgspec.to_builtins(look._asdict() | {"columns": [
            column._asdict() for column in look.columns
        ]})  # fmt: skip
        if look.mapping is None:
            return Looked("unknown", said)
        file = orderfile.read_looked(opened, look.mapping, brand.region, brand.time_zone)
        tell = self._teller(upload, counting=True)
        now = self._app.clock.now()
        dry = orderfile.count(file, self._known, now, brand.region, tell, COUNTED)
        counted = dry._asdict() | {"reasons": [one._asdict() for one in dry.reasons]}
        return Looked("ready", said, look.mapping, counted)

    def _known(self, names: Any) -> int:
        with self._app.db.transaction() as conn:
            return events.known(conn, names)

    # ── importing ──

    def _import(self, upload: Upload) -> None:
        app = self._app
        with app.db.transaction() as conn:
            if not actions.take_upload(conn, upload.id, app.clock.now()):
                return
        ended: tuple[UploadState, dict[str, object] | None, str, tuple[Problem, ...]]
        try:
            ended = "done", self._brought(upload), "", ()
        except _Stop:
            if self._ending.is_set():
                return  # the next server goes on
            ended = "cancelled", None, "", ()
        except DatabaseDown:
            raise
        except SiyuError as error:
            ended = "failed", None, error.detail, error.problems
        except Exception as error:  # noqa: BLE001 - whatever it is, people have to know
            log.error("an import failed", why=describe(error))  # noqa: TRY400 - a trace quotes values
            ended = "failed", None, TROUBLE, ()
        state, report, error, problems = ended
        now = app.clock.now()
        with app.db.transaction() as conn:
            actions.end_upload(conn, upload.id, state, report, now, error, problems)
            if state == "done":
                actions.drop_upload(conn, upload.id, now)
        if state == "done":
            self._uploads.remove_file(upload.id, upload.file)
        app.wake()

    def _brought(self, upload: Upload) -> dict[str, object]:
        app, brand = self._app, self._app.brand
        path = self._there(upload)
        look, opened = orderfile.look(
            path, upload.mapping, (), sheet=upload.sheet or None, currency=brand.currency
        )
        if look.mapping is None:
            raise SiyuError(GONE)
        file = orderfile.read_looked(opened, look.mapping, brand.region, brand.time_zone)
        report = import_file(
            app,
            file,
            self._teller(upload),
            rejects=self._uploads.rejects(upload.id, upload.file),
            stands_in=False,
        )
        return {k: v for k, v in report._asdict().items() if k != "rejects_path"}

    def _there(self, upload: Upload) -> Path:
        path = self._uploads.file(upload.id, upload.file)
        if not path.is_file():
            raise SiyuError(GONE)
        return path

    # ── both ──

    def _teller(self, upload: Upload, *, counting: bool = False) -> Tell:
        """Writes down how far it is, now and then; raises when it is to stop."""
        said: list[tuple[datetime, str]] = []

        def tell(at: Progress) -> None:
            if self._ending.is_set():
                raise _Stop
            real = self._app.clock.real()
            if said and said[0][1] == at.stage and real - said[0][0] < TELL_EVERY:
                return
            said[:] = [(real, at.stage)]
            stage: UploadStage = "counting" if counting else STAGES[at.stage]
            with self._app.db.transaction() as conn:
                if actions.tell_upload(conn, upload, stage, at.done, at.of, real):
                    raise _Stop

        return tell

    def _next(self, states: list[UploadState]) -> Upload | None:
        with self._app.db.transaction() as conn:
            return views.due_upload(conn, states)

    def _keep(self, work: Callable[[], bool]) -> None:
        while not self._ending.is_set():
            try:
                if work():
                    continue
            except Exception as error:  # noqa: BLE001 - whatever it is, the next one must go on
                log.warning("can't look after uploads; trying again", why=describe(error))
            self._ending.wait(LOOK_EVERY)

    def _prune(self) -> None:
        """Files hold what a shop knows of its buyers: nobody keeps them for long."""
        moment = time.monotonic()
        if moment - self._pruned < PRUNE_EVERY:
            return
        self._pruned = moment
        prune(self._app)


def prune(app: App) -> None:
    """Remove what has lain in HOME/uploads for too long."""
    uploads, days = Uploads(app.settings.home), timedelta(days=app.settings.upload_days)
    now = app.clock.now()
    with app.db.transaction() as conn:
        old = views.old_uploads(conn, uploads.numbers(), now - days)
        for number in old:
            actions.drop_upload(conn, number, now)
    for number in old:
        uploads.remove(number)
    with suppress(OSError):
        uploads.sweep((app.clock.real() - timedelta(days=1)).timestamp())
