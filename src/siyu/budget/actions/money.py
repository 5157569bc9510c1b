"""Of a batch of wishes: who pays for each, what it is expected to cost, what is left to pay it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.budget.model import NO_MONEY, Money, Pays, Request
from siyu.content import views as content
from siyu.content.render import segments_of, usual
from siyu.kernel.sql import Conn, load
from siyu.ledger import views as ledger
from siyu.ledger.actions import caps
from siyu.ledger.model import Expected, dearest
from siyu.offers.actions import paid
from siyu.outbox import actions as outbox
from siyu.staff.views import brand_zone

SQL = load("siyu.budget")
UNWRITTEN = 1 << 62  # ids of wishes that are not written yet: after all others of their urgency
CALL_MINUTES = 2  # that a call is expected to take, until it has ended


class Of(NamedTuple):
    """What a journey has from its playbook: the one that pays, where that has a cap; who presses
    and works for it, where somebody was chosen."""

    playbook: str | None
    staff: frozenset[str]


def playbooks(conn: Conn, journeys: Iterable[str]) -> dict[str, Of]:
    """Journey → that, of those that have either."""
    rows = conn.fetch(SQL.of_playbooks, {"journeys": sorted(set(journeys))})
    return {code: Of(playbook, frozenset(staff)) for code, playbook, staff in rows}


def money(conn: Conn, of: Mapping[str, Of], asked: Sequence[Request], now: datetime) -> Money:
    """What is left, locked till this commits; customers are locked after it. What an earlier ruling
    of these touches set aside is given back."""
    payers = {code: one.playbook for code, one in of.items() if one.playbook is not None}
    if not payers:
        return NO_MONEY
    known = caps.lock(conn, now, [one.touch_id for one in asked if one.touch_id < UNWRITTEN])
    left = {code: (one.left, one.left_today) for code, one in known.items()}
    costs = _costs(conn, [one for one in asked if one.journey in payers], payers, now)
    return Money(payers, left, costs)


def set_cap(
    conn: Conn, playbook: str, total: int | None, daily: int | None, by: str, now: datetime
) -> None:
    """What it may cost in all and on a day: as `caps.set_cap`. With its first cap, what is on its
    way already and what stands of its promises is expected, too."""
    known = {one.playbook for one in ledger.spendings(conn, now)}
    caps.set_cap(conn, playbook, total, daily, by, now)
    if playbook in known or (total is None and daily is None):
        return
    rows = conn.fetch(SQL.on_the_way, {"playbook": playbook})
    under_way = [Request(*row[:6], material=row[6]) for row in rows]
    costs = _costs(conn, under_way, {one.journey: playbook for one in under_way}, now)
    expected = [
        Expected("touch", touch, one.kind, playbook, one.minor) for touch, one in costs.items()
    ]
    caps.expect(conn, expected, now)
    paid.begin(conn, playbook, now)


def go_on(conn: Conn, playbook: str, now: datetime) -> int:
    """What waits for this playbook's budget is ruled again now; how much that is."""
    waiting = conn.fetch(SQL.short_of_money, {"playbook": playbook, "now": now})
    outbox.defer(conn, [(touch, now) for (touch,) in waiting])
    return len(waiting)


def _costs(
    conn: Conn, asked: Sequence[Request], payers: Mapping[str, str], now: datetime
) -> dict[int, Pays]:
    """The dearest price that is listed, whoever carries it: what is set aside is not too little."""
    prices, day = ledger.price_list(conn), now.astimezone(brand_zone(conn)).date()
    segments = _segments(conn, {one.material for one in asked if one.channel == "sms"})
    gifts = paid.unpaid(conn, {one.promise_id for one in asked if one.promise_id}, prices, day)
    found: dict[int, Pays] = {}
    for one in asked:
        kind, many = {
            "sms": ("sms_segment", segments.get(one.material, 1)),
            "voice_ai": ("call_minute", CALL_MINUTES),
        }.get(one.channel, ("", 0))
        minor = many * dearest(prices, kind, day) if many else 0
        gift = gifts.get(one.promise_id or 0, 0)
        if minor or gift:
            promise = one.promise_id if gift else None
            found[one.touch_id] = Pays(payers[one.journey], kind, minor, promise, gift)
    return found


def _segments(conn: Conn, codes: Collection[str]) -> dict[str, int]:
    """Of each text the longest of its variants, filled in as usual."""
    if not codes:
        return {}
    return {
        code: max(segments_of(usual(text)) for texts in one.texts.values() for text in texts)
        for code, one in content.shelf(conn, codes, unreviewed=True).items()
    }
