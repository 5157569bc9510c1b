"""Messages that one of us has to press send for: who, since when, and who was reminded of it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Unsent(NamedTuple):
    """A message to so many customers that waits for one of us to press send; `staff` is empty
    where the carrier chose who that is. `token`: of one of its touches, which are all alike.
    `reminded`: when whoever has not pressed was; `reminds_left` the carrier's share of the next 24
    hours; `ends_at`: when it is called off."""

    id: str
    staff: str
    since: datetime
    customers: int
    token: str = ""
    reminded: tuple[datetime, ...] = ()
    reminds_left: int = 0
    ends_at: datetime | None = None
