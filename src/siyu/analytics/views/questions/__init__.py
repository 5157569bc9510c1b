"""The reports over years: one module each, listed here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

from siyu.analytics.model.answer import Question
from siyu.analytics.views.questions import (
    attribution,
    books,
    calculator,
    channels,
    cohorts,
    content,
    funnel,
    health,
    lapsed,
    members,
    payback,
    playbook,
    repurchase,
    rfm,
    staff,
    store,
    trust,
    value,
)
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence

QUESTIONS: tuple[type[Question], ...] = (
    books.Totals,
    cohorts.Cohorts,
    repurchase.Repurchase,
    rfm.Rfm,
    value.Value,
    lapsed.Lapsed,
    calculator.Calculator,
    payback.Payback,
    attribution.Attribution,
    trust.Trust,
    health.Health,
    funnel.Funnel,
    channels.Channels,
    content.Content,
    members.Members,
    staff.Staff,
    store.Store,
    playbook.PlaybookReport,
)
BY_NAME: Mapping[str, type[Question]] = {one.name: one for one in QUESTIONS}


def named(name: str) -> type[Question]:
    """The question of this name."""
    try:
        return BY_NAME[name]
    except KeyError:
        known = ", ".join(BY_NAME)
        raise NotFound(
            Sentence(
                f"There is no report {name!r}; there are {known}.",
                f"没有名为 {name!r} 的报表；可用的有 {known}。",
            )
        ) from None
