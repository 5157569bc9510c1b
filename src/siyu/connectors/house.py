"""What we tell our own staff by a connector that can: the morning's brief, alarms, their tasks.

All are pulls of a connector `siyu` that nobody installs, so their due times, leases and retries
are the ones that all pulls have, and of several workers one tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import structlog
from msgspec import Struct

from siyu.analytics.model import ALARMS
from siyu.analytics.render import alarm_title, alarm_words, brief_title, brief_words
from siyu.analytics.views import attention, masked
from siyu.analytics.views.brief import brief
from siyu.connectors.manifest import Choice, Manifest, Notice, Pull, Pulled, Tools
from siyu.connectors.registry import Connected
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Db
from siyu.kernel.time import hours, moment, next_time, zone
from siyu.settings import Settings
from siyu.staff import views as staff
from siyu.staff.decide import at_work
from siyu.staff.model import Member
from siyu.tasks import render
from siyu.tasks import views as tasks
from siyu.tasks.actions import messages
from siyu.tasks.render import Place
from siyu.tasks.views import Untold
from siyu.vault.model import Keys

log = structlog.get_logger(__name__)
NAME = "siyu"
DAY = timedelta(days=1)
ALARMS_EVERY = timedelta(minutes=10)  # so at most one message in them
KEPT = timedelta(days=90)  # what was told
SAME_WORDS = timedelta(minutes=30)  # in which a carrier drops what it was told before
GOING = "tasks/going"
MOST = 12  # troubles in one message
HEAD_OFFICE = ("operator", "owner")


@dataclass(frozen=True)
class House:
    """Whom it is about, and by which connector staff is told; None: by none."""

    db: Db
    settings: Settings
    teller: Connected | None
    keys: Keys
    ids: PublicIds


class Told(Struct, frozen=True, kw_only=True):
    """A brief, whom it is for, and who of them could not be told; `at` is empty before."""

    day: date
    title: str
    words: str
    url: str
    to: list[str]
    at: datetime | None = None
    lost: list[str] = []


class Going(Struct, frozen=True, kw_only=True):
    """What is about to be told to a guide of these tasks."""

    staff: str
    tasks: list[int]
    notice: Notice


def pulls(house: House, tools: Tools, *, often: bool) -> dict[str, tuple[Connected, Pull]]:
    """What is wanted and can be told; without `often` the brief alone."""
    if house.teller is None:
        return {}
    wanted: list[Pull] = []
    if house.settings.brief_at:
        wanted.append(Pull("brief", Sentence("Morning's brief", "晨间简报"), DAY, _brief))
    if often and house.settings.alarms:
        wanted.append(Pull("alarms", Sentence("Alarms", "异常提醒"), ALARMS_EVERY, _alarms))
    if often and house.settings.task_notices:
        every = timedelta(minutes=house.settings.task_notices)
        wanted.append(Pull("tasks", Sentence("News of tasks", "待办提醒"), every, _tasks))
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


def _tasks(house: House, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """The cursor is who was told when, as far as it is too early to tell them again."""
    now, every = tools.clock.now(), timedelta(minutes=house.settings.task_notices)
    known = msgspec.json.decode(cursor, type=dict[str, datetime]) if cursor else {}
    told = {code: at for code, at in known.items() if at > now - every}
    kept = tools.store.get(GOING)
    if kept is not None:  # it may have been told: the same words again, or nothing
        going = msgspec.json.decode(kept, type=Going)
        told[going.staff] = now
        _tell_tasks(house, tools, going)
        yield Pulled([], msgspec.json.encode(told).decode())
    for going in _new_tasks(house, now, told):
        told[going.staff] = now
        tools.store.put(GOING, msgspec.json.encode(going).decode(), now + SAME_WORDS)
        _tell_tasks(house, tools, going)
        yield Pulled([], msgspec.json.encode(told).decode())
    yield Pulled([], msgspec.json.encode(told).decode())


def _new_tasks(house: House, now: datetime, told: Collection[str]) -> Iterator[Going]:
    """What is new to guides at work; who has no rota is told by day."""
    with house.db.transaction() as conn:
        brand, (duties, place) = staff.brand(conn), staff.duties(conn, now)
        opens, _ = hours(house.settings.task_hours).next(now, place)
        here = {
            code
            for code, duty in duties.items()
            if at_work(duty, now, place) and (duty.week is not None or opens <= now)
        }
        found = tasks.untold(conn, here - set(told), now)
    for new in found.values():
        yield _going(house, new, Place(brand.locale, place), now)


def _going(house: House, new: Sequence[Untold], place: Place, now: datetime) -> Going:
    """The news of one guide; the most urgent task of it can be answered."""
    first = new[0]
    with house.db.transaction() as conn:
        about = masked.people(conn, house.keys, [first.customer_id])[first.customer_id]
    counts = Counter(one.kind for one in new)
    whom = " ".join(part for part in about if part) or first.order_no
    notice = Notice(
        render.title(len(new), place),
        render.lines(counts, first.kind, whom, first.due_at, place),
        f"{house.settings.console_url.rstrip('/')}/tasks" if house.settings.console_url else "",
    )
    if house.settings.task_cards:
        choices = tuple(Choice(*one) for one in render.answers(first.kind, place))
        notice = notice._replace(choices=choices, token=messages.token_of(house.ids, first.id, now))
    return Going(staff=first.staff, tasks=[one.id for one in new], notice=notice)


def _tell_tasks(house: House, tools: Tools, going: Going) -> None:
    _tell(house, [going.staff], going.notice)
    with house.db.transaction() as conn:
        messages.told(conn, going.staff, going.tasks)
    tools.store.take(GOING)


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
