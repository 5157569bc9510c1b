"""What a call desk learns stops the right channels; of two who are one, the stricter holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from siyu.budget import actions, views

Bureau = Any


@pytest.mark.parametrize(
    ("outcome", "channels"),
    [
        ("do_not_call", {"voice"}),
        ("wrong_person", set[str]()),  # the phone is marked, not the customer
        ("refused", set[str]()),
    ],
)
def test_the_buttons_of_the_call_desk(bureau: Bureau, outcome: str, channels: set[str]) -> None:
    (customer,) = bureau.buyers(1)
    (touch,) = bureau.wish([customer])

    bureau.tell(("task.done", {"touch": bureau.ids.encode("tch", touch), "outcome": outcome}, {}))

    with bureau.db.transaction() as conn:
        assert views.suppressed(conn, [customer], bureau.now).get(customer, set()) == channels


def test_of_two_groups_the_earlier_assignment_stays(bureau: Bureau) -> None:
    late, early = bureau.buyers(2)
    with bureau.db.transaction() as conn:
        before = bureau.now - timedelta(days=1)
        actions.assign_holdout(conn, "cascade", 1, [(early, "x")], before)
        actions.assign_holdout(conn, "cascade", 0, [(late, "x")], bureau.now)
        actions.assign_holdout(conn, "recall", 0, [(late, "x")], before)
        actions.assign_holdout(conn, "recall", 1, [(early, "x")], bureau.now)
        actions.assign_holdout(conn, "welcome", 1, [(early, "x")], bureau.now)

    bureau.marry(1, 2)

    assert bureau.customer(1) == bureau.customer(2) == late
    with bureau.db.transaction() as conn:
        found = {one.scope: one.held for one in views.holdouts_of(conn, late)}
        assert found == {"cascade": True, "recall": False, "welcome": True}
        assert views.holdouts_of(conn, early) == []


def test_a_suppression_of_either_holds_for_the_person(bureau: Bureau) -> None:
    stays, goes = bureau.buyers(2)
    week = bureau.now + timedelta(days=7)
    with bureau.db.transaction() as conn:
        rows = [(stays, "sms", "a", week), (goes, "sms", "b", None), (goes, "voice", "c", week)]
        actions.suppress(conn, rows, bureau.now)

    bureau.marry(1, 2)

    with bureau.db.transaction() as conn:
        found = {(one.channel, one.reason): one.until for one in views.suppressions_of(conn, stays)}
        assert found == {("sms", "a"): week, ("sms", "b"): None, ("voice", "c"): week}
        assert views.suppressions_of(conn, goes) == []


def test_what_two_had_counts_together_once_they_are_one(bureau: Bureau) -> None:
    one, other = bureau.buyers(2)
    for node in ("a", "b", "c"):
        bureau.wish([one, other], node=node)
    bureau.rule()
    with bureau.db.transaction() as conn:
        conn.execute("update touch set state = 'sent', sent_at = due_at")

    bureau.marry(1, 2)
    (touch,) = bureau.wish([one], node="d")
    bureau.rule()

    assert bureau.touch(touch).reason == "cap"
    with bureau.db.transaction() as conn:
        assert conn.fetch("select customer_id from budget_account") == [(one,)]
