"""The drawing of a journey says what its text says, with nothing left out and nothing made up."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from siyu.journeys.check import check
from siyu.journeys.check.form import Reader
from siyu.journeys.check.graph import _edges
from siyu.journeys.model import Journey
from siyu.journeys.model.story import Passed, Told, told
from siyu.journeys.nodes import NODES
from siyu.journeys.predicates import FAMILY
from siyu.journeys.render import before, draw
from siyu.journeys.render.words import CHOICES, FIELDS
from siyu.kernel.document import read
from siyu.playbooks.actions import texts
from siyu.segments.model import Form
from siyu.segments.predicates import FAMILIES

CASCADE = texts("cascade")["journeys/cascade.yaml"]
EVERY_NODE = """
journey: all
title: {zh: 全部, en: All}
enter: {every: monday 10:00, segment: {all: [{tag: vip}, {not: {friend: true}}]}}
steps:
  - {id: mark, tag: {add: sms}}
  - {id: keep, set: {wave: 2, who: them}}
  - {id: half, split: {arms: [{name: a, share: 0.5, go: date}, {name: b, share: 0.5}]}}
  - id: way
    branch:
      - {when: {value: {name: wave, at_least: 2}}, go: cut}
      - {when: {stage: {at_least: A3}}, go: date}
  - {id: day, wait: {weekday: monday, at: "10:00"}, go: half}
  - {id: cut, wait: {until: parcel_cutoff, less: 2h, else: gone}}
  - {id: date, wait: {date: birthday, less: 3d, at: "10:00", else: gone}}
  - {id: other, start: cascade}
  - id: until
    until: {any: [{orders: {at_least: 2, within: 90d}}, {parcel: frozen}]}
    timeout: 1h30m
  - {id: there, goal: bought, ends: true}
  - {id: gone, exit: not interested}
"""


def _drawn(text: str) -> Any:
    journey = check(text, FAMILIES)
    assert isinstance(journey, Journey), journey
    return draw(journey)


@pytest.mark.parametrize("text", [CASCADE, EVERY_NODE])
def test_every_way_that_a_visit_can_go_is_drawn_and_no_other(text: str) -> None:
    reader = Reader(FAMILIES)
    reader.journey(read(text).value)
    known = {(step, to) for step, ways in _edges(reader.found).items() for to in ways}

    assert {(edge.source, edge.to) for edge in _drawn(text).edges} == known


def test_a_step_says_its_fields_but_not_what_everybody_takes_for_granted() -> None:
    steps = {step.id: {one.name: one.value for one in step.says} for step in _drawn(CASCADE).steps}

    assert steps["five-minutes"] == {"wait": "300"}
    assert steps["sms"] == {
        "channel": "sms",
        "material": "invite-sms",
        "purpose": "order_invitation",
        "priority": "9",
        "code": "new-orders/sms",
        "true_until": "parcel_cutoff",
    }


def test_conditions_and_spans_are_in_words_of_both_languages() -> None:
    drawing = _drawn(EVERY_NODE)
    said = {one.name: one.words for step in drawing.steps for one in step.says if one.words}
    ways = {(edge.source, edge.code): edge.words for edge in drawing.edges if edge.words}

    assert _drawn(CASCADE).ends_when == (
        "是好友 或 本次订单：全部取消或退款",
        "friend or the visit's order: gone",
    )
    assert said["until"] == (
        "订单：至少 2，近 90 天 或 本次包裹：已截单",
        "orders: at least 2, within 90 days or the visit's parcel: cut off",
    )
    assert said["timeout"] == ("1 小时 30 分钟", "1 hour 30 minutes")
    assert ways["way", "case"] == ("5A 阶段：至少 A3", "stage: at least A3")
    assert drawing.enters[1].words == ("标签：vip 且 非「是好友」", "tag: vip and not friend")


def test_arms_and_ways_out_are_named() -> None:
    edges = {(edge.source, edge.to): edge for edge in _drawn(EVERY_NODE).edges}

    assert (edges["half", "date"].name, edges["half", "date"].share) == ("a", 0.5)
    assert edges["half", "way"].code == "arm"
    assert edges["way", "day"].code == "none"
    assert edges["cut", "gone"].code == "otherwise"
    assert edges["day", "half"].code == "go"


def test_whoever_can_still_come_to_a_step_is_before_it() -> None:
    drawing = _drawn(CASCADE)

    assert before(drawing, "call") == {"promise", "sms", "five-minutes", "call"}
    assert before(drawing, "end") == {step.id for step in drawing.steps}


def _forms() -> list[type[Form]]:
    return [form for family in (*FAMILIES, FAMILY) for form in family.forms]


def _choices(hint: object) -> set[str]:
    if get_origin(hint) is Literal:
        return {str(one) for one in get_args(hint)}
    return {word for part in get_args(hint) for word in _choices(part)}


@pytest.mark.parametrize("form", _forms(), ids=lambda form: form.key)
def test_every_field_and_choice_of_a_condition_has_words(form: Any) -> None:
    hints = get_type_hints(form)
    for field in fields(form):
        assert field.name.removesuffix("_") in FIELDS
        assert _choices(hints[field.name]) <= CHOICES.keys()


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.key)
def test_every_field_of_a_step_has_a_title_in_both_languages(node: Any) -> None:
    assert all(field.metadata["zh"] and field.metadata["en"] for field in fields(node))


def _moved(*passed: Passed) -> Told:
    return Told("moved", "", passed)


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("entered", Told("entered")),
        ("a: waited · b: friend", _moved(Passed("a", "waited"), Passed("b", "friend"))),
        ("a: set wave = 2 · b: else", _moved(Passed("a", "set", "wave = 2"), Passed("b", "else"))),
        ("order_gone", Told("ended", "order_gone")),
        ("not added", Told("ended", "not added")),
        ("friend, after its end: the rest was taken back", Told("taken_back", "friend")),
        ("parked: KeyError: x", Told("parked", "KeyError: x")),
        ("stopped by olga", Told("stopped", "olga")),
        ("migrated from version 1 to 2: from sms", Told("migrated", "1 to 2: from sms")),
        ("merged into visit 7", Told("merged")),
        ("split off with its customer", Told("parted")),
        ("start care: refused, known", Told("not_started", "care: refused, known")),
    ],
)
def test_a_line_of_history_is_told_in_codes(why: str, said: Told) -> None:
    assert told(why) == said
