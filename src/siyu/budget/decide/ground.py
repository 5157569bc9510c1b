"""What a ruling is made on: the request, its customer, and what holds for the whole batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from siyu.budget.model import (
    ANSWER,
    NO_MONEY,
    Account,
    Cap,
    Facts,
    Had,
    Money,
    Opening,
    Policy,
    Request,
    Ruling,
    bundle_at,
    window_end,
)
from siyu.outbox.model import MASSES, consent_channel, hours_of


class Shared(NamedTuple):
    """What all customers draw on: how much is left of each account, whose press a touch needs.

    `texts`: materials that say the same to everybody, each with how many texts it is (variants are
    several): a press serves all who get one. `bundled`: how many are in a bundle already; `later`:
    presses of a guide that were put off before, for want of room.
    """

    left: Mapping[Account, int]
    guides: Mapping[int, str]
    texts: Mapping[str, int] = {}
    bundled: Mapping[Account, int] = {}
    later: Mapping[str, int] = {}
    money: Money = NO_MONEY
    chosen: Mapping[str, AbstractSet[str]] = {}  # journey → who presses and works for it


NOTHING_SHARED = Shared({}, {})


class Ground:
    """What holds for a whole batch, worked out once per kind of request and not per request."""

    def __init__(self, policy: Policy, shared: Shared, now: datetime) -> None:
        self.policy = policy
        self.now = now
        self.guides = shared.guides
        self.left = dict(shared.left)  # shrinks as requests are allowed
        self.texts = shared.texts
        self.bundled = Counter(shared.bundled)  # grows as they are
        self.later = Counter(shared.later)  # grows as presses are put off
        self.money = shared.money
        self.paid: Counter[str] = Counter()  # by playbook: grows as requests are allowed
        self.chosen = shared.chosen
        self.put_off: dict[tuple[str, str], int] = {}  # (guide, text) → the day, from today
        self._rules: dict[tuple[str, str, str, bool], tuple[Speak, ...]] = {}
        self._caps: dict[tuple[str, str, AbstractSet[str]], tuple[Cap, ...]] = {}
        self._hours: dict[tuple[str, str], tuple[datetime, datetime]] = {}
        self._ends: dict[datetime, datetime] = {}

    def speaking(self, rules: tuple[Rule, ...], request: Request) -> tuple[Speak, ...]:
        """Those of the rules that may have something to say of this kind of request, in order."""
        key = request.channel, request.purpose, request.lane, request.valid_until is not None
        found = self._rules.get(key)
        if found is None:
            kind = Kind(*key, self)
            found = tuple(rule.speak for rule in rules if rule.concerns(kind))
            self._rules[key] = found
        return found

    def caps(self, request: Request, layers: AbstractSet[str]) -> tuple[Cap, ...]:
        """The caps that bind this kind of request for such a customer."""
        key = request.channel, request.purpose, layers
        found = self._caps.get(key)
        if found is None:
            found = self._caps[key] = self.policy.binding(request.channel, request.purpose, layers)
        return found

    def hours(self, request: Request | Kind) -> tuple[datetime, datetime]:
        """The hours that `now` is in, else the next ones."""
        key = request.channel, request.purpose
        found = self._hours.get(key)
        if found is None:
            found = hours_for(self.policy, request).next(self.now, self.policy.zone)
            self._hours[key] = found
        return found

    def bundle(self, request: Request) -> Account | None:
        """Where a message is counted with the others that one press sends; None: it has its own."""
        if not self.limits_presses:
            return None
        guide = self.guides.get(request.touch_id)
        bundles = request.channel in MASSES and request.material in self.texts
        return bundle_at(guide, request.material, self.now) if guide and bundles else None

    @property
    def limits_presses(self) -> bool:
        """Whether a guide's presses of a day are bounded."""
        return self.policy.pace.presses is not None

    def purse(self, playbook: str) -> tuple[int | None, int | None]:
        """What a playbook has left by now, in all and today; None: no bound."""
        total, today = self.money.left.get(playbook, (None, None))
        paid = self.paid[playbook]
        return (
            None if total is None else total - paid,
            None if today is None else today - paid,
        )

    def presses(self, request: Request) -> bool:
        """Whether one more press is needed for it, or one that is counted serves it too."""
        bundle = self.bundle(request)
        return bundle is None or self.bundled[bundle] < self.texts[request.material]

    def window_end(self, wished_at: datetime) -> datetime:
        """When the window of a wish closes."""
        found = self._ends.get(wished_at)
        if found is None:
            found = window_end(wished_at, self.policy.pace.window_hours, self.policy.zone)
            self._ends[wished_at] = found
        return found


class Kind(NamedTuple):
    """What most rules need to know of a request to see that it is none of theirs."""

    channel: str
    purpose: str
    lane: str
    promises: bool  # what it says is true only until some time
    ground: Ground

    @property
    def group(self) -> str:
        """sms, voice or wecom."""
        return consent_channel(self.channel)

    @property
    def unasked(self) -> bool:
        """No answer to a customer's own message."""
        return self.purpose != ANSWER

    @property
    def outside_hours(self) -> bool:
        """Not to be sent at this hour."""
        return self.unasked and self.ground.hours(self)[0] > self.ground.now


class Case(Struct, frozen=True):
    """One request with all that bears on it; `had` grows as others of the customer are allowed."""

    request: Request
    facts: Facts
    had: tuple[Had, ...]
    ground: Ground


Speak: TypeAlias = Callable[[Case], Ruling | None]


@dataclass(frozen=True)
class Rule:
    """Asked of the kinds of requests that it concerns; where it says nothing, the next one is."""

    speak: Speak
    concerns: Callable[[Kind], bool]


def hours_for(policy: Policy, request: Request | Kind) -> Opening:
    """The most specific hours: of the channel, its group, all; each by purpose first."""
    return hours_of(policy.hours, request.channel, request.purpose)
