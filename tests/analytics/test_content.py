"""What materials do: against a count of every touch by hand."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.analytics.pool import NOW, World, table

from siyu.analytics.views.questions.content import Content
from siyu.db.pool import Pool
from siyu.kernel.errors import Refused

DAY = timedelta(days=1)
STATES = ("sent", "delivered", "read", "failed", "withheld", "withdrawn", "replied")


class Told:
    """A random world, and what was told of it."""

    def __init__(self, world: World, seed: int) -> None:
        self.chance = random.Random(seed)
        self.touches: list[dict[str, Any]] = []
        self.orders: dict[int, list[datetime]] = defaultdict(list)
        self.words: dict[int, list[datetime]] = defaultdict(list)
        self.gone: dict[int, datetime] = {}
        for who in range(1, 61):
            self._one(world, who)

    def _some_time(self) -> datetime:
        return NOW - timedelta(days=self.chance.uniform(-0.5, 32))

    def _one(self, world: World, who: int) -> None:
        for _ in range(self.chance.randint(1, 3)):
            one = {
                "who": who, "at": self._some_time(), "state": self.chance.choice(STATES),
                "material": self.chance.choice("mn"), "variant": self.chance.choice("ab"),
                "clicked_at": self._some_time() if self.chance.random() < 0.3 else None,
            }  # fmt: skip
            self.touches.append(one)
            world.touch(**one)
        for _ in range(self.chance.randint(0, 3)):
            self.orders[who].append(self._some_time())
            world.order(who, self.orders[who][-1], 900)
        if self.chance.random() < 0.5:
            self.words[who].append(self._some_time())
            world.said(who, self.words[who][-1])
        if self.chance.random() < 0.5:
            self.gone[who] = self._some_time()
        world.friend(who, NOW - 60 * DAY, self.gone.get(who))

    def counted(self, one: dict[str, Any]) -> Counter[str]:
        """What one touch adds."""
        who, at, clicked = one["who"], one["at"], one["clicked_at"] is not None
        said = any(at < then <= at + 3 * DAY for then in self.words[who])
        paid = any(at < then <= at + 7 * DAY for then in self.orders[who])
        left = who in self.gone and at < self.gone[who] <= at + 7 * DAY
        ripe = at < NOW - 7 * DAY
        return Counter(
            sent=1, failed=one["state"] == "failed",
            delivered=clicked or one["state"] in ("delivered", "read", "replied"),
            opened=clicked or one["state"] in ("read", "replied"), clicked=clicked,
            replied=said or one["state"] == "replied",
            watched=ripe, bought=ripe and paid, deleted=ripe and left,
        )  # fmt: skip


def test_each_variant_is_counted_as_a_hand_would(db: Pool, tmp_path: Path) -> None:
    world = World(db, tmp_path)
    told = Told(world, 11)
    begin = datetime(2026, 11, 1, 16, tzinfo=NOW.tzinfo)  # 28 days of Shanghai, today within
    expected: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in told.touches:
        within = begin <= one["at"] < begin + 28 * DAY
        if within and one["state"] not in ("withheld", "withdrawn"):
            expected[one["material"], one["variant"]] += told.counted(one)

    answer = world.ask(Content())

    back, after = table(answer, "back"), table(answer, "after")
    assert {(one["material"], one["variant"]) for one in back} == set(expected)
    for first, second in zip(back, after, strict=True):
        counted = expected[first["material"], first["variant"]]
        assert (first["sent"], first["failed"]) == (counted["sent"], counted["failed"])
        for name in ("delivered", "opened", "clicked", "replied"):
            assert first[name] == pytest.approx(counted[name] / counted["sent"]), name
        assert second["watched"] == counted["watched"]
        for name in ("bought", "deleted"):
            assert second[name] == pytest.approx(counted[name] / counted["watched"]), name
            assert second[f"{name}_low"] <= second[name] + 1e-9 <= second[f"{name}_high"] + 1e-9
    assert sum(its["deleted"] for its in expected.values()) > 3
    whole = table(world.ask(Content(by="material")), "back")
    assert {one["material"]: one["sent"] for one in whole} == {
        code: sum(its["sent"] for (of, _), its in expected.items() if of == code) for code in "mn"
    }
    long_ago = Content(since=begin.date() - 90 * DAY, until=begin.date() - 80 * DAY)
    with pytest.raises(Refused):
        world.ask(long_ago)
