"""What a question can be asked with, and what somebody asked it with, read into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, cast, get_args, get_origin, get_type_hints

from siyu.analytics.model.answer import Ask, Question
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence, wording

Takes = Literal["text", "whole", "number", "day", "choice", "yes"]
_TAKES: Mapping[object, Takes] = {str: "text", int: "whole", float: "number", bool: "yes"}


class Field(NamedTuple):
    """A field of a question. `default` as it is written; '' where nothing is: worked out then."""

    name: str
    takes: Takes
    ask: Ask
    choices: tuple[str, ...]
    default: str


@cache
def described(question: type[Question]) -> tuple[Field, ...]:
    """Its fields, in the order in which they are asked for."""
    return tuple(_described(question))


def _described(question: type[Question]) -> Iterator[Field]:
    hints = get_type_hints(question, include_extras=True)
    for one in fields(cast("Any", question)):
        hint, ask = get_args(hints[one.name])[:2]
        assert get_origin(hints[one.name]) is Annotated  # noqa: S101 - of ours, not of an asker
        assert one.default is not MISSING  # noqa: S101 - every report answers without being told
        choices = get_args(hint) if get_origin(hint) is Literal else ()
        assert len(choices) == len(ask.words)  # noqa: S101 - as above
        takes: Takes = "choice" if choices else "day" if date in get_args(hint) else _TAKES[hint]
        yield Field(one.name, takes, ask, choices, _written(one.default))


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def read(question: type[Question], said: Mapping[str, str]) -> Question:
    """The question as it was asked; '' is what nobody said. BadInput names every wrong field."""
    known = {one.name: one for one in described(question)}
    problems = [
        Problem(
            name,
            Sentence(
                f"unknown; known are {', '.join(known)}", f"不认识；可用的有 {', '.join(known)}"
            ),
        )
        for name in said
        if name not in known
    ]
    values: dict[str, object] = {}
    for name, field in known.items():
        text = said.get(name, "").strip()
        if not text:
            continue
        try:
            values[name] = _read(field, text)
        except ValueError as error:
            problems.append(Problem(name, wording(error)))
    if not problems:
        try:
            return question(**values)
        except ValueError as error:
            problems.append(Problem("", wording(error)))
    raise BadInput(
        Sentence("The report can't be asked for like this.", "不能这样查询报表。"), tuple(problems)
    )


def _read(field: Field, text: str) -> object:
    match field.takes:
        case "day":
            return _day(text)
        case "whole":
            return _whole(text)
        case "number":
            return _number(text)
        case "yes":
            return _one_of(text, ("yes", "no")) == "yes"
        case "choice":
            return _one_of(text, field.choices)
        case "text":
            return text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(
            Sentence(
                f"{text!r} is no date; write it like 2026-11-01",
                f"{text!r} 不是日期；请写成 2026-11-01 这样",
            )
        ) from None


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(Sentence(f"{text!r} is no whole number", f"{text!r} 不是整数")) from None


def _number(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if found - found != 0:  # neither infinite nor nothing
        raise ValueError(Sentence(f"{text!r} is no number", f"{text!r} 不是数字"))
    return found


def _one_of(text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise ValueError(
            Sentence(
                f"{text!r} is none of {', '.join(known)}", f"{text!r} 不在 {', '.join(known)} 之中"
            )
        )
    return text
