"""A piece of work for a person, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from siyu.kernel.errors import BadInput
from siyu.kernel.ids import share
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import Hours, duration, hours

PREFIX = "tsk"
State = Literal["open", "done", "cancelled"]
STATES: Mapping[State, Sentence] = {
    "open": Sentence("open", "还开着"),
    "done": Sentence("done", "已完成"),
    "cancelled": Sentence("cancelled", "已取消"),
}
Outcome = Literal[
    "requested", "added", "agreed", "refused", "no_answer", "already_added", "wrong_person",
    "do_not_call",
]  # fmt: skip
# What comes of a report. `waits_for_friend`: the friendship itself; `call_again`: at its time;
# `calls_rest`: the brand's cool-down; `phone_dropped`: this number; `match`: which friend it is;
# `never_called`: nobody calls this customer again; `over`: nothing.
Followed = Literal[
    "waits_for_friend", "call_again", "calls_rest", "phone_dropped", "match", "never_called", "over"
]
FOLLOWS: Mapping[Outcome, Followed] = {
    "requested": "waits_for_friend",
    "added": "waits_for_friend",
    "agreed": "waits_for_friend",
    "refused": "calls_rest",
    "no_answer": "over",
    "already_added": "match",
    "wrong_person": "phone_dropped",
    "do_not_call": "never_called",
}
# Why a task is not given on.
Refusal = Literal["no_such_task", "ended", "on_screen", "no_guide", "not_at_work", "no_room"]
REFUSALS: Mapping[Refusal, Mapping[str, str]] = {
    "no_such_task": {"en": "There is no such task.", "zh": "没有这条待办。"},
    "ended": {"en": "It has ended: there is nothing to do any more.", "zh": "已结束，无需再做。"},
    "on_screen": {
        "en": "Somebody has it on the screen; try again in some minutes.",
        "zh": "有人正在处理，请几分钟后再试。",
    },
    "no_guide": {"en": "There is no other active guide.", "zh": "没有其他在职导购。"},
    "not_at_work": {"en": "Nobody who may take it is at work.", "zh": "可接手的人都不在班。"},
    "no_room": {"en": "They have enough today: nobody has room.", "zh": "今日已满，无法再接。"},
}

# Which work each channel of people asks for.
KINDS: Mapping[str, str] = {"wecom_request": "friend_request", "voice_human": "call"}
USUAL_TIME = timedelta(hours=24)  # to do it in, where nothing makes it shorter
WAITING_TIME = timedelta(days=3)  # in which work that may wait finds its quiet hour
HOLD = timedelta(minutes=15)  # real time that somebody has for the task on their screen
LATER = timedelta(minutes=10)  # when it is tried again after everybody had enough
BREAK = timedelta(minutes=15)  # without a report: whoever reports again has rested
REST_AFTER = timedelta(minutes=60)  # of work without a break
MOST_PER_HOUR = 60
LONGEST_WAIT = timedelta(minutes=15)  # somebody may be back, or a rota be changed, meanwhile

LOOKED_BACK = timedelta(days=60)  # for phones of older orders nobody is asked

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
    planned_for: datetime | None = None
    planned_why: str = ""

    @property
    def about(self) -> str:
        """In words for people: what is to be done, about which order."""
        return f"{self.kind} {self.shop}/{self.order_no}"


@dataclass(frozen=True, slots=True)
class Rules:
    """How often a call is made that nobody answers, and who learns of what is overdue.

    With one try a call that nobody answered is over. A span that is None never comes. Of work that
    may wait `per_hour` go into a guide's quiet hour.
    """

    most_tries: int = 1
    again_after: timedelta = timedelta(hours=3)
    again_hours: str = "10:00-20:00"
    overdue_after: timedelta | None = None
    head_office_after: timedelta | None = None
    per_hour: int = 6

    def __post_init__(self) -> None:
        if not 1 <= self.most_tries <= 9:
            raise ValueError(Sentence("a call is made 1 to 9 times", "一位客户打 1 到 9 次电话"))
        if not 1 <= self.per_hour <= MOST_PER_HOUR:
            raise ValueError(
                Sentence(
                    f"1 to {MOST_PER_HOUR} tasks fit into a quiet hour",
                    f"每个淡场小时可安排 1 到 {MOST_PER_HOUR} 个待办",
                )
            )
        if not timedelta(minutes=30) <= self.again_after <= timedelta(days=7):
            raise ValueError(
                Sentence(
                    "a call is made again after 30 minutes (30m) to a week (7d)",
                    "再次拨打的间隔必须在 30 分钟（30m）到一周（7d）之间",
                )
            )
        hours(self.again_hours)
        spans = [span for span in (self.overdue_after, self.head_office_after) if span is not None]
        if any(not timedelta(0) <= span <= timedelta(days=30) for span in spans):
            raise ValueError(
                Sentence(
                    "what is overdue is told of within 30 days (30d)",
                    "逾期提醒必须在 30 天（30d）以内",
                )
            )
        if self.head_office_after is not None and self.overdue_after is None:
            raise ValueError(
                Sentence(
                    "head office learns of what the store did before: set both",
                    "门店先知道，总部才知道：请两项都设",
                )
            )

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
            int(str(words.get("per_hour", 6))),
        )
    except ValueError as error:
        why = wording(error)
        raise BadInput(
            Sentence(f"These rules can't be kept: {why}.", f"这些规则不能保存：{why.zh}。")
        ) from None


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


def report_of(task_id: int) -> str:
    """Under which id the report that ends a task is told as an event of our own."""
    return f"task-done:{task_id}"


def assigned(about: str, guides: Sequence[str]) -> str:
    """Whose task this is: spread evenly, the same person for everything about one order.

    >>> assigned("tmall/T1", ["guide-1"])
    'guide-1'
    """
    return sorted(guides)[int(share("task", about) * len(guides))]
