"""Of children: the month of birth, with the parent's own consent; gone when that is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests import build
from tests.build import DAY
from tests.customers.family import GIVEN, IDS, MEI, children, said, tell

from siyu.customers import actions as customers
from siyu.customers import views
from siyu.customers.actions import children as actions
from siyu.customers.check import no_health
from siyu.customers.model import Children, Word
from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.kernel.errors import BadInput, Refused


def test_without_the_parents_own_consent_nothing_is_kept_and_the_answer_says_so(
    db: Pool, mei: int
) -> None:
    with pytest.raises(Refused, match="without its parent's own consent"):
        tell(db, mei, "2025-03")
    assert children(db, mei) == Children([], None, None)

    tell(db, mei, "2025-03", "form 7")
    tell(db, mei, "2023-01", child=2)
    found = children(db, mei)
    assert [(one.child, one.month) for one in found.children] == [(1, "2025-03"), (2, "2023-01")]
    assert found.evidence == "form 7"


@pytest.mark.parametrize(
    ("month", "why"),
    [
        ("2025-03-14", "only the month of birth"), ("20250314", "only the month of birth"),
        ("2025-13", "is no month"), ("March", "is no month"), ("2026-12", "in the future"),
        ("2001-01", "more than 18 years"),
    ],
)  # fmt: skip
def test_a_day_is_refused_with_words_and_so_is_what_can_not_be(
    db: Pool, mei: int, month: str, why: str
) -> None:
    with pytest.raises(BadInput) as refused:
        tell(db, mei, month, "form 7")

    (problem,) = refused.value.problems
    assert problem.where == "month"
    assert why in str(problem.why)
    assert children(db, mei).children == []


def test_consent_taken_back_deletes_all_and_no_event_ever_held_the_month(
    db: Pool, mei: int
) -> None:
    tell(db, mei, "2025-03", "form 7")
    with db.transaction() as conn:
        assert actions.forget_children(conn, IDS, mei, "ann", DAY) == [1]

    assert children(db, mei) == Children([], None, None)
    with db.transaction() as conn:
        held = conn.fetch(
            "select count(*) from event where data like '%%2025-03%%' union all"
            " select count(*) from audit where reason like '%%2025-03%%'"
        )
        assert held == [(0,), (0,)]
        told = conn.fetch("select kind, data from event where kind = 'child.told' order by id")
        assert [kind for kind, _ in told] == ["child.told", "child.told"]
    with pytest.raises(Refused):
        tell(db, mei, "2025-03")


def test_two_who_are_one_have_one_family(
    db: Pool, mei: int, event: Callable[..., Incoming]
) -> None:
    other = {"buyer": "s/mei"}
    build.tell(db, [event("order.paid", keys=other, order_no="2", total_minor=1)])
    with db.transaction() as conn:
        second = conn.fetch("select max(id) from customer")[0][0]
    tell(db, mei, "2025-03", "form 7")
    tell(db, second, "2025-04", "form 8")
    tell(db, second, "2022-01", child=2)
    build.tell(db, [event("customer.identified", keys=MEI | other)])

    with db.transaction() as conn:
        rows: list[tuple[Any, ...]] = conn.fetch(
            "select child, count(*) from customer_child group by child order by child"
        )
        owners = conn.fetch("select count(distinct customer_id) from customer_child")
        words = conn.fetch("select count(*) from child_consent")
    assert (rows, owners, words) == ([(1, 1), (2, 1)], [(1,)], [(1,)])


def test_three_who_become_one_at_once_have_one_family(
    db: Pool, mei: int, event: Callable[..., Incoming]
) -> None:
    two, three = {"buyer": "s/mei"}, {"unionid": "u-mei"}
    for number, keys in enumerate((two, three)):
        build.tell(db, [event("order.paid", keys=keys, order_no=f"o{number}", total_minor=1)])
    with db.transaction() as conn:
        others = [who for (who,) in conn.fetch("select id from customer order by id")][1:]
    for who in others:
        tell(db, who, "2025-03", f"form {who}")
    tell(db, others[1], "2022-01", child=2)
    build.tell(db, [event("customer.identified", keys=MEI | two | three)])

    with db.transaction() as conn:
        assert conn.fetch("select error from event_pending where error is not null") == []
        rows = conn.fetch("select customer_id, child from customer_child order by child")
        words = conn.fetch("select customer_id, evidence from child_consent")
    assert rows == [(mei, 1), (mei, 2)]
    assert words == [(mei, f"form {others[0]}")]


# ── The word as events tell it ───────────────────────────────────────────────────────────────────

EVERY = ["sms", "voice", "wecom"]
CONTACT = ["order_invitation", "promotion", "service"]


def test_consent_to_it_is_a_purpose_of_its_own(
    db: Pool, mei: int, event: Callable[..., Incoming]
) -> None:
    everything = {"channels": EVERY, "purposes": CONTACT, "basis": "consent", "evidence": "form 1"}
    said(db, event, "consent.given", **everything)
    with pytest.raises(Refused):
        tell(db, mei, "2025-03")
    said(db, event, "consent.given", 1, **{**GIVEN, "basis": "contract"})
    with pytest.raises(Refused):
        tell(db, mei, "2025-03")

    said(db, event, "consent.given", 2, **GIVEN)

    tell(db, mei, "2025-03")
    assert children(db, mei).evidence == "chat 9"
    with db.transaction() as conn:
        assert conn.fetch("select count(*) from consent where purpose = 'child'") == [(0,)]


@pytest.mark.parametrize(
    ("channels", "purposes", "gone"),
    [
        (["sms"], ["child"], True),
        (EVERY, CONTACT, True),
        (["sms"], CONTACT, False),
        (EVERY, ["promotion"], False),
    ],
)
def test_a_withdrawal_of_it_or_of_everything_deletes_at_once(
    db: Pool, mei: int, event: Callable[..., Incoming], channels: Any, purposes: Any, gone: bool
) -> None:
    tell(db, mei, "2025-03", "form 7")

    said(db, event, "consent.withdrawn", 1, channels=channels, purposes=purposes)

    kept = [one.month for one in children(db, mei).children]
    assert (kept, children(db, mei).evidence) == (([], None) if gone else (["2025-03"], "form 7"))
    with db.transaction() as conn:
        rows = conn.fetch("select count(*) from customer_child")
    assert rows == [(0 if gone else 1,)]


def test_words_that_come_late_change_nothing_that_was_said_after_them(
    db: Pool, mei: int, event: Callable[..., Incoming]
) -> None:
    said(db, event, "consent.withdrawn", 2, channels=["sms"], purposes=["child"])
    said(db, event, "consent.given", 1, **GIVEN)
    with pytest.raises(Refused):
        tell(db, mei, "2025-03")

    said(db, event, "consent.given", 4, **GIVEN)
    tell(db, mei, "2025-03")
    said(db, event, "consent.withdrawn", 3, channels=["sms"], purposes=["child"])
    assert [one.month for one in children(db, mei).children] == ["2025-03"]

    said(db, event, "consent.given", 5, **GIVEN)
    said(db, event, "consent.withdrawn", 5, channels=["sms"], purposes=["child"])
    assert children(db, mei) == Children([], None, None)


def test_who_took_it_back_under_another_key_took_it_back_for_the_family(
    db: Pool, mei: int, event: Callable[..., Incoming]
) -> None:
    other = {"buyer": "s/mei"}
    build.tell(db, [event("order.paid", keys=other, order_no="2", total_minor=1)])
    tell(db, mei, "2025-03", "form 7")
    build.tell(
        db, [event("consent.withdrawn", keys=other, at=0.1, channels=EVERY, purposes=CONTACT)]
    )
    assert children(db, mei).children != []

    build.tell(db, [event("customer.identified", keys=MEI | other, at=0.1)])

    assert children(db, mei) == Children([], None, None)


def test_the_youngest_is_known_of_those_whose_word_stands(
    db: Pool, mei: int, event: Callable[..., Incoming]
) -> None:
    tell(db, mei, "2023-01", "form 7")
    tell(db, mei, "2025-03", child=2)
    with db.transaction() as conn:
        assert views.youngest(conn, [mei, 99]) == {mei: "2025-03"}
        assert views.born_in(conn, ["2025-03", "2023-01"], 0, 9) == [mei]
        assert views.born_in(conn, ["2023-01"], 0, 9) == []
        assert views.born_in(conn, ["2025-03"], mei, 9) == []


def test_nothing_on_health_is_kept_beside_a_month_and_the_answer_says_where_it_belongs() -> None:
    no_health("  ")
    with pytest.raises(Refused, match="needs the parent's separate consent") as refused:
        no_health("eczema")
    assert "eczema" not in str(refused.value)


def test_a_consent_to_notes_on_health_that_rests_on_anything_but_consent_is_refused(
    db: Pool, mei: int
) -> None:
    word = Word("given", ["wecom"], ["child_health"], "contract", "form 9", DAY)
    with db.transaction() as conn, pytest.raises(BadInput) as refused:
        customers.consent(conn, build.KEYS, IDS, mei, word, "ann", DAY)
    assert [one.where for one in refused.value.problems] == ["basis"]
