"""A customer's word on being contacted: the fact that is told of it, or what is wrong with it."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from siyu.customers.model import Word
from siyu.events.model import ConsentGiven, ConsentPurpose, ConsentWithdrawn
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence

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
        (bool(word.channels), "channels", Sentence("name at least one", "至少指明一项")),
        (
            bool(word.purposes) or not given,
            "purposes",
            Sentence("name at least one", "至少指明一项"),
        ),
        (
            word.basis is not None or not given,
            "basis",
            Sentence("what is given has a legal ground", "给出的同意要有法律依据"),
        ),
        (
            word.basis is None or given,
            "basis",
            Sentence("a withdrawal needs no legal ground", "撤回不需要法律依据"),
        ),
        (
            bool(evidence) or not given,
            "evidence",
            Sentence(
                "say where it can be seen: a form, a recording", "请写明在哪里可以看到：表单、录音"
            ),
        ),
        (
            len(evidence) <= LONGEST and evidence.isprintable(),
            "evidence",
            Sentence(
                f"must be one line of at most {LONGEST} characters",
                f"必须是一行，最多 {LONGEST} 个字符",
            ),
        ),
        (word.said_at <= now, "said_at", Sentence("lies in the future", "是将来的时间")),
    )
    return tuple(Problem(where, why) for right, where, why in rules if not right)
