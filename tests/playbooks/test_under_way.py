"""Whoever says no, or deletes us, while something of a shipped playbook is on its way to them: it
is over within one sweep, wherever it was, and nothing follows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.playbooks.under_way import EVERY, UNSENT, Point, Touch, Tried, speaking, walked

from siyu.dryrun.place import Ground
from siyu.outbox.model import MASSES, WELCOMES, consent_channel
from siyu.playbooks import actions

SAYS_NO = {"all": {*EVERY}, "deleted": {"wecom", "voice"}}
# What a customer has asked for goes on whatever they allow: a complaint is followed up by staff,
# a new friend is greeted in the same second. Who deleted us is not written to for that either.
GOES_ON = frozenset({"complaint-care"})
STOPPED = ("withheld", "withdrawn")


def refused(tried: Tried, touch: Touch) -> bool:
    """Whether it is what they have said no to."""
    group = consent_channel(touch.channel)
    if touch.purpose == "answer" and (tried.what, group) != ("deleted", "wecom"):
        asked_for = touch.journey in GOES_ON or touch.channel in WELCOMES
        return tried.what == "all" and not asked_for
    return group in SAYS_NO.get(tried.what, {tried.what})


def wrong(tried: Tried) -> Iterator[str]:
    """What does not hold after somebody said no."""
    for id_, touch in tried.touches.items():
        before = tried.before.get(id_)
        if touch.customer == tried.who and refused(tried, touch):
            yield from _open(touch)
            if before is not None and _carried(before) and id_ not in tried.back:
                yield f"{touch} was not asked back from who has it"
        elif before != touch and touch.state in STOPPED and touch.reason == "opted_out":
            yield f"{touch} was stopped, of which nothing was said"
        elif before is not None and touch.customer != tried.who and _lost(before, touch):
            yield f"{touch} waits for nobody's press any more, of whom nothing was said"
    for one in tried.sent:
        if refused(tried, one):
            yield f"{one} went out afterwards"


def _open(touch: Touch) -> Iterator[str]:
    if touch.state in UNSENT or touch.task or touch.calling:
        yield f"{touch} is under way still"
    if touch.state in STOPPED and not touch.reason:
        yield f"{touch} ended without a reason"


def _carried(touch: Touch) -> bool:
    """Whether somebody outside had it and could still leave it: a press, a call by a provider."""
    pressed = touch.state == "awaiting_staff" and touch.channel in MASSES
    return pressed or (touch.calling and touch.channel == "voice_ai")


def _lost(before: Touch, touch: Touch) -> bool:
    """Whether it waited for a press and does not any more."""
    return (before.state, touch.state == "awaiting_staff") == ("awaiting_staff", False)


def _steps(points: set[Point]) -> set[tuple[str, str]]:
    return {(one.journey, one.step) for one in points if one.channel != "parcel"}


@pytest.mark.parametrize("name", actions.shipped())
def test_a_no_ends_what_is_under_way_within_one_sweep(stage: Ground, name: str) -> None:
    tried = walked(stage, actions.texts(name))

    assert [(one.what, one.point, why) for one in tried for why in wrong(one)] == []
    parcels = [one.parcels for one in tried if one.point.channel == "parcel"]
    assert parcels == [[("none", "opted_out")]] * len(parcels)
    assert bool(parcels) is (name in {"card-only", "cascade"})
    # no empty claim: every step was met, in somebody's hands where it can be
    points = {one.point for one in tried}
    at_once = {one for one in points if one.channel == "sms" or one.channel in WELCOMES}
    held = {one for one in points if one.state in ("awaiting_staff", "called")}
    assert _steps(points) == _steps(held | at_once) == speaking(actions.texts(name))
