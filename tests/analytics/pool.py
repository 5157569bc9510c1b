"""Rows as the rooms write them, many at once, and what reports say of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.build import KEYS

from siyu.acquisition.actions import install
from siyu.acquisition.model import Source
from siyu.analytics.model.answer import Answer, Question
from siyu.analytics.views.asked import Home, ask
from siyu.db.clock import RealClock
from siyu.db.pool import Pool
from siyu.kernel.ids import PublicIds
from siyu.lake.lake import Lake
from siyu.staff import actions as staff
from siyu.staff.model import Brand

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)  # ten in the morning there
BRAND = Brand("B", "Asia/Shanghai", "CNY", "CN", "zh")


class World:
    """Rows as the rooms write them, many at once."""

    def __init__(self, db: Pool, folder: Path) -> None:
        self.home = Home(db, KEYS, PublicIds(b"i" * 32), BRAND, Lake(db, folder, RealClock()))
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.number = 0
        self.people: set[int] = set()
        with db.transaction() as conn:
            staff.seed(conn, BRAND)
            install(conn, [Source("orders", {"en": "New orders", "zh": "新订单"},
                                  {"everybody": True}, (), "plan")], [], "p")  # fmt: skip

    def add(self, table: str, **row: Any) -> None:
        self.number += 1
        self.rows.setdefault(table, []).append(row)

    def order(self, who: int | None, at: datetime, minor: int) -> None:
        self.add(
            "orders", id=self.number, shop="s", order_no=f"o{self.number}", customer_id=who,
            state="paid", paid_at=at, source="t", source_id=f"{self.number}", currency="CNY",
            total_minor=minor, event_id=self.number,
        )  # fmt: skip

    def friend(
        self, who: int, at: datetime, gone: datetime | None = None, source: str = "orders"
    ) -> None:
        self.add(
            "friendship", identity_id=who, customer_id=who, staff="g", carrier="wecom",
            state="deleted_by_customer" if gone else "live", first_added_at=at, added_at=at,
            deleted_at=gone, changed_at=at, changed_source="t", changed_source_id="1",
        )  # fmt: skip
        self.add("friend_match", identity_id=who, customer_id=who, matched=bool(source),
                 how="state", source=source, journey="plan", added_at=at)  # fmt: skip

    def cost(self, who: int | None, at: datetime, minor: int, journey: str = "plan") -> None:
        self.add(
            "ledger_entry", cause="touch", cause_id=self.number, kind="sms_segment",
            customer_id=who, journey=journey, step="sms", quantity=1, unit_minor=minor,
            amount_minor=minor, currency="CNY", occurred_at=at,
        )  # fmt: skip

    def touch(self, who: int, at: datetime, channel: str = "sms", **more: Any) -> None:
        self.add(
            "touch",
            **{
                "node": "n", "round": self.number, "customer_id": who, "journey": "plan",
                "step": channel, "channel": channel, "purpose": "promotion", "lane": "now",
                "priority": 1, "shop": "s", "order_no": "", "material": "m", "locale": "zh",
                "state": "delivered", "wished_at": at, "due_at": at, "sent_at": at,
            } | more,
        )  # fmt: skip

    def held(self, who: int, at: datetime, held: bool) -> None:
        self.add("holdout", scope="plan", customer_id=who, held=held, probability=0.5,
                 assigned_at=at)  # fmt: skip

    def said(self, who: int, at: datetime) -> None:
        number = 1000 + self.number
        self.add("identity", id=number, kind="external_userid", hash=b"%d" % who, how="t",
                 customer_id=who, created_at=at, first_customer_id=who)  # fmt: skip
        self.add("event", id=number, source="t", source_id=f"{number}", kind="message.received",
                 occurred_at=at, received_at=at, backfill=False, data="{}")  # fmt: skip
        self.add("event_subject", event_id=number, identity_id=number)
        self.add("event_applied", applied_seq=number, event_id=number, received_at=at)

    def again(self) -> None:
        """What comes is seen by a lake of its own."""
        lake = self.home.lake
        self.home = self.home._replace(lake=Lake(self.home.db, lake.folder / "again", RealClock()))

    def ask(self, question: Question, now: datetime = NOW) -> Answer:
        self.write()
        return ask(self.home, question, now).answer

    def write(self) -> None:
        """What was added since, and customers for whoever is named in it."""
        known = (row.get("customer_id") for rows in self.rows.values() for row in rows)
        people = {who for who in known if who is not None}
        for who in sorted(people - self.people):
            self.add("customer", id=who, created_at=NOW - timedelta(days=400))
        self.people |= people
        with self.home.db.transaction() as conn:
            for table, rows in self.rows.items():
                names = list(rows[0])
                values = ", ".join(f"%({name})s" for name in names)
                own = "overriding system value " * (table in ("orders", "identity", "journey"))
                sql = f"insert into {table} ({', '.join(names)}) {own}values ({values})"
                for row in rows:
                    conn.execute(sql, row)
        self.rows = {}


def at(day: date, hour: float = 12) -> datetime:
    """That hour of the brand's day."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(hours=hour)


def table(answer: Answer, name: str) -> list[dict[str, Any]]:
    (found,) = [one for one in answer.tables if one.name == name]
    names = [one.name for one in found.columns]
    return [dict(zip(names, row, strict=True)) for row in found.rows]
