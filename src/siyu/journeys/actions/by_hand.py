"""Customers whom people let in by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.acquisition import views as acquisition
from siyu.journeys.actions import TURNED_AWAY, Entrant, Start, approve, begin
from siyu.journeys.actions.pilot import State
from siyu.journeys.check import check
from siyu.journeys.model import Journey
from siyu.kernel.errors import BadInput, NotFound, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.segments.model import Family
from siyu.staff import actions as staff

SQL = load("siyu.journeys")
BY_HAND = "by hand"


class LetIn(NamedTuple):
    """What became of somebody: the visit that has begun, or the reason why none has."""

    entrant: Entrant | None
    visit_id: int | None
    reason: str = ""


def enrol(
    conn: Conn,
    code: str,
    wanted: Sequence[Entrant | None],
    families: Sequence[Family],
    by: str,
    now: datetime,
) -> list[LetIn]:
    """Let in those whom the journey's source admits; its hold-out counts here too. An answer each.

    Who has a visit of that key is left alone. Re-entry is not asked: a person decides. Above the
    brand's limits one person may not, however small the numbers in which they do it.
    """
    journey_id, version, journey = _open(conn, code, families)
    entrants = [entrant for entrant in wanted if entrant is not None]
    if journey.source is not None:
        people = {entrant.customer_id for entrant in entrants}
        good = acquisition.admitted(conn, journey.source, people, now)
        entrants = [entrant for entrant in entrants if entrant.customer_id in good]
    customers = {entrant.customer_id for entrant in entrants}
    size = approve.by_hand(conn, journey_id, journey, customers, now)
    if size is not None:
        raise Refused(
            Sentence(
                f"By hand that makes {size}, which one person may not decide (siyu journey "
                "limits). "
                "Let them in by the journey's `enter:`, which is published under the same limits.",
                f"手动进入将达到 {size.zh}，不能由一个人决定（siyu journey limits）。请用旅程的 "
                "`enter:` 让他们进入，发布时有同样的限制。",
            )
        )
    begun = begin(conn, [Start(journey_id, version, journey, one) for one in entrants], now)
    visits = {(customer, key): visit for (_, customer, key), visit in begun.items() if visit > 0}
    if visits:
        _note(conn, journey_id, entrants, visits, now)
        staff.audit(conn, by, "journey.start", code, f"{len(visits)} let in by hand", now)
    away = {(customer, key): TURNED_AWAY[visit] for (_, customer, key), visit in begun.items()
            if visit in TURNED_AWAY}  # fmt: skip
    return [_answer(one, customers, visits, away) for one in wanted]


def _answer(
    entrant: Entrant | None,
    admitted: Collection[int],
    visits: Mapping[tuple[int, str], int],
    away: Mapping[tuple[int, str], str],
) -> LetIn:
    if entrant is None:
        return LetIn(None, None, "unknown")
    if entrant.customer_id not in admitted:
        return LetIn(entrant, None, "not_admitted")
    key = entrant.customer_id, entrant.key
    reason = away.get(key, "" if key in visits else "known")
    return LetIn(entrant, visits.get(key), reason)


def _open(conn: Conn, code: str, families: Sequence[Family]) -> tuple[int, int, Journey]:
    """What is published of it. Locked: who let people in at the same time are counted together."""
    state = next((State(*row) for row in conn.fetch(SQL.state, {"code": code})), None)
    if state is None or state.version is None:
        raise NotFound(
            Sentence(
                f"There is no journey {code!r} that is published.", f"没有已发布的旅程 {code!r}。"
            )
        )
    params = {"journeys": [state.journey_id], "versions": [state.version]}
    ((_, _, text),) = conn.fetch(SQL.versions, params)
    journey = check(text, families)
    if not isinstance(journey, Journey):
        raise BadInput(
            Sentence(
                f"Version {state.version} of {code!r} can't be read any more:",
                f"{code!r} 的第 {state.version} 版已无法读取：",
            ),
            journey,
        )
    return state.journey_id, state.version, journey


def _note(
    conn: Conn,
    journey_id: int,
    entrants: Sequence[Entrant],
    visits: Mapping[tuple[int, str], int],
    now: datetime,
) -> None:
    """What `explain` shows, and what is counted when people let more in."""
    said = {(one.customer_id, one.key): one for one in entrants}
    rows = [
        (
            journey_id,
            None,
            BY_HAND,
            one.shop,
            one.order_no,
            one.customer_id,
            visit,
            "enrolled",
            "",
            now,
        )
        for one, visit in ((said[key], visit) for key, visit in visits.items())
    ]
    conn.copy(SQL.copy_entries, rows)
