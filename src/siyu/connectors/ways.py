"""A way in, a code or a link that leads to us: as it is wanted, and as it stands."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Shift(NamedTuple):
    """Who of us takes new friends, in which hours: `mon-fri 09:00-18:00`; empty: in all."""

    staff: tuple[str, ...]
    hours: str = ""


WayKind = Literal["code", "link", "group"]


class WayIn(NamedTuple):
    """A code or a link that leads to us, or a code that leads into groups; whoever comes by it is
    known by its `state`. Behind it are those of the shifts who are at work and have not had
    `per_day` new friends today (0: no limit), else those who stand in."""

    kind: WayKind
    state: str
    title: str = ""
    shifts: tuple[Shift, ...] = ()
    instead: tuple[str, ...] = ()
    per_day: int = 0
    groups: tuple[str, ...] = ()


class Standing(NamedTuple):
    """A way in as it stands: its picture or its link, and who is behind it now. `gone`: the carrier
    does not know it any more. Without `ours` it is one of the settings', not of a page. `clicks`
    and `added`: what the carrier counted in the last 30 days that it has told; None: of none."""

    way: WayIn
    url: str
    picture: str
    behind: tuple[str, ...]
    gone: bool = False
    ours: bool = True
    clicks: int | None = None
    added: int | None = None
