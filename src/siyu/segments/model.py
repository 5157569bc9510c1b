"""The tree that describes a set of customers, and what a predicate must be able to do.

A predicate is a frozen dataclass: its fields are the form that the console draws, its docstring is
the help text, `holds` is the Ibis expression that the database evaluates. Families of predicates
are listed in tuples and handed in; nothing registers itself.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, NamedTuple, TypeAlias

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


@dataclass(frozen=True)
class Family:
    """Forms about one subject, in the order in which a console lists them."""

    name: str
    title: Words
    forms: tuple[type[Form], ...]


class Scope(NamedTuple):
    """What an expression may speak about: the customers, the time, and values of the text.

    Values never become part of the SQL: `text("vip")` is a placeholder with its type.
    """

    customer: Expression  # the table
    now: Expression
    flag: Callable[[bool], Expression]
    text: Callable[[str], Expression]
    number: Callable[[int], Expression]
    ago: Callable[[timedelta], Expression]  # now minus the span
    span: Callable[[timedelta], Expression]


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


Tree: TypeAlias = "All | Any | Not | Leaf"


def leaves(tree: Tree) -> Iterator[Leaf]:
    """The leaves, in reading order."""
    match tree:
        case Leaf():
            yield tree
        case Not(part):
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
