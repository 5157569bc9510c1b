"""The brand's provider: messages handed over become ringing phones, and reports go back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from siyu.kernel.time import duration
from siyu.sandbox.crowd import Buyer, Crowd, Received
from siyu.sandbox.doors import Doors, Handed, Kind
from siyu.sandbox.people import Answer
from siyu.sandbox.phones import Touch
from siyu.sandbox.stage import Stage
from siyu.sandbox.vendors import link_in

# A line is found within minutes; a call's report may come minutes after its end (vendors say so).
_RING_SLACK = timedelta(minutes=5)
_CALL_SLACK = timedelta(minutes=12)
_AT_ONCE = timedelta(0)
CHAT = frozenset({"wecom_message"})  # reaches a friend, or nobody
Heard = Callable[[Buyer, Handed, datetime], None]


def _received(handed: Handed) -> Received:
    about = (handed.shop, handed.order_no)
    return Received(handed.channel, handed.step, handed.text, handed.link, about)


class Carrier:
    """SMS and AI calls. `take` and `cancel` are called from the provider's server thread."""

    def __init__(
        self,
        stage: Stage,
        crowd: Crowd,
        doors: Doors,
        steps: Mapping[str, str],
        heard: Heard | None = None,
    ) -> None:
        """`steps`: the step of each channel, where what arrives does not name it; `heard` is told
        what has reached whom."""
        self._heard = heard
        self._stage = stage
        self._crowd = crowd
        self._doors = doors
        self._steps = steps
        carrier = stage.world.carrier
        self._rings_after = duration(carrier.rings_after)
        self._reports_after = duration(carrier.reports_after)
        self._slack = duration(carrier.reports_within) - self._reports_after
        self._inbox: deque[Handed] = deque()
        self._latest: dict[str, int] = {}  # token → its latest hand-over
        self._cancelled: set[int] = set()  # hand-overs: what was called back may come again
        self._rung: set[str] = set()

    def take(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """New messages, never one that was taken before: the provider's door sees to that."""
        for message in messages:
            about: Mapping[str, Any] = message.get("reference") or {}
            seq = self._latest[str(message["id"])] = self._stage.records.next_seq()
            self._inbox.append(
                Handed(
                    seq,
                    str(message["id"]),
                    str(message["channel"]),
                    str(message["to"]),
                    str(message.get("text") or ""),
                    message.get("link") or None,
                    str(about.get("shop") or ""),
                    str(about.get("order_no") or ""),
                    str(about.get("journey") or ""),
                    str(about.get("step") or ""),
                )
            )

    def take_texts(self, texts: Sequence[tuple[str, str, str, str]]) -> None:
        """Texts of a carrier that knows neither order nor step: (batch, number, text, ours)."""
        for batch, phone, text, _ in texts:
            number = f"+86{phone}"
            shop, order_no = self._crowd.about(number, "sms")
            self._inbox.append(
                Handed(
                    self._stage.records.next_seq(),
                    f"{batch}/{phone}",
                    "sms",
                    number,
                    text,
                    link_in(text),
                    shop,
                    order_no,
                    "",
                    self._steps.get("sms", "sms"),
                )
            )

    def take_calls(
        self, contacts: Sequence[Mapping[str, Any]], spoken: Callable[[Mapping[str, str]], str]
    ) -> None:
        """Calls to be made, by a vendor that knows neither order nor step."""
        for contact in contacts:
            token = str(contact["referenceId"])
            number = f"+86{str(contact['phoneNumber']).removeprefix('+86')}"
            seq = self._latest[token] = self._stage.records.next_seq()
            values: Mapping[str, str] = contact["properties"]
            shop, order_no = self._crowd.about(number, "voice_ai")
            step = self._steps.get("voice_ai", "call")
            link = values.get("link") or None
            self._inbox.append(
                Handed(
                    seq, token, "voice_ai", number, spoken(values), link, shop, order_no, "", step
                )
            )

    def cancel(self, tokens: Sequence[str]) -> list[str]:
        """Calls that have not rung yet are not made; what has gone out can't be recalled."""
        found = [token for token in tokens if token not in self._rung]
        self._cancelled.update(self._latest[token] for token in found if token in self._latest)
        return found

    def drain(self, now: datetime) -> None:
        """Bring what was handed over since the last time to the phones, in a natural order."""
        handed = [self._inbox.popleft() for _ in range(len(self._inbox))]
        handed.sort(key=lambda message: (message.to, message.channel, message.step))
        for message in handed:
            buyer = self._crowd.at(message.to)
            touch = Touch(
                seq=message.seq,
                at=now,
                channel=message.channel,
                step=message.step,
                journey=message.journey,
                shop=message.shop,
                order_no=message.order_no,
                token=message.token,
                phone=message.to,
                buyer=buyer.key if buyer else None,
            )
            self._stage.records.touches.append(touch)
            if buyer is None:
                self._stage.records.strays += 1
                self._doors.report(message, "failed", now, _AT_ONCE, reason="no such number")
            elif message.channel == "voice_ai":
                self._plan_ring(buyer, message, touch, now)
            else:
                self._deliver(buyer, message, touch, now)

    def _deliver(self, buyer: Buyer, message: Handed, touch: Touch, now: datetime) -> None:
        self._rung.add(message.token)
        if message.channel in CHAT and not self._crowd.friend(buyer):
            touch.reached = False
            self._report(message, "failed", now, reason="not a friend")
            return
        dead = buyer.person.draw("phone off", message.order_no)
        if message.channel not in CHAT and dead < self._stage.world.carrier.undeliverable:
            touch.reached = False
            self._report(message, "failed", now, reason="phone switched off")
            return
        self._report(message, "delivered", now)
        if message.channel not in CHAT:
            answer = self._crowd.receive(buyer, _received(message), now)
            if answer.does == "adds":
                self._report(message, "clicked", now + answer.after)
        self._tell(buyer, message, now)

    def _tell(self, buyer: Buyer, message: Handed, now: datetime) -> None:
        if self._heard is not None:
            self._heard(buyer, message, now)

    def _report(self, message: Handed, kind: Kind, at: datetime, **more: object) -> None:
        """A report is sent with others, not each by itself."""

        def act(_: datetime) -> None:
            self._doors.report(message, kind, at, self._reports_after + self._slack, **more)

        due = at + self._reports_after
        self._stage.agenda.add(due, f"report/{message.to}/{message.step}/{kind}", act, self._slack)

    def _plan_ring(self, buyer: Buyer, message: Handed, touch: Touch, now: datetime) -> None:
        wait = self._rings_after * buyer.person.draw("rings", message.order_no)

        def ring(at: datetime) -> None:
            if message.seq in self._cancelled:
                touch.reached, touch.cancelled = False, True
                return
            self._rung.add(message.token)
            answer = self._crowd.receive(buyer, _received(message), at)
            touch.reached = answer.call is not None and answer.call.answered
            if touch.reached:
                self._tell(buyer, message, at)
            self._stage.agenda.add(*self._finished(message, answer, at), slack=_CALL_SLACK)

        self._stage.agenda.add(now + wait, f"ring/{message.to}", ring, slack=_RING_SLACK)

    def _finished(
        self, message: Handed, answer: Answer, at: datetime
    ) -> tuple[datetime, str, Callable[[datetime], None]]:
        call = answer.call
        seconds = call.seconds if call else 0
        over = at + timedelta(seconds=max(seconds, 20))

        def act(when: datetime) -> None:
            answered = bool(call and call.answered)
            self._doors.report(
                message,
                "call",
                when,
                _CALL_SLACK,
                answered=answered,
                seconds=seconds,
                intent=call.intent if call else "",
                labels=[],
                outcome="answered" if answered else "no_answer",
            )

        return over, f"call/{message.to}", act
