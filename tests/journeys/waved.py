"""Old customers, and a journey that takes them in waves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from siyu.journeys.actions import waves as deciding
from siyu.journeys.sweep import entries
from siyu.journeys.views.waves import Shown, waves
from siyu.segments.predicates import FAMILIES

DAY = timedelta(days=1)
STOP, HOLD = "complaints: 0.1", "holdout: 0.1"
ENDS = (
    "{any: [{friend: true}, "
    "{consent: {channel: sms, purpose: order_invitation, state: withdrawn}}]}"
)
TEXT = """\
journey: old
title: {{zh: 老客, en: Old}}
enter:
  waves: {{{waves}}}
  segment: {{all: [{{orders: {{}}}}, {{not: {{friend: true}}}}]}}
  stop_when: {{{stop}}}
holdout: {holdout}
ends_when: {ends}
steps:
  - id: sms
    send: {{channel: sms, material: m, purpose: order_invitation}}
  - {{id: watch, wait: 14d}}
  - {{id: end, exit: done}}
"""


class Old:
    """Old customers 1, 2, 3 …: the later the number, the more recent the order."""

    def __init__(self, house: Any) -> None:
        self.house = house

    def bought(self, *numbers: int, minor: int = 9, **words: Any) -> None:
        told = []
        for number in numbers:
            at = self.house.now - timedelta(days=400 - number)
            data = {"total_minor": minor}
            told.append(self.house.order(number, data=data, at=at, **words))
            consent = {
                "channels": ["sms"],
                "purposes": ["order_invitation"],
                "basis": "contract",
                "evidence": "t",
            }
            told.append(
                self.house.event("consent.given", consent, keys=self.house.keys(number), at=at)
            )
        self.house.tell(*told, backfill=True)

    def publish(
        self,
        waves: str = "sizes: [2, 4], every: 3d",
        stop: str = 'cost_per_add: "1.00", least: 1',
        holdout: str = "0.000001",
        ends: str = ENDS,
    ) -> None:
        self.house.publish(TEXT.format(waves=waves, stop=stop, holdout=holdout, ends=ends))
        self.sweep()

    def sweep(self, limit: int = 2000, **after: float) -> None:
        """Whatever is due, as a worker does it; nothing is sent."""
        if after:
            self.house.clock.advance(**after)
        turns = 0
        while entries.enter(self.house.db, self.house.context, self.house.now, limit=limit):
            turns += 1
            assert turns < 500, "it does not come to rest"
        while self.house.sweep().claimed:
            pass
        self.house.apply()

    def sent(self, cost_minor: int = 5) -> None:
        """Every message that may go out has gone out, at this price."""
        self.house.rule()
        self.house.rows(
            "update touch set state = 'sent', sent_at = wished_at where state = 'owed' returning id"
        )
        self.house.rows(
            "insert into ledger_entry (cause, cause_id, kind, customer_id, journey, quantity,"
            " unit_minor, amount_minor, currency, occurred_at)"
            f" select 'touch', id, 'sms_segment', customer_id, journey, 1, {cost_minor},"
            f" {cost_minor}, 'CNY', wished_at from touch where state = 'sent'"
            " on conflict do nothing returning id"
        )

    def befriend(self, *numbers: int) -> None:
        self.house.tell(*[self.house.friend(number) for number in numbers])

    def waves(self) -> list[Shown]:
        return self.house.query(waves, "old", FAMILIES)

    def people(self, wave: int) -> list[int]:
        """Whom a wave took, in their order, by their numbers."""
        rows = self.house.rows(
            "select o.order_no from wave_member m join journey_wave w on w.id = m.wave_id"
            f" join orders o on o.customer_id = m.customer_id where w.number = {wave}"
            " order by m.place"
        )
        return [int(one[1:]) for (one,) in rows]

    def decide(self, what: Any) -> int:
        with self.house.db.transaction() as conn:
            return deciding.decide(conn, "old", what, "ana", self.house.now)
