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
from siyu.kernel.sentence import Sentence
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
            raise ValueError(
                Sentence(
                    f"priority is between 1 and {MOST_URGENT}, not {self.priority}",
                    f"priority 必须在 1 到 {MOST_URGENT} 之间，现在是 {self.priority}",
                )
            )
        if not 0 <= self.value <= HIGHEST_VALUE:
            raise ValueError(
                Sentence(
                    f"value is between 0 and {HIGHEST_VALUE}, not {self.value}",
                    f"value 必须在 0 到 {HIGHEST_VALUE} 之间，现在是 {self.value}",
                )
            )

    @property
    def invites(self) -> str:
        """The purpose of the groups that it invites into; empty: it does not."""
        return ""

    @property
    def may_wait(self) -> bool:
        """Whether it is work that waits for quiet hours."""
        return False

    def step(self, here: Here) -> Act:
        return Go("wished", effects=(wished(self, here),))


@dataclass(frozen=True, kw_only=True)
class Send(Touching):
    """Wish for one message on one channel. The budget rules whether and when it goes out."""

    key = "send"
    title = Words("发送消息", "Send a message")
    shelf = "reach"
    about = Words(
        "向客户发一条短信、AI 电话或企业微信消息；发不发、何时发由预算裁决。",
        "Send one text, AI call or WeCom message. The budget rules whether and when it goes out.",
    )
    begins = "{send: {channel: sms, purpose: service}}"

    channel: Literal["sms", "voice_ai", "wecom_message", "wecom_welcome"] = field(
        metadata=asked("Which way it goes", "渠道")
    )
    group: str | None = field(
        metadata=asked(
            "The purpose of the groups that it invites into: who is in one, or in one that is kept "
            "apart from these, does not get it",
            "邀请入群的用途",
        ),
        default=None,
    )

    @property
    def invites(self) -> str:
        return self.group or ""


def wished(form: Touching, here: Here) -> Wished:
    """The one touch of this visit, step and round. Who is held out is wished for too: the budget
    withholds it with its reason, so the hold-out is counted like everybody else."""
    visit, order, promise = here.visit, here.order, here.facts.promise
    wish = Wish(  # by place: by name it takes four times as long, for each touch
        visit.id,
        visit.node,
        visit.round,
        visit.customer_id,
        here.journey.journey,
        visit.node,
        form.channel,
        form.purpose,
        form.lane,
        form.priority,
        order.shop,
        order.order_no,
        form.material,
        here.facts.locale,
        promise if isinstance(promise, int) else None,
        "",
        here.now,
        order.cutoff_at if form.true_until == "parcel_cutoff" else None,
        probability(here),
        form.value,
        form.may_wait,
        form.invites,
    )
    code = "" if visit.held_out else form.code or ""
    return Wished(wish, code, promise if isinstance(promise, str) else "")


def probability(here: Here) -> float:
    """How likely this visit was to come here, by the splits that it passed."""
    if not here.visit.arms:
        return 1.0
    steps: dict[str, Node] = {step.id: step.node for step in here.journey.steps}
    taken = ((steps.get(step), arm) for step, arm in here.visit.arms.items())
    return prod(node.probability(arm) for node, arm in taken if isinstance(node, Split))
