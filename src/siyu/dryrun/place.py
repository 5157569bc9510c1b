"""The schema of a dry run: made by the product's own migrations, filled with what was so at the
beginning of the period, and dropped. One at a time; what one that was killed left is dropped first.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.app import PREDICATES, App, Pulls
from siyu.db.bell import Bell
from siyu.db.clock import VirtualClock
from siyu.db.migrate import migrate
from siyu.db.pool import Pool
from siyu.db.url import inside
from siyu.dryrun.model import LOCK, SCHEMA, Asked
from siyu.events.model import (
    KINDS,
    OURS,
    CustomerMerged,
    CustomerSplit,
    OfferRedeemed,
    TaskEscalated,
    TaskTried,
)
from siyu.journeys import actions as journeys
from siyu.journeys.check import check
from siyu.journeys.model import Journey
from siyu.kernel.errors import BadInput, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.outbox.channel import Channel
from siyu.outbox.model import ABOUT_TOUCHES
from siyu.playbooks import actions as playbooks
from siyu.playbooks.model import Playbook
from siyu.staff.views import brand as the_brand
from siyu.tasks.actions.channel import TaskChannel

SQL = load("siyu.dryrun")
# Not heard again: what followed from touches of ours. Who is whom is as it is known today.
_FOLLOWED = (
    *ABOUT_TOUCHES, TaskTried, TaskEscalated, OfferRedeemed, CustomerMerged, CustomerSplit,
)  # fmt: skip
HEARD = sorted(kind for kind, payload in KINDS.items() if payload not in _FOLLOWED)


class Span(NamedTuple):
    """From when to when the clock goes, and in which steps at least."""

    since: datetime
    until: datetime
    grid: timedelta


@dataclass(frozen=True, kw_only=True)
class Apart(App):
    """The application in a schema of its own. Nothing of it goes out: its channels are given."""

    lines: Mapping[str, Channel]
    hands: VirtualClock  # of its clock

    @property
    def channels(self) -> Mapping[str, Channel]:
        """People of our own by real tasks, all others as given."""
        people = TaskChannel(self.db, self.ids, self.clock)
        return {**self.lines, "voice_human": people, "wecom_request": people}

    @property
    def pulls(self) -> Pulls:
        """Nobody is asked anything."""
        return {}


@contextmanager
def alone(app: App) -> Generator[None]:
    """Only one dry run at a time."""
    lock = app.db.try_lock(LOCK)
    if lock is None:
        raise Refused(
            Sentence(
                "A dry run is under way; it can be cancelled, or waited for.",
                "正在进行一次试跑；可以取消它，或等它结束。",
            )
        )
    with lock:
        yield


@contextmanager
def place(app: App, span: Span, of_1024: int, lines: Mapping[str, Channel]) -> Generator[Apart]:
    """The application there, on a clock that stands at the beginning; of a share of all people."""
    with ground(app) as here:
        _fill(app.db, span, of_1024)
        yield here.begin(span.since, lines)


class Ground(NamedTuple):
    """The schema as the migrations have made it; one application after the other stands on it."""

    app: App
    db: Pool

    def begin(self, since: datetime, lines: Mapping[str, Channel]) -> Apart:
        """The application there, on a clock that stands at the beginning."""
        clock = VirtualClock(self.db)
        clock.set(since)
        mine = {one.name: getattr(self.app, one.name) for one in fields(App)}
        mine |= {"db": self.db, "clock": clock, "bell": Bell(self.db)}
        return Apart(**mine, lines=lines, hands=clock)

    def wipe(self) -> None:
        """Nobody was ever here: no row, no number, no time is left of whoever stood on it."""
        with self.db.transaction() as conn:
            conn.execute(SQL.wipe)


@contextmanager
def ground(app: App) -> Generator[Ground]:
    """The schema with nobody in it. For who holds the lock; dropped at the end."""
    clear(app)
    with app.db.transaction() as conn:
        conn.execute(SQL.make)
    try:
        with closing(Pool(inside(app.db.url, SCHEMA), durable=False)) as db:
            ((there,),) = db.fetch(SQL.where)
            if there != SCHEMA:  # what follows would be done to the brand's own tables
                raise Refused(
                    Sentence(
                        "The way to the database drops `options`, so a dry run has no place of its "
                        "own; let SIYU_DATABASE_URL lead to PostgreSQL itself.",
                        "到数据库的连接丢掉了 `options`，试跑没有独立空间；请让 SIYU_DATABASE_URL "
                        "直连 PostgreSQL。",
                    )
                )
            migrate(db, app.clock.now())
            with db.transaction() as conn:
                conn.execute(SQL.quiet)
                conn.execute(SQL.index_facts)
            yield Ground(app, db)
    finally:
        clear(app)


def _fill(db: Pool, span: Span, of_1024: int) -> None:
    """Each part by itself: one long transaction would keep old rows alive everywhere."""
    when, share = {"since": span.since}, {"of_1024": of_1024}
    facts = {"until": span.until, "grid": int(span.grid.total_seconds()), "kinds": HEARD}
    for part, values in (
        (SQL.copy_rules, None),
        (SQL.copy_people, share),
        (SQL.look_into_vault, None),
        (SQL.copy_orders, when),
        (SQL.copy_parcels, when),
        (SQL.copy_relations, when),
        (SQL.copy_touches, when),
        (SQL.copy_facts, {**when, **share, **facts, "ours": OURS}),
        (SQL.copy_numbers, None),
        (SQL.analyze, None),
    ):
        with db.transaction() as conn:
            conn.execute(part, values)


def clear(app: App) -> None:
    """Drop what a dry run has left that was killed. For who holds the lock."""
    with app.db.transaction() as conn:
        conn.execute(SQL.drop)


def texts(conn: Conn) -> list[tuple[str, str, str]]:
    """Code, text and playbook of the journeys that run today."""
    return [(code, text, playbook) for code, text, playbook in conn.fetch(SQL.copy_texts)]


def tried(conn: Conn, text: str) -> Journey:
    """The journey that a text says, checked against what is installed; BadInput by line."""
    found = check(text, PREDICATES, playbooks.catalogue(conn, PREDICATES))
    if not isinstance(found, Journey):
        said = Sentence("This is no journey that can be tried:", "这个旅程还不能试跑：")
        raise BadInput(said, found)
    return found


def publish(
    app: Apart, tried_text: str, code: str, others: list[tuple[str, str, str]], now: datetime
) -> None:
    """The journeys of today beside the one that is tried, which takes the place of its own."""
    stay = [(one, text, playbook) for one, text, playbook in others if one != code]
    with app.db.transaction() as conn:
        for one, text, playbook in [*stay, (code, tried_text, "own")]:
            del one
            journeys.publish(conn, text, None, PREDICATES, playbook, now)


def what(conn: Conn, asked: Asked) -> tuple[str, list[str]]:
    """What is tried, as it is called, and the codes of its journeys; BadInput by line."""
    if asked.playbook is None:
        code = tried(conn, asked.text).journey
        return code, [code]
    found = asked.playbook
    wrong = playbooks.problems(conn, found, the_brand(conn).currency, PREDICATES)
    if wrong:
        said = Sentence("This playbook can't be tried:", "这个打法还不能试跑：")
        raise BadInput(said, tuple(wrong))
    codes = sorted(playbooks.codes_of(found.journeys.values(), "journey"))
    if not codes:
        raise Refused(
            Sentence("It has no journey, so there is nothing to try.", "它没有旅程，无可试跑。")
        )
    return f"playbook:{found.manifest.playbook}", codes


def install(
    app: Apart, playbook: Playbook, others: list[tuple[str, str, str]], now: datetime
) -> None:
    """The journeys of today, but for those of the playbook that is tried; and that one."""
    name = playbook.manifest.playbook
    with app.db.transaction() as conn:
        for _, text, brought in others:
            if brought != name:
                journeys.publish(conn, text, None, PREDICATES, brought, now)
        playbooks.install(conn, playbook, app.brand.currency, PREDICATES, now, keys=app.keys)
