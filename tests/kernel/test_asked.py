"""What a text asks for is read from the type that it becomes, and people are told of all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import pytest
from msgspec import Meta, Struct

from siyu.groups.model import THROUGH
from siyu.groups.render import FORMS as PLAN
from siyu.kernel.asked import Ask, Asks, Told, asks, told
from siyu.kernel.sentence import Sentence
from siyu.pages.render.forms import PAGE, PLAIN, SERVICE, TELLS


class Both(Struct):
    """One field, in both languages."""

    zh: str
    en: str


class Part(Struct):
    """A part with fields of its own."""

    size: Annotated[int, Meta(ge=1, le=9)] = 3
    way: Literal["on", "off"] = "on"


class Whole(Struct):
    """Of each kind one."""

    name: str
    says: Both | None = None
    parts: tuple[Part, ...] = ()
    stores: Mapping[str, Part] = {}
    code: Annotated[str, Meta(max_length=5)] | Literal[""] = ""


ON = Sentence("On", "开")
TOLD = {"Part": {"way": Told(ON, choices={"off": Sentence("off", "关"), "on": ON})}}
FOUND = asks(Whole, TOLD, {Both: "words"})
WHOLE = {one.name: one for one in FOUND["Whole"]}


def test_a_field_is_what_its_type_says() -> None:
    assert (WHOLE["name"].takes, WHOLE["name"].required) == ("text", True)
    assert (WHOLE["says"].takes, WHOLE["says"].form) == ("words", "")
    assert (WHOLE["parts"].form, WHOLE["parts"].many) == ("Part", True)
    assert (WHOLE["stores"].form, WHOLE["stores"].keyed) == ("Part", True)
    assert (WHOLE["code"].takes, WHOLE["code"].most) == ("text", 5)


def test_a_part_comes_with_its_own_fields_bounds_and_words() -> None:
    way, size = FOUND["Part"]

    assert (way.title, [*way.choices]) == (ON, ["off", "on"])
    assert (size.takes, size.default, size.least, size.most) == ("count", 3, 1, 9)
    assert told(way.choices["off"]) == {"zh": "关", "en": "off"}


def test_a_field_that_nobody_has_told_of_is_there_by_its_name() -> None:
    assert told(WHOLE["stores"].title) == {"zh": "stores", "en": "stores"}


@pytest.mark.parametrize("form", [PAGE, SERVICE], ids=["page", "service"])
def test_people_are_told_of_every_field_of_a_page_and_a_service(form: Asks) -> None:
    for name, fields in form.items():
        assert {one.name for one in fields} == set(TELLS[name])
        for one in fields:
            assert one.takes != "odd", one.name
            assert not [word for word, said in one.choices.items() if said.zh == word], one.name


def test_what_is_one_field_in_both_languages_has_no_form_of_its_own() -> None:
    assert not {one.__name__ for one in PLAIN} & {*PAGE, *SERVICE}


def test_a_plan_offers_every_way_to_say_something() -> None:
    (through,) = (one for one in PLAN["Entry"] if one.name == "through")

    assert tuple(through.choices) == THROUGH


def test_what_a_field_hangs_on_is_a_field_beside_it() -> None:
    for fields in (*PAGE.values(), *SERVICE.values(), *PLAN.values()):
        by_name: dict[str, Ask] = {one.name: one for one in fields}
        for one in fields:
            for other, words in one.only.items():
                assert set(words) <= set(by_name[other].choices)
