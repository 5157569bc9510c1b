"""The content calendar: what goes out when, and what ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from siyu.analytics.views import calendar
from siyu.analytics.views.calendar import Item, Kind, Span
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.app import PREDICATES, App
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone

router = APIRouter(tags=["journeys"])
MOST_DAYS = 62
USUAL_DAYS = 31
LONGEST_TITLE = 60


@dataclass(frozen=True)
class CalendarItem:
    """What happens on a `day`, `at` a moment or (null) all day. `entry`: a scheduled journey takes
    people in; `step`: those who wait in a journey for a festival go on; `moment`: a Moment that was
    made; `group`: an entry of a group's calendar; `material_from`, `material_until`: the first and
    last day on which a material is sent; `offer_end`: `many` promises of an offer lapse;
    `festival`. `code` is of the journey, material, offer, group, Moment or festival."""

    day: date
    at: datetime | None
    kind: Kind
    code: str
    title: Mapping[str, str]
    step: str
    many: int | None


@dataclass(frozen=True)
class ContentCalendar:
    """`first` and `last` are days of the brand, both within."""

    first: date
    last: date
    items: list[CalendarItem]


@router.get("/calendar", **needs("journeys.read"))
def content_calendar(
    app: TheApp,
    caller: TheCaller,
    since: Annotated[
        date | None, Query(alias="from", description="The first day; empty: today.")
    ] = None,
    until: Annotated[
        date | None,
        Query(alias="to", description="The last day, at most 62 in all; empty: 31 in all."),
    ] = None,
    kind: Annotated[
        list[Kind] | None, Query(description="Only of these kinds; none: of all.")
    ] = None,
) -> ContentCalendar:
    """What goes out when: entries of scheduled journeys, waits for festivals, Moments, first and
    last days of materials, ends of promises, and festivals by the solar and the lunar calendar."""
    place = zone(app.brand.time_zone)
    first = since or app.clock.now().astimezone(place).date()
    last = until or first + timedelta(days=USUAL_DAYS - 1)
    if not timedelta() <= last - first < timedelta(days=MOST_DAYS):
        raise BadInput(
            Sentence(
                f"A calendar has from 1 to {MOST_DAYS} days: `to` is {last}, `from` is {first}.",
                f"日历为 1 到 {MOST_DAYS} 天：`to` 是 {last}，`from` 是 {first}。",
            )
        )
    span = Span(first, last, place)
    with app.db.transaction() as conn:
        found = calendar.items(conn, PREDICATES, span)
    if "moments.read" in caller.may:
        found = calendar.ordered([*found, *_moments(app, span)])
    wanted = [one for one in found if not kind or one.kind in kind]
    return ContentCalendar(first, last, [CalendarItem(*one) for one in wanted])


def _moments(app: App, span: Span) -> Iterator[Item]:
    window = app.connections.window()
    for one in window.listed() if window is not None else ():
        day = one.at.astimezone(span.zone).date()
        if span.holds(day) and one.state != "cancelled":
            said = (one.moment.text or one.moment.title or one.moment.link)[:LONGEST_TITLE]
            yield Item(day, one.at, "moment", one.id, {"zh": said, "en": said})
