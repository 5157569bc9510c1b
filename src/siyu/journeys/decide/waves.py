"""Waves, all pure: which comes next, who is in its test, whether the finished one lets it open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Literal, TypeAlias, TypeVar

from siyu.journeys.model.waves import Judged, Next, StopWhen, Waves
from siyu.kernel.money import show, to_minor
from siyu.kernel.sentence import Sentence

T = TypeVar("T")
Stop: TypeAlias = Literal["too_few", "complaints", "deletions", "cost_per_add"]
SCALE = 1000  # of scores


def following(waves: Waves, tests: Sequence[bool]) -> Next:
    """The wave after these, each said whether it was a test.

    >>> waves = Waves((50, 500), test=50)
    >>> following(waves, []), following(waves, [False])
    (Next(test=False, size=50, among=50), Next(test=True, size=50, among=550))
    >>> following(waves, [False, True]), following(waves, [False, True, False]).size
    (Next(test=False, size=500, among=500), 50)
    """
    large = sum(not test for test in tests)
    size = waves.sizes[min(large, len(waves.sizes) - 1)]
    tested = bool(tests) and tests[-1]
    if waves.test is None or size <= waves.test or tested:
        return Next(False, size, size)
    return Next(True, waves.test, waves.test + size)


def planned(waves: Waves, span: timedelta) -> int:
    """How many people are taken in so long, while no wave is stopped.

    >>> planned(Waves((50, 500), test=50, every=timedelta(days=10)), timedelta(days=30))
    600
    """
    tests: list[bool] = []
    people = 0
    for _ in range(max(span // waves.every, 1)):
        wanted = following(waves, tests)
        tests.append(wanted.test)
        people += wanted.size
    return people


def taken(wanted: Next, people: Sequence[T]) -> tuple[bool, list[T]]:
    """Whether it is a test, and who is in it, of the best in their order. A test is spread evenly
    from the best to the last of those who would be next, so that it tells how these will do; of
    hardly more people than a test takes all come, without one.

    >>> taken(Next(True, 2, 10), range(10))
    (True, [2, 7])
    >>> taken(Next(True, 2, 10), range(4)), taken(Next(False, 3, 3), range(3))
    ((False, [0, 1, 2, 3]), (False, [0, 1, 2]))
    """
    many = len(people)
    if not wanted.test or many <= 2 * wanted.size:
        return False, list(people)
    step = range(1, 2 * wanted.size, 2)
    return True, [people[place * many // (2 * wanted.size)] for place in step]


def score(weights: tuple[int, int, int], recency: float, value: float, reach: float) -> float:
    """From 0 to 1000: each thing by its weight, in thousandths.

    >>> score((500, 300, 200), 1, 0.5, 0.5)
    750.0
    """
    first, second, third = weights
    return first * recency + second * value + third * reach


def stops(rule: StopWhen, judged: Judged) -> Stop | Literal[""]:
    """Why no further wave opens; empty: one does."""
    if judged.invited < rule.least:
        return "too_few" if rule.too_few == "stop" else ""
    if _above(rule.complaints, judged.complaints, judged.invited):
        return "complaints"
    if _above(rule.deletions, judged.deletions, judged.invited):
        return "deletions"
    if rule.cost_per_add is not None:
        # Where nobody was gained, what was spent is held against one: it is that much at least.
        most = _minor(rule.cost_per_add, judged.currency) * max(judged.friends, 1)
        if judged.cost_minor > most:
            return "cost_per_add"
    return ""


def _minor(limit: Decimal, currency: str) -> int:
    return to_minor(str(limit), currency)


def _above(limit: float | None, many: int, of: int) -> bool:
    return limit is not None and many > limit * of


def per_add(judged: Judged) -> int | None:
    """What a friend has cost, in minor units; None: nobody was gained."""
    return round(judged.cost_minor / judged.friends) if judged.friends else None


def why(reason: str, rule: StopWhen | None, judged: Judged) -> Sentence:
    """Why it was stopped, with the figures."""
    said = STOPPED.get(reason)
    if said is None or rule is None:
        return Sentence(reason, reason)
    money = judged.currency
    spent, each = show(judged.cost_minor, money), show(per_add(judged) or judged.cost_minor, money)
    limit = show(_minor(rule.cost_per_add or Decimal(0), money), money)
    match reason:
        case "too_few":
            return Sentence(
                f"only {judged.invited} of {judged.people} were really invited, fewer than "
                f"{rule.least}: that says nothing about the next wave",
                f"{judged.people} 人中只真正邀请了 {judged.invited} 人，不足 {rule.least}，"
                "无法判断下一波",
            )
        case "cost_per_add":
            return Sentence(
                f"{spent} for {judged.friends} friends gained, {each} each; the limit is {limit}",
                f"花费 {spent}，新增好友 {judged.friends} 位，每位 {each}；上限 {limit}",
            )
        case "deletions":
            return Sentence(
                f"{judged.deletions} of {judged.invited} invited deleted us; "
                f"the limit is {_share(rule.deletions)}",
                f"受邀 {judged.invited} 人中 {judged.deletions} 人删除了我们；"
                f"上限 {_share(rule.deletions)}",
            )
        case _:
            return Sentence(
                f"{judged.complaints} of {judged.invited} invited complained or opted out; "
                f"the limit is {_share(rule.complaints)}",
                f"受邀 {judged.invited} 人中 {judged.complaints} 人投诉或退订；"
                f"上限 {_share(rule.complaints)}",
            )


def _share(limit: float | None) -> str:
    return f"{limit or 0:.1%}"


STOPPED: Mapping[str, Mapping[str, str]] = {
    "too_few": {"en": "too few were invited to tell", "zh": "受邀人数太少，无法判断"},
    "cost_per_add": {"en": "a friend gained cost too much", "zh": "每位新增好友成本过高"},
    "deletions": {"en": "too many deleted us", "zh": "删除好友过多"},
    "complaints": {"en": "too many complained or opted out", "zh": "投诉或退订过多"},
}
