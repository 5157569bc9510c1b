"""The import of an order file as history: what can be used goes in, the rest is written down."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple, Self

from siyu.commerce.actions import seed_shop
from siyu.commerce.model import Shop
from siyu.commerce.views import shops
from siyu.connectors.orderfile.config import Mapping
from siyu.connectors.orderfile.source.files import REJECTS, Row
from siyu.connectors.orderfile.source.orders import Tell, Told, open_file
from siyu.events.actions import accept
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sql import Db
from siyu.kernel.time import instant
from siyu.staff.model import Brand
from siyu.vault.model import Keys

BATCH_EVENTS = 2_000
BATCH_LINES = 20_000  # an event may hold thousands: this bounds memory


class Report(NamedTuple):
    """What an import brought in: new orders, refunds, corrections; `guests` of the new orders.

    `lines` are the rows of the file that could be used, whether new or not; `rejected` are the
    others. `duplicates` are orders, refunds and corrections that were there already.
    """

    orders: int = 0
    lines: int = 0
    refunds: int = 0
    corrections: int = 0
    duplicates: int = 0
    rejected: int = 0
    guests: int = 0
    rejects_path: Path | None = None


def import_orders(  # noqa: PLR0913 - what an import needs, each in one word
    db: Db,
    keys: Keys,
    brand: Brand,
    path: Path,
    mapping: Mapping | None,
    now: datetime,
    progress: Tell = lambda _: None,
    *,
    rejects: Path | None = None,
    until: datetime | None = None,
    after_batch: Callable[[], None] = lambda: None,
) -> Report:
    """Accept what the file tells, as backfill, in batches; each is durable before the next.

    Without a mapping the file must be a known one. `until`: only what happened before it.
    `after_batch` runs after each commit: there the caller applies. Rejected rows go to `rejects`
    (FILE.rejects.csv without it), which only its owner can read.
    """
    file = open_file(path, mapping, region=brand.region, time_zone=brand.time_zone)
    _know_shop(db, file.mapping)
    target = rejects or path.with_name(f"{path.name}.rejects.csv")
    with _Rejects(target, file.header) as written:
        work = _Import(db, keys, brand.region, now, written)
        batch: list[Told] = []
        size = 0
        for told in file.tell(written.add, progress):
            if until is not None and instant(told.event.occurred_at) >= until:
                continue
            if len(batch) == BATCH_EVENTS or size + len(told.rows) > BATCH_LINES:
                work.accept(batch)
                after_batch()
                batch, size = [], 0
            batch.append(told)
            size += len(told.rows)
        if batch:
            work.accept(batch)
            after_batch()
        return work.report._replace(
            rejected=written.count, rejects_path=target if written.count else None
        )


def _know_shop(db: Db, mapping: Mapping) -> None:
    shop = mapping.shop
    with db.transaction() as conn:
        if shop.code not in shops(conn):
            seed_shop(conn, [Shop(shop.code, shop.name, shop.platform)])


@dataclass
class _Import:
    db: Db
    keys: Keys
    region: str
    now: datetime
    rejects: _Rejects
    report: Report = field(default_factory=Report)

    def accept(self, batch: Sequence[Told]) -> None:
        """One transaction; what was new is counted once it is durable."""
        events = [told.event for told in batch]
        with self.db.transaction() as conn:
            answers = accept(conn, self.keys, self.region, events, self.now, backfill=True)
        for told, answer in zip(batch, answers, strict=True):
            if answer.status == "accepted":
                self.report = _counted(self.report, told)
            elif answer.status == "duplicate":
                self.report = self.report._replace(
                    duplicates=self.report.duplicates + 1,
                    lines=self.report.lines + len(told.rows),
                )
            else:
                field, _, why = answer.reason.partition(": ")
                for row in told.rows:
                    self.rejects.add(row, Problem(field, why or answer.reason))


def _counted(report: Report, told: Told) -> Report:
    kind, keys = told.event.kind, set(told.event.keys) - {"order"}
    paid = kind == "order.paid"
    return report._replace(
        orders=report.orders + paid,
        refunds=report.refunds + (kind == "order.refunded"),
        corrections=report.corrections + (kind == "order.corrected"),
        guests=report.guests + (paid and not keys),
        lines=report.lines + len(told.rows),
    )


class _Rejects:
    """The rejects file: made with its first row, since most imports need none."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self._path = path
        self._header = header
        self._file: IO[str] | None = None
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: Row, problem: Problem) -> None:
        """A row with its line, the column that is wrong and why."""
        if self._file is None:
            self._file = self._open()
            csv.writer(self._file).writerow([*REJECTS, *self._header])
        csv.writer(self._file).writerow([row.line, problem.where, problem.why, *row.cells])
        self.count += 1

    def _open(self) -> IO[str]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        try:
            descriptor = os.open(self._path, flags, 0o600)
        except OSError as error:
            raise BadInput(
                f"Some rows can't be used, and {self._path} can't be written ({error.strerror}):"
                " name another file with --rejects. Importing again does no harm."
            ) from None
        os.fchmod(descriptor, 0o600)
        return os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="")
