"""Waves of a journey: what came of each, and what a person decides where they were stopped."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, tzinfo

from siyu.api.waves import Wave, shown
from siyu.app import PREDICATES
from siyu.cli.journeys import Code
from siyu.cli.screen import By, Home, Json, answer, local, me, opened, say, spoken, table
from siyu.journeys.actions.waves import Decision, decide
from siyu.journeys.views import waves as views
from siyu.kernel.money import show as money

HEADS = (
    "wave", "state", "opened", "people", "held out", "invited", "friends", "cost", "each",
    "deleted us", "complained", "left out",
)  # fmt: skip


def waves(code: Code, home: Home = None, json: Json = False) -> None:
    """The waves of a journey, the latest first: whom each took, what came of it, why they stop."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            some = views.waves(conn, code, PREDICATES)
            next_at = views.next_at(conn, code, some[0] if some else None)
        found = [shown(one, "en") for one in some]
        zone = local(siyu)
        opens = None if next_at is None else _when(next_at, siyu.clock.now(), zone)

        def show(_: object) -> None:
            if not found:
                say(
                    "No wave has opened yet, and none will: publish the journey first."
                    if opens is None
                    else f"No wave has opened yet. The first opens {opens}, if anybody is in the"
                    " set then."
                )
                return
            table(f"Waves of {code}", HEADS, [_row(one) for one in found], zone)
            for one in found:
                for said in one.reasons:
                    say(f"wave {one.number}: {said.many:,} {said.what}: {said.words}")
            last = found[0]
            if last.state == "stopped":
                say(f"Stopped: {last.why}. `siyu journey continue {code}` goes on all the same.")
            elif last.state == "entering" and last.asked:
                say(f"{last.asked:,} phones are being looked up: `siyu reveals list`.")
            if opens is not None:
                say(f"The next wave opens {opens}, unless this one is stopped.")

        waves = [asdict(one) for one in found]
        answer({"journey": code, "waves": waves, "next_at": next_at}, json=json, show=show)


def _when(at: datetime, now: datetime, zone: tzinfo) -> str:
    return "with the worker's next sweep" if at <= now else f"at {at.astimezone(zone):%F %H:%M}"


def _row(one: Wave) -> list[object]:
    now = one.figures
    return [
        f"{one.number}{' (test)' if one.test else ''}", one.state, one.opened_at, now.people,
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
        words = "The next wave opens" if decision == "continue" else "No further wave opens"
        said = {"journey": code, "decision": decision, "after_wave": number}
        answer(said, json=json, show=lambda _: say(f"{words} after wave {number} of {code}."))
