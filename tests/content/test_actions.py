"""Texts are installed all or none, and found in either language."""

from __future__ import annotations

import pytest

from siyu.content import actions, views
from siyu.content.model import Material
from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput

ZH = Material("hello", "zh", "wecom_message", "您好{{ name }}", {"name": "text"}, "招呼")
EN = Material("hello", "en", "wecom_message", "Hello {{ name }}", {"name": "text"}, "招呼")
ONLY = Material("only", "zh", "parcel_insert", "扫码", {}, "卡")


def test_what_was_installed_is_found_again(db: Pool) -> None:
    with db.transaction() as conn:
        actions.install(conn, [EN, ZH, ONLY], "first")

        assert views.listing(conn) == [EN, ZH, ONLY]
        assert views.materials(conn, ["hello"]) == {("hello", "zh"): ZH, ("hello", "en"): EN}


def test_a_missing_language_is_stood_in_for_by_the_other(db: Pool) -> None:
    with db.transaction() as conn:
        actions.install(conn, [ONLY], "first")

        assert views.materials(conn, ["only", "unknown"]) == {
            ("only", "zh"): ONLY,
            ("only", "en"): ONLY,
        }


def test_installing_again_brings_the_new_words(db: Pool) -> None:
    newer = Material("hello", "zh", "wecom_message", "{{ name }}早", {"name": "text"}, "早")
    with db.transaction() as conn:
        actions.install(conn, [ZH], "first")
        actions.install(conn, [newer], "first")

        assert views.listing(conn) == [newer]


def test_one_wrong_text_keeps_all_of_them_out(db: Pool) -> None:
    wrong = Material("wrong", "zh", "sms", "没有签名{{ x }}", {})
    with db.transaction() as conn:
        with pytest.raises(BadInput) as refused:
            actions.install(conn, [ZH, wrong], "first")

        assert views.listing(conn) == []
    assert [one.where for one in refused.value.problems] == ["wrong.zh"]


def test_the_same_text_twice_is_refused_rather_than_one_of_them_lost(db: Pool) -> None:
    with (
        pytest.raises(BadInput, match=r"hello.zh: is there 2 times"),
        db.transaction() as conn,
    ):
        actions.install(conn, [ZH, EN, ZH], "first")


def test_the_number_of_statements_does_not_depend_on_the_number_of_texts(db: Pool) -> None:
    many = [Material(f"m{number}", "zh", "wecom_message", "好", {}) for number in range(50)]
    counts: list[int] = []
    for batch in (many[:1], many):
        with db.counting() as seen, db.transaction() as conn:
            actions.install(conn, batch, "first")
            views.materials(conn, [one.code for one in batch])
        counts.append(len(seen))

    assert counts == [2, 2]


def test_no_texts_are_no_statement(db: Pool) -> None:
    with db.counting() as seen, db.transaction() as conn:
        actions.install(conn, [], "first")

    assert seen == []
