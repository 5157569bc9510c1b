"""Whom it is worth to win back: by months, by the cycle of what they bought, after refunds."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median_low
from typing import Any

from tests.analytics.pool import BRAND
from tests.analytics.small import Small, rows_of
from tests.build import KEYS, NOW, facts, tell

from siyu.analytics.views.asked import Home, ask
from siyu.analytics.views.questions.lapsed import Lapsed
from siyu.analytics.views.questions.value import Value
from siyu.db.clock import RealClock
from siyu.db.pool import Pool
from siyu.kernel.ids import PublicIds
from siyu.lake.lake import Lake

DAY = date(2026, 10, 1)
USUAL = {"tea": 25, "shoes": 120, "cups": 60}  # days; cups are bought again too seldom to say


def bought(small: Small) -> dict[int, dict[int, set[str]]]:
    """Customer → days before `DAY` → what was in the orders of that day."""
    chance, found = random.Random(4), dict[int, dict[int, set[str]]]()
    for who in range(1, 241):
        mine, slow = found.setdefault(who, {}), chance.choice([0.3, 1, 3])
        for what in chance.choice([["tea"], ["shoes"], ["tea", "shoes"], [""], ["cups"]]):
            ago, first = chance.randint(5, 400), True
            stays = 0.1 if what == "cups" else chance.choice([0.4, 0.95])
            while ago > 0 and (first or chance.random() < stays):
                mine.setdefault(ago, set()).add(what)
                ago -= max(1, round(chance.expovariate(1 / USUAL.get(what, 80) / slow)))
                first = False
        for ago, whole in mine.items():
            at = datetime(2026, 10, 1, 4, tzinfo=UTC) - timedelta(days=ago)
            order = small.order(who, at, chance.randint(300, 900) * (1 + who % 5) ** 2)
            for line, one in enumerate(sorted(whole), 1):
                small.add("order_item", order_id=order["id"], line=line, sku=one, category=one,
                          quantity=1, unit_minor=1, amount_minor=1)  # fmt: skip
    return found


def test_each_is_measured_by_the_cycle_of_what_they_bought_last(tmp_path: Path) -> None:
    with Small() as small:
        orders = bought(small)
        of = small.sources(DAY)._replace(models=tmp_path)
        found = Lapsed(as_of=DAY, cycle="category").answer(of)
        by_months = Lapsed(as_of=DAY).answer(of)

    gaps = defaultdict[str, list[int]](list)
    for mine in orders.values():
        for what in USUAL:
            days = sorted(ago for ago, whole in mine.items() if what in whole)
            gaps[what] += [early - late for late, early in pairwise(days)]
    assert 0 < len(gaps["cups"]) < 30 < min(len(gaps["tea"]), len(gaps["shoes"]))
    months, far = (DAY - date(2026, 7, 1)).days, (DAY - date(2026, 4, 1)).days
    limit = {what: median_low(gaps[what]) for what in ("tea", "shoes")} | {"cups": months}
    assert limit["tea"] < limit["shoes"] < far
    expected = dict[int, tuple[str, int]]()
    for who, mine in orders.items():
        last = min(mine)
        what = max(mine[last], key=lambda one: (limit.get(one, months), one))
        if limit.get(what, months) < last <= far:
            expected[who] = (what or "no category", limit.get(what, months))

    rows = rows_of(found, "customers")
    assert {
        of.ids.decode("cus", one["customer"]): (one["category"], one["after_days"]) for one in rows
    } == expected
    worth = [one["expected_minor"] for one in rows]
    assert worth == sorted(worth, reverse=True)
    cycles = {one["category"]: one for one in rows_of(found, "cycles")}
    for what in ("tea", "shoes"):
        assert cycles[what]["cycle_days"] == limit[what]
        assert cycles[what]["customers"] == sum(one == what for one, _ in expected.values()) > 0
    assert (cycles["cups"]["cycle_days"], cycles["cups"]["after_days"]) == (None, months)
    told = sum(one in ("cups", "no category") for one, _ in expected.values())
    assert "1 of 3 categories have fewer than 30 repurchases" in found.notes[1]
    assert f"so {told} customers" in found.notes[1]

    plain = {who for who, mine in orders.items() if months < min(mine) <= far}
    listed = rows_of(by_months, "customers")
    assert {of.ids.decode("cus", one["customer"]) for one in listed} == plain
    assert len(listed) == len(plain)
    assert "category" not in listed[0]


def test_who_gave_everything_back_is_as_if_they_had_never_bought(db: Pool, tmp_path: Path) -> None:
    """Of models of value and of the lapsed too, with enough repeaters for a fit."""
    home = Home(db, KEYS, PublicIds(b"i" * 32), BRAND, Lake(db, tmp_path, RealClock()))
    made, chance, orders = facts(), random.Random(9), dict[str, int]()

    def pay(who: int) -> list[Any]:
        """Some often, some once, some no more from a day on: else there is nothing to learn."""
        told, at = list[Any](), -chance.uniform(20, 300)
        pace, leaves = chance.gammavariate(0.5, 0.06), chance.betavariate(0.8, 2.5)
        while at < 0 and (not told or chance.random() > leaves):
            number, minor = f"{len(orders)}", chance.randint(500, 90_000)
            orders[number] = minor
            keys = {"phone": f"138{who:08}", "order": f"s/{number}"}
            told.append(made("order.paid", at=at, keys=keys, order_no=number,
                             total_minor=minor))  # fmt: skip
            at += chance.expovariate(pace)
        return told

    def lapsed() -> Any:
        return ask(home, Lapsed(), NOW).answer.keys["customers"]

    def value() -> Mapping[str, object]:
        found = ask(home, Value(), NOW).answer.keys
        return {name: found[name] for name in ("bgnbd", "gamma_gamma", "expected")}

    tell(db, [one for who in range(150) for one in pay(who)])
    kept, before, listed = len(orders), value(), lapsed()
    tell(db, [one for who in range(130, 170) for one in pay(who)])  # some had bought before
    assert lapsed() != listed != []

    tell(db, [
        made("order.cancelled", at=1, order_no=number) if place % 3 == 0
        else made("order.refunded", at=1, order_no=number, amount_minor=minor, refund_no=number)
        for place, (number, minor) in enumerate(orders.items()) if place >= kept
    ])  # fmt: skip
    assert value() == before
    assert lapsed() == listed
