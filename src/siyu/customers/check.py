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


def no_health(note: str) -> None:
    """Refused: what is said of a child's health is kept nowhere."""
    if note.strip():
        raise Refused(
            Sentence(
                "Health notes are not kept: the parent's consent to the month of birth does not"
                " cover them, and there is no other here. Answer in the chat, and write nothing"
                " down.",
                "不保存健康情况：家长对出生年月的同意不包含健康信息，这里也没有别的同意。"
                "请在聊天里回答，不要记录。",
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
            not given or "child" not in word.purposes or word.basis in ("consent", None),
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
