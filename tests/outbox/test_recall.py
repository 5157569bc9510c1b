"""A pause asks back what is with a provider: what has begun stands, the rest is a wish again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from siyu.outbox import actions, sweep


def recall(house: Any, scope: str = "all") -> int:
    with house.db.transaction() as conn:
        actions.pause(conn, scope, "ana", house.now)
        return actions.recall(conn, scope, house.now)


def with_provider(house: Any, many: int = 1) -> list[int]:
    """Calls that the provider has."""
    ids = house.owed(many, channel="voice_ai")
    sweep.send(house.db, house.channels, house.ctx, house.now, house.clock.real())
    assert {house.touch(one).state for one in ids} == {"sent"}
    return ids


def cancel(house: Any) -> None:
    sweep.cancel(house.db, house.channels, house.ctx, house.now)


def test_what_had_not_begun_is_a_wish_again_and_goes_after_resume(house: Any):
    (touch,) = with_provider(house)

    assert recall(house) == 1
    assert recall(house) == 0  # asked for already
    cancel(house)
    after = house.touch(touch)
    house.rule()
    sweep.send(house.db, house.channels, house.ctx, house.now, house.clock.real())

    assert (after.state, after.reason, after.sent_at) == ("wished", "", None)
    assert house.touch(touch).state == "owed"
    with house.db.transaction() as conn:
        actions.resume(conn, "all", "ana", house.now)
    sweep.send(house.db, house.channels, house.ctx, house.now, house.clock.real())
    assert house.touch(touch).state == "sent"


def test_what_had_begun_stands(house: Any):
    (touch,) = with_provider(house)

    def too_late(_: Sequence[str]) -> list[str]:
        return []

    house.voice.cancel = too_late
    recall(house)
    cancel(house)

    assert (house.touch(touch).state, house.touch(touch).reason) == ("sent", "")


def test_only_the_scope_is_asked_back_and_texts_never(house: Any):
    with_provider(house, 2)
    house.owed(1, first=3)
    sweep.send(house.db, house.channels, house.ctx, house.now, house.clock.real())

    assert recall(house, "channel:sms") == 0
    assert recall(house, "channel:voice_ai") == 2


def test_a_withdrawal_during_the_recall_wins(house: Any):
    (touch,) = with_provider(house)
    recall(house)
    with house.db.transaction() as conn:
        visit = house.touch(touch).visit_id
        assert actions.withdraw(conn, [visit], "friend", house.now) == 1
    cancel(house)

    assert (house.touch(touch).state, house.touch(touch).reason) == ("withdrawn", "friend")
