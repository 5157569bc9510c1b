from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from tests.races import behind

from siyu.db.pool import Pool
from siyu.kernel.errors import Broken
from siyu.kernel.sql import Conn
from siyu.vault import actions, views
from siyu.vault.actions import Sealing
from siyu.vault.model import Keys, key_hash

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
KEYS = Keys(b"m" * 32, b"l" * 32)
PHONE = "+8613800000001"
ANN = key_hash(KEYS, "phone", PHONE)
BOB = key_hash(KEYS, "phone", "+8613800000002")


def test_what_is_sealed_opens_again_and_nothing_lies_in_clear(db: Pool) -> None:
    with db.transaction() as conn:
        ids = actions.seal(
            conn,
            KEYS,
            [
                Sealing(ANN, "phone", PHONE),
                Sealing(ANN, "name", "王小明"),
                Sealing(BOB, "name", "😀"),
            ],
            NOW,
        )
        opened = views.open_items(conn, KEYS, ids)
        rows = conn.fetch("select sealed, digest from vault_item")

    assert [opened[item] for item in ids] == [PHONE, "王小明", "😀"]
    assert not any("王小明".encode() in sealed + digest for sealed, digest in rows)
    assert "王小明" not in repr(Sealing(ANN, "name", "王小明"))


def test_a_value_sealed_before_is_the_same_item_and_costs_one_statement(db: Pool) -> None:
    values = [Sealing(ANN, "phone", PHONE), Sealing(ANN, "name", "王小明")]
    with db.transaction() as conn:
        first = actions.seal(conn, KEYS, values, NOW)
    with db.transaction() as conn, db.counting() as statements:
        again = actions.seal(conn, KEYS, [*values, values[0]], NOW)

    assert again == [*first, first[0]]
    assert len(statements) == 1


@pytest.mark.parametrize("size", [1, 200])
def test_sealing_takes_three_statements_whatever_the_batch(db: Pool, size: int) -> None:
    values = [
        Sealing(key_hash(KEYS, "phone", str(i)), "name", f"n{j}")
        for i in range(size)
        for j in (1, 2)
    ]
    with db.transaction() as conn, db.counting() as statements:
        ids = actions.seal(conn, KEYS, values, NOW)

    assert len(statements) == 3
    assert len(set(ids)) == 2 * size


def test_nothing_to_seal_asks_nothing(db: Pool) -> None:
    with db.transaction() as conn, db.counting() as statements:
        assert actions.seal(conn, KEYS, [], NOW) == []

    assert statements == []


def test_the_latest_value_of_a_field_counts(db: Pool) -> None:
    with db.transaction() as conn:
        actions.seal(conn, KEYS, [Sealing(ANN, "name", "old")], NOW)
        actions.seal(conn, KEYS, [Sealing(ANN, "name", "new")], NOW)

        assert views.open_field(conn, KEYS, [ANN, BOB], "name") == {ANN: "new"}


def test_named_items_and_the_latest_of_a_field_open_in_one_statement(db: Pool) -> None:
    with db.transaction() as conn:
        (old,) = actions.seal(conn, KEYS, [Sealing(ANN, "name", "old")], NOW)
        values = [Sealing(ANN, "name", "new"), Sealing(BOB, "phone", PHONE)]
        actions.seal(conn, KEYS, values, NOW)
        with db.counting() as statements:
            both = views.open_both(conn, KEYS, [old], [ANN, BOB], "name")
            assert views.open_both(conn, KEYS, [], [], "name") == ({}, {})

    assert both == ({old: "old"}, {ANN: "new"})
    assert len(statements) == 1


def test_a_person_is_found_by_last_four_by_name_and_by_key(db: Pool) -> None:
    with db.transaction() as conn:
        actions.seal(
            conn, KEYS, [Sealing(ANN, "phone", PHONE), Sealing(BOB, "name", "Bob  Lee")], NOW
        )

        assert views.find(conn, KEYS, "last4", "0001") == [ANN]
        assert views.find(conn, KEYS, "name", "bob lee") == [BOB]
        assert views.find(conn, KEYS, "phone", PHONE) == [ANN]
        assert views.find(conn, KEYS, "phone", "+8613800000009") == []


def test_erasing_a_key_erases_the_person_and_nobody_else(db: Pool) -> None:
    with db.transaction() as conn:
        ids = actions.seal(
            conn,
            KEYS,
            [Sealing(ANN, "phone", PHONE), Sealing(ANN, "name", "王"), Sealing(BOB, "name", "李")],
            NOW,
        )
        assert actions.erase(conn, [ANN], NOW) == 1
        assert actions.erase(conn, [ANN], NOW) == 0

        assert views.open_items(conn, KEYS, ids) == {ids[2]: "李"}
        assert views.open_field(conn, KEYS, [ANN], "phone") == {}
        assert views.find(conn, KEYS, "last4", "0001") == []
        assert views.find(conn, KEYS, "phone", PHONE) == []
        assert conn.fetch("select count(*) from vault_item") == [(1,)]


def test_who_comes_back_after_erasure_starts_afresh(db: Pool) -> None:
    with db.transaction() as conn:
        (old,) = actions.seal(conn, KEYS, [Sealing(ANN, "name", "王")], NOW)
        before = conn.fetch("select wrapped from vault_key")
        actions.erase(conn, [ANN], NOW)
        (new,) = actions.seal(conn, KEYS, [Sealing(ANN, "name", "王")], NOW)

        assert new != old
        assert views.open_items(conn, KEYS, [old, new]) == {new: "王"}
        assert conn.fetch("select wrapped from vault_key") != before


def test_a_wrong_master_key_says_so(db: Pool) -> None:
    with db.transaction() as conn:
        ids = actions.seal(conn, KEYS, [Sealing(ANN, "name", "王")], NOW)
        with pytest.raises(Broken, match="master key"):
            views.open_items(conn, Keys(b"x" * 32, b"l" * 32), ids)


def test_two_at_once_seal_one_person_under_one_key(db: Pool) -> None:
    values = [Sealing(ANN, "phone", PHONE), Sealing(ANN, "name", "王")]

    def seal() -> list[int]:
        with db.transaction() as conn:
            return actions.seal(conn, KEYS, values, NOW)

    with ThreadPoolExecutor(4) as threads:
        answers = [job.result() for job in [threads.submit(seal) for _ in range(12)]]

    assert all(answer == answers[0] for answer in answers)
    with db.transaction() as conn:
        assert conn.fetch("select count(*) from vault_key") == [(1,)]
        assert set(views.open_items(conn, KEYS, answers[0]).values()) == {PHONE, "王"}


def _many(*numbers: int) -> list[Sealing]:
    subjects = [key_hash(KEYS, "phone", f"+861390000{number:04}") for number in numbers]
    return [
        Sealing(subject, "name", f"王小{n}") for subject, n in zip(subjects, numbers, strict=True)
    ]


def test_many_that_run_into_others_open_what_those_have_sealed(db: Pool) -> None:
    statements: list[str] = []

    def second(conn: Conn) -> list[int]:
        with db.counting() as seen:
            items = actions.seal(conn, KEYS, _many(*range(50, 150)), NOW)
        statements.extend(seen)
        return items

    first, items = behind(
        db, lambda conn: actions.seal(conn, KEYS, _many(*range(100)), NOW), second
    )

    assert items[:50] == first[50:]
    assert actions.SQL.make_keys_contested in statements
    assert actions.SQL.make_items_contested in statements
    with db.transaction() as conn:
        assert conn.fetch("select count(*), count(distinct subject) from vault_key") == [(150, 150)]
        opened = views.open_items(conn, KEYS, items)
        assert [opened[item] for item in items] == [f"王小{n}" for n in range(50, 150)]


def test_many_with_one_who_was_erased_and_one_name_that_shares_a_pair(db: Pool) -> None:
    many = _many(*range(60))
    with db.transaction() as conn:
        actions.seal(conn, KEYS, many, NOW)
        actions.erase(conn, [many[0].subject], NOW)
        again = [one._replace(value=f"李小{n}") for n, one in enumerate(many)]
        items = actions.seal(conn, KEYS, again, NOW)

        assert set(views.open_items(conn, KEYS, items).values()) == {f"李小{n}" for n in range(60)}
        assert conn.fetch("select count(*) from vault_key") == [(60,)]


def _named(conn: Conn, part: str) -> list[bytes]:
    return views.holding(conn, KEYS, part, views.bearing(conn, KEYS, part, 10))


def test_a_name_is_found_by_two_characters_of_it_the_newest_first(db: Pool) -> None:
    names = ["王小明", "李小明", "王明小", "王", "Ann Lee", "歐陽小明"]
    subjects = [key_hash(KEYS, "phone", name) for name in names]
    with db.transaction() as conn:
        for subject, name in zip(subjects, names, strict=True):
            actions.seal(conn, KEYS, [Sealing(subject, "name", name)], NOW)

        def found(part: str) -> list[str]:
            return [names[subjects.index(one)] for one in _named(conn, part)]

        assert found("小明") == ["歐陽小明", "李小明", "王小明"]
        assert found("王小明") == ["王小明"]
        assert found("王") == ["王"]
        assert found(" aNN l") == ["Ann Lee"]
        assert found("明王") == found("") == found("小红") == []


def test_pairs_that_stand_apart_in_a_name_do_not_make_it_fit(db: Pool) -> None:
    with db.transaction() as conn:
        actions.seal(conn, KEYS, [Sealing(ANN, "name", "abxbc")], NOW)

        assert _named(conn, "abc") == []


def test_a_name_that_was_changed_is_found_by_the_new_one_alone(db: Pool) -> None:
    with db.transaction() as conn:
        actions.seal(conn, KEYS, [Sealing(ANN, "name", "王小明")], NOW)
        actions.seal(conn, KEYS, [Sealing(ANN, "name", "李小红")], NOW)

        assert _named(conn, "小红") == [ANN]
        assert _named(conn, "小明") == []


def test_an_erased_person_is_found_by_no_part_of_the_name(db: Pool) -> None:
    with db.transaction() as conn:
        actions.seal(conn, KEYS, [Sealing(ANN, "name", "王小明")], NOW)
        actions.erase(conn, [ANN], NOW)

        assert _named(conn, "小明") == []
        assert conn.fetch("select count(*) from vault_lookup") == [(0,)]
