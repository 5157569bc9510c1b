"""A piece of work for a person, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from siyu.kernel.ids import share

PREFIX = "tsk"
State = Literal["open", "done", "cancelled"]
Outcome = Literal[
    "requested", "agreed", "refused", "no_answer", "already_added", "wrong_person", "do_not_call"
]

# Which work each channel of people asks for.
KINDS: Mapping[str, str] = {"wecom_request": "friend_request", "voice_human": "call"}
USUAL_TIME = timedelta(hours=24)  # to do it in, where nothing makes it shorter


class Task(NamedTuple):
    """A task as it stands. `script` holds `{name}` where the screen fills in the name."""

    id: int
    touch_id: int
    kind: str
    customer_id: int
    identity_id: int | None
    staff: str
    script: str
    shop: str
    order_no: str
    state: State
    outcome: str
    minutes: int
    created_at: datetime
    due_at: datetime
    done_at: datetime | None


def assigned(about: str, guides: Sequence[str]) -> str:
    """Whose task this is: spread evenly, the same person for everything about one order.

    >>> assigned("tmall/T1", ["guide-1"])
    'guide-1'
    """
    return sorted(guides)[int(share("task", about) * len(guides))]
