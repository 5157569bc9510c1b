"""The engine, driven at random and checked against a reference of 180 lines after every step.

`SIYU_MODEL_EXAMPLES=2000 SIYU_MODEL_STEPS=80` makes it search longer than `make test` does;
`SIYU_MODEL_QUICK=1` shows a failure as it was found, and doesn't look for a smaller one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.conftest import NOON
from tests.engine.carrier import Killed
from tests.engine.plan import OVER, STUCK, UNDER_WAY, WRONG
from tests.engine.reference import SHANGHAI
from tests.engine.world import ANSWERS, LIMITS, PEOPLE, World
from tests.journeys.conftest import IDS, KEYS

from siyu.acquisition import sweep as acquisition
from siyu.budget import sweep as ruling
from siyu.events import sweep as applying
from siyu.journeys import sweep as moving
from siyu.outbox import sweep as sending
from siyu.outbox.decide import LEASE
from siyu.outbox.model import PREFIX, Message
from siyu.outbox.sweep.prepare import lease

EXAMPLES = int(os.environ.get("SIYU_MODEL_EXAMPLES", "120"))
PHASES = tuple(Phase)[: -2 if os.environ.get("SIYU_MODEL_QUICK") else None]  # not made smaller
STEPS = int(os.environ.get("SIYU_MODEL_STEPS", "40"))
OPENS, CLOSES = 9, 21  # the hours of service that a new brand starts with


class Engine(World):
    """The sweeps at random, and the model beside them."""

    # ── what the engine does ────────────────────────────────────────────────────────────────

    @rule(limit=LIMITS)
    def apply(self, limit: int) -> None:
        pending = self.house.rows("select event_id from event_pending")
        found = applying.apply(self.db, self.house.projections, self.now, limit=limit)
        assert found.parked == 0
        assert found.claimed == min(limit, len(pending))
        left = self.house.rows(
            "select source_id from event_pending join event on id = event_id where source = 'test'"
        )
        names = {name for (name,) in left}
        batch = [fact for fact in self.waiting if fact.id not in names]
        self.waiting = [fact for fact in self.waiting if fact.id in names]
        self.hear_receipts(names)
        ids = dict(self.house.rows("select key, id from visit"))
        before = {who: self.model.same(who) for who in range(PEOPLE)}
        self.model.apply(batch, self.now, lambda key: ids[f"s/{key}"])
        for who, group in before.items():
            if (now := self.model.same(who)) != group:
                self.mixed[now] = self.now

    def hear_receipts(self, waiting: AbstractSet[str]) -> None:
        """What failed never rang and counts in no cap, unless it is known to have been received."""
        applied = [(how, token) for name, how, token in self.reported if name not in waiting]
        self.reported = [one for one in self.reported if one[0] in waiting]
        self.reached |= {token for how, token in applied if how != "failed"}
        for how, token in applied:
            if how == "failed" and token not in self.reached:
                self.had.pop(token, None)

    @rule(limit=LIMITS, ruled=st.booleans(), killed=st.booleans())
    def sweep_journeys(self, limit: int, ruled: bool, killed: bool) -> None:
        def die(*_: Any) -> Any:
            raise Killed

        due, over = self.due(), self.over()
        rule_new = partial(ruling.rule_new, zone=self.ctx.zone, now=self.now)
        how: Any = die if killed else rule_new if ruled else None
        try:
            moving.sweep(self.db, self.house.context, self.now, limit=limit, rule=how)
        except Killed:
            assert self.due() == due
            return
        moved = due - self.due()
        assert len(moved) == min(limit, len(due))
        for key in moved:
            self.model.visits[key] = self.model.moved(self.model.visits[key], self.now, over)

    @rule(limit=LIMITS)
    def rule_wishes(self, limit: int) -> None:
        with self.db.transaction() as conn:
            ruling.rule(conn, self.ctx.zone, self.now, limit=limit)

    @rule()
    def freeze_parcels(self) -> None:
        with self.db.transaction() as conn:
            acquisition.freeze(conn, KEYS, IDS, self.now)

    @rule(answers=ANSWERS, limit=LIMITS)
    def send(self, answers: Sequence[str], limit: int) -> None:
        self.carrier.answers = answers
        with suppress(Killed):
            sending.send(self.db, self.channels, self.ctx, self.now, self.clock.real(), limit=limit)

    @rule(limit=LIMITS)
    def die_after_the_lease(self, limit: int) -> None:
        with self.db.transaction() as conn:
            lease(conn, "sms", self.ctx, self.now, self.clock.real() + LEASE, limit)

    def all_sweeps(self, answers: Sequence[str], limit: int) -> None:
        self.apply(2000)
        self.sweep_journeys(limit, ruled=True, killed=False)
        self.rule_wishes(limit)
        if answers:
            self.send(answers, limit)

    @rule()
    def reclaim(self) -> None:
        sending.reclaim(self.db, self.now, self.clock.real())

    @rule(finds=st.sampled_from(("honest", "honest", "unknown", "broken")))
    def reconcile(self, finds: str) -> None:
        self.carrier.finds = finds
        sending.reconcile(self.db, self.channels, self.ctx, self.now)

    # ── what the provider sees ──────────────────────────────────────────────────────────────

    def looked_at(self, message: Message) -> None:
        touch = IDS.decode(PREFIX, message.token)
        ((key, node),) = self.house.rows(
            "select v.key, t.node from touch t join visit v on v.id = t.visit_id"
            f" where t.id = {touch}"
        )
        visit = self.model.visits[key.removeprefix("s/")]
        local, said = self.now + SHANGHAI, self.carrier.wrong
        who = f"{node} of {key}"
        if visit.ended and not self.waits(visit.key):
            said.append(f"{who}: its visit was over")
        if self.model.friend(visit.who):
            said.append(f"{who}: a friend")
        if not self.model.willing(visit.who):
            said.append(f"{who}: opted out")
        if self.model.gone(visit.orders):
            said.append(f"{who}: the order was gone")
        if not OPENS <= local.hour < CLOSES:
            said.append(f"{who}: at {local:%H:%M}")
        if self.paused:
            said.append(f"{who}: paused")
        if message.valid_until is not None and message.valid_until <= self.now:
            said.append(f"{who}: no longer true")
        if message.to not in {f"+86138{one:08}" for one in self.model.same(visit.who)}:
            said.append(f"{who}: somebody else's phone")

    def waits(self, key: str) -> bool:
        """A visit that has come to its end may still have a touch of its last step to send."""
        visit = self.model.visits[key]
        return visit.touched[-1:] == ("last",)

    def rang(self, message: Message) -> None:
        touch = IDS.decode(PREFIX, message.token)
        ((key,),) = self.house.rows(
            f"select v.key from touch t join visit v on v.id = t.visit_id where t.id = {touch}"
        )
        who = self.model.visits[key.removeprefix("s/")].who
        same = self.model.same(who)
        self.had[message.token] = who, self.now
        since = max(
            self.now - timedelta(days=self.cap.days), self.mixed.get(same, NOON - SHANGHAI * 9)
        )
        many = sum(one in same and at > since for one, at in self.had.values())
        if many > self.cap.most:
            self.carrier.wrong.append(f"{many} within {self.cap.days} d: {key}")

    # ── what must hold ──────────────────────────────────────────────────────────────────────

    def due(self) -> set[str]:
        rows = self.house.rows(f"select key from visit where due_at <= '{self.now.isoformat()}'")
        return {key.removeprefix("s/") for (key,) in rows}

    def over(self) -> set[tuple[str, str]]:
        return {(key.removeprefix("s/"), node) for key, node in self.house.rows(OVER)}

    def nothing_wrong_left_the_house(self) -> None:
        assert self.carrier.wrong == []
        assert [token for token, many in self.carrier.rang.items() if many > 1] == []

    def visits_and_touches_are_the_models(self) -> None:
        with self.db.transaction() as conn:
            rows = conn.fetch(UNDER_WAY, {"now": self.now})
        found: dict[str, tuple[Any, ...]] = {
            key.removeprefix("s/"): (
                state == 1, version, *(() if state == 1 else (node,)), set(orders), sorted(touched)
            )
            for key, state, version, node, _, _, orders, touched in rows
        }  # fmt: skip
        wanted = {
            key: (
                one.ended, one.version, *(() if one.ended else (one.step,)), set(one.orders),
                sorted(one.touched),
            )
            for key, one in self.model.visits.items()
        }  # fmt: skip
        fresh = {key for key, one in self.model.visits.items() if one.at == 0 and not one.touched}
        for key in fresh & found.keys():  # the model begins behind the promise
            if found[key][2:3] == ("promise",):
                found[key] = (*found[key][:2], "first", *found[key][3:])
        assert _orders_of_the_living(found) == _orders_of_the_living(wanted)
        if self.house.rows("select event_id from event_pending limit 1"):
            return
        over, due = self.over(), self.due()
        for key, one in self.model.visits.items():
            if not one.ended and (fresh & {key} or self.model.moved(one, self.now, over) != one):
                assert key in due, f"{key} waits for nothing at {one.step}"

    def the_books_are_right(self) -> None:
        with self.db.transaction() as conn:
            for what, sql in WRONG.items():
                assert conn.fetch(sql) == [], what

    # ── the end of each run ─────────────────────────────────────────────────────────────────

    def teardown(self) -> None:
        """Everything comes to rest, and then to its end, once the world behaves."""
        self.carrier.finds = "honest"
        for scope in sorted(self.paused):
            self.pause_or_resume(scope)
        for _ in range(5):
            self.clock.advance(minutes=3)
            self.settle()
            noons = ((self.now - NOON) // timedelta(days=1) + 2) * timedelta(days=1)
            self.clock.set(NOON + noons)  # not the next one: a day passes at least
        self.settle()
        assert self.house.rows("select key from visit where state = 0") == []
        held = "select id, state from touch where state in ('wished', 'owed', 'leased', 'unknown')"
        assert self.house.rows(held) == []

    def settle(self) -> None:
        for _ in range(12):
            while self.house.rows("select event_id from event_pending limit 1"):
                self.apply(2000)
            for work in (
                partial(self.sweep_journeys, 2000, ruled=True, killed=False),
                partial(self.rule_wishes, 2000),
                self.freeze_parcels,
                partial(self.send, ("accepted",), 2000),
                self.reclaim,
                partial(self.reconcile, "honest"),
            ):
                work()
            self.all_is_well()
            with self.db.transaction() as conn:
                stuck = {what: conn.fetch(sql, {"now": self.now}) for what, sql in STUCK.items()}
            if not any(stuck.values()):
                return
            self.clock.advance(minutes=3)
        raise AssertionError(f"it never comes to rest: {stuck}")

    @invariant()
    def all_is_well(self) -> None:
        self.nothing_wrong_left_the_house()
        self.visits_and_touches_are_the_models()
        self.the_books_are_right()


def _orders_of_the_living(visits: dict[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """A visit that ended in favour of another keeps its orders in the books: nobody asks them."""
    return {key: (one[:2] + one[3:]) if one[0] else one for key, one in visits.items()}


def test_the_engine_does_what_the_model_says(new_db: Callable[[], Any]) -> None:
    db = new_db()

    class OnThis(Engine):
        def __init__(self) -> None:
            super().__init__(db)

    shown = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        report_multiple_bugs=False,
        phases=PHASES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(OnThis, settings=shown)
