"""The brand's provider: messages handed over become ringing phones, and reports go back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from siyu.kernel.time import duration
from siyu.sandbox.crowd import Buyer, Crowd, Received
from siyu.sandbox.phones import Touch
from siyu.sandbox.stage import Stage

# A line is found within minutes; a call's report may come minutes after its end (vendors say so).
_RING_SLACK = timedelta(minutes=5)
_CALL_SLACK = timedelta(minutes=12)


class Handed(NamedTuple):
    """A message as the provider got it, with its place in the global order."""

    seq: int
    token: str
    channel: str
    to: str
    text: str
    link: str | None
    shop: str
    order_no: str
    journey: str
    step: str

    @property
    def received(self) -> Received:
        about = (self.shop, self.order_no)
        return Received(self.channel, self.step, self.text, self.link, about)


class Carrier:
    """SMS and AI calls. `take` and `cancel` are called from the provider's server thread."""

    def __init__(self, stage: Stage, crowd: Crowd) -> None:
        self._stage = stage
        self._crowd = crowd
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
            buyer = self._crowd.by_phone(message.to)
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
                self._stage.report(message.token, "failed", now, now, reason="no such number")
            elif message.channel == "voice_ai":
                self._plan_ring(buyer, message, touch, now)
            else:
                self._deliver(buyer, message, touch, now)

    def _deliver(self, buyer: Buyer, message: Handed, touch: Touch, now: datetime) -> None:
        self._rung.add(message.token)
        dead = buyer.person.draw("phone off", message.order_no)
        if dead < self._stage.world.carrier.undeliverable:
            touch.reached = False
            self._report(message, "failed", now, reason="phone switched off")
            return
        self._report(message, "delivered", now)
        answer = self._crowd.receive(buyer, message.received, now)
        if answer.does == "adds":
            self._report(message, "clicked", now + answer.after)

    def _report(self, message: Handed, kind: str, at: datetime, **more: object) -> None:
        """A report is sent with others, not each by itself."""

        def act(_: datetime) -> None:
            self._stage.report(message.token, kind, at, due + self._slack, **more)

        due = at + self._reports_after
        self._stage.agenda.add(due, f"report/{message.to}/{message.step}/{kind}", act, self._slack)

    def _plan_ring(self, buyer: Buyer, message: Handed, touch: Touch, now: datetime) -> None:
        wait = self._rings_after * buyer.person.draw("rings", message.order_no)

        def ring(at: datetime) -> None:
            if message.seq in self._cancelled:
                touch.reached, touch.cancelled = False, True
                return
            self._rung.add(message.token)
            answer = self._crowd.receive(buyer, message.received, at)
            touch.reached = answer.call is not None and answer.call.answered
            self._stage.agenda.add(*self._finished(message, answer.call, at), slack=_CALL_SLACK)

        self._stage.agenda.add(now + wait, f"ring/{message.to}", ring, slack=_RING_SLACK)

    def _finished(
        self, message: Handed, call: Any, at: datetime
    ) -> tuple[datetime, str, Callable[[datetime], None]]:
        seconds = call.seconds if call else 0
        over = at + timedelta(seconds=max(seconds, 20))

        def act(when: datetime) -> None:
            answered = bool(call and call.answered)
            self._stage.report(
                message.token,
                "call",
                when,
                when + _CALL_SLACK,
                answered=answered,
                seconds=seconds,
                intent=call.intent if call else "",
                labels=[],
                outcome="answered" if answered else "no_answer",
            )

        return over, f"call/{message.to}", act
