"""What a person does in a season: when they buy, and what a touch makes of it. Pure.

Everything is drawn from the world's seed, the person's own name, what it is about, and how often
that has come before. So a person who is cared for draws the same numbers as without: what differs
between two plays of the same people is what care has done, and nothing else.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import count
from math import exp, floor, log
from typing import NamedTuple, TypeVar

from siyu.kernel.time import duration
from siyu.sandbox.people import Person, later
from siyu.sandbox.rates import Delay
from siyu.sandbox.rates import Habits as Rates

DAY = timedelta(days=1)
WEEK = 7.0
_HALF = log(2)
_SELDOM = 1e-9
_MORNING, _EVENING = 8 / 24, 22 / 24  # people are up; assumption
_NEVER_MORE = 120.0  # days after which nobody remembers a touch
T = TypeVar("T")


class Chance(NamedTuple):
    """A day on which a person might buy: they do where `mark` is below how much they are cared
    for, as a share of the most that there is. `number` names it for what else is drawn of it."""

    day: float
    mark: float
    number: int


class Mood(NamedTuple):
    """What a touch does to trust: nothing mostly."""

    deletes: bool = False
    complains: bool = False
    opts_out: bool = False


class Habits:
    """The rates of a world, ready to be used often. Days count from the world's first moment."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self._cycles = {one.category: duration(one.cycle) / DAY for one in rates.buys.likes}
        self._half_life = duration(rates.care.half_life) / DAY
        self._paces: dict[Person, float] = {}

    # ── who somebody is ──

    def favourite(self, person: Person) -> str:
        """The category that this person likes best."""
        likes = self.rates.buys.likes
        return drawn(likes, [one.share for one in likes], person.draw("likes")).category

    def pace(self, person: Person) -> float:
        """Purchases a day of this person when nobody cares for them: gamma over the usual gap of
        what they like best."""
        found = self._paces.get(person)
        if found is None:
            alike = self.rates.buys.alike
            drawn_of = (person.draw("pace", str(part)) for part in range(alike))
            much = sum(-log(1 - one) for one in drawn_of) / alike
            found = self._paces[person] = much / self._cycles[self.favourite(person)]
        return found

    # ── when they buy ──

    def chances(self, person: Person, *, begin: str = "season") -> Iterator[Chance]:
        """The days on which this person might buy, as they would if cared for as much as can be;
        without end."""
        most = self.pace(person) * self.rates.care.most
        day = 0.0
        for number in count():
            day -= log(1 - person.draw("buys", begin, str(number))) / max(most, _SELDOM)
            yield Chance(awake(day), person.draw("buys", begin, str(number), "mark"), number)

    def care(self, touches: Sequence[float], day: float) -> float:
        """How many times as often somebody buys on this day who was touched on those (in order)."""
        rates = self.rates.care
        felt = 0.0
        for at in reversed(touches[: bisect_right(touches, day)]):
            if day - at > _NEVER_MORE:
                break
            felt += exp(-_HALF * (day - at) / self._half_life)
        return min(rates.most, 1 + rates.effect * felt)

    def takes(self, chance: Chance, touches: Sequence[float]) -> bool:
        """Whether the person buys on that day, touched as they were."""
        return chance.mark * self.rates.care.most < self.care(touches, chance.day)

    def bought(
        self, person: Person, since: float, until: float, touches: Sequence[float] = ()
    ) -> list[Chance]:
        """When this person buys between two days, had they been touched on those."""
        found: list[Chance] = []
        for chance in self.chances(person):
            if chance.day >= until:
                return found
            if chance.day > since and self.takes(chance, touches):
                found.append(chance)
        return found

    def before(self, person: Person, days: float) -> list[float]:
        """On which days before the season this person bought, below 0 and in order; nobody cared
        for them then."""
        found: list[float] = []
        for chance in self.chances(person, begin="before"):
            day = awake(-chance.day)
            if day <= -days:
                return found[::-1]
            if self.takes(chance, ()):
                found.append(day)
        return found

    # ── what a touch spoils ──

    def mood(self, person: Person, number: int, touches: Sequence[float], day: float) -> Mood:
        """What the `number`th touch of a person does to their trust, after those before it."""
        rates = self.rates.trust
        week = len(touches) - bisect_right(touches, day - WEEK)
        often = rates.each_more**week
        words = ("trust", str(number))
        return Mood(
            person.draw(*words, "deletes") < rates.deletes * often,
            person.draw(*words, "complains") < rates.complains * often,
            person.draw(*words, "opts out") < rates.opts_out * often,
        )

    # ── what they say and do ──

    def words(self, person: Person, number: int) -> str:
        """What somebody writes who writes back by themselves."""
        says = self.rates.chats.says
        weights = [one.share for one in says]
        return drawn(says, weights, person.draw("says", str(number))).words

    def choice(self, person: Person, question: str, choices: Sequence[str]) -> str:
        """The answer to a question that is asked with choices; of `why` as the world says."""
        known: Mapping[str, float] = self.rates.stores.why
        weights = [known.get(one, 0.0) for one in choices]
        if not sum(weights):
            weights = [1.0 for _ in choices]
        return drawn(choices, weights, person.draw("answers", question))

    def birthday(self, person: Person) -> tuple[int, int] | None:
        """Month and day, of those who tell it."""
        if person.draw("tells", "birthday") >= self.rates.tells.birthday:
            return None
        day = int(person.draw("birthday") * 365)
        month, past = 1, day
        for length in (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31):
            if past < length:
                break
            month, past = month + 1, past - length
        return month, past + 1

    def child(self, person: Person) -> int | None:
        """How many months old a child is at the beginning, of those who tell it."""
        tells = self.rates.tells
        if person.draw("tells", "child") >= tells.child:
            return None
        return int(person.draw("child") * tells.children_up_to)

    def after(self, person: Person, delay: Delay, *words: str) -> timedelta:
        """How long somebody takes."""
        return later(delay, person.draw("after", *words))


def awake(day: float) -> float:
    """The same day, at an hour at which people are up; the order of moments stays.

    >>> [round(24 * (awake(day) - 3), 2) for day in (3.0, 3.5, 3.999, 4.0)]
    [8.0, 15.0, 21.99, 32.0]
    """
    midnight = floor(day)
    return midnight + _MORNING + (_EVENING - _MORNING) * (day - midnight)


def up(day: float) -> float:
    """That moment, or the next morning if people sleep then.

    >>> up(3.5), round(24 * (up(3.95) - 4), 2), round(24 * (up(4.1) - 4), 2)
    (3.5, 8.08, 8.44)
    """
    into_night = (day - _EVENING) % 1
    if into_night >= 1 - (_EVENING - _MORNING):
        return day
    return floor(day - _EVENING) + 1 + _MORNING + into_night / 10


def drawn(items: Sequence[T], weights: Sequence[float], found: float) -> T:
    """The item on which a draw in [0, 1) falls.

    >>> drawn("ab", (1, 3), 0.2), drawn("ab", (1, 3), 0.3)
    ('a', 'b')
    """
    left = found * sum(weights)
    for item, weight in zip(items, weights, strict=True):
        left -= weight
        if left < 0:
            return item
    return items[-1]
