"""Rulings, as a sweep makes them and as somebody's own word does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from siyu.budget.model import Hold, Ruling, barred
from siyu.kernel.sql import Conn, load
from siyu.ledger.actions import caps
from siyu.ledger.model import Expected
from siyu.outbox import actions as outbox
from siyu.outbox.actions import places

SQL = load("siyu.budget")


def store(conn: Conn, rulings: Sequence[Ruling], now: datetime) -> None:
    """Write down what was ruled, and take what it uses of what all share."""
    if not rulings:
        return
    ordered = sorted(rulings, key=lambda ruling: ruling.touch_id)
    conn.execute(
        SQL.store_rulings,
        {
            "touches": [ruling.touch_id for ruling in ordered],
            "verdicts": [ruling.verdict for ruling in ordered],
            "reasons": [ruling.reason for ruling in ordered],
            "ats": [ruling.at for ruling in ordered],
            "bys": [ruling.by for ruling in ordered],
            "now": now,
        },
    )
    taken = [(ruling.touch_id, account) for ruling in ordered for account in ruling.uses]
    places.take(conn, taken)
    paying = [one for one in ordered if one.verdict == "allow" and one.pays is not None]
    expected = [one for ruling in paying for one in _expected(ruling)]
    caps.expect(conn, expected, now)
    short = {ruling.short for ruling in ordered if ruling.short}
    caps.short(conn, short, {one.playbook for one in expected} - short, now)


def _expected(ruling: Ruling) -> list[Expected]:
    """What it is expected to cost, and what it promises."""
    pays = ruling.pays
    if pays is None:
        return []
    found = [Expected("touch", ruling.touch_id, pays.kind, pays.playbook, pays.minor)]
    if pays.promise_id is not None:
        found.append(Expected("promise", pays.promise_id, "gift", pays.playbook, pays.gift_minor))
    return [one for one in found if one.amount_minor]


def stop_barred(conn: Conn, customer_ids: Collection[int], now: datetime) -> None:
    """What is under way to these customers where they are not contacted any more: it is withheld,
    or asked back where a provider or a person has it.

    Who is suppressed or has deleted us is locked, so no ruling that knew nothing of it is under
    way. Consent is asked for once more at the lease: what a ruling allows meanwhile ends there.
    """
    barring: dict[int, list[Hold]] = {}
    locked: set[int] = set()
    params = {"customers": sorted(customer_ids), "now": now}
    for customer, consent, *hold in conn.fetch(SQL.barred, params) if customer_ids else ():
        barring.setdefault(customer, []).append(Hold(*hold))
        if not consent:
            locked.add(customer)
    if locked:
        conn.execute(SQL.lock_accounts, {"customers": sorted(locked), "now": now})
    withheld: list[tuple[int, str]] = []
    asked_back: list[tuple[int, str]] = []
    for one in outbox.stoppable(conn, sorted(barring)):
        holds = barring[one.customer_id]
        why = barred(holds, one.channel, one.purpose, max(now, one.due_at))
        if why:
            (withheld if one.here else asked_back).append((one.touch_id, why))
    outbox.withhold(conn, withheld, now)
    outbox.ask_back(conn, asked_back, now)
    store(conn, [Ruling(touch, "withhold", why) for touch, why in withheld], now)
