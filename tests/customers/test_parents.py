"""A child is kept by a word that stands, whatever happens at once, and goes with who gave it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests import build, races
from tests.build import DAY
from tests.customers.family import (
    GIVEN,
    IDS,
    OTHER,
    TODAY,
    children,
    merge_and_split,
    said,
    tell,
)

from siyu.customers import views
from siyu.customers.actions import children as actions
from siyu.customers.actions.children import ChildTold
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
        assert views.children(conn, mei, DAY) == Children([], None, None)


# ── Two who were taken for one ───────────────────────────────────────────────────────────────────


def test_a_child_and_the_word_it_is_kept_by_go_with_whom_they_came_from(
    db: Pool, mei: int, second: int, event: Callable[..., Incoming]
) -> None:
    tell(db, second, "2025-04", "form 8")

    merge_and_split(db, mei, event)

    assert kept(db) == [(second, 1, "2025-04")]
    assert children(db, mei) == Children([], None, None)
    assert children(db, second).evidence == "form 8"
    with db.transaction() as conn:
        assert views.youngest(conn, [mei, second]) == {second: "2025-04"}
    with pytest.raises(Refused):
        tell(db, mei, "2025-03")


def test_of_two_families_each_has_its_own_children_again_where_its_word_was_an_event(
    db: Pool, mei: int, second: int, event: Callable[..., Incoming]
) -> None:
    said(db, event, "consent.given", **GIVEN)
    build.tell(db, [event("consent.given", keys=OTHER, at=0.1, **GIVEN | {"evidence": "chat 10"})])
    tell(db, mei, "2025-03")
    tell(db, second, "2022-01", child=2)

    merge_and_split(db, mei, event)

    assert kept(db) == [(mei, 1, "2025-03"), (second, 2, "2022-01")]
    assert (children(db, mei).evidence, children(db, second).evidence) == ("chat 9", "chat 10")


def test_a_child_whose_word_another_one_replaced_is_kept_of_nobody_after_a_split(
    db: Pool, mei: int, second: int, event: Callable[..., Incoming]
) -> None:
    tell(db, mei, "2025-03", "form 7")
    with db.transaction() as conn:
        told = ChildTold(2, "2022-01", "form 8", TODAY)
        actions.tell_child(conn, IDS, second, told, "ann", LATER)

    merge_and_split(db, mei, event)

    assert kept(db) == [(second, 2, "2022-01")]


def test_what_was_taken_back_while_two_were_one_stays_taken_back_for_both(
    db: Pool, mei: int, second: int, event: Callable[..., Incoming]
) -> None:
    build.tell(db, [event("consent.given", keys=OTHER, at=0.1, **GIVEN)])
    tell(db, second, "2025-04")

    def forgets() -> None:
        with db.transaction() as conn:
            at = DAY + timedelta(hours=6)
            assert actions.forget_children(conn, IDS, mei, "ann", at) == [1]

    merge_and_split(db, mei, event, forgets)

    assert kept(db) == []
    for who in (mei, second):
        with pytest.raises(Refused):
            tell(db, who, "2025-04")
