"""What a season came to: from the product's own reports, with what really happened beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import quote

from siyu.analytics.views import pool
from siyu.app import App
from siyu.journeys import views as journeys
from siyu.journeys.views import Listed
from siyu.kernel.errors import Broken
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import duration
from siyu.playbooks import views as playbooks
from siyu.sandbox.client import Api
from siyu.sandbox.season_trust import of_touches
from siyu.sandbox.season_world import SeasonWorld

if TYPE_CHECKING:
    from siyu.sandbox.season import SeasonPlan

Json = dict[str, Any]
MARK = 30  # days: by then a friend should have paid back
CARE = "care-3-3-3"
CARE_JOURNEYS = ("care-3-3-3", "care-visit", "care-dates")
# The steps that invite to a store, and how long somebody takes to come.
TO_A_STORE = (("care-visit", "invite"), ("festival-box", "invite"))
INVITES = {"care-3-3-3": "care-visit", "festival-blind-box": "festival-box"}
COMES_WITHIN = timedelta(days=30)
AT_THE_MARK = ("people", "margin", "cost", "payback")
PATIENCE = 4_000  # times that a report which is being worked out is asked for again: minutes


class Asked(NamedTuple):
    """Of which season: its days, and until when success is looked for by name of playbook."""

    since: datetime
    until: datetime
    days: int


def figures(
    app: App, api: Api, played: SeasonWorld, plan: SeasonPlan, start: datetime,
    names: Sequence[str],
) -> Json:  # fmt: skip
    """All of it."""
    asked = Asked(start, played.end, plan.days)
    with app.db.transaction() as conn:
        friends = pool.pool(conn, start, played.end)
        doors = pool.doors(conn, start, played.end)
        invited = pool.invited(conn, TO_A_STORE, start, played.end, COMES_WITHIN)
        touched = pool.touched(conn, start, played.end)
        plans = journeys.listing(conn)
    told = {name: _playbook(api, name, asked) for name in names}
    paid, trusted = payback(api), trust(api, plan.days)
    visits = {one.journey: _visited(one) for one in invited}
    for name, one in told.items():
        one["new_friends"] = sum(door.friends for door in doors if door.source == name)
        one["invitation_to_visit"] = visits.get(INVITES.get(name, ""))
        one["payback"] = _lines_of(name, paid, plans)
        mine = [part for part in touched if part.playbook == name]
        one["trust_cost"] = of_touches(mine, trusted["by_channel"])._asdict()
    return {
        "brand": app.brand.name,
        "currency": app.brand.currency,
        "seed": plan.seed,
        "world": plan.world,
        "days": plan.days,
        "customers": friends.customers,
        "pool": {**friends._asdict()},
        "adds_by_source": [one._asdict() for one in doors],
        "pages": pages(api, plan.days),
        "invitation_to_visit": visits,
        "repurchase": {**_arms(told[CARE]), "within_days": told[CARE]["within_days"]},
        "payback": paid,
        "trust": trusted,
        "deletions": {"in_all": friends.left, "by_playbook": _deleted(told)},
        "playbooks": told,
        "sandbox": _truth(app, played, told[CARE]),
        "refused_by_engine": dict(Counter(one[:80] for one in played.records.refused)),
    }


def pages(api: Api, days: int) -> list[Json]:
    """Of each page that leads to us: how many opened it, went on, became friends; by ad, too."""
    kept = ("code", "title", "channel", "visits", "given", "friends")
    return [
        {name: one[name] for name in kept}
        | {"by_ad": api.ask(f"/api/v1/pages/{one['code']}/sources?back={days + 1}")["sources"]}
        for one in api.ask("/api/v1/pages")["pages"]
        if one["channel"]
    ]


def _visited(one: pool.Invited) -> Json:
    rate = one.came / one.invited if one.invited else None
    return {"invited": one.invited, "booked": one.booked, "came": one.came, "rate": rate}


# ── reports ──


def report(api: Api, name: str, **asked: object) -> Json:
    """What the product answers; its refusal where it can't say anything yet."""
    query = "&".join(f"{key}={quote(str(value))}" for key, value in asked.items())
    for _ in range(PATIENCE):
        told: Json = api.ask(f"/api/v1/reports/figures/{name}?{query}")
        if told["state"] == "ready":
            return told
    raise Broken(Sentence(f"the report {name} is still being worked out", f"报表 {name} 还在计算"))


def _rows(told: Json, table: str) -> list[Json]:
    """A table of a report by the names of its columns."""
    tables: list[Json] = told["report"]["tables"] if told["report"] else []
    for one in tables:
        if one["name"] == table:
            names = [column["name"] for column in one["columns"]]
            return [
                {name: _cell(name, cell) for name, cell in zip(names, row, strict=True)}
                for row in one["rows"]
            ]
    return []


def _says(told: Json) -> Json:
    return told["report"]["answer"] if told["report"] else told["refused"]


def _playbook(api: Api, name: str, asked: Asked) -> Json:
    """Its own report: for success it is given half of the season at most, so that those who came in
    early have had their time."""
    own = _own_days(name)
    within = min(own, max(asked.days // 2, 1))
    told = report(api, "playbook", playbook=name, within=within)
    groups = {one["group"]: one for one in _rows(told, "groups")}
    beyond, touches = _rows(told, "beyond"), _rows(told, "touches")
    costs = _rows(told, "costs")
    treated, held = groups.get("treated", {}), groups.get("held out", {})
    return {
        "entered": (treated.get("people") or 0) + (held.get("people") or 0),
        "held_out": held.get("people") or 0,
        "sent": sum(one["sent"] for one in touches),
        "withheld": sum(one["withheld"] for one in touches),
        "withheld_by_hold_out": sum(one["held_out"] for one in touches),
        "touches": touches,
        "cost_minor": sum(one["amount_minor"] or 0 for one in costs),
        "within_days": within,
        "treated": treated,
        "hold_out": held,
        "beyond_the_hold_out": beyond,
        "says": _says(told),
    }


def _own_days(name: str) -> int:
    said = playbooks.manifest(name)
    within = duration(said.outcome.within) if said and said.outcome else timedelta(days=MARK)
    return max(within.days, 1)


def _cell(name: str, cell: Any) -> Any:
    """Channels and sources are called in both languages, other words of ours in English."""
    if name == "source":
        return cast("Json", cell) if isinstance(cell, dict) else {"en": cell, "zh": cell}
    if name == "channel" or not isinstance(cell, dict):
        return cell
    return cast("Mapping[str, str]", cell)["en"]


def _arms(told: Json) -> Json:
    """With care and without."""
    beyond = next((one for one in told["beyond_the_hold_out"] if "success" in one["what"]), None)
    rate = {one: told[one].get("rate") for one in ("treated", "hold_out")}
    people = {one: told[one].get("over") for one in ("treated", "hold_out")}
    return {
        "with_care": {"people": people["treated"], "rate": rate["treated"]},
        "without": {"people": people["hold_out"], "rate": rate["hold_out"]},
        "points": beyond and beyond["points"],
        "interval": beyond and [beyond["low"], beyond["high"]],
        "says": told["says"],
    }


def _deleted(told: Mapping[str, Json]) -> Json:
    return {
        name: {one: found[one].get("deleted") for one in ("treated", "hold_out")}
        for name, found in told.items()
    }


def payback(api: Api) -> Json:
    """Margin ÷ cost at the mark, by source, before and after the hold-out is taken off."""
    told = report(api, "payback", by="month")
    kept = ["source", "counted", "people", *(f"{one}_{MARK}" for one in AT_THE_MARK), "crossed"]
    by_source = [{name: one[name] for name in kept} for one in _rows(told, "sources")]
    return {"days": MARK, "by_source": by_source, "says": _says(told)}


def trust(api: Api, days: int) -> Json:
    """How many more leave us after a touch, and what that costs, by channel."""
    told = report(api, "trust", days=max(min(days - 8, 730), 7))
    return {"by_channel": _rows(told, "channels"), "says": _says(told)}


def _lines_of(name: str, paid: Json, plans: Iterable[Listed]) -> list[Json]:
    """What the report of payback says of a playbook: of its sources, and beyond its hold-outs."""
    said = playbooks.manifest(name)
    sources = {one.title.en for one in (said.sources if said else ())}
    called = {f"{name}, all its journeys", *sources}
    called |= {one.title.en for one in plans if one.playbook == name}
    return [one for one in paid["by_source"] if one["source"]["en"] in called]


# ── what really happened ──


def _truth(app: App, played: SeasonWorld, told: Json) -> Json:
    """What the people of this world got and did, of which the product knows only what it was
    told."""
    records = played.records
    reached = Counter(one.channel for one in records.touches if one.reached)
    return {
        "orders": len(records.orders),
        "reached": dict(reached),
        "friends_added": sum(not one.before for one in records.adds),
        "deleted": records.deleted,
        "opted_out": len(records.opted_out),
        "strays": records.strays,
        **played.lived(),
        "care": _care(app, played, timedelta(days=told["within_days"])),
    }


def _care(app: App, played: SeasonWorld, within: timedelta) -> Json:
    """How many more of those who were treated bought than would have, had this playbook been
    silent: the same people, the same chances, without what its journeys told them."""
    with app.db.transaction() as conn:
        everybody = pool.entered(conn, CARE)
    orders, lives = played.records.orders, played.lives
    days = within / timedelta(days=1)
    did: list[int] = []
    would: list[int] = []
    for one in everybody:
        shop, _, order_no = one.key.partition("/")
        paid = orders.get((shop, order_no))
        if one.held_out or paid is None or paid.buyer is None or one.at + within > played.end:
            continue
        if played.gone(played.crowd.buyer(paid.buyer)):
            continue  # their own pace says nothing of them
        did.append(lives.bought(paid.buyer, one.at, days) > 0)
        would.append(lives.bought(paid.buyer, one.at, days, but=CARE_JOURNEYS) > 0)
    many = len(did)
    more = 100 * (sum(did) - sum(would)) / many if many else None
    return {
        "treated": many,
        "bought": sum(did),
        "would_have_bought": sum(would),
        "points": more if more is None else round(more, 2),
    }
