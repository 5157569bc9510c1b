"""A piece of work for a person, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from siyu.kernel.errors import BadInput
from siyu.kernel.ids import share
from siyu.kernel.time import Hours, duration, hours

PREFIX = "tsk"
State = Literal["open", "done", "cancelled"]
Outcome = Literal[
    "requested", "agreed", "refused", "no_answer", "already_added", "wrong_person", "do_not_call"
]

# Which work each channel of people asks for.
KINDS: Mapping[str, str] = {"wecom_request": "friend_request", "voice_human": "call"}
USUAL_TIME = timedelta(hours=24)  # to do it in, where nothing makes it shorter
HOLD = timedelta(minutes=15)  # real time that somebody has for the task on their screen
LATER = timedelta(minutes=10)  # when it is tried again after everybody had enough
LONGEST_WAIT = timedelta(minutes=15)  # somebody may be back, or a rota be changed, meanwhile

# Why a task waits for its guide: codes of a touch that stays owed, with their words.
WAITS: Mapping[str, Mapping[str, str]] = {
    "no active guide": {"en": "there is no active guide", "zh": "没有在职导购"},
    "nobody_at_work": {"en": "no guide is at work now", "zh": "当前没有导购在班"},
    "nobody_has_room": {"en": "every guide at work has enough today", "zh": "在班导购今日已满"},
}


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
    reported_at: datetime | None
    tries: int
    snoozed_until: datetime | None
    held_by: str
    held_until: datetime | None
    escalation: int
    escalated_to: str

    @property
    def about(self) -> str:
        """In words for people: what is to be done, about which order."""
        return f"{self.kind} {self.shop}/{self.order_no}"


@dataclass(frozen=True, slots=True)
class Rules:
    """How often a call is made that nobody answers, and who learns of what is overdue.

    With one try a call that nobody answered is over. A span that is None never comes.
    """

    most_tries: int = 1
    again_after: timedelta = timedelta(hours=3)
    again_hours: str = "10:00-20:00"
    overdue_after: timedelta | None = None
    head_office_after: timedelta | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.most_tries <= 9:
            raise ValueError("a call is made 1 to 9 times")
        if not timedelta(minutes=30) <= self.again_after <= timedelta(days=7):
            raise ValueError("a call is made again after 30 minutes (30m) to a week (7d)")
        hours(self.again_hours)
        spans = [span for span in (self.overdue_after, self.head_office_after) if span is not None]
        if any(not timedelta(0) <= span <= timedelta(days=30) for span in spans):
            raise ValueError("what is overdue is told of within 30 days (30d)")
        if self.head_office_after is not None and self.overdue_after is None:
            raise ValueError("head office learns of what the store did before: set both")

    @property
    def window(self) -> Hours:
        return hours(self.again_hours)


def read_rules(words: Mapping[str, object]) -> Rules:
    """Rules as people write them, with spans like `3h`; BadInput says which can't be kept."""

    def span(name: str) -> timedelta | None:
        return None if words.get(name) is None else duration(str(words[name]))

    try:
        return Rules(
            int(str(words["most_tries"])),
            duration(str(words["again_after"])),
            str(words["again_hours"]),
            span("overdue_after"),
            span("head_office_after"),
        )
    except ValueError as error:
        raise BadInput(f"These rules can't be kept: {error}.") from None


def spell(span: timedelta) -> str:
    """A span as people write it.

    >>> spell(timedelta(hours=1, minutes=30)), spell(timedelta(0))
    ('1h30m', '0s')
    """
    left, parts = int(span.total_seconds()), list[str]()
    for unit, seconds in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, seconds)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def assigned(about: str, guides: Sequence[str]) -> str:
    """Whose task this is: spread evenly, the same person for everything about one order.

    >>> assigned("tmall/T1", ["guide-1"])
    'guide-1'
    """
    return sorted(guides)[int(share("task", about) * len(guides))]
