"""The lake is what PostgreSQL says, whatever happened between two syncs."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.build import DAY, KEYS, NOW, PROJECTIONS, facts, tell

from siyu.analytics.views.questions import books as figures_of
from siyu.commerce import views as commerce
from siyu.db.clock import RealClock
from siyu.db.pool import Pool
from siyu.events import actions as events
from siyu.events.actions import Own
from siyu.events.model import CustomerMerged, CustomerSplit, Incoming, Key
from siyu.events.sweep import apply
from siyu.kernel.errors import Refused
from siyu.lake import engine, export, files, news
from siyu.lake.lake import Lake
from siyu.lake.model import COLUMNS, OWNER
from siyu.staff import actions as staff
from siyu.staff.model import Brand
from siyu.vault.model import key_hash

WIDE = {"phone": "1380000000{}", "buyer": "s/b{}", "external_userid": "wm{}"}


def database(db: Pool, table: str) -> Counter[tuple[Any, ...]]:
    columns = ", ".join(COLUMNS[table])
    return Counter(db.fetch(f"select {columns} from {table}"))


def lake_rows(lake: Lake, table: str) -> Counter[tuple[Any, ...]]:
    with engine.Duck() as duck:
        duck.open(lake.folder, lake.manifest())
        columns = ", ".join(COLUMNS[table])
        return Counter(
            tuple(one.replace(tzinfo=UTC) if isinstance(one, datetime) else one for one in row)
            for row in duck.rows(f"select {columns} from {table}")
        )


def same(db: Pool, lake: Lake) -> None:
    for table in COLUMNS:
        assert lake_rows(lake, table) == database(db, table), table


def same_books(db: Pool, lake: Lake) -> None:
    """The figures are the books, in every field that both have."""
    with db.transaction() as conn:
        books = {one.currency: one._asdict() for one in commerce.totals(conn)}
    with lake.asked() as asked:
        figures = {one.currency: one._asdict() for one in figures_of.totals(asked)}
    assert figures.keys() == books.keys()
    for currency, found in figures.items():
        assert found.pop("corrected") == books[currency]["corrections"]
        assert found == {name: books[currency][name] for name in found}


# What sweeps and people write without an event, as the tables take it: of somebody, or of nobody.
WITHOUT_EVENT = {
    "touch": "insert into touch (node, round, customer_id, journey, step, channel, purpose, lane,"
    " priority, shop, order_no, material, locale, state, wished_at, due_at)"
    " values ('n' || %(n)s, 0, %(who)s, 'j', 'sms', 'sms', 'promotion', 'now', 5, 's', '', 'm',"
    " 'zh', 'owed', %(at)s, %(at)s)",
    "task": "insert into task (touch_id, kind, customer_id, staff, script, shop, order_no, state,"
    " created_at, due_at)"
    " values (%(n)s, 'call', %(who)s, 'ann', '', 's', '', 'open', %(at)s, %(at)s)",
    "promise": "insert into promise (key, offer, customer_id, shop, order_no, state, promised_at,"
    " expires_at, changed_at) values ('p' || %(n)s, 'gift', %(who)s, 's', '',"
    " 'promised', %(at)s, %(at)s, %(at)s)",
    "holdout": "insert into holdout (scope, customer_id, held, probability, assigned_at)"
    " values ('j' || %(n)s, %(who)s, true, 0.3, %(at)s)",
    "friend_match": "insert into friend_match (identity_id, customer_id, matched, how, added_at)"
    " values (%(n)s, %(who)s, false, 'unmatched', %(at)s)",
    "visit": "insert into visit (journey_id, version, customer_id, key, shop, order_no, node,"
    " state, waiting_for, ends_kinds, since, entered_at)"
    " values (1, 1, %(who)s, 'v' || %(n)s, 's', '', 'n', 0, '{}', '{}', %(at)s, %(at)s)",
    "parcel_decision": "insert into parcel_decision (parcel_id, shop, customer_id, content, reason,"
    " frozen_at) values (%(n)s, 's', %(who)s, 'none', 'guest', %(at)s)",
    "ledger_entry": "insert into ledger_entry (cause, cause_id, kind, customer_id, quantity,"
    " unit_minor, amount_minor, currency, occurred_at)"
    " values ('parcel', %(n)s, 'card', %(who)s, 1, 7, 7, 'CNY', %(at)s)",
    "identity": "insert into identity (kind, hash, customer_id, first_customer_id, how, created_at)"
    " values ('state', int4send(%(n)s::int), %(who)s, 1, '', %(at)s)",
    "journey": "insert into journey (code, playbook) values ('j' || %(n)s, '')",
    "store": "insert into store (code, name) values ('s' || %(n)s, '静安店')",
    "staff_member": "insert into staff_member (code, name, role)"
    " values ('m' || %(n)s, '李雷', 'guide')",
}
CHANGED = {
    "touch": "state = 'sent', sent_at = due_at",
    "task": "state = 'done', minutes = 3",
    "promise": "state = 'revoked'",
    "holdout": "held = false",
    "friend_match": "matched = true",
    "visit": "state = 1, outcome = 'goal', ended_at = since",
    "parcel_decision": "reason = 'friend'",
    "ledger_entry": "amount_minor = 0",
    "journey": "code = code || 'x'",
    "store": "region = 'east'",
    "staff_member": "active = false",
}
SOMEBODYS = {"touch", "task", "promise", "holdout", "friend_match", "visit", "identity"}
OWNED = [one for one in CHANGED if one not in {"journey", "store", "staff_member"}]

numbers = st.integers(0, 2)
keys = st.dictionaries(st.sampled_from(list(WIDE)), numbers, min_size=1, max_size=2).map(
    lambda some: {kind: WIDE[kind].format(number) for kind, number in some.items()}
)
orders = st.integers(1, 4).map(str)
steps = st.one_of(
    st.tuples(st.just("paid"), orders, st.none() | keys),
    st.tuples(st.just("refund"), orders, st.booleans()),
    st.tuples(st.just("refund_of_nobody"), numbers),
    st.tuples(st.just("refund_without_order"), keys),
    st.tuples(st.just("cancel"), orders),
    st.tuples(st.just("correct"), numbers),
    st.tuples(st.just("claim"), orders, keys),
    st.tuples(st.just("friend"), keys),
    st.tuples(st.just("tag"), keys, st.booleans()),
    st.tuples(st.just("consent"), keys),
    st.tuples(st.just("merge"), numbers, numbers),
    st.tuples(st.just("split"), numbers),
    st.tuples(st.just("written"), st.sampled_from(list(WITHOUT_EVENT)), numbers),
    st.tuples(st.just("written_late"), st.sampled_from(OWNED), numbers),
    st.tuples(st.just("changed"), st.sampled_from(list(CHANGED))),
    st.tuples(st.just("moved"), st.sampled_from(OWNED), numbers),
    st.tuples(st.just("taken_away"), st.sampled_from(OWNED)),
    st.tuples(st.just("seeded")),
    st.tuples(st.just("forgotten")),
    st.tuples(st.just("sync")),
    st.tuples(st.just("killed")),
    st.tuples(st.just("anew")),
)


class Story:
    """Facts told one after another, and a lake that follows."""

    def __init__(self, db: Pool, folder: Path) -> None:
        self.db, self.lake = db, Lake(db, folder, RealClock())
        self.made, self.count = facts(), 0
        self.open = ExitStack()  # a transaction that has not come to its end

    def play(self, what: str, *how: Any) -> None:
        self.count += 1
        getattr(self, what)(*how)

    def say(self, kind: str, **data: Any) -> None:
        tell(self.db, [self.made(kind, at=self.count / 7, **data)])

    def paid(self, number: str, who: dict[str, str] | None) -> None:
        line = {"sku": f"x{number}", "quantity": 2, "unit_minor": 500, "amount_minor": 1000}
        named = {"order": f"s/{number}"} | (who or {})
        self.say("order.paid", keys=named, order_no=number, total_minor=1000, lines=[line])

    def refund(self, number: str, whole: bool) -> None:
        lines = [{"sku": f"x{number}", "quantity": 1, "amount_minor": 500}] if whole else []
        self._back(order_no=number, lines=lines)

    def refund_of_nobody(self, number: int) -> None:
        line = {"sku": f"x{number}", "quantity": 1, "amount_minor": 500}
        self._back(lines=[line])

    def refund_without_order(self, who: dict[str, str]) -> None:
        line = {"sku": "x1", "quantity": 1, "amount_minor": 500}
        self._back(keys=who, lines=[line])

    def _back(self, **said: Any) -> None:
        self.say("order.refunded", refund_no=f"r{self.count}", amount_minor=500, **said)

    def cancel(self, number: str) -> None:
        self.say("order.cancelled", order_no=number)

    def correct(self, number: int) -> None:
        self.say("order.corrected", correction_no=f"c{number}", amount_minor=-7 * self.count)

    def claim(self, number: str, who: dict[str, str]) -> None:
        self.say("customer.identified", keys={"order": f"s/{number}"} | who)

    def friend(self, who: dict[str, str]) -> None:
        self.say("friend.added", keys={"external_userid": "wm9"} | who)

    def tag(self, who: dict[str, str], on: bool) -> None:
        self.say("tag.set", keys=who, name="gift", on=on)

    def consent(self, who: dict[str, str]) -> None:
        self.say("consent.given", keys=who)

    def merge(self, one: int, other: int) -> None:
        self._own(CustomerMerged(first=1, by="ann"), one, other)

    def split(self, one: int) -> None:
        self._own(CustomerSplit(off=1, by="ann"), one, one, kind="buyer")

    def _own(self, said: Any, one: int, other: int, kind: str = "phone") -> None:
        named = [("phone", WIDE["phone"].format(one)), (kind, WIDE[kind].format(other))]
        known = tuple(Key(kind, key_hash(KEYS, kind, value)) for kind, value in named)
        with self.db.transaction() as conn:
            at = DAY + timedelta(days=self.count)
            events.own(conn, [Own(said, f"o{self.count}", at, known)], NOW)
        while apply(self.db, PROJECTIONS, NOW).claimed:
            pass

    def written(self, table: str, number: int) -> None:
        row = self._row(number)
        if row["who"] or table not in SOMEBODYS:
            self._quick(WITHOUT_EVENT[table], row)

    def written_late(self, table: str, number: int) -> None:
        """By somebody who commits after the next sync."""
        self.open.close()
        row = self._row(number)
        if row["who"] or table not in SOMEBODYS:
            conn = self.open.enter_context(self.db.transaction())
            conn.execute(WITHOUT_EVENT[table], row)

    def _row(self, number: int) -> dict[str, Any]:
        """Of the customer of that number, of nobody where there is none."""
        at = DAY + timedelta(days=7 * number)
        known = self.db.fetch("select id from customer order by id limit 3")
        who = known[number][0] if number < len(known) else None
        return {"n": self.count, "who": who, "at": at}

    def changed(self, table: str) -> None:
        self._quick(f"update {table} set {CHANGED[table]}")

    def moved(self, table: str, number: int) -> None:
        self._quick(
            f"update {table} set customer_id = coalesce(%(who)s, customer_id)", self._row(number)
        )

    def taken_away(self, table: str) -> None:
        self._quick(f"delete from {table}")

    def _quick(self, statement: str, params: dict[str, Any] | None = None) -> None:
        """What waits for nobody: the late one may hold these rows."""
        self.open.close()
        with self.db.transaction() as conn:
            conn.execute(statement, params)

    def seeded(self) -> None:
        """The brand moves: every day may be another one."""
        where = ("Asia/Shanghai", "America/New_York")[self.count % 2]
        with self.db.transaction() as conn:
            staff.seed(conn, Brand("B", where, "CNY", "CN", "zh"))

    def forgotten(self) -> None:
        """The lake was not brought up to date for a month, or there is too much news."""
        with self.db.transaction() as conn:
            news.forget(conn, NOW + timedelta(days=99))

    def sync(self) -> None:
        self.lake.sync()
        self.open.close()

    def anew(self) -> None:
        self.lake.sync(anew=True)

    def killed(self) -> None:
        """Everything was written but the manifest."""
        held = files.write
        try:
            files.write = _killed
            with suppress(KeyboardInterrupt):
                self.lake.sync()
        finally:
            files.write = held


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


@settings(max_examples=15)
@given(told=st.lists(steps, max_size=14), few=st.integers(1, 3))
def test_any_syncs_end_with_what_the_database_says(
    databases: Any, told: list[Any], few: int
) -> None:
    name = databases.take()
    db = Pool(databases.url(name))
    folder = Path(tempfile.mkdtemp(prefix="siyu-lake-"))
    most = export.MOST_FILES
    export.MOST_FILES = few  # so that files are brought together all the time
    story = Story(db, folder)
    try:
        for what, *how in told:
            story.play(what, *how)
        story.lake.sync()
        story.open.close()
        story.lake.sync()
        same(story.db, story.lake)
        same_books(story.db, story.lake)
        named = {folder / one.path for one in files.named(story.lake.manifest())}
        assert set(folder.glob("*/**/*.parquet")) == named
    finally:
        story.open.close()
        export.MOST_FILES = most
        shutil.rmtree(folder)
        db.close()
        databases.give_back(name)


def test_what_nothing_happened_to_is_not_written_again(db: Pool, tmp_path: Path) -> None:
    story = Story(db, tmp_path)
    for number in "123":
        story.paid(number, {"phone": f"1380000000{number}"})
    assert story.lake.sync().rows["orders"] == 3
    story.cancel("2")
    story.paid("4", {"phone": "13800000001"})
    found = story.lake.sync()
    assert found.rows["customer"] == 2
    assert found.rows["orders"] == 3  # both orders of the first customer, one of the second
    assert story.lake.sync().rows == {}


def test_a_base_of_many_months_is_brought_together_only_where_files_pile_up(
    db: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_FILES", 2)
    story = Story(db, tmp_path)
    for month in range(6):
        story.count = -7 * 31 * month  # a seventh of a day each
        story.paid(f"{month}", {"phone": f"1380000000{month}"})
    assert not story.lake.sync().compacted
    alone = story.lake.manifest().files["orders"][2]  # of a month in which nothing happens any more
    compacted = 0
    for _ in range(4):
        story.cancel("0")
        story.paid("9", {"phone": "13800000009"})
        compacted += story.lake.sync().compacted
    assert compacted
    found = story.lake.manifest().files["orders"]
    assert alone in found
    assert max(Counter(Path(one.path).parent for one in found).values()) <= 2
    same(db, story.lake)


def test_one_writes_at_a_time(db: Pool, tmp_path: Path) -> None:
    with files.writing(tmp_path), pytest.raises(Refused):
        Lake(db, tmp_path, RealClock()).sync()


def test_a_lake_of_other_columns_is_written_anew(db: Pool, tmp_path: Path) -> None:
    story = Story(db, tmp_path)
    story.paid("1", {"phone": "13800000001"})
    story.lake.sync()
    old = story.lake.manifest()
    other = {**old.columns, "orders": {"id": "int64"}}
    files.write(tmp_path, msgspec.structs.replace(old, columns=other), old)
    found = story.lake.sync().rows
    assert {name for name, rows in found.items() if rows} == {"orders", OWNER}
    same(db, story.lake)


def test_nothing_personal_is_in_the_lake(db: Pool, tmp_path: Path) -> None:
    one = facts()(
        "order.paid", keys={"phone": "13800000001", "buyer": "s/李雷"},
        person={"name": "李雷雷", "address": "静安路一号"}, order_no="1", total_minor=1,
    )  # fmt: skip
    tell(db, [one])
    story = Story(db, tmp_path)
    for table in WITHOUT_EVENT:
        story.play("written", table, 0)
    lake = Lake(db, tmp_path, RealClock())
    lake.sync()
    with engine.Duck() as duck:
        duck.open(lake.folder, lake.manifest())
        said = str([duck.rows(f"select * from {table}") for table in COLUMNS])
    for personal in ("13800000001", "李雷", "静安"):
        assert personal not in said


def test_a_row_lies_in_the_month_of_the_brand(db: Pool, tmp_path: Path) -> None:
    """Midnight of Shanghai, not of London."""
    with db.transaction() as conn:
        staff.seed(conn, Brand("B", "Asia/Shanghai", "CNY", "CN", "zh"))
    told = facts()
    tell(db, [_at(told, "2026-11-30T17:00:00+00:00")])
    lake = Lake(db, tmp_path, RealClock())
    lake.sync()
    (one,) = lake.manifest().files["orders"]
    assert "month=2026-12" in one.path


def _at(told: Callable[..., Incoming], moment: str) -> Incoming:
    one = told("order.paid", keys={"phone": "13800000001"}, order_no="1", total_minor=1)
    return msgspec.structs.replace(one, occurred_at=moment)
