"""Every statement has a name, once; comments stay with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import siyu
from siyu.kernel.sql import load, parse

SRC = Path(next(iter(siyu.__path__)))
ROOMS = sorted(
    ".".join(["siyu", *path.parent.relative_to(SRC).parts]) for path in SRC.rglob("queries.sql")
)
NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
BODIES = st.from_regex(r"[a-z(),= \n]{1,40}", fullmatch=True).map(str.strip).filter(bool)


@given(st.dictionaries(NAMES, BODIES, max_size=5))
def test_what_was_written_is_found_by_its_name_and_in_its_order(found: dict[str, str]) -> None:
    text = "".join(f"-- name: {name}\n{body};\n\n" for name, body in found.items())

    assert list(parse(text).items()) == list(found.items())


def test_the_why_and_semicolons_inside_stay() -> None:
    assert parse("-- name: two\n-- why\nselect 1; select 2;\n") == {
        "two": "-- why\nselect 1; select 2"
    }


def test_what_stands_before_the_first_name_belongs_to_nobody() -> None:
    assert parse("-- this room\n\n-- name: one\nselect 1;") == {"one": "select 1"}


def test_a_name_in_the_middle_of_a_line_is_no_name() -> None:
    assert list(parse("-- name: one\nselect 1 -- name: two\n")) == ["one"]


def test_two_statements_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match=r"named twice: \['one'\]"):
        parse("-- name: one\nselect 1;\n-- name: one\nselect 2;\n")


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_loads_and_no_statement_is_empty(room: str) -> None:
    statements = dict(load(room))

    assert statements
    assert [name for name, text in statements.items() if not text.strip()] == []


def test_a_statement_that_is_not_there_is_named() -> None:
    with pytest.raises(AttributeError, match="no statement named 'absent'"):
        _ = load("siyu.content").absent
