"""How quick welcomes were: kept with their touches, counted by day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from siyu.kernel.time import zone
from siyu.outbox.model import WELCOME_WITHIN, Message, Pace, Result
from siyu.outbox.views import welcomes

House = Any
MINUTE = timedelta(minutes=1)


def test_the_seconds_of_welcomes_are_counted_by_day_and_in_all(house: House) -> None:
    touches = house.owed(22)
    heard = iter(range(1, 23))

    def quick(message: Message) -> Result:
        at, after = house.now, timedelta(seconds=next(heard))
        pace = Pace(at - after - MINUTE, at - after, at)
        late = after > WELCOME_WITHIN
        if late:
            return Result(message.token, "rejected", reason="welcome_over", pace=pace)
        return Result(message.token, "accepted", pace=pace)

    house.sms.answer = quick
    house.send()
    house.owed(1, first=30)
    with house.db.transaction() as conn:
        conn.execute("update touch set channel = 'wecom_welcome'")
        conn.execute("delete from touch_pace where touch_id = %(id)s", {"id": touches[0]})
        found = welcomes(conn, house.now - MINUTE, house.now + MINUTE, "Asia/Shanghai")

    day, total = found
    assert day == total._replace(day=house.now.astimezone(zone("Asia/Shanghai")).date())
    assert (total.wished, total.sent, total.measured, total.within) == (23, 20, 19, 19)
    assert (total.late, total.no_code, total.open, total.otherwise) == (2, 0, 1, 0)
    assert (total.heard_p50, total.heard_p95, total.heard_max) == (11, 20, 20)
    assert (total.added_p50, total.added_p95, total.added_max) == (71, 80, 80)
