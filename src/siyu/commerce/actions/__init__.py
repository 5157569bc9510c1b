"""Shops are made known, imports kept account of; everything else about commerce comes as events."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from siyu.commerce.actions import sizes
from siyu.commerce.model import (
    BegunImport,
    Counted,
    ImportDone,
    ImportFile,
    Looked,
    Shop,
    Upload,
    UploadStage,
    UploadState,
    Warehouse,
)
from siyu.commerce.model.sizes import Variant
from siyu.kernel.errors import BadInput, NotFound, Problem
from siyu.kernel.sentence import Sentence, within, wording
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import zone
from siyu.staff import actions as staff

SQL = load("siyu.commerce")


def seed_shop(conn: Conn, shops: Iterable[Shop]) -> None:
    """Make these shops known, or change what is known of them."""
    rows = sorted({shop.code: shop for shop in shops}.values())
    if rows:
        conn.execute(
            SQL.seed_shops,
            {
                "codes": [shop.code for shop in rows],
                "names": [shop.name for shop in rows],
                "platforms": [shop.platform for shop in rows],
                "inserts": [shop.inserts for shop in rows],
                "synthetic": [shop.synthetic for shop in rows],
            },
        )


def set_warehouse(conn: Conn, house: Warehouse, by: str, now: datetime) -> None:
    """Say how long a warehouse leaves us, from the next order on; what is planned stays as it is.
    Audited."""
    if house.audit_delay is None and house.ship_cutoff is None:
        raise BadInput(
            Sentence(
                "When does it audit? Say how long after it has an order, or at what hour.",
                "仓库何时审单？请写明收到订单后多久，或每天几点。",
            ),
            (Problem("audit_delay", Sentence("or ship_cutoff is needed", "与截单时刻至少填一个")),),
        )
    try:
        zone(house.time_zone)
    except ValueError as error:
        why = wording(error)
        raise BadInput(why, (Problem("time_zone", why),)) from None
    said = house._asdict() | {
        "shops": json.dumps(house.shops),
        "items": json.dumps(dict(house.items), ensure_ascii=False),
    }
    conn.execute(SQL.set_warehouse, said)
    figures = f"{house.download_lag} + {house.audit_delay or house.ship_cutoff} − {house.margin}"
    staff.audit(conn, by, "warehouse.set", house.code, figures, now)


def drop_warehouse(conn: Conn, code: str, by: str, now: datetime) -> None:
    """It serves no shop any more, from the next order on; what is planned stays. Audited."""
    if not conn.fetch(SQL.drop_warehouse, {"code": code}):
        raise NotFound(Sentence(f"There is no warehouse {code!r}.", f"没有仓库 {code!r}。"))
    staff.audit(conn, by, "warehouse.drop", code, "", now)


def count_goods(
    conn: Conn,
    counts: Iterable[Counted],
    by: str,
    now: datetime,
    why: str,
    variants: Sequence[Variant] = (),
) -> int:
    """What these places had on these days. Pieces of a sku in several rows add up; what was told of
    it for that day before is forgotten. `variants`: which sizes of which styles skus are. How many
    counts (places and days) it told of; audited as one."""
    pieces = Counter[tuple[str, date, str]]()
    for one in counts:
        pieces[one.place, one.day, one.sku] += one.pieces
    if not pieces:
        return 0
    rows = [(*key, many) for key, many in sorted(pieces.items())]
    places, days, skus, many = map(list, zip(*rows, strict=True))
    params = {"places": places, "days": days, "skus": skus, "pieces": many}
    conn.execute(SQL.count_goods, {**params, "now": now})
    sizes.know(conn, variants)
    sizes.size_up(conn, places)
    counted = len({(place, day) for place, day, _, _ in rows})
    staff.audit(conn, by, "goods.count", f"{counted} counts", why, now)
    return counted


def begin_import(conn: Conn, file: ImportFile, now: datetime) -> BegunImport:
    """A new import; or the one of this file that was interrupted, at the place where it stopped."""
    ((found, *done),) = conn.fetch(SQL.begin_import, {**file._asdict(), "now": now})
    refused = conn.fetch(SQL.import_refusals, {"id": found})
    return BegunImport(found, ImportDone(*done), {int(place): why for place, why in refused})


def advance_import(
    conn: Conn,
    import_id: int,
    before: ImportDone,
    done: ImportDone,
    refused: Mapping[int, str],
    now: datetime,
) -> bool:
    """Note how far it is, in the transaction of the batch; False: another process was quicker."""
    moved = conn.fetch(
        SQL.advance_import,
        {
            **done._asdict(),
            "id": import_id,
            "before": before.events,
            "places": list(refused),
            "reasons": list(refused.values()),
            "now": now,
        },
    )
    return bool(moved)


def finish_import(conn: Conn, import_id: int, rejected: int, unpaid: int, now: datetime) -> None:
    """The whole file is in: the next run of it is a new import."""
    said = {"id": import_id, "rejected": rejected, "unpaid": unpaid, "now": now}
    conn.execute(SQL.finish_import, said)


def add_upload(
    conn: Conn, file: str, size: int, digest: str, by: str, now: datetime
) -> tuple[int, bool]:
    """A file that was put here, and whether it is a new one: an open one like it is the same."""
    said = {"file": file, "bytes": size, "digest": digest, "by": by, "now": now}
    ((number, new),) = conn.fetch(SQL.add_upload, said)
    return number, new


def read_upload(
    conn: Conn, upload_id: int, mapping: Mapping[str, object] | None, sheet: str, now: datetime
) -> bool:
    """Read it as said from here on (None: as its header tells), and look at it anew."""
    said = {"id": upload_id, "mapping": _json(mapping), "sheet": sheet, "now": now}
    return bool(conn.execute(SQL.set_reading, said))


def looked(conn: Conn, upload: Upload, found: Looked, now: datetime) -> bool:
    """What a look has found; False: it is to be read otherwise by now."""
    return bool(
        conn.execute(
            SQL.looked,
            {
                "id": upload.id,
                "turn": upload.turn,
                "state": found.state,
                "look": _json(found.look),
                "mapping": _json(found.mapping),
                "dry": _json(found.dry),
                **_wrong(found.error, found.problems),
                "now": now,
            },
        )
    )


def start_upload(conn: Conn, upload_id: int, by: str, now: datetime) -> bool:
    """Let it be brought in when its turn comes."""
    return bool(conn.execute(SQL.start_upload, {"id": upload_id, "by": by, "now": now}))


def stop_upload(conn: Conn, upload_id: int, now: datetime) -> bool:
    """Don't bring it in (any further). What is in stays in."""
    return bool(conn.execute(SQL.stop_upload, {"id": upload_id, "now": now}))


def take_upload(conn: Conn, upload_id: int, now: datetime) -> bool:
    """It is under way."""
    return bool(conn.execute(SQL.take_upload, {"id": upload_id, "now": now}))


def tell_upload(
    conn: Conn, upload: Upload, stage: UploadStage, done: int, total: int, real: datetime
) -> bool:
    """How far it is; whether to stop."""
    said = {"id": upload.id, "turn": upload.turn, "stage": stage, "done": done, "total": total}
    rows = conn.fetch(SQL.tell_upload, {**said, "real": real})
    return bool(rows and rows[0][0])


def end_upload(
    conn: Conn,
    upload_id: int,
    state: UploadState,
    report: Mapping[str, object] | None,
    now: datetime,
    error: str = "",
    problems: Sequence[Problem] = (),
) -> None:
    """It is in, was stopped, or failed."""
    said = {"id": upload_id, "state": state, "report": _json(report), "now": now}
    conn.execute(SQL.end_upload, said | _wrong(error, problems))


def drop_upload(conn: Conn, upload_id: int, now: datetime) -> bool:
    """Its file goes; False: it is under way, or is gone."""
    return bool(conn.execute(SQL.drop_upload, {"id": upload_id, "now": now}))


def _json(value: Mapping[str, object] | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _wrong(error: str, problems: Sequence[Problem]) -> dict[str, object]:
    listed = [
        {"where": one.where, "why": one.why[:], "zh": within("zh", one.why)} for one in problems
    ]
    return {
        "error": error[:],
        "error_zh": within("zh", error),
        "problems": json.dumps(listed, ensure_ascii=False),
    }
