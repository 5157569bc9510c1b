"""A customer's word on being contacted: the fact that is told of it, or what is wrong with it."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from siyu.customers.model import Word
from siyu.events.model import ConsentGiven, ConsentPurpose, ConsentWithdrawn
from siyu.kernel.errors import Problem

ALL_PURPOSES: tuple[ConsentPurpose, ...] = get_args(ConsentPurpose)
LONGEST = 500


def fact(word: Word, now: datetime) -> ConsentGiven | ConsentWithdrawn | tuple[Problem, ...]:
    """With every channel and purpose once; what is wrong names its field, never its value."""
    wrong = _wrong(word, now)
    if wrong:
        return wrong
    channels, purposes = sorted(set(word.channels)), sorted(set(word.purposes))
    evidence = word.evidence.strip()
    if word.basis is None:
        purposes = tuple(purposes) or ALL_PURPOSES
        return ConsentWithdrawn(channels=channels, purposes=purposes, evidence=evidence)
    return ConsentGiven(channels=channels, purposes=purposes, basis=word.basis, evidence=evidence)


def _wrong(word: Word, now: datetime) -> tuple[Problem, ...]:
    given, evidence = word.state == "given", word.evidence.strip()
    rules = (
        (bool(word.channels), "channels", "name at least one"),
        (bool(word.purposes) or not given, "purposes", "name at least one"),
        (word.basis is not None or not given, "basis", "what is given has a legal ground"),
        (word.basis is None or given, "basis", "a withdrawal needs no legal ground"),
        (bool(evidence) or not given, "evidence", "say where it can be seen: a form, a recording"),
        (
            len(evidence) <= LONGEST and evidence.isprintable(),
            "evidence",
            f"must be one line of at most {LONGEST} characters",
        ),
        (word.said_at <= now, "said_at", "lies in the future"),
    )
    return tuple(Problem(where, why) for right, where, why in rules if not right)
