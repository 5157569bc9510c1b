"""A call is asked back while the worker dies: it is stopped, and never said to be too late."""

from __future__ import annotations

from typing import Any

import pytest
from tests.connectors.bench import Remembered, Still
from tests.connectors.voice_aliyun.bench import QUICK, config, message, service
from tests.outbox.conftest import House

from siyu.connectors.manifest import Tools
from siyu.connectors.voice_aliyun.channel import VoiceAliyun
from siyu.outbox import actions, sweep


class Killed(BaseException):
    """As kill -9: nobody catches it."""


class Dying:
    """A database whose worker dies before its nth transaction."""

    def __init__(self, real: Any, number: int) -> None:
        self._real, self._left = real, number

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def transaction(self) -> Any:
        self._left -= 1
        if self._left == 0:
            raise Killed
        return self._real.transaction()


@pytest.mark.parametrize("known", [True, False])
def test_killed_between_aliyuns_answer_and_its_record_the_call_is_withdrawn_all_the_same(
    db: Any, clock: Any, plugs: Any, *, known: bool
) -> None:
    """Whether or not the touch was recorded with the job that it became."""
    house = House(db, clock)
    house.set_up()
    open_hours = Still()  # phones may ring
    fake = service(open_hours)
    tools = Tools(open_hours, Remembered())
    channel = VoiceAliyun(config(plugs[0].into(fake.app)), tools, timeout=QUICK)
    house.channels = {"voice_ai": channel}
    (touch,) = house.owed(channel="voice_ai")
    (sent,) = channel.send([message(token=house.token(touch))])
    job = sent.vendor_id if known else ""
    with db.transaction() as conn:
        row = {"id": touch, "now": house.now, "job": job}
        conn.execute(
            "update touch set state = 'sent', sent_at = %(now)s, vendor_id = %(job)s, "
            "attempts = 1 where id = %(id)s",
            row,
        )
        actions.withdraw(conn, [house.touch(touch).visit_id or 0], "opted out", house.now)

    dying: Any = Dying(db, 2)  # the first claims, the second keeps the answer
    with pytest.raises(Killed):
        sweep.cancel(dying, house.channels, house.ctx, house.now)
    assert [one.status for one in fake.received] == ["Cancelled"]
    assert house.touch(touch).state == "sent"

    house.clock.advance(minutes=2)
    house.cancel()
    assert house.touch(touch).state == "withdrawn"
    assert house.own_events() == ["touch.withdrawn"]
