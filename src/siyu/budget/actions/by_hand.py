"""What people say of one customer: not to be contacted, a complaint, the end of both. Audited."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.budget.actions import COMPLAINT, lift, suppress
from siyu.budget.model import ANY, CHANNELS, GROUPS, PURPOSES
from siyu.customers import views as customers
from siyu.customers.actions import known_by, no_phone, plain_words
from siyu.customers.check import grievance
from siyu.customers.model import Grievance
from siyu.events import actions as events
from siyu.events.model import ComplaintClosed, ComplaintOpened, Key
from siyu.kernel.errors import BadInput, Problem, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.staff import actions as staff
from siyu.staff import views as staff_views
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
    conn: Conn, keys: Keys, ids: PublicIds, customer_id: int, said: Grievance, author: Author
) -> list[str]:
    """A complaint came in, or is settled: a fact of our own, applied in order with all others; no
    promotion while one is open. The numbers that it is about."""
    wrong = grievance(said)
    if wrong:
        raise BadInput(Sentence("This can't be kept.", "这不能保存。"), wrong)
    why = plain_words(conn, keys, customer_id, "why", said.why)
    known = known_by(conn, customer_id)
    for where in ("complaint", "shop", "order_no"):
        no_phone(conn, keys, known, where, getattr(said, where))
    waiting = {
        row.complaint: row.identity_id
        for row in customers.complaints(conn, [customer_id])
        if row.open
    }
    told = _told(said, waiting, author, staff_views.brand_zone(conn))
    if not told:
        raise Refused(
            Sentence("There is no complaint that waits to be settled.", "没有等待处理的投诉。")
        )
    who, hashes = ids.encode("cus", customer_id), {one.id: one for one in known}
    facts: list[events.Own] = []
    for one in told:
        key = hashes.get(waiting.get(one.complaint, 0), known[0])
        name = f"complaint.{said.state}/{who}/{one.complaint}/{author.now.isoformat()}"
        facts.append(events.Own(one, name, author.now, (Key(key.kind, key.hash),)))
    events.own(conn, facts, author.now)
    numbers = [one.complaint for one in told]
    about = f"{', '.join(numbers)}: {why}"
    staff.audit(conn, author.by, f"complaint.{said.state}", who, about, author.now)
    return numbers


def _told(
    said: Grievance, waiting: Collection[str], author: Author, place: ZoneInfo
) -> list[ComplaintOpened | ComplaintClosed]:
    number = said.complaint.strip()
    if said.state == "open":
        number = number or f"{author.now.astimezone(place):%Y%m%d-%H%M%S}"
        shop, order_no = said.shop.strip(), said.order_no.strip()
        return [
            ComplaintOpened(complaint=number, shop=shop, order_no=order_no, staff=author.by[:120])
        ]
    return [
        ComplaintClosed(complaint=one, staff=author.by[:120])
        for one in sorted(waiting)
        if number in ("", one)
    ]


def _must_be(right: bool, where: str, why: Sentence) -> None:
    if not right:
        raise BadInput(Sentence("This can't be kept.", "这不能保存。"), (Problem(where, why),))
