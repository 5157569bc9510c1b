"""What people say of one customer: not to be contacted, a complaint, the end of both. Audited."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from siyu.budget.actions import COMPLAINT, close_complaints, lift, open_complaints, suppress
from siyu.budget.model import ANY, CHANNELS, GROUPS, PURPOSES
from siyu.customers.actions import plain_words
from siyu.kernel.errors import BadInput, Problem, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.staff import actions as staff
from siyu.vault.model import Keys

BY_HAND = "by_hand"
DO_NOT_CALL = "do_not_call"
HOLDS = (BY_HAND, DO_NOT_CALL, COMPLAINT)  # why somebody may be set apart: codes, not words


class Author(NamedTuple):
    """Who says it, when, and what they write about it; the words go into the audit."""

    by: str
    why: str
    now: datetime


def bar(
    conn: Conn,
    keys: Keys,
    ids: PublicIds,
    customer_id: int,
    where: tuple[str, str],
    until: datetime | None,
    author: Author,
) -> None:
    """Not to be contacted there (channel, purpose) any more, or not before `until`. What is under
    way is stopped as far as it can be."""
    channel, purpose = where
    _must_be(channel in (*CHANNELS, *GROUPS, ANY), "channel", Sentence("is no channel", "不是触点"))
    _must_be(purpose in PURPOSES, "purpose", Sentence("is no purpose", "不是目的"))
    _must_be(until is None or until > author.now, "until", Sentence("is over already", "已经过了"))
    why = plain_words(conn, keys, customer_id, "why", author.why)
    suppress(conn, [(customer_id, channel, BY_HAND, until)], author.now, purpose=purpose)
    about = f"{channel} for {purpose}: {why}"
    staff.audit(conn, author.by, "customer.bar", ids.encode("cus", customer_id), about, author.now)


def free(
    conn: Conn,
    keys: Keys,
    ids: PublicIds,
    customer_id: int,
    where: tuple[str, str],
    reason: str,
    author: Author,
) -> None:
    """End a hold: one set by hand, or "do not call" where they have thought better of it. A
    complaint is settled, a withdrawn consent given again: those have doors of their own."""
    channel, purpose = where
    _must_be(
        reason in (BY_HAND, DO_NOT_CALL),
        "reason",
        Sentence(f"is none of {BY_HAND}, {DO_NOT_CALL}", f"不是 {BY_HAND} 或 {DO_NOT_CALL}"),
    )
    why = plain_words(conn, keys, customer_id, "why", author.why)
    if not lift(conn, customer_id, channel, purpose=purpose, reason=reason):
        raise Refused(
            Sentence(
                "There is no such hold: somebody has lifted it, or there never was.",
                "没有这条停止触达：别人已经解除，或从来没有过。",
            )
        )
    about = f"{reason}: {channel} for {purpose}: {why}"
    staff.audit(conn, author.by, "customer.free", ids.encode("cus", customer_id), about, author.now)


def complaint(
    conn: Conn,
    keys: Keys,
    ids: PublicIds,
    customer_id: int,
    state: Literal["open", "settled"],
    author: Author,
) -> None:
    """A complaint came in: no promotion until it is settled."""
    why = plain_words(conn, keys, customer_id, "why", author.why)
    if state == "open":
        open_complaints(conn, [customer_id], author.now)
    elif not close_complaints(conn, [customer_id]):
        raise Refused(
            Sentence("There is no complaint that waits to be settled.", "没有等待处理的投诉。")
        )
    who = ids.encode("cus", customer_id)
    staff.audit(conn, author.by, f"complaint.{state}", who, why, author.now)


def _must_be(right: bool, where: str, why: Sentence) -> None:
    if not right:
        raise BadInput(Sentence("This can't be kept.", "这不能保存。"), (Problem(where, why),))
