"""The parcel invariant, for any order of events: on paper in thousands, on PostgreSQL in dozens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.offers.decide import chain


class Step(NamedTuple):
    """Something that happens; the numbers say to whom and how, each kind reads them its own way.

    `delay` holds an event back for days: it arrives late, or after others that came later.
    """

    what: str
    who: int
    which: int
    how: int
    delay: int


HELD = 0.15  # the share of the hold-out, on paper as in the house

BETWEEN = (
    *("add", "add", "add", "cancel", "delete", "identify", "promise", "stock", "plan", "replan"),
    *("tick", "tick", "tick", "pack", "pack"),
)
DELAYS = (0, 0, 0, 0, 1, 3)


def a_history(pick: Callable[[int], int]) -> list[Step]:
    """Some orders, each paid, mostly promised something and planned; anything else in between.

    `pick(n)` chooses a number below n.
    """

    def step(what: str, which: int) -> Step:
        return Step(what, pick(2), which, pick(8), DELAYS[pick(6)])

    def others(most: int) -> list[Step]:
        return [step(BETWEEN[pick(len(BETWEEN))], pick(5)) for _ in range(1 + pick(most))]

    steps = [step("stock", pick(3))]
    for order in range(1 + pick(5)):
        steps.append(step("pay", 0))
        if pick(4):
            steps.append(step("promise", order))
        steps += [*others(3), step("plan", order), *others(4)]
    return steps


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    return a_history(lambda below: draw(st.integers(0, below - 1)))


class Story:
    """Plays a history on paper and, where there is one, in a house; checks as it goes."""

    def __init__(self, paper: Any, house: Any = None) -> None:
        self.paper, self.house = paper, house
        self.waiting: list[tuple[int, int, Any, Any]] = []
        self.paid: list[tuple[str, str, int | None]] = []
        self.number = count(1)
        self.frozen: dict[str, Any] = {}
        self.before: dict[str, int] = {}  # parcel → promises that were there when it froze
        self.start = house.now if house else None
        self.stock(Step("stock", 1, 1, 0, 0))

    def play(self, history: list[Step]) -> None:
        for step in history:
            getattr(self, step.what)(step)
            self.check()
        self.end()

    # ── what happens outside: an event each, now or some days late ──────────────────────────────

    def pay(self, step: Step) -> None:
        if len(self.paid) >= 6:
            return
        shop = self.paper.bare if step.how == 7 else self.paper.shop
        order_no, customer = f"o{len(self.paid)}", None if step.how == 6 else step.who + 1
        self.paid.append((shop, order_no, customer))
        event = self.house and self.house.paid(order_no, customer and self._phone(customer), shop)
        self._send(step.delay, event, lambda: self.paper.pay(shop, order_no, customer))

    def cancel(self, step: Step) -> None:
        if step.which < len(self.paid):
            shop, order_no, _ = self.paid[step.which]
            event = self.house and self.house.cancelled(order_no, shop)
            self._send(step.delay, event, lambda: self.paper.cancel(shop, order_no))

    def plan(self, step: Step) -> None:
        """One order, two merged into one parcel, or (how 5) a further child of a split."""
        one = self.paid[step.which : step.which + 1]
        if not one:
            return
        shop = one[0][0]
        orders = [no for s, no, c in self.paid if s == shop and c == one[0][2]]
        orders = sorted({one[0][1], *orders[: 2 if step.how % 2 else 0]})
        main = None if step.how == 5 else one[0][1]
        self._plan(
            f"{self.paper.name}-b{next(self.number)}", shop, orders, main, step.how % 4, step.delay
        )

    def replan(self, step: Step) -> None:
        for parcel, (shop, orders, main, _) in list(self.paper.plans.items())[
            step.which : step.which + 1
        ]:
            if parcel not in self.paper.decisions:
                self._plan(parcel, shop, list(orders), main, step.how % 4, 0)

    def _plan(
        self, parcel: str, shop: str, orders: list[str], main: str | None, days: int, delay: int
    ) -> None:
        cutoff = self.paper.now + days
        event = self.house and self.house.planned(parcel, orders, main, self._at(cutoff), shop)
        self._send(delay, event, lambda: self.paper.plan(parcel, shop, tuple(orders), main, cutoff))

    def add(self, step: Step) -> None:
        customer, at, known = step.who + 1, self._moment(), step.how % 2 == 0
        keys = {"phone": self._phone(customer)} if known else {}
        event = self.house and self.house.added(self._account(customer), **keys)
        self._send(step.delay, event, lambda: self.paper.add(customer, at, known=known))

    def delete(self, step: Step) -> None:
        customer, at = step.who + 1, self._moment()
        if customer not in self.paper.talks:
            return
        keys = {"external_userid": self._account(customer)}
        event = self.house and self.house.event("friend.deleted_by_customer", keys, staff="guide-1")
        self._send(step.delay, event, lambda: self.paper.delete(customer, at))

    def identify(self, step: Step) -> None:
        customer = step.who + 1
        keys = {"external_userid": self._account(customer), "phone": self._phone(customer)}
        event = self.house and self.house.event("customer.identified", keys)
        self._send(step.delay, event, lambda: self.paper.identify(customer))

    def pack(self, step: Step) -> None:
        """As decided; without its gift (5); with another gift (6); before any decision (7)."""
        for parcel in sorted(self.paper.plans.keys() - self.paper.packed)[
            step.which : step.which + 1
        ]:
            decision = self.paper.decisions.get(parcel)
            if decision is None and step.how != 7:
                continue
            gift = decision.sku if decision is not None and step.how != 5 else ""
            gift = f"{self.paper.name}-SPARE" if gift and step.how == 6 else gift
            self._pack(parcel, gift)

    def _pack(self, parcel: str, gift: str) -> None:
        decision = self.paper.decisions.get(parcel)
        card = decision.card if decision is not None else ""
        event = self.house and self.house.packed(parcel, gift, card)
        self._send(0, event, lambda: self.paper.pack(parcel, gift))

    # ── what the house does itself ──────────────────────────────────────────────────────────────

    def promise(self, step: Step) -> None:
        for shop, order_no in list(self.paper.orders)[step.which : step.which + 1]:
            made = {(m.shop, m.order_no) for m in self.paper.promises if not m.to_parcel}
            if self.paper.orders[shop, order_no] is None or (shop, order_no) in made:
                continue
            offer = "treat" if step.how % 3 else "spare"
            self.paper.promise(shop, order_no, f"{self.paper.name}-{offer}")
            if self.house:
                self.house.promise(order_no, offer, shop)

    def stock(self, step: Step) -> None:
        wanted = {"TREAT": step.who, "THANKS": step.which % 3, "SPARE": step.how % 2}
        for sku, more in wanted.items():
            on_hand, reserved = self.paper.shelf.get(f"{self.paper.name}-{sku}", [0, 0])
            self.paper.shelf[f"{self.paper.name}-{sku}"] = [on_hand + more, reserved]
            wanted[sku] = on_hand + more
        if self.house:
            self.house.stock(**wanted)

    def tick(self, step: Step) -> None:
        """Days pass; what was held back arrives; then the sweeps run."""
        self._pass(1 + step.how % 3)

    def _pass(self, days: int) -> None:
        self.paper.now += days
        if self.house:
            self.house.now = self._at(self.paper.now)
        arrived = sorted(
            (one for one in self.waiting if one[0] <= self.paper.now), key=lambda one: one[:2]
        )
        self.waiting = [one for one in self.waiting if one[0] > self.paper.now]
        for _, _, event, happen in arrived:
            happen()
            if self.house:
                self.house.deliver([event])
        self.paper.freeze()
        self.paper.lapse()
        if self.house:
            self.house.freeze()
            self.house.lapse()
            self.compare()

    def end(self) -> None:
        """Everything arrives, every parcel is frozen and packed as decided, every promise ends."""
        self._pass(4)
        for parcel in sorted(self.paper.plans.keys() - self.paper.packed):
            self._pack(parcel, self.paper.decisions[parcel].sku)
        self.check()
        self._pass(100)
        self.check()
        assert all(parcel in self.paper.decisions for parcel in self.paper.plans)
        for made in self.paper.promises:
            assert made.state in ("fulfilled", "revoked", "lapsed")
            assert made.reason
            gone = (made.shop, made.order_no) in self.paper.gone
            assert gone if made.state == "revoked" else True
            assert made.expires <= self.paper.now if made.state == "lapsed" else True

    # ── what must hold at every moment ──────────────────────────────────────────────────────────

    def check(self) -> None:
        paper = self.paper
        for on_hand, reserved in paper.shelf.values():
            assert 0 <= reserved <= on_hand
        for parcel, decision in paper.decisions.items():
            if parcel in self.frozen:
                assert self.frozen[parcel] == decision, "a frozen decision changed"
                continue
            self.frozen[parcel] = decision
            self.before[parcel] = len(paper.promises)
            self.judge(parcel, decision)
        held = [m for m in paper.promises if m.state == "reserved"]
        for sku, (_, reserved) in paper.shelf.items():
            assert reserved == sum(m.sku == sku for m in held)
        assert len({m.parcel for m in held}) == len(held), "two gifts in one parcel"
        for made in paper.promises:
            if made.state == "promised" and paper.friend(made.customer):
                assert not self.went_without(made), "a friend's promise was forgotten"

    def went_without(self, made: Any) -> bool:
        """A parcel that settles the promise's order was frozen after it was made."""
        return any(
            made.shop == shop and made.order_no in orders and main and made.id < self.before[parcel]
            for parcel, (shop, orders, main, _) in self.paper.plans.items()
            if parcel in self.before
        )

    def judge(self, parcel: str, decision: Any) -> None:
        """Against the domain's sentence, not against the code's rules."""
        facts, paper = self.paper.seen[parcel], self.paper
        shop, _, main, _ = paper.plans[parcel]
        alive = [order for order in facts.parcel.orders if not order.gone]
        known = [order.customer_id for order in alive if order.customer_id is not None]
        in_scope = (
            main is not None
            and bool(known)
            and shop != paper.bare
            and not facts.held
            and not facts.parcel.packed
        )
        gift, card = bool(decision.sku), bool(decision.card)
        assert gift + card == in_scope, (parcel, decision)
        assert decision.content == ("gift" if gift else "card" if card else "none")
        if gift:
            assert facts.friend
        if in_scope and facts.friend and card:
            wanted = facts.promise.offer if facts.promise else f"{paper.name}-thanks"
            free = paper.free_before[parcel]
            assert all(free.get(o.sku, 0) < 1 for o in chain(wanted, paper.offers))
            assert decision.reason == "out_of_stock"

    def compare(self) -> None:
        """The house says the same as the paper, parcel by parcel and promise by promise."""
        mine = {
            parcel: (d.content, d.reason, d.sku, d.card)
            for parcel, d in self.paper.decisions.items()
        }
        theirs = self.house.rows(
            "select p.parcel_no, content, reason, sku, card from parcel_decision"
            " join parcel p on p.id = parcel_id where p.parcel_no like %(like)s",
            like=f"{self.paper.name}-%",
        )
        assert {row[0]: row[1:] for row in theirs} == mine
        promised = {
            (m.shop, m.order_no): (m.state, m.reason)
            for m in self.paper.promises
            if not m.to_parcel
        }
        rows = self.house.rows(
            "select shop, order_no, state, reason from promise"
            " where shop in (%(a)s, %(b)s) and key not like 'parcel:%%'",
            a=self.paper.shop,
            b=self.paper.bare,
        )
        assert {row[:2]: row[2:] for row in rows} == promised
        shelf = self.house.rows(
            "select sku, on_hand, reserved from gift_stock where sku like %(like)s",
            like=f"{self.paper.name}-%",
        )
        assert {sku: [on_hand, reserved] for sku, on_hand, reserved in shelf} == self.paper.shelf

    def _send(self, delay: int, event: Any, happen: Callable[[], None]) -> None:
        if delay:
            self.waiting.append((self.paper.now + delay, -len(self.waiting), event, happen))
            return
        happen()
        if self.house:
            self.house.deliver([event])

    def _at(self, day: int) -> Any:
        return self.start + timedelta(days=day) if self.start else day

    def _moment(self) -> int:
        """Events happen one after another, also within a day."""
        return self.paper.now * 10_000 + next(self.number)

    def _phone(self, customer: int) -> str:
        number = 1 if self.house is None else int(self.paper.name[1:])
        return f"138{number:07d}{customer}"

    def _account(self, customer: int) -> str:
        return f"{self.paper.name}-account-{customer}"


Papers = Callable[..., Any]


# What a run of histories must have met, or it has shown nothing.
MET = {
    ("gift", "promised"), ("gift", "owed"), ("gift", "friend"), ("card", "not_friend"),
    ("card", "out_of_stock"), ("none", "split_child"), ("none", "packed_undecided"),
    ("none", "unknown_order"), ("none", "guest"), ("none", "holdout"), ("none", "no_inserts"),
    ("none", "order_gone"),
}  # fmt: skip
ENDS = {
    ("fulfilled", "packed"), ("revoked", "order_gone"), ("lapsed", "expired"),
}  # fmt: skip


def test_every_parcel_in_scope_carries_exactly_one_of_gift_and_card(on_paper: Papers) -> None:
    met: Counter[tuple[str, str]] = Counter()

    @settings(max_examples=2000)
    @given(seed=st.integers(0, 2**32))
    def holds(seed: int) -> None:
        story = Story(on_paper())
        story.play(a_history(Random(seed).randrange))
        met.update((d.content, d.reason) for d in story.paper.decisions.values())
        met.update((m.state, m.reason) for m in story.paper.promises)

    holds()
    assert met.keys() == MET | ENDS


@settings(max_examples=200)
@given(history=histories())
def test_the_smallest_history_that_breaks_it_would_be_found(
    on_paper: Papers, history: list[Step]
) -> None:
    Story(on_paper()).play(history)


def test_the_house_does_what_the_paper_says(a_house: Any, on_paper: Papers) -> None:
    names = (f"h{number}" for number in count(1))

    @settings(max_examples=40)
    @given(seed=st.integers(0, 2**32))
    def same(seed: int) -> None:
        house = a_house(next(names), holdout=HELD)
        Story(on_paper(house), house).play(a_history(Random(seed).randrange))

    same()
