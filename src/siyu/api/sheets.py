"""Small files that people fill in for a spreadsheet: how they come and go over HTTP."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from siyu.api.auth import Permission, needs
from siyu.kernel.errors import BadInput, TooLarge
from siyu.kernel.sentence import Sentence
from siyu.kernel.sheet import MEDIA

LARGEST = 20 << 20  # bytes
MOST_ROWS = 100_000
BOM = "\ufeff"  # by which a spreadsheet knows UTF-8
FILE: dict[str, Any] = {
    "required": True,
    "content": {
        "application/octet-stream": {
            "schema": {"type": "string", "format": "binary"},
            "example": "",
        }
    },
}


@dataclass(frozen=True)
class Refused:
    """A row that could not be used. `field`: the column of the file that is wrong."""

    line: int
    field: str
    why: str


class Sheet(Response):
    """A file for a spreadsheet."""

    media_type = "text/csv"


# Of a route that answers either form: what its answer may be.
EITHER: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            media.partition(";")[0]: {"schema": {"type": "string"}} for media in MEDIA.values()
        }
    }
}


def sheet_of(text: str, name: str) -> Response:
    """The text of a CSV as a download that nobody keeps."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Sheet((BOM + text).encode(), headers=headers)


def with_file(permission: Permission) -> dict[str, Any]:
    """Route arguments as `needs` gives them, for a route whose body is a file."""
    declared = needs(permission, once=False)
    declared["openapi_extra"]["requestBody"] = FILE
    return declared


async def body_of(request: Request) -> bytes:
    """The file that a request brings; refused where it is too large for one that people fill in."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise TooLarge(
                Sentence(
                    f"Such a file has at most {LARGEST >> 20} MiB.",
                    f"这样的文件最多 {LARGEST >> 20} MiB。",
                )
            )
    return bytes(body)


@contextmanager
def laid_down(body: bytes) -> Generator[Path]:
    """The same on the disk for as long as it is read, readable by this account only."""
    descriptor, name = tempfile.mkstemp(prefix="siyu-list-")  # 0600
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as held:
            held.write(body)
        yield path
    finally:
        path.unlink()


def refuse_many(rows: int) -> None:
    """More than people fill in by hand."""
    if rows > MOST_ROWS:
        raise BadInput(
            Sentence(
                f"Such a file has at most {MOST_ROWS:,} rows.", f"这样的文件最多 {MOST_ROWS:,} 行。"
            )
        )
