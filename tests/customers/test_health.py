"""A note on a child's health: by a consent of its own, sealed, for a time, read by who says why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests import build, races
from tests.build import DAY, KEYS
from tests.customers.family import (
    GIVEN,
    IDS,
    MEI,
    OTHER,
    children,
    merge_and_split,
    said,
    tell,
)

from siyu.customers import views
from siyu.customers.actions import children as actions
from siyu.customers.actions.children import Note, Reading
from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.kernel.errors import BadInput, NotFound, Refused
from siyu.kernel.sql import Conn
from siyu.vault import actions as vault
from siyu.vault.views import open_items

SHANGHAI = ZoneInfo("Asia/Shanghai")
MILK = "对牛奶蛋白过敏"
OATS = "对燕麦过敏"
HEALTH: dict[str, Any] = {**GIVEN, "purposes": ["child_health"], "evidence": "chat 12"}
EVERY, CONTACT = ["sms", "voice", "wecom"], ["order_invitation", "promotion", "service"]


def note(
    db: Pool, who: int, text: str = MILK, evidence: str = "form 9", child: int = 1, days: int = 180
) -> datetime:
    with db.transaction() as conn:
        said = Note(child, text, evidence, days, SHANGHAI)
        return actions.note_health(conn, KEYS, IDS, who, said, "ann", DAY)


def read(db: Pool, who: int, child: int = 1, now: datetime = DAY) -> str:
    with db.transaction() as conn:
        asked = Reading(child, "ann", "asks about formula")
        return actions.show_health(conn, KEYS, IDS, who, asked, now)


def sealed(db: Pool) -> list[str]:
    """What the vault still holds of notes, opened."""
    with db.transaction() as conn:
        items = [
            item for (item,) in conn.fetch("select id from vault_item where field like 'health%'")
        ]
        return sorted(open_items(conn, KEYS, items).values())


def rows(db: Pool) -> list[tuple[Any, ...]]:
    with db.transaction() as conn:
        return conn.fetch("select customer_id, child from child_health order by 1, 2")


@pytest.fixture
def noted(db: Pool, mei: int) -> int:
    """A parent whose child's month and note are kept, each by a word of its own."""
    tell(db, mei, "2025-03", "form 7")
    note(db, mei)
    return mei


# ── By whose word ────────────────────────────────────────────────────────────────────────────────


def test_the_consent_to_the_month_does_not_cover_health_and_the_answer_says_what_does(
    db: Pool, mei: int
) -> None:
    with pytest.raises(Refused, match="month of birth is not kept") as refused:
        note(db, mei)
    tell(db, mei, "2025-03", "form 7")
    with pytest.raises(Refused, match="without the parent's separate consent") as without:
        note(db, mei, evidence="")
    assert all(MILK not in str(one.value) for one in (refused, without))
    assert (sealed(db), rows(db)) == ([], [])
    with pytest.raises(Refused, match="month of birth is not kept"):
        note(db, mei, child=2)

    note(db, mei)
    note(db, mei, OATS, evidence="")

    assert read(db, mei) == OATS
    assert sealed(db) == [OATS]  # the one before is gone
    found = children(db, mei)
    assert (found.evidence, found.health_evidence) == ("form 7", "form 9")


def test_it_may_be_told_as_an_event_with_a_purpose_of_its_own(
    db: Pool, mei: int, event: Callable[..., Incoming]
) -> None:
    tell(db, mei, "2025-03", "form 7")
    said(db, event, "consent.given", 1, **{**HEALTH, "basis": "contract"})
    said(db, event, "consent.given", 2, **{**HEALTH, "purposes": CONTACT})
    with pytest.raises(Refused):
        note(db, mei, evidence="")

    said(db, event, "consent.given", 3, **HEALTH)

    note(db, mei, evidence="")
    assert children(db, mei).health_evidence == "chat 12"
    with db.transaction() as conn:
        assert conn.fetch("select count(*) from consent where purpose like 'child%%'") == [(0,)]


@pytest.mark.parametrize("text", ["", "  ", "x" * 201, "milk\nand oats"])
def test_a_note_is_one_short_line_and_what_is_wrong_never_repeats_it(
    db: Pool, mei: int, text: str
) -> None:
    tell(db, mei, "2025-03", "form 7")
    with pytest.raises(BadInput) as refused:
        note(db, mei, text)
    (problem,) = refused.value.problems
    assert problem.where == "note"
    assert not text.strip() or text not in str(problem.why)


@pytest.mark.parametrize("evidence", [f"called {MEI['phone']}", f"she said: {MILK}", "a\nb"])
def test_the_evidence_holds_no_phone_of_the_parent_and_not_the_note(
    db: Pool, mei: int, evidence: str
) -> None:
    tell(db, mei, "2025-03", "form 7")
    with pytest.raises(BadInput) as refused:
        note(db, mei, evidence=evidence)
    assert [one.where for one in refused.value.problems] == ["evidence"]


def test_of_a_child_of_fourteen_the_parents_word_is_not_enough(db: Pool, mei: int) -> None:
    tell(db, mei, "2012-11", "form 7")
    with pytest.raises(Refused, match="14 or older"):
        note(db, mei)
    tell(db, mei, "2012-12", child=2)
    assert note(db, mei, child=2) == datetime(2026, 12, 1, tzinfo=SHANGHAI)  # not 180 days


def test_a_month_that_is_told_otherwise_takes_the_note_along(db: Pool, noted: int) -> None:
    tell(db, noted, "2025-03")  # as it was
    assert sealed(db) == [MILK]
    tell(db, noted, "2012-12")  # it may be another child
    assert (sealed(db), rows(db)) == ([], [])


# ── How long ─────────────────────────────────────────────────────────────────────────────────────


def test_it_is_gone_at_midnight_by_the_brands_clock_and_not_a_moment_sooner(
    db: Pool, mei: int
) -> None:
    tell(db, mei, "2025-03", "form 7")
    tell(db, mei, "2023-01", child=2)
    until = note(db, mei, days=30)
    note(db, mei, OATS, child=2)
    assert until == datetime(2026, 12, 1, tzinfo=SHANGHAI) == datetime(2026, 11, 30, 16, tzinfo=UTC)
    just = until - timedelta(microseconds=1)

    with db.transaction() as conn:
        assert actions.expire_health(conn, just) == 0
    assert read(db, mei, now=just) == MILK
    with pytest.raises(NotFound):
        read(db, mei, now=until)  # whether the sweep was there or not
    with db.transaction() as conn:
        first, other = views.children(conn, mei, until).children
        assert (first.health_until, other.health_until is None) == (None, False)
        assert actions.expire_health(conn, until) == 1
        assert actions.expire_health(conn, until) == 0

    assert sealed(db) == [OATS]
    assert rows(db) == [(mei, 2)]
    assert [one.month for one in children(db, mei).children] == ["2025-03", "2023-01"]


# ── Taken back ───────────────────────────────────────────────────────────────────────────────────


def test_who_takes_back_the_word_on_health_keeps_the_months(db: Pool, noted: int) -> None:
    with db.transaction() as conn:
        actions.forget_health(conn, IDS, noted, None, "ann", DAY)

    assert (sealed(db), rows(db)) == ([], [])
    found = children(db, noted)
    assert ([one.month for one in found.children], found.health_evidence) == (["2025-03"], None)
    with pytest.raises(Refused):
        note(db, noted, evidence="")


def test_a_note_alone_can_be_deleted_and_the_word_stands(db: Pool, noted: int) -> None:
    tell(db, noted, "2023-01", child=2)
    note(db, noted, MILK, child=2)  # the same words: another child's all the same
    with db.transaction() as conn:
        actions.forget_health(conn, IDS, noted, 1, "ann", DAY)
    assert rows(db) == [(noted, 2)]
    assert read(db, noted, 2) == MILK
    note(db, noted, OATS, evidence="")
    assert sealed(db) == sorted([MILK, OATS])


def test_who_takes_back_the_word_on_the_months_takes_back_both(db: Pool, noted: int) -> None:
    with db.transaction() as conn:
        actions.forget_children(conn, IDS, noted, "ann", DAY)
    assert (sealed(db), rows(db)) == ([], [])
    tell(db, noted, "2025-03", "form 8")
    with pytest.raises(Refused):
        note(db, noted, evidence="")


@pytest.mark.parametrize(
    ("channels", "purposes", "gone", "months"),
    [
        (["sms"], ["child_health"], True, True),
        (["sms"], ["child"], True, False),
        (EVERY, CONTACT, True, False),
        (["sms"], CONTACT, False, True),
        (EVERY, ["promotion"], False, True),
    ],
)
def test_a_withdrawal_by_an_event_of_either_or_of_everything_deletes_at_once(
    db: Pool, noted: int, event: Callable[..., Incoming],
    channels: list[str], purposes: list[str], gone: bool, months: bool,
) -> None:  # fmt: skip
    said(db, event, "consent.withdrawn", 1, channels=channels, purposes=purposes)

    assert (sealed(db), rows(db)) == (([], []) if gone else ([MILK], [(noted, 1)]))
    found = children(db, noted)
    assert (bool(found.children), found.health_evidence is None) == (months, gone)


def test_words_that_come_late_change_nothing_that_was_said_after_them(
    db: Pool, mei: int, event: Callable[..., Incoming]
) -> None:
    tell(db, mei, "2025-03", "form 7")
    said(db, event, "consent.withdrawn", 2, channels=["sms"], purposes=["child_health"])
    said(db, event, "consent.given", 1, **HEALTH)
    with pytest.raises(Refused):
        note(db, mei, evidence="")


def test_a_note_that_is_told_while_the_word_is_taken_back_is_deleted_with_it(
    db: Pool, noted: int, event: Callable[..., Incoming]
) -> None:
    def tells(conn: Conn) -> None:
        new = Note(1, OATS, "", 180, SHANGHAI)
        actions.note_health(conn, KEYS, IDS, noted, new, "ann", DAY)

    def withdraws(_: Conn) -> None:
        said(db, event, "consent.withdrawn", 1, channels=["sms"], purposes=["child_health"])

    races.behind(db, tells, withdraws)

    assert (sealed(db), rows(db)) == ([], [])


def test_two_who_note_at_once_leave_one_note(db: Pool, noted: int) -> None:
    def tells(text: str) -> Callable[[Conn], datetime]:
        new = Note(1, text, "", 180, SHANGHAI)
        return lambda conn: actions.note_health(conn, KEYS, IDS, noted, new, "ann", DAY)

    races.behind(db, tells(OATS), tells(MILK))

    assert sealed(db) == [MILK]
    assert read(db, noted) == MILK


def test_a_person_who_is_erased_takes_the_note_along(db: Pool, noted: int) -> None:
    with db.transaction() as conn:
        keys = [hash_ for (hash_,) in conn.fetch("select hash from identity")]
        vault.erase(conn, keys, DAY)

    assert sealed(db) == []
    assert children(db, noted).children[0].health_until is None
    with pytest.raises(NotFound):
        read(db, noted)


# ── Who is who ───────────────────────────────────────────────────────────────────────────────────


def test_of_two_who_are_one_the_note_goes_with_its_child(
    db: Pool, mei: int, second: int, event: Callable[..., Incoming]
) -> None:
    tell(db, mei, "2025-03", "form 7")
    note(db, mei, MILK)
    tell(db, second, "2025-04", "form 8")
    tell(db, second, "2022-01", child=2)
    note(db, second, "对鸡蛋过敏")
    note(db, second, OATS, child=2)

    build.tell(db, [event("customer.identified", keys=MEI | OTHER)])

    assert rows(db) == [(mei, 1), (mei, 2)]
    assert sealed(db) == sorted([MILK, OATS])  # of the child that was dropped nothing is left
    assert (read(db, mei), read(db, mei, 2)) == (MILK, OATS)
    with db.transaction() as conn:
        assert conn.fetch("select customer_id from child_health_consent") == [(mei,)]


def test_who_took_it_back_under_another_key_took_it_back_for_the_family(
    db: Pool, noted: int, second: int, event: Callable[..., Incoming]
) -> None:
    words: dict[str, Any] = {"channels": ["sms"], "purposes": ["child_health"]}
    build.tell(db, [event("consent.withdrawn", keys=OTHER, at=0.1, **words)])
    assert sealed(db) == [MILK]

    build.tell(db, [event("customer.identified", keys=MEI | OTHER, at=0.1)])

    assert (sealed(db), rows(db)) == ([], [])
    assert [one.month for one in children(db, noted).children] == ["2025-03"]


def test_of_one_who_is_two_the_note_goes_with_whom_it_came_from(
    db: Pool, mei: int, second: int, event: Callable[..., Incoming]
) -> None:
    tell(db, second, "2025-04", "form 8")
    note(db, second)

    merge_and_split(db, mei, event)

    assert rows(db) == [(second, 1)]
    assert read(db, second) == MILK
    assert children(db, mei).health_evidence is None


def test_a_note_whose_child_went_with_somebody_else_is_kept_of_nobody(
    db: Pool, mei: int, second: int, event: Callable[..., Incoming]
) -> None:
    """The month by one's key, the word on health by the other's: whose it is nobody can tell."""
    tell(db, mei, "2025-03", "form 7")

    def noted_by_the_other() -> None:
        build.tell(db, [event("consent.given", keys=OTHER, at=0.3, **HEALTH)])
        note(db, mei, evidence="")
        assert sealed(db) == [MILK]

    merge_and_split(db, mei, event, noted_by_the_other)

    assert (sealed(db), rows(db)) == ([], [])


# ── Who reads it ─────────────────────────────────────────────────────────────────────────────────


def test_it_is_shown_to_who_says_why_and_that_is_in_the_audit_log(db: Pool, noted: int) -> None:
    with db.transaction() as conn, pytest.raises(BadInput):
        actions.show_health(conn, KEYS, IDS, noted, Reading(1, "ann", " "), DAY)
    assert read(db, noted) == MILK
    with db.transaction() as conn:
        audited = conn.fetch("select actor, action, object, reason from audit order by id")
    who = IDS.encode("cus", noted)
    assert audited == [
        ("ann", "child.told", who, "form 7"),
        ("ann", "child.health", who, "form 9"),
        ("ann", "child.health_shown", who, "child 1: asks about formula"),
    ]


def test_nothing_of_it_is_in_events_or_any_table_in_clear(db: Pool, noted: int) -> None:
    with db.transaction() as conn:
        before = conn.fetch("select count(*) from event")
        note_again = Note(1, OATS, "", 180, SHANGHAI)
        actions.note_health(conn, KEYS, IDS, noted, note_again, "ann", DAY)
        assert conn.fetch("select count(*) from event") == before  # it is told by no fact
        tables = conn.fetch(
            "select c.oid::regclass::text from pg_class c where c.relkind in ('r', 'p')"
            " and not c.relispartition and c.relnamespace = 'public'::regnamespace"
        )
        texts = [
            row for (name,) in tables for (row,) in conn.fetch(f"select t::text from {name} t")
        ]
    assert len(texts) > 10
    pieces = ("过敏", "燕麦", "牛奶", OATS.encode().hex(), MILK.encode().hex())
    assert [row for row in texts if any(piece in row for piece in pieces)] == []
    assert OATS not in repr(note_again)


def test_its_days_are_counted_by_the_brands_calendar(db: Pool, mei: int) -> None:
    """At 00:30 in Shanghai it is still yesterday in UTC."""
    tell(db, mei, "2025-03", "form 7")
    with db.transaction() as conn:
        at = datetime(2026, 11, 1, 16, 30, tzinfo=UTC)
        until = actions.note_health(
            conn, KEYS, IDS, mei, Note(1, MILK, "form 9", 1, SHANGHAI), "ann", at
        )
    assert until.astimezone(SHANGHAI).date() == date(2026, 11, 3)
