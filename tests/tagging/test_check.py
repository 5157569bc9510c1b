"""Texts of rules: what they say, and what is wrong with them, where."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.kernel.errors import Problem
from siyu.tagging.check import check, check_all
from siyu.tagging.model import Form, Rule

WHOLE = """
# those who wear 42
rule: size-42
when:
  - product: {sku: [SHOE-42, BOOT-42]}
  - keyword: 42码
unless: {product: {category: gifts}}
tag: size-42
confidence: 0.8
for: 365d
"""


def test_a_rule_is_what_its_text_says() -> None:
    assert check(WHOLE) == Rule(
        "size-42",
        (
            Form("product", (("sku", frozenset({"SHOE-42", "BOOT-42"})),)),
            Form("keyword", (("word", frozenset({"42码"})),)),
        ),
        (Form("product", (("category", frozenset({"gifts"})),)),),
        "size-42",
        80,
        timedelta(days=365),
    )


@pytest.mark.parametrize(
    ("text", "line", "where", "why"),
    [
        ("rule: Size\nwhen: {keyword: a}\ntag: x", 1, "rule", "must be a code"),
        ("rule: a\nwhen: {}\ntag: x", 2, "when", "must be one of source, product"),
        ("rule: a\ntag: x", None, "when", "is missing"),
        ("rule: a\nwhen: {produkt: {sku: a}}\ntag: x", 2, "when.produkt", "unknown word"),
        ("rule: a\nwhen: {product: {size: a}}\ntag: x", 2, "when.product.size", "unknown word"),
        ("rule: a\nwhen: {product: {}}\ntag: x", 2, "when.product", "asks for nothing"),
        ("rule: a\nwhen: {keyword: []}\ntag: x", 2, "when.keyword.word", "1 to 200 values"),
        ("rule: a\nwhen: {keyword: a}\ntag: ''", 3, "tag", "one line"),
        ("rule: a\nwhen: {keyword: a}\ntag: x\nconfidence: 1.5", 4, "confidence", "at most 1"),
        ("rule: a\nwhen: {keyword: a}\ntag: x\nfor: long", 4, "for", "not a duration"),
        ("rule: a\nwhen: {keyword: a}\ntag: x\nuntil: 3d", 4, "until", "unknown word"),
        ("- a", None, "text", "must be a mapping"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    text: str, line: int | None, where: str, why: str
) -> None:
    found = check(text)
    assert isinstance(found, tuple)
    assert any(
        (one.line == line or line is None) and one.where == where and why in one.why
        for one in found
    ), found


def test_rules_of_a_file_keep_their_own_texts_and_lines() -> None:
    two = f"{WHOLE}---\nrule: b\nwhen: {{keyword: hi}}\ntag: y\n---\n# nothing\n"
    found = check_all(two)
    assert isinstance(found, list)
    assert [(rule.code, text.splitlines()[0]) for rule, text in found] == [
        ("size-42", "# those who wear 42"),
        ("b", "rule: b"),
    ]

    (wrong,) = check_all(two.replace("tag: y", "tag: ''"))
    assert isinstance(wrong, Problem)
    assert (wrong.where, wrong.line) == ("tag", 14)
    assert not isinstance(check_all("\n# nothing"), list)
    (twice,) = check_all(
        "rule: a\nwhen: {keyword: x}\ntag: t\n---\nrule: a\nwhen: {keyword: y}\ntag: t"
    )
    assert "twice" in str(twice)
