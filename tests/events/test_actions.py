from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from tests.races import behind

from siyu.db.pool import Pool
from siyu.events import actions, views
from siyu.events.actions import Answer, Own
from siyu.events.model import Incoming, TouchWithheld
from siyu.kernel.sql import Conn
from siyu.vault import actions as vault
from siyu.vault import views as sealed
from siyu.vault.model import Keys, key_hash

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
KEYS = Keys(b"m" * 32, b"l" * 32)
Make = Callable[..., Incoming]


def _accept(conn: Conn, *items: object, now: datetime = NOW) -> list[Answer]:
    return actions.accept(conn, KEYS, "CN", items, now)


def test_each_item_has_its_answer_and_the_good_ones_are_stored(db: Pool, event: Make) -> None:
    with db.transaction() as conn:
        answers = _accept(
            conn,
            event("T1"),
            event("T2", keys={"phone": "123"}),
            event("T1"),
            b'{"id": "T3"}',
            event("T4"),
        )

        assert [(answer.id, answer.status) for answer in answers] == [
            ("T1", "accepted"),
            ("T2", "rejected"),
            ("T1", "duplicate"),
            ("T3", "rejected"),
            ("T4", "accepted"),
        ]
        assert answers[1].reason.startswith("keys.phone: ")
        assert views.backlog(conn) == 2


def test_a_bad_item_does_not_use_up_its_id(db: Pool, event: Make) -> None:
    with db.transaction() as conn:
        answers = _accept(conn, event("T1", keys={"phone": "1"}), event("T1"))

    assert [answer.status for answer in answers] == ["rejected", "accepted"]


def test_a_redelivery_a_month_later_changes_nothing(db: Pool, event: Make) -> None:
    with db.transaction() as conn:
        _accept(conn, event("T1", keys={"phone": "13800000001"}, person={"name": "王"}))
        later = NOW + timedelta(days=40)
        actions.ensure_partitions(conn, later)
        again = event(
            "T1",
            occurred_at="2026-12-20T10:00:00+08:00",
            keys={"phone": "13800000001"},
            person={"name": "another"},
        )

        assert _accept(conn, again, now=later)[0].status == "duplicate"
        assert views.backlog(conn) == 1
        assert conn.fetch("select count(*) from event") == [(1,)]
        subject = key_hash(KEYS, "phone", "+8613800000001")
        assert sealed.open_field(conn, KEYS, [subject], "name") == {subject: "王"}


def test_a_redelivery_does_not_bring_an_erased_person_back(db: Pool, event: Make) -> None:
    subject = key_hash(KEYS, "phone", "+8613800000001")
    with db.transaction() as conn:
        _accept(conn, event("T1", keys={"phone": "13800000001"}, person={"name": "王"}))
        vault.erase(conn, [subject], NOW)
        _accept(conn, event("T1", keys={"phone": "13800000001"}, person={"name": "王"}))

        assert conn.fetch("select count(*) from vault_item") == [(0,)]


def test_person_fields_lie_under_the_strongest_key_and_keys_under_themselves(
    db: Pool, event: Make
) -> None:
    with db.transaction() as conn:
        keys = {"buyer": "tmall/b7", "phone": "13800000001", "order": "tmall/T1"}
        _accept(conn, event("T1", keys=keys, person={"name": "王小明", "address": "北京路 1"}))
        (fact,) = views.get(conn, [1]).values()
        phone = key_hash(KEYS, "phone", "+8613800000001")
        buyer = key_hash(KEYS, "buyer", "tmall/b7")

        assert [(key.kind, key.hash) for key in fact.keys] == [
            ("phone", phone),
            ("buyer", buyer),
            ("order", key_hash(KEYS, "order", "tmall/T1")),
        ]
        assert sealed.open_items(conn, KEYS, list(fact.sealed.values())) == {
            fact.sealed["name"]: "王小明",
            fact.sealed["address"]: "北京路 1",
        }
        assert sealed.open_field(conn, KEYS, [phone, buyer], "name") == {phone: "王小明"}
        assert sealed.open_field(conn, KEYS, [phone], "phone") == {phone: "+8613800000001"}
        assert sealed.open_field(conn, KEYS, [buyer], "buyer") == {buyer: "tmall/b7"}


def test_a_planted_person_lies_nowhere_in_clear(db: Pool, event: Make) -> None:
    person = {
        "name": "欧阳娜娜",
        "address": "南京西路 1266 号",
        "text": "打我电话",
        "note": "VIP 欧阳",
    }
    keys = {"phone": "13812345678", "buyer": "buyer-planted", "external_userid": "wm-planted",
            "unionid": "union-planted", "member": "M-planted"}  # fmt: skip
    with db.transaction() as conn:
        actions.ensure_partitions(conn, NOW)
        _accept(
            conn,
            event("T1", keys=keys, person=person),
            event("M1", "message.received", keys=keys, person=person),
            event("T2", keys=keys, data={"colour": "13812345678"}),
        )
        dump = _dump(conn)

    planted = [*person.values(), *keys.values(), "娜娜"]
    assert [word for word in planted if word in dump or word.encode().hex() in dump] == []


def _dump(conn: Conn) -> str:
    tables = conn.fetch(
        "select oid::regclass::text from pg_class"
        " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
    )
    rows = [row for (table,) in tables for row in conn.fetch(f"select t::text from {table} t")]
    assert len(rows) > 10
    return "\n".join(str(row) for row in rows)


@pytest.mark.parametrize("size", [1, 300])
def test_accepting_takes_at_most_eight_statements_whatever_the_batch(
    db: Pool, event: Make, size: int
) -> None:
    items = [
        event(f"T{i}", keys={"phone": str(13800000000 + i)}, person={"name": f"n{i}"})
        for i in range(size)
    ]
    with db.transaction() as conn, db.counting() as statements:
        _accept(conn, *items)

    assert len(statements) == 5


def test_statements_with_nothing_to_do_are_left_out(db: Pool, event: Make) -> None:
    with db.transaction() as conn:
        with db.counting() as unsealed:
            _accept(conn, event("T1"))
        with db.counting() as duplicate:
            _accept(conn, event("T1"))
        with db.counting() as rejected:
            _accept(conn, b"{")

    assert (len(unsealed), len(duplicate), len(rejected)) == (2, 1, 0)


def test_two_senders_at_once_are_accepted_once(db: Pool, event: Make) -> None:
    items = [event(f"T{i}", keys={"phone": str(13800000000 + i % 7)}) for i in range(40)]

    def send(turn: int) -> int:
        with db.transaction() as conn:
            answers = _accept(conn, *(items if turn % 2 else reversed(items)))
            return sum(answer.status == "accepted" for answer in answers)

    with ThreadPoolExecutor(4) as threads:
        accepted = sum(threads.map(send, range(8)))

    assert accepted == 40
    with db.transaction() as conn:
        assert views.backlog(conn) == 40
        assert conn.fetch("select count(*) from vault_key") == [(7,)]


def test_a_large_batch_that_runs_into_another_takes_what_is_left(db: Pool, event: Make) -> None:
    def batch(*numbers: int) -> list[Incoming]:
        return [
            event(f"T{i}", keys={"phone": str(13800000000 + i % 70)}, person={"name": f"王{i}"})
            for i in numbers
        ]

    def second(conn: Conn) -> tuple[int, int]:
        with db.counting() as statements:
            answers = _accept(conn, *reversed(batch(*range(60, 160))))
        contested = statements.count(actions.SQL.claim_contested)
        return sum(answer.status == "accepted" for answer in answers), contested

    first, (others, contested) = behind(db, lambda conn: _accept(conn, *batch(*range(100))), second)

    assert {answer.status for answer in first} == {"accepted"}
    assert (others, contested) == (60, 1)
    with db.transaction() as conn:
        assert views.backlog(conn) == 160
        assert conn.fetch("select count(*) from event_key") == [(160,)]
        assert conn.fetch("select count(*) from vault_key") == [(70,)]
        assert conn.fetch("select count(*) from vault_item where field = 'name'") == [(160,)]


def test_our_own_facts_are_told_once(db: Pool) -> None:
    facts = [Own(TouchWithheld(touch="tch_1", reason="cap"), "withheld:1", NOW)] * 2
    with db.transaction() as conn:
        with db.counting() as statements:
            actions.own(conn, facts, NOW)
        actions.own(conn, facts, NOW)
        actions.own(conn, [], NOW)
        (fact,) = views.get(conn, [1]).values()

    assert len(statements) == 2
    assert (fact.source, fact.kind, fact.data) == ("siyu", "touch.withheld", facts[0].payload)


def test_a_backfill_is_marked_as_such(db: Pool, event: Make) -> None:
    with db.transaction() as conn:
        actions.accept(conn, KEYS, "CN", [event("T1")], NOW, backfill=True)
        _accept(conn, event("T2"))

        assert [fact.backfill for fact in views.get(conn, [1, 2]).values()] == [True, False]


def test_each_month_has_its_partition(db: Pool, event: Make) -> None:
    with db.transaction() as conn:
        actions.ensure_partitions(conn, NOW)
        actions.ensure_partitions(conn, NOW)
        _accept(conn, event("T1"))
        rows = conn.fetch("select tableoid::regclass::text from event")
        made = conn.fetch(
            "select inhrelid::regclass::text from pg_inherits"
            " where inhparent = 'event'::regclass order by 1"
        )

    assert rows == [("event_2026_11",)]
    assert made == [("event_2026_11",), ("event_2026_12",), ("event_default",)]


def test_a_month_that_has_begun_without_partition_stays_where_it_is(db: Pool, event: Make) -> None:
    with db.transaction() as conn:
        _accept(conn, event("T1"))
        actions.ensure_partitions(conn, NOW)
        _accept(conn, event("T2"))
        rows = conn.fetch("select distinct tableoid::regclass::text from event")

    assert rows == [("event_default",)]


def test_emoji_names_and_long_texts_are_welcome(db: Pool, event: Make) -> None:
    text = json.loads('"\\ud83d\\ude00"') * 1000
    with db.transaction() as conn:
        keys = {"external_userid": "wm1"}
        answers = _accept(conn, event("M1", "message.received", keys=keys, person={"text": text}))
        (fact,) = views.get(conn, [1]).values()

        assert answers == [Answer("M1", "accepted")]
        assert sealed.open_items(conn, KEYS, [fact.sealed["text"]]) == {fact.sealed["text"]: text}
