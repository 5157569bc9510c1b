"""Bands of recency, frequency and money as segments: the people of the report, to the customer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from tests.build import KEYS, NOW, facts, tell

from siyu.analytics.decide.bands import AXES, Band, Slices, bands, segment, segments
from siyu.analytics.views.asked import Home, ask, cut
from siyu.analytics.views.questions.rfm import Rfm
from siyu.db.clock import RealClock
from siyu.db.pool import Pool
from siyu.kernel.errors import Refused
from siyu.kernel.ids import PublicIds
from siyu.lake.engine import Duck
from siyu.lake.lake import Lake
from siyu.segments import actions
from siyu.segments.decide import Written, read
from siyu.segments.model import Tree
from siyu.segments.predicates import FAMILIES
from siyu.segments.views import lake, members
from siyu.segments.views.stored import stock
from siyu.staff.actions import seed
from siyu.staff.model import Brand

TICK = timedelta(microseconds=1)
FIXED = Rfm("fixed", days=70, money="99,198,300,600")


def bought(chance: Random) -> Iterator[Any]:
    """Orders of many amounts alike, at noon and at midnights of both zones; some given back in part
    or whole, and some things given back of which nobody knows the order."""
    event, number = facts(), 0
    for who in range(80):
        keys = {"buyer": f"s/{who}"}
        for _ in range(chance.choice([1, 1, 1, 2, 3, 6])):
            number += 1
            at = min(60.0, 60 - chance.randint(0, 120) + chance.choice([0, 0.5, 19 / 24, 20 / 24]))
            total = chance.choice([100, 9_900, 30_000, 30_000, 41_234])
            paid = {"order_no": str(number), "total_minor": total, "at": at, "keys": keys}
            yield event(
                "order.paid", lines=[], **paid, currency=chance.choice(["CNY"] * 9 + ["JPY"])
            )
            back = {"refund_no": f"r{number}", "at": 60.0, "keys": keys}
            if chance.random() < 0.3:
                part = chance.choice([50, total])
                yield event("order.refunded", **back, order_no=str(number), amount_minor=part)
            if chance.random() < 0.2:
                lost = [{"sku": "unheard", "quantity": 1, "amount_minor": 1_000}]
                yield event(
                    "order.refunded",
                    **back | {"refund_no": f"l{number}"},
                    lines=lost,
                    amount_minor=1_000,
                )


def opened(db: Pool, folder: Path, zone: str = "Asia/Shanghai") -> Home:
    brand = Brand("B", zone, "CNY", "CN", "zh")
    with db.transaction() as conn:
        seed(conn, brand)
    tell(db, list(bought(Random(20261129))))
    return Home(db, KEYS, PublicIds(b"i" * 32), brand, Lake(db, folder, RealClock()))


@pytest.mark.parametrize(
    ("zone", "questions"),
    [
        ("Asia/Shanghai", [Rfm()]),
        ("Europe/London", [FIXED, Rfm(days=80)]),  # in these days clocks were put back
    ],
)
def test_whoever_is_in_a_band_of_the_report_is_in_its_segment(
    db: Pool, tmp_path: Path, zone: str, questions: list[Rfm]
) -> None:
    home, local = opened(db, tmp_path, zone), ZoneInfo(zone)
    today = NOW.astimezone(local).date()
    tonight = datetime.combine(today + timedelta(days=1), time(0), local) - TICK
    for question in questions:
        of, found = cut(home, question, NOW)
        (table, _) = ask(home, question, NOW).answer.tables
        cells = {row[:3]: row[3] for row in table.rows}
        trees = {(one.axis, one.band): tree_in(segment(of, one)) for one in found}
        with db.transaction() as conn:
            for moment in (NOW, tonight):
                who = {key: members(conn, tree, moment) for key, tree in trees.items()}
                for r, f, m in product(range(1, 6), repeat=3):
                    cell = who["r", r] & who["f", f] & who["m", m]
                    assert len(cell) == cells.get((r, f, m), 0), (question, r, f, m)
                assert all(len(who[one.axis, one.band]) == one.people for one in found)
        assert sum(one.people > 0 for one in found) >= 10
    with home.lake.asked() as there:
        over = lake.Over(cast("Duck", there), NOW, local, "CNY")
        assert all(set(lake.members(over, trees["m", band])) == who["m", band] for band in (1, 5))


def tree_in(text: str) -> Tree:
    found = read(text, FAMILIES, {}.get)
    assert isinstance(found, Written), found
    return found.tree


def test_bands_that_are_cut_again_are_a_version_more_but_for_what_somebody_edited(
    db: Pool, tmp_path: Path
) -> None:
    home = opened(db, tmp_path)
    of, found = cut(home, Rfm(), NOW)
    texts = segments(of, found)

    def kept(day: datetime, *, over: bool = False) -> dict[str, str]:
        with db.transaction() as conn:
            made = segments(*cut(home, Rfm(), day))
            return dict(actions.cut(conn, made, FAMILIES, "ana", day, over=over))

    first, again = kept(NOW), kept(NOW)
    with db.transaction() as conn:
        actions.keep(conn, texts["rfm-m5"].replace("M5", "VIP"), FAMILIES, "bo", NOW)
        actions.retire(conn, "rfm-r1", FAMILIES, "bo", NOW)
    later = kept(NOW + timedelta(days=1))
    with db.transaction() as conn:
        between = stock(conn).by_code
    anyway = kept(NOW + timedelta(days=1), over=True)

    assert (set(first.values()), set(again.values())) == ({"new"}, {"same"})
    assert {code for code, one in later.items() if one == "left"} == {"rfm-m5", "rfm-r1"}
    assert set(later.values()) == {"changed", "left"}
    assert (between["rfm-m5"].title.en[:3], between["rfm-r1"].retired_at) == ("VIP", NOW)
    assert {code for code, one in anyway.items() if one == "changed"} == {"rfm-m5", "rfm-r1"}


def test_nobody_bought_or_no_segment_can_say_it_is_told_in_words(db: Pool, tmp_path: Path) -> None:
    home = opened(db, tmp_path)
    with pytest.raises(Refused, match="Nobody has bought"):
        cut(home, Rfm(currency="USD"), NOW)
    with pytest.raises(Refused, match="3,660 days"):
        segments(*cut(home, Rfm(days=3_661), NOW))
    below = Slices("quantile", NOW.date(), 90, "CNY", 9)
    with pytest.raises(Refused, match="below zero"):
        segment(below, Band("m", 2, -5, None, 1))


def test_a_band_says_its_limits() -> None:
    of = Slices("quantile", NOW.date(), 3_650, "CNY", 100)
    lows = {"r": {5: 3, 4: 4, 2: 90}, "f": {5: 3, 4: 2}, "m": {5: 123_400, 3: 5_000}}
    said = [segment(of, one) for axis in AXES for one in bands(axis, lows[axis], {5: 20})]
    titles = [text.split("en: ")[1].splitlines()[0].strip("'") for text in said]

    assert [one.removesuffix(", cuts of 2026-12-31") for one in titles] == [
        "R5: last order 0–3 days ago",
        "R4: last order 4 days ago",
        "R3: nobody, many are alike",
        "R2: last order 5–90 days ago",
        "R1: last order over 90 days ago",
        "F5: 3 orders or more",
        "F4: 2 orders",
        "F3: nobody, many are alike",
        "F2: nobody, many are alike",
        "F1: 1 order",
        "M5: ¥1,234.00 or more",
        "M4: nobody, many are alike",
        "M3: ¥50.00 to under ¥1,234.00",
        "M2: nobody, many are alike",
        "M1: under ¥50.00",
    ]
    assert "20 in this band" in said[0]
