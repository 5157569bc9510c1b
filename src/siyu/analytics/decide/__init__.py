"""Which step of a plan does worse than before, and what the data says about the cause. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from siyu.acquisition.model import CARD_STEP
from siyu.analytics.model import OTHER_DOOR, Fall, Group, NotReached, SourceReport, Step

LAST = (CARD_STEP, OTHER_DOOR)  # no journey's text has them: the parcel comes after what it says


def in_order(steps: Iterable[Step], written: Sequence[str]) -> list[Step]:
    """As the journey's text has them, then what no text names (by when it usually comes), then the
    card, then another door.

    >>> [one.step for one in in_order(map(Step, ("card", "call", "old", "other", "sms")),
    ...                               ["promise", "sms", "call"])]
    ['sms', 'call', 'old', 'card', 'other']
    """
    places = {step: place for place, step in enumerate(written)}
    places |= {step: len(written) + 1 + place for place, step in enumerate(LAST)}
    return sorted(steps, key=lambda one: places.get(one.step, len(written)))


def fell(was: Group, now: Group) -> bool:
    """Whether the whole interval of the rate lies below that of before. Stricter than a test of two
    proportions, since a funnel asks a dozen of these at once, and anybody can see it.

    >>> fell(Group(500, 240), Group(500, 150)), fell(Group(50, 24), Group(50, 17))
    (True, False)
    """
    before, after = was.interval, now.interval
    return before is not None and after is not None and after.high < before.low


def fell_for_sure(was: Group, now: Group, fresh: int) -> bool:
    """The same, if of those who ordered just now as many were to come as did before.

    >>> now = Group(22, 9)
    >>> fell(Group(13, 12), now), fell_for_sure(Group(13, 12), now, 10)
    (True, False)
    """
    may = min(fresh, now.buyers - now.friends)
    return fell(was, now._replace(friends=now.friends + round(may * (was.rate or 0.0))))


def falls(was: SourceReport, now: SourceReport) -> tuple[Fall, ...]:
    """The steps that fell, in the order of the plan; empty: none did.

    A step is judged by whom it could still win: friends whom earlier steps have won are not its
    own, and a step that reaches fewer because another won more has not fallen. Nor has one to
    which the plan has not come yet: who ordered within the last day may still do as those before.
    """
    found: list[Fall] = []
    then = {one.step: one for one in was.steps}
    before, after = was.treated.buyers, now.treated.buyers
    for step in _all_steps(was, now):
        old = then.get(step.step, Step(step.step))
        fall = _fall(old, step, before, after, now.fresh)
        if fall is not None:
            found.append(_explained(fall, was, now, before, after, found))
        before, after = before - old.adds, after - step.adds
    return tuple(found)


def _all_steps(was: SourceReport, now: SourceReport) -> list[Step]:
    """Those of now, and in their places those that reach nobody any more."""
    here = {one.step: one for one in now.steps}
    gone = [one.step for one in was.steps if one.step not in here]
    found = [one for one in now.steps if one.step not in LAST]
    places = [one.step for one in was.steps]
    for step in gone:
        follows = set(places[: places.index(step)])
        place = max((at + 1 for at, one in enumerate(found) if one.step in follows), default=0)
        found.insert(place, Step(step))
    return found + [one for one in now.steps if one.step in LAST and one.step not in gone]


def _fall(old: Step, new: Step, before: int, after: int, fresh: int) -> Fall | None:
    reached = (_share(before, old.people), _share(after, new.people))
    if old.people and fell_for_sure(*reached, max(fresh - new.fresh, 0)):
        return Fall(new.step, "reached", *reached)
    won = (_share(old.people, old.adds), _share(new.people, new.adds))
    if old.people and new.people and fell_for_sure(*won, new.fresh):
        return Fall(new.step, "won", *won)
    return None


def _share(of: int, people: int) -> Group:
    """A code may win somebody whom its step never reached: never more than all."""
    return Group(max(of, people), people)


def _explained(
    fall: Fall,
    was: SourceReport,
    now: SourceReport,
    before: int,
    after: int,
    earlier: Sequence[Fall],
) -> Fall:
    """With the cause that took most people more than before; else that a step before it fell."""
    if fall.part == "won":
        return fall  # nothing says why somebody who was reached did not add
    then = {(one.why, one.reason): one.people for one in _of(was, fall.step)}
    risen = [
        one
        for one in _of(now, fall.step)
        if fell(  # those whom it did not keep
            _without(before, then.get((one.why, one.reason), 0)), _without(after, one.people)
        )
    ]
    if risen:
        most = max(risen, key=lambda one: one.people)
        return fall._replace(why=most.why, reason=most.reason)
    starved = [one for one in earlier if one.part == "reached"]
    return fall._replace(why="earlier", reason=starved[-1].step) if starved else fall


def _without(of: int, people: int) -> Group:
    whole = max(of, people)
    return Group(whole, whole - people)


def _of(report: SourceReport, step: str) -> list[NotReached]:
    return [one for one in report.not_reached if one.step == step]
