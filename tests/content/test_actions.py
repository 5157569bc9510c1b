"""Texts are installed all or none, and found in either language."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from siyu.content import actions, views
from siyu.content.model import About, Made, Material, Shelved, State
from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput, NotFound, Refused

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

    assert counts == [4, 4]


def test_no_texts_are_no_statement(db: Pool) -> None:
    with db.counting() as seen, db.transaction() as conn:
        actions.install(conn, [], "first")

    assert seen == []


NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
TODAY = NOON.date()


def put(conn: Any, body: str, state: State = "approved", about: About | None = None) -> None:
    text = Material("hello", "zh", "wecom_message", body, {})
    actions.install(conn, [text], "own", {"hello": about or About()}, Made("ana", NOON, state))


def in_force(conn: Any, *, unreviewed: bool = False) -> tuple[int, str, str]:
    """Version, words, and why it would not be sent."""
    one = views.shelf(conn, ["hello"], unreviewed=unreviewed)["hello"]
    return one.version, one.texts["zh"][0].body, one.unfit(TODAY)


def test_a_new_text_is_a_new_version_and_the_same_again_is_none(db: Pool) -> None:
    with db.transaction() as conn:
        for body in ("一", "一", "二"):
            put(conn, body)

        found, versions = views.one(conn, "hello")
        assert [(one.version, one.state, one.made_by) for one in versions] == [
            (2, "approved", "ana"), (1, "approved", "ana"),
        ]  # fmt: skip
        assert (found.version, found.made_at) == (2, NOON)
        assert [one.body for one in views.texts(conn, "hello", 1)] == ["一"]


def test_a_draft_waits_and_what_was_approved_before_goes_on(db: Pool) -> None:
    with db.transaction() as conn:
        put(conn, "新", "draft")
        assert in_force(conn) == (1, "新", "material_unreviewed")
        assert in_force(conn, unreviewed=True) == (1, "新", "")

        actions.review(conn, "hello", 1, "submit", "ana", NOON)
        actions.review(conn, "hello", 1, "approve", "bo", NOON)
        put(conn, "更新", "draft")
        assert in_force(conn) == (1, "新", "")
        assert in_force(conn, unreviewed=True) == (2, "更新", "")

        with pytest.raises(BadInput, match="why"):
            actions.review(conn, "hello", 2, "refuse", "bo", NOON)
        actions.review(conn, "hello", 2, "refuse", "bo", NOON, "no price")
        assert in_force(conn, unreviewed=True) == (1, "新", "")
        with pytest.raises(Refused, match="refused already"):
            actions.review(conn, "hello", 2, "submit", "ana", NOON)
        with pytest.raises(NotFound, match="newest is 2"):
            actions.review(conn, "hello", 3, "approve", "bo", NOON)


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [(0, 0, ""), (1, 2, "material_early"), (-2, -1, "material_expired"), (None, None, "")],
)
def test_a_material_is_sent_on_its_days_only(
    db: Pool, since: int | None, until: int | None, why: str
) -> None:
    first, last = (None if n is None else TODAY + timedelta(days=n) for n in (since, until))
    with db.transaction() as conn:
        put(conn, "好", about=About(valid_from=first, valid_until=last))

        assert in_force(conn)[2] == why


def test_what_is_retired_is_not_sent_and_not_listed_until_it_comes_anew(db: Pool) -> None:
    with db.transaction() as conn:
        put(conn, "好")
        actions.retire(conn, "hello", "ana", NOON)
        assert in_force(conn)[2] == "material_retired"
        assert (views.listing(conn), views.listed(conn)) == ([], [])
        with pytest.raises(Refused, match="already"):
            actions.retire(conn, "hello", "ana", NOON)

        put(conn, "好")
        assert in_force(conn)[2] == ""


def test_variants_are_drawn_once_per_customer_by_their_weights() -> None:
    texts = [
        Material("m", "zh", "sms", said, {}, variant=said, weight=weight)
        for said, weight in (("a", 3), ("b", 1), ("c", 0))
    ]
    one = Shelved("m", 1, None, None, False, True, {"zh": texts})
    drawn = [one.draw("zh", customer) for customer in range(4_000)]
    got = Counter(found.material.variant for found in drawn if found is not None)

    assert drawn == [one.draw("en", customer) for customer in range(4_000)]
    assert {found.probability for found in drawn if found} == {0.75, 0.25}
    # 4,000 draws of 1 in 4: five standard deviations are 137
    assert (set(got), abs(got["b"] - 1_000) < 137) == ({"a", "b"}, True)
    again = one.draw("zh", 1, "b")
    assert again is not None
    assert again.material.variant == "b"


def test_a_brand_adds_words_and_allows_others(db: Pool) -> None:
    text = Material("m", "zh", "sms", "【{{ brand }}】秋装上新 抽奖 拒收请回复R", {"brand": "text"})
    with db.transaction() as conn:
        with pytest.raises(BadInput) as refused:
            actions.install(conn, [text], "own")
        actions.intercept(conn, "抽奖", "ana", NOON, allowed=True)
        actions.install(conn, [text], "own")
        actions.intercept(conn, "秋装", "ana", NOON, allowed=False)
        newer = replace(text, body=text.body + " ")
        with pytest.raises(BadInput) as again:
            actions.install(conn, [newer], "own")

    assert "抽奖" in refused.value.problems[0].why
    assert "秋装" in again.value.problems[0].why
