"""Moments: what friends are shown without being written to, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from siyu.kernel.sentence import Sentence


class Moment(NamedTuple):
    """What members are to show. `media`: pictures or one video, by the names that they got when
    they were uploaded; of a `link` one picture, its cover. No members: all who can; no tags: all
    their friends."""

    text: str = ""
    media: tuple[str, ...] = ()
    link: str = ""
    title: str = ""  # of the link
    members: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Asking(NamedTuple):
    """Whom of us a Moment would ask to publish it, and who is left out: code → why."""

    members: tuple[str, ...]
    left_out: Mapping[str, Literal["not_able", "enough_today"]]


class Shown(NamedTuple):
    """A Moment that was made, and what has come of it. None: nobody has said."""

    id: str
    moment: Moment
    by: str
    at: datetime
    state: Literal["making", "open", "failed", "cancelled"]
    members: tuple[str, ...]  # who were asked
    published: tuple[str, ...]  # of them
    seen: int | None  # customers who can see it
    likes: int | None
    comments: int | None
    looked_at: datetime | None
    why: Sentence | None  # it failed
