"""Strangers of a season: they see an ad, a video or a store's poster, open the brand's own page,
and some become friends, join a group, buy. Each has a stream of chance of their own, so that nobody
else does anything else because they are there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from siyu.connectors.wecom.fake.state import Received
from siyu.sandbox.crowd import Buyer, Crowd
from siyu.sandbox.habits import drawn
from siyu.sandbox.hands import Hands
from siyu.sandbox.lives import SLACK, Heard, Lives
from siyu.sandbox.people import Person, later
from siyu.sandbox.phones import Touch
from siyu.sandbox.rates import StrangersDoor
from siyu.sandbox.season_shop import season
from siyu.sandbox.season_wecom import WeComDoors
from siyu.sandbox.stage import Stage

STEP = "page"
PURPOSES = ("service", "promotion")
_AGREES = timedelta(minutes=10)  # after the greeting, in the chat
_JOINS = timedelta(hours=3)  # until the guide has added them to the group
_CLAIMS = timedelta(hours=5)  # after the order
Buys = Callable[[Buyer, datetime, str], object]


class Strangers:
    """Everybody who comes so. `bought` hears of an order and tells its shop and number."""

    def __init__(
        self, stage: Stage, crowd: Crowd, doors: WeComDoors, hands: Hands, lives: Lives
    ) -> None:
        self._stage = stage
        self._crowd = crowd
        self._doors = doors
        self._hands = hands
        self._lives = lives
        self._rates = stage.world.season.strangers
        self._agrees_to_offers = stage.world.season.offers
        self._groups = [re.compile(pattern) for pattern in self._rates.groups]
        self._door: dict[str, str] = {}  # of each: by which they came
        self._claim: dict[str, str] = {}  # of each: where the greeting asks for an order's number
        self._asked: set[str] = set()
        self.did: dict[str, Counter[str]] = {code: Counter() for code in self._rates.doors}

    def plan(self, customers: int, days: int) -> None:
        """Whoever opens a page in the season, evenly over its days."""
        number = 0
        for code, door in sorted(self._rates.doors.items()):
            many = round(door.opens * customers / 1_000 * days)
            for place in range(many):
                number += 1
                self._plan(code, door, f"web/s{number:05d}", (place + 0.5) * days / many)

    def _plan(self, code: str, door: StrangersDoor, key: str, day: float) -> None:
        person = Person(self._stage.seed, key)
        local = (self._stage.start + timedelta(days=day)).astimezone(self._stage.zone)
        at = self._hour(person, local.date())

        def act(_: datetime) -> None:
            self._opens(code, door, person)

        self._stage.agenda.add(at, f"stranger/{key}", act, SLACK)

    def _hour(self, person: Person, day: date) -> datetime:
        """At an hour at which people are about."""
        hour = drawn(range(24), self._stage.world.shop.hours, person.draw("hour"))
        second = int(3600 * person.draw("second"))
        at = datetime.combine(day, time(hour), self._stage.zone) + timedelta(seconds=second)
        return max(at, self._stage.start)

    # ── the page ──

    def _opens(self, code: str, door: StrangersDoor, person: Person) -> None:
        """Now, not when they meant to a moment ago: a greeting's code lives for twenty seconds."""
        host = "10.{}.{}.{}".format(*(int(256 * person.draw("host", one)) for one in "abc"))
        page = self._hands.opens(address(code, person), host)
        form = None if page is None else page.form("add")
        if page is None or form is None:
            return
        self.did[code]["opened"] += 1
        if person.draw("adds") >= door.adds:
            return
        place = self._hands.sends(page, form, {})
        if isinstance(place, str):
            self._adds(code, self._crowd.buyer(person.key), place)

    def _adds(self, code: str, buyer: Buyer, place: str) -> None:
        now = self._stage.now
        staff = self._doors.follows(buyer.who, place)
        self.did[code]["added"] += 1
        self._door[buyer.key] = code
        self._crowd.arrives(buyer, f"{code}/{STEP}", staff, now)
        self._lives.meets(buyer, now)
        person = buyer.person
        if person.draw("agrees") < self._rates.agrees:
            self._stage.agenda.add(
                now + _AGREES, f"agrees/{buyer.key}", lambda at: self._agrees(buyer, at), SLACK
            )
        if person.draw("buys") < self._rates.buys:
            at = now + later(self._rates.delay, person.draw("buys", "after"))
            self._stage.agenda.add(
                at, f"first/{buyer.key}", lambda when: self._buys(buyer, when), SLACK
            )

    def _agrees(self, buyer: Buyer, at: datetime) -> None:
        """Said in the chat: to hear from the guide, and of most also to hear of offers."""
        offers = buyer.person.draw("offers") < self._agrees_to_offers
        data: Mapping[str, object] = {
            "channels": ["wecom"],
            "purposes": list(PURPOSES if offers else PURPOSES[:1]),
            "basis": "consent",
            "evidence": "said so in the chat",
        }
        self._stage.tell("consent.given", f"agrees/{buyer.key}", at, data, _account(buyer))

    # ── the greeting, the group ──

    def greeted(self) -> None:
        """Greetings that have arrived. It answers what they did: it pleases and spoils nothing."""
        for one in self._doors.greeted():
            buyer = self._crowd.at(one.external_userid)
            if buyer is None:
                self._stage.records.strays += 1
                continue
            self.did[self._door[buyer.key]]["greeted"] += 1
            self._claim[buyer.key] = _claim_page(one)
            self._stage.records.touches.append(self._touch(buyer, one))

    def _touch(self, buyer: Buyer, got: Received) -> Touch:
        return Touch(
            seq=self._stage.records.next_seq(), at=got.at, channel="wecom_welcome", step="",
            journey="", shop="", order_no="", token=f"welcome/{buyer.key}",
            phone=got.external_userid, buyer=buyer.key,
        )  # fmt: skip

    def heard(self, buyer: Buyer, heard: Heard, at: datetime) -> None:
        """Asked into a group, some say yes: the guide adds them."""
        if not buyer.stranger or buyer.key in self._asked:
            return
        if not any(pattern.search(heard.text) for pattern in self._groups):
            return
        self._asked.add(buyer.key)
        if buyer.person.draw("joins") >= self._rates.joins:
            return

        def join(_: datetime) -> None:
            if self._crowd.friend(buyer):
                self.did[self._door[buyer.key]]["joined"] += 1
                self._doors.joins(buyer.who)

        self._stage.agenda.add(at + _JOINS, f"joins/{buyer.key}", join, SLACK)

    # ── the first order ──

    def _buys(self, buyer: Buyer, at: datetime) -> None:
        """Whoever has left us, or bought otherwise meanwhile, does not."""
        if buyer.orders or not self._crowd.friend(buyer):
            return
        self._lives.buys(buyer, at, "stranger")

    def ordered(self, buyer: Buyer, order: tuple[str, str], at: datetime) -> None:
        """The first order of a stranger, whatever led to it; some tell its number."""
        code = self._door[buyer.key]
        self.did[code]["bought"] += 1
        page = self._claim.get(buyer.key, "")
        if not page or buyer.person.draw("claims") >= self._rates.claims:
            return

        def claim(when: datetime) -> None:
            if self._claims(buyer, page, order):
                self.did[code]["claimed"] += 1
                self._crowd.claims(buyer, when)

        self._stage.agenda.add(at + _CLAIMS, f"claims/{buyer.key}", claim, SLACK)

    def _claims(self, buyer: Buyer, place: str, order: tuple[str, str]) -> bool:
        page = self._hands.opens(place)
        if page is None or not page.forms or page.status >= 400:
            return False
        said = {"shop": order[0], "order": order[1], "phone": buyer.contact.dialled[-4:]}
        shown = self._hands.sends(page, page.forms[0], said)
        return not isinstance(shown, str) and shown.status < 400


def address(code: str, person: Person) -> str:
    """The page behind a door, with what its ad or poster has in the address."""
    said: dict[str, Any] = season()["doors"][code]
    some = [
        f"{name}={drawn(values, [1.0] * len(values), person.draw(name))}"
        for name, values in said["address"].items()
    ]
    if "click" in said:  # which click it was: the platform's own letters
        some.append(f"{said['click']}={int(person.draw('click') * 2**40):010x}")
    return f"{season()['address']}/p/{said['page']}?{'&'.join(some)}"


def _claim_page(got: Received) -> str:
    """The link in a greeting."""
    links = (one.get("link") for one in got.attachments)
    return next((str(one["url"]) for one in links if one), "")


def _account(buyer: Buyer) -> dict[str, str]:
    return {"external_userid": buyer.external_userid}
