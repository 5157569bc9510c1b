"""Files of people, as they come in: who carries a tag, who is on a list, who is not contacted.

Each row names one person by one key, the surest that it has: an external user id, a phone, a member
number, an order. What it says becomes an event, so that a list can be brought in again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from siyu.api.sheets import Refused, refuse_many
from siyu.app import App, orderfile
from siyu.customers import actions, views
from siyu.customers.model import ListKind, ListStep
from siyu.events import actions as events
from siyu.events.check import apart
from siyu.events.model import ConsentWithdrawn, Incoming, Payload, TagSet
from siyu.identities import views as identities
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Language, Sentence, language_of, within, wording
from siyu.kernel.sql import Conn
from siyu.staff.actions import audit
from siyu.tagging import actions as tagging
from siyu.tagging.actions import Awaited
from siyu.vault.model import key_hash, normalise

COLUMNS: Mapping[str, Sequence[str]] = {
    "external_userid": ("external_userid", "外部联系人ID", "客户ID"),
    "phone": ("phone", "手机号", "手机号码", "手机", "联系电话", "电话"),
    "member": ("member", "会员号", "会员卡号"),
    "order_no": ("order_no", "订单号", "订单编号", "主订单编号"),
    "shop": ("shop", "店铺代码", "店铺"),
    "tag": ("tag", "标签", "标签名"),
}
PREFIX = "lst"
SURER = ("external_userid", "phone", "member", "order_no")  # by which a person is named
BATCH = 2_000
MOST_REASONS = 30
WAITING = "waiting"  # what became of a row whose person is not here yet
NOBODY = Problem("phone", Sentence("the row names nobody", "这一行没有写明是谁"))
NO_TAG = Problem("tag", Sentence("is empty", "是空的"))
WHICH_SHOP = Problem("shop", Sentence("an order needs its shop", "订单号需要写明店铺"))
NOT_KNOWN = Sentence("nobody here has it", "这里没有对应的客户")


class Wanted(NamedTuple):
    """What a file is to say of the people in it. `read`: field → the column that says it, where its
    name alone does not tell; '' : no column does. `wait`: a tag of somebody who is not here yet is
    kept until they appear, instead of making them known."""

    kind: ListKind
    tag: str = ""
    read: Mapping[str, str] = {}
    wait: bool = False

    @property
    def columns(self) -> Mapping[str, Sequence[str]]:
        """Field → the names that it goes by in this file."""
        all_of_them = {**COLUMNS, **{name: (column,) for name, column in self.read.items()}}
        used = {name: names for name, names in all_of_them.items() if any(names)}
        if self.kind != "tags" or self.tag:
            used.pop("tag", None)
        return used

    @property
    def about(self) -> str:
        """As the audit calls it."""
        return f"{self.kind} {self.tag}".strip()


@dataclass(frozen=True)
class ListReport:
    """Of the rows of a file: `taken` now, or `known` already; and those that could not be used, of
    which `rejects` is a file (CSV) with line, column, reason and the row as it was. `id`: of the
    list, by which its tags can be taken back; `waiting`: those of `taken` that wait for somebody
    who is not here yet."""

    id: str
    taken: int
    known: int
    refused: list[Refused]
    rejects: str
    waiting: int = 0


@dataclass(frozen=True)
class ListColumn:
    """A column, what it is read as (empty: nothing), and some of its values, masked."""

    name: str
    field: str
    samples: list[str]


@dataclass(frozen=True)
class ListReason:
    field: str
    why: str
    rows: int


@dataclass(frozen=True)
class ListLook:
    """What a file would say, and nothing of it is told. `here`: rows of people who are customers;
    `fresh`: of people who become known by it; `known`: of those who carry the tag already. `fields`
    are what a column can be read as, `missing` what no column says and the list needs: `who` or
    `tag`. `tags`: how many rows set each, the most first."""

    rows: int
    here: int
    fresh: int
    known: int
    refused: int
    reasons: list[ListReason]
    columns: list[ListColumn]
    fields: list[str]
    missing: list[str]
    tags: dict[str, int]


class _Row(NamedTuple):
    """A row of use: whom it names, as keys are hashed, and the tag that it sets."""

    line: int
    key: str
    value: str
    tag: str


Told = tuple[int, str, Problem | None]  # line, what became of it


def opened(path: Path, wanted: Wanted) -> orderfile.ListFile:
    """The file, its columns found."""
    return orderfile.ListFile(path, wanted.columns)


def _rows(
    app: App, file: orderfile.ListFile, wanted: Wanted
) -> Iterator[_Row | tuple[int, Problem]]:
    for many, entry in enumerate(file.entries(), start=1):
        refuse_many(many)
        line, tag = entry.row.line, wanted.tag
        if wanted.kind == "tags" and not tag:
            tag = entry.values.get("tag", "")
        found = entry.problem or _key(app, entry.values)
        if isinstance(found, Problem):
            yield line, found
        elif wanted.kind != "blacklist" and not tag:
            yield line, NO_TAG
        else:
            yield _Row(line, *found, tag)


def _key(app: App, values: Mapping[str, str]) -> tuple[str, str] | Problem:
    """Whom a row is about, in the form in which keys are hashed."""
    found = next(((name, said) for name in SURER if (said := values.get(name))), None)
    if found is None:
        return NOBODY
    name, said = found
    if name == "order_no":
        shop = values.get("shop", "")
        return ("order", f"{shop}/{said}") if shop else WHICH_SHOP
    try:
        return name, normalise(name, said, app.brand.region)
    except ValueError as error:
        return Problem(name, wording(error))


# ── A look ───────────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Tally:
    here: int = 0
    fresh: int = 0
    known: int = 0
    tags: Counter[str] = field(default_factory=Counter[str])
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])


def looked(app: App, path: Path, wanted: Wanted, language: Language) -> ListLook:
    """What bringing it in would do; nothing is told."""
    file, tally, batch = opened(path, wanted), _Tally(), list[_Row]()

    def refuse(problem: Problem) -> None:
        tally.reasons[_column(file, problem.where), within(language, problem.why)] += 1

    def count() -> None:
        with app.db.transaction() as conn:
            for row, problem, carried in _judged(app, conn, batch):
                if problem is not None:
                    refuse(problem)
                    continue
                tally.tags[row.tag] += 1
                tally.known += carried is True
                tally.here += carried is not None
                tally.fresh += carried is None
        batch.clear()

    for row in _rows(app, file, wanted):
        if isinstance(row, _Row):
            batch.append(row)
        else:
            refuse(row[1])
        if len(batch) == BATCH:
            count()
    count()
    refused = tally.reasons.total()
    return ListLook(
        tally.here + tally.fresh + refused,
        tally.here,
        tally.fresh,
        tally.known,
        refused,
        [ListReason(*why, many) for why, many in tally.reasons.most_common(MOST_REASONS)],
        [ListColumn(*one) for one in orderfile.list_columns(file)],
        list(COLUMNS if "tag" in wanted.columns else [name for name in COLUMNS if name != "tag"]),
        _missing(file, wanted),
        {name: many for name, many in tally.tags.most_common(MOST_REASONS) if name},
    )


def _missing(file: orderfile.ListFile, wanted: Wanted) -> list[str]:
    lacks: list[str] = []
    if not any(name in file.places for name in SURER):
        lacks.append("who")
    if "tag" in wanted.columns and "tag" not in file.places:
        lacks.append("tag")
    if wanted.kind == "names" and not wanted.tag:
        lacks.append("tag")
    return lacks


def _judged(
    app: App, conn: Conn, batch: Sequence[_Row]
) -> list[tuple[_Row, Problem | None, bool | None]]:
    """Each row with what is wrong with it, and whether its person carries its tag already; None:
    nobody is there yet. An order or an external user id makes nobody known: it must be."""
    hashes = [(row.key, key_hash(app.keys, row.key, row.value)) for row in batch]
    known = identities.resolve(conn, hashes)
    carried = views.carry(conn, known.values(), {row.tag for row in batch} - {""})
    found: list[tuple[_Row, Problem | None, bool | None]] = []
    for row, hashed in zip(batch, hashes, strict=True):
        customer = known.get(hashed)
        if customer is not None:
            found.append((row, None, (customer, row.tag) in carried))
        elif row.key in ("phone", "member"):
            found.append((row, None, None))
        else:
            where = "order_no" if row.key == "order" else row.key
            found.append((row, Problem(where, NOT_KNOWN), None))
    return found


# ── In ───────────────────────────────────────────────────────────────────────────────────────────


def taken(
    app: App, path: Path, wanted: Wanted, name: str, by: str, language: Language
) -> tuple[ListReport, Path | None]:
    """Bring a list in; what can't be used is said with its line, column and reason, and lies in
    FILE.rejects.csv. Audited."""
    if wanted.kind == "names" and not wanted.tag:
        raise BadInput(
            Sentence("A list of names needs its own: which tag?", "名单需要一个名称：用哪个标签？"),
            (Problem("tag", Sentence("is missing", "缺少")),),
        )
    needed = [one for one in ("tag",) if one in wanted.columns]
    file = orderfile.ListFile(path, wanted.columns, needed)
    for many, _ in enumerate(file.entries(), start=1):
        refuse_many(many)  # all of it or nothing: half a list is none that anybody meant
    reading = sha256(f"{file.digest} {sorted(file.places.items())}".encode()).hexdigest()
    with app.db.transaction() as conn:
        now = app.clock.now()
        number = actions.begin_list(conn, wanted.kind, wanted.tag, name, reading, by, now)
    refused: dict[int, Problem] = {}
    totals: Counter[str] = Counter()
    batch: list[_Row | tuple[int, Problem]] = []

    def deal(*, done: bool) -> None:
        with app.db.transaction() as conn:
            answers = _told(app, conn, number, batch, wanted, by)
            refused.update({line: why for line, _, why in answers if why is not None})
            step = _step(answers)
            actions.advance_list(conn, number, step, app.clock.now(), done=done)
            waiting = sum(1 for _, status, _ in answers if status == WAITING)
            totals.update(taken=step.taken, known=step.known, waiting=waiting)
            if done:
                said = f"{totals['taken'] + totals['known']} rows"
                audit(conn, by, "list.import", wanted.about, said, app.clock.now())
        batch.clear()

    for row in _rows(app, file, wanted):
        batch.append(row)
        if len(batch) == BATCH:
            deal(done=False)
    deal(done=True)
    app.wake()
    said = [
        Refused(line, _column(file, why.where), within(language, why.why))
        for line, why in sorted(refused.items())
    ]
    rejects = file.write_rejects(
        {one.line: (one.field, one.why) for one in said}, language_of(app.brand.locale)
    )
    text = rejects.read_text("utf-8") if rejects else ""
    public = app.ids.encode(PREFIX, number)
    report = ListReport(public, totals["taken"], totals["known"], said, text, totals["waiting"])
    return report, rejects


def _column(file: orderfile.ListFile, where: str) -> str:
    return file.column(where) if where in COLUMNS else where


def _step(answers: Sequence[Told]) -> ListStep:
    became = Counter(status for _, status, _ in answers)
    return ListStep(
        len(answers),
        max((line for line, *_ in answers), default=0),
        became["accepted"] + became[WAITING],
        became["duplicate"],
        became["rejected"],
    )


def _told(
    app: App,
    conn: Conn,
    number: int,
    batch: Sequence[_Row | tuple[int, Problem]],
    wanted: Wanted,
    by: str,
) -> list[Told]:
    """Tell what these rows say. Who carries the tag already needs no telling: then taking the list
    back leaves it."""
    found: list[Told] = [(row[0], "rejected", row[1]) for row in batch if not isinstance(row, _Row)]
    new: list[_Row] = []
    absent: list[_Row] = []
    judged = _judged(app, conn, [row for row in batch if isinstance(row, _Row)])
    for row, problem, carried in judged:
        if problem is not None:
            found.append((row.line, "rejected", problem))
        elif carried:
            found.append((row.line, "duplicate", None))
        elif carried is None and wanted.wait and wanted.kind != "blacklist":
            absent.append(row)
            found.append((row.line, WAITING, None))
        else:
            new.append(row)
    _wait(app, conn, number, absent)
    now = app.clock.now().isoformat()
    items = [_event(f"{number}/{row.line}", now, row, _said(wanted, row.tag, by)) for row in new]
    answers = events.accept(conn, app.keys, app.brand.region, items, app.clock.now())
    for row, answer in zip(new, answers, strict=True):
        wrong = Problem(*apart(answer.reason)) if answer.status == "rejected" else None
        found.append((row.line, answer.status, wrong))
    return found


def _wait(app: App, conn: Conn, number: int, absent: Sequence[_Row]) -> None:
    tags = [
        Awaited(
            row.key,
            key_hash(app.keys, row.key, row.value),
            row.tag,
            actions.BY_LIST,
            f"{number}/{row.line}",
        )
        for row in absent
    ]
    span = timedelta(days=app.settings.tag_wait_days)
    tagging.wait(conn, tags, app.clock.now(), span)


def _said(wanted: Wanted, tag: str, by: str) -> Payload:
    if wanted.kind == "blacklist":
        return ConsentWithdrawn(channels=["sms", "voice", "wecom"], evidence=f"blacklist, by {by}")
    return TagSet(name=tag)


def _event(name: str, at: str, row: _Row, payload: Payload) -> Incoming:
    return Incoming(
        source=actions.BY_LIST,
        id=name,
        kind=str(payload.__struct_config__.tag),
        occurred_at=at,
        keys={row.key: row.value},
        data=msgspec.Raw(msgspec.json.encode(payload)),
    )
