"""What a brand's own figures say of its readiness, and what it should start."""

from __future__ import annotations

from datetime import datetime, timedelta

from siyu.analytics.views.margins import earned, margins
from siyu.kernel.sql import Conn, load
from siyu.playbooks.decide import OLD_DAYS, Advice, Limits, Seen, advise
from siyu.playbooks.source import shipped
from siyu.playbooks.views import installed
from siyu.staff.views import brand as the_brand
from siyu.staff.views import goal as the_goal

SQL = load("siyu.playbooks")
MOST_ASKED = 2_000  # customers whose margin stands for all


def advice(conn: Conn, limits: Limits, wecom: bool, now: datetime) -> Advice:
    """Of the year up to now."""
    currency, goal = the_brand(conn).currency, the_goal(conn)
    seen = look(conn, currency, wecom, now)
    found = advise(seen, limits, goal.kind if goal else None, shipped(), currency)
    running = {one.code for one in installed(conn) if one.state == "running"}
    picks = [one._replace(running=one.playbook in running) for one in found.picks]
    return found._replace(picks=picks)


def look(conn: Conn, currency: str, wecom: bool, now: datetime) -> Seen:
    """The figures of the last year, in this currency."""
    (row,) = conn.fetch(SQL.seen, {"now": now, "currency": currency, "old": OLD_DAYS})
    customers, orders, net, in_stores, stores, friends, before, lately, firsts, again, *rest = row
    materials, heard_at, days, old = rest
    asked = {"since": now - timedelta(days=365), "currency": currency, "most": MOST_ASKED}
    some = [one for (one,) in conn.fetch(SQL.some_buyers, asked)]
    of = next((one for one in earned(margins(conn, some)) if one.currency == currency), None)
    known = of.net_minor - of.unknown_minor if of else 0
    margin = of.margin_minor / known if of and known > 0 and of.unknown_share < 0.5 else None
    heard = heard_at is not None and heard_at >= now - timedelta(days=30)
    return Seen(
        customers, orders, net, in_stores, stores, friends, before, lately, firsts, again,
        margin, materials, wecom, heard, days, old,
    )  # fmt: skip
