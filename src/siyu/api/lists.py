"""Lists of people as files, in and out: who carries a tag, who is on a list, who is not contacted.

Each row names one person by one key, the surest that it has: an external user id, a phone, a member
number, an order. What it says becomes an event, so that a list can be brought in again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from siyu.api.auth import TheApp, TheCaller, allow, needs
from siyu.api.language import TheLanguage
from siyu.api.paging import Code
from siyu.api.sheets import (
    MOST_ROWS,
    Refused,
    Sheet,
    body_of,
    laid_down,
    refuse_many,
    sheet_of,
    with_file,
)
from siyu.app import App, orderfile
from siyu.customers import views
from siyu.events import actions as events
from siyu.events.check import apart
from siyu.events.model import ConsentWithdrawn, Incoming, Payload, TagSet
from siyu.identities import views as identities
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Language, Sentence, within, wording
from siyu.kernel.sql import Conn
from siyu.staff.actions import audit
from siyu.vault import views as vault
from siyu.vault.model import key_hash, mask_phone, normalise

router = APIRouter(prefix="/lists", tags=["customers"])
Kind = Literal["tags", "blacklist", "names"]
KINDS: tuple[Kind, ...] = ("tags", "blacklist", "names")
COLUMNS: Mapping[str, Sequence[str]] = {
    "external_userid": ("external_userid", "外部联系人ID", "客户ID"),
    "phone": ("phone", "手机号", "手机号码", "手机", "联系电话", "电话"),
    "member": ("member", "会员号", "会员卡号"),
    "order_no": ("order_no", "订单号", "订单编号", "主订单编号"),
    "shop": ("shop", "店铺代码", "店铺"),
    "tag": ("tag", "标签", "标签名"),
}
HEADS = ("customer", "external_userid", "phone", "tag", "since")
SURER = ("external_userid", "phone", "member", "order_no")  # by which a person is named
BATCH = 2_000
SOURCE = "list"
NOBODY = Problem("phone", Sentence("the row names nobody", "这一行没有写明是谁"))
NO_TAG = Problem("tag", Sentence("is empty", "是空的"))
WHICH_SHOP = Problem("shop", Sentence("an order needs its shop", "订单号需要写明店铺"))
NOT_KNOWN = Sentence("nobody here has it", "这里没有对应的客户")


@dataclass(frozen=True)
class Listed:
    """Of the rows of a file: `taken` now, or `known` from the same file before; and those that
    could not be used."""

    taken: int
    known: int
    refused: list[Refused]


def _said(kind: Kind, tag: str, by: str) -> Payload:
    if kind == "blacklist":
        return ConsentWithdrawn(channels=["sms", "voice", "wecom"], evidence=f"blacklist, by {by}")
    return TagSet(name=tag)


def _key(app: App, values: Mapping[str, str]) -> tuple[str, str] | Problem:
    """Whom a row is about, in the form in which keys are hashed."""
    found = next(((field, said) for field in SURER if (said := values.get(field))), None)
    if found is None:
        return NOBODY
    field, said = found
    if field == "order_no":
        shop = values.get("shop", "")
        return ("order", f"{shop}/{said}") if shop else WHICH_SHOP
    try:
        return field, normalise(field, said, app.brand.region)
    except ValueError as error:
        return Problem(field, wording(error))


def taken(
    app: App, path: Path, kind: Kind, tag: str, by: str, language: Language
) -> tuple[Listed, orderfile.ListFile]:
    """Bring a list in; what can't be used is said with its line, column and reason."""
    needed = ("tag",) if kind == "tags" and not tag else ()
    if kind == "names" and not tag:
        raise BadInput(
            Sentence("A list of names needs its own: which tag?", "名单需要一个名称：用哪个标签？"),
            (Problem("tag", Sentence("is missing", "缺少")),),
        )
    file = orderfile.ListFile(path, COLUMNS, needed)
    refused: list[tuple[int, Problem]] = []
    batch: list[tuple[int, tuple[str, str], str]] = []
    done = {"accepted": 0, "duplicate": 0}

    def deal() -> None:
        with app.db.transaction() as conn:
            for line, status, problem in _brought(app, conn, file.digest, batch, kind, by):
                if problem is not None:
                    refused.append((line, problem))
                else:
                    done[status] += 1
        batch.clear()

    for many, entry in enumerate(file.entries(), start=1):
        refuse_many(many)
        name = entry.values.get("tag", "") if kind == "tags" and not tag else tag
        found = entry.problem or _key(app, entry.values)
        if not isinstance(found, Problem) and kind != "blacklist" and not name:
            found = NO_TAG
        if isinstance(found, Problem):
            refused.append((entry.row.line, found))
            continue
        batch.append((entry.row.line, found, name))
        if len(batch) == BATCH:
            deal()
    deal()
    with app.db.transaction() as conn:
        about = f"{kind} {tag}".strip()
        audit(conn, by, "list.import", about, f"{sum(done.values())} rows", app.clock.now())
    app.wake()
    told = [
        Refused(line, _column(file, problem.where), within(language, problem.why))
        for line, problem in sorted(refused, key=lambda one: one[0])
    ]
    return Listed(done["accepted"], done["duplicate"], told), file


def _column(file: orderfile.ListFile, where: str) -> str:
    return file.column(where) if where in COLUMNS else where


def _brought(
    app: App,
    conn: Conn,
    digest: str,
    batch: Sequence[tuple[int, tuple[str, str], str]],
    kind: Kind,
    by: str,
) -> list[tuple[int, str, Problem | None]]:
    """Tell what these rows say. An order or an external user id makes nobody known: it must be."""
    hashes = [(key, key_hash(app.keys, key, value)) for _, (key, value), _ in batch]
    known = identities.resolve(conn, hashes)
    wanted = [
        row
        for row, hashed in zip(batch, hashes, strict=True)
        if hashed in known or hashed[0] in ("phone", "member")
    ]
    now = app.clock.now().isoformat()
    items = [
        _event(f"{kind}/{digest[:16]}/{line}", now, key, _said(kind, tag, by))
        for line, key, tag in wanted
    ]
    answers = events.accept(conn, app.keys, app.brand.region, items, app.clock.now())
    found: dict[int, tuple[int, str, Problem | None]] = {
        line: (line, "", Problem("order_no" if key == "order" else key, NOT_KNOWN))
        for line, (key, _), _ in batch
    }
    for (line, _, _), answer in zip(wanted, answers, strict=True):
        wrong = Problem(*apart(answer.reason)) if answer.status == "rejected" else None
        found[line] = (line, answer.status, wrong)
    return [found[line] for line, _, _ in batch]


def _event(name: str, at: str, key: tuple[str, str], payload: Payload) -> Incoming:
    return Incoming(
        source=SOURCE,
        id=name,
        kind=str(payload.__struct_config__.tag),
        occurred_at=at,
        keys=dict([key]),
        data=msgspec.Raw(msgspec.json.encode(payload)),
    )


def sheet(app: App, conn: Conn, kind: Kind, tag: str, by: str, *, phones: bool) -> tuple[str, int]:
    """The list as the text of a file, and how many rows it has; audited. Phones in clear only where
    they are asked for."""
    rows = views.listed(conn, None if kind == "blacklist" else tag, MOST_ROWS)
    held = io.StringIO()
    written = csv.writer(held)
    written.writerow(HEADS)
    for at in range(0, len(rows), BATCH):
        some = rows[at : at + BATCH]
        who = [customer for customer, *_ in some]
        accounts = _values(app, conn, who, "external_userid")
        numbers = _values(app, conn, who, "phone")
        for customer, name, since in some:
            number = numbers.get(customer, "")
            shown = number if phones else mask_phone(number) if number else ""
            row = (app.ids.encode("cus", customer), accounts.get(customer, ""), shown)
            written.writerow([*row, _harmless(name), since.isoformat()])
    what = "phones in clear" if phones else "phones masked"
    about = f"{kind} {tag}".strip()
    audit(conn, by, "list.export", about, f"{len(rows)} rows, {what}", app.clock.now())
    return held.getvalue(), len(rows)


def _values(app: App, conn: Conn, customers: Sequence[int], kind: str) -> dict[int, str]:
    """The newest key of this kind of each customer."""
    newest = {who: found[0][1] for who, found in identities.reach(conn, customers, kind).items()}
    clear = vault.open_field(conn, app.keys, list(newest.values()), kind)
    return {who: clear[subject] for who, subject in newest.items() if subject in clear}


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


As = Annotated[Kind, Query(alias="as", description="What the list says of the people on it.")]
Tag = Annotated[
    str,
    Query(max_length=120, pattern=r"^[^\x00-\x1f]*$", description="The tag of all of them."),
]


@router.post("/file", **with_file("imports.write"))
async def put(
    request: Request,
    app: TheApp,
    caller: TheCaller,
    language: TheLanguage,
    kind: As,
    tag: Tag = "",
    by: Annotated[str, Query(max_length=200, description="Who does it, with the API key.")] = "",
) -> Listed:
    """Bring a list in, CSV or Excel: `tags` (a tag per row, or one for all), `names` (one tag for
    all), `blacklist` (no message on any channel any more). Columns are known by several names:
    phone, external user id, member number, or shop and order number. Audited."""
    who, body = caller.actor(by), await body_of(request)

    def brought() -> Listed:
        with laid_down(body) as path:
            return taken(app, path, kind, tag, who, language)[0]

    return await run_in_threadpool(brought)


@router.get("/file", response_class=Sheet, **needs("customers.read"))
def file(
    app: TheApp,
    caller: TheCaller,
    kind: As,
    tag: Code = "",
    phones: Annotated[bool, Query(description="In clear, for roles that may see them.")] = False,
) -> Response:
    """Who is on a list, as a file: who carries this tag (or any), or who is never contacted. Phones
    are masked unless asked for; audited, with how many."""
    if phones:
        allow(caller, "customers.reveal", scoped=False)
    with app.db.transaction() as conn:
        text, _ = sheet(app, conn, kind, tag, caller.code or "API key", phones=phones)
    return sheet_of(text, f"{kind}.csv")
