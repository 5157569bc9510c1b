"""The cascade as a whole: who was in scope, who became a friend, by which step, at what cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from siyu.acquisition import views as acquisition
from siyu.acquisition.model import Source
from siyu.analytics.model import OTHER_DOOR, WINDOW, Figures, StepFigures
from siyu.analytics.views.reports import by_waves
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, Row, load

SQL = load("siyu.analytics")


def cascade(conn: Conn, journey: str, since: datetime, until: datetime) -> Figures:
    """The figures of a journey over the buyers of [since, until); '' : of sources without one.

    Costs, messages and parcels are those until the last of these buyers was watched long enough.
    """
    sources = [one for one in acquisition.sources(conn).values() if one.journey == journey]
    if not sources:
        raise NotFound(
            Sentence(
                f"no source starts the journey {journey!r}; install its playbook first",
                f"没有来源启动旅程 {journey!r}；请先安装它的打法",
            )
        )
    params: dict[str, object] = {
        "journey": journey,
        "sources": [one.code for one in sources],
        "since": since,
        "end": until + WINDOW,
    }
    conn.execute(SQL.whole)
    buyers = _buyers(conn, journey, sources, since, until, WINDOW)
    invited = [row for row in buyers if row[1]]
    friends = [row for row in buyers if row[2]]
    costs, currency = _costs(conn, params)
    touches = Counter(dict(conn.fetch(SQL.touches, params)))
    adds = Counter(step for *_, step in friends)
    return Figures(
        in_scope=len(buyers),
        invited=len(invited),
        friends_added=len(friends),
        added_invited=sum(1 for row in invited if row[2]),
        unmatched=conn.fetch(SQL.unmatched, params)[0][0],
        by_step={
            step: StepFigures(touches[step], adds[step], costs[step])
            for step in sorted(touches.keys() | adds.keys() | costs.keys())
        },
        withheld=dict(conn.fetch(SQL.withheld, params)),
        parcels=acquisition.account(conn, since, until + WINDOW),
        cost_minor=costs.total(),
        currency=currency,
    )


def added(conn: Conn, since: datetime, until: datetime, window: timedelta) -> tuple[int, int]:
    """Buyers in scope of all sources together, and those of them who were friends in time: the two
    sides of the add rate."""
    sources = [one for one in acquisition.sources(conn).values() if not by_waves(conn, one)]
    found: dict[int, bool] = {}
    for journey in sorted({one.journey for one in sources}):
        mine = [one for one in sources if one.journey == journey]
        for customer, _, friend, _ in _buyers(conn, journey, mine, since, until, window):
            found[customer] = found.get(customer, False) or friend
    return len(found), sum(found.values())


def _buyers(
    conn: Conn,
    journey: str,
    sources: Sequence[Source],
    since: datetime,
    until: datetime,
    window: timedelta,
) -> list[Row]:
    shops = None if not all(one.shops for one in sources) else sum((s.shops for s in sources), ())
    params = {
        "journey": journey,
        "sources": [one.code for one in sources],
        "since": since,
        "until": until,
        "window": window,
        "other": OTHER_DOOR,
        "shops": None if shops is None else sorted(set(shops)),
    }
    return conn.fetch(SQL.buyers, params)


def _costs(conn: Conn, params: dict[str, object]) -> tuple[Counter[str], str]:
    rows = conn.fetch(SQL.costs, params)
    currencies = sorted({currency for _, currency, _ in rows})
    if len(currencies) > 1:
        raise Refused(
            Sentence(
                f"costs are in {', '.join(currencies)} and can't be added up;"
                " set all prices in the brand's book currency",
                f"成本有 {', '.join(currencies)} 多个币种，不能相加；"
                "请把所有单价改为品牌记账的币种",
            )
        )
    return Counter({step: amount for step, _, amount in rows}), "".join(currencies)


def held_orders(conn: Conn, journey: str, since: datetime) -> set[tuple[str, str]]:
    """(shop, order) of the buyers who are held out of a journey."""
    params = {"journey": journey, "since": since}
    return {(shop, order_no) for shop, order_no in conn.fetch(SQL.held_orders, params)}


def matches(conn: Conn, since: datetime) -> dict[bool, int]:
    """How many new friends since then are matched to a buyer, and how many are not."""
    return dict(conn.fetch(SQL.matches, {"since": since}))
