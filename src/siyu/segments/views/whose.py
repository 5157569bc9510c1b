"""Which segments one customer is in: those whose members are kept, and the bands of layers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.kernel.sql import Conn, load
from siyu.segments.compile import Explained
from siyu.segments.compile.live import compile_forms
from siyu.segments.decide.stock import Stored
from siyu.segments.model import Family, Form, Tree, decide, leaves
from siyu.segments.views import values
from siyu.segments.views.stored import stock

SQL = load("siyu.segments")
AT_ONCE = 60  # conditions in one statement


def whose(conn: Conn, customer_id: int, families: Sequence[Family], now: datetime) -> list[Stored]:
    """Of a live segment its kept members count, of another layer's band its conditions now."""
    known = stock(conn)
    kept = {row[0] for row in conn.fetch(SQL.here, {"customer": customer_id})}
    asked = {
        one.id: tree
        for one in known.standing
        if one.layer and one.filled is None and (tree := known.tree(one.code, families))
    }
    holds = _answers(conn, customer_id, list(asked.values()), now)
    found = {
        id_ for id_, tree in asked.items() if decide(tree, lambda leaf: holds.get(leaf.form, False))
    }
    return [one for one in known.standing if one.id in (found if one.id in asked else kept)]


def _answers(
    conn: Conn, customer_id: int, trees: Sequence[Tree], now: datetime
) -> dict[Form, bool]:
    """Each distinct condition once, however many bands it stands in; none: there is nobody."""
    forms = tuple(dict.fromkeys(leaf.form for tree in trees for leaf in leaves(tree)))
    found: dict[Form, bool] = {}
    for start in range(0, len(forms), AT_ONCE):
        some = compile_forms(forms[start : start + AT_ONCE])
        asked = Explained(some.sql, some.params, ())
        for row in conn.fetch(asked.sql, values(conn, asked, now, ids=[customer_id])):
            found |= dict(zip(some.forms, map(bool, row[1:]), strict=False))
    return found
