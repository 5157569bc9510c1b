"""What the engine must do, said once more in plain Python: who is who, who visits, who is reached.

Nothing here comes from the engine but words for the same things. It knows no database, no batch of
visits, no wake: it is told facts and times, and says where every visit stands and what it has said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import NamedTuple

MAX_AGE = timedelta(hours=2)
AGAIN = timedelta(days=2)
SHANGHAI = timedelta(hours=8)
TOTAL = 9
ENDING = {"friend.added", "friend.deleted_by_customer", "order.cancelled", "order.refunded"}

# The plan of each version: (step, what it is, its span or hour).
FIRST, AGAIN_, LAST = ("first", "touch", None), ("again", "touch", None), ("last", "touch", None)
ANSWER = ("answer", "finished", timedelta(hours=6))
PLANS: dict[int, Sequence[tuple[str, str, timedelta | time | None]]] = {
    1: (FIRST, ("rest", "wait", timedelta(minutes=10)), AGAIN_, ANSWER,
        ("morning", "until", time(10)), LAST),
    2: (FIRST, ("rest", "wait", timedelta(minutes=25)), ("more", "touch", None), AGAIN_, ANSWER,
        ("morning", "until", time(11)), LAST),
}  # fmt: skip


class Fact(NamedTuple):
    """Something that happened: to whom, and about which order, key or amount."""

    at: datetime
    id: str
    kind: str
    who: int
    about: str = ""
    amount: int = 0


@dataclass(frozen=True)
class Visit:
    """Where somebody stands in the plan, and which touches were wished for."""

    key: str
    who: int
    version: int
    entered: datetime
    since: datetime
    orders: frozenset[str]
    at: int = 0
    touched: tuple[str, ...] = ()
    ended: bool = False

    @property
    def step(self) -> str:
        return PLANS[self.version][self.at][0]


@dataclass
class Model:
    """All that was applied, and the visits that came of it."""

    version: int = 1
    heard: set[str] = field(default_factory=set)
    persons: dict[str, set[int]] = field(default_factory=dict)  # by a key that they share
    friends: dict[int, tuple[tuple[datetime, str], bool]] = field(default_factory=dict)
    consents: dict[int, tuple[tuple[datetime, str], bool]] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)
    back: Counter[str] = field(default_factory=Counter)  # minor units of each order
    visits: dict[str, Visit] = field(default_factory=dict)

    def same(self, who: int) -> frozenset[int]:
        """All who are one person with this one, as far as is known."""
        found, before = {who}, set[int]()
        while found != before:
            before = set(found)
            found.update(*(group for group in self.persons.values() if group & found))
        return frozenset(found)

    def friend(self, who: int) -> bool:
        return any(self.friends[one][1] for one in self.same(who) if one in self.friends)

    def willing(self, who: int) -> bool:
        said = [self.consents[one] for one in self.same(who) if one in self.consents]
        return bool(said) and max(said)[1]

    def gone(self, orders: Collection[str]) -> bool:
        return all(self.back[order] >= TOTAL for order in orders)

    def of(self, who: int) -> list[Visit]:
        same = self.same(who)
        return [visit for visit in self.visits.values() if visit.who in same]

    def apply(self, told: Sequence[Fact], now: datetime, elder: Callable[[str], int]) -> None:
        """One batch. Which of two visits that began together is the elder is asked: chance."""
        batch = sorted(fact for fact in told if fact.id not in self.heard)
        self.heard |= {fact.id for fact in batch}
        for fact in batch:
            self._learn(fact)
        for person in {visit.who for visit in self.visits.values()}:
            self._unite(person, elder)
        for fact in batch:
            if fact.kind == "order.paid":
                self._enter(fact, batch, now)

    def _learn(self, fact: Fact) -> None:
        stamp = fact.at, fact.id
        match fact.kind:
            case "friend.added" | "friend.deleted_by_customer":
                said = self.friends.get(fact.who)
                self.friends[fact.who] = max(said or (stamp, False), (stamp, fact.kind[7] == "a"))
            case "consent.given" | "consent.withdrawn":
                said = self.consents.get(fact.who)
                self.consents[fact.who] = max(said or (stamp, False), (stamp, fact.kind[8] == "g"))
            case "customer.identified":
                self.persons.setdefault(fact.about, set()).add(fact.who)
            case "order.cancelled" | "order.refunded":
                self.back[fact.about] += fact.amount
            case _:
                self.paid.add(fact.about)

    def _unite(self, who: int, elder: Callable[[str], int]) -> None:
        mine = [visit for visit in self.of(who) if not visit.ended]
        mine.sort(key=lambda visit: (visit.entered, elder(visit.key)))
        for other in mine[1:]:
            first = self.visits[mine[0].key]
            self.visits[first.key] = replace(first, orders=first.orders | other.orders)
            self.visits[other.key] = replace(other, ended=True)

    def _enter(self, fact: Fact, batch: Sequence[Fact], now: datetime) -> None:
        mine, same = self.of(fact.who), self.same(fact.who)
        if fact.at < now - MAX_AGE:
            return
        if self.friend(fact.who) or self.gone([fact.about]):
            overtaken = any(
                one.who in same and one.kind in ENDING and one[:2] > fact[:2] for one in batch
            )
            if not overtaken:  # else it is let in, as it would have been alone, and ends at once
                return
        if under_way := next((visit for visit in mine if not visit.ended), None):
            orders = under_way.orders | {fact.about}
            self.visits[under_way.key] = replace(under_way, orders=orders)
        elif not any(visit.entered + AGAIN > now for visit in mine):
            orders = frozenset({fact.about})
            self.visits[fact.about] = Visit(fact.about, fact.who, self.version, now, now, orders)

    def moved(self, visit: Visit, now: datetime, over: Collection[tuple[str, str]]) -> Visit:
        """Where a visit stands after it was looked at; `over` are the touches that are through."""
        if visit.ended or self.friend(visit.who) or self.gone(visit.orders):
            return replace(visit, ended=True)
        plan, wished = PLANS[visit.version], set[str]()
        while visit.at < len(plan):
            step, what, span = plan[visit.at]
            if what == "touch":
                wished.add(step)
                visit = replace(visit, touched=(*visit.touched, step))
            elif not self._passes(visit, what, span, now, over, wished):
                return visit
            if visit.at == len(plan) - 1:
                return replace(visit, ended=True)
            visit = replace(visit, at=visit.at + 1, since=now)
        raise AssertionError("a plan ends by its last step")

    def _passes(
        self,
        visit: Visit,
        what: str,
        span: timedelta | time | None,
        now: datetime,
        over: Collection[tuple[str, str]],
        wished: Collection[str],
    ) -> bool:
        if isinstance(span, time):
            local = visit.since + SHANGHAI
            today = local.replace(hour=span.hour, minute=0, second=0, microsecond=0)
            return (today if today > local else today + timedelta(days=1)) - SHANGHAI <= now
        assert span is not None
        heard = what == "finished" and "again" not in wished and (visit.key, "again") in over
        return heard or visit.since + span <= now
