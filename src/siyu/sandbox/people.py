"""A person: traits and answers, drawn from the world's seed and the person's own name for life.

Pure. No id, token or code of the engine ever reaches a draw, so the same seed and the same
invitations give the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from statistics import NormalDist
from typing import Literal, NamedTuple

from siyu.kernel.ids import share
from siyu.kernel.time import duration, hours
from siyu.sandbox.parameters import People
from siyu.sandbox.rates import Delay
from siyu.sandbox.reading import Invitation

_NORMAL = NormalDist()
Does = Literal["adds", "adds_elsewhere", "ignores", "refuses", "opts_out"]


class Context(NamedTuple):
    """What else bears on an answer: its occasion, the local time, earlier unanswered touches."""

    occasion: str
    local: datetime
    earlier: int = 0
    friend_elsewhere: bool = False


class Call(NamedTuple):
    """How a call went: for an AI call its graded intent, for a guide's call its outcome."""

    answered: bool
    seconds: int = 0
    intent: str = ""
    outcome: str = ""


class Answer(NamedTuple):
    """What the person does, and how long after the touch."""

    does: Does = "ignores"
    after: timedelta = timedelta(0)
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One buyer of one world; `key` is the name that this person has outside any engine."""

    seed: str
    key: str

    def draw(self, *words: str) -> float:
        """A number in [0, 1) for this person and these words, the same for ever."""
        return share("person", self.seed, self.key, *words)

    def openness(self, people: People) -> float:
        """How open to invitations: 0 for those who never add, around 1 for the rest."""
        if self.draw("never") < people.never:
            return 0.0
        return 1 + people.openness * (2 * self.draw("openness") - 1)


def later(delay: Delay, drawn: float) -> timedelta:
    """How long somebody takes who drew this."""
    median, longest = duration(delay.median), duration(delay.longest)
    found = min(max(drawn, 1e-6), 1 - 1e-6)
    return min(longest, median * exp(delay.spread * _NORMAL.inv_cdf(found)))


class Mind:
    """How the people of a world answer: its rates, ready to be used often."""

    def __init__(self, people: People) -> None:
        self.people = people
        self._half_life = duration(people.timely.half_life)
        self._usual = {name: duration(text) for name, text in people.timely.usual.items()}
        self._hours = [(hours(text), factor) for text, factor in people.call.hours.items()]

    # ── the three properties of an invitation ──

    def timely(self, invitation: Invitation) -> float:
        """1 when it comes as soon as its means can be, falling with every half-life after that."""
        late = invitation.delay - self._usual.get(invitation.channel, timedelta(0))
        least = self.people.timely.least
        if late <= timedelta(0):
            return 1.0
        return least + (1 - least) * exp(-0.6931471805599453 * (late / self._half_life))

    def certain(self, invitation: Invitation) -> float:
        levels = self.people.certain
        match invitation.certainty:
            case "sure":
                return levels.sure
            case "chance":
                return levels.chance
            case "unsaid":
                return levels.unsaid

    def tempting(self, invitation: Invitation) -> float:
        """From `nothing` without any value to 1 at `full_at`, as a square root; at most `most`."""
        levels = self.people.tempting
        worth = (invitation.value / levels.full_at) ** 0.5
        return min(levels.most, levels.nothing + (1 - levels.nothing) * worth)

    def chance(
        self, rate: float, person: Person, invitation: Invitation, context: Context
    ) -> float:
        """The probability that this person takes this invitation up."""
        found = (
            rate
            * person.openness(self.people)
            * self.timely(invitation)
            * self.certain(invitation)
            * self.tempting(invitation)
            * self.people.fatigue**context.earlier
        )
        return min(self.people.most, found)

    # ── answers ──

    def answer(self, person: Person, invitation: Invitation, context: Context) -> Answer:
        """What this person does about this invitation."""
        match invitation.channel:
            case "sms":
                return self._sms(person, invitation, context)
            case "voice_ai":
                return self._ai_call(person, invitation, context)
            case "wecom_request":
                accepts = self.chance(self.people.request.accepts, person, invitation, context)
                if person.draw("request", context.occasion) < accepts:
                    # The guide asked, so there is no other door to come by.
                    return Answer("adds", self._after(person, "request", self.people.request.delay))
                return Answer()
            case "voice_human":
                return self._human_call(person, invitation, context)
            case "parcel_insert":
                adds = self.chance(self.people.card.adds, person, invitation, context)
                if person.draw("card", context.occasion) < adds:
                    return self._adds(person, "card", self.people.card.delay)
                return Answer()
            case _:
                return Answer()

    def unprompted(self, person: Person) -> timedelta | None:
        """Some add without being asked: how long after paying, or None."""
        if person.draw("unprompted") >= self.people.unprompted:
            return None
        return timedelta(days=13) * person.draw("unprompted", "after")

    def deletes(self, person: Person) -> timedelta | None:
        """Some delete the brand again: how long after adding, or None."""
        if person.draw("deletes") >= self.people.deletes:
            return None
        return timedelta(hours=6) + timedelta(days=20) * person.draw("deletes", "after")

    def _sms(self, person: Person, invitation: Invitation, context: Context) -> Answer:
        sms = self.people.sms
        found = person.draw("sms", context.occasion)
        if found < self.chance(sms.adds, person, invitation, context):
            return self._adds(person, "sms", sms.delay)
        if found >= 1 - sms.opts_out:
            return Answer("opts_out", timedelta(minutes=2))
        return Answer()

    def _ai_call(self, person: Person, invitation: Invitation, context: Context) -> Answer:
        call = self.people.call
        seconds = 12 + int(60 * person.draw("call", "seconds", context.occasion))
        if person.draw("call", "rings", context.occasion) >= call.picks_up * self._hour(context):
            return Answer(call=Call(answered=False))
        if context.friend_elsewhere:
            return Answer(call=Call(answered=True, seconds=seconds, intent="C"))
        found = person.draw("call", "intent", context.occasion)
        willing = self.chance(call.willing, person, invitation, context)
        if found >= willing:
            intent = self._other_intent((found - willing) / (1 - willing))
            if intent == "F":
                return Answer("opts_out", call=Call(True, seconds // 3, intent))
            does: Does = "refuses" if intent == "E" else "ignores"
            return Answer(does, call=Call(True, seconds // 2, intent))
        very = found < willing * call.very_willing
        heard = Call(True, seconds, "A" if very else "B")
        if person.draw("call", "adds", context.occasion) < (
            call.adds_at_a if very else call.adds_at_b
        ):
            return self._adds(person, "call", call.delay)._replace(call=heard)
        return Answer(call=heard)

    def _human_call(self, person: Person, invitation: Invitation, context: Context) -> Answer:
        human = self.people.human
        if person.draw("human", "rings", context.occasion) >= human.picks_up:
            return Answer(call=Call(answered=False, outcome="no_answer"))
        seconds = 40 + int(200 * person.draw("human", "seconds", context.occasion))
        if context.friend_elsewhere:
            return Answer(call=Call(True, seconds, outcome="already_added"))
        found = person.draw("human", "agrees", context.occasion)
        agrees = self.chance(human.agrees, person, invitation, context)
        if found < agrees:
            heard = Call(True, seconds, outcome="agreed")
            if person.draw("human", "adds", context.occasion) < human.adds:
                return self._adds(person, "human", human.delay)._replace(call=heard)
            return Answer(call=heard)
        if found >= 1 - human.do_not_call:
            return Answer("opts_out", call=Call(True, seconds // 4, outcome="do_not_call"))
        if found >= 1 - human.do_not_call - human.wrong_person:
            return Answer(call=Call(True, 15, outcome="wrong_person"))
        return Answer("refuses", call=Call(True, seconds // 2, outcome="refused"))

    def _adds(self, person: Person, step: str, delay: Delay) -> Answer:
        elsewhere = person.draw("door", step) < self.people.other_door
        does: Does = "adds_elsewhere" if elsewhere else "adds"
        return Answer(does, self._after(person, step, delay))

    def _after(self, person: Person, step: str, delay: Delay) -> timedelta:
        return later(delay, person.draw("after", step))

    def _hour(self, context: Context) -> float:
        clock = context.local.time()
        for window, factor in self._hours:
            if window.start <= clock < window.end:
                return factor
        return self.people.call.other_hours

    def _other_intent(self, found: float) -> str:
        weights = self.people.call.other_intents
        left = found * sum(weights.values())
        for intent, weight in weights.items():
            left -= weight
            if left < 0:
                return intent
        return next(reversed(weights))
