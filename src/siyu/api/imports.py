"""Bring a file in: put it here, see how it is read and what would come in, start it.

An upload is looked at at once (`looking`): then it is `ready`, or `unknown` until `/mapping` says
how it is read, or `refused`. `/start` lets it be brought in when its turn comes, one at a time.
What it brings is history: nobody is enrolled or texted. Interrupted, it goes on where it was.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.language import TheLanguage
from siyu.api.paging import After, Limit, following, start
from siyu.api.uploaded import (
    PREFIX,
    Brought,
    ImportRow,
    KnownMapping,
    Uploaded,
    brought,
    row,
    shown,
)
from siyu.api.words import Words
from siyu.app import App, orderfile
from siyu.commerce import actions, views
from siyu.commerce.model import Upload
from siyu.kernel.errors import BadInput, NotFound, Problem, Refused, TooLarge
from siyu.kernel.sentence import Language, Sentence
from siyu.kernel.sql import Conn
from siyu.staff.actions import audit
from siyu.worker.uploads import Uploads, safe_name

router = APIRouter(prefix="/imports", tags=["imports"])
AT_ONCE = 1 << 20  # bytes that are written together
BOM = "\ufeff".encode()
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
class Listed:
    imports: list[ImportRow]
    next: str


@dataclass(frozen=True)
class History:
    """Every file that was brought in, by this page or by a command; the latest first."""

    brought: list[Brought]
    next: str


@dataclass(frozen=True)
class Mappings:
    mappings: list[KnownMapping]


@dataclass(frozen=True)
class By:
    by: Words = ""


@dataclass(frozen=True)
class Reading:
    """How to read it: a mapping as data (what follows from the file may be left out), or none: as
    its header tells. `sheet`: of an Excel file; empty: the first."""

    mapping: dict[str, Any] | None = None
    sheet: Words = ""
    by: Words = ""


def with_body(permission: Any) -> dict[str, Any]:
    """Route arguments, as `needs` gives them, of a route that takes a file as its body."""
    declared = needs(permission, once=False)
    declared["openapi_extra"]["requestBody"] = FILE
    return declared


@router.post("", **with_body("imports.write"))
async def put(
    request: Request,
    app: TheApp,
    caller: TheCaller,
    locale: TheLanguage,
    name: Annotated[str, Query(max_length=300, description="What the file is called.")],
    by: Annotated[str, Query(max_length=200, description="Who does it, with the API key.")] = "",
) -> Uploaded:
    """Put a file here: CSV (also gzipped) or Excel, as it is, as the body. It is looked at at once.

    The very same file twice is one upload as long as that is open.
    """
    who = caller.actor(by)
    told = request.headers.get("content-length", "")
    uploads, most = Uploads(app.settings.home), app.settings.upload_mib << 20
    if told.isascii() and told.isdigit() and int(told[:20]) > most:
        raise _too_large(app)
    part = await run_in_threadpool(uploads.begin)
    try:
        size, digest = await _stored(app, uploads, part, request.stream(), most)
        called = safe_name(name)
        return await run_in_threadpool(_add, app, part, called, size, digest, who, locale)
    finally:
        part.unlink(missing_ok=True)


@router.get("", **needs("imports.read"))
def listed(app: TheApp, locale: TheLanguage, after: After = "", limit: Limit = 50) -> Listed:
    """Uploads, the latest first; ask again with `after=next` until it stays the same."""
    before = start(app, after, PREFIX) or None
    with app.db.transaction() as conn:
        found = views.uploads(conn, before, limit)
    end = found[-1].id if found else before or 0
    return Listed([row(app, one, locale) for one in found], following(app, end, PREFIX))


@router.get("/history", **needs("imports.read"))
def history(app: TheApp, after: After = "", limit: Limit = 50) -> History:
    """Every file that was brought in, also by a command; the latest first."""
    before = start(app, after) or None
    with app.db.transaction() as conn:
        found = views.brought(conn, before, limit)
    end = found[-1].id if found else before or 0
    return History([brought(app, one) for one in found], following(app, end))


@router.get("/mappings", **needs("imports.read"))
def mappings(app: TheApp) -> Mappings:
    """How files can be read: the mappings that come with Siyu, and those that have served here."""
    with app.db.transaction() as conn:
        own = views.own_mappings(conn)
    ours = orderfile.known()
    own = [one for one in own if one["mapping"] not in ours]
    return Mappings(
        [KnownMapping(one["mapping"], one["title"], one) for one in (*ours.values(), *own)]
    )


@router.get("/{upload}", **needs("imports.read"))
def one(app: TheApp, upload: str, locale: TheLanguage) -> Uploaded:
    """What the file is, how it is read, what would come in, how far it is, what it has brought."""
    with app.db.transaction() as conn:
        return shown(app, _found(app, conn, upload), locale)


@router.post("/{upload}/mapping", **needs("imports.write"))
def read_as(
    app: TheApp, caller: TheCaller, upload: str, new: Reading, locale: TheLanguage
) -> Uploaded:
    """Say how it is to be read; it is looked at anew. `problems` name each field that is wrong."""
    caller.actor(new.by)
    with app.db.transaction() as conn:
        found = _found(app, conn, upload)
        mapping = new.mapping
        if mapping is not None:
            header = [column["name"] for column in (found.look or {}).get("columns", ())]
            mapping = orderfile.completed(mapping, header)
        if not actions.read_upload(conn, found.id, mapping, new.sheet, app.clock.now()):
            raise _not_now(found)
        return shown(app, _found(app, conn, upload), locale)


@router.post("/{upload}/start", **needs("imports.write"))
def begin(app: TheApp, caller: TheCaller, upload: str, new: By, locale: TheLanguage) -> Uploaded:
    """Bring it in when its turn comes; asked again, it changes nothing."""
    who = caller.actor(new.by)
    with app.db.transaction() as conn:
        found = _found(app, conn, upload)
        if actions.start_upload(conn, found.id, who, app.clock.now()):
            audit(conn, who, "import.start", found.file, "", app.clock.now())
        elif found.state not in ("queued", "importing", "done"):
            raise _not_now(found)
        return shown(app, _found(app, conn, upload), locale)


@router.post("/{upload}/cancel", **needs("imports.write"))
def cancel(app: TheApp, caller: TheCaller, upload: str, new: By, locale: TheLanguage) -> Uploaded:
    """Stop it behind the batch under way. What is in stays in; started again, it goes on there."""
    who = caller.actor(new.by)
    with app.db.transaction() as conn:
        found = _found(app, conn, upload)
        if actions.stop_upload(conn, found.id, app.clock.now()):
            audit(conn, who, "import.cancel", found.file, "", app.clock.now())
        elif found.state != "cancelled":
            raise _not_now(found)
        return shown(app, _found(app, conn, upload), locale)


@router.post("/{upload}/drop", **needs("imports.write"))
def drop(app: TheApp, caller: TheCaller, upload: str, new: By, locale: TheLanguage) -> Uploaded:
    """Remove the file, and what could not be used of it. What came in stays in."""
    who = caller.actor(new.by)
    with app.db.transaction() as conn:
        found = _found(app, conn, upload)
        if found.state in ("queued", "importing"):
            raise _not_now(found)
        actions.drop_upload(conn, found.id, app.clock.now())
        audit(conn, who, "import.drop", found.file, "", app.clock.now())
    Uploads(app.settings.home).remove(found.id)
    with app.db.transaction() as conn:
        return shown(app, _found(app, conn, upload), locale)


class Rejects(StreamingResponse):
    """A file for a spreadsheet."""

    media_type = "text/csv"


@router.get("/{upload}/rejects", response_class=Rejects, **needs("imports.write"))
def rejects(app: TheApp, caller: TheCaller, upload: str) -> Response:
    """The rows that could not be used, as they were, with line, field and reason; audited."""
    with app.db.transaction() as conn:
        found = _found(app, conn, upload)
        path = Uploads(app.settings.home).rejects(found.id, found.file)
        if not path.is_file():
            raise NotFound(
                Sentence(
                    "Nothing of it was rejected, or its rows are not kept any more.",
                    "没有被拒的行，或已不再保留。",
                )
            )
        who = caller.code or "API key"
        audit(conn, who, "import.rejects", found.file, "", app.clock.now())
    headers = {
        "Content-Disposition": f'attachment; filename="{_ascii(found)}"',
        "Cache-Control": "no-store",
    }
    return Rejects(_pieces(path), headers=headers)


def _ascii(found: Upload) -> str:
    return f"rejects-{found.id}.csv"


def _pieces(path: Path) -> Iterator[bytes]:
    """With the mark by which a spreadsheet knows UTF-8."""
    yield BOM
    with path.open("rb") as file:
        while piece := file.read(AT_ONCE):
            yield piece


async def _stored(
    app: App, uploads: Uploads, part: Path, stream: AsyncIterator[bytes], most: int
) -> tuple[int, str]:
    """Write it as it comes: a file of any size takes the same memory."""
    digest, size, together = sha256(), 0, bytearray()
    with await run_in_threadpool(part.open, "wb") as file:

        def write(piece: bytes) -> None:
            digest.update(piece)
            file.write(piece)

        async for piece in stream:
            together += piece
            size += len(piece)
            if size > most:
                raise _too_large(app)
            if len(together) >= AT_ONCE:
                if not uploads.has_room(AT_ONCE):
                    raise Refused(
                        Sentence(
                            "The disk of this server is nearly full: nothing can be uploaded.",
                            "服务器的磁盘快满了：不能上传。",
                        )
                    )
                await run_in_threadpool(write, bytes(together))
                together.clear()
        await run_in_threadpool(write, bytes(together))
    if size == 0:
        raise BadInput(
            Sentence("The file is empty.", "文件是空的。"),
            (Problem("body", Sentence("holds nothing", "没有内容")),),
        )
    return size, digest.hexdigest()


def _add(
    app: App, part: Path, name: str, size: int, digest: str, who: str, locale: Language
) -> Uploaded:
    uploads, now = Uploads(app.settings.home), app.clock.now()
    with app.db.transaction() as conn:
        number, new = actions.add_upload(conn, name, size, digest, who, now)
        if new:
            uploads.keep(part, number, name)
            audit(conn, who, "import.upload", name, "", now)
        found = views.upload(conn, number)
    if found is None:
        raise NotFound(Sentence("There is no such import.", "没有这次导入。"))
    return shown(app, found, locale)


def _found(app: App, conn: Conn, upload: str) -> Upload:
    number = app.ids.decode(PREFIX, upload)
    found = None if number is None else views.upload(conn, number)
    if found is None:
        raise NotFound(Sentence("There is no such import.", "没有这次导入。"))
    return found


def _too_large(app: App) -> TooLarge:
    return TooLarge(
        Sentence(
            f"A file may have at most {app.settings.upload_mib} MiB here (`upload_mib`). Split "
            "it, or"
            " import it with `siyu import orders`, which takes any size.",
            f"这里一个文件最多 {app.settings.upload_mib} MiB（`upload_mib`）。请拆分，或用 `siyu "
            "import orders` 导入，那里不限大小。",
        )
    )


def _not_now(found: Upload) -> Refused:
    return Refused(WHY_NOT[found.state] if not found.removed_at else WHY_NOT["dropped"])


WHY_NOT = {
    "looking": Sentence(
        "The file is still being looked at; wait until that is done.", "文件还在检查；请等检查完。"
    ),
    "unknown": Sentence(
        "Nobody has said yet how this file is read.", "还没有人说明怎样读取这个文件。"
    ),
    "ready": Sentence("It has not been started.", "还没有开始。"),
    "queued": Sentence("It waits for its turn; stop it first.", "正在排队；请先停止。"),
    "importing": Sentence("It is being brought in; stop it first.", "正在导入；请先停止。"),
    "done": Sentence("It is in already.", "已经导入。"),
    "cancelled": Sentence("It was stopped.", "已停止。"),
    "failed": Sentence(
        "It has failed; start it again, or remove it.", "导入失败；请重新开始，或移除。"
    ),
    "refused": Sentence("This file can't be used, and was removed.", "这个文件不能用，已移除。"),
    "dropped": Sentence(
        "The file is not here any more; put it here again.", "文件已不在这里；请重新放入。"
    ),
}
