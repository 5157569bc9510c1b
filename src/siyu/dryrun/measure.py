"""What came of a dry run, counted in its own tables; and how people answered in the brand's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import sqrt

from siyu.dryrun.model import (
    ENOUGH,
    Asked,
    Collision,
    Counted,
    Day,
    Rate,
    Rates,
    Reaction,
    Step,
    Withheld,
)
from siyu.dryrun.place import SQL, Apart
from siyu.events.model import OURS
from siyu.kernel.sql import Conn

Z = 1.96  # of 95 %


def counted(app: Apart, code: str, since: datetime, asked: Asked) -> Counted:
    """Nine statements over a schema that nobody else reads."""
    of = {"code": code, "since": since, "zone": app.brand.time_zone, "ours": OURS}
    with app.db.transaction() as conn:
        (heads,) = conn.fetch(SQL.counted, of)
        refused = dict(conn.fetch(SQL.refused, of))
        entered = dict(conn.fetch(SQL.entered_by_day, of))
        minutes = dict(conn.fetch(SQL.minutes_by_day, of))
        steps = [Step(*row) for row in conn.fetch(SQL.steps, of)]
        withheld = [Withheld(*row) for row in conn.fetch(SQL.withheld, of)]
        collisions = [Collision(*row) for row in conn.fetch(SQL.collisions, of)]
        given = dict(conn.fetch(SQL.given, of))
    heard, could, visits, customers, held_out, parked, friends = heads
    days = [asked.since + timedelta(days=n) for n in range(asked.days)]
    return Counted(
        heard, could, visits, customers, held_out, refused, friends, parked,
        [Day(day, entered.get(day, 0), int(minutes.get(day, 0))) for day in days],
        steps, withheld, collisions, given,
    )  # fmt: skip


def together(some: Sequence[Counted], codes: Sequence[str]) -> Counted:
    """What several journeys of a playbook counted, as one; steps by the name of their journey."""
    if len(some) == 1:
        return some[0]
    named = list(zip(codes, some, strict=True))
    refused: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for one in some:
        refused.update(one.refused)
        given.update(one.given)

    def of(name: str) -> int:
        return sum(int(getattr(one, name)) for one in some)

    days = zip(*(one.days for one in some), strict=True)
    return Counted(
        heard=some[0].heard,
        could_enter=of("could_enter"),
        entered=of("entered"),
        customers=of("customers"),
        held_out=of("held_out"),
        refused=refused,
        friends=of("friends"),
        parked=of("parked"),
        days=[Day(day[0].day, *(sum(both) for both in zip(*(one[1:] for one in day), strict=True)))
              for day in days],
        steps=[step._replace(step=f"{code}/{step.step}") for code, one in named
               for step in one.steps],
        withheld=[row._replace(step=f"{code}/{row.step}") for code, one in named
                  for row in one.withheld],
        collisions=[row for one in some for row in one.collisions if row.journey not in codes],
        given=given,
    )  # fmt: skip


def rates(conn: Conn, given: Rates, assumed: Rates, since: datetime) -> Rates:
    """Those that somebody gave; else the brand's own, of the channels by which it has sent enough;
    else the assumed ones."""
    own = {
        channel: _own(assumed[channel], (sent, reached, added, refused), seconds, minutes, intents)
        for channel, sent, reached, added, refused, seconds, minutes, intents in conn.fetch(
            SQL.experience, {"since": since}
        )
        if channel in assumed and sent >= ENOUGH
    }
    return {**assumed, **own, **given}


def _own(
    assumed: Reaction,
    counts: tuple[int, int, int, int],
    seconds: float | None,
    minutes: float | None,
    intents: Mapping[str, int],
) -> Reaction:
    sent, reached, added, refused = counts
    found = replace(
        assumed,
        reached=share_of(reached, sent),
        added=share_of(added, reached),
        refused=share_of(refused, reached),
    )
    if seconds:
        found = replace(found, seconds=_about(float(seconds), sent))
    if minutes:
        found = replace(found, minutes=_about(float(minutes), sent))
    return replace(found, intents=intents) if any(intents.values()) else found


def share_of(some: int, of: int) -> Rate:
    """Wilson's interval of 95 % around the share that was seen.

    >>> share_of(50, 100).low < 0.5 < share_of(50, 100).high
    True
    """
    if not of:
        return Rate(0, 0, 0, 0)
    seen, square = some / of, Z * Z / of
    middle = (seen + square / 2) / (1 + square)
    wide = Z * sqrt(seen * (1 - seen) / of + square / (4 * of)) / (1 + square)
    return Rate(max(0.0, middle - wide), seen, min(1.0, middle + wide), of)


def _about(amount: float, seen: int) -> Rate:
    return Rate(amount * 0.8, amount, amount * 1.2, seen)
