"""Who has not bought for months, and whose return is worth most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal, NamedTuple, cast

import numpy as np

from siyu.analytics.decide.value import History, fit_bgnbd, returns, spend
from siyu.analytics.model.answer import (
    Answer,
    Ask,
    Cell,
    Chart,
    Column,
    Question,
    Sources,
    Span,
    Table,
)
from siyu.analytics.views import masked
from siyu.analytics.views.histories import (
    Currency,
    known_of,
    months_before,
    spent,
)
from siyu.analytics.views.models import Model, fitted
from siyu.analytics.views.questions import overdue
from siyu.analytics.views.questions.overdue import Overdue
from siyu.identities import views as identities
from siyu.kernel.money import EXPONENTS, show
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.vault import views as vault
from siyu.vault.model import Keys

AHEAD = 90  # days, in which somebody lapsed may return
COLUMNS = (
    Column("customer", Sentence("Customer", "客户"), "customer"),
    Column("last_order", Sentence("Last order", "最近一单"), "day"),
    Column("days_with_orders", Sentence("Days with orders", "下单天数"), "count"),
    Column("chance_within_90_days", Sentence("Chance within 90 days", "90 天内回购概率"), "rate"),
    Column("expected_minor", Sentence("Expected", "预期消费"), "money"),
)
BY_MONTH = Sentence("By the month of the last order", "按最近一单的月份")
MONTHS = (
    Column("month", Sentence("Month", "月份"), "month"),
    Column("customers", Sentence("Customers", "客户"), "count"),
    Column("expected_minor", Sentence("Expected", "预期消费"), "money"),
)
WHO = (
    Column("buyer_id", Sentence("Buyer", "买家账号")),
    Column("name_masked", Sentence("Name", "姓名")),
)


@dataclass(frozen=True)
class Lapsed(Question):
    """Who has not bought for months, those first who are worth most to win back within 90 days."""

    name = "lapsed"
    title = Sentence("Whom is it worth to win back?", "流失的客户里，先唤回谁？")

    as_of: Annotated[
        date | None,
        Ask(
            Sentence("As of", "截至"),
            Sentence("Looked at from this day; empty: today.", "站在这一天看；留空为今天。"),
        ),
    ] = None
    from_months: Annotated[
        int,
        Ask(
            Sentence("Silent for (months)", "未下单（月）起"),
            Sentence("No order for so many months.", "至少这么多个月没有下单。"),
        ),
    ] = 3
    to_months: Annotated[
        int,
        Ask(
            Sentence("but less than (months)", "未下单（月）止"),
            Sentence("But for less than this.", "但不到这么多个月。"),
        ),
    ] = 6
    cycle: Annotated[
        Literal["months", "category"],
        Ask(
            Sentence("Measured by", "衡量方式"),
            Sentence(
                "By category: silent for longer than the repurchase cycle of what they bought "
                "last, up to the months above; where no cycle is known, by months.",
                "按品类：超过最近所购品类的复购周期即算流失，最远到上面的月数；周期未知时按月数。",
            ),
            (Sentence("Months", "月数"), Sentence("Cycle of the category", "品类复购周期")),
        ),
    ] = "months"
    currency: Currency = ""

    def __post_init__(self) -> None:
        if not 0 <= self.from_months < self.to_months <= 1200:
            raise ValueError(
                Sentence(
                    "--from-months must be less than --to-months",
                    "--from-months 必须小于 --to-months",
                )
            )

    def answer(self, of: Sources) -> Answer:
        day, currency = self.as_of or of.today, self.currency or of.brand.currency
        first, end = months_before(day, self.to_months), months_before(day, self.from_months)
        months = (self.from_months, self.to_months)
        found = _ranked(of, self.cycle == "category", (first, end, day), currency)
        rows, past = found.rows, found.past
        shown = (*(WHO if of.shows_buyers else ()), *COLUMNS, *(overdue.COLUMNS if past else ()))
        cells = _told(of, rows, cycle=past is not None)
        last = (day if past else end) - timedelta(days=1)
        return Answer(
            says=_says(rows, currency, first, last),
            definition=Sentence(
                f"{overdue.DEFINITION} {EXPECTED}", f"{overdue.DEFINITION.zh}{EXPECTED.zh}"
            )
            if past
            else Sentence(f"{MONTHS_ALIKE} {EXPECTED}", f"{MONTHS_ALIKE.zh}{EXPECTED.zh}"),
            population=Sentence(
                f"Customers who last ordered from {first} to {last}",
                f"最近一单在 {first} 至 {last} 之间的客户",
            ),
            period=Span(first, last),
            currency=currency,
            tables=(
                Table("customers", Sentence("Customers", "客户"), shown, cells),
                Table("months", BY_MONTH, MONTHS, tuple(_months(rows))),
                *([overdue.table(past)] if past else []),
            ),
            charts=(Chart("months", BY_MONTH, "bar", "months", x="month", y=("expected_minor",)),),
            notes=(
                Sentence(
                    "The chance is that of an order without us: what a recall adds shows in a "
                    "hold-out.",
                    "概率是不做触达时的自然回购；召回带来的增量要看对照组。",
                ),
                *(overdue.notes(past, months, (day - first).days) if past else ()),
            ),
            keys={
                "as_of": str(day),
                "from_months": self.from_months,
                "to_months": self.to_months,
                "cycle": self.cycle,
                "customers": [
                    dict(zip([one.name for one in shown], row, strict=True)) for row in cells
                ],
                "model_version": found.model.version if found.model else None,
            },
        )


MONTHS_ALIKE = Sentence(
    "The last order that stands lies in these months.", "最近一次有效下单落在这段时间内。"
)
EXPECTED = Sentence(
    "Expected = the chance of an order within 90 days (BG/NBD) × what a purchase of theirs is "
    "worth (gamma-gamma).",
    "预期消费 = 90 天内回购概率（BG/NBD）× 单次消费（Gamma-Gamma）。",
)


def _says(rows: Sequence[_Gone], currency: str, first: date, last: date) -> Sentence:
    if not rows:
        return Sentence(
            f"Nobody who bought last from {first} to {last} has lapsed.",
            f"最近一单在 {first} 至 {last} 之间的客户，没有人流失。",
        )
    worth = show(sum(one.worth_minor for one in rows), currency)
    return Sentence(
        f"{len(rows):,} customers have lapsed; within {AHEAD} days {worth} is to be expected of "
        "them as they are.",
        f"{len(rows):,} 位客户已流失；不做任何动作，预计 {AHEAD} 天内他们会消费 {worth}。",
    )


def _months(rows: Sequence[_Gone]) -> Iterator[tuple[Cell, ...]]:
    """By the month of their last order."""
    months = sorted({one.last.replace(day=1) for one in rows})
    for month in months:
        some = [one for one in rows if one.last.replace(day=1) == month]
        yield month, len(some), sum(one.worth_minor for one in some)


class _Gone(NamedTuple):
    """`category` and `after` of who is measured by a cycle."""

    customer: int
    last: date
    days: int
    chance: float
    worth_minor: int
    category: str = ""
    after: int = 0


class _Found(NamedTuple):
    """The most promising first, the fit by which they are ranked, and by which cycles they are
    lapsed; None: by months."""

    rows: list[_Gone]
    model: Model | None
    past: Overdue | None


def _ranked(of: Sources, by_cycle: bool, days: tuple[date, date, date], currency: str) -> _Found:
    """Who has lapsed on a day, of those who bought last from `first` on; by months: before `end`.
    The models know everybody."""
    first, end, day = days
    known = known_of(of.lake, day - timedelta(days=1), "day", currency)
    past = overdue.overdue(of, known, first, end, day) if by_cycle and len(known.last) else None
    gone = (
        past.gone
        if past
        else (known.last >= np.datetime64(first, "D")) & (known.last < np.datetime64(end, "D"))
    )
    if not gone.any():
        return _Found([], None, past)
    model, money = fit_bgnbd(known.history), spent(known.history)
    kept = fitted(
        of, f"lapsed-{currency.lower()}", day - timedelta(days=1), "day", known, (model, money)
    )
    some = History(*(column[gone] for column in known.history))
    chances = returns(model, some, AHEAD)
    worth = chances * (spend(money, some) if money else 0.0) * 10 ** EXPONENTS[currency]
    rows = zip(known.customers[gone], known.last[gone], some.repeats, chances, worth, strict=True)
    found = [
        _Gone(
            int(who), cast("date", last.item()), int(again) + 1, float(chance), round(float(much))
        )
        for who, last, again, chance, much in rows
    ]
    if past:
        by = zip(past.silence.category[gone], past.silence.after[gone], strict=True)
        found = [
            one._replace(category=str(category), after=int(after))
            for one, (category, after) in zip(found, by, strict=True)
        ]
    ranked = sorted(found, key=lambda one: (-one.worth_minor, -one.chance, one.customer))
    return _Found(ranked, kept, past)


def _told(of: Sources, rows: Sequence[_Gone], *, cycle: bool) -> tuple[tuple[Cell, ...], ...]:
    whole = tuple(
        (
            of.ids.encode("cus", one.customer),
            one.last,
            one.days,
            round(one.chance, 4),
            one.worth_minor,
            *((overdue.called(one.category), one.after) if cycle else ()),
        )
        for one in rows
    )
    if not of.shows_buyers:
        return whole
    ids = [one.customer for one in rows]
    with of.db.transaction() as conn:
        buyers, names = buyers_of(conn, of.keys, ids), masked.names(conn, of.keys, ids)
    who = ((buyers.get(one, ""), names.get(one, "")) for one in ids)
    return tuple((*first, *rest) for first, rest in zip(who, whole, strict=True))


def buyers_of(conn: Conn, keys: Keys, customer_ids: Sequence[int]) -> dict[int, str]:
    """Customer → as whom a shop knows them; who was erased is missing."""
    wanted = sorted(set(customer_ids))
    items = {one: got[0][1] for one, got in identities.reach(conn, wanted, "buyer").items()}
    clear = vault.open_field(conn, keys, list(items.values()), "buyer")
    return {one: clear[item] for one, item in items.items() if item in clear}
