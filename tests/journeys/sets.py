"""A house with segments whose members are kept, for the tests of live segments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from siyu.journeys.actions.waking import looked_at
from siyu.segments import actions, sweep
from siyu.segments.predicates import FAMILIES
from siyu.segments.views import members
from siyu.segments.views.stored import set_of

STEPS = "steps:\n  - {id: w, wait: 1d}\n  - {id: end, exit: done}\n"
JOURNEY = "journey: j\ntitle: {zh: 一, en: J}\nenter: {on: segment.entered, segment: vip}\n" + STEPS
HELD = """select s.code, m.customer_id from segment_member m join segment s on s.id = m.segment_id
where m.since is not null order by 1, 2"""
TOLD = """select e.kind, e.data::jsonb -> 'd' ->> 'segment', e.occurred_at from event e
where e.kind like 'segment.%%' order by e.id"""


class Sets:
    """A house with segments whose members are kept."""

    def __init__(self, house: Any) -> None:
        self.house = house

    def keep(self, code: str, when: str, *, live: bool = True) -> None:
        text = f"segment: {code}\ntitle: {{zh: 一, en: S}}\nlive: {str(live).lower()}\nwhen: {when}"
        with self.house.db.transaction() as conn:
            actions.keep(conn, text, FAMILIES, "ana", self.house.now)

    def sweep(self, limit: int = 500) -> int:
        turns = 0
        house = self.house
        while sweep.recheck(house.db, FAMILIES, house.now, limit=limit, wake=looked_at):
            turns += 1
            assert turns < 1000, "it does not come to rest"
        self.house.tell()
        return turns

    def tag(self, *numbers: int, on: bool = True, name: str = "vip", **words: Any) -> None:
        backfill = words.pop("backfill", False)
        data = {"name": name, "on": on}
        keys = self.house.keys
        told = [self.house.event("tag.set", data, keys=keys(one), **words) for one in numbers]
        self.house.tell(*told, backfill=backfill)

    def held(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for code, who in self.house.rows(HELD):
            found.setdefault(code, []).append(who)
        return found

    def told(self) -> list[tuple[str, str, datetime]]:
        return self.house.rows(TOLD)

    def true(self) -> dict[str, list[int]]:
        """As a query over everybody says."""
        with self.house.db.transaction() as conn:
            codes = [row[0] for row in conn.fetch("select code from segment order by code")]
            found = {
                code: sorted(members(conn, set_of(conn, FAMILIES, code=code), self.house.now))
                for code in codes
            }
        return {code: who for code, who in found.items() if who}
