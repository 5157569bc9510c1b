"""The segments that are kept: as they stand, their versions, and the sets that they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.segments.decide import Written, read
from siyu.segments.decide.stock import Stock, Stored, stored
from siyu.segments.model import All, Any, Family, Leaf, Named, Not, Tree
from siyu.segments.predicates.profile import Everybody, InSegment, named

SQL = load("siyu.segments")


class Version(NamedTuple):
    """One version of a segment, as it was written."""

    version: int
    text: str
    set_by: str
    set_at: datetime
    note: str


def stock(conn: Conn) -> Stock:
    """Every segment as it stands now."""
    return Stock([stored(row) for row in conn.fetch(SQL.all)])


def get(conn: Conn, code: str) -> Stored:
    """One segment, retired or not."""
    return stock(conn).named(code)


def codes(conn: Conn) -> frozenset[str]:
    """Those that can be referred to."""
    return frozenset(one.code for one in stock(conn).standing)


def versions(conn: Conn, code: str) -> list[Version]:
    """Every version of a segment, the first one first."""
    return [Version(*row) for row in conn.fetch(SQL.versions, {"code": code})]


def used_by(conn: Conn, code: str) -> list[str]:
    """What a segment can't be retired for: segments by their code, others as `journey:CODE`."""
    return stock(conn).users(code, conn.fetch(SQL.uses))


def tree_of(conn: Conn, code: str, families: Iterable[Family]) -> Tree:
    """The set that a segment says now."""
    return stock(conn).must(code, families)


def set_of(conn: Conn, families: Sequence[Family], *, code: str = "", text: str = "") -> Tree:
    """The set that is meant: a stored one by its code, or a text – a segment's, or conditions
    alone, which nobody has to keep first."""
    known = stock(conn)
    if code:
        return known.must(code, families)
    found = read(text, families, known.when)
    if isinstance(found, tuple):
        raise BadInput(Sentence("This is no set of customers.", "这不是可用的人群。"), found)
    return found.tree if isinstance(found, Written) else found


def looked_up(conn: Conn, trees: Iterable[Tree], families: Sequence[Family]) -> list[Tree]:
    """The trees with what the segments that they name say now. In one that is gone, or that this
    release can't read, nobody is. No statement where none is named."""
    found = list(trees)
    codes = named(found)
    if not codes:
        return found
    known = stock(conn)
    nobody = Leaf(Everybody(yes=False))
    said = {code: known.tree(code, families) or nobody for code in codes}
    return [_with(tree, said) for tree in found]


def _with(tree: Tree, said: Mapping[str, Tree]) -> Tree:
    match tree:
        case Leaf(InSegment(code)):
            return Named(code, said[code])
        case Leaf() | Named():
            return tree
        case Not(part):
            return Not(_with(part, said))
        case All(parts):
            return All(tuple(_with(part, said) for part in parts))
        case Any(parts):
            return Any(tuple(_with(part, said) for part in parts))
