"""What a person decides on waves that were stopped: go on, or end."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.staff import actions as staff

SQL = load("siyu.journeys")
Decision: TypeAlias = Literal["continue", "end"]


def decide(conn: Conn, code: str, decision: Decision, by: str, now: datetime) -> int:
    """Have the next wave open although the last one was stopped; or let none open any more. The
    number of the last wave. Who is under way walks on either way (`siyu journey stop` ends them).
    """
    rows = conn.fetch(SQL.id, {"code": code})
    if not rows:
        raise NotFound(Sentence(f"There is no journey {code!r}.", f"没有旅程 {code!r}。"))
    ((journey_id,),) = rows
    # First the watch, as a sweep takes it: so the two never wait for one another.
    conn.fetch(SQL.hold_watch, {"journey": journey_id})
    waves = conn.fetch(SQL.wave, {"journey": journey_id})
    if not waves:
        raise NotFound(Sentence(f"{code} has no wave yet.", f"{code} 还没有开过波。"))
    wave_id, number, _, state, *_ = waves[0]
    if decision == "continue" and state not in ("stopped", "ended"):
        raise Refused(
            Sentence(
                f"Wave {number} of {code} is not stopped; siyu journey waves {code} shows when "
                "the next one opens.",
                f"{code} 的第 {number} 波没有停止；siyu journey waves {code} 会显示下一波的时间。",
            )
        )
    if decision == "end" and state == "ended":
        raise Refused(
            Sentence(f"The waves of {code} have ended already.", f"{code} 的分波已经结束。")
        )
    became = "done" if decision == "continue" else "ended"
    conn.execute(SQL.decide_wave, {"wave": wave_id, "state": became, "by": by, "now": now})
    if decision == "continue":
        conn.execute(SQL.look_again, {"journey": journey_id, "now": now})
    else:
        out = {"wave": wave_id, "customers": None, "states": ["chosen", "asked"], "reason": "ended"}
        conn.execute(SQL.leave_out, out)
    staff.audit(conn, by, f"journey.waves.{decision}", code, f"after wave {number}", now)
    return int(number)
