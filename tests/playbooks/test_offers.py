"""A playbook's offers: what each kind needs, said with file, line and what would be right."""

from __future__ import annotations

import pytest

from siyu.kernel.errors import BadInput
from siyu.offers.model import Amount, Draw, Prize, Terms
from siyu.playbooks.check import playbook
from siyu.playbooks.check.offers import terms

HEAD = """\
playbook: own
title: {zh: 甲, en: A}
about: {zh: 甲, en: A}
offers:
  - code: o
    title: {zh: 乙, en: B}
    value: {CNY: "5.00"}
"""
RED = 'kind: red_packet\nbudget: {CNY: "100.00"}\n'


def read(offer: str, head: str = HEAD) -> Terms:
    text = head + "".join(f"    {line}\n" for line in offer.strip().splitlines())
    (one,) = playbook({"playbook.yaml": text}).manifest.offers
    return terms(one, "CNY")


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("kind: gift\nsku: G", Terms()),
        ("kind: sample\nsku: S\npieces: 9\nper_customer: 2", Terms(per_customer=2, pieces=9)),
        ("kind: coupon\ncodes: pool\nvalid: 7d", Terms(codes="pool", valid_seconds=604_800)),
        ("kind: coupon\ncodes: generated\npieces: 5", Terms(codes="generated", pieces=5)),
        (
            RED + 'draw: {least: {CNY: "1.00"}, most: {CNY: "99.00"}}',
            Terms(budget_minor=10_000, draw=Draw((), 100, 9900, 500)),
        ),
        (
            RED + 'draw: {amounts: [{amount: {CNY: "1.88"}, odds: 9}]}',
            Terms(budget_minor=10_000, draw=Draw((Amount(188, 9),))),
        ),
        (
            "kind: blind_box\nprizes: [{sku: A, pieces: 1, odds: 2}]\nseed: x",
            Terms(prizes=(Prize("A", 1, 2),), seed="x"),
        ),
        (
            'kind: presale\nprice: {CNY: "7.70"}\nstores: {east: 3}\nhold: 10m',
            Terms(price_minor=770, stores={"east": 3}, hold_seconds=600),
        ),
        ("kind: exchange\nsku: E\npieces: 1", Terms(pieces=1)),
    ],
)
def test_every_kind_is_read_as_it_is_written(text: str, understood: Terms) -> None:
    assert read(text) == understood


@pytest.mark.parametrize(
    ("text", "place", "line", "said"),
    [
        ("kind: gift", "offers[0].sku", 5, "a gift needs `sku`"),
        ("kind: sample\nsku: S", "offers[0].pieces", 5, "a sample needs `pieces` or `stores`"),
        ("kind: gift\nsku: G\nseed: x", "offers[0].seed", 10, "a gift has no `seed`"),
        ("kind: lottery\nsku: G", "offers[0].kind", 8, "lottery"),
        ("kind: coupon\ncodes: generated", "offers[0].pieces", 5, "how many codes"),
        ("kind: coupon\ncodes: pool\npieces: 5", "offers[0].pieces", 10, "leave it out"),
        ("kind: gift\nsku: G\nhold: soon", "offers[0].hold", 10, "30s, 5m, 2h"),
        ("kind: gift\nsku: G\npieces: 0", "offers[0].pieces", 10, "at least 1"),
        (
            'kind: presale\npieces: 3\nprice: {USD: "1.00"}',
            "offers[0].price", 10, "currencies of `value`: CNY",
        ),
        (
            RED + 'draw: {least: {CNY: "0.50"}, most: {CNY: "99.00"}}',
            "offers[0].draw", 10, "holds ¥1 to ¥99",
        ),
        (
            RED + 'draw: {least: {CNY: "6.00"}, most: {CNY: "99.00"}}',
            "offers[0].value", 7, "between `least` and `most`",
        ),
        (
            RED.replace("100.00", "0.50") + 'draw: {amounts: [{amount: {CNY: "1"}, odds: 1}]}',
            "offers[0].budget.CNY", 9, "less than the smallest",
        ),
        (
            "kind: blind_box\nprizes: [{sku: A, pieces: 1, odds: 2}, {sku: A, pieces: 2, odds: 2}]",
            "offers[0].prizes", 9, "A stands here twice",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(text: str, place: str, line: int, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text)

    found = {(one.where, one.line): one.why for one in refused.value.problems}
    assert (f"playbook.yaml {place}", line) in found, found
    assert said in found[f"playbook.yaml {place}", line]


def test_a_parcel_carries_gifts_alone() -> None:
    source = "sources: [{code: s, title: {zh: 甲, en: A}, admission: {}, gift: o}]\n"
    text = HEAD + "    kind: sample\n    sku: S\n    pieces: 1\n" + source

    with pytest.raises(BadInput) as refused:
        playbook({"playbook.yaml": text})

    (problem,) = refused.value.problems
    assert (problem.where, problem.why) == ("playbook.yaml sources.s.gift", "no gift is called 'o'")
