"""The import of an order file as history: what can be used goes in, the rest is written down.

What it has done is stored with each batch, in the batch's own transaction. Killed at any moment and
begun again, it reads the file again and deals with no event twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from siyu.commerce import actions as commerce
from siyu.commerce.model import ImportDone, ImportFile, Shop
from siyu.commerce.views import shops
from siyu.connectors.orderfile.config import Mapping
from siyu.connectors.orderfile.source.files import Row
from siyu.connectors.orderfile.source.orders import OrderFile, Progress, Tell, Told
from siyu.connectors.orderfile.source.rejects import Rejects
from siyu.events.actions import Answer, accept
from siyu.events.check import apart, parse
from siyu.kernel.errors import Problem, Refused
from siyu.kernel.sentence import Sentence, language_of
from siyu.kernel.sql import Conn, Db
from siyu.kernel.time import instant
from siyu.staff.model import Brand
from siyu.vault.model import Keys

BATCH_EVENTS = 2_000
BATCH_LINES = 20_000  # an event may hold thousands: this bounds memory
READS = 2  # raised when rows are read otherwise: then a file that was begun before begins anew


class Report(NamedTuple):
    """What an import brought in: new orders, refunds, cancellations, corrections; `guests` of the
    new orders; `itemised` orders whose lines were told by a file of lines.

    `lines` are the rows of the file that could be used, whether new or not; `rejected` are the
    others. `duplicates` are orders, refunds and corrections that were there already. `resumed`:
    so many lines had come in when an earlier run was interrupted; they are counted in the others.
    `unpaid` rows are of orders that nobody has paid yet, or that are none any more: neither a
    mistake nor an event.
    """

    orders: int = 0
    lines: int = 0
    refunds: int = 0
    corrections: int = 0
    duplicates: int = 0
    rejected: int = 0
    guests: int = 0
    rejects_path: Path | None = None
    resumed: int = 0
    cancellations: int = 0
    itemised: int = 0
    unpaid: int = 0


def import_orders(  # noqa: PLR0913 - what an import needs, each in one word
    db: Db,
    keys: Keys,
    brand: Brand,
    file: OrderFile,
    now: datetime,
    progress: Tell = lambda _: None,
    *,
    rejects: Path | None = None,
    until: datetime | None = None,
    before_batch: Callable[[], None] = lambda: None,
    after_batch: Callable[[], None] = lambda: None,
) -> Report:
    """Accept what the file tells, as backfill, in batches; each is durable before the next.

    `until`: only what happened before it. `before_batch` may wait; `after_batch` runs after each
    commit: there the caller applies. Rejected rows go to `rejects` (FILE.rejects.csv without it),
    which only its owner can read.
    """
    file = file.read_for(brand.region, brand.time_zone).as_of(now)
    target = rejects or file.path.with_name(f"{file.path.name}.rejects.csv")
    with Rejects(target, file.path, file.header, language_of(brand.locale)) as written:
        work = _Import(db, keys, brand, now, written, file.mapping)
        work.begin(file, until)
        batch: list[Told] = []
        size = 0

        def told_of(at: Progress) -> None:
            progress(
                at._replace(stage="going on") if work.recalls and at.stage != "reading" else at
            )

        def deal() -> None:
            if work.recalls:
                work.recall(batch)
                return
            before_batch()
            work.accept(batch)
            after_batch()

        for told in file.tell(written.add, told_of, unpaid=work.leave_out):
            if until is not None and instant(told.event.occurred_at) >= until:
                continue
            if len(batch) == BATCH_EVENTS or size + len(told.rows) > BATCH_LINES:
                deal()
                batch, size = [], 0
            batch.append(told)
            size += len(told.rows)
        if batch:
            deal()
        return work.finish(target)


def _reading(mapping: Mapping, brand: Brand, until: datetime | None) -> str:
    """All that decides, beside the file, which events come and in which batches."""
    said = (READS, BATCH_EVENTS, BATCH_LINES, mapping, brand.region, brand.time_zone, until)
    return sha256(msgspec.json.encode(said)).hexdigest()


class _Import:
    """One run. Events are known by their place in the file's order."""

    def __init__(
        self,
        db: Db,
        keys: Keys,
        brand: Brand,
        now: datetime,
        rejects: Rejects,
        mapping: Mapping,
    ) -> None:
        self._mapping = mapping
        self._shops: set[str] = set()  # that are known for certain
        self._unpaid = 0
        self._db = db
        self._keys = keys
        self._brand = brand
        self._now = now
        self._rejects = rejects
        self._place = 0  # of the next event

    def begin(self, file: OrderFile, until: datetime | None) -> None:
        """Find where an interrupted run of this file stopped; nowhere is the start."""
        mapping = file.mapping
        asked = ImportFile(
            file.path.name, file.scan.digest, _reading(mapping, self._brand, until),
            mapping.mapping, mapping.shop.code, file.scan.lines,
        )  # fmt: skip
        with self._db.transaction() as conn:
            begun = commerce.begin_import(conn, asked, self._now)
        self._id, self.done, self._refused = begun.id, begun.done, begun.refused
        self._resumed = begun.done.lines

    @property
    def recalls(self) -> bool:
        """Is the next batch one that an interrupted run has dealt with?"""
        return self._place < self.done.events

    def recall(self, batch: Sequence[Told]) -> None:
        """A batch of an interrupted run: only its rejected rows are written again."""
        for place, told in enumerate(batch, start=self._place):
            if place in self._refused:
                again = parse(told.event, self._brand.region, self._now)
                self._reject(told, again if isinstance(again, str) else self._refused[place])
        self._place += len(batch)

    def leave_out(self, _: Row) -> None:
        """Nobody has paid it (yet)."""
        self._unpaid += 1

    def accept(self, batch: Sequence[Told]) -> None:
        """One transaction for the facts, their shops, and how far the import is."""
        events = [told.event for told in batch]
        with self._db.transaction() as conn:
            self._know_shops(conn, batch)
            answers = accept(conn, self._keys, self._brand.region, events, self._now, backfill=True)
            done, refused = self._counted(batch, answers)
            kept = {place: why[:] for place, why in refused.items()}
            if not commerce.advance_import(conn, self._id, self.done, done, kept, self._now):
                raise Refused(
                    Sentence(
                        "Another process imports this file now; let it finish.",
                        "另一个进程正在导入这个文件；请等它完成。",
                    )
                )
        for place, why in refused.items():
            self._reject(batch[place - self._place], why)
        self.done = done
        self._place += len(batch)

    def _know_shops(self, conn: Conn, batch: Sequence[Told]) -> None:
        said = self._mapping.shop
        codes = {said.code}
        if said.column is not None:
            codes = {msgspec.json.decode(told.event.data, type=_OfShop).shop for told in batch}
        if not codes <= self._shops:
            new = sorted(codes - self._shops - shops(conn).keys())
            one = said.column is None
            commerce.seed_shop(
                conn, [Shop(code, said.name if one else code, said.platform) for code in new]
            )
            self._shops |= codes

    def finish(self, target: Path) -> Report:
        """The whole file is in."""
        self._rejects.keep()
        rejected, done = self._rejects.count, self.done
        with self._db.transaction() as conn:
            commerce.finish_import(conn, self._id, rejected, self._unpaid, self._now)
        return Report(
            done.orders, done.lines, done.refunds, done.corrections, done.duplicates, rejected,
            done.guests, target if rejected else None, self._resumed, done.cancellations,
            done.itemised, self._unpaid,
        )  # fmt: skip

    def _counted(
        self, batch: Sequence[Told], answers: Sequence[Answer]
    ) -> tuple[ImportDone, dict[int, str]]:
        counts = dict.fromkeys(ImportDone._fields, 0)
        refused: dict[int, str] = {}
        for place, (told, answer) in enumerate(zip(batch, answers, strict=True), self._place):
            if answer.status == "rejected":
                refused[place] = answer.reason
                continue
            counts["lines"] += len(told.rows)
            if answer.status == "duplicate":
                counts["duplicates"] += 1
                continue
            counts[_COUNTED[told.event.kind]] += 1
            keys = told.event.keys.keys() - {"order"}
            counts["guests"] += told.event.kind == "order.paid" and not keys
        counts["events"] = len(batch)
        done = ImportDone(*(old + counts[name] for name, old in self.done._asdict().items()))
        return done, refused

    def _reject(self, told: Told, reason: str) -> None:
        field, why = apart(reason)
        for row in told.rows:
            self._rejects.add(row, Problem(field, why))


class _OfShop(msgspec.Struct):
    shop: str


_COUNTED = {
    "order.paid": "orders",
    "order.refunded": "refunds",
    "order.corrected": "corrections",
    "order.cancelled": "cancellations",
    "order.itemised": "itemised",
}
