"""What we tell our own staff by a connector that can: the morning's brief, and alarms.

Both are pulls of a connector `siyu` that nobody installs, so their due times, leases and retries
are the ones that all pulls have, and of several workers one tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import structlog
from msgspec import Struct

from siyu.analytics.model import ALARMS
from siyu.analytics.render import alarm_title, alarm_words, brief_title, brief_words
from siyu.analytics.views import attention
from siyu.analytics.views.brief import brief
from siyu.connectors.manifest import Manifest, Notice, Pull, Pulled, Tools
from siyu.connectors.registry import Connected
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Db
from siyu.kernel.time import moment, next_time, zone
from siyu.settings import Settings
from siyu.staff import views as staff
from siyu.staff.model import Member

log = structlog.get_logger(__name__)
NAME = "siyu"
DAY = timedelta(days=1)
ALARMS_EVERY = timedelta(minutes=10)  # so at most one message in them
KEPT = timedelta(days=90)  # what was told
MOST = 12  # troubles in one message
HEAD_OFFICE = ("operator", "owner")


@dataclass(frozen=True)
class House:
    """Whom it is about, and by which connector staff is told; None: by none."""

    db: Db
    settings: Settings
    teller: Connected | None


class Told(Struct, frozen=True, kw_only=True):
    """A brief, whom it is for, and who of them could not be told; `at` is empty before."""

    day: date
    title: str
    words: str
    url: str
    to: list[str]
    at: datetime | None = None
    lost: list[str] = []


def pulls(house: House, tools: Tools, *, alarms: bool) -> dict[str, tuple[Connected, Pull]]:
    """Brief and alarms, as far as they are wanted and somebody can tell them."""
    if house.teller is None:
        return {}
    wanted: list[Pull] = []
    if house.settings.brief_at:
        wanted.append(Pull("brief", Sentence("Morning's brief", "晨间简报"), DAY, _brief))
    if alarms and house.settings.alarms:
        wanted.append(Pull("alarms", Sentence("Alarms", "异常提醒"), ALARMS_EVERY, _alarms))
    manifest = Manifest(NAME, Sentence("Siyu", "Siyu"), House, lambda _: True, pulls=tuple(wanted))
    us = Connected(manifest, house, tools)
    return {f"{NAME}/{one.name}": (us, one) for one in wanted}


def the_brief(house: House, tools: Tools, day: date | None = None) -> Told:
    """The brief of a day (yesterday): as it was told, else as it would be told now."""
    now = tools.clock.now()
    with house.db.transaction() as conn:
        brand = staff.brand(conn)
        day = day or now.astimezone(zone(brand.time_zone)).date() - DAY
        kept = tools.store.get(f"brief/{day}")
        if kept is not None:
            return msgspec.json.decode(kept, type=Told)
        found = brief(conn, brand, day, now)
        people = _people(house, staff.members(conn))
    return Told(
        day=day,
        title=brief_title(brand.name, day, brand.locale),
        words=brief_words(found, brand.locale),
        url=house.settings.console_url,
        to=people,
    )


def _people(house: House, members: list[Member]) -> list[str]:
    """Those who are named, else operators and owners at head office."""
    named = [one.strip() for one in house.settings.brief_to.split(",") if one.strip()]
    return named or [one.code for one in members if one.role in HEAD_OFFICE and one.store is None]


def _brief(house: House, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """The cursor is the last day on which it was told, or on which it was not to be told yet."""
    now = tools.clock.now()
    place = _zone(house)
    at, today = time.fromisoformat(house.settings.brief_at), now.astimezone(place).date()
    if now < (opens := moment(today, at, place)):
        yield Pulled([], cursor or str(today - DAY), opens)
        return
    if cursor and cursor < str(today):
        _tell_brief(house, tools, today - DAY)
    yield Pulled([], str(today), next_time(at, now, place))


def _tell_brief(house: House, tools: Tools, day: date) -> None:
    """What is about to be told is kept first: told again after a failure it is the same words, by
    which a carrier knows it."""
    told = the_brief(house, tools, day)
    now = tools.clock.now()
    if told.at is None:
        _keep(tools, told, now)
        lost = _tell(house, told.to, Notice(told.title, told.words, told.url))
        _keep(tools, msgspec.structs.replace(told, at=now, lost=lost), now)


def _keep(tools: Tools, told: Told, now: datetime) -> None:
    tools.store.put(f"brief/{told.day}", msgspec.json.encode(told).decode(), now + KEPT)


def _alarms(house: House, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """The cursor are the troubles that were told and are not over: each is told as it begins."""
    known = set(msgspec.json.decode(cursor, type=list[str])) if cursor else set[str]()
    with house.db.transaction() as conn:
        brand, members = staff.brand(conn), staff.members(conn)
        needs = attention.needs(conn, tools.clock.now())
    lasting = {f"{one.code}/{one.about}": one for one in needs if one.code in ALARMS}
    begun = [one for name, one in lasting.items() if name not in known]
    if begun:
        title = alarm_title(brand.name, len(begun), brand.locale)
        lines = [(one.code, one.about, one.number, one.why) for one in begun[:MOST]]
        notice = Notice(title, alarm_words(lines, brand.locale), house.settings.console_url)
        _tell(house, _people(house, members), notice)
    yield Pulled([], msgspec.json.encode(sorted(lasting)).decode())


def _tell(house: House, people: list[str], notice: Notice) -> list[str]:
    teller = house.teller
    if teller is None or teller.manifest.notify is None or not people:
        log.warning("there is nobody to be told", title=notice.title)
        return people
    lost = teller.manifest.notify(teller.config, teller.tools, people, notice)
    if lost:
        log.warning("some of the staff could not be told", staff=lost)
    return lost


def _zone(house: House) -> ZoneInfo:
    with house.db.transaction() as conn:
        return staff.brand_zone(conn)
