"""Who is held out and who takes which arm, where many come in at once."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.budget.actions import draws
from siyu.journeys import views
from siyu.journeys.actions import Entrant, Start, begin
from siyu.journeys.sweep import entries
from siyu.kernel.time import instant
from siyu.segments.predicates import FAMILIES

TEXT = """\
journey: j
title: {zh: 一, en: J}
enter: {every: monday 10:00, segment: {tag: vip}}
reenter: each
holdout: 0.5
steps:
  - id: ab
    split:
      arms: [{name: a, share: 0.5, go: a}, {name: b, share: 0.5, go: b}]
  - {id: a, wait: 9d, go: end}
  - {id: b, wait: 9d}
  - {id: end, exit: done}
"""


def test_a_schedule_draws_for_each_of_its_people_and_not_for_all_at_once(house: Any) -> None:
    vip = {"name": "vip", "on": True}
    house.tell(*(house.event("tag.set", vip, keys=house.keys(one)) for one in range(1, 41)))
    house.publish(TEXT)
    for at in ("2026-11-20T12:00:00+08:00", "2026-11-23T10:00:00+08:00"):
        house.clock.set(instant(at))
        while entries.enter(house.db, house.context, house.now):
            pass
    house.sweep()

    found = {(one.held_out, one.node) for one in house.visits()}
    assert found == {(held, arm) for held in (False, True) for arm in "ab"}


class Counting:
    """A connection that counts what is asked of it."""

    def __init__(self, conn: Any) -> None:
        self._conn = conn
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._conn, name)
        if not callable(real):
            return real

        def counted(sql: str, *words: Any, **named: Any) -> Any:
            self.asked.append(sql)
            return real(sql, *words, **named)

        return counted


@pytest.mark.parametrize("many", [1, 40])
def test_a_draw_costs_a_batch_the_same_however_many_come_in(house: Any, many: int) -> None:
    """One statement asks for the draws of all journeys, one keeps the lots of each of its scopes:
    the journey's, and its playbook's and that of all where these draw."""
    counts: list[int] = []
    for share, everybody in ((0.0, 0.0), (0.5, 0.0), (0.5, 0.2)):
        code = f"j{len(counts)}"
        text = TEXT.replace("holdout: 0.5\n", "").replace("journey: j\n", f"journey: {code}\n")
        house.publish(text)
        told = [house.event("customer.identified", {}, keys=house.keys(n)) for n in range(many)]
        house.tell(*told)
        with house.db.transaction() as conn:
            conn.execute(f"update journey set playbook = '{code}' where code = '{code}'")
            draws.set_share(conn, f"playbook:{code}", share, "", house.now)
            draws.set_share(conn, draws.ALL, everybody, "", house.now)
            ((journey_id, version),) = conn.fetch(
                f"select id, published_version from journey where code = '{code}'"
            )
            journey = views.read(text, FAMILIES)
            assert journey is not None
            counting = Counting(conn)
            starts = [
                Start(journey_id, version, journey, Entrant(house.customer(n), None, f"k{n}"))
                for n in range(many)
            ]
            counting_conn: Any = counting
            begun = begin(counting_conn, starts, house.now)
        assert len(begun) == many
        counts.append(len(counting.asked))

    assert [count - counts[0] for count in counts] == [0, 2, 3]
