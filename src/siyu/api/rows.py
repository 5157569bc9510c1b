"""A file of rows that people fill in: what can be used of it, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from siyu.api.sheets import Refused, refuse_many
from siyu.app import orderfile
from siyu.kernel.errors import Problem
from siyu.kernel.money import EXPONENTS, to_minor
from siyu.kernel.sentence import Language, Sentence, within, wording

T = TypeVar("T")


class Wrong(Exception):
    """A field of a row that can't be used."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field
        self.why = why


def rows(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    needed: Sequence[str],
    made: Callable[[Mapping[str, str]], T],
    language: Language,
) -> tuple[list[T], list[Refused]]:
    """The rows that can be used, as `made` makes them of what stands under each column (or says by
    Wrong what is wrong), and those that can't. BadInput where a needed column is missing."""
    file = orderfile.ListFile(path, columns, needed)
    found: list[T] = []
    refused: list[Refused] = []
    for line, one in _each(file, made):
        if isinstance(one, Problem):
            field = file.column(one.where) if one.where in columns else one.where
            refused.append(Refused(line, field, within(language, one.why)))
        else:
            found.append(one)
    return found, refused


def _each(
    file: orderfile.ListFile, made: Callable[[Mapping[str, str]], T]
) -> Iterator[tuple[int, T | Problem]]:
    for many, entry in enumerate(file.entries(), start=1):
        refuse_many(many)
        if entry.problem is not None:
            yield entry.row.line, entry.problem
            continue
        try:
            yield entry.row.line, made(entry.values)
        except Wrong as error:
            yield entry.row.line, Problem(error.field, error.why)


def amount(text: str, field: str, currency: str) -> int:
    """Minor units, none of them negative."""
    if currency not in EXPONENTS:
        known = ", ".join(sorted(EXPONENTS))
        raise Wrong(
            "currency",
            Sentence(f"is none of {known}", f"不在这些币种之内：{known}"),
        )
    try:
        minor = to_minor(text, currency)
    except ValueError as error:
        raise Wrong(field, wording(error)) from None
    if minor < 0:
        raise Wrong(field, Sentence("is negative", "是负数"))
    return minor


def day_of(text: str, field: str) -> date | None:
    """2026-11-01 or 2026/11/1, with a time or without; None: nothing is said."""
    if not text:
        return None
    try:
        day = text.replace("/", "-").replace("T", " ").split()[0]
        return date(*map(int, day.split("-")))
    except (ValueError, TypeError, OverflowError, IndexError):
        why = Sentence(
            f"{text!r} is no day; write it like 2026-11-01",
            f"{text!r} 不是日期；请写成 2026-11-01",
        )
        raise Wrong(field, why) from None
