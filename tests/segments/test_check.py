"""What is wrong in a text is named by its place, in words."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from siyu.segments.check import document, parse
from siyu.segments.model import All, Family, Leaf, Named, Not, Words, decide, forms_by_key, leaves
from siyu.segments.model import Any as AnyOf
from siyu.segments.predicates import FAMILIES
from siyu.segments.predicates.friendship import Friend
from siyu.segments.predicates.tags import Tagged


def problems(text: str, where: str = "") -> list[str]:
    found = parse(yaml.safe_load(text), FAMILIES, where)
    return [str(problem) for problem in found] if isinstance(found, tuple) else []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("frend: true", "frend: unknown condition `frend`; did you mean `friend`?"),
        (
            "xyz: true",
            "xyz: unknown condition `xyz`; known are child_age, complaint, consent, date",
        ),
        ("friend: maybe", "friend: must be true or false, not a text"),
        ("friend: 1", "friend: must be true or false, not a number"),
        ("[]", "must be a mapping like `friend: true`, not a list"),
        ("", "must be a mapping like `friend: true`, not nothing"),
        (
            "{friend: true, tag: a}",
            "must hold exactly one key, it holds friend, tag; use `all: […]`",
        ),
        ("{}", "must hold exactly one key, it holds nothing"),
        ("all: []", "all: must be a list with at least one condition"),
        ("any: {friend: true}", "any: must be a list with at least one condition"),
        ("not: [1]", "not: must be a mapping"),
        ("orders: 3", "orders: must be a mapping with at_least, within, sku"),
        ("orders: {at_least: 0}", "orders: `at_least` must be 1 or more"),
        ("orders: {at_least: true}", "orders.at_least: must be a whole number, not true or false"),
        ("orders: {at_least: 1.5}", "orders.at_least: must be a whole number, not a number"),
        ("orders: {at_least: -1}", "orders.at_least: must be between 0 and 1000000000"),
        ("orders: {within: 90}", "orders.within: must be a duration like 30d or 2h, not a number"),
        ("orders: {within: soon}", "orders.within: 'soon' is not a duration"),
        ("orders: {within: 0d}", "orders.within: must be longer than nothing"),
        ("orders: {sku: 12}", "orders.sku: must be a text, not a number; put it in quotes"),
        ('orders: {sku: "a\\u0000b"}', "orders.sku: holds characters that can't be printed"),
        ("orders: {state: gone}", "orders.state: must be one of paid, cancelled, refunded"),
        ("orders: {sincewhen: 1}", "orders.sincewhen: unknown field; known are at_least"),
        ("spent: {}", "spent: needs `at_least` or `at_most`"),
        ("spent: {at_least: 9.99}", 'spent.at_least: must be an amount in quotes like "100.00"'),
        ('spent: {at_least: "9.999"}', "spent.at_least: has more than two decimal places"),
        ('spent: {at_least: "NaN"}', "spent.at_least: must be between 0 and"),
        ('spent: {at_least: "1e99"}', "spent.at_least: must be between 0 and"),
        ('spent: {at_least: "-1"}', "spent.at_least: must be between 0 and"),
        ('spent: {at_least: "1", currency: XXX}', "spent: unknown currency; known are CNY"),
        ("stage: A4", "stage: must be a mapping with at_least, at_most, not a text"),
        ("stage: {}", "stage: needs `at_least` or `at_most`"),
        ("stage: {at_least: A5, at_most: A1}", "stage: `at_least` is above `at_most`"),
        ('tag: ""', "tag: must have 1 to 120 characters"),
        ("tag: {older_than: 3d}", "tag: needs one of `name`, `any_of` and `prefix`"),
        ("orders: {at_least: 2, at_most: 1}", "orders: `at_most` is below `at_least`"),
        ("orders: {within: 7d, older_than: 7d}", "orders: `older_than` must be shorter than"),
        ("known: {}", "known: needs `within` or `older_than`"),
        ("friend: {state: never, within: 3d}", "friend: `never` has no time"),
        ('share: "0"', "share: must be above 0 and at most 100"),
        ("date: {name: birthday, in_days: 0}", "date: `in_days` must be between 1 and 366"),
        (
            "event: order.payed",
            "event: unknown kind; known are call.finished, child.told, complaint.closed",
        ),
        (
            "event: {kind: order.paid, where: shop}",
            "event: an attribute needs `where` and what it is",
        ),
        (
            "event: {kind: order.paid, where: shops, is: a}",
            "event: `order.paid` has no such attribute; known are shop, order_no",
        ),
        ("event: {kind: order.paid, where: shop, is: 3}", "event: `shop` is a text"),
        ("event: {kind: order.paid, where: shop, value_at_least: 3}", "event: `shop` is no number"),
        (
            "event: {kind: message.received, where: text, is: hello}",
            "event: `text` is personal or freely written",
        ),
        (
            "event: {kind: order.cancelled, where: reason, is: late}",
            "event: `reason` is personal or freely written",
        ),
        (
            "sequence: {first: {orders: {}}, within: 3d}",
            "sequence: needs either `then` or `not_then`",
        ),
        (
            "sequence: {first: {tag: a}, then: {orders: {}}}",
            "sequence.first: must be something that happened: complaint, event, friend, orders",
        ),
        (
            "sequence: {first: {any: [{orders: {}}]}, then: {orders: {}}}",
            "sequence.first.any[0]: nested deeper than 12 levels",
        ),
        (
            "sequence: {first: {orders: {at_least: 2}}, then: {orders: {}}}",
            "sequence: `first` is one thing that happened: leave out `at_least`",
        ),
        (
            "sequence: {first: {orders: {}}, not_then: {friend: {state: never}}}",
            "sequence: `not_then` must be something that happened",
        ),
        (
            "sequence: {first: {orders: {sku: 1}}, then: {orders: {}}}",
            "sequence.first.orders.sku: must be a text, not a number",
        ),
        ("segment: vip", "segment: no other segment can be named here"),
        ("consent: {channel: sms}", "consent: `purpose` is missing"),
        ("lapsed: {cycles: [skin]}", "lapsed: `cycles` are categories with"),
        ("lapsed: {cycles: [skin 9d, skin 8d]}", "lapsed: `cycles` has `skin` twice"),
        ('lapsed: {at_least: "2"}', "lapsed: `at_least` must be above 0 and below"),
    ],
)
def test_a_problem_names_its_place_and_what_would_be_right(text: str, problem: str) -> None:
    (found, *_) = problems(text)
    assert found.startswith(problem)


def test_all_problems_of_a_text_are_told_at_once_with_their_paths() -> None:
    text = "all: [{friend: 1}, {any: [{tag: a}, {orders: {within: x, foo: 1}}]}]"
    assert [line.split(": ")[0] for line in problems(text, "ends_when")] == [
        "ends_when.all[0].friend",
        "ends_when.all[1].any[1].orders.foo",
        "ends_when.all[1].any[1].orders.within",
    ]


def test_a_bottomless_or_endless_text_is_refused() -> None:
    deep: dict[str, Any] = {"friend": True}
    for _ in range(2000):
        deep = {"not": deep}
    assert "nested deeper" in str(parse(deep, FAMILIES))
    wide = {"any": [{"tag": str(number)} for number in range(1000)]}
    assert "more than 60 conditions" in str(parse(wide, FAMILIES))


def test_segments_that_name_one_another_in_a_circle_are_refused_with_their_way() -> None:
    said = {
        "a": {"any": [{"segment": "b"}, {"friend": True}]},
        "b": {"not": {"segment": "c"}},
        "c": {"segment": "a"},
        "broken": {"friend": 3},
        "far": {"segment": "broken"},
    }

    def told(doc: object, code: str = "") -> str:
        found = parse(doc, FAMILIES, segments=said.get, code=code)
        assert isinstance(found, tuple)
        return str(found[0])

    assert told(said["a"], "a").endswith("a segment can't contain itself: a → b → c → a")
    assert told(said["a"], "a").startswith("any[0].segment: segment `b` is wrong: not.segment:")
    assert told({"segment": "gone"}) == "segment: there is no segment `gone`"
    assert told({"all": [{"segment": "far"}]}) == (
        "all[0].segment: segment `far` is wrong: segment: segment `broken` is wrong: "
        "friend: must be true or false, not a number"
    )
    fine = parse({"segment": "d"}, FAMILIES, segments={"d": {"friend": True}}.get, code="a")
    assert not isinstance(fine, tuple)
    assert fine == Named("d", Leaf(Friend(True)))
    assert document(fine) == {"segment": "d"}
    assert list(leaves(fine)) == [Leaf(Friend(True))]


def test_a_bare_value_and_the_full_form_are_the_same_tree() -> None:
    assert parse({"tag": "vip"}, FAMILIES) == parse({"tag": {"name": " vip "}}, FAMILIES)
    assert parse({"friend": {"yes": True}}, FAMILIES) == Leaf(Friend(True))
    assert document(Leaf(Tagged("vip"))) == {"tag": "vip"}


def test_two_forms_of_one_key_are_refused() -> None:
    twice = (*FAMILIES, Family("more", Words("更多", "More"), (Friend,)))
    with pytest.raises(ValueError, match="two forms are called 'friend'"):
        forms_by_key(twice)


def test_a_tree_is_decided_from_its_leaves() -> None:
    a, b = Leaf(Tagged("a")), Leaf(Tagged("b"))
    tree = AnyOf((All((a, Not(b))), All((Not(a), b))))
    answers = [decide(tree, {a: x, b: y}.__getitem__) for x in (False, True) for y in (False, True)]
    assert answers == [False, True, True, False]
    assert list(leaves(tree)) == [a, b, a, b]
