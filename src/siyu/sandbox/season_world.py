"""The world of a season: buyers of before and new ones, tills, counts of what is left; what people
do of themselves is in lives.py."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from siyu.kernel.ids import share
from siyu.sandbox.client import Task
from siyu.sandbox.crowd import Buyer, Crowd
from siyu.sandbox.doors import Handed
from siyu.sandbox.lives import Heard, Lives
from siyu.sandbox.operator import Operator
from siyu.sandbox.phones import Paid
from siyu.sandbox.season_shop import TILL, SeasonShop, counts, season
from siyu.sandbox.shop import Sale
from siyu.sandbox.stage import Stage
from siyu.sandbox.strangers import Strangers
from siyu.sandbox.warehouse import Warehouse
from siyu.sandbox.world import World

# Nothing in a season waits for the minute, so what happens within this time is one step.
ROUGHLY = timedelta(minutes=40)
OWN_WILL = frozenset({"base", "care"})  # nothing but their own pace has led to it
PURPOSES = ("order_invitation", "service", "promotion")
_DAY, _DESK = timedelta(days=1), timedelta(hours=10)
_COUNTED = timedelta(hours=7)  # when stores tell what is left


class Posted(Warehouse):
    """What is bought at a till is taken along."""

    def ordered(self, sale: Sale) -> None:
        if sale.shop != TILL:
            super().ordered(sale)


class SeasonWorld(World):
    """Buyers, shops, stores and guides of a season. `lives` come after it: `live(…)`."""

    def __init__(self, shop: SeasonShop, days: int, **more: Any) -> None:
        self._range = shop
        self._bought: Counter[str] = Counter()
        self.why: Counter[str] = Counter()  # of further orders: what led to them
        self._begun = False
        self._lives: Lives
        self._strangers: Strangers | None = None
        super().__init__(
            shop=shop,
            warehouse=Posted,
            slack=ROUGHLY,
            heard=self._heard,
            served=self._served,
            **more,
        )
        self._old_keys = frozenset(shop.old)
        for place, key in enumerate(shop.old):
            self._old(self._crowd.buyer(key), place)
        for one in self._crowd.all():
            agrees = one.person.draw("offers") < self._stage.world.season.offers
            one.purposes = PURPOSES if agrees else PURPOSES[:2]
        self._plan_counts(days)

    @property
    def crowd(self) -> Crowd:
        """Everybody."""
        return self._crowd

    @property
    def stage(self) -> Stage:
        """What the parts of this world share."""
        return self._stage

    @property
    def lives(self) -> Lives:
        """What people do of themselves."""
        return self._lives

    def live(self, lives: Lives) -> None:
        """From now on people do what these say, from the beginning of the season on."""
        self._lives = lives
        lives.buys = self.buys
        self._stage.agenda.add(self._stage.start, "", self._begin)

    def welcome(self, strangers: Strangers) -> None:
        """These come in it, too."""
        self._strangers = strangers

    def after_tick(self, now: datetime, *, applied: bool) -> None:
        super().after_tick(now, applied=applied)
        if self._strangers is not None:
            self._strangers.greeted()

    def lived(self) -> dict[str, object]:
        """What people did of themselves: how much of each, and for what reason they bought; what
        strangers did, by the door by which they came."""
        records = self._lives.records
        found: dict[str, object] = {"did": dict(+records.did), "bought": dict(+self.why)}
        if self._strangers is not None:
            found["strangers"] = {code: dict(one) for code, one in self._strangers.did.items()}
        return found

    def gone(self, buyer: Buyer) -> bool:
        """Somebody of before who buys no more by themselves."""
        came = buyer.add is not None and not buyer.add.before
        return buyer.key in self._old_keys and self._range.gone(buyer.key) and not came

    def example(self) -> str:
        """An order (SHOP/ORDER) of whoever has been told most."""
        told = Counter(one.buyer for one in self.records.touches if one.buyer)
        for key, _ in sorted(told.items(), key=lambda one: (-one[1], one[0])):
            orders = self._crowd.buyer(key).orders
            if orders:
                return "/".join(orders[-1])
        return ""

    # ── people of before ──

    def _old(self, buyer: Buyer, place: int) -> None:
        some = guides()
        buyer.staff = some[place % len(some)]
        buyer.friend_before = buyer.person.draw("friend already") < self._stage.world.season.friends
        self._bought[buyer.key] = 1

    def _begin(self, at: datetime) -> None:
        """What is known of the people of before, and what they will do."""
        for one in self._crowd.all():
            if one.key in self._old_keys:
                self._crowd.meet(one, at)
                self._sized(one, at)
                self._lives.born(one, at)

    def remember(self, shop: str, order_no: str, key: str, at: datetime) -> None:
        """An order of the year before, which its buyer has not forgotten."""
        self._stage.records.orders[shop, order_no] = Paid(shop, order_no, key, at)
        self._crowd.buyer(key).orders.append((shop, order_no))

    def _sized(self, buyer: Buyer, at: datetime) -> None:
        """Staff notes the size: of those who have told it."""
        if buyer.person.draw("sized") < self._stage.world.season.sized:
            data = {"name": f"shoe-{self._range.goods.size_of(buyer.key)}"}
            keys = {"phone": buyer.contact.dialled}
            self._stage.tell("tag.set", f"size/{buyer.key}", at, data, keys)

    # ── orders ──

    def buys(self, buyer: Buyer, at: datetime, why: str) -> None:
        """A further order of somebody whom we know. Whoever had stopped buying does not begin again
        by themselves, unless they have become a friend in the season."""
        if why in OWN_WILL and self.gone(buyer):
            return
        self.why[why] += 1
        self._bought[buyer.key] += 1
        number = self._bought[buyer.key]
        where = share("where", self._stage.seed, buyer.key, str(number))
        stores = where < self._stage.world.season.stores
        shop = TILL if stores else "tmall"
        self._order(self._range.sale(buyer.key, at, shop, number))

    def _order(self, sale: Sale) -> None:
        buyer = self._crowd.buyer(str(sale.buyer))
        new = not buyer.met
        if new and not buyer.stranger:  # who has a guide already
            some = guides()
            buyer.staff = some[int(buyer.person.draw("guide") * len(some))]
        super()._order(sale)
        if new:
            self._bought[buyer.key] = 1
            self._sized(buyer, sale.at)
            self._lives.born(buyer, sale.at)
        if new and buyer.stranger and self._strangers is not None:
            self._strangers.ordered(buyer, (sale.shop, sale.order_no), sale.at)
        if sale.shop == TILL:
            self._at_the_till(buyer, sale)

    def _at_the_till(self, buyer: Buyer, sale: Sale) -> None:
        """The guide asks, and looks the phone number up."""
        adds = buyer.person.draw("till", sale.order_no)
        if adds < self._stage.world.season.at_the_till and not self._crowd.friend(buyer):

            def act(when: datetime) -> None:
                self._crowd.come(buyer, "till", buyer.staff, when)

            at = sale.at + timedelta(minutes=2)
            self._stage.agenda.add(at, f"till/{sale.order_no}", act)

    # ── the desk ──

    def look_after(self, operator: Operator) -> None:
        """Somebody looks at the waves every morning."""

        def look(at: datetime) -> None:
            operator.looks()
            self._stage.agenda.add(at + _DAY, "operator", look)

        self._stage.agenda.add(self._stage.start + _DESK, "operator", look)

    # ── what reaches people ──

    def _heard(self, buyer: Buyer, message: Handed, at: datetime) -> None:
        heard = Heard(
            message.channel, message.text, buyer.staff, message.token, message.journey,
            message.step,
        )  # fmt: skip
        self._lives.got(buyer, heard, at)
        if self._strangers is not None:
            self._strangers.heard(buyer, heard, at)

    def _served(self, buyer: Buyer, task: Task, at: datetime) -> str:
        """Whoever is no friend is called to become one: that is answered as ever."""
        if task.kind == "call" and self._crowd.friend(buyer):
            return self._lives.served(buyer, task, at)
        return ""

    # ── what is left in the stores ──

    def _plan_counts(self, days: int) -> None:
        for day, store, lines in counts(self._stage.seed, self._stage.start, days):
            at = datetime.combine(day, datetime.min.time(), self._stage.zone) + _COUNTED
            name = f"count/{store}/{day}"
            data = {"place": store, "lines": lines}

            def act(when: datetime, name: str = name, data: Any = data) -> None:
                self._stage.tell("stock.counted", name, when, data)

            self._stage.agenda.add(at, name, act)


def guides() -> list[str]:
    """Who looks after customers."""
    return [one["code"] for one in season()["people"] if one["role"] == "guide"]
