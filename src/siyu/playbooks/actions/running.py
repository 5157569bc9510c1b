"""Start a playbook with a brand's own values, and stop it; both are audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from siyu.journeys import actions as journeys
from siyu.journeys.actions import Asked, Publication
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.playbooks.actions import choosing, install
from siyu.playbooks.model import Playbook
from siyu.playbooks.model.start import Choices
from siyu.segments.model import Family
from siyu.staff import actions as staff
from siyu.vault.model import Keys

SQL = load("siyu.playbooks")
AS_IT_IS = Choices()
GREETING = "wecom_welcome"
AT_ONCE = 2_000  # visits that one stop ends in a statement


class Ended(NamedTuple):
    """What a stop did: `going_on` visits finish, `ended` were stopped, of `journeys`."""

    journeys: list[str]
    going_on: int
    ended: int


class Where(NamedTuple):
    """What an installation brings along."""

    currency: str
    families: Sequence[Family]
    keys: Keys


def start(
    conn: Conn,
    playbook: Playbook,
    of: Where,
    now: datetime,
    asked: Asked,
    choices: Choices = AS_IT_IS,
) -> list[Publication]:
    """Install it with its values and let people in: of a pilot only the first so many. Refused
    where another that runs greets whoever adds us: WeCom takes one greeting; and where what is
    chosen can't be."""
    code = playbook.manifest.playbook
    if any(one.channel == GREETING for one in playbook.materials):
        for (other,) in conn.fetch(SQL.greets, {"code": code, "channel": GREETING}):
            raise Refused(
                Sentence(
                    f"{other} greets new friends already, and one add takes one greeting: "
                    f"`siyu playbook stop {other}` first.",
                    f"{other} 已在向新好友发欢迎语，一次添加只能发一条：请先 "
                    f"`siyu playbook stop {other}`。",
                )
            )
    choosing.permitted(conn, playbook, choices, asked.by, now)
    narrow = choosing.narrowed(playbook, choices)
    done = install(conn, narrow, of.currency, of.families, now, asked, of.keys)
    said = {name: value.said for name, value in playbook.values.items()}
    kept = {"code": code, "by": asked.by, "now": now}
    conn.execute(SQL.start, {**kept, "settings": msgspec.json.encode(said).decode()})
    choosing.keep(conn, code, choices, asked.by, now)
    words = ", ".join(f"{name}={value}" for name, value in sorted(said.items()))
    pilot = f"for the first {asked.pilot}; " if asked.pilot else ""
    staff.audit(conn, asked.by, "playbook.start", code, (pilot + words)[:400], now)
    return done


def stop(conn: Conn, code: str, by: str, now: datetime, *, at_once: bool = False) -> Ended:
    """None of its journeys lets anybody in any more; those under way finish, or end `at_once`."""
    if not conn.fetch(SQL.lock, {"code": code}):
        raise NotFound(Sentence(f"No playbook {code!r} is installed.", f"没有安装打法 {code!r}。"))
    codes = [row[0] for row in conn.fetch(SQL.journeys_of, {"code": code})]
    going_on = sum(journeys.close(conn, one, by, now) for one in codes)
    ended = 0
    while at_once:
        counts = [journeys.stop(conn, one, by, now, limit=AT_ONCE).visits for one in codes]
        ended += sum(counts)
        if all(count < AT_ONCE for count in counts):
            break
    conn.execute(SQL.stopped, {"code": code, "now": now})
    said = f"{ended} visits ended" if at_once else f"{going_on} visits go on"
    staff.audit(conn, by, "playbook.stop", code, said, now)
    return Ended(codes, 0 if at_once else going_on, ended)
