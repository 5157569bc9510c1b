"""What a brand chooses as it starts a playbook, and what it is shown before: step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence

Part = Literal["settings", "needs", "source", "policy", "offer", "staff", "budget"]
PARTS: tuple[Part, ...] = ("settings", "needs", "source", "policy", "offer", "staff", "budget")


class Budget(NamedTuple):
    """What it may cost, in all and on one day, in minor units; None: no bound."""

    total_minor: int | None = None
    daily_minor: int | None = None

    @property
    def bounds(self) -> bool:
        """Whether it says anything."""
        return self.total_minor is not None or self.daily_minor is not None


class Choices(NamedTuple):
    """What is chosen beside the settings. `shops`: whose orders it takes, of all where none is
    named; `staff`: who works for it, everybody where nobody is named; `policy`: what shops are to
    permit, (shop, channel, allowed, note). `budget` None: as it was."""

    shops: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    policy: tuple[tuple[str, str, bool, str], ...] = ()
    budget: Budget | None = None


class Trouble(NamedTuple):
    """What is wrong, or may be; `stops`: it can't be started so."""

    part: Part
    says: Sentence
    stops: bool


class Choice(NamedTuple):
    """A value that the brand has for a setting."""

    code: str
    title: Sentence


class Lacking(NamedTuple):
    """A need, and what is to be done where it isn't there (else None)."""

    what: str
    name: str
    why: Sentence
    there: bool
    todo: Sentence | None


class Way(NamedTuple):
    """How people come into one of its journeys."""

    journey: str
    kind: str
    says: Sentence


class FromShop(NamedTuple):
    """A shop whose orders it may take; `chosen`: it does."""

    code: str
    name: str
    chosen: bool
    last_order_at: datetime | None


class Permit(NamedTuple):
    """Whether a shop permits a channel; `said`: somebody has set it."""

    shop: str
    name: str
    channel: str
    allowed: bool
    said: bool
    note: str
    taken_from: bool


class Given(NamedTuple):
    """An offer: what there is of it, and how many the forecast gives. None: nobody knows, or no
    count bounds it."""

    offer: str
    title: Sentence
    kind: str
    sku: str
    there: int | None
    needed: int | None

    @property
    def enough(self) -> bool | None:
        """Whether there is as much as is needed; None: it can't be said."""
        if self.there is None or self.needed is None:
            return None
        return self.there >= self.needed

    @property
    def says(self) -> Sentence:
        """In words."""
        if self.there is None:
            return Sentence("nobody has counted it", "还没有清点库存")
        if self.needed is None:
            return Sentence(f"{self.there:,} there", f"现有 {self.there:,}")
        return Sentence(
            f"{self.needed:,} needed, {self.there:,} there",
            f"需要 {self.needed:,}，现有 {self.there:,}",
        )


class Hand(NamedTuple):
    """A guide. `presses`: how many a day at most; `put_off`: those that wait for a day to come;
    `tasks`: open ones; `room`: how many more a day at most. None: no limit."""

    code: str
    name: str
    store: str
    chosen: bool
    friends: int
    presses: int | None
    put_off: int
    tasks: int
    room: int | None


class Work(NamedTuple):
    """How much work the forecast means for those who are chosen, on an average day; None: there is
    no forecast. `capacity`, `presses`: of all of them together; None: no limit."""

    tasks_per_day: float | None
    presses_per_day: float | None
    capacity: int | None
    presses: int | None

    @property
    def enough(self) -> bool | None:
        """Whether they manage it; None: it can't be said."""
        if self.tasks_per_day is None or self.presses_per_day is None:
            return None
        return (self.capacity is None or self.tasks_per_day <= self.capacity) and (
            self.presses is None or self.presses_per_day <= self.presses
        )

    @property
    def says(self) -> Sentence:
        """In words."""
        if self.tasks_per_day is None or self.presses_per_day is None:
            return Sentence("ask for a forecast to see how much work it is",
                            "请先预测，才能看到工作量")  # fmt: skip
        most = [Sentence("no limit", "不限") if one is None else Sentence(f"{one:,}", f"{one:,}")
                for one in (self.capacity, self.presses)]  # fmt: skip
        return Sentence(
            f"{self.tasks_per_day:,.1f} tasks a day (room for {most[0]}), "
            f"{self.presses_per_day:,.1f} messages to press a day (room for {most[1]})",
            f"每天 {self.tasks_per_day:,.1f} 个待办（可容纳 {most[0].zh}），"
            f"每天 {self.presses_per_day:,.1f} 条待发送（可容纳 {most[1].zh}）",
        )


class Estimate(NamedTuple):
    """What it is expected to cost in the days of the forecast, in minor units; without the time of
    people, as budgets count it. `goods`: what of it, at each level, is for what it gives."""

    low: int
    likely: int
    high: int
    goods: int = 0


class Purse(NamedTuple):
    """The budget that is asked for, what is spent of it already, what the forecast expects."""

    currency: str
    budget: Budget
    spent_minor: int
    estimate: Estimate | None
    says: Sentence

    @property
    def parts(self) -> Sentence | None:
        """What the likely cost is made of; None: there is no forecast."""
        if self.estimate is None:
            return None
        goods = show(self.estimate.goods, self.currency)
        rest = show(self.estimate.likely - self.estimate.goods, self.currency)
        total = show(self.estimate.likely, self.currency)
        return Sentence(
            f"messages and calls {rest} + gifts {goods} = {total}; people's time is not in it",
            f"消息与电话 {rest} + 礼品 {goods} = {total}；不含人工时间",
        )

    @property
    def enough(self) -> bool | None:
        """Whether the likely cost fits; None: it can't be said."""
        total = self.budget.total_minor
        if total is None or self.estimate is None:
            return None
        return self.spent_minor + self.estimate.likely <= total


class Preview(NamedTuple):
    """Everything that is to be seen before a start."""

    wrong: Mapping[str, Sentence]  # setting → what is wrong with its value
    choices: Mapping[str, Sequence[Choice]]  # setting → what the brand has for it
    needs: Sequence[Lacking]
    ways: Sequence[Way]
    takes_shops: bool  # its sources can be narrowed to shops
    shops: Sequence[FromShop]
    policy: Sequence[Permit]
    offers: Sequence[Given]
    guides: Sequence[Hand]
    work: Work
    purse: Purse
    troubles: Sequence[Trouble]
