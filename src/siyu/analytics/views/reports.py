"""Reports over a period: what became of its buyers, what a friend cost, what was not sent.

Definitions are those of docs/guides/reports.md. Reports read much: a caller with people in front of
it works them out beside the request (api/kept.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from datetime import time as clock_time

from siyu.acquisition import views as acquisition
from siyu.acquisition.model import Source
from siyu.analytics.model import (
    LONGEST_PERIOD,
    OTHER_DOOR,
    WINDOW,
    Asked,
    Cost,
    Freshness,
    Group,
    PlanReport,
    SourceReport,
    Step,
    Withheld,
    WithheldReport,
)
from siyu.events import views as events
from siyu.kernel.errors import BadInput, NotFound, Problem, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import moment, zone

SQL = load("siyu.analytics")
NOBODY = (0, 0, 0)


def plan(conn: Conn, asked: Asked, time_zone: str, now: datetime) -> PlanReport:
    """Funnel and costs by source and step. On a transaction of its own."""
    since, until = period(asked, time_zone)
    conn.execute(SQL.one_moment)
    conn.execute(SQL.whole)
    found = tuple(
        _source(conn, one, _shops(one, asked.shop), (since, until), now)
        for one in _sources(conn, asked)
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
    params = {"since": since, "end": until + WINDOW}
    ((unmatched,),) = conn.fetch(SQL.unmatched, params)
    return PlanReport(asked, _fresh(conn, now), found, unmatched, "".join(currencies))


def withheld(conn: Conn, asked: Asked, time_zone: str, now: datetime) -> WithheldReport:
    """What was not sent, by day, channel, purpose and reason. On a transaction of its own."""
    since, until = period(asked, time_zone)
    conn.execute(SQL.one_moment)
    conn.execute(SQL.whole)
    (source,) = _sources(conn, asked) if asked.source else [None]
    params = {
        "since": since,
        "until": until,
        "zone": time_zone,
        "journey": source.journey if source else None,
        "shops": _shops(source, asked.shop) if source else [asked.shop] if asked.shop else None,
    }
    rows = tuple(Withheld(*row) for row in conn.fetch(SQL.withheld_by, params))
    ((wished,),) = conn.fetch(SQL.wished, params)
    return WithheldReport(asked, _fresh(conn, now), wished, rows)


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


def _sources(conn: Conn, asked: Asked) -> list[Source]:
    known = acquisition.sources(conn)
    if asked.source:
        if asked.source not in known:
            raise NotFound(
                Sentence(f"There is no source {asked.source}.", f"没有来源 {asked.source}。")
            )
        return [known[asked.source]]
    return [one for _, one in sorted(known.items())]


def _shops(source: Source, shop: str) -> list[str] | None:
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
    between: tuple[datetime, datetime],
    now: datetime,
) -> SourceReport:
    since, until = between
    params: dict[str, object] = {
        "since": since,
        "until": until,
        "end": until + WINDOW,
        "window": WINDOW,
        "journey": source.journey,
        "source": source.code,
        "shops": shops,
        "other": OTHER_DOOR,
        "now": now,
    }
    conn.execute(SQL.cohort, params)
    conn.execute(SQL.count_cohort)
    conn.execute(SQL.followed_by, params)
    conn.execute(SQL.count_followed)
    groups = {row[0]: row[1:] for row in conn.fetch(SQL.groups, params)}
    held, treated = groups.get("held", NOBODY), groups.get("treated", NOBODY)
    ((invited, added),) = conn.fetch(SQL.invited_friends)
    found = SourceReport(
        source=source.code,
        title=source.title,
        journey=source.journey,
        buyers=sum(one[0] for one in groups.values()),
        friends_before=groups.get("friend", NOBODY)[0],
        not_admitted=groups.get("not_admitted", NOBODY)[0],
        held=Group(*held[:2]),
        treated=Group(*treated[:2]),
        invited=Group(invited, added),
        still_open=treated[2],
        steps=tuple(_steps(conn, params)),
        costs=tuple(Cost(*row) for row in conn.fetch(SQL.cohort_costs, params)),
    )
    conn.execute(SQL.forget_cohort)
    return found


def _steps(conn: Conn, params: dict[str, object]) -> Iterator[Step]:
    """In their usual order; those that only won friends, such as another door, come last."""
    adds = dict(conn.fetch(SQL.last_steps, params))
    for step, people, touches, raced, longest in conn.fetch(SQL.reached):
        yield Step(step, people, touches, adds.pop(step, 0), raced, longest)
    for step, many in adds.items():
        yield Step(step, adds=many)
