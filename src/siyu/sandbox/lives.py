"""The lives of a season: when people buy, what a message does to them, and what they do about it.

Each act is planned on the world's agenda and told as an event, or done over HTTP. What people do
follows from what reached them, never from what the engine says it sent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from siyu.sandbox.client import Task
from siyu.sandbox.crowd import Buyer
from siyu.sandbox.doors import Doors
from siyu.sandbox.errands import Errands, Lived
from siyu.sandbox.habits import DAY, Chance, Habits, Mood, up
from siyu.sandbox.hands import Hands, links
from siyu.sandbox.people import Person
from siyu.sandbox.stage import Stage

SLACK = timedelta(minutes=45)
_SETTLED = timedelta(days=3)  # how long a complaint is open; assumption
_OF_CHANNEL = {"sms": "sms", "voice_ai": "voice", "voice_human": "voice"}  # else wecom
_CHAT = "wecom_message"
_MAY_BE = 19_900  # fen: what a piece costs where nobody says it
Buys = Callable[[Buyer, datetime, str], None]


class Friends(Protocol):
    """Who is a friend of ours, as the crowd knows."""

    def friend(self, buyer: Buyer) -> bool:
        """Is this person a friend of ours now?"""
        ...

    def delete(self, buyer: Buyer, at: datetime) -> None:
        """They are none from now on."""
        ...


class Heard(NamedTuple):
    """What reached a person, whoever carried it: as read, and by whose account."""

    channel: str
    text: str
    staff: str = ""
    token: str = ""
    journey: str = ""
    step: str = ""


@dataclass(slots=True)
class Life:
    """What has happened to one person: moments are days of the world."""

    since: float
    chances: Iterator[Chance]
    touches: list[float] = field(default_factory=list[float])
    care: list[float] = field(default_factory=list[float])
    by: list[str] = field(default_factory=list[str])  # the journey of each touch of care
    told: bool = False  # what they tell of themselves
    buys: bool = False  # by themselves: not yet, where somebody has never bought


def _no_shop(buyer: Buyer, at: datetime, why: str) -> None:
    raise RuntimeError(f"{buyer.key} has no shop to buy from ({why}, {at})")


class Lives:
    """Everybody's, in one season. `buys` and `price` are the shop's, set by whoever has one."""

    def __init__(
        self, stage: Stage, crowd: Friends, doors: Doors, hands: Hands, *, stores: Sequence[str]
    ) -> None:
        self._stage = stage
        self._crowd = crowd
        self._doors = doors
        self._hands = hands
        rates = stage.world.habits
        self.habits = Habits(rates)
        self.records = Lived()
        self.buys: Buys = _no_shop
        self.price: Callable[[Buyer], int] = lambda _: _MAY_BE
        self._errands = Errands(stage, self.habits, hands, self.records, stores, self._in_store)
        self._asks = [re.compile(pattern) for pattern in rates.chats.asks]
        self._invites = [re.compile(pattern) for pattern in rates.stores.invites]
        self._lives: dict[str, Life] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    # ── what the season calls ──

    def born(self, buyer: Buyer, since: datetime) -> None:
        """From then on this person lives in the season, and buys by themselves."""
        life = self.meets(buyer, since)
        if not life.buys:
            life.since, life.buys = self._day(since), True
            self._plan_chance(buyer, life)

    def meets(self, buyer: Buyer, since: datetime) -> Life:
        """From then on this person lives in the season: a stranger, until they are `born`."""
        life = self._lives.get(buyer.key)
        if life is None:
            life = Life(self._day(since), self.habits.chances(buyer.person))
            self._lives[buyer.key] = life
        return life

    def got(self, buyer: Buyer, heard: Heard, at: datetime) -> None:
        """A message was read, a call was heard: what the person feels and does."""
        life = self._life(buyer, at)
        day, number = self._day(at), len(life.touches)
        mood = self.habits.mood(buyer.person, number, life.touches, day)
        life.touches.append(day)
        self.records.touches[heard.channel] += 1
        if heard.channel in self.habits.rates.care.by:
            life.care.append(day)
            life.by.append(heard.journey)
        self._feels(buyer, mood, heard, at)
        if heard.channel == _CHAT:
            self._tells(buyer, life, at)
            self._replies(buyer, heard, number, at)
            self._comes(buyer, heard, number, at)
        if heard.channel in (_CHAT, "sms"):
            self._follows(buyer, heard, number, at)

    def served(self, buyer: Buyer, task: Task, at: datetime) -> str:
        """A guide serves somebody who wanted a piece, and asks for payment: the task's outcome."""
        name = f"{buyer.key}/{self._count(buyer, 'served')}"
        asked = self._payment(buyer, task.staff)
        if asked is None:
            return "refused"
        chats = self.habits.rates.chats
        if buyer.person.draw("pays", name) >= chats.pays:
            return "refused"
        after = self.habits.after(buyer.person, chats.delay, "pays", name)

        def pay(when: datetime) -> None:
            data = {
                "staff": task.staff,
                "trade_no": f"pay-{name}",
                "currency": str(asked["currency"]),
                "amount_minor": asked["amount_minor"],
                "request": str(asked["request"]),
            }
            self.records.did["paid"] += 1
            self._stage.tell("payment.received", f"pays/{name}", when, data, _account(buyer))
            self._bought(buyer, when, "clearance")

        self._stage.agenda.add(at + after, f"pays/{name}", pay, SLACK)
        return "agreed"

    # ── what would have been ──

    def truth(self, key: str, since: datetime, days: float) -> bool:
        """Whether this person would have bought within so many days, had nobody cared for them."""
        return self.bought(key, since, days, but=None) > 0

    def bought(
        self, key: str, since: datetime, days: float, but: Collection[str] | None = ()
    ) -> int:
        """How often this person buys by themselves within so many days, had these journeys been
        silent and all others as they were; None: had nobody cared for them."""
        life = self._lives.get(key)
        touches: list[float] = []
        if life is not None and but is not None:
            pairs = zip(life.care, life.by, strict=True)
            touches = [day for day, journey in pairs if journey not in but]
        begin, person = self._day(since), Person(self._stage.seed, key)
        return len(self.habits.bought(person, begin, begin + days, touches))

    # ── buying ──

    def _plan_chance(self, buyer: Buyer, life: Life) -> None:
        chance = next(one for one in life.chances if one.day > life.since)
        at = self._stage.start + chance.day * DAY
        if at >= self._stage.end:
            return

        def act(when: datetime) -> None:
            if self.habits.takes(chance, life.care):
                why = "base" if self.habits.takes(chance, ()) else "care"
                self._bought(buyer, when, why)
            self._plan_chance(buyer, life)

        self._stage.agenda.add(at, f"buys/{buyer.key}/{chance.number}", act, SLACK)

    def _bought(self, buyer: Buyer, at: datetime, why: str) -> None:
        self.records.bought[why] += 1
        self.buys(buyer, at, why)

    def _in_store(self, buyer: Buyer, at: datetime) -> None:
        """Somebody is in the store: they may buy there."""
        name = str(self._count(buyer, "in store"))
        if buyer.person.draw("buys in store", name) < self.habits.rates.stores.buys:
            self._bought(buyer, at, "store")

    # ── trust ──

    def _feels(self, buyer: Buyer, mood: Mood, heard: Heard, at: datetime) -> None:
        name = f"{buyer.key}/{len(self._lives[buyer.key].touches)}"
        if mood.complains:
            self._complains(buyer, name, at)
        if mood.opts_out:
            self._opts_out(buyer, heard.channel, name, at)
        if mood.deletes and self._crowd.friend(buyer):

            def delete(when: datetime) -> None:
                if self._crowd.friend(buyer):
                    self.records.did["deleted"] += 1
                    self._crowd.delete(buyer, when)

            after = self.habits.after(buyer.person, self.habits.rates.links.delay, "deletes", name)
            self._stage.agenda.add(at + after, f"deletes/{name}", delete, SLACK)

    def _complains(self, buyer: Buyer, name: str, at: datetime) -> None:
        """A guide writes it down, and some days later that it is settled."""

        def say(state: str, why: str) -> bool:
            customer = self._customer(buyer)
            said = {"state": state, "why": why, "by": buyer.staff}
            path = f"/customers/{customer}/complaint"
            return customer is not None and self._hands.asks("POST", path, said) is not None

        def complain(_: datetime) -> None:
            self.records.did["complained"] += say("open", "消息太多")

        def settle(_: datetime) -> None:
            say("settled", "已致歉并减少消息")

        self._stage.agenda.add(at + timedelta(hours=1), f"complains/{name}", complain, SLACK)
        self._stage.agenda.add(at + _SETTLED, f"settled/{name}", settle, SLACK)

    def _opts_out(self, buyer: Buyer, channel: str, name: str, at: datetime) -> None:
        def act(when: datetime) -> None:
            self.records.did["opted_out"] += 1
            data = {
                "channels": [_OF_CHANNEL.get(channel, "wecom")],
                "purposes": ["promotion"],
                "evidence": "said so to the guide",
            }
            known = not buyer.stranger  # else nobody knows their number
            keys = {"phone": buyer.contact.dialled} if known else _account(buyer)
            self._stage.tell("consent.withdrawn", f"quits/{name}", when, data, keys)

        self._stage.agenda.add(at + timedelta(minutes=30), f"quits/{name}", act, SLACK)

    # ── what they say and do about a message ──

    def _tells(self, buyer: Buyer, life: Life, at: datetime) -> None:
        """Once in a chat: a birthday, the month of a child."""
        if life.told:
            return
        life.told = True
        birthday = self.habits.birthday(buyer.person)
        if birthday is not None:
            data = dict(zip(("month", "day"), birthday, strict=True), name="birthday")
            self.records.did["birthday"] += 1
            self._stage.tell("profile.dated", f"birthday/{buyer.key}", at, data, _account(buyer))
        months = self.habits.child(buyer.person)
        if months is not None:
            self._child(buyer, months)

    def _child(self, buyer: Buyer, months: int) -> None:
        local = self._stage.start.astimezone(self._stage.zone)
        whole = local.year * 12 + local.month - 1 - months
        said = {
            "month": f"{whole // 12}-{whole % 12 + 1:02}",
            "evidence": "form on the page, box 1",
            "by": buyer.staff,
        }
        customer = self._customer(buyer)
        path = f"/customers/{customer}/children"
        if customer is not None and self._hands.asks("PUT", path, said) is not None:
            self.records.did["child"] += 1

    def _replies(self, buyer: Buyer, heard: Heard, number: int, at: datetime) -> None:
        chats, person = self.habits.rates.chats, buyer.person
        asked = any(pattern.search(heard.text) for pattern in self._asks)
        found, name = person.draw("replies", str(number)), f"{buyer.key}/{number}"
        if found >= (chats.asked if asked else chats.replies):
            return
        words = chats.wants if asked else self.habits.words(person, number)

        def write(when: datetime) -> None:
            if not self._crowd.friend(buyer):
                return
            self.records.did["wrote"] += 1
            data = {"staff": buyer.staff}
            said = {"text": words}
            self._stage.tell("message.received", f"says/{name}", when, data, _account(buyer), said)

        after = self.habits.after(person, chats.delay, "replies", str(number))
        self._stage.agenda.add(self._up(at + after), f"says/{name}", write, SLACK)

    def _comes(self, buyer: Buyer, heard: Heard, number: int, at: datetime) -> None:
        """Somebody who is asked into the store comes, without booking anything."""
        if not any(pattern.search(heard.text) for pattern in self._invites):
            return
        if buyer.person.draw("drops in", str(number)) < self.habits.rates.stores.drops_in:
            after = timedelta(days=1 + 5 * buyer.person.draw("drops in", str(number), "after"))
            self._errands.drops_in(buyer, str(number), self._up(at + after))

    def _follows(self, buyer: Buyer, heard: Heard, number: int, at: datetime) -> None:
        rates, person = self.habits.rates.links, buyer.person
        ours = [one for one in links(heard.text) if "/l/" in one or "/p/" in one]
        for place, link in enumerate(ours):
            name = f"{number}/{place}"
            if person.draw("follows", name) >= rates.follows:
                continue

            def act(when: datetime, link: str = link, name: str = name) -> None:
                self._errands.opens(buyer, link, name, when)

            after = self.habits.after(person, rates.delay, "follows", name)
            due = self._up(at + after)
            self._stage.agenda.add(due, f"follows/{buyer.key}/{name}", act, SLACK)

    # ── beneath ──

    def _payment(self, buyer: Buyer, staff: str) -> Mapping[str, object] | None:
        customer = self._customer(buyer)
        if customer is None:
            return None
        wish = {"customer": customer, "amount_minor": self.price(buyer), "about": "断码留货",
                "staff": staff, "by": staff}  # fmt: skip
        return self._hands.asks("POST", "/payments/requests", wish)

    def _customer(self, buyer: Buyer) -> str | None:
        return self._hands.customer("external_userid", buyer.external_userid)

    def _life(self, buyer: Buyer, at: datetime) -> Life:
        if not buyer.stranger:
            self.born(buyer, at)
        return self.meets(buyer, at)

    def _count(self, buyer: Buyer, what: str) -> int:
        self._counts[buyer.key, what] += 1
        return self._counts[buyer.key, what]

    def _day(self, at: datetime) -> float:
        return (at - self._stage.start) / DAY

    def _up(self, at: datetime) -> datetime:
        """That moment, or the next morning if people sleep then."""
        return self._stage.start + up(self._day(at)) * DAY


def _account(buyer: Buyer) -> dict[str, str]:
    return {"external_userid": buyer.external_userid}
