"""A line of a visit's history as codes: what happened there, and which steps were passed, and why.

The line itself is prose of stable words (`a: waited · b: friend`); these are its parts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

Happened: TypeAlias = Literal[
    "entered",  # the visit began
    "moved",  # it passed these steps
    "ended",  # for the reason `about`: an outcome, or what `ends_when` says
    "taken_back",  # after its end: what was not yet said was taken back, for the reason `about`
    "parked",  # `about`: what is wrong
    "stopped",  # `about`: by whom
    "migrated",  # `about`: from which version to which
    "merged",  # two customers proved to be one, and the other visit goes on
    "parted",  # it went with the key that it came by
    "not_started",  # another journey refused: `about` says which, and why
]

# Why a step was passed, beside the names of arms and the keys of conditions (`friend`,
# `not_friend`, several joined by `_and_`) that are about the customer.
Passing: TypeAlias = Literal[
    "waited", "timed_out", "too_late", "no_cutoff", "no_date",
    "wished", "held_out", "promised", "tagged", "set", "start", "reached", "else", "none",
    "order_gone", "order_paid", "parcel_planned", "parcel_frozen", "touch", "task", "value",
    "issued", "revoked", "out", "budget", "limit", "no_part",
]  # fmt: skip

# How a visit ended that neither its text nor `ends_when` ended.
Ending: TypeAlias = Literal["merged", "migrated", "stopped"]


class Passed(NamedTuple):
    """A step that was passed, and why; `about` is what it set or started."""

    step: str
    code: str
    about: str = ""


class Told(NamedTuple):
    """One line."""

    code: Happened
    about: str = ""
    passed: tuple[Passed, ...] = ()


_STEP = re.compile(r"(?:^| · )([a-z0-9][a-z0-9-]{0,60}): ")
_PREFIXES: tuple[tuple[str, Happened], ...] = (
    ("parked: ", "parked"),
    ("stopped by ", "stopped"),
    ("migrated from version ", "migrated"),
    ("merged into visit ", "merged"),
    ("start ", "not_started"),
)
_WHOLE: dict[str, Happened] = {"entered": "entered", "split off with its customer": "parted"}
_AFTER = ", after its end: the rest was taken back"
_NO_COUNTERPART = " has no counterpart"


@lru_cache(4096)
def told(why: str) -> Told:
    """The parts of a line.

    >>> told("five-minutes: waited · call: wished").passed[1].code
    'wished'
    >>> told("order_gone")
    Told(code='ended', about='order_gone', passed=())
    """
    if why in _WHOLE:
        return Told(_WHOLE[why])
    for prefix, code in _PREFIXES:
        if why.startswith(prefix):
            about = why.removeprefix(prefix)
            return Told(code, "" if code == "merged" else about.removesuffix(_NO_COUNTERPART))
    if why.endswith(_AFTER):
        return Told("taken_back", why.removesuffix(_AFTER))
    _, *parts = _STEP.split(why)
    if not parts or not _STEP.match(why):
        return Told("ended", why)
    passed = (_passed(step, reason) for step, reason in zip(*[iter(parts)] * 2, strict=True))
    return Told("moved", "", tuple(passed))


def _passed(step: str, reason: str) -> Passed:
    code, _, about = reason.partition(" ")
    return Passed(step, code, about) if code in ("set", "start") else Passed(step, reason)
