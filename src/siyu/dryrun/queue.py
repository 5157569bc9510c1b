"""Dry runs that people asked for over HTTP: a row each, in the order in which they run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from siyu.app import App
from siyu.dryrun import check
from siyu.dryrun.model import Asked, DryRun, Ended
from siyu.dryrun.place import SQL, tried, what
from siyu.dryrun.run import period
from siyu.kernel.errors import Refused
from siyu.kernel.sentence import Sentence, within
from siyu.kernel.sql import Conn
from siyu.playbooks.source import read

MOST = 20  # that wait at once
KEPT = timedelta(days=30)
PLAYBOOK = "playbook:"  # before the name, where all of a playbook is tried
FULL = Sentence(
    f"{MOST} dry runs wait already; cancel one, or wait.",
    f"已有 {MOST} 次试跑在等待；请取消一次，或稍后再来。",
)


class Question(NamedTuple):
    """What somebody asks: as in `Asked`, the rates as they were given."""

    text: str
    since: date
    until: date
    rates: str
    seed: str
    ranges: bool


def ask(app: App, conn: Conn, question: Question, by: str) -> int:
    """Its number. What can be refused is refused now, not when its turn comes: BadInput by line."""
    period(app, question.since, question.until)
    check.given(question.rates)
    said = {**question._asdict(), "journey": tried(conn, question.text).journey, "by": by}
    rows = conn.fetch(SQL.ask, {**said, "now": app.clock.now(), "most": MOST})
    if not rows:
        raise Refused(FULL)
    return int(rows[0][0])


def ask_playbook(app: App, conn: Conn, question: Question, name: str, by: str) -> int:
    """Of a shipped playbook with these values (`question.text`: as JSON): its number."""
    period(app, question.since, question.until)
    said = {**question._asdict(), "journey": f"{PLAYBOOK}{name}", "by": by}
    what(conn, tried_playbook(app, said["journey"], question))
    rows = conn.fetch(SQL.ask, {**said, "now": app.clock.now(), "most": MOST})
    if not rows:
        raise Refused(FULL)
    return int(rows[0][0])


def values(some: Mapping[str, str]) -> str:
    """Values of a playbook, as a question keeps them."""
    return _json(dict(sorted(some.items())))


def tried_playbook(app: App, journey: str, question: Question | DryRun) -> Asked:
    """What a row of a playbook asks for."""
    values = msgspec.json.decode(question.text or "{}")
    found = read(journey.removeprefix(PLAYBOOK), values, app.brand.currency)
    rates = check.given(question.rates)
    return Asked("", question.since, question.until, rates, question.seed, question.ranges, found)


def asked(conn: Conn, journey: str, before: int | None, limit: int) -> list[DryRun]:
    """Of a journey, or of all (""), the latest first."""
    return _asked(conn, None, journey, before, limit)


def one(conn: Conn, number: int) -> DryRun | None:
    """All of one."""
    return next(iter(_asked(conn, number, "", None, 1)), None)


def due(conn: Conn) -> DryRun | None:
    """The one whose turn it is."""
    rows = conn.fetch(SQL.due)
    return one(conn, rows[0][0]) if rows else None


def cancel(conn: Conn, number: int, now: datetime) -> bool:
    """Before its turn it ends at once, under way soon; False where it has ended."""
    return bool(conn.execute(SQL.cancel, {"id": number, "now": now}))


def take(conn: Conn, number: int) -> int:
    """Its turn has come: which taking of it this is; 0 where it has ended meanwhile."""
    rows = conn.fetch(SQL.take, {"id": number})
    return int(rows[0][0]) if rows else 0


def how_far(conn: Conn, number: int, turn: int, share: float, day: date) -> bool:
    """Tell; False: it is to stop."""
    said = {"id": number, "turn": turn, "share": share, "day": day}
    rows = conn.fetch(SQL.how_far, said)
    return bool(rows) and not rows[0][0]


def give_back(conn: Conn, number: int, turn: int) -> None:
    """Its turn comes again."""
    conn.execute(SQL.give_back, {"id": number, "turn": turn})


def end(conn: Conn, number: int, turn: int, ended: Ended, now: datetime) -> None:
    """What has become of it."""
    told = None if ended.told is None else _json(ended.told)
    wrong = [
        {"where": one.where, "why": one.why[:], "zh": within("zh", one.why)[:], "line": one.line}
        for one in ended.problems
    ]
    said = {"id": number, "turn": turn, "state": ended.state, "told": told, "now": now}
    said |= {"error": ended.error[:], "error_zh": within("zh", ended.error)[:]}
    conn.execute(SQL.end_run, said | {"problems": _json(wrong)})


def prune(conn: Conn, now: datetime) -> None:
    """What ended long ago goes."""
    conn.execute(SQL.prune, {"before": now - KEPT})


def _asked(
    conn: Conn, number: int | None, journey: str, before: int | None, limit: int
) -> list[DryRun]:
    said = {"id": number, "journey": journey, "before": before, "limit": limit}
    return [DryRun(*row) for row in conn.fetch(SQL.asked, said)]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
