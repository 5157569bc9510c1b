"""The rules of contact, and what was ruled by them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.customers import number
from siyu.api.paging import After, Limit, following, start
from siyu.api.words import Words
from siyu.app import App
from siyu.budget import actions, model, views
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence

router = APIRouter(tags=["budget"])
PREFIX = "rul"


@dataclass(frozen=True)
class Cap:
    """At most `most` touches in any `days` days of customers in `layer`: `*`, `A4`, `tag:vip` or
    `A4+tag:vip`."""

    days: int
    most: int
    layer: Words = "*"
    channel: Words = "*"
    purpose: Words = "*"


@dataclass(frozen=True)
class Hours:
    """The hours of a day in the brand's zone: `09:00-12:00, 14:00-20:00`."""

    hours: Words
    channel: Words = "*"
    purpose: Words = "*"


@dataclass(frozen=True)
class Quota:
    """What a carrier lets through in a period; `most` null: as many as the month has days."""

    channel: Words
    per: model.Per
    period: model.Period
    most: int | None


@dataclass(frozen=True)
class UsedQuota(Quota):
    """`used` of the period under way; null where the quota is per customer."""

    used: int | None


@dataclass(frozen=True)
class Pace:
    """`window_hours` 0: nobody waits for others; `presses` of a guide per day, null: no limit."""

    window_hours: int
    presses: int | None
    cooldown_days: int


@dataclass(frozen=True)
class Shop:
    """Whether orders of a shop allow a channel: one, a group, or `*`; the most specific holds."""

    shop: Words
    channel: Words
    allowed: bool
    note: Words = ""


@dataclass(frozen=True)
class Rules:
    caps: list[Cap]
    hours: list[Hours]
    quotas: list[UsedQuota]
    pace: Pace
    shops: list[Shop]


@dataclass(frozen=True)
class NoCap:
    days: Annotated[int, Field(ge=1, le=366)]
    layer: Words = "*"
    channel: Words = "*"
    purpose: Words = "*"


@dataclass(frozen=True)
class NoHours:
    channel: Words = "*"
    purpose: Words = "*"


@dataclass(frozen=True)
class NoQuota:
    channel: Words
    per: model.Per
    period: model.Period


@dataclass(frozen=True)
class NoShop:
    shop: Words
    channel: Words


@dataclass(frozen=True)
class Drop:
    """Which rules to take away."""

    caps: list[NoCap] = field(default_factory=list[NoCap])
    hours: list[NoHours] = field(default_factory=list[NoHours])
    quotas: list[NoQuota] = field(default_factory=list[NoQuota])
    shops: list[NoShop] = field(default_factory=list[NoShop])


@dataclass(frozen=True)
class Change:
    """What to set and what to take away, by whom; what is not named stays."""

    caps: list[Cap] = field(default_factory=list[Cap])
    hours: list[Hours] = field(default_factory=list[Hours])
    quotas: list[Quota] = field(default_factory=list[Quota])
    pace: Pace | None = None
    shops: list[Shop] = field(default_factory=list[Shop])
    drop: Drop = field(default_factory=Drop)
    by: Words = ""


@dataclass(frozen=True)
class Ruling:
    """`at`: when it is ruled again. `by`: the touch that outranked it. `words` in the brand's
    language."""

    id: str
    touch: str
    ruled_at: datetime
    verdict: str
    reason: str
    words: str
    at: datetime | None
    by: str


@dataclass(frozen=True)
class Rulings:
    rulings: list[Ruling]
    next: str


@router.get("/budget/rules", **needs("budget.read"))
def rules(app: TheApp) -> Rules:
    """The brand's caps, hours, quotas, pace and shop policies."""
    with app.db.transaction() as conn:
        return shown(views.in_force(conn, app.clock.now()))


def shown(found: views.Rules) -> Rules:
    """The rules in force as they are shown."""
    return Rules(
        [Cap(**cap._asdict()) for cap in found.caps],
        [Hours(text, *key) for key, text in found.hours.items()],
        [UsedQuota(*one.quota, one.used) for one in found.quotas],
        Pace(*found.pace),
        [Shop(*shop) for shop in found.shops],
    )


@router.put("/budget/rules", **needs("budget.write"))
def change(app: TheApp, caller: TheCaller, wanted: Annotated[Change, Body()]) -> Rules:
    """Set and drop rules, all of it or nothing; audited. Wishes not ruled yet are ruled by them."""
    with app.db.transaction() as conn:
        actions.change(conn, _changed(wanted), caller.actor(wanted.by), app.clock.now())
    app.wake()
    return rules(app)


def _changed(wanted: Change) -> actions.Change:
    drop = wanted.drop
    return actions.Change(
        [model.Cap(c.channel, c.purpose, c.days, c.most, c.layer) for c in wanted.caps],
        {(one.channel, one.purpose): one.hours for one in wanted.hours},
        [model.Quota(q.channel, q.per, q.period, q.most) for q in wanted.quotas],
        wanted.pace and model.Pace(**vars(wanted.pace)),
        [(one.shop, one.channel, one.allowed, one.note) for one in wanted.shops],
        [model.Cap(c.channel, c.purpose, c.days, 0, c.layer) for c in drop.caps],
        [(one.channel, one.purpose) for one in drop.hours],
        [model.Quota(q.channel, q.per, q.period, None) for q in drop.quotas],
        [(one.shop, one.channel) for one in drop.shops],
    )


@router.get("/customers/{customer}/rulings", **needs("touches.read"))
def of_customer(app: TheApp, customer: str, after: After = "", limit: Limit = 100) -> Rulings:
    """Everything that was ruled about a customer, oldest first."""
    wanted, last = number(app, customer), start(app, after, PREFIX)
    with app.db.transaction() as conn:
        found = views.rulings_of_customer(conn, wanted, last, limit)
    return _page(app, found, after)


@router.get("/touches/{touch}/rulings", **needs("touches.read"))
def of_touch(app: TheApp, touch: str, after: After = "", limit: Limit = 100) -> Rulings:
    """Everything that was ruled about a touch, oldest first."""
    wanted = app.ids.decode("tch", touch)
    if wanted is None:
        raise NotFound(
            Sentence(
                "This is no touch of ours; a touch looks like tch_…",
                "这不是我们的触达；触达的编号像 tch_…",
            )
        )
    with app.db.transaction() as conn:
        found = views.rulings_of_touch(conn, wanted, start(app, after, PREFIX), limit)
    return _page(app, found, after)


def _page(app: App, found: list[views.Ruled], after: str) -> Rulings:
    shown = [
        Ruling(
            app.ids.encode(PREFIX, one.id),
            app.ids.encode("tch", one.touch_id),
            one.ruled_at,
            one.verdict,
            one.reason,
            one.why(app.brand.locale),
            one.at,
            app.ids.encode("tch", one.by_touch) if one.by_touch else "",
        )
        for one in found
    ]
    return Rulings(shown, following(app, found[-1].id, PREFIX) if found else after)
