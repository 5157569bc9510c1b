"""Callback and pull in the real inbox: one friendship, one entry, and nobody from before enters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.connectors.wecom.source import contacts
from siyu.customers.project import PROJECTION as CUSTOMERS
from siyu.db.pool import Pool
from siyu.events.actions import accept, ensure_partitions
from siyu.events.sweep import apply
from siyu.identities.project import PROJECTION as IDENTITIES
from siyu.journeys import actions
from siyu.journeys.project import projection as journeys
from siyu.segments.predicates import FAMILIES
from siyu.staff.actions import seed
from siyu.staff.model import Brand, Member
from siyu.vault.model import Keys

KEYS = Keys(b"m" * 32, b"l" * 32)
ANNA, BELLA = "wmANNA0000000000001", "wmBELLA000000000001"
WELCOME = """
journey: welcome
title: {zh: 欢迎, en: Welcome}
enter: {on: friend.added, max_age: 2h}
reenter: each
concurrent: one per order
steps:
  - {id: w, wait: 1d}
  - {id: end, exit: done}
"""


@pytest.fixture
def tell(db: Pool, clock):
    """Whatever is told is accepted and applied; rejected is none."""
    with db.transaction() as conn:
        seed(
            conn,
            Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh"),
            [],
            [Member("lisi", "李", "guide")],
        )
        ensure_partitions(conn, clock.now())
        actions.publish(conn, WELCOME, None, FAMILIES, "t", clock.now())

    def told(events) -> None:
        with db.transaction() as conn:
            answers = accept(conn, KEYS, "CN", events, clock.now())
        assert [one.reason for one in answers if one.status == "rejected"] == []
        while apply(db, (IDENTITIES, CUSTOMERS, journeys(FAMILIES)), clock.now()).claimed:
            pass

    return told


def _pull(corp, tell, cursor: str = "") -> str:
    for page in contacts.pull(corp.config, corp.tools, cursor):
        tell(page.events)
        cursor = page.cursor
    return cursor


def _entries(db: Pool) -> list[tuple[str, str]]:
    return sorted(db.fetch("select outcome, reason from journey_entry"))


def test_friends_from_before_are_friends_and_enter_no_journey(corp, db, tell) -> None:
    corp.fake.existing("lisi", ANNA, corp.clock.now() - timedelta(days=30), "13800000001", "安娜")
    corp.fake.existing("lisi", BELLA, corp.clock.now() - timedelta(hours=3))

    _pull(corp, tell)

    assert db.fetch("select distinct state, way, first_added_at = added_at from friendship") == [
        ("live", "before", True)
    ]
    assert _entries(db) == [("refused", "too_old")] * 2
    assert db.fetch("select count(*) from customer") == [(2,)]


def test_callback_and_pull_are_one_friendship_and_one_entry(corp, db, tell) -> None:
    cursor = _pull(corp, tell)
    corp.fake.searches_phone("lisi", "13800000001", ANNA, "安娜", "oANNA")
    corp.deliver()
    tell(corp.ours.events)
    cursor = _pull(corp, tell, cursor)
    corp.clock.advance(hours=7)
    cursor = _pull(corp, tell, cursor)

    assert db.fetch("select staff, state, way from friendship") == [
        ("lisi", "live", "phone_search")
    ]
    assert [one for one in _entries(db) if one[0] == "enrolled"] == [("enrolled", "")]
    kinds = {kind for (kind,) in db.fetch("select kind from identity")}
    assert kinds == {"external_userid", "unionid", "phone"}

    corp.fake.deletes_staff(ANNA, "lisi")
    corp.deliver()
    tell(corp.ours.events)
    corp.clock.advance(hours=7)
    _pull(corp, tell, cursor)
    assert db.fetch("select state from friendship") == [("deleted_by_customer",)]
    texts = db.fetch("select source_id || data::text from event")
    assert not any(ANNA in text or "oANNA" in text or "1380000" in text for (text,) in texts)
