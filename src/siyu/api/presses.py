"""Mass messages and Moments that wait for one of us to press, in the carrier's own application:
who, since when, and what did not go out. Nothing here can press for them: no interface of the
carrier's can. Whoever has not pressed can be reminded, as often as the carrier does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query

from siyu.analytics.views import presses as views
from siyu.analytics.views.masked import names as masked
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.language import TheLanguage
from siyu.api.paging import After, Code, following, start
from siyu.api.words import Who
from siyu.app import App, Unsent
from siyu.budget import views as budget
from siyu.content import views as content
from siyu.groups import views as groups
from siyu.groups.model import PREFIX as POST
from siyu.kernel.errors import OutOfScope
from siyu.kernel.sentence import Language, Sentence, within
from siyu.kernel.sql import Conn
from siyu.kernel.time import zone
from siyu.outbox import views as outbox
from siyu.outbox.model import PREFIX
from siyu.staff import views as staff
from siyu.staff.actions import audit
from siyu.staff.model import Scope

router = APIRouter(prefix="/presses", tags=["tasks"])
LATELY = timedelta(days=28)
EVERYBODY = Scope()
_SLOT = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# What is filled in for each customer, where people look at a text before it goes.
_SLOTS = {
    "name": Sentence("[name]", "[称呼]"),
    "link": Sentence("[link]", "[链接]"),
    "shop": Sentence("[shop]", "[店铺]"),
    "order_no": Sentence("[order]", "[订单号]"),
    "offer_title": Sentence("[gift]", "[礼品]"),
    "offer_value": Sentence("[its worth]", "[价值]"),
    "style": Sentence("[style]", "[款式]"),
    "size": Sentence("[size]", "[尺码]"),
    "store": Sentence("[store]", "[门店]"),
}


@dataclass(frozen=True)
class WaitingPress:
    """A mass message to so many customers, or to so many `groups` (the other is 0). `text`: as it
    was written, with places for what differs; empty where it is not known any more. `staff` has to
    press; empty where the carrier chose who that is. `reminded`: when they were; `reminds_left`:
    how often they can be within 24 hours, by the carrier's limit. At `ends_at` it is called off."""

    id: str
    text: str
    journey: str
    step: str
    staff: str
    staff_name: str
    since: datetime
    customers: int
    groups: int
    reminded: list[datetime]
    reminds_left: int
    ends_at: datetime | None


@dataclass(frozen=True)
class WaitingMoment:
    """A Moment that these have not published. The carrier has no way to remind them."""

    id: str
    text: str
    since: datetime
    staff: list[str]
    staff_names: list[str]


@dataclass(frozen=True)
class PressBudget:
    """How many messages somebody has been given to press today, of how many at `most`."""

    staff: str
    staff_name: str
    used: int
    most: int


@dataclass(frozen=True)
class PressDay:
    """So many presses, for so many touches: what is to be pressed on a day to come."""

    day: date
    presses: int
    touches: int


@dataclass(frozen=True)
class PressLoad:
    """A guide's presses. `used` today of `most` (null: no limit); `bundled` touches of today share
    one with others; `days` is what was put off for want of presses, the next day first."""

    staff: str
    staff_name: str
    used: int
    most: int | None
    bundled: int
    days: list[PressDay]


@dataclass(frozen=True)
class PressLoads:
    guides: list[PressLoad]


@dataclass(frozen=True)
class NotSentFor:
    reason: str
    touches: int


@dataclass(frozen=True)
class Presses:
    """Not `connected`: nothing that is connected has such messages. `budgets`: where presses per
    guide and day are limited, of those who have something to press. `not_sent`: in the last 28
    days; empty for whoever does not see the whole brand."""

    connected: bool
    waiting: list[WaitingPress]
    moments: list[WaitingMoment]
    budgets: list[PressBudget]
    not_sent: list[NotSentFor]


@dataclass(frozen=True)
class NotSentRow:
    """A customer who did not get it. `text`: the code of the material."""

    touch: str
    customer: str
    name_masked: str
    reason: str
    at: datetime
    text: str
    staff: str


@dataclass(frozen=True)
class NotSentPage:
    rows: list[NotSentRow]
    next: str


@router.get("", **needs("tasks.read", scoped=True))
def presses(app: TheApp, caller: TheCaller, locale: TheLanguage) -> Presses:
    """What waits for a press, the oldest first; else than at head office one's own and one's
    stores'."""
    found = app.connections.unsent()
    seen = [one for one in found or [] if caller.scope.sees(one.staff)]
    window = app.connections.window()
    open_ = [] if window is None else [one for one in window.listed() if one.state == "open"]
    whole = caller.scope.staff is None
    with app.db.transaction() as conn:
        called = {one.code: one.name for one in staff.members(conn, active_only=False)}
        moments = [
            WaitingMoment(
                one.id, one.moment.text, one.at, who, [called.get(code, code) for code in who]
            )
            for one in open_
            if (
                who := [
                    code
                    for code in one.members
                    if code not in one.published and caller.scope.sees(code)
                ]
            )
        ]
        return Presses(
            found is not None or window is not None,
            _waiting(app, conn, seen, called, locale),
            moments,
            _budgets(app, conn, sorted({one.staff for one in seen if one.staff}), called),
            [NotSentFor(*one) for one in views.reasons(conn, app.clock.now() - LATELY)]
            if whole
            else [],
        )


@router.get("/budget", **needs("tasks.read", scoped=True))
def load(app: TheApp, caller: TheCaller) -> PressLoads:
    """How much each active guide has to press, today and on the days to come; else than at head
    office one's own and one's stores'."""
    with app.db.transaction() as conn:
        return PressLoads(loads(app, conn, caller.scope))


def loads(app: App, conn: Conn, scope: Scope = EVERYBODY) -> list[PressLoad]:
    """The same."""
    now, place = app.clock.now(), zone(app.brand.time_zone)
    named = {one.code: one.name for one in staff.members(conn, "guide") if scope.sees(one.code)}
    today = budget.pressed(conn, named, now, place)
    ahead: dict[str, list[PressDay]] = {}
    for one in budget.load_ahead(conn, named, now, place):
        ahead.setdefault(one.staff, []).append(PressDay(one.day, one.presses, one.touches))
    most = budget.policy(conn).pace.presses
    return [
        PressLoad(code, name, today[code].used, most, today[code].bundled, ahead.get(code, []))
        for code, name in sorted(named.items())
    ]


@router.get("/not-sent", **needs("tasks.read"))
def not_sent(
    app: TheApp,
    reason: Code = "",
    after: After = "",
    limit: Annotated[int, Query(ge=1, le=200, description="So many at most.")] = 50,
) -> NotSentPage:
    """Who did not get a mass message in the last 28 days, and why, the newest first."""
    before = start(app, after) if after else None
    with app.db.transaction() as conn:
        since = app.clock.now() - LATELY
        found = views.not_reached(conn, since, reason, before, limit + 1)
        shown = found[:limit]
        known = masked(conn, app.keys, [one.customer_id for one in shown])
    rows = [
        NotSentRow(
            app.ids.encode(PREFIX, one.id),
            app.ids.encode("cus", one.customer_id),
            known.get(one.customer_id, ""),
            *one[2:],
        )
        for one in shown
    ]
    return NotSentPage(rows, following(app, shown[-1].id) if len(found) > limit else "")


Message = Annotated[
    str,
    Path(
        description="The message that waits, by its id in the list.",
        pattern=r"^[^\x00]*$",
        max_length=500,
    ),
]


@router.post("/{message}/remind", **needs("tasks.manage", once=False, scoped=True))
def remind(
    app: TheApp,
    caller: TheCaller,
    message: Message,
    new: Annotated[Who, Body()],
    locale: TheLanguage,
) -> Presses:
    """Have the carrier remind whoever has not pressed send for this message. Audited."""
    by = caller.actor(new.by)
    mine = {one.id for one in app.connections.unsent() or [] if caller.scope.sees(one.staff)}
    if caller.scope.staff is not None and message not in mine:
        raise OutOfScope
    app.connections.remind(message)
    with app.db.transaction() as conn:
        audit(conn, by, "mass.remind", message, "", app.clock.now())
    return presses(app, caller, locale)


def _waiting(
    app: App, conn: Conn, found: Iterable[Unsent], called: dict[str, str], locale: Language
) -> list[WaitingPress]:
    """Each with its text, by one of its touches."""
    listed = list(found)
    ids = {one.id: app.ids.decode(PREFIX, one.token) for one in listed}
    touches = outbox.facts(conn, [touch for touch in ids.values() if touch is not None])
    said = {one.id: app.ids.decode(POST, one.token) for one in listed}
    posts = {
        one.id: one.text
        for one in groups.by_id(conn, [post for post in said.values() if post is not None])
    }
    texts = content.materials(conn, [one.material for one in touches.values()])
    brand = app.brand

    def text(material: str) -> str:
        found = texts.get((material, brand.locale))
        return _filled(found.body, brand.name, locale) if found else ""

    shown: list[WaitingPress] = []
    for one in listed:
        touch, post = touches.get(ids[one.id] or 0), said[one.id]
        shown.append(
            WaitingPress(
                one.id,
                text(touch.material) if touch else posts.get(post or 0, ""),
                touch.journey if touch else "",
                touch.step if touch else "",
                one.staff,
                called.get(one.staff, one.staff),
                one.since,
                one.customers if post is None else 0,
                0 if post is None else one.customers,
                list(one.reminded),
                one.reminds_left,
                one.ends_at,
            )
        )
    return shown


def _filled(body: str, brand: str, locale: Language) -> str:
    def slot(found: re.Match[str]) -> str:
        name = found[1]
        return (
            brand if name == "brand" else within(locale, _SLOTS.get(name, Sentence("[…]", "[…]")))
        )

    return _SLOT.sub(slot, body)


def _budgets(app: App, conn: Conn, codes: list[str], called: dict[str, str]) -> list[PressBudget]:
    policy, now = budget.policy(conn), app.clock.now()
    most = policy.pace.presses
    if most is None or not codes:
        return []
    accounts = {code: policy.accounts("wecom_mass", code, now)[-1] for code in codes}
    used = outbox.used(conn, list(accounts.values()))
    return [
        PressBudget(code, called.get(code, code), used.get(account, 0), most)
        for code, account in accounts.items()
    ]
