"""Who may enter, and which of two visits goes on: each rule by its reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from siyu.events.model import survivors
from siyu.journeys.check import check
from siyu.journeys.decide import Candidate, Known, Walk, enter, unite
from siyu.journeys.model import Facts, Journey, Order
from siyu.kernel.time import instant
from siyu.segments.predicates import FAMILIES
from siyu.segments.predicates.friendship import Friend

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
FRIEND = frozenset({Friend(True)})
TEXT = """\
journey: j
title: {zh: 一, en: J}
enter: {on: order.paid}
reenter: {after: 30d}
ends_when: {any: [{friend: true}, {order: gone}]}
steps:
  - {id: pause, wait: 5m}
  - {id: end, exit: over}
"""


def journey(text: str) -> Journey:
    found = check(text, FAMILIES)
    assert isinstance(found, Journey), [str(problem) for problem in found]
    return found


def facts(state: str = "paid", **known: object) -> Facts:
    return Facts(ZoneInfo("UTC"), "zh", (Order("tmall", "T1", state),))._replace(**known)


PLAN = journey(TEXT)


def a_candidate(number: int, **changed: object) -> Candidate:
    candidate = Candidate(
        event_id=number,
        customer_id=3,
        identity_id=4,
        occurred_at=NOON - timedelta(minutes=1),
        backfill=False,
        key=f"tmall/T{number}",
        shop="tmall",
        order_no=f"T{number}",
        facts=facts(),
    )
    return candidate._replace(**changed)


def reasons(*candidates: Candidate, known: tuple[Known, ...] = (), plan: Journey = PLAN):
    entries = enter(plan, candidates, known, set(), NOON)
    return [f"{entry.outcome} {entry.reason}".strip() for entry in entries]


def test_three_orders_in_an_hour_are_one_visit():
    found = reasons(a_candidate(1), a_candidate(2), a_candidate(3), a_candidate(4, customer_id=9))

    assert found == ["enrolled", "joined under_way", "joined under_way", "enrolled"]


def test_each_refusal_has_its_reason():
    gone = facts("cancelled")
    old = NOON - timedelta(hours=3)
    recent = Known(5, 3, "tmall/T9", False, NOON - timedelta(days=29))
    long_ago = recent._replace(entered_at=NOON - timedelta(days=31))
    sourced = journey(TEXT + "source: s\n")

    assert reasons(a_candidate(1, backfill=True, customer_id=None)) == ["refused backfill"]
    assert reasons(a_candidate(1, customer_id=None, occurred_at=old)) == ["refused guest"]
    assert reasons(a_candidate(1, occurred_at=old)) == ["refused too_old"]
    assert reasons(a_candidate(1, facts=facts(true=FRIEND))) == ["refused friend_already"]
    assert reasons(a_candidate(1, facts=gone)) == ["refused order_gone"]
    assert reasons(a_candidate(1), plan=sourced) == ["refused not_admitted"]
    assert reasons(a_candidate(1), known=(recent,)) == ["refused reentry"]
    assert reasons(a_candidate(1), known=(long_ago,)) == ["enrolled"]
    assert reasons(a_candidate(9), known=(recent,)) == ["refused known"]


def test_an_order_that_came_before_the_add_of_its_batch_enters_and_one_behind_it_does_not():
    friend = facts(true=FRIEND)

    assert reasons(a_candidate(1, facts=friend, overtaken=True)) == ["enrolled"]
    assert reasons(a_candidate(1, facts=friend, overtaken=False)) == ["refused friend_already"]


@pytest.mark.parametrize(
    ("began", "span", "again"),
    [
        ("2026-11-20T04:00:00Z", "30d", "2026-12-20T04:00:00Z"),
        ("2027-01-31T04:00:00Z", "30d", "2027-03-02T04:00:00Z"),  # over the end of a short month
        ("2028-02-29T04:00:00Z", "365d", "2029-02-28T04:00:00Z"),  # a leap day
        ("2028-02-28T04:00:00Z", "1w", "2028-03-06T04:00:00Z"),
        ("2027-03-27T10:00:00+00:00", "1d", "2027-03-28T11:00:00+01:00"),  # clocks go forward
        ("2027-10-30T10:00:00+01:00", "1d", "2027-10-31T09:00:00+00:00"),  # and back
    ],
)
def test_an_interval_is_a_span_of_hours_whatever_clocks_and_months_do(
    began: str, span: str, again: str
):
    plan = journey(TEXT.replace("30d", span))
    before = (Known(5, 3, "tmall/T9", False, instant(began)),)

    def outcome(now: datetime) -> str:
        (entry,) = enter(plan, [a_candidate(1, occurred_at=now)], before, set(), now)
        return f"{entry.outcome} {entry.reason}".strip()

    assert outcome(instant(again) - timedelta(microseconds=1)) == "refused reentry"
    assert outcome(instant(again)) == "enrolled"


UNDER_WAY = Known(5, 3, "tmall/T9", True, NOON - timedelta(days=99))
ENDED = UNDER_WAY._replace(under_way=False)


@pytest.mark.parametrize(
    ("reenter", "concurrent", "known", "said"),
    [
        ("never", "one per customer", (), "enrolled"),
        ("never", "one per customer", (UNDER_WAY,), "joined under_way"),
        ("never", "one per order", (UNDER_WAY,), "refused reentry"),
        ("never", "one per customer", (ENDED,), "refused reentry"),
        ("each", "one per customer", (UNDER_WAY,), "joined under_way"),
        ("each", "one per order", (UNDER_WAY,), "enrolled"),
        ("each", "one per customer", (ENDED,), "enrolled"),
        ("{after: 30d}", "one per customer", (UNDER_WAY,), "joined under_way"),
        ("{after: 30d}", "one per order", (UNDER_WAY,), "enrolled"),
        ("{after: 100d}", "one per order", (UNDER_WAY,), "refused reentry"),
        ("{after: 30d}", "one per order", (UNDER_WAY._replace(key="tmall/T1"),), "refused known"),
    ],
)
def test_re_entry_and_what_may_run_at_once(
    reenter: str, concurrent: str, known: tuple[Known, ...], said: str
):
    text = TEXT.replace("reenter: {after: 30d}", f"reenter: {reenter}\nconcurrent: {concurrent}")

    assert reasons(a_candidate(1), known=known, plan=journey(text)) == [said]


# ── Merges ───────────────────────────────────────────────────────────────────────────────────────


def a_walk(id_: int, customer_id: int, key: str, *, under_way: bool = True, day: int = 0) -> Walk:
    return Walk(id_, 1, customer_id, key, under_way, NOON + timedelta(days=day))


def test_the_elder_visit_of_merged_customers_survives():
    walks = [a_walk(1, 9, "a", day=1), a_walk(2, 5, "b", day=0), a_walk(3, 5, "c", under_way=False)]

    found = {one.id: one for one in unite(walks, {9: 5}, {1})}

    assert found[1][1:] == (5, "a", 2)
    assert found[2][1:] == (5, "b", None)
    assert found[3][1:] == (5, "c", None)


def test_one_per_order_keeps_both_unless_they_are_about_one_order():
    walks = [a_walk(1, 9, "a"), a_walk(2, 5, "b"), a_walk(3, 5, "a", day=1)]

    found = {one.id: one for one in unite(walks, {9: 5}, set())}

    assert [found[id_].into for id_ in (1, 2, 3)] == [None, None, 1]
    assert len({one.key for one in found.values()}) == 3


def test_chains_of_merges_lead_to_the_last_winner():
    assert survivors([(9, 7), (7, 3), (8, 7)]) == {9: 3, 7: 3, 8: 3}
