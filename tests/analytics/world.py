"""Single facts as the rooms write them: small worlds whose every number can be counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from siyu.acquisition.actions import install
from siyu.acquisition.model import ChannelCode, Source
from siyu.analytics.model import Figures
from siyu.analytics.views.figures import cascade
from siyu.db.pool import Pool

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=14)


class World:
    """Writes single facts; `day` counts from the first day of the period."""

    def __init__(self, db: Pool) -> None:
        self.db = db
        self._number = 0
        source = Source("orders", {}, {"everybody": True}, ("shop",), "plan", card="card")
        codes = [ChannelCode("orders", step, "guide-1") for step in ("sms", "call", "card")]
        with db.transaction() as conn:
            install(conn, [source], codes, "p")

    def write(self, table: str, **row: Any) -> int:
        self._number += 1
        columns = ", ".join(row)
        values = ", ".join(f"%({name})s" for name in row)
        with self.db.transaction() as conn:
            conn.execute(f"insert into {table} ({columns}) values ({values})", row)
        return self._number

    def at(self, day: float) -> datetime:
        return SINCE + timedelta(days=day)

    def order(self, customer: int | None, day: float, **more: Any) -> None:
        self._number += 1
        row = {
            "shop": "shop",
            "order_no": f"o{self._number}",
            "customer_id": customer,
            "state": "paid",
            "paid_at": self.at(day),
            "source": "test",
            "source_id": f"o{self._number}",
            "currency": "CNY",
            "total_minor": 100,
            "event_id": self._number,
        }
        self.write("orders", **(row | more))

    def friend(self, customer: int, day: float, *, gone: float | None = None) -> None:
        self._number += 1
        self.write(
            "friendship",
            identity_id=self._number,
            customer_id=customer,
            staff="guide-1",
            carrier="wecom",
            state="live" if gone is None else "deleted_by_customer",
            first_added_at=self.at(day),
            added_at=self.at(day),
            deleted_at=None if gone is None else self.at(gone),
            changed_at=self.at(day),
            changed_source="test",
            changed_source_id="1",
        )

    def match(self, customer: int, day: float, step: str = "", *, matched: bool = True) -> None:
        self._number += 1
        self.write(
            "friend_match",
            identity_id=self._number,
            customer_id=customer,
            matched=matched,
            how="state" if step else "unmatched",
            step=step,
            source="orders" if step else "",
            added_at=self.at(day),
        )

    def touch(
        self, customer: int, step: str, day: float, state: str = "sent", why: str = ""
    ) -> None:
        self._number += 1
        self.write(
            "touch",
            visit_id=self._number,
            node=step,
            round=0,
            customer_id=customer,
            journey="plan",
            step=step,
            channel=step,
            purpose="order_invitation",
            lane="now",
            priority=0,
            shop="shop",
            order_no="o",
            material="m",
            locale="zh",
            state=state,
            reason=why,
            wished_at=self.at(day),
            due_at=self.at(day),
            sent_at=self.at(day) if state == "sent" else None,
        )

    def card(self, customer: int, day: float) -> None:
        self._number += 1
        with self.db.transaction() as conn:
            ((parcel_id,),) = conn.fetch(
                "insert into parcel (parcel_no, packed_at, packed_gift, packed_card)"
                " values (%(no)s, %(at)s, '', 'card') returning id",
                {"no": f"b{self._number}", "at": self.at(day)},
            )
        self.write(
            "parcel_decision",
            parcel_id=parcel_id,
            shop="shop",
            customer_id=customer,
            source="orders",
            content="card",
            reason="not_friend",
            frozen_at=self.at(day),
        )

    def cost(self, step: str, minor: int, day: float, currency: str = "CNY", **more: Any) -> None:
        self._number += 1
        row = {
            "cause": "touch",
            "cause_id": self._number,
            "kind": "sms_segment",
            "journey": "plan",
            "step": step,
            "quantity": 1,
            "unit_minor": minor,
            "amount_minor": minor,
            "currency": currency,
            "occurred_at": self.at(day),
        }
        self.write("ledger_entry", **(row | more))

    def figures(self) -> Figures:
        with self.db.transaction() as conn:
            return cascade(conn, "plan", SINCE, UNTIL)
