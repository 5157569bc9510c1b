"""When stores have visitors: a file says it, else the hours of their own orders. Work that may wait
is put into the quiet hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.language import TheLanguage
from siyu.api.sheets import Refused, body_of, laid_down, refuse_many, with_file
from siyu.api.words import Words
from siyu.app import App, orderfile
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Language, Sentence, within
from siyu.kernel.time import zone
from siyu.staff import actions, views
from siyu.staff.model import WEEKDAYS
from siyu.tasks.actions.quiet import traffic as known_traffic
from siyu.tasks.decide.quiet import NO_TRAFFIC, QUIET, Known

router = APIRouter(prefix="/staff/traffic", tags=["staff"])
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "store": ("store", "门店", "门店编码"),
    "weekday": ("weekday", "星期", "周几"),
    "hour": ("hour", "小时", "时段"),
    "visitors": ("visitors", "客流", "来客数", "人数"),
}
DAYS: Mapping[str, int] = {
    name: number + 1
    for names in (WEEKDAYS, "一二三四五六日", "1234567")
    for number, name in enumerate(names)
} | {"天": 7}
MOST_VISITORS = 1_000_000
LAST_HOUR = 23
NO_STORE = Sentence(
    "is no store of yours; `siyu staff store` makes one",
    "不是已有门店；`siyu staff store` 可新建",
)
NO_DAY = Sentence(
    "is no day; write mon to sun, 周一 to 周日 or 1 to 7",
    "不是星期几；请写 周一 到 周日、mon 到 sun 或 1 到 7",
)
NO_HOUR = Sentence("is no hour; write 0 to 23, or 10:00", "不是小时；请写 0 到 23，或 10:00")
NO_COUNT = Sentence("is not a whole number from 0 up", "不是 0 以上的整数")
TWICE = Sentence("an earlier line speaks of this hour", "前面已有一行说了这个时段")


@dataclass(frozen=True)
class TrafficHour:
    """Visitors of an hour of the week, Monday is 1; `quiet`: work that may wait is put there."""

    weekday: int
    hour: int
    visitors: int
    quiet: bool


@dataclass(frozen=True)
class StoreTraffic:
    """`known` by a `file`, by the hours of the store's `orders` of the last eight weeks, or by
    `nothing`: then every hour is quiet but the weekend's afternoons. An hour that is not listed
    has no visitors. `average`: of the hours that have any."""

    store: str
    name: str
    known: Known
    average: float
    hours: list[TrafficHour]


@dataclass(frozen=True)
class StoresTraffic:
    """An hour is quiet with at most `quiet_share` of the visitors of the store's average hour."""

    quiet_share: float
    stores: list[StoreTraffic]


@dataclass(frozen=True)
class TrafficTaken:
    """`taken` hours of so many `stores`, of which nothing else is known any more; with `dry` they
    only would be. What is refused keeps no other line from being taken."""

    taken: int
    stores: int
    refused: list[Refused]


@router.get("", **needs("staff.read"))
def traffic(app: TheApp, store: Words = "") -> StoresTraffic:
    """Every store's visitors by weekday and hour, and where that is known from."""
    return StoresTraffic(QUIET, listed(app, store))


def listed(app: App, store: str = "") -> list[StoreTraffic]:
    """The same, of all stores or one."""
    now, place = app.clock.now(), zone(app.brand.time_zone)
    with app.db.transaction() as conn:
        stores = [one for one in views.stores(conn) if store in ("", one.code)]
        found = known_traffic(conn, [one.code for one in stores], now, place)
    return [
        StoreTraffic(
            one.code,
            one.name,
            known.known,
            round(known.average, 1),
            [
                TrafficHour(weekday, hour, visitors, known.quiet(weekday, hour))
                for (weekday, hour), visitors in sorted(known.visitors.items())
            ],
        )
        for one in stores
        if (known := found.get(one.code, NO_TRAFFIC))
    ]


@router.post("/file", **with_file("staff.manage"))
async def take_file(
    request: Request,
    app: TheApp,
    caller: TheCaller,
    language: TheLanguage,
    dry: Annotated[bool, Query(description="Only say what it would change.")] = False,
    by: Annotated[str, Query(max_length=200, description="Who does it, with the API key.")] = "",
) -> TrafficTaken:
    """A file of visitors, CSV or Excel: store, weekday, hour, visitors (or 门店, 星期, 小时, 客流).
    What was known of these stores goes; lines that can't be used are named. Audited."""
    who, body = caller.actor(by), await body_of(request)

    def taken() -> TrafficTaken:
        with laid_down(body) as path:
            return take(app, path, who, language, dry=dry)

    return await run_in_threadpool(taken)


class _Line(NamedTuple):
    line: int
    store: str
    at: tuple[int, int]
    visitors: int


def take(app: App, path: Path, by: str, language: Language, *, dry: bool = False) -> TrafficTaken:
    """What a file says, taken."""
    file = orderfile.ListFile(path, COLUMNS, tuple(COLUMNS))
    found: dict[str, dict[tuple[int, int], int]] = {}
    refused: list[Refused] = []
    with app.db.transaction() as conn:
        stores = {one.code for one in views.stores(conn)}
        for row in _read(file, stores):
            if isinstance(row, _Line):
                found.setdefault(row.store, {})[row.at] = row.visitors
            else:
                line, problem = row
                column = file.column(problem.where) if problem.where in COLUMNS else problem.where
                refused.append(Refused(line, column, within(language, problem.why)))
        if not dry:
            actions.set_traffic(conn, found, by, app.clock.now())
    return TrafficTaken(sum(len(one) for one in found.values()), len(found), refused)


def _read(file: orderfile.ListFile, stores: set[str]) -> Iterator[_Line | tuple[int, Problem]]:
    seen: set[tuple[str, tuple[int, int]]] = set()
    for many, entry in enumerate(file.entries(), start=1):
        refuse_many(many)
        line, said = entry.row.line, entry.values
        if entry.problem is not None:
            yield line, entry.problem
            continue
        store = said["store"].strip()
        day, hour = _day(said["weekday"]), _hour(said["hour"])
        visitors = _count(said["visitors"], MOST_VISITORS)
        wrong = (
            Problem("store", NO_STORE) if store not in stores
            else Problem("weekday", NO_DAY) if day is None
            else Problem("hour", NO_HOUR) if hour is None
            else Problem("visitors", NO_COUNT) if visitors is None
            else None
        )  # fmt: skip
        if wrong is not None or day is None or hour is None or visitors is None:
            yield line, wrong or Problem("visitors", NO_COUNT)
        elif (store, (day, hour)) in seen:
            yield line, Problem("hour", TWICE)
        else:
            seen.add((store, (day, hour)))
            yield _Line(line, store, (day, hour), visitors)


def _day(text: str) -> int | None:
    plain = text.strip().lower().removesuffix(".0")
    for before in ("星期", "礼拜", "周"):
        plain = plain.removeprefix(before)
    return DAYS.get(plain) or DAYS.get(plain[:3])


def _hour(text: str) -> int | None:
    first = text.strip().partition("-")[0].partition(":")[0].partition("点")[0]
    return _count(first.strip(), LAST_HOUR)


def _count(text: str, most: int) -> int | None:
    plain = text.strip().replace(",", "").removesuffix(".0")
    good = plain.isascii() and plain.isdigit() and len(plain) <= len(str(most))
    return int(plain) if good and int(plain) <= most else None
