"""A question, answered from all that is applied now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from siyu.analytics.check import described
from siyu.analytics.compile import again, last_day
from siyu.analytics.decide.bands import Band, Slices
from siyu.analytics.decide.median import Median
from siyu.analytics.model import Freshness
from siyu.analytics.model.answer import Answer, Lake, Question, Sources, Told
from siyu.analytics.model.worked import Carriers
from siyu.analytics.views.cycles import cycles_of
from siyu.analytics.views.names import named
from siyu.analytics.views.questions.rfm import Rfm
from siyu.events import views as events
from siyu.kernel.errors import BadInput, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence, within
from siyu.kernel.sql import Db
from siyu.kernel.time import zone
from siyu.staff.model import Brand
from siyu.staff.views import credit
from siyu.vault.model import Keys

LATELY = timedelta(days=60)  # facts that end longer ago are from before Siyu, or no longer come
REFUSED = timedelta(days=28)  # so long ago it may be why a report that looks at days says nothing
ENDS = ("until", "as_of")  # fields that say up to when; empty: today
Tell = Callable[[str, int, int], None]  # table, tables done, of how many


class Lakes(Protocol):
    """The lake of an installation."""

    @property
    def folder(self) -> Path:
        """Where its files are."""
        ...

    def asked(self, tell: Tell | None = None) -> AbstractContextManager[Lake]:
        """An engine over all that is applied now."""
        ...


class Home(NamedTuple):
    """What an installation has wired."""

    db: Db
    keys: Keys
    ids: PublicIds
    brand: Brand
    lake: Lakes
    carriers: Carriers | None = None


def ask(
    home: Home,
    question: Question,
    now: datetime,
    *,
    shows_buyers: bool = False,
    tell: Tell | None = None,
) -> Told:
    """The answer as of now, and how fresh it is."""
    local = now.astimezone(zone(home.brand.time_zone))
    with home.db.transaction() as conn:  # before the lake is written: it knows as much, or says so
        fresh = Freshness(local, events.head(conn), events.backlog(conn))
    with home.lake.asked(tell) as lake:
        sources = _sources(home, lake, now)._replace(shows_buyers=shows_buyers)
        answer = named(_answered(question, sources), home.db)
        if lake.seq >= fresh.applied_seq or lake.read_at is None:
            return Told(question, answer, fresh)
        read_at = lake.read_at.astimezone(local.tzinfo)
        waiting = fresh.waiting + fresh.applied_seq - lake.seq
        answer = msgspec.structs.replace(answer, notes=(*answer.notes, _behind(read_at)))
        return Told(question, answer, Freshness(read_at, lake.seq, waiting))


def behind(home: Home, question: Question, cells: Mapping[str, str], now: datetime) -> list[int]:
    """Whom a number of its answer counts, as of now."""
    with home.lake.asked() as lake:
        try:
            return question.behind(_sources(home, lake, now), cells)
        except (KeyError, ValueError, NotImplementedError):
            raise BadInput(
                Sentence("No figure is named by these cells.", "这些单元格没有对应的数字。")
            ) from None


def cut(home: Home, question: Rfm, now: datetime) -> tuple[Slices, list[Band]]:
    """The bands of customers as the report has them now, with their limits."""
    with home.lake.asked() as lake:
        return question.cut(_sources(home, lake, now))


def cycles(home: Home, now: datetime) -> dict[str, Median]:
    """The repurchase cycle of each category, of all purchases up to yesterday."""
    with home.lake.asked() as lake:
        of = _sources(home, lake, now)
        return cycles_of(lake, lake.once(again.purchases(of.today - timedelta(days=1))))


def _sources(home: Home, lake: Lake, now: datetime) -> Sources:
    today = now.astimezone(zone(home.brand.time_zone)).date()
    models = home.lake.folder / "models"
    of = Sources(lake, home.db, home.keys, home.ids, home.brand, now, today, models)
    with home.db.transaction() as conn:
        rule = credit(conn)
    return of._replace(carriers=home.carriers, credit=rule)


def _answered(question: Question, of: Sources) -> Answer:
    """With a word on when its facts end, where nobody has said up to when to look, and none falls
    into these days, or that is long ago: of a brand that brings in what it sold years ago, the last
    weeks are empty."""
    asked = next((name for name in ENDS if getattr(question, name, of.today) is None), None)
    if asked is None:
        return question.answer(of)
    ((last,),) = of.lake.fetch(last_day(question.facts))
    try:
        answer = question.answer(of)
    except Refused as why:
        if type(why) is not Refused or last is None or last > of.today - REFUSED:
            raise
        hint, said = _ended(question, asked, last), Sentence(why.detail, within("zh", why.detail))
        raise Refused(Sentence(f"{said} {hint}", f"{said.zh}{hint.zh}")) from None
    first = answer.period.first
    if last is None or (last > of.today - LATELY and (first is None or last >= first)):
        return answer
    notes = (_ended(question, asked, last), *answer.notes)
    return msgspec.structs.replace(answer, notes=notes)


def _ended(question: Question, asked: str, last: date) -> Sentence:
    """How to ask for the days up to then: on the command line, and in the console."""
    title = next(one.ask.title for one in described(type(question)) if one.name == asked)
    flag = f"--{asked.replace('_', '-')}"
    if question.facts == ("orders",):
        return Sentence(
            f"The last order is of {last}; for the days up to then: {flag} {last} (in the console: "
            f"{title}).",
            f"最后一笔订单在 {last}；查看截至该日的数据：{flag} {last}（控制台：{title.zh}）。",
        )
    return Sentence(
        f"The last fact of this report is of {last}; for the days up to then: {flag} {last} (in "
        f"the console: {title}).",
        f"本报表的数据止于 {last}；查看截至该日的数据：{flag} {last}（控制台：{title.zh}）。",
    )


def _behind(at: datetime) -> Sentence:
    return Sentence(
        f"Another process is writing the lake: these are the figures of {at:%Y-%m-%d %H:%M}.",
        f"另一进程正在写入数据湖：以上是 {at:%Y-%m-%d %H:%M} 的数字。",
    )
