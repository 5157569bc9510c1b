"""How healthy the pool is: shares of one span beside those of the spans before. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Literal, NamedTuple, get_args

from siyu.analytics.model import Group, Lift, Z, lift

# The parts of health. Of the harmful ones less is better.
Component = Literal["deletion", "complaint", "reply", "reach", "silent"]
COMPONENTS: tuple[Component, ...] = get_args(Component)
HARMFUL: frozenset[Component] = frozenset({"deletion", "complaint", "silent"})
# What those who left may have had in the 7 days before. often: so many touches; fresh: they had
# just come; nothing: no touch and nothing given back.
Cause = Literal["promotion", "often", "call", "refund", "fresh", "nothing"]
CAUSES: tuple[Cause, ...] = get_args(Cause)
OFTEN = 3
Verdict = Literal["better", "worse", "same", "unknown"]


class Trend(NamedTuple):
    """A component now, over all spans before, and the difference."""

    now: Group
    before: Group
    change: Lift | None
    verdict: Verdict


def began(friendships: Sequence[Group]) -> int:
    """The first span in which there was a friendship; the last one where there was none at all.
    Before it there was no pool: nothing of then is better or worse than now.

    >>> began([Group(0, 0), Group(3, 0), Group(0, 0)]), began([Group(0, 0), Group(0, 0)])
    (1, 1)
    """
    last = len(friendships) - 1
    return next((place for place, one in enumerate(friendships) if one.buyers), last)


def trend(component: Component, spans: Sequence[Group]) -> Trend:
    """The last span against its own history: better or worse where the difference is clear and no
    span before was like it. Spans differ by more than chance, too.

    >>> trend("deletion", [Group(1000, 20), Group(1000, 25), Group(1000, 60)]).verdict
    'worse'
    >>> trend("deletion", [Group(1000, 70), Group(1000, 10), Group(1000, 60)]).verdict
    'same'
    """
    *earlier, now = spans
    known = [one for one in earlier if one.buyers]
    before = Group(sum(one.buyers for one in known), sum(one.friends for one in known))
    change = lift(now, before)
    return Trend(now, before, change, _verdict(component, known, now, change))


def _verdict(
    component: Component, known: Sequence[Group], now: Group, change: Lift | None
) -> Verdict:
    if change is None or now.rate is None:
        return "unknown"
    rates = [one.rate or 0.0 for one in known]
    if min(rates) <= now.rate <= max(rates) or not clear(change, len(COMPONENTS)):
        return "same"
    return "worse" if (change.points > 0) == (component in HARMFUL) else "better"


def clear(change: Lift, among: int) -> bool:
    """Whether a difference is one even if so many were looked at: its interval, widened so that all
    of them together are right in 95 of 100 times (Bonferroni), leaves out nought.

    >>> from siyu.analytics.model import Interval
    >>> clear(Lift(0.1, Interval(0.01, 0.19)), 1), clear(Lift(0.1, Interval(0.01, 0.19)), 6)
    (True, False)
    """
    wider = NormalDist().inv_cdf(1 - 0.025 / among) / Z
    low = change.points - wider * (change.points - change.interval.low)
    high = change.points + wider * (change.interval.high - change.points)
    return low > 0 or high < 0


def composite(
    shares: Mapping[Component, Group], weights: Mapping[Component, float]
) -> float | None:
    """The weighted mean of the shares that are well (of a harmful one: of the others), 0 to 100;
    what nobody knows is left out with its weight.

    >>> composite({"deletion": Group(100, 10), "reply": Group(0, 0)}, {"deletion": 3, "reply": 1})
    90.0
    """
    told = [
        (weights[name], 1 - group.rate if name in HARMFUL else group.rate)
        for name, group in shares.items()
        if group.rate is not None
    ]
    weight = sum(one for one, _ in told)
    return 100 * sum(one * well for one, well in told) / weight if weight > 0 else None
