"""Everything that is to be seen before a playbook starts, looked up in one go."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from siyu.analytics.views import connections
from siyu.budget import views as budget
from siyu.budget.model import Policy
from siyu.journeys import views as walks
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.ledger import views as ledger
from siyu.ledger.model import Price, Spending, dearest, price_of
from siyu.offers import views as given
from siyu.offers.model import Offer
from siyu.outbox.model import MASSES, STAFF_CHANNELS
from siyu.playbooks.check.start import (
    LATELY_DAYS,
    from_shops,
    lacking,
    permits_of,
    troubles,
    unheard,
    ways,
)
from siyu.playbooks.model import Manifest, Playbook
from siyu.playbooks.model.start import (
    Budget,
    Choice,
    Choices,
    Estimate,
    Given,
    Hand,
    Preview,
    Purse,
    Work,
)
from siyu.playbooks.views import needs
from siyu.segments.model import Family
from siyu.staff import views as staff
from siyu.staff.model import Scope
from siyu.tasks import views as tasks

SQL = load("siyu.playbooks")
MOST = 10_000  # friends of one guide that are counted


class Asking(NamedTuple):
    """Of what a preview is: the playbook with its values, what is chosen beside, the forecast as
    `dryrun.render.plain` tells it (None: there is none), and what is there to run it."""

    playbook: Playbook
    wrong: Mapping[str, Sentence]
    choices: Choices
    told: Mapping[str, Any] | None
    families: Sequence[Family]
    connectors: Collection[str]
    channels: Collection[str]


def preview(conn: Conn, of: Asking, now: datetime, real: datetime) -> Preview:
    """Changes nothing. A handful of statements, however many customers there are."""
    said, brand = of.playbook.manifest, staff.brand(conn)
    policy = budget.policy(conn)
    shops = from_shops(connections.shops(conn), said, of.choices.shops)
    own = needs(conn, said.needs, of.connectors, of.channels, now)
    journeys = [
        one for text in of.playbook.journeys.values() if (one := walks.read(text, of.families))
    ]
    notes = {(one.shop, one.channel): one.note for one in budget.shop_policies(conn)}
    permits = permits_of(of.playbook, shops, policy.shops, notes, of.choices.policy)
    offers = list(_offers(conn, of))
    guides = list(_guides(conn, of.choices, policy, now, real))
    work = _work(of.told, [one for one in guides if one.chosen], policy)
    purse = _purse(conn, of, brand.currency, now)
    missing = [lacking(one) for one in own]
    kinds = categories(conn, now)
    values = {name: one.said for name, one in of.playbook.values.items()}
    wrong = {**unheard(said.settings, values, kinds), **of.wrong}
    found = Preview(
        wrong, _choices(conn, said, kinds), missing, ways(journeys), bool(said.sources), shops,
        permits, offers, guides, work, purse, (),
    )  # fmt: skip
    return found._replace(troubles=list(troubles(found, of.choices)))


def spending(conn: Conn, code: str, now: datetime) -> Spending | None:
    """The budget of a playbook; None: it has none."""
    return next((one for one in ledger.spendings(conn, now) if one.playbook == code), None)


def categories(conn: Conn, now: datetime) -> list[str]:
    """As order lines have called them lately: of so many of the latest orders."""
    return [
        row[0] for row in conn.fetch(SQL.categories, {"since": now - timedelta(days=LATELY_DAYS)})
    ]


# ── What is given ────────────────────────────────────────────────────────────────────────────────


def _offers(conn: Conn, of: Asking) -> Iterator[Given]:
    """Its own offers, and those that its values name; with what there is of each."""
    known = given.offers(conn)
    shelf = {one.sku: one for one in given.stocks(conn)}
    pots = given.allotments(conn)
    asked = None if of.told is None else dict(of.told.get("given") or {})
    own = {one.code: one for one in of.playbook.manifest.offers}
    named = [
        value.said
        for name, value in of.playbook.values.items()
        if of.playbook.manifest.settings[name].type == "offer" and value.said not in own
    ]
    for code, text in own.items():
        there: int | None
        if code in pots and pots[code][0].pieces is not None:
            there = pots[code][0].left
        elif text.kind == "gift":
            stock = shelf.get(text.sku or "")
            there = None if stock is None or stock.on_hand is None else (
                stock.on_hand - (stock.reserved or 0))  # fmt: skip
        else:
            there = sum(one.pieces for one in text.prizes) or text.pieces
        title = Sentence(text.title.en, text.title.zh)
        yield Given(code, title, text.kind, text.sku or "", there, _asked(asked, code))
    for code in named:
        offer = known.get(code)
        if offer is not None:
            stock = shelf.get(offer.sku)
            pot = pots.get(code)
            there = pot[0].left if pot and pot[0].pieces is not None else (
                None if stock is None or stock.on_hand is None
                else stock.on_hand - (stock.reserved or 0))  # fmt: skip
            title = Sentence(offer.title["en"], offer.title["zh"])
            yield Given(code, title, offer.kind, offer.sku, there, _asked(asked, code))


def _asked(asked: Mapping[str, int] | None, code: str) -> int | None:
    return None if asked is None else asked.get(code, 0)


# ── Who works ────────────────────────────────────────────────────────────────────────────────────


def _guides(
    conn: Conn, choices: Choices, policy: Policy, now: datetime, real: datetime
) -> Iterator[Hand]:
    found = staff.guides(conn, 0, MOST, scope=Scope())
    codes = [one.code for one in found]
    desks = tasks.desks(conn, now, real, codes)
    waiting = budget.put_off(conn, codes, now, policy.zone) if policy.pace.presses else {}
    friends = dict(conn.fetch(SQL.friends_of, {"staff": codes, "most": MOST}))
    for one in found:
        desk = desks.get(one.code)
        yield Hand(
            one.code, one.name, one.store_name, not choices.staff or one.code in choices.staff,
            friends.get(one.code, 0), policy.pace.presses, waiting.get(one.code, 0),
            desk.open if desk else 0, desk.left if desk else None,
        )  # fmt: skip


def _work(told: Mapping[str, Any] | None, team: Sequence[Hand], policy: Policy) -> Work:
    rooms = [one.room for one in team]
    capacity = None if any(room is None for room in rooms) else sum(room or 0 for room in rooms)
    presses = None if policy.pace.presses is None else policy.pace.presses * len(team)
    if told is None:
        return Work(None, None, capacity, presses)
    days = max(1, len(told["days"]))

    def daily(channels: Collection[str]) -> float:
        return sum(one["sent"] for one in told["steps"] if one["channel"] in channels) / days

    return Work(daily(STAFF_CHANNELS), daily(MASSES | STAFF_CHANNELS), capacity, presses)


# ── What it costs ────────────────────────────────────────────────────────────────────────────────


def _purse(conn: Conn, of: Asking, currency: str, now: datetime) -> Purse:
    known = spending(conn, of.playbook.manifest.playbook, now)
    asked = of.choices.budget
    if asked is None:
        asked = Budget(known.total_minor, known.daily_minor) if known else Budget()
    spent = known.spent_minor if known else 0
    prices, offers = ledger.price_list(conn), given.offers(conn)
    estimate = None if of.told is None else _estimate(of, prices, offers, now)
    return Purse(currency, asked, spent, estimate, _says(asked, estimate))


def _estimate(
    of: Asking, prices: Sequence[Price], offers: Mapping[str, Offer], now: datetime
) -> Estimate:
    """Of the forecast's costs those of messages and calls, without the time of people; and of what
    it promises each piece at its price."""
    told = of.told or {}
    day = now.date()
    minute = dearest(prices, "staff_minute", day)
    own = {one.code: (one.kind, one.sku or "") for one in of.playbook.manifest.offers}
    own |= {code: (one.kind, one.sku) for code, one in offers.items() if code not in own}
    goods = 0
    for code, many in dict(told.get("given") or {}).items():
        kind, sku = own.get(code, ("gift", ""))
        priced = ("coupon", code) if kind == "coupon" else ("gift", sku)
        if kind == "red_packet":
            goods += many * (offers[code].value_minor if code in offers else 0)
        else:
            goods += many * price_of(prices, *priced, day)
    low, likely, high = (
        max(0, told["cost_minor"][level] - minute * told["staff_minutes"][level]) + goods
        for level in ("low", "likely", "high")
    )
    return Estimate(low, likely, high, goods)


def _says(asked: Budget, estimate: Estimate | None) -> Sentence:
    if not asked.bounds:
        return Sentence("no bound: it may cost whatever its plan costs",
                        "不设上限：按计划执行，花多少算多少")  # fmt: skip
    if estimate is None:
        return Sentence("ask for a forecast to see what it may cost",
                        "请先预测，才能看到大概花费")  # fmt: skip
    if asked.total_minor is not None and estimate.likely > asked.total_minor:
        return Sentence("the forecast expects more than that: it will pause when it is spent",
                        "预测花费高于预算：用完后会暂停")  # fmt: skip
    return Sentence("the forecast fits", "预测花费在预算之内")


# ── What the brand has ───────────────────────────────────────────────────────────────────────────


def _choices(conn: Conn, said: Manifest, kinds: Sequence[str]) -> dict[str, list[Choice]]:
    """Of each setting that names something of the brand's: what there is."""
    types = {one.type for one in said.settings.values()}
    have: dict[str, list[Choice]] = {}
    if "category" in types:
        have["category"] = [Choice(one, Sentence(one, one)) for one in kinds]
    if types & {"offer", "sku"}:
        offers = given.offers(conn).values()
        have["offer"] = [
            Choice(one.code, Sentence(one.title["en"], one.title["zh"])) for one in offers
        ]
        have["sku"] = [
            Choice(one.sku, Sentence(one.sku, one.sku)) for one in given.stocks(conn) if one.sku
        ]
    if "shop" in types:
        have["shop"] = [Choice(one.code, Sentence(one.name or one.code, one.name or one.code))
                        for one in connections.shops(conn)]  # fmt: skip
    if "staff" in types:
        have["staff"] = [Choice(one.code, Sentence(one.name, one.name))
                         for one in staff.members(conn)]  # fmt: skip
    if "store" in types:
        have["store"] = [Choice(one.code, Sentence(one.name, one.name))
                         for one in staff.stores(conn)]  # fmt: skip
    return {name: have.get(one.type, []) for name, one in said.settings.items()}
