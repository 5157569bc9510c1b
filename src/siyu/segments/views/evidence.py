"""The fact behind each answer: not only that a condition is false, but by what.

Each family has one small query of one customer. What it shows is nobody's name or number: counts,
days, amounts, codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from siyu.customers.model import SURE
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Params, Row, load
from siyu.segments.compile.live import compile_happened
from siyu.segments.model import All, Any, Form, Leaf, Named, Not, Step, Tree
from siyu.segments.predicates import windows
from siyu.segments.predicates.consents import Consents
from siyu.segments.predicates.cycles import Lapsed
from siyu.segments.predicates.friendship import Friend
from siyu.segments.predicates.orders import Orders, Spent
from siyu.segments.predicates.profile import InStage, Synthetic
from siyu.segments.predicates.tags import Tagged
from siyu.segments.views import Store, explain, values

SQL = load("siyu.segments")
NOTHING = Sentence("", "")
ONE = {
    "paid": Sentence("order", "笔订单"),
    "cancelled": Sentence("cancelled order", "笔已取消的订单"),
    "refunded": Sentence("refunded order", "笔已退款的订单"),
}
MORE = {state: Sentence(f"{noun}s", noun.zh) for state, noun in ONE.items()}
WORDS = {"given": Sentence("given", "授权"), "withdrawn": Sentence("withdrawn", "撤回授权")}


class Told(NamedTuple):
    """What one part of a set says of a customer, and by which fact; empty: its parts say it."""

    where: str
    depth: int
    said: str
    holds: bool
    fact: Sentence


class Asking(NamedTuple):
    """Of whom, when, and in whose days."""

    store: Store
    customer_id: int
    now: datetime
    zone: ZoneInfo
    currency: str

    def rows(self, sql: str, params: Params | None = None) -> list[Row]:
        """What a statement says of this customer."""
        return self.store.fetch(sql, {**(params or {}), "customer": self.customer_id})

    def window(self, form: Form) -> dict[str, datetime | None]:
        """When the window that a form asks for began and ended; None: at any time."""
        at = windows.times(form)
        ends = at.older_than or (windows.NOW if at.within else None)
        borders = {"since": at.within, "until": ends}
        return {
            name: None if span is None else windows.began(self.now, self.zone, span)
            for name, span in borders.items()
        }

    def day(self, at: datetime) -> str:
        """The day by the brand's clocks."""
        return at.astimezone(self.zone).date().isoformat()


def told(tree: Tree, asking: Asking) -> list[Told]:
    """Each part of a tree, in reading order, with the fact that decides it; [] if it is nobody."""
    verdicts = explain(asking.store, tree, asking.customer_id, asking.now)
    parts = _reading(tree) if verdicts else ()
    return [
        Told(*verdict, fact(part.form, asking) if isinstance(part, Leaf) else NOTHING)
        for verdict, part in zip(verdicts, parts, strict=True)
    ]


def fact(form: Form, asking: Asking) -> Sentence:
    """What is known of the customer, of the kind that this condition asks for."""
    found = FACTS.get(type(form))
    if found is not None:
        return found(form, asking)
    return _happened(form, asking) if isinstance(form, Step) else NOTHING


def _happened(form: Step, asking: Asking) -> Sentence:
    """Of whatever happens: how often, and when last."""
    asked = compile_happened(form)
    params = values(asking.store, asked, asking.now, id=asking.customer_id)
    ((count, last),) = asking.store.fetch(asked.sql, params)
    if not count:
        return Sentence("never", "从未有过")
    day = asking.day(last)
    if count == 1:
        return Sentence(f"once, {day}", f"一次，{day}")
    return Sentence(f"{count} times, last {day}", f"{count} 次，最近 {day}")


def _reading(tree: Tree) -> Iterator[Tree]:
    yield tree
    match tree:
        case Leaf():
            pass
        case Not(part) | Named(_, part):
            yield from _reading(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from _reading(part)


def _orders(form: Orders, asking: Asking) -> Sentence:
    ((count, last, minor, currency),) = asking.rows(
        SQL.bought,
        {
            "state": form.state,
            **asking.window(form),
            "shop": form.shop,
            "sku": form.sku,
            "category": form.category,
            "currency": form.currency,
        },
    )
    noun = _many(count, form.state)
    if not count:
        return noun
    day, amount = asking.day(last), show(minor, currency)
    return Sentence(f"{noun}, last {day} {amount}", f"{noun.zh}，最近一笔 {day} {amount}")


def _lapsed(form: Lapsed, asking: Asking) -> Sentence:
    del form  # the last order of all says it
    return _orders(Orders(), asking)


def _spent(form: Spent, asking: Asking) -> Sentence:
    currency = form.currency or asking.currency
    ((count, minor),) = asking.rows(
        SQL.spent,
        {
            "currency": currency,
            **asking.window(form),
            "shop": form.shop,
            "sku": form.sku,
            "category": form.category,
        },
    )
    amount, noun = show(minor, currency), _many(count, "paid")
    return Sentence(f"{amount} in {noun}", f"{noun.zh}，共 {amount}")


def _many(count: int, state: str) -> Sentence:
    noun = ONE[state] if count == 1 else MORE[state]
    return Sentence(f"{count} {noun}", f"{count} {noun.zh}")


def _friend(form: Friend, asking: Asking) -> Sentence:
    rows = asking.rows(SQL.friend, {"staff": form.staff})
    if not rows:
        return Sentence("never was one", "从未成为好友")
    staff, state, added, deleted, live = rows[0]
    if state == "live":
        day, more = asking.day(added), live - 1
        if not more:
            return Sentence(f"of {staff} since {day}", f"{day} 起是 {staff} 的好友")
        return Sentence(
            f"of {staff} since {day}, and of {more} more",
            f"{day} 起是 {staff} 的好友，另有 {more} 人",
        )
    if deleted is None:
        return Sentence(f"not of {staff} any more", f"已不是 {staff} 的好友")
    day = asking.day(deleted)
    return Sentence(f"not of {staff} any more, since {day}", f"{day} 起已不是 {staff} 的好友")


def _tag(form: Tagged, asking: Asking) -> Sentence:
    names = form.any_of or (form.name,)
    such = {"names": list(names), "prefix": form.prefix, "source": form.source}
    rows = asking.rows(SQL.tagged, such)
    if not rows:
        return Sentence("not tagged", "没有这个标签")
    name, source, at, sure, until = rows[0]
    day, how = asking.day(at), NOTHING
    if sure < SURE:
        how = Sentence(f", {sure} % sure", f"，把握 {sure}%")
    if until is not None:
        end = asking.day(until)
        how = Sentence(f"{how}, until {end}", f"{how.zh}，到 {end} 为止")
    if form.name is None:
        return Sentence(
            f"{name} since {day}, by {source}{how}", f"{day} 起有 {name}，来自 {source}{how.zh}"
        )
    return Sentence(f"since {day}, by {source}{how}", f"{day} 起，来自 {source}{how.zh}")


def _consent(form: Consents, asking: Asking) -> Sentence:
    rows = asking.rows(SQL.allowed, {"channel": form.channel, "purpose": form.purpose})
    if not rows:
        return Sentence("never said", "从未表态")
    state, at = rows[0]
    word, day = WORDS[state], asking.day(at)
    return Sentence(f"{word} {day}", f"{day} {word.zh}")


def _profile(form: Form, asking: Asking) -> Sentence:
    ((stage, synthetic),) = asking.rows(SQL.profile)
    if isinstance(form, InStage):
        return Sentence(f"A{stage}", f"A{stage}")
    if synthetic:
        return Sentence("made for a demonstration", "演示数据")
    return Sentence("a real customer", "真实客户")


_Fact: TypeAlias = Callable[..., Sentence]
FACTS: Mapping[type[Form], _Fact] = {
    Orders: _orders,
    Spent: _spent,
    Friend: _friend,
    Tagged: _tag,
    Consents: _consent,
    InStage: _profile,
    Lapsed: _lapsed,
    Synthetic: _profile,
}
