"""Customers whom people let in by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.acquisition import views as acquisition
from siyu.journeys.actions import Entrant, Start, approve, begin
from siyu.journeys.actions.pilot import State
from siyu.journeys.check import check
from siyu.journeys.model import Journey
from siyu.kernel.errors import BadInput, NotFound, Refused
from siyu.kernel.sql import Conn, load
from siyu.segments.model import Family
from siyu.staff import actions as staff

SQL = load("siyu.journeys")
BY_HAND = "by hand"


class Enrolled(NamedTuple):
    """A visit that has begun."""

    visit_id: int
    customer_id: int
    key: str


def enrol(
    conn: Conn,
    code: str,
    entrants: Sequence[Entrant],
    families: Sequence[Family],
    by: str,
    now: datetime,
) -> list[Enrolled]:
    """Let in those whom the journey's source admits; its hold-out counts here too.

    Who has a visit of that key is left alone. Re-entry is not asked: a person decides. Above the
    brand's limits one person may not, however small the numbers in which they do it.
    """
    journey_id, version, journey = _open(conn, code, families)
    if journey.source is not None:
        people = {entrant.customer_id for entrant in entrants}
        good = acquisition.admitted(conn, journey.source, people, now)
        entrants = [entrant for entrant in entrants if entrant.customer_id in good]
    customers = {entrant.customer_id for entrant in entrants}
    size = approve.by_hand(conn, journey_id, journey, customers, now)
    if size is not None:
        raise Refused(
            f"By hand that makes {size}, which one person may not decide (siyu journey limits). "
            "Let them in by the journey's `enter:`, which is published under the same limits."
        )
    begun = begin(conn, [Start(journey_id, version, journey, one) for one in entrants], now)
    enrolled = [
        Enrolled(visit, customer, key) for (_, customer, key), visit in begun.items() if visit
    ]
    if enrolled:
        _note(conn, journey_id, entrants, enrolled, now)
        staff.audit(conn, by, "journey.start", code, f"{len(enrolled)} let in by hand", now)
    return enrolled


def _open(conn: Conn, code: str, families: Sequence[Family]) -> tuple[int, int, Journey]:
    """What is published of it. Locked: who let people in at the same time are counted together."""
    state = next((State(*row) for row in conn.fetch(SQL.state, {"code": code})), None)
    if state is None or state.version is None:
        raise NotFound(f"There is no journey {code!r} that is published.")
    params = {"journeys": [state.journey_id], "versions": [state.version]}
    ((_, _, text),) = conn.fetch(SQL.versions, params)
    journey = check(text, families)
    if not isinstance(journey, Journey):
        raise BadInput(f"Version {state.version} of {code!r} can't be read any more:", journey)
    return state.journey_id, state.version, journey


def _note(
    conn: Conn,
    journey_id: int,
    entrants: Sequence[Entrant],
    enrolled: Sequence[Enrolled],
    now: datetime,
) -> None:
    """What `explain` shows, and what is counted when people let more in."""
    said = {(one.customer_id, one.key): one for one in entrants}
    orders = [said[one.customer_id, one.key] for one in enrolled]
    many = len(enrolled)
    conn.execute(
        SQL.entries,
        {
            "now": now,
            "journeys": [journey_id] * many,
            "events": [None] * many,
            "causes": [BY_HAND] * many,
            "shops": [one.shop for one in orders],
            "order_nos": [one.order_no for one in orders],
            "customers": [one.customer_id for one in enrolled],
            "visits": [one.visit_id for one in enrolled],
            "outcomes": ["enrolled"] * many,
            "reasons": [""] * many,
        },
    )
