"""The tree that describes a set of customers, and what a predicate must be able to do.

A predicate is a frozen dataclass: its fields are the form that the console draws, its docstring is
the help text, `holds` is the Ibis expression that the database evaluates. Families of predicates
are listed in tuples and handed in; nothing registers itself.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple, Protocol, TypeAlias, runtime_checkable
from zoneinfo import ZoneInfo

Expression: TypeAlias = typing.Any  # of Ibis, which ships no types; the golden tests watch instead


class Words(NamedTuple):
    """A few words in both languages."""

    zh: str
    en: str


class Form:
    """One thing that can be said in a text: a frozen dataclass under one key.

    Fields are bool, int, str, Decimal (money), timedelta (`90d`), Literal (a choice), a tuple of
    Literal (several choices), each perhaps with `| None`; of `str | int | bool` any will do.
    `__post_init__` may raise ValueError.
    """

    key: ClassVar[str]
    title: ClassVar[Words]
    short: ClassVar[str] = ""  # the field that a bare value stands for: `tag: vip`


class Predicate(Form):
    """A form that the database can decide for a customer."""

    def holds(self, scope: Scope) -> Expression:
        """True or false, never null, for each row of `scope.customer`."""
        raise NotImplementedError

    def flips(self, scope: Scope) -> Expression | None:
        """When, behind `scope.now`, time alone may next change the answer: null where nothing is
        known that could. None: time never changes it."""
        del scope
        return None


class Step(Predicate):
    """A predicate about things that happened, each at its time: a sequence is made of such."""

    counts: ClassVar[tuple[str, ...]] = ()  # fields about all of them together: not in a sequence

    def rows(self, scope: Scope) -> Rows:
        """What happened, with `at`."""
        raise NotImplementedError


@dataclass(frozen=True)
class Family:
    """Forms about one subject, in the order in which a console lists them."""

    name: str
    title: Words
    forms: tuple[type[Form], ...]


class Rows(NamedTuple):
    """Facts of customers: a table with a `customer_id`, which of its rows, and when each was."""

    table: Expression
    such: tuple[Expression, ...] = ()
    at: Expression = None  # a column of the table

    def only(self, *such: Expression) -> Rows:
        """Fewer of them."""
        return self._replace(such=(*self.such, *such))


@dataclass(frozen=True)
class Days:
    """A length of time in days by the brand's clocks: today, so far, is the first of them."""

    many: int


class Scope:
    """What an expression may speak about: the customers, the time, and values of the text.

    Values never become part of the SQL: `text("vip")` is a placeholder with its type. Facts are
    asked for by `exists`, `those` and `first`, so that one predicate serves both shapes of a
    statement: a look-up for each customer of a batch, or joins and groups over everybody.
    """

    customer: Expression  # the table
    now: Expression
    sets: bool  # over everybody: nothing may be asked once for each row
    grouped: bool = False  # a batch whose facts are read once for all conditions: see `these`

    def flag(self, value: bool) -> Expression:
        """True or false."""
        raise NotImplementedError

    def text(self, value: str) -> Expression:
        """A text of the tree's."""
        raise NotImplementedError

    def number(self, value: int) -> Expression:
        """A whole number of the tree's."""
        raise NotImplementedError

    def span(self, value: timedelta) -> Expression:
        """A length of time of the tree's."""
        raise NotImplementedError

    def ago(self, value: timedelta | Days) -> Expression:
        """Now minus the span; the last moment before these days began."""
        raise NotImplementedError

    def midnight(self) -> Expression:
        """When today is over by the brand's clocks."""
        raise NotImplementedError

    def told(self, what: Dated) -> Expression:
        """A text that is made of the day on which the statement is asked."""
        raise NotImplementedError

    def currency(self) -> Expression:
        """The brand's."""
        raise NotImplementedError

    def these(self, customer_id: Expression) -> Expression:
        """That it is one of the batch: what `rows` are made of must say so itself, where a filter
        of theirs would come too late."""
        raise NotImplementedError

    def attribute(self, data: Expression, name: str) -> Expression:
        """What an event's data say under a name of ours, as text; null where they don't."""
        raise NotImplementedError

    def exists(self, rows: Rows) -> Expression:
        """Whether the customer has such a row."""
        raise NotImplementedError

    def those(
        self,
        rows: Rows,
        judge: Callable[[Expression], Expression],
        *,
        value: Expression | None = None,
        none: bool = False,
    ) -> Expression:
        """What `judge` says of all such rows of the customer's together: one aggregate of the
        table that it is given, in which `value` is a column. `none`: what it says of no rows."""
        raise NotImplementedError

    def first(self, rows: Rows, pick: Callable[[Expression], Expression]) -> Expression:
        """One aggregate of the customer's rows, null where there is none: a look-up for each
        customer, so of a batch alone."""
        raise NotImplementedError


@runtime_checkable
class Dated(Protocol):
    """A value of a statement that depends on the day in the brand's zone; equal ones share it."""

    def tell(self, now: datetime, zone: ZoneInfo) -> str:
        """The text."""
        ...


@dataclass(frozen=True)
class Leaf:
    """One predicate."""

    form: Form


@dataclass(frozen=True)
class Not:
    """Those for whom the part is false."""

    part: Tree


@dataclass(frozen=True)
class All:
    """Those for whom every part is true."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True)
class Any:
    """Those for whom at least one part is true."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True)
class Named:
    """Those of another segment, as it was described when the text was checked."""

    code: str
    tree: Tree


Tree: TypeAlias = "All | Any | Not | Leaf | Named"


def leaves(tree: Tree) -> Iterator[Leaf]:
    """The leaves, in reading order, those of other segments among them."""
    match tree:
        case Leaf():
            yield tree
        case Not(part) | Named(_, part):
            yield from leaves(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves(part)


def decide(tree: Tree, holds: Callable[[Leaf], bool]) -> bool:
    """The answer of the tree, given the answer of each leaf.

    Journeys use it to mix leaves that only they can decide with predicates that a query decided.
    """
    match tree:
        case Leaf():
            return holds(tree)
        case Not(part):
            return not decide(part, holds)
        case Named(_, part):
            return decide(part, holds)
        case All(parts):
            return all(decide(part, holds) for part in parts)
        case Any(parts):
            return any(decide(part, holds) for part in parts)


def forms_by_key(families: Iterable[Family]) -> dict[str, type[Form]]:
    """Every form under its key; two of one key are a programming error."""
    found: dict[str, type[Form]] = {}
    for family in families:
        for form in family.forms:
            if form.key in found or form.key in RESERVED:
                raise ValueError(f"two forms are called {form.key!r}")
            found[form.key] = form
    return found


RESERVED = frozenset({"all", "any", "not"})
