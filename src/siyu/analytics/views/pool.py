"""The pool over a period: who was in it, came and left, by which doors, and who came to a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.kernel.sql import Conn, load

SQL = load("siyu.analytics")


class Pool(NamedTuple):
    """Friends `before` the period and `after` it, who `came` for the first time in it and who
    `left` by deleting us, of all `customers` that are known."""

    before: int
    came: int
    left: int
    after: int
    customers: int


class Door(NamedTuple):
    """New friends of a source and a step; both empty: nothing of ours led them. `stages`: how many
    of them are in which of A1 to A5 by now."""

    source: str
    step: str
    title: Mapping[str, str]
    friends: int
    stages: Mapping[str, int]


class Invited(NamedTuple):
    """Of a journey: customers `invited` to a store, who `booked` (or reserved), who `came`."""

    journey: str
    invited: int
    booked: int
    came: int


class Touched(NamedTuple):
    """Touches of a playbook on a channel, and of these those of friends."""

    playbook: str
    channel: str
    sent: int
    of_friends: int


class Entered(NamedTuple):
    """Somebody's first coming into a journey: about which order (SHOP/ORDER), when."""

    key: str
    at: datetime
    held_out: bool


def entered(conn: Conn, journey: str) -> list[Entered]:
    """Whoever ever came into a journey."""
    return [Entered(*row) for row in conn.fetch(SQL.came_in, {"journey": journey})]


def pool(conn: Conn, since: datetime, until: datetime) -> Pool:
    """The friends of a period."""
    (row,) = conn.fetch(SQL.pool, {"since": since, "until": until})
    return Pool(*row)


def doors(conn: Conn, since: datetime, until: datetime) -> list[Door]:
    """By which doors new friends came, the widest first."""
    rows = conn.fetch(SQL.came_by, {"since": since, "until": until})
    return [
        Door(source, step, title, friends, _stages(many))
        for source, step, title, friends, *many in rows
    ]


def _stages(many: Sequence[int]) -> dict[str, int]:
    """So many in each stage from A1 on.

    >>> _stages([0, 0, 5, 2, 0])
    {'A3': 5, 'A4': 2}
    """
    return {f"A{place}": people for place, people in enumerate(many, 1) if people}


def touched(conn: Conn, since: datetime, until: datetime) -> list[Touched]:
    """What playbooks sent, and how much of it to friends."""
    return [
        Touched(*row) for row in conn.fetch(SQL.touched_friends, {"since": since, "until": until})
    ]


def invited(
    conn: Conn,
    steps: Sequence[tuple[str, str]],
    since: datetime,
    until: datetime,
    within: timedelta,
) -> list[Invited]:
    """What came of these steps (journey, step) that invite to a store, so long after each."""
    params = {
        "journeys": [journey for journey, _ in steps],
        "steps": [step for _, step in steps],
        "since": since,
        "until": until,
        "seconds": int(within.total_seconds()),
    }
    return [Invited(*row) for row in conn.fetch(SQL.asked_to_come, params)]
