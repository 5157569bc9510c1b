"""Our facts and the WeCom that they are written to, side by side."""

from __future__ import annotations

import json
from dataclasses import replace

from siyu.commerce.actions import seed_shop
from siyu.commerce.model import Shop
from siyu.commerce.project import PROJECTION as COMMERCE
from siyu.connectors.cards import CardsOf
from siyu.connectors.wecom.source import contacts, outward
from siyu.customers import actions
from siyu.customers.actions import Mark, Tagging
from siyu.customers.project import PROJECTION as CUSTOMERS
from siyu.db.pool import Pool
from siyu.events.actions import accept, ensure_partitions
from siyu.events.model import Incoming
from siyu.events.sweep import apply
from siyu.identities.project import PROJECTION as IDENTITIES
from siyu.kernel.ids import PublicIds
from siyu.staff.actions import seed
from siyu.staff.model import Brand, Member
from siyu.vault.model import Keys, key_hash

KEYS = Keys(b"m" * 32, b"l" * 32)
IDS = PublicIds(b"i" * 32)
ANNA = "wmANNA0000000000001"
OF = "externalcontact"


class Both:
    """Our facts and their WeCom, side by side."""

    def __init__(self, corp, db: Pool) -> None:
        self.corp, self.db, self.fake = corp, db, corp.fake
        self.tools = replace(corp.tools, cards=CardsOf(db, KEYS, "wecom"))
        self.cursors = {"contacts": "", "outward": ""}
        with db.transaction() as conn:
            brand = Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh")
            shop = Shop("s7", "七号店", "tmall", inserts=True, synthetic=False)
            seed_shop(conn, [shop])
            seed(conn, brand, [], [Member("lisi", "李", "guide"), Member("g-zhang", "张", "guide")])
            ensure_partitions(conn, self.now)

    @property
    def now(self):
        return self.corp.clock.now()

    def accept(self, events) -> None:
        with self.db.transaction() as conn:
            answers = accept(conn, KEYS, "CN", events, self.now)
        assert [one.reason for one in answers if one.status == "rejected"] == []

    def apply(self) -> None:
        while apply(self.db, (IDENTITIES, COMMERCE, CUSTOMERS), self.now).claimed:
            pass

    def tell(self, *events) -> None:
        self.accept(events)
        self.apply()

    def look(self, hours: int = 7) -> list[str]:
        """The pull of friends a while later: which tags it told, and how."""
        self.corp.clock.advance(hours=hours)
        told = self._run("contacts", contacts.pull)
        self.apply()
        return [
            f"{'+' if said['on'] else '-'}{said['name']}"
            for one in told
            if one.kind == "tag.set" and (said := json.loads(bytes(one.data)))
        ]

    def write(self) -> dict[str, int]:
        """The pull that writes: what it called, and how often."""
        before = self.fake.requests.copy()
        self._run("outward", outward.pull)
        calls = self.fake.requests - before
        return {name.removeprefix(f"{OF}/"): calls[name] for name in calls if name != "gettoken"}

    def _run(self, name, pull) -> list[Incoming]:
        found = []
        for page in pull(self.corp.config, self.tools, self.cursors[name]):
            self.accept(page.events)
            self.cursors[name] = page.cursor
            found += page.events
        return found

    def set(self, name: str, source: str = "journey:care", who: str = ANNA) -> None:
        """A tag, as a journey's step sets it."""
        with self.db.transaction() as conn:
            actions.tag(conn, [Tagging(self.customer(who), None, name, source)], self.now)
        self.apply()

    def by_hand(self, name: str, *, on: bool) -> None:
        with self.db.transaction() as conn:
            actions.mark(conn, KEYS, IDS, self.customer(), Mark(name, on), "lisi", self.now)
        self.apply()

    def customer(self, who: str = ANNA) -> int:
        hashed = key_hash(KEYS, "external_userid", who)
        sql = "select customer_id from identity where hash = %(hash)s"
        return self.db.fetch(sql, {"hash": hashed})[0][0]

    def ours(self, who: str = ANNA) -> set[str]:
        sql = "select distinct name from tag where customer_id = %(who)s"
        return {name for (name,) in self.db.fetch(sql, {"who": self.customer(who)})}

    def card(self, userid: str = "lisi", who: str = ANNA) -> set[str]:
        """What a card of theirs says, in `group/name`."""
        known = self.fake.tags()
        return {"/".join(known[tag]) for tag in self.fake.relations[userid, who].tags}

    def settings(self, **more) -> None:
        self.corp.config = replace(self.corp.config, **more)
