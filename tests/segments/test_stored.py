"""Segments that are kept: versions, what is wrong with a text and where, who needs whom."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput, NotFound, Refused
from siyu.kernel.sql import Conn
from siyu.segments import actions
from siyu.segments.predicates import FAMILIES
from siyu.segments.views.stored import get, stock, tree_of, versions


def text(code: str, when: str, more: str = "") -> str:
    return f"segment: {code}\ntitle: {{zh: 人群, en: A set}}\n{more}when: {when}\n"


def keep(conn: Conn, clock: Any, code: str, when: str, more: str = "") -> Any:
    return actions.keep(conn, text(code, when, more), FAMILIES, "ana", clock.now())


def problems(conn: Conn, clock: Any, written: str) -> list[str]:
    with pytest.raises(BadInput) as refused:
        actions.keep(conn, written, FAMILIES, "ana", clock.now())
    return [str(one) for one in refused.value.problems]


def test_every_change_is_a_version_and_the_same_text_is_none(db: Pool, clock: Any) -> None:
    with db.transaction() as conn:
        first = keep(conn, clock, "vip", "{tag: vip}")
        same = keep(conn, clock, "vip", "{tag: vip}")
        second = keep(conn, clock, "vip", "{tag: gold}", "layer: value\n")
        actions.retire(conn, "vip", FAMILIES, "ben", clock.now())
        gone = get(conn, "vip")
        with pytest.raises(NotFound):
            tree_of(conn, "vip", FAMILIES)
        back = keep(conn, clock, "vip", "{tag: gold}", "layer: value\n")
        audited = conn.fetch("select actor, action, object, reason from audit order by id")
        kept = [one.version for one in versions(conn, "vip")]

    assert (first, first.version, second.version, second.layer) == (same, 1, 2, "value")
    assert (gone.retired_at, back.retired_at, back.version) == (clock.now(), None, 3)
    assert kept == [1, 2, 3]
    assert audited == [
        ("ana", "segment.set", "vip", "version 1"),
        ("ana", "segment.set", "vip", "version 2"),
        ("ben", "segment.retire", "vip", ""),
        ("ana", "segment.set", "vip", "version 3"),
    ]


def test_problems_name_the_line_and_the_place(db: Pool, clock: Any) -> None:
    wrong = """segment: Vip 1
title: {zh: 人群}
wehn: {}
when:
  all:
    - tag: vip
    - orders: {at_leest: 2}
"""
    with db.transaction() as conn:
        said = problems(conn, clock, wrong)
        inside = problems(conn, clock, text("a", "{any: [{tag: a}, {tagg: b}]}"))
        circle = problems(conn, clock, text("a", "{not: {segment: a}}"))
        stranger = problems(conn, clock, text("a", "{all: [{tag: a}, {segment: b}]}"))
        empty = problems(conn, clock, "just words")

    assert [one.partition(",")[0] for one in said] == [
        "line 1: segment: must be a code of a-z",
        "line 2: title: needs `en`",
        "line 3: wehn: unknown word; known: when",
    ]
    assert inside == ["line 3: when.any[1].tagg: unknown condition `tagg`; did you mean `tag`?"]
    assert circle == ["line 3: when.not.segment: refers to itself: a → a"]
    assert stranger == ["line 3: when.all[1].segment: there is no segment `b`"]
    assert "must be a mapping" in empty[0]


def test_a_segment_stands_in_another_and_no_circle_can_be_closed(
    db: Pool, clock: Any, tree: Any
) -> None:
    with db.transaction() as conn:
        keep(conn, clock, "a", "{tag: a}")
        keep(conn, clock, "b", "{not: {segment: a}}")
        keep(conn, clock, "c", "{all: [{segment: b}, {friend: true}]}")
        whole = tree_of(conn, "c", FAMILIES)
        said = problems(conn, clock, text("a", "{any: [{tag: a}, {segment: c}]}"))
        with pytest.raises(Refused, match="a is used by b, c"):
            actions.retire(conn, "a", FAMILIES, "ana", clock.now())
        keep(conn, clock, "a", "{tag: other}")
        changed = tree_of(conn, "c", FAMILIES)

    assert whole == tree("all: [{not: {tag: a}}, {friend: true}]")
    assert said == ["line 3: when.any[1].segment: refers to itself: a → c → b → a"]
    assert changed == tree("all: [{not: {tag: other}}, {friend: true}]")


def test_a_change_that_others_could_not_bear_is_refused(db: Pool, clock: Any) -> None:
    many = ", ".join(f"{{tag: t{number}}}" for number in range(40))
    with db.transaction() as conn:
        keep(conn, clock, "a", "{tag: a}")
        keep(conn, clock, "b", f"{{any: [{{segment: a}}, {many}]}}")
        said = problems(conn, clock, text("a", f"{{any: [{many}]}}"))

        assert said == ["b.any[21]: more than 60 conditions in one text"]
        assert stock(conn).by_code["a"].version == 1
