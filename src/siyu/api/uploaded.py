"""What an upload looks like over HTTP. Samples are masked: they show a column, not a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from siyu.app import App
from siyu.commerce import model
from siyu.commerce.model import Recognised, Upload, UploadStage, UploadState
from siyu.kernel.sentence import Language
from siyu.worker.uploads import Uploads

PREFIX = "imp"
LATER = {"cancellations": 0, "itemised": 0, "unpaid": 0}  # what older imports say nothing of
Action = Literal["read", "start", "cancel", "drop", "rejects"]


@dataclass(frozen=True)
class Column:
    """A column of the file, the fields of ours that it is read as, and some of its values."""

    name: str
    fields: list[str]
    samples: list[str]


@dataclass(frozen=True)
class Look:
    """`lines` of the file, its header included. `recognised`: `known` by a mapping that comes with
    Siyu, `yours` by one that has served here, `given` by hand, or not. `draft`: a mapping to begin
    with, from the names of columns and what is in them; what is not known is missing. `sure`: how
    sure each of its fields is, such as `order.column` (0 to 1); `missing`: fields that somebody
    must say before it can be read."""

    kind: str
    encoding: str
    delimiter: str
    sheet: str
    sheets: list[str]
    lines: int
    recognised: Recognised
    draft: dict[str, Any]
    columns: list[Column]
    sure: dict[str, float]
    missing: list[str]


@dataclass(frozen=True)
class RejectReason:
    """`field`: of the file, or of an order."""

    field: str
    why: str
    rows: int


@dataclass(frozen=True)
class Dry:
    """What an import would bring: orders, refunds and corrections that are `new` or `known`, and
    rows that can't be used or that nobody has paid yet (`unpaid`). Not `whole`: of a large file
    only the first `rows` were read."""

    rows: int
    whole: bool
    new: int
    known: int
    guests: int
    rejected: int
    masked_phones: int
    reasons: list[RejectReason]
    unpaid: int


@dataclass(frozen=True)
class Progress:
    """`done` of `total` lines; in the stage `waiting` `total` events are left to the engine."""

    stage: UploadStage
    done: int
    total: int
    per_second: int
    seconds_left: int | None
    told_at: datetime | None


@dataclass(frozen=True)
class Brings:
    """What came in. `duplicates` were here already; `resumed`: so many lines came in before an
    interruption; `lines` could be used, `rejected` could not; `unpaid` are of orders that nobody
    has paid yet, or that are none any more; `itemised`: orders whose lines a file of lines told."""

    orders: int
    refunds: int
    corrections: int
    duplicates: int
    guests: int
    lines: int
    rejected: int
    resumed: int
    cancellations: int
    itemised: int
    unpaid: int


@dataclass(frozen=True)
class Wrong:
    where: str
    why: str


@dataclass(frozen=True)
class ImportRow:
    """One line of the list of uploads. `can`: what may be done with it now."""

    id: str
    file: str
    bytes: int
    state: UploadState
    mapping: str
    lines: int
    progress: Progress | None
    report: Brings | None
    error: str
    can: list[Action]
    uploaded_by: str
    uploaded_at: datetime
    started_by: str
    changed_at: datetime


@dataclass(frozen=True)
class Uploaded:
    """One upload, whole. `mapping` is the document by which it is read; null: nobody knows."""

    id: str
    file: str
    bytes: int
    state: UploadState
    mapping: dict[str, Any] | None
    look: Look | None
    dry: Dry | None
    progress: Progress | None
    report: Brings | None
    stopping: bool
    error: str
    problems: list[Wrong]
    can: list[Action]
    uploaded_by: str
    uploaded_at: datetime
    started_by: str
    changed_at: datetime


@dataclass(frozen=True)
class Brought:
    """`file_lines` of the file; `new` and `known` orders, refunds and corrections."""

    id: str
    file: str
    mapping: str
    shop: str
    lines: int
    file_lines: int
    new: int
    known: int
    rejected: int
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class KnownMapping:
    mapping: str
    title: dict[str, str]
    document: dict[str, Any]


def shown(app: App, one: Upload, locale: Language) -> Uploaded:
    """An upload as it is shown."""
    return Uploaded(
        app.ids.encode(PREFIX, one.id),
        one.file,
        one.bytes,
        one.state,
        one.mapping,
        None if one.look is None else _look(one.look),
        None if one.dry is None else _dry(one.dry, locale),
        _progress(one),
        None if one.report is None else Brings(**(LATER | one.report)),
        one.stop_wanted,
        one.error_zh if locale == "zh" else one.error,
        [
            Wrong(problem["where"], problem["zh" if locale == "zh" else "why"])
            for problem in one.problems
        ],
        _can(app, one),
        one.uploaded_by,
        one.uploaded_at,
        one.started_by,
        one.changed_at,
    )


def row(app: App, one: Upload, locale: Language) -> ImportRow:
    """An upload in a list."""
    return ImportRow(
        app.ids.encode(PREFIX, one.id),
        one.file,
        one.bytes,
        one.state,
        str(one.mapping["mapping"]) if one.mapping else "",
        int(one.look["lines"]) if one.look else 0,
        _progress(one),
        None if one.report is None else Brings(**(LATER | one.report)),
        one.error_zh if locale == "zh" else one.error,
        _can(app, one),
        one.uploaded_by,
        one.uploaded_at,
        one.started_by,
        one.changed_at,
    )


def brought(app: App, one: model.Brought) -> Brought:
    """A file that came in."""
    return Brought(app.ids.encode("pag", one.id), *one[1:])


def _look(found: dict[str, Any]) -> Look:
    wanted: dict[str, Any] = {"sure": {}, "missing": []}
    wanted |= {k: v for k, v in found.items() if k not in ("digest", "mapping", "columns")}
    return Look(**wanted, columns=[Column(**column) for column in found["columns"]])


def _dry(found: dict[str, Any], locale: Language) -> Dry:
    numbers: dict[str, Any] = {"unpaid": 0}
    numbers |= {name: value for name, value in found.items() if name != "reasons"}
    why = "zh" if locale == "zh" else "why"
    reasons = [RejectReason(one["field"], one[why], one["rows"]) for one in found["reasons"]]
    return Dry(**numbers, reasons=reasons)


def _progress(one: Upload) -> Progress | None:
    at = one.progress
    if not at.stage or one.state not in ("looking", "importing"):
        return None
    per_second = 0.0
    if at.stage_at is not None and at.told_at is not None:
        spent = (at.told_at - at.stage_at).total_seconds()
        per_second = (at.done - at.stage_done) / spent if spent > 0 else 0.0
    left = round((at.total - at.done) / per_second) if per_second > 0 else None
    return Progress(at.stage, at.done, at.total, round(per_second), left, at.told_at)


def _can(app: App, one: Upload) -> list[Action]:
    found: list[Action] = []
    here = one.removed_at is None
    if here and one.state in ("unknown", "ready", "failed", "cancelled"):
        found.append("read")
    if here and one.mapping is not None and one.state in ("ready", "cancelled", "failed"):
        found.append("start")
    if one.state in ("queued", "importing") and not one.stop_wanted:
        found.append("cancel")
    if here and one.state not in ("queued", "importing"):
        found.append("drop")
    if Uploads(app.settings.home).rejects(one.id, one.file).is_file():
        found.append("rejects")
    return found
