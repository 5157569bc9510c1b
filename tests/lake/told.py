"""Stories that a lake follows: told by events, and by what sweeps write without one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from tests.build import DAY, KEYS, NOW, PROJECTIONS, facts, tell

from siyu.analytics.compile import totals
from siyu.analytics.views.questions.books import Books
from siyu.commerce import views as commerce
from siyu.db.clock import RealClock
from siyu.db.pool import Pool
from siyu.events import actions as events
from siyu.events.actions import Own
from siyu.events.model import CustomerMerged, CustomerSplit, Key
from siyu.events.sweep import apply
from siyu.lake import engine, files, news
from siyu.lake.lake import Lake
from siyu.lake.model import COLUMNS, EVENT
from siyu.staff import actions as staff
from siyu.staff.model import Brand
from siyu.vault.model import key_hash

WIDE = {"phone": "1380000000{}", "buyer": "s/b{}", "external_userid": "wm{}"}


def database(db: Pool, table: str) -> Counter[tuple[Any, ...]]:
    columns = ", ".join(  # a float is written shorter than it is
        f"{name}::float8" if kind == "float32" else name for name, kind in COLUMNS[table].items()
    )
    return Counter(db.fetch(f"select {columns} from {table}"))


@contextmanager
def opened(lake: Lake) -> Generator[engine.Duck]:
    """What is in force, without a sync."""
    with files.reading(lake.folder) as manifest, engine.Duck() as duck:
        duck.open(lake.folder, manifest)
        yield duck


def rows_of(
    duck: engine.Duck, table: str, names: Sequence[str] | None = None
) -> Counter[tuple[Any, ...]]:
    columns = ", ".join(names or COLUMNS[table])
    return Counter(
        tuple(one.replace(tzinfo=UTC) if isinstance(one, datetime) else one for one in row)
        for row in duck.rows(f"select {columns} from {table}")
    )


def same(db: Pool, lake: Lake) -> None:
    with opened(lake) as duck:
        for table in COLUMNS:
            assert rows_of(duck, table) == database(db, table), table
        applied = db.fetch(
            "select e.id, s.identity_id, e.kind, e.occurred_at from event_applied a join event e"
            " on e.id = a.event_id left join event_subject s on s.event_id = a.event_id"
        )
        told = rows_of(duck, EVENT, ["id", "identity_id", "kind", "occurred_at"])
    assert told == Counter(applied)  # each once


def same_books(db: Pool, lake: Lake) -> None:
    """The figures are the books, in every field that both have."""
    with db.transaction() as conn:
        books = {one.currency: one._asdict() for one in commerce.totals(conn)}
    with lake.asked() as asked:
        figures = {
            one.currency: one._asdict() for one in (Books(*row) for row in asked.fetch(totals()))
        }
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
    "size_stock": "insert into size_stock (place, style, size, title, pieces, discontinued,"
    " sizes_left) values ('s' || %(n)s, 'runner', '42', '', 1, false, 1)",
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
    "size_stock": "pieces = 2",
}
SOMEBODYS = {"touch", "task", "promise", "holdout", "friend_match", "visit", "identity"}
OWNED = [one for one in CHANGED if one not in {"journey", "store", "staff_member", "size_stock"}]

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
