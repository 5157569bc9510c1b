"""A sentence is a string for everything that asks for English, and loses its Chinese nowhere."""

from __future__ import annotations

import copy
import json

import msgspec
import pytest

from siyu.kernel.errors import BadInput, NotFound, Problem
from siyu.kernel.sentence import Sentence, plain, within, wording

SAID = Sentence("is empty", "是空的")


def test_it_is_its_english_and_the_other_language_is_asked_for() -> None:
    assert SAID == "is empty"
    assert f"the name {SAID}" == "the name is empty"
    assert (within("en", SAID), within("zh", SAID)) == ("is empty", "是空的")
    assert within("zh", "of a library") == "of a library"


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy])
def test_a_copy_keeps_both(again) -> None:
    assert (again(SAID), again(SAID).zh) == ("is empty", "是空的")


def test_an_exception_keeps_both() -> None:
    assert wording(ValueError(SAID)).zh == "是空的"
    assert within("zh", BadInput(SAID).detail) == "是空的"
    assert within("zh", NotFound().detail) == "这里没有这样的内容。"
    assert str(BadInput(SAID, (Problem("name", SAID, 3),))) == "is empty\n  line 3: name: is empty"


def test_an_error_of_a_library_is_not_shown_in_english_to_those_who_read_chinese() -> None:
    assert wording(ValueError("bad int")).zh == "这里不能这样写"


def test_encoders_write_its_english() -> None:
    assert json.dumps({"why": SAID}) == '{"why": "is empty"}'
    assert msgspec.json.encode({"why": SAID}, enc_hook=plain) == b'{"why":"is empty"}'
    with pytest.raises(NotImplementedError):
        plain(object())


def test_the_database_takes_it_as_text_and_inside_of_json(db) -> None:
    with db.transaction() as conn:
        ((text, inside),) = conn.fetch(
            "select %(a)s::text, %(b)s::jsonb", {"a": SAID, "b": {"why": SAID}}
        )

    assert (text, inside) == ("is empty", {"why": "is empty"})
