"""What goes out when: entries and waits of journeys, ends of materials and promises, festivals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Literal, NamedTuple, TypeAlias, get_args
from zoneinfo import ZoneInfo

from siyu.content import views as content
from siyu.journeys import views as journeys
from siyu.journeys.model import Journey
from siyu.journeys.model.enter import EnterEvery
from siyu.journeys.nodes.wait import OfAll, Wait
from siyu.kernel.festivals import FESTIVALS, coming
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import Weekday, moment
from siyu.offers import views as offers
from siyu.segments.model import All, Family, Leaf, Tree
from siyu.segments.predicates.dates import FestivalNear

SQL = load("siyu.analytics")
# entry: a scheduled journey takes people in. step: those who wait for a festival go on. moment:
# one was made. group: what a group's own calendar has. material_…: its first and last day.
# offer_end: so many promises of it lapse. festival: solar or lunar.
Kind: TypeAlias = Literal[
    "entry", "step", "moment", "group", "material_from", "material_until", "offer_end", "festival"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
DAY = timedelta(days=1)
MOST = 10_000  # promises that are counted
_MIDNIGHT = time(0)
_WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


class Item(NamedTuple):
    """`code`: of the journey, material, offer, festival it is about; `step` of a journey; `many`:
    how many lapse. `at` None: the whole day."""

    day: date
    at: datetime | None
    kind: Kind
    code: str
    title: Mapping[str, str]
    step: str = ""
    many: int | None = None


class Span(NamedTuple):
    """Days by the brand's clocks, both within."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def days(self) -> list[date]:
        """Each of them."""
        return [self.first + DAY * n for n in range((self.last - self.first).days + 1)]

    def holds(self, day: date | None) -> bool:
        """Whether it is one of them."""
        return day is not None and self.first <= day <= self.last


def items(conn: Conn, families: Sequence[Family], span: Span) -> list[Item]:
    """All that stands in these days, by day and hour."""
    found = chain(
        _journeys(conn, families, span),
        _materials(conn, span),
        _offers(conn, span),
        festivals(span),
    )
    return ordered(found)


def ordered(found: Iterator[Item] | Sequence[Item]) -> list[Item]:
    """By day; what has the whole day comes first."""
    return sorted(
        found,
        key=lambda one: (one.day, one.at is not None, one.at and one.at.timestamp(), one.kind,
                         one.code, one.step),
    )  # fmt: skip


def festivals(span: Span) -> Iterator[Item]:
    """Those that come in these days, by either calendar."""
    for code, festival in FESTIVALS.items():
        for day in _comings(code, span.first, span.last):
            yield Item(day, None, "festival", code, {"zh": festival.zh, "en": festival.en})


def _comings(code: str, first: date, last: date) -> Iterator[date]:
    day = coming(code, first)
    while day is not None and day <= last:
        yield day
        day = coming(code, day + DAY)


def _journeys(conn: Conn, families: Sequence[Family], span: Span) -> Iterator[Item]:
    for said in journeys.said(conn):
        read = journeys.read(said.text, families) if said.live else None
        if read is None:
            continue
        title = read.title._asdict()
        yield from _entries(read, title, span)
        yield from _waits(read, title, span)


def _entries(read: Journey, title: Mapping[str, str], span: Span) -> Iterator[Item]:
    enter = read.enter
    if not isinstance(enter, EnterEvery):
        return
    may = _may_hold(enter.segment)
    for day in span.days:
        weekday = enter.every.weekday
        if (weekday is None or _WEEKDAYS[day.weekday()] == weekday) and may(day):
            at = moment(day, enter.every.at, span.zone)
            yield Item(day, at, "entry", read.journey, title)


def _waits(read: Journey, title: Mapping[str, str], span: Span) -> Iterator[Item]:
    for step in read.steps:
        wait = step.node.length if isinstance(step.node, Wait) else None
        if not isinstance(wait, OfAll):
            continue
        for day in _comings(wait.festival, span.first + wait.less, span.last + wait.less):
            on = day - wait.less
            at = moment(on, wait.at, span.zone)
            yield Item(on, at, "step", read.journey, title, step.id)


def _may_hold(tree: Tree) -> Callable[[date], bool]:
    """Whether anybody can be in the set on a day: nobody is, far from the festival that it asks
    for."""
    near = [one for one in _needed(tree) if isinstance(one, FestivalNear)]

    def may(day: date) -> bool:
        return all(
            (next_ := coming(one.name, day)) is not None and next_ < day + DAY * one.in_days
            for one in near
        )

    return may


def _needed(tree: Tree) -> Iterator[object]:
    """The conditions without which nobody is in the set."""
    if isinstance(tree, Leaf):
        yield tree.form
    elif isinstance(tree, All):
        for part in tree.parts:
            yield from _needed(part)


def _materials(conn: Conn, span: Span) -> Iterator[Item]:
    for one in content.listed(conn):
        title = {"zh": one.title or one.code, "en": one.title or one.code}
        if one.valid_from is not None and span.holds(one.valid_from):
            yield Item(one.valid_from, None, "material_from", one.code, title)
        if one.valid_until is not None and span.holds(one.valid_until):
            yield Item(one.valid_until, None, "material_until", one.code, title)


def _offers(conn: Conn, span: Span) -> Iterator[Item]:
    begin = moment(span.first, _MIDNIGHT, span.zone)
    end = moment(span.last + DAY, _MIDNIGHT, span.zone)
    params = {"from": begin, "to": end, "zone": str(span.zone), "most": MOST}
    titles = offers.offers(conn)
    for day, code, many in conn.fetch(SQL.promises_lapsing, params):
        title = titles[code].title if code in titles else {"zh": code, "en": code}
        yield Item(day, None, "offer_end", code, title, many=many)
