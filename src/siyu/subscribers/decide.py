"""How a telling ended: taken, to be tried again, or given up."""

from __future__ import annotations

from datetime import datetime, timedelta

from siyu.subscribers.model import FIRST_WAIT, LONGEST_WAIT, Again, Answer, Stop, Subscriber

GONE = 410


def words(answer: Answer) -> str:
    """What a door answered, in words; empty if it took what it was told."""
    if answer.status is None:
        return answer.error
    if 200 <= answer.status < 300:
        return ""
    more = "; a redirection is not followed" if 300 <= answer.status < 400 else ""
    return f"answered with status {answer.status}{more}"


def after(
    answer: Answer, one: Subscriber, now: datetime, patience: timedelta
) -> Again | Stop | None:
    """None if they took it; else when to try again, later each time, or that it is enough."""
    error = words(answer)
    if not error:
        return None
    if answer.status == GONE:
        return Stop("said that it is gone (410)", error)
    if one.failing_since is not None and now - one.failing_since >= patience:
        return Stop(f"took nothing for {patience.days} days, at last: {error}", error)
    wait = min(FIRST_WAIT * 2 ** min(one.failures, 20), LONGEST_WAIT)
    return Again(now + wait, error)
