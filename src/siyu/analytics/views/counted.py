"""The people behind the numbers of a report: exactly those whom each one counts."""

from __future__ import annotations

from datetime import datetime

from siyu.analytics.model import OF_A_STEP, OF_NO_SOURCE, Asked, Counted, Which
from siyu.analytics.views import reports
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load

SQL = load("siyu.analytics")


def counted(
    conn: Conn,
    asked: Asked,
    which: Which,
    time_zone: str,
    now: datetime,
    before: int | None,
    limit: int,
) -> list[Counted]:
    """Those whom a number counts, the newest first; `before`: after this row. On a transaction of
    its own, and it reads what the report reads; `check` has been asked before."""
    page = {"before": before, "limit": limit}
    if which.figure == "withheld":
        reports.not_sent(conn, asked, time_zone)
        rows = conn.fetch(SQL.list_withheld, {**which._asdict(), **page})
        return [Counted(*row) for row in rows]
    looked = reports.looks(asked, time_zone, now)
    conn.execute(SQL.one_moment)
    conn.execute(SQL.whole)
    if which.figure == "unmatched":
        reports.without_buyer(conn, looked)
        return [Counted(*row) for row in conn.fetch(SQL.list_without_buyer, page)]
    (source,) = reports.chosen(conn, asked)
    reports.gathered(conn, source, reports.shops_of(source, asked.shop), looked)
    rows = conn.fetch(SQL.counted, {"figure": which.figure, "step": which.step, **page})
    return [Counted(customer, customer, at) for customer, at in rows]


def check(conn: Conn, asked: Asked, which: Which) -> None:
    """Whether it names one number, of a source that there is."""
    reports.chosen(conn, asked)
    if which.figure not in OF_NO_SOURCE and not asked.source:
        raise BadInput(
            Sentence(
                "Each source counts its own people; name one with `source`.",
                "每个来源各数各的人；请用 `source` 指明一个。",
            )
        )
    if (which.figure in OF_A_STEP) != bool(which.step):
        of_step = Sentence("is a figure of a step", "是某一步的数字")
        of_none = Sentence("is no figure of a step", "不是某一步的数字")
        told = of_step if which.figure in OF_A_STEP else of_none
        raise BadInput(
            Sentence(
                f"`{which.figure}` {told}; see `step`.",
                f"`{which.figure}` {told.zh}；见 `step`。",
            )
        )
