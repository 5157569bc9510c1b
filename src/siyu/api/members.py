"""Who is in a segment, as a file; and which segments one customer is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import Response

from siyu.analytics.views import masked
from siyu.api.auth import TheApp, TheCaller, allow, needs
from siyu.api.customers import mine
from siyu.api.segments import Title
from siyu.api.sheets import EITHER, Sheet
from siyu.api.words import Words
from siyu.app import PREDICATES, App
from siyu.identities import views as identities
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.sheet import MEDIA, Form, written
from siyu.kernel.sql import Conn
from siyu.segments.views import stored
from siyu.segments.views.found import pages
from siyu.segments.views.whose import whose
from siyu.staff.actions import audit
from siyu.vault import views as vault

router = APIRouter(tags=["segments"])
HEADS = ("customer", "buyer", "name", "phone")


def sheet(
    app: App,
    conn: Conn,
    members: Iterable[list[int]],
    form: Form,
    about: tuple[str, str, str],
) -> tuple[bytes, int]:
    """The members, who come page by page, as a file, and how many they are; audited. Names and
    phones are masked.

    `about`: who wants it, which set, and what for.
    """
    by, name, reason = about
    if not reason.strip():
        why = Problem("reason", Sentence("is missing", "缺少"))
        raise BadInput(Sentence("Say what the list is for.", "请写明名单的用途。"), (why,))
    rows: list[Sequence[str]] = [HEADS, *_rows(app, conn, members)]
    said = f"{reason.strip()}: {len(rows) - 1} rows, masked"
    audit(conn, by, "segment.export", name, said, app.clock.now())
    return written(form, rows), len(rows) - 1


def _rows(app: App, conn: Conn, members: Iterable[list[int]]) -> Iterator[Sequence[str]]:
    for page in members:
        if not page:
            continue
        shown = masked.people(conn, app.keys, page)
        buyers = {who: found[0][1] for who, found in identities.reach(conn, page, "buyer").items()}
        clear = vault.open_field(conn, app.keys, list(buyers.values()), "buyer")
        for who in page:
            one = shown.get(who, masked.UNKNOWN)
            buyer = clear.get(buyers[who], "") if who in buyers else ""
            yield app.ids.encode("cus", who), buyer, one.name, one.phone


# ── Over HTTP ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class MembersWanted:
    """What the file is for: that goes into the audit log."""

    reason: Words
    form: Form = "csv"
    by: Words = ""


@dataclass(frozen=True)
class CustomersSegment:
    """A segment that a customer is in. `live`: its members are kept up to date."""

    code: str
    title: Title
    layer: str
    live: bool


@dataclass(frozen=True)
class CustomersSegments:
    segments: list[CustomersSegment]


@router.post(
    "/segments/{segment}/export",
    response_class=Sheet,
    responses=EITHER,
    **needs("segments.read", once=False),
)
def export(
    app: TheApp, caller: TheCaller, segment: str, new: Annotated[MembersWanted, Body()]
) -> Response:
    """The members of a segment as a file, names and phones masked; audited, with how many and
    why. Needs `customers.read` as well."""
    allow(caller, "customers.read", scoped=False)
    about = (caller.actor(new.by), segment, new.reason)
    with app.db.transaction() as conn:
        tree = stored.set_of(conn, PREDICATES, code=segment)
        content, _ = sheet(app, conn, pages(conn, tree, app.clock.now()), new.form, about)
    headers = {
        "Content-Disposition": f'attachment; filename="{segment}.{new.form}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=MEDIA[new.form], headers=headers)


@router.get("/customers/{customer}/segments", **needs("customers.read", scoped=True))
def of_customer(app: TheApp, caller: TheCaller, customer: str) -> CustomersSegments:
    """Which live segments and which bands of layers a customer is in, by code."""
    with app.db.transaction() as conn:
        one = mine(app, conn, caller, customer)
        found = whose(conn, one, PREDICATES, app.clock.now())
    return CustomersSegments(
        [
            CustomersSegment(each.code, Title(*each.title), each.layer, each.filled is not None)
            for each in found
        ]
    )
