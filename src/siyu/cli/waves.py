"""Waves of a journey: what came of each, and what a person decides where they were stopped."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, tzinfo

from siyu.api.waves import Wave, shown
from siyu.app import PREDICATES
from siyu.cli.journeys import Code
from siyu.cli.screen import By, Home, Json, answer, local, me, opened, say, spoken, table, tongue
from siyu.journeys.actions.waves import Decision, decide
from siyu.journeys.views import waves as views
from siyu.kernel.money import show as money
from siyu.kernel.sentence import Sentence

STATES = {
    "entering": "进入中", "open": "进行中", "done": "已完成", "stopped": "已停止",
    "ended": "已结束",
}  # fmt: skip
HEADS = (
    "wave", "state", Sentence("opened", "开始时间"), "people", "held out", "invited", "friends",
    "cost", "each",
    "deleted us", "complained", "left out",
)  # fmt: skip


def waves(code: Code, home: Home = None, json: Json = False) -> None:
    """The waves of a journey, the latest first: whom each took, what came of it, why they stop."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            some = views.waves(conn, code, PREDICATES)
            next_at = views.next_at(conn, code, some[0] if some else None)
        found = [shown(one, tongue()) for one in some]
        zone = local(siyu)
        opens = None if next_at is None else _when(next_at, siyu.clock.now(), zone)

        def show(_: object) -> None:
            if not found:
                say(_none(opens))
                return
            title = Sentence(f"Waves of {code}", f"{code} 的各波")
            table(title, HEADS, [_row(one) for one in found], zone)
            for one in found:
                for said in one.reasons:
                    said_of = f"{said.many:,} {said.what}"
                    say(
                        Sentence(
                            f"wave {one.number}: {said_of}: {said.words}",
                            f"第 {one.number} 波：{said_of}：{said.words}",
                        )
                    )
            last = found[0]
            if last.state == "stopped":
                say(
                    Sentence(
                        f"Stopped: {last.why}. `siyu journey continue {code}` goes on all the"
                        " same.",
                        f"已停止：{last.why}。`siyu journey continue {code}` 可照样继续。",
                    )
                )
            elif last.state == "entering" and last.asked:
                say(
                    Sentence(
                        f"{last.asked:,} phones are being looked up: `siyu reveals list`.",
                        f"正在查看 {last.asked:,} 个手机号：`siyu reveals list`。",
                    )
                )
            if opens is not None:
                say(
                    Sentence(
                        f"The next wave opens {opens}, unless this one is stopped.",
                        f"除非这一波停止，下一波{opens.zh}开始。",
                    )
                )

        waves = [asdict(one) for one in found]
        answer({"journey": code, "waves": waves, "next_at": next_at}, json=json, show=show)


def _none(opens: Sentence | None) -> Sentence:
    if opens is None:
        return Sentence(
            "No wave has opened yet, and none will: publish the journey first.",
            "还没有开波，也不会有：请先发布旅程。",
        )
    return Sentence(
        f"No wave has opened yet. The first opens {opens}, if anybody is in the set then.",
        f"还没有开波。如果届时分群里有人，第一波{opens.zh}开始。",
    )


def _when(at: datetime, now: datetime, zone: tzinfo) -> Sentence:
    if at <= now:
        return Sentence("with the worker's next sweep", "在下一次批处理时")
    then = f"{at.astimezone(zone):%F %H:%M}"
    return Sentence(f"at {then}", f"于 {then} ")


def _row(one: Wave) -> list[object]:
    now = one.figures
    return [
        Sentence(f"{one.number} (test)", f"{one.number}（测试）") if one.test else str(one.number),
        Sentence(one.state, STATES[one.state]), one.opened_at, now.people,
        now.held_out, now.invited, now.friends, money(now.cost_minor, now.currency),
        "" if now.per_add_minor is None else money(now.per_add_minor, now.currency),
        now.deletions, now.complaints, one.left_out,
    ]  # fmt: skip


def go_on(code: Code, by: By = "", home: Home = None, json: Json = False) -> None:
    """Have the next wave open although the last one was stopped. Audited."""
    _decide(code, "continue", by, home, json=json)


def end(code: Code, by: By = "", home: Home = None, json: Json = False) -> None:
    """Let no further wave open; who is under way walks on (`siyu journey stop` ends them)."""
    _decide(code, "end", by, home, json=json)


def _decide(code: str, decision: Decision, by: str, home: Home, *, json: bool) -> None:
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            number = decide(conn, code, decision, me(by), siyu.clock.now())
        words = Sentence(f"No further wave opens after wave {number} of {code}.",
                         f"{code} 第 {number} 波之后不再开波。")  # fmt: skip
        if decision == "continue":
            words = Sentence(f"The next wave opens after wave {number} of {code}.",
                             f"{code} 第 {number} 波之后继续开下一波。")  # fmt: skip
        said = {"journey": code, "decision": decision, "after_wave": number}
        answer(said, json=json, show=lambda _: say(words))
