"""What a warehouse packed and shipped, as a file of its own system."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from siyu.api.auth import TheApp, TheCaller
from siyu.api.language import TheLanguage
from siyu.api.sheets import Refused, with_file
from siyu.app import import_shipped
from siyu.kernel.errors import TooLarge
from siyu.kernel.sentence import within

router = APIRouter(tags=["parcels"])
LARGEST = 50 << 20  # bytes of a shipped file
MOST_SHOWN = 1_000  # rows that could not be used


@dataclass(frozen=True)
class Shipped:
    """Parcels that nobody had told of so; `known` facts were here. Not `items`: the file doesn't
    say what was packed. Of `rejected` rows the first 1,000 are listed; `rejects` is a file (CSV) of
    all, with line, column, reason and the row as it was."""

    rows: int
    parcels: int
    packed: int
    shipped: int
    known: int
    rejected: int
    items: bool
    refused: list[Refused]
    rejects: str


@router.post("/imports/shipped", **with_file("imports.write"))
async def bring(
    request: Request,
    app: TheApp,
    caller: TheCaller,
    language: TheLanguage,
    by: Annotated[str, Query(max_length=200, description="Who does it, with the API key.")] = "",
) -> Shipped:
    """What a warehouse packed and shipped: the file of its system, CSV or Excel, known by its
    columns. Again is harmless. Audited."""
    who = caller.actor(by)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise TooLarge

    def taken() -> Shipped:
        with tempfile.TemporaryDirectory(prefix="siyu-shipped-") as folder:
            path = Path(folder) / "shipped"
            path.write_bytes(body)
            found = import_shipped(app.db, app.keys, app.brand, path, who, app.clock.now())
            rejects = found.rejects_path.read_text("utf-8") if found.rejects_path else ""
        app.wake()
        refused = [
            Refused(one.line, one.field, within(language, one.why))
            for one in sorted(found.refused)[:MOST_SHOWN]
        ]
        return Shipped(
            found.rows,
            found.parcels,
            found.packed,
            found.shipped,
            found.known,
            found.rejected,
            found.items,
            refused,
            rejects,
        )

    return await run_in_threadpool(taken)
