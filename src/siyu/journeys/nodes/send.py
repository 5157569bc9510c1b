"""Wish for a touch."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Literal

from siyu.journeys.model import (
    Act,
    ChannelCode,
    Go,
    Here,
    Lane,
    MaterialCode,
    Node,
    Purpose,
    Wished,
    asked,
)
from siyu.journeys.nodes.split import Split
from siyu.outbox.model import MOST_URGENT, Wish
from siyu.segments.model import Words

HIGHEST_VALUE = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Touching(Node):
    """What a message and a person's work have in common: both become a touch."""

    channel: str
    material: MaterialCode = field(metadata=asked("What it says", "素材或话术"))
    purpose: Purpose = field(
        metadata=asked("What it is for: consent, hours and caps hang on it", "目的")
    )
    lane: Lane = field(
        metadata=asked("`now`, or `window` for a planned hour", "车道"), default="now"
    )
    priority: int = field(metadata=asked("9 goes first, 1 last", "优先级"), default=5)
    value: int = field(
        metadata=asked(
            "What it should bring, in minor units: of two with one priority in a window the "
            "higher goes first",
            "预期价值",
        ),
        default=0,
    )
    code: ChannelCode | None = field(
        metadata=asked("The channel code its link carries", "活码"), default=None
    )
    true_until: Literal["parcel_cutoff"] | None = field(
        metadata=asked("What it says is true only until then", "有效期"), default=None
    )

    def __post_init__(self) -> None:
        if not 1 <= self.priority <= MOST_URGENT:
            raise ValueError(f"priority is between 1 and {MOST_URGENT}, not {self.priority}")
        if not 0 <= self.value <= HIGHEST_VALUE:
            raise ValueError(f"value is between 0 and {HIGHEST_VALUE}, not {self.value}")

    def step(self, here: Here) -> Act:
        return Go("wished", effects=(wished(self, here),))


@dataclass(frozen=True, kw_only=True)
class Send(Touching):
    """Wish for one message on one channel. The budget rules whether and when it goes out."""

    key = "send"
    title = Words("发送消息", "Send a message")

    channel: Literal["sms", "voice_ai", "wecom_message"] = field(
        metadata=asked("Which way it goes", "渠道")
    )


def wished(form: Touching, here: Here) -> Wished:
    """The one touch of this visit, step and round. Who is held out is wished for too: the budget
    withholds it with its reason, so the hold-out is counted like everybody else."""
    visit, promise = here.visit, here.facts.promise
    wish = Wish(
        visit_id=visit.id,
        node=visit.node,
        round=visit.round,
        customer_id=visit.customer_id,
        journey=here.journey.journey,
        step=visit.node,
        channel=form.channel,
        purpose=form.purpose,
        lane=form.lane,
        priority=form.priority,
        shop=here.order.shop,
        order_no=here.order.order_no,
        material=form.material,
        locale=here.facts.locale,
        promise_id=promise if isinstance(promise, int) else None,
        state_code="",
        due_at=here.now,
        valid_until=here.order.cutoff_at if form.true_until == "parcel_cutoff" else None,
        probability=probability(here),
        value=form.value,
    )
    code = "" if visit.held_out else form.code or ""
    return Wished(wish, code, promise if isinstance(promise, str) else "")


def probability(here: Here) -> float:
    """How likely this visit was to come here, by the splits that it passed."""
    steps: dict[str, Node] = {step.id: step.node for step in here.journey.steps}
    taken = ((steps.get(step), arm) for step, arm in here.visit.arms.items())
    return prod(node.probability(arm) for node, arm in taken if isinstance(node, Split))
