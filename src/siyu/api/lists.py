"""Lists of people as files, in and out: who carries a tag, who is on a list, who is not contacted.

A file is looked at first (`/look`), brought in (`/file`), and its tags can be taken back (`/undo`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from siyu.api.auth import TheApp, TheCaller, allow, needs
from siyu.api.language import TheLanguage
from siyu.api.people_lists import PREFIX, ListLook, ListReport, Wanted, looked, taken
from siyu.api.sheets import EITHER, MOST_ROWS, Sheet, body_of, laid_down, with_file
from siyu.api.words import Who, Words
from siyu.app import App
from siyu.customers import actions, views
from siyu.customers.model import ListKind, PeopleList
from siyu.identities import views as identities
from siyu.kernel.errors import BadInput, NotFound, Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.sheet import MEDIA, Form, written
from siyu.kernel.sql import Conn
from siyu.staff.actions import audit
from siyu.tagging import actions as tagging
from siyu.vault import views as vault
from siyu.vault.model import mask_phone
from siyu.worker.uploads import safe_name

router = APIRouter(prefix="/lists", tags=["customers"])
HEADS = ("customer", "external_userid", "phone", "tag", "since")
BATCH = 2_000
As = Annotated[ListKind, Query(alias="as", description="What the list says of the people on it.")]
Tag = Annotated[
    str,
    Query(max_length=120, pattern=r"^[^\x00-\x1f]*$", description="The tag of all of them."),
]
Read = Annotated[
    list[
        Annotated[
            str,
            Query(
                pattern=r"^(external_userid|phone|member|order_no|shop|tag)=[^\x00-\x1f]{0,200}$"
            ),
        ]
    ],
    Query(
        max_length=6,
        description="FIELD=COLUMN where the column's name alone does not tell; `FIELD=`: none.",
    ),
]
Wait = Annotated[
    bool, Query(description="Keep tags of people who are not here yet until they appear.")
]
By = Annotated[Words, Query(max_length=200, description="Who does it, with the API key.")]


def read_as(kind: As, tag: Tag = "", read: Read = [], wait: Wait = False) -> Wanted:  # noqa: B006 - never written to
    """How a file is to be read."""
    return Wanted(kind, tag, dict(_pair(one) for one in read), wait)


def _pair(text: str) -> tuple[str, str]:
    name, _, column = text.partition("=")
    return name, column


TheWanted = Annotated[Wanted, Depends(read_as)]


@router.post("/look", **with_file("imports.write"))
async def look(request: Request, app: TheApp, language: TheLanguage, wanted: TheWanted) -> ListLook:
    """What a list says and how it is read, before anything of it is told: its columns with masked
    samples, how many rows are of people who are here, and why rows can't be used."""
    body = await body_of(request)

    def seen() -> ListLook:
        with laid_down(body) as path:
            return looked(app, path, wanted, language)

    return await run_in_threadpool(seen)


@router.post("/file", **with_file("imports.write"))
async def put(
    request: Request,
    app: TheApp,
    caller: TheCaller,
    language: TheLanguage,
    wanted: TheWanted,
    name: Annotated[str, Query(max_length=300, description="What the file is called.")] = "",
    by: By = "",
) -> ListReport:
    """Bring a list in, CSV or Excel: `tags` (a tag per row, or one for all), `names` (one tag for
    all), `blacklist` (no message on any channel any more). Columns are known by several names:
    phone, external user id, member number, or shop and order number. Audited."""
    who, body = caller.actor(by), await body_of(request)

    def brought() -> ListReport:
        with laid_down(body) as path:
            found, rejects = taken(app, path, wanted, safe_name(name or "list"), who, language)
            if rejects is not None:
                rejects.unlink()
            return found

    return await run_in_threadpool(brought)


@dataclass(frozen=True)
class ListRow:
    """A file of people that came in. Of the `rows` looked at in its last run `known` said nothing
    new; `taken` counts all its runs. Not done: under way, or interrupted. `can_undo`: its tags can
    be taken back, by which one that is under way stops; a blacklist can't, since only the customer
    can say yes again."""

    id: str
    kind: ListKind
    tag: str
    file: str
    rows: int
    taken: int
    known: int
    refused: int
    begun_by: str
    begun_at: datetime
    done_at: datetime | None
    undone_by: str | None
    undone_at: datetime | None
    can_undo: bool


@dataclass(frozen=True)
class ListRows:
    lists: list[ListRow]


def shown(app: App, one: PeopleList) -> ListRow:
    """A list as it is shown."""
    return ListRow(
        app.ids.encode(PREFIX, one.id),
        one.kind,
        one.tag,
        one.file,
        one.rows,
        one.taken,
        *one[7:],
        one.kind != "blacklist" and one.undone_at is None,
    )


@router.get("", **needs("imports.read"))
def listed(app: TheApp, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> ListRows:
    """The lists that came in, the latest first; one that is under way says how far it is."""
    with app.db.transaction() as conn:
        return ListRows([shown(app, one) for one in views.people_lists(conn, limit=limit)])


@dataclass(frozen=True)
class Undone:
    """`taken_back`: people who lost a tag by it."""

    taken_back: int


@router.post("/{list}/undo", **needs("imports.write"))
def undo(app: TheApp, caller: TheCaller, list: str, new: Who) -> Undone:  # noqa: A002 - of the URL
    """Take back the tags that a list has set. Who had the tag before keeps it, and so does who got
    it anew since. Audited."""
    return Undone(undone(app, list, caller.actor(new.by)))


def undone(app: App, public: str, by: str) -> int:
    """The same; how many lost a tag."""
    number, now = app.ids.decode(PREFIX, public), app.clock.now()
    with app.db.transaction() as conn:
        found = views.people_lists(conn, number or 0)
        if not found:
            raise NotFound(Sentence("There is no such list.", "没有这份名单。"))
        many = actions.undo_list(conn, found[0].id, by, now)
        many += tagging.forget(conn, actions.BY_LIST, f"{found[0].id}/")
        about = f"{found[0].kind} {found[0].tag}".strip()
        audit(conn, by, "list.undo", about, f"{many} tags", now)
    app.wake()
    return many


@dataclass(frozen=True)
class Export:
    """Who is wanted, as what file, and what for: that goes into the audit log. `phones`: in clear,
    for roles that may see them."""

    kind: ListKind
    reason: Words
    tag: Words = ""
    form: Form = "csv"
    phones: bool = False
    by: Words = ""


@router.post(
    "/export", response_class=Sheet, responses=EITHER, **needs("customers.read", once=False)
)
def export(app: TheApp, caller: TheCaller, new: Annotated[Export, Body()]) -> Response:
    """Who is on a list, as a file: who carries this tag (or any), or who is never contacted. Phones
    are masked unless asked for; audited, with how many and why."""
    if new.phones:
        allow(caller, "customers.reveal", scoped=False)
    wanted, by = Wanted(new.kind, new.tag), caller.actor(new.by)
    with app.db.transaction() as conn:
        content, _ = sheet(app, conn, wanted, new.form, by, new.reason, phones=new.phones)
    headers = {
        "Content-Disposition": f'attachment; filename="{new.kind}.{new.form}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=MEDIA[new.form], headers=headers)


def sheet(
    app: App, conn: Conn, wanted: Wanted, form: Form, by: str, reason: str, *, phones: bool
) -> tuple[bytes, int]:
    """The list as a file, and how many rows it has; audited, with why. Phones in clear only where
    they are asked for."""
    if not reason.strip():
        why = Problem("reason", Sentence("is missing", "缺少"))
        raise BadInput(Sentence("Say what the list is for.", "请写明名单的用途。"), (why,))
    tag = None if wanted.kind == "blacklist" else wanted.tag
    rows = views.listed(conn, tag, MOST_ROWS)
    lines: list[Sequence[str]] = [HEADS]
    for at in range(0, len(rows), BATCH):
        some = rows[at : at + BATCH]
        who = [customer for customer, *_ in some]
        accounts = _values(app, conn, who, "external_userid")
        numbers = _values(app, conn, who, "phone")
        for customer, name, since in some:
            number = numbers.get(customer, "")
            shown = number if phones or not number else mask_phone(number)
            row = (app.ids.encode("cus", customer), accounts.get(customer, ""), shown)
            lines.append([*row, name, since.isoformat()])
    what = "phones in clear" if phones else "phones masked"
    said = f"{reason.strip()}: {len(rows)} rows, {what}"
    audit(conn, by, "list.export", wanted.about, said, app.clock.now())
    return written(form, lines), len(rows)


def _values(app: App, conn: Conn, customers: Sequence[int], kind: str) -> dict[int, str]:
    """The newest key of this kind of each customer."""
    newest = {who: found[0][1] for who, found in identities.reach(conn, customers, kind).items()}
    clear = vault.open_field(conn, app.keys, list(newest.values()), kind)
    return {who: clear[subject] for who, subject in newest.items() if subject in clear}
