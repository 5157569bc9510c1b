"""Conditions about a visit itself: its orders, its touches, its parcel. Decided without a query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, TypeAlias, get_args

from siyu.events.model import Kind
from siyu.journeys.model import Here
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Form, Words

# Nothing more will come of a touch in one of these states.
OVER = frozenset({"delivered", "read", "replied", "failed", "withheld", "withdrawn"})
DELIVERED = frozenset({"delivered", "read", "replied"})

TouchState: TypeAlias = Literal["finished", "delivered", "failed", "withheld"]
Intent: TypeAlias = Literal["A", "B", "C", "D", "E", "F"]
CallOutcome: TypeAlias = Literal[
    "answered", "agreed", "refused", "no_answer", "wrong_person", "do_not_call"
]
TaskOutcome: TypeAlias = Literal[
    "requested", "added", "agreed", "refused", "no_answer", "already_added", "wrong_person",
    "do_not_call",
]  # fmt: skip


class VisitForm(Form):
    """A form that is decided on a visit's facts. `kinds` are what can make it true or false."""

    kinds: ClassVar[frozenset[Kind]]

    def true(self, here: Here) -> bool:
        """The answer now."""
        raise NotImplementedError

    def flips(self, here: Here) -> datetime | None:
        """When time alone will change the answer; None: it never does."""
        del here
        return None

    @property
    def reason(self) -> str:
        """A stable code for "because this is true"."""
        return self.key


@dataclass(frozen=True)
class OrderIs(VisitForm):
    """`gone`: all orders of the visit were cancelled or wholly refunded. `paid`: one stands."""

    key = "order"
    title = Words("本次订单", "The visit's order")
    short = "is"
    kinds = frozenset({"order.paid", "order.refunded", "order.cancelled"})

    is_: Literal["gone", "paid"]

    def true(self, here: Here) -> bool:
        orders = here.facts.orders
        if self.is_ == "gone":
            return bool(orders) and all(order.gone for order in orders)
        return any(order.state == "paid" for order in orders)

    @property
    def reason(self) -> str:
        return f"order_{self.is_}"


@dataclass(frozen=True)
class TouchIs(VisitForm):
    """How the last touch of a step went. `finished`: nothing more will come of it, for any reason.

    A call's `intent` runs from A (strong) to F (none).
    """

    key = "touch"
    title = Words("某步触达的结果", "A step's touch")
    kinds = frozenset(
        {
            "call.finished",
            "task.done",
            "touch.delivered",
            "touch.failed",
            "touch.read",
            "touch.withdrawn",
            "touch.withheld",
        }
    )

    step: str
    is_: TouchState | None = None
    intent: tuple[Intent, ...] | None = None
    outcome: tuple[CallOutcome, ...] | None = None

    def __post_init__(self) -> None:
        if self.is_ is None and self.intent is None and self.outcome is None:
            words = ", ".join(get_args(TouchState))
            raise ValueError(
                Sentence(
                    f"say what the touch must be: `is` ({words}), `intent` or `outcome`",
                    f"请写明触达要满足什么：`is`（{words}）、`intent` 或 `outcome`",
                )
            )

    def true(self, here: Here) -> bool:
        touch = here.facts.touches.get(self.step)
        if touch is None:
            return False
        return (
            (self.is_ is None or _is(self.is_, touch.state, over=touch.finished_at is not None))
            and (self.intent is None or touch.intent in self.intent)
            and (self.outcome is None or touch.outcome in self.outcome)
        )


@dataclass(frozen=True)
class TaskIs(VisitForm):
    """What people reported for the task of a step."""

    key = "task"
    title = Words("某步待办的结果", "A step's task")
    kinds = frozenset({"task.done", "touch.withdrawn", "touch.withheld"})

    step: str
    outcome: tuple[TaskOutcome, ...]

    def true(self, here: Here) -> bool:
        touch = here.facts.touches.get(self.step)
        return touch is not None and touch.outcome in self.outcome


@dataclass(frozen=True)
class ParcelIs(VisitForm):
    """`planned`: the parcel's cut-off is known. `frozen`: it has passed, nothing can be put in."""

    key = "parcel"
    title = Words("本次包裹", "The visit's parcel")
    short = "is"
    kinds = frozenset({"parcel.planned"})

    is_: Literal["planned", "frozen"]

    def true(self, here: Here) -> bool:
        cutoff = here.order.cutoff_at
        return cutoff is not None and (self.is_ == "planned" or cutoff <= here.now)

    def flips(self, here: Here) -> datetime | None:
        cutoff = here.order.cutoff_at
        return None if cutoff is None or cutoff <= here.now else cutoff

    @property
    def reason(self) -> str:
        return f"parcel_{self.is_}"


@dataclass(frozen=True)
class ValueIs(VisitForm):
    """What a `set` step has kept on the visit. A value that was never set is none of these."""

    key = "value"
    title = Words("旅程变量", "A value of the visit")
    kinds = frozenset()

    name: str
    is_: str | int | bool | None = None
    at_least: int | None = None
    at_most: int | None = None

    def __post_init__(self) -> None:
        if self.is_ is None and self.at_least is None and self.at_most is None:
            raise ValueError(
                Sentence(
                    "say what the value must be: `is`, `at_least` or `at_most`",
                    "请写明值要满足什么：`is`、`at_least` 或 `at_most`",
                )
            )

    def true(self, here: Here) -> bool:
        value = here.visit.vars.get(self.name)
        if self.is_ is not None and (type(value) is not type(self.is_) or value != self.is_):
            return False  # 1 is not true
        if self.at_least is None and self.at_most is None:
            return True
        if not isinstance(value, int) or isinstance(value, bool):
            return False
        low = value if self.at_least is None else self.at_least
        high = value if self.at_most is None else self.at_most
        return low <= value <= high


def _is(wanted: TouchState, state: str, *, over: bool) -> bool:
    match wanted:
        case "finished":
            return over or state in OVER
        case "delivered":
            return state in DELIVERED
        case "failed" | "withheld":
            return state == wanted
