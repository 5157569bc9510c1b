"""Whatever the order, our tags and those of WeCom end alike, and nobody goes on calling."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import islice
from random import Random

import pytest
from tests.connectors.wecom.both import IDS, KEYS, Both

from siyu.connectors.wecom.client import Failed, Unclear
from siyu.connectors.wecom.source import contacts, outward
from siyu.customers import actions
from siyu.customers.actions import Mark, Tagging

PEOPLE = [f"wmPERSON{number}0000000000" for number in range(4)]
NAMES = ["vip", "状态/复购", "状态/新客"]
GUIDES = ("zhangsan", "lisi")
FAULTS = ["fail", "fail after effect", "garbage after effect"]


class Chance:
    """Journeys, people here, staff in their clients and both pulls, in any order: a call may be
    answered badly, and whenever a pull looks at the store it may be overtaken by the others."""

    def __init__(self, both: Both, dice: Random) -> None:
        self.both, self.fake, self.dice = both, both.fake, dice
        self.tags = [self.fake.makes_tag("Siyu", "vip"), self.fake.makes_tag("状态", "复购")]
        for who in PEOPLE:
            for userid in GUIDES:
                self.fake.existing(userid, who, both.now - timedelta(days=9))
        both.look()
        self.inside = False
        self.plain = both.tools.store.get
        both.tools.store.get = self.get

    def get(self, key: str):
        ours = key.startswith(("cards", "friends", "tags"))
        if ours and not self.inside and self.dice.random() < 0.1:
            self.inside = True
            self.do(self.dice.choice([self.pull, self.staff, self.apply]))
            self.inside = False
        return self.plain(key)

    def do(self, deed) -> None:
        with suppress(Failed, Unclear):
            deed()

    def step(self) -> None:
        self.both.corp.clock.advance(seconds=self.dice.choice([1, 40, 4000]))
        deeds = [self.ours, self.by_hand, self.staff, self.staff, self.pull, self.pull]
        self.do(self.dice.choice([*deeds, self.pull, self.apply, self.parts]))

    def ours(self) -> None:
        who, name = self.dice.choice(PEOPLE), self.dice.choice([*NAMES, "_risk"])
        with self.both.db.transaction() as conn:
            tagging = Tagging(self.both.customer(who), None, name, "journey:care")
            actions.tag(conn, [tagging], self.both.now)

    def by_hand(self) -> None:
        who, mark = (
            self.dice.choice(PEOPLE),
            Mark(self.dice.choice(NAMES), self.dice.random() < 0.3),
        )
        with self.both.db.transaction() as conn:
            who = self.both.customer(who)
            actions.mark(conn, KEYS, IDS, who, mark, "lisi", self.both.now)

    def staff(self) -> None:
        who, userid, tag = (self.dice.choice(one) for one in (PEOPLE, GUIDES, [*self.fake.tags()]))
        if self.dice.random() < 0.5:
            self.fake.labels(userid, who, on=(tag,))
        else:
            self.fake.labels(userid, who, off=tag)
        self.both.corp.deliver()

    def parts(self) -> None:
        who, userid = self.dice.choice(PEOPLE), self.dice.choice(GUIDES)
        self.fake.deletes_customer(userid, who)
        self.both.corp.deliver()
        self.both.corp.clock.advance(seconds=self.dice.choice([1, 4000]))
        self.fake.searches_phone(userid, "", who)
        self.both.corp.deliver()

    def pull(self) -> None:
        if self.dice.random() < 0.3:
            self.fake.faults += self.dice.choices([*FAULTS, "none"], k=2)
        name, pull = self.dice.choice([("contacts", contacts.pull), ("outward", outward.pull)])
        if name == "contacts":
            self.both.corp.clock.advance(hours=7)
        pages = 100 if name == "contacts" else self.dice.choice([1, 100])
        self.both.accept(self.both.corp.ours.events)
        for page in islice(
            pull(self.both.corp.config, self.both.tools, self.both.cursors[name]), pages
        ):
            self.both.accept(page.events)
            self.both.cursors[name] = page.cursor

    def apply(self) -> None:
        self.both.accept(self.both.corp.ours.events)
        self.both.apply()


@pytest.mark.parametrize("seed", [2, 3])
def test_whatever_the_order_both_sides_end_alike_and_fall_silent(both, seed) -> None:
    chance = Chance(both, Random(seed))
    for _ in range(60):
        chance.step()

    chance.inside = True
    both.fake.faults.clear()
    rounds = []
    for _ in range(5):
        chance.apply()
        rounds.append((both.look(), both.write()))
    assert rounds[-2:] == [([], {}), ([], {})], rounds
    for who in PEOPLE:
        cards = both.card("lisi", who) | both.card("zhangsan", who)
        names = {name.removeprefix("Siyu/") for name in cards}
        assert names == both.ours(who) - {"_risk"}, who
