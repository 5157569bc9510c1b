"""A customer's word on being contacted: the fact that is told of it, or what is wrong with it."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import cast, get_args

from siyu.customers.model import Grievance, Word
from siyu.events.model import ConsentGiven, ConsentPurpose, ConsentWithdrawn, ContactPurpose
from siyu.kernel.errors import Problem, Refused
from siyu.kernel.sentence import Sentence

ALL_PURPOSES = cast("tuple[ConsentPurpose, ...]", get_args(ContactPurpose))
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


LONGEST_CODE = 120


def grievance(said: Grievance) -> tuple[Problem, ...]:
    """What is wrong with a complaint that somebody writes down; an order is one of a shop."""
    codes = {"complaint": said.complaint, "shop": said.shop, "order_no": said.order_no}
    long = Sentence(
        f"must be one line of at most {LONGEST_CODE} characters",
        f"必须是一行，最多 {LONGEST_CODE} 个字符",
    )
    wrong = [
        Problem(name, long)
        for name, code in codes.items()
        if len(code) > LONGEST_CODE or not code.isprintable()
    ]
    if bool(said.shop.strip()) != bool(said.order_no.strip()):
        both = Sentence("an order is named by shop and number", "订单要同时写店铺和订单号")
        wrong.append(Problem("order_no", both))
    return tuple(wrong)


_MONTH = re.compile(r"(\d{4})-(\d{2})")
GROWN = 18  # years


def born(month: str, today: date) -> Problem | None:
    """What is wrong with a child's month of birth; a day is never taken."""
    found = _MONTH.fullmatch(month)
    if re.match(r"\d{4}-?\d{2}-?\d{2}", month):
        why = Sentence(
            "is a day: only the month of birth is kept, like 2025-03",
            "写到了日：只保存出生年月，如 2025-03",
        )
    elif found is None or not 1 <= int(found[2]) <= 12:
        why = Sentence("is no month; write it like 2025-03", "不是年月；请写成 2025-03")
    elif month > f"{today:%Y-%m}":
        why = Sentence("lies in the future", "是将来的时间")
    elif int(found[1]) < today.year - GROWN:
        why = Sentence(f"is more than {GROWN} years ago", f"早于 {GROWN} 年前")
    else:
        return None
    return Problem("month", why)


OF_AGE = 14  # years: from then on a parent's word on a child's health is not enough
LONGEST_NOTE = 200


def of_age(month: str) -> date:
    """The first of the month in which a child who was born in this one comes to that age."""
    year, number = map(int, month.split("-"))
    return date(year + OF_AGE, number, 1)


def health_note(note: str) -> Problem | None:
    """What is wrong with a note on a child's health; the note itself is not repeated."""
    plain = note.strip()
    if 1 <= len(plain) <= LONGEST_NOTE and plain.isprintable():
        return None
    why = Sentence(
        f"must be one line of 1 to {LONGEST_NOTE} characters: what care needs, no more",
        f"必须是一行 1 到 {LONGEST_NOTE} 个字符：只写照顾所需的内容",
    )
    return Problem("note", why)


def echoes(said: str, note: str) -> bool:
    """Whether words that are kept in clear repeat a note.

    >>> echoes("she wrote: peanut  ALLERGY", "Peanut allergy")
    True
    """
    plain, noted = (" ".join(one.casefold().split()) for one in (said, note))
    return bool(noted) and noted in plain


def no_health(note: str) -> None:
    """Refused: beside a month of birth nothing is said of health."""
    if note.strip():
        raise Refused(
            Sentence(
                "Nothing on health is kept by the parent's consent to the month of birth. A note"
                " on health has a place of its own (`…/children/{child}/health`, `siyu customer"
                " health`) and needs the parent's separate consent to it.",
                "对出生年月的同意不包含健康信息，这里不保存。健康备注有单独的位置"
                "（`…/children/{child}/health`、`siyu customer health`），"
                "并且需要家长对健康备注的单独同意。",
            )
        )


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
            not given
            or not {"child", "child_health"} & set(word.purposes)
            or word.basis in ("consent", None),
            "basis",
            Sentence(
                "what is kept of a child rests on the parent's own consent alone",
                "保存孩子信息只能以家长的单独同意为依据",
            ),
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
