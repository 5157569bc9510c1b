"""Sets of customers: kept, counted, explained for one person, written as a file."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Body, Request
from pydantic import StringConstraints

from siyu.analytics.views import masked
from siyu.api.auth import Caller, TheApp, TheCaller, needs
from siyu.api.customers import number
from siyu.api.kept import the_counted
from siyu.api.language import TheLanguage
from siyu.api.words import Who, Words
from siyu.app import PREDICATES, App
from siyu.kernel.errors import BadInput, Busy, NotFound, TookTooLong
from siyu.kernel.sentence import Sentence, within
from siyu.kernel.sql import Conn
from siyu.kernel.time import zone
from siyu.segments import actions
from siyu.segments.check import document
from siyu.segments.decide.shipped import exclusive
from siyu.segments.decide.stock import Stored
from siyu.segments.model import Tree
from siyu.segments.views import stored
from siyu.segments.views.evidence import Asking, told
from siyu.segments.views.found import first, funnel

router = APIRouter(prefix="/segments", tags=["segments"])
SAMPLE = 10
LOOKS = 40  # pages of customers that are looked through for a sample
SECONDS = 10  # of the database, for one count or one sample
PATIENCE = 12.0  # seconds that who asks waits, with whoever asked before
WORTH = 6  # times of what a count took, for which it is kept: a minute at most
T = TypeVar("T")


def asking(app: App, conn: Conn, customer_id: int) -> Asking:
    """Of one customer, now, in the brand's days and money."""
    brand = app.brand
    return Asking(conn, customer_id, app.clock.now(), zone(brand.time_zone), brand.currency)


# ── Over HTTP ────────────────────────────────────────────────────────────────────────────────────

Text = Annotated[str, StringConstraints(max_length=200_000, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True)
class Title:
    zh: str
    en: str


@dataclass(frozen=True)
class Segment:
    """A set of customers that is kept. `live`: its members are kept up to date; `filling`: not all
    customers have been looked at yet, `filled` of `to_fill` by their number. `exclusive`: of its
    layer everybody is meant to be in exactly one band."""

    code: str
    title: Title
    layer: str
    exclusive: bool
    version: int
    live: bool
    filling: bool
    filled: int
    to_fill: int
    set_by: str
    set_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True)
class Segments:
    segments: list[Segment]


@dataclass(frozen=True)
class SegmentVersion:
    version: int
    text: str
    set_by: str
    set_at: datetime
    note: str


@dataclass(frozen=True)
class SegmentDetail(Segment):
    """With its text, and every version that it had, the first one first. `used_by`: other segments
    by their code, journeys as `journey:CODE`; it can't be retired before them."""

    text: str
    used_by: list[str]
    versions: list[SegmentVersion]


@dataclass(frozen=True)
class SegmentText:
    """A segment's text (YAML or JSON). `note`: why, kept with its version."""

    text: Text
    note: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class Asked:
    """A set: the code of one that is kept, or a text (a segment's, or conditions alone)."""

    code: Words = ""
    text: Text = ""


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong in a text."""

    where: str
    why: str
    line: int | None


@dataclass(frozen=True)
class SegmentChecked:
    """`problems` is empty where the text is good; then `conditions` says it in its normal form,
    with those of segments that it refers to."""

    problems: list[Wrong]
    conditions: dict[str, object] | None


@dataclass(frozen=True)
class Part:
    """One condition, its place in the text, and for how many customers it holds by itself."""

    where: str
    depth: int
    said: str
    customers: int


@dataclass(frozen=True)
class Counted:
    """How many of `everybody` are in the set; `parts` in reading order, the first is the set."""

    customers: int
    everybody: int
    parts: list[Part]


@dataclass(frozen=True)
class Somebody:
    customer: str
    name_masked: str
    phone_masked: str


@dataclass(frozen=True)
class Sampled:
    """Ten members at most. Where members are rare, only the first 200,000 customers are looked
    through, or as many as 10 seconds allow, and there may be more members than are shown."""

    customers: list[Somebody]


@dataclass(frozen=True)
class Reasoned:
    """One condition of a customer: whether it holds, and the fact that decides it."""

    where: str
    depth: int
    said: str
    holds: bool
    fact: str


@dataclass(frozen=True)
class Because:
    """Whether a customer is in the set, and why: `parts` in reading order."""

    customer: str
    member: bool
    parts: list[Reasoned]


@dataclass(frozen=True)
class Retired:
    retired: str


def _shown(one: Stored) -> Segment:
    filled = one.filled
    far = (filled.after if filled.under_way else filled.upto) if filled else 0
    return Segment(
        one.code,
        Title(*one.title),
        one.layer,
        one.layer in exclusive(),
        one.version,
        filled is not None,
        filled is not None and filled.under_way,
        far,
        filled.upto if filled else 0,
        one.set_by,
        one.set_at,
        one.retired_at,
    )


@router.get("", **needs("segments.read"))
def listed(app: TheApp) -> Segments:
    """Every segment that is kept, by code; retired ones too."""
    with app.db.transaction() as conn:
        return Segments([_shown(one) for one in stored.stock(conn).every])


@router.get("/{segment}", **needs("segments.read"))
def detail(app: TheApp, segment: str) -> SegmentDetail:
    """One segment: its text and every version."""
    with app.db.transaction() as conn:
        one, versions = stored.get(conn, segment), stored.versions(conn, segment)
        users = stored.used_by(conn, segment)
    return SegmentDetail(
        **vars(_shown(one)),
        text=one.text,
        used_by=users,
        versions=[SegmentVersion(*each) for each in versions],
    )


@router.post("/check", **needs("segments.read", once=False))
def check(app: TheApp, language: TheLanguage, wanted: Annotated[Asked, Body()]) -> SegmentChecked:
    """Say what is wrong with a text, by line; nothing is kept."""
    with app.db.transaction() as conn:
        try:
            tree = stored.set_of(conn, PREDICATES, code=wanted.code, text=wanted.text)
        except BadInput as refused:
            wrong = [
                Wrong(one.where, within(language, one.why), one.line) for one in refused.problems
            ]
            return SegmentChecked(wrong, None)
    return SegmentChecked([], document(tree))


@router.post("/count", **needs("segments.read", once=False))
def count(
    request: Request, app: TheApp, caller: TheCaller, wanted: Annotated[Asked, Body()]
) -> Counted:
    """How many customers are in a set, and how many each of its conditions leaves. Sets are
    counted one after the other; one that takes the database more than 10 seconds is refused
    (`took_too_long`). What took long is kept for up to a minute."""

    def work(conn: Conn, tree: Tree) -> Counted:
        found = funnel(conn, tree, app.clock.now())
        return Counted(found.members, found.everybody, [Part(*one) for one in found.parts])

    return _bounded(request, app, caller, "count", wanted, work)


@router.post("/sample", **needs("segments.read", once=False))
def sample(
    request: Request, app: TheApp, caller: TheCaller, wanted: Annotated[Asked, Body()]
) -> Sampled:
    """Ten people of a set, masked; bounded as a count is."""

    def work(conn: Conn, tree: Tree) -> list[int]:
        end = time.monotonic() + SECONDS
        now = app.clock.now()
        return first(
            conn, tree, now, after=0, limit=SAMPLE, looks=LOOKS,
            late=lambda: time.monotonic() > end,
        )  # fmt: skip

    ids = _bounded(request, app, caller, "sample", wanted, work)
    with app.db.transaction() as conn:
        shown = masked.people(conn, app.keys, ids)
    return Sampled(
        [Somebody(app.ids.encode("cus", one), *shown[one]) for one in ids if one in shown]
    )


def _bounded(
    request: Request,
    app: App,
    caller: Caller,
    what: Literal["count", "sample"],
    wanted: Asked,
    work: Callable[[Conn, Tree], T],
) -> T:
    """One set at a time; of one account only the newest question."""
    with app.db.transaction() as conn:  # what can't be asked is refused at once
        tree = stored.set_of(conn, PREDICATES, code=wanted.code, text=wanted.text)

    def bounded() -> T | TookTooLong:
        try:
            with app.db.transaction() as conn:
                conn.at_most(SECONDS)
                return work(conn, tree)
        except TookTooLong:
            return TookTooLong(
                TOO_LONG
            )  # kept as a result is: else it would be tried again and again

    key = (what, json.dumps(document(tree), sort_keys=True, default=str))
    asker = (what, caller.code) if caller.code else None
    found = the_counted(request).ask(key, bounded, PATIENCE, asker).result
    if found is None:
        raise Busy(BEFORE_YOU)
    if isinstance(found, TookTooLong):
        raise TookTooLong(found.detail)  # a new one: it is kept, and would hold on to whoever asks
    return found


TOO_LONG = Sentence(
    f"Looking for these customers takes more than {SECONDS} seconds, and was broken off. Ask for "
    "less at once (shorter times, fewer conditions), or keep it with live members: these are "
    "looked up bit by bit.",
    f"查找这些客户超过 {SECONDS} 秒，已中止。请缩短时间范围或减少条件，"
    "或保存为实时维护成员的分群：成员会分批算出。",
)
BEFORE_YOU = Sentence(
    "Other sets are being counted before this one; ask again in a moment.",
    "前面还有分群在计算；请稍后再试。",
)


@router.post("/explain/{customer}", **needs("segments.read", once=False))
def explain(
    app: TheApp, language: TheLanguage, customer: str, wanted: Annotated[Asked, Body()]
) -> Because:
    """Why a customer is in a set or not: each condition with the fact that decides it."""
    one = number(app, customer)
    with app.db.transaction() as conn:
        tree = stored.set_of(conn, PREDICATES, code=wanted.code, text=wanted.text)
        found = told(tree, asking(app, conn, one))
    if not found:
        raise NotFound(Sentence("There is no such customer.", "没有这位客户。"))
    parts = [Reasoned(*part[:4], within(language, part.fact)) for part in found]
    return Because(app.ids.encode("cus", one), found[0].holds, parts)


@router.put("", **needs("segments.write"))
def keep(app: TheApp, caller: TheCaller, new: Annotated[SegmentText, Body()]) -> Segment:
    """Keep a segment, or change it: a version more; the same text changes nothing. Audited."""
    with app.db.transaction() as conn:
        by, now = caller.actor(new.by), app.clock.now()
        one = actions.keep(conn, new.text, PREDICATES, by, now, new.note)
    app.wake()
    return _shown(one)


@router.post("/{segment}/retire", **needs("segments.write"))
def retire(app: TheApp, caller: TheCaller, segment: str, new: Who) -> Retired:
    """Take a segment out of use; refused while something refers to it. Audited."""
    with app.db.transaction() as conn:
        actions.retire(conn, segment, PREDICATES, caller.actor(new.by), app.clock.now())
    return Retired(segment)
