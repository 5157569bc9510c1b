"""A child is kept by a word that stands, whatever happens at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests import races
from tests.build import DAY
from tests.customers.family import IDS, TODAY, children, said, tell

from siyu.customers import actions, views
from siyu.customers.actions import ChildTold
from siyu.customers.model import Children
from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.kernel.errors import Refused
from siyu.kernel.sql import Conn

LATER = DAY + timedelta(hours=1)


def kept(db: Pool) -> list[tuple[Any, ...]]:
    with db.transaction() as conn:
        return conn.fetch("select customer_id, child, month from customer_child order by 1, 2")


def test_a_month_that_is_told_while_the_word_is_taken_back_is_deleted_with_it(
    db: Pool, mei: int, event: Callable[..., Incoming]
) -> None:
    def tells(conn: Conn) -> None:
        actions.tell_child(conn, IDS, mei, ChildTold(1, "2025-03", "form 7", TODAY), "ann", DAY)

    def withdraws(_: Conn) -> None:
        said(db, event, "consent.withdrawn", 1, channels=["sms"], purposes=["child"])

    races.behind(db, tells, withdraws)

    assert kept(db) == []
    assert children(db, mei) == Children([], None, None)


def test_a_second_child_that_is_told_while_all_are_forgotten_is_forgotten_too(
    db: Pool, mei: int
) -> None:
    tell(db, mei, "2022-01", "form 7", 2)

    def tells(conn: Conn) -> None:
        actions.tell_child(conn, IDS, mei, ChildTold(1, "2025-03", "", TODAY), "ann", DAY)

    def forgets(conn: Conn) -> list[int]:
        return actions.forget_children(conn, IDS, mei, "ann", LATER)

    _, gone = races.behind(db, tells, forgets)

    assert gone == [1, 2]
    assert kept(db) == []


def test_who_tells_of_a_child_while_all_are_forgotten_is_refused(db: Pool, mei: int) -> None:
    tell(db, mei, "2022-01", "form 7", 2)

    def forgets(conn: Conn) -> None:
        actions.forget_children(conn, IDS, mei, "ann", LATER)

    def tells(conn: Conn) -> None:
        actions.tell_child(conn, IDS, mei, ChildTold(1, "2025-03", "", TODAY), "ann", DAY)

    with pytest.raises(Refused, match="without its parent's own consent"):
        races.behind(db, forgets, tells)
    assert kept(db) == []


def test_no_month_is_read_of_whom_no_word_stands(db: Pool, mei: int) -> None:
    """Whatever went wrong before: the word is asked for wherever a month is read."""
    tell(db, mei, "2025-03", "form 7")
    with db.transaction() as conn:
        conn.execute("update child_consent set state = 'withdrawn'")

    with db.transaction() as conn:
        assert views.youngest(conn, [mei]) == {}
        assert views.born_in(conn, ["2025-03"], 0, 9) == []
        assert views.children(conn, mei) == Children([], None, None)
