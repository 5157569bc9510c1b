"""Reports over a period: what became of its buyers, what a friend cost, what was not sent.

Definitions are those of docs/guides/reports.md. Reports read much: a caller with people in front of
it works them out beside the request (api/kept.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Any, Literal, NamedTuple, cast

from siyu.acquisition import views as acquisition
from siyu.acquisition.model import Source
from siyu.analytics.decide import falls, in_order
from siyu.analytics.model import (
    HARDLY,
    LONGEST_PERIOD,
    OTHER_DOOR,
    WINDOW,
    Asked,
    Compared,
    Cost,
    Counts,
    Freshness,
    Group,
    NotReached,
    PlanReport,
    SourceReport,
    Step,
    Withheld,
    WithheldReport,
)
from siyu.events import views as events
from siyu.journeys.views import current
from siyu.journeys.views.flow import lines
from siyu.kernel.document import read
from siyu.kernel.errors import BadInput, NotFound, Problem, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import moment, zone
from siyu.outbox.views import Welcomes, welcomes

SQL = load("siyu.analytics")


class Looked(NamedTuple):
    """Orders in [since, until), and what followed them before `end`, seen from `now`."""

    since: datetime
    until: datetime
    end: datetime
    now: datetime


def plan(
    conn: Conn, asked: Asked, time_zone: str, now: datetime, seen: datetime | None = None
) -> PlanReport:
    """Funnel and costs by source and step. On a transaction of its own. `seen`: only what had
    happened by then."""
    looked = looks(asked, time_zone, now, seen)
    conn.execute(SQL.one_moment)
    conn.execute(SQL.whole)
    found = tuple(
        _source(conn, one, shops_of(one, asked.shop), looked) for one in chosen(conn, asked)
    )
    currencies = sorted({cost.currency for one in found for cost in one.costs})
    if len(currencies) > 1:
        raise Refused(
            Sentence(
                f"costs are in {', '.join(currencies)} and can't be added up;"
                " set all prices in the brand's book currency",
                f"成本有 {', '.join(currencies)} 多个币种，不能相加；"
                "请把所有单价改为品牌记账的币种",
            )
        )
    without_buyer(conn, looked)
    ((unmatched,),) = conn.fetch(SQL.count_without_buyer)
    return PlanReport(asked, _fresh(conn, now), found, unmatched, "".join(currencies))


def withheld(conn: Conn, asked: Asked, time_zone: str, now: datetime) -> WithheldReport:
    """What was not sent, by day, channel, purpose and reason. On a transaction of its own."""
    params = not_sent(conn, asked, time_zone)
    rows = tuple(Withheld(*row) for row in conn.fetch(SQL.withheld_by))
    ((wished,),) = conn.fetch(SQL.wished, params)
    return WithheldReport(asked, _fresh(conn, now), wished, rows)


def welcome(conn: Conn, asked: Asked, time_zone: str) -> list[Welcomes]:
    """Welcomes by day, and in all, which comes last: how many went out, and how quickly."""
    return welcomes(conn, *period(asked, time_zone), time_zone)


class Slice(NamedTuple):
    """Of a source: how many of those who ordered in a shop, or in an hour of the day, stand behind
    a figure (of a step)."""

    source: str
    part: Literal["shop", "hour"]
    value: str
    figure: Counts
    step: str
    people: int


def sliced(conn: Conn, asked: Asked, time_zone: str, now: datetime) -> list[Slice]:
    """Those in scope of a plan by the shop and hour of the order from which each is watched. On a
    transaction of its own."""
    looked = looks(asked, time_zone, now)
    conn.execute(SQL.one_moment)
    conn.execute(SQL.whole)
    found: list[Slice] = []
    for source in chosen(conn, asked):
        params = gathered(conn, source, shops_of(source, asked.shop), looked)
        rows = conn.fetch(SQL.by_order, {**params, "zone": time_zone})
        found += [Slice(source.code, *row) for row in rows]
        conn.execute(SQL.forget_cohort)
    return found


def before(asked: Asked) -> Asked:
    """The period of the same length before this one."""
    days = asked.last - asked.first + timedelta(days=1)
    return asked._replace(first=asked.first - days, last=asked.last - days)


def compared(conn: Conn, time_zone: str, now: datetime, found: PlanReport) -> Compared:
    """The period before that of `found`, when it was as old as that one was: a friend may come for
    two weeks, so a period that is over would always look better than this one."""
    earlier = before(found.asked)
    seen = found.fresh.as_of - (found.asked.first - earlier.first)
    was = plan(conn, earlier, time_zone, now, seen)
    then = {one.source: one for one in was.sources}
    fell = {one.source: falls(then[one.source], one) for one in found.sources if one.source in then}
    return Compared(was, fell)


def looks(asked: Asked, time_zone: str, now: datetime, seen: datetime | None = None) -> Looked:
    """Where a report looks; what came after `seen` it does not see."""
    since, until = period(asked, time_zone)
    if seen is None:
        return Looked(since, until, until + WINDOW, now)
    return Looked(since, min(until, seen), min(until + WINDOW, seen), seen)


def without_buyer(conn: Conn, looked: Looked) -> None:
    """Puts new friends who lead to no buyer into `report_unmatched`."""
    conn.execute(SQL.without_buyer, {"since": looked.since, "end": looked.end})


def not_sent(conn: Conn, asked: Asked, time_zone: str) -> dict[str, object]:
    """Puts what was withheld into `report_withheld`."""
    since, until = period(asked, time_zone)
    conn.execute(SQL.one_moment)
    conn.execute(SQL.whole)
    (source,) = chosen(conn, asked) if asked.source else [None]
    params: dict[str, object] = {
        "since": since,
        "until": until,
        "zone": time_zone,
        "journey": source.journey if source else None,
        "shops": shops_of(source, asked.shop) if source else [asked.shop] if asked.shop else None,
    }
    conn.execute(SQL.asked_withheld, params)
    conn.execute(SQL.count_asked)
    conn.execute(SQL.behind_withheld)
    return params


def period(asked: Asked, time_zone: str) -> tuple[datetime, datetime]:
    """From the start of the first day to the end of the last, by the brand's clocks."""
    wrong: list[Problem] = []
    if asked.last < asked.first:
        wrong.append(Problem("to", Sentence("lies before `from`", "早于 `from`")))
    elif (asked.last - asked.first).days >= LONGEST_PERIOD:
        wrong.append(
            Problem(
                "to",
                Sentence(
                    f"a report covers {LONGEST_PERIOD} days at most",
                    f"报表最多 {LONGEST_PERIOD} 天",
                ),
            )
        )
    elif not 1990 <= asked.first.year <= asked.last.year <= 2200:
        wrong.append(
            Problem(
                "from", Sentence("is outside the years 1990 to 2200", "不在 1990 到 2200 年之间")
            )
        )
    if wrong:
        raise BadInput(
            Sentence("This period can't be reported on.", "这个时段不能出报表。"), tuple(wrong)
        )
    local = zone(time_zone)
    midnight = clock_time()
    return (
        moment(asked.first, midnight, local),
        moment(asked.last + timedelta(days=1), midnight, local),
    )


def chosen(conn: Conn, asked: Asked) -> list[Source]:
    """The source that is asked for, or all whose buyers are taken as they order: waves take some of
    those who ordered long ago, and are judged by themselves."""
    known = acquisition.sources(conn)
    if not asked.source:
        return [one for _, one in sorted(known.items()) if not by_waves(conn, one)]
    if asked.source not in known:
        raise NotFound(
            Sentence(f"There is no source {asked.source}.", f"没有来源 {asked.source}。")
        )
    found = known[asked.source]
    if by_waves(conn, found):
        raise Refused(
            Sentence(
                f"{found.code} invites by waves: `siyu journey waves {found.journey}` tells what "
                "each brought and cost.",
                f"{found.code} 分波邀请：用 `siyu journey waves {found.journey}` 看每一波带来多少、"
                "花了多少。",
            )
        )
    return [found]


def by_waves(conn: Conn, source: Source) -> bool:
    """Whether its journey takes people in waves."""
    try:
        text = current(conn, source.journey).text
    except NotFound:
        return False
    written = cast("Mapping[str, Any]", read(text).value)
    return isinstance(written.get("enter"), dict) and "waves" in written["enter"]


def shops_of(source: Source, shop: str) -> list[str] | None:
    """The shops whose orders count; None: all."""
    if not shop:
        return list(source.shops) or None
    return [shop] if source.covers(shop) else []


def _fresh(conn: Conn, now: datetime) -> Freshness:
    return Freshness(now, events.head(conn), events.backlog(conn))


def _source(
    conn: Conn,
    source: Source,
    shops: list[str] | None,
    looked: Looked,
) -> SourceReport:
    params = gathered(conn, source, shops, looked)
    counts: dict[tuple[str, str], int] = {
        (figure, step): many for figure, step, many in conn.fetch(SQL.figures)
    }

    def many(figure: Counts) -> int:
        return counts.get((figure, ""), 0)

    found = SourceReport(
        source=source.code,
        title=source.title,
        journey=source.journey,
        buyers=many("buyers"),
        friends_before=many("friends_before"),
        not_admitted=many("not_admitted"),
        held=Group(many("holdout"), many("holdout_friends")),
        treated=Group(many("in_scope"), many("friends")),
        invited=Group(many("invited"), many("invited_friends")),
        still_open=many("still_open"),
        steps=tuple(in_order(_steps(conn, counts), _written(conn, source.journey))),
        costs=tuple(Cost(*row) for row in conn.fetch(SQL.cohort_costs, params)),
        fresh=counts.get(("fresh", ""), 0),
        not_reached=tuple(NotReached(*row) for row in conn.fetch(SQL.not_reached, params)),
    )
    conn.execute(SQL.forget_cohort)
    return found


def gathered(
    conn: Conn, source: Source, shops: list[str] | None, looked: Looked
) -> dict[str, object]:
    """Puts the buyers of a period, and who is counted as what, into `report_behind`."""
    params: dict[str, object] = {
        **looked._asdict(),
        "window": WINDOW,
        "hardly": HARDLY,
        "journey": source.journey,
        "source": source.code,
        "shops": shops,
        "other": OTHER_DOOR,
    }
    conn.execute(SQL.cohort, params)
    conn.execute(SQL.count_cohort)
    conn.execute(SQL.followed_by, params)
    conn.execute(SQL.count_followed)
    conn.execute(SQL.won_by, params)
    conn.execute(SQL.may_still, params)
    conn.execute(SQL.behind)
    return params


def _steps(conn: Conn, counts: Mapping[tuple[str, str], int]) -> Iterator[Step]:
    """By when they usually come; those that only won friends, such as another door, come last."""
    won = {step: many for (figure, step), many in counts.items() if figure == "won"}
    for step, touches, raced, longest, fresh in conn.fetch(SQL.reached):
        people = counts.get(("reached", step), 0)
        yield Step(step, people, touches, won.pop(step, 0), raced, longest, fresh)
    for step, many in sorted(won.items()):
        yield Step(step, adds=many)


def _written(conn: Conn, journey: str) -> list[str]:
    """The steps of a journey in the order of its text; none where a source has no journey."""
    try:
        return list(lines(current(conn, journey).text))
    except NotFound:
        return []
